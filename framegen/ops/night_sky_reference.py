"""The meaning of stars and the moon in a night's sky, in plain NumPy: what the fast form must match.

They are fixed in the world by direction alone, as clouds are.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from framegen.frame import F32, F64, U8
from framegen.ops import features as ft
from framegen.ops.clouds import tile_at
from framegen.ops.ramp import smooth_ramp

STARS = 4000
"""Above the horizon: about what is seen without a telescope where no lamps are."""
FAINTEST, STEEPNESS = 0.035, 1.2
"""Light of the faintest, squared from sRGB-encoded, and exponent of how many are brighter than a light: fewer are the
brighter. The sky's own are of about 2 / 3 of 2.5 to the power of magnitude; faint ones are lost in pixels."""
TINT = 0.25
"""How far colours of stars leave white, at most: towards blue or orange."""
WIDE_PX, LINES, REACH = 0.55, 288, 1.8
"""A star is a spot of this standard deviation in a picture of so many lines, or fewer; of more, by the root of how many
times as many. It is cut off beyond so many of them: of a single pixel it would twinkle."""
AHEAD = 1e-3
"""Least part of a direction along the view axis that is seen."""
RISES = 0.0, 0.3
"""Sine of the height within which air dims them near the horizon."""
MOON_RAD, MOON_LIGHT, SOFT_RAD = 0.02, (1.0, 0.98, 0.92), 0.0016
"""Half the moon's width, four times the real one's as in many a game, its colour, and how soft its edge is."""
MARIA, MARIA_TEXELS = 0.22, 400.0
"""How much darker its plains are, and texels of noise for a direction of length one."""
PLAINS = 2.0, 0.8
"""Of noise 0..1 that says where they are: gain and what is taken off."""
HALO_RAD, HALO = 0.1, 0.45
"""How far its light spreads in the air, and how bright that is at its rim."""


Places = NDArray[np.intp]
Part = tuple[float, float]
WHOLE: Part = (1.0, 1.0)


@dataclass(frozen=True)
class NightSky:
    """What a night's sky shows.

    Attributes:
        stars: 0..1, how many of them are seen. moon, aurora: 0..1, how much of it. toward: unit vector towards the
            moon.
    """

    stars: float
    moon: float
    toward: tuple[float, float, float]
    aurora: float = 0.0


@lru_cache(maxsize=1)
def catalogue() -> tuple[F32, F32]:
    """``[STARS, 3]`` unit vectors and ``[STARS, 3]`` lights, squared from sRGB-encoded. Not to be written to."""
    rng = np.random.default_rng(23)
    height, turn = rng.random(STARS), rng.random(STARS) * 2 * np.pi
    flat = np.sqrt(1 - height**2)
    way = np.stack([flat * np.cos(turn), height, flat * np.sin(turn)], -1)
    light = np.minimum(FAINTEST * rng.random(STARS) ** (-1 / STEEPNESS), 1.5)
    hue = rng.uniform(-TINT, TINT, STARS)
    color = np.stack([1 + np.minimum(hue, 0), 1 - 0.3 * np.abs(hue), 1 - np.maximum(hue, 0)], -1)
    return way.astype(np.float32), (light[:, None] * color).astype(np.float32)


def lay(picture: U8, depth_m: F32, rays: ft.Rays, open_sky: F32, night: NightSky, part: Part = WHOLE) -> None:
    """Lays stars and moon over the sky of a picture, in place.

    Args:
        picture: ``[H, W, 3]`` uint8. depth_m: ``[H, W]`` float32, metres. rays: of the camera; one without perspective
            sees no stars.
        open_sky: ``[h, w]`` float32 0..1, how much of them is seen in each cell where there is sky.
        part: of the cells' width and height, what the picture shows: from the top left on.
    """
    if not rays.perspective:
        return
    height, width = depth_m.shape
    rows, columns = np.indices((height, width))
    seen = clear(depth_m, open_sky, part, rows, columns)
    light = starlight(rays, height, width, night.stars) * seen[..., None]
    picture[...] = 255 * np.sqrt(np.minimum((picture / 255.0) ** 2 + light, 1)) + 0.5
    lay_moon(picture, depth_m, rays, open_sky, night, part)


def cells_per_px(depth_m: F32, open_sky: F32, part: Part) -> tuple[float, float]:
    """How many cells a pixel is wide and high."""
    (height, width), (h, w) = depth_m.shape, open_sky.shape
    return w * part[0] / width, h * part[1] / height


def clear(depth_m: F32, open_sky: F32, part: Part, rows: Places, columns: Places) -> F32:
    """``[...]`` float32 0..1, how much of the sky is seen at pixels."""
    wide, high = cells_per_px(depth_m, open_sky, part)
    cell = ((rows + 0.5) * high).astype(int), ((columns + 0.5) * wide).astype(int)
    return np.asarray(np.where(ft.solid(depth_m[rows, columns]), np.float32(0), open_sky[cell]), np.float32)


