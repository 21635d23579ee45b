"""Songs for the scoreboard: the engine's own stages from words to master, without the singer.

What is measured here is the score and the instrumental bus: words and a voice's range are there, so melodies,
prosody and an arrangement that leaves room for a voice are those of a sung song; only the singing is left out.
"""

from __future__ import annotations

import hashlib
import os
import sys
import time
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import TypeVar

from songwright.engine.arrangement import arrange
from songwright.engine.instruments import played
from songwright.engine.lyrics import write_lyrics
from songwright.engine.material import Arrangement, Assets, Brief, Chord, Master, Note, Score, Style
from songwright.engine.mix import TAIL_S, mix
from songwright.engine.score import compose
from songwright.engine.styles import style_names, understand_style
from songwright.engine.voice import NoVoice, choose_singer

ASSETS = Assets(Path(os.environ.get("SONGWRIGHT_ASSETS") or Path(sys.prefix) / "share" / "songwright"))
Item = TypeVar("Item", Note, Chord)
WORDS = Path(__file__).parent / "words"
TITLES = {"city": "Golden Tonight", "rocket": "To the Moon", "harbour": "Paper Boats", "snow": "Stay Awhile"}
VOICE_RANGE = (57, 76)  #: MIDI, where no singer can be engaged


@dataclass(frozen=True)
class OnPaper:
    """A composed and arranged song."""

    brief: Brief
    style: Style
    score: Score
    arrangement: Arrangement
    voice_range: tuple[int, int]  #: MIDI, of the singer the song was written for
    cpu_s: float  #: understanding the style, composing and arranging


def brief_for(style: str, *, seed: int = 0, take: int = 0, seconds: float | None = None, verses: int = 2) -> Brief:
    """The order for one style: its name is the whole style text, so nothing is hinted. One verse for short songs."""
    words = sorted(TITLES)[(style_names().index(style) + seed) % len(TITLES)]
    text = (WORDS / f"{words}.txt").read_text(encoding="utf-8")
    if verses == 1:
        text = text.split("[Verse 2]")[0]
    return Brief(
        lyrics=text, title=TITLES[words], language="en", style=style.replace("_", " "), seed=seed, take=take,
        duration_s=seconds,
    )  # fmt: skip


def on_paper(brief: Brief) -> OnPaper:
    """Compose and arrange, as the pipeline does."""
    begun_s = time.process_time()
    style = understand_style(brief)
    lyrics = write_lyrics(brief, style, ASSETS)
    try:
        singer = choose_singer(brief, style, lyrics.language, ASSETS)
        voice_range = (singer.low_midi, singer.high_midi)
    except NoVoice:
        voice_range = VOICE_RANGE
    wanted_s = None if brief.duration_s is None else brief.duration_s - TAIL_S
    room = replace(brief, duration_s=wanted_s, max_duration_s=brief.max_duration_s - TAIL_S)
    score = compose(lyrics, style, room, voice_range)
    arrangement = arrange(score, style, brief)
    return OnPaper(brief, style, score, arrangement, voice_range, time.process_time() - begun_s)


def band(song: OnPaper) -> tuple[Master, float]:
    """The band's master and the CPU seconds it took to play and mix."""
    begun_s = time.process_time()
    master = mix(played(song.arrangement, song.score, ASSETS), song.score, song.style)
    return master, time.process_time() - begun_s


def excerpt(song: OnPaper, seconds: float = 16.0) -> OnPaper:
    """Whole bars of the first chorus (else of the middle), alone: enough to hear groove and timbre."""
    score = song.score
    at = next((s for s in score.sections if s.kind in ("chorus", "drop")), score.sections[len(score.sections) // 2])
    bars = max(2, round(seconds * score.bpm / 60 / score.beats_per_bar))
    length = min(bars * score.beats_per_bar, at.length_beats)
    end = at.start_beats + length
    parts = tuple(
        replace(
            part, notes=tuple(_moved(n, at.start_beats) for n in part.notes if at.start_beats <= n.start_beats < end)
        )
        for part in song.arrangement.parts
    )
    chords = tuple(_moved(c, at.start_beats) for c in score.chords if at.start_beats <= c.start_beats < end)
    short = replace(
        score, sections=(replace(at, start_beats=0.0, length_beats=length),), chords=chords, lines=(), themes=(),
        key_changes=(),
    )  # fmt: skip
    return replace(song, score=short, arrangement=Arrangement(parts=tuple(p for p in parts if p.notes)))


def _moved(item: Item, back_beats: float) -> Item:
    return replace(item, start_beats=item.start_beats - back_beats)


@cache
def warm_up() -> None:
    """Load what is loaded once in a process (compiled code, sound font), so that costs are those of a song."""
    song = on_paper(replace(brief_for("pop", verses=1), duration_s=20.0))
    band(song)


def pcm_hash(master: Master) -> str:
    """Of the finished samples, bit for bit."""
    return hashlib.sha256(master.pcm.tobytes()).hexdigest()
