"""The two separation networks, written as ONNX graphs from Spleeter's published weights.

Source: Hennequin et al., "Spleeter: a fast and efficient music source separation tool with pre-trained models", JOSS
2020 (code and weights MIT, Deezer). Each network is a U-Net of six strided convolutions and their transposes over the
magnitude of a spectrogram, shape [batch, 2 channels, 512 frames, 1024 bins], and gives a mask of the same shape.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper

DEPTH = 6
FRAMES, BINS = 512, 1024
_PADS = [1, 1, 2, 2]  #: TensorFlow's "same" for a kernel of 5 and a stride of 2
Weights = Mapping[str, NDArray[np.generic]]


def write_networks(weights: Weights, vocals: Path, accompaniment: Path) -> None:
    """Write both networks. Layers are numbered through the checkpoint: first all of the vocals', then the others."""
    onnx.save(_network(weights, 0, 0, 0), vocals)
    onnx.save(_network(weights, DEPTH + 1, DEPTH, 2 * DEPTH), accompaniment)


@dataclass
class _Graph:
    weights: Weights
    nodes: list[onnx.NodeProto] = field(default_factory=list[onnx.NodeProto])
    values: list[onnx.TensorProto] = field(default_factory=list[onnx.TensorProto])

    def tensor(self, name: str, values: NDArray[np.generic]) -> str:
        self.values.append(numpy_helper.from_array(np.ascontiguousarray(values, dtype=np.float32), name))
        return name

    def convolve(self, kind: str, layer: str, source: str, out: str) -> str:
        """A strided (transposed) convolution by five in both directions."""
        kernel = self.tensor(f"{out}_kernel", self.weights[f"{layer}/kernel"].transpose(3, 2, 0, 1))
        bias = self.tensor(f"{out}_bias", self.weights[f"{layer}/bias"])
        self.nodes.append(helper.make_node(kind, [source, kernel, bias], [out], strides=[2, 2], pads=_PADS))
        return out

    def normalise(self, layer: str, source: str, out: str) -> str:
        names = ("gamma", "beta", "moving_mean", "moving_variance")
        inputs = [source, *(self.tensor(f"{out}_{name}", self.weights[f"{layer}/{name}"]) for name in names)]
        self.nodes.append(helper.make_node("BatchNormalization", inputs, [out], epsilon=1e-3))
        return out

    def add(self, kind: str, inputs: list[str], out: str, **attributes: Any) -> str:
        self.nodes.append(helper.make_node(kind, inputs, [out], **attributes))
        return out


def _layer(name: str, number: int) -> str:
    return name if number == 0 else f"{name}_{number}"


def _network(weights: Weights, first_down: int, first_up: int, first_norm: int) -> onnx.ModelProto:
    graph = _Graph(weights)
    skips, now = _down(graph, first_down, first_norm)
    for step in range(DEPTH):
        name = _layer("conv2d_transpose", first_up + step)
        raw = graph.convolve("ConvTranspose", name, now, f"up{step}")
        bent = graph.add("Relu", [raw], f"up{step}_relu")
        now = graph.normalise(_layer("batch_normalization", first_norm + DEPTH + step), bent, f"up{step}_norm")
        if step < DEPTH - 1:
            now = graph.add("Concat", [skips[DEPTH - 2 - step], now], f"up{step}_joined", axis=1)
    last = _layer("conv2d", first_down + DEPTH)
    kernel = graph.tensor("mask_kernel", weights[f"{last}/kernel"].transpose(3, 2, 0, 1))
    bias = graph.tensor("mask_bias", weights[f"{last}/bias"])
    graph.add("Conv", [now, kernel, bias], "mask_raw", dilations=[2, 2], pads=[3, 3, 3, 3])
    graph.add("Sigmoid", ["mask_raw"], "mask")
    shape = ["batch", 2, FRAMES, BINS]
    made = helper.make_graph(
        graph.nodes,
        "spleeter_2stems",
        [helper.make_tensor_value_info("magnitude", TensorProto.FLOAT, shape)],
        [helper.make_tensor_value_info("mask", TensorProto.FLOAT, shape)],
        graph.values,
    )
    model = helper.make_model(made, opset_imports=[helper.make_opsetid("", 13)], ir_version=8)
    onnx.checker.check_model(model)
    return model


def _down(graph: _Graph, first: int, first_norm: int) -> tuple[list[str], str]:
    """The encoder: what each step hands to the decoder, and the deepest layer."""
    now, skips = "magnitude", list[str]()
    for step in range(DEPTH):
        now = graph.convolve("Conv", _layer("conv2d", first + step), now, f"down{step}")
        skips.append(now)
        if step < DEPTH - 1:
            normal = graph.normalise(_layer("batch_normalization", first_norm + step), now, f"down{step}_norm")
            now = graph.add("LeakyRelu", [normal], f"down{step}_relu", alpha=0.2)
    return skips, now
