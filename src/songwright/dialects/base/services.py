"""What a dialect's routes are given to work with, and the face a dialect's folder shows."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from songwright.catalog import Catalog
from songwright.core.exchange import Answer, Dialect, HeaderList, RenderCallback
from songwright.dialects.base.doors import Doors
from songwright.ledger import Balance
from songwright.tasks import Lifecycle, Submission


@dataclass(frozen=True, slots=True, kw_only=True)
class Services:
    """The rooms below, as far as a dialect may see them."""

    lifecycle: Lifecycle
    catalog: Catalog
    public_url: str  #: without a slash at the end
    balance_of: Callable[[str], Balance]  #: by account id
    webhook_secret_of: Callable[[str], str]  #: by account id
    doors: Doors  #: for keys, people, callbacks


class DialectRoom(Protocol):
    """A folder of this room: everything another dialect needs is a folder that shows these three."""

    NAME: str

    def build(self, services: Services) -> Dialect:
        """Its routes."""
        ...

    def callback_renderer(self, catalog: Catalog, public_url: str) -> RenderCallback:
        """Its callbacks' bodies."""
        ...


def created(submission: Submission, body: bytes) -> Answer:
    """The answer to a create; two headers say when the task is an earlier one."""
    headers: HeaderList = ()
    if submission.replayed:
        headers += ((b"idempotent-replayed", b"true"),)
    if submission.deduplicated:
        headers += ((b"songwright-deduplicated", b"true"),)
    return Answer(body, headers=headers)
