"""What a prompt asks for, in words the embedded model knows: time of day, weather, season, snow, fog.

A vocabulary with synonyms, strengths ("light rain", "thick fog") and negations ("no fog", "without snow"). Words
that it does not know are reported, never guessed. A prompt without any known word asks for neutral daylight.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from framegen.engines import vocabulary as words_of
from framegen.ops.layout import WEATHERS

_SEPARATORS = re.compile(r"[,.;:!?()\[\]|/\n]+")
_PROBE = 4
"""Longest phrase of the vocabulary, in words."""


@dataclass(frozen=True)
class Look:
    """Light, weather and season, as a prompt asks for them.

    Attributes:
        times, weathers, seasons: shares summing to one of the names in :mod:`framegen.ops.layout`.
        snow: 0..1, how much lies on the ground. fog_per_m: extinction per metre, 3e-4 (clear) to 0.05 (thick fog).
        materials: names in :data:`framegen.ops.layout.LABELS` of what is to be seen.
    """

    times: Mapping[str, float] = field(default_factory=lambda: {"noon": 1.0})
    weathers: Mapping[str, float] = field(default_factory=lambda: {"clear": 1.0})
    seasons: Mapping[str, float] = field(default_factory=lambda: {"summer": 1.0})
    snow: float = 0.0
    fog_per_m: float = 3e-4
    materials: tuple[str, ...] = ()


@dataclass(frozen=True)
class Reading:
    """What was read out of a prompt: the look, the words that said so, the words that said nothing to it."""

    look: Look
    understood: tuple[str, ...]
    ignored: tuple[str, ...]


def _vocabulary() -> dict[tuple[str, ...], tuple[str, str]]:
    """Phrase (as words) -> (category, name)."""
    out: dict[tuple[str, ...], tuple[str, str]] = {}
    for category, table in (("time", words_of.TIMES), ("weather", words_of.WEATHERS), ("season", words_of.SEASONS)):
        for name, phrases in table.items():
            for phrase in phrases:
                out[tuple(phrase.split())] = (category, name)
    for phrase in words_of.SNOW:
        out[tuple(phrase.split())] = ("snow", phrase)
    for phrase in words_of.ALWAYS:
        out[tuple(phrase.split())] = ("always", phrase)
    return out


_VOCABULARY = _vocabulary()
_FOG_PER_M = {"clear": 3e-4, "partly cloudy": 3e-4, "overcast": 1e-3, "rain": 4e-3, "fog": 0.02}
_OPPOSITE = {"rain": "clear", "fog": "clear", "overcast": "clear", "partly cloudy": "clear", "clear": "overcast"}


@dataclass
class _Found:
    """Weights gathered while reading; ``denied`` holds names that a negation named."""

    times: dict[str, float] = field(default_factory=dict)
    weathers: dict[str, float] = field(default_factory=dict)
    seasons: dict[str, float] = field(default_factory=dict)
    denied: set[str] = field(default_factory=set)
    materials: list[str] = field(default_factory=list)
    snow: float = 0.0
    fog: float = 1.0
    blowing: bool = False


def read(prompt: str) -> Reading:
    """The look that ``prompt`` asks for."""
    found = _Found()
    understood: list[str] = []
    ignored: list[str] = []
    for clause in _SEPARATORS.split(prompt.lower().replace("'", "").replace("-", " ").replace("_", " ")):
        words = re.findall(r"[^\W]+", clause)
        negated, strength, pending = False, 1.0, ""
        i = 0
        while i < len(words):
            entry, length = _match(words, i)
            if entry is None:
                word = words[i]
                if word in words_of.NEGATIONS:
                    negated = True
                elif word in words_of.WEAK | words_of.STRONG:
                    strength, pending = (0.45 if word in words_of.WEAK else 2.0), word
                elif word in _MATERIALS and word not in words_of.FILLER:
                    if not negated:
                        found.materials.append(_MATERIALS[word])
                        understood.append(word)
                    else:
                        ignored.append(word)
                elif word not in words_of.FILLER:
                    ignored.append(word)
                i += 1
                continue
            phrase = " ".join(words[i : i + length])
            _take(found, entry, phrase, negated, strength)
            if pending:
                understood.append(pending)
            understood.append(("no " if negated else "") + phrase)
            # "no fog or rain" denies both; anything else ends a negation
            follows = words[i + length] if i + length < len(words) else ""
            negated = negated and follows in ("or", "nor", "and")
            strength, pending = 1.0, ""
            i += length
        if pending:
            ignored.append(pending)
    return Reading(_look(found), tuple(dict.fromkeys(understood)), tuple(dict.fromkeys(ignored)))


def _match(words: list[str], start: int) -> tuple[tuple[str, str] | None, int]:
    for length in range(min(_PROBE, len(words) - start), 0, -1):
        entry = _VOCABULARY.get(tuple(words[start : start + length]))
        if entry is not None:
            return entry, length
    return None, 0


def _take(found: _Found, entry: tuple[str, str], phrase: str, negated: bool, strength: float) -> None:
    category, name = entry
    if negated:
        found.denied.add("snow" if category == "snow" else name)
        return
    if category == "time":
        if phrase in words_of.DAWN:
            found.times["morning"] = found.times.get("morning", 0.0) + 0.5
            found.times["golden_hour"] = found.times.get("golden_hour", 0.0) + 0.5
        else:
            found.times[name] = found.times.get(name, 0.0) + 1.0
    elif category == "weather":
        found.weathers[name] = found.weathers.get(name, 0.0) + 1.0
        if name in ("fog", "rain"):
            weaker = 0.4 if phrase in words_of.FAINT else 1.0
            found.fog *= strength * weaker
    elif category == "season":
        found.seasons[name] = found.seasons.get(name, 0.0) + 1.0
    elif category == "snow":
        found.snow = max(found.snow, min(1.0, words_of.SNOW[name] * min(strength, 1.2)))
        found.blowing |= name in words_of.STORMY_SNOW


def _look(found: _Found) -> Look:
    denied = found.denied
    snow = 0.0 if "snow" in denied else found.snow
    seasons = {k: v for k, v in found.seasons.items() if k not in denied}
    if snow > 0:
        seasons = {"winter": 1.0}
    weathers = {k: v for k, v in found.weathers.items() if k not in denied}
    if snow > 0 and found.blowing and not weathers:
        weathers = {"overcast": 1.0}
    if not weathers:
        # what is denied alone asks for its opposite: "no sun" is overcast, "no rain" is clear
        opposites = [_OPPOSITE[k] for k in WEATHERS if k in denied and _OPPOSITE[k] not in denied]
        weathers = {opposites[0]: 1.0} if opposites else {"clear": 1.0}
    # rain and fog are said along with clouds or a clear night without contradiction: they rule
    ruling = {k: v for k, v in weathers.items() if k in ("rain", "fog")}
    weathers = ruling or weathers
    times = {k: v for k, v in found.times.items() if k not in denied} or _default_time(denied)
    weathers, times = _shares(weathers), _shares(times)
    seasons = _shares(seasons or {"summer": 1.0})
    log_fog = sum(share * math.log(_FOG_PER_M[k]) for k, share in weathers.items())
    fog = math.exp(log_fog) * (found.fog if ruling else 1.0)
    if snow > 0 and found.blowing:
        fog = max(fog, 0.008)
    return Look(times, weathers, seasons, snow, min(0.06, max(1e-4, fog)), tuple(dict.fromkeys(found.materials)))


def _default_time(denied: set[str]) -> dict[str, float]:
    return {"noon": 1.0} if "noon" not in denied else {"night": 1.0}


def _shares(weights: Mapping[str, float]) -> dict[str, float]:
    total = sum(weights.values())
    return {k: v / total for k, v in weights.items()}


_SUN_HEIGHT_DEG = {"noon": 48.0, "morning": 22.0, "golden_hour": 7.0}
SUN_AZIMUTH_DEG = 140.0
"""Of the prompt's sun, from +X towards +Z: fixed in the world, so that shadows stand still when the view turns."""


