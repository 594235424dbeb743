"""What a prompt asks for, in words the embedded model knows: time of day, weather, season, snow, fog, photography.

A vocabulary with synonyms, strengths ("light rain", "thick fog") and negations ("no fog", "snow-free", "no people at
night", "no snow, ice or fog"), and times of the clock (:mod:`.clock`). Words that it does not know are reported, never
guessed. A prompt without any known word asks for neutral daylight.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from framegen.engines import clock
from framegen.engines import vocabulary as words_of
from framegen.engines.materials import MATERIALS
from framegen.ops.layout import WEATHERS
from framegen.ops.photo_reference import PLAIN, Photo

_SEPARATORS = re.compile(r"[.;:!?()\[\]|/\n]+|\bbut\b")
"""Beside the comma, over which a negation may go on."""
_MARKS = str.maketrans("-_", "  ", "'’‘ʼ")
"""Hyphens divide words, apostrophes do not."""
AURORA = 0.75
"""How strong one is that is named without "strong" or the like."""
_PROBE = 4
"""Longest phrase of the vocabulary, in words."""


@dataclass(frozen=True)
class Look:
    """Light, weather and season, as a prompt asks for them.

    Attributes:
        times, weathers, seasons: shares summing to one of the names in :mod:`framegen.ops.layout`.
        snow: 0..1, how much lies on the ground. fog_per_m: extinction per metre, 3e-4 (clear) to 0.05 (thick fog).
        materials: names in :data:`framegen.ops.layout.LABELS` of what is to be seen. photo: how it is photographed.
        stars, moon, aurora: 0..1, how much of them a clear night shows.
        drops, flakes: 0..1, how much rain and snow falls.
    """

    times: Mapping[str, float] = field(default_factory=lambda: {"noon": 1.0})
    weathers: Mapping[str, float] = field(default_factory=lambda: {"clear": 1.0})
    seasons: Mapping[str, float] = field(default_factory=lambda: {"summer": 1.0})
    snow: float = 0.0
    fog_per_m: float = 3e-4
    materials: tuple[str, ...] = ()
    photo: Photo = PLAIN
    stars: float = 0.4
    moon: float = 0.0
    aurora: float = 0.0
    drops: float = 0.0
    flakes: float = 0.0


@dataclass(frozen=True)
class Surface:
    """A material that a prompt names, the word (its singular) that names it, the words of colour before it, and the
    word after it, which may say what is made of it ("wooden houses", "wooden and stone houses")."""

    material: str
    word: str
    colors: tuple[str, ...]
    after: str = ""


@dataclass(frozen=True)
class Reading:
    """What was read out of a prompt: the look, the words that said so, the words that said nothing to it, and what it
    calls surfaces."""

    look: Look
    understood: tuple[str, ...]
    ignored: tuple[str, ...]
    surfaces: tuple[Surface, ...]


_PHOTO_WORDS = {words: words_of.phrases(words) for words, _ in words_of.PHOTO}
_PHOTOS = {words: Photo(**adds) for words, adds in words_of.PHOTO}
_OF_THINGS = frozenset(tuple(phrase.split()) for phrase in words_of.OF_THINGS)
_DARKER = next(words for words, told in _PHOTO_WORDS.items() if "darker" in told)
_TABLES: tuple[tuple[str, Mapping[str, tuple[str, ...]]], ...] = (
    ("time", words_of.TIMES),
    ("weather", words_of.WEATHERS),
    ("season", words_of.SEASONS),
    ("snow", {phrase: (phrase,) for phrase in words_of.SNOW}),
    ("photo", _PHOTO_WORDS),
    ("always", {phrase: (phrase,) for phrase in words_of.ALWAYS}),
    ("idiom", {phrase: (phrase,) for phrase in words_of.IDIOMS}),
)
_NAMES = {phrase: (category, name) for category, table in _TABLES for name, told in table.items() for phrase in told}
_KNOWN = frozenset((*_NAMES, *MATERIALS, *words_of.COLORS, *words_of.FILLER, *words_of.WEAK, *words_of.STRONG))


def _singular(word: str) -> str:
    return words_of.singular(word, _KNOWN)


_VOCABULARY = {tuple(map(_singular, phrase.split())): entry for phrase, entry in _NAMES.items()}
"""Phrase (as words, each in its singular) -> (category, name)."""
_FOG_PER_M = {"clear": 3e-4, "partly cloudy": 3e-4, "overcast": 1e-3, "rain": 2.5e-3, "fog": 0.02}
_SEASONS = ("summer", "autumn", "spring", "winter")
_TIMES = ("noon", "night", "morning", "dusk", "golden_hour")
"""What is taken where nothing is asked for: the first that is not denied."""
_OPPOSITE = {"rain": "clear", "fog": "clear", "overcast": "clear", "partly cloudy": "clear", "clear": "overcast"}


@dataclass
class _Found:
    """Weights and words gathered while reading; ``denied`` holds names that a negation named."""

    times: dict[str, float] = field(default_factory=dict)
    weathers: dict[str, float] = field(default_factory=dict)
    seasons: dict[str, float] = field(default_factory=dict)
    denied: set[str] = field(default_factory=set)
    materials: list[str] = field(default_factory=list)
    surfaces: list[Surface] = field(default_factory=list)
    understood: list[str] = field(default_factory=list)
    ignored: list[str] = field(default_factory=list)
    snow: float = 0.0
    fog: float = 1.0
    blowing: bool = False
    photo: Photo = PLAIN
    stars: float = Look.stars
    moon: float = 0.0
    aurora: float = 0.0
    drops: float = 0.0
    flakes: float = 0.0


def read(prompt: str) -> Reading:
    """The look that ``prompt`` asks for."""
    found = _Found()
    text, clocks = clock.times(prompt.lower())
    for said, light in clocks:
        found.understood.append(said)
        for name, share in light.items():
            found.times[name] = found.times.get(name, 0.0) + share
    for sentence in _SEPARATORS.split(text.translate(_MARKS)):
        clauses = [words for clause in sentence.split(",") if (words := re.findall(r"[^\W]+", clause))]
        goes_on = False
        for number, words in enumerate(clauses, 1):
            spoken = [part for word in words for part in _LACKING.get(word, (word,))]
            goes_on = _read_clause(found, spoken, goes_on) and _enumerated(clauses[number:])
    understood, ignored = (tuple(dict.fromkeys(told)) for told in (found.understood, found.ignored))
    return Reading(_look(found), understood, ignored, tuple(found.surfaces))


_LACKING = {word: (lacks, "free") for word, lacks in words_of.LACKING.items()}


_CHOICES = frozenset(("or", "nor"))


def _enumerated(clauses: list[list[str]]) -> bool:
    """Whether what follows a comma goes on with what stands before it: short items, the last after "or"."""
    for words in clauses:
        end = next((i for i, word in enumerate(words) if word in _CHOICES), len(words))
        item = words[:end]
        if len(item) > _PROBE or not (words_of.ENDS | words_of.NEGATIONS | {"free"}).isdisjoint(item):
            return False
        if end < len(words):
            return True
    return False


def _read_clause(found: _Found, said: list[str], negated: bool) -> bool:
    """Reads what stands between two commas, ``negated`` from its beginning or not; whether its last item was denied
    and may be the first of an enumeration: "no snow" may, "no snow or ice" has ended one."""
    words = [_singular(word) for word in said]
    told: dict[int, tuple[str, bool]] = {}  # place -> what is reported, and whether as understood
    dimmed: dict[int, float] = {}  # place of "dark" -> how much
    mute: set[int] = set()  # places of what is denied, and of colours that belong to a phrase
    met = last = False  # met: the negation has met a word that it may be about; last: as is returned
    strength, strengthener = 1.0, -1
    i = 0
    while i < len(words):
        if words[i] in words_of.SUBJECTS or ((met or strengthener in told) and words[i] in words_of.ENDS):
            negated = met = last = False
        entry, length = _match(words, i)
        word, phrase, places = words[i], " ".join(said[i : i + length]), range(i, i + length)
        after, of, *_ = *words[i + length : i + length + 2], "", ""
        free = after == "free" and of not in ("of", "from")  # "snow-free"
        denied = negated or free
        idiom = entry is not None and entry[0] == "idiom"
        own = idiom or (entry is not None and entry[0] == "photo")  # words that are nothing alone
        mute.update(k for k in places if denied or own or (entry is not None and words[k] in words_of.COLORS))
        if entry is not None:
            last = negated
            share = _share(words, strengthener, strength) if entry[0] == "photo" else strength
            _take(found, entry, " ".join(words[k] for k in places), denied, share)
            told[i] = ("no " if denied else "") + phrase, not idiom
            if strengthener in told:
                told[strengthener] = said[strengthener], not idiom
            # "no fog or rain" denies both; anything else ends a negation
            negated, met = negated and after in ("or", "nor", "and"), False
            strength, strengthener = 1.0, -1
        elif word in words_of.NEGATIONS or (word == "free" and after in ("of", "from")):
            negated, met, last = True, False, False
        elif word in words_of.WEAK | words_of.STRONG:
            told.pop(strengthener, None)
            told[i] = phrase, False
            strength, strengthener = (0.45 if word in words_of.WEAK else 2.0), i
        elif word not in words_of.FILLER:
            met = last = negated
            told[i] = phrase, word in MATERIALS and not denied
            if word == "dark":
                dimmed[i], strength, strengthener = _share(words, strengthener, strength), 1.0, -1
            if told[i][1]:
                found.materials.append(MATERIALS[word])
        i += length + free
    given = _name_surfaces(found, words, mute)
    for k, word in enumerate(words):
        if k in given:
            told[k] = said[k], True
        elif word == "dark" and k not in mute:  # of no surface, so of all that is seen
            found.photo = found.photo.added(_PHOTOS[_DARKER], dimmed[k])
            told[k] = said[k], True
            if k - 1 in told and words[k - 1] in words_of.WEAK | words_of.STRONG:
                told[k - 1] = said[k - 1], True
    for _, (phrase, known) in sorted(told.items()):
        (found.understood if known else found.ignored).append(phrase)
    return last and _CHOICES.isdisjoint(words)


def _share(words: list[str], strengthener: int, strength: float) -> float:
    """How much of a word of photography is added: pictures are there without, so "less vivid" takes some away."""
    return -strength if strengthener >= 0 and words[strengthener] == "less" else strength


def _name_surfaces(found: _Found, words: list[str], mute: set[int]) -> set[int]:
    """Gives each surface of a clause the colours before it ("old red brick", "dark red", "red and yellow trees"); the
    places of the colours that were given."""
    colors: list[int] = []
    given: set[int] = set()
    for i, word in enumerate(words):
        if word in words_of.COLORS and i not in mute:
            shade = colors[-1:] == [i - 1] and words[i - 1] in words_of.SHADES
            joined = shade or (colors[-1:] == [i - 2] and words[i - 1] == "and")
            colors = [*colors, i] if joined else [i]
        elif word in MATERIALS and (word != "light" or i == len(words) - 1):  # else an adjective
            if i not in mute:
                named = tuple(words[k] for k in colors)
                found.surfaces.append(Surface(MATERIALS[word], word, named, _after(words, i + 1)))
                given.update(colors)
            colors = []
        elif word == "with" or (word == "and" and colors[-1:] != [i - 1]):
            colors = []
    return given


def _after(words: list[str], i: int) -> str:
    """The word at ``i``, or that which both materials of "wooden and stone houses" are said of."""
    while words[i : i + 1] in (["and"], ["or"]):
        i = next((k for k in range(i + 1, len(words)) if words[k] not in words_of.COLORS), len(words))
        if i == len(words) or words[i] not in MATERIALS:
            return ""
        i += 1
    return "".join(words[i : i + 1])


_WEIGHT = re.compile(r"^(?P<words>.*?)(?:::\s*(?P<weight>-?[0-9]*\.?[0-9]+))?\s*$", re.DOTALL)
_GOES_ON = re.compile(r"(::\s*-?[0-9]*\.?[0-9]+)[\s,]+(?=[^\s,|])")
_MOST = 1e6


def parts_of(prompt: str) -> list[tuple[str, float]]:
    """``a forest ::2 | a rainy night`` -> [("a forest", 2/3), ("a rainy night", 1/3)]: prompts and their shares.

    Parts are divided by ``|`` or end with a weight, which follows ``::`` and is 1 where it is left out. Parts of weight
    0 or less fall out.
    """
    found = []
    for part in _GOES_ON.sub(r"\1|", prompt).split("|"):
        match = _WEIGHT.match(part.strip())
        assert match is not None
        weight = 1.0 if match["weight"] is None else min(float(match["weight"]), _MOST)
        if weight > 0.0:
            found.append((match["words"].strip(), weight))
    total = sum(weight for _, weight in found)
    if not found:
        return [("", 1.0)]
    return [(words, weight / total) for words, weight in found]


def _match(words: list[str], start: int) -> tuple[tuple[str, str] | None, int]:
    """What the phrase that begins at ``start`` means, if it is known, and its length in words, else 1."""
    for length in range(min(_PROBE, len(words) - start), 0, -1):
        phrase, after = tuple(words[start : start + length]), words[start + length : start + length + 1]
        entry = _VOCABULARY.get(phrase)
        if entry is not None and not (phrase in _OF_THINGS and after and _is_thing(*after)):
            return entry, length
    return None, 1


def _is_thing(word: str) -> bool:
    """Whether a word names something that has a colour of its own, and no place or picture."""
    return MATERIALS.get(word, "picture") != "picture" and words_of.TELLS.get(word, 0) < 2


def _take(found: _Found, entry: tuple[str, str], phrase: str, negated: bool, strength: float) -> None:
    category, name = entry
    if phrase in words_of.STARRY:
        found.stars = 0.0 if negated else 1.0
    if phrase in words_of.MOONLIT:
        found.moon = 0.0 if negated else 1.0
    if phrase in words_of.POLAR:
        found.aurora = 0.0 if negated else min(1.0, AURORA * strength)
    if negated:
        if category != "photo" and phrase not in words_of.DETAILS:
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
        found.drops = max(found.drops, min(1.0, words_of.FALLING_RAIN.get(phrase, 0.0) * strength))
    elif category == "season":
        found.seasons[name] = found.seasons.get(name, 0.0) + 1.0
    elif category == "snow":
        found.snow = max(found.snow, min(1.0, words_of.SNOW[name] * min(strength, 1.2)))
        found.blowing |= name in words_of.FALLING_SNOW
        found.flakes = max(found.flakes, min(1.0, words_of.FALLING_SNOW.get(name, 0.0) * strength))
    elif category == "photo":
        found.photo = found.photo.added(_PHOTOS[name], strength)


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
    times = {k: v for k, v in found.times.items() if k not in denied} or _first(_TIMES, denied)
    weathers, times = _shares(weathers), _shares(times)
    seasons = _shares(seasons or _first(_SEASONS, denied))
    log_fog = sum(share * math.log(_FOG_PER_M[k]) for k, share in weathers.items())
    fog = math.exp(log_fog) * (found.fog if ruling else 1.0)
    if snow > 0 and found.blowing:
        fog = max(fog, 0.008)
    fog, materials = min(0.06, max(1e-4, fog)), tuple(dict.fromkeys(found.materials))
    drops, flakes = weathers.get("rain", 0.0) * found.drops, found.flakes if snow > 0 else 0.0
    night = found.stars, found.moon, found.aurora
    return Look(times, weathers, seasons, snow, fog, materials, found.photo, *night, drops, flakes)


def _first(names: tuple[str, ...], denied: set[str]) -> dict[str, float]:
    return {next((name for name in names if name not in denied), names[0]): 1.0}


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
