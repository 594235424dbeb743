"""Blender materials of surfaces: one material holds the photoreal look, the low-fidelity looks and the label.

Which look shows is decided by uniforms (:mod:`uniforms`) shared by all materials, so a scene is built once. The
low-fidelity side reads no weather and no season: its frames are the same whatever the conditions.
"""

from __future__ import annotations

from typing import Any

import bpy

from framegen.training.scenes import bank
from framegen.training.scenes.images import card_image, field_image, picture_image
from framegen.training.scenes.labels import code_of
from framegen.training.scenes.matter import Ground, Matter, Pane, Surface, Water
from framegen.training.scenes.nodes import Graph, Socket
from framegen.training.scenes.rooms import room_behind
from framegen.training.scenes.synthesis import Color
from framegen.training.scenes.uniforms import LABEL_PASS, uniforms

LOWRES_PX = 32
_SNOW: Color = (0.8, 0.82, 0.86)


def field_lookup(g: Graph, name: str, *, lowres: bool = False) -> tuple[Socket, Socket]:
    """Colour and height of a field at the shaded point.

    The plane that the true normal faces most picks (u, v) = (y, z), (x, z) or (x, y) in tiles: exactly the lookup of
    ``framegen.ops.fields`` (in +Y up there), texel for texel.
    """
    geometry = g.node("NewGeometry").outputs
    p = g.xyz(g.vector("SCALE", geometry["Position"], scale=1.0 / bank.FIELDS[name].tile_m).outputs[0])
    n = [g.math("ABSOLUTE", c) for c in g.xyz(geometry["True Normal"])[:3]]
    ground = g.math("GREATER_THAN", n[2], g.math("MAXIMUM", n[0], n[1]))
    wall_x = g.math("GREATER_THAN", n[0], n[1])
    u = g.lerp(ground, g.lerp(wall_x, p[0], p[1]), p[0])
    v = g.lerp(ground, p[2], p[1])
    image = field_image(name, LOWRES_PX if lowres else None)
    interpolation = "Closest" if lowres else "Linear"
    found = g.node("TexImage", {0: g.join(u, v)}, image=image, interpolation=interpolation).outputs
    return found[0], found[1]


def _detail(g: Graph, name: str, *, lowres: bool = False) -> tuple[Socket, Socket]:
    """A field's colour over its mean (about white), and its height."""
    color, height = field_lookup(g, name, lowres=lowres)
    r, gr, b = (1.0 / max(c, 1e-4) for c in bank.mean_color(name))
    return g.vector("MULTIPLY", color, (r, gr, b)).outputs[0], height


def lowfi_color(s: Surface) -> Color:
    """The plain colour that a game would give the surface."""
    if s.season == "leaf":
        return (0.11, 0.2, 0.05)
    if s.season == "grass":
        return (0.1, 0.17, 0.045)
    r, g, b = (min(0.9, 0.02 + c * 1.05) for c in s.color)
    return r, g, b


