"""Writes a video: pictures with their own times, and packets of sound passed on as they are.

The file has a temporary name beside the final one until it is whole; whatever goes wrong, the
final name never holds half a video.
"""

from __future__ import annotations

import contextlib
import errno
import io
import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np

from framegen.errors import MediaError
from framegen.frame import U8
from framegen.unfinished import UnfinishedFile
from framegen.video import colour

CONTAINERS = (".mp4", ".m4v", ".mov", ".mkv", ".webm")
_SHARP_ENOUGH = {"crf": "17", "preset": "veryfast"}
_ENCODERS: dict[str, tuple[tuple[str, dict[str, str]], ...]] = {
    "h264": (
        ("libx264", _SHARP_ENOUGH),
        ("libopenh264", {"rc_mode": "quality"}),
        ("h264_videotoolbox", {"q": "70"}),
        ("mpeg4", {"q": "3"}),
    ),
    "webm": (
        ("libvpx-vp9", {"crf": "24", "b": "0", "deadline": "realtime", "cpu-used": "6", "row-mt": "1"}),
        ("libsvtav1", {"crf": "26", "preset": "10"}),
    ),
}
_TELLS_ASPECT = ("libx264", "libopenh264", "h264_videotoolbox", "mpeg4")
"""Encoders whose stream itself says the shape of its pixels: PyAV cannot write it into the container."""
_ONLY_EVEN = ("libopenh264", "h264_videotoolbox")


@dataclass(frozen=True)
class VideoFormat:
    """What a video is, apart from its pictures.

    Attributes:
        width, height: of the upright picture, pixels.
        rate: average frames per second, for the header. ``time_base``: seconds per unit of pts.
        rotation_deg: kept as metadata where the container can carry it: pictures are then stored turned.
        matrix, full_range, primaries, transfer: see :class:`~framegen.video.colour.ColourFacts`.
        sample_aspect_ratio: width of an upright picture's pixel over its height, or None for square pixels.
    """

    width: int
    height: int
    rate: Fraction = Fraction(30)
    time_base: Fraction = Fraction(1, 90_000)
    rotation_deg: int = 0
    matrix: int = colour.BT709
    full_range: bool = False
    primaries: int = colour.BT709
    transfer: int = colour.BT709
    sample_aspect_ratio: Fraction | None = None


