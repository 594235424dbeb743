"""The CUDA kernels as a C++ compiler for the processor makes them: the same files, one thread after another."""

from __future__ import annotations

import ctypes
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from framegen.ops.cuda.compiler import SOURCES, STORES

Run = Callable[..., None]


def kernels_on_cpu(folder: Path, cxx: str, store: str = "float32") -> Run:
    """``run(kernel, width, height, *arguments)``: arrays, addresses and numbers in the kernel's order.

    ``store``: what planes hold; ``float16`` takes an instruction that no processor has.
    """
    real = "float" if store == "float32" else "unsigned short"
    lines = [f"#define STORE {STORES[store]}", f'#include "{Path(__file__).parent / "cuda_on_cpu.h"}"']
    types: dict[str, list[Any]] = {}
    for source in SOURCES:
        lines += [f"namespace {source.name} {{", source.text.replace('extern "C" ', ""), "}"]
        for name, parameters in source.kernels.items():
            kinds = {"int": ctypes.c_int, "float": ctypes.c_float}
            types[name] = [ctypes.c_void_p if "*" in p else kinds[p.split()[0]] for p in parameters]
            given = ", ".join(p.replace("Real", real) for p in parameters)
            called = ", ".join(p.split()[-1].lstrip("*") for p in parameters)
            lines.append(
                f'extern "C" void {name}_on_cpu(int threads_x, int threads_y, {given}) {{\n'
                "  blockDim = {8, 4, 1};\n"
                "  for (int j = 0; j < (threads_y + 3) / 4 * 4; j++)\n"
                "  for (int i = 0; i < (threads_x + 7) / 8 * 8; i++) {\n"
                "    blockIdx = {i / 8, j / 4, 0}; threadIdx = {i % 8, j % 4, 0};\n"
                f"    {source.name}::{name}({called});\n  }}\n}}"
            )
    (folder / "kernels.cpp").write_text("\n".join(lines))
    library = folder / "kernels.so"
    command = [cxx, "-O1", "-std=c++17", "-shared", "-fPIC", str(folder / "kernels.cpp"), "-o", str(library)]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=120)
    assert done.returncode == 0, done.stderr
    loaded = ctypes.CDLL(str(library))

    def run(name: str, width: int, height: int, *arguments: Any) -> None:
        addressed = [a.ctypes.data if isinstance(a, np.ndarray) else a for a in arguments]
        given = [kind(value) for kind, value in zip(types[name], addressed, strict=True)]
        getattr(loaded, f"{name}_on_cpu")(width, height, *given)

    return run
