"""Makes the recording and the clip that come with framegen again: demos/town.mcap and demos/town.mp4.

    pip install ".[demo]"
    python demos/make_town.py

A second and a half of the demo's town, across the market square with people about: colour as
JPEG, depth, motion (objects' own included), labels and camera. To stay small, motion is rounded to
a sixteenth of a pixel and depth to 8 bits of mantissa (0.2 %), and every message is packed. The
clip is longer and has a sound of its own: wind, steps, a fountain, a bell.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np

from framegen import Frame
from framegen.demo.materials import LABELS
from framegen.demo.sources import RenderedSource
from framegen.demo.town import build_town
from framegen.frame import F16, F32, F64
from framegen.recording import TO_SERVER, RecordingWriter
from framegen.wire import codec
from framegen.wire.messages import Hello, SendFrame

HERE = Path(__file__).resolve().parent
WIDTH, HEIGHT, FPS = 512, 288, 30
RECORDED_FROM_S, RECORDED_FRAMES = 106.75, 45
CLIP_FROM_S, CLIP_S = 51.6, 6.0
FOUNTAIN_AT_S, BELL_AT_S = 3.0, 1.5
JPEG_QUALITY = 86
MOTION_STEP_PX = 1 / 16
SOUND_HZ = 48_000


def frames(start_s: float, count: int) -> Iterator[Frame]:
    """The town from ``start_s`` on, one frame every thirtieth of a second, numbered from 0."""
    source = RenderedSource(build_town(), "town", WIDTH, HEIGHT)
    source.step(0.0)
    source.step(start_s - 1 / FPS)
    for number in range(count):
        frame = source.step(1 / FPS)
        assert frame.depth_m is not None and frame.motion_px is not None
        motion = np.rint(frame.motion_px / MOTION_STEP_PX) * MOTION_STEP_PX
        yield replace(
            frame,
            frame_id=number,
            timestamp_ns=number * 1_000_000_000 // FPS,
            color=frame.color.copy(),
            depth_m=_rounded_depth(frame.depth_m),
            motion_px=(motion + 0.0).astype(np.float16) if number else None,  # + 0.0: no negative zeros
            motion_from_frame_id=number - 1 if number else None,
            reset=number == 0,
        )
    source.close()


def _rounded_depth(depth_m: F16 | F32) -> F16:
    bits = depth_m.astype(np.float16).view(np.uint16)
    finite = bits < 0x7C00
    return np.where(finite, (bits + 2) & 0xFFFC, bits).astype(np.uint16).view(np.float16)


def make_recording(path: Path) -> None:
    """Write ``town.mcap``."""
    labels = {str(code): {"name": name} for code, name in enumerate(LABELS) if code}
    about = {
        "title": "The demo's town, a walk across the market square",
        "licence": "Apache-2.0, like the program that made it",
        "made_by": "demos/make_town.py",
    }
    with RecordingWriter(path, packed=True, compression="none", overwrite=True, about=about) as writer:
        writer.write(TO_SERVER, codec.encode(Hello(client="town", settings={"labels": labels})), at_ns=0)
        for frame in frames(RECORDED_FROM_S, RECORDED_FRAMES):
            parts = codec.encode(SendFrame(frame), color_codec="jpeg", jpeg_quality=JPEG_QUALITY)
            writer.write(TO_SERVER, parts, at_ns=frame.timestamp_ns)


def make_clip(path: Path) -> None:
    """Write ``town.mp4``."""
    import av

    with av.open(str(path), "w", options={"movflags": "faststart"}) as container:
        container.metadata["title"] = "The demo's town"
        video: Any = container.add_stream("libx264", rate=FPS, options={"crf": "27", "preset": "veryslow"})
        video.width, video.height, video.pix_fmt = WIDTH, HEIGHT, "yuv420p"
        video.codec_context.colorspace, video.codec_context.color_range = 1, 1
        video.codec_context.color_primaries, video.codec_context.color_trc = 1, 1
        sound: Any = container.add_stream("aac", rate=SOUND_HZ)
        sound.bit_rate = 64_000
        for block in np.split(_soundscape(), range(1024, int(CLIP_S * SOUND_HZ), 1024), axis=1):
            samples = av.AudioFrame.from_ndarray(np.ascontiguousarray(block), format="fltp", layout="stereo")
            samples.sample_rate = SOUND_HZ
            container.mux(sound.encode(samples))
        container.mux(sound.encode(None))
        for frame in frames(CLIP_FROM_S, int(CLIP_S * FPS)):
            picture = av.VideoFrame.from_ndarray(frame.color, format="rgb24")
            picture = picture.reformat(format="yuv420p", dst_colorspace=1, src_color_range=2, dst_color_range=1)
            picture.pts, picture.time_base = frame.frame_id, Fraction(1, FPS)
            container.mux(video.encode(picture))
        container.mux(video.encode(None))


def _soundscape() -> F32:
    """``[2, samples]`` float32: wind, steps on cobbles, a fountain that comes nearer on the right, a church bell."""
    rng = np.random.default_rng(11)
    count = int(CLIP_S * SOUND_HZ)
    t = np.arange(count) / SOUND_HZ
    wind = np.stack([_band(rng, count, 150, 700) for _ in range(2)]) * (0.06 + 0.03 * np.sin(2 * np.pi * t / 4.1))
    near = 1.0 / (1.0 + ((t - FOUNTAIN_AT_S) / 1.1) ** 2)
    water = np.stack([_band(rng, count, 900, 5000), _band(rng, count, 900, 5000)]) * near * [[0.05], [0.10]]
    steps = np.zeros((2, count))
    for number, at_s in enumerate(np.arange(0.2, CLIP_S - 0.2, 0.53) + rng.normal(0, 0.012, 11)):
        since = np.maximum(t - at_s, 0.0)
        heel = np.exp(-since / 0.018) * (t > at_s)
        sole = np.exp(-((since - 0.09) ** 2) / 0.0006) * (t > at_s)
        step = heel * _band(rng, count, 200, 1600) * 0.30 + sole * _band(rng, count, 1200, 5000) * 0.05
        steps += step * ([[0.62], [0.38]] if number % 2 else [[0.38], [0.62]])
    struck = np.maximum(t - BELL_AT_S, 0.0)
    ring = np.sum([w * np.exp(-struck / d) * np.sin(2 * np.pi * f * struck) for f, w, d in _BELL], axis=0)
    mix = wind + water + steps + ring * 0.02 * np.array([[0.7], [0.4]])
    fade = np.clip(np.minimum(t, CLIP_S - t) / 0.15, 0, 1)
    sound: F32 = (mix * fade / np.abs(mix).max() * 0.6).astype(np.float32)
    return sound


_BELL = ((196.0, 0.6, 2.0), (392.0, 1.0, 1.6), (466.2, 0.7, 1.2), (587.3, 0.5, 0.9), (784.0, 0.5, 0.7))
"""Partials of a minor-third bell: hertz, weight, seconds of decay."""


def _band(rng: np.random.Generator, count: int, low_hz: float, high_hz: float) -> F64:
    """Noise between two frequencies, peak about 1."""
    spectrum = np.fft.rfft(rng.normal(size=count))
    hertz = np.fft.rfftfreq(count, 1 / SOUND_HZ)
    spectrum *= np.exp(-((np.log((hertz + 1) / np.sqrt(low_hz * high_hz)) / np.log(high_hz / low_hz) * 2) ** 2))
    noise: F64 = np.fft.irfft(spectrum, count)
    noise /= 3 * noise.std()
    return noise


def main() -> None:
    """Make what is asked for, both by default."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("what", nargs="?", choices=("both", "recording", "clip"), default="both")
    what = parser.parse_args().what
    if what in ("both", "recording"):
        make_recording(HERE / "town.mcap")
        print(f"{HERE / 'town.mcap'}: {(HERE / 'town.mcap').stat().st_size / 1e6:.2f} MB")
    if what in ("both", "clip"):
        make_clip(HERE / "town.mp4")
        print(f"{HERE / 'town.mp4'}: {(HERE / 'town.mp4').stat().st_size / 1e6:.2f} MB")


if __name__ == "__main__":
    main()
