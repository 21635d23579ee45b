from songwright.engine.voice import choose_runtime
from songwright.engine.voice.model import RUNTIMES


def test_bfloat16_is_used_where_the_processor_has_it(tmp_path):
    info = tmp_path / "cpuinfo"
    info.write_text("vendor_id : AuthenticAMD\nflags : fpu avx512f avx512_bf16\n")
    assert choose_runtime(info) == "openvino-bf16"


def test_without_it_intel_and_others_get_what_measured_faster(tmp_path):
    info = tmp_path / "cpuinfo"
    info.write_text("vendor_id : GenuineIntel\nflags : fpu avx2\n")
    assert choose_runtime(info) == "openvino-f32"
    info.write_text("vendor_id : AuthenticAMD\nflags : fpu avx2\n")
    assert choose_runtime(info) == "onnxruntime-fp32"


def test_an_unknown_machine_gets_the_runtime_that_runs_anywhere(tmp_path):
    assert choose_runtime(tmp_path / "nothing") == "onnxruntime-fp32"
    assert choose_runtime() in RUNTIMES
