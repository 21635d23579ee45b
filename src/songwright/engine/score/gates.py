"""Gates: what a finished song must measure before it leaves the desk. A song that fails is drawn again.

Conventions
    Intervals are semitones inside lines, never across them. A syllable is *on a beat* when it begins on one, or begins
    less than a beat earlier and rings over it (an anticipation). Gates with too few notes to mean anything are passed.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Sequence
from itertools import pairwise

from songwright.engine.score.setting import Setting
from songwright.engine.score.sketch import Tune
from songwright.engine.theory import Metre

ENOUGH_NOTES = 32


HARD = ("lines of few pitches", "repeated notes", "range")


def severity(failed: Sequence[str]) -> int:
    """How bad a list of failed gates is: the product's promises count for ten of the others."""
    return sum(10 if name.startswith(HARD) else 1 for name in failed)


def failed_gates(setting: Setting, tunes: Sequence[Tune]) -> list[str]:
    """Names and values of the gates the lead lines do not pass."""
    lead = [t for t in tunes if not t.slot.backing]
    if not lead:
        return []
    sung = [t for t in lead if not t.slot.rap] or lead
    checks = [*_hard(lead), *_prosody(setting, lead)]
    if sum(len(t.midis) for t in sung) >= ENOUGH_NOTES:
        checks += [*_shape(sung), *_harmony(setting, sung), *_form(setting, sung)]
    return [f"{name} {value:.2f}" for name, value, low, high in checks if not low <= value <= high]


Check = tuple[str, float, float, float]


def _moves(tunes: Sequence[Tune]) -> list[int]:
    return [b - a for t in tunes for a, b in pairwise(t.midis)]


def _entropy(values: Iterable[int]) -> float:
    counts = Counter(values)
    total = sum(counts.values())
    return -sum(c / total * math.log2(c / total) for c in counts.values()) if total else 0.0


def _hard(tunes: Sequence[Tune]) -> list[Check]:
    """The product's promises: they hold for rap and for the shortest song."""
    moves = _moves(tunes)
    midis = [m for t in tunes for m in t.midis]
    poor = sum(1 for t in tunes if len(t.midis) >= 6 and len(set(t.midis)) < 4)
    checks: list[Check] = [("lines of few pitches", poor, 0, 0)]
    if len(moves) >= 5:
        checks.append(("repeated notes", moves.count(0) / len(moves), 0, 0.35))
    if len(midis) >= 12:
        checks.append(("range", max(midis) - min(midis), 9, 19))
    return checks


def _shape(tunes: Sequence[Tune]) -> list[Check]:
    moves = _moves(tunes)
    turning = [m for m in moves if m]
    turns = sum(1 for a, b in pairwise(turning) if a * b < 0) / max(len(turning) - 1, 1)
    run = max((_longest_run(t.midis) for t in tunes), default=1)
    leaps = sum(1 for m in moves if abs(m) >= 5) / len(moves)
    return [
        ("longest run", run, 1, 4),
        ("interval entropy", _entropy(moves), 2.5, 9),
        ("pitch entropy", _entropy(m for t in tunes for m in t.midis), 2.15, 9),
        ("turns", turns, 0.29, 0.71),
        ("leaps", leaps, 0.03, 0.31),
    ]


def _longest_run(midis: Sequence[int]) -> int:
    run = best = 1
    for a, b in pairwise(midis):
        run = run + 1 if a == b else 1
        best = max(best, run)
    return best


def chord_fit(setting: Setting, tune: Tune) -> list[tuple[bool, bool]]:
    """(weighty, chord tone) of each note; an anticipation belongs to the chord of the beat it rings over."""
    metre = Metre(setting.bar, 12)
    out: list[tuple[bool, bool]] = []
    for onset, length, midi in zip(tune.onsets, tune.lengths, tune.midis, strict=True):
        strength = metre_strength(metre, onset)
        at = math.ceil(onset) if strength == 0 and onset + length > math.ceil(onset + 1e-6) + 0.2 else onset
        chord = setting.harmony.at(max(0.0, tune.slot.start_beats + at))
        degrees = set(chord.degrees)
        if setting.blue and 4 in chord.intervals:
            degrees.add((chord.root + 3) % 12)
        tone = (midi - setting.scale.tonic_pc) % 12 in degrees
        out.append((strength == 2 or length >= 1.5, tone))
    return out


