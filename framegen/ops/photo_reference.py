"""What lens, film and darkroom add to a picture, in plain NumPy: what the fast form must match.

Prompts ask for it in words of photography ("cinematic, film grain, muted colours"). A look's light is the network's
affair; this comes last, over the whole picture.
"""

from __future__ import annotations

from functools import lru_cache
from typing import NamedTuple

import cv2
import numpy as np

from framegen.frame import F32, U8
from framegen.ops.reference import toned


class Photo(NamedTuple):
    """How a picture is photographed; 0 of everything leaves it as it is.

    Attributes:
        exposure_ev: stops, -3..3. Highlights of brighter pictures are rolled off, not clipped.
        contrast: -1..1, steepness of the tones around the middle. fade: 0..1, blacks lifted, whites lowered.
        saturation: -1..1, added to the 1 that colours' distance from grey is multiplied by: -1 is black and white.
        warmth: -1..1, towards red or blue. split: 0..1, shadows towards teal and highlights towards orange.
        glow: 0..1, light that spreads from highlights. vignette: 0..1, how much darker corners are.
        grain: 0..1, of the film.
    """

    exposure_ev: float = 0.0
    contrast: float = 0.0
    fade: float = 0.0
    saturation: float = 0.0
    warmth: float = 0.0
    split: float = 0.0
    glow: float = 0.0
    vignette: float = 0.0
    grain: float = 0.0

    def added(self, other: Photo, share: float = 1.0) -> Photo:
        """This and ``share`` of ``other``, within :data:`LEAST` and :data:`MOST`."""
        values = (a + share * b for a, b in zip(self, other, strict=True))
        return Photo(*(min(max(v, low), high) for v, low, high in zip(values, LEAST, MOST, strict=True)))

    def faded(self, other: Photo, share: float) -> Photo:
        """What lies ``share`` of the way from this to ``other``."""
        return Photo(*((1 - share) * a + share * b for a, b in zip(self, other, strict=True)))


PLAIN = Photo()
LEAST = Photo(-3, -1, 0, -1, -1, 0, 0, 0, 0)
MOST = Photo(3, 1, 1, 1, 1, 1, 1, 1, 1)

ENCODING = 2.2
"""Exponent that takes stops of light to gains on sRGB-encoded levels."""
STEEP, MIDDLE = 0.84, 0.46
"""Of the tone curve (:func:`framegen.ops.reference.toned`) at contrast 1, and the level that it leaves: as steep as one
that rises everywhere may be."""
LIFT, DIM = 0.14, 0.08
"""How far black is lifted and white lowered at fade 1."""
LUMA = (0.2126, 0.7152, 0.0722)
"""Of red, green and blue (Rec. ITU-R BT.709)."""
WARM = (0.14, 0.01, -0.2)
"""Gains less one on red, green and blue at warmth 1."""
SPLIT = (0.16, 0.01, -0.16)
"""Added to the brighter half of the tones at split 1, at most, and taken off the darker one."""
BRIGHT, GLOW, GLOW_SIZE = 0.62, 0.9, 0.035
"""Level from which on light spreads, how much of it, and how far: standard deviation over the picture's width."""
GLOW_WIDTH_PX = 128
"""Width of the picture that light spreads in, at most."""
CORNER = 0.6
"""How much darker corners are at vignette 1."""
GRAIN, GRAIN_PX, GRAIN_TILE_PX, GRAIN_HZ = 0.06, 0.6, 256, 24.0
"""Standard deviation of the grain in the middle tones at grain 1, how soft it is, the side of the tile that it repeats
in, and how many times a second it is another."""
GRAIN_ENDS = 0.35
"""How much of it is left in black and white."""


@lru_cache(maxsize=1)
def grain_tile() -> F32:
    """``[GRAIN_TILE_PX, GRAIN_TILE_PX]`` float32 of mean 0 and deviation 1 that wraps. Not to be written to."""
    side = GRAIN_TILE_PX
    noise = np.random.default_rng(11).standard_normal((side, side))
    frequency = np.fft.fftfreq(side) * 2 * np.pi
    soft = np.exp(-(frequency[:, None] ** 2 + frequency[None] ** 2) * GRAIN_PX**2 / 2)
    grain = np.fft.ifft2(np.fft.fft2(noise) * soft).real
    grain -= grain.mean()
    return np.asarray(grain / grain.std(), np.float32)


def grain_at(seconds: float) -> tuple[int, int]:
    """Row and column of the grain's tile that lie at the picture's upper left corner."""
    number = int(seconds * GRAIN_HZ)
    return number * 97 % GRAIN_TILE_PX, number * 59 % GRAIN_TILE_PX


def spread(picture: U8) -> F32:
    """``[h, w, 3]`` float32 0..1, the light that spreads from a picture's highlights, at most :data:`GLOW_WIDTH_PX`
    wide."""
    height, width = picture.shape[:2]
    small = min(width, GLOW_WIDTH_PX), max(1, round(height * min(1, GLOW_WIDTH_PX / width)))
    over = np.maximum(cv2.resize(picture, small, interpolation=cv2.INTER_AREA).astype(np.float32) / 255 - BRIGHT, 0)
    over *= over / (1 - BRIGHT) ** 2
    return np.asarray(cv2.GaussianBlur(over, (0, 0), max(GLOW_SIZE * small[0], 0.5)), np.float32).reshape(
        *small[::-1], 3
    )


def tones(level: F32, photo: Photo) -> F32:
    """What exposure, contrast and fade make of levels 0..1."""
    gain = np.float32(2 ** (photo.exposure_ev / ENCODING))
    exposed = np.asarray(level * gain / (1 + max(gain - 1, 0) * level), np.float32)
    curved = toned(exposed, (STEEP * photo.contrast / MIDDLE, STEEP * photo.contrast))
    return np.asarray(LIFT * photo.fade + (1 - (LIFT + DIM) * photo.fade) * curved, np.float32)


def printed(picture: U8, photo: Photo, seconds: float = 0.0) -> U8:
    """A picture ``[H, W, 3]`` uint8 as ``photo`` shows it at ``seconds``, a new array."""
    height, width = picture.shape[:2]
    v: F32 = picture.astype(np.float32) / np.float32(255)
    if photo.glow > 0:
        light = np.minimum(photo.glow * GLOW * cv2.resize(spread(picture), (width, height)), 1)
        v = np.asarray(v + (1 - v) * light, np.float32)
    v = tones(v, photo)
    luma = (v @ np.asarray(LUMA, np.float32))[..., None]
    v = luma + np.float32(1 + photo.saturation) * (v - luma)
    v = v * (1 + np.float32(photo.warmth) * np.asarray(WARM, np.float32))
    side = (2 * luma - 1) * 4 * luma * (1 - luma)
    v = v + np.float32(photo.split) * side * np.asarray(SPLIT, np.float32)
    down, right = ((np.arange(n, dtype=np.float32) + 0.5) * 2 / n - 1 for n in (height, width))
    square = (down[:, None] ** 2 + right[None] ** 2) / 2
    v = v * (1 - np.float32(CORNER * photo.vignette) * square * square)[..., None]
    row, column = grain_at(seconds)
    tile = grain_tile()[np.ix_((np.arange(height) + row) % GRAIN_TILE_PX, (np.arange(width) + column) % GRAIN_TILE_PX)]
    middle = GRAIN_ENDS + (1 - GRAIN_ENDS) * 4 * luma * (1 - luma)
    v = v + np.float32(GRAIN * photo.grain) * tile[..., None] * middle
    return np.asarray(np.clip(v, 0, 1) * 255 + 0.5, np.uint8)
