"""`songwright doctor`: what is installed, what is missing, and what that costs."""

from __future__ import annotations

import shutil

from rich.console import Console
from rich.table import Table

from songwright import __version__
from songwright.assets import AssetState, asset_report
from songwright.engine.recipe import cpu_class
from songwright.engine.voice import SINGERS, choose_runtime
from songwright.office import DATABASE_NAME
from songwright.settings import Settings


def examine(settings: Settings, *, deep: bool) -> bool:
    """Print the examination; True when songs are sung with everything they need."""
    console = Console()
    states = asset_report(settings.assets, deep=deep)
    console.print(_table(settings, states, deep=deep))
    missing = [state for state in states if state.needed and not state.present]
    wrong = [state for state in states if deep and state.present and not state.verified]
    for state in missing:
        console.print(f"missing: {state.name}. {state.without} Fetch it with `make fetch`.")
    for state in wrong:
        console.print(f"wrong content: {', '.join(state.unproven)}. Delete and fetch again with `make fetch`.")
    console.print(f"singers: {', '.join(singer.name for singer in SINGERS)}")
    console.print(_machine(settings))
    return not missing and not wrong


def _table(settings: Settings, states: tuple[AssetState, ...], *, deep: bool) -> Table:
    table = Table("asset", "files", "state", "licence", title=f"assets in {settings.assets}")
    for state in states:
        there = state.files - len(state.missing)
        good = "verified" if deep and state.verified else "present" if state.present else "missing"
        table.add_row(
            state.name, f"{there}/{state.files}", good if state.needed or state.present else "optional", state.licence
        )
    return table


def _machine(settings: Settings) -> str:
    espeak = shutil.which("espeak-ng")
    return (
        f"songwright {__version__}; {cpu_class()}; singing runtime {choose_runtime()}; "
        f"fallback voice {'espeak-ng' if espeak else 'not installed (espeak-ng)'}; "
        f"database {settings.data / DATABASE_NAME}"
    )
