"""Which inference runtime is fastest on the processor at hand.

Measured, decoder seconds of CPU per second of natural speech, one thread (the int8 graphs add 0.016):

    processor                        OpenVINO bf16   OpenVINO f32   onnxruntime f32
    Intel with AMX                   0.16            0.32           0.43
    AMD, avx512_bf16 without AMX     0.26 - 0.31     0.38 - 0.45    0.37
"""

from __future__ import annotations

import importlib.util
from pathlib import Path

_BF16_FLAGS = frozenset({"amx_bf16", "avx512_bf16"})


def installed_runtimes() -> tuple[str, ...]:
    """Every runtime that can be used here, fast or not."""
    installed = importlib.util.find_spec("openvino") is not None
    return ("onnxruntime-fp32", *(("openvino-bf16", "openvino-f32") if installed else ()))


def choose_runtime(cpu_info: Path = Path("/proc/cpuinfo")) -> str:
    """`openvino-bf16`, `openvino-f32` or `onnxruntime-fp32`."""
    if importlib.util.find_spec("openvino") is None:
        return "onnxruntime-fp32"
    try:
        text = cpu_info.read_text("utf-8", "replace")
    except OSError:  # not Linux: nothing is known of the processor
        return "onnxruntime-fp32"
    return _for_processor(text)


def _for_processor(cpu_info: str) -> str:
    flags = next((line for line in cpu_info.splitlines() if line.startswith("flags")), "")
    if _BF16_FLAGS & set(flags.split()):
        return "openvino-bf16"
    return "openvino-f32" if "GenuineIntel" in cpu_info else "onnxruntime-fp32"
