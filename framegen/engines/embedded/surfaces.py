"""What the client's labels are to become: from their names, their own words, and the prompt's.

A label's own words say what it is ("old red brick"). A label whose name says nothing of its material ("wall", "ground")
becomes what the prompt names for such surfaces ("brick houses", "wet asphalt"), unless it denies it ("no brick"). Words
of colour tint.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from framegen.config import LabelSettings
from framegen.engines.materials import MATERIALS, head_of, material_of, word_material, words_in
from framegen.engines.prompt import Surface, parts_of, read
from framegen.engines.vocabulary import COLORS, TELLS, singular
from framegen.frame import F32, U8
from framegen.ops import layout
from framegen.ops.lights_reference import LAMP, SIGN, WINDOW
from framegen.ops.panes_reference import COAT, PANE
from framegen.ops.water_reference import FLOOR, WATER

_WALLS = ("plaster", "brick", "concrete", "stone", "wood")
_GROUND = ("asphalt", "paving", "sand", "soil", "grass", "tile", "wood", "stone", "concrete")
_PLAIN: dict[str, tuple[str, ...]] = {
    **dict.fromkeys(("wall", "walls", "facade", "house", "houses", "building", "buildings", "tower"), _WALLS),
    **dict.fromkeys(("skyscraper", "apartment", "cottage", "villa"), _WALLS),
    **dict.fromkeys(("ground", "floor", "terrain", "landscape", "path", "street", "road"), _GROUND),
}
"""Names of things that may be made of many materials -> which, the most typical first."""
_BUILDINGS = {"cabin", "barn", "castle"}
"""Those whose name says what they are made of, so that labels need not be asked; named in a prompt they are one thing
of many, but with a material before them."""
_PEOPLE = {
    "person", "people", "character", "npc", "player", "human", "pedestrian", "man", "men", "woman", "women", "boy",
    "girl", "child", "children", "kid", "crowd", "villager", "citizen", "soldier", "enemy", "zombie", "mannequin",
    "avatar", "hair", "text",
}  # fmt: skip
"""Names of things that neither textures looked up by world position nor paint, such as snow, cover."""
_RIDERS = {"driver", "passenger", "rider", "cyclist", "biker", "pilot", "officer"}
"""Names of people where a label is about them: a driver's seat is none of them."""
_PARTS = {"face", "skin", "guard"}
"""Those that are so where a name says no material: a rock has a face, too."""
_LIGHTS = {"glass": WINDOW, "lamp": LAMP, "sign": SIGN}
"""Materials of what is lit in the dark, if a label is about them."""
_MIRRORS = {
    "water": WATER,
    "glass": PANE,
    "car paint": COAT,
    **dict.fromkeys(("asphalt", "paving", "road marking", "concrete"), FLOOR),
}
"""Materials of what mirrors where it lies level: floors only when they are wet. Tiles are floors of rooms."""
_SLIPS = {"sky": 0.0, "water": 0.0, "picture": 0.0, "glass": 0.2, "lamp": 0.5, "foliage": 0.35}
"""Materials that snow does not stay on wholly, and how much of it does; on people none does, nor where no label says
what there is."""
_OWN_COLORS = {
    "brick": "red",
    "roof": "red",
    "grass": "green",
    "foliage": "green",
    "soil": "brown",
    "wood": "brown",
    "bark": "brown",
    "sand": "yellow",
}
"""What materials are anyway that words choose: a wall of "red brick" becomes one of brick, not tinted besides."""
_UNLIT = {"unlit", "dark", "off", "wine", "beer", "windscreen", "windshield"}
"""Words of glass and lamps that stay dark; so do those of vehicles."""
_SEEN_THROUGH = {"clear", "transparent", "translucent", "cockpit", "canopy", "scope"}
"""Words of glass that the engine's frame shows what lies behind: it neither mirrors nor is it lit."""
_UNLIT_SIGNS = {
    "road", "roadside", "street", "highway", "traffic", "stop", "yield", "way", "entry", "parking", "crossing", "speed",
    "warning", "caution", "danger", "direction", "post", "wood", "wooden",
}  # fmt: skip
"""Words of signs that do not shine themselves."""
KNOWN = frozenset((*MATERIALS, *_PLAIN, *_PEOPLE, *_PARTS, *_UNLIT, *_UNLIT_SIGNS))
"""All words of labels that mean something, in lower case and most in their singular."""


@dataclass(frozen=True, eq=False)
class Surfaces:
    """Of every label code: ``codes`` ``[256]`` uint8, its material in :data:`~framegen.ops.layout.LABELS`; ``named``
    ``[256]`` bool, whether words chose it, the label's own or the prompt's; ``turned`` ``[256]`` bool, whether that
    is something else than its name says; ``guessed`` ``[256]`` bool, whether its name leaves it open ("ground") and
    nothing chose it; ``tints`` ``[256, 3]`` float32, natural log of the gain on its colour, or None where no label
    is tinted; ``allowed`` ``[256, 2]`` float32 0..1, how much of a texture's detail and of paint it may have, or
    None for all of both; ``lights`` ``[256]`` uint8, which of them are windows, lamps and signs, see
    :mod:`framegen.ops.lights_reference`, or None where none is; ``mirrors`` ``[256]`` uint8, which of them are
    water, floors, panes and car paint, see :mod:`framegen.ops.water_reference` and
    :mod:`framegen.ops.panes_reference`, or None where none is; ``bears`` ``[256]`` float32 0..1, how much of the snow
    that falls on it stays."""

    codes: U8
    named: NDArray[np.bool_]
    turned: NDArray[np.bool_]
    guessed: NDArray[np.bool_]
    tints: F32 | None
    allowed: F32 | None
    lights: U8 | None
    mirrors: U8 | None
    bears: F32


