"""A chain of clips becomes one: recordings, words and paper, bar by bar, without a new note.

Conventions: see `reworking`. Each part but the last is left at a bar line, where the next begins with its first sample;
the only samples that are new are those of the short cross-fade behind each seam.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from songwright.engine.cutting import (
    arrangement_between,
    joined_arrangements,
    joined_scores,
    kept_words,
    score_between,
)
from songwright.engine.finishing import FinishedClip, FinishOrder, heard_again, write_recording
from songwright.engine.material import SAMPLE_RATE_HZ, Arrangement, Assets, Brief, Lyrics, Score, WordTime
from songwright.engine.reworking import CannotRework, Original, seam_beats, style_in_metre
from songwright.engine.splicing import joined_recordings, moved_word, recording
from songwright.engine.voice import SINGERS, choose_runtime


@dataclass(frozen=True, slots=True)
class ChainPart:
    """A clip of a chain and where it is left; the last one is heard to its end."""

    original: Original
    continue_at_s: float | None


@dataclass(frozen=True, slots=True)
class _Cut:
    """A part on paper, and its length in samples (None: all of it)."""

    score: Score
    arrangement: Arrangement
    words: tuple[WordTime, ...]
    samples: int | None


def join(
    parts: Sequence[ChainPart], title: str, folder: Path, assets: Assets, *, with_video: bool = True
) -> FinishedClip:
    """One clip out of several, written into `folder`. Raises CannotRework where parts do not fit together."""
    cuts = [_cut(part, last=part is parts[-1]) for part in parts]
    first, *others = cuts
    score, arrangement, words = first.score, first.arrangement, list(first.words)
    at_s, seams_s = 0.0, list[float]()
    for before, cut in zip(cuts, others, strict=False):
        at_s += (before.samples or 0) / SAMPLE_RATE_HZ
        seams_s.append(round(at_s, 6))
        words += _shifted(cut, at_s, len(score.lines), len(score.sections))
        arrangement = joined_arrangements(arrangement, cut.arrangement, score.length_beats)
        try:
            score = joined_scores(score, cut.score)
        except ValueError as error:
            raise CannotRework(f"These clips cannot be joined: {error}.") from error
    pcm = joined_recordings([(recording(p.original.master), c.samples) for p, c in zip(parts, cuts, strict=True)])
    folder.mkdir(parents=True, exist_ok=True)
    order = _order(parts, title, folder, score, arrangement, seams_s, with_video=with_video)
    return write_recording(order, heard_again(np.ascontiguousarray(pcm)), pcm, words, assets)


def _cut(part: ChainPart, *, last: bool) -> _Cut:
    original = part.original
    score = original.score
    band = original.arrangement or Arrangement(parts=())
    if last:
        return _Cut(score, band, original.words, None)
    end = seam_beats(original, part.continue_at_s)
    end_s = original.time_s(end)
    head = score_between(score, 0.0, end)
    places = kept_words(original.words, score, head)
    words = tuple(
        replace(word, line=places[word.line], end_s=min(word.end_s, end_s))
        for word in original.words
        if word.line in places and word.start_s < end_s - 0.02
    )
    return _Cut(head, arrangement_between(band, 0.0, end), words, round(end_s * SAMPLE_RATE_HZ))


def _shifted(cut: _Cut, by_s: float, lines: int, sections: int) -> list[WordTime]:
    moved = (moved_word(word, by_s) for word in cut.words)
    return [replace(word, line=word.line + lines, section=word.section + sections) for word in moved]


def _order(
    parts: Sequence[ChainPart],
    title: str,
    folder: Path,
    score: Score,
    arrangement: Arrangement,
    seams_s: Sequence[float],
    *,
    with_video: bool,
) -> FinishOrder:
    brief = next((p.original.brief for p in reversed(parts) if p.original.brief), Brief(style=parts[0].original.style))
    voice = next((p.original.voice for p in reversed(parts) if p.original.voice), None)
    texts = [part.original.lyrics.strip() for part in parts]
    facts = {"rework": "concat", "seams_s": list(seams_s), "offset_s": parts[0].original.offset_s}
    return FinishOrder(
        index=0,
        clips=1,
        brief=replace(brief, title=title),
        style=style_in_metre(brief, score.beats_per_bar),
        lyrics=Lyrics(
            title=title,
            language=brief.language or "en",
            sections=(),
            origin="none",
            text="\n\n".join(text for text in texts if text),
        ),
        singer=next((singer for singer in SINGERS if singer.name == voice), None),
        score=score,
        arrangement=arrangement,
        sung=(),
        notes=(),
        folder=folder,
        with_video=with_video,
        with_stems=False,
        runtime=choose_runtime(),
        facts=facts,
    )
