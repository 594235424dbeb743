"""Clouds over the air's colour, compiled; see :mod:`framegen.ops.clouds`."""

from __future__ import annotations

from typing import Any

import numpy as np

from framegen.frame import F32, Camera
from framegen.ops import features as ft
from framegen.ops import layout
from framegen.ops.clouds import HORIZON, TILE_PX, TILE_SPAN, UNLIT, WHITE, WHITEN, Hue, cloud_tile
from framegen.ops.kernels.jit import kernel, ready

_ZERO, _ONE, _TWO, _THREE = np.float32(0), np.float32(1), np.float32(2), np.float32(3)
_SCALE, _HORIZON = np.float32(TILE_PX / TILE_SPAN), np.float32(HORIZON)
_SEEN_FROM, _SEEN_GAIN = np.float32(0.02), np.float32(5)
_BODY_GAIN, _MOST = np.float32(4), np.float32(0.9)
_WHITEN, _LIT, _SHADE, _SHADE_GAIN = np.float32(WHITEN), np.float32(1.1), np.float32(0.22), np.float32(2.5)
_GLOOM, _HALF, _UNLIT = np.float32(0.2), np.float32(0.5), np.float32(UNLIT)
_WRAP = TILE_PX - 1
VEIL = 4
"""Planes of a veil, see :func:`find`."""
NO_VEIL = np.empty((0, 0, 0), np.float32)
_CELL, _AT = ft.CELL_PX, ft.SAMPLE_PX


@kernel
def find(
    sky: F32,
    columns: F32,
    rows: F32,
    stretch: F32,
    tile: F32,
    cover: np.float32,
    gloom: np.float32,
    sunless: np.float32,
    out: F32,
) -> None:
    """What clouds do to the air of each cell, whatever its colour: ``out`` ``[VEIL, h, w]`` is how much of them is
    seen, how bright they are, what is left of the light and how white they are. No cloud is seen where ``sky``
    ``[h, w]`` is 0 or the view goes below the horizon."""
    h, w = sky.shape
    edge, lit, white = _ONE - cover, _ONE - _UNLIT * sunless, _WHITEN * (_ONE - sunless)
    for i in range(h):
        for j in range(w):
            out[0, i, j], out[1, i, j], out[2, i, j], out[3, i, j] = _ZERO, _ONE, _ONE, white
            if not sky[i, j] > _ZERO:
                continue
            length = stretch[i * _CELL + _AT, j * _CELL + _AT]
            height = (columns[1, j] + rows[1, i]) / length
            seen = min(max((height - _SEEN_FROM) * _SEEN_GAIN, _ZERO), _ONE) * sky[i, j]
            if not seen > _ZERO:
                continue
            scale = _SCALE / (height + _HORIZON) / length
            x, y = (columns[0, j] + rows[0, i]) * scale, (columns[2, j] + rows[2, i]) * scale
            left, top = np.floor(x), np.floor(y)
            right, below = x - left, y - top
            x0, y0 = int(left) & _WRAP, int(top) & _WRAP
            x1, y1 = (x0 + 1) & _WRAP, (y0 + 1) & _WRAP
            above = tile[y0, x0] + right * (tile[y0, x1] - tile[y0, x0])
            under = tile[y1, x0] + right * (tile[y1, x1] - tile[y1, x0])
            density = above + below * (under - above)
            body = min(max((density - edge) * _BODY_GAIN, _ZERO), _ONE)
            out[0, i, j] = body * body * (_THREE - _TWO * body) * seen * _MOST
            out[1, i, j] = (_LIT - _SHADE * min(max((density - edge) * _SHADE_GAIN, _ZERO), _ONE)) * lit
            out[2, i, j] = _ONE - gloom * _GLOOM * (density - _HALF) * seen


@kernel
def _behind(
    value: np.float32, brightest: np.float32, share: np.float32, shade: np.float32, light: np.float32, white: np.float32
) -> Any:
    cloud = min((value + white * (brightest - value)) * shade, _ONE)
    return (value + share * (cloud - value)) * light