def surfaces(labels: Mapping[int, LabelSettings], prompt: str) -> Surfaces:
    """What every label is to become."""
    codes, tints, allowed = np.zeros(256, np.uint8), np.zeros((256, 3), np.float32), np.ones((256, 2), np.float32)
    lights, bears = np.zeros(256, np.uint8), np.zeros(256, np.float32)
    see_through: list[int] = []
    chosen, turned, guessed = (np.zeros(256, np.bool_) for _ in range(3))
    named = [surface for part, _ in parts_of(prompt) for surface in _colored(part)]
    for code, item in labels.items():
        words = f"{item.words} {item.name}"
        # its own words rule a label; "dirty" says nothing of what it is, then its name does
        told = item.words if material_of(item.words) != "unknown" else item.name
        material = material_of(told)
        if material == "tile" and material_of(item.name) == "roof":
            material = "roof"  # "clay tiles" of one are no bathroom's
        chosen[code] = told == item.words and bool(item.words)
        colors = next((surface.colors for surface in _colored(item.words)), _words_of_color(item.words))
        if not item.words:
            choices = _choices(item.name)
            fitting = [surface for surface in named if surface.material in choices and _may_be(surface, item.name)]
            fitting.sort(key=lambda surface: choices.index(surface.material))
            same = [surface for surface in named if surface.material == material]
            if fitting or same:
                material, colors = (fitting or same)[0].material, (fitting or same)[0].colors
                chosen[code] = bool(fitting)
        codes[code] = layout.LABELS.index(material)
        # "weathered plaster" of what is plaster anyway describes it: walls of many colours stay so
        turned[code] = chosen[code] and (bool(_choices(item.name)) or material_of(item.name) != material)
        guessed[code] = not chosen[code] and bool(_choices(told))
        light = _LIGHTS.get(material, 0) if word_material(head_of(told)) == material else 0
        if not _UNLIT.isdisjoint(_words(words)) or any(word_material(w) == "car paint" for w in _words(words)):
            if light == LAMP:
                material = "glass"  # the network lights lamps, too
                codes[code] = layout.LABELS.index(material)
            light = 0
        person = _is_person(item.words) or _is_person(item.name)
        if person and material in _MIRRORS:
            material = "unknown"  # of what people are in or on ("driver of a car")
            codes[code] = layout.LABELS.index(material)
        if light == SIGN and (person or not _UNLIT_SIGNS.isdisjoint(_words(words))):
            light = 0
        if material == "glass" and not _SEEN_THROUGH.isdisjoint(_words(words)):
            light = 0
            see_through.append(code)
        lights[code] = light
        allowed[code] = float(material not in layout.SMOOTH and not person), float(not person)
        bears[code] = 0.0 if person else _SLIPS.get(material, 1.0)
        if turned[code]:
            colors = tuple(color for color in colors if color != _OWN_COLORS.get(material))
        if colors:
            tints[code] = np.log([COLORS[color] for color in colors]).mean(0)
    mirrors = np.asarray([_MIRRORS.get(layout.LABELS[code], 0) for code in codes], np.uint8)
    mirrors[see_through] = 0
    return Surfaces(
        codes,
        chosen,
        turned,
        guessed,
        tints if tints.any() else None,
        None if allowed.all() else allowed,
        lights if lights.any() else None,
        mirrors if mirrors.any() else None,
        bears,
    )


def _words(text: str) -> list[str]:
    """In lower case and, where such a word is known, in their singular."""
    return [singular(word, KNOWN) for word in words_in(text)]


def _is_person(text: str) -> bool:
    """Whether a label's name or words speak of people, and not of what is theirs ("player car")."""
    words, head = set(_words(text)), singular(head_of(text), KNOWN)
    if singular(head, _RIDERS) in _RIDERS:
        return True
    if not _PEOPLE.isdisjoint(words):
        return head in _PEOPLE or word_material(head) is None
    return not _PARTS.isdisjoint(words) and material_of(text) == "unknown"


def _choices(name: str) -> tuple[str, ...]:
    """The materials among which a label of this name has not chosen; none where its name says one."""
    words = _words(name)
    if any(word_material(word) and word not in _PLAIN for word in words):
        return ()
    return tuple(material for word in words for material in _PLAIN.get(word, ()))


def _words_of_color(text: str) -> tuple[str, ...]:
    return tuple(word for word in _words(text) if word in COLORS)[:1]


def _colored(text: str) -> list[Surface]:
    """The materials that a text names, each with the words of colour before it ("old red brick, wet asphalt"). What may
    be of many ("houses") names one only with a colour."""
    return [s for s in read(text).surfaces if s.colors or s.word not in _PLAIN]


def _may_be(surface: Surface, name: str) -> bool:
    """Whether a label of this name may be of what the prompt names: no "fence" makes it wooden, nor does a "wooden
    fence", and "wooden houses" and a "log cabin" have walls of wood, not streets."""
    if surface.after in _BUILDINGS:
        return any(_PLAIN.get(word) is _WALLS for word in _words(name))
    if surface.word not in _PLAIN and (TELLS.get(surface.word) == 1 or _is_thing(surface.after)):
        return False
    kind = _PLAIN.get(surface.after)
    return kind is None or surface.material not in kind or any(_PLAIN.get(word) is kind for word in _words(name))


def _is_thing(word: str) -> bool:
    """Whether a word says itself what is made of the material before it."""
    return word in MATERIALS and word not in _PLAIN
