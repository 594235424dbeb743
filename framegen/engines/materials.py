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
_CLAUSE = re.compile(r"[,.;:()|/]|\b(?:with|and|of|on|in)\b")


def head_of(text: str) -> str:
    """The word that a label's name or words are about, in lower case: ``house with windows`` -> ``house``, ``old street
    lamps`` -> ``lamps``; empty where there is none."""
    return next((words[-1] for words in _clauses(text)), "")


def material_of(text: str) -> str:
    """The material that a label's name or words speak of (``old red brick wall`` -> ``brick``), or ``unknown``.

    What materials have most in common comes last in a phrase in English ("brick wall"), so plain surfaces such as walls
    give way to what they are made of. A thing that comes last does not: a street lamp is a lamp. What comes after
    "with", a comma and the like is heard only where nothing before it says a material.
    """
    return next((found for words in _clauses(text) if (found := _material(words))), "unknown")


def _clauses(text: str) -> list[list[str]]:
    found = [re.findall(r"[^\W\d_]+", clause) for clause in _CLAUSE.split(text.lower())]
    return [words for words in found if words]


def _material(words: list[str]) -> str:
    """Of one clause; empty where it names none."""
    words = [words_of.singular(word, MATERIALS) for word in words]
    head = words[-1]
    # "light" is an adjective, but where the clause is about it
    known = [MATERIALS[w] for w in words if w in MATERIALS and (w != "light" or w == head)]
    if MATERIALS.get(head) in _THINGS:
        return MATERIALS[head]
    if head in _STANDS:
        known = [name for name in known if name not in _THINGS] or ["metal"]
    specific = [name for name in known if name not in ("plaster", "soil", "hill")]
    return (specific or known or [""])[0]
