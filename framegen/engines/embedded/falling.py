"""Rain and snow that fall through a picture, where a prompt says that they do and the frame shows no room."""

from __future__ import annotations

from functools import partial

import numpy as np

from framegen.engines.embedded.encoded import Encoded
from framegen.engines.embedded.outdoors import outdoors
from framegen.frame import F32, U8
from framegen.ops import features as ft
from framegen.ops import precipitation, water
from framegen.ops.compose import air_of
from framegen.ops.duet import DUET, Later
from framegen.ops.kernels import panes as kernels
from framegen.ops.precipitation import FLAKES, RAIN, Kind

Falling = list[tuple[Kind, Later[F32]]]
"""What falls, and how much of each pixel it hides."""


def any_of(encoded: Encoded) -> bool:
    """Whether anything falls: that takes depth and a camera, and a strength beyond 0."""
    placed = encoded.depth is not None and encoded.geometry.rays is not None
    return placed and encoded.cover > 0 and max(encoded.drops, encoded.flakes) > 0


def begin(encoded: Encoded) -> Falling:
    """Begins to work out where it is, on the second thread."""
    depth, rays = encoded.depth, encoded.geometry.rays
    if depth is None or rays is None or not any_of(encoded):
        return []
    amounts = (RAIN, encoded.drops), (FLAKES, encoded.flakes)
    given = encoded, depth.depth_m, rays
    return [(kind, DUET.beside(partial(_hidden, kind, amount, *given))) for kind, amount in amounts if amount > 0]


def _hidden(kind: Kind, amount: float, encoded: Encoded, depth_m: F32, rays: ft.Rays) -> F32:
    share = encoded.cover * outdoors(encoded)
    return precipitation.hidden(kind, amount, share, encoded.light.seconds, depth_m, rays)


def lay(picture: U8, latent: F32, encoded: Encoded, falls: Falling) -> None:
    """Lays it over ``picture`` ``[H, W, 3]`` uint8 in place, in the light of the sky, and by night that of lamps.

    ``latent``: ``[h, w, KEPT]``, as it was composed. ``falls``: of :func:`begin`.
    """
    assert encoded.depth is not None
    around = water.sky_of(air_of(latent, encoded.grade, encoded.curve), encoded.geometry.features[ft.SKY])
    seen = np.empty(3, np.float32)
    kernels.shown(picture, encoded.depth.depth_m, seen)
    np.maximum(around, seen, out=around)
    for kind, cover in falls:
        precipitation.lay(picture, kind, cover.result(), around)
