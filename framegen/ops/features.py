"""What the embedded model is told of a frame beside its colour, one value per cell of 4x4 pixels.

Everything is computed at a quarter of the frame's size, from depth sampled once per cell: a tenth of the cost of
the same at full size. Cells whose frame has no depth, no camera or no known sun hold zeros and a flag that says so.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from framegen.frame import F32, F64, U8, Camera
from framegen.ops.fields import planes_of

CELL_PX = 4
SAMPLE_PX = 2
"""Depth is sampled at this row and column of each cell."""
FAR_M = 1e5
"""Stands in for the sky's infinite depth wherever arithmetic needs a number."""
LEAST_M = float(np.finfo(np.float32).tiny)
"""What is not as much is no distance: zero, negative and NaN depths mean the sky, as inf does."""

LOG_DEPTH, SKY, HAS_DEPTH, HAS_CAMERA, NORMAL_RIGHT, NORMAL_UP, NORMAL_AHEAD, RAY_UP = range(8)
RAY_SUN, FACING_SUN, HAS_SUN, BEHIND_NEAR, BEHIND_WIDE, SHADOW, FOG, NOISE = range(8, 16)
CHANNELS = 16


@dataclass(frozen=True, eq=False)
class Rays:
    """Where each pixel looks, for one camera and frame size.

    A point at depth z on pixel (x, y) lies at ``z * (a + b * x + c * y) + origin`` in world axes relative to
    ``position`` for perspective; orthographic cameras have their rays in ``origin`` instead.

    Attributes:
        columns, rows: ``[3, W]`` and ``[3, H]`` float32; their sum is the world-axes ray of a pixel centre per metre
            of depth (perspective), or its offset (orthographic).
        forward: ``[3]`` float64 world direction of the view axis. ``perspective``: which of both it is.
        position: ``[3]`` float64 world position of the camera in metres.
        level: ``[3, 3]`` float32, world -> (right, up, ahead) with up along world +Y.
        pixel_m: size of a pixel at one metre of depth, in metres (perspective), or at any depth.
        stretch: ``[H, W]`` float32, metres along the ray per metre of depth; empty where the lens has none.
    """

    columns: F32
    rows: F32
    forward: F64
    perspective: bool
    position: F64
    level: F32
    pixel_m: float
    stretch: F32


@dataclass(frozen=True, eq=False)
class Lens:
    """What of the rays stays when a camera moves and turns, for one projection and frame size.

    Attributes:
        x, y: ``[W]`` and ``[H]`` float64, places of pixel centres in the view, a metre ahead (perspective) or at all.
        perspective, pixel_m, stretch: as in :class:`Rays`.
    """

    x: F64
    y: F64
    perspective: bool
    pixel_m: float
    stretch: F32


def lens_of(clip_from_view: F64, width: int, height: int, stretched: bool = True) -> Lens:
    """The lens of a projection (off-centre and orthographic ones included).

    ``stretched``: whether it is to have a ``stretch``, which is of the picture's size, or an empty plane for it.
    """
    clip = clip_from_view
    perspective = bool(abs(clip[3, 2]) > 0.5)
    ndc_x = (np.arange(width) + 0.5) * 2.0 / width - 1.0
    ndc_y = 1.0 - (np.arange(height) + 0.5) * 2.0 / height
    if perspective:
        x, y = (ndc_x + clip[0, 2]) / clip[0, 0], (ndc_y + clip[1, 2]) / clip[1, 1]
        stretch = np.sqrt(1.0 + x[None] ** 2 + y[:, None] ** 2) if stretched else np.empty((0, 0))
    else:
        x, y = (ndc_x - clip[0, 3]) / clip[0, 0], (ndc_y - clip[1, 3]) / clip[1, 1]
        stretch = np.ones((height, width)) if stretched else np.empty((0, 0))
    return Lens(x, y, perspective, abs(2.0 / (width * clip[0, 0])), stretch.astype(np.float32))


def rays_of(camera: Camera, width: int, height: int, lens: Lens | None = None) -> Rays:
    """The rays of a camera's pixel centres at a frame size; ``lens``: of its projection, where the caller has it."""
    lens = lens or lens_of(camera.clip_from_view, width, height)
    pose = camera.world_from_view
    rotation = pose[:3, :3]
    forward = -rotation[:, 2]
    columns = rotation[:, :1] * lens.x
    if lens.perspective:
        columns += forward[:, None]
    return Rays(
        columns.astype(np.float32),
        (rotation[:, 1:2] * lens.y).astype(np.float32),
        forward,
        lens.perspective,
        pose[:3, 3].copy(),
        level_frame(forward, rotation[:, 1]),
        lens.pixel_m,
        lens.stretch,
    )


