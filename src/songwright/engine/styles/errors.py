"""What can be wrong with the style book."""

from __future__ import annotations


class StyleFileError(ValueError):
    """A style file breaks the notation."""

    def __init__(self, file: str, place: str, problem: str) -> None:
        super().__init__(f"{file}: {place}: {problem}")
        self.file = file
        self.place = place
        self.problem = problem
