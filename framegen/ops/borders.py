"""Sharp borders of paint, fast; see :mod:`framegen.ops.borders_reference`."""

from __future__ import annotations

import numpy as np

from framegen.frame import F32
from framegen.ops import features as ft
from framegen.ops.compose import Survey, blank_survey
from framegen.ops.duet import DUET
from framegen.ops.facing import facing
from framegen.ops.kernels.borders import sharpen
from framegen.ops.kernels.jit import ready

_BANDS = 4


def sharpened(survey: Survey, cover: F32, rays: ft.Rays) -> Survey:
    """What composing goes by, with the borders of ``cover`` ``[h, w]`` float32 0..1 where surfaces meet; what passes
    the air is shared with ``survey``."""
    painted, depth = ready(cover, np.float32), ready(survey.depth_m, np.float32)
    faces, blank = facing(depth, rays), blank_survey(depth)
    old = survey.span, survey.at, survey.weight, survey.which
    found = Survey(depth, survey.through, blank.span, blank.at, blank.weight, blank.which)
    surfaces = faces.flat, faces.turn, faces.across, faces.down, faces.deep
    arguments = painted, depth, *surfaces, *old, found.span, found.at
    into = found.weight, found.which
    DUET.split(len(painted), min(_BANDS, len(painted)), lambda first, end: sharpen(first, end, *arguments, *into))
    return found