class RayCache:
    """The lens of the last camera, kept for one that only moves and turns."""

    def __init__(self) -> None:
        self._lens: Lens | None = None
        self._key: tuple[bytes, int, int] | None = None

    def get(self, camera: Camera, width: int, height: int) -> Rays:
        """As :func:`rays_of`."""
        key = (camera.clip_from_view.tobytes(), width, height)
        if key != self._key or self._lens is None:
            self._lens, self._key = lens_of(camera.clip_from_view, width, height), key
        return rays_of(camera, width, height, self._lens)


def level_frame(forward: F64, up: F64) -> F32:
    """``[3, 3]`` float32 rotation world -> (right, up, ahead): the camera's heading with the tilt taken out.

    Straight up or down there is no heading; the camera's own up vector then serves as ahead.
    """
    x, z = float(forward[0]), float(forward[2])
    if math.hypot(x, z) < 1e-3:
        sign = math.copysign(1.0, -forward[1])
        x, z = sign * float(up[0]), sign * float(up[2])
    length = math.hypot(x, z) + 1e-12
    x, z = x / length, z / length
    return np.array([[-z, 0.0, x], [0.0, 1.0, 0.0], [x, 0.0, z]], np.float32)


def solid(depth_m: F32) -> NDArray[np.bool_]:
    """Where depth is the distance of something, not the sky; see :data:`LEAST_M`."""
    return np.asarray((depth_m >= LEAST_M) & (depth_m < np.inf))


def log_depth(depth_m: F32) -> F32:
    """Depth in metres (sky: inf) -> 1 at 0.1 m, 0.5 at about 30 m, 0 at 10 km and beyond."""
    return np.asarray(1.0 - np.log(np.clip(depth_m, 0.1, 1e4) * 10.0) / np.float32(np.log(1e5)), np.float32)


def cell_points(depth_m: F32, rays: Rays) -> F32:
    """World-axes positions ``[3, h, w]`` float32 of the cells' samples, relative to the camera, in metres."""
    columns = rays.columns[:, SAMPLE_PX::CELL_PX]
    rows = rays.rows[:, SAMPLE_PX::CELL_PX]
    ray = columns[:, None, :] + rows[:, :, None]
    near = np.minimum(depth_m, np.float32(FAR_M))
    if rays.perspective:
        return np.asarray(ray * near, np.float32)
    return np.asarray(ray + rays.forward.astype(np.float32)[:, None, None] * near, np.float32)


def places(row: NDArray[np.intp], column: NDArray[np.intp], depth_m: F64, rays: Rays) -> F64:
    """Like :func:`cell_points` ``[3, n]`` of some cells alone, in double precision; ``depth_m`` ``[n]``."""
    y, x = SAMPLE_PX + CELL_PX * row, SAMPLE_PX + CELL_PX * column
    ray = (rays.columns[:, x] + rays.rows[:, y]).astype(np.float64)
    return np.asarray(ray * depth_m if rays.perspective else ray + rays.forward[:, None] * depth_m, np.float64)


def cell_normals(points: F32, rays: Rays) -> F32:
    """``[3, h, w]`` float32 unit normals towards the camera from the smaller of both one-sided differences.

    The smaller difference stays on its own surface where the other crosses an edge. Towards the camera is against
    the ray, and orthographic rays all run along the view axis.
    """

    def slope(axis: int) -> F32:
        steps = np.diff(points, axis=axis)
        steps = np.concatenate([steps.take([0], axis), steps, steps.take([-1], axis)], axis)
        length = np.einsum("kij,kij->ij", steps, steps)
        if axis == 1:
            return np.where(length[1:] < length[:-1], steps[:, 1:], steps[:, :-1])
        return np.where(length[:, 1:] < length[:, :-1], steps[:, :, 1:], steps[:, :, :-1])

    across, down = slope(2), slope(1)
    normal = np.empty_like(points)
    normal[0] = down[1] * across[2] - down[2] * across[1]
    normal[1] = down[2] * across[0] - down[0] * across[2]
    normal[2] = down[0] * across[1] - down[1] * across[0]
    length = np.sqrt(np.einsum("kij,kij->ij", normal, normal)) + np.float32(1e-12)
    ahead = points if rays.perspective else np.broadcast_to(rays.forward[:, None, None], points.shape)
    normal /= np.copysign(length, -np.einsum("kij,kij->ij", normal, ahead))
    return normal


