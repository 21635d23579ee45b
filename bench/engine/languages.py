"""How well other languages are sung: `python bench/engine/languages.py [--languages es fr] [--wav DIR] [--heard]`.

Sings own verses (`data/songs_in_languages.toml`) with the whole chain up to the dry lead vocal and prints, for every
language, the character error rate of Whisper base, the language given, section by section. Beside it the same for the
sounds that were heard (kana for Japanese, toneless pinyin for Chinese, Latin letters for Hindi, which Whisper base
writes in any alphabet): a melody replaces the tones, and the recogniser has to guess between words that sound alike.
Needs SONGWRIGHT_ASSETS and SONGWRIGHT_WHISPER (a CTranslate2
Whisper folder).
"""

from __future__ import annotations

import argparse
import os
import re
import tomllib
import unicodedata
from pathlib import Path
from typing import Any

import numpy as np
import soundfile
import soxr

from songwright.engine.lyrics import write_lyrics
from songwright.engine.material import SAMPLE_RATE_HZ, Assets, Brief
from songwright.engine.score import compose
from songwright.engine.styles import understand_style
from songwright.engine.voice import choose_runtime, choose_singer, plan_takes, sing_take, vocal_stems

SONGS = tomllib.loads((Path(__file__).parent / "data/songs_in_languages.toml").read_text(encoding="utf-8"))
STYLES = ("acoustic pop, female voice", "piano ballad, female voice", "indie folk, male voice")
ASKED = 0.25
WHISPER_RATE_HZ = 16_000


def main() -> None:
    options = _arguments()
    from faster_whisper import WhisperModel

    model = WhisperModel(os.environ["SONGWRIGHT_WHISPER"], device="cpu", compute_type="int8", cpu_threads=1)
    assets = Assets(Path(os.environ["SONGWRIGHT_ASSETS"]))
    print(f"{'language':10}{'asked':>9}{'CER':>8}{'by sound':>10}   each song")
    for language in options.languages:
        rows = [measure(language, k, words, assets, model, options) for k, words in enumerate(SONGS[language]["songs"])]
        errors, length, sounded, sounds = (sum(column) for column in zip(*rows, strict=True))
        each = " ".join(f"{a / b:.3f}" for a, b, *_ in rows)
        print(f"{language:10}{f'<= {ASKED}':>9}{errors / length:8.3f}{sounded / sounds:10.3f}   {each}", flush=True)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--languages", nargs="*", default=list(SONGS))
    parser.add_argument("--wav", type=Path, help="write the stems here")
    parser.add_argument("--heard", action="store_true", help="print what was heard")
    return parser.parse_args()


def measure(
    language: str, number: int, words: str, assets: Assets, model: Any, options: argparse.Namespace
) -> tuple[int, int, int, int]:
    """(wrong characters, characters, wrong sounds, sounds) of one song."""
    sections = dry_sections(words, language, number, assets)
    if options.wav:
        options.wav.mkdir(parents=True, exist_ok=True)
        soundfile.write(options.wav / f"{language}-{number}.wav", np.concatenate(sections), WHISPER_RATE_HZ)
    heard = " / ".join(transcribed(section, language, model) for section in sections)
    wanted = "\n".join(line for line in words.splitlines() if not line.startswith("["))
    if options.heard:
        print(f"   {language}-{number}: {heard}", flush=True)
    a, b = plain(wanted), plain(heard)
    x, y = sound_of(a, language), sound_of(b, language)
    return distance(a, b), len(a), distance(x, y), len(x)


def transcribed(sound: np.ndarray, language: str, model: Any) -> str:
    """What Whisper hears; Chinese in simplified characters, as the verses are written."""
    segments, _ = model.transcribe(sound, language=language, beam_size=5, condition_on_previous_text=False)
    heard = " ".join(segment.text for segment in segments)
    if language == "zh":
        from opencc import OpenCC

        return OpenCC("t2s").convert(heard)
    return heard


