"""Surfaces of other colours, fast; see :mod:`framegen.ops.recolor_reference`."""

from __future__ import annotations

import dataclasses

import numpy as np

from framegen.frame import F16, F32, U8
from framegen.ops import features as ft
from framegen.ops.duet import DUET
from framegen.ops.kernels.jit import ready, sealed
from framegen.ops.kernels.recolor import paint
from framegen.ops.recolor_reference import Wanted, fits, mixed

_BANDS = 8


def recolored(color: U8, code: U8, depth_m: F16 | F32 | None, rays: ft.Rays | None, wanted: Wanted) -> U8:
    """A frame's colour with the pattern of its surfaces evened out and their materials' colours.

    A new array; without depth or a camera itself, if nothing turns.

    Args:
        color: ``[H, W, 3]`` uint8. code: ``[H, W]`` uint8 labels. depth_m: ``[H, W]`` float16 or float32 metres. rays:
            of the camera. wanted: what becomes of each label; without depth or a camera nobody knows how surfaces face,
            so only what words chose turns to it.
    """
    cells = np.s_[ft.SAMPLE_PX :: ft.CELL_PX, ft.SAMPLE_PX :: ft.CELL_PX]
    labels, seen = sealed(code, np.uint8), sealed(color, np.uint8)
    if depth_m is None or rays is None:
        none = np.zeros_like(wanted.evens)
        wanted = dataclasses.replace(wanted, evens=none, becomes=none)
        if not wanted.concerned().any():
            return color
        depth = sealed(np.ones(labels.shape, np.float32), np.float32)
        normal = np.zeros((3, *labels[cells].shape), np.float32)
        normal[0] = 1  # whichever way, it is the same everywhere
    else:
        depth = sealed(depth_m, np.float32)
        sampled = depth[cells].copy()
        stands = ft.solid(sampled)
        sampled[~stands] = np.inf
        normal = ready(ft.cell_normals(ft.cell_points(sampled, rays), rays) * stands, np.float32)
    found = fits(seen[cells], normal, labels[cells], wanted)
    out = np.empty_like(seen)
    DUET.split(
        len(seen),
        min(_BANDS, len(seen)),
        lambda first, end: paint(first, end, seen, normal, labels, depth, *found, out),
    )
    return out


__all__ = ["Wanted", "mixed", "recolored"]