def occlusion(depth_m: F32, sky: F32) -> tuple[F32, F32]:
    """How far each cell lies behind its surroundings at two radii, 0..1: unsharp masking of log depth.

    After Luft, Colditz and Deussen, *Image Enhancement by Unsharp Masking the Depth Buffer*, 2006.
    """
    ground = sky < 0.5
    log = np.log(np.clip(depth_m, 0.05, FAR_M))
    top = float(log[ground].max()) + 0.1 if ground.any() else 0.0
    log = np.minimum(log, np.float32(top)).astype(np.float32)
    out = []
    for size, gain in ((3, 6.0), (11, 3.0)):
        behind = np.clip((log - cv2.blur(log, (size, size), borderType=cv2.BORDER_REPLICATE)) * gain, 0.0, 1.0)
        out.append((behind * ground).astype(np.float32))
    return out[0], out[1]


SHADOW_STEPS = 12


def sun_shadow(points: F32, depth_m: F32, rays: Rays, sun_world: F32) -> F32:
    """``[h, w]`` float32, 1 where something on the screen hides the sun: a march through the depth buffer.

    Runs on every other cell. Steps grow with distance from the start; casters are taken to be about as thick as the
    distance marched, or a third of a metre. What stands off the screen casts nothing.
    """
    height, width = depth_m.shape
    depth = np.minimum(depth_m[::2, ::2], np.float32(FAR_M))
    h, w = depth.shape
    reach = (0.03 * 1.42 ** np.arange(SHADOW_STEPS, dtype=np.float32))[:, None, None] * depth
    inverse, corner = pixel_from_world(rays)
    # the projection is linear before its division: start and direction are projected once, steps only added up
    start = np.tensordot(inverse, points[:, ::2, ::2] - corner[:, None, None], 1)
    px, py, pz = (reach * slope + begin for slope, begin in zip(inverse @ sun_world, start, strict=True))
    if rays.perspective:
        ok = pz > 0.05
        safe = np.where(ok, pz, 1.0)
        px, py = px / safe, py / safe
    else:
        ok = np.ones(px.shape, bool)
    ix = np.floor(px / (2 * CELL_PX)).astype(np.int32)
    iy = np.floor(py / (2 * CELL_PX)).astype(np.int32)
    ok &= (ix >= 0) & (ix < w) & (iy >= 0) & (iy < h)
    hit = depth.ravel().take(np.where(ok, iy * w + ix, 0))
    thick = np.maximum(0.4, 0.35 * reach)
    blocked = ok & (hit < pz * 0.985) & (hit > pz - thick)
    shade = blocked.any(0) & np.isfinite(depth_m[::2, ::2])
    soft = cv2.blur(shade.astype(np.float32), (3, 3))
    return np.asarray(cv2.resize(soft, (width, height), interpolation=cv2.INTER_LINEAR), np.float32)


def pixel_from_world(rays: Rays) -> tuple[F32, F32]:
    """``[3, 3]`` and ``[3]``: world axes relative to the camera, less the offset -> (x, y, depth) in pixels and metres.

    With perspective x and y come out times depth. Inverts the affine fan ``ray(x, y) = columns(x) + rows(y)``.
    """
    step_x = (rays.columns[:, -1] - rays.columns[:, 0]).astype(np.float64) / (rays.columns.shape[1] - 1)
    step_y = (rays.rows[:, -1] - rays.rows[:, 0]).astype(np.float64) / (rays.rows.shape[1] - 1)
    corner = rays.columns[:, 0] + rays.rows[:, 0] - 0.5 * (step_x + step_y)
    third = corner if rays.perspective else rays.forward
    offset = np.zeros(3) if rays.perspective else corner
    inverse = np.stack([_cross(step_y, third), _cross(third, step_x), _cross(step_x, step_y)])
    return (inverse / (step_x @ inverse[0])).astype(np.float32), offset.astype(np.float32)


