"""How song-like the composer's melodies are: one table, own numbers against what they must reach.

    python bench/engine/melody.py [--seeds 3] [--takes 2] [--style pop ...] [--cpu]

Conventions
    Only lead lines count; intervals are semitones inside lines. A song is one score. `share` is the part of the songs
    that lies inside the wished band. The interval histogram is compared in diatonic classes with the counts of the CC0
    corpus in `engine/score/data` by the Jensen-Shannon divergence (bits). A syllable is on a beat when it begins there
    or anticipates it by at most half a beat and rings over it.
"""

from __future__ import annotations

import argparse
import json
import math
import time
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

from songwright.engine import score as score_stage
from songwright.engine.material import Brief, Lyrics, Score, VocalLine, VocalNote
from songwright.engine.score.statistics import MAX_STEP, NO_HISTORY, step_surprise
from songwright.engine.theory import MODES, Metre

VOICE_RANGES = {"female": (57, 76), "male": (48, 67)}
DIATONIC = (0, 1, 1, 2, 2, 3, 3, 4, 5, 5, 6, 6, 7)


@dataclass(frozen=True)
class Row:
    """A line of the table: what is measured, the band a song must lie in."""

    name: str
    low: float
    high: float


SONG_ROWS = (
    Row("repeated notes", 0.0, 0.35),
    Row("song range, semitones", 9, 19),
    Row("lines of 6+ syllables under 4 pitches", 0, 0),
    Row("longest run of one pitch", 1, 4),
    Row("interval entropy, bits", 2.5, 9),
    Row("pitch entropy, bits", 2.15, 9),
    Row("changes of direction", 0.29, 0.71),
    Row("leaps", 0.03, 0.31),
    Row("leaps answered", 0.4, 1),
    Row("chord tones on strong or long", 0.85, 1),
    Row("non-chord tones left by step", 0.85, 1),
    Row("stressed on a beat", 0.85, 1),
    Row("unstressed on a beat", 0, 0.45),
    Row("length stressed : unstressed", 1.15, 2.8),
    Row("word stress strongest in its word", 0.9, 1),
    Row("chorus lift, semitones", 2, 12),
    Row("peak inside the chorus", 1, 1),
    Row("hook identical at its return", 1, 1),
    Row("air between lines, beats", 0.5, 99),
    Row("shortest note, ms", 84, 9999),
)


def lead_lines(score: Score) -> list[VocalLine]:
    """The lead's lines in order of time."""
    return [line for line in score.lines if line.role == "lead" and line.notes]


def entropy_bits(values: Iterable[int]) -> float:
    counts = Counter(values)
    total = sum(counts.values())
    return -sum(c / total * math.log2(c / total) for c in counts.values()) if total else math.nan


def _share(flags: Sequence[bool]) -> float:
    return sum(flags) / len(flags) if flags else math.nan


def _mean(values: Sequence[float]) -> float:
    return sum(values) / len(values) if values else math.nan


def intervals(lines: Sequence[VocalLine]) -> list[int]:
    """Semitones from note to note inside lines."""
    return [b.midi - a.midi for line in lines for a, b in pairwise(line.notes)]


def on_beat(note: VocalNote) -> bool:
    """On a beat, or anticipating one and ringing over it."""
    if abs(note.start_beats - round(note.start_beats)) < 1e-6:
        return True
    beat = math.ceil(note.start_beats)
    return beat - note.start_beats <= 0.5 + 1e-6 and note.start_beats + note.length_beats >= beat + 0.4


def beat_force(note: VocalNote, beats_per_bar: int) -> int:
    """2 on a main beat, 1 on another, 0 between; anticipations take their beat's."""
    if not on_beat(note):
        return 0
    beat = math.ceil(note.start_beats - 1e-6)
    return max(1, Metre(beats_per_bar, 1).strength(beat % beats_per_bar))


