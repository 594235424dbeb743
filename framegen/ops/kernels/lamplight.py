"""Lamplight as :mod:`framegen.ops.lamplight_reference` means it."""

from __future__ import annotations

import numpy as np

from framegen.frame import F32, F64
from framegen.ops import features as ft
from framegen.ops import lamplight_reference as reference
from framegen.ops import layout
from framegen.ops.cubes import AROUND, STEP
from framegen.ops.kernels.jit import kernel
from framegen.ops.kernels.place import place
from framegen.ops.lamplight_reference import BORDER, CUBE_M, FULL, LAMPS, MOST_LAMPS, POWER
from framegen.ops.lights_reference import WARM

_ZERO, _HALF, _ONE, _TWO, _SMALL = (np.float32(v) for v in (0, 0.5, 1, 2, 1e-6))
_LEAST_M, _FAR = np.float32(ft.LEAST_M), np.float32(ft.FAR_M)
_NEAR, _REACH = np.float32(reference.NEAR_M**2), np.float32(1 / reference.REACH_M**2)
_MOST, _ROUGH = np.float32(1 / reference.MOST), np.float32(reference.ROUGH)
_CELL, _SAMPLE, _GAIN = ft.CELL_PX, ft.SAMPLE_PX, layout.GAIN.start
_LAMPS, _STEP = float(LAMPS), STEP
_WARM = np.square(np.array(WARM, np.float32))


@kernel
def _left(square: F64, count: F64, out: F64) -> None:
    """:func:`framegen.ops.lamplight_reference.fading` of ``[n]`` values, into ``out``."""
    many, summed, end = 0.0, 0.0, np.inf
    for i in range(square.shape[0]):
        many += count[i]
        summed += count[i] * square[i] * square[i]
        if many > _LAMPS and end == np.inf:
            mine = summed / (many - _LAMPS)
            last = i + 1 == square.shape[0]
            if last or mine <= square[i + 1] * square[i + 1]:
                end = mine
    for i in range(square.shape[0]):
        out[i] = max(1 - square[i] * square[i] / end, 0.0) if end > 0 else 1.0


@kernel
def _cube(x: float, y: float, z: float) -> int:
    """:func:`framegen.ops.cubes.numbers` of one place."""
    i, j, k = np.int64(np.floor(x / CUBE_M)), np.int64(np.floor(y / CUBE_M)), np.int64(np.floor(z / CUBE_M))
    return int(i * _STEP[0] + j * _STEP[1] + k * _STEP[2])


@kernel
def gather(
    share: F32, lamp_m: F32, columns: F32, rows: F32, forward: F64, deep: bool, position: F64, out: F32
) -> int:  # fmt: skip
    """:func:`framegen.ops.lamplight_reference.lamps` into ``out`` ``[MOST_LAMPS, 4]``; returns how many there are."""
    h, w = share.shape
    number, cells = np.empty(h * w, np.int64), np.empty((h * w, 5))
    n = 0
    for i in range(h):
        for j in range(w):
            d = np.float64(lamp_m[i, j])
            if not (share[i, j] > _ZERO and lamp_m[i, j] >= _LEAST_M and lamp_m[i, j] < _FAR):
                continue
            x, y = _CELL * j + _SAMPLE, _CELL * i + _SAMPLE
            for c in range(3):
                ray = np.float64(columns[c, x] + rows[c, y])
                cells[n, c] = ray * d if deep else ray + forward[c] * d
            cells[n, 3] = np.float64(share[i, j]) / (h * w)
            cells[n, 4] = min((min(i, j, h - 1 - i, w - 1 - j) + 0.5) / (BORDER * w), 1.0)
            number[n] = _cube(cells[n, 0] + position[0], cells[n, 1] + position[1], cells[n, 2] + position[2])
            n += 1
    if n == 0:
        return 0
    cube, found, before = np.empty(n, np.int64), np.zeros((n, 5)), 0
    m = 0
    for i in np.argsort(number[:n]):
        if m == 0 or number[i] != before:
            before, cube[m] = number[i], number[i]
            m += 1
        filled = cells[i, 3]
        found[m - 1, 3] += filled
        found[m - 1, 4] += filled * cells[i, 4]
        for c in range(3):
            found[m - 1, c] += filled * cells[i, c]
    square = np.zeros(m)
    for k in range(m):
        for c in range(3):
            found[k, c] /= found[k, 3]
            square[k] += found[k, c] * found[k, c]
        found[k, 4] /= found[k, 3]
    order = np.argsort(square)
    count, left, weight = np.empty(m), np.empty(m), np.empty(m)
    for i in range(m):
        count[i] = min(found[order[i], 3] / FULL, 1.0) * found[order[i], 4]
    _left(square[order], count, left)
    for i in range(m):
        weight[i] = -count[i] * left[i]
    n = 0
    for i in np.argsort(weight, kind="mergesort")[:MOST_LAMPS]:
        mine, whole = order[i], 0.0
        for step in AROUND:
            at = min(np.searchsorted(cube[:m], cube[mine] + step), m - 1)
            if cube[at] == cube[mine] + step:
                apart = 0.0
                for c in range(3):
                    apart += (found[mine, c] - found[at, c]) ** 2
                whole += max(1 - apart / CUBE_M**2, 0.0) ** 2 * found[at, 3]
        power = POWER * min(whole / FULL, 1.0) * (found[mine, 3] / whole) * found[mine, 4] * left[i]
        if np.float32(power) > _ZERO:
            out[n, 0], out[n, 1], out[n, 2], out[n, 3] = found[mine, 0], found[mine, 1], found[mine, 2], power
            n += 1
    return n


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
    width = out.shape[1]
    scratch = np.empty((6, width), np.float32)
    px, py, pz, rough, stands, total = scratch[0], scratch[1], scratch[2], scratch[3], scratch[4], scratch[5]
    for i in range(first, end):
        y = _CELL * i + _SAMPLE
        nx, ny, nz = normal[0, i], normal[1, i], normal[2, i]
        for j in range(width):
            x = _CELL * j + _SAMPLE
            z = depth_m[y, x]
            here = z >= _LEAST_M and z < _FAR
            stands[j] = _ONE if here else _ZERO
            px[j], py[j], pz[j] = place(columns, rows, ahead, deep, x, y, z if here else _ZERO)
            rough[j] = _ROUGH * (_ONE - np.sqrt(nx[j] * nx[j] + ny[j] * ny[j] + nz[j] * nz[j]))
            total[j] = _ZERO
        for n in range(found.shape[0]):
            # a row at a time without branches, so that it becomes vector code
            lx, ly, lz, power = found[n, 0], found[n, 1], found[n, 2], found[n, 3]
            for j in range(width):
                tx, ty, tz = lx - px[j], ly - py[j], lz - pz[j]
                square = tx * tx + ty * ty + tz * tz
                edge = max(_ONE - square * _REACH, _ZERO)
                facing = (nx[j] * tx + ny[j] * ty + nz[j] * tz) / np.sqrt(max(square, _SMALL)) + rough[j]
                total[j] += power * max(facing, _ZERO) * edge * edge / (square + _NEAR)
        for j in range(width):
            out[i, j] = stands[j] * total[j] / (_ONE + total[j] * _MOST)


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
    gather(cell, cell.copy(), line, line.copy(), np.zeros(3), True, np.zeros(3), np.empty((MOST_LAMPS, 4), np.float32))
    light(0, 1, lamp, plane, normal, line, line.copy(), np.zeros(3, np.float32), cell)
    add(0, 1, latent, cell, _ONE, latent.copy())


__all__ = ["add", "gather", "light", "warm_up"]
