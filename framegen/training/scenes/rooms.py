"""Blender shader of rooms behind windows: a box in true perspective, painted on the pane ("interior mapping").

Joost van Dongen, "Interior Mapping: A new technique for rendering realistic buildings", CGI 2008. The pane stays
opaque, so depth, labels and denoising see a clean surface.
"""

from __future__ import annotations

from framegen.training.scenes.matter import ROOM_M
from framegen.training.scenes.nodes import Graph, Socket

_CURTAIN_M = 0.12
"""How far behind the pane curtains hang."""


def room_behind(g: Graph, *, shop: bool) -> Socket:
    """Colour of the room at the shaded point of a pane, as if lit evenly from its ceiling."""
    width, height = (ROOM_M[0] * 2, ROOM_M[1]) if shop else ROOM_M
    deep: Socket = 3.4 if shop else g.remap(g.island_random(29.0), 0, 1, 1.8, 3.4)
    uv = g.xyz(g.node("UVMap").outputs[0])
    u = g.math("FLOORED_MODULO", uv[0], width)
    v = g.math("FLOORED_MODULO", uv[1], height)
    geometry = g.node("NewGeometry").outputs
    view = g.vector("SCALE", geometry["Incoming"], scale=-1.0).outputs[0]
    right = g.vector("CROSS_PRODUCT", (0.0, 0.0, 1.0), geometry["True Normal"]).outputs[0]
    dx = g.vector("DOT_PRODUCT", view, right).outputs["Value"]
    dy = g.math("MAXIMUM", g.times(g.vector("DOT_PRODUCT", view, geometry["True Normal"]).outputs["Value"], -1.0), 0.02)
    dz = g.xyz(view)[2]

    def reach(at: Socket, way: Socket, size: float) -> Socket:
        """Distance along the view to the wall that it runs towards."""
        ahead = g.lerp(g.math("GREATER_THAN", way, 0.0), at, g.math("SUBTRACT", size, at))
        return g.math("DIVIDE", ahead, g.math("MAXIMUM", g.math("ABSOLUTE", way), 1e-4))

    to_side, to_level, to_back = reach(u, dx, width), reach(v, dz, height), g.math("DIVIDE", deep, dy)
    first = g.math("MINIMUM", g.math("MINIMUM", to_side, to_level), to_back)
    x, z = g.plus(u, g.times(dx, first)), g.plus(v, g.times(dz, first))
    y = g.times(dy, first)
    color = _walls(g, shop=shop)
    floor = g.mix(g.island_random(59.0), (0.2, 0.11, 0.06), (0.3, 0.27, 0.24))
    at_level = g.math("LESS_THAN", to_level, g.math("MINIMUM", to_side, to_back))
    color = g.mix(at_level, color, g.mix(g.math("GREATER_THAN", dz, 0.0), floor, (0.7, 0.69, 0.66)))
    color = _furnished(
        g, color, x, z, y, shop=shop, back=g.math("LESS_THAN", to_back, g.math("MINIMUM", to_side, to_level))
    )
    # light falls from the ceiling's middle: corners and the far end are darker
    off = g.math("ABSOLUTE", g.math("SUBTRACT", x, width / 2))
    light = g.times(
        g.remap(off, 0, width / 2, 1.15, 0.7), g.remap(y, 0, 3.4, 1.1, 0.75), g.remap(z, 0, height, 0.7, 1.15)
    )
    color = g.multiply(color, g.grey(light))
    return color if shop else _curtained(g, color, g.plus(u, g.math("DIVIDE", g.times(dx, _CURTAIN_M), dy)), v)


def _walls(g: Graph, *, shop: bool) -> Socket:
    if shop:
        return g.color((0.55, 0.52, 0.47))
    warm = g.mix(g.island_random(19.0), (0.55, 0.47, 0.36), (0.5, 0.5, 0.46))
    return g.mix(
        g.math("GREATER_THAN", g.island_random(67.0), 0.7),
        warm,
        g.mix(g.island_random(5.3), (0.2, 0.28, 0.3), (0.42, 0.22, 0.16)),
    )