def measure(score: Score) -> dict[str, float]:
    """All rows of one song; nan where it has nothing to measure."""
    lines = lead_lines(score)
    moves = intervals(lines)
    midis = [n.midi for line in lines for n in line.notes]
    turning = [m for m in moves if m]
    leaps = [(a, b) for line in lines for a, b in pairwise(intervals([line])) if abs(a) >= 5]
    values = {
        "repeated notes": _share([m == 0 for m in moves]),
        "song range, semitones": max(midis) - min(midis),
        "lines of 6+ syllables under 4 pitches": sum(
            len(line.notes) >= 6 and len({n.midi for n in line.notes}) < 4 for line in lines
        ),
        "longest run of one pitch": max(_longest_run(line.notes) for line in lines),
        "interval entropy, bits": entropy_bits(moves),
        "pitch entropy, bits": entropy_bits(midis),
        "changes of direction": _share([a * b < 0 for a, b in pairwise(turning)]),
        "leaps": _share([abs(m) >= 5 for m in moves]),
        "leaps answered": _share([a * b <= 0 for a, b in leaps]),
        "air between lines, beats": min((_air(a, b) for a, b in pairwise(lines)), default=math.nan),
        "shortest note, ms": min(
            1000 * score.seconds(b.start_beats - a.start_beats) for line in lines for a, b in pairwise(line.notes)
        )
        if moves
        else math.nan,
    }
    return values | _prosody(score, lines) | _harmony(score, lines) | _form(score, lines)


def _longest_run(notes: Sequence[VocalNote]) -> int:
    run = best = 1
    for a, b in pairwise(notes):
        run = run + 1 if a.midi == b.midi else 1
        best = max(best, run)
    return best


def _air(a: VocalLine, b: VocalLine) -> float:
    return b.notes[0].start_beats - a.notes[-1].start_beats - a.notes[-1].length_beats


def _prosody(score: Score, lines: Sequence[VocalLine]) -> dict[str, float]:
    stressed: list[VocalNote] = []
    plain: list[VocalNote] = []
    words: list[bool] = []
    for line in lines:
        for note in line.notes:
            stress = line.line.words[note.word].syllables[note.syllable].stress
            (stressed if stress == 2 else plain).append(note)
        for w, word in enumerate(line.line.words):
            stresses = [s.stress for s in word.syllables]
            if len(stresses) > 1 and 2 in stresses:
                force = [beat_force(n, score.beats_per_bar) for n in line.notes if n.word == w]
                words.append(force[stresses.index(2)] >= max(force))
    return {
        "stressed on a beat": _share([on_beat(n) for n in stressed]),
        "stressed strictly on a beat": _share([abs(n.start_beats - round(n.start_beats)) < 1e-6 for n in stressed]),
        "unstressed on a beat": _share([on_beat(n) for n in plain]),
        "length stressed : unstressed": _mean([n.length_beats for n in stressed])
        / _mean([n.length_beats for n in plain]),
        "word stress strongest in its word": _share(words),
    }


def _sounding_pcs(score: Score, note: VocalNote) -> set[int]:
    at = note.start_beats
    beat = math.ceil(at + 1e-6)
    if abs(at - round(at)) > 1e-6 and at + note.length_beats > beat + 0.2:
        at = beat
    chord = next((c for c in reversed(score.chords) if c.start_beats <= at + 1e-6), score.chords[0])
    pcs = set(chord.pcs)
    if score.mode == "blues" and (chord.root_pc + 4) % 12 in pcs:
        pcs.add((chord.root_pc + 3) % 12)
    return pcs


def _harmony(score: Score, lines: Sequence[VocalLine]) -> dict[str, float]:
    strong: list[bool] = []
    left: list[bool] = []
    for line in lines:
        fits = [n.midi % 12 in _sounding_pcs(score, n) for n in line.notes]
        for note, fit in zip(line.notes, fits, strict=True):
            heavy = (
                abs(note.start_beats - round(note.start_beats)) < 1e-6 and beat_force(note, score.beats_per_bar) == 2
            )
            if heavy or note.length_beats >= 1.5:
                strong.append(fit)
        left += [
            abs(b.midi - a.midi) in (1, 2) for fit, (a, b) in zip(fits, pairwise(line.notes), strict=False) if not fit
        ]
    return {"chord tones on strong or long": _share(strong), "non-chord tones left by step": _share(left)}


