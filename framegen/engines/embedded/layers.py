"""What is laid over a composed picture: the sun's shadows; where labels say what things are, snow, lights, mirrors."""

from __future__ import annotations

import numpy as np

from framegen.engines.embedded.encoded import Encoded
from framegen.frame import F32, U8
from framegen.ops import cast, layout, panes, snow, water
from framegen.ops import features as ft
from framegen.ops.anchors import Anchors
from framegen.ops.lights import Lights
from framegen.watch import Watch


def lay(
    picture: U8, latent: F32, encoded: Encoded, shining: Lights | None, watch: Watch, anchors: Anchors | None = None
) -> None:
    """Lays them over ``picture`` ``[H, W, 3]`` uint8 in place: lights shine through panes, and water mirrors it all.

    Args:
        latent: ``[h, w, KEPT]``, as it was composed. shining: the lights of the frame, if there are any.
        watch: what each takes. anchors: of what moves on its own.
    """
    depth, geometry = encoded.depth, encoded.geometry
    air = latent[..., layout.AIR] if encoded.grade is None else latent[..., layout.AIR] * encoded.grade[1]
    sun = encoded.light.sun * np.float32(encoded.light.sunny)
    if encoded.bears is not None and encoded.label is not None and depth is not None and geometry.rays is not None:
        white = snow.color_of(picture, latent, encoded.inputs["label"][0], depth.through, air, geometry, encoded.snow)
        if white is not None:
            snow.lay(
                picture,
                encoded.label,
                encoded.bears,
                depth.depth_m,
                depth.through,
                white,
                air,
                geometry.rays,
                sun,
                encoded.snow,
                encoded.cover,
                anchors,
            )
        watch.lap("snow")
    if depth is not None:
        seen = encoded.color, depth.depth_m, depth.through, geometry
        cast.lay(picture, *seen, encoded.light.sun, encoded.light.sunny * encoded.cover)
        watch.lap("shadows")
    mirrors = encoded.mirrors
    if mirrors is not None and depth is not None:
        sky = water.sky_of(air, geometry.features[ft.SKY])
        panes.lay(picture, mirrors, depth.depth_m, depth.through, geometry, sky, sun, encoded.cover)
        watch.lap("panes")
    if shining is not None:
        shining.shine(picture, encoded.lit * encoded.cover)
        watch.lap("lights")
    if mirrors is not None and depth is not None:
        pool = mirrors, encoded.color, depth.depth_m, depth.through, air, geometry
        water.lay(picture, *pool, encoded.light, sky, encoded.cover)
        watch.lap("water")
