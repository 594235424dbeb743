"""The meaning of the smoothing of coefficients along surfaces, in plain NumPy: what fast forms must match.

A small network draws light a little beyond the edge of what it falls on: a halo around a window, a dark rim around a
plant. Averages over cells of the same surface alone take these off and leave edges where they are: the edge-avoiding
à-trous wavelet filter (Dammertz, Sewtz, Hanika and Lensch, "Edge-Avoiding À-Trous Wavelet Transform for fast Global
Illumination Filtering", HPG 2010). Its guide is what the engine sent (colour, depth, normals, labels, and the shadows
that follow from them), not what is averaged, so the shares are known before the network has run; and three by three
cells a step are enough for light.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from framegen.frame import F32
from framegen.ops import features as ft
from framegen.ops import layout

STEPS = (1, 2, 4)
"""Distances in cells of the neighbours that are averaged, one after another."""
REACH = sum(STEPS)
"""How many cells away something may lie that counts."""
PAIRS = ((0, 1, 0.5), (1, 0, 0.5), (1, 1, 0.25), (1, -1, 0.25))
"""Half of the neighbours (rows down, columns right) with their weight; the others are these seen from there."""
SMOOTHED = slice(0, layout.CHOICE.start)
"""Channels of the latent that are averaged: all but what picks the field."""

SURFACE = (
    (ft.NORMAL_RIGHT, 0.25),
    (ft.NORMAL_UP, 0.25),
    (ft.NORMAL_AHEAD, 0.25),
    (ft.LOG_DEPTH, 0.15),
    (ft.SKY, 0.2),
    (ft.SHADOW, 0.25),
)
"""What of the cells' features tells two surfaces, or sun and shade, apart, and by how much it differs between them."""
SAME_COLOR = 0.06
"""By how much colours (0..1, sRGB-encoded) of two surfaces differ."""
SAME_LABEL = 1 / 8
"""Codes of labels differ by one at least: things of two labels share nothing."""
GUIDE = 3 + len(SURFACE) + 1
"""Planes of a guide: colour, features, label."""
SOFT, FALL = 16.0, 8
"""``(1 + d² / 16)^-8`` stands in for a Gaussian of the difference ``d``: no exponential, and nearly the same."""


def guide(color: F32, features: F32, label: NDArray[np.int32]) -> F32:
    """``[GUIDE, h, w]`` float32; two cells that differ in it by much more than 1 are of two surfaces.

    Args:
        color: ``[h, w, 3]`` 0..1, mean sRGB-encoded colour of each cell. features: ``[CHANNELS, h, w]``, see
            :mod:`framegen.ops.features`; zeros where the frame has no depth. label: ``[h, w]`` codes, zeros where it
            has none.
    """
    planes = [features[channel] / size for channel, size in SURFACE]
    return np.stack([*np.moveaxis(color / SAME_COLOR, -1, 0), *planes, label / SAME_LABEL]).astype(np.float32)


def smooth(latent: F32, guide: F32) -> F32:
    """``latent`` ``[h, w, LATENT]`` averaged along the surfaces of ``guide``; a new array like it."""
    out: F32 = latent.copy()
    for step in STEPS:
        planes = out[..., SMOOTHED]
        total, count = planes.copy(), np.ones(planes.shape[:2], np.float32)
        for down, right, weight in PAIRS:
            here, there = both(planes.shape[:2], down * step, right * step)
            apart = np.square(guide[:, here[0], here[1]] - guide[:, there[0], there[1]]).sum(0)
            alike = np.asarray(weight * (1 + apart / SOFT) ** -FALL, np.float32)
            for to, by in ((here, there), (there, here)):
                total[to] += alike[..., None] * planes[by]
                count[to] += alike
        out[..., SMOOTHED] = total / count[..., None]
    return out


def both(size: tuple[int, ...], down: int, right: int) -> tuple[tuple[slice, slice], tuple[slice, slice]]:
    """Where the cells are that have a neighbour so far away, and where those neighbours are."""
    h, w = size
    down, near = min(down, h), min(abs(right), w)
    left, beside = (slice(0, w - near), slice(near, w)) if right >= 0 else (slice(near, w), slice(0, w - near))
    return (slice(0, h - down), left), (slice(down, h), beside)
