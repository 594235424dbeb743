"""Engines over tiny random weights, and frames for them."""

from __future__ import annotations

from typing import Any

import numpy as np
import tiny_models as tiny

from framegen.config import Settings
from framegen.engines.diffusers.engine import DiffusersEngine
from framegen.engines.diffusers.options import Options
from framegen.engines.diffusers.recipes import BY_NAME
from framegen.frame import Camera, Frame

W, H = 96, 64


def make(name: str = "sd-turbo", place: str = "cpu", **options: Any) -> DiffusersEngine:
    recipe = BY_NAME[name]
    if name == "sdxl-turbo":
        pipe = tiny.sdxl_img2img(tiny.ancestral(), tiny.tiny_vae())
    elif name == "lcm":
        pipe = tiny.lcm_img2img(tiny.tiny_vae())
    else:
        pipe = tiny.sd_img2img(tiny.UNET21, tiny.euler(), tiny.tiny_vae())
    parts = tiny.parts_of(pipe, recipe.text)
    return DiffusersEngine(recipe.spec, recipe, Options(vae="tiny", **options), place, parts)


class InParts:
    """The same engine without :meth:`whole`: reuse is then NumPy's."""

    def __init__(self, engine: DiffusersEngine) -> None:
        self._engine = engine
        self.spec, self.device = engine.spec, engine.device
        self.condition, self.blend = engine.condition, engine.blend
        self.encode, self.denoise, self.decode = engine.encode, engine.denoise, engine.decode
        self.carry, self.stride = engine.carry, engine.stride

    @property
    def last_model_ms(self) -> float:
        return self._engine.last_model_ms


def walk(count: int) -> list[Frame]:
    """A camera that turns and moves before a wall and a floor, with depth."""
    frames = []
    y, x = np.mgrid[0:H, 0:W]
    for i in range(count):
        pose = np.eye(4)
        turn = 0.02 * i
        pose[:3, :3] = [[np.cos(turn), 0, np.sin(turn)], [0, 1, 0], [-np.sin(turn), 0, np.cos(turn)]]
        pose[:3, 3] = (0.05 * i, 1.7, 0)
        camera = Camera.perspective(pose, fov_y_rad=1.0, aspect=W / H)
        depth = np.minimum(1.7 / np.maximum((y + 0.5 - H / 2) * 0.0171, 1e-3), 8.0).astype(np.float32)
        world = x + 60 * turn + 3 * i
        color = np.stack([128 + 90 * np.sin(world / 7), 128 + 90 * np.sin(y / 5), 100 + x], -1).clip(0, 255)
        frames.append(Frame(i + 1, color.astype(np.uint8), 33_000_000 * i, depth_m=depth, camera=camera))
    return frames


def inputs_of(made: DiffusersEngine, count: int) -> list[tuple[Any, None, np.ndarray]]:
    settings = Settings(prompt="a cat")
    noise = np.random.default_rng(2).standard_normal((H // 8, W // 8, 4)).astype(np.float32)
    return [(made.encode(f, made.condition(settings), settings, None), None, noise) for f in walk(count)]
