"""The main job: an order is submitted, performed and finished, and paid for exactly once."""

from songwright.tasks.lifecycle import Lifecycle
from songwright.tasks.limits import Limits
from songwright.tasks.outbox import RenderCallback, Stage
from songwright.tasks.records import Filter, Records, UsageRow
from songwright.tasks.screening import WordFilter, load_word_filter
from songwright.tasks.sources import FetchAudio, OwnedClip
from songwright.tasks.store import Page, Quote
from songwright.tasks.submission import Submission

__all__ = [
    "FetchAudio",
    "Filter",
    "Lifecycle",
    "Limits",
    "OwnedClip",
    "Page",
    "Quote",
    "Records",
    "RenderCallback",
    "Stage",
    "Submission",
    "UsageRow",
    "WordFilter",
    "load_word_filter",
]
