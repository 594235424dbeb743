"""The meaning of what lamps light around them, in plain NumPy: what the fast form must match.

The network does not know where lamps hang: at night it makes all of a street a little brighter. Where labels say what
is a lamp, it lights what faces it instead, as deferred shading does (Deering et al., *The Triangle Processor and Normal
Vector Shader*, 1988): each cell's light is worked out from its place and normal. What stands between is not known:
light reaches behind things, as far as they face the lamp. Of lamps off the screen those are known that were seen before
(:mod:`framegen.ops.lamp_memory`).
"""

from __future__ import annotations

import cv2
import numpy as np

from framegen.frame import F32, F64
from framegen.ops import features as ft
from framegen.ops import layout
from framegen.ops.cubes import AROUND, numbers
from framegen.ops.lights_reference import WARM

CUBE_M = 1.0
"""What shines in one cube of the world is one lamp, and so is, in part, what shines nearer than this to each other: a
lamp that moves from cube to cube is no brighter between."""
FULL = 2.5e-5
"""Share of the picture, four pixels of 512x288, that a lamp has to fill to give all of its light: what is smaller comes
and goes by single pixels."""
POWER = 14.0
"""Square of the gain on the engine's colour (which stands for light) by a lamp one metre away, but for NEAR_M."""
ROUGH = 0.4
"""Cosine that stands in for those of what faces all ways, such as leaves: as far as its normals disagree."""
NORMAL_CELLS = 3
"""Width of the box of cells whose normals are averaged."""
NEAR_M = 1.5
"""Lamps are no points: nearer than this it hardly grows brighter."""
MOST = 0.6
"""What that tends to at most."""
REACH_M = 25.0
"""How far a lamp's light goes."""
BORDER = 0.06
"""Share of the picture's width within which of its border a lamp fades: none pops as it leaves the screen."""
LAMPS, MOST_LAMPS = 24, 64
"""As many count in all: farther ones fade as others come nearer, all alike where they are equally far away. And
so many, those that are left the most of, are looked at."""


def lamps(share: F32, lamp_m: F32, geometry: ft.CellGeometry) -> F32:
    """``[n, 4]`` float32, of at most :data:`MOST_LAMPS` the place along the world's axes, relative to the camera, and
    the power.

    Args:
        share: ``[h, w]`` float32 0..1, how much of each cell is lamp. lamp_m: ``[h, w]`` float32, the depth of that;
            where it is no distance, there is none. geometry: of the same frame, with a camera.
    """
    rays = geometry.rays
    assert rays is not None
    row, column = np.nonzero((share > 0) & (lamp_m >= ft.LEAST_M) & (lamp_m < ft.FAR_M))
    if not row.size:
        return np.zeros((0, 4), np.float32)
    depth = lamp_m[row, column].astype(np.float64)
    place = ft.places(row, column, depth, rays)
    filled = share[row, column] / np.float64(share.size)
    cube, which = np.unique(numbers(place + rays.position[:, None], CUBE_M), return_inverse=True)
    total = np.bincount(which, filled)
    middle = np.stack([np.bincount(which, filled * axis) for axis in place]) / total
    h, w = share.shape
    off = np.stack([row, column, h - 1 - row, w - 1 - column]).min(0) + 0.5
    shown = np.bincount(which, filled * np.minimum(off / (BORDER * w), 1)) / total
    square = (middle**2).sum(0)
    order = np.argsort(square)
    count = (np.minimum(total / FULL, 1) * shown)[order]
    left = fading(square[order], count)
    strongest = np.argsort(-count * left, kind="stable")[:MOST_LAMPS]
    order, left = order[strongest], left[strongest]
    around = cube[order, None] + AROUND
    at = np.minimum(np.searchsorted(cube, around), len(cube) - 1)
    apart = ((middle[:, order, None] - middle[:, at]) ** 2).sum(0)
    near = np.square(np.maximum(1 - apart / CUBE_M**2, 0)) * (cube[at] == around)
    whole = (near * total[at]).sum(1)
    power = POWER * np.minimum(whole / FULL, 1) * (total[order] / whole) * shown[order] * left
    return np.asarray(np.concatenate([middle[:, order], power[None]]).T[power > 0], np.float32)


def fading(square: F64, count: F64) -> F64:
    """``[n]`` 0..1, how much is left of each lamp so that at most :data:`LAMPS` are: less the farther away it is.

    Args:
        square: ``[n]``, of its distance, rising. count: ``[n]`` 0..1, for how much of a lamp it counts.
    """
    many = np.cumsum(count)
    if many[-1] <= LAMPS:
        return np.ones_like(square)
    # 1 - (distance / end)^4 of each within the end; of the ends that would do for the first few, the one among them
    fourth = square**2
    over = many > LAMPS
    ends = np.cumsum(count * fourth)[over] / (many[over] - LAMPS)
    end = ends[(ends <= np.append(fourth[1:], np.inf)[over]).argmax()]
    return np.asarray(np.maximum(1 - fourth / end, 0), np.float64)


def normals(geometry: ft.CellGeometry) -> F32:
    """``[3, h, w]`` float32, means of the cells' normals along the world's axes: the shorter, the less they agree."""
    assert geometry.rays is not None
    level = geometry.features[ft.NORMAL_RIGHT : ft.NORMAL_AHEAD + 1]
    size = NORMAL_CELLS, NORMAL_CELLS
    means = [cv2.blur(plane, size, borderType=cv2.BORDER_REPLICATE) for plane in level]
    return np.tensordot(geometry.rays.level.T, np.stack(means), 1).astype(np.float32)


def light(found: F32, depth_m: F32, geometry: ft.CellGeometry) -> F32:
    """``[h, w]`` float32 0..:data:`MOST`: what reaches each cell, as the square of a gain. ``found``: of
    :func:`lamps`. ``depth_m`` ``[h, w]``: of the cells' samples."""
    rays = geometry.rays
    assert rays is not None
    stands = (depth_m >= ft.LEAST_M) & (depth_m < ft.FAR_M)
    place = ft.cell_points(np.where(stands, depth_m, 0).astype(np.float32), rays)
    normal = normals(geometry)
    rough = ROUGH * (1 - np.sqrt((normal**2).sum(0)))
    total = np.zeros(depth_m.shape, np.float32)
    for x, y, z, power in found:
        to = np.array([x, y, z], np.float32)[:, None, None] - place
        square = (to**2).sum(0)
        facing = np.maximum((normal * to).sum(0) / np.sqrt(np.maximum(square, 1e-6)) + rough, 0)
        edge = np.maximum(1 - square / REACH_M**2, 0)
        total += power * facing * edge * edge / (square + NEAR_M**2)
    return np.asarray(np.where(stands, total / (1 + total / MOST), 0), np.float32)


def lit(latent: F32, reached: F32, share: float) -> F32:
    """A latent like ``latent`` ``[h, w, c]`` whose surfaces have the light of :func:`light` besides, ``share`` 0..1 of
    it."""
    out: F32 = latent.copy()
    gain = np.exp(2 * latent[..., layout.GAIN])
    more = share * reached[..., None] * np.square(np.asarray(WARM, np.float32))
    out[..., layout.GAIN] += 0.5 * np.log1p(more / gain)
    return out
