"""Synthesised textures without pieces: plaster, asphalt, cloth, lawn, leaves, bark, metal."""

from __future__ import annotations

import cv2
import numpy as np

from framegen.frame import F32
from framegen.training.scenes.synthesis import (
    SIDE_PX,
    Color,
    Rng,
    Texture,
    blend,
    finish,
    grid,
    shade,
    smooth,
    stones,
    tile_noise,
    wrapped_blur,
)


def plaster(rng: Rng, color: Color, *, rough: float = 1.0, stains: float = 0.1, cracks: float = 0.0) -> Texture:
    """Rendered wall: trowel marks, grain, run-off stains drawn down, hair cracks."""
    fine = tile_noise(rng, 40, 256, 0.4)
    trowel = tile_noise(rng, 6, 60, 1.1, 0.5)
    runs = tile_noise(rng, 2, 60, 0.9, 3.0)
    tone = rough * (0.07 * fine + 0.07 * trowel) + stains * (0.6 * runs + 0.6 * tile_noise(rng, 1, 12, 1.0))
    out = shade(color, np.asarray(tone, np.float32), 0.3 * stains * runs)
    height = rough * (0.5 * fine + trowel)
    if cracks:
        line = smooth(0.02, 0.0, stones(rng, 3, 3, 0.45, 0.012).edge) * smooth(0.2, 0.9, tile_noise(rng, 1, 6))
        out = out * (1 - cracks * 0.7 * line)[..., None]
        height = height - 3 * line
    return finish(out, height)


def pebble_dash(rng: Rng, color: Color) -> Texture:
    """Small stones thrown into wet render."""
    cells = stones(rng, 60, 60, 0.45, 0.001)
    dome = smooth(0.02, 0.35, cells.edge)
    tone = 0.28 * cells.vary(rng) + 0.5 * (dome - 0.8) + 0.08 * tile_noise(rng, 1, 10)
    return finish(shade(color, tone, 0.2 * cells.vary(rng)), dome)


def asphalt(rng: Rng, level: float, *, stones_px: float = 1.0, cracks: float = 0.0, patches: float = 0.0) -> Texture:
    """Road surface of mean albedo ``level``: chippings, wear, sealed cracks, patches of other age."""
    chips = wrapped_blur(rng.standard_normal((SIDE_PX, SIDE_PX)).astype(np.float32), 0.7 * stones_px)
    chips /= chips.std()
    tone = 0.22 * np.maximum(chips, -1.2) + 0.1 * tile_noise(rng, 1, 14, 1.0)
    out = shade((level, level * 0.985, level * 0.95), tone, 0.05 * tile_noise(rng, 20, 256, 0.3))
    if patches:
        x, y = grid(rng, 0.004)
        old = smooth(0.0, 0.004, np.minimum(np.minimum(x - 0.1, 0.42 - x), np.minimum(y - 0.2, 0.85 - y)))
        out = out * (1 - patches * 0.35 * old)[..., None]
    height = chips.copy()
    if cracks:
        where = smooth(-0.2, 0.8, tile_noise(rng, 1, 5, 1.0))
        line = smooth(0.012, 0.002, stones(rng, 4, 4, 0.45, 0.014).edge) * where
        out = blend(out, shade((0.012, 0.012, 0.013), 0 * tone), cracks * line)
        height = height - 4 * line
    return finish(out, height)


def woven(rng: Rng, color: Color, *, threads: int, twill: bool, second: Color | None = None) -> Texture:
    """Cloth of ``threads`` threads a tile, plain or twill, each of its own tone; ``second``: weft colour."""
    x, y = grid(rng, 0.0006)
    i, j = np.floor(x * threads).astype(int), np.floor(y * threads).astype(int)
    over = np.mod(i + j, 4) < 2 if twill else np.mod(i + j, 2) < 1
    fx, fy = np.mod(x * threads, 1), np.mod(y * threads, 1)
    across = np.where(over, fx, fy)
    dome = (1 - (2 * across - 1) ** 2).astype(np.float32)
    own = np.where(over, rng.standard_normal(threads + 1)[i], rng.standard_normal(threads + 1)[j]).astype(np.float32)
    tone = 0.12 * own + 0.55 * (dome - 0.7) + 0.05 * tile_noise(rng, 1, 20)
    warp = shade(color, tone)
    return finish(warp if second is None else blend(warp, shade(second, tone), (~over).astype(np.float32)), dome)


def corduroy(rng: Rng, color: Color, ribs: int = 40) -> Texture:
    """Ribs down the cloth."""
    x, _ = grid(rng, 0.001)
    dome = np.abs(np.sin(np.pi * ribs * x)).astype(np.float32)
    tone = 0.6 * (dome - 0.7) + 0.12 * tile_noise(rng, 30, 256, 0.4) + 0.06 * tile_noise(rng, 1, 12)
    return finish(shade(color, tone), dome)


