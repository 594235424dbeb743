"""Cells of one colour each, for what changes how they are lit."""

from __future__ import annotations

import numpy as np

from framegen.frame import F32
from framegen.ops import atrous_reference, layout


def guide_of(color: F32) -> F32:
    """The guide whose colours are ``color`` ``[h, w, 3]``, 0..1."""
    guide = np.zeros((atrous_reference.GUIDE, *color.shape[:2]), np.float32)
    guide[:3] = np.moveaxis(color / atrous_reference.SAME_COLOR, -1, 0)
    return guide


def shown(latent: F32, color: F32) -> F32:
    """What composing makes of a cell's mean colour."""
    bare = 1 - latent[..., layout.COVER, None]
    return np.asarray(color * np.exp(latent[..., layout.GAIN]) * bare + latent[..., layout.PAINT], np.float32)
