"""The files of the embedded model and the small part of it that runs outside the graph: condition -> FiLM vector."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from framegen.errors import ModelUnavailable
from framegen.frame import F32
from framegen.ops import features as ft
from framegen.ops import layout

FOLDER = Path(__file__).resolve().parents[2] / "models" / "embedded"
"""``embedded.onnx``, ``embedded-int8.onnx``, ``style.npz``, ``fields.webp``, ``fields.json``; weights of other models
and sizes in folders of their own."""


class Style:
    """Condition vector -> FiLM vector: three dense layers with SiLU between, in NumPy."""

    def __init__(self, path: Path) -> None:
        if not path.exists():
            raise ModelUnavailable(f"{path} is missing.", hint="Install framegen again: its weights ship with it.")
        with np.load(path) as data:
            self._layers = [(_plain(data[f"weight{i}"]), _plain(data[f"bias{i}"])) for i in range(3)]

    @property
    def layers(self) -> tuple[F32, ...]:
        """Weight and bias of each layer in turn."""
        return tuple(array for layer in self._layers for array in layer)

    @property
    def film(self) -> int:
        """Length of the FiLM vector."""
        return int(self._layers[-1][1].shape[0])

    def __call__(self, condition: F32) -> F32:
        """``[CONDITION]`` -> ``[film]``, float32."""
        x = condition
        for i, (weight, bias) in enumerate(self._layers):
            x = np.asarray(weight @ x + bias, np.float32)
            if i < 2:
                x = x / (np.float32(1) + np.exp(-x))
        return np.asarray(x, np.float32)


def _plain(array: NDArray[Any]) -> F32:
    return np.require(array, np.float32, ("C", "A", "W"))


def empty_inputs(height: int, width: int, film: F32) -> dict[str, NDArray[Any]]:
    """Inputs of a black frame without depth or history, for warming up and timing. ``film``: ``[film]``."""
    h, w = height // ft.CELL_PX, width // ft.CELL_PX
    return {
        "color": np.zeros((1, height, width, 3), np.uint8),
        "cells": np.zeros((1, ft.CHANNELS, h, w), np.float32),
        "label": np.zeros((1, h, w), np.int32),
        "history": np.zeros((1, h, w, layout.HISTORY), np.float32),
        "film": film[None],
    }
