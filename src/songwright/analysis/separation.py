"""Split a song into its voice and what accompanies it.

Conventions
    Files are FLAC or WAV at 44.1 kHz, stereo; the two results add up to the song (their masks add up to 1). The song is
    worked through in windows of about a minute that overlap and are cross-faded, so memory does not grow with length.
    Spectra: Hann window of 4096 samples, hop 1024, as the networks were trained (see `unet.py`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import onnxruntime
import soundfile
from numpy.typing import NDArray

from songwright.analysis.models import ListeningModels
from songwright.analysis.unet import BINS, FRAMES

RATE_HZ = 44_100
WINDOW, HOP = 4096, 1024
CHUNK = 5 * FRAMES * HOP  #: samples of a window: five batches of the network, about 59 s
OVERLAP = 2 * RATE_HZ
_HANN = (0.5 - 0.5 * np.cos(2 * np.pi * np.arange(WINDOW) / WINDOW)).astype(np.float32)
_TINY = 1e-10
Sound = NDArray[np.float32]  #: shape [samples, 2]


@dataclass(frozen=True, slots=True)
class Networks:
    """Both networks, loaded."""

    vocals: onnxruntime.InferenceSession
    accompaniment: onnxruntime.InferenceSession


def load_networks(models: ListeningModels, threads: int = 1) -> Networks:
    """Raises ModelsMissing."""
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    options.enable_cpu_mem_arena = False  # the arena would keep the largest batch for as long as the session lives
    paths = models.networks()
    return Networks(*(onnxruntime.InferenceSession(str(path), options) for path in paths))


def separate_file(
    song: Path,
    vocals: Path,
    accompaniment: Path,
    networks: Networks,
    report: Callable[[float], None] = lambda _share: None,
) -> None:
    """Write both parts of `song` as 16-bit FLAC. `report` is called with the share done."""
    with (
        soundfile.SoundFile(song) as source,
        soundfile.SoundFile(vocals, "w", RATE_HZ, 2, "PCM_16", format="FLAC") as voice_file,
        soundfile.SoundFile(accompaniment, "w", RATE_HZ, 2, "PCM_16", format="FLAC") as band_file,
    ):
        if source.comment:  # who made the song also made its parts
            voice_file.comment = band_file.comment = source.comment
        done = 0
        for voice, band in _faded(source, networks):
            voice_file.write(voice)
            band_file.write(band)
            done += len(voice)
            report(done / max(source.frames, 1))


def _faded(source: soundfile.SoundFile, networks: Networks) -> Iterator[tuple[Sound, Sound]]:
    """Both parts piece by piece; neighbouring windows fade into each other over their overlap."""
    rise = np.linspace(0, 1, OVERLAP, dtype=np.float32)[:, None]
    held: tuple[Sound, Sound] | None = None
    for start in range(0, max(source.frames - OVERLAP, 1), CHUNK - OVERLAP):
        source.seek(start)
        window = np.asarray(source.read(CHUNK, dtype="float32", always_2d=True), np.float32)
        parts = separate(window, networks)
        if held is not None:
            for part, before in zip(parts, held, strict=True):
                part[:OVERLAP] = part[:OVERLAP] * rise + before[: len(part[:OVERLAP])] * (1 - rise[: len(part)])
        last = start + CHUNK >= source.frames
        keep = len(parts[0]) if last else CHUNK - OVERLAP
        yield parts[0][:keep], parts[1][:keep]
        held = parts[0][keep:], parts[1][keep:]


def separate(song: Sound, networks: Networks) -> tuple[Sound, Sound]:
    """Voice and accompaniment of a short stretch, shape [samples, 2] each."""
    spectra = np.stack([_spectrum(song[:, channel]) for channel in (0, 1)])
    voice, band = (_magnitudes(network, spectra) ** 2 for network in (networks.vocals, networks.accompaniment))
    share = (voice + _TINY / 2) / (voice + band + _TINY)
    del voice, band
    # Above 11 kHz the networks know nothing: the mean of each frame's mask goes on (Spleeter's own "average").
    rest = np.repeat(share.mean(axis=2, keepdims=True), spectra.shape[2] - BINS, axis=2)
    spectra *= np.concatenate([share, rest], axis=2)
    sung = np.stack([_sound(spectra[channel], len(song)) for channel in (0, 1)], axis=1)
    return sung, song - sung


def _magnitudes(network: onnxruntime.InferenceSession, spectra: NDArray[np.complex64]) -> NDArray[np.float32]:
    """What one network hears of each bin, shape [2, frames, BINS]."""
    frames = spectra.shape[1]
    heard = np.empty((2, frames, BINS), np.float32)
    for start in range(0, frames, FRAMES):
        batch = np.zeros((1, 2, FRAMES, BINS), np.float32)
        piece = np.abs(spectra[:, start : start + FRAMES, :BINS])
        batch[0, :, : piece.shape[1]] = piece
        mask = np.asarray(network.run(None, {"magnitude": batch})[0])
        heard[:, start : start + FRAMES] = (mask[0] * batch[0])[:, : piece.shape[1]]
    return heard


def _spectrum(samples: NDArray[np.float32]) -> NDArray[np.complex64]:
    """Shape [frames, WINDOW / 2 + 1]; the ends are padded so that every sample is covered alike."""
    padded = np.pad(samples, (WINDOW, WINDOW + HOP))
    frames = np.lib.stride_tricks.sliding_window_view(padded, WINDOW)[::HOP]
    return np.fft.rfft(frames * _HANN, axis=1).astype(np.complex64)


def _sound(spectrum: NDArray[np.complex64], samples: int) -> NDArray[np.float32]:
    frames = np.fft.irfft(spectrum, axis=1).astype(np.float32) * _HANN
    added = np.zeros(len(frames) * HOP + WINDOW, np.float32)
    for row, frame in enumerate(frames):
        added[row * HOP : row * HOP + WINDOW] += frame
    return added[WINDOW : WINDOW + samples] * (2 / 3)  # the squared windows add up to 1.5
