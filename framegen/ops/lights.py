"""Windows and lamps of a frame that go on in the dark, fast; see :mod:`framegen.ops.lights_reference`."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache, partial

import numpy as np
from numpy.typing import NDArray

from framegen.frame import F32, U8
from framegen.ops import features as ft
from framegen.ops import lights_reference as reference
from framegen.ops.anchors import Anchors
from framegen.ops.duet import DUET
from framegen.ops.kernels import lights as kernels
from framegen.ops.kernels.jit import ready
from framegen.ops.lamp_memory import Recall
from framegen.ops.lamplight import reach
from framegen.ops.wet import mirrored

_NO_PLANE = np.empty((0, 0), np.float32)
_NO_FACES = np.empty((0, 0), np.uint8)
_NO_SHIFT = np.empty((0, 0, 3), np.float32)
_BANDS = 4
_rooms = lru_cache(maxsize=1)(reference.rooms)


@dataclass(frozen=True, eq=False)
class Lights:
    """The lit pixels of one frame.

    Attributes:
        at: ``[n]`` int32, their flat numbers. cover: ``[n]`` float32 0..1. color: ``[n, 3]`` float32, sRGB-encoded.
        glow: ``[h, w, 3]`` float32, what the cells around them get, and wet ground that mirrors them.
        reached: ``[h, w]`` float32, how much lamps light each cell, see :mod:`framegen.ops.lamplight_reference`; None
        where none does, or places are not known.
    """

    at: NDArray[np.int32]
    cover: F32
    color: F32
    glow: F32
    reached: F32 | None

    def shine(self, picture: U8, share: float) -> None:
        """Lays ``share`` 0..1 of them over ``picture`` ``[H, W, 3]`` uint8, in place."""
        kernels.shine(picture, np.float32(share), self.at, self.cover, self.color)


def find(
    kind: U8,
    color: U8,
    geometry: ft.CellGeometry,
    depth_m: F32 | None,
    through: F32 | None,
    anchors: Anchors | None,
    wet: float = 0.0,
    recall: Recall | None = None,
) -> Lights:
    """The lights of a frame.

    Args:
        kind: ``[H, W]`` uint8, of each pixel; see :data:`framegen.ops.lights_reference.WINDOW`.
        color: ``[H, W, 3]`` uint8, the engine's. depth_m, through: ``[H, W]`` float32, or None without depth.
        anchors: of what moves on its own. wet: 0..1, how wet the ground is, which mirrors them then.
        recall: see :func:`framegen.ops.lamplight.reach`.
    """
    height, width = kind.shape
    rays = geometry.rays
    columns = rows = _NO_PLANE
    faces = _NO_FACES
    ahead, position = np.zeros(3), np.zeros(3)
    if rays is not None and depth_m is not None:
        columns, rows = ready(rays.columns, np.float32), ready(rays.rows, np.float32)
        faces = _NO_FACES if geometry.plane is None else ready(geometry.plane, np.uint8)
        # floor and mask need places that an int holds, wherever the camera is
        period_m = reference.TILE * np.asarray(reference.ROOM_M)
        position = rays.position - np.floor(rays.position / period_m) * period_m
        if not rays.perspective:
            ahead = ready(rays.forward, np.float64)
    kinds = ready(kind, np.uint8)
    cells = np.zeros((height // ft.CELL_PX, width // ft.CELL_PX, 3), np.float32)
    nearest, lamp_m = (np.full(cells.shape[:2], np.inf, np.float32) for _ in range(2))
    lamps = np.zeros(cells.shape[:2], np.float32)
    seen = (
        ready(color, np.uint8),
        _NO_PLANE if depth_m is None else ready(depth_m, np.float32),
        _NO_PLANE if through is None else ready(through, np.float32),
    )
    shift = _NO_SHIFT if anchors is None else ready(anchors.shift_m, np.float32)
    pixel_m = np.float32(0 if rays is None else rays.pixel_m)
    found: dict[int, tuple[NDArray[np.int32], F32, F32]] = {}

    def band(first: int, end: int) -> None:
        top, bottom = first * ft.CELL_PX, end * ft.CELL_PX
        most = int(np.count_nonzero(kinds[top:bottom]))
        at, cover, light = np.empty(most, np.int32), np.empty(most, np.float32), np.empty((most, 3), np.float32)
        count = kernels.find(
            top, bottom, kinds, *seen, columns, rows, ahead, position, faces, pixel_m, shift, _rooms(), at, cover,
            light, cells, nearest, lamps, lamp_m,
        )  # fmt: skip
        found[first] = at[:count], cover[:count], light[:count]

    DUET.split(len(cells), min(_BANDS, len(cells)), band)
    at, cover, light = (np.concatenate(planes) for planes in zip(*(found[i] for i in sorted(found)), strict=True))
    # what they light and what mirrors them need nothing of each other
    glow = DUET.beside(partial(_glow, cells, nearest, depth_m, geometry, wet))
    reached = None if depth_m is None else reach(lamps, lamp_m, depth_m, geometry, recall)
    return Lights(at, cover, light, glow.result(), reached)


def _glow(cells: F32, nearest: F32, depth_m: F32 | None, geometry: ft.CellGeometry, wet: float) -> F32:
    glow = reference.spread(cells)
    if wet > 0 and depth_m is not None:
        glow += np.float32(wet) * mirrored(cells, nearest, depth_m, geometry)
    return glow
