"""What a listener would hear of a voice, as numbers: words, pitch, vowel onsets, word times.

Detectors here share nothing with the engine: pitch is estimated from the sound (WORLD's Harvest), onsets are found in
the sound, words by a speech recogniser, word times by dynamic time warping against a spoken guide.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise
from pathlib import Path
from typing import Any

import numba
import numpy as np
import pyworld
import soxr
from scipy.fft import dct
from scipy.signal import butter, sosfiltfilt, stft

from songwright.engine.material import SAMPLE_RATE_HZ, Assets, Score, Word
from songwright.engine.voice.model import FRAMES_PER_S, Blend, load_model
from songwright.engine.voice.reading import ROW_TOKENS
from songwright.engine.voice.takes import sounds_at_s, sung_words
from songwright.engine.voice.tokens import token_rows

RATE_HZ = 24_000
ASSETS = Path(os.environ.get("SONGWRIGHT_ASSETS") or Path(sys.prefix) / "share" / "songwright")
WHISPER = Path(os.environ.get("SONGWRIGHT_WHISPER") or ASSETS / "whisper" / "base")


@dataclass(frozen=True, slots=True)
class Sung:
    """A note of a syllable as it should sound."""

    start_s: float
    end_s: float
    midi: int
    line: int
    first: bool  #: the first note of its syllable
    onset: str
    nucleus: str
    spoken: bool


def sung_notes(score: Score, role: str = "lead") -> Iterator[Sung]:
    """The notes of the lead in the order of time, swing applied; none overlaps the next."""
    for index, line in enumerate(score.lines):
        if line.role != role or line.line.backing or not line.notes:
            continue
        spoken = score.sections[line.section].kind == "rap"
        notes = sorted(line.notes, key=lambda n: n.start_beats)
        for number, note in enumerate(notes):
            syllable = line.line.words[note.word].syllables[note.syllable]
            end_s = sounds_at_s(score, note.start_beats + note.length_beats)
            if number + 1 < len(notes):
                end_s = min(end_s, sounds_at_s(score, notes[number + 1].start_beats))
            first = all((n.word, n.syllable) != (note.word, note.syllable) for n in notes[:number])
            start_s = sounds_at_s(score, note.start_beats)
            yield Sung(start_s, end_s, note.midi, index, first, syllable.onset, syllable.nucleus, spoken)


# ------------------------------------------------------------------------------------------------------ pitch


def pitch_errors_cents(mono: np.ndarray, notes: Sequence[Sung]) -> np.ndarray:
    """Median error of each sung note's middle (25-80 %); NaN where no pitch is heard. Rap has none to be right."""
    sung = [note for note in notes if not note.spoken]
    if not sung:
        return np.zeros(0)
    hz = [440 * 2 ** ((note.midi - 69) / 12) for note in sung]
    f0, times = pyworld.harvest(mono, RATE_HZ, f0_floor=max(50, min(hz) * 0.75), f0_ceil=max(hz) * 1.5)
    errors: list[float] = []
    for note, target in zip(sung, hz, strict=True):
        length_s = note.end_s - note.start_s
        inside = (times > note.start_s + 0.25 * length_s) & (times < note.end_s - 0.2 * length_s) & (f0 > 0)
        errors.append(float(1200 * np.log2(np.median(f0[inside]) / target)) if inside.any() else np.nan)
    return np.array(errors)


# ------------------------------------------------------------------------------------------------ vowel onsets

_VOICELESS = set("ptkfθsʃʧh")
_HOP = 60  #: samples at RATE_HZ: 2.5 ms


def onset_errors_s(mono: np.ndarray, notes: Sequence[Sung]) -> list[tuple[str, float]]:
    """(last onset consonant, seconds by which the vowel is late) for each syllable where one can be told."""
    level, flux, offset_s = _voicing_level(mono), *_flux(mono)
    found: list[tuple[str, float]] = []
    for before, note, after in zip([None, *notes], notes, [*notes[1:], None], strict=False):
        if not note.first:
            continue
        consonant = note.onset[-1:]
        early_s = 0.12 if before is None else min(0.12, 0.6 * (note.start_s - before.start_s))
        beyond_s = 0.12 if after is None else min(0.12, 0.6 * (after.start_s - note.start_s))
        if consonant in _VOICELESS and consonant:
            late_s = _voicing_late_s(level, note, early_s, beyond_s)
        else:
            late_s = _flux_late_s(flux, offset_s, note.start_s, early_s, beyond_s)
        if late_s is not None:
            found.append((consonant, late_s))
    return found


