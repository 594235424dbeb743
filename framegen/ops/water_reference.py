"""The meaning of water and wet floors that mirror, in plain NumPy: what the fast form must match.

A network at a quarter of the size draws water as the average of all that it may mirror, which is milk. Where the
engine's labels say what is water, or a floor that rain makes wet, this traces what it mirrors instead: a ray through
the depth buffer from every other pixel of every other row (:mod:`framegen.ops.trace_reference`), reflectance by
Schlick's approximation (1994), waves of the speed that deep water gives them, puddles of noise that is anchored in the
world.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from framegen.frame import F32, F64, U8
from framegen.ops import falls_reference as falls
from framegen.ops import features as ft
from framegen.ops.clouds import TILE_PX, tile_at
from framegen.ops.trace_reference import March, traced

WATER, FLOOR = 1, 2
"""Kinds of what mirrors; others do not."""
BLOCK_PX = 2
"""Width of the blocks that one ray stands for; it starts at the block's last pixel."""
FACING_UP = 0.9
"""Cosine of the normal of water that lies still and up."""
MARCH = March(reach_m=400.0, steps=40, stride_px=5.0, thick_m=0.4, bulk=0.0, thick=1.5)
START = 0.02
"""Of the distance to the camera, how far a ray starts from the water: the water itself is not mirrored."""
LEVEL_M, LEVEL = 0.05, 0.004
"""How far water may lie off a level of the still water around it, and this share of its depth; floors may lie between
two, as ramps do."""
FACING_DOWN = -0.5
"""Mean cosine of the normals below which water is seen from within: it neither mirrors nor falls, and is left alone."""
LEAST_UP = 0.02
"""Of a mirrored ray: waves never send it into the water."""
STRAIGHT = 0.02
"""Reflectance of water seen straight on."""
BODY = 0.5
"""Of the product of the engine's colour of the water and the sky's, sRGB-encoded: what is seen in the water itself."""
FILM, PUDDLES, PUDDLES_M = 0.3, (0.45, 0.65), 23.0
"""Of a puddle's reflectance, what the film of water between puddles has; noise up to which there is none, and from
which there is one; width of the noise's tile."""
ROUGH, ROUGH_SHARE = 0.15, 0.7
"""Reflectance of water that stands too steep to mirror anything but the sky, and how much of it is laid over."""
ACROSS, DOWN = (1, 2, 1), (1, 2, 3, 2, 1)
"""Weights of the blocks around one: waves that are too small to be seen draw what is mirrored out, mostly downwards."""
GLINT, GLINT_SHARP, SUNLIGHT = 6.0, 300.0, (1.0, 0.82, 0.6)
"""The sun in the waves: its brightness, how sharp it is, its colour, squared from sRGB-encoded."""
LEAST_SKY = 0.01
"""Of the picture, how much sky gives the sky's colour."""
WAVES_M = (2.9, 1.7, 1.05, 0.62, 0.37)
"""Lengths of the waves."""
SLOPES = (0.010, 0.014, 0.016, 0.018, 0.018)
"""Of each, how steep it is; rain more than doubles it."""
GRAVITY_M_S2 = 9.81
TURN_RAD = 2.4
"""From the direction of one wave to that of the next."""


@dataclass(frozen=True, eq=False)
class Light:
    """What falls on water.

    Attributes:
        sun: ``[3]`` float32 unit vector towards the sun (+Y up), or zeros: none. sunny: 0..1, how clear it shines.
        rain: 0..1, how much of it falls: into water, which makes it rough, and on floors, which makes them mirror.
        seconds: the engine's time.
    """

    sun: F32
    sunny: float = 1.0
    rain: float = 0.0
    seconds: float = 0.0


def sky_of(air: F32, share: F32) -> F32:
    """``[3]`` float32, the mean colour of the sky: of ``air`` ``[h, w, 3]`` where ``share`` ``[h, w]`` 0..1 is sky; of
    all of it where hardly any is seen, since what the air would look like there is known, too."""
    weight = share if share.mean() > LEAST_SKY else np.ones_like(share)
    return np.asarray(weight.ravel() @ air.reshape(-1, 3) / weight.sum(), np.float32)