class _Maker:
    """Builds one material's graph."""

    def __init__(self, name: str) -> None:
        self.material = bpy.data.materials.new(name)
        self.material.use_nodes = True
        self.material.cycles.emission_sampling = "NONE"
        self.g = Graph(self.material.node_tree)
        self.u = uniforms(self.g)
        geometry = self.g.node("NewGeometry").outputs
        self.at, self.normal = geometry["Position"], geometry["Normal"]
        self.up = self.g.xyz(self.normal)[2]

    # -- photoreal ---------------------------------------------------------------------------------------------------
    def albedo(self, s: Surface) -> tuple[Socket, Socket]:
        """Dry colour and height (0..1) of a surface."""
        g = self.g
        if s.season in ("leaf", "grass"):
            own, piece = g.object_random(), g.island_random()
            share = g.plus(g.times(own, 0.6), g.times(piece, 0.4))
            pair = (self.u["LeafA"], self.u["LeafB"]) if s.season == "leaf" else (self.u["Grass"], self.u["Grass"])
            color = g.multiply(g.mix(share, *pair), g.grey(g.remap(piece, 0, 1, 0.7, 1.35)))
        else:
            color = g.color(s.color)
        height: Socket = 0.5
        if s.field:
            detail, height = _detail(g, s.field)
            color = g.multiply(color, detail)
        if s.picture:
            uv = g.node("UVMap").outputs[0]
            color = g.node("TexImage", {0: uv}, image=picture_image(s.picture)).outputs[0]
        if s.season == "ground":
            color = g.multiply(color, self.u["GroundTint"])
        if s.stain and s.season != "leaf":
            wide = g.noise(self.at, 0.6, 3)
            color = g.multiply(color, g.grey(g.remap(wide, 0.3, 0.7, 1 - s.stain, 1 + s.stain)))
        if s.vary:
            color = g.multiply(color, g.grey(g.remap(g.object_random(), 0, 1, 1 - s.vary, 1 + s.vary)))
        return color, height

    def weather(self, s: Surface, color: Socket, rough: Socket) -> tuple[Socket, Socket]:
        """Rain and snow over a dry colour and roughness."""
        g = self.g
        if s.wet:
            amount = g.times(self.u["Wet"], s.wet)
            pool: Socket = 0.3
            if s.puddles:
                pool = g.times(g.remap(g.noise(self.at, 0.55, 6, 0.62), 0.46, 0.6), g.remap(self.up, 0.75, 0.97))
            color = g.mix(amount, color, g.multiply(color, (0.5, 0.5, 0.53)))
            rough = g.lerp(amount, rough, g.lerp(pool, 0.34 if s.puddles else 0.24, 0.05))
        if s.snow:
            settled = g.plus(self.up, g.times(g.noise(self.at, 1.3, 5, 0.6), 0.5))
            share = g.times(g.remap(settled, 0.78, 0.98, smooth=True), s.snow, self.u["Snow"])
            color, rough = g.mix(share, color, _SNOW), g.lerp(share, rough, 0.75)
        return color, rough

    def shader(self, s: Surface, color: Socket, rough: Socket, height: Socket, normal: Socket = None) -> Socket:
        """The Principled shader of a weathered surface."""
        g = self.g
        inputs = {"Base Color": color, "Roughness": rough, "Metallic": s.metal, "Specular IOR Level": s.specular}
        bsdf = g.node("BsdfPrincipled", {**inputs, "Coat Weight": s.coat})
        if normal is not None:
            g.connect(normal, bsdf.inputs["Normal"])
        elif s.bump and isinstance(height, bpy.types.NodeSocket):
            strength = g.math("SUBTRACT", s.bump, g.times(self.u["Snow"], 0.8 * s.bump * s.snow))
            bump = g.node("Bump", {"Height": height, "Strength": strength, "Distance": s.bump_m})
            g.connect(bump.outputs[0], bsdf.inputs["Normal"])
        if s.glow:
            g.connect(g.multiply(s.glow_color, (1.0, 1.0, 1.0)), bsdf.inputs["Emission Color"])
            g.connect(self.glow(s), bsdf.inputs["Emission Strength"])
        out = bsdf.outputs[0]
        if s.translucent:
            tint = (1.3, 1.6, 0.6) if s.season == "leaf" else (1.0, 1.0, 1.0)
            through = g.node("BsdfTranslucent", {0: g.multiply(color, tint)}).outputs[0]
            out = g.mix_shader(s.translucent, out, through)
        return out

    def glow(self, s: Surface) -> Socket:
        """Strength of a surface's own light."""
        g = self.g
        if s.glow == "always":
            return g.math("MULTIPLY", 1.0, s.glow_strength)
        if s.glow == "night":
            return g.times(self.u["Night"], s.glow_strength)
        on = g.math("LESS_THAN", g.island_random(7.13), self.u["Lit"])
        level = g.remap(g.island_random(83.7), 0, 1, 0.25, 1.0)
        return g.times(on, self.u["Night"], level, s.glow_strength)

    # -- low fidelity ------------------------------------------------------------------------------------------------
    def lowfi_color(self, s: Surface) -> Socket:
        """Colour on the low-fidelity side: plain, or times a tiny texture, as the look says."""
        g = self.g
        if s.picture:
            image = picture_image(s.picture, LOWRES_PX)
            return g.node("TexImage", {0: g.node("UVMap").outputs[0]}, image=image).outputs[0]
        plain = g.color(lowfi_color(s))
        if s.field:
            plain = g.mix(self.u["Texture"], plain, g.multiply(plain, _detail(g, s.field, lowres=True)[0]))
        tone = g.plus(1.0, g.times(self.u["Vary"], g.math("SUBTRACT", g.object_random(), 0.5)))
        soft = g.remap(g.noise(self.at, 0.9, 1.0), 0.25, 0.75, 0.6, 1.4)
        tone = g.times(tone, g.lerp(self.u["Painted"], 1.0, soft))
        return g.multiply(plain, g.grey(tone))

    def finish(self, photoreal: Socket, lowfi: Socket, label: Socket, alpha: Socket = None) -> Any:
        """Join both looks, the white override and the cut-out; write the label pass."""
        g, u = self.g, self.u
        facing = g.vector("DOT_PRODUCT", self.normal, u["LowfiSun"]).outputs["Value"]
        lambert = g.lerp(u["Shade"], 1.0, g.remap(facing, -0.25, 1.0, 0.55, 1.3))
        at = g.vector("ADD", self.at, (0.013, 0.017, 0.019)).outputs[0]
        squares = g.node("TexChecker", {"Vector": at, "Color1": (0.42,) * 3, "Color2": (0.33,) * 3, "Scale": 1.0})
        flat = g.mix(u["Grey"], lowfi, squares.outputs[0])
        emission = g.node("Emission", {0: flat, 1: g.lerp(u["Grey"], lambert, g.remap(facing, -0.25, 1, 0.55, 1.3))})
        out = g.mix_shader(u["LF"], photoreal, emission.outputs[0])
        white = g.node("BsdfDiffuse", {0: (1.0, 1.0, 1.0)}).outputs[0]
        out = g.mix_shader(u["White"], out, white)
        if alpha is not None:
            out = g.mix_shader(alpha, g.node("BsdfTransparent").outputs[0], out)
        written = g.node("OutputAOV", {"Value": label})
        written.aov_name = LABEL_PASS
        g.tree.links.new(out, g.node("OutputMaterial").inputs[0])
        return self.material


