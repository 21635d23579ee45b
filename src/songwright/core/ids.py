"""Identifiers. Every id is random (122 bits or more): knowing one tells nothing about another.

Random bytes are fetched from the system a page at a time: each fetch lets go of the interpreter, and a server that does
so ten times for one request spends its time waiting to get it back.
"""

from __future__ import annotations

import base64
import os
import threading
import uuid

MEDIA_TOKEN_BYTES = 18
_PAGE_BYTES = 4096


class _Page(threading.local):
    """Random bytes of one thread of one process, each handed out once."""

    def __init__(self) -> None:
        self.content = b""
        self.used = 0

    def take(self, count: int) -> bytes:
        if self.used + count > len(self.content):
            self.content = os.urandom(_PAGE_BYTES)
            self.used = 0
        taken = self.content[self.used : self.used + count]
        self.used += count
        return taken


_page = _Page()
# A forked child must not hand out what its parent hands out.
os.register_at_fork(after_in_child=lambda: setattr(_page, "content", b""))


def new_id() -> str:
    """A UUID4 in its usual text form; used for tasks, clips, accounts and requests."""
    return str(uuid.UUID(bytes=_page.take(16), version=4))


def new_media_token() -> str:
    """144 random bits, URL-safe: the part of a media address that cannot be guessed."""
    return base64.urlsafe_b64encode(_page.take(MEDIA_TOKEN_BYTES)).decode("ascii")
