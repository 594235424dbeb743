"""Lamplight as :mod:`framegen.ops.lamplight_reference` means it."""

from __future__ import annotations

import numpy as np

from framegen.frame import F32
from framegen.ops import features as ft
from framegen.ops import lamplight_reference as reference
from framegen.ops import layout
from framegen.ops.kernels.jit import kernel
from framegen.ops.kernels.place import place
from framegen.ops.lights_reference import WARM

_ZERO, _HALF, _ONE, _TWO, _SMALL = (np.float32(v) for v in (0, 0.5, 1, 2, 1e-6))
_LEAST_M, _FAR = np.float32(ft.LEAST_M), np.float32(ft.FAR_M)
_NEAR, _REACH = np.float32(reference.NEAR_M**2), np.float32(1 / reference.REACH_M**2)
_MOST, _ROUGH = np.float32(1 / reference.MOST), np.float32(reference.ROUGH)
_CELL, _SAMPLE, _GAIN = ft.CELL_PX, ft.SAMPLE_PX, layout.GAIN.start
_WARM = np.square(np.array(WARM, np.float32))


@kernel
def light(
    first: int, end: int, found: F32, depth_m: F32, normal: F32, columns: F32, rows: F32, ahead: F32, out: F32
) -> None:  # fmt: skip
    """Rows of cells ``first`` to ``end`` of :func:`framegen.ops.lamplight_reference.light`, into ``out``.

    ``depth_m`` ``[H, W]``. ``normal`` ``[3, h, w]``: of :func:`framegen.ops.lamplight_reference.normals`. ``columns``,
    ``rows``: see :class:`framegen.ops.features.Rays`. ``ahead`` ``[3]``: the view axis of orthographic cameras, else
    zeros.
    """
    deep = ahead[0] == 0 and ahead[1] == 0 and ahead[2] == 0
    for i in range(first, end):
        y = _CELL * i + _SAMPLE
        for j in range(out.shape[1]):
            x = _CELL * j + _SAMPLE
            z = depth_m[y, x]
            out[i, j] = _ZERO
            if not (z >= _LEAST_M and z < _FAR):
                continue
            px, py, pz = place(columns, rows, ahead, deep, x, y, z)
            nx, ny, nz, total = normal[0, i, j], normal[1, i, j], normal[2, i, j], _ZERO
            rough = _ROUGH * (_ONE - np.sqrt(nx * nx + ny * ny + nz * nz))
            for n in range(found.shape[0]):
                tx, ty, tz = found[n, 0] - px, found[n, 1] - py, found[n, 2] - pz
                square = tx * tx + ty * ty + tz * tz
                edge = _ONE - square * _REACH
                if edge <= _ZERO:
                    continue
                facing = (nx * tx + ny * ty + nz * tz) / np.sqrt(max(square, _SMALL)) + rough
                if facing > _ZERO:
                    total += found[n, 3] * facing * edge * edge / (square + _NEAR)
            out[i, j] = total / (_ONE + total * _MOST)


@kernel
def add(first: int, end: int, latent: F32, reached: F32, share: np.float32, out: F32) -> None:
    """Rows ``first`` to ``end`` of :func:`framegen.ops.lamplight_reference.lit`, into ``out``, a copy of ``latent``."""
    for i in range(first, end):
        for j in range(reached.shape[1]):
            if reached[i, j] == _ZERO:
                continue
            for c in range(3):
                gain = latent[i, j, _GAIN + c]
                more = share * reached[i, j] * _WARM[c] * np.exp(-_TWO * gain)
                out[i, j, _GAIN + c] = gain + _HALF * np.log(_ONE + more)


def warm_up() -> None:
    """Compiles all of this module, or loads what an earlier run compiled."""
    plane, line, cell = np.ones((4, 4), np.float32), np.ones((3, 4), np.float32), np.ones((1, 1), np.float32)
    latent = np.ones((1, 1, layout.KEPT), np.float32)
    lamp, normal = np.ones((1, 4), np.float32), np.ones((3, 1, 1), np.float32)
    light(0, 1, lamp, plane, normal, line, line.copy(), np.zeros(3, np.float32), cell)
    add(0, 1, latent, cell, _ONE, latent.copy())


__all__ = ["add", "light", "warm_up"]
