"""What lens, film and darkroom add to a picture, on two threads; see :mod:`framegen.ops.photo_reference`."""

from __future__ import annotations

import numpy as np

from framegen.frame import U8
from framegen.ops import photo_reference as reference
from framegen.ops.duet import DUET
from framegen.ops.kernels import photo as kernels
from framegen.ops.kernels.jit import ready
from framegen.ops.photo_reference import PLAIN, Photo

_BANDS = 8
_LEVELS = np.arange(256, dtype=np.float32) / np.float32(255)
_NO_LIGHT = np.empty((0, 0, 0), np.float32)


def printed(picture: U8, photo: Photo, seconds: float = 0.0) -> U8:
    """A picture ``[H, W, 3]`` uint8 as ``photo`` shows it at ``seconds``; itself where it adds nothing."""
    if photo == PLAIN:
        return picture
    source = ready(picture, np.uint8)
    height = len(source)
    light = _NO_LIGHT
    if photo.glow > 0:
        light = ready(reference.spread(source) * np.float32(photo.glow * reference.GLOW), np.float32)
    numbers = np.zeros(kernels.NUMBERS, np.float32)
    numbers[kernels.SATURATION], numbers[kernels.SPLIT] = 1 + photo.saturation, photo.split
    numbers[kernels.VIGNETTE], numbers[kernels.GRAIN] = reference.CORNER * photo.vignette, reference.GRAIN * photo.grain
    warm = np.asarray(1 + photo.warmth * np.asarray(reference.WARM), np.float32)
    tones = reference.tones(_LEVELS, photo)
    at, tile = reference.grain_at(seconds), reference.grain_tile()
    out = np.empty(source.shape, np.uint8)

    def band(first: int, end: int) -> None:
        kernels.develop(source, first, end, tones, warm, numbers, light, *at, tile, out)

    DUET.split(height, min(_BANDS, height), band)
    return out


__all__ = ["PLAIN", "Photo", "printed"]
