"""How well the voice sings: `python bench/engine/voice.py [singer ...] [--runtime R] [--wav FOLDER]`.

Sings own lyrics on a toy melody and prints, for every singer: word error rate of a speech recogniser on the dry lead
(four lines at a time), pitch error of the notes measured back from the sound, vowel onsets against the beat, CPU
seconds per sung second and peak memory. Needs SONGWRIGHT_ASSETS, and SONGWRIGHT_WHISPER (a CTranslate2 Whisper
folder) for the word error rate. The front end here (dictionary, syllables, melody) is only to have something to sing.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import resource
import sys
import time
import warnings
from functools import lru_cache
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pyworld
import soundfile
import soxr
from scipy.signal import butter, sosfiltfilt, stft

from songwright.engine.material import (
    SAMPLE_RATE_HZ,
    Assets,
    Chord,
    DrumKit,
    LyricLine,
    MelodyTraits,
    MixTraits,
    Player,
    Score,
    Section,
    Style,
    Syllable,
    VocalLine,
    VocalNote,
    VocalTraits,
    Word,
    stable_rng,
)
from songwright.engine.voice import SINGERS, Singer, choose_runtime, plan_takes, sing_take, vocal_stems

SONGS: dict[str, tuple[float, int, list[str]]] = {
    "winter": (84, 4, [
        "the river froze before the first of winter", "and all the birds had gone without a sound",
        "you wrote your number on a yellow ticket", "I kept it while the snow was coming down",
        "stay a while and talk to me", "there is nowhere else to be",
        "let the kettle sing all night", "we can leave the kitchen light",
    ]),
    "harbour": (98, 4, [
        "paper boats are drifting past the harbour", "someone left a lantern by the door",
        "I was only looking for an answer", "now I do not need it anymore",
        "carry me over the water", "carry me back to the shore",
        "everything broken is better", "better than ever before",
    ]),
    "engine": (112, 4, [
        "my brother built a rocket in the garage", "with copper wire and half a bicycle",
        "he said the sky was only made of paper", "and nothing in the world was typical",
        "so count it down and light the fuse", "we have got nothing left to lose",
        "we are a little out of tune", "but we are going to the moon",
    ]),
    "waltz": (104, 3, [
        "the carousel is turning in the rain", "and every painted horse has got a name",
        "we bought a ticket for the midnight train", "and nothing ever felt the same again",
        "round and round we go tonight", "dancing in the failing light",
    ]),
}  # fmt: skip

# ----------------------------------------------------------------------------------------------- toy front end

VOWELS = set("AIOWYQæɑɐəɚɛɜiɪɔuʊʌeoaᵊᵻ")
SONORANTS, VOICELESS = set("mnŋlɹwj"), set("ptkfθsʃʧh")
FUNCTION_WORDS = {"the": "ðə", "a": "ɐ", "to": "tu", "an": "æn", "of": "ʌv", "you": "ju", "and": "ænd", "I": "ˈI"}
ONSETS = set("pbtdkɡfvθðszʃʒhmnlɹwjʧʤɾ") | set(
    re.split(
        " ", "pl pɹ bl bɹ tɹ dɹ kl kɹ ɡl ɡɹ fl fɹ θɹ sl sm sn sp st sk sw tw kw spl spɹ stɹ skɹ skw hj mj fj pj kj"
    )
)


@lru_cache(maxsize=1)
def dictionaries(folder: Path) -> list[dict[str, Any]]:
    return [json.loads((folder / name).read_text("utf-8")) for name in ("us_gold.json", "us_silver.json")]


def phonemes(word: str, folder: Path) -> str:
    if word in FUNCTION_WORDS:
        return FUNCTION_WORDS[word]
    for book in dictionaries(folder):
        found = book.get(word) or book.get(word.lower())
        if found:
            return found if isinstance(found, str) else found["DEFAULT"]
    raise KeyError(word)


def syllables(text: str, sounds: str) -> tuple[Syllable, ...]:
    stress, marks, items = 0, {"ˈ": 2, "ˌ": 1}, list[tuple[str, int]]()
    for c in sounds:
        if c in marks:
            stress = marks[c]
        else:
            items.append((c, stress if c in VOWELS else 0))
            stress = 0 if c in VOWELS else stress
    nuclei = [i for i, (c, _) in enumerate(items) if c in VOWELS]
    cuts = [0]
    for a, b in pairwise(nuclei):
        cuts.append(next(k for k in range(a + 1, b + 1) if k == b or "".join(c for c, _ in items[k:b]) in ONSETS))
    cuts.append(len(items))
    join = lambda part: "".join(c for c, _ in part)  # noqa: E731
    return tuple(
        Syllable(text, join(items[cuts[j] : n]), items[n][0], join(items[n + 1 : cuts[j + 1]]), items[n][1])
        for j, n in enumerate(nuclei)
    )


def lyric_line(text: str, folder: Path) -> LyricLine:
    return LyricLine(text, tuple(Word(w, syllables(w, phonemes(w, folder))) for w in text.split()))


def toy_style(manner: str = "") -> Style:
    bass = Player(name="bass", role="bass", program=33, low_midi=28, high_midi=48)
    drums = DrumKit(kit="standard", grooves={}, fills=())
    return Style(
        name="toy", bpm=100, metre="4/4", beats_per_bar=4, steps_per_bar=16, swing=0.5, swing_unit=8,
        modes={"major": 1}, tonic_pcs=(0,), chords={}, forms=(), drums=drums, bass=bass, players=(),
        melody=MelodyTraits(), vocal=VocalTraits(doubles="none", harmonies=(), manner=manner), mix=MixTraits(),
    )  # fmt: skip


def toy_score(song: str, singer: Singer, folder: Path, *, take: int = 0, tempo: float = 1.0) -> Score:
    """Two bars (three in 3/4) a line on an eighth grid, chord tones on stresses, small steps between."""
    bpm, beats_per_bar, texts = SONGS[song]
    bars, chords, lines = (2 if beats_per_bar == 4 else 4), list[Chord](), list[VocalLine]()
    base = (singer.low_midi + singer.high_midi) // 2 - 2
    line_beats = bars * beats_per_bar
    for index, text in enumerate(texts):
        root = (0, 9, 5, 7)[index % 4]
        pcs = (root, (root + (3 if root == 9 else 4)) % 12, (root + 7) % 12)
        chords.append(Chord(index * line_beats, line_beats, "C", "I", root, root, pcs))
        line = lyric_line(text, folder)
        lines.append(
            VocalLine(0, line, toy_notes(line, index * line_beats + beats_per_bar, line_beats, base, pcs, take))
        )
    length = (len(texts) + 1) * line_beats
    section = Section("verse", "Verse", 0, length, 0.6)
    return Score(
        title=song, bpm=bpm * tempo, beats_per_bar=beats_per_bar, tonic_pc=0, mode="major", sections=(section,),
        chords=tuple(chords), lines=tuple(lines),
    )  # fmt: skip


def toy_notes(
    line: LyricLine, start: float, beats: float, base: int, pcs: tuple[int, ...], take: int
) -> tuple[VocalNote, ...]:
    flat = [(w, s, syl) for w, word in enumerate(line.words) for s, syl in enumerate(word.syllables)]
    weights = np.array([0.5 if syl.stress < 2 else 1.0 for _, _, syl in flat])
    slots = np.concatenate([[0], np.cumsum(weights)[:-1]]) * min(1.0, (2 * beats - 3) / (2 * weights.sum())) * 2
    grid = np.maximum.accumulate(np.round(slots) / 2)
    for i in range(1, len(grid)):
        grid[i] = max(grid[i], grid[i - 1] + 0.5)
    rng, midi, notes = stable_rng("toy", line.text, take), base, list[VocalNote]()
    for i, (w, s, syl) in enumerate(flat):
        step = int(rng.choice([-3, -2, -1, 0, 1, 2, 3, 4]))
        scale = [
            m for m in range(base - 5, base + 8) if m % 12 in ({*pcs} if syl.stress == 2 else {0, 2, 4, 5, 7, 9, 11})
        ]
        midi = min(scale, key=lambda m: abs(m - midi - step) + 0.15 * abs(m - base))
        end = grid[i + 1] if i + 1 < len(flat) else max(beats - 0.5, grid[i] + 1.0)
        notes.append(VocalNote(start + float(grid[i]), min(float(end - grid[i]), 2.5), midi, w, s))
    return tuple(notes)


# ------------------------------------------------------------------------------------------------ measurements


def pitch_errors(score: Score, mono: np.ndarray) -> list[float]:
    """Cents of every note of 0.15 s or more: median of the middle, search limited to 0.75-1.4 times the target."""
    errors: list[float] = []
    for line in score.lines:
        for note in line.notes:
            start_s, length_s = score.seconds(note.start_beats), score.seconds(note.length_beats)
            if length_s < 0.15:
                continue
            target_hz = 440 * 2 ** ((note.midi - 69) / 12)
            a, b = int((start_s - 0.05) * 24000), int((start_s + length_s + 0.05) * 24000)
            f0, times_s = pyworld.harvest(mono[a:b], 24000, f0_floor=0.75 * target_hz, f0_ceil=1.4 * target_hz)
            middle = (times_s > 0.05 + 0.3 * length_s) & (times_s < 0.05 + 0.8 * length_s) & (f0 > 0)
            if middle.sum() >= 3:
                errors.append(float(1200 * np.log2(np.median(f0[middle]) / target_hz)))
    return errors


def onset_errors(score: Score, mono: np.ndarray) -> list[float]:
    """Seconds by which vowels are late, by detectors the engine does not use: voicing after voiceless onsets, flux."""
    rate, hop = 24000, 60
    low = sosfiltfilt(butter(2, [70, 500], "bandpass", fs=rate, output="sos"), mono)
    level = 10 * np.log10(np.convolve(low * low, np.hanning(240) / 120, "same")[::hop] + 1e-9)
    f, _, z = stft(mono, rate, nperseg=480, noverlap=480 - hop, boundary=None, padded=False)
    edges = np.geomspace(150, 8000, 25)
    power = np.abs(z) ** 2
    rows = [power[(f >= a) & (f < b)] for a, b in pairwise(edges)]
    bands = 10 * np.log10(np.array([r.sum(0) if len(r) else power[0] for r in rows]) + 1e-7)
    flux, k, offset_s = np.zeros(bands.shape[1]), 6, 240 / rate
    flux[k:-k] = np.clip(bands[:, 2 * k :] - bands[:, : -2 * k], 0, 20)[:16].mean(0)
    errors: list[float] = []
    for line in score.lines:
        for note in line.notes:
            at_s = score.seconds(note.start_beats)
            onset = line.line.words[note.word].syllables[note.syllable].onset[-1:]
            if onset in VOICELESS and onset:
                first, last = int((at_s - 0.13) * rate / hop), int((at_s + 0.13) * rate / hop)
                end_s = at_s + min(score.seconds(note.length_beats), 0.25)
                steady = np.median(level[int((at_s + 0.04) * rate / hop) : int(end_s * rate / hop)])
                quiet = np.flatnonzero(level[first:last] < steady - 9)
                if len(quiet) and (first + quiet[-1] + 1) * hop / rate - at_s <= 0.12:
                    errors.append((first + quiet[-1] + 1) * hop / rate - at_s)
            else:
                first = max(int((at_s - 0.12 - offset_s) * rate / hop), 0)
                window = flux[first : int((at_s + 0.12 - offset_s) * rate / hop)]
                if len(window) and window.max() > 2.5:
                    errors.append((first + window.argmax()) * hop / rate + offset_s - at_s)
    return errors


def normalised(text: str) -> list[str]:
    numbers = {"10": "ten", "9": "nine", "8": "eight", "7": "seven", "6": "six", "5": "five", "4": "four"}
    text = text.lower().replace("-", " ").replace("any more", "anymore").replace("harbor", "harbour")
    for figure, word in numbers.items():
        text = text.replace(figure, word)
    return re.sub(r"[^a-z' ]", " ", text).split()


def edit_distance(a: list[str], b: list[str]) -> int:
    row = list(range(len(b) + 1))
    for i, x in enumerate(a, 1):
        previous, row[0] = row[0], i
        for j, y in enumerate(b, 1):
            previous, row[j] = row[j], min(row[j] + 1, row[j - 1] + 1, previous + (x != y))
    return row[-1]


def word_errors(score: Score, mono16k: np.ndarray, recogniser: Any, heard: list[str]) -> tuple[int, int]:
    """(errors, words); the clip ends before the next line's first consonants."""
    errors = words = 0
    for first in range(0, len(score.lines), 4):
        piece = score.lines[first : first + 4]
        start_s = score.seconds(piece[0].notes[0].start_beats) - 0.8
        last = piece[-1].notes[-1]
        end_s = score.seconds(last.start_beats + last.length_beats) + 0.8
        if first + 4 < len(score.lines):
            end_s = min(end_s, score.seconds(score.lines[first + 4].notes[0].start_beats) - 0.3)
        clip = mono16k[max(int(start_s * 16000), 0) : int(end_s * 16000)].astype(np.float32)
        segments, _ = recogniser.transcribe(
            clip, language="en", beam_size=5, condition_on_previous_text=False, temperature=[0.0, 0.2, 0.4, 0.6],
            no_speech_threshold=None,
        )  # fmt: skip
        hypothesis = normalised(" ".join(s.text for s in segments))
        reference = normalised(" ".join(line.line.text for line in piece))
        heard.append(" ".join(hypothesis))
        errors += edit_distance(reference, hypothesis)
        words += len(reference)
    return errors, words


