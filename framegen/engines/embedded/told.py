"""Which labels the network is told, when a frame is a grey box, and which surfaces get another colour.

To the network a label means what such a material usually looks like in its training scenes: plaster is pale, so walls
of a game's own terracotta whiten. Up to the default strength the engine's colours are the better witness. So it is told
then of materials that words chose, and of those whose look says more than their colour; of the others where there is no
colour to go by, which is a grey box. What is not told rules textures and layers all the same.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from framegen.engines.embedded.albedo import albedo
from framegen.frame import F32, U8
from framegen.ops import layout
from framegen.ops.ramp import ramp
from framegen.ops.recolor_reference import Wanted

OWN_UP_TO = 0.5
"""Strength up to which surfaces keep the engine's own colours: beyond, labels make them anew."""
COLORLESS, NEUTRAL = 0.1, 0.03
"""Mean saturation, 0..1, below which there is no colour to go by: of what is hardly ever grey, and of all surfaces,
since concrete is grey in any game."""
SURELY = 0.5
"""Of these, the saturation up to which that is certain."""
ANEW = 0.75
"""Strength from which on walls alone, which may well be grey, are evened out wholly."""
ALWAYS = ("grass", "foliage", "soil", "bark", "wood", "fabric", "metal", "plastic", "tile")
"""Materials that it does better by knowing, whatever their colour."""
COLORFUL = ("grass", "foliage", "soil", "sand", "brick", "wood", "bark", "roof", "cactus", "car paint", "fabric")
"""Materials that are hardly ever grey: where they are, all is a grey box."""
ENOUGH, AMPLE = 0.02, 0.05
"""Share of the picture that has to be of them; else all surfaces are asked, since a level may have walls alone. From
the second on they alone say how far patterns are evened out: else one pops as the first grass comes to be seen."""
BLACK, DIM = 8, 24
"""Brightest channel, of 255, up to which a picture has no colour because it has no light, as a game fades to black, and
from which on that is no excuse."""
BRIGHT, WHITE = 246, 254
"""The same of the darkest channel and of too much light: a flash."""
_ALWAYS, _COLORFUL = (np.isin(layout.LABELS, names) for names in (ALWAYS, COLORFUL))
_SHOWS = ~np.isin(layout.LABELS, ("unknown", "sky", "water", "glass"))
_PATTERNED = _SHOWS & ~np.isin(layout.LABELS, ("lamp", "picture", "sign", "person"))


@dataclass(frozen=True)
class Grey:
    """Whether a frame is a grey box.

    Attributes:
        share: 0..1, how sure that is; 0: there is colour to go by.
        colorful, walls: 0..1, the same by what is hardly ever grey, and by all surfaces. weight: 0..1, how much the
            former counts for how far patterns are evened out.
    """

    share: float
    colorful: float
    walls: float
    weight: float

    def wanted(self, material: U8, turned: NDArray[np.bool_], paintable: F32, strength: float) -> Wanted:
        """What each label's surfaces are to become in the engine's frame.

        Args:
            material: ``[256]``, of each label. turned: ``[256]``, whether words made it so. paintable: ``[256]`` 0..1:
                people and text are neither pattern nor material. strength: the setting, 0..1.
        """
        default, beyond = min(1.0, strength / OWN_UP_TO), ramp(strength, (OWN_UP_TO, ANEW))
        colorful, walls = self.colorful * default, self.walls * beyond
        grey = np.float32(walls + self.weight * (colorful - walls))
        patterned = _PATTERNED[material] * paintable
        chosen = patterned * turned
        evens, turns = np.maximum(grey * patterned, np.float32(beyond) * chosen), np.float32(default) * chosen
        return Wanted(evens, grey * patterned, turns, albedo(material))


def grey_of(material: NDArray[np.int32], color: U8, guessed: NDArray[np.bool_] | None = None) -> Grey:
    """Judges a frame by ``material`` ``[h, w]``, what labels say, numbers in :data:`framegen.ops.layout.LABELS`, and
    ``color`` ``[h, w, 3]``, the engine's, one pixel a cell. ``guessed`` ``[h, w]``: where a label leaves the material
    open; a grey "ground" may well be of concrete."""
    most = color.max(-1).astype(np.float32)
    least = color.min(-1).astype(np.float32)
    saturation = (most - least) / np.maximum(most, 1)

    def sure(witness: NDArray[np.bool_], colored: float) -> float:
        if not witness.any():
            return 0.0
        colorless = 1 - ramp(float(saturation[witness].mean()), (SURELY * colored, colored))
        seen = ramp(float(most[witness].mean()), (BLACK, DIM)) * (
            1 - ramp(float(least[witness].mean()), (BRIGHT, WHITE))
        )
        return colorless * seen

    witness = _COLORFUL[material]
    if guessed is not None:
        witness &= ~guessed
    many = float(witness.mean())
    colorful, walls = sure(witness, COLORLESS), sure(_SHOWS[material], NEUTRAL)
    return Grey(colorful if many >= ENOUGH else walls, colorful, walls, ramp(many, (ENOUGH, AMPLE)))


def told(material: NDArray[np.int32], named: NDArray[np.bool_], grey: bool, strength: float) -> NDArray[np.int32]:
    """``[h, w]``, the material that the network is told of each cell, 0 where none.

    Args:
        material: ``[h, w]``, as for :func:`grey_of`. named: ``[h, w]``, whether words chose it. grey: whether the frame
            is a grey box. strength: the setting, 0..1.
    """
    if strength > OWN_UP_TO or grey:
        return material
    return np.where(_ALWAYS[material] | named, material, 0).astype(np.int32)
