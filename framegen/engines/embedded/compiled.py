"""The kernels that the embedded model's pictures are made with, compiled before the first one."""

from __future__ import annotations

from framegen.ops.kernels import (
    antialias,
    atrous,
    aurora,
    borders,
    cast,
    choice,
    clouds,
    compose,
    drawn,
    fill,
    gains,
    greys,
    lamplight,
    lights,
    night_sky,
    panes,
    photo,
    precipitation,
    reading,
    recolor,
    scotopic,
    snow,
    snow_cells,
    unveil,
    water,
    wet,
)

_KERNELS = (
    compose, borders, fill, recolor, antialias, atrous, reading, clouds, lights, lamplight, greys, night_sky, panes,
    photo, precipitation, snow, snow_cells, water, wet, choice, cast, drawn, gains, unveil,
    scotopic, aurora,
)  # fmt: skip


def warm_up() -> None:
    """Compiles them, or loads what an earlier run compiled."""
    for module in _KERNELS:
        module.warm_up()
