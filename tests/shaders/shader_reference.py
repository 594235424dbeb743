"""What the formulas of ``shaders/common`` mean, in plain NumPy: one function per shader function, same names.

All arrays are float64 with the cases in the leading dimensions; matrices are ``[4, 4]``, row-major, column vectors.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

F64 = NDArray[np.float64]

SKY_M = 1.0e6
DEPTH_TOLERANCE = 0.015
SLOPE_TOLERANCE = 1.5
STALE_MS, FADE_MS = 250.0, 150.0


def smoothstep(low: F64 | float, high: F64 | float, x: F64) -> F64:
    """GLSL's: a cubic from 0 at ``low`` to 1 at ``high``."""
    t = np.clip((x - low) / (np.asarray(high) - low), 0.0, 1.0)
    return np.asarray(t * t * (3.0 - 2.0 * t))


def view_from_uv(uv: F64, depth_m: F64, clip_from_view: F64) -> F64:
    """``[..., 3]`` view-space positions of what is seen at ``uv [..., 2]`` (0, 0 is the top left) at ``depth_m``."""
    p, z = clip_from_view, -np.minimum(depth_m, SKY_M)
    w = p[3, 2] * z + p[3, 3]
    x = ((2.0 * uv[..., 0] - 1.0) * w - p[0, 2] * z - p[0, 3]) / p[0, 0]
    y = ((1.0 - 2.0 * uv[..., 1]) * w - p[1, 2] * z - p[1, 3]) / p[1, 1]
    return np.stack([x, y, z], -1)


def uv_from_view(view: F64, clip_from_view: F64) -> F64:
    """``[..., 3]``: uv and depth of view-space positions ``[..., 3]``; uv is (-1, -1) behind the camera."""
    clip = np.concatenate([view, np.ones_like(view[..., :1])], -1) @ clip_from_view.T
    with np.errstate(divide="ignore", invalid="ignore"):
        uv = np.stack([0.5 + 0.5 * clip[..., 0] / clip[..., 3], 0.5 - 0.5 * clip[..., 1] / clip[..., 3]], -1)
    uv = np.where(view[..., 2:] < 0.0, uv, -1.0)
    return np.concatenate([uv, -view[..., 2:]], -1)


def reproject(uv: F64, depth_m: F64, clip_now: F64, then_from_now: F64, clip_then: F64) -> F64:
    """``[..., 3]``: where a pixel of now was in the captured frame, and the depth in metres that it had there."""
    now = view_from_uv(uv, depth_m, clip_now)
    then = np.concatenate([now, np.ones_like(now[..., :1])], -1) @ then_from_now.T
    return uv_from_view(then[..., :3], clip_then)


def slope(depth_m: F64, neighbours_m: F64) -> F64:
    """Relative change of depth to the next texel; ``neighbours_m [..., 4]``: left, right, above, below."""
    change = np.abs(np.minimum(neighbours_m, SKY_M) - np.minimum(depth_m, SKY_M)[..., None])
    steepest = np.maximum(np.minimum(change[..., 0], change[..., 1]), np.minimum(change[..., 2], change[..., 3]))
    return np.where(depth_m >= SKY_M, 0.0, steepest / np.minimum(depth_m, SKY_M))


def same_surface(found_m: F64, expected_m: F64, slope_: F64) -> F64:
    """0..1: whether the depth found is that of the surface expected; the sky is the same as sky alone."""
    found_sky, expected_sky = found_m >= 0.5 * SKY_M, expected_m >= 0.5 * SKY_M
    with np.errstate(invalid="ignore"):
        error = np.abs(found_m - expected_m) / np.maximum(np.minimum(found_m, expected_m), 1e-6)
    tolerance = DEPTH_TOLERANCE + SLOPE_TOLERANCE * slope_
    share = 1.0 - smoothstep(tolerance, 2.0 * tolerance, np.nan_to_num(error, posinf=1e9))
    return np.where(found_sky | expected_sky, (found_sky & expected_sky) * 1.0, share)


def beside_nearer(depth_m: F64, neighbours_m: F64, slope_: F64) -> NDArray[np.bool_]:
    """Whether one of ``neighbours_m [..., 4]`` stands before the surface that has ``depth_m`` and ``slope_``."""
    tolerance = 2.0 * (DEPTH_TOLERANCE + SLOPE_TOLERANCE * slope_)
    return np.asarray(neighbours_m.min(-1) < (1.0 - tolerance) * np.minimum(depth_m, SKY_M))