def _surface(s: Surface) -> Any:
    made = _Maker(s.label)
    g = made.g
    color, height = made.albedo(s)
    alpha: Socket = None
    lowfi = made.lowfi_color(s)
    if s.cutout:
        card = g.node("TexImage", {0: g.node("UVMap").outputs[0]}, image=card_image(s.cutout)).outputs
        color, alpha = g.multiply(color, card[0]), g.math("GREATER_THAN", card[1], 0.5)
        lowfi = g.multiply(lowfi, g.mix(0.5, (1.0, 1.0, 1.0), card[0]))
    # passes add up along a ray: where a card is cut out it must add nothing to what lies behind
    label: Socket = float(code_of(s.label))
    label = g.times(label, alpha) if alpha is not None else label
    color, rough = made.weather(s, color, s.rough)
    return made.finish(made.shader(s, color, rough, height), lowfi, label, alpha)


def _ground(ground: Ground) -> Any:
    made = _Maker("ground")
    g = made.g
    color, height = made.albedo(ground.base)
    lowfi = made.lowfi_color(ground.base)
    label: Socket = float(code_of(ground.base.label))
    shaken = g.math("SUBTRACT", g.noise(made.at, 1.9, 6, 0.62), 0.5)
    for layer in ground.layers:
        mask = g.attribute(layer.mask)
        share = g.remap(g.plus(mask, g.times(shaken, layer.ragged)), 0.38, 0.62, smooth=True)
        over, over_height = made.albedo(layer.surface)
        color, height = g.mix(share, color, over), g.lerp(share, height, over_height)
        hard = g.math("GREATER_THAN", mask, 0.5)
        lowfi = g.mix(hard, lowfi, made.lowfi_color(layer.surface))
        label = g.lerp(hard, label, float(code_of(layer.surface.label)))
    if ground.ripples:
        waves = {"Vector": made.at, "Scale": 0.9, "Distortion": 6.0, "Detail": 2.0, "Detail Scale": 0.6}
        height = g.lerp(ground.ripples, height, g.node("TexWave", waves).outputs[1])
    rough: Socket = ground.base.rough
    if ground.shore_m is not None:
        above = g.math("SUBTRACT", g.xyz(made.at)[2], ground.shore_m)
        damp = g.remap(above, 0.5, 0.15, smooth=True)
        color = g.mix(damp, color, g.multiply(color, (0.42, 0.42, 0.45)))
        rough = g.lerp(damp, rough, 0.22)
    color, rough = made.weather(ground.base, color, rough)
    return made.finish(made.shader(ground.base, color, rough, height), lowfi, label)