def _strokes(rng: Rng, count: int, length_px: float, width_px: int, upright: float) -> tuple[F32, F32]:
    """Blades drawn over one another: tone (unit variance) and height ``[side, side]``."""
    canvas = np.zeros((SIDE_PX, SIDE_PX), np.float32)
    for k in range(count):
        x, y = rng.uniform(0, SIDE_PX, 2)
        angle = rng.normal(-np.pi / 2, 0.9) if upright else rng.uniform(0, 2 * np.pi)
        dx, dy = length_px * rng.uniform(0.5, 1.3) * np.array([np.cos(angle), np.sin(angle)])
        level = float(np.clip(0.35 + 0.65 * k / count * rng.uniform(0.5, 1.0), 0, 1))
        for ox in (-SIDE_PX, 0, SIDE_PX):
            for oy in (-SIDE_PX, 0, SIDE_PX):
                ax, ay, bx, by = x + ox, y + oy, x + ox + dx, y + oy + dy
                if max(ax, bx) < 0 or max(ay, by) < 0 or min(ax, bx) > SIDE_PX or min(ay, by) > SIDE_PX:
                    continue
                cv2.line(canvas, (int(ax), int(ay)), (int(bx), int(by)), level, width_px, cv2.LINE_AA)
    tone = canvas - canvas.mean()
    return np.asarray(tone / tone.std(), np.float32), canvas


def lawn(rng: Rng, color: Color, *, dry: float = 0.1) -> Texture:
    """Mown grass from above: short blades, clover, a few dry spots."""
    tone, height = _strokes(rng, 9000, 15.0, 1, 0.0)
    spots = smooth(0.8, 2.0, tile_noise(rng, 2, 30, 1.0))
    green = shade(color, 0.33 * tone + 0.08 * tile_noise(rng, 1, 8), 0.12 * tile_noise(rng, 20, 200, 0.4))
    return finish(blend(green, shade((0.26, 0.21, 0.09), 0.3 * tone), np.asarray(dry * 3 * spots, np.float32)), height)


def leaf_mass(rng: Rng, color: Color) -> Texture:
    """A wall of leaves, as a hedge or a crown shows it: overlapping leaves, deep gaps."""
    canvas = np.zeros((SIDE_PX, SIDE_PX), np.float32)
    count = 2600
    for k in range(count):
        x, y, turn = rng.uniform(0, SIDE_PX), rng.uniform(0, SIDE_PX), rng.uniform(0, 180)
        size = rng.uniform(7, 13)
        level = float(0.25 + 0.75 * (k / count) ** 2 * rng.uniform(0.45, 1.0))
        for ox in (-SIDE_PX, 0, SIDE_PX):
            for oy in (-SIDE_PX, 0, SIDE_PX):
                cx, cy = int(x + ox), int(y + oy)
                if -20 < cx < SIDE_PX + 20 and -20 < cy < SIDE_PX + 20:
                    cv2.ellipse(canvas, (cx, cy), (int(size), int(size * 0.5)), turn, 0, 360, level, -1, cv2.LINE_AA)
    tone = (canvas - canvas.mean()) / canvas.std()
    return finish(
        shade(color, 0.42 * tone + 0.06 * tile_noise(rng, 1, 10), 0.1 * tile_noise(rng, 20, 120, 0.4)), canvas
    )


def litter(rng: Rng, color: Color) -> Texture:
    """Fallen leaves on earth."""
    tone, height = _strokes(rng, 2600, 9.0, 6, 0.0)
    return finish(shade(color, 0.4 * tone + 0.1 * tile_noise(rng, 1, 10), 0.3 * tile_noise(rng, 20, 120, 0.3)), height)


def bark(rng: Rng, color: Color) -> Texture:
    """Furrowed bark, furrows along the trunk."""
    ridges = np.abs(tile_noise(rng, 3, 40, 1.0, 4.0))
    fine = tile_noise(rng, 30, 256, 0.4)
    tone = 0.7 * np.minimum(ridges, 1.4) - 0.55 + 0.13 * fine
    return finish(shade(color, np.asarray(tone, np.float32), 0.1 * tile_noise(rng, 2, 30)), ridges + 0.1 * fine)


def felt(rng: Rng, color: Color) -> Texture:
    """Bituminous roofing: granules, seams of the rolls."""
    _, y = grid(rng, 0.0015)
    seam = smooth(0.012, 0.004, np.minimum(np.mod(2 * y, 1), 1 - np.mod(2 * y, 1)))
    tone = 0.16 * tile_noise(rng, 60, 256, 0.2) + 0.16 * tile_noise(rng, 1, 16, 1.0) - 0.5 * seam
    return finish(shade(color, tone), tone + seam)


def leather(rng: Rng, color: Color) -> Texture:
    """Grained leather."""
    cells = stones(rng, 70, 70, 0.45, 0.002)
    dome = smooth(0.0, 0.3, cells.edge)
    return finish(shade(color, 0.35 * (dome - 0.8) + 0.08 * tile_noise(rng, 1, 20)), dome)
