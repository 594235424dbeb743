"""What things are made of, as plain data: the photoreal look and the label of a surface, and nothing of Blender."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal

from framegen.training.scenes.synthesis import Color

Season = Literal["", "leaf", "grass", "ground"]
"""Which seasonal colour tints a surface: leaves and grass take it as their own, ground is multiplied by it."""
Glow = Literal["", "night", "lit", "always"]
"""When a surface shines: at night, at night where its piece of mesh drew a lit window, or always."""


@dataclass(frozen=True)
class Surface:
    """An opaque (or cut-out) surface.

    Attributes:
        label: material word, see :mod:`labels`.
        color: mean linear albedo.
        field: world-anchored texture of the bank, or "" for none.
        rough, metal, specular, coat: of Blender's Principled BSDF.
        bump: 0..1, ``bump_m`` metres of relief.
        stain: wide variation of tone. ``vary``: variation from object to object.
        wet, snow: how far rain darkens it and snow settles. ``puddles``: whether water stands on it.
        translucent: share of light that passes (leaves, curtains).
        season: see :data:`Season`.
        cutout: leaf card of :mod:`leafcards` mapped by UV, or "". ``picture``: file of the bank mapped by UV, or "".
        glow, glow_color, glow_strength: light of its own.
    """

    label: str
    color: Color
    field: str = ""
    rough: float = 0.85
    metal: float = 0.0
    specular: float = 0.5
    coat: float = 0.0
    bump: float = 0.4
    bump_m: float = 0.012
    stain: float = 0.12
    vary: float = 0.0
    wet: float = 0.8
    snow: float = 0.8
    puddles: bool = False
    translucent: float = 0.0
    season: Season = ""
    cutout: str = ""
    picture: str = ""
    glow: Glow = ""
    glow_color: Color = (1.0, 0.8, 0.55)
    glow_strength: float = 0.0

    def tinted(self, gain: float) -> Surface:
        """The same, lighter or darker."""
        r, g, b = (min(0.9, c * gain) for c in self.color)
        return replace(self, color=(r, g, b))

    def indoors(self) -> Surface:
        """The same without rain and snow."""
        return replace(self, wet=0.0, snow=0.0, puddles=False)


@dataclass(frozen=True)
class Layer:
    """A surface over another where the mesh's attribute ``mask`` exceeds a half; ``ragged`` roughens the border."""

    surface: Surface
    mask: str
    ragged: float = 0.8


@dataclass(frozen=True)
class Ground:
    """Land of several surfaces: ``base``, and ``layers`` over it in order. ``shore_m``: height of wet sand, or none."""

    base: Surface
    layers: tuple[Layer, ...] = ()
    shore_m: float | None = None
    ripples: float = 0.0


@dataclass(frozen=True)
class Water:
    """Open water with the mesh's attribute ``depth`` in metres. ``choppy`` 0..1; ``foam`` at the shore."""

    deep: Color
    shallow: Color
    choppy: float = 1.0
    foam: bool = True


ROOM_M = (3.2, 2.9)
"""Width and height of the rooms that panes show."""


@dataclass(frozen=True)
class Pane:
    """Glass. ``behind``: nothing to be seen ("dark", as a car's window), or a room or shop that its shader paints in
    true perspective (UV in metres from the room's lower left corner; rooms repeat every :data:`ROOM_M`).
    ``wavy``: unevenness of the reflection. ``lowfi``: colour in a game.
    """

    behind: Literal["dark", "room", "shop"] = "room"
    wavy: float = 0.04
    lowfi: Color = (0.2, 0.28, 0.38)


Matter = Surface | Ground | Water | Pane