def _water(w: Water) -> Any:
    made = _Maker("water")
    g = made.g
    depth = g.attribute("depth")
    color = g.mix(g.remap(depth, 0.1, 2.5, smooth=True), w.shallow, w.deep)
    rough: Socket = 0.06
    drawn = g.node("Mapping", {"Vector": made.at, "Scale": (0.5, 0.9, 1.0)}).outputs[0]
    height = g.plus(g.noise(drawn, 0.6, 3), g.times(g.noise(made.at, 3.5, 4), 0.16))
    if w.foam:
        torn = g.times(g.math("SUBTRACT", g.noise(made.at, 1.4, 8, 0.7), 0.5), 0.9)
        line = g.remap(g.plus(torn, g.math("SUBTRACT", 0.28, depth)), 0, 0.16, smooth=True)
        long = g.node("Mapping", {"Vector": made.at, "Scale": (0.25, 0.9, 1.0)}).outputs[0]
        lace = g.remap(g.noise(made.at, 2.6, 8, 0.7), 0.5, 0.6, smooth=True)
        line = g.times(line, g.math("MAXIMUM", lace, g.remap(depth, 0.1, 0.02)))
        sand = g.remap(depth, 0.3, 0.0)  # the bottom shows where water is but a film
        color = g.mix(sand, color, (0.3, 0.24, 0.16))
        foam = g.math("MAXIMUM", line, g.times(g.remap(g.noise(long, 0.5, 8, 0.65), 0.63, 0.72), 0.6))
        color, rough = g.mix(foam, color, (0.75, 0.78, 0.8)), g.lerp(foam, rough, 0.8)
    surface = Surface("water", w.deep, bump=0.35 * w.choppy, bump_m=0.35, wet=0.0, snow=0.0)
    shader = made.shader(surface, color, rough, height)
    return made.finish(shader, g.color((0.12, 0.3, 0.42)), float(code_of("water")))


def _pane(p: Pane) -> Any:
    made = _Maker("pane")
    g = made.g
    turn = [g.times(g.math("SUBTRACT", g.island_random(k), 0.5), p.wavy) for k in (13.3, 23.1, 71.7)]
    wave = g.node("Bump", {"Height": g.noise(made.at, 1.1, 2), "Strength": p.wavy, "Distance": 0.3}).outputs[0]
    normal = g.vector("NORMALIZE", g.vector("ADD", wave, g.join(*turn)).outputs[0]).outputs[0]
    bsdf = g.node("BsdfPrincipled", {"Roughness": 0.02, "Specular IOR Level": 0.8, "Normal": normal})
    if p.behind == "dark":
        g.connect((0.008, 0.01, 0.011), bsdf.inputs["Base Color"])
    else:
        seen = room_behind(g, shop=p.behind == "shop")
        on: Socket = 1.0 if p.behind == "shop" else g.math("LESS_THAN", g.island_random(7.13), made.u["Lit"])
        warm = g.mix(g.island_random(41.0), (1.0, 0.58, 0.28), (1.0, 0.8, 0.56))
        level = g.remap(g.island_random(83.0), 0, 1, 0.35, 1.2)
        g.connect(g.multiply(seen, g.grey(0.22)), bsdf.inputs["Base Color"])
        g.connect(g.multiply(seen, warm), bsdf.inputs["Emission Color"])
        strength = g.times(on, level, made.u["Night"], 0.4 if p.behind == "shop" else 0.5)
        g.connect(strength, bsdf.inputs["Emission Strength"])
    return made.finish(bsdf.outputs[0], g.color(p.lowfi), float(code_of("glass")))


class Palette:
    """Materials by what they are of: each is built once a scene."""

    def __init__(self) -> None:
        self._made: dict[Matter, Any] = {}

    def material(self, matter: Matter) -> Any:
        """The Blender material of a surface, ground, water or pane."""
        if matter not in self._made:
            if isinstance(matter, Surface):
                self._made[matter] = _surface(matter)
            elif isinstance(matter, Ground):
                self._made[matter] = _ground(matter)
            elif isinstance(matter, Water):
                self._made[matter] = _water(matter)
            else:
                self._made[matter] = _pane(matter)
        return self._made[matter]
