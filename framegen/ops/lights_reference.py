"""The meaning of windows, lamps and signs that go on in the dark, in plain NumPy: what the fast form must match.

Which windows of a town are lit at night no frame by day tells, so a network that learned from rendered ones makes all
of them a little brighter. Where the engine's labels say what is a window, a lamp and a shop's sign, this decides
instead: a window is lit where noise, anchored in the world, says that somebody is at home, so it stays lit as the view
moves. Behind it is a room with a lamp, as deep as the view goes in: van Dongen, *Interior Mapping* (2008).
"""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from framegen.frame import F32, F64, U8
from framegen.ops import features as ft
from framegen.ops.fields import PLANE_GROUND, PLANE_WALL_X

WINDOW, LAMP, SIGN = 1, 2, 4
"""Kinds of lights; 0 is none."""
TILE = 16
"""Rooms along each axis until the noise repeats."""
ROOM_M = (2.6, 3.0, 2.6)
"""Size of a room along the world's axes. Their floors lie at multiples of its height: levels mostly stand on 0."""
MIDDLE = (0.0, 0.5, 0.0)
"""Of the room at the world's origin, in rooms."""
PARTITION = 0.15
"""Of a room's size, how wide it takes from one to the next. Not sharply: walls may lie exactly between two."""
DIM, BRIGHT = 0.46, 0.56
"""Noise up to here leaves a window dark; from there on it is lit wholly."""
DEPTH_M = 3.5
"""From a window to the wall behind it."""
LAMP_M, FALL_M = 1.0, 1.6
"""How high a room's lamp hangs over its middle, and how far from it what it lights is half as bright."""
FILL, BRIGHTEST = 0.35, 1.5
"""What of a room's light is everywhere; how bright what is beside the lamp is."""
PIXEL_M = (0.06, 0.18)
"""Metres that a pixel covers up to which what is in a room is seen, and from which on a window is evenly lit."""
AVERAGE = 0.9
"""Brightness of that."""
CEILING, FLOOR, WALL = 1.0, 0.6, 0.9
"""How much of the light each gives back."""
WARM, PALE = (1.0, 0.76, 0.44), (1.0, 0.92, 0.78)
"""Colours of lights, sRGB-encoded: bulbs, and what is nearly white."""
LEAST, GAIN = 0.74, 0.4
"""A lit pixel's brightness where the engine's frame is black, and how much of the frame's own luminance is added:
frames and curtains stay to be seen."""
LEAST_WAY = 1e-3
"""Of a ray, how far it goes into a room at least."""
LUMA = (0.2126, 0.7152, 0.0722)
"""Luminance of red, green and blue (ITU-R BT.709)."""
SIGNS = 1.9
"""How much brighter than in the engine's frame signs are that shine themselves: a shop's, in its own colours."""
GLOW = {WINDOW: 0.2, LAMP: 0.6, SIGN: 0.3}
"""How much of a light's colour is spread around it."""
GLOW_CELLS = 7
"""Width of a box that the glow is spread over, twice."""


def rooms() -> F32:
    """``[2, TILE, TILE, TILE]`` float32 0..1, along x, y, z: whether somebody is at home, and the lamp's colour."""
    return np.random.default_rng(7).random((2, TILE, TILE, TILE)).astype(np.float32)


def places(world_m: F64) -> F64:
    """``[..., 3]`` metres in rooms, whose middles are whole numbers."""
    return np.asarray(world_m / np.asarray(ROOM_M) - np.asarray(MIDDLE))


def noise(lattice: F32, place: F64) -> F32:
    """``lattice`` ``[TILE, TILE, TILE]`` at ``[..., 3]`` of :func:`places`: even in a room, by smooth steps between."""
    corner = np.floor(place)
    part = np.clip((place - corner - 0.5) / PARTITION + 0.5, 0, 1).astype(np.float32)
    part = part * part * (3 - 2 * part)
    first = corner.astype(np.int64)
    total = np.zeros(place.shape[:-1], np.float32)
    for i in range(8):
        step = np.array([i & 1, i >> 1 & 1, i >> 2])
        weight = np.prod(np.where(step, part, 1 - part), -1)
        x, y, z = np.moveaxis((first + step) % TILE, -1, 0)
        total += weight * lattice[x, y, z]
    return total


