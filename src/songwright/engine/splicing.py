"""Put a new part beside an old recording: what is kept stays sample by sample, the new part meets it at bar lines.

Conventions
    Recordings are 16-bit, 44.1 kHz, [samples, 2]; positions are beats of the new score, whose beat 0 lies `offset_s`
    into the recording. All fading happens inside the new part. Two sounds are cross-faded at equal power, corrected by
    how alike they are, so that neither a bump nor a hole is heard.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import soundfile
from numpy.typing import NDArray

from songwright.engine.dsp import gain_of_db, limit_in_place, loudness_lufs, true_peak_dbtp
from songwright.engine.excerpt import excerpt_of_arrangement, excerpt_of_score
from songwright.engine.material import SAMPLE_RATE_HZ, Arrangement, Audio, Score, WordTime

Pcm = NDArray[np.int16]
FADE_S = 0.03
BESIDE_S = 3.0  #: what is compared at a seam
MATCHED_S = 8.0  #: of old and new sound of the same music, to match their levels
MOST_STEP_LU = 0.6  #: of loudness at a seam; the rest is faded in
EASE_S = 6.0
CEILING_DBTP = -1.5
_MOST_MATCH_DB, _MOST_EASE_DB = 12.0, 9.0
_SILENT_LUFS = -50.0
_BESIDE = round(BESIDE_S * SAMPLE_RATE_HZ)
_ROUNDS = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Splice:
    """What of an old recording is kept around a new part, and how much of the new score has to be played for it."""

    source: Path  #: the old recording, lossless
    words: tuple[WordTime, ...]  #: of the kept parts, lines and sections as in the new score
    offset_s: float = 0.0
    play_from_beats: float  #: a bar line before the seam: what rings over it, and the levels, are to be right
    seam_beats: float
    back_beats: float | None = None  #: where the old recording goes on; None = never
    play_to_beats: float | None = None  #: None = the end
    same_band: bool = True  #: what is played before the seam is the music of the old recording
    with_origin: bool = True  #: False: the new part alone

    def is_heard(self, beats: float) -> bool:
        """Whether a note that begins here is among those to be played."""
        return self.play_from_beats - 1e-6 <= beats and (self.play_to_beats is None or beats < self.play_to_beats)


def part_to_play(score: Score, arrangement: Arrangement, splice: Splice) -> tuple[Score, Arrangement]:
    """The stretch of the new song that is rendered; lines keep their indices, sections outside last nothing."""
    end = score.length_beats if splice.play_to_beats is None else splice.play_to_beats
    cut = excerpt_of_score(score, splice.play_from_beats, end)
    return cut, excerpt_of_arrangement(arrangement, splice.play_from_beats, end)


def without_empty_sections(score: Score) -> Score:
    """For the mix, which sets the level of each section."""
    return replace(score, sections=tuple(section for section in score.sections if section.length_beats > 0))


def spliced(splice: Splice, score: Score, rendered: Audio, words: Sequence[WordTime]) -> tuple[Pcm, list[WordTime]]:
    """The whole recording and its words. `rendered` and `words` begin at `play_from_beats`."""
    old = recording(splice.source)
    first = _sample(splice, score, splice.play_from_beats)
    seam = _sample(splice, score, splice.seam_beats)
    lead = seam - first
    new = _levelled(splice, old, rendered, seam, lead, _back(splice, score))
    pcm = _laid(old, new, seam, _back(splice, score))
    from_s = splice.offset_s + score.seconds(splice.play_from_beats)
    told = _told(splice, score, words, from_s)
    if splice.with_origin:
        return pcm, told
    seam_s = splice.offset_s + score.seconds(splice.seam_beats)
    alone = pcm[seam:].copy()
    rise = np.linspace(0.0, 1.0, min(88, len(alone)))[:, None]  # 2 ms: it begins without a click
    alone[: len(rise)] = np.round(_quantised(new[:, : len(rise)]) * rise).astype(np.int16)
    fade = slice(len(rise), round(FADE_S * SAMPLE_RATE_HZ))
    alone[fade] = _quantised(new[:, fade])
    return alone, [moved_word(word, -seam_s) for word in told if word.start_s >= seam_s - 0.05]


def recording(path: Path) -> Pcm:
    """A lossless file as 16-bit numbers [samples, 2]."""
    pcm, _ = soundfile.read(path, dtype="int16", always_2d=True)
    return np.asarray(np.repeat(pcm, 2, axis=1) if pcm.shape[1] == 1 else pcm[:, :2], np.int16)


def joined_recordings(parts: Sequence[tuple[Pcm, int | None]]) -> Pcm:
    """Recordings one after the other, each up to a sample of its own; what comes next fades in over what is left."""
    out = parts[0][0]
    seam = parts[0][1] or len(out)
    for pcm, until in parts[1:]:
        out = _laid(out, pcm.T.astype(np.float32) / 32768.0, seam, None)
        seam = len(out) if until is None else seam + until
    return out


def moved_word(word: WordTime, by_s: float) -> WordTime:
    """The same word at another time."""
    syllables = tuple((text, max(start + by_s, 0.0), end + by_s) for text, start, end in word.syllables)
    return replace(word, start_s=max(word.start_s + by_s, 0.0), end_s=word.end_s + by_s, syllables=syllables)


def _sample(splice: Splice, score: Score, beats: float) -> int:
    return round((splice.offset_s + score.seconds(beats)) * SAMPLE_RATE_HZ)


def _back(splice: Splice, score: Score) -> int | None:
    return None if splice.back_beats is None else _sample(splice, score, splice.back_beats)


def _told(splice: Splice, score: Score, words: Sequence[WordTime], from_s: float) -> list[WordTime]:
    """Kept words and, inside the new part, new ones."""
    start_s = splice.offset_s + score.seconds(splice.seam_beats) - 0.15  # a consonant comes before its beat
    end_s = np.inf if splice.back_beats is None else splice.offset_s + score.seconds(splice.back_beats) - 0.15
    kept = {word.line for word in splice.words}
    new = [moved_word(word, from_s) for word in words if word.line not in kept]
    inside = [word for word in new if start_s <= word.start_s < end_s]
    return sorted((*splice.words, *inside), key=lambda word: word.start_s)


# ------------------------------------------------------------------------------------------------------- levels


def _levelled(splice: Splice, old: Pcm, rendered: Audio, seam: int, lead: int, back: int | None) -> Audio:
    """What is heard from the seam on, [2, samples], as loud as what it stands beside."""
    new = rendered[:, lead:].copy()
    if back is not None:
        new = new[:, : back - seam]
    match_db = _match_db(splice, old, rendered, seam, lead)
    new *= np.float32(gain_of_db(match_db))
    for _ in range(_ROUNDS):
        _ease_in_place(new, _missing_db(_floats(old[max(seam - _BESIDE, 0) : seam]), new[:, :_BESIDE]))
        if back is not None:
            _ease_in_place(new[:, ::-1], _missing_db(_floats(old[back : back + _BESIDE]), new[:, -_BESIDE:]))
        if new.shape[1] and true_peak_dbtp(new) > CEILING_DBTP:
            limit_in_place(new, ceiling_dbtp=CEILING_DBTP)  # takes a little loudness away again
    return new


def _match_db(splice: Splice, old: Pcm, rendered: Audio, seam: int, lead: int) -> float:
    """By how much the new sound is to be raised: measured where both play the same music, else over all of it."""
    if splice.same_band and lead:
        count = min(round(MATCHED_S * SAMPLE_RATE_HZ), lead, seam)
        there, here = _floats(old[seam - count : seam]), np.ascontiguousarray(rendered[:, lead - count : lead])
    else:
        there, here = _floats(old[:seam]), np.ascontiguousarray(rendered[:, lead:])
    levels = loudness_lufs(there), loudness_lufs(here)
    if min(levels) < _SILENT_LUFS:
        return 0.0
    return float(np.clip(levels[0] - levels[1], -_MOST_MATCH_DB, _MOST_MATCH_DB))


def _missing_db(beside: Audio, new: Audio) -> float:
    """The gain that brings the step from `beside` to `new` within MOST_STEP_LU."""
    levels = loudness_lufs(beside), loudness_lufs(np.ascontiguousarray(new))
    if min(levels) < _SILENT_LUFS:
        return 0.0
    step = levels[0] - levels[1]
    return float(np.clip(step - np.clip(step, -MOST_STEP_LU, MOST_STEP_LU), -_MOST_EASE_DB, _MOST_EASE_DB))


def _ease_in_place(new: Audio, gain_db: float) -> None:
    """`gain_db` at the beginning, none after BESIDE_S + EASE_S."""
    if not gain_db:
        return
    count = min(round((BESIDE_S + EASE_S) * SAMPLE_RATE_HZ), new.shape[1])
    left = np.clip((BESIDE_S + EASE_S - np.arange(count) / SAMPLE_RATE_HZ) / EASE_S, 0.0, 1.0)
    new[:, :count] *= (10.0 ** (gain_db * left / 20.0)).astype(np.float32)


# ------------------------------------------------------------------------------------------------------- joining


def _laid(old: Pcm, new: Audio, seam: int, back: int | None) -> Pcm:
    """`old` up to the seam, `new` from there, and `old` again from `back` on."""
    out = _quantised(new)
    fade = round(FADE_S * SAMPLE_RATE_HZ)
    ending = old[seam : seam + min(fade, len(out))]
    out[: len(ending)] = _faded(_floats(ending), new[:, : len(ending)])
    if back is None:
        return np.concatenate([old[:seam], out])
    size = min(fade, len(out))
    out[len(out) - size :] = _faded(new[:, new.shape[1] - size :], _floats(old[back - size : back]))
    return np.concatenate([old[:seam], out, old[back:]])


def _faded(ending: Audio, beginning: Audio) -> Pcm:
    """One sound gives way to another of the same length."""
    angle = np.linspace(0.0, np.pi / 2, ending.shape[1])
    down, up = np.cos(angle), np.sin(angle)
    power = np.sqrt(float(np.square(ending).sum()) * float(np.square(beginning).sum()))
    alike = max(float((ending * beginning).sum()) / power, 0.0) if power > 0 else 0.0
    return _quantised(((down * ending + up * beginning) / np.sqrt(1.0 + 2.0 * alike * down * up)).astype(np.float32))


def _floats(pcm: Pcm) -> Audio:
    return np.ascontiguousarray(pcm.T, np.float32) / np.float32(32768.0)


def _quantised(sound: Audio) -> Pcm:
    """float32 [2, samples] -> 16 bit [samples, 2], rounded."""
    return np.clip(np.round(sound.T * 32768.0), -32768, 32767).astype(np.int16)
