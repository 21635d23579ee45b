"""Turn the dynamically quantised nodes of an ONNX graph back into float nodes.

The published int8 model quantises activations at run time; on CPUs without int8 matrix units that costs time and
sound, so the decoder is run in float32 with the same (de-quantised) weights.

Conventions
    A quantised product is a chain `DynamicQuantizeLinear -> MatMulInteger|ConvInteger [-> Add bias] -> Cast -> Mul
    scale`; the whole chain becomes one `MatMul` or `Conv` that reads the float input of the first node and writes the
    output of the last. `DynamicQuantizeLSTM` (onnxruntime's own operator) becomes `LSTM`.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import helper, numpy_helper

Array = NDArray[np.generic]
Floats = NDArray[np.float32]


class GraphMismatch(ValueError):
    """The model file is not laid out as the singing engine expects."""


class _Dequantiser:
    """One pass over a graph: replacement nodes by the identity of the node they replace, and new weights."""

    def __init__(self, graph: onnx.GraphProto) -> None:
        self.initializers = {i.name: i for i in graph.initializer}
        self.producer = {out: node for node in graph.node for out in node.output}
        self.consumers: dict[str, list[onnx.NodeProto]] = {}
        for node in graph.node:
            for name in node.input:
                self.consumers.setdefault(name, []).append(node)
        self.weights: dict[str, onnx.TensorProto] = {}

    def constant(self, name: str) -> Array | None:
        """The value of an initializer or `Constant` node, None for anything computed."""
        if name in self.initializers:
            return numpy_helper.to_array(self.initializers[name])
        node = self.producer.get(name)
        if node is not None and node.op_type == "Constant":
            return numpy_helper.to_array(next(a.t for a in node.attribute if a.name == "value"))
        return None

    def _required(self, name: str) -> Array:
        value = self.constant(name)
        if value is None:
            raise GraphMismatch(f"tensor {name!r} should be a constant")
        return value

    def _next(self, name: str, op_type: str) -> onnx.NodeProto:
        found = [n for n in self.consumers.get(name, ()) if n.op_type == op_type]
        if len(found) != 1:
            raise GraphMismatch(f"expected one {op_type} behind {name!r}, found {len(found)}")
        return found[0]

    def _float_source(self, quantised: str) -> str:
        node = self.producer[quantised]
        if node.op_type != "DynamicQuantizeLinear":
            raise GraphMismatch(f"{quantised!r} comes from {node.op_type}, not from DynamicQuantizeLinear")
        return node.input[0]

    def _weight(self, name: str, make: Callable[[Floats], Floats]) -> str:
        """The name of the float twin of a quantised weight, made on first use."""
        twin = f"{name}__f32"
        if twin not in self.weights:
            values = np.ascontiguousarray(make(self._required(name).astype(np.float32)), dtype=np.float32)
            self.weights[twin] = numpy_helper.from_array(values, twin)
        return twin

    def _scale_of(self, mul: onnx.NodeProto, other: str) -> str:
        """The constant weight scale behind the `Mul` that ends a chain."""
        product = self.producer[next(name for name in mul.input if name != other)]
        return next(name for name in product.input if self.constant(name) is not None)

    def _linear_weight(self, node: onnx.NodeProto, mul: onnx.NodeProto, cast_output: str) -> str:
        quantised = node.input[1]
        if quantised in self.producer and self.constant(quantised) is None:
            return self._float_source(quantised)
        zero = self._required(node.input[3]).astype(np.float32) if len(node.input) > 3 else np.float32(0)
        scale = self._required(self._scale_of(mul, cast_output)).astype(np.float32)
        per_channel = node.op_type == "ConvInteger"

        def make(q: Floats) -> Floats:
            shape = [-1] + [1] * (q.ndim - 1)
            z = np.reshape(zero, shape) if per_channel and np.size(zero) > 1 else zero
            s = np.reshape(scale, shape) if per_channel and np.size(scale) > 1 else scale
            return ((q - z) * s).astype(np.float32).reshape(q.shape)

        return self._weight(quantised, make)

    def matmul(self, node: onnx.NodeProto) -> tuple[onnx.NodeProto, onnx.NodeProto]:
        """(the `Mul` to replace, the float `MatMul`)."""
        cast = self._next(node.output[0], "Cast")
        mul = self._next(cast.output[0], "Mul")
        inputs = [self._float_source(node.input[0]), self._linear_weight(node, mul, cast.output[0])]
        return mul, helper.make_node("MatMul", inputs, [mul.output[0]], name=f"{mul.name}_f32")

    def conv(self, node: onnx.NodeProto) -> tuple[onnx.NodeProto, onnx.NodeProto]:
        """(the `Mul` to replace, the float `Conv`); a quantised bias is found again behind its own rounding."""
        output, bias = node.output[0], list[str]()
        following = self.consumers[output][0]
        if following.op_type == "Add":
            quantised_bias = next(name for name in following.input if name != output)
            # bias -> Div(scale) -> Floor/Round -> Cast -> Reshape -> Add
            division = self.producer[quantised_bias]
            while division.op_type != "Div":
                division = self.producer[division.input[0]]
            bias = [division.input[0]]
            output = following.output[0]
        cast = self._next(output, "Cast")
        mul = self._next(cast.output[0], "Mul")
        inputs = [self._float_source(node.input[0]), self._linear_weight(node, mul, cast.output[0]), *bias]
        float_conv = helper.make_node("Conv", inputs, [mul.output[0]], name=f"{mul.name}_f32")
        float_conv.attribute.extend(node.attribute)
        return mul, float_conv

    def lstm(self, node: onnx.NodeProto) -> tuple[onnx.NodeProto, onnx.NodeProto]:
        """(the quantised node itself, the float `LSTM`)."""
        names = [*node.input, *[""] * (12 - len(node.input))]
        x, w, r, bias, lengths, hidden, cell, _, w_scale, w_zero, r_scale, r_zero = names
        inputs = [x, self._lstm_weight(w, w_scale, w_zero), self._lstm_weight(r, r_scale, r_zero)]
        inputs += [bias, lengths, hidden, cell]
        float_lstm = helper.make_node("LSTM", inputs, list(node.output), name=f"{node.name}_f32")
        float_lstm.attribute.extend(a for a in node.attribute if a.name in ("direction", "hidden_size"))
        return node, float_lstm

    def _lstm_weight(self, name: str, scale_name: str, zero_name: str) -> str:
        scale = self._required(scale_name).astype(np.float32)
        zero = self._required(zero_name).astype(np.float32)

        def per_direction(a: Floats) -> Floats:
            return a.reshape(a.shape[0], 1, -1) if a.ndim == 2 else a.reshape(-1, 1, 1)

        def make(q: Floats) -> Floats:
            return ((q - per_direction(zero)) * per_direction(scale)).transpose(0, 2, 1)

        return self._weight(name, make)


def dequantise(graph: onnx.GraphProto) -> None:
    """Replace every dynamically quantised chain of `graph` by its float equivalent, in place."""
    work = _Dequantiser(graph)
    makers = {"MatMulInteger": work.matmul, "ConvInteger": work.conv, "DynamicQuantizeLSTM": work.lstm}
    replaced: dict[int, onnx.NodeProto] = {}
    for node in graph.node:
        if node.op_type in makers:
            old, new = makers[node.op_type](node)
            replaced[id(old)] = new
    nodes = [replaced.get(id(node), node) for node in graph.node]
    del graph.node[:]
    graph.node.extend(nodes)
    graph.initializer.extend(work.weights.values())