def inside(place: F64, way: F64, plane: U8, pixel_m: F64) -> F32:
    """``[...]`` float32, how bright what is seen of the room behind a window is; 1 where that does not stand upright.

    Args:
        place: ``[..., 3]`` of :func:`places`. way: ``[..., 3]``, along the ray, in metres. plane: ``[...]`` uint8, the
            lookup plane of :func:`framegen.ops.fields.planes_of`. pixel_m: ``[...]``, metres that a pixel covers.
    """
    across = np.where(plane == PLANE_WALL_X, 2, 0)[..., None]
    room = np.stack([np.take(ROOM_M, across[..., 0]), np.full(plane.shape, ROOM_M[1])], -1)
    at = np.concatenate([np.take_along_axis(place, across, -1), place[..., 1:2]], -1)
    at = (at - np.floor(at + 0.5)) * room  # metres from the room's middle, beside and up
    along = np.concatenate([np.take_along_axis(way, across, -1), way[..., 1:2]], -1)
    into = np.maximum(np.abs(np.take_along_axis(way, 2 - across, -1))[..., 0], LEAST_WAY)
    with np.errstate(divide="ignore"):
        sides = (room / 2 - at * np.sign(along)) / np.abs(along)
    ends = np.concatenate([DEPTH_M / into[..., None], sides], -1)  # of the back wall, of a side, of floor or ceiling
    met = ends.argmin(-1)
    far = ends.min(-1)
    beside, up = np.moveaxis(at + far[..., None] * along, -1, 0)
    off = (far * into - DEPTH_M / 2) ** 2 + beside**2 + (up - LAMP_M) ** 2
    albedo = np.where(met == 2, np.where(along[..., 1] > 0, CEILING, FLOOR), WALL)
    bright = albedo * BRIGHTEST * (FILL + (1 - FILL) / (1 + off / FALL_M**2))
    seen = np.clip((PIXEL_M[1] - pixel_m) / (PIXEL_M[1] - PIXEL_M[0]), 0, 1)
    return np.where(plane == PLANE_GROUND, 1, AVERAGE + seen * (bright - AVERAGE)).astype(np.float32)


def emission(
    kind: U8,
    color: U8,
    world_m: F64 | None,
    way: F64 | None = None,
    plane: U8 | None = None,
    pixel_m: F64 | None = None,
) -> tuple[F32, F32]:
    """What shines of each pixel.

    Args:
        kind: ``[H, W]``, WINDOW, LAMP, SIGN or 0. color: ``[H, W, 3]`` uint8, the engine's. world_m: ``[H, W, 3]``, or
            None where it is not known: then all are lit.
        way, plane, pixel_m: ``[H, W, 3]`` and ``[H, W]``, as for :func:`inside`; None: rooms are as bright everywhere.

    Returns:
        ``[H, W]`` float32 0..1, how much the light covers; ``[H, W, 3]`` float32, its colour, sRGB-encoded 0..1.
    """
    home = np.ones(kind.shape, np.float32)
    hue = np.zeros(kind.shape, np.float32)
    luminance = color @ np.asarray(LUMA) / 255
    bright = (LEAST + GAIN * luminance).astype(np.float32)
    if world_m is not None:
        lattices, place = rooms(), places(world_m)
        lit = np.clip((noise(lattices[0], place) - DIM) / (BRIGHT - DIM), 0, 1)
        home, hue = np.where(kind == WINDOW, lit, 1), noise(lattices[1], place)
        if way is not None and plane is not None and pixel_m is not None:
            bright = np.where(kind == LAMP, bright, bright * inside(place, way, plane, pixel_m))
    hue = np.where(kind == LAMP, 1, hue)[..., None]
    light = (np.asarray(WARM) + hue * (np.asarray(PALE) - np.asarray(WARM))) * bright[..., None]
    light = np.where((kind == SIGN)[..., None], color * (SIGNS / 255), light)
    return (home * (kind > 0)).astype(np.float32), np.minimum(light, 1).astype(np.float32)


def glow(kind: U8, cover: F32, light: F32) -> F32:
    """``[h, w, 3]`` float32, what a cell gets of the lights around it. ``cover``: of :func:`emission`, times what the
    air lets pass."""
    strength = np.select([kind == each for each in GLOW], list(GLOW.values())) * cover
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