def _form(score: Score, lines: Sequence[VocalLine]) -> dict[str, float]:
    low = [n.midi for line in lines if score.sections[line.section].kind == "verse" for n in line.notes]
    change = score.key_changes[0] if score.key_changes else (math.inf, 0)
    chorus = [line for line in lines if score.sections[line.section].kind == "chorus"]
    high = [n.midi - (change[1] if n.start_beats >= change[0] - 4 else 0) for line in chorus for n in line.notes]
    hooks = [line for line in lines if line.is_hook and score.sections[line.section].kind == "chorus"]
    shapes = {tuple(b.midi - a.midi for a, b in pairwise(line.notes)) for line in hooks}
    return {
        "chorus lift, semitones": _mean(high) - _mean(low) if low and high else math.nan,
        "peak inside the chorus": float(max(high) >= max(low)) if low and high else math.nan,
        "hook identical at its return": float(len(shapes) == 1) if len(hooks) > 1 else math.nan,
    }


def corpus_histogram() -> Counter[int]:
    """Diatonic steps of the CC0 songs, without direction lost."""
    path = Path(score_stage.__file__).parent / "data" / "melody_ngrams.json"
    counts: Counter[int] = Counter()
    for key, count in json.loads(path.read_text("utf-8"))["ng"].items():
        context, step = key.rsplit(">", 1)
        if context in ("0|", "1|", "2|"):
            counts[int(step)] += count
    return counts


def histogram(scores: Iterable[Score]) -> Counter[int]:
    """The same of scores: semitones folded to diatonic steps."""
    moves = [m for score in scores for m in intervals(lead_lines(score))]
    return Counter(int(math.copysign(DIATONIC[min(abs(m), 12)], m)) for m in moves)


def divergence_bits(a: Counter[int], b: Counter[int]) -> float:
    """Jensen-Shannon divergence of two histograms."""
    total_a, total_b = sum(a.values()), sum(b.values())
    out = 0.0
    for key in set(a) | set(b):
        p, q = a[key] / total_a, b[key] / total_b
        for x in (p, q):
            if x:
                out += 0.5 * x * math.log2(2 * x / (p + q))
    return out


def melodic_surprise_bits(score: Score) -> float:
    """Mean -log2 P(diatonic step | step before, strength) under the table of real songs."""
    table = step_surprise()
    costs: list[float] = []
    for line in lead_lines(score):
        before = NO_HISTORY
        for a, b in pairwise(line.notes):
            semitones = b.midi - a.midi
            step = int(math.copysign(min(DIATONIC[min(abs(semitones), 12)], MAX_STEP), semitones)) + MAX_STEP
            costs.append(float(table[beat_force(b, score.beats_per_bar), before, step]) / math.log(2))
            before = step
    return _mean(costs)


def harmonic_surprise(score: Score) -> float:
    """Share of the chords, by time, with a note outside the key."""
    total = outside = 0.0
    for chord in score.chords:
        shift = sum(up for start, up in score.key_changes if chord.start_beats >= start - 1e-6)
        scale = {(score.tonic_pc + shift + step) % 12 for step in MODES[score.mode]}
        total += chord.length_beats
        outside += chord.length_beats * (not set(chord.pcs) <= scale)
    return outside / total


def edit_distance(a: Sequence[object], b: Sequence[object]) -> float:
    """Levenshtein distance over the longer length."""
    row = list(range(len(b) + 1))
    for i, x in enumerate(a, 1):
        before, row[0] = row[0], i
        for j, y in enumerate(b, 1):
            before, row[j] = row[j], min(row[j] + 1, row[j - 1] + 1, before + (x != y))
    return row[-1] / max(len(a), len(b), 1)


def take_distance(a: Score, b: Score) -> tuple[float, float]:
    """How far two clips of one task lie apart: intervals of the melody, chords by numeral."""
    melody = edit_distance(intervals(lead_lines(a)), intervals(lead_lines(b)))
    return melody, edit_distance([c.numeral for c in a.chords], [c.numeral for c in b.chords])


