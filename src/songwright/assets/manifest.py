"""What must be there and where it can come from, read from `manifest.toml` beside this file."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from pathlib import PurePosixPath
from typing import Any, Literal

PackageKind = Literal["pip", "npm", "apt"]


@dataclass(frozen=True, slots=True)
class Package:
    """One pinned package of a registry."""

    kind: PackageKind
    name: str
    version: str

    def __str__(self) -> str:
        return f"{self.kind} {self.name} {self.version}"


@dataclass(frozen=True, slots=True)
class Part:
    """One member of a package; `npy` names the array inside it when the member is an .npz archive."""

    package: Package
    member: str
    npy: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Asset:
    """One file: what it must be, and the alternatives it can be made from, best first."""

    group: str
    target: str
    bytes: int
    sha256: str
    about: str
    licence: str
    without: str  #: what is lost when the file is missing
    needed: bool  #: fetched unless groups are named
    sources: tuple[tuple[Part, ...], ...]  #: the parts of one alternative are joined in order


@dataclass(frozen=True, slots=True)
class Manifest:
    """All assets, and the download sizes of the packages they come from."""

    assets: tuple[Asset, ...]
    package_bytes: Mapping[str, int]

    @property
    def groups(self) -> tuple[str, ...]:
        """Names of the groups in the order of the file."""
        return tuple(dict.fromkeys(a.group for a in self.assets))

    def select(self, groups: tuple[str, ...] = ()) -> tuple[Asset, ...]:
        """The assets of the named groups, or every needed one when none is named."""
        return tuple(a for a in self.assets if (a.group in groups if groups else a.needed))


@cache
def read_manifest() -> Manifest:
    """The manifest of this version of Songwright."""
    return parse_manifest((files("songwright.assets") / "manifest.toml").read_text(encoding="utf-8"))


def parse_manifest(text: str) -> Manifest:
    """A manifest from its TOML text."""
    document = tomllib.loads(text)
    assets = tuple(asset for collection in document["collection"] for asset in _assets(collection))
    return Manifest(assets, document["packages"])


def _assets(collection: Mapping[str, Any]) -> Iterator[Asset]:
    for name, facts in collection["files"].items():
        yield Asset(
            group=collection["group"],
            target=f"{collection['folder']}/{name}",
            bytes=facts["bytes"],
            sha256=facts["sha256"],
            about=collection["about"],
            licence=collection["licence"],
            without=collection["without"],
            needed=collection.get("needed", True),
            sources=tuple(_parts(source, name) for source in collection["source"]),
        )


def _parts(source: Mapping[str, Any], name: str) -> tuple[Part, ...]:
    def fill(template: str | None) -> str | None:
        return template and template.format(name=name, stem=PurePosixPath(name).stem)

    return tuple(
        Part(Package(source["kind"], row["package"], row["version"]), fill(row["member"]) or "", fill(row.get("npy")))
        for row in source.get("parts", [source])
    )
