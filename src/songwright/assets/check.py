"""What is there, what is proven, and what is lost without the rest: the facts for `songwright doctor` and start-up."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from songwright.assets.manifest import Asset, Manifest, read_manifest
from songwright.assets.verified import is_present, is_proven, read_record, sha256_of


@dataclass(frozen=True, slots=True, kw_only=True)
class AssetState:
    """One collection of files."""

    name: str  #: what it is, one line
    group: str
    path: Path  #: the folder it lies in
    files: int  #: how many files it has
    missing: tuple[str, ...]  #: files that are not there at their full size
    unproven: tuple[str, ...]  #: files that are there but whose sha256 is wrong, or was never looked at (not `deep`)
    licence: str
    without: str  #: what is lost when it is missing
    needed: bool  #: False for what only benchmarks use

    @property
    def present(self) -> bool:
        """True when every file is there."""
        return not self.missing

    @property
    def verified(self) -> bool:
        """True when every file is there and is the right one."""
        return not self.missing and not self.unproven


def asset_report(root: Path, *, deep: bool = False, manifest: Manifest | None = None) -> tuple[AssetState, ...]:
    """The state of every collection below `root`; by size and record (milliseconds), or with `deep` by sha256."""
    collections: dict[tuple[str, str], list[Asset]] = {}
    for asset in (manifest or read_manifest()).assets:
        collections.setdefault((asset.group, asset.about), []).append(asset)
    record = read_record(root)

    def right(asset: Asset) -> bool:
        return sha256_of(root / asset.target) == asset.sha256 if deep else is_proven(asset, root, record)

    return tuple(
        AssetState(
            name=assets[0].about,
            group=assets[0].group,
            path=(root / assets[0].target).parent,
            files=len(assets),
            missing=tuple(a.target for a in assets if not is_present(a, root)),
            unproven=tuple(a.target for a in assets if is_present(a, root) and not right(a)),
            licence=assets[0].licence,
            without=assets[0].without,
            needed=assets[0].needed,
        )
        for assets in collections.values()
    )
