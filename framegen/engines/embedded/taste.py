"""What becomes of a latent before it is a picture: golden skies, textures, tinted surfaces, lights' glow, own skies.

None of it enters history: the next frame begins with what the network said.
"""

from __future__ import annotations

from collections.abc import Mapping

import cv2
import numpy as np
from numpy.typing import NDArray

from framegen.frame import F32, U8
from framegen.ops import layout, unveil_reference
from framegen.ops.kernels import lights as kernels
from framegen.ops.kernels.jit import ready
from framegen.ops.ramp import ramp, smooth_ramp

Gains = tuple[float, float, float]
GRADES: dict[str, tuple[Gains, Gains, Gains]] = {
    "golden_hour": ((1.05, 1.0, 0.93), (1.07, 0.995, 0.87), (1.0, 0.92, 0.84)),
    "dusk": ((0.91, 0.965, 1.03), (0.83, 0.93, 1.05), (1.0, 0.91, 0.88)),
    "night": ((0.86, 0.88, 0.92), (0.6, 0.63, 0.7), (1.0, 1.0, 1.0)),
}
"""Time of day -> gains on sRGB-encoded red, green, blue of surfaces, of air, and of the light on clouds: the rendered
scenes that the network learned from are exposed and white balanced one by one, which takes some of the gold, the blue
and the dark away that people mean. As much gold on surfaces as in the air would take them away from rendered ones
(Fréchet ratio + 0.03)."""
CONTRAST = {"dusk": (0.15, 0.4), "night": (0.25, 0.27)}
"""Time of day -> how much steeper the tone curve is around a brightness, sRGB-encoded, and that brightness: a network
that does not know where lamps hang spreads their light, and the dark between them is lost (rendered nights have 1.4
times its contrast)."""
RISES = 0.05, 0.5
"""Sine of a ray's height from which on the air of a golden hour is less golden, and from which on it is not: a low sun
gilds the haze along the horizon, and leaves the sky above blue."""
ZENITH_OF_NIGHT = (0.55, 0.57, 0.66)
"""Gains on the air above a clear night: rendered nights are exposed until their sky is that of a blue hour."""
DISC_RAD, GLARE_RAD, GLARE = 0.012, 0.14, 0.6
"""The sun in the sky: half the width of its disc, which is wider than the real one as in any photograph, and of the
glare around it, and how bright that is over the disc."""
SUNLIGHT = (1.0, 0.97, 0.9)
"""Its colour, sRGB-encoded."""
SETS, LEAVES = (0.0, 0.04), (0.25, 0.5)
"""Sine of its height within which it comes up, and share of dusk and night within which it goes: beyond, it is not
known, and would pop."""
MIST_UP, MIST = (-0.5, -0.05, 0.1, 0.5), (0.9, 0.97, 1.0, 1.03)
"""Fog gets its light from above: sine of a ray's height -> gain on its air."""
AUREOLE = (0.33, 0.12), (0.22, 0.5)
"""Of the sun's glow in fog, which scatters light forward: share of the light it adds, and how wide, in cosines."""
AUREOLE_LOW, AUREOLE_HIGH, HIGH = (1.0, 0.93, 0.8), (1.0, 0.98, 0.94), 0.6
"""Its colour, sRGB-encoded, where the sun stands low, and from which sine of its height on it is that of a high one."""
SHADY = (0.95, 0.975, 1.01)
"""Gains on the air of fog away from a sun that comes through: of the blue sky above it."""
REDDER = 0.15
"""How much redder than the engine draws them leaves get in snow at most, as the log of red's gain over green's:
winter's trees are bare, so to the network those that bear leaves are autumn's."""
TEXTURE = 1.1
"""Textures' contrast over what the network says: where it is unsure, losses of pixels hold it back."""
GREY = ("unknown", "rock", "asphalt", "paving", "road marking", "plaster", "concrete", "stone", "metal", "tyre")
"""Materials that are grey where they are drawn so: the network may well make wood of a grey plank."""
_HUED = np.array([name not in GREY for name in layout.LABELS], np.float32)
_SKY_BLUR_CELLS = 31
_SEEN = 0.1
"""What shows through less than this share of it has less than its whole colour."""


def sky_kept(strength: float) -> float:
    """How much of the engine's own sky shows through, 0..1: all at strength 0, none from 0.5."""
    return max(0.0, 1.0 - 2.0 * strength)


