"""musicnn (Pons and Serra, 2019): tags and an embedding for every three seconds of sound, without TensorFlow.

The weights are the checkpoints of the musicnn package (ISC licence). They are rebuilt once as ONNX beside the
checkpoint. Two models: MSD (Million Song Dataset) and MTT (MagnaTagATune), 50 tags each.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import librosa
import numpy as np
import onnx
import onnxruntime
import soxr
from onnx import TensorProto, helper, numpy_helper

from songwright.analysis.checkpoint import read_checkpoint

RATE_HZ, HOP, FFT, MELS = 16_000, 256, 512, 96
FRAMES = 187  #: three seconds, what the models were trained on
PATCH_HOP = 94  #: half a patch
BATCH = 4  #: patches at once: each needs 60 MB while it is heard
OPSET = 13
_MSD = """
rock pop alternative indie electronic female_vocalists dance 00s alternative_rock jazz beautiful metal chillout
male_vocalists classic_rock soul indie_rock Mellow electronica 80s folk 90s chill instrumental punk oldies blues
hard_rock ambient acoustic experimental female_vocalist guitar Hip-Hop 70s party country easy_listening sexy
catchy funk electro heavy_metal Progressive_rock 60s rnb indie_pop sad House happy"""
_MTT = """
guitar classical slow techno strings drums electronic rock fast piano ambient beat violin vocal synth female
indian opera male singing vocals no_vocals harpsichord loud quiet flute woman male_vocal no_vocal pop soft sitar solo
man classic choir voice new_age dance male_voice female_vocal beats harp cello no_voice weird country metal
female_voice choral"""
LABELS = {model: [tag.replace("_", " ") for tag in text.split()] for model, text in (("MSD", _MSD), ("MTT", _MTT))}


@dataclass(frozen=True)
class Heard:
    """What the models make of a recording; both keyed by model."""

    tags: dict[str, np.ndarray]  #: mean probability of each label, shape [50]
    embeddings: dict[str, np.ndarray]  #: shape [patches, 200]

    def top(self, model: str, count: int = 5) -> list[tuple[str, float]]:
        """The most probable tags, best first."""
        order = np.argsort(-self.tags[model])[:count]
        return [(LABELS[model][i], float(self.tags[model][i])) for i in order]


def listen(audio: np.ndarray, rate_hz: int, folder: Path) -> Heard:
    """Tag `audio` (mono, or [2, samples]) with the weights in `folder`. Raises FileNotFoundError without them."""
    mono = audio if audio.ndim == 1 else audio.mean(axis=0)
    patches = log_mel_patches(soxr.resample(mono, rate_hz, RATE_HZ))
    tags: dict[str, np.ndarray] = {}
    embeddings: dict[str, np.ndarray] = {}
    for model in LABELS:
        session = _session(model, folder)
        heard = [session.run(None, {"x": patches[a : a + BATCH]}) for a in range(0, len(patches), BATCH)]
        tags[model] = np.concatenate([probabilities for probabilities, _ in heard]).mean(axis=0)
        embeddings[model] = np.concatenate([embedding for _, embedding in heard])
    return Heard(tags, embeddings)


def log_mel_patches(mono: np.ndarray) -> np.ndarray:
    """Three-second patches as the models were trained on, shape [patches, 1, FRAMES, MELS]; short sound is repeated."""
    mel = librosa.feature.melspectrogram(y=mono.astype(np.float32), sr=RATE_HZ, hop_length=HOP, n_fft=FFT, n_mels=MELS)
    frames = np.log10(10_000 * mel.T.astype(np.float16).astype(np.float32) + 1)
    if len(frames) < FRAMES:
        frames = np.tile(frames, (-(-FRAMES // len(frames)), 1))
    starts = range(0, len(frames) - FRAMES + 1, PATCH_HOP)
    return np.stack([frames[a : a + FRAMES] for a in starts])[:, None].astype(np.float32)


@cache
def _session(model: str, folder: Path) -> onnxruntime.InferenceSession:
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    options.log_severity_level = 3
    return onnxruntime.InferenceSession(_onnx_file(model, folder), options)


def _onnx_file(model: str, folder: Path) -> str:
    path = folder / f"{model}.onnx"
    if not path.is_file():
        rebuilt = onnx_of(read_checkpoint(folder / f"{model}.index", folder / f"{model}.data"))
        new = path.with_suffix(f".{os.getpid()}.new")
        onnx.save(rebuilt, str(new))
        new.replace(path)
    return str(path)


class _Graph:
    """Collects the nodes of a model; layers are named as the checkpoint numbers them (`conv2d`, `conv2d_1`, ...)."""

    def __init__(self, weights: dict[str, np.ndarray]) -> None:
        self.weights = weights
        self.nodes: list[onnx.NodeProto] = []
        self.constants: list[onnx.TensorProto] = []

    def variable(self, layer: str, number: int, name: str) -> np.ndarray:
        return self.weights[f"{layer}_{number}/{name}" if number else f"{layer}/{name}"].astype(np.float32)

    def constant(self, name: str, value: np.ndarray) -> str:
        self.constants.append(numpy_helper.from_array(np.ascontiguousarray(value), name))
        return name

    def add(self, operator: str, inputs: list[str], output: str, **attributes: object) -> str:
        self.nodes.append(helper.make_node(operator, inputs, [output], **attributes))
        return output

    def normalise(self, x: str, number: int, output: str) -> str:
        names = ("gamma", "beta", "moving_mean", "moving_variance")
        parts = [self.constant(f"{output}.{n}", self.variable("batch_normalization", number, n)) for n in names]
        return self.add("BatchNormalization", [x, *parts], output, epsilon=1e-3)

    def convolve(self, x: str, number: int, output: str, *, padded: bool = True) -> str:
        """Convolution and ReLU, padded in time to keep its length (TensorFlow's SAME) unless the input was padded."""
        kernel = self.variable("conv2d", number, "kernel").transpose(3, 2, 0, 1)
        height = kernel.shape[2]
        pads = [(height - 1) // 2, 0, height // 2, 0] if padded else [3, 0, 3, 0]
        parts = [
            self.constant(f"{output}.kernel", kernel),
            self.constant(f"{output}.bias", self.variable("conv2d", number, "bias")),
        ]
        self.add("Conv", [x, *parts], f"{output}.sum", pads=pads)
        return self.add("Relu", [f"{output}.sum"], output)

    def dense(self, x: str, number: int, output: str) -> str:
        parts = [
            self.constant(f"{output}.kernel", self.variable("dense", number, "kernel")),
            self.constant(f"{output}.bias", self.variable("dense", number, "bias")),
        ]
        return self.add("Gemm", [x, *parts], output)


def onnx_of(weights: dict[str, np.ndarray]) -> onnx.ModelProto:
    """The network of musicnn's `models.py` with these weights: x [n, 1, 187, 96] -> tags [n, 50] and embedding."""
    graph = _Graph(weights)
    pooled = _pooled(graph, _middle(graph, _front(graph)))
    graph.normalise(graph.add("Flatten", [pooled], "flat", axis=1), 9, "flat.normal")
    graph.add("Relu", [graph.dense("flat.normal", 0, "hidden")], "hidden.positive")
    graph.normalise("hidden.positive", 10, "embedding")
    graph.add("Sigmoid", [graph.dense("embedding", 1, "logits")], "tags")
    value = helper.make_tensor_value_info
    outputs = [value("tags", TensorProto.FLOAT, ["n", 50]), value("embedding", TensorProto.FLOAT, ["n", 200])]
    inputs = [value("x", TensorProto.FLOAT, ["n", 1, FRAMES, MELS])]
    model = helper.make_model(
        helper.make_graph(graph.nodes, "musicnn", inputs, outputs, graph.constants),
        opset_imports=[helper.make_opsetid("", OPSET)],
    )
    model.ir_version = 8
    onnx.checker.check_model(model)
    return model


def _front(graph: _Graph) -> str:
    """Two timbral and three temporal filter shapes, each pooled over frequency: [n, 1, time, features]."""
    graph.normalise("x", 0, "x.normal")
    pooled: list[str] = []
    for number in range(5):
        graph.convolve("x.normal", number, f"front{number}", padded=number >= 2)
        graph.normalise(f"front{number}", number + 1, f"front{number}.normal")
        pooled.append(graph.add("ReduceMax", [f"front{number}.normal"], f"front{number}.max", axes=[3], keepdims=0))
    graph.add("Concat", pooled, "front", axis=1)
    graph.add("Transpose", ["front"], "front.by_time", perm=[0, 2, 1])
    return graph.add("Unsqueeze", ["front.by_time", graph.constant("axis", np.array([1]))], "front.image")


def _middle(graph: _Graph, front: str) -> str:
    """Three convolutions over time with residual sums, and everything side by side."""
    layers = [front]
    total = front
    for step in range(3):
        graph.convolve(total, 5 + step, f"middle{step}", padded=False)
        graph.normalise(f"middle{step}", 6 + step, f"middle{step}.normal")
        layer = graph.add("Transpose", [f"middle{step}.normal"], f"middle{step}.image", perm=[0, 3, 2, 1])
        total = layer if step == 0 else graph.add("Add", [layer, total], f"middle{step}.total")
        layers.append(total)
    return graph.add("Concat", layers, "middle", axis=3)


def _pooled(graph: _Graph, middle: str) -> str:
    """Maximum and mean over time, interleaved as TensorFlow flattens them."""
    columns: list[str] = []
    for operator in ("ReduceMax", "ReduceMean"):
        graph.add(operator, [middle], f"pool.{operator}", axes=[2], keepdims=0)
        columns.append(graph.add("Transpose", [f"pool.{operator}"], f"pool.{operator}.column", perm=[0, 2, 1]))
    return graph.add("Concat", columns, "pool", axis=2)
