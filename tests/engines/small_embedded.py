"""A frame small enough for the embedded model to be tried on in no time, and one way through the model."""

from __future__ import annotations

import dataclasses
import math

import numpy as np

from framegen.config import Settings
from framegen.engines.embedded.engine import EmbeddedEngine
from framegen.engines.specs import spec
from framegen.frame import F32, U8, Camera, Frame

W, H = 128, 96
SMALL = dataclasses.replace(spec("embedded"), default_size=(W, H))


def plain_frame(**planes: object) -> Frame:
    """A gray floor with a red box before a blue sky."""
    pose = np.eye(4)
    pose[:3, 3] = (5.0, 1.7, 2.0)
    camera = Camera.perspective(pose, fov_y_rad=1.0, aspect=W / H)
    y = (np.arange(H) + 0.5)[:, None] * 2 / H - 1
    depth = np.where(y > 0.05, 1.7 / np.maximum(y * math.tan(0.5), 1e-6), np.inf) * np.ones((1, W))
    color = np.where(np.isinf(depth)[..., None], (130, 170, 230), (120, 120, 115)).astype(np.uint8)
    color[40:70, 50:80], depth[40:70, 50:80] = (170, 60, 40), 5.0
    return Frame(1, color, depth_m=depth.astype(np.float32), camera=camera, **planes)  # type: ignore[arg-type]


def noise() -> F32:
    return np.random.default_rng(0).standard_normal((H // 4, W // 4, 1)).astype(np.float32)


def restyle(engine: EmbeddedEngine, frame: Frame, settings: Settings) -> U8:
    known = engine.condition(settings)
    encoded = engine.encode(frame, known, settings, known.sun_direction)
    return engine.decode(engine.denoise(encoded, None, noise(), 0.6), encoded)