def waves(position_m: F64, light: Light) -> F32:
    """``[n, 4]`` float32: of each wave its wave vector along x and z (1/m), its phase at the camera, and its slope.

    Phases are worked out in double precision and wrap here, so neither far places nor long sessions make them coarse.
    """
    length = np.asarray(WAVES_M)
    number = 2 * np.pi / length
    angle = TURN_RAD * np.arange(len(length))
    x, z = number * np.cos(angle), number * np.sin(angle)
    speed = np.sqrt(GRAVITY_M_S2 * number)  # of deep water: omega^2 = g k
    phase = np.mod(x * position_m[0] + z * position_m[2] - speed * light.seconds, 2 * np.pi)
    slope = np.asarray(SLOPES) * (1 + 1.5 * light.rain)
    return np.stack([x, z, phase, slope], -1).astype(np.float32)


def near(depth_m: F32) -> NDArray[np.bool_]:
    """Where depth is that of something whose place can be reckoned with."""
    return np.asarray((depth_m >= ft.LEAST_M) & (depth_m < ft.FAR_M))


def from_above(kind: U8, geometry: ft.CellGeometry) -> U8:
    """``kind`` ``[H, W]`` without the water that a diver sees over himself; itself, if there is none."""
    # on average, since normals of what falls in threads are any
    below = (cv2.blur(geometry.features[ft.NORMAL_UP], (3, 3)) < FACING_DOWN) & (_sampled(kind) == WATER)
    if not below.any():
        return kind
    # and the cells beside it, whose samples are of something else
    around = cv2.dilate(below.view(np.uint8), np.ones((3, 3), np.uint8))
    fine = around.repeat(ft.CELL_PX, 0).repeat(ft.CELL_PX, 1)
    return np.where((kind == WATER) & (fine > 0), 0, kind).astype(np.uint8)


def levels(kind: U8, depth_m: F32, geometry: ft.CellGeometry) -> F32:
    """``[2, h, w]`` float32, the lowest and the highest level of still water or floor in each cell or beside it,
    relative to the camera, in metres; inf and -inf where there is none. ``kind``, ``depth_m``: ``[H, W]``."""
    assert geometry.rays is not None
    what, sampled = _sampled(kind), _sampled(depth_m)
    still = ((what == WATER) | (what == FLOOR)) & near(sampled) & (geometry.features[ft.NORMAL_UP] > FACING_UP)
    height = ft.cell_points(np.where(still, sampled, 0).astype(np.float32), geometry.rays)[1]
    around, out = np.ones((3, 3), np.uint8), np.empty((2, *still.shape), np.float32)
    for i, (nearest, nothing) in enumerate(((cv2.erode, np.inf), (cv2.dilate, -np.inf))):
        nearest(np.where(still, height, np.float32(nothing)), around, out[i], borderType=cv2.BORDER_REPLICATE)
    return out


def _sampled(plane: NDArray[Any]) -> NDArray[Any]:
    """What of ``[H, W]`` is known of the cells ``[h, w]``."""
    return plane[ft.SAMPLE_PX :: ft.CELL_PX, ft.SAMPLE_PX :: ft.CELL_PX]


def puddle(x_m: float, z_m: float) -> float:
    """How much of a puddle's reflectance a floor has at a place in the world."""
    found = float(tile_at(np.float64(x_m / PUDDLES_M * TILE_PX), np.float64(z_m / PUDDLES_M * TILE_PX)))
    part = min(max((found - PUDDLES[0]) / (PUDDLES[1] - PUDDLES[0]), 0.0), 1.0)
    return FILM + (1 - FILM) * part * part * (3 - 2 * part)


