import onnx
import pytest
from onnx import TensorProto, helper

from songwright.engine.material import Assets
from songwright.engine.voice import prepare_graphs
from songwright.engine.voice.dequantise import GraphMismatch
from songwright.engine.voice.graphs import graph_paths


def test_a_missing_model_is_said(tmp_path):
    (tmp_path / "kokoro").mkdir()
    with pytest.raises(FileNotFoundError, match="model_int8"):
        prepare_graphs(Assets(tmp_path))


def test_another_model_is_refused_by_the_tensors_it_lacks_and_leaves_nothing_behind(tmp_path):
    folder = tmp_path / "kokoro"
    folder.mkdir()
    x = helper.make_tensor_value_info("tokens", TensorProto.FLOAT, [1])
    y = helper.make_tensor_value_info("audio", TensorProto.FLOAT, [1])
    graph = helper.make_graph([helper.make_node("Identity", ["tokens"], ["audio"])], "other", [x], [y])
    onnx.save(helper.make_model(graph), folder / "model_int8.onnx")
    with pytest.raises(GraphMismatch, match="/encoder/Gather_output_0"):
        prepare_graphs(Assets(tmp_path))
    assert [p.name for p in folder.iterdir()] == ["model_int8.onnx"]


def test_the_published_model_is_cut_once_and_holds_no_int8_in_its_decoder(assets):
    prepare_graphs(assets)
    paths = graph_paths(assets)
    assert paths.ready()
    before = paths.decoder.stat().st_mtime_ns
    prepare_graphs(assets)
    assert paths.decoder.stat().st_mtime_ns == before
    operators = {node.op_type for node in onnx.load(paths.decoder, load_external_data=False).graph.node}
    assert not operators & {"ConvInteger", "MatMulInteger", "DynamicQuantizeLinear", "DynamicQuantizeLSTM"}