def dry_sections(words: str, language: str, number: int, assets: Assets) -> list[np.ndarray]:
    """The dry lead vocal of a song, mono at 16 kHz, cut at its sections: Whisper makes up words where nobody sings."""
    brief = Brief(lyrics=words, style=STYLES[number % len(STYLES)], language=language, seed=number + 1)
    style = understand_style(brief)
    lyrics = write_lyrics(brief, style, assets)
    singer = choose_singer(brief, style, lyrics.language, assets)
    score = compose(lyrics, style, brief, (singer.low_midi, singer.high_midi))
    takes = plan_takes([score], singer, style)
    sung = [sing_take(take, singer, assets, choose_runtime()) for take in takes]
    lead = next(s for s in vocal_stems(score, 0, sung, singer, brief.seed).stems if s.name == "Lead vocal")
    sound = soxr.resample(lead.audio.mean(axis=0).astype(np.float32), SAMPLE_RATE_HZ, WHISPER_RATE_HZ)
    groups: dict[int, list[tuple[float, float]]] = {}
    for line in score.lines:
        last = line.notes[-1]
        span = (score.seconds(line.notes[0].start_beats), score.seconds(last.start_beats + last.length_beats))
        groups.setdefault(line.section, []).append(span)
    pads_s = (0.4, 0.5)
    return [
        sound[
            int(max(spans[0][0] - pads_s[0], 0) * WHISPER_RATE_HZ) : int((spans[-1][1] + pads_s[1]) * WHISPER_RATE_HZ)
        ]
        for spans in groups.values()
    ]


def plain(text: str) -> str:
    """Letters, marks and digits only, in lower case."""
    text = unicodedata.normalize("NFKC", text).lower()
    return "".join(c for c in text if unicodedata.category(c)[0] in "LMN")


def sound_of(text: str, language: str) -> str:
    """How the text sounds, as far as its writing hides it."""
    if language == "zh":
        from pypinyin import lazy_pinyin

        return "".join(lazy_pinyin(text))
    if language == "ja":
        from janome.tokenizer import Tokenizer

        from songwright.engine.lyrics.japanese import to_katakana

        readings = [t.phonetic if t.phonetic != "*" else t.surface for t in Tokenizer().tokenize(text)]
        return re.sub(r"[^ァ-ヴー]", "", to_katakana("".join(readings)))
    if language == "hi":
        return romanised(text)
    return text


#: Devanagari as Latin letters, sounds that Whisper's Latin spelling does not keep apart made one.
_HINDI = dict(zip("कखगघङचछजझञटठडढणतथदधनपफबभमयरलवशषसहड़ढ़", "kkggncCjjnttddnttddnppbbmyrlvsssh", strict=False)) | {
    "ड़": "r"
}
_HINDI_VOWELS = dict(zip("अआइईउऊएऐओऔऋ", "aaiiuueeoor", strict=True))
_HINDI_SIGNS = dict(zip("ािीुूेैोौृ", "aiiuueeoor", strict=True))


def romanised(text: str) -> str:
    """Consonants and vowels of Hindi in either alphabet, without the vowel that Devanagari does not write."""
    text = unicodedata.normalize("NFC", text.lower())
    table = _HINDI | _HINDI_VOWELS | _HINDI_SIGNS | {"ं": "n", "ँ": "n"}
    latin = "".join(table.get(c, c if c.isascii() and c.isalpha() else "") for c in text).lower()
    for old, new in (
        ("ch", "c"),
        ("sh", "s"),
        ("ph", "p"),
        ("w", "v"),
        ("q", "k"),
        ("x", "ks"),
        ("ee", "i"),
        ("oo", "u"),
        ("z", "j"),
        ("f", "p"),
    ):
        latin = latin.replace(old, new)
    latin = re.sub(r"(?<=[kgtdpbj])h", "", latin)
    return re.sub(r"(.)\1+", r"\1", latin.replace("a", ""))


def distance(a: str, b: str) -> int:
    """Levenshtein's."""
    row = list(range(len(b) + 1))
    for i, x in enumerate(a, 1):
        previous, row[0] = row[0], i
        for j, y in enumerate(b, 1):
            previous, row[j] = row[j], min(row[j] + 1, row[j - 1] + 1, previous + (x != y))
    return row[-1]


if __name__ == "__main__":
    main()
