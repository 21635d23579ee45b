"""Cut the published speech model into graphs, so that durations and pitch can be put in from outside.

Conventions
    `durations.onnx`  tokens int64 [1, T], style [1, 256], speed [1]  -> frames per token int64 [T], 25 ms each
    `prosody.onnx`    tokens, style, durations                        -> F0 Hz, log energy [1, 2F], text [1, 512, F]
    `source.onnx`     F0 of the source [1, 1, 2F]                     -> spectrum of its sine and noise
    `decoder.onnx`    text, F0 for the timbre, source, energy, style  -> log magnitude and phase of 20-point frames
    `waveform.onnx`   magnitude and phase                             -> audio at 24 kHz
    F frames of 25 ms; F0 and energy come at twice that rate. The first two stay int8 (small, exact enough); the decoder
    is de-quantised to float32.
    The decoder reads F0 twice: the timbre network never heard notes above about 260 Hz and collapses there, while the
    sine source may have any pitch. Source and waveform are graphs of their own because they are cheap and must run in
    float32: in bfloat16 the running phase of the source is wrong by 170 cents (median), in the decoder proper by less
    than one.
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import onnx
from onnx import TensorProto, helper

from songwright.engine.material import Assets
from songwright.engine.voice.dequantise import GraphMismatch, dequantise

DURATIONS = "/encoder/Gather_output_0"
F0 = "/encoder/Reshape_output_0"
ENERGY = "/encoder/Reshape_1_output_0"
TEXT = "/encoder/MatMul_1_output_0"
SOURCE_F0 = "source_f0"  #: the input added by the cut
SOURCE = "/decoder/decoder/generator/Concat_3_output_0"
FRAMES = "/decoder/decoder/generator/conv_post/Conv_output_0"
AUDIO = "audio"

_GENERATOR_F0 = "/decoder/decoder/Unsqueeze_output_0"  #: F0 as the generator's sine source reads it
_GENERATOR = "/decoder/decoder/generator"


@dataclass(frozen=True, slots=True)
class _Port:
    """A named tensor at the edge of a graph."""

    name: str
    type: int
    shape: tuple[int | str, ...] | None = None

    def info(self) -> onnx.ValueInfoProto:
        return helper.make_tensor_value_info(self.name, self.type, self.shape)


_TOKENS = _Port("tokens", TensorProto.INT64, (1, "tokens"))
_STYLE = _Port("style", TensorProto.FLOAT, (1, 256))
_SPEED = _Port("speed", TensorProto.FLOAT, (1,))
_DURATIONS = _Port(DURATIONS, TensorProto.INT64, ("tokens",))
_F0 = _Port(F0, TensorProto.FLOAT, (1, "half_frames"))
_ENERGY = _Port(ENERGY, TensorProto.FLOAT, (1, "half_frames"))
_TEXT = _Port(TEXT, TensorProto.FLOAT, (1, 512, "frames"))
_SOURCE_F0 = _Port(SOURCE_F0, TensorProto.FLOAT, (1, 1, "half_frames"))
_SOURCE = _Port(SOURCE, TensorProto.FLOAT, (1, 22, "hops"))
_FRAMES = _Port(FRAMES, TensorProto.FLOAT, (1, 22, "hops"))
_AUDIO = _Port(AUDIO, TensorProto.FLOAT)


@dataclass(frozen=True, slots=True)
class GraphPaths:
    """Where the cut graphs lie."""

    durations: Path
    prosody: Path
    source: Path
    decoder: Path
    waveform: Path

    def ready(self) -> bool:
        """Whether all of them have been cut."""
        return all(path.is_file() for path in (self.durations, self.prosody, self.source, self.decoder, self.waveform))


def graph_paths(assets: Assets) -> GraphPaths:
    """The files `prepare_graphs` makes."""
    names = ("durations", "prosody", "source", "decoder", "waveform")
    return GraphPaths(*(assets.kokoro / f"{name}.onnx" for name in names))


def prepare_graphs(assets: Assets) -> None:
    """Cut the graphs from the model if they are not there yet.

    Raises FileNotFoundError when the model is absent and GraphMismatch when it is some other model.
    """
    paths = graph_paths(assets)
    if paths.ready():
        return
    model = onnx.load(assets.kokoro / "model_int8.onnx")
    _check(model.graph)
    _save(_subgraph(model, [_TOKENS, _STYLE, _SPEED], [_DURATIONS]), paths.durations)
    _save(_subgraph(model, [_TOKENS, _STYLE, _DURATIONS], [_F0, _ENERGY, _TEXT]), paths.prosody)
    # Cut before de-quantising, and again after it to drop the int8 weights: half the memory of the other order.
    model = _subgraph(model, [_TEXT, _F0, _ENERGY, _STYLE], [_AUDIO])
    dequantise(model.graph)
    _separate_source(model.graph)
    _save(_subgraph(model, [_SOURCE_F0], [_SOURCE]), paths.source)
    _save(_subgraph(model, [_TEXT, _F0, _SOURCE, _ENERGY, _STYLE], [_FRAMES]), paths.decoder)
    _save(_subgraph(model, [_FRAMES], [_AUDIO]), paths.waveform)


def _check(graph: onnx.GraphProto) -> None:
    """Every tensor the cut depends on must exist before anything is written."""
    made = {name for node in graph.node for name in node.output}
    missing = {DURATIONS, F0, ENERGY, TEXT, SOURCE, FRAMES, _GENERATOR_F0, AUDIO} - made
    missing |= {_TOKENS.name, _STYLE.name, _SPEED.name} - {i.name for i in graph.input}
    if missing:
        raise GraphMismatch(f"the singing model lacks the tensors {', '.join(sorted(missing))}")


def _separate_source(graph: onnx.GraphProto) -> None:
    """Let the generator's sine source read its own F0 input."""
    moved = 0
    for node in graph.node:
        if "f0_upsamp" in node.name or node.name.startswith(_GENERATOR):
            for index, name in enumerate(node.input):
                if name in (F0, _GENERATOR_F0):
                    node.input[index] = SOURCE_F0
                    moved += 1
    if not moved:
        raise GraphMismatch("no node of the generator reads the pitch")