def between(cells: F32, rows: NDArray[Any], columns: NDArray[Any]) -> F32:
    """``[n]`` values of cells ``[h, w]`` at places in cells from the corner, between their middles."""
    size = cells.shape
    y, x = (np.clip(i - 0.5, 0, n - 1) for i, n in zip((rows, columns), size, strict=True))
    top, left = y.astype(int), x.astype(int)
    below, right = np.minimum(top + 1, size[0] - 1), np.minimum(left + 1, size[1] - 1)
    down, across = y - top, x - left
    above = (1 - across) * cells[top, left] + across * cells[top, right]
    under = (1 - across) * cells[below, left] + across * cells[below, right]
    return np.asarray((1 - down) * above + down * under, np.float32)


def spot(height: int) -> tuple[float, int]:
    """Of a star in a picture of ``height`` lines, in pixels: standard deviation and reach."""
    wide = WIDE_PX * max(1.0, height / LINES) ** 0.5
    return wide, max(1, round(REACH * wide))


def starlight(rays: ft.Rays, height: int, width: int, share: float) -> F64:
    """``[H, W, 3]`` float64, squared from sRGB-encoded, what ``share`` 0..1 of the stars adds to pixels of the sky."""
    out = np.zeros((height, width, 3))
    way, light = catalogue()
    x, y, ahead = pixels(way, rays)
    light = share * light * smooth_ramp(way[:, 1], RISES)[:, None]
    wide, reach = spot(height)
    for n in np.flatnonzero(ahead & (share > 0)):
        column, row = int(np.floor(x[n])), int(np.floor(y[n]))
        for i in range(max(row - reach, 0), min(row + reach + 1, height)):
            for j in range(max(column - reach, 0), min(column + reach + 1, width)):
                square = (j + 0.5 - x[n]) ** 2 + (i + 0.5 - y[n]) ** 2
                out[i, j] += light[n] * np.exp(-square / (2 * wide**2))
    return out


def moon_within(rays: ft.Rays, night: NightSky, height: int, width: int) -> tuple[int, int, int, int]:
    """First and end of the rows and of the columns that have all of the moon's disc; none where it is not in view."""
    x, y, ahead = pixels(np.asarray([night.toward], np.float32), rays)
    if not ahead[0] or night.moon <= 0:
        return 0, 0, 0, 0
    # wide enough in the corners of wide views, where what is round is drawn out
    reach = 4 * MOON_RAD / rays.pixel_m + 2
    first, end = (int(np.clip(np.floor(y[0] + step), 0, height)) for step in (-reach, reach + 1))
    left, right = (int(np.clip(np.floor(x[0] + step), 0, width)) for step in (-reach, reach + 1))
    return first, end, left, right


def lay_moon(picture: U8, depth_m: F32, rays: ft.Rays, open_sky: F32, night: NightSky, part: Part) -> None:
    """Lays the moon alone; see :func:`lay`."""
    first, end, left, right = moon_within(rays, night, *depth_m.shape)
    if first >= end or left >= right:
        return
    toward = np.asarray(night.toward, np.float32)
    ray = np.moveaxis(rays.columns[:, None, left:right] + rays.rows[:, first:end, None], 0, -1)
    ray = ray / np.linalg.norm(ray, axis=-1, keepdims=True)
    away = np.linalg.norm(ray - toward, axis=-1)
    disc = 1 - smooth_ramp(away, (MOON_RAD - SOFT_RAD, MOON_RAD + SOFT_RAD))
    rows, columns = np.nonzero(disc > 0)
    spots = ray[rows, columns].astype(np.float64) * MARIA_TEXELS
    plains = np.clip(PLAINS[0] * tile_at(spots[:, 0] + spots[:, 2], spots[:, 1]) - PLAINS[1], 0, 1)
    color = np.asarray(MOON_LIGHT) * (1 - MARIA * plains)[:, None]
    wide, high = cells_per_px(depth_m, open_sky, part)
    rows, columns = rows + first, columns + left
    # a disc is wider than a cell
    seen = between(open_sky, (rows + 0.5) * high, (columns + 0.5) * wide) * ~ft.solid(depth_m[rows, columns])
    shown = (night.moon * disc[rows - first, columns - left] * seen)[:, None]
    old = picture[rows, columns].astype(np.float64)
    picture[rows, columns] = (old + shown * np.maximum(255 * color - old, 0) + 0.5).astype(np.uint8)


def halo(rays: ft.Rays, night: NightSky) -> F32:
    """``[h, w, 3]`` float32, light that the moon adds to the air of each cell, sRGB-encoded."""
    at = slice(ft.SAMPLE_PX, None, ft.CELL_PX)
    ray = rays.columns[:, None, at] + rays.rows[:, at, None]
    cosine = np.tensordot(np.asarray(night.toward, np.float32), ray, 1) / rays.stretch[at, at]
    away = np.sqrt(np.maximum(2 - 2 * cosine, 0))
    light = night.moon * HALO * np.exp(-np.maximum(away - MOON_RAD, 0) / HALO_RAD)
    return np.asarray(light[..., None] * np.asarray(MOON_LIGHT), np.float32)


def pixels(way: F32, rays: ft.Rays) -> tuple[F32, F32, NDArray[np.bool_]]:
    """``[n]`` each: where directions ``[n, 3]`` are seen, in pixels from the corner, and whether they lie ahead."""
    inverse, _ = ft.pixel_from_world(rays)
    at = way @ inverse.T
    ahead = at[:, 2] > AHEAD
    depth = np.where(ahead, at[:, 2], 1)
    return at[:, 0] / depth, at[:, 1] / depth, ahead
