"""How well other languages are sung: `python bench/engine/languages.py [--languages es fr] [--wav DIR] [--heard]`.

`--control` has the same lines spoken by the same model, voice and words, without music: by the singer's own phonemes
with natural pitch and pace, and by espeak-ng's plain phonemes. What the recogniser gets wrong there is not the singing.

Sings own verses (`data/songs_in_languages.toml`) with the whole chain up to the dry lead vocal and prints, for every
language, the character error rate of Whisper base, the language given, section by section. Beside it the same for the
sounds that were heard (kana for Japanese, toneless pinyin for Chinese, consonants for Hindi, which Whisper base
writes in any of three alphabets): a melody replaces the tones, and the recogniser has to guess between words that
sound alike.
Needs SONGWRIGHT_ASSETS and SONGWRIGHT_WHISPER (a CTranslate2
Whisper folder).
"""

from __future__ import annotations

import argparse
import os
import re
import subprocess
import tomllib
import unicodedata
from pathlib import Path
from typing import Any

import numpy as np
import soundfile
import soxr

from songwright.engine.lyrics import write_lyrics
from songwright.engine.material import SAMPLE_RATE_HZ, Assets, Brief, LyricLine
from songwright.engine.score import compose
from songwright.engine.styles import understand_style
from songwright.engine.voice import choose_runtime, choose_singer, plan_takes, sing_take, vocal_stems
from songwright.engine.voice.model import MODEL_RATE_HZ, Model, load_model
from songwright.engine.voice.singers import Singer
from songwright.engine.voice.tokens import token_rows

SONGS = tomllib.loads((Path(__file__).parent / "data/songs_in_languages.toml").read_text(encoding="utf-8"))
STYLES = ("acoustic pop, female voice", "piano ballad, female voice", "indie folk, male voice")
ASKED = 0.25
#: Whisper base writes Hindi in Arabic or Latin letters as often as not; this asks for Devanagari, and tells no word.
_WRITTEN_SO = {"hi": "यह हिन्दी में लिखा गया है।"}
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
        for plainly in (False, True) if options.control else ():
            rows = [
                spoken(language, k, w, assets, model, options, plainly) for k, w in enumerate(SONGS[language]["songs"])
            ]
            errors, length, sounded, sounds = (sum(column) for column in zip(*rows, strict=True))
            name = "spoken, espeak-ng" if plainly else "spoken, as sung"
            each = " ".join(f"{a / b:.3f}" for a, b, *_ in rows)
            print(f"  {name:17}{errors / length:8.3f}{sounded / sounds:10.3f}   {each}", flush=True)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--languages", nargs="*", default=list(SONGS))
    parser.add_argument("--wav", type=Path, help="write the stems here")
    parser.add_argument("--control", action="store_true", help="also measure the same lines spoken")
    parser.add_argument("--heard", action="store_true", help="print what was heard")
    return parser.parse_args()


def measure(
    language: str, number: int, words: str, assets: Assets, model: Any, options: argparse.Namespace
) -> tuple[int, int, int, int]:
    """(wrong characters, characters, wrong sounds, sounds) of one song."""
    sections = dry_sections(words, language, number, assets)
    return understood(sections, f"{language}-{number}", words, language, model, options)


def spoken(
    language: str,
    number: int,
    words: str,
    assets: Assets,
    model: Any,
    options: argparse.Namespace,
    plainly: bool,
) -> tuple[int, int, int, int]:
    """The same as `measure`, of the lines spoken by the singer's own voice."""
    brief = Brief(lyrics=words, style=STYLES[number % len(STYLES)], language=language, seed=number + 1)
    style = understand_style(brief)
    singer = choose_singer(brief, style, language, assets)
    voice = load_model(assets, choose_runtime())
    sections: list[np.ndarray] = []
    for section in write_lyrics(brief, style, assets).sections:
        rows = [
            plain_tokens(line.text, language, voice) if plainly else sung_tokens(line, voice) for line in section.lines
        ]
        sound = np.concatenate([said(row, singer, voice) for row in rows])
        sections.append(soxr.resample(sound.astype(np.float32), MODEL_RATE_HZ, WHISPER_RATE_HZ))
    return understood(
        sections, f"{language}-{number}-{'espeak' if plainly else 'spoken'}", words, language, model, options
    )


def sung_tokens(line: LyricLine, voice: Model) -> list[int]:
    """The singer's own tokens of a line."""
    return [token for row in token_rows(line.words, voice.vocabulary, limit=500) for token in row.ids]


def plain_tokens(text: str, language: str, voice: Model) -> list[int]:
    """A line as espeak-ng says it, in the model's alphabet."""
    command = ["espeak-ng", "-q", "--ipa", "-v", language, text]
    ipa = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    return [0, *(voice.vocabulary[c] for c in " ".join(ipa.split()) + "." if c in voice.vocabulary), 0]


def said(tokens: list[int], singer: Singer, voice: Model) -> np.ndarray:
    """Tokens read with the model's own pitch and pace."""
    style = voice.style(singer.blend, len(tokens))
    _, pitch, energy, text = voice.prosody(tokens, style, 1.0)
    return voice.decode(text, pitch, energy, style)


def understood(
    sections: list[np.ndarray], name: str, words: str, language: str, model: Any, options: argparse.Namespace
) -> tuple[int, int, int, int]:
    """(wrong characters, characters, wrong sounds, sounds) of what the recogniser makes of these sections."""
    if options.wav:
        options.wav.mkdir(parents=True, exist_ok=True)
        soundfile.write(options.wav / f"{name}.wav", np.concatenate(sections), WHISPER_RATE_HZ)
    heard = " / ".join(transcribed(section, language, model) for section in sections)
    wanted = "\n".join(line for line in words.splitlines() if not line.startswith("["))
    if options.heard:
        print(f"   {name}: {heard}", flush=True)
    a, b = plain(wanted), plain(heard)
    x, y = sound_of(a, language), sound_of(b, language)
    return distance(a, b), len(a), distance(x, y), len(x)


def transcribed(sound: np.ndarray, language: str, model: Any) -> str:
    """What Whisper hears; Chinese in simplified characters, as the verses are written."""
    segments, _ = model.transcribe(
        sound,
        language=language,
        beam_size=5,
        condition_on_previous_text=False,
        initial_prompt=_WRITTEN_SO.get(language),
    )
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
#: Urdu, which is Hindi in Arabic letters; those of breath and of vowels are left out.
_URDU = dict(zip("بپتٹثسصجذزضظچخکكقگغدڈرڑشفلمنں", "bpttsssjjjjjckkkkggddrrsplmnn", strict=True))


def romanised(text: str) -> str:
    """Consonants of Hindi in any of the three alphabets. Urdu writes few vowels and no schwa, so none is compared."""
    text = unicodedata.normalize("NFC", text.lower())
    table = _HINDI | _URDU | {"ं": "n", "ँ": "n"}
    latin = "".join(table.get(c, c if c.isascii() and c.isalpha() else "") for c in text).lower()
    for old, new in (("ch", "c"), ("sh", "s"), ("ph", "p"), ("q", "k"), ("x", "ks"), ("z", "j"), ("f", "p")):
        latin = latin.replace(old, new)
    return re.sub(r"(.)\1+", r"\1", re.sub(r"[aeiouyvwh]", "", latin))


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
