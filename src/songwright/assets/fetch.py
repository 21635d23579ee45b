"""Bring assets to their place: download packages, take the named members, prove their sha256, move them in.

A file appears under its name only when it is whole and right, so a fetch may be killed at any moment and started
again; two at once wait for each other. What is already proven is not touched and needs no network.
"""

from __future__ import annotations

import fcntl
import os
import shutil
import zipfile
from collections.abc import Generator, Iterable, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TextIO

from songwright.assets.manifest import Asset, Manifest, Package, Part
from songwright.assets.packages import (
    CHUNK_BYTES,
    AssetProblem,
    WrongContent,
    download_package,
    find_package,
    unpack_members,
)
from songwright.assets.progress import Progress, megabytes
from songwright.assets.verified import is_present, is_proven, proof, read_record, sha256_of, write_record

INCOMING = ".incoming"


@dataclass(slots=True)
class Fetched:
    """What a fetch did."""

    installed: list[Asset] = field(default_factory=list[Asset])
    missing: list[Asset] = field(default_factory=list[Asset])
    problems: list[str] = field(default_factory=list[str])  #: one sentence for each package that could not be used


def fetch_assets(
    manifest: Manifest, assets: Sequence[Asset], root: Path, *, local: Path | None, out: TextIO
) -> Fetched:
    """Install `assets` below `root`, taking packages from the folder `local` where they lie there."""
    root.mkdir(parents=True, exist_ok=True)
    with _alone(root, out):
        record = read_record(root)
        todo = [a for a in assets if not _already_there(a, root, record)]
        if not todo:
            return Fetched()
        incoming = root / INCOMING
        shutil.rmtree(incoming, ignore_errors=True)  # of a fetch that was killed
        out.write(f"Fetching {len(todo)} files ({megabytes(sum(a.bytes for a in todo))}) into {root}\n")
        try:
            return _Fetch(manifest, root, incoming, local, out).run(todo)
        finally:
            shutil.rmtree(incoming, ignore_errors=True)


def keep_packages(manifest: Manifest, assets: Sequence[Asset], folder: Path, out: TextIO) -> list[str]:
    """Download the first source of each asset into `folder`; returns one sentence for each package that failed."""
    folder.mkdir(parents=True, exist_ok=True)
    wanted = {part.package: None for asset in assets for part in asset.sources[0]}
    todo = [package for package in wanted if find_package(package, folder) is None]
    progress = Progress(out, sum(manifest.package_bytes.get(str(p), 0) for p in todo))
    problems: list[str] = []
    incoming = folder / INCOMING
    for package in todo:
        try:
            arrived = _download(package, incoming, manifest, progress)
            arrived.replace(folder / arrived.name)
        except AssetProblem as problem:
            problems.append(str(problem))
    shutil.rmtree(incoming, ignore_errors=True)
    progress.say(f"{len(wanted) - len(problems)} of {len(wanted)} packages are in {folder}")
    return problems


