"""The material that a word, or a label's name or words, mean."""

from __future__ import annotations

import re

from framegen.engines import vocabulary as words_of

MATERIALS = {word: name for name, words in words_of.MATERIALS.items() for word in words}
"""Word, most in their singular -> name in :data:`framegen.ops.layout.LABELS`."""


def word_material(word: str) -> str | None:
    """The material that one word in lower case, or its singular, means, or None."""
    return MATERIALS.get(words_of.singular(word, MATERIALS))


_THINGS = frozenset(("lamp", "glass", "sign", "picture", "tyre"))
"""Materials that are rather things: what a phrase ends with is one of them, whatever it is made of."""
_STANDS = frozenset(("post", "pole"))
"""What holds such things up, and is none of them."""
_FRAMES = frozenset(("frame", "sill", "ledge"))
"""What is around them likewise, of a material that is not said."""
_LANES = frozenset(("park", "lot", "lane"))
"""Where cars stand and drive."""
_NO_BODIES = frozenset(("seat", "interior", "stop", "shelter", "station"))
"""What is in cars or waits for them, and has none of their paint."""
_EARTHS = frozenset(("asphalt", "rock", "sand", "grass"))
"""What the ground of a place may be of."""
_COLORS = frozenset((*words_of.COLORS, "gray", "grey", "beige"))
_HUMPS = re.compile(r"(?<=[a-z])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")
_CLAUSE = re.compile(r"[,.;:()|/]|\b(?:with|and|of|on|in)\b")


def words_in(text: str) -> list[str]:
    """The words of a label's name or words in lower case: ``SM_RoadMarking_02`` -> ``sm``, ``road``, ``marking``."""
    return re.findall(r"[^\W\d_]+", _HUMPS.sub(" ", text).lower())


def head_of(text: str) -> str:
    """The word that a label's name or words are about, in lower case: ``house with windows`` -> ``house``, ``old street
    lamps`` -> ``lamps``; empty where there is none."""
    return next((words[-1] for words in _clauses(text)), "")


def material_of(text: str) -> str:
    """The material that a label's name or words speak of (``old red brick wall`` -> ``brick``), or ``unknown``.

    What materials have most in common comes last in a phrase in English ("brick wall"), so what may be of many, such as
    walls and doors, gives way to what it is made of, and places to what stands in them ("lake house"). A thing that
    comes last does not: a street lamp is a lamp. What comes after "with", a comma and the like is heard only where
    nothing before it says a material.
    """
    return next((found for words in _clauses(text) if (found := _material(words))), "unknown")


def _clauses(text: str) -> list[list[str]]:
    """Words between commas and the like, none empty, without what tells copies of a thing apart at their ends
    ("StreetLamp_A", "Window_Left")."""
    spaced = re.sub(r"[\d_]", " ", _HUMPS.sub(" ", text)).lower()
    found = [words_in(clause) for clause in _CLAUSE.split(spaced)]
    for words in found:
        while len(words) > 1 and (len(words[-1]) == 1 or words[-1] in words_of.COPIES or _colors(*words[-2:])):
            words.pop()
    return [words for words in found if words]


def _colors(before: str, word: str) -> bool:
    """Whether a word is one of colour and not of a light one ("light grey" is no lamp)."""
    return word in _COLORS and before != "light"


def _material(words: list[str]) -> str:
    """Of one clause; empty where it names none."""
    words = [words_of.singular(word, MATERIALS) for word in words]
    head = words[-1]
    if MATERIALS.get(head) in _THINGS:
        return MATERIALS[head]
    # "light" is an adjective, but where the clause is about it
    known = [word for word in words if word in MATERIALS and (word != "light" or word == head)]
    if head in _LANES and any(MATERIALS.get(word) == "car paint" for word in words):
        return "asphalt"
    hidden = _THINGS if head in _STANDS else ("glass",) if head in _FRAMES else ()
    hidden = ("car paint",) if head in _NO_BODIES else hidden
    known = [word for word in known if MATERIALS[word] not in hidden]
    telling, things, plants, places = (
        [word for word in known if words_of.TELLS.get(word, 0) == rank] for rank in range(words_of.RANKS)
    )
    if telling:
        names = [MATERIALS[word] for word in telling]
        return "roof" if "roof" in names and names[0] == "tile" else names[0]
    if things and places and head in words_of.GROUND:
        return next((MATERIALS[word] for word in places if MATERIALS[word] in _EARTHS), "soil")
    if things:
        names = [MATERIALS[word] for word in things]
        return next((name for name in names if name not in ("plaster", "soil")), names[0])
    found = plants or ([head] if head in places else places)
    return MATERIALS[found[0]] if found else ""
