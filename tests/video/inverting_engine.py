"""An engine without a network: it inverts the picture, and remembers what it was given."""

from __future__ import annotations

from typing import Any

import cv2
import numpy as np
from stand_in_spec import stand_in_spec

from framegen.config import Settings
from framegen.engines.base import Conditioning, History
from framegen.frame import Frame

SCALE = 8


class InvertingEngine:
    """Latent: the mean colour of each cell. Decoding inverts the frame's colours."""

    spec = stand_in_spec("inverting", "inverts", size_multiple=SCALE, latent_scale=SCALE, latent_channels=3)
    device = "CPU (none)"
    last_model_ms = 0.0

    def __init__(self) -> None:
        self.frames: list[Frame] = []
        self.prompts: list[str] = []
        self.histories: list[History | None] = []

    def condition(self, settings: Settings) -> Conditioning:
        self.prompts.append(settings.prompt)
        return Conditioning(settings.prompt, np.zeros(1))

    def blend(self, a: Conditioning, b: Conditioning, share: float) -> Conditioning:
        return b if share > 0.5 else a

    def encode(self, frame: Frame, conditioning: Conditioning, settings: Settings, sun: Any) -> Any:
        self.frames.append(frame)
        return frame.color

    def denoise(self, encoded: Any, history: History | None, noise: Any, alpha: float) -> Any:
        self.histories.append(history)
        height, width = encoded.shape[:2]
        small = cv2.resize(encoded, (width // SCALE, height // SCALE), interpolation=cv2.INTER_AREA)
        return small.astype(np.float32) / 255.0

    def decode(self, latent: Any, encoded: Any, anchors: Any = None) -> Any:
        return 255 - encoded[..., :3]
