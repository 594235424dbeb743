"""The colour that materials have where nothing says another: what surfaces of a grey box become."""

from __future__ import annotations

import numpy as np

from framegen.frame import F32, U8
from framegen.ops import layout

ALBEDO: dict[str, tuple[int, int, int]] = {
    "soil": (92, 77, 55),
    "grass": (68, 91, 43),
    "sand": (170, 146, 112),
    "rock": (107, 93, 71),
    "asphalt": (81, 80, 78),
    "paving": (120, 116, 109),
    "road marking": (186, 187, 184),
    "plaster": (176, 165, 151),
    "brick": (136, 94, 80),
    "concrete": (139, 139, 132),
    "stone": (122, 120, 109),
    "roof": (132, 92, 75),
    "wood": (124, 102, 75),
    "metal": (67, 66, 68),
    "bark": (84, 80, 60),
    "foliage": (68, 88, 42),
    "tyre": (33, 32, 34),
    "tile": (180, 176, 168),
    "cactus": (70, 93, 57),
    "hill": (67, 84, 48),
}
"""sRGB-encoded, 0..255: medians over the rendered scenes that the network learned from, of the light that surfaces
scatter; metal as their plain frames draw it, brick a little redder and bark less mossy than that. What may be of any
colour (paint, fabric, plastic, signs) keeps the engine's."""
_OF = np.array([ALBEDO.get(name, (0, 0, 0)) for name in layout.LABELS], np.float32) / 255


def albedo(material: U8) -> F32:
    """``[N, 3]`` float32 0..1, sRGB-encoded, of each of ``material`` ``[N]``; 0 for those that may be of any colour."""
    return np.asarray(_OF[material], np.float32)
