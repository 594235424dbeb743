"""Whether a frame shows the open: where rain falls, and a night's only light is the sky's."""

from __future__ import annotations

from framegen.engines.embedded.encoded import Encoded
from framegen.ops import snow
from framegen.ops.cast_reference import open_to_the_sky


def outdoors(encoded: Encoded) -> float:
    """0..1, by depth and labels; without depth nothing tells: 0."""
    if encoded.depth is None or encoded.geometry.rays is None:
        return 0.0
    geometry, depth_m = encoded.geometry, encoded.depth.depth_m
    return open_to_the_sky(geometry, depth_m) * (1 - snow.in_a_room(encoded.material, geometry))