def _voicing_level(mono: np.ndarray) -> np.ndarray:
    low = sosfiltfilt(butter(2, [70, 500], "bandpass", fs=RATE_HZ, output="sos"), mono)
    return 10 * np.log10(np.convolve(low * low, np.hanning(240) / 120, "same")[::_HOP] + 1e-9)


def _voicing_late_s(level: np.ndarray, note: Sung, early_s: float, beyond_s: float) -> float | None:
    """After a voiceless consonant: where the level of the voice comes within 9 dB of the vowel's."""
    per_s = RATE_HZ / _HOP
    first, last = max(int((note.start_s - early_s) * per_s), 0), int((note.start_s + beyond_s) * per_s)
    steady = np.median(level[int((note.start_s + 0.03) * per_s) : last])
    quiet = np.flatnonzero(level[first:last] < steady - 9)
    if not len(quiet):
        return None
    return float((first + quiet[-1] + 1) / per_s - note.start_s)


def _flux(mono: np.ndarray) -> tuple[np.ndarray, float]:
    """Rise of 24 bands over 30 ms in dB, every 2.5 ms, and the time of its first value."""
    f, _, z = stft(mono, RATE_HZ, nperseg=480, noverlap=480 - _HOP, boundary=None, padded=False)
    power = np.abs(z) ** 2
    rows = [power[(f >= a) & (f < b)] for a, b in pairwise(np.geomspace(150, 8000, 25))]
    bands = 10 * np.log10(np.array([r.sum(0) if len(r) else power[0] for r in rows]) + 1e-7)
    flux, k = np.zeros(bands.shape[1]), 6
    flux[k:-k] = np.clip(bands[:, 2 * k :] - bands[:, : -2 * k], 0, 20)[:16].mean(0)
    return flux, 240 / RATE_HZ


def _flux_late_s(flux: np.ndarray, offset_s: float, start_s: float, early_s: float, beyond_s: float) -> float | None:
    """The greatest change near the note; never so far that it must be the onset of a neighbour."""
    per_s = RATE_HZ / _HOP
    first = max(int((start_s - early_s - offset_s) * per_s), 0)
    window = flux[first : int((start_s + beyond_s - offset_s) * per_s)]
    if not len(window) or window.max() <= 2.5:
        return None
    return float((first + window.argmax()) / per_s + offset_s - start_s)


# -------------------------------------------------------------------------------------------------- word times


def word_time_errors_s(
    mono: np.ndarray, words: Sequence[Word], starts_s: Sequence[float], end_s: float, blend: Blend
) -> np.ndarray:
    """Told word starts minus those found by warping the singer's own spoken line (natural pitch and pace) onto the
    sung one: cepstra, each frame of the song matched to one of the guide, as aeneas does with a synthetic reader."""
    guide, told_s = _guide(words, blend)
    begin_s = max(starts_s[0] - 0.25, 0.0)
    piece = mono[int(begin_s * RATE_HZ) : int((end_s + 0.15) * RATE_HZ)]
    ours, theirs = _cepstra(guide), _cepstra(piece)
    path = _warp((theirs**2).sum(1)[:, None] - 2 * theirs @ ours.T + (ours**2).sum(1))
    found_s = [begin_s + _DTW_HOP_S * int(np.searchsorted(path, t / _DTW_HOP_S)) for t in told_s]
    return np.asarray(starts_s) - np.array(found_s)


_DTW_HOP_S = 0.01