def metre_strength(metre: Metre, onset: float) -> int:
    """Metrical class of a position in beats."""
    if abs(onset - round(onset)) > 1e-6:
        return 0
    step = round(onset) * metre.steps_per_beat
    return 2 if Metre(metre.beats_per_bar, 1).weights()[step // metre.steps_per_beat % metre.beats_per_bar] >= 2 else 1


def _harmony(setting: Setting, tunes: Sequence[Tune]) -> list[Check]:
    strong: list[bool] = []
    left: list[bool] = []
    for tune in tunes:
        fit = chord_fit(setting, tune)
        strong += [tone for weighty, tone in fit if weighty]
        left += [abs(b - a) in (1, 2) for (_, tone), (a, b) in zip(fit, pairwise(tune.midis), strict=False) if not tone]
    checks: list[Check] = [("chord tones", sum(strong) / max(len(strong), 1), 0.85 if strong else 0, 1)]
    if len(left) >= 8:
        checks.append(("left by step", sum(left) / len(left), 0.85, 1))
    return checks


def on_beat(onset: float, length: float) -> bool:
    """Whether a note is on a beat, or rings over one it anticipates."""
    if abs(onset - round(onset)) < 1e-6:
        return True
    beat = math.ceil(onset)
    return beat - onset <= 0.5 + 1e-6 and onset + length >= beat + 0.4


def _prosody(setting: Setting, tunes: Sequence[Tune]) -> list[Check]:
    stressed: list[bool] = []
    plain: list[bool] = []
    long_s: list[float] = []
    short_s: list[float] = []
    for tune in tunes:
        for i, syllable in enumerate(tune.slot.syllables):
            (stressed if syllable.stress == 2 else plain).append(on_beat(tune.onsets[i], tune.lengths[i]))
            (long_s if syllable.stress == 2 else short_s).append(tune.lengths[i])
    checks: list[Check] = []
    if len(stressed) >= 12 and len(plain) >= 12:
        a, b = sum(stressed) / len(stressed), sum(plain) / len(plain)
        ratio = (sum(long_s) / len(long_s)) / (sum(short_s) / len(short_s))
        checks += [("stressed on beats", a, 0.85, 1), ("unstressed on beats", b, 0, 0.45)]
        checks.append(("length of stress", ratio, 1.3, 2.6))
    words = [ok for tune in tunes for ok in word_stress(setting, tune)]
    if len(words) >= 8:
        checks.append(("word stress", sum(words) / len(words), 0.9, 1))
    return checks


def word_stress(setting: Setting, tune: Tune) -> list[bool]:
    """For each word of several syllables: does its main stress take its strongest position?"""
    metre = Metre(setting.bar, 1)
    out: list[bool] = []
    words: dict[int, list[int]] = {}
    for i, s in enumerate(tune.slot.syllables):
        words.setdefault(s.word, []).append(i)
    for members in words.values():
        stresses = [tune.slot.syllables[i].stress for i in members]
        if len(members) < 2 or 2 not in stresses:
            continue
        force = [
            max(metre_strength(metre, tune.onsets[i]), int(on_beat(tune.onsets[i], tune.lengths[i]))) for i in members
        ]
        out.append(force[stresses.index(2)] >= max(force))
    return out


def _form(setting: Setting, tunes: Sequence[Tune]) -> list[Check]:
    low = [m for t in tunes if t.slot.kind == "verse" for m in t.midis]
    high = [m for t in tunes if setting.is_high(t.slot.kind) for m in t.midis]
    checks: list[Check] = []
    if len(low) >= 8 and len(high) >= 8:
        checks.append(("chorus lift", sum(high) / len(high) - sum(low) / len(low), 2, 12))
        checks.append(("peak outside chorus", max(low) - max(high), -24, 0))
    return checks
