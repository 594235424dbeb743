"""Blender worlds: the photoreal sky (scattering, clouds, stars, moon) and the plain sky of the low-fidelity side."""

from __future__ import annotations

import math
from typing import Any

import bpy
import numpy as np

from framegen.frame import F32
from framegen.ops.clouds import HORIZON, TILE_PX, TILE_SPAN
from framegen.training.scenes.conditions import Condition
from framegen.training.scenes.images import cloud_image
from framegen.training.scenes.looks import LowfiLook
from framegen.training.scenes.nodes import Graph, Socket

_COVER = {"clear": 0.26, "partly cloudy": 0.6}
"""Share of the sky that clouds hide, as the product lays them; in other weathers they close."""
_ELEVATIONS = [-12, -4, -1, 3, 8, 20, 40, 90]
_CLOUD_LIGHT = (
    [0.0035, 0.02, 0.2, 1.3, 2.7, 6.0, 9.0, 11.0],
    [0.0045, 0.02, 0.16, 0.95, 2.2, 5.7, 9.1, 11.1],
    [0.008, 0.03, 0.18, 0.8, 1.9, 5.6, 9.5, 11.5],
)
"""Radiance of a lit cloud, red, green, blue, by the sun's elevation in degrees: fitted by eye to Cycles' sky."""


def _value(g: Graph, name: str) -> Socket:
    made = g.node("Value")
    made.name = name
    return made.outputs[0]


def _rgb(g: Graph, name: str) -> Socket:
    made = g.node("RGB")
    made.name = name
    return made.outputs[0]


def _new_world(name: str) -> tuple[Any, Graph]:
    world = bpy.data.worlds.new(name)
    world.use_nodes = True
    return world, Graph(world.node_tree)


def make_lowfi_world() -> Any:
    """A vertical gradient, as a game's empty sky."""
    world, g = _new_world("lowfi sky")
    up = g.math("MAXIMUM", g.xyz(g.node("TexCoord").outputs["Generated"])[2], 0.0)
    color = g.mix(up, _rgb(g, "horizon"), _rgb(g, "zenith"))
    g.connect(g.node("Background", {0: color, 1: 1.0}).outputs[0], g.node("OutputWorld").inputs[0])
    return world


def set_lowfi_world(world: Any, look: LowfiLook) -> None:
    """The gradient's colours."""
    for name, rgb in zip(("horizon", "zenith"), look.sky, strict=True):
        world.node_tree.nodes[name].outputs[0].default_value = (*rgb, 1.0)


def make_world(mist_m: float) -> Any:
    """Nishita's sky with a layer of clouds on a plane above, stars and a moon; ``mist_m`` scales the mist pass."""
    world, g = _new_world("sky")
    towards = g.node("TexCoord").outputs["Generated"]
    up = g.xyz(towards)[2]
    sky_node = g.node("TexSky", sky_type="MULTIPLE_SCATTERING")
    sky_node.name = "sky"
    sky = sky_node.outputs[0]
    sky = g.node("Mix", {0: 1.0, 6: sky, 7: _night_sky(g, towards)}, data_type="RGBA", blend_type="ADD").outputs[2]
    cover, shade = _clouds(g, towards, up)
    cloud, ground = _rgb(g, "cloud"), _rgb(g, "ground")
    below = g.remap(up, -0.02, -0.1)
    seen = g.mix(below, g.mix(cover, sky, g.multiply(cloud, g.grey(shade))), ground)
    average = g.mix(below, g.mix(_value(g, "mean cover"), sky, cloud), ground)
    # clouds in detail only for eye and mirror: diffuse light does not need them, and the sky's map stays smooth
    path = g.node("LightPath").outputs
    sharp = g.math("MAXIMUM", path["Is Camera Ray"], path["Is Glossy Ray"])
    light = g.mix_shader(
        sharp, g.node("Background", {0: average}).outputs[0], g.node("Background", {0: seen}).outputs[0]
    )
    g.connect(light, g.node("OutputWorld").inputs[0])
    world.cycles.sampling_method = "MANUAL"
    world.cycles.sample_map_resolution = 512
    world.mist_settings.start, world.mist_settings.depth, world.mist_settings.falloff = 0, mist_m, "LINEAR"
    return world