def sun_of(look: Look) -> tuple[float, float, float] | None:
    """Unit vector (+Y up) towards the sun at the look's time of day; None where dusk and night prevail."""
    up = {k: v for k, v in look.times.items() if k in _SUN_HEIGHT_DEG}
    total = sum(up.values())
    if total <= 0.5:
        return None
    height = math.radians(sum(_SUN_HEIGHT_DEG[k] * v for k, v in up.items()) / total)
    azimuth = math.radians(SUN_AZIMUTH_DEG)
    flat = math.cos(height)
    return flat * math.cos(azimuth), math.sin(height), flat * math.sin(azimuth)


_MATERIALS = {word: name for name, words in words_of.MATERIALS.items() for word in words}


def word_material(word: str) -> str | None:
    """The material that one word in lower case means, or None."""
    return _MATERIALS.get(word)


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
    head = words[-1]
    # "light" is an adjective, but where the clause is about it
    known = [_MATERIALS[w] for w in words if w in _MATERIALS and (w != "light" or w == head)]
    if _MATERIALS.get(head) in _THINGS:
        return _MATERIALS[head]
    if head in _STANDS:
        known = [name for name in known if name not in _THINGS] or ["metal"]
    specific = [name for name in known if name not in ("plaster", "soil", "hill")]
    return (specific or known or [""])[0]
