"""`python -m songwright.assets fetch | keep | check`: bring the assets, keep a local copy, say what is there."""

from __future__ import annotations

import argparse
import os
import sys
from pathlib import Path

from songwright.assets.check import asset_report
from songwright.assets.fetch import fetch_assets, keep_packages
from songwright.assets.manifest import read_manifest
from songwright.engine.material import Assets

MODEL_FILE = "model_int8.onnx"


def default_root() -> Path:
    """Where assets lie: SONGWRIGHT_ASSETS, or `share/songwright` of this Python environment."""
    return Path(os.environ.get("SONGWRIGHT_ASSETS") or Path(sys.prefix) / "share" / "songwright")


def main() -> int:
    """Run one verb; the exit code is 0 when nothing is missing."""
    arguments = _parser().parse_args()
    return {"fetch": _fetch, "keep": _keep, "check": _check}[arguments.verb](arguments)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m songwright.assets", description=__doc__)
    parser.add_argument("--root", type=Path, default=default_root(), help="where assets lie (default: %(default)s)")
    verbs = parser.add_subparsers(dest="verb", required=True)
    fetch = verbs.add_parser("fetch", help="install what is missing")
    fetch.add_argument("--from", dest="local", type=Path, help="folder with packages kept by `keep`; looked at first")
    keep = verbs.add_parser("keep", help="download the packages into a folder, for `fetch --from`")
    keep.add_argument("folder", type=Path)
    for verb in (fetch, keep):
        verb.add_argument("--group", action="append", default=[], choices=read_manifest().groups)
    check = verbs.add_parser("check", help="say what is there")
    check.add_argument("--deep", action="store_true", help="compare every sha256")
    return parser


def _fetch(arguments: argparse.Namespace) -> int:
    manifest = read_manifest()
    groups = tuple(arguments.group)
    done = fetch_assets(manifest, manifest.select(groups), arguments.root, local=arguments.local, out=sys.stderr)
    for about, without in {(a.about, a.without): None for a in done.missing}:
        print(f"Missing: {about}. Without it: {without}.", file=sys.stderr)
    if not groups or "model" in groups:
        _prepare_voice(Assets(arguments.root))
    return 1 if done.missing else 0


def _prepare_voice(assets: Assets) -> None:
    """Cut the model into the graphs the singer uses, once, so that the first song need not wait for it."""
    model = assets.kokoro / MODEL_FILE
    if not model.is_file() or any(p.stat().st_mtime >= model.stat().st_mtime for p in _graphs(assets)):
        return
    print("Preparing the voice, once", file=sys.stderr)
    # Imported here: `check` and `keep` must not wait for the model libraries.
    from songwright.engine.voice import prepare_graphs

    prepare_graphs(assets)


def _graphs(assets: Assets) -> list[Path]:
    return [path for path in assets.kokoro.glob("*.onnx") if path.name != MODEL_FILE]


def _keep(arguments: argparse.Namespace) -> int:
    manifest = read_manifest()
    problems = keep_packages(manifest, manifest.select(tuple(arguments.group)), arguments.folder, sys.stderr)
    for problem in problems:
        print(problem, file=sys.stderr)
    return 1 if problems else 0


def _check(arguments: argparse.Namespace) -> int:
    states = asset_report(arguments.root, deep=arguments.deep)
    for state in states:
        word = "ok" if state.verified else "not proven" if state.present else "missing"
        print(f"{word:10}  {state.group:12}  {state.name}  [{state.licence}]")
        for target in (*state.missing, *state.unproven):
            print(f"{'':12}{target}")
    return 0 if all(state.present for state in states if state.needed) else 1


if __name__ == "__main__":
    sys.exit(main())
