"""Synthesised textures made of pieces: bricks, paving, roof tiles, wall and floor tiles."""

from __future__ import annotations

import numpy as np

from framegen.frame import F32
from framegen.training.scenes.synthesis import (
    Cells,
    Color,
    Rng,
    Texture,
    blend,
    bond,
    finish,
    grid,
    herringbone,
    scaled,
    shade,
    smooth,
    stones,
    tile_noise,
)


def _laid(
    rng: Rng,
    cells: Cells,
    color: Color,
    joint: Color,
    *,
    joint_width: float,
    spread: float,
    grain: float,
    soot: float = 0.12,
    round_edge: float = 0.12,
    hollow: float = 0.25,
) -> Texture:
    """Pieces of ``color`` between joints.

    ``spread`` of tone from piece to piece, ``grain`` within, ``soot`` overall, ``hollow`` darkness towards the joints.
    """
    own = cells.vary(rng)
    fine = tile_noise(rng, 24, 256, 0.6)
    wide = tile_noise(rng, 1, 8, 1.0)
    body = smooth(joint_width, joint_width + round_edge, cells.edge + 0.02 * fine)
    tone = spread * own + grain * fine + soot * wide + hollow * (smooth(0.0, 0.3, cells.edge) - 1.0)
    pieces = shade(color, tone, 0.35 * spread * cells.vary(rng))
    mortar = shade(joint, 0.16 * tile_noise(rng, 30, 256, 0.5) + soot * wide)
    height = body * (1.0 + 0.1 * own) + 0.06 * fine
    return finish(blend(mortar, pieces, body), height)


def brick(rng: Rng, color: Color, mortar: Color, *, flemish: bool = False, spread: float = 0.22) -> Texture:
    """A brick wall: running bond, or Flemish bond with headers between the stretchers; 22 courses a tile."""
    widths = (2.0, 1.0) * 5 if flemish else (1.0,) * 7
    cells = bond(rng, 22, widths, 0.75 if flemish else 0.5, 0.001)
    return _laid(rng, cells, color, mortar, joint_width=0.07, spread=spread, grain=0.13, soot=0.1)


def painted_brick(rng: Rng, color: Color) -> Texture:
    """Brick under old paint: relief, little difference of tone, bare spots."""
    cells = bond(rng, 22, (1.0,) * 7, 0.5, 0.001)
    fine = tile_noise(rng, 30, 256, 0.5)
    body = smooth(0.05, 0.2, cells.edge)
    bare = smooth(1.5, 1.9, tile_noise(rng, 3, 60, 0.9) + 0.25 * cells.vary(rng))
    paint = shade(color, 0.05 * fine + 0.06 * tile_noise(rng, 1, 10) + 0.3 * (body - 1))
    return finish(blend(paint, shade((0.28, 0.1, 0.06), 0.2 * fine), bare), body - 0.2 * bare + 0.05 * fine)


def ashlar(rng: Rng, color: Color) -> Texture:
    """Dressed stone blocks of two sizes, thin joints."""
    cells = bond(rng, 6, (1.6, 1.0, 1.3, 1.1), 0.55, 0.0006)
    return _laid(
        rng,
        cells,
        color,
        scaled(color, 0.5),
        joint_width=0.02,
        spread=0.1,
        grain=0.1,
        soot=0.16,
        round_edge=0.03,
    )


def rubble(rng: Rng, color: Color) -> Texture:
    """A wall of field stones in wide mortar."""
    cells = stones(rng, 6, 9, 0.38, 0.003)
    return _laid(rng, cells, color, (0.15, 0.135, 0.115), joint_width=0.03, spread=0.36, grain=0.2, hollow=0.5)


def slabs(rng: Rng, color: Color, rows: int = 4, shift: float = 0.5, columns: int = 4) -> Texture:
    """Concrete paving slabs."""
    cells = bond(rng, rows, (1.0,) * columns, shift, 0.0006)
    return _laid(
        rng, cells, color, (0.07, 0.065, 0.06), joint_width=0.012, spread=0.09, grain=0.11, soot=0.16, round_edge=0.02
    )


def pavers(rng: Rng, color: Color) -> Texture:
    """Clay pavers in a herringbone."""
    cells = herringbone(rng, 16)
    return _laid(rng, cells, color, (0.1, 0.09, 0.08), joint_width=0.04, spread=0.16, grain=0.12)


def setts(rng: Rng, color: Color) -> Texture:
    """Granite setts in courses, worn round."""
    cells = bond(rng, 14, tuple(rng.uniform(0.8, 1.3, 12).tolist()), 0.5, 0.0013)
    return _laid(rng, cells, color, (0.06, 0.055, 0.045), joint_width=0.06, spread=0.2, grain=0.14, round_edge=0.25)


def wall_tiles(rng: Rng, color: Color, rows: int = 8, columns: int = 8, shift: float = 0.0) -> Texture:
    """Glazed tiles with pale grout."""
    cells = bond(rng, rows, (1.0,) * columns, shift, 0.0)
    return _laid(
        rng,
        cells,
        color,
        (0.55, 0.53, 0.5),
        joint_width=0.025,
        spread=0.05,
        grain=0.02,
        soot=0.03,
        round_edge=0.03,
        hollow=0.0,
    )