def _subgraph(model: onnx.ModelProto, inputs: Sequence[_Port], outputs: Sequence[_Port]) -> onnx.ModelProto:
    """The part of `model` between named tensors, in topological order."""
    edges = {port.name for port in inputs}
    nodes, leaves = _behind(model.graph, {port.name for port in outputs}, edges)
    initializers = [i for i in model.graph.initializer if i.name in leaves]
    unknown = leaves - {i.name for i in initializers} - {""}
    if unknown:
        raise GraphMismatch(f"nothing provides {', '.join(sorted(unknown))}")
    ordered = _topological(nodes, edges | {i.name for i in initializers} | {""})
    graph = helper.make_graph(ordered, "voice", [p.info() for p in inputs], [p.info() for p in outputs], initializers)
    return helper.make_model(graph, opset_imports=model.opset_import, ir_version=model.ir_version)


def _behind(graph: onnx.GraphProto, wanted: set[str], edges: set[str]) -> tuple[list[onnx.NodeProto], set[str]]:
    """Nodes needed to compute `wanted` from `edges`, and the names no node makes."""
    producer = {out: index for index, node in enumerate(graph.node) for out in node.output if out}
    pending, seen, keep, leaves = list(wanted), set(edges), set[int](), set[str]()
    while pending:
        name = pending.pop()
        if name in seen:
            continue
        seen.add(name)
        if name in producer:
            keep.add(producer[name])
            pending.extend(graph.node[producer[name]].input)
        else:
            leaves.add(name)
    return [graph.node[i] for i in sorted(keep)], leaves


def _topological(nodes: Iterable[onnx.NodeProto], available: set[str]) -> list[onnx.NodeProto]:
    ordered: list[onnx.NodeProto] = []
    pending = list(nodes)
    while pending:
        waiting: list[onnx.NodeProto] = []
        for node in pending:
            if all(name in available for name in node.input):
                ordered.append(node)
                available.update(node.output)
            else:
                waiting.append(node)
        if len(waiting) == len(pending):
            raise GraphMismatch(f"{len(waiting)} nodes wait for each other")
        pending = waiting
    return ordered


def _save(model: onnx.ModelProto, path: Path) -> None:
    """Write beside the target and rename, so that another process never reads half a graph."""
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.stem}-", suffix=".part")
    os.close(handle)
    temporary = Path(name)
    try:
        onnx.save(model, temporary)
        temporary.chmod(0o644)
        temporary.replace(path)
    finally:
        temporary.unlink(missing_ok=True)
