"""Blender objects of a scene: meshes from builders, instances, lamps, and who is seen in which look."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import bpy
import numpy as np

from framegen.frame import F64
from framegen.training.scenes.geometry import Builder
from framegen.training.scenes.materials import Palette
from framegen.training.scenes.matter import Matter
from framegen.training.scenes.synthesis import Color, Rng


@dataclass(frozen=True)
class Viewpoint:
    """A place to look from: position in metres, yaw from +Y towards -X, pitch upwards."""

    position: tuple[float, float, float]
    yaw_rad: float
    pitch_rad: float


@dataclass
class Stage:
    """A scene under construction.

    Attributes:
        place: the word for it ("city street"). ``words``: what can be seen there.
        seasons: that it may be shown in. ``indoors``: exposure and cameras of a room.
        always_lit: the lamps are lit by day, too (offices, shops).
        only_photoreal: objects that the low-fidelity side does not have (blades of grass, leaves on low-poly trees).
        under_snow: those of them that deep snow hides. ``lamps``: lights that are lit when it is dark.
        backdrop: names of objects that do not count as something to look at.
        sample: a random viewpoint, judged later. ``dress``: called with the chosen viewpoints before rendering.
        sun_azimuth_deg: where the sun should mostly stand, or None.
    """

    place: str = ""
    words: list[str] = field(default_factory=list)
    seasons: list[str] = field(default_factory=lambda: ["summer"])
    indoors: bool = False
    always_lit: bool = False
    only_photoreal: list[Any] = field(default_factory=list)
    under_snow: list[Any] = field(default_factory=list)
    lamps: list[Any] = field(default_factory=list)
    backdrop: set[str] = field(default_factory=set)
    sample: Callable[[Rng], Viewpoint] | None = None
    dress: Callable[[list[Viewpoint]], None] | None = None
    sun_azimuth_deg: float | None = None
    palette: Palette = field(default_factory=Palette)

    def mesh(self, builder: Builder, name: str, attributes: Mapping[str, F64] | None = None) -> Any:
        """A Blender mesh of everything in a builder; ``attributes`` are numbers a point, in order of adding."""
        parts = builder.parts
        starts = np.cumsum([0] + [len(p.points) for p in parts])
        points = np.concatenate([p.points for p in parts]).astype(np.float32)
        loops = np.concatenate([(p.faces + s).ravel() for p, s in zip(parts, starts[:-1], strict=True)])
        sizes = np.concatenate([np.full(len(p.faces), p.faces.shape[1]) for p in parts])
        slots: dict[Matter, int] = {}
        for p in parts:
            slots.setdefault(p.matter, len(slots))
        me = bpy.data.meshes.new(name)
        me.vertices.add(len(points))
        me.vertices.foreach_set("co", points.ravel())
        me.loops.add(len(loops))
        me.loops.foreach_set("vertex_index", loops.astype(np.int32))
        me.polygons.add(len(sizes))
        me.polygons.foreach_set("loop_start", np.concatenate([[0], np.cumsum(sizes)[:-1]]).astype(np.int32))
        for matter in slots:
            me.materials.append(self.palette.material(matter))
        of_face = np.concatenate([np.full(len(p.faces), slots[p.matter]) for p in parts])
        me.polygons.foreach_set("material_index", of_face.astype(np.int32))
        me.polygons.foreach_set("use_smooth", np.concatenate([np.full(len(p.faces), p.smooth) for p in parts]))
        if any(p.uv is not None for p in parts):
            uv = [np.zeros((p.faces.size, 2), np.float32) if p.uv is None else p.uv for p in parts]
            me.uv_layers.new(name="UVMap").data.foreach_set("uv", np.concatenate(uv).ravel())
        for key, values in (attributes or {}).items():
            made = me.attributes.new(key, "FLOAT", "POINT")
            made.data.foreach_set("value", np.asarray(values, np.float32).ravel())
        me.update(calc_edges=True)
        return me

    def put(self, mesh: Any, place: F64 | None = None, *, backdrop: bool = False) -> Any:
        """An object of a mesh (or light) at a 4x4; meshes may be put many times."""
        made = bpy.data.objects.new(mesh.name, mesh)
        if place is not None:
            from mathutils import Matrix

            made.matrix_world = Matrix(place.tolist())
        bpy.context.scene.collection.objects.link(made)
        if backdrop:
            self.backdrop.add(made.name)
        return made

    def lamp(self, place: F64, watts: float, color: Color, *, radius_m: float = 0.1, cone_deg: float = 0.0) -> None:
        """A lamp that is lit when it is dark; with ``cone_deg`` it shines down in a cone."""
        light = bpy.data.lights.new("lamp", "SPOT" if cone_deg else "POINT")
        light.energy, light.color, light.shadow_soft_size = watts, color, radius_m
        if cone_deg:
            light.spot_size, light.spot_blend = math.radians(cone_deg), 0.6
        self.lamps.append(self.put(light, place))

    def show(self, *, photoreal: bool, lit: bool, snow: float = 0.0) -> None:
        """Who is rendered: lamps when ``lit``, the photoreal extras only on that side and not under deep snow."""
        for thing in self.only_photoreal:
            thing.hide_render = not photoreal
        for thing in self.under_snow:
            thing.hide_render = not photoreal or snow > 0.5
        for lamp in self.lamps:
            lamp.hide_render = not (photoreal and lit)
