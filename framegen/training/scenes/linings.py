"""Synthesised textures of rooms: carpets, wallpapers, terrazzo, wide planks, acoustic ceilings."""

from __future__ import annotations

import numpy as np

from framegen.frame import F32
from framegen.training.scenes.masonry import boards
from framegen.training.scenes.synthesis import (
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
)


def carpet(rng: Rng, color: Color, *, flecks: float = 0.0) -> Texture:
    """Cut pile seen from above; ``flecks``: share of tufts in a lighter yarn."""
    tufts = stones(rng, 120, 120, 0.45, 0.0)
    own = tufts.vary(rng)
    brushed = tile_noise(rng, 1, 14, 1.0)
    tone = 0.17 * own + 0.25 * (smooth(0.0, 0.4, tufts.edge) - 0.6) + 0.08 * brushed
    base = shade(color, tone)
    if flecks:
        light = shade((0.5, 0.48, 0.44), tone)
        base = blend(base, light, (own > np.quantile(own, 1 - flecks)).astype(np.float32) * 0.6)
    return finish(base, tufts.edge + 0.05 * own)


def striped_paper(rng: Rng, color: Color, second: Color, stripes: int = 8) -> Texture:
    """Wallpaper in upright stripes with a faint linen grain."""
    x, _ = grid(rng)
    place = np.mod(x * stripes, 1.0)
    share = smooth(0.0, 0.03, (np.abs(place - 0.5) - 0.22).astype(np.float32))
    line = smooth(0.02, 0.008, np.abs(np.abs(place - 0.5) - 0.2).astype(np.float32))
    tone = _linen(rng)
    out = blend(shade(second, tone), shade(color, tone), share)
    return finish(blend(out, shade(color, tone - 0.5), 0.6 * line), tone)


def damask_paper(rng: Rng, color: Color, second: Color) -> Texture:
    """Wallpaper of leaf-like ornaments in two rows, set half a repeat apart."""
    x, y = grid(rng)
    share = np.zeros_like(x)
    repeats = 3
    for row in (0.0, 0.5):
        u = np.mod(x * repeats + row, 1.0) - 0.5
        v = np.mod(y * repeats * 0.667 + row, 1.0) - 0.5
        radius, turn = np.hypot(u, v), np.arctan2(np.abs(v), np.abs(u))
        petals = 0.19 + 0.08 * np.cos(4 * turn) + 0.05 * np.cos(12 * turn)
        veins = smooth(0.02, 0.035, np.abs(np.mod(radius * 9 + 0.12 * np.sin(4 * turn), 1.0) - 0.5))
        share = np.maximum(share, smooth(0.012, -0.012, radius - petals) * (0.35 + 0.65 * veins))
    tone = _linen(rng)
    return finish(blend(shade(color, tone), shade(second, tone), np.asarray(share, np.float32)), share + 0.2 * tone)


def _linen(rng: Rng) -> F32:
    across, down = tile_noise(rng, 30, 250, 0.4, 6.0), tile_noise(rng, 30, 250, 0.4, 6.0).T
    return np.asarray(0.03 * across + 0.03 * down + 0.03 * tile_noise(rng, 1, 8, 1.0), np.float32)


def terrazzo(rng: Rng, color: Color) -> Texture:
    """Marble chips in a polished ground."""
    chips = stones(rng, 46, 46, 0.48, 0.002)
    own = chips.vary(rng)
    chip = smooth(0.1, 0.16, chips.edge) * (own > -0.3)
    hue = chips.vary(rng)
    stone = blend(
        shade((0.5, 0.47, 0.42), 0.2 * own), shade((0.16, 0.1, 0.08), 0.2 * own), (hue > 0.7).astype(np.float32)
    )
    ground = shade(color, 0.05 * tile_noise(rng, 20, 250, 0.4) + 0.05 * tile_noise(rng, 1, 10))
    return finish(blend(ground, stone, np.asarray(chip, np.float32)), 0 * own)


def planks(rng: Rng, color: Color) -> Texture:
    """Wide floor planks, five a tile."""
    return boards(rng, color, 5)


def acoustic(rng: Rng, color: Color) -> Texture:
    """Mineral ceiling panels, four a tile, in a grid of rails, pierced by small holes."""
    x, y = grid(rng)
    rail = np.minimum(np.abs(np.mod(x * 2, 1.0) - 0.5), np.abs(np.mod(y * 2, 1.0) - 0.5))
    seam = smooth(0.485, 0.495, (0.5 - rail).astype(np.float32))
    holes = smooth(0.6, 1.6, tile_noise(rng, 60, 200, 0.1))
    tone = -0.3 * holes + 0.03 * tile_noise(rng, 1, 6)
    out = shade(color, np.asarray(tone, np.float32))
    return finish(blend(out, shade((0.62, 0.62, 0.61), 0 * tone), seam), 1 - holes)
