"""Surfaces of other colours as :mod:`framegen.ops.recolor_reference` means it."""

from __future__ import annotations

import numpy as np

from framegen.frame import F32, U8
from framegen.ops import features as ft
from framegen.ops import recolor_reference as reference
from framegen.ops.kernels.jit import kernel, sealed
from framegen.ops.kernels.rows import SHARE
from framegen.ops.reference import LEAST_NEARNESS, SHARPNESS

_ZERO, _HALF, _ONE, _MOST = np.float32(0), np.float32(0.5), np.float32(1), np.float32(255)
_LEAST_M, _FAR = np.float32(ft.LEAST_M), np.float32(np.inf)
_SHARP, _SMALL = np.float32(SHARPNESS), np.float32(LEAST_NEARNESS)
_PART = np.float32(1 - reference.KEPT)
_LOGS = np.log(np.maximum(np.arange(256) / 255, reference.DARKEST)).astype(np.float32)
_FLOORS = np.maximum(np.arange(256), 255 * reference.DARKEST).astype(np.float32)
_CELL, _SAMPLE, _HALF_CELL = ft.CELL_PX, ft.SAMPLE_PX, ft.CELL_PX // 2


@kernel
def _nearness(z: np.float32) -> np.float32:
    near: np.float32 = _ONE / z if (z >= _LEAST_M) & (z < _FAR) else _ZERO
    return near


@kernel
def paint(
    first: int, end: int, color: U8, normal: F32, code: U8, depth_m: F32, slopes: F32, share: F32, gain: F32, out: U8
) -> None:  # fmt: skip
    """Rows ``first`` to ``end`` of :func:`framegen.ops.recolor_reference.recolored`, into ``out``."""
    h, w = normal.shape[1], normal.shape[2]
    weight, even = np.empty(4, np.float32), np.zeros(3, np.float32)
    for y in range(first, end):
        upper, down = (y + _HALF_CELL) // _CELL - 1, SHARE[y % _CELL]
        a, b = max(upper, 0), min(upper + 1, h - 1)
        for x in range(color.shape[1]):
            here, part = _nearness(depth_m[y, x]), _PART * share[code[y, x]]
            more = gain[code[y, x]]
            if here == _ZERO or (part == _ZERO and more[0] == _ONE and more[1] == _ONE and more[2] == _ONE):
                for c in range(3):
                    out[y, x, c] = color[y, x, c]
                continue
            if part > _ZERO:
                left, right = (x + _HALF_CELL) // _CELL - 1, SHARE[x % _CELL]
                p, q = max(left, 0), min(left + 1, w - 1)
                weight[0], weight[1] = (_ONE - down) * (_ONE - right), (_ONE - down) * right
                weight[2], weight[3] = down * (_ONE - right), down * right
                total, nx, ny, nz = _ZERO, _ZERO, _ZERO, _ZERO
                for k in range(4):
                    i, j = b if k > 1 else a, q if k & 1 else p
                    there = _nearness(depth_m[_CELL * i + _SAMPLE, _CELL * j + _SAMPLE])
                    off = (there - here) / max(there, here, _SMALL)
                    say = weight[k] / (_ONE + _SHARP * off * off)
                    total += say
                    nx, ny, nz = nx + say * normal[0, i, j], ny + say * normal[1, i, j], nz + say * normal[2, i, j]
                scale, terms = _ONE / total, slopes[code[y, x]]
                nx, ny, nz = nx * scale, ny * scale, nz * scale
                for c in range(3):
                    even[c] = terms[0, c] + nx * terms[1, c] + ny * terms[2, c] + nz * terms[3, c]
            for c in range(3):
                level = color[y, x, c]
                even_now = _FLOORS[level]
                if part > _ZERO:
                    old = _LOGS[level]
                    even_now = _MOST * np.exp(old + part * (even[c] - old))
                change = even_now * more[c] - _FLOORS[level]
                out[y, x, c] = np.uint8(np.int32(min(max(np.float32(level) + change, _ZERO) + _HALF, _MOST)))


def warm_up() -> None:
    """Compiles all of this module, or loads what an earlier run compiled."""
    picture, plane = np.zeros((4, 4, 3), np.uint8), np.ones((4, 4), np.float32)
    slopes, share = np.zeros((256, reference.TERMS, 3), np.float32), np.ones(256, np.float32)
    gain = np.ones((256, 3), np.float32)
    normal = np.zeros((3, 1, 1), np.float32)
    seen, code, depth = sealed(picture, np.uint8), sealed(picture[..., 0], np.uint8), sealed(plane, np.float32)
    paint(0, 4, seen, normal, code, depth, slopes, share, gain, picture.copy())


__all__ = ["paint", "warm_up"]
