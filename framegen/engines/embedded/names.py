"""A label for a thing from the names that an engine has for it: its material's, its own, its mesh's.

Engine clients do the same, each in its language, with the words of ``protocol/label_names.json``; the examples there
hold them to this. So a game has labels before anybody tagged anything.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from framegen.engines.embedded.surfaces import KNOWN
from framegen.engines.vocabulary import TELLS

WORDS = frozenset(word for word in KNOWN if word.isascii() and word.isalpha())
"""In lower case and in their singular."""
_WAYS = frozenset(("water", "river", "lake", "sea", "ocean", "pond", "pool", "road", "street", "highway"))
VAGUE = frozenset(word for word, rank in TELLS.items() if rank == 3) & WORDS - _WAYS
"""Those that alone say where a thing is, or what is far away: better no label than a wrong one."""
ENDINGS = "es", "s"
ADJECTIVE = "light"
"""It is a lamp only where a name ends with it: "light blue" is none."""
MOST = 64
"""Characters of a label."""
_HUMPS = re.compile(r"(?<=[a-z])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")


def label_of(names: Iterable[str]) -> str:
    """The label of a thing, empty where its names say nothing.

    A name is cut into words before a capital that follows a small letter (``windowLeft``), before the last of several
    capitals that a small letter follows (``SMBrick``), and at all that is no letter from A to Z. Known words are kept,
    as they are written but in lower case: those of :data:`WORDS`, with one of :data:`ENDINGS` or without. The first
    name that says something begins; the others follow after commas, where they say something else and there is room.

    Args:
        names: what says most first: the material's, the thing's own, its mesh's, that of what it is a part of.

    >>> label_of(["M_Glass_01", "Window_Left", "Car"])
    'glass, window, car'
    """
    found: list[str] = []
    for name in names:
        words = re.findall("[a-z]+", _HUMPS.sub(" ", re.sub("[^A-Za-z]", " ", name)).lower())
        kept = [word for i, word in enumerate(words) if _singular(word) and (word != ADJECTIVE or i == len(words) - 1)]
        said = " ".join(kept)
        if kept and said not in found and not all(_singular(word) in VAGUE for word in kept):
            found.append(said)
    label = ""
    for said in found:
        longer = f"{label}, {said}" if label else said
        if len(longer) <= MOST:
            label = longer
    return label


def _singular(word: str) -> str:
    if word in WORDS:
        return word
    return next((word[: -len(end)] for end in ENDINGS if word.endswith(end) and word[: -len(end)] in WORDS), "")