def bench(
    singer: Singer, song: str, assets: Assets, runtime: str, recogniser: Any, wav: Path | None, tempo: float
) -> dict[str, Any]:
    style = toy_style()
    scores = (toy_score(song, singer, assets.dictionaries, tempo=tempo),)
    started_s = time.process_time()
    sung = [sing_take(take, singer, assets, runtime) for take in plan_takes(scores, singer, style)]
    singing_s = time.process_time() - started_s
    vocals = vocal_stems(scores[0], 0, sung, singer, 1)
    stems_s = time.process_time() - started_s - singing_s
    sung_s = sum(len(part.audio) for take in sung for part in take.parts) / 24000
    stem = vocals.stems[0].audio
    if wav is not None:
        soundfile.write(wav / f"{song}-{singer.name}.wav", stem.T, SAMPLE_RATE_HZ)
    mono = np.asarray(soxr.resample(stem.mean(0), SAMPLE_RATE_HZ, 24000), np.float64)
    cents, late_s = np.array(pitch_errors(scores[0], mono)), np.array(onset_errors(scores[0], mono))
    heard: list[str] = []
    mono16k = soxr.resample(stem.mean(0), SAMPLE_RATE_HZ, 16000)
    errors, words = word_errors(scores[0], mono16k, recogniser, heard) if recogniser else (0, 0)
    return {
        "errors": errors, "words": words, "heard": heard, "cents": cents, "late_s": late_s, "sung_s": sung_s,
        "cpu": singing_s / sung_s, "stems": stems_s / sung_s,
    }  # fmt: skip


