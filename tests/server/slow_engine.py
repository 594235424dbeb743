"""A model that does nothing slowly."""

from __future__ import annotations

import threading
from collections.abc import Hashable, Sequence
from typing import Any

import numpy as np

from framegen.config import Settings
from framegen.engines.base import Conditioning, ModelSpec, Reuse
from framegen.frame import U8, Frame


class SlowEngine:
    """Adds the prompt's length to the picture. Prompts are encoded while ``gate`` is open."""

    device = "CPU (a test)"
    last_model_ms = 0.0

    def __init__(self, number: int = 0) -> None:
        self.spec = ModelSpec("slow", "", "test", "CC0", True, "", "", 8, 8, 3, (512, 512))
        self.gate = threading.Event()
        self.gate.set()
        self.number = number
        self.known: set[str] = set()
        self.batches: list[int] = []
        self.encoders: set[str] = set()
        self.fail_on = -1

    def condition(self, settings: Settings) -> Conditioning:
        if settings.prompt not in self.known:
            self.encoders.add(threading.current_thread().name)
            assert self.gate.wait(300)
            self.known.add(settings.prompt)
        return Conditioning(settings.prompt, len(settings.prompt), (settings.prompt,))

    def knows(self, settings: Settings) -> bool:
        return settings.prompt in self.known

    def words(self, settings: Settings) -> tuple[tuple[str, ...], tuple[str, ...]]:
        return (settings.prompt,), ()

    def blend(self, a: Conditioning, b: Conditioning, share: float) -> Conditioning:
        return b

    def encode(self, frame: Frame, conditioning: Conditioning, settings: Settings, sun: Any) -> Any:
        return frame.color, conditioning.vector, frame.frame_id

    def denoise(self, *_: Any) -> Any:
        raise AssertionError("it makes frames in one go")

    def decode(self, *_: Any) -> Any:
        raise AssertionError("it makes frames in one go")

    def whole(self, encoded: Any, reuse: Reuse | None, noise: Any) -> tuple[U8, Any]:
        return self.whole_many([(encoded, reuse, noise)])[0]

    def whole_many(self, frames: Sequence[tuple[Any, Reuse | None, Any]]) -> list[tuple[U8, Any]]:
        self.batches.append(len(frames))
        out = []
        for (color, value, frame_id), _, _ in frames:
            if frame_id == self.fail_on:
                raise RuntimeError("out of memory")
            h, w = color.shape[0] // 8, color.shape[1] // 8
            out.append((np.full_like(color, value), np.zeros((h, w, 3), np.float32)))
        return out

    def batch_key(self, encoded: Any) -> Hashable:
        return encoded[0].shape


def frame(frame_id: int, size: int = 32) -> Frame:
    rng = np.random.default_rng(frame_id)
    return Frame(frame_id, rng.integers(0, 255, (size, size, 3), dtype=np.uint8), frame_id * 10**7)
