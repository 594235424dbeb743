"""What goes through a video file and back: times, sizes, sound, rotation, colour, and nothing half written."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest
from clips import VFR_MS, packets, scene, times

from framegen.errors import MediaError
from framegen.video import colour
from framegen.video.sink import VideoFormat, VideoSink
from framegen.video.source import Picture, VideoSource

Make = Callable[..., Path]


def copy(source_path: Path, target: Path, **changes: Any) -> VideoSink:
    """Through source and sink, pictures unchanged."""
    with VideoSource(source_path) as source:
        facts = source.colour
        video = VideoFormat(
            source.width,
            source.height,
            source.rate,
            source.time_base,
            source.rotation_deg,
            facts.matrix,
            facts.full_range,
        )
        riders = tuple(source.passengers)
        with VideoSink(target, replace(video, **changes), passengers=riders) as sink:
            for item in source.pictures(riders):
                if isinstance(item, Picture):
                    sink.write(item.rgb, item.pts, item.duration)
                else:
                    sink.pass_on(item)
    return sink


@pytest.mark.parametrize(("name", "out"), [("in.mp4", "out.mp4"), ("in.mp4", "out.mov"), ("in.mkv", "out.mkv")])
def test_uneven_times_and_sound_survive(make_clip: Make, tmp_path: Path, name: str, out: str) -> None:
    source = make_clip(name)
    copy(source, tmp_path / out)
    assert times(tmp_path / out) == times(source) and len(times(source)) == len(VFR_MS)
    assert packets(tmp_path / out, "audio") == packets(source, "audio")


def test_the_last_picture_stays_as_long_as_it_did(make_clip: Make, tmp_path: Path) -> None:
    source = make_clip(sound="")
    copy(source, tmp_path / "out.mp4")
    lengths = []
    for path in (source, tmp_path / "out.mp4"):
        with av.open(str(path)) as container:
            lengths.append(container.streams.video[0].duration)
    assert lengths[0] == lengths[1]


def test_a_late_start_stays_late(make_clip: Make, tmp_path: Path) -> None:
    source = make_clip("in.mkv", times_ms=[1400, 1433, 1467, 1500])
    copy(source, tmp_path / "out.mp4")
    assert times(tmp_path / "out.mp4")[0] == Fraction(1400, 1000)


@pytest.mark.parametrize("out", ["out.mp4", "out.webm"])
@pytest.mark.parametrize(("width", "height"), [(97, 64), (96, 63), (65, 33)])
def test_odd_sizes_come_back_as_they_are(make_clip: Make, tmp_path: Path, width: int, height: int, out: str) -> None:
    source = make_clip(width=width, height=height, pixel_format="yuv444p", sound="libopus")
    copy(source, tmp_path / out)
    with av.open(str(tmp_path / out)) as container:
        frame = next(container.decode(video=0))
        assert (frame.width, frame.height) == (width, height)


@pytest.mark.parametrize("rotation", [90, 180, -90])
def test_turned_footage_is_read_upright_and_stays_turned(make_clip: Make, tmp_path: Path, rotation: int) -> None:
    source = make_clip(rotation=rotation)
    with VideoSource(source) as opened:
        assert (opened.width, opened.height) == ((64, 96) if rotation != 180 else (96, 64))
        first = next(item for item in opened.pictures() if isinstance(item, Picture))
    assert np.abs(first.rgb.astype(int) - np.rot90(scene(0, 96, 64), rotation // 90)).mean() < 6
    copy(source, tmp_path / "out.mp4")
    with av.open(str(tmp_path / "out.mp4")) as container:
        frame = next(container.decode(video=0))
        assert (frame.width, frame.height) == (96, 64) and (frame.rotation - rotation) % 360 == 0


@pytest.mark.parametrize("matrix", [colour.BT709, colour.SMPTE170M])
@pytest.mark.parametrize("full_range", [False, True])
def test_colour_keeps_its_matrix_and_range(make_clip: Make, tmp_path: Path, matrix: int, full_range: bool) -> None:
    def flat(number: int, width: int, height: int) -> Any:
        return np.tile(np.array([200, 40, 90], np.uint8), (height, width, 1))

    tags = (matrix, colour.FULL if full_range else colour.LIMITED)
    source = make_clip(picture=flat, tags=tags, sound="", pixel_format="yuv444p")
    with VideoSource(source) as opened:
        read = next(item for item in opened.pictures() if isinstance(item, Picture))
        assert (opened.colour.matrix, opened.colour.full_range) == (matrix, full_range)
    assert np.abs(read.rgb.astype(int) - [200, 40, 90]).max() <= 3
    copy(source, tmp_path / "out.mp4")
    with VideoSource(tmp_path / "out.mp4") as opened:
        again = next(item for item in opened.pictures() if isinstance(item, Picture))
        assert (opened.colour.matrix, opened.colour.full_range) == (matrix, full_range)
    assert np.abs(again.rgb.astype(int) - [200, 40, 90]).max() <= 4


def test_ten_bits_are_rounded_and_said(make_clip: Make) -> None:
    with VideoSource(make_clip(pixel_format="yuv420p10le", sound="")) as source:
        assert source.notes == ["10-bit colour is rounded to 8 bits."]
        picture = next(item for item in source.pictures() if isinstance(item, Picture))
    assert np.abs(picture.rgb.astype(int) - scene(0, 96, 64)).mean() < 6


def test_transparency_lies_over_black(make_clip: Make) -> None:
    def half(number: int, width: int, height: int) -> Any:
        rgba = np.full((height, width, 4), 200, np.uint8)
        rgba[:, : width // 2, 3], rgba[:, width // 2 :, 3] = 255, 0
        return rgba

    path = make_clip("in.mov", codec="png", pixel_format="rgba", picture=half, sound="")
    with VideoSource(path) as source:
        assert source.notes == ["Transparency is laid over black."]
        picture = next(item for item in source.pictures() if isinstance(item, Picture)).rgb
    assert (picture[:, :40] == 200).all() and (picture[:, 56:] == 0).all()


def test_hdr_white_becomes_white_and_grey_stays_grey() -> None:
    def pq(nits: float) -> float:
        power = (nits / 10000.0) ** 0.1593017578125
        return float(((0.8359375 + 18.8515625 * power) / (1 + 18.6875 * power)) ** 78.84375)

    grey = [0.0, 20.0, 203.0, 1000.0]
    codes = np.array([[[pq(nits) * 65535] * 3 for nits in grey]]).astype(np.uint16)
    picture = colour._tone_mapped(codes, 16)[0]
    assert (np.ptp(picture.astype(int), axis=1) <= 1).all()
    levels = picture[:, 1].astype(int)
    assert levels[0] == 0 and 80 < levels[1] < 100 and levels[2] > 225 and levels[2] < levels[3] <= 255


@pytest.mark.parametrize(
    ("content", "words"),
    [(None, "There is no file"), (b"not a video at all" * 40, "Cannot read"), (b"", "Cannot read")],
)
def test_unreadable_input_is_one_clear_line(tmp_path: Path, content: bytes | None, words: str) -> None:
    path = tmp_path / "in.mp4"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(MediaError, match=words) as caught:
        VideoSource(path)
    assert "\n" not in str(caught.value)


def test_a_song_has_no_video(tmp_path: Path) -> None:
    path = tmp_path / "song.mp4"
    with av.open(str(path), "w") as container:
        audio: Any = container.add_stream("aac", rate=48000)
        frame = av.AudioFrame.from_ndarray(np.zeros((2, 1024), np.float32), format="fltp", layout="stereo")
        frame.sample_rate = 48000
        container.mux(audio.encode(frame))
        container.mux(audio.encode(None))
    with pytest.raises(MediaError, match="no video"):
        VideoSource(path)


def test_a_truncated_file_gives_what_it_has(make_clip: Make, tmp_path: Path) -> None:
    whole = make_clip("in.mkv", times_ms=range(0, 3000, 33)).read_bytes()
    cut = tmp_path / "cut.mkv"
    cut.write_bytes(whole[: len(whole) // 2])
    with VideoSource(cut) as source:
        count = sum(isinstance(item, Picture) for item in source.pictures())
    assert 10 < count < 91


@pytest.mark.parametrize(
    ("name", "sound", "out"),
    [
        ("in.mp4", "aac", "out.webm"),
        ("in.mkv", "flac", "out.mov"),  # refused as the file begins
        ("in.mkv", "pcm_s16le", "out.mp4"),  # refused as it ends
    ],
)
def test_a_container_that_cannot_take_the_sound_says_which_can(
    make_clip: Make, tmp_path: Path, name: str, sound: str, out: str
) -> None:
    source = make_clip(name, sound=sound)
    with pytest.raises(MediaError, match=rf"\{Path(out).suffix} cannot hold the sound \({sound}\).*\.mkv.*--no-sound"):
        copy(source, tmp_path / out)
    assert [p.name for p in tmp_path.iterdir()] == [name]


@pytest.mark.parametrize("name", ["out.avi", "out", "out.txt"])
def test_unknown_endings_are_refused(tmp_path: Path, name: str) -> None:
    with pytest.raises(MediaError, match=r"\.mp4"):
        VideoSink(tmp_path / name, VideoFormat(64, 64))


def test_an_existing_file_stays_until_the_new_one_is_whole(tmp_path: Path) -> None:
    path = tmp_path / "out.mp4"
    path.write_bytes(b"mine")
    with pytest.raises(MediaError, match="--overwrite"):
        VideoSink(path, VideoFormat(64, 64))
    sink = VideoSink(path, VideoFormat(64, 64), overwrite=True)
    sink.write(scene(0, 64, 64), 0)
    assert path.read_bytes() == b"mine"
    sink.abandon()
    assert path.read_bytes() == b"mine" and [p.name for p in tmp_path.iterdir()] == ["out.mp4"]


@pytest.mark.skipif(sys.platform == "win32", reason="needs a file size limit (setrlimit): run on Linux or macOS")
def test_a_full_disk_is_told_and_leaves_nothing(tmp_path: Path) -> None:
    program = f"""
import resource, signal, numpy as np
from framegen.video.sink import VideoFormat, VideoSink
from framegen.errors import MediaError
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, 100_000))
rng = np.random.default_rng(0)
try:
    with VideoSink({str(tmp_path / "out.mp4")!r}, VideoFormat(320, 240)) as sink:
        for i in range(40):
            sink.write(rng.integers(0, 256, (240, 320, 3), dtype=np.uint8), i * 3000)
except MediaError as error:
    print("told:", error)
"""
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=60, check=False)
    assert "told: Cannot write" in done.stdout, done.stderr
    assert list(tmp_path.iterdir()) == []
