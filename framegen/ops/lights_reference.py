"""The meaning of windows and lamps that go on in the dark, in plain NumPy: what the fast form must match.

Which windows of a town are lit at night no frame by day tells, so a network that learned from rendered ones makes all
of them a little brighter. Where the engine's labels say what is a window and what is a lamp, this decides instead: a
window is lit where noise, anchored in the world, says that somebody is at home, so it stays lit as the view moves.
"""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from framegen.frame import F32, F64, U8
from framegen.ops import features as ft

WINDOW, LAMP = 1, 2
"""Kinds of lights; 0 is none."""
TILE = 16
"""Rooms along each axis until the noise repeats."""
ROOM_M = (2.6, 2.8, 2.6)
"""Size of a room along the world's axes."""
PARTITION = 0.15
"""Of a room's size, how wide it takes from one to the next. Not sharply: walls may lie exactly between two."""
DIM, BRIGHT = 0.46, 0.56
"""Noise up to here leaves a window dark; from there on it is lit wholly."""
WARM, PALE = (1.0, 0.76, 0.44), (1.0, 0.92, 0.78)
"""Colours of lights, sRGB-encoded: bulbs, and what is nearly white."""
LEAST, GAIN = 0.74, 0.4
"""A lit pixel's brightness where the engine's frame is black, and how much of the frame's own luminance is added:
frames and curtains stay to be seen."""
LUMA = (0.2126, 0.7152, 0.0722)
"""Luminance of red, green and blue (ITU-R BT.709)."""
GLOW = {WINDOW: 0.2, LAMP: 2.2}
"""How much of a light's colour is spread around it."""
GLOW_CELLS = 7
"""Width of a box that the glow is spread over, twice."""


def rooms() -> F32:
    """``[2, TILE, TILE, TILE]`` float32 0..1, along x, y, z: whether somebody is at home, and the lamp's colour."""
    return np.random.default_rng(7).random((2, TILE, TILE, TILE)).astype(np.float32)


def noise(lattice: F32, world_m: F64) -> F32:
    """``lattice`` ``[TILE, TILE, TILE]`` at ``[..., 3]`` metres: even in a room, by smooth steps between them."""
    place = world_m / np.asarray(ROOM_M)
    corner = np.floor(place)
    part = np.clip((place - corner - 0.5) / PARTITION + 0.5, 0, 1).astype(np.float32)
    part = part * part * (3 - 2 * part)
    first = corner.astype(np.int64)
    total = np.zeros(world_m.shape[:-1], np.float32)
    for i in range(8):
        step = np.array([i & 1, i >> 1 & 1, i >> 2])
        weight = np.prod(np.where(step, part, 1 - part), -1)
        x, y, z = np.moveaxis((first + step) % TILE, -1, 0)
        total += weight * lattice[x, y, z]
    return total


def emission(kind: U8, color: U8, world_m: F64 | None) -> tuple[F32, F32]:
    """What shines of each pixel.

    Args:
        kind: ``[H, W]``, WINDOW, LAMP or 0. color: ``[H, W, 3]`` uint8, the engine's. world_m: ``[H, W, 3]``, or None
            where it is not known: then all are lit.

    Returns:
        ``[H, W]`` float32 0..1, how much the light covers; ``[H, W, 3]`` float32, its colour, sRGB-encoded 0..1.
    """
    home = np.ones(kind.shape, np.float32)
    hue = np.zeros(kind.shape, np.float32)
    if world_m is not None:
        lattices = rooms()
        lit = np.clip((noise(lattices[0], world_m) - DIM) / (BRIGHT - DIM), 0, 1)
        home, hue = np.where(kind == LAMP, 1, lit), noise(lattices[1], world_m)
    hue = np.where(kind == LAMP, 1, hue)[..., None]
    luminance = color @ np.asarray(LUMA) / 255
    light = (np.asarray(WARM) + hue * (np.asarray(PALE) - np.asarray(WARM))) * (LEAST + GAIN * luminance[..., None])
    return (home * (kind > 0)).astype(np.float32), np.minimum(light, 1).astype(np.float32)


def glow(kind: U8, cover: F32, light: F32) -> F32:
    """``[h, w, 3]`` float32, what a cell gets of the lights around it. ``cover``: of :func:`emission`, times what the
    air lets pass."""
    strength = np.select([kind == WINDOW, kind == LAMP], [GLOW[WINDOW], GLOW[LAMP]]) * cover
    cells = (strength[..., None] * light).astype(np.float32)
    h, w = kind.shape[0] // ft.CELL_PX, kind.shape[1] // ft.CELL_PX
    return spread(cells.reshape(h, ft.CELL_PX, w, ft.CELL_PX, 3).mean((1, 3)))


def spread(cells: F32) -> F32:
    """``[h, w, 3]`` blurred; beyond the picture nothing shines."""
    size = GLOW_CELLS, GLOW_CELLS
    once = cv2.blur(cells, size, borderType=cv2.BORDER_CONSTANT)
    return np.asarray(cv2.blur(once, size, borderType=cv2.BORDER_CONSTANT), np.float32)


def shine(picture: U8, share: NDArray[np.float32], light: F32) -> U8:
    """``picture`` ``[H, W, 3]`` with ``share`` ``[H, W]`` of ``light`` over it."""
    out = picture + share[..., None] * (255 * light - picture)
    return np.asarray(np.clip(out, 0, 255) + 0.5, np.float32).astype(np.uint8)
