"""The meaning of the shadows that the sun casts, in plain NumPy: what the fast form must match.

The network is told of shadows at an eighth of the size (``SHADOW`` of :mod:`framegen.ops.features`) and draws them as
soft. This traces them at half the size, as far as casters are on the screen, and lays over the picture by how much they
differ from what the network was told. What is far from its shadow fades, and so does what is about to leave the screen:
a shadow must not go out when its caster does. Where the engine's own picture is darker in these very shadows, it has
drawn them itself, and none are laid over.
"""

from __future__ import annotations

import cv2
import numpy as np

from framegen.frame import F32, U8
from framegen.ops import features as ft
from framegen.ops.ramp import ramp
from framegen.ops.trace_reference import March, traced

BLOCK_PX = 2
"""Width of the blocks that one ray stands for; it starts at the block's last pixel."""
MARCH = March(reach_m=25.0, steps=56, stride_px=4.0, thick_m=1.0, bulk=0.2, thick=1.5)
FAR_M = 200.0
"""Beyond, no shadows are looked for."""
LIFT = 0.005
"""Of the distance to the camera, how far above its surface a ray starts."""
FACING = 0.05
"""Cosine of the normal and the sun; what faces it less lies in its own shadow, which the network draws."""
RIM = 0.06
"""Share of the screen's width and height at its border within which casters fade."""
DARK = (0.64, 0.67, 0.73)
"""What a shadow leaves of sRGB-encoded red, green, blue: the sky lights it."""
TOLD = 0.5
"""Of a shadow that the network was told of, how much it is taken to have drawn."""
APART, BORDER, LIKE, FLAT = 3, 0.6, 0.03, 0.97
"""Blocks between the two of a pair across a shadow's border, how much darker one is there, how much their depths may
differ, and the cosine of their normals: they are of one surface."""
PAIRS, DRAWN = 20, (0.1, 0.4)
"""How many pairs are enough to tell, and the natural log of brightness by which a lit one is brighter where an engine
draws no shadows, and where it does."""
_CROSS = np.asarray([[0, 0.25, 0], [0.25, 1, 0.25], [0, 0.25, 0]], np.float32)
RISING, MANY, SKY = 0.1, (0.1, 0.25), 0.02
"""What of a view looks up, by the sine of its height; how much of it must, for the lack of sky to tell anything; and
how much of that is sky where the sun can shine in."""
ABOUT_M, ABOUT = 5.0, (0.55, 0.7)
"""How near walls and ceiling of a room are, and how much of what looks up ends there: under open sky, in narrow streets
and in woods, less than half of it does, in rooms with windows two thirds and more."""
LIGHTEN = 0.3
"""How much at most is taken back of a shadow that the network was told of and that is none."""


def shade(depth_m: F32, geometry: ft.CellGeometry, sun: F32) -> F32:
    """``[H/2, W/2]`` float32 0..1, how much of the sun is kept from each block: of every other one, as on a chessboard;
    the others are left 0.

    Args:
        depth_m: ``[H, W]`` float32, sky inf. geometry: of the same frame, with a camera. sun: ``[3]`` towards it.
    """
    rays = geometry.rays
    assert rays is not None
    last = BLOCK_PX - 1
    z = depth_m[last::BLOCK_PX, last::BLOCK_PX]
    normals = np.moveaxis(geometry.features[ft.NORMAL_RIGHT : ft.NORMAL_AHEAD + 1], 0, -1) @ rays.level
    normals = normals.repeat(2, 0).repeat(2, 1)
    ray = rays.columns[:, None, last::BLOCK_PX] + rays.rows[:, last::BLOCK_PX, None]
    out = np.zeros(z.shape, np.float32)
    for i, j in zip(*np.nonzero(ft.solid(z) & (z < FAR_M) & (normals @ sun > FACING)), strict=True):
        if (i + j) % 2:
            continue
        place = ray[:, i, j] * z[i, j] if rays.perspective else ray[:, i, j] + rays.forward * z[i, j]
        lifted = place.astype(np.float64) + LIFT * float(z[i, j]) * normals[i, j]
        hit = traced(depth_m, rays, lifted, sun.astype(np.float64), MARCH)
        if hit is not None and hit[2] <= 1:
            out[i, j] = (1 - hit[2] ** 2) * _seen(hit[0], depth_m.shape[1]) * _seen(hit[1], depth_m.shape[0])
    return out


def _seen(place: int, size: int) -> float:
    """0 at the border of the screen, 1 from :data:`RIM` on."""
    return min(1.0, min(place, size - 1 - place) / (RIM * size))


def filled(shades: F32) -> F32:
    """The blocks that :func:`shade` leaves out are as dark as their four neighbours on average, and all are softened:
    the sun is a disc, and a block's shadow is that of one point in it."""
    between = cv2.filter2D(shades, cv2.CV_32F, _CROSS, borderType=cv2.BORDER_REFLECT_101)
    return np.asarray(cv2.GaussianBlur(between, (3, 3), 0), np.float32)


