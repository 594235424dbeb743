"""Small videos and pictures to restyle, made on the spot."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import numpy as np

VFR_MS = (0, 33, 67, 133, 150, 250, 283, 317, 400, 433, 467, 500)
"""Uneven times, as a screen recorder writes them."""


def scene(number: int, width: int, height: int) -> np.ndarray[Any, Any]:
    """``[H, W, 3]`` uint8: a textured picture that slides by two pixels a frame."""
    y, x = np.mgrid[:height, :width].astype(np.float32)
    x = x + 2 * number
    channels = (
        128 + 80 * np.sin(x / 9) * np.cos(y / 7),
        128 + 60 * np.sin((x + y) / 13),
        90 + 0.3 * y + 20 * np.sin(x / 4),
    )
    return np.clip(np.stack(channels, -1), 0, 255).astype(np.uint8)


def write_clip(
    path: Path,
    *,
    width: int = 96,
    height: int = 64,
    times_ms: Sequence[int] = VFR_MS,
    codec: str = "libx264",
    pixel_format: str = "yuv420p",
    sound: str = "aac",
    rotation: int = 0,
    picture: Callable[[int, int, int], np.ndarray[Any, Any]] = scene,
    metadata: dict[str, str] | None = None,
    tags: tuple[int, int] = (1, 1),
    aspect: Fraction | None = None,
) -> Path:
    """Write a clip of :func:`scene` (or another ``picture``) with a tone; returns its path.

    ``aspect``: width of a stored pixel over its height.
    """
    with av.open(str(path), "w") as container:
        container.metadata.update(metadata or {})
        stream: Any = container.add_stream(codec, rate=30, options={"crf": "10"} if "x264" in codec else {})
        stream.width, stream.height, stream.pix_fmt = width, height, pixel_format
        stream.time_base = stream.codec_context.time_base = Fraction(1, 15360)
        stream.codec_context.colorspace, stream.codec_context.color_range = tags
        if aspect is not None:
            stream.codec_context.sample_aspect_ratio = aspect
        if rotation:
            stream.set_display_rotation(rotation)
        audio: Any = container.add_stream(sound, rate=48000) if sound else None
        if audio is not None:
            rate = 48000
            for start in range(0, rate * times_ms[-1] // 1000, 1024):
                tone = (np.sin(np.arange(start, start + 1024) / 20) * 0.2).astype(np.float32)
                block = np.stack([tone, tone])
                frame = av.AudioFrame.from_ndarray(block, format="fltp", layout="stereo")
                frame.sample_rate, frame.pts = rate, start
                container.mux(audio.encode(frame))
            container.mux(audio.encode(None))
        for number, time_ms in enumerate(times_ms):
            rgb = np.ascontiguousarray(picture(number, width, height))
            frame = av.VideoFrame.from_ndarray(rgb, format="rgb24" if rgb.shape[2] == 3 else "rgba")
            frame = frame.reformat(format=pixel_format, dst_colorspace=tags[0], dst_color_range=tags[1])
            frame.pts, frame.time_base = time_ms * 15360 // 1000, Fraction(1, 15360)
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    return path


def packets(path: Path, kind: str) -> list[tuple[Fraction, bytes]]:
    """Time in seconds and bytes of every packet of the first stream of a kind."""
    with av.open(str(path)) as container:
        stream = next(s for s in container.streams if s.type == kind)
        return [(p.pts * p.time_base, bytes(p)) for p in container.demux(stream) if p.pts is not None]


def times(path: Path) -> list[Fraction]:
    """Presentation times of the pictures, seconds."""
    with av.open(str(path)) as container:
        return [f.pts * f.time_base for f in container.decode(video=0)]
