"""Blender node group of the numbers that every material reads: the look, the weather, the season."""

from __future__ import annotations

from typing import Any

import bpy
import numpy as np

from framegen.training.scenes.conditions import SEASONS, Condition
from framegen.training.scenes.looks import LowfiLook
from framegen.training.scenes.nodes import Graph

GROUP = "uniforms"
LABEL_PASS = "label"
_DEFAULTS: dict[str, float | tuple[float, float, float]] = {
    "LF": 0.0,
    "Grey": 0.0,
    "White": 0.0,
    "Texture": 1.0,
    "Shade": 1.0,
    "Vary": 0.0,
    "Painted": 0.0,
    "LowfiSun": (0.45, -0.55, 0.7),
    "Wet": 0.0,
    "Snow": 0.0,
    "Night": 0.0,
    "Lit": 0.3,
    "LeafA": SEASONS["summer"].leaf_a,
    "LeafB": SEASONS["summer"].leaf_b,
    "Grass": SEASONS["summer"].grass,
    "GroundTint": SEASONS["summer"].ground,
}


def make_uniforms() -> None:
    """Create the group in the open file, with a neutral summer noon."""
    tree = bpy.data.node_groups.new(GROUP, "ShaderNodeTree")
    out = tree.nodes.new("NodeGroupOutput")
    for name, value in _DEFAULTS.items():
        vector = isinstance(value, tuple)
        kind = "NodeSocketColor" if vector else "NodeSocketFloat"
        tree.interface.new_socket(name, in_out="OUTPUT", socket_type=kind)
        node = tree.nodes.new("ShaderNodeRGB" if vector else "ShaderNodeValue")
        node.name = name
        tree.links.new(node.outputs[0], out.inputs[name])
    set_uniforms(**_DEFAULTS)


def uniforms(g: Graph) -> Any:
    """The group's outputs, by name, inside a material."""
    return g.node("Group", node_tree=bpy.data.node_groups[GROUP]).outputs


def set_uniforms(**values: float | tuple[float, float, float]) -> None:
    """Change some of the numbers; those that stay are not touched, which saves Cycles a rebuild."""
    nodes = bpy.data.node_groups[GROUP].nodes
    for name, value in values.items():
        socket = nodes[name].outputs[0]
        if isinstance(value, tuple):
            if not np.allclose(tuple(socket.default_value)[:3], value):
                socket.default_value = (*value, 1.0)
        elif socket.default_value != value:
            socket.default_value = value


def show_lowfi(look: LowfiLook, *, grey: bool = False) -> None:
    """Switch all materials to a low-fidelity look."""
    set_uniforms(**{**_DEFAULTS, "LF": 1.0, "Grey": float(grey), "Texture": look.texture, "Shade": look.shade})
    set_uniforms(Vary=look.vary, Painted=look.painted, LowfiSun=look.sun)


def show_white() -> None:
    """Switch all materials to white, keeping cut-outs: what the sun alone gives."""
    set_uniforms(**{**_DEFAULTS, "White": 1.0})


def show_photoreal(condition: Condition, *, lamps: bool = False) -> None:
    """Switch all materials to the photoreal look under a condition; ``lamps``: lit whatever the hour."""
    season = SEASONS[condition.season]
    set_uniforms(
        LF=0.0,
        White=0.0,
        Grey=0.0,
        Wet=condition.wet,
        Snow=condition.snow,
        Night=max(condition.night, float(lamps)),
        Lit=condition.lit,
        LeafA=season.leaf_a,
        LeafB=season.leaf_b,
        Grass=season.grass,
        GroundTint=season.ground,
    )
