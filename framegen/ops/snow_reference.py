"""The meaning of snow that lies on things, in plain NumPy: what the fast form must match.

A network at a quarter of the size whitens the ground and leaves rims, steps, benches and roofs of cars bare, with
borders four pixels wide. Where labels say what things are, this lays snow on all that faces up, pixel by pixel, in the
colour that the network gives to the snow nearby; where it gives it to none, as in rooms, there is none.
"""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from framegen.frame import F32, F64, U8
from framegen.ops import features as ft
from framegen.ops import layout
from framegen.ops.clouds import TILE_PX, tile_at
from framegen.ops.ramp import ramp

REACH_PX = 2
"""How far the neighbours are that a pixel's normal is worked out from: depth may come in steps."""
FAR_M = 150.0
"""Beyond, what the network draws is left alone: normals of far depth are noise."""
BARE, SOFT, STEEPER = 0.8, 0.22, 0.38
"""Cosine of normal and up below which no snow lies, the width of the border, and how much lower it is in deep snow."""
ROUGH = 0.3
"""How far noise moves that border."""
PATCHY, PATCH, PATCH_SOFT = 0.75, 1.2, 0.4
"""Noise below ``PATCHY - PATCH * snow`` stays bare, softly: little snow lies in patches."""
NOISE_M = 9.0
"""Width of the noise's tile."""
LEAN = (0.3, 0.7)
"""Metres along x and z that the noise moves by for each metre up, so that it varies on trees, too."""
MOST = 0.97
THIN = 0.35
"""Of what lies below, how much deep snow hides; hardly any snow hides this share of it."""
UP, SNOWY, CLEAR = 0.7, 0.3, 0.2
"""Cosine and cover of the cells whose snow gives the colour, and the share of their light that passes the air."""
GROUND = tuple(
    layout.LABELS.index(name) for name in ("soil", "grass", "sand", "rock", "asphalt", "paving", "road marking", "roof")
)
"""What lies under the open sky: on light floors of rooms the network leaves a shimmer that is no snow."""
OUTDOORS = (0.4, 0.6)
"""Of what faces up but water, how much must be such ground for any snow to lie, and for all of it: what a window shows
of it brings no snow into the room. A view that turns goes from one to the other softly."""
OPEN = (0.2, 0.3)
"""Share of the picture that is sky, from which it may be no room, and above which it is none: a pier of wood is ground
there, too."""
WHITER = (0.1, 0.6)
"""How far the colour of deep snow leaves what is seen on average for that of the paint alone, and how much farther
that of the least snow does."""
NEAR_CELLS, AROUND_CELLS, AROUND = 5, 25, 0.1
"""Widths of the two boxes that colours of snow are taken from, and what the wider one weighs: shadows that the network
draws on snow stay."""
SHADE, DRIFT = 0.3, 0.04
"""How much brighter snow is that faces the sun, and how much the noise varies it."""
MARKING = 0.05
"""What road markings weigh there: the network lets them show through, the street does not."""
LEAST, SURE = 0.004, (0.015, 0.12)
"""Share of the picture that the network must have covered, and of what may bear snow and is seen, from which on any is
laid over, and all of it: in a fade from one prompt to the next the network begins with a few cells."""
STEEP, STEEP_SOFT, EVEN = 0.2, 0.3, (0.9, 0.98)
"""Cosine of normal and up up to which nothing lies, how softly; length of the mean normal of 3x3 cells, from which they
are one wall rather than leaves."""
WALLS = 0.85
"""Of what the network paints on walls and in rooms when it snows deeply, how much is taken off."""
ROOM = tuple(layout.LABELS.index(name) for name in ("wood", "tile", "fabric", "plastic", "plaster"))
"""What faces up in rooms: where that is most of it, no snow is to be seen. Of stone or concrete a yard may be, too."""
IS_TREE = np.isin(np.arange(len(layout.LABELS)), [layout.LABELS.index(name) for name in ("grass", "bark", "foliage")])
IS_GROUND, IS_ROOM = (np.isin(np.arange(len(layout.LABELS)), labels) for labels in (GROUND, ROOM))
IS_MARKING = np.arange(len(layout.LABELS)) == layout.LABELS.index("road marking")
IS_WATER = np.arange(len(layout.LABELS)) == layout.LABELS.index("water")
"""Of each label."""


