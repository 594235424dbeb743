"""Clouds on a dome: fixed in the world by direction alone, so they neither swim when the view turns nor move along.

The network gives the sky's smooth colour per cell; clouds modulate it there, at a quarter of the size, which is all
the sharpness that clouds need and costs a tenth of a millisecond.
"""

from __future__ import annotations

from functools import lru_cache

import cv2
import numpy as np

from framegen.frame import F32, F64
from framegen.ops import features as ft

TILE_PX = 512
TILE_SPAN = 6.0
"""Width of the tile on a plane one unit above the eye."""
HORIZON = 0.1
"""Added to the height of a direction: clouds crowd towards the horizon but never without end."""


@lru_cache(maxsize=4)
def cloud_tile(seed: int = 7) -> F32:
    """``[TILE_PX, TILE_PX]`` float32, 0..1 evenly spread: fractal noise that wraps around. The same array each time:
    not to be written to.

    A random phase for every wave, amplitudes falling as frequency to the power of 1.7 (spectral synthesis; Voss 1985).
    """
    frequency = np.fft.fftfreq(TILE_PX) * TILE_PX
    radius = np.maximum(np.hypot(frequency[:, None], frequency[None]), 1e-6)
    amplitude = np.where(radius >= 2.0, radius**-1.7, 0.0)
    phase = np.exp(2j * np.pi * np.random.default_rng(seed).random((TILE_PX, TILE_PX)))
    noise = np.fft.ifft2(amplitude * phase).real
    noise /= noise.std()
    # the logistic curve turns the bell of a sum of waves into an even spread
    return np.asarray(1.0 / (1.0 + np.exp(-1.7 * noise)), np.float32)


def tile_at(x: F64, z: F64) -> F64:
    """The tile between its texels, bilinear, at places ``x``, ``z`` in texels; it wraps."""
    tile = cloud_tile()
    x0, z0 = np.floor(x).astype(np.int64), np.floor(z).astype(np.int64)
    left, right = x0 % TILE_PX, (x0 + 1) % TILE_PX
    lines = [
        tile[j % TILE_PX, left] + (x - x0) * (tile[j % TILE_PX, right] - tile[j % TILE_PX, left]) for j in (z0, z0 + 1)
    ]
    return np.asarray(lines[0] + (z - z0) * (lines[1] - lines[0]), np.float64)


class CloudDome:
    """Density of the clouds that each cell of a view looks at."""

    def __init__(self, seed: int = 7) -> None:
        self._tile = cloud_tile(seed)

    def density(self, rays: ft.Rays) -> tuple[F32, F32]:
        """``[h, w]`` float32 0..1 evenly spread, and how much of it is seen: 0 at and below the horizon, 1 above."""
        columns, rows = rays.columns[:, ft.SAMPLE_PX :: ft.CELL_PX], rays.rows[:, ft.SAMPLE_PX :: ft.CELL_PX]
        x, y, z = columns[:, None, :] + rows[:, :, None]
        length = rays.stretch[ft.SAMPLE_PX :: ft.CELL_PX, ft.SAMPLE_PX :: ft.CELL_PX]
        height = y / length
        scale = np.float32(TILE_PX / TILE_SPAN) / (np.maximum(height, 0) + np.float32(HORIZON)) / length
        found = cv2.remap(self._tile, x * scale, z * scale, cv2.INTER_LINEAR, borderMode=cv2.BORDER_WRAP)
        return np.asarray(found, np.float32), np.clip((height - np.float32(0.02)) * 5, 0, 1)


Hue = tuple[float, float, float]
WHITE: Hue = (1.0, 1.0, 1.0)
WHITEN = 0.75
"""How far lit clouds leave the sky's colour for white; what the sun is gone by, they keep of the sky's."""
UNLIT = 0.5
"""How much darker clouds are when no sun lights them: by night they stand dark before the sky."""


def cloudy_air(
    air: F32,
    sky: F32,
    density: F32,
    seen: F32,
    cover: float,
    gloom: float,
    sunless: float = 0.0,
    hue: Hue = WHITE,
) -> F32:
    """The air's colour with clouds where there is sky.

    Args:
        air: ``[h, w, 3]`` float32, sRGB-encoded. sky: ``[h, w]`` share of each cell that is sky.
        density, seen: of :meth:`CloudDome.density`.
        cover: share of the sky that white clouds hide, 0..1. gloom: 0..1, contrast of a closed cover.
        sunless: 0..1, how far the sun is gone. hue: of the light on clouds, gains on white.

    Returns:
        ``[h, w, 3]`` float32; ``air`` itself where nothing changes.
    """
    if cover <= 0 and gloom <= 0:
        return air
    edge = np.float32(1.0 - cover)
    # a soft threshold: thin at the rim, dense inside
    body = np.clip((density - edge) * np.float32(4.0), 0.0, 1.0)
    share = (body * body * (3 - 2 * body) * seen * sky * np.float32(0.9))[..., None]
    brightest = air.max(-1, keepdims=True)
    shade = (1.1 - 0.22 * np.clip((density - edge) * 2.5, 0.0, 1.0)[..., None]) * (1 - UNLIT * sunless)
    white = np.minimum((air + WHITEN * (1 - sunless) * (brightest * np.asarray(hue, np.float32) - air)) * shade, 1.0)
    out = air + share * (white - air)
    if gloom > 0:
        out = out * (1 - (gloom * 0.2 * (density - 0.5) * seen * sky)[..., None])
    return np.asarray(out, np.float32)
