"""The files of the embedded model and the small part of it that runs outside the graph: condition -> FiLM vector."""

from __future__ import annotations

import zipfile
from collections.abc import Sequence
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


_AGAIN = "Install framegen again, or give a whole folder that 'framegen train' of this version wrote: OUT/model"


def unfit(file: Path) -> ModelUnavailable:
    """The error of a file of weights that cannot be what this version runs."""
    return ModelUnavailable(f"{file} is damaged, or of another version of framegen.", hint=_AGAIN)


class Style:
    """Condition vector -> FiLM vector: three dense layers with SiLU between, in NumPy.

    Args:
        layers: weight ``[n, m]`` and bias ``[n]`` of each layer in turn.
    """

    def __init__(self, layers: Sequence[NDArray[Any]]) -> None:
        self.layers: tuple[F32, ...] = tuple(_plain(array) for array in layers)

    @staticmethod
    def load(path: Path) -> Style:
        """The layers of a file. Raises ModelUnavailable where there is none, or they do not fit."""
        if not path.exists():
            raise ModelUnavailable(f"{path} is missing.", hint=_AGAIN)
        try:
            with np.load(path) as data:
                style = Style([data[f"{name}{i}"] for i in range(3) for name in ("weight", "bias")])
            style(np.zeros(layout.CONDITION, np.float32))
        except (OSError, ValueError, LookupError, EOFError, zipfile.BadZipFile) as error:
            raise unfit(path) from error
        return style

    @property
    def film(self) -> int:
        """Length of the FiLM vector."""
        return int(self.layers[-1].shape[0])

    def __call__(self, condition: F32) -> F32:
        """``[CONDITION]`` -> ``[film]``, float32."""
        x = condition
        for weight, bias in zip(self.layers[::2], self.layers[1::2], strict=True):
            x = np.asarray(weight @ x + bias, np.float32)
            if weight is not self.layers[-2]:
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
