"""The meaning of giving surfaces the colour of another material, in plain NumPy: what the fast form must match.

Composing keeps what the engine drew, and the network says what becomes of it for cells of four pixels. So where labels
say what surfaces are to become, their colour is changed in the engine's frame before: the network then develops a frame
as a game draws it, and colours end where things end. This is for

- grey boxes: their squares say how large things are, and nothing of what they are to become. Each label's surfaces get
  the colour that they have on average where they face the same way. How the engine lit them stays; the squares go, and
  what each is made of gives the colour;
- what words make of something else ("red brick"): the colour changes, and up to the default strength the engine's own
  drawing stays in it, such as windows painted on a wall.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

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
LIT_RIDGE = 0.05
"""The same for what one label says of the light on all: a wall that is a little curved, with a lamp beside it, says
little of walls that face elsewhere, and along edges of flat ones normals are of neither, other ones in every frame."""
_RIDGES = RIDGE * np.diag([0.0, *[1.0] * (TERMS - 1)])
_LIT_RIDGES = LIT_RIDGE * np.eye(TERMS - 1)
LIGHTER = 1.4
"""See :class:`Wanted`."""
FEW = 12
"""Cells of a label from which on it is evened out half; of fewer the average says little."""


@dataclass(frozen=True)
class Wanted:
    """What each label's surfaces are to become.

    Attributes:
        evens: ``[256]`` float32 0..1, how far each is evened out.
        becomes: ``[256]`` float32 0..1, how far each gets the colour of ``albedo``, ``[256, 3]`` float32 0..1,
            sRGB-encoded; 0 there: it keeps its own.
        turns: ``[256]`` float32 0..1, how far of what is left, in the light of what stands around it: it gets but
            :data:`LIGHTER` times as light or dark, since the engine may have drawn a night.
    """

    evens: F32
    becomes: F32
    turns: F32
    albedo: F32

    def concerned(self) -> NDArray[np.bool_]:
        """``[256]``, the labels that change."""
        return np.asarray((self.evens > 0) | ((self.becomes + self.turns > 0) & self.albedo.any(-1)))


def mixed(parts: Sequence[tuple[Wanted, float]]) -> Wanted:
    """What labels become on the way from one to another, as their shares, which sum to one, say."""
    if len(parts) == 1:
        return parts[0][0]
    evens, becomes, turns, says = (np.zeros(256, np.float32) for _ in range(4))
    albedo = np.zeros((256, 3), np.float32)
    for one, share in parts:
        part = np.float32(share)
        says_this = part * (one.becomes + one.turns) * one.albedo.any(-1)
        evens += part * one.evens
        becomes += part * one.becomes * (says_this > 0)
        turns += part * one.turns * (says_this > 0)
        albedo += says_this[:, None] * one.albedo
        says += says_this
    return Wanted(evens, becomes, turns, albedo / np.maximum(says, np.float32(1e-12))[:, None])


class Fits(NamedTuple):
    """What :func:`fits` finds of each label.

    Attributes:
        slopes: ``[256, TERMS, 3]`` float32, the natural logarithm of its colour, 0..1 and sRGB-encoded, less what each
            component of the normal adds.
        share: ``[256]`` float32 0..1, how far it is evened out. gain: ``[256, 3]`` float32, on its colour.
    """

    slopes: F32
    share: F32
    gain: F32


def fits(color: U8, normal: F32, code: U8, wanted: Wanted) -> Fits:
    """How bright each label's surfaces are by how they face, and what makes them their material.

    Args:
        color: ``[h, w, 3]`` uint8, the engine's, one pixel a cell. normal: ``[3, h, w]`` float32, unit vectors; zeros
            where nothing stands. code: ``[h, w]`` uint8 labels.
    """
    known = ((normal**2).sum(0) > 0.5) & wanted.concerned()[code]
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
    some, sure = np.flatnonzero(count), count / (count + FEW)
    slopes, shift = np.zeros((256, TERMS, 3), np.float32), np.zeros((256, 3), np.float32)
    slopes[some] = np.linalg.solve(products[some] + count[some, None, None] * _RIDGES, right[some])
    colored = some[wanted.albedo[some].any(-1)]
    if len(colored):
        mean = right[colored, 0] / count[colored, None]
        change = np.log(np.maximum(wanted.albedo[colored], DARKEST)) + _lit(products, right)[colored, None] - mean
        lighter = change.mean(-1, keepdims=True)
        bounded = change - lighter + np.clip(lighter, -np.log(LIGHTER), np.log(LIGHTER))
        becomes, turns = wanted.becomes[colored, None], wanted.turns[colored, None]
        shift[colored] = sure[colored, None] * (becomes * change + (1 - becomes) * turns * bounded)
    return Fits(slopes, (wanted.evens * sure).astype(np.float32), np.exp(shift))


def _lit(products: F64, right: F64) -> F64:
    """``[256]``, how much brighter each label is on average than its albedo, by how it faces; a natural logarithm.

    Labels differ in the grey that they were given, which says nothing, and in how the engine lit them. The latter is
    told by how one label's surfaces differ that face different ways. The picture as a whole is neither brighter nor
    darker than its albedo.

    Args:
        products: ``[256, TERMS, TERMS]``, right: ``[256, TERMS, 3]``, the sums of :func:`fits`.
    """
    count = products[:, 0, 0]
    facing = products[:, 0, 1:] / np.maximum(count, 1)[:, None]
    level = right.mean(-1)
    within = (products[:, 1:, 1:] - count[:, None, None] * facing[:, :, None] * facing[:, None, :]).sum(0)
    differ = (level[:, 1:] - facing * level[:, :1]).sum(0)
    light = np.linalg.solve(within + count.sum() * _LIT_RIDGES, differ)
    mean = products[:, 0, 1:].sum(0) / count.sum()
    return np.asarray((facing - mean) @ light)


def recolored(color: U8, normal: F32, code: U8, depth_m: F32, found: Fits) -> U8:
    """``color`` ``[4h, 4w, 3]`` uint8 with its pattern evened out and its materials' colours, a new array.

    Args:
        normal: ``[3, h, w]`` float32. code: ``[4h, 4w]`` uint8 labels. depth_m: ``[4h, 4w]`` float32, sky inf: a pixel
            is asked for the normals of the cells around it that are about as far away. found: of :func:`fits`.
    """
    near = np.where(ft.solid(depth_m), 1 / np.maximum(depth_m, ft.LEAST_M), 0).astype(np.float32)
    low, right = (np.modf((np.arange(n, dtype=np.float32) + 0.5) / ft.CELL_PX + 0.5)[0] for n in near.shape)
    low, right = low[:, None], right[None]
    bilinear = np.stack([(1 - low) * (1 - right), (1 - low) * right, low * (1 - right), low * right])
    around = taps(near[ft.SAMPLE_PX :: ft.CELL_PX, ft.SAMPLE_PX :: ft.CELL_PX])
    off = (around - near) / np.maximum(np.maximum(around, near), LEAST_NEARNESS)
    weight = bilinear / (1 + SHARPNESS * off * off)
    facing = np.stack([(weight * taps(plane)).sum(0) for plane in normal], -1) / weight.sum(0)[..., None]
    of_label = found.slopes[code]
    even = of_label[..., 0, :] + (facing[..., None] * of_label[..., 1:, :]).sum(-2)
    floors = np.maximum(color / 255, DARKEST)
    logs = np.log(floors)
    solid = (near > 0)[..., None]
    part = solid * (1 - KEPT) * found.share[code][..., None]
    gain = np.where(solid, found.gain[code], np.float32(1))
    # what is darker than told apart changes as little
    change = 255 * (np.exp(logs + part * (even - logs)) * gain - floors)
    out = (np.clip(color + change, 0, 255) + 0.5).clip(0, 255).astype(np.uint8)
    return np.where((part > 0) | (gain != 1).any(-1, keepdims=True), out, color).astype(np.uint8)
