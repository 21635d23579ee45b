"""What nobody else tidies up: tasks that never ended, forgotten work folders, old idempotency keys."""

from __future__ import annotations

import asyncio
import logging
import shutil
from collections.abc import Iterable
from pathlib import Path

from songwright.tasks import Lifecycle

_log = logging.getLogger(__name__)


async def sweep(lifecycle: Lifecycle) -> None:
    """Once through everything; safe at any time and in any number of processes."""
    # The folders are listed before the claims are read: one that is made in between is not in the list.
    folders = await asyncio.to_thread(_attempt_folders, lifecycle.work_root)
    orphans = folders - lifecycle.work_folders_in_use()
    await asyncio.to_thread(_remove, orphans)
    overdue = await lifecycle.give_up_overdue()
    keys = await lifecycle.forget_old_keys()
    if orphans or overdue or keys:
        _log.info("swept %d work folders, %d overdue tasks, %d idempotency keys", len(orphans), overdue, keys)


def _attempt_folders(root: Path) -> frozenset[Path]:
    return frozenset(path for path in root.glob("*/*") if path.is_dir())


def _remove(folders: Iterable[Path]) -> None:
    for folder in folders:
        shutil.rmtree(folder, ignore_errors=True)
        if folder.parent.is_dir() and not any(folder.parent.iterdir()):
            folder.parent.rmdir()
