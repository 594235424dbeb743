"""Reads a video: upright pictures with their times, and everything beside the picture untouched.

Knows containers and codecs through PyAV; knows nothing of restyling.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from types import TracebackType
from typing import Any

import numpy as np
from numpy.typing import NDArray

from framegen.errors import MediaError
from framegen.frame import U8
from framegen.video import colour

_PASSED_ON = ("audio", "subtitle")
_SAMPLES = 16
_MIN_SAMPLES = 6


@dataclass(frozen=True, eq=False)
class Picture:
    """One decoded frame.

    Attributes:
        rgb: ``[H, W, 3]`` uint8 sRGB, upright.
        pts: presentation time in units of the video's ``time_base``; grows from picture to picture.
        duration: in the same unit, 0 where the file does not say.
    """

    rgb: U8
    pts: int
    duration: int


class VideoSource:
    """An open video file.

    Attributes:
        width, height: of the upright picture, pixels.
        rotation_deg: how players turn the stored picture counter-clockwise: 0, 90, 180 or 270.
        frames: how many the file says or its duration suggests; 0 if unknown.
        rate: average frames per second. ``time_base``: seconds per unit of ``pts``.
        colour: see :class:`~framegen.video.colour.ColourFacts`.
        notes: what is converted or left behind, in words.
        damaged: packets that could not be decoded so far.

    Raises:
        MediaError: no such file, not a media file, no video in it, or nothing that can be decoded.
    """

    def __init__(self, path: str | os.PathLike[str]) -> None:
        self.path = Path(path)
        self.damaged = 0
        self._container = _open(self.path)
        try:
            self.stream = self._video_stream()
            first = self._first_frame()
        except BaseException:
            self._container.close()
            raise
        self.colour = colour.facts(first)
        self.rotation_deg = int(round(first.rotation / 90.0) * 90) % 360
        self.stored_width, self.stored_height = int(first.width), int(first.height)
        turned = self.rotation_deg % 180 == 90
        self.width, self.height = (first.height, first.width) if turned else (first.width, first.height)
        self.time_base = Fraction(self.stream.time_base or Fraction(1, 90_000))
        self.rate = Fraction(self.stream.average_rate or self.stream.guessed_rate or 25)
        self.frames = self._frame_count()
        self.notes = colour.describe(self.colour)
        if first.interlaced_frame:
            self.notes.append("The video is interlaced and restyled as it is; deinterlace it first for a better look.")

    @property
    def passengers(self) -> list[Any]:
        """Streams whose packets are passed on as they are: sound and subtitles."""
        return [s for s in self._container.streams if s.type in _PASSED_ON and s.codec_context is not None]

    @property
    def metadata(self) -> dict[str, str]:
        """Title, comment and so on, of the container."""
        return dict(self._container.metadata)

    @property
    def ends_s(self) -> float:
        """When the video ends by what the file says, in seconds; 0 where it says so of no more than all together."""
        if tag := re.fullmatch(r"(\d+):(\d+):(\d+(?:\.\d+)?)", self.stream.metadata.get("DURATION", "")):
            return (int(tag[1]) * 60 + int(tag[2])) * 60 + float(tag[3])
        alone = len(self._container.streams) == 1
        return self._container.duration / 1_000_000 if alone and self._container.duration else 0.0

    @property
    def sample_aspect_ratio(self) -> Fraction | None:
        """Width of an upright picture's pixel over its height; None if square or unknown."""
        # the container's has the say; many codecs say nothing
        ratio = self.stream.sample_aspect_ratio or self.stream.codec_context.sample_aspect_ratio
        if not ratio or ratio == 1:
            return None
        return 1 / Fraction(ratio) if self.rotation_deg % 180 == 90 else Fraction(ratio)

    def pictures(self, passengers: tuple[Any, ...] = ()) -> Iterator[Picture | Any]:
        """Every picture in order, and the packets (``av.Packet``) of ``passengers`` as they come along.

        Call once. Damaged packets are skipped and counted in :attr:`damaged`. Raises MediaError if the picture
        changes size on the way, or the file cannot be read any further.
        """
        last_pts: int | None = None
        step = max(1, round(1 / (self.rate * self.time_base)))
        for item in self._decoded(passengers):
            if not hasattr(item, "pict_type"):
                yield item
                continue
            pts = item.pts if item.pts is not None else (0 if last_pts is None else last_pts + step)
            # Containers without times of their own repeat them now and then; encoders need growing ones.
            pts = pts if last_pts is None else max(pts, last_pts + 1)
            last_pts = pts
            yield Picture(self._upright(item), pts, int(item.duration or 0))

    def raw_frames(self) -> Iterator[Any]:
        """Every ``av.VideoFrame`` in order, stored orientation. Call once, instead of :meth:`pictures`."""
        return self._decoded(())

    def _decoded(self, passengers: tuple[Any, ...]) -> Iterator[Any]:
        """Decoded frames, and packets of ``passengers``, in the file's order."""
        import av

        try:
            for packet in self._container.demux(self.stream, *passengers):
                if packet.stream is not self.stream:
                    if packet.dts is not None or packet.pts is not None:  # else the empty packet that ends a stream
                        yield packet
                    continue
                try:
                    frames = packet.decode()
                except av.error.InvalidDataError:
                    self.damaged += 1
                    continue
                yield from frames
        except av.error.FFmpegError as error:
            raise MediaError(f"Cannot read {self.path} any further: {error.strerror or error}.") from error

    def samples(self) -> list[U8]:
        """Up to 16 pictures from all over the video, for looking at it as a whole; reopens the file."""
        import av

        taken: dict[int, U8] = {}
        with VideoSource._again(self.path) as (container, stream):
            start, length = stream.start_time or 0, stream.duration
            if not length and container.duration:
                length = int(container.duration / 1_000_000 / (stream.time_base or Fraction(1, 90_000)))
            for index in range(_SAMPLES if length else 0):
                try:
                    container.seek(start + int(length * (index + 0.5) / _SAMPLES), stream=stream)
                    frame = next(container.decode(stream))
                except (av.error.FFmpegError, StopIteration):
                    continue
                taken.setdefault(frame.pts or 0, self._upright(frame))
        if len(taken) >= _MIN_SAMPLES:
            return list(taken.values())
        # One group of pictures, or no seeking: walk through the beginning instead.
        pictures = []
        with VideoSource._again(self.path) as (container, stream):
            try:
                for index, frame in enumerate(container.decode(stream)):
                    if index % 10 == 0:
                        pictures.append(self._upright(frame))
                    if index >= 10 * _SAMPLES:
                        break
            except av.error.FFmpegError:
                pass  # what could be decoded is enough to look at
        return pictures or list(taken.values())

    def close(self) -> None:
        """Close the file."""
        self._container.close()

    def __enter__(self) -> VideoSource:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _video_stream(self) -> Any:
        pictures = [s for s in self._container.streams.video if not _is_cover(s)]
        if not pictures:
            raise MediaError(f"{self.path} has no video in it.", hint="Pictures and videos can be restyled.")
        stream = pictures[0]
        if stream.codec_context is None:
            raise MediaError(f"{self.path} has video in a codec that cannot be decoded here.")
        stream.thread_type = "AUTO"
        return stream

    def _first_frame(self) -> Any:
        """The first frame that decodes; the demuxer then stands at the beginning again."""
        import av

        with VideoSource._again(self.path) as (container, stream):
            for packet in container.demux(stream):
                try:
                    frames = packet.decode()
                except av.error.InvalidDataError:
                    continue
                except av.error.FFmpegError as error:
                    raise MediaError(f"Cannot read {self.path}: {error.strerror or error}.") from error
                if frames:
                    return frames[0]
        raise MediaError(f"No picture in {self.path} can be decoded.", hint="The file may be damaged or encrypted.")

    @staticmethod
    def _again(path: Path) -> _Reopened:
        return _Reopened(path)

    def _frame_count(self) -> int:
        if self.stream.frames:
            return int(self.stream.frames)
        if self.stream.duration:
            return round(Fraction(self.stream.duration) * self.time_base * self.rate)
        if self._container.duration:
            return round(Fraction(self._container.duration, 1_000_000) * self.rate)
        return 0

    def _upright(self, frame: Any) -> U8:
        if (frame.width, frame.height) != (self.stored_width, self.stored_height):
            raise MediaError(
                f"The picture of {self.path} changes from {self.stored_width}x{self.stored_height} to "
                f"{frame.width}x{frame.height} at {float(frame.time or 0):.1f} s.",
                hint="Re-encode it to one size first.",
            )
        rgb = colour.to_rgb(frame, self.colour)
        return np.ascontiguousarray(np.rot90(rgb, self.rotation_deg // 90)) if self.rotation_deg else rgb


def depth_frames(path: Path) -> Iterator[NDArray[Any]]:
    """Every frame of a video as stored numbers, ``[H, W]``: float32, uint16 (more than 8 bits) or uint8.

    Raises MediaError if there is no such video.
    """
    with VideoSource(path) as source:
        for frame in source.raw_frames():
            plane = colour.to_depth_plane(frame, source.colour)
            yield np.rot90(plane, source.rotation_deg // 90) if source.rotation_deg else plane


class _Reopened:
    """A second look at a file, from its beginning, through the stream that :class:`VideoSource` chose."""

    def __init__(self, path: Path) -> None:
        self._container = _open(path)

    def __enter__(self) -> tuple[Any, Any]:
        stream = next(s for s in self._container.streams.video if not _is_cover(s))
        stream.thread_type = "AUTO"
        return self._container, stream

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._container.close()


def _open(path: Path) -> Any:
    import av

    if not path.exists():
        raise MediaError(f"There is no file {path}.")
    if path.is_dir():
        raise MediaError(f"{path} is a folder.", hint="Name a video or picture file.")
    try:
        return av.open(os.path.abspath(path), "r")  # what stands before a colon would else be taken for a protocol
    except (av.error.FFmpegError, OSError) as error:
        raise MediaError(
            f"Cannot read {path}: {getattr(error, 'strerror', None) or error}.", hint="Is it a video, and whole?"
        ) from error


def _is_cover(stream: Any) -> bool:
    """Whether a video stream is a still cover picture (of a song, say)."""
    from av.stream import Disposition

    return bool(stream.disposition & Disposition.attached_pic)