def _cross(a: F64, b: F64) -> F64:
    """As ``np.cross`` of two vectors, without its twenty microseconds."""
    (ax, ay, az), (bx, by, bz) = a.tolist(), b.tolist()
    return np.array((ay * bz - az * by, az * bx - ax * bz, ax * by - ay * bx))


@dataclass(frozen=True, eq=False)
class CellGeometry:
    """The features of one frame, and what the field lookup needs of its surfaces.

    Attributes:
        features: ``[CHANNELS, h, w]`` float32, see the channel names above.
        plane: ``[h, w]`` uint8, the lookup plane of each cell; None without depth or camera.
        footprint_m: ``[h, w]`` float32, metres on the surface that a pixel covers; None likewise.
        rays: of the frame's camera; None without a camera.
    """

    features: F32
    plane: U8 | None
    footprint_m: F32 | None
    rays: Rays | None


def cell_features(
    size: tuple[int, int],
    depth_m: F32 | None,
    rays: Rays | None,
    sun_world: F32 | None,
    fog_per_m: float,
    noise: F32 | None,
) -> CellGeometry:
    """All features of a frame of ``size`` = (width, height) pixels, both multiples of :data:`CELL_PX`.

    Args:
        depth_m: ``[H, W]`` float32 metres along the view axis, sky inf, see :func:`solid`; None where the source has
            no depth.
        rays: of the camera; None where the source has none.
        sun_world: ``[3]`` unit vector towards the sun (+Y up) or None: night, or not known.
        fog_per_m: extinction per metre. noise: ``[h, w]`` of unit variance, or None for none.
    """
    width, height = size
    h, w = height // CELL_PX, width // CELL_PX
    out = np.zeros((CHANNELS, h, w), np.float32)
    if noise is not None:
        out[NOISE] = noise
    if rays is not None:
        columns, rows = rays.columns[:, SAMPLE_PX::CELL_PX], rays.rows[:, SAMPLE_PX::CELL_PX]
        ray = columns[:, None, :] + rows[:, :, None]
        if not rays.perspective:
            ray = np.broadcast_to(rays.forward.astype(np.float32)[:, None, None], ray.shape)
        length = rays.stretch[SAMPLE_PX::CELL_PX, SAMPLE_PX::CELL_PX]
        out[HAS_CAMERA] = 1.0
        np.divide(ray[1], length, out=out[RAY_UP])
        if sun_world is not None:
            out[HAS_SUN] = 1.0
            np.divide(np.tensordot(sun_world, ray, 1), length, out=out[RAY_SUN])
    if depth_m is None:
        return CellGeometry(out, None, None, rays)
    sampled = depth_m[SAMPLE_PX::CELL_PX, SAMPLE_PX::CELL_PX].astype(np.float32)
    # one pixel that is no number would spread over the whole picture
    sampled[~solid(sampled)] = np.inf
    sky = cv2.resize((~solid(depth_m)).view(np.uint8) * np.uint8(255), (w, h), interpolation=cv2.INTER_AREA)
    np.multiply(sky, np.float32(1 / 255), out=out[SKY])
    out[LOG_DEPTH] = log_depth(sampled)
    out[HAS_DEPTH] = 1.0
    out[BEHIND_NEAR], out[BEHIND_WIDE] = occlusion(sampled, out[SKY])
    ground = np.isfinite(sampled)
    far = np.minimum(sampled, np.float32(FAR_M))
    out[FOG] = 1.0 - np.exp(far * np.float32(-fog_per_m) * (length if rays is not None else np.float32(1)))
    if rays is None:
        return CellGeometry(out, None, None, None)
    points = cell_points(sampled, rays)
    normal = cell_normals(points, rays) * ground
    out[NORMAL_RIGHT : NORMAL_AHEAD + 1] = np.tensordot(rays.level, normal, 1)
    facing = np.abs((normal * ray).sum(0)) / length
    spread = far if rays.perspective else np.float32(1)
    footprint = rays.pixel_m * spread / np.sqrt(np.maximum(facing, np.float32(0.15)))
    if sun_world is not None:
        np.maximum(np.tensordot(sun_world, normal, 1), 0.0, out=out[FACING_SUN])
        out[SHADOW] = sun_shadow(points, sampled, rays, sun_world) * ground
    return CellGeometry(out, planes_of(np.moveaxis(normal, 0, -1)), footprint.astype(np.float32), rays)
