"""The database of one machine: a SQLite file with one writer thread, and the lock that keeps a second server out."""

from songwright.db.database import Database
from songwright.db.lock import ServerLock

__all__ = ["Database", "ServerLock"]