def _guide(words: Sequence[Word], blend: Blend) -> tuple[np.ndarray, list[float]]:
    """The line as the singer would say it, and when each word begins by the model's own durations."""
    model = load_model(Assets(ASSETS), _runtime())
    sounds, starts_s, before_s, syllable = [], [], 0.0, 0
    firsts = np.cumsum([0, *(len(word.syllables) for word in words)])[:-1]
    for row in token_rows(words, model.vocabulary, limit=ROW_TOKENS):
        style = model.style(blend, len(row.ids))
        frames, f0, energy, text = model.prosody(row.ids, style, 1.0)
        at_s = np.concatenate([[0.0], np.cumsum(frames)]) / FRAMES_PER_S
        for tokens in row.syllables:
            if syllable in firsts:
                starts_s.append(before_s + max(float(at_s[tokens.onset]) - 0.04, 0.0))
            syllable += 1
        sound = model.decode(text, f0, energy, style)
        sounds.append(sound)
        before_s += len(sound) / RATE_HZ
    return np.concatenate(sounds), starts_s


@lru_cache(maxsize=1)
def _runtime() -> str:
    from songwright.engine.voice import choose_runtime

    return choose_runtime()


def _cepstra(sound: np.ndarray) -> np.ndarray:
    """12 mel cepstra without the level, their slopes and the level, each scaled to unit variance; 10 ms frames."""
    _, _, z = stft(sound, RATE_HZ, nperseg=600, noverlap=600 - int(_DTW_HOP_S * RATE_HZ), nfft=1024)
    bands = 10 * np.log10(_mel() @ (np.abs(z) ** 2) + 1e-8)
    rows = dct(np.maximum(bands, bands.max() - 60), axis=0, norm="ortho")[:13].T
    rows = (rows - rows.mean(0)) / (rows.std(0) + 1e-6)
    slopes = np.gradient(np.apply_along_axis(lambda c: np.convolve(c, np.ones(3) / 3, "same"), 0, rows), axis=0)
    return np.hstack([rows, 0.7 * slopes / (slopes.std(0) + 1e-6)])


@lru_cache(maxsize=1)
def _mel() -> np.ndarray:
    hz = np.linspace(0, RATE_HZ / 2, 513)
    mel = lambda f: 2595 * np.log10(1 + f / 700)  # noqa: E731
    edges = 700 * (10 ** (np.linspace(mel(100.0), mel(7600.0), 32) / 2595) - 1)
    rows = [np.interp(hz, edges[i : i + 3], [0, 1, 0], left=0, right=0) for i in range(30)]
    return np.array(rows)


def _warp(cost: np.ndarray) -> np.ndarray:
    """The guide's frame for each frame of the song, never backwards; the song may hold a guide's frame or skip one."""
    step = _steps(cost)
    path = np.zeros(len(cost), np.int64)
    j = cost.shape[1] - 1
    for i in range(len(cost) - 1, -1, -1):
        path[i] = j
        j -= int(step[i, j])
    return path


@numba.njit(cache=True)
def _steps(cost):  # type: ignore[no-untyped-def]
    n, m = cost.shape
    total = np.full((n, m), np.inf)
    step = np.zeros((n, m), np.int8)
    total[0, 0] = cost[0, 0]
    for i in range(1, n):
        for j in range(m):
            best, move = total[i - 1, j], 0
            for k in (1, 2):
                if j >= k and total[i - 1, j - k] < best:
                    best, move = total[i - 1, j - k], k
            total[i, j] = best + cost[i, j]
            step[i, j] = move
    return step


# ------------------------------------------------------------------------------------------------------- words


def word_errors(audio: Path | np.ndarray, written: str) -> tuple[int, int, str]:
    """(errors, words, what was heard): Whisper base on the whole recording, both sides through its normaliser."""
    from whisper_normalizer.english import EnglishTextNormalizer

    sound = str(audio) if isinstance(audio, Path) else audio.astype(np.float32)
    segments, _ = recogniser().transcribe(sound, language="en", beam_size=5, condition_on_previous_text=False)
    normal = EnglishTextNormalizer()
    heard = normal(" ".join(segment.text for segment in segments)).split()
    wanted = normal(written).split()
    return edit_distance(wanted, heard), len(wanted), " ".join(heard)


@lru_cache(maxsize=1)
def recogniser() -> Any:
    from faster_whisper import WhisperModel

    return WhisperModel(str(WHISPER), device="cpu", compute_type="int8", cpu_threads=1)


def edit_distance(one: Sequence[str], two: Sequence[str]) -> int:
    row = list(range(len(two) + 1))
    for i, a in enumerate(one, 1):
        diagonal, row[0] = row[0], i
        for j, b in enumerate(two, 1):
            diagonal, row[j] = row[j], min(row[j] + 1, row[j - 1] + 1, diagonal + (a != b))
    return row[-1]


