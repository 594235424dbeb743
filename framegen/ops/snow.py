"""Snow that lies on what faces up, fast; see :mod:`framegen.ops.snow_reference`."""

from __future__ import annotations

import numpy as np

from framegen.frame import F32, U8
from framegen.ops import features as ft
from framegen.ops import snow_reference as reference
from framegen.ops.anchors import Anchors
from framegen.ops.clouds import TILE_PX, cloud_tile
from framegen.ops.duet import DUET
from framegen.ops.kernels import snow as kernels
from framegen.ops.kernels.jit import ready
from framegen.ops.kernels.normals import MARGIN
from framegen.ops.snow_reference import color_of, off_walls

_BANDS = 8
_NO_SHIFT = np.empty((0, 0, 3), np.float32)


def lay(
    picture: U8,
    label: U8,
    bears: F32,
    depth_m: F32,
    through: F32,
    color: F32,
    air: F32,
    rays: ft.Rays,
    sun: F32,
    snow: float,
    share: float,
    anchors: Anchors | None = None,
) -> None:
    """Lays snow over a composed picture, in place.

    Args:
        picture: ``[H, W, 3]`` uint8. label: ``[H, W]`` uint8; bears: ``[256]`` float32 0..1, how much of the snow stays
            on each label's things. depth_m, through: ``[H, W]`` float32, metres and the share of light that passes.
        color: ``[h, w, 3]`` float32 of :func:`color_of`. air: ``[h, w, 3]`` float32, sRGB-encoded.
        rays: of the same frame. sun: ``[3]`` float32 towards it, times how clear it shines.
        snow: 0..1, how much has fallen. share: 0..1, how much of it is laid over.
        anchors: of what moves on its own, and its patches with it.
    """
    labels, depth, clear = ready(label, np.uint8), ready(depth_m, np.float32), ready(through, np.float32)
    deep = bool(rays.perspective)
    around = ((0, 0), (MARGIN, MARGIN))
    columns = np.pad(rays.columns.astype(np.float32, copy=False), around)
    # in the margins nothing is known, so what is there is never used
    rows = np.zeros((len(depth) + 2 * MARGIN, 6), np.float32)
    rows[MARGIN:-MARGIN, :3] = rays.rows.T
    rows[:, 3:] = 0 if deep else rays.forward
    flat = np.empty((len(depth) + 2 * MARGIN, columns.shape[1]), np.float32)
    flat[:MARGIN] = flat[-MARGIN:] = np.nan
    x, y, z = rays.position.tolist()
    lean_x, lean_z = reference.LEAN
    texels = TILE_PX / reference.NOISE_M
    texel_x, texel_z = ((x + lean_x * y) * texels) % TILE_PX, ((z + lean_z * y) * texels) % TILE_PX

    planes = ready(color, np.float32), ready(air, np.float32), ready(sun, np.float32)
    stays, noise = ready(bears, np.float32), cloud_tile()
    shift = _NO_SHIFT if anchors is None else ready(anchors.shift_m, np.float32)

    def band(first: int, end: int) -> None:
        kernels.lay(
            first, end, picture, labels, stays, depth, flat, clear, columns, rows, shift, noise, texel_x, texel_z,
            *planes, deep, np.float32(snow), np.float32(share),
        )  # fmt: skip

    DUET.split(len(depth), 2, lambda first, end: kernels.flatten(first, end, depth, deep, flat))
    DUET.split(len(picture), min(_BANDS, len(picture)), band)


__all__ = ["color_of", "lay", "off_walls"]