def _furnished(g: Graph, color: Socket, x: Socket, z: Socket, y: Socket, *, shop: bool, back: Socket) -> Socket:
    """Dark furniture low along the walls and pictures on the back wall; goods on shelves in shops."""
    wide, tall = (0.16, 0.36) if shop else (0.62, 0.55)
    cell = g.join(
        g.math("FLOOR", g.math("DIVIDE", g.plus(x, y), wide)),
        g.math("FLOOR", g.math("DIVIDE", z, tall)),
        g.times(g.island_random(3.7), 50.0),
    )
    noise = g.node("TexWhiteNoise", {"Vector": cell}, noise_dimensions="3D").outputs
    inside_x = g.math("FRACT", g.math("DIVIDE", g.plus(x, y), wide))
    inside_z = g.math("FRACT", g.math("DIVIDE", z, tall))
    body = g.times(
        g.math("LESS_THAN", g.math("ABSOLUTE", g.math("SUBTRACT", inside_x, 0.5)), 0.42),
        g.math("LESS_THAN", inside_z, 0.78),
    )
    if shop:
        there = g.times(body, g.math("GREATER_THAN", noise["Value"], 0.2), g.math("LESS_THAN", z, 2.1))
        # goods of a kind stand together and differ little from one another
        kind = g.join(g.math("FLOOR", g.math("DIVIDE", g.plus(x, y), 4 * wide)), g.xyz(cell)[1], g.xyz(cell)[2])
        hue = g.node("TexWhiteNoise", {"Vector": kind}, noise_dimensions="3D").outputs["Color"]
        mixed = g.mix(0.25, hue, noise["Color"])
        goods = g.node("HueSaturation", {"Color": mixed, "Saturation": 0.8, "Value": 0.36}).outputs[0]
        shelf = g.times(g.math("LESS_THAN", z, 2.1), g.remap(inside_z, 0.9, 1.0, 0.75, 0.35))
        return g.mix(there, g.mix(g.math("LESS_THAN", z, 2.1), color, g.multiply(color, g.grey(shelf))), goods)
    low = g.times(g.math("LESS_THAN", z, 1.1), g.math("GREATER_THAN", noise["Value"], 0.45))
    wood = g.mix(noise["Value"], (0.08, 0.045, 0.025), (0.3, 0.24, 0.18))
    color = g.mix(low, color, wood)
    hung = g.times(
        body,
        back,
        g.math("GREATER_THAN", noise["Value"], 0.72),
        g.math("GREATER_THAN", z, 1.25),
        g.math("LESS_THAN", z, 2.0),
    )
    return g.mix(hung, color, g.multiply(noise["Color"], (0.5, 0.5, 0.5)))


def _curtained(g: Graph, color: Socket, x: Socket, v: Socket) -> Socket:
    """Curtains at both sides, or a blind from above, or neither."""
    half = g.remap(g.island_random(37.7), 0, 1, 0.2, 0.75)
    off = g.math("ABSOLUTE", g.math("SUBTRACT", x, ROOM_M[0] / 2))
    sides = g.times(g.math("GREATER_THAN", off, half), g.math("GREATER_THAN", g.island_random(91.3), 0.4))
    drop = g.remap(g.island_random(53.1), 0, 1, 0.9, 2.6)
    blind = g.times(g.math("GREATER_THAN", v, drop), g.math("GREATER_THAN", g.island_random(17.9), 0.7))
    folds = g.remap(g.math("SINE", g.times(x, 55.0)), -1, 1, 0.75, 1.1)
    cloth = g.mix(
        g.island_random(29.9), (0.55, 0.52, 0.46), g.mix(g.island_random(11.1), (0.45, 0.3, 0.2), (0.4, 0.42, 0.45))
    )
    cloth = g.multiply(cloth, g.grey(g.lerp(blind, folds, 1.0)))
    return g.mix(g.math("MAXIMUM", sides, blind), color, cloth)
