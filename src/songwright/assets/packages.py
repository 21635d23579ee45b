"""Packages as files: found in a folder, downloaded with the registry's own client, opened member by member.

The clients (pip, npm, apt-get) run as processes of their own with an empty input, so proxies, mirrors and certificates
are whatever the user set up for them; no address of a registry is known here.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tarfile
import zipfile
from collections.abc import Callable, Generator, Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from songwright.assets.manifest import Package

POLL_S = 0.2
DOWNLOAD_LIMIT_S = 1800.0
CHUNK_BYTES = 1 << 20
HINTS = {"npm": " (Debian and Ubuntu: sudo apt-get install npm, then run this again)"}


class AssetProblem(Exception):
    """An asset could not be had."""


class PackageUnavailable(AssetProblem):
    """The package could not be downloaded."""


class WrongContent(AssetProblem):
    """The package is damaged or does not hold what the manifest says."""


def find_package(package: Package, folder: Path) -> Path | None:
    """The package's file in `folder` as its client names it, or None."""
    if not folder.is_dir():
        return None
    if package.kind == "npm":
        wanted = f"{package.name.removeprefix('@').replace('/', '-')}-{package.version}.tgz".lower()
        return next((p for p in sorted(folder.iterdir()) if p.name.lower() == wanted), None)
    separator, suffix = ("_", ".deb") if package.kind == "apt" else ("-", ".whl")
    for path in sorted(folder.iterdir()):
        name, _, rest = path.name.partition(separator)
        if path.suffix == suffix and _same(name, package.name) and rest.startswith(package.version + separator):
            return path
    return None


def _same(a: str, b: str) -> bool:
    return a.lower().replace("_", "-").replace(".", "-") == b.lower().replace("_", "-").replace(".", "-")


def download_package(package: Package, folder: Path, tick: Callable[[int], None]) -> Path:
    """Download into the empty `folder`; `tick` is called with the bytes on disk so far.

    Raises PackageUnavailable with what the client said.
    """
    folder = folder.resolve()  # the client runs inside it
    folder.mkdir(parents=True, exist_ok=True)
    scratch = folder / "scratch"
    scratch.mkdir(exist_ok=True)
    _run_client(_command(package, folder, scratch), folder, scratch, package, tick)
    shutil.rmtree(scratch, ignore_errors=True)
    found = find_package(package, folder)
    if found is None:
        raise PackageUnavailable(f"{package}: the client ended without an error but left no package")
    return found


def _command(package: Package, folder: Path, scratch: Path) -> list[str]:
    if package.kind == "pip":
        options = ["--no-deps", "--only-binary", ":all:", "--disable-pip-version-check", "--progress-bar", "off"]
        pinned = f"{package.name}=={package.version}"
        return [sys.executable, "-m", "pip", "download", *options, "--retries", "2", "--dest", str(folder), pinned]
    program = {"npm": "npm", "apt": "apt-get"}[package.kind]
    if shutil.which(program) is None:
        raise PackageUnavailable(f"{package}: {program} is not installed{HINTS.get(package.kind, '')}")
    if package.kind == "npm":
        options = ["--pack-destination", str(folder), "--cache", str(scratch), "--fetch-retries", "1"]
        return ["npm", "pack", f"{package.name}@{package.version}", *options, "--fetch-retry-mintimeout", "1000"]
    return ["apt-get", "download", f"{package.name}={package.version}"]


def _run_client(command: list[str], folder: Path, scratch: Path, package: Package, tick: Callable[[int], None]) -> None:
    # The client's temporary files go to `scratch`: they are removed with it, and their size is the progress.
    environment = {**os.environ, "TMPDIR": str(scratch)}
    said = scratch / "said.txt"
    with said.open("wb") as output:
        process = subprocess.Popen(
            command, cwd=folder, env=environment, stdin=subprocess.DEVNULL, stdout=output, stderr=subprocess.STDOUT
        )
        try:
            waited_s = 0.0
            while process.poll() is None and waited_s < DOWNLOAD_LIMIT_S:
                tick(_size(folder))
                waited_s += POLL_S
                _wait(process)
        finally:
            process.kill()
            process.wait()
    if process.returncode != 0:
        raise PackageUnavailable(f"{package}: {_reason(said.read_text(errors='replace'), command[0])}")


def _reason(said: str, program: str) -> str:
    """The last line of what a client said that is not about its own log."""
    lines = [line.strip() for line in said.splitlines() if line.strip() and "log of this run" not in line]
    return lines[-1] if lines else f"{program} failed without a word"


def _wait(process: subprocess.Popen[bytes]) -> None:
    try:
        process.wait(timeout=POLL_S)
    except subprocess.TimeoutExpired:
        return


def _size(folder: Path) -> int:
    total = 0
    for root, _, names in os.walk(folder):
        for name in names:
            try:
                total += os.lstat(os.path.join(root, name)).st_size  # noqa: PTH118 - os.walk gives strings
            except FileNotFoundError:
                continue  # the client has just renamed it
    return total


def unpack_members(archive: Path, members: Iterable[str], folder: Path) -> Mapping[str, Path]:
    """Write the named members to files of our own naming in `folder`, reading the archive once.

    Raises WrongContent when the archive is damaged or a member is missing.
    """
    wanted = set(members)
    written: dict[str, Path] = {}
    try:
        with _members(archive) as found:
            for name, opened in found:
                if name in wanted and name not in written:
                    target = folder / f"member-{len(written)}"
                    with opened() as source, target.open("wb") as sink:
                        shutil.copyfileobj(source, sink, CHUNK_BYTES)
                    written[name] = target
    except (zipfile.BadZipFile, tarfile.TarError, EOFError, OSError) as error:
        raise WrongContent(f"{archive.name} cannot be read: {error}") from error
    if missing := sorted(wanted - written.keys()):
        raise WrongContent(f"{archive.name} does not contain {', '.join(missing)}")
    return written


Members = Iterator[tuple[str, Callable[[], IO[bytes]]]]


@contextmanager
def _members(archive: Path) -> Generator[Members, None, None]:
    if archive.suffix == ".whl":
        with zipfile.ZipFile(archive) as wheel:
            yield ((name, lambda name=name: wheel.open(name)) for name in wheel.namelist())
    elif archive.suffix == ".deb":
        with _deb_contents(archive) as contents, tarfile.open(fileobj=contents, mode="r|") as tar:
            yield _tar_members(tar)
    else:
        with tarfile.open(archive, mode="r|gz") as tar:
            yield _tar_members(tar)


def _tar_members(tar: tarfile.TarFile) -> Members:
    for entry in tar:
        source = tar.extractfile(entry) if entry.isfile() else None
        if source is not None:
            yield entry.name.removeprefix("./"), lambda source=source: source


@contextmanager
def _deb_contents(archive: Path) -> Generator[IO[bytes], None, None]:
    if shutil.which("dpkg-deb") is None:
        raise WrongContent(f"{archive.name} cannot be read: dpkg-deb is not installed")
    command = ["dpkg-deb", "--fsys-tarfile", str(archive)]
    with subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        yield process.stdout
        process.stdout.read()  # let dpkg-deb end by itself
