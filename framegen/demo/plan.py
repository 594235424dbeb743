"""The town's ground plan: where roads and blocks lie, the ground itself, and the hills around.

World: right-handed, +Z up, metres; +y is north.
"""

from __future__ import annotations

from itertools import pairwise

import numpy as np

from framegen.demo import materials as m
from framegen.demo.mesh import MeshBuilder

ROADS_M = (-66.0, -22.0, 22.0, 66.0)
"""Centre lines of the roads, in x and in y."""
ROAD_HALF_M = 5.0
BLOCK_HALF_M = 17.0
PAVEMENT_M = 3.0
PAVEMENT_TOP_M = 0.13
BLOCKS_M = (-44.0, 0.0, 44.0)
LANE_M = 1.8


def ground(builder: MeshBuilder) -> None:
    """Asphalt, meadows, centre lines and zebra crossings."""
    reach, half = ROADS_M[3] + ROAD_HALF_M, ROAD_HALF_M
    builder.rectangle(-reach, -reach, reach, reach, 0.0, m.ASPHALT)
    for road in ROADS_M[1:3]:
        for a, b in ((-220.0, -reach), (reach, 220.0)):
            builder.rectangle(road - half, a, road + half, b, 0.0, m.ASPHALT)
            builder.rectangle(a, road - half, b, road + half, 0.0, m.ASPHALT)
    inner = ROADS_M[1] + half, ROADS_M[2] - half
    bands = ((-400.0, ROADS_M[1] - half), inner, (ROADS_M[2] + half, 400.0))
    for low, high in bands:
        for x0, y0, x1, y1 in ((low, reach, high, 400.0), (low, -400.0, high, -reach)):
            builder.rectangle(x0, y0, x1, y1, 0.02, m.MEADOW)
        for x0, x1 in ((reach, 400.0), (-400.0, -reach)):
            y0, y1 = max(low, -reach), min(high, reach)
            builder.rectangle(x0, y0, x1, y1, 0.02, m.MEADOW)
    z = 0.008
    for road in ROADS_M:
        for along in np.arange(-62.0, 63.0, 4.0):
            if min(abs(along - other) for other in ROADS_M) < 7.5:
                continue
            builder.rectangle(road - 0.07, along - 1.0, road + 0.07, along + 1.0, z, m.MARKING)
            builder.rectangle(along - 1.0, road - 0.07, along + 1.0, road + 0.07, z, m.MARKING)
    for cross in ROADS_M[1:3]:
        for other in ROADS_M[1:3]:
            for offset in (-6.0, 6.0):
                for stripe in np.arange(-3.2, 3.3, 0.95):
                    builder.rectangle(
                        cross + stripe - 0.24,
                        other + offset - 1.3,
                        cross + stripe + 0.24,
                        other + offset + 1.3,
                        z,
                        m.MARKING,
                    )
                    builder.rectangle(
                        other + offset - 1.3,
                        cross + stripe - 0.24,
                        other + offset + 1.3,
                        cross + stripe + 0.24,
                        z,
                        m.MARKING,
                    )


def hills(builder: MeshBuilder, rng: np.random.Generator) -> None:
    """Two rings of hills on the horizon, seamless around."""
    for radius, height, tone in ((290.0, 26.0, 1.0), (400.0, 58.0, 0.85)):
        count = 96
        angle = 2 * np.pi * np.arange(count) / count
        profile = np.full(count, 0.55)
        for wave in range(2, 9):
            profile += 0.6 / wave * np.sin(wave * angle + float(rng.uniform(0, 2 * np.pi)))
        crest = height * np.clip(profile, 0.12, None)
        rings = []
        for reach, rise in ((0.80, 0.0), (0.88, 0.55), (1.0, 1.0)):
            rings.append(
                np.stack([radius * reach * np.cos(angle), radius * reach * np.sin(angle), crest * rise - 0.5], axis=1)
            )
        for lower, upper in pairwise(rings):
            # Seen from inside: the winding is that of the inner face.
            quads = np.stack([lower, upper, np.roll(upper, -1, axis=0), np.roll(lower, -1, axis=0)], axis=1)
            builder.polygons(quads, m.HILL.shaded(tone))