@kernel
def draw(air: F32, grade: F32, hue: F32, veil: F32, first: int, end: int, out: F32) -> None:
    """Rows ``first`` to ``end`` of ``out`` ``[h, w, 3]`` become ``air`` times ``grade`` ``[3]`` behind the clouds of a
    ``veil``, which may be empty; ``hue`` ``[3]``: of the light on them."""
    cloudy = veil.size > 0
    for i in range(first, end):
        for j in range(air.shape[1]):
            red, green, blue = air[i, j, 0] * grade[0], air[i, j, 1] * grade[1], air[i, j, 2] * grade[2]
            if cloudy:
                share, shade, light, white = veil[0, i, j], veil[1, i, j], veil[2, i, j], veil[3, i, j]
                brightest = max(red, green, blue)
                red = _behind(red, brightest * hue[0], share, shade, light, white)
                green = _behind(green, brightest * hue[1], share, shade, light, white)
                blue = _behind(blue, brightest * hue[2], share, shade, light, white)
            out[i, j, 0], out[i, j, 1], out[i, j, 2] = red, green, blue


class Clouds:
    """The clouds of :class:`framegen.ops.clouds.CloudDome`, found before the air's colour is known and drawn over it.

    The tile is read at exact places, which OpenCV rounds to 1/32 texel.
    """

    def __init__(self, seed: int = 7) -> None:
        self.tile = cloud_tile(seed)

    def blank(self, rays: ft.Rays | None, cover: float, gloom: float, height: int, width: int) -> F32:
        """A veil ``[VEIL, height, width]`` to :func:`find`; empty where there are no clouds or the view is not in
        perspective. ``cover``, ``gloom``: see :func:`framegen.ops.clouds.cloudy_air`."""
        if rays is None or not rays.perspective or (cover <= 0 and gloom <= 0):
            return NO_VEIL
        return np.empty((VEIL, height, width), np.float32)

    def over(
        self, air: F32, sky: F32, rays: ft.Rays, cover: float, gloom: float, sunless: float = 0.0, hue: Hue = WHITE
    ) -> F32:
        """``[h, w, 3]`` float32, ``air`` itself where nothing changes: see :func:`framegen.ops.clouds.cloudy_air`.

        Args:
            air: ``[h, w, 3]`` float32, sRGB-encoded. sky: ``[h, w]`` float32, share of each cell that is sky.
            cover, gloom, sunless: 0..1. hue: of the light on clouds.
        """
        veil = self.blank(rays, cover, gloom, *sky.shape)
        if not veil.size:
            return air
        find(
            ready(sky, np.float32),
            ready(rays.columns[:, ft.SAMPLE_PX :: ft.CELL_PX], np.float32),
            ready(rays.rows[:, ft.SAMPLE_PX :: ft.CELL_PX], np.float32),
            ready(rays.stretch, np.float32),
            self.tile,
            np.float32(cover),
            np.float32(gloom),
            np.float32(sunless),
            veil,
        )
        out = np.empty(air.shape, np.float32)
        draw(ready(air, np.float32), np.ones(3, np.float32), np.asarray(hue, np.float32), veil, 0, len(out), out)
        return out


def warm_up() -> None:
    """Compile all of this module."""
    camera = Camera.perspective(np.eye(4), fov_y_rad=1.0, aspect=1.0)
    air, sky = np.full((4, 4, 3), 0.5, np.float32), np.ones((4, 4), np.float32)
    latent = np.zeros((4, 4, layout.KEPT), np.float32)
    draw(latent[..., layout.AIR], np.ones(3, np.float32), np.ones(3, np.float32), NO_VEIL, 0, 4, air.copy())
    Clouds().over(air, sky, ft.rays_of(camera, 4 * ft.CELL_PX, 4 * ft.CELL_PX), 0.5, 0.0)