def open_to_the_sky(geometry: ft.CellGeometry, depth_m: F32) -> float:
    """0..1, whether the sun can shine on what is seen: not where much of a view looks up and meets no sky, or what is
    near, as in rooms and under a canopy, whose shadows nothing on the screen casts. A view that looks down tells
    nothing: 1.

    Args:
        geometry: of the frame. depth_m: ``[H, W]`` float32.
    """
    up = geometry.features[ft.RAY_UP] > RISING
    count = max(int(np.count_nonzero(up)), 1)
    rising: float = count / up.size
    sky = float(np.vdot(geometry.features[ft.SKY], up)) / count
    closed = ramp(rising, MANY) * (1 - min(sky / SKY, 1.0))
    near = depth_m[ft.SAMPLE_PX :: ft.CELL_PX, ft.SAMPLE_PX :: ft.CELL_PX]
    about = np.count_nonzero(up & ft.solid(near) & (near < ABOUT_M)) / count
    return (1 - closed) * (1 - ramp(about, ABOUT) * min(rising / MANY[0], 1.0))


def means(shades: F32) -> F32:
    """``[h, w]`` float32, how dark each cell is in shades of :func:`filled`."""
    height, width = shades.shape
    each = ft.CELL_PX // BLOCK_PX
    return np.asarray(cv2.resize(shades, (width // each, height // each), interpolation=cv2.INTER_AREA), np.float32)


def steadied(shades: F32, now: F32, kept: F32) -> F32:
    """``[H/2, W/2]`` float32, shades of :func:`filled` brought to what cells were on average over the frames before.

    A caster that is seen from one side now and from another one then casts shadows that change with the view; borders
    stay those of this frame, for only the difference of whole cells is taken over.

    Args:
        now: ``[h, w]`` float32, their :func:`means`. kept: likewise, and of the frames before, accumulated.
    """
    height, width = shades.shape
    more = np.asarray(cv2.resize(kept - now, (width, height), interpolation=cv2.INTER_LINEAR), np.float32)
    return np.asarray(np.clip(shades + more, 0, 1), np.float32)


def drawn(shades: F32, color: U8, depth_m: F32, geometry: ft.CellGeometry) -> float:
    """0..1, whether the engine has drawn these shadows itself.

    Args:
        shades: of :func:`filled`. color: ``[H, W, 3]`` uint8, the engine's. depth_m: ``[H, W]`` float32.
        geometry: of the same frame.
    """
    last = BLOCK_PX - 1
    off = shades[::2, APART:] - shades[::2, :-APART]  # every other row of them tells enough
    rows, columns = np.nonzero(np.abs(off) > BORDER)
    if not rows.size:
        return 0.0
    y = 2 * rows * BLOCK_PX + last
    left, right = columns * BLOCK_PX + last, (columns + APART) * BLOCK_PX + last
    both = ft.solid(depth_m[y, left]) & ft.solid(depth_m[y, right])
    near, far = (np.where(both, depth_m[y, x], np.float32(1)) for x in (left, right))
    normals = geometry.features[ft.NORMAL_RIGHT : ft.NORMAL_AHEAD + 1]
    at = y // ft.CELL_PX
    along = (normals[:, at, left // ft.CELL_PX] * normals[:, at, right // ft.CELL_PX]).sum(0)
    one = both & (np.abs(near - far) < LIKE * near) & (along > FLAT)
    count = int(np.count_nonzero(one))
    light = [np.log(color[y, x].astype(np.float32).mean(-1) + 8) for x in (left, right)]
    return verdict(count, float((np.sign(off[rows, columns]) * (light[0] - light[1]))[one].sum()))


def verdict(count: int, brighter: float) -> float:
    """0..1, what so many pairs tell whose lit ones are so much brighter in all, natural log."""
    if not count:
        return 0.0
    return min(1.0, count / PAIRS) * ramp(brighter / count, DRAWN)


def laid(picture: U8, shades: F32, through: F32, told: F32, share: float) -> U8:
    """``picture`` ``[H, W, 3]`` uint8 with the shadows, a new array.

    Args:
        shades: of :func:`filled`. through: ``[H, W]`` float32, share of light that passes the air. told: ``[h, w]``
            float32, what the network was told. share: 0..1, how much of it is laid over.
    """
    height, width = picture.shape[:2]
    # both planes' samples are at the last pixel of a block and at SAMPLE_PX of a cell
    fine = _between(shades, BLOCK_PX, BLOCK_PX - 1, height, width)
    coarse = _between(told, ft.CELL_PX, ft.SAMPLE_PX, height, width)
    more = np.clip(fine - TOLD * coarse, -LIGHTEN, 1)[..., None] * through[..., None] * np.float32(share)
    factor = 1 + more * (np.asarray(DARK, np.float32) - 1)
    return np.asarray(np.minimum(picture * factor, 255) + 0.5, np.float32).astype(np.uint8)


def _between(plane: F32, step_px: int, first_px: int, height: int, width: int) -> F32:
    """A plane sampled every ``step_px`` pixels from ``first_px`` on, at every pixel, bilinear."""
    for axis, size in enumerate((height, width)):
        last = plane.shape[axis] - 1
        place = np.clip((np.arange(size) - first_px) / step_px, 0, last)
        before = place.astype(np.intp)
        part = (place - before).astype(np.float32).reshape((-1, 1) if axis == 0 else (1, -1))
        low = plane.take(before, axis)
        plane = low + part * (plane.take(np.minimum(before + 1, last), axis) - low)
    return np.asarray(plane, np.float32)
