"""An aurora as :mod:`framegen.ops.aurora_reference` means it."""

from __future__ import annotations

import math

import numpy as np

from framegen.frame import F32, F64
from framegen.ops import aurora_reference as reference
from framegen.ops import features as ft
from framegen.ops.clouds import TILE_PX
from framegen.ops.kernels.jit import kernel
from framegen.ops.kernels.tile import tile_at

_ZERO, _ONE, _TWO, _THREE = (np.float32(value) for value in (0, 1, 2, 3))
_CELL, _AT = ft.CELL_PX, ft.SAMPLE_PX
_WAVES, _FOLDS, _PARTS, _RAYS, _FINE = range(5)
_RADIUS = np.array([radius for radius, _ in reference.WAYS])
_TALL, _FOLDED, _BARE, _RISE = reference.TALL, reference.FOLDED, reference.BARE, reference.RISE
_GAIN, _OFF = reference.DIM
_FALL, _FASTER = reference.FALL
_GLOW, _GLOW_FALL = reference.GLOW, reference.GLOW_FALL
_LOW, _HIGH = np.array(reference.LOW), np.array(reference.HIGH)
_TURN_FROM, _TURN_TO = reference.TURNS
_CLEAR_FROM, _CLEAR_TO = reference.CLEARS


@kernel
def _smooth(value: float, first: float, last: float) -> float:
    t = min(max((value - first) / (last - first), 0.0), 1.0)
    return t * t * (3 - 2 * t)


@kernel
def light(
    first: int, end: int, columns: F32, rows: F32, sky: F32, tile: F32, curtains: F64, drift: F64, share: float,
    out: F32,
) -> None:  # fmt: skip
    """Rows ``first`` to ``end`` of ``out`` ``[h, w, 3]``; 0 where a cell has no ``sky`` ``[h, w]``.

    ``columns`` ``[3, W]`` and ``rows`` ``[3, H]``: of the camera's rays. ``curtains`` ``[n, 4]``: fields of
    :class:`framegen.ops.aurora_reference.Curtain`. ``drift`` ``[5]``: of each noise, in texels.
    """
    noise = np.empty(5)
    for i in range(first, end):
        for j in range(out.shape[1]):
            out[i, j, 0] = out[i, j, 1] = out[i, j, 2] = _ZERO
            if not sky[i, j] > _ZERO:
                continue
            x = float(columns[0, j * _CELL + _AT] + rows[0, i * _CELL + _AT])
            y = float(columns[1, j * _CELL + _AT] + rows[1, i * _CELL + _AT])
            z = float(columns[2, j * _CELL + _AT] + rows[2, i * _CELL + _AT])
            level = math.sqrt(x * x + z * z) + 1e-6
            clear = share * _smooth(y / math.sqrt(level * level + y * y), _CLEAR_FROM, _CLEAR_TO)
            if not clear > 0:
                continue
            east, north, slope = x / level, z / level, max(y, 0.0) / level
            red = green = blue = 0.0
            for n in range(curtains.shape[0]):
                for k in range(5):
                    across, along = curtains[n, 3] + drift[k], 2 * curtains[n, 3]
                    noise[k] = tile_at(tile, across + _RADIUS[k] * east, along + _RADIUS[k] * north)
                bright = curtains[n, 2] * min(max(_GAIN * noise[_PARTS] - _OFF, 0.0), 1.0)
                sway = 2 * noise[_WAVES] - 1 + _FOLDED * (2 * noise[_FOLDS] - 1)
                above = (slope * curtains[n, 0] * (1 + curtains[n, 1] * sway) - 1) / _TALL
                border = _smooth(above, 0.0, _RISE)
                body = _BARE + (1 - _BARE) * noise[_RAYS] * (0.6 + 0.8 * noise[_FINE])
                up = math.exp(-max(above, 0.0) * (_FALL + _FASTER * (1 - noise[_RAYS])))
                below = _GLOW * (1 - border) * math.exp(min(above, 0.0) * _GLOW_FALL)
                turned, lit = _smooth(above, _TURN_FROM, _TURN_TO), bright * (border * up * body + below)
                red += lit * (_LOW[0] + turned * (_HIGH[0] - _LOW[0]))
                green += lit * (_LOW[1] + turned * (_HIGH[1] - _LOW[1]))
                blue += lit * (_LOW[2] + turned * (_HIGH[2] - _LOW[2]))
            out[i, j, 0] = np.float32(1 - math.exp(-clear * red))
            out[i, j, 1] = np.float32(1 - math.exp(-clear * green))
            out[i, j, 2] = np.float32(1 - math.exp(-clear * blue))


def warm_up() -> None:
    """Compiles all of this module, or loads what an earlier run compiled."""
    lines, plane = np.ones((3, _CELL), np.float32), np.ones((1, 1), np.float32)
    tile = np.ones((TILE_PX, TILE_PX), np.float32)
    light(0, 1, lines, lines, plane, tile, np.ones((1, 4)), np.ones(5), 1.0, np.empty((1, 1, 3), np.float32))


__all__ = ["light", "warm_up"]