@contextmanager
def _alone(root: Path, out: TextIO) -> Generator[None, None, None]:
    with (root / ".fetch.lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            out.write("Another fetch is running; waiting for it.\n")
            out.flush()
            fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _already_there(asset: Asset, root: Path, record: dict[str, object]) -> bool:
    """Proven before, or put there by hand and right: then it is proven from now on."""
    if is_proven(asset, root, record):
        return True
    if not is_present(asset, root) or sha256_of(root / asset.target) != asset.sha256:
        return False
    record[asset.target] = proof(asset, root)
    write_record(root, record)
    return True


def _download(package: Package, incoming: Path, manifest: Manifest, progress: Progress) -> Path:
    progress.start(str(package), manifest.package_bytes.get(str(package), 0))
    try:
        return download_package(package, incoming / str(package).replace("/", "-"), progress.tick)
    finally:
        progress.finish()


class _Fetch:
    """One run: the sources of all files are tried rank by rank, each package read once."""

    def __init__(self, manifest: Manifest, root: Path, incoming: Path, local: Path | None, out: TextIO) -> None:
        self._manifest = manifest
        self._root = root
        self._incoming = incoming
        self._local = local
        self._out = out
        self._progress = Progress(out, 0)
        self._archives: dict[Package, Path] = {}
        self._unavailable: dict[Package, AssetProblem] = {}
        self._result = Fetched()

    def run(self, todo: list[Asset]) -> Fetched:
        for rank in range(max(len(a.sources) for a in todo)):
            batches = self._batches(todo, rank)
            wanted = {p for packages in batches for p in packages if p not in self._archives and not self._at_hand(p)}
            self._progress = Progress(self._out, sum(self._manifest.package_bytes.get(str(p), 0) for p in wanted))
            for packages, assets in batches.items():
                todo = self._install_batch(packages, assets, rank, todo)
            if not todo:
                break
        self._result.missing = todo
        self._progress.say(f"{len(self._result.installed)} files installed and proven, {len(todo)} missing")
        return self._result

    def _batches(self, todo: Iterable[Asset], rank: int) -> Mapping[tuple[Package, ...], list[Asset]]:
        """Files that come out of the same packages, together."""
        batches: dict[tuple[Package, ...], list[Asset]] = {}
        for asset in todo:
            if rank < len(asset.sources):
                batches.setdefault(tuple(part.package for part in asset.sources[rank]), []).append(asset)
        return batches

    def _install_batch(
        self, packages: tuple[Package, ...], assets: list[Asset], rank: int, todo: list[Asset]
    ) -> list[Asset]:
        for fresh in (False, True):
            try:
                archives = {p: self._archive(p, fresh) for p in packages}
                self._install(archives, [a for a in assets if a not in self._result.installed], rank)
                break
            except WrongContent as problem:
                self._problem(problem)
                if not any(self._at_hand(p) for p in packages):
                    break  # there is no other copy of it to try
            except AssetProblem as problem:
                self._problem(problem)
                break
        return [a for a in todo if a not in self._result.installed]

    def _at_hand(self, package: Package) -> Path | None:
        return find_package(package, self._local) if self._local else None

    def _archive(self, package: Package, fresh: bool) -> Path:
        if not fresh and (kept := self._at_hand(package)):
            return kept
        if package in self._unavailable:
            raise self._unavailable[package]
        if package not in self._archives:
            try:
                self._archives[package] = _download(package, self._incoming, self._manifest, self._progress)
            except AssetProblem as problem:
                self._unavailable[package] = problem
                raise
        return self._archives[package]

    def _install(self, archives: Mapping[Package, Path], assets: list[Asset], rank: int) -> None:
        parts_of = {asset.target: asset.sources[rank] for asset in assets}
        with self._unpacked(archives, [part for parts in parts_of.values() for part in parts]) as files:
            for asset in assets:
                made = self._incoming / "made"
                _join([(files[p.package][p.member], p.npy) for p in parts_of[asset.target]], made)
                self._move_in(asset, made)

    @contextmanager
    def _unpacked(
        self, archives: Mapping[Package, Path], parts: Iterable[Part]
    ) -> Generator[Mapping[Package, Mapping[str, Path]], None, None]:
        wanted = list(parts)
        folder = self._incoming / "members"
        files: dict[Package, Mapping[str, Path]] = {}
        for number, (package, archive) in enumerate(archives.items()):
            (folder / str(number)).mkdir(parents=True, exist_ok=True)
            members = {p.member for p in wanted if p.package == package}
            files[package] = unpack_members(archive, members, folder / str(number))
        try:
            yield files
        finally:
            shutil.rmtree(folder)

    def _move_in(self, asset: Asset, made: Path) -> None:
        found = sha256_of(made)
        if found != asset.sha256:
            raise WrongContent(f"{asset.target}: refused, its sha256 is {found} and should be {asset.sha256}")
        target = self._root / asset.target
        target.parent.mkdir(parents=True, exist_ok=True)
        made.replace(target)
        record = read_record(self._root)
        record[asset.target] = proof(asset, self._root)
        write_record(self._root, record)
        self._result.installed.append(asset)

    def _problem(self, problem: AssetProblem) -> None:
        if str(problem) not in self._result.problems:
            self._result.problems.append(str(problem))
            self._progress.say(f"  {problem}")


def _join(parts: Sequence[tuple[Path, str | None]], made: Path) -> None:
    with made.open("wb") as sink:
        for path, npy in parts:
            if npy is None:
                with path.open("rb") as source:
                    shutil.copyfileobj(source, sink, CHUNK_BYTES)
            else:
                sink.write(_array_bytes(path, npy))
        sink.flush()
        os.fsync(sink.fileno())


def _array_bytes(path: Path, name: str) -> bytes:
    """The raw values of one array in an .npz: what follows the header of its .npy member (format version 1.0)."""
    try:
        with zipfile.ZipFile(path) as arrays:
            content = arrays.read(f"{name}.npy")
    except (zipfile.BadZipFile, KeyError) as error:
        raise WrongContent(f"{path.name} holds no array {name}: {error}") from error
    return content[10 + int.from_bytes(content[8:10], "little") :]
