"""Guidance: a look is led away from the average one, further than training brought it.

Classifier-free guidance (Ho and Salimans, "Classifier-Free Diffusion Guidance", 2022) without a second pass: what the
condition does to this network it does through the FiLM vector, so it is the vector that is led on, ``average +
guidance · (film - average)``. The last layer of :class:`~.network.Style` is linear, so this is another last layer.
"""

from __future__ import annotations

from functools import cache

import numpy as np

from framegen.engines.embedded.condition import condition_of, vector
from framegen.engines.embedded.network import Style
from framegen.engines.prompt import read
from framegen.frame import F32
from framegen.ops import layout

GUIDANCE = 1.1
"""Learned from few scenes, a network answers nearer to the average of all light than the light that is asked for is."""


def guided(style: Style, guidance: float = GUIDANCE) -> Style:
    """``style``, led on by ``guidance``; 1 is as it was trained."""
    average = np.mean([style(condition) for condition in _conditions()], 0)
    weight, bias = style.layers[-2:]
    led = guidance * weight, guidance * bias + (1 - guidance) * average
    return Style((*style.layers[:-2], *(np.asarray(array, np.float32) for array in led)))


@cache
def _conditions() -> tuple[F32, ...]:
    """Each time of day in each weather, no sun, no materials, strength 0.5."""
    looks = (read(f"{time.replace('_', ' ')}, {weather}").look for time in layout.TIMES for weather in layout.WEATHERS)
    return tuple(vector(condition_of(look).shares, None) for look in looks)
