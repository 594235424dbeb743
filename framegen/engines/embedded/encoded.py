"""One frame between the embedded model's ``encode`` and ``decode``."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from framegen.engines.embedded.recollection import OUTDOORS, Recollection
from framegen.frame import F32, U8
from framegen.ops import features as ft
from framegen.ops import snow, water
from framegen.ops.cast import Shadows
from framegen.ops.cast_reference import open_to_the_sky
from framegen.ops.compose import Survey
from framegen.ops.duet import Later
from framegen.ops.fields import U32
from framegen.ops.night_sky import NightSky
from framegen.ops.photo import Photo


@dataclass(frozen=True, eq=False)
class Encoded:
    """One frame as the network and the composition want it.

    Attributes:
        inputs: of the network but for noise and history. ``geometry``: features and what the field lookup needs.
        by_night: ``[film]`` float32 in place of that of ``inputs`` where no sun is known, if the network is to be asked
        both, or None; daylight: 0..1, how much its answer to ``inputs`` counts then.
        material: ``[h, w]`` int32, what labels say of each cell; ``inputs`` have what the network is told of it.
        color: ``[H, W, 3]`` uint8.
        guide: ``[GUIDE, h, w]``, what tells surfaces apart, see :mod:`framegen.ops.atrous_reference`.
        told: done when ``inputs``, ``geometry``, ``guide``, ``depth`` and ``veil`` are filled; the second thread
        works on it.
        depth: of the composition what depends on depth alone, or None without depth. edges: what stands in for it then.
        veil: clouds before the air.
        cover, contrast: what the strength setting leaves of paint and detail; ``cover`` of smoothing, too.
        tint: ``[h, w, 3]`` float32, natural log of the gain on what labels' words colour, or None. grade: ``[3, 3]``
        float32 gains of the time of day, or None; curve: its tone curve; overhead: ``[3]``, gains on the air high above
        besides, or None.
        allowed: ``[h, w, 2]`` float32, see :func:`framegen.ops.reference.settle`, or empty; textures: ``[h, w]``
        uint32, likewise, the fields that suit what labels say. own_sky: 0..1, how much of the engine's own sky shows
        through. land: ``[h, w]`` 0..1, how much of what it shows of land, see :mod:`framegen.ops.backdrop`, or None.
        lights: ``[H, W]`` uint8, windows and lamps, see :mod:`framegen.ops.lights_reference`; None where no label is
        one, or none is lit. lit: 0..1, how much they shine. known: of the frames before. wet: 0..1, how much the ground
        mirrors them.
        mirrors: ``[H, W]`` uint8, water and wet floors, see :mod:`framegen.ops.water_reference`, panes and coats, see
        :mod:`framegen.ops.panes_reference`; None where nothing mirrors. light: that falls on it. disc: 0..1, how much
        of the sun is seen in the sky; aureole: how much of it comes through fog, of which there is ``fog``.
        label: ``[H, W]`` uint8, bears: ``[256]``, see :func:`framegen.ops.snow.lay`, or None where no snow is to be
        laid; snow: 0..1, how much there is.
        shadows: that the sun casts, or None. unveiled: 0..1, how much of the paint becomes light: snow stays paint.
        photo: what lens, film and darkroom add to the result. night: what the sky shows by night, or None.
        drops, flakes: 0..1, how much rain and snow falls.
        plain_day: 0..1, how much greys are to stay grey. by_starlight: 0..1, how much what is dark loses its colour.
    """

    inputs: dict[str, NDArray[Any]]
    by_night: F32 | None
    daylight: float
    geometry: ft.CellGeometry
    material: NDArray[np.int32]
    color: U8
    guide: F32
    told: Later[None]
    depth: Survey | None
    edges: Later[Survey] | None
    veil: F32
    cover: float
    contrast: float
    tint: F32 | None
    allowed: F32
    textures: U32
    grade: F32 | None
    curve: tuple[float, float]
    overhead: F32 | None
    own_sky: float
    land: Later[F32] | None
    lights: U8 | None
    lit: float
    known: Recollection
    wet: float
    mirrors: U8 | None
    light: water.Light
    disc: float
    aureole: float
    fog: float
    label: U8 | None
    bears: F32 | None
    snow: float
    shadows: Shadows | None
    unveiled: float
    photo: Photo
    night: NightSky | None
    plain_day: float
    by_starlight: float
    drops: float
    flakes: float

    @cached_property
    def outdoors(self) -> float:
        """0..1, whether the frame shows the open, by depth, labels and the frames before; 1 without depth or camera:
        nothing tells. Once ``told`` is done.
        """
        if self.depth is None or self.geometry.rays is None:
            return 1.0
        in_the_open = open_to_the_sky(self.geometry, self.depth.depth_m)
        return self.known.steadied(OUTDOORS, in_the_open * (1 - snow.in_a_room(self.material, self.geometry)))