def color_of(
    picture: U8, latent: F32, label: NDArray[np.int32], through: F32, air: F32, geometry: ft.CellGeometry, snow: float
) -> tuple[F32, float] | None:
    """``[h, w, 3]`` float32, sRGB-encoded colour of the snow around each cell, as it is without air before it, and how
    sure the network is that there is any, 0..1; None where it says that there is none.

    Args:
        picture: ``[H, W, 3]`` uint8, as composed of latent ``[h, w, c]``: what the network made of snow, on average.
        label: ``[h, w]`` int32, what cells are of, in :data:`framegen.ops.layout.LABELS`: of :data:`GROUND` only, in
            the open of :data:`ROOM`, too.
        through: ``[H, W]`` float32, share of light that passes the air. air: ``[h, w, 3]`` float32, its colour.
        snow: 0..1, how much there is: where it lies in patches, they are whiter than what is seen on average.
    """
    h, w = latent.shape[:2]
    clear = through[ft.SAMPLE_PX :: ft.CELL_PX, ft.SAMPLE_PX :: ft.CELL_PX]
    up = (geometry.features[ft.NORMAL_UP] > UP) & ~IS_WATER[label]
    if lies(label, geometry) <= 0:
        return None
    cover = np.clip(latent[..., layout.COVER], 0, 1)
    bears = up * np.where(IS_GROUND[label], 1, IS_ROOM[label] * is_open(geometry))
    bears = bears * np.where(IS_MARKING[label], np.float32(MARKING), 1) * (clear > CLEAR)
    weight = np.where(cover > SNOWY, cover * cover * bears, 0).astype(np.float32)
    sure = ramp(float(weight.sum() / max(float(bears.sum()), 1e-6)), SURE)
    if weight.mean() < LEAST or sure <= 0:
        return None
    seen = cv2.resize(picture, (w, h), interpolation=cv2.INTER_AREA).astype(np.float32) / 255
    light = (seen - air * _wide(1 - clear)) / _wide(np.maximum(clear, CLEAR))
    paint = latent[..., layout.PAINT] / _wide(np.maximum(latent[..., layout.COVER], SNOWY))
    light = light + np.float32(WHITER[0] + WHITER[1] * (1 - snow)) * (paint - light)
    total, known = np.float32(LEAST) * (weight.ravel() @ light.reshape(-1, 3)) / weight.sum(), np.float32(LEAST)
    light *= _wide(weight)
    for cells, share in ((NEAR_CELLS, np.float32(1)), (AROUND_CELLS, np.float32(AROUND))):
        total = total + share * cv2.blur(light, (cells, cells))
        known = known + share * cv2.blur(weight, (cells, cells))
    total /= _wide(known)
    return np.asarray(np.clip(total, 0, 1), np.float32), sure


def is_open(geometry: ft.CellGeometry) -> float:
    """0..1, how surely so much of a frame is sky that it is no room."""
    return ramp(float(geometry.features[ft.SKY].mean()), OPEN)


def lies(label: NDArray[np.int32], geometry: ft.CellGeometry) -> float:
    """0..1, how surely snow lies on what faces up: so much of it is ground under the sky. ``label``: ``[h, w]``."""
    up = (geometry.features[ft.NORMAL_UP] > UP) & ~IS_WATER[label]
    ground, pier = (
        ramp(np.count_nonzero(up & known) / max(int(np.count_nonzero(up)), 1), OUTDOORS)
        for known in (IS_GROUND[label], IS_GROUND[label] | IS_ROOM[label])
    )
    return ground + is_open(geometry) * (pier - ground)


def in_a_room(label: NDArray[np.int32], geometry: ft.CellGeometry) -> float:
    """0..1, how surely labels ``[h, w]`` int32 say that a frame shows a room: so much of what faces up is of its
    materials."""
    up = (geometry.features[ft.NORMAL_UP] > UP) & ~IS_WATER[label]
    rooms = np.count_nonzero(up & IS_ROOM[label]) / max(int(np.count_nonzero(up)), 1)
    return (1 - is_open(geometry)) * ramp(rooms, OUTDOORS)


def _wide(plane: F32) -> F32:
    """``[h, w, 3]``, faster to reckon with than ``[h, w, 1]``."""
    return np.asarray(cv2.merge((plane, plane, plane)), np.float32)


def off_walls(latent: F32, label: NDArray[np.int32], geometry: ft.CellGeometry, snow: float) -> F32:
    """A latent ``[h, w, c]`` without the snow that the network smears over walls, whose own colours it would hide, and
    in rooms over floors and furniture.

    Args:
        label: ``[h, w]`` int32, what cells are of, in :data:`framegen.ops.layout.LABELS`, 0 where it is not known.
        geometry: of the same frame. snow: 0..1, how much there is.
    """
    mean = [cv2.blur(plane, (3, 3)) for plane in geometry.features[ft.NORMAL_RIGHT : ft.NORMAL_AHEAD + 1]]
    length = np.sqrt(mean[0] * mean[0] + mean[1] * mean[1] + mean[2] * mean[2])
    even = np.clip((length - EVEN[0]) / (EVEN[1] - EVEN[0]), 0, 1)
    steep = np.clip((STEEP + STEEP_SOFT - geometry.features[ft.NORMAL_UP]) / STEEP_SOFT, 0, 1)
    bare = steep * even * ~IS_TREE[label]
    bare = np.where(IS_GROUND[label] | IS_TREE[label], bare, np.maximum(bare, in_a_room(label, geometry)))
    keep = (1 - np.float32(WALLS * snow) * bare).astype(np.float32)
    out: F32 = latent.copy()
    for channel in (layout.COVER, *range(*layout.PAINT.indices(layout.KEPT))):
        out[..., channel] *= keep
    return out


