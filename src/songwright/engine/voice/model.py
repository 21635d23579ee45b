"""The speech model behind the singer: tokens and a style in; durations, prosody and sound out.

Conventions
    Sound is float64 mono at `MODEL_RATE_HZ`. Durations are frames of 25 ms (`FRAMES_PER_S`), F0 (Hz, <= 10 = unvoiced)
    and energy (log) have two values a frame. Style rows are chosen by the number of tokens.
"""

from __future__ import annotations

import contextlib
import ctypes
import gc
import json
from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any, Final

import numpy as np
import onnxruntime as ort
from numpy.typing import NDArray

from songwright.engine.material import Assets
from songwright.engine.voice.graphs import (
    DURATIONS,
    ENERGY,
    F0,
    FRAMES,
    SOURCE,
    SOURCE_F0,
    TEXT,
    graph_paths,
    prepare_graphs,
)

RUNTIMES: Final = ("openvino-bf16", "openvino-f32", "onnxruntime-fp32")
MODEL_RATE_HZ: Final = 24_000
FRAMES_PER_S: Final = 40
STYLE_ROWS: Final = 510
TIMBRE_F0_CEILING_HZ: Final = 260.0  #: the timbre network collapses above it
VOICED_HZ: Final = 60.0  #: predicted F0 above this is a voice, below it none

Floats = NDArray[Any]  #: float64; NumPy's stubs lose the precision in most expressions
Blend = tuple[tuple[str, float], ...]
Decoder = Callable[[Mapping[str, NDArray[Any]]], NDArray[Any]]


class Model:
    """The graphs loaded into this process, one thread each unless told otherwise."""

    def __init__(self, assets: Assets, runtime: str, *, threads: int = 1) -> None:
        prepare_graphs(assets)
        paths = graph_paths(assets)
        self._durations = _onnx_session(paths.durations, threads)
        self._prosody = _onnx_session(paths.prosody, threads)
        self._source = _onnx_session(paths.source, threads)
        self._decoder = _decoder(paths.decoder, runtime, threads)
        self._waveform = _onnx_session(paths.waveform, threads)
        self._voices = assets.voices
        self.vocabulary: dict[str, int] = json.loads((assets.kokoro / "vocab.json").read_text("utf-8"))["vocab"]
        self._tables: dict[str, NDArray[np.float32]] = {}

    def style(self, blend: Blend, token_count: int) -> NDArray[np.float32]:
        """The style row [1, 256] of a weighted mix of voices for a line of `token_count` tokens."""
        row = min(max(token_count - 2, 0), STYLE_ROWS - 1)
        total = sum(weight for _, weight in blend)
        mixed = sum(self._table(name)[row] * np.float32(weight / total) for name, weight in blend)
        return np.asarray(mixed, np.float32)[None]

    def _table(self, voice: str) -> NDArray[np.float32]:
        if voice not in self._tables:
            self._tables[voice] = np.fromfile(self._voices / f"{voice}.bin", np.float32).reshape(-1, 256)
        return self._tables[voice]

    def prosody(
        self, tokens: Sequence[int], style: NDArray[np.float32], speed: float
    ) -> tuple[NDArray[np.int64], Floats, NDArray[np.float32], NDArray[np.float32]]:
        """(frames per token, F0 in Hz, energy, text features) of the natural reading."""
        ids = np.array([tokens], np.int64)
        inputs = {"tokens": ids, "style": style, "speed": np.array([speed], np.float32)}
        (frames,) = self._durations.run(None, inputs)
        outputs = self._prosody.run(None, {"tokens": ids, "style": style, DURATIONS: frames})
        f0, energy, text = (np.asarray(output) for output in outputs)
        return np.asarray(frames), f0[0].astype(np.float64), energy[0], text

    def decode(
        self, text: NDArray[np.float32], f0: Floats, energy: NDArray[np.float32], style: NDArray[np.float32]
    ) -> Floats:
        """Sound with pitch `f0`, which may be any melody."""
        pitch = f0.astype(np.float32)
        (source,) = self._source.run(None, {SOURCE_F0: pitch[None, None]})
        inputs = {
            TEXT: text.astype(np.float32),
            F0: np.minimum(pitch, TIMBRE_F0_CEILING_HZ)[None],
            SOURCE: np.asarray(source),
            ENERGY: energy[None].astype(np.float32),
            "style": style,
        }
        (audio,) = self._waveform.run(None, {FRAMES: np.asarray(self._decoder(inputs), np.float32)})
        return np.asarray(audio, np.float64).reshape(-1)


@lru_cache(maxsize=1)
def load_model(assets: Assets, runtime: str, threads: int = 1) -> Model:
    """The model of this process, loaded once."""
    return Model(assets, runtime, threads=threads)


def _onnx_session(path: Path, threads: int) -> ort.InferenceSession:
    options = ort.SessionOptions()
    options.intra_op_num_threads = threads
    options.inter_op_num_threads = 1
    options.log_severity_level = 3
    options.enable_cpu_mem_arena = False  # the arena keeps what the longest line needed for ever
    return ort.InferenceSession(path, options, providers=["CPUExecutionProvider"])


def _decoder(path: Path, runtime: str, threads: int) -> Decoder:
    """The decoder on the given runtime; both kinds are called with a dict of arrays."""
    if runtime == "onnxruntime-fp32":
        session = _onnx_session(path, threads)
        return lambda inputs: np.asarray(session.run(None, dict(inputs))[0])
    import openvino as ov  # heavy, and only needed here

    precision = {"openvino-bf16": "bf16", "openvino-f32": "f32"}[runtime]
    options = {
        "INFERENCE_PRECISION_HINT": precision,
        "INFERENCE_NUM_THREADS": threads,
        "PERFORMANCE_HINT": "LATENCY",
        "ENABLE_CPU_PINNING": False,  # two processes would pin themselves to the same core
        "CPU_RUNTIME_CACHE_CAPACITY": 0,  # else every new line length adds 1-2 MB for ever; not slower without
    }
    compiled = ov.Core().compile_model(str(path), "CPU", options)
    return lambda inputs: compiled(dict(inputs))[0]


def release_model() -> None:
    """Give the model's memory (about 600 MB) back to the system; it is loaded again, in two seconds, when needed."""
    load_model.cache_clear()
    gc.collect()
    # The C library keeps what onnxruntime freed for later; a mix needs it now.
    with contextlib.suppress(OSError, AttributeError):
        ctypes.CDLL("libc.so.6").malloc_trim(0)