def no_rim(expected_m: F64, around_then_m: F64, depth_m: F64, around_now_m: F64, slope_: F64) -> F64:
    """1, but 0 where something nearer stood beside the pixel in the captured frame and does not any more."""
    was, is_ = beside_nearer(expected_m, around_then_m, slope_), beside_nearer(depth_m, around_now_m, slope_)
    return np.where(was & ~is_, 0.0, 1.0)


FILL_LIKE, FILL_ENOUGH = 0.35, 0.3


def fill_offset(tap: int) -> tuple[float, float]:
    """Where tap 0..11 of a cross lies, in texels."""
    reach = 3.0 * 2 ** (tap // 4)
    return ((reach, 0.0), (0.0, reach), (-reach, 0.0), (0.0, -reach))[tap % 4]


def fill_weight(tap: int, found: F64, found_m: F64, hole: F64, expected_m: F64, slope_: F64) -> F64:
    """How much a tap says: whether it is of the same surface, and how like ``hole [..., 3]`` its colour is."""
    reach = float(np.abs(fill_offset(tap)).max())
    like = np.exp(-0.5 * (((found - hole) / FILL_LIKE) ** 2).sum(-1))
    return np.asarray(same_surface(found_m, expected_m, slope_ * reach) * like / reach)


def fill_is_clear(tap: int, expected_m: F64, around_m: F64, slope_: F64) -> NDArray[np.bool_]:
    """Whether a tap is free of a rim that something nearer left beside it."""
    return ~beside_nearer(expected_m, around_m, slope_ * float(np.abs(fill_offset(tap)).max()))


def filled(hole: F64, sum_: F64) -> F64:
    """``hole [..., 3]`` with the taps over it: ``sum_ [..., 4]``, their colours times weights, and their weights."""
    beside = sum_[..., :3] / np.maximum(sum_[..., 3:], 1e-6)
    return np.asarray(hole + np.minimum(sum_[..., 3:] / FILL_ENOUGH, 1.0) * (beside - hole))


def inside(uv: F64, texel: F64) -> F64:
    """0..1: whether uv lies inside the picture, falling to 0 over its outermost texel."""
    return np.clip((np.minimum(uv, 1.0 - uv) / texel).min(-1), 0.0, 1.0)


def freshness(age_ms: F64) -> F64:
    """0..1: how much of the last result is shown, ``age_ms`` after it came."""
    return 1.0 - smoothstep(STALE_MS, STALE_MS + FADE_MS, age_ms)


def grid_color(grid: F64, uv: F64, color: F64) -> F64:
    """``color [..., 3]`` at ``uv`` in the result's colours; ``grid [9, 16, 3, 4]``, bilinear between cell centres."""
    rows, columns = grid.shape[:2]
    y = np.clip(uv[..., 1] * rows - 0.5, 0, rows - 1)
    x = np.clip(uv[..., 0] * columns - 0.5, 0, columns - 1)
    top, left = np.floor(y).astype(int), np.floor(x).astype(int)
    bottom, right = np.minimum(top + 1, rows - 1), np.minimum(left + 1, columns - 1)
    v, u = (y - top)[..., None, None], (x - left)[..., None, None]
    above = grid[top, left] * (1 - u) + grid[top, right] * u
    below = grid[bottom, left] * (1 - u) + grid[bottom, right] * u
    maps = above * (1 - v) + below * v
    ones = np.ones_like(color[..., :1])
    mapped = np.einsum("...ij,...j->...i", maps, np.concatenate([color, ones], -1))
    return np.clip(mapped, 0.0, 1.0)


def srgb_from_linear(color: F64) -> F64:
    """Linear 0..1 to sRGB-encoded 0..1."""
    c = np.clip(color, 0.0, 1.0)
    return np.where(c <= 0.0031308, 12.92 * c, 1.055 * c ** (1 / 2.4) - 0.055)


def linear_from_srgb(color: F64) -> F64:
    """sRGB-encoded 0..1 to linear 0..1."""
    c = np.clip(color, 0.0, 1.0)
    return np.where(c <= 0.04045, c / 12.92, ((c + 0.055) / 1.055) ** 2.4)


def depth_m(ndc_z: F64, projection: F64) -> F64:
    """Metres along the view axis from the ndc z that ``projection`` wrote."""
    return (projection[2, 3] - ndc_z * projection[3, 3]) / (projection[2, 2] - ndc_z * projection[3, 2])
