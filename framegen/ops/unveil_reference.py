"""The meaning of paint that becomes light, in plain NumPy: what the fast form must match.

Where the network is unsure how bright a surface is, it lays paint over it: errors are smallest so, but paint is a veil
that what the engine drew beneath is pale behind. Up to :data:`MOST` of light the surface can be lit as brightly
instead: the mean colour of a cell stays what the network says, and the frame's own contrast comes back.
"""

from __future__ import annotations

import numpy as np

from framegen.frame import F32
from framegen.ops import layout

MOST = 1.5
"""How many times as bright what is beneath may become: what would have to be brighter stays under paint."""
DARKEST = 0.02
"""sRGB-encoded; nothing is taken to be darker, so black stays under paint."""
SHARE = 0.6
"""Of the paint: more is nearer to path-traced pictures in Fréchet distance, and less so in each pixel."""


def part_of(latent: F32, color: F32, cover: float, share: F32) -> tuple[F32, F32]:
    """What becomes of each cell: ``[h, w, 3]`` float32, how many times as bright its gain makes what is beneath, and
    ``[h, w]``, how much of its paint is left.

    Args:
        latent: ``[h, w, c]`` as it would be composed. color: ``[h, w, 3]`` float32 0..1, the engine's mean colour of
            each cell, sRGB-encoded. cover: 0..1, what composing will leave of the paint. share: ``[h, w]`` 0..1, how
            much of it is to become light.
    """
    hidden = cover * np.clip(latent[..., layout.COVER], 0, 1)
    beneath = np.maximum(color, DARKEST) * np.exp(latent[..., layout.GAIN]) * (1 - hidden)[..., None]
    veil = (cover * share)[..., None] * latent[..., layout.PAINT]
    wanted = np.maximum(veil, 0) / np.maximum(beneath, 1e-3)
    # one share for all channels, or hues would change
    part = np.minimum(1, (MOST - 1) / np.maximum(wanted.max(-1), 1e-6))
    left = 1 - share * part
    brighter = (1 + wanted * part[..., None]) * ((1 - hidden) / np.maximum(1 - hidden * left, 1e-3))[..., None]
    return np.maximum(brighter, 1e-3).astype(np.float32), left.astype(np.float32)


def unveiled(latent: F32, color: F32, cover: float, share: F32) -> F32:
    """A latent like ``latent``; arguments as for :func:`part_of`."""
    brighter, left = part_of(latent, color, cover, share)
    out: F32 = latent.copy()
    out[..., layout.GAIN] += np.log(brighter)
    out[..., layout.COVER] *= left
    out[..., layout.PAINT] *= left[..., None]
    return out