def unveiled(strength: float, snow: float) -> float:
    """0..1, how much of the paint becomes light: at strength 1 paint is what things are made of, and so is snow."""
    return unveil_reference.SHARE * min(1.0, 2.0 * (1.0 - strength)) * (1.0 - snow)


def colored(latent: F32, gain: F32) -> F32:
    """A latent ``[h, w, c]`` whose surfaces are ``gain`` (``[h, w, 3]`` or ``[3]``, sRGB-encoded) times as bright."""
    out: F32 = latent.copy()
    out[..., layout.GAIN] += np.log(gain)
    out[..., layout.PAINT] *= gain
    return out


def grade(times: Mapping[str, float]) -> F32 | None:
    """``[3, 3]`` float32, gains on surfaces, air and the light on clouds, of :data:`GRADES` by their times' shares
    0..1; None: no change."""
    logs = [share * np.log(GRADES[time]) for time, share in times.items() if time in GRADES and share > 0]
    return np.exp(np.sum(logs, 0)).astype(np.float32) if logs else None


def curve(times: Mapping[str, float], fog: float) -> tuple[float, float]:
    """The tone curve (:func:`framegen.ops.reference.toned`) of :data:`CONTRAST`, by times' shares 0..1.

    None in fog, whose light is everywhere.
    """
    steep = low = 0.0
    for time, (more, middle) in CONTRAST.items():
        share = (1 - fog) * times.get(time, 0.0) * more / (1 - middle)
        steep += share / middle
        low += share
    return steep, low


def overhead(times: Mapping[str, float], clear: float) -> F32 | None:
    """``[3]`` float32, gains on the air high above, by times' shares 0..1 and that of skies that are ``clear``.

    The air of golden hours loses its gold, that of clear nights darkens; None: no change.
    """
    golden, night = times.get("golden_hour", 0.0), clear * times.get("night", 0.0)
    if golden + night <= 0:
        return None
    gains = np.asarray(GRADES["golden_hour"][1]) ** -golden * np.asarray(ZENITH_OF_NIGHT) ** night
    return gains.astype(np.float32)


def cleared(latent: F32, up: F32, gains: F32) -> F32:
    """A latent ``[h, w, c]`` whose air is ``gains`` ``[3]`` times as bright high above; ``up`` ``[h, w]``: sine of the
    height of each cell's ray."""
    out: F32 = latent.copy()
    high = smooth_ramp(up, RISES)
    for i in range(3):
        out[..., layout.AIR.start + i] *= np.power(gains[i], high)
    return out


def disc(height: float, dark: float) -> float:
    """0..1, how much of the sun is seen at a ``height`` (its sine), by the share 0..1 of dusk and night."""
    return ramp(height, SETS) * (1 - ramp(dark, LEAVES))


def sunlit(latent: F32, toward: F32, sunny: float) -> F32:
    """A latent ``[h, w, c]`` with the sun in its air.

    Args:
        toward: ``[h, w]``, cosine of each cell's ray and the sun. sunny: 0..1, how much of it is seen.
    """
    square = 2 * np.maximum(1 - toward.ravel(), 0)  # of the angle between
    near = np.flatnonzero(square < (8 * GLARE_RAD) ** 2)
    if not near.size:
        return latent
    square = square[near]
    light = np.exp(-square / DISC_RAD**2 / 2) + np.float32(GLARE) * np.exp(-np.sqrt(square) / np.float32(GLARE_RAD))
    out: F32 = latent.copy()
    air = out.reshape(-1, out.shape[-1])[:, layout.AIR]
    air[near] += sunny * np.minimum(light, 1)[:, None] * np.maximum(np.asarray(SUNLIGHT, np.float32) - air[near], 0)
    return out


def lit_by_night(latent: F32, light: F32) -> F32:
    """A latent ``[h, w, c]`` with ``light`` ``[h, w, 3]`` 0..1 in its air: an aurora, or the moon's halo."""
    out: F32 = latent.copy()
    air = out[..., layout.AIR]
    air += light * (1 - np.minimum(air, 1))
    return out


