"""The meaning of evening out what a grey box is covered with, in plain NumPy: what the fast form must match.

A grey box has squares that say how large things are, and nothing of what they are to become. Composing keeps what the
engine drew, squares and all, so they are evened out before: each label's surfaces get the colour that they have on
average where they face the same way. How the engine lit them stays; the squares go.
"""

from __future__ import annotations

import numpy as np

from framegen.frame import F32, F64, U8
from framegen.ops import features as ft
from framegen.ops.reference import LEAST_NEARNESS, SHARPNESS, taps

KEPT = 0.2
"""Of the pattern: corners and posts that differ in brightness alone stay to be seen."""
DARKEST = 0.02
"""Brightness, sRGB-encoded, below which colours are not told apart."""
TERMS = 4
"""A surface's brightness by its normal is one number, and one for each axis: what Lambert's law is, but for shade."""
RIDGE = 0.005
"""Of each cell, how little is believed of a slope that hardly any surface shows."""
FEW = 12
"""Cells of a label from which on it is evened out half; of fewer the average says little."""


def fits(color: U8, normal: F32, code: U8, evens: F32) -> tuple[F32, F32]:
    """How bright each label's surfaces are by how they face.

    Args:
        color: ``[h, w, 3]`` uint8, the engine's, one pixel a cell. normal: ``[3, h, w]`` float32, unit vectors; zeros
            where nothing stands. code: ``[h, w]`` uint8 labels. evens: ``[256]`` float32 0..1, how far each label may
            be evened out.

    Returns:
        ``[256, TERMS, 3]`` float32: of each label the natural logarithm of its colour, 0..1 and sRGB-encoded, less what
        each component of the normal adds; ``[256]`` float32, how far it is evened out.
    """
    known = ((normal**2).sum(0) > 0.5) & (evens[code] > 0)
    label = code[known]
    terms = np.concatenate([np.ones((1, len(label)), np.float32), normal[:, known]])
    logs = np.log(np.maximum(color[known].T / 255, DARKEST))

    def sums(values: F64) -> F64:
        return np.asarray(np.bincount(label, values, 256), np.float64)

    # least squares for all labels at once
    products = np.empty((256, TERMS, TERMS))
    for i in range(TERMS):
        for j in range(i + 1):
            products[:, i, j] = products[:, j, i] = sums(terms[i] * terms[j])
    right = np.moveaxis(np.array([[sums(a * b) for b in logs] for a in terms]), -1, 0)
    count = products[:, 0, 0]
    some = np.flatnonzero(count)
    ridge = RIDGE * np.diag([0.0, *[1.0] * (TERMS - 1)])
    slopes = np.zeros((256, TERMS, 3), np.float32)
    slopes[some] = np.linalg.solve(products[some] + count[some, None, None] * ridge, right[some])
    return slopes, (evens * count / (count + FEW)).astype(np.float32)


def evened(color: U8, normal: F32, code: U8, depth_m: F32, slopes: F32, share: F32) -> U8:
    """``color`` ``[4h, 4w, 3]`` uint8 with its pattern evened out, a new array.

    Args:
        normal: ``[3, h, w]`` float32. code: ``[4h, 4w]`` uint8 labels. depth_m: ``[4h, 4w]`` float32, sky inf: a pixel
            is asked for the normals of the cells around it that are about as far away. slopes, share: of :func:`fits`.
    """
    near = np.where(ft.solid(depth_m), 1 / np.maximum(depth_m, ft.LEAST_M), 0).astype(np.float32)
    low, right = (np.modf((np.arange(n, dtype=np.float32) + 0.5) / ft.CELL_PX + 0.5)[0] for n in near.shape)
    low, right = low[:, None], right[None]
    bilinear = np.stack([(1 - low) * (1 - right), (1 - low) * right, low * (1 - right), low * right])
    around = taps(near[ft.SAMPLE_PX :: ft.CELL_PX, ft.SAMPLE_PX :: ft.CELL_PX])
    off = (around - near) / np.maximum(np.maximum(around, near), LEAST_NEARNESS)
    weight = bilinear / (1 + SHARPNESS * off * off)
    facing = np.stack([(weight * taps(plane)).sum(0) for plane in normal], -1) / weight.sum(0)[..., None]
    of_label = slopes[code]
    even = of_label[..., 0, :] + (facing[..., None] * of_label[..., 1:, :]).sum(-2)
    floors = np.maximum(color / 255, DARKEST)
    logs = np.log(floors)
    part = (share[code] * (1 - KEPT) * (near > 0))[..., None]
    change = 255 * (np.exp(logs + part * (even - logs)) - floors)  # what is darker than told apart changes as little
    out = (np.clip(color + change, 0, 255) + 0.5).clip(0, 255).astype(np.uint8)
    return np.where(part > 0, out, color).astype(np.uint8)
