"""What is laid over a composed picture: the sun's shadows; where labels say what things are, snow, lights, mirrors."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

import numpy as np

from framegen.engines.embedded.encoded import Encoded
from framegen.engines.embedded.recollection import DRAWN, SNOWED
from framegen.frame import F32, U8
from framegen.ops import features as ft
from framegen.ops import layout, panes, snow, water
from framegen.ops.anchors import Anchors
from framegen.ops.compose import air_of
from framegen.ops.duet import DUET, Ranges
from framegen.ops.lights import Lights
from framegen.watch import Watch

_BANDS = 8


def lay(
    picture: U8, latent: F32, encoded: Encoded, shining: Lights | None, watch: Watch, anchors: Anchors | None = None
) -> None:
    """Lays them over ``picture`` ``[H, W, 3]`` uint8 in place: lights shine through panes, and water mirrors it all.

    Args:
        latent: ``[h, w, KEPT]``, as it was composed. shining: the lights of the frame, if there are any.
        watch: what each takes. anchors: of what moves on its own.
    """
    depth, geometry, mirrors = encoded.depth, encoded.geometry, encoded.mirrors
    if depth is not None:
        # what needs none of the picture, beside snow's colour, which does
        still = None if mirrors is None else DUET.beside(partial(water.find, mirrors, depth.depth_m, geometry))
        shadows = encoded.shadows
        in_the_open = 0.0 if shadows is None else encoded.outdoors
        air = air_of(latent, encoded.grade, encoded.curve)
        sun = encoded.light.sun * np.float32(encoded.light.sunny)
        seen, share = (depth.depth_m, depth.through), encoded.cover
        dark = None
        if shadows is not None and in_the_open > 0:
            shown = picture, encoded.color, depth.through, encoded.light.sunny * share * in_the_open
            dark = DUET.beside(
                partial(shadows.layer, latent[..., layout.SHADE], *shown, partial(encoded.known.steadied, DRAWN))
            )
        layers = [_snow(picture, latent, encoded, air, sun, anchors)]
        watch.lap("snow")
        mirrored = None
        if mirrors is not None:
            sky = water.sky_of(air, geometry.features[ft.SKY])
            # snow lies on the one and slips off the other
            shares = {panes.PANE: share, panes.COAT: share * (1 - encoded.snow)}
            mirrored = panes.layer(picture, mirrors, *seen, geometry, sky, sun, shares)
            watch.lap("panes")
        if dark is not None:
            layers.append(dark.result())
            watch.lap("shadows")
        layers.append(mirrored)
        _lay_all(picture, [layer for layer in layers if layer is not None])
        watch.lap("laying")
    if shining is not None:
        shining.shine(picture, encoded.lit * encoded.cover)
        watch.lap("lights")
    if mirrors is not None and depth is not None:
        water.lay(picture, mirrors, encoded.color, *seen, air, geometry, encoded.light, sky, share, still)
        watch.lap("water")


def _snow(picture: U8, latent: F32, encoded: Encoded, air: F32, sun: F32, anchors: Anchors | None) -> Ranges | None:
    depth, rays = encoded.depth, encoded.geometry.rays
    if encoded.bears is None or encoded.label is None or depth is None or rays is None:
        return None
    seen, label = depth.through, encoded.material
    found = snow.color_of(picture, latent, label, seen, air, encoded.geometry, encoded.snow)
    if found is None:
        return None
    white, sure = found
    on = encoded.label, encoded.bears, depth.depth_m, seen
    share = encoded.cover * encoded.known.steadied(SNOWED, snow.lies(label, encoded.geometry) * sure)
    return snow.layer(picture, *on, white, air, rays, sun, encoded.snow, share, anchors)


def _lay_all(picture: U8, layers: Sequence[Ranges]) -> None:
    """One after the other, in bands of rows that stay in the processor's cache."""

    def band(first: int, end: int) -> None:
        for layer in layers:
            layer(first, end)

    if layers:
        DUET.split(len(picture), min(_BANDS, len(picture)), band)
