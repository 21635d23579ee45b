"""A song that can be heard while it is made: an MP3 that grows from the first bars on, and ends with the finished mix.

The beginning is played stretch by stretch as a rough mix, as soon as the lines of a stretch have been sung; from where
that ends on, the finished recording goes on, its level eased in. Nothing here changes the song: how far the rough mix
gets depends on the machine, what is in the clip's files does not.

A preview that breaks is given up without a word to the song.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import chain
from pathlib import Path

import numpy as np
import soundfile

from songwright.engine.encode import EncodingFailed, Mp3Stream
from songwright.engine.excerpt import Stretch, excerpt_of_arrangement, excerpt_of_score, stretches
from songwright.engine.instruments import played
from songwright.engine.material import SAMPLE_RATE_HZ, Arrangement, Assets, Audio, Score, Stem, Style
from songwright.engine.mix import Heard, rough_mix
from songwright.engine.voice import Singer, SungTake, vocal_stems

FIRST_S, EACH_S = 4.0, 8.0  #: lengths of the stretches, before they are brought to whole bars
_LEAD_IN_S = 1.5  #: played before a stretch, so that notes and rooms ring into it
_SEAM = SAMPLE_RATE_HZ // 20  #: samples over which a stretch is faded into the next
_TAIL_S = 2.0  #: what instruments and voices add to the length of a score
_EASE_S = 8.0  #: the finished mix takes over at the rough mix's level and is at its own after this time
_MATCHED_S = 3.0  #: of the end of the rough mix, compared with the same place of the finished one
_MATCH_DB = 6.0
_POLL_S = 0.1
_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class PreviewClip:
    """What is known of a clip before it is sung."""

    index: int
    score: Score
    style: Style
    arrangement: Arrangement
    singer: Singer | None
    seed: int


@dataclass(frozen=True, slots=True, kw_only=True)
class _Job:
    """A stretch, ready to be played anywhere. `lead_in` and `samples` as in `rough_mix`."""

    clip: PreviewClip
    sung: tuple[SungTake, ...]
    samples: int
    lead_in: int
    heard: Heard
    assets: Assets


@dataclass(frozen=True, slots=True)
class PlayedStretch:
    """A stretch as sound, with the beginning of the next one at its end, to be faded into that."""

    index: int
    pcm: Audio
    heard: Heard


def play_stretch(job: _Job) -> PlayedStretch | None:
    """Play, sing and mix; None when that goes wrong."""
    clip = job.clip
    try:
        stems: Iterator[Stem] = played(clip.arrangement, clip.score, job.assets)
        if clip.singer is not None and job.sung:
            stems = chain(stems, vocal_stems(clip.score, clip.index, job.sung, clip.singer, clip.seed).stems)
        return PlayedStretch(clip.index, *rough_mix(stems, clip.style.mix, job.samples, job.lead_in, job.heard))
    except Exception:
        _log.exception("the preview of clip %d broke", clip.index)
        return None


class Preview:
    """The preview of one clip, as the process that leads the render sees it."""

    def __init__(self, clip: PreviewClip, path: Path, assets: Assets) -> None:
        self.index = clip.index
        self.path = path
        self.end_s = 0.0  #: how far stretches have been handed out
        self.started_s: float | None = None  #: when there was something to hear, on the monotonic clock
        self._clip = clip
        self._assets = assets
        self._left = list(stretches(clip.score, FIRST_S, EACH_S))
        self._heard = Heard()
        self._busy = False
        self._stream: _Stream | None = None
        self._broken = False
        self._following: threading.Thread | None = None
        self._stopped = threading.Event()

    def is_ready(self, missing: frozenset[tuple[int, int]]) -> bool:
        """True when the next stretch can be played: none of its lines is among `missing` (clip, line)."""
        if self._busy or self._broken or not self._left:
            return False
        return not any((self.index, line) in missing for line in self._left[0].lines)

    def next_job(self, sung: Sequence[SungTake]) -> _Job:
        """The next stretch, to be given to `play_stretch` and then to `take_in`."""
        stretch = self._left.pop(0)
        self._busy = True
        self.end_s = self._clip.score.seconds(stretch.end_beats)
        return _job(self._clip, stretch, _takes_of(sung, self.index, stretch.lines), self._heard, self._assets)

    def take_in(self, stretch: PlayedStretch | None) -> bool:
        """Append a played stretch; True when it was the first that can be heard."""
        self._busy = False
        if stretch is None:
            self._broken = True
            return False
        self._heard = stretch.heard
        try:
            self._stream = self._stream or _Stream(self.path)
            self._stream.append(stretch.pcm)
        except (OSError, EncodingFailed):
            _log.exception("the preview of clip %d ends here", self.index)
            self._broken = True
            return False
        first = self.started_s is None
        self.started_s = self.started_s or time.monotonic()
        return first

    def follow(self, master: Path) -> None:
        """From now on wait for the finished recording and go on with it, in a thread."""
        if self._stream is not None and not self._broken:
            self._following = threading.Thread(target=self._follow, args=(self._stream, master), daemon=True)
            self._following.start()

    def close(self, *, complete: bool) -> None:
        """End the file: after all of the finished recording, or at once when there will be none."""
        if not complete:
            self._stopped.set()
        if self._following is not None:
            self._following.join()
        if self._stream is not None:
            self._stream.close()

    def _follow(self, stream: _Stream, master: Path) -> None:
        while not master.is_file():
            if self._stopped.wait(_POLL_S):
                return
        try:
            stream.go_on_with(master, self._stopped)
        except (OSError, soundfile.LibsndfileError):
            _log.exception("the preview of clip %d ends before its song", self.index)


def _job(clip: PreviewClip, stretch: Stretch, sung: tuple[SungTake, ...], heard: Heard, assets: Assets) -> _Job:
    score = clip.score
    beat_s = score.seconds(1.0)
    from_beats = max(stretch.start_beats - max(round(_LEAD_IN_S / beat_s), 1), 0.0)
    start, first, last = (_sample(score, beats) for beats in (from_beats, stretch.start_beats, stretch.end_beats))
    to_beats = stretch.end_beats + _SEAM / SAMPLE_RATE_HZ / beat_s
    # Instruments and voices ring on after the last bar of what they are given: that much less is asked of them.
    asked_beats = max(to_beats - _TAIL_S / beat_s, from_beats + 1.0)
    cut = replace(
        clip,
        score=excerpt_of_score(score, from_beats, asked_beats),
        arrangement=excerpt_of_arrangement(clip.arrangement, from_beats, to_beats),
    )
    samples = last - start + _SEAM
    return _Job(clip=cut, sung=sung, samples=samples, lead_in=first - start, heard=heard, assets=assets)


def _sample(score: Score, beats: float) -> int:
    return round(score.seconds(beats) * SAMPLE_RATE_HZ)


def _takes_of(sung: Sequence[SungTake], clip: int, lines: frozenset[int]) -> tuple[SungTake, ...]:
    """Of everything sung, what is heard in these lines of the clip."""
    wanted = {(clip, line) for line in lines}
    kept: list[SungTake] = []
    for take in sung:
        parts = [replace(p, uses=tuple(use for use in p.uses if use in wanted)) for p in take.parts]
        if heard := tuple(part for part in parts if part.uses):
            kept.append(SungTake(parts=heard))
    return tuple(kept)


class _Stream:
    """The growing file; remembers the end of what it was given, for the seam to what comes next."""

    def __init__(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self._mp3 = Mp3Stream(path)
        self._written = 0
        self._end = np.zeros((2, 0), np.float32)  # the seam that is not written yet
        self._last = np.zeros((2, 0), np.float32)  # the last seconds, this seam included

    def append(self, pcm: Audio) -> None:
        """Fade `pcm` into what was there and write all but its own last seam."""
        sound = _faded(self._end, pcm)
        before = self._last[:, : self._last.shape[1] - self._end.shape[1]]
        self._last = np.concatenate([before, sound], axis=1)[:, -round(_MATCHED_S * SAMPLE_RATE_HZ) - _SEAM :]
        self._end = sound[:, -_SEAM:]
        self._mp3.write(sound[:, :-_SEAM])
        self._written += sound.shape[1] - _SEAM

    def go_on_with(self, master: Path, stopped: threading.Event) -> None:
        """Write the rest of the finished recording, from where the rough mix has got to."""
        with soundfile.SoundFile(master) as file:
            back = min(self._last.shape[1] - self._end.shape[1], self._written)
            file.seek(min(self._written - back, file.frames))
            gain_db = _match_db(self._last[:, :back], _next(file, back))
            at = 0
            while not stopped.is_set() and (block := _next(file, SAMPLE_RATE_HZ)).size:
                sound = block * _easing(gain_db, at, block.shape[1])
                self._mp3.write(_faded(self._end, sound) if at == 0 else sound)
                at += block.shape[1]

    def close(self) -> None:
        self._mp3.close()


def _next(file: soundfile.SoundFile, count: int) -> Audio:
    """Up to `count` samples, [2, samples]."""
    return np.ascontiguousarray(file.read(count, "float32", always_2d=True).T, np.float32)


def _faded(end: Audio, following: Audio) -> Audio:
    """`following`, its beginning cross-faded with `end`."""
    count = min(end.shape[1], following.shape[1])
    if not count:
        return following
    rise = np.linspace(0.0, 1.0, count, dtype=np.float32)
    result = following.copy()
    result[:, :count] = rise * following[:, :count] + (1.0 - rise) * end[:, :count]
    return result


def _match_db(rough: Audio, finished: Audio) -> float:
    """How much louder the rough mix is than the same place of the finished one, within limits."""
    powers = [float(np.mean(np.square(sound, dtype=np.float64))) if sound.size else 0.0 for sound in (rough, finished)]
    if min(powers) < 1e-8 or rough.shape != finished.shape:
        return 0.0
    return float(np.clip(10.0 * np.log10(powers[0] / powers[1]), -_MATCH_DB, _MATCH_DB))


def _easing(gain_db: float, at: int, count: int) -> Audio:
    """Gains from `gain_db` down or up to none, over `_EASE_S` from sample 0."""
    left = np.clip(1.0 - (at + np.arange(count)) / (_EASE_S * SAMPLE_RATE_HZ), 0.0, 1.0)
    return (10.0 ** (gain_db * left / 20.0)).astype(np.float32)
