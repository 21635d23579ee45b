"""How a long fetch shows itself: one moving line on a terminal, one plain line per package anywhere else."""

from __future__ import annotations

from typing import TextIO

BAR_CELLS = 24


def megabytes(size_bytes: int) -> str:
    """A size for people."""
    return f"{size_bytes / 1e6:.1f} MB" if size_bytes < 10_000_000 else f"{size_bytes / 1e6:.0f} MB"


class Progress:
    """Counts bytes of packages towards a total."""

    def __init__(self, out: TextIO, total_bytes: int) -> None:
        self._out = out
        self._moving = out.isatty()
        self._total_bytes = max(total_bytes, 1)
        self._done_bytes = 0
        self._label = ""
        self._label_bytes = 0

    def start(self, label: str, size_bytes: int) -> None:
        """A package is being downloaded now."""
        self._label, self._label_bytes = label, size_bytes
        if self._moving:
            self.tick(0)
        else:
            self.say(f"  {label} ({megabytes(size_bytes)})")

    def tick(self, got_bytes: int) -> None:
        """So much of the current package is on disk."""
        if not self._moving:
            return
        got_bytes = min(got_bytes, self._label_bytes)
        share = min(1.0, (self._done_bytes + got_bytes) / self._total_bytes)
        bar = "█" * round(share * BAR_CELLS)
        of = f"{megabytes(self._done_bytes + got_bytes)} of {megabytes(self._total_bytes)}"
        self._out.write(f"\r\x1b[K  {bar:░<{BAR_CELLS}} {share:4.0%}  {of}  {self._label}")
        self._out.flush()

    def finish(self) -> None:
        """The current package has arrived, or will not."""
        self._done_bytes += self._label_bytes
        self.tick(0)

    def say(self, line: str) -> None:
        """A line that stays."""
        self._out.write(("\r\x1b[K" if self._moving else "") + line + "\n")
        self._out.flush()