def table(scores: Sequence[Score]) -> list[str]:
    """The rows as text."""
    measured = [measure(score) for score in scores]
    lines = [f"{'row':40s} {'mean':>7s} {'min':>7s} {'max':>7s}  {'reach':>12s}  share"]
    for row in SONG_ROWS:
        values = [v for m in measured if not math.isnan(v := m[row.name])]
        if values:
            inside = _share([row.low - 1e-9 <= v <= row.high + 1e-9 for v in values])
            band = f"{row.low:g}..{row.high:g}"
            lines.append(
                f"{row.name:40s} {_mean(values):7.2f} {min(values):7.2f} {max(values):7.2f}  {band:>12s}  {inside:5.2f}"
            )
    lines.append(f"{'interval histogram JSD, bits':40s} {divergence_bits(histogram(scores), corpus_histogram()):7.3f}")
    return lines


WORDS = """[Verse 1]
Walking through the city in the early morning light
Every window tells a story that I never got to write
Coffee in a paper cup is keeping out the cold
And I am thinking of the things that I was never told
[Chorus]
We are golden, we are golden tonight
Running out of time but we are holding on tight
We are golden, we are golden tonight
Nothing in the world is gonna dim the light
[Verse 2]
Taxi on the corner with the radio turned down
Singing something simple in the middle of the town
You were always laughing at the worries that I had
And now I hear the melody and nothing is so bad
[Chorus]
We are golden, we are golden tonight
Running out of time but we are holding on tight
We are golden, we are golden tonight
Nothing in the world is gonna dim the light"""


def songs(styles: Sequence[str], seeds: int, takes: int) -> Iterator[tuple[str, Score, float]]:
    """Scores of the bench, with the CPU seconds each took."""
    from songwright.engine.styles import load_style

    lyrics = bench_lyrics()
    for name in styles:
        style = load_style(name)
        for seed in range(seeds):
            for take in range(takes):
                voice = VOICE_RANGES[("female", "male")[(seed + take) % 2]]
                begun = time.process_time()
                score = score_stage.compose(lyrics, style, Brief(seed=seed, take=take), voice)
                yield name, score, time.process_time() - begun


def bench_lyrics() -> Lyrics:
    """The words of the bench, read by the product's own lyrics stage."""
    import os
    import sys

    from songwright.engine.lyrics import write_lyrics

    from songwright.engine.material import Assets

    root = os.environ.get("SONGWRIGHT_ASSETS") or str(Path(sys.prefix) / "share" / "songwright")
    return write_lyrics(Brief(lyrics=WORDS, title="Golden Tonight", language="en"), Assets(Path(root)))


def main() -> None:
    from songwright.engine.styles import style_names

    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seeds", type=int, default=2)
    parser.add_argument("--takes", type=int, default=2)
    parser.add_argument("--style", nargs="*", default=None)
    options = parser.parse_args()
    names = options.style or list(style_names())
    rows = list(songs(names, options.seeds, options.takes))
    scores = [score for _, score, _ in rows]
    print("\n".join(table(scores)))
    cpu = [seconds for _, _, seconds in rows]
    print(f"{'CPU seconds a song':40s} {_mean(cpu):7.2f} {min(cpu):7.2f} {max(cpu):7.2f}")
    if options.takes > 1:
        pairs = [take_distance(a, b) for a, b in zip(scores[::2], scores[1::2], strict=True)]
        for name, values in zip(("melody", "chords"), zip(*pairs, strict=True), strict=True):
            print(f"{'takes apart, ' + name:40s} {_mean(values):7.2f} {min(values):7.2f} {max(values):7.2f}")
    settled = [(name, note) for name, score, _ in rows for note in score.notes if note.startswith("Settled")]
    print(f"{'songs that settled below a gate':40s} {len(settled):7d} of {len(scores)}")
    for name, note in settled:
        print(f"  {name}: {note}")


if __name__ == "__main__":
    main()
