"""A small deterministic engine for tests of what surrounds a model: its latent is the picture, four times smaller.

``denoise`` turns the mean colours of the cells towards the prompt's tint, adds a little of its noise (so that
the output flickers without reuse) and mixes in its history; ``decode`` puts the frame's own detail back.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
from stand_in_spec import stand_in_spec

from framegen.config import Settings
from framegen.engines.base import Conditioning, History
from framegen.frame import F32, U8, Frame
from framegen.ops.anchors import Anchors

TINTS: dict[str, tuple[float, float, float]] = {
    "": (1.0, 1.0, 1.0),
    "night": (0.3, 0.4, 0.7),
    "golden hour": (1.3, 1.0, 0.6),
}


@dataclass
class FakeEngine:
    """See the module. ``noise_levels``: amplitude of the noise in the latent, in levels of 255."""

    noise_levels: float = 6.0
    multiple: int = 16
    extra_channels: int = 0

    def __post_init__(self) -> None:
        self.spec = stand_in_spec(
            f"fake{self.extra_channels or ''}",
            "a tint",
            size_multiple=self.multiple,
            latent_channels=3 + self.extra_channels,
            noise_channels=3,
        )
        self.device = "CPU (NumPy)"
        self.last_model_ms = 0.0
        self.calls = 0
        self.frames: list[Frame] = []
        self.histories: list[History | None] = []
        self.anchors: list[Anchors | None] = []

    def condition(self, settings: Settings) -> Conditioning:
        tint = TINTS[settings.prompt]
        sun = None if settings.prompt == "night" else (0.0, 0.6, 0.8)
        return Conditioning(settings.prompt, np.array(tint, np.float32), sun_direction=sun)

    def blend(self, a: Conditioning, b: Conditioning, share: float) -> Conditioning:
        vector = a.vector + np.float32(share) * (b.vector - a.vector)
        return Conditioning(b.prompt, vector, sun_direction=b.sun_direction)

    def encode(
        self, frame: Frame, conditioning: Conditioning, settings: Settings, sun: tuple[float, float, float] | None
    ) -> Any:
        self.frames.append(frame)
        size = (frame.width // 4, frame.height // 4)
        means = cv2.resize(frame.color, size, interpolation=cv2.INTER_AREA).astype(np.float32)
        return frame.color, means, conditioning.vector

    def denoise(self, encoded: Any, history: History | None, noise: F32, alpha: float) -> F32:
        self.calls += 1
        self.histories.append(history)
        _, means, tint = encoded
        start = means * tint + np.float32(self.noise_levels) * noise
        if history is not None:
            share = np.float32(alpha) * history.trust[..., None]
            start = start + share * (history.latent[..., :3] - start)
        self.last_model_ms = 0.01
        extra = [start[..., :1]] * self.extra_channels
        return np.concatenate([start, *extra], axis=-1).astype(np.float32)

    def decode(self, latent: F32, encoded: Any, anchors: Anchors | None = None) -> U8:
        self.anchors.append(anchors)
        color, means, _ = encoded
        change = cv2.resize(latent[..., :3] - means, (color.shape[1], color.shape[0]), interpolation=cv2.INTER_LINEAR)
        return np.clip(np.rint(color + change), 0, 255).astype(np.uint8)
