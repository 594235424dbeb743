"""Photographic detail anchored to the world: which texel of which texture does a pixel see?

A *field* is a tile of log-luminance detail with a fixed size in metres. A pixel finds its texel from its world
position alone, on the plane that the surface faces most, so the detail cannot swim. In tiles, where
frac(x) = x - floor(x):

    ground, ceilings   (column, row) = frac( X,  Z)
    walls facing +-X   (column, row) = frac(-Z, -Y)
    walls facing +-Z   (column, row) = frac( X, -Y)

(world +Y up). Positions are reduced to fractions of a tile in float64 before any float32 arithmetic, so the detail
holds far away from the world's origin. Levels of detail are half an octave apart: neighbouring levels differ so little
that one bilinear lookup replaces the usual blend of two.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from framegen.errors import MediaError
from framegen.frame import F32, F64, U8
from framegen.ops import layout

U32 = NDArray[np.uint32]

UNITS_PER_LOG = 64.0
"""Levels of the 8-bit tiles per unit of natural log luminance; 128 is zero."""
LEVELS = 9
"""Levels of detail per field, each ``2 ** -0.5`` times the size of the one before; beyond them detail is zero."""
BORDER_PX = 2

PLANE_GROUND, PLANE_WALL_X, PLANE_WALL_Z = 0, 1, 2


@dataclass(frozen=True, eq=False)
class FieldAtlas:
    """All fields and their levels of detail in one 8-bit picture, so that one ``cv2.remap`` serves a frame.

    Attributes:
        pixels: ``[rows, columns]`` uint8, :data:`UNITS_PER_LOG` levels per unit of log luminance around 128.
        tile_m: ``[K]`` float64, metres a tile.
        size_px: ``[LEVELS + 1]`` float32, side of a tile at each level; the last entry is the level of no detail.
        origin_px: ``[K, LEVELS + 1, 2]`` float32, (x, y) of each tile's first texel corner in ``pixels``.
        names: what each field shows.
    """

    pixels: U8
    tile_m: F64
    size_px: F32
    origin_px: F32
    names: tuple[str, ...]

    @property
    def count(self) -> int:
        """Number of fields, K."""
        return len(self.names)


def build_atlas(tiles: list[U8], tile_m: list[float], names: list[str]) -> FieldAtlas:
    """The atlas of square 8-bit tiles ``[n, n]`` of equal size (see :data:`UNITS_PER_LOG`).

    Every tile is surrounded by two texels of its own wrapped border, so bilinear lookups need no modulo.
    """
    side = tiles[0].shape[0]
    sizes = [max(2, round(side * 2.0 ** (-level / 2))) for level in range(LEVELS)]
    flat = 8
    height = sum(size + 2 * BORDER_PX for size in sizes) + flat + 2 * BORDER_PX
    width = len(tiles) * (side + 2 * BORDER_PX)
    pixels = np.full((height, width), 128, np.uint8)
    origin = np.zeros((len(tiles), LEVELS + 1, 2), np.float32)
    for k, tile in enumerate(tiles):
        detail = tile.astype(np.float32)
        left, top = k * (side + 2 * BORDER_PX), 0
        for level, size in enumerate(sizes):
            # each level averages the octave above: whole tiles shrink to whole tiles, so they still repeat seamlessly
            small = np.asarray(cv2.resize(detail, (size, size), interpolation=cv2.INTER_AREA), np.float32)
            block = _wrapped(small, BORDER_PX)
            if level % 2 == 0:
                detail = small
            pixels[top : top + block.shape[0], left : left + block.shape[1]] = np.clip(np.rint(block), 0, 255)
            origin[k, level] = left + BORDER_PX, top + BORDER_PX
            top += block.shape[0]
        origin[k, LEVELS] = left + BORDER_PX, top + BORDER_PX
    return FieldAtlas(
        pixels, np.asarray(tile_m, np.float64), np.asarray([*sizes, flat], np.float32), origin, tuple(names)
    )


def _wrapped(tile: F32, margin: int) -> F32:
    grown = cv2.copyMakeBorder(tile, margin, margin, margin, margin, borderType=cv2.BORDER_WRAP)
    return np.asarray(grown, np.float32)


def tile_from_picture(picture: U8, side: int = 512, high_pass_tiles: float = 0.2) -> U8:
    """An 8-bit field tile ``[side, side]`` from a photographic texture ``[H, W, 3]`` uint8.

    Log of the sRGB-encoded luminance, without what is wider than about ``high_pass_tiles`` of a tile: wide blotches
    are what makes tiling visible, and wide differences are the business of the network's gain.
    """
    gray = cv2.cvtColor(picture, cv2.COLOR_BGR2GRAY).astype(np.float32)
    log = np.log((cv2.resize(gray, (side, side), interpolation=cv2.INTER_AREA) + 8.0) / 263.0)
    wide = cv2.GaussianBlur(_wrapped(log, side), (0, 0), high_pass_tiles * side)[side:-side, side:-side]
    return np.asarray(np.clip(np.rint((log - wide) * UNITS_PER_LOG) + 128, 1, 255), np.uint8)


def planes_of(normal_world: F32) -> U8:
    """``[..., 3]`` world normals -> ``[...]`` uint8 plane that each faces most (see the module's table)."""
    a = np.abs(normal_world)
    walls = np.where(a[..., 0] > a[..., 2], PLANE_WALL_X, PLANE_WALL_Z)
    return np.asarray(np.where(a[..., 1] > np.maximum(a[..., 0], a[..., 2]), PLANE_GROUND, walls), np.uint8)


def suited(names: Sequence[str]) -> U32:
    """``[LABELS]`` uint32: of every material of :data:`~framegen.ops.layout.LABELS` the fields that can show it, bit
    ``k`` for ``names[k]``, as :data:`~framegen.ops.layout.TEXTURES` says."""
    every = {name: 1 << k for k, name in enumerate(names)}
    shown = [layout.TEXTURES.get(material, tuple(names)) for material in layout.LABELS]
    return np.asarray([sum(every[name] for name in textures) for textures in shown], np.uint32)


def levels_of(footprint_m: F32, field: NDArray[np.integer], atlas: FieldAtlas) -> NDArray[np.intp]:
    """Level of detail whose texels fit ``footprint_m`` (metres a pixel covers on the surface), ``[...]`` intp."""
    texel_m = (atlas.tile_m / atlas.size_px[0]).astype(np.float32)[field]
    level = np.rint(2.0 * np.log2(np.maximum(footprint_m / texel_m, 1.0)))
    return np.asarray(np.minimum(level, LEVELS), np.intp)


def lookup(atlas: FieldAtlas, field: int, world_m: F64, plane: U8, footprint_m: F32) -> F32:
    """The meaning of the lookup: detail of one field at exact positions.

    Args:
        world_m: ``[..., 3]`` float64 world positions in metres (+Y up).
        plane: ``[...]`` uint8, of :func:`planes_of`. ``footprint_m``: ``[...]`` float32.

    Returns:
        ``[...]`` float32 natural-log luminance detail.
    """
    tiles = world_m / atlas.tile_m[field]
    x, y, z = tiles[..., 0], tiles[..., 1], tiles[..., 2]
    column = np.where(plane == PLANE_WALL_X, -z, x)
    row = np.where(plane == PLANE_GROUND, z, -y)
    level = levels_of(footprint_m, np.full(plane.shape, field), atlas)
    size = atlas.size_px[level]
    origin = atlas.origin_px[field][level]
    at_x = (column - np.floor(column)) * size + origin[..., 0] - 0.5
    at_y = (row - np.floor(row)) * size + origin[..., 1] - 0.5
    shape = at_x.shape if at_x.ndim == 2 else (1, at_x.size)
    found = cv2.remap(
        atlas.pixels,
        at_x.astype(np.float32).reshape(shape),
        at_y.astype(np.float32).reshape(shape),
        cv2.INTER_LINEAR,
    )
    return np.asarray((found.reshape(at_x.shape).astype(np.float32) - 128.0) / UNITS_PER_LOG, np.float32)


def load_atlas(folder: Path) -> FieldAtlas:
    """The atlas of ``fields.webp`` (square tiles side by side, gray) and ``fields.json`` in a folder."""
    table = json.loads((folder / "fields.json").read_text())
    # imdecode, because OpenCV cannot open paths outside the system's code page on Windows
    strip = cv2.imdecode(np.frombuffer((folder / "fields.webp").read_bytes(), np.uint8), cv2.IMREAD_GRAYSCALE)
    if strip is None:
        raise MediaError(f"{folder / 'fields.webp'} cannot be read.", hint="Install framegen again.")
    side = int(table["side_px"])
    tiles: list[U8] = [np.asarray(strip[:, k * side : (k + 1) * side], np.uint8) for k in range(len(table["fields"]))]
    return build_atlas(tiles, [f["tile_m"] for f in table["fields"]], [f["name"] for f in table["fields"]])
