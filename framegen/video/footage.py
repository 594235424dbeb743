"""Restyles a video file: source -> bars off -> ``restyle.step`` -> bars on -> sink.

Frames come in order and every one is restyled; where there is no engine to give motion, ``step``
finds it by optical flow.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from framegen import __version__
from framegen.config import Settings
from framegen.engines.base import Engine
from framegen.errors import MediaError
from framegen.frame import F32, U8, Camera, Frame
from framegen.restyle import start, step
from framegen.video.bars import NO_BARS, Bars, find_bars
from framegen.video.depth import DepthSource
from framegen.video.mask import NOTHING, Kept
from framegen.video.sink import VideoFormat, VideoSink
from framegen.video.source import Picture, VideoSource
from framegen.video.track import CameraTracker

Progress = Callable[[int, int], None]
"""Called with frames done and frames in all (0: unknown)."""


@dataclass
class Report:
    """What was done.

    Attributes:
        frames: restyled. ``width``, ``height``: of the written video, pixels.
        bars: left alone. ``notes``: what was converted or left out, in words.
    """

    frames: int = 0
    width: int = 0
    height: int = 0
    bars: Bars = field(default_factory=Bars)
    notes: list[str] = field(default_factory=list)


class Restyler:
    """Pictures of one shot, one after another, through one session of the model.

    Args:
        engine: the loaded model.
        settings: prompt, intensity and so on.
        bars: what is left alone around the picture.
        tracker: turns depth into a camera path; None: depth alone.
        mask: ``[H, W]`` uint8 of whole pictures, 255 where they are restyled and 0 where they stay; None: everywhere.
    """

    def __init__(
        self,
        engine: Engine,
        settings: Settings,
        bars: Bars = NO_BARS,
        tracker: CameraTracker | None = None,
        mask: U8 | None = None,
    ) -> None:
        self._engine = engine
        self._bars = bars
        self._mask = None if mask is None else np.ascontiguousarray(bars.inside(mask))
        self._tracker = tracker
        self._state = start(settings, engine)
        self._frame_id = 0

    def __call__(self, rgb: U8, timestamp_ns: int = 0, depth_m: F32 | None = None) -> U8:
        """The restyled picture, ``[H, W, 3]`` uint8 like ``rgb``; the bars are those of ``rgb``, bit for bit."""
        color = np.ascontiguousarray(self._bars.inside(rgb))
        depth, camera = None, None
        if depth_m is not None:
            depth = np.ascontiguousarray(self._bars.inside(depth_m))
            camera = self._camera(color, depth)
        frame = Frame(self._frame_id, color, timestamp_ns, depth_m=depth, camera=camera, intensity_mask=self._mask)
        self._frame_id += 1
        result, self._state = step(frame, self._state, self._engine)
        if not self._bars:
            return result.image
        whole: U8 = rgb.copy()
        self._bars.inside(whole)[:] = result.image
        return whole

    def _camera(self, color: U8, depth: F32) -> Camera | None:
        return None if self._tracker is None else self._tracker.next(color, depth)


def restyle_video(
    source_path: Path,
    target: Path,
    engine: Engine,
    settings: Settings,
    *,
    side_by_side: bool = False,
    sound: bool = True,
    keep_bars: bool = True,
    kept: Kept = NOTHING,
    depth: DepthSource | None = None,
    fov_y_deg: float = 0.0,
    overwrite: bool = False,
    progress: Progress = lambda done, total: None,
) -> Report:
    """Restyle ``source_path`` into ``target``.

    Args:
        source_path, target: video files. ``target`` appears when it is whole.
        engine: the loaded model; settings: prompt and so on.
        side_by_side: the footage left, restyled right, in one picture of twice the width.
        sound: take the sound along, as it is.
        keep_bars: look for letterbox bars and leave them alone.
        kept: what of the footage stays as it is.
        depth: of every frame, or None.
        fov_y_deg: vertical field of view of the camera, degrees; with metric depth its path is then tracked.
        overwrite: replace ``target``.
        progress: see :data:`Progress`.

    Raises:
        MediaError: anything wrong with the files.
    """
    report = Report()
    with VideoSource(source_path) as source:
        report.notes += source.notes
        if keep_bars:
            report.bars = find_bars(source.samples())
        tracker = None
        if depth is not None and fov_y_deg > 0 and depth.encoding.metric:
            # The bars are no part of the camera's view: its own picture is what is left between them.
            tracker = CameraTracker.for_picture(source.width, source.height, fov_y_deg, report.bars)
        ended_s = 0.0
        restyler = Restyler(engine, settings, report.bars, tracker, kept.mask(source.width, source.height))
        video = _format(source, side_by_side)
        report.width, report.height = video.width, video.height
        passengers = tuple(stream for stream in source.passengers if sound or stream.type != "audio")
        metadata = source.metadata | {"comment": comment(engine, settings.prompt, source.metadata.get("comment", ""))}
        with VideoSink(target, video, metadata=metadata, passengers=passengers, overwrite=overwrite) as sink:
            report.notes += sink.notes
            for item in source.pictures(passengers):
                if not isinstance(item, Picture):
                    sink.pass_on(item)
                    continue
                time_ns = int(item.pts * source.time_base * 1_000_000_000)
                depth_m = None if depth is None else depth.next(source.width, source.height)
                restyled = restyler(item.rgb, time_ns, depth_m)
                both = np.concatenate([item.rgb, restyled], axis=1) if side_by_side else restyled
                sink.write(both, item.pts, item.duration)
                report.frames += 1
                ended_s = float((item.pts + item.duration) * source.time_base)
                progress(report.frames, source.frames)
            if not report.frames:
                raise MediaError(f"No picture in {source_path} can be decoded.")
        if source.damaged:
            packets = "packet was" if source.damaged == 1 else "packets were"
            report.notes.append(f"{source.damaged} damaged {packets} skipped.")
        # Decoders say nothing of a file that was cut short. A few more are announced where a cut list trims a clip.
        announced = int(source.stream.frames or 0)
        if report.frames + source.damaged < 0.9 * announced:
            report.notes.append(
                f"{source_path.name} announces {announced} pictures and holds {report.frames}: was it cut short?"
            )
        elif not announced and ended_s < 0.9 * source.ends_s:
            report.notes.append(
                f"{source_path.name} announces {source.ends_s:.1f} s and ends after {ended_s:.1f}: was it cut short?"
            )
    return report


def comment(engine: Engine, prompt: str, before: str = "") -> str:
    """What restyled files say of themselves; ``before``: a comment that the file had."""
    text = f'Restyled by framegen {__version__} with the model {engine.spec.name}, prompt: "{prompt}"'
    if before and not before.startswith("Restyled by framegen"):
        text += f" (comment before: {before})"
    return text


def _format(source: VideoSource, side_by_side: bool) -> VideoFormat:
    facts = source.colour
    sdr = facts.primaries if not facts.hdr else 1
    matrix = facts.matrix if not facts.hdr else 1
    return VideoFormat(
        width=source.width * (2 if side_by_side else 1),
        height=source.height,
        rate=source.rate,
        time_base=source.time_base,
        # Two pictures beside each other are no longer the turned one that the tag speaks of.
        rotation_deg=0 if side_by_side else source.rotation_deg,
        matrix=matrix,
        full_range=facts.full_range and not facts.pixel_format.startswith(("rgb", "bgr", "gbr", "pal")),
        primaries=sdr,
        transfer=1 if facts.hdr else facts.transfer,
        sample_aspect_ratio=source.sample_aspect_ratio,
    )
