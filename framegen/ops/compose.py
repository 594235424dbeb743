"""The embedded model's composition at full size, fast: a frame's planes handed to :mod:`framegen.ops.kernels.compose`.

Matches :mod:`framegen.ops.reference` within two 8-bit levels (float32 rounding, 8-bit colour floor).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from framegen.frame import F32, U8
from framegen.ops import features as ft
from framegen.ops import layout
from framegen.ops.anchors import Anchors
from framegen.ops.duet import DUET
from framegen.ops.fields import FieldAtlas
from framegen.ops.kernels import compose as kernels
from framegen.ops.kernels import survey as survey_kernel
from framegen.ops.kernels.clouds import NO_VEIL, draw
from framegen.ops.kernels.jit import ready
from framegen.ops.reference import STRAIGHT, nearness_of_color

_NONE = np.empty((0, 0), np.float32)
_NO_SHIFT = np.empty((0, 0, 3), np.float32)
_NO_PLANE = np.empty((0, 0), np.uint8)
_LINES = np.zeros((3, 1), np.float32)
_EVEN = np.ones((3, 3), np.float32)
_NO_NUMBERS = np.zeros(0, np.int32)
_BANDS = 4
"""Bands of rows that two threads take in turns: one that is held up then leaves more of them to the other."""


@dataclass(frozen=True, eq=False)
class Survey:
    """What of a composition depends on depth alone; see :func:`framegen.ops.kernels.survey.survey`.

    Attributes:
        depth_m: ``[H, W]`` float32. through: ``[H, W]`` float32, share of a surface's light that passes the air.
        span: ``[H, 2]`` int32, at: ``[H * W]`` int32, weight: ``[4, H * W]`` float32, which: ``[4, H * W]`` int32:
            pixels beside edges of depth.
    """

    depth_m: F32
    through: F32
    span: NDArray[np.int32]
    at: NDArray[np.int32]
    weight: F32
    which: NDArray[np.int32]

    @property
    def found(self) -> tuple[F32, NDArray[np.int32], NDArray[np.int32], F32, NDArray[np.int32]]:
        """What is worked out from depth."""
        return self.through, self.span, self.at, self.weight, self.which


NO_SURVEY = Survey(_NONE, _NONE, np.zeros((0, 2), np.int32), _NO_NUMBERS, _NONE, np.empty((0, 0), np.int32))


def blank_survey(depth_m: F32) -> Survey:
    """The survey of ``[H, W]`` float32 metres, yet to be filled by :func:`framegen.ops.kernels.survey.survey`."""
    height, pixels = len(depth_m), depth_m.size
    return Survey(
        depth_m,
        np.empty_like(depth_m),
        np.empty((height, 2), np.int32),
        np.empty(pixels, np.int32),
        np.empty((4, pixels), np.float32),
        np.empty((4, pixels), np.int32),
    )


def survey_of_color(color: U8) -> Survey:
    """For ``[H, W, 3]`` uint8 without depth: edges of brightness stand for those of depth, and the air is clear.

    The picture's brightness is :func:`framegen.ops.reference.nearness_of_color`.
    """
    found = blank_survey(np.float32(1) / nearness_of_color(color))
    rows, clear, any_color = len(color) // ft.CELL_PX, np.float32(0), survey_kernel.ANY_COLOR
    survey_kernel.survey(0, rows, found.depth_m, _NONE, clear, any_color, *found.found)
    found.through.fill(1)
    return found


def air_of(latent: F32, grade: F32 | None, curve: tuple[float, float]) -> F32:
    """``[h, w, 3]`` float32 0..1, the air of ``latent`` as a picture composed with ``grade`` and ``curve`` shows it,
    but for clouds."""
    source = ready(latent, np.float32)
    out = np.empty((*source.shape[:2], 3), np.float32)
    kernels.air_of(source, (_EVEN if grade is None else ready(grade, np.float32))[1], *curve, out)
    return out


class Composer:
    """Composition with the detail fields of one atlas, on two threads. Keeps nothing of a frame."""

    def __init__(self, atlas: FieldAtlas) -> None:
        self._atlas = atlas
        self._words = kernels.words(atlas.pixels)

    def compose(
        self,
        latent: F32,
        color: U8,
        depth: Survey | None,
        geometry: ft.CellGeometry,
        *,
        cover: float = 1.0,
        contrast: float = 1.0,
        anchors: Anchors | None = None,
        veil: F32 = NO_VEIL,
        grade: F32 | None = None,
        curve: tuple[float, float] = STRAIGHT,
    ) -> U8:
        """``[H, W, 3]`` uint8, a new array; see :func:`framegen.ops.reference.compose`.

        ``depth``: of the same frame, or None: coefficients are then interpolated. ``anchors``: of what moves alone.
        ``veil``: clouds before the latent's air, see :func:`framegen.ops.kernels.clouds.find`; empty: a clear sky.
        ``grade``: ``[3, 3]`` float32, gains on surfaces (their paint too), on air, and on the light on clouds.
        ``curve``: see :func:`framegen.ops.reference.toned`.
        """
        latent, color = ready(latent, np.float32), ready(color, np.uint8)
        shift = _NO_SHIFT if anchors is None else ready(anchors.shift_m, np.float32)
        weight = _NONE if anchors is None else ready(anchors.weight, np.float32)
        rays, atlas = geometry.rays, self._atlas
        plane, footprint, columns, rows = _NO_PLANE, _NONE, _LINES, _LINES
        ahead, tiles = np.zeros(3, np.float32), np.zeros((3, atlas.count))
        known = NO_SURVEY if depth is None else depth
        facing, spread = geometry.plane, geometry.footprint_m
        if depth is not None and rays is not None and facing is not None and spread is not None and contrast > 0:
            plane, footprint, columns, rows = facing, ready(spread, np.float32), rays.columns, rays.rows
            tiles = rays.position[:, None] / atlas.tile_m
            tiles -= np.floor(tiles)
            if not rays.perspective:
                ahead = rays.forward.astype(np.float32)
        surfaces, aerial, hue = _EVEN if grade is None else ready(grade, np.float32)
        height = latent.shape[0]
        air = np.empty((*latent.shape[:2], 3), np.float32)
        out = np.empty(color.shape, np.uint8)

        def band(first: int, end: int) -> None:
            # with the rows that the band's edges are blended with
            draw(latent[..., layout.AIR], aerial, hue, veil, max(first - 1, 0), min(end + 1, height), air)
            kernels.compose_band(
                first, end, latent, air, shift, weight, surfaces, cover, contrast, *curve, color, known.depth_m,
                known.through, known.span, known.at, known.weight, known.which, plane, footprint, atlas.tile_m, tiles,
                atlas.size_px, atlas.origin_px, columns, rows, ahead, self._words, atlas.pixels.shape[1], out,
            )  # fmt: skip

        DUET.split(height, min(_BANDS, height), band)
        return out
