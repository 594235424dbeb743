"""Blender's Cycles, set up for pairs: the low-fidelity frame with depth and labels, the sun's light, the targets."""

from __future__ import annotations

import math
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import bpy
import numpy as np
from mathutils import Vector
from numpy.typing import NDArray

from framegen.frame import F32, U8
from framegen.training.scenes.conditions import Condition
from framegen.training.scenes.labels import SKY
from framegen.training.scenes.looks import LowfiLook
from framegen.training.scenes.sky import make_lowfi_world, make_world, set_lowfi_world, set_world
from framegen.training.scenes.tone import SKY_M, Development, Light, depth_code, develop, encode
from framegen.training.scenes.uniforms import LABEL_PASS, show_lowfi, show_photoreal, show_white

MIST_M = 400.0
"""Range at which the mist pass saturates."""


@dataclass(frozen=True, eq=False)
class Lowfi:
    """``color``, ``grey`` ``[H, W, 3]`` uint8; ``depth`` ``[H, W]`` uint16 code; ``label`` ``[H, W]`` uint8."""

    color: U8
    grey: U8
    depth: NDArray[np.uint16]
    label: U8


class Renderer:
    """Renders the open Blender scene. ``check`` is called around every render and raises to stop."""

    def __init__(self, size: tuple[int, int], samples: int, scratch: Path, check: Callable[[], None]) -> None:
        self._samples, self._scratch, self._check = samples, scratch, check
        self._scene = bpy.context.scene
        self._cycles = self._scene.cycles
        self._passes: dict[str, F32] = {}
        self._setup(*size)
        self._world, self._lowfi_world = make_world(MIST_M), make_lowfi_world()
        self._dark = bpy.data.worlds.new("dark")
        self._dark.use_nodes = True
        self._dark.node_tree.nodes["Background"].inputs[1].default_value = 0
        light = bpy.data.lights.new("sun", "SUN")
        light.energy, light.angle = math.pi, math.radians(0.53)
        self._sun = bpy.data.objects.new("sun", light)
        self._sun.hide_render = True
        self._scene.collection.objects.link(self._sun)
        self._view = _agx_view()

    def _setup(self, width: int, height: int) -> None:
        render, cycles = self._scene.render, self._cycles
        render.engine = "CYCLES"
        cycles.device = "CPU"
        render.resolution_x, render.resolution_y, render.resolution_percentage = width, height, 100
        render.threads_mode, render.threads = "FIXED", max(1, len(_usable_cores()))
        render.use_persistent_data = True
        cycles.denoiser, cycles.denoising_input_passes = "OPENIMAGEDENOISE", "RGB_ALBEDO_NORMAL"
        cycles.denoising_prefilter, cycles.denoising_quality = "ACCURATE", "BALANCED"
        cycles.use_adaptive_sampling = False
        cycles.max_bounces, cycles.diffuse_bounces, cycles.glossy_bounces = 4, 3, 3
        cycles.transmission_bounces, cycles.transparent_max_bounces = 2, 24
        cycles.caustics_reflective = cycles.caustics_refractive = False
        cycles.sample_clamp_indirect, cycles.blur_glossy = 5, 1.0
        layer = self._scene.view_layers[0]
        layer.use_pass_z = layer.use_pass_mist = layer.use_pass_diffuse_color = True
        label = layer.aovs.add()
        label.name, label.type = LABEL_PASS, "VALUE"
        out = render.image_settings
        out.media_type = "MULTI_LAYER_IMAGE"
        out.file_format, out.color_depth, out.exr_codec = "OPEN_EXR_MULTILAYER", "32", "NONE"

    def _render(self, samples: int, seed: int) -> None:
        """Render, and read the passes: ``self._passes["Combined.R"]`` and so on, each ``[H, W]`` float32."""
        import OpenEXR

        self._check()
        self._cycles.samples, self._cycles.seed = samples, seed
        path = self._scratch / f"frame{os.getpid()}.exr"
        self._scene.render.filepath = str(path)
        bpy.ops.render.render(write_still=True)
        self._check()
        channels = {
            name: np.asarray(channel.pixels, np.float32)
            for part in OpenEXR.File(str(path), separate_channels=True).parts
            for name, channel in part.channels.items()
        }
        path.unlink()
        self._passes = {".".join(name.split(".")[-2:]): pixels for name, pixels in channels.items()}

    def _rgb(self, name: str) -> F32:
        return np.stack([self._passes[f"{name}.{c}"] for c in "RGB"], -1)

    def _number(self, name: str) -> F32:
        """A pass of one channel, however it is named."""
        return next(v for k, v in self._passes.items() if k.split(".")[0] == name)

    @contextmanager
    def _one_sample(self, world: Any) -> Iterator[None]:
        """One unfiltered sample at pixel centres, no bounces, no denoising: aligned colour, depth and label."""
        c = self._cycles
        self._scene.world, c.use_denoising = world, False
        bounces, c.max_bounces = c.max_bounces, 0
        self._scene.render.filter_size = 0.01
        try:
            yield
        finally:
            c.max_bounces = bounces
            self._scene.render.filter_size = 1.5

    def lowfi(self, look: LowfiLook) -> Lowfi:
        """The engine's frame under a look, its grey-box twin, depth and labels."""
        set_lowfi_world(self._lowfi_world, look)
        with self._one_sample(self._lowfi_world):
            show_lowfi(look)
            self._render(1, 0)
            rgb, depth = self._rgb("Combined") * 1.05, self._number("Depth")
            code = np.clip(np.rint(self._number(LABEL_PASS)), 0, 255)
            label = np.where(depth > SKY_M, SKY, code).astype(np.uint8)
            show_lowfi(look, grey=True)
            self._render(1, 0)
            grey = encode(self._rgb("Combined") * 1.05)
        return Lowfi(encode(self._shadowed(rgb, look)), grey, depth_code(depth), label)

    def lowfi_color(self, look: LowfiLook) -> U8:
        """The engine's frame under another look."""
        set_lowfi_world(self._lowfi_world, look)
        with self._one_sample(self._lowfi_world):
            show_lowfi(look)
            self._render(1, 0)
            rgb = self._rgb("Combined") * 1.05
        return encode(self._shadowed(rgb, look))

    def _shadowed(self, rgb: F32, look: LowfiLook) -> F32:
        """A game's one light with hard shadows, and an even ambient light, where the look has it."""
        if not look.shadows:
            return rgb
        sky = self._number("Depth") > SKY_M
        light = np.where(sky, 1.0, 0.5 + 0.8 * self._sunlight(look.sun))
        return np.asarray(rgb * light[..., None], np.float32)

    def sun(self, condition: Condition) -> U8:
        """What the sun alone gives a white surface, N.L x visibility, ``[H, W]`` uint8, low-fidelity geometry."""
        return np.asarray(np.rint(self._sunlight(condition.towards_sun()) * 255), np.uint8)

    def _sunlight(self, towards: tuple[float, float, float]) -> F32:
        """The same for any unit vector towards the sun, ``[H, W]`` 0..1."""
        show_white()
        self._sun.rotation_euler = Vector(towards).to_track_quat("Z", "Y").to_euler()
        self._sun.hide_render = False
        try:
            with self._one_sample(self._dark):
                self._render(1, 0)
        finally:
            self._sun.hide_render = True
        return np.asarray(np.clip(self._passes["Combined.G"], 0, 1), np.float32)

    def target(
        self, condition: Condition, seed: int, *, indoors: bool, lamps: bool, fixed: Development | None
    ) -> tuple[U8, U8, Development]:
        """Picture and albedo ``[H, W, 3]`` uint8, and how the picture was developed (see :func:`tone.develop`).

        ``lamps``: what shines at night shines now, too.
        """
        cloud = set_world(self._world, condition)
        show_photoreal(condition, lamps=lamps)
        self._scene.world, self._cycles.use_denoising = self._world, True
        # light through windows and from lamps is noisier than that of sun and sky
        more = 2.0 if indoors else 1.5 if condition.time_of_day == "night" else 1.0
        self._render(math.ceil(self._samples * more), seed)
        albedo = encode(self._rgb("Diffuse Color"))
        light = Light(self._rgb("Combined"), self._number("Depth"), self._number("Mist") * MIST_M, MIST_M)
        picture, how = develop(light, condition, cloud, self._view, indoors=indoors, fixed=fixed)
        return picture, albedo, how


def _usable_cores() -> list[int]:
    return sorted(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else list(range(os.cpu_count() or 1))


def _agx_view() -> Callable[[F32], None]:
    """Blender's AgX view with medium high contrast, applied to ``[H, W, 3]`` linear float32 in place."""
    import PyOpenColorIO as Ocio

    folder = Path(bpy.utils.resource_path("LOCAL")) / "datafiles" / "colormanagement"
    config = Ocio.Config.CreateFromFile(str(folder / "config.ocio"))
    pipeline = Ocio.LegacyViewingPipeline()
    pipeline.setDisplayViewTransform(Ocio.DisplayViewTransform(src="scene_linear", display="sRGB", view="AgX"))
    pipeline.setLooksOverrideEnabled(True)
    pipeline.setLooksOverride("AgX - Medium High Contrast")
    processor = pipeline.getProcessor(config, config.getCurrentContext()).getDefaultCPUProcessor()

    def apply(rgb: F32) -> None:
        processor.applyRGB(rgb)

    return apply