def parquet(rng: Rng, color: Color) -> Texture:
    """Oak blocks in a herringbone, with grain along each block."""
    cells = herringbone(rng, 12, 0.0)
    x, y = grid(rng)
    lying = np.mod(np.floor(x * 12) - np.floor(y * 12), 4) < 2
    grain = np.where(lying, _streaks(rng).T, _streaks(rng))
    body = smooth(0.01, 0.03, cells.edge)
    tone = np.asarray(0.16 * cells.vary(rng) + 0.13 * grain, np.float32)
    return finish(blend(shade((0.03, 0.02, 0.01), 0 * tone), shade(color, tone, 0.2 * cells.vary(rng)), body), body)


def _streaks(rng: Rng) -> F32:
    """Grain drawn out along the rows' direction (vertical), zero mean, unit variance."""
    return tile_noise(rng, 8, 240, 0.8, 10.0)


def boards(rng: Rng, color: Color, count: int = 8) -> Texture:
    """Long boards running down the tile, with wood grain and staggered ends."""
    across = bond(rng, 2, (1.0,) * count, 0.0, 0.0)
    x, y = grid(rng)
    end = rng.uniform(0, 1, count)
    board = np.floor(x * count).astype(int) % count
    along = np.mod(y + end[board], 1.0)
    half = (along * 2).astype(int)
    number = board * 2 + half
    own = rng.standard_normal(2 * count)[number].astype(np.float32)
    seam = np.minimum(
        np.minimum(across.u, 1 - across.u) / count, np.minimum(np.mod(along * 2, 1), 1 - np.mod(along * 2, 1)) / 2
    )
    rings = np.sin(40 * (x + 0.02 * tile_noise(rng, 1, 6, 1.0, 5.0)) + 6 * own).astype(np.float32)
    tone = 0.18 * own + 0.1 * _streaks(rng) + 0.05 * rings
    body = smooth(0.0012, 0.0035, seam.astype(np.float32))
    return finish(blend(shade((0.02, 0.014, 0.01), 0 * tone), shade(color, tone, 0.15 * own), body), body + 0.05 * tone)


def pantiles(rng: Rng, color: Color, *, across: bool) -> Texture:
    """Curved clay tiles in ten courses; ``across`` turns the courses from the rows to the columns of the tile."""
    cells = bond(rng, 10, (1.0,) * 12, 0.0, 0.0012)
    wave = (0.5 - 0.5 * np.cos(2 * np.pi * cells.u)).astype(np.float32)
    lap = smooth(0.0, 0.13, cells.v) * (1 - 0.35 * smooth(0.86, 1.0, cells.v))
    moss = smooth(1.1, 2.2, tile_noise(rng, 2, 40, 1.0) + 0.5 * tile_noise(rng, 30, 200, 0.4))
    tone = 0.2 * cells.vary(rng) + 0.09 * tile_noise(rng, 20, 256, 0.5) + 0.65 * (lap - 1) + 0.55 * (wave - 0.6)
    clay = shade(color, tone, 0.12 * cells.vary(rng))
    out = blend(clay, shade((0.07, 0.08, 0.04), 0.3 * tone), 0.6 * moss)
    return _turned(finish(out, wave + 0.5 * (1 - cells.v)), across)


def shingles(rng: Rng, color: Color, *, rows: int, columns: int, spread: float, across: bool) -> Texture:
    """Flat tiles or slates, each course half a tile aside, the lower edges casting a line."""
    cells = bond(rng, rows, (1.0,) * columns, 0.5, 0.0016)
    lap = smooth(0.0, 0.1, cells.v + 0.03 * cells.vary(rng))
    gap = smooth(0.015, 0.05, np.minimum(cells.u, 1 - cells.u))
    moss = smooth(1.3, 2.4, tile_noise(rng, 2, 60, 0.8))
    tone = spread * cells.vary(rng) + 0.1 * tile_noise(rng, 16, 256, 0.5) + 0.8 * (lap - 1) + 0.6 * (gap - 1)
    out = blend(shade(color, tone, 0.3 * spread * cells.vary(rng)), shade((0.09, 0.1, 0.05), 0.2 * tone), 0.5 * moss)
    return _turned(finish(out, gap * (1 - 0.6 * cells.v) + 0.05 * cells.vary(rng)), across)


def corrugated(rng: Rng, color: Color, *, across: bool) -> Texture:
    """Corrugated sheet: 24 waves, rust at the laps."""
    x, y = grid(rng)
    wave = (0.5 - 0.5 * np.cos(2 * np.pi * 24 * x)).astype(np.float32)
    lap = smooth(0.0, 0.02, np.minimum(np.mod(2 * y, 1), 1 - np.mod(2 * y, 1)))
    rust = smooth(0.9, 2.0, tile_noise(rng, 2, 80, 0.9, 0.4) + 0.9 * (1 - lap))
    tone = 0.4 * (wave - 0.5) + 0.08 * tile_noise(rng, 4, 200, 0.7) + 0.4 * (lap - 1)
    return _turned(finish(blend(shade(color, tone), shade((0.2, 0.08, 0.035), tone), rust), wave), across)


def _turned(texture: Texture, across: bool) -> Texture:
    if not across:
        return texture
    return Texture(np.ascontiguousarray(texture.albedo.transpose(1, 0, 2)), np.ascontiguousarray(texture.height.T))