def normals(depth_m: F32, rays: ft.Rays) -> F32:
    """``[3, H, W]`` float32 unit normals of pixels, towards the camera; zeros where there is nothing near enough."""
    known = np.asarray((depth_m >= ft.LEAST_M) & (depth_m < FAR_M))
    depth = np.where(known, depth_m, 0).astype(np.float64)
    ray = (rays.columns[:, None, :] + rays.rows[:, :, None]).astype(np.float64)
    place = ray * depth if rays.perspective else ray + rays.forward[:, None, None] * depth

    # what changes evenly over the picture on a plane; NaN where nothing is known
    flat = np.where(known, 1 / np.where(known, depth, 1) if rays.perspective else depth, np.nan)

    def step(axis: int) -> F64:
        """To the neighbour on the side that goes on more evenly from here, so that no edge is crossed."""
        found, least = np.zeros_like(place), np.full(depth.shape, np.inf)
        for side in (REACH_PX, -REACH_PX):
            first, second = (_moved(flat, side * n, axis) for n in (1, 2))
            bent = np.abs(flat - 2 * first + second)
            bent = np.where(np.isnan(bent), np.abs(first - flat), bent)
            to = (_moved(place, side, axis + 1) - place) * np.sign(side)
            better = bent < least  # never where it is not known
            found, least = np.where(better, to, found), np.where(better, bent, least)
        return found

    across, down = step(1), step(0)
    normal = np.cross(across, down, axis=0)
    length = np.sqrt((normal**2).sum(0))
    toward = -(normal * (place if rays.perspective else rays.forward[:, None, None])).sum(0)
    out = np.where(toward < 0, -normal, normal) / np.maximum(length, 1e-12)
    return np.where(known & (length > 1e-12), out, 0).astype(np.float32)


def _moved(plane: F64, by: int, axis: int) -> F64:
    """``plane`` with what is ``by`` further along an axis at each place; NaN beyond its end."""
    out = np.roll(plane, -by, axis)
    gone = [slice(None)] * plane.ndim
    gone[axis] = slice(-by, None) if by > 0 else slice(None, -by)
    out[tuple(gone)] = np.nan
    return out


def lying(
    normal: F32, depth_m: F32, rays: ft.Rays, snow: float, sun: F32, shift_m: F32 | None = None
) -> tuple[F32, F32]:
    """How much of each pixel snow covers, ``[H, W]`` float32 0..1, and how bright it is.

    Args:
        normal: of :func:`normals`. snow: 0..1. sun: ``[3]`` float32 towards the sun, times how clear it shines.
        shift_m: ``[h, w, 3]`` of :class:`framegen.ops.anchors.Anchors`: patches go along with what moves.
    """
    up = normal[1]
    depth = np.where(up > 0, depth_m, 0).astype(np.float64)
    ray = (rays.columns[:, None, :] + rays.rows[:, :, None]).astype(np.float64)
    place = (ray * depth if rays.perspective else ray + rays.forward[:, None, None] * depth) + rays.position[
        :, None, None
    ]
    if shift_m is not None:
        place = place + np.moveaxis(shift_m.repeat(ft.CELL_PX, 0).repeat(ft.CELL_PX, 1), -1, 0)
    x, z = ((place[i] + lean * place[1]) / NOISE_M * TILE_PX for i, lean in ((0, LEAN[0]), (2, LEAN[1])))
    found = tile_at(x, z)
    rise = np.clip((up + ROUGH * (found - 0.5) - (BARE - STEEPER * snow)) / SOFT, 0, 1)
    patch = np.clip((found - (PATCHY - PATCH * snow)) / PATCH_SOFT, 0, 1)
    most = MOST * (THIN + (1 - THIN) * snow)
    cover = np.where(up > 0, most * rise * rise * (3 - 2 * rise) * patch, 0)
    bright = 1 + SHADE * (np.tensordot(sun, normal, 1) - sun[1]) + DRIFT * (found - 0.5)
    return cover.astype(np.float32), bright.astype(np.float32)


def laid(picture: U8, cover: F32, bright: F32, color: F32, through: F32, air: F32, bears: F32, share: float) -> U8:
    """``picture`` ``[H, W, 3]`` uint8 with snow on it, a new array.

    Args:
        cover, bright: of :func:`lying`. color: of :func:`color_of`. through: ``[H, W]`` float32, share of light that
            passes the air. air: ``[h, w, 3]`` float32, its colour. bears: ``[H, W]`` float32 0..1, how much of the
            snow stays on each pixel's thing. share: 0..1, how much of it is laid over.
    """
    white = color.repeat(ft.CELL_PX, 0).repeat(ft.CELL_PX, 1) * bright[..., None]
    haze = air.repeat(ft.CELL_PX, 0).repeat(ft.CELL_PX, 1)
    seen = 255 * np.clip(white * through[..., None] + haze * (1 - through[..., None]), 0, 1)
    part = (cover * bears * np.float32(share))[..., None]
    return np.asarray(picture + part * (seen - picture) + 0.5, np.float32).astype(np.uint8)
