"""Parts of synthesised textures: periodic noise and patterns of cells, all of which tile without a seam.

Every array is ``[side, side]`` over one tile; row 0 is the top, as in a picture.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from framegen.frame import F32, U8

Rng = np.random.Generator
Color = tuple[float, float, float]
SIDE_PX = 512


def scaled(color: Color, gain: float | Color, limit: float = 0.9) -> Color:
    """A colour times a factor, or times another colour, at most ``limit``."""
    gains = gain if isinstance(gain, tuple) else (gain, gain, gain)
    return min(limit, color[0] * gains[0]), min(limit, color[1] * gains[1]), min(limit, color[2] * gains[2])


@dataclass(frozen=True, eq=False)
class Texture:
    """``albedo`` ``[side, side, 3]`` uint8 sRGB (RGB order); ``height`` ``[side, side]`` float32, 0 low .. 1 high."""

    albedo: U8
    height: F32


@dataclass(frozen=True, eq=False)
class Cells:
    """A pattern of stones, tiles or bricks.

    ``number`` ``[side, side]`` intp, which cell; ``edge`` float32, distance to the nearest joint's middle, in the
    height of a cell; ``u``, ``v`` float32, place in the cell, 0..1 from left and from top.
    """

    number: NDArray[np.intp]
    edge: F32
    u: F32
    v: F32

    def vary(self, rng: Rng) -> F32:
        """One standard-normal number a cell, spread over its texels."""
        return np.asarray(rng.standard_normal(int(self.number.max()) + 1)[self.number], np.float32)


def tile_noise(rng: Rng, low: float, high: float, slope: float = 1.0, stretch: float = 1.0) -> F32:
    """Periodic noise of zero mean and unit variance from waves of ``low`` to ``high`` cycles a tile.

    Amplitudes fall with frequency to the power ``slope``; ``stretch`` > 1 draws the grain out along the columns.
    """
    cycles = np.fft.fftfreq(SIDE_PX) * SIDE_PX
    radius = np.hypot(cycles[None, :], cycles[:, None] * stretch)
    gain = np.where((radius >= low) & (radius <= high), np.maximum(radius, 1e-9) ** -slope, 0.0)
    noise = np.fft.ifft2(np.fft.fft2(rng.standard_normal((SIDE_PX, SIDE_PX))) * gain).real
    return np.asarray(noise / max(float(noise.std()), 1e-12), np.float32)


def smooth(low: float, high: float, x: F32) -> F32:
    """Smoothstep from 0 at ``low`` to 1 at ``high``."""
    t = np.clip((x - low) / (high - low), 0.0, 1.0)
    return np.asarray(t * t * (3.0 - 2.0 * t), np.float32)


def grid(rng: Rng, wobble: float = 0.0) -> tuple[F32, F32]:
    """Texel centres (x, y) in tiles, 0..1, shaken by up to about ``wobble`` tiles so that no edge is ruled."""
    at = (np.arange(SIDE_PX, dtype=np.float32) + 0.5) / SIDE_PX
    x, y = np.meshgrid(at, at)
    if wobble:
        x = x + wobble * tile_noise(rng, 4, 60, 1.2)
        y = y + wobble * tile_noise(rng, 4, 60, 1.2)
    return np.mod(x, 1.0), np.mod(y, 1.0)


def bond(rng: Rng, rows: int, widths: tuple[float, ...], shift: float, wobble: float = 0.0008) -> Cells:
    """Courses of bricks: ``widths`` repeat along a course (any unit), every other course is shifted.

    ``shift`` is a share of the first brick's width; ``rows`` must be even.
    """
    x, y = grid(rng, wobble)
    bounds = np.concatenate([[0.0], np.cumsum(widths)]) / sum(widths)
    course = np.floor(y * rows)
    along = np.mod(x + (course % 2) * shift * (bounds[1] - bounds[0]), 1.0)
    column = np.clip(np.searchsorted(bounds, along, side="right") - 1, 0, len(widths) - 1)
    left, right = bounds[column], bounds[column + 1]
    v = y * rows - course
    side = np.minimum(along - left, right - along) * rows
    edge = np.minimum(side, np.minimum(v, 1.0 - v))
    number = (course * len(widths) + column).astype(np.intp)
    return Cells(number, edge.astype(np.float32), ((along - left) / (right - left)).astype(np.float32), v)


def herringbone(rng: Rng, cells: int, wobble: float = 0.0008) -> Cells:
    """Pavers twice as long as wide, laid in a herringbone; ``cells`` paver widths a tile, a multiple of four.

    With r = (column - row) mod 4 a unit square is the left (0) or right (1) half of a lying paver, or the lower (3) or
    upper (2) half of a standing one.
    """
    x, y = grid(rng, wobble)
    column, row = np.floor(x * cells), np.floor(y * cells)
    fx, fy = x * cells - column, y * cells - row
    kind = np.mod(column - row, 4)
    lying = kind < 2
    u = np.where(lying, (fx + (kind == 1)) / 2, fx)
    v = np.where(lying, fy, (fy + (kind == 2)) / 2)
    head_column = np.where(kind == 1, column - 1, column)
    head_row = np.where(kind == 2, row - 1, row)
    number = (np.mod(head_row, cells) * cells + np.mod(head_column, cells)).astype(np.intp)
    long_side = np.where(lying, np.minimum(u, 1 - u), np.minimum(v, 1 - v)) * 2
    short_side = np.where(lying, np.minimum(v, 1 - v), np.minimum(u, 1 - u))
    return Cells(number, np.minimum(long_side, short_side).astype(np.float32), u.astype(np.float32), v)


def stones(rng: Rng, columns: int, rows: int, jitter: float = 0.4, wobble: float = 0.004) -> Cells:
    """Irregular stones: a periodic Voronoi diagram of ``columns`` x ``rows`` shaken points."""
    x, y = grid(rng, wobble)
    gx, gy = x * columns, y * rows
    px = 0.5 + jitter * rng.uniform(-1, 1, (rows, columns))
    py = 0.5 + jitter * rng.uniform(-1, 1, (rows, columns))
    column, row = np.floor(gx).astype(int), np.floor(gy).astype(int)
    first = np.full(x.shape, 9.0)
    second = np.full(x.shape, 9.0)
    number = np.zeros(x.shape, np.intp)
    for dy in (-2, -1, 0, 1, 2):
        for dx in (-2, -1, 0, 1, 2):
            c, r = np.mod(column + dx, columns), np.mod(row + dy, rows)
            distance = np.hypot(column + dx + px[r, c] - gx, row + dy + py[r, c] - gy)
            nearer = distance < first
            second = np.where(nearer, first, np.minimum(second, distance))
            number = np.where(nearer, r * columns + c, number)
            first = np.where(nearer, distance, first)
    return Cells(number, ((second - first) / 2).astype(np.float32), (gx - column).astype(np.float32), gy - row)


def shade(color: Color, log_tone: F32, warmth: F32 | None = None) -> F32:
    """``[side, side, 3]`` linear RGB: a colour times exp(``log_tone``); ``warmth`` turns it redder or bluer."""
    out = np.asarray(color, np.float32) * np.exp(log_tone)[..., None]
    if warmth is not None:
        out = out * np.exp(warmth[..., None] * np.asarray([0.5, 0.0, -0.6], np.float32))
    return np.asarray(out, np.float32)


def blend(a: F32, b: F32, share: F32) -> F32:
    """``a`` where ``share`` is 0, ``b`` where it is 1."""
    return np.asarray(a + (b - a) * share[..., None], np.float32)


def finish(linear: F32, height: F32) -> Texture:
    """Encode to sRGB (IEC 61966-2-1) and bring the height to 0..1."""
    c = np.clip(linear, 0.0, 1.0)
    encoded = np.where(c <= 0.0031308, 12.92 * c, 1.055 * np.power(c, 1 / 2.4) - 0.055)
    low, high = np.percentile(height, (0.5, 99.5))
    flat = np.clip((height - low) / max(float(high - low), 1e-6), 0, 1)
    return Texture(np.asarray(np.rint(encoded * 255), np.uint8), np.asarray(flat, np.float32))


def wrapped_blur(picture: F32, sigma_px: float) -> F32:
    """Gaussian blur across the tile's seams."""
    margin = int(3 * sigma_px) + 1
    wide = np.pad(picture, margin, mode="wrap")
    return np.asarray(cv2.GaussianBlur(wide, (0, 0), sigma_px)[margin:-margin, margin:-margin], np.float32)
