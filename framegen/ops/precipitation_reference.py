"""The meaning of rain and snow that fall through a picture, in plain NumPy: what the fast form must match.

Drops and flakes are fixed to the world and to the clock: the same cube of them, over and over, falls past the camera.
So they stream by as it moves, and two frames of one time show the same drops. Each is a line from where it was when the
shutter opened to where it is, and is hidden by what stands before it.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from framegen.frame import F32, F64, U8
from framegen.ops import features as ft


@dataclass(frozen=True)
class Kind:
    """What falls.

    Attributes:
        most: how many of them a cube holds where as much falls as may. box_m: its width.
        speed_m, varies: metres per second downwards, and by how much more or less of it single ones fall.
        wind_m: metres per second sideways where as much falls as may, along :data:`WIND`.
        sway_m, sway_hz: how far they swing to and fro, and how often.
        shutter_s: how long a line they draw. wide_m: how wide they are.
        cover: how much of what lies behind is hidden. bright: what their own light adds to that around them.
    """

    most: int
    box_m: float
    speed_m: float
    varies: float
    wind_m: float
    sway_m: float
    sway_hz: float
    shutter_s: float
    wide_m: float
    cover: float
    bright: float


RAIN = Kind(10000, 12.0, 8.0, 0.15, 2.5, 0.0, 0.0, 1 / 50, 0.003, 0.5, 0.07)
FLAKES = Kind(14000, 12.0, 1.3, 0.3, 4.0, 0.12, 0.35, 1 / 120, 0.011, 0.85, 0.08)
WIND = (0.83, -0.56)
"""Direction of the wind along x and z."""
GUSTS = 10
"""Steps in which the wind grows with how much falls. It has blown since the clock's zero: if it grew evenly in a long
fade, all of them would shoot sideways, by what it grows in a frame times the whole clock."""
NEAR_M = 0.4, 1.2
"""Distance up to which none are seen, and from which on all: nearer ones would be large and out of focus."""
FADES = 0.7
"""Share of half the cube's width from which on they fade towards its end: none pops."""
WIDEST, LONGEST, MOST = 0.021, 0.21, 0.9
"""Of one on the screen, over the picture's height: what is larger is as large as that; and how much all of them hide of
a pixel at most."""


@lru_cache(maxsize=4)
def seeds(kind: Kind) -> F64:
    """``[most, 5]`` float64 0..1: where each is in its cube, how fast it is, and where in its swing. Not to be written
    to."""
    return np.random.default_rng(kind.most + int(1000 * kind.speed_m)).random((kind.most, 5))


def wind_of(kind: Kind, amount: float) -> F64:
    """``[2]`` float64 metres per second along x and z where ``amount`` 0..1 falls."""
    return np.asarray(WIND) * (kind.wind_m * round(amount * GUSTS) / GUSTS)


def lines(kind: Kind, amount: float, seconds: float, position_m: F64) -> tuple[F64, F64]:
    """``[n, 3]`` each: where they are, relative to the camera along the world's axes, and how far they have come since
    the shutter opened.

    Args:
        amount: 0..1, how many there are, and how hard the wind blows. seconds: of the engine's clock.
        position_m: ``[3]`` of the camera.
    """
    seed = seeds(kind)[: int(kind.most * amount)]
    speed = kind.speed_m * (1 + kind.varies * (2 * seed[:, 3] - 1))
    wind = wind_of(kind, amount)
    way = np.stack([np.full(len(seed), wind[0]), -speed, np.full(len(seed), wind[1])], -1)
    place = seed[:, :3] * kind.box_m + way * seconds
    turn = 2 * np.pi * (kind.sway_hz * seconds + seed[:, 4])
    place[:, 0] += kind.sway_m * np.sin(turn)
    place[:, 2] += kind.sway_m * np.cos(turn)
    return np.mod(place - position_m, kind.box_m) - kind.box_m / 2, way * kind.shutter_s


def covered(kind: Kind, amount: float, seconds: float, depth_m: F32, rays: ft.Rays) -> F32:
    """``[H, W]`` float32 0..1, how much of each pixel they hide.

    Args:
        amount: 0..1. seconds: of the engine's clock. depth_m: ``[H, W]`` float32 metres. rays: of the camera; without
            perspective there is nothing near it to see.
    """
    height, width = depth_m.shape
    widest, longest = WIDEST * height, LONGEST * height
    out = np.zeros((height, width), np.float32)
    if not rays.perspective:
        return out
    inverse = ft.pixel_from_world(rays)[0].astype(np.float64)
    places, ways = lines(kind, amount, seconds, rays.position)
    for place, way in zip(places, ways, strict=True):
        end, start = inverse @ place, inverse @ (place - way)
        near, far = end[2], float(np.linalg.norm(place)) / (kind.box_m / 2)
        if near <= NEAR_M[0] or start[2] <= NEAR_M[0] or far >= 1:
            continue
        a, b = start[:2] / start[2], end[:2] / near
        along = b - a
        length = float(np.hypot(*along))
        if length > longest:
            along, length = along * (longest / length), longest
            a = b - along
        wide = min(kind.wide_m / (rays.pixel_m * near), widest)
        fade = min(1.0, (near - NEAR_M[0]) / (NEAR_M[1] - NEAR_M[0])) * min(1.0, (1 - far) / (1 - FADES))
        share, reach = kind.cover * min(wide, 1.0) * fade, max(wide, 1.0) / 2 + 0.5
        low, high = np.minimum(a, b) - reach, np.maximum(a, b) + reach
        left, top = (int(np.clip(np.floor(v), 0, size)) for v, size in zip(low, (width, height), strict=True))
        right, bottom = (int(np.clip(np.ceil(v), 0, size)) for v, size in zip(high, (width, height), strict=True))
        if left >= right or top >= bottom:
            continue
        x, y = np.arange(left, right) + 0.5 - a[0], np.arange(top, bottom)[:, None] + 0.5 - a[1]
        part = np.clip((x * along[0] + y * along[1]) / max(length * length, 1e-6), 0, 1)
        off = np.hypot(x - part * along[0], y - part * along[1])
        seen = depth_m[top:bottom, left:right]
        free = ~ft.solid(seen) | (seen > near)
        out[top:bottom, left:right] += free * share * np.clip(reach - off, 0, 1)
    return np.minimum(out, MOST)


def laid(picture: U8, cover: F32, light: F32) -> U8:
    """``picture`` ``[H, W, 3]`` uint8 behind what hides ``cover`` ``[H, W]`` of it.

    ``light``: ``[3]``, its colour, sRGB-encoded.
    """
    out = picture + cover[..., None] * (255 * light - picture)
    return np.asarray(np.clip(out, 0, 255) + 0.5, np.uint8)
