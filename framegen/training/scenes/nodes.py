"""Blender shader graphs, written as expressions."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import bpy

Socket = Any
"""An output socket, or a constant where a socket may also be one."""


class Graph:
    """A node tree that grows by calls; every method returns the socket of what it computed."""

    def __init__(self, tree: Any, *, clear: bool = True) -> None:
        self.tree = tree
        if clear:
            tree.nodes.clear()

    def node(self, kind: str, inputs: Mapping[Any, Socket] | None = None, **properties: Any) -> Any:
        """A node of type ``ShaderNode<kind>``; ``inputs`` maps socket names or places to sockets or constants."""
        made = self.tree.nodes.new("ShaderNode" + kind)
        for key, value in properties.items():
            setattr(made, key, value)
        for key, value in (inputs or {}).items():
            self.connect(value, made.inputs[key])
        return made

    def connect(self, value: Socket, to: Any) -> None:
        """Link a socket, or set a constant (RGB becomes RGBA)."""
        if isinstance(value, bpy.types.NodeSocket):
            self.tree.links.new(value, to)
        elif isinstance(value, tuple) and len(value) == 3 and to.type == "RGBA":
            to.default_value = (*value, 1.0)
        else:
            to.default_value = value

    def math(self, operation: str, a: Socket, b: Socket = 0.0, *, clamp: bool = False) -> Socket:
        """One of Blender's Math operations."""
        return self.node("Math", {0: a, 1: b}, operation=operation, use_clamp=clamp).outputs[0]

    def times(self, *factors: Socket) -> Socket:
        """Product of numbers."""
        out = factors[0]
        for factor in factors[1:]:
            out = self.math("MULTIPLY", out, factor)
        return out

    def plus(self, a: Socket, b: Socket) -> Socket:
        """Sum of numbers."""
        return self.math("ADD", a, b)

    def vector(self, operation: str, a: Socket, b: Socket = (0.0, 0.0, 0.0), scale: Socket = 1.0) -> Any:
        """One of Blender's Vector Math operations (the node: its value or its vector may be wanted)."""
        return self.node("VectorMath", {0: a, 1: b, 3: scale}, operation=operation)

    def xyz(self, vector: Socket) -> Any:
        """The three components."""
        return self.node("SeparateXYZ", {0: vector}).outputs

    def join(self, x: Socket = 0.0, y: Socket = 0.0, z: Socket = 0.0) -> Socket:
        """A vector of three components."""
        return self.node("CombineXYZ", {0: x, 1: y, 2: z}).outputs[0]

    def color(self, rgb: Socket) -> Socket:
        """A colour constant as a socket."""
        if isinstance(rgb, bpy.types.NodeSocket):
            return rgb
        made = self.node("RGB").outputs[0]
        made.default_value = (*rgb, 1.0)
        return made

    def grey(self, value: Socket) -> Socket:
        """A number as a colour."""
        return self.node("CombineColor", {0: value, 1: value, 2: value}).outputs[0]

    def mix(self, share: Socket, a: Socket, b: Socket) -> Socket:
        """Colour a at 0, b at 1."""
        return self.node("Mix", {0: share, 6: a, 7: b}, data_type="RGBA").outputs[2]

    def multiply(self, a: Socket, b: Socket) -> Socket:
        """Product of colours."""
        return self.node("Mix", {0: 1.0, 6: a, 7: b}, data_type="RGBA", blend_type="MULTIPLY").outputs[2]

    def lerp(self, share: Socket, a: Socket, b: Socket) -> Socket:
        """Number a at 0, b at 1."""
        return self.node("Mix", {0: share, 2: a, 3: b}).outputs[0]

    def remap(self, x: Socket, a: float, b: float, c: Socket = 0.0, d: Socket = 1.0, *, smooth: bool = False) -> Socket:
        """From a..b to c..d, clamped."""
        kind = "SMOOTHSTEP" if smooth else "LINEAR"
        return self.node("MapRange", {0: x, 1: a, 2: b, 3: c, 4: d}, interpolation_type=kind).outputs[0]

    def noise(self, at: Socket, scale: float, detail: float = 3.0, roughness: float = 0.55) -> Socket:
        """Perlin noise around 0.5."""
        return self.node("TexNoise", {"Vector": at, "Scale": scale, "Detail": detail, "Roughness": roughness}).outputs[
            0
        ]

    def attribute(self, name: str) -> Socket:
        """A number stored on the mesh."""
        return self.node("Attribute", attribute_name=name).outputs["Fac"]

    def object_random(self) -> Socket:
        """0..1, one number an object."""
        return self.node("ObjectInfo").outputs["Random"]

    def island_random(self, salt: float = 1.0) -> Socket:
        """0..1, one number a connected piece of mesh; each ``salt`` gives another."""
        island = self.node("NewGeometry").outputs["Random Per Island"]
        return island if salt == 1.0 else self.math("FRACT", self.math("MULTIPLY", island, salt))

    def mix_shader(self, share: Socket, a: Socket, b: Socket) -> Socket:
        """Shader a at 0, b at 1."""
        return self.node("MixShader", {0: share, 1: a, 2: b}).outputs[0]
