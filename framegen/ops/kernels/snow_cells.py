"""What cells of a picture say of its snow, as :mod:`framegen.ops.snow_reference` means it."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from framegen.frame import F32, F64, U8
from framegen.ops import features as ft
from framegen.ops import layout
from framegen.ops import snow_reference as reference
from framegen.ops.kernels.jit import kernel

_ZERO, _ONE, _PER_LEVEL = np.float32(0), np.float32(1), np.float32(1 / 255)
_CELL, _AT, _PER_CELL = ft.CELL_PX, ft.SAMPLE_PX, np.float32(1 / ft.CELL_PX**2)
_COVER, _PAINT = layout.COVER, layout.PAINT.start
_UP, _SNOWY, _CLEAR = np.float32(reference.UP), np.float32(reference.SNOWY), np.float32(reference.CLEAR)
_MARKED = np.float32(reference.MARKING)
_AROUND, _LEAST = np.float32(reference.AROUND), np.float32(reference.LEAST)
_EVEN = np.float32(reference.EVEN[0])
_PER_EVEN = np.float32(1 / (reference.EVEN[1] - reference.EVEN[0]))
_STEEP, _PER_SOFT = np.float32(reference.STEEP + reference.STEEP_SOFT), np.float32(1 / reference.STEEP_SOFT)
_GROUND, _TREES, _ROOM, _WATER, _MARKING = 1, 2, 4, 8, 16
KINDS = (
    _GROUND * reference.IS_GROUND.astype(np.uint8)
    + _TREES * reference.IS_TREE.astype(np.uint8)
    + _ROOM * reference.IS_ROOM.astype(np.uint8)
    + _WATER * reference.IS_WATER.astype(np.uint8)
    + _MARKING * reference.IS_MARKING.astype(np.uint8)
).astype(np.uint8)
"""What each of :data:`framegen.ops.layout.LABELS` is."""


@kernel
def _seen(picture: U8, i: int, j: int, channel: int) -> np.float32:
    """A channel of a cell of the picture, averaged to a level as OpenCV does it."""
    total = np.int32(0)
    for y in range(i * _CELL, i * _CELL + _CELL):
        for x in range(j * _CELL, j * _CELL + _CELL):
            total += picture[y, x, channel]
    mean: np.float32 = np.rint(np.float32(total) * _PER_CELL)
    return mean


@kernel
def weigh(
    picture: U8, latent: F32, label: NDArray[np.int32], kinds: U8, through: F32, air: F32, up: F32, sky: np.float32,
    whiter: np.float32, out: F32, sums: F64,
) -> None:  # fmt: skip
    """The light of snow in each cell times its weight, and the weight: ``out`` ``[h, w, 4]``; its sums, and that of how
    much each cell that is seen may bear: ``sums`` ``[5]``.

    ``picture`` ``[H, W, 3]``: only where there is snow it is averaged to cells. ``kinds``: :data:`KINDS`. ``sky``:
    0..1, how surely it is no room. ``whiter``: share of the paint's own colour.
    """
    sums[:] = 0.0
    for i in range(label.shape[0]):
        for j in range(label.shape[1]):
            out[i, j] = _ZERO
            kind = kinds[label[i, j]]
            if not up[i, j] > _UP or kind & _WATER:
                continue
            bears = _ONE if kind & _GROUND else sky if kind & _ROOM else _ZERO
            if not bears > _ZERO:
                continue
            t = through[i * _CELL + _AT, j * _CELL + _AT]
            if not t > _CLEAR:
                continue
            bears *= _MARKED if kind & _MARKING else _ONE
            sums[4] += bears
            cover = min(max(latent[i, j, _COVER], _ZERO), _ONE)
            if not cover > _SNOWY:
                continue
            weight = cover * cover * bears
            out[i, j, 3] = weight
            sums[3] += weight
            for c in range(3):
                light = (_seen(picture, i, j, c) * _PER_LEVEL - air[i, j, c] * (_ONE - t)) / t
                paint = latent[i, j, _PAINT + c] / max(latent[i, j, _COVER], _SNOWY)
                light = weight * (light + whiter * (paint - light))
                out[i, j, c] = light
                sums[c] += light


@kernel
def mix(close: F32, wide: F32, sums: F64, out: F32) -> None:
    """The colour of snow ``[h, w, 3]`` of what :func:`weigh` gives, averaged over near and far cells ``[h, w, 4]``."""
    least = (_LEAST * (sums[:4] / sums[3])).astype(np.float32)
    for i in range(out.shape[0]):
        for j in range(out.shape[1]):
            per = _ONE / (_LEAST + close[i, j, 3] + _AROUND * wide[i, j, 3])
            for c in range(3):
                light = (least[c] + close[i, j, c] + _AROUND * wide[i, j, c]) * per
                out[i, j, c] = min(max(light, _ZERO), _ONE)


@kernel
def facing_up(label: NDArray[np.int32], kinds: U8, up: F32) -> tuple[int, int, int]:
    """How many cells face up, water aside, how many of these are ground, and how many of what is in rooms."""
    faces = ground = rooms = 0
    for i in range(label.shape[0]):
        for j in range(label.shape[1]):
            kind = kinds[label[i, j]]
            if up[i, j] > _UP and not kind & _WATER:
                faces += 1
                ground += 1 if kind & _GROUND else 0
                rooms += 1 if kind & _ROOM else 0
    return faces, ground, rooms


@kernel
def off_walls(
    latent: F32, mean: F32, up: F32, label: NDArray[np.int32], kinds: U8, room: np.float32, part: np.float32
) -> None:
    """:func:`framegen.ops.snow_reference.off_walls`, in place; ``mean`` ``[3, h, w]``: normals of 3x3 cells, averaged.
    ``room``: 0..1, how surely it is one. ``part``: how much is taken off."""
    for i in range(label.shape[0]):
        for j in range(label.shape[1]):
            kind = kinds[label[i, j]]
            if kind & _TREES:
                bare = _ZERO
            else:
                x, y, z = mean[0, i, j], mean[1, i, j], mean[2, i, j]
                even = (np.sqrt(x * x + y * y + z * z) - _EVEN) * _PER_EVEN
                steep = (_STEEP - up[i, j]) * _PER_SOFT
                bare = min(max(even, _ZERO), _ONE) * min(max(steep, _ZERO), _ONE)
                if not kind & _GROUND:
                    bare = max(bare, room)
            if bare > _ZERO:
                keep = _ONE - part * bare
                latent[i, j, _COVER] *= keep
                for c in range(_PAINT, _PAINT + 3):
                    latent[i, j, c] *= keep


def warm_up() -> None:
    """Compiles all of this module, or loads what an earlier run compiled."""
    cells, sums, one = np.ones((1, 1, layout.KEPT), np.float32), np.ones(5), np.float32(1)
    plane, label, kinds = np.ones((1, 1), np.float32), np.zeros((1, 1), np.int32), KINDS
    four, three = np.ones((1, 1, 4), np.float32), np.ones((1, 1, 3), np.float32)
    through = np.ones((4, 4), np.float32)
    weigh(np.ones((4, 4, 3), np.uint8), cells, label, kinds, through, three, plane, one, one, four, sums)
    mix(four, four.copy(), sums, three)
    off_walls(cells, np.ones((3, 1, 1), np.float32), plane, label, kinds, one, one)
    facing_up(label, kinds, plane)


__all__ = ["KINDS", "facing_up", "mix", "off_walls", "warm_up", "weigh"]