def mirrored(picture: U8, kind: U8, depth_m: F32, geometry: ft.CellGeometry, light: Light, sky: F32) -> F32:
    """What the water and the floor of each block mirror.

    Args:
        picture: ``[H, W, 3]`` uint8, composed. kind: ``[H, W]`` uint8 of :func:`from_above`. depth_m: ``[H, W]``
            float32, sky inf. geometry: of the same frame, with a camera. sky: ``[3]`` of :func:`sky_of`.

    Returns:
        ``[H/2, W/2, 4]`` float32: the mirrored light times reflectance, squared from sRGB-encoded (which stands for
        linear light), and the reflectance; -1 where a block is not still water.
    """
    rays = geometry.rays
    assert rays is not None
    height, width = kind.shape
    last = BLOCK_PX - 1
    out = np.zeros((height // BLOCK_PX, width // BLOCK_PX, 4), np.float32)
    out[..., 3] = -1
    z = depth_m[last::BLOCK_PX, last::BLOCK_PX]
    ray = rays.columns[:, None, last::BLOCK_PX] + rays.rows[:, last::BLOCK_PX, None]
    ahead = rays.forward.astype(np.float32)[:, None, None]
    known = np.where(near(z), z, 0).astype(np.float32)
    place = ray * known if rays.perspective else ray + ahead * known
    way = ray if rays.perspective else np.broadcast_to(ahead, ray.shape)
    way = way / np.linalg.norm(way, axis=0)
    lowest, highest = levels(kind, depth_m, geometry).repeat(2, 1).repeat(2, 2)
    what = kind[last::BLOCK_PX, last::BLOCK_PX]
    still = np.isin(what, (WATER, FLOOR)) & near(z)
    off = LEVEL_M + LEVEL * known
    between = (place[1] > lowest - off) & (place[1] < highest + off)
    still &= between & ((what == FLOOR) | (place[1] < lowest + off) | (place[1] > highest - off))
    still &= way[1] < 0
    for i, j in zip(*np.nonzero(still), strict=True):
        at, along, depth = place[:, i, j], way[:, i, j], float(z[i, j])
        floor = what[i, j] == FLOOR
        normal = np.array([0.0, 1.0, 0.0]) if floor else _normal(rays, at, along, depth, light)
        out[i, j] = _block(picture, depth_m, rays, at, along, depth, light, sky, normal)
        if floor:
            out[i, j] *= light.rain * puddle(*(rays.position + at)[::2])
    return out


def _normal(rays: ft.Rays, place: F32, way: F32, z: float, light: Light) -> F64:
    """Of the waves at a place."""
    spacing = 2 * BLOCK_PX * rays.pixel_m * (z if rays.perspective else 1.0) / max(-float(way[1]), 0.05)
    slope = np.zeros(2)
    for (x, zz, phase, steep), length in zip(waves(rays.position, light), WAVES_M, strict=True):
        seen = np.clip(length / spacing - 1, 0, 1)  # waves that blocks are too wide for are not seen
        wave = seen * steep * np.cos(x * place[0] + zz * place[2] + phase)
        slope += wave * np.array([x, zz]) / np.hypot(x, zz)
    return np.asarray([-slope[0], 1.0, -slope[1]] / np.sqrt(1 + slope @ slope))


def _block(
    picture: U8, depth_m: F32, rays: ft.Rays, place: F32, way: F32, z: float, light: Light, sky: F32, normal: F64
) -> F32:
    facing = max(-float(way @ normal), 0.0)
    share = STRAIGHT + (1 - STRAIGHT) * (1 - facing) ** 5
    turned = way + 2 * facing * normal
    turned[1] = max(turned[1], LEAST_UP)
    turned /= np.linalg.norm(turned)
    hit = traced(depth_m, rays, place + START * z * turned, turned, MARCH)
    color = np.asarray(sky, np.float64) ** 2 if hit is None else (picture[hit[1], hit[0]] / 255.0) ** 2
    if hit is None or not near(depth_m[hit[1], hit[0]]):
        toward = float(turned @ light.sun)
        color = color + (GLINT * light.sunny * toward**GLINT_SHARP if toward > 0.5 else 0.0) * np.asarray(SUNLIGHT)
    return np.append(share * color, share).astype(np.float32)


def soften(mirrored: F32) -> F32:
    """What :func:`mirrored` gives, its light softened among the blocks of still water; a new array."""
    out: F32 = mirrored.copy()
    still = mirrored[..., 3] >= 0
    if not still.any():
        return out
    # nothing is read beyond the water
    box = tuple(slice(int(n.min()), int(n.max()) + 1) for n in (np.flatnonzero(still.any(axis)) for axis in (1, 0)))
    planes, inside = mirrored[box].copy(), still[box]
    planes[..., 3] = inside
    across, down = (np.asarray(weights, np.float32) for weights in (ACROSS, DOWN))
    cv2.sepFilter2D(planes, cv2.CV_32F, across, down, planes, borderType=cv2.BORDER_CONSTANT)
    part = np.divide(inside, np.maximum(planes[..., 3], 1), dtype=np.float32)
    planes *= cv2.merge((part, part, part, part))
    planes[..., 3] = out[box][..., 3]
    out[box] = planes
    return out


def laid(
    picture: U8,
    mirrored: F32,
    kind: U8,
    color: U8,
    depth_m: F32,
    through: F32,
    air: F32,
    geometry: ft.CellGeometry,
    light: Light,
    sky: F32,
    share: float,
) -> U8:
    """``picture`` with water over it, and what floors mirror, ``[H, W, 3]`` uint8, a new array.

    Args:
        mirrored: of :func:`soften`; between blocks it is interpolated by those that are still water. Where there are
            none beside water, it falls or is rough.
        color: ``[H, W, 3]`` uint8, the engine's. depth_m, through: ``[H, W]`` float32, metres and the share of light
            that passes the air.
        air: ``[h, w, 3]`` float32, the air's colour, sRGB-encoded. geometry: of the same frame.
        share: 0..1, how much of it is laid over.
    """
    rays, falling = geometry.rays, falls.falling(geometry)
    assert rays is not None
    h, w = mirrored.shape[:2]
    out: U8 = picture.copy()
    at, white = falls.place_of(rays.position, light.seconds), falls.foam(sky, light.sunny if light.sun.any() else 0.0)
    for y, x in zip(*np.nonzero(np.isin(kind, (WATER, FLOOR))), strict=True):
        below, beside = (y - (BLOCK_PX - 1)) / BLOCK_PX, (x - (BLOCK_PX - 1)) / BLOCK_PX
        i0, j0 = int(np.floor(below)), int(np.floor(beside))
        total, found = 0.0, np.zeros(4)
        for i, down in ((i0, 1 - (below - i0)), (i0 + 1, below - i0)):
            for j, right in ((j0, 1 - (beside - j0)), (j0 + 1, beside - j0)):
                block = mirrored[min(max(i, 0), h - 1), min(max(j, 0), w - 1)]
                if block[3] >= 0:
                    weight = down * right + 1e-3
                    total, found = total + weight, found + weight * block
        still, floor = total > 0, kind[y, x] == FLOOR
        if not still and (floor or not near(depth_m[y, x])):
            continue
        t = through[y, x]
        haze = air[y // ft.CELL_PX, x // ft.CELL_PX]
        over = share
        if not still:
            ray = rays.columns[:, x] + rays.rows[:, y]
            part = falling[y // ft.CELL_PX, x // ft.CELL_PX]
            foamy = falls.strand(ray * depth_m[y, x] if rays.perspective else ray + rays.forward * depth_m[y, x], at)
            over *= ROUGH_SHARE + part * (foamy - ROUGH_SHARE)
            body = np.sqrt((color[y, x] / 255.0 * BODY * sky) ** 2 * (1 - ROUGH) + ROUGH * sky**2)
            value = (body + part * (white - body)) * t + haze * (1 - t)
        elif floor:
            # its own picture is behind the air already, and what it mirrors pales with it
            found = found / total
            value = np.sqrt((picture[y, x] / 255.0) ** 2 * (1 - found[3] * t) + found[:3] * t)
        else:
            found = found / total
            own = color[y, x] / 255.0 * BODY * sky
            value = np.sqrt(own**2 * (1 - found[3]) + found[:3]) * t + haze * (1 - t)
        out[y, x] = (picture[y, x] + over * (255 * np.minimum(value, 1) - picture[y, x]) + 0.5).astype(np.uint8)
    return out