class VideoSink(UnfinishedFile):
    """A video file being written.

    Args:
        path: ends in one of :data:`CONTAINERS`.
        video: see :class:`VideoFormat`.
        metadata: of the container (``title``, ``comment`` ...).
        passengers: PyAV input streams whose packets :meth:`pass_on` will be given.
        overwrite: replace a file of that name when this one is whole.

    Attributes:
        notes: what could not be taken along, in words.

    Raises:
        MediaError: the name, the place or a passenger's codec does not allow it.
    """

    def __init__(
        self,
        path: str | os.PathLike[str],
        video: VideoFormat,
        *,
        metadata: Mapping[str, str] | None = None,
        passengers: Sequence[Any] = (),
        overwrite: bool = False,
    ) -> None:
        final = Path(path)
        check_output(final, overwrite=overwrite)
        super().__init__(final, final.with_name(f".{final.stem}.{os.getpid()}.part{final.suffix}"), overwrite=overwrite)
        self.video = video
        self.notes: list[str] = []
        self._outputs: dict[int, Any] = {}
        self._durations: dict[int, int] = {}
        self._container: Any = None
        try:
            self._container = self._open(metadata or {})
            with self._telling():
                self._stream = self._add_video()
            for stream in passengers:
                self._add_passenger(stream)
        except BaseException:
            self.abandon()
            raise

    def write(self, rgb: U8, pts: int, duration: int = 0) -> None:
        """Append one upright picture, ``[height, width, 3]`` uint8 sRGB, at ``pts`` (in units of ``time_base``)."""
        if rgb.shape != (self.video.height, self.video.width, 3):
            raise ValueError(f"picture {rgb.shape} in a video of {self.video.width}x{self.video.height}")
        if self._turned:
            rgb = np.rot90(rgb, -self._turned // 90)
        frame = colour.from_rgb(rgb, self._pixel_format, self.video.matrix, self.video.full_range)
        frame.pts, frame.time_base = pts, self.video.time_base
        if duration > 0:
            self._durations[pts] = duration
        self._encode(frame)

    def pass_on(self, packet: Any) -> None:
        """Append a packet of a passenger, unchanged."""
        output = self._outputs.get(packet.stream.index)
        if output is not None:
            packet.stream = output
            with self._telling():
                self._container.mux(packet)

    def _finish(self) -> None:
        self._encode(None)
        with self._telling():
            self._container.close()

    def _let_go(self) -> None:
        if self._container is not None:
            self._container.close()

    def _open(self, metadata: Mapping[str, str]) -> Any:
        import av

        options = {}
        if self.path.suffix.lower() in (".mp4", ".m4v", ".mov"):
            # Start times are rounded to the movie's time scale, a millisecond unless told otherwise.
            scale = self.video.time_base.denominator
            options = {"movflags": "faststart", "movie_timescale": str(scale if 1000 <= scale < 1 << 31 else 90_000)}
        with self._telling():
            container = av.open(os.path.abspath(self.temporary), "w", options=options)
        container.metadata.update(metadata)
        return container

    def _add_video(self) -> Any:
        encoder, options = self._encoder()
        video = self.video
        stream = self._container.add_stream(encoder, rate=video.rate, options=dict(options))
        self._turned = video.rotation_deg if self.path.suffix.lower() != ".webm" else 0
        sideways = self._turned % 180 == 90
        stream.width, stream.height = (video.height, video.width) if sideways else (video.width, video.height)
        # 4:2:0 needs even sides in H.264; an odd picture keeps its size with a colour sample for every pixel.
        odd = video.width % 2 or video.height % 2
        self._pixel_format = "yuv444p" if odd and encoder == "libx264" else "yuv420p"
        stream.pix_fmt = self._pixel_format
        stream.time_base = video.time_base
        context = stream.codec_context
        context.time_base = video.time_base
        context.colorspace, context.color_range = video.matrix, colour.FULL if video.full_range else colour.LIMITED
        context.color_primaries, context.color_trc = video.primaries, video.transfer
        if video.sample_aspect_ratio is not None:
            ratio = video.sample_aspect_ratio
            context.sample_aspect_ratio = 1 / ratio if sideways else ratio
            if encoder not in _TELLS_ASPECT:
                self.notes.append(
                    f"{self.path.suffix} is written without the shape of the pixels ({ratio.numerator}:"
                    f"{ratio.denominator}) and looks squeezed; a name ending in .mp4 or .mkv keeps it."
                )
        if self._turned:
            stream.set_display_rotation(self._turned)
        return stream

    def _encoder(self) -> tuple[str, dict[str, str]]:
        import av

        odd = self.video.width % 2 or self.video.height % 2
        for name, options in _ENCODERS["webm" if self.path.suffix.lower() == ".webm" else "h264"]:
            if odd and name in _ONLY_EVEN:
                continue
            with contextlib.suppress(av.codec.codec.UnknownCodecError):
                av.codec.Codec(name, "w")
                return name, options
        raise MediaError(f"This PyAV has no encoder for {self.path.suffix}.", hint="pip install --upgrade av")

    def _add_passenger(self, stream: Any) -> None:
        import av

        try:
            self._try_alone(stream)
            output = self._container.add_stream_from_template(stream)
        except (ValueError, av.error.FFmpegError) as error:
            name = stream.codec_context.name
            if stream.type != "audio":
                self.notes.append(f"Subtitles ({name}) cannot be kept in {self.path.suffix} and are left out.")
                return
            raise MediaError(
                f"{self.path.suffix} cannot hold the sound ({name}) as it is.",
                hint="Choose a name ending in .mkv, which takes any sound, or leave it out with --no-sound.",
            ) from error
        output.metadata.update({k: v for k, v in stream.metadata.items() if k in ("language", "title")})
        self._outputs[stream.index] = output

    def _try_alone(self, stream: Any) -> None:
        """Some containers take a stream and refuse it as they begin, or as they end, hours later: so end one at once.

        ``stream`` is read from a file opened once more. Of subtitles, which may begin late, no packet is tried.
        """
        import av

        kind = self._container.format.name
        with av.open(stream.container.name) as again, av.open(io.BytesIO(), "w", format=kind) as container:
            source = again.streams[stream.index]
            output = container.add_stream_from_template(source)
            container.start_encoding()
            packets = again.demux(source) if stream.type == "audio" else ()
            for packet in packets:
                if packet.dts is not None:
                    packet.stream = output
                    container.mux(packet)
                    break

    def _encode(self, frame: Any) -> None:
        with self._telling():
            for packet in self._stream.encode(frame):
                duration = self._durations.pop(packet.pts, 0)
                if duration:
                    packet.duration = duration
                self._container.mux(packet)

    @contextlib.contextmanager
    def _telling(self) -> Iterator[None]:
        import av

        try:
            yield
        except (av.error.FFmpegError, OSError) as error:
            self.abandon()
            hint = "Make room on that disk." if error.errno == errno.ENOSPC else ""
            raise MediaError(f"Cannot write {self.path}: {error.strerror or error}.", hint=hint) from error


def check_output(
    path: Path, *, overwrite: bool, inputs: Sequence[Path] = (), kinds: Sequence[str] = CONTAINERS
) -> None:
    """Refuse early what cannot be written: MediaError names the reason and the way out."""
    if path.suffix.lower() not in kinds:
        raise MediaError(f"Cannot write '{path.name}'.", hint=f"Choose a name ending in {', '.join(kinds)}.")
    if not path.parent.is_dir():
        raise MediaError(f"There is no folder {path.parent}.", hint="Make it first.")
    for source in inputs:
        if path.exists() and source.exists() and os.path.samefile(path, source):
            raise MediaError(f"{path} is the input itself.", hint="Choose another name.")
    if path.is_dir():
        raise MediaError(f"{path} is a folder.", hint="Choose another name.")
    if path.exists() and not overwrite:
        raise MediaError(f"{path} exists.", hint="Choose another name or pass --overwrite.")
