"""The words that the embedded model knows, and what they mean to it: data, read by :mod:`.prompt`."""

from __future__ import annotations

from collections.abc import Container


def _phrases(text: str) -> tuple[str, ...]:
    return tuple(phrase.strip() for phrase in text.split(","))


TIMES: dict[str, tuple[str, ...]] = {
    "noon": _phrases(
        "noon, midday, mid day, day, daytime, daylight, by day, at day, afternoon, lunchtime, bright day, "
        "high sun, noonday"
    ),
    "morning": _phrases(
        "morning, mornings, early morning, forenoon, breakfast, dawn, daybreak, sunrise, first light, early light, "
        "rising sun, sun rising, sun is rising"
    ),
    "golden_hour": _phrases(
        "golden hour, golden light, golden, sunset, sundown, late afternoon, evening sun, evening light, low sun, "
        "warm sun, low warm sun, warm light, setting sun, magic hour, midnight sun, sun setting, sun is setting, sun "
        "goes down, sun going down, sun is low"
    ),
    "dusk": _phrases(
        "dusk, twilight, blue hour, evening, nightfall, gloaming, after sunset, late evening, half light, before "
        "sunrise, before dawn, predawn, getting dark, white night"
    ),
    "night": _phrases(
        "night, nights, nighttime, night time, midnight, at night, by night, nocturnal, moonlight, moonlit, moon, "
        "starry, stars, starlight, dark night, darkness, neon night, late night, starlit, milky way, aurora, aurora "
        "borealis, northern lights, after dark, pitch black, pitch dark"
    ),
}
"""Name of a time of day -> phrases that mean it."""
WEATHERS: dict[str, tuple[str, ...]] = {
    "clear": _phrases(
        "clear, clear sky, clear skies, sunny, sunshine, sunlit, sunlight, cloudless, blue sky, blue skies, fair, "
        "fair weather, bright, bright sun, crisp, sun, sunbeam, sun beam, sunray, sun ray"
    ),
    "partly cloudy": _phrases(
        "partly cloudy, partially cloudy, some clouds, few clouds, scattered clouds, clouds, cloudy, broken clouds, "
        "cumulus, fluffy clouds, cloud, mostly sunny, partly sunny"
    ),
    "overcast": _phrases(
        "overcast, grey sky, gray sky, grey skies, gray skies, dull, gloomy, gloom, cloud cover, covered sky, dreary, "
        "moody, diffuse light, soft light, flat light, bleak, grey day, gray day, very cloudy, mostly cloudy, dark "
        "clouds, heavy clouds, thick clouds, dense clouds, grey clouds, gray clouds, low clouds, storm clouds, rain "
        "clouds, thunderclouds"
    ),
    "rain": _phrases(
        "rain, rainy, raining, rains, rainfall, wet, drizzle, drizzling, drizzly, storm, stormy, thunderstorm, "
        "downpour, shower, showers, monsoon, soaked, puddles, after rain, rainstorm, thunder, damp, lightning, "
        "hurricane, typhoon, hail, hailstorm, sleet, flooded"
    ),
    "fog": _phrases(
        "fog, foggy, mist, misty, haze, hazy, smog, smoggy, murky, fogbound, cloud forest, smoky, sandstorm, sand "
        "storm, duststorm, dust storm"
    ),
}
"""Name of a weather -> phrases that mean it."""
SEASONS: dict[str, tuple[str, ...]] = {
    "spring": _phrases(
        "spring, springtime, spring time, blossom, blossoms, april, sakura, in march, early march, late march, in may"
    ),
    "summer": _phrases(
        "summer, summertime, summer time, midsummer, june, july, august, lush, heatwave, heat wave, hot day"
    ),
    "autumn": _phrases(
        "autumn, autumnal, fall, fall colors, fall colours, fall foliage, october, november, september, autumn "
        "leaves, indian summer, halloween"
    ),
    "winter": _phrases(
        "winter, wintry, wintery, wintertime, midwinter, december, january, february, cold, bare trees, freezing"
    ),
}
"""Name of a season -> phrases that mean it."""
SNOW: dict[str, float] = {
    "snow": 0.9,
    "patchy snow": 0.45,
    "thin snow": 0.35,
    "light snow": 0.45,
    "dusting of snow": 0.35,
    "snowy": 0.9,
    "snowing": 0.9,
    "snowfall": 0.9,
    "snow covered": 1.0,
    "snowbound": 1.0,
    "blizzard": 1.0,
    "snowstorm": 1.0,
    "ice": 0.5,
    "icy": 0.5,
    "frost": 0.35,
    "frosty": 0.35,
    "frozen": 0.6,
    "hoarfrost": 0.4,
    "deep snow": 1.0,
    "powder snow": 1.0,
    "christmas": 0.9,
    "xmas": 0.9,
    "falling snow": 0.9,
    "snow falling": 0.9,
    "snow is falling": 0.9,
    "melting snow": 0.45,
    "covered in snow": 1.0,
    "covered with snow": 1.0,
    "winter wonderland": 0.9,
    "arctic": 0.9,
    "antarctic": 0.9,
    "antarctica": 0.9,
}
"""Phrases that bring snow -> how much lies, 0..1."""
STORMY_SNOW = ("blizzard", "snowstorm", "snowing", "snowfall", "falling snow", "snow falling", "snow is falling")
"""Snow that also fills the air."""
DAWN = _phrases("dawn, daybreak, sunrise, first light, early light, rising sun, sun rising, sun is rising")
"""Between morning and golden hour."""
FAINT = ("mist", "misty", "haze", "hazy", "smoky", "drizzle", "drizzly")
"""Fog and rain of 0.4 of the usual strength."""
DETAILS = frozenset(
    _phrases(
        "moon, moonlight, moonlit, stars, starry, starlight, dark night, neon night, late night, golden light, warm "
        "light, warm sun, evening sun, wet, damp, soaked, puddles, thunder, thunderstorm, storm, stormy, rainstorm, "
        "drizzle, drizzling, drizzly, downpour, shower, showers, dull, gloomy, gloom, dreary, moody, blossom, "
        "blossoms, lush, fall colors, fall colours, fall foliage, autumn leaves, cold, bare trees, ice, icy, frost, "
        "frosty, frozen, hoarfrost, christmas, blizzard, snowstorm, snowing, snowfall, light snow, patchy snow, "
        "thin snow, deep snow, powder snow, dusting of snow, starlit, aurora, aurora borealis, northern lights, "
        "milky way, bleak, lightning, hail, hailstorm, hurricane, typhoon, sleet, flooded, sandstorm, sand storm, "
        "duststorm, dust storm, smoky, sakura, halloween, xmas, freezing, heatwave, heat wave, falling snow, snow "
        "falling, snow is falling, melting snow, dark clouds, heavy clouds, thick clouds, dense clouds, grey "
        "clouds, gray clouds, low clouds, storm clouds, rain clouds, thunderclouds"
    )
)
"""Parts of a time, weather or season: who denies one of them denies nothing else."""
LACKING = {"moonless": "moon", "snowless": "snow", "starless": "stars", "sunless": "sun"}
"""Words that deny another."""
ALWAYS = _phrases(
    "photo, photograph, photographic, photography, photorealistic, photoreal, photorealism, realistic, "
    "realism, real, photograph of, real life, film still, natural, ultra realistic, hyperrealistic"
)
"""Understood because the model never does anything else."""
IDIOMS = _phrases(
    "cold colors, cold colours, cold tones, depth of field, field of view, golden gate, hot spring, ice cream, "
    "post apocalyptic, post processing, spring water"
)
"""Say nothing of what their words mean alone: not understood."""
WEAK = frozenset(_phrases("bit, faint, gentle, light, little, mild, slight, slightly, soft, some, thin, less"))
"""Halve what follows."""
STRONG = frozenset(
    _phrases("deep, dense, extreme, heavily, heavy, intense, pouring, strong, thick, torrential, very, lot, more, much")
)
"""Double what follows."""
NEGATIONS = frozenset(
    _phrases(
        "aint, arent, cannot, cant, doesnt, dont, isnt, minus, neither, never, no, non, none, nor, not, wasnt, "
        "without, wont, zero, avoid, exclude, remove"
    )
)
"""Deny what follows."""
ENDS = frozenset(
    _phrases(
        "across, after, along, around, at, before, behind, beside, by, during, in, into, near, on, over, through, "
        "under, when, while, with"
    )
)
"""End a negation that has met what it is about: "no people at night"."""
SUBJECTS = frozenset(_phrases("it, its, there"))
"""Begin something else: "no snow and it is night"."""
FILLER = frozenset(
    _phrases(
        "a, an, and, any, are, as, at, be, by, during, for, from, hour, image, in, into, is, it, its, like, look, "
        "looking, looks, near, of, on, or, over, picture, scene, season, sky, style, that, the, this, time, to, "
        "under, very, view, weather, with, across, after, along, anymore, around, before, behind, beside, has, have, "
        "landscape, make, please, should, there, through, when, while"
    )
)
"""Carry no meaning of their own."""
MATERIALS: dict[str, tuple[str, ...]] = {
    "sky": _phrases("sky, skybox, skydome, clouds, cloud"),
    "soil": _phrases("soil, dirt, mud, earth, ground, terrain, path, landscape"),
    "grass": _phrases("grass, lawn, meadow, field, turf"),
    "sand": _phrases("sand, beach, dune, desert"),
    "rock": _phrases("rock, rocks, cliff, boulder, mountain"),
    "water": _phrases("water, river, lake, sea, ocean, pond, pool, stream, creek, canal, waterfall, puddle"),
    "asphalt": _phrases("asphalt, road, street, tarmac, highway, motorway, freeway, racetrack, runway, driveway"),
    "paving": _phrases(
        "paving, pavement, sidewalk, cobble, cobbles, cobblestone, curb, kerb, walkway, plaza, flagstone"
    ),
    "road marking": _phrases("marking, line, lane, crosswalk"),
    "plaster": _phrases(
        "plaster, wall, stucco, facade, house, building, ceiling, tower, skyscraper, apartment, cottage, villa"
    ),
    "brick": _phrases("brick, bricks, brickwork"),
    "concrete": _phrases("concrete, cement"),
    "stone": _phrases("stone, masonry, ashlar, marble, granite, sandstone, limestone, castle, gravestone, tombstone"),
    "roof": _phrases("roof, rooftop, shingles, shingle, thatch"),
    "glass": _phrases("glass, window, windows, pane, panes, glazing, windowpane, windscreen, windshield"),
    "wood": _phrases(
        "wood, wooden, plank, planks, timber, floor, door, fence, parquet, log, lumber, crate, table, desk, "
        "bookshelf, bookcase, cupboard, wardrobe, barn, cabin"
    ),
    "metal": _phrases(
        "metal, steel, iron, pole, post, railing, rail, guardrail, handrail, pipe, chrome, copper, aluminium, "
        "aluminum, brass, girder, scaffolding, lamppost, signpost, tank"
    ),
    "bark": _phrases("bark, trunk, stem, stump"),
    "foliage": _phrases(
        "foliage, leaf, leaves, tree, trees, forest, woods, woodland, jungle, pine, pines, conifers, bush, "
        "bushes, hedge, plant, plants, vegetation, shrub, shrubs, palm, oak, birch, spruce, fir, conifer, fern, "
        "ivy, vine, flower, reed"
    ),
    "car paint": _phrases(
        "car, cars, vehicle, vehicles, paint, bodywork, truck, trucks, bus, buses, van, taxi, lorry, kart, automobile"
    ),
    "tyre": _phrases("tyre, tire, wheel, rubber"),
    "plastic": _phrases("plastic, bin"),
    "fabric": _phrases(
        "fabric, cloth, curtain, carpet, sofa, rug, awning, textile, tent, tarp, flag, cushion, pillow, couch, "
        "armchair, blanket"
    ),
    "tile": _phrases("tile, tiles"),
    "lamp": _phrases(
        "lamp, lamps, light, lights, lantern, lanterns, bulb, bulbs, streetlight, streetlights, streetlamp, "
        "streetlamps, chandelier, floodlight, headlight"
    ),
    "picture": _phrases("picture, painting, poster"),
    "cactus": _phrases("cactus, cacti"),
    "sign": _phrases("sign, signage, billboard, text"),
    "hill": _phrases("hill, hills, background"),
}
"""Material of :data:`framegen.ops.layout.LABELS` -> words in a label's name that mean it."""
_OPEN = _phrases(
    "wall, facade, house, building, tower, skyscraper, apartment, cottage, villa, ceiling, castle, barn, cabin, "
    "ground, terrain, landscape, path, floor, door, fence, table, desk, crate, pole, post, lamppost, rail, railing, "
    "guardrail, handrail, pipe, bin, signpost, tank, log, bookshelf, bookcase, cupboard, wardrobe, "
    "gravestone, tombstone"
)
_PLANTS = _phrases("tree, pine, palm, oak, birch, spruce, fir, conifer, plant, flower")
_PLACES = _phrases(
    "sky, cloud, forest, woods, woodland, jungle, field, meadow, beach, dune, desert, mountain, hill, background, "
    "water, river, lake, sea, ocean, pond, pool, stream, road, street, highway, line, lane, paint"
)
RANKS = 4
TELLS = {word: rank for rank, words in enumerate((_OPEN, _PLANTS, _PLACES), 1) for word in words}
"""How little some words of :data:`MATERIALS` tell of what a label's thing is made of, where others of its name tell
more: 1 may be of many materials, 2 is a plant whose trunk is none, 3 says where it is or what is on it. Others: 0."""
GROUND = frozenset(_phrases("ground, terrain, landscape, path, floor"))
"""What of :data:`TELLS` is of what the place is of."""
COLORS: dict[str, tuple[float, float, float]] = {
    "red": (1.1, 0.85, 0.82),
    "orange": (1.12, 0.95, 0.75),
    "yellow": (1.1, 1.04, 0.75),
    "green": (0.85, 1.06, 0.84),
    "blue": (0.82, 0.92, 1.12),
    "purple": (1.0, 0.84, 1.08),
    "pink": (1.14, 0.94, 0.98),
    "brown": (0.96, 0.84, 0.72),
    "white": (1.2, 1.2, 1.2),
    "pale": (1.12, 1.12, 1.12),
    "dark": (0.7, 0.7, 0.7),
    "black": (0.45, 0.45, 0.45),
}
"""Words of colour -> gains on the sRGB-encoded surface."""
COPIES = frozenset(
    _phrases(
        "asset, back, big, bottom, clone, col, collision, copy, damaged, dirty, front, geo, geometry, group, high, "
        "inner, inst, instance, instanced, large, left, lit, lod, long, low, lower, lowpoly, mat, material, medium, "
        "mesh, model, mtl, new, node, obj, object, old, outer, prefab, rear, right, root, short, small, static, "
        "tall, tex, texture, top, upper, variant, wide"
    )
)
"""What tells apart, at the end of their names, what engines have several of."""
_NO_PLURALS = frozenset(("falls", "springs"))
_ENDINGS = (("s", ""), ("es", ""), ("ies", "y"))


def singular(word: str, known: Container[str]) -> str:
    """``word`` in lower case, or its singular where only that is ``known``: ``beaches`` -> ``beach``."""
    if word in known or word in _NO_PLURALS:
        return word
    stems = (word.removesuffix(ending) + end for ending, end in _ENDINGS if word.endswith(ending))
    return next((stem for stem in stems if len(stem) > 2 and stem in known), word)