def _clouds(g: Graph, towards: Socket, up: Socket) -> tuple[Socket, Socket]:
    """Cover 0..1 and shade of the product's own clouds (:mod:`framegen.ops.clouds`), so that a model may know where
    they stand: the same tile on the same plane, with finer wisps, shaded by their density towards the sun."""
    plane = g.math("ADD", g.math("MAXIMUM", up, 0.0), HORIZON)
    at = g.vector("DIVIDE", towards, g.join(plane, plane, plane)).outputs[0]
    shift = g.node("CombineXYZ")
    shift.name = "sunwards"

    def density(where: Socket) -> Socket:
        # the product's z is -y here, its rows run down; half a texel because OpenCV's integers are texel centres
        x, y, _ = g.xyz(where)
        half = 0.5 / TILE_PX
        u, v = g.plus(g.times(x, 1 / TILE_SPAN), half), g.plus(g.times(y, 1 / TILE_SPAN), -half)
        return g.node("TexImage", {0: g.join(u, v)}, image=cloud_image(), interpolation="Linear").outputs[0]

    wisps = g.math("SUBTRACT", g.noise(g.vector("ADD", at, (0.0, 0.0, 3.0)).outputs[0], 9.0, 6, 0.62), 0.5)
    here = g.plus(density(at), g.times(wisps, 0.22))
    sunwards = density(g.vector("ADD", at, shift.outputs[0]).outputs[0])
    inside = g.math("SUBTRACT", here, _value(g, "cloud edge"))
    body = g.remap(inside, 0.0, 0.22, smooth=True)
    closed = _value(g, "cloud closed")
    cover = g.math("MAXIMUM", g.times(body, g.remap(up, 0.02, 0.22)), closed)
    lit = g.remap(g.math("SUBTRACT", here, sunwards), -0.18, 0.18, 1.3, 0.78)
    heap = g.times(lit, g.remap(inside, 0.05, 0.5, 1.12, 0.84))
    layer = g.remap(here, 0.0, 1.0, 1.3, 0.7)
    return cover, g.lerp(closed, heap, layer)


def _night_sky(g: Graph, towards: Socket) -> Socket:
    """Stars of uneven brightness and a moon with a halo, as bright as ``stars`` says."""
    cell = g.node("TexVoronoi", {"Vector": towards, "Scale": 95.0}, feature="F1")
    point = g.remap(cell.outputs["Distance"], 0.07, 0.0, smooth=True)
    bright = g.math("POWER", g.xyz(cell.outputs["Color"])[0], 7.0)
    moon_at = g.node("CombineXYZ")
    moon_at.name = "moon"
    facing = g.vector("DOT_PRODUCT", towards, moon_at.outputs[0]).outputs["Value"]
    disc = g.times(g.remap(facing, 0.99989, 0.99992), g.remap(g.noise(towards, 260.0, 2), 0.3, 0.7, 0.6, 1.1))
    halo = g.times(g.math("POWER", g.math("MAXIMUM", facing, 0.0), 900.0), 0.02)
    total = g.plus(g.times(point, bright, 0.5), g.plus(g.times(disc, 1.2), halo))
    return g.multiply(g.grey(g.times(total, _value(g, "stars"))), (0.95, 0.97, 1.0))


def cloud_color(condition: Condition) -> F32:
    """Linear RGB of a lit cloud under a condition."""
    elevation = condition.sun_elevation_deg
    rgb = np.array([np.interp(elevation, _ELEVATIONS, channel) for channel in _CLOUD_LIGHT])
    rgb *= {"overcast": 0.5, "rain": 0.3, "fog": 0.5}.get(condition.weather, 1.0)
    if condition.weather not in ("clear", "partly cloudy"):
        grey = 0.2 if condition.weather == "fog" else 0.5
        rgb = (1 - grey) * rgb + grey * rgb.mean()
        if condition.time_of_day == "night":  # a closed cover gives back the lamps of the country below
            rgb += (0.009, 0.0082, 0.008)
    return rgb.astype(np.float32)


def set_world(world: Any, condition: Condition) -> F32:
    """Sun, clouds, stars and ground of a condition; the clouds' colour comes back, for haze."""
    nodes = world.node_tree.nodes
    sky = nodes["sky"]
    sky.sun_elevation = math.radians(max(condition.sun_elevation_deg, -4))
    sky.sun_rotation = math.radians(condition.sun_azimuth_deg)
    sky.sun_disc = condition.sunny
    sky.sun_intensity, sky.aerosol_density = 0.8, condition.haze
    rgb = cloud_color(condition)
    closed = condition.weather not in _COVER
    cover = 1.0 if closed else _COVER[condition.weather] + (condition.cloud_seed % 1 - 0.5) * 0.16
    clear_night = condition.time_of_day == "night" and condition.weather == "clear"
    values = {
        "cloud edge": 1.0 - cover,
        "cloud closed": float(closed),
        "mean cover": 0.97 if closed else 0.6 * cover,
        "stars": 0.05 if clear_night else 0.0,
    }
    for name, value in values.items():
        nodes[name].outputs[0].default_value = value
    nodes["cloud"].outputs[0].default_value = (*rgb.tolist(), 1.0)
    nodes["ground"].outputs[0].default_value = (*(0.12 * rgb).tolist(), 1.0)
    azimuth = math.radians(condition.sun_azimuth_deg)
    for k, value in enumerate((math.sin(azimuth) * 0.12, math.cos(azimuth) * 0.12)):
        nodes["sunwards"].inputs[k].default_value = value
    height = math.radians(20 + 30 * (condition.cloud_seed % 1))
    moon = (math.sin(azimuth) * math.cos(height), math.cos(azimuth) * math.cos(height), math.sin(height))
    for k, value in enumerate(moon):
        nodes["moon"].inputs[k].default_value = value
    return rgb