def show(row: dict[str, Any], title: str) -> None:
    cents, late_ms = np.asarray(row["cents"]), 1000 * np.asarray(row["late_s"])
    wer = f"{row['errors'] / row['words']:.3f}" if row["words"] else "-"
    print(
        f"{title:22} WER {wer:>5} of {row['words']:3}  pitch |med| {np.median(np.abs(cents)):4.1f} c, "
        f"within 50: {np.mean(np.abs(cents) <= 50):.3f} of {len(cents):3}  onset {np.median(late_ms):+5.1f} ms "
        f"(|med| {np.median(np.abs(late_ms)):.0f}, within 40: {np.mean(np.abs(late_ms) < 40):.2f})  "
        f"CPU {row['cpu']:.3f} + {row['stems']:.3f} s/s",
        flush=True,
    )


def main() -> None:
    warnings.filterwarnings("ignore")
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("singers", nargs="*", default=["Iris", "Rowan"])
    parser.add_argument("--songs", nargs="*", default=list(SONGS))
    parser.add_argument("--runtime", default=choose_runtime())
    parser.add_argument("--tempo", type=float, default=1.0, help="factor on every song's tempo")
    parser.add_argument("--wav", type=Path)
    parser.add_argument("--heard", action="store_true")
    options = parser.parse_args()
    assets = Assets(Path(os.environ.get("SONGWRIGHT_ASSETS") or Path(sys.prefix) / "share" / "songwright"))
    recogniser, rows = None, list[dict[str, Any]]()
    if options.wav:
        options.wav.mkdir(parents=True, exist_ok=True)
    singers = {singer.name: singer for singer in SINGERS}
    singers["Espeak"] = Singer(
        name="Espeak", blend=(("f3", 1.0),), gender="female", natural_hz=190, language="en", kind="espeak"
    )
    peak_mb = 0.0
    if os.environ.get("SONGWRIGHT_WHISPER"):
        from faster_whisper import WhisperModel

        recogniser = WhisperModel(os.environ["SONGWRIGHT_WHISPER"], device="cpu", compute_type="int8", cpu_threads=1)
    print(f"runtime {options.runtime}")
    for name in options.singers:
        for song in options.songs:
            row = bench(singers[name], song, assets, options.runtime, recogniser, options.wav, options.tempo)
            rows.append(row)
            show(row, f"{name} / {song}")
            if options.heard:
                print("   ", row["heard"])
    pooled = {k: sum(r[k] for r in rows) for k in ("errors", "words")}
    pooled |= {k: np.concatenate([r[k] for r in rows]) for k in ("cents", "late_s")}
    total_s = sum(r["sung_s"] for r in rows)
    pooled |= {k: sum(r[k] * r["sung_s"] for r in rows) / total_s for k in ("cpu", "stems")}
    show(pooled, "all")
    peak_mb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"peak RSS {peak_mb:.0f} MB" + (" (with the recogniser)" if recogniser else ""))


if __name__ == "__main__":
    main()
