"""What the channels of the embedded model's latent and condition vector mean: one table for training and run time."""

from __future__ import annotations

FIELDS = 17
"""Detail fields in ``models/embedded/fields.json``."""

GAIN = slice(0, 3)
"""Natural log of the gain on the engine's sRGB-encoded colour, per channel."""
COVER = 3
"""0..1: how much of the cell is painted over instead of lit."""
PAINT = slice(4, 7)
"""Colour of the paint times its cover, sRGB-encoded 0..1."""
AIR = slice(7, 10)
"""Colour of sky and air, sRGB-encoded 0..1: what the picture fades to with distance."""
DETAIL = 10
"""0..1.5: contrast of the chosen field's detail."""
CHOICE = slice(11, 11 + FIELDS)
"""Probability of each field; the likeliest is looked up."""
LATENT = 11 + FIELDS
"""Channels that the network gives."""
SHADE = CHOICE.start
"""Of what is kept, where the network's shares were: 0..1, how much of the sun things on the screen keep from it."""
PICK = SHADE + 1
"""Of what is kept: the number of the chosen field, in place of the shares."""
KEPT = PICK + 1
"""Channels that are kept, brought to the next frame and drawn from."""
HISTORY = LATENT + 1
"""Channels of the history input: latent times trust, then trust."""

GAIN_LIMIT, CHROMA_LIMIT, DETAIL_LIMIT = 2.5, 0.6, 1.5

TIMES = ("noon", "morning", "golden_hour", "dusk", "night")
WEATHERS = ("clear", "partly cloudy", "overcast", "rain", "fog")
SEASONS = ("spring", "summer", "autumn", "winter")
LABELS = (
    "unknown", "sky", "soil", "grass", "sand", "rock", "water", "asphalt", "paving", "road marking", "plaster",
    "brick", "concrete", "stone", "roof", "glass", "wood", "metal", "bark", "foliage", "car paint", "tyre", "plastic",
    "fabric", "tile", "lamp", "picture", "cactus", "sign", "hill",
    "person",
)  # fmt: skip
"""Materials that training data names; their index is the label code, so new ones are only ever appended."""

SMOOTH = frozenset(
    ("sky", "water", "glass", "metal", "car paint", "tyre", "plastic", "fabric", "lamp", "picture", "sign", "person")
)
"""Those that none of the fields shows."""
TEXTURES: dict[str, tuple[str, ...]] = {
    "soil": ("soil", "earth", "gravel", "sand", "undergrowth", "grass"),
    "grass": ("grass", "undergrowth", "earth", "soil"),
    "sand": ("sand", "gravel", "earth", "soil"),
    "rock": ("rock", "cliff", "gravel"),
    "asphalt": ("asphalt", "concrete", "gravel"),
    "paving": ("cobbles", "paving slabs", "concrete", "asphalt", "gravel"),
    "road marking": ("asphalt", "concrete"),
    "plaster": ("plaster", "concrete"),
    "brick": ("brick",),
    "concrete": ("concrete", "plaster", "asphalt"),
    "stone": ("stone wall", "cobbles", "paving slabs", "rock", "cliff", "concrete"),
    "wood": ("wood", "floor boards"),
    "bark": ("wood", "undergrowth", "earth"),
    "foliage": ("undergrowth", "grass"),
    "tile": ("paving slabs",),
    "cactus": ("undergrowth", "grass"),
}
"""The fields that can show a material; those that are not here may have any."""

SUN = slice(len(TIMES) + len(WEATHERS) + len(SEASONS) + 2, len(TIMES) + len(WEATHERS) + len(SEASONS) + 6)
"""Of the condition: after the shares of times, weathers and seasons, snow and fog come the sun towards right, up, ahead
and whether it is known."""
MATERIALS = slice(SUN.stop, SUN.stop + len(LABELS))
"""Of the condition: 1 for each material that the prompt names."""
STRENGTH = MATERIALS.stop
"""Of the condition: the strength setting less a half."""
CONDITION = STRENGTH + 1
