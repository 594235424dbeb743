"""Compiled kernels on a GPU: loaded once, launched on a stream, so that a graph capturing the stream captures them."""

from __future__ import annotations

import ctypes
from collections.abc import Sequence
from typing import Any

from framegen.errors import ModelUnavailable
from framegen.ops.cuda.compiler import SOURCES, compile_source

BLOCK = (32, 8)
"""Threads of a block, across and down."""
_TYPES = {"int": ctypes.c_int, "float": ctypes.c_float}


class Kernels:
    """Every kernel of ``shaders/cuda``, for the GPU whose context is current in this thread.

    Args:
        architecture: of that GPU, ``sm_90`` and so on. store: what planes hold; see :mod:`compiler`.

    Raises:
        ModelUnavailable: the ``cuda`` extra is missing, or the driver refuses.
    """

    def __init__(self, architecture: str, store: str = "float32") -> None:
        from cuda.bindings import driver

        self._driver = driver
        self._functions: dict[str, tuple[Any, tuple[Any, ...]]] = {}
        for source in SOURCES:
            code = compile_source(source, architecture, store)
            module = self._checked(driver.cuModuleLoadData(code))
            for name, parameters in source.kernels.items():
                function = self._checked(driver.cuModuleGetFunction(module, name.encode()))
                # pointers and streams are whole numbers as wide as void*
                types = tuple(ctypes.c_void_p if "*" in p else _TYPES[p.split()[0]] for p in parameters)
                self._functions[name] = function, types

    def launch(self, name: str, width: int, height: int, arguments: Sequence[int | float], stream: int) -> None:
        """Run kernel ``name`` over ``width`` x ``height`` threads.

        Args:
            arguments: device addresses and numbers, in the kernel's order. stream: its handle.
        """
        function, types = self._functions[name]
        if len(arguments) != len(types):
            raise ValueError(f"{name} takes {len(types)} arguments, not {len(arguments)}.")
        blocks = (-(-width // BLOCK[0]), -(-height // BLOCK[1]))
        self._checked(
            self._driver.cuLaunchKernel(function, *blocks, 1, *BLOCK, 1, 0, stream, (tuple(arguments), types), 0)
        )

    def _checked(self, answer: tuple[Any, ...]) -> Any:
        status, *values = answer
        if status != self._driver.CUresult.CUDA_SUCCESS:
            raise ModelUnavailable(f"CUDA's driver says {status.name}.", hint="Is NVIDIA's driver new enough?")
        return values[0] if values else None