def misted(latent: F32, up: F32, toward: F32, fog: float, sunny: float, height: float) -> F32:
    """A latent ``[h, w, c]`` whose air is lit as fog is: brighter above and around the sun.

    Rendered fog, which the network learned from, has one colour.

    Args:
        up: ``[h, w]``, sine of the height of each cell's ray. toward: ``[h, w]``, cosine of it and the sun.
        fog: 0..1, how much of the look is fog. sunny: 0..1, how much of the sun comes through. height: its sine.
    """
    out: F32 = latent.copy()
    air = out[..., layout.AIR]
    air *= (1 + fog * (np.interp(up, MIST_UP, MIST) - 1))[..., None].astype(np.float32)
    if sunny > 0:
        away = toward - 1
        glow = fog * sunny * sum(share * np.exp(away / wide) for share, wide in AUREOLE)
        for i, gain in enumerate(SHADY):
            air[..., i] *= 1 + (fog * sunny - glow) * (gain - 1)
        low, high = np.asarray(AUREOLE_LOW), np.asarray(AUREOLE_HIGH)
        tone = (low + (high - low) * ramp(height, (0, HIGH))).astype(np.float32)
        air += glow[..., None] * np.maximum(tone - air, 0)
    np.minimum(air, 1, out=air)
    return out


def evergreen(latent: F32, leaves: NDArray[np.bool_], snow: float) -> F32:
    """A latent ``[h, w, c]`` whose leaves, in the cells ``leaves`` ``[h, w]``, are not autumn's as far as there is
    ``snow``, 0..1."""
    red, green, _ = range(layout.GAIN.start, layout.GAIN.stop)
    cells = np.flatnonzero(leaves)
    out: F32 = latent.copy()
    flat = out.reshape(-1, out.shape[-1])
    excess = np.float32(snow / 3) * np.maximum(flat[cells, red] - flat[cells, green] - np.float32(REDDER), 0)
    flat[cells, red] -= 2 * excess  # about as bright as before
    flat[cells, green] += excess
    return out


def colored_by_right(sky: F32, material: NDArray[np.int32]) -> F32:
    """``[h, w]`` 0..1, what need not stay grey: ``sky``, and what labels say is of a ``material`` that has a colour."""
    return np.maximum(sky, _HUED[material])


def glowing(latent: F32, glow: F32, lit: float, cover: float, sky: F32) -> F32:
    """A latent ``[h, w, c]`` with ``lit`` 0..1 of ``glow`` ``[h, w, 3]`` in its paint and its air.

    Args:
        cover: 0..1, what composing will leave of paint, and is left of the glow on the sky likewise.
        sky: ``[h, w]``, share of each cell that is sky.
    """
    source = ready(latent, np.float32)
    out = np.empty_like(source)
    light, beyond = ready(glow, np.float32), ready(sky, np.float32)
    kernels.glow(source, light, np.float32(lit), np.float32(cover), beyond, out)
    return out


def own_sky(latent: F32, color: U8, sky: F32, kept: F32, grade: F32 | None = None) -> F32:
    """A latent that develops the engine's own sky, clouds and all, to the colour of the air.

    Args:
        latent: ``[h, w, c]``. color: ``[4h, 4w, 3]`` uint8. sky: ``[h, w]``, share of each cell that is sky.
        kept: ``[h, w]``, how much of the engine's own is to show through there: where none is, nothing changes.
        grade: as :func:`grade` gives it, if the composition has one: the sky takes that of air, not of surfaces.
    """
    height, width = sky.shape
    means = cv2.resize(color, (width, height), interpolation=cv2.INTER_AREA).astype(np.float32) / 255
    size = (_SKY_BLUR_CELLS, _SKY_BLUR_CELLS)
    around = cv2.blur(means * sky[..., None], size) / np.maximum(cv2.blur(sky, size), 1e-3)[..., None]
    air = latent[..., layout.AIR] if grade is None else latent[..., layout.AIR] * (grade[1] / grade[0])
    gain = np.log(np.maximum(air, 0.01) / np.maximum(around, 0.05))
    out: F32 = latent.copy()
    part = (sky * np.minimum(kept / _SEEN, 1))[..., None]
    ground = 1 - part
    limited = np.clip(gain, -layout.GAIN_LIMIT, layout.GAIN_LIMIT)
    out[..., layout.GAIN] = ground * latent[..., layout.GAIN] + part * limited
    out[..., layout.PAINT] *= ground
    out[..., layout.COVER] *= ground[..., 0]
    out[..., layout.DETAIL] *= ground[..., 0]
    return out
