"""Which labels the network is told.

To the network a label means what such a material usually looks like in its training scenes: plaster is pale, so walls
of a game's own terracotta whiten. Up to the default strength the engine's colours are the better witness. So it is told
then of materials that words chose, and of those whose look says more than their colour; of the others where there is no
colour to go by, which is a grey box. What is not told rules textures and layers all the same.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from framegen.frame import U8
from framegen.ops import layout

OWN_UP_TO = 0.5
"""Strength up to which surfaces keep the engine's own colours: beyond, labels make them anew."""
COLORLESS, NEUTRAL = 0.1, 0.03
"""Mean saturation, 0..1, below which there is no colour to go by: of what is hardly ever grey, and of all surfaces,
since concrete is grey in any game."""
ALWAYS = ("grass", "foliage", "soil", "bark", "wood", "fabric", "metal", "plastic", "tile")
"""Materials that it does better by knowing, whatever their colour."""
COLORFUL = ("grass", "foliage", "soil", "sand", "brick", "wood", "bark", "roof", "cactus", "car paint", "fabric")
"""Materials that are hardly ever grey: where they are, all is a grey box."""
ENOUGH = 0.02
"""Share of the picture that has to be of them; else all surfaces are asked, since a level may have walls alone."""
_ALWAYS, _COLORFUL = (np.isin(layout.LABELS, names) for names in (ALWAYS, COLORFUL))
_SHOWS = ~np.isin(layout.LABELS, ("unknown", "sky", "water", "glass"))


def told(material: NDArray[np.int32], named: NDArray[np.bool_], color: U8, strength: float) -> NDArray[np.int32]:
    """``[h, w]``, the material that the network is told of each cell, 0 where none.

    Args:
        material: ``[h, w]``, what labels say, numbers in :data:`framegen.ops.layout.LABELS`. named: ``[h, w]``,
            whether words chose it. color: ``[h, w, 3]``, the engine's, one pixel a cell.
        strength: the setting, 0..1.
    """
    if strength > OWN_UP_TO:
        return material
    most = color.max(-1).astype(np.float32)
    saturation = (most - color.min(-1)) / np.maximum(most, 1)
    witness, least = _COLORFUL[material], COLORLESS
    if witness.mean() < ENOUGH:
        witness, least = _SHOWS[material], NEUTRAL
    grey = witness.any() and float(saturation[witness].mean()) < least
    known = _ALWAYS[material] | named | grey
    return np.where(known, material, 0).astype(np.int32)