# -------------------------------------------------------------------------------------------------- all of a song


def heard_of(stem: np.ndarray, score: Score, words: Sequence[Any], blend: Blend) -> dict[str, Any]:
    """Everything measured on a dry lead [samples] at 44.1 kHz; `words` has word, start_s, end_s and line."""
    mono = np.asarray(soxr.resample(stem, SAMPLE_RATE_HZ, RATE_HZ), np.float64)
    notes = list(sung_notes(score))
    late = onset_errors_s(mono, notes)
    lead = {i for i, line in enumerate(score.lines) if line.role == "lead" and not line.line.backing}
    written = " ".join(w.word for w in words if w.line in lead)
    errors, count, heard = word_errors(np.asarray(soxr.resample(_trimmed(stem), SAMPLE_RATE_HZ, 16_000)), written)
    return {
        "stem_errors": errors,
        "words": count,
        "heard": heard,
        "written": written,
        "cents": [round(float(c), 2) for c in pitch_errors_cents(mono, notes)],
        "note_s": [round(n.end_s - n.start_s, 3) for n in notes if not n.spoken],
        "late": [(consonant, round(late_s, 4)) for consonant, late_s in late],
        "word_late_s": [round(float(e), 4) for e in _word_time_errors(mono, score, words, lead, blend)],
    }


def _trimmed(stem: np.ndarray) -> np.ndarray:
    """Without the silence at both ends, of which the recogniser makes words ("you"); half a second stays."""
    loud = np.flatnonzero(np.abs(stem) > 0.003)
    room = SAMPLE_RATE_HZ // 2
    return stem[max(loud[0] - room, 0) : loud[-1] + room] if len(loud) else stem


def _word_time_errors(
    mono: np.ndarray, score: Score, words: Sequence[Any], lead: set[int], blend: Blend
) -> Iterator[float]:
    for index in sorted(lead):
        told = [w for w in words if w.line == index]
        if told:
            starts_s = [w.start_s for w in told]
            line = score.lines[index]
            yield from word_time_errors_s(mono, sung_words(line), starts_s, told[-1].end_s, blend)


ROWS: list[tuple[str, str, str, Callable[[dict[str, Any]], float], str]] = [
    # name, reach, stretch, value of pooled measurements, form
    ("word error rate, dry lead", "<= 0.08", "0.04", lambda m: m["stem_errors"] / m["words"], "{:.3f}"),
    ("notes within 50 cents", ">= 0.98", "0.99", lambda m: float(np.mean(_cents(m) <= 50)), "{:.3f}"),
    ("median pitch error, cents", "<= 4", "3", lambda m: float(np.median(_cents(m))), "{:.1f}"),
    ("vowel onset, median bias, ms", "<= 5", "2", lambda m: 1000 * float(np.median(_late(m))), "{:+.1f}"),
    ("vowel onsets within 40 ms", ">= 0.88", "0.95", lambda m: float(np.mean(np.abs(_late(m)) <= 0.04)), "{:.3f}"),
    ("word starts, DTW, p90, s", "<= 0.10", "0.06", lambda m: float(np.quantile(_word_late(m), 0.9)), "{:.3f}"),
]  # fmt: skip


def _cents(measured: dict[str, Any]) -> np.ndarray:
    """Absolute errors; a note without a pitch is wrong by an octave."""
    return np.nan_to_num(np.abs(np.array(measured["cents"], np.float64)), nan=1200.0)


def _late(measured: dict[str, Any]) -> np.ndarray:
    return np.array([late_s for _, late_s in measured["late"]])


def _word_late(measured: dict[str, Any]) -> np.ndarray:
    return np.abs(np.array(measured["word_late_s"]))


def pooled(rows: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """Counts and lists of several songs as of one; the word error rate is thereby a mean over words."""
    summed = {key: sum(row[key] for row in rows) for key in rows[0] if key.endswith("errors") or key == "words"}
    listed = ("cents", "note_s", "late", "word_late_s")
    return summed | {key: [value for row in rows for value in row[key]] for key in listed}
