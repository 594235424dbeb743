"""Restyling a whole video: what is kept, what is changed, what is left behind when it goes wrong."""

from __future__ import annotations

import sys
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest
from clips import VFR_MS, packets, scene, times
from inverting_engine import InvertingEngine

from framegen.config import Settings
from framegen.errors import MediaError
from framegen.video.bars import Bars
from framegen.video.depth import DepthEncoding, DepthSource
from framegen.video.footage import restyle_video
from framegen.video.source import VideoSource

Make = Callable[..., Path]


def pictures(path: Path) -> list[Any]:
    with av.open(str(path)) as container:
        return [frame.to_ndarray(format="rgb24").astype(int) for frame in container.decode(video=0)]


def restyle(source: Path, target: Path, engine: InvertingEngine | None = None, **options: Any) -> Any:
    settings = Settings().updated({"prompt": "a rainy night"})
    return restyle_video(source, target, engine or InvertingEngine(), settings, **options)


def test_every_frame_is_restyled_and_nothing_else_changes(make_clip: Make, tmp_path: Path) -> None:
    source = make_clip(metadata={"title": "a drive", "comment": "mine"})
    engine = InvertingEngine()
    steps: list[tuple[int, int]] = []
    report = restyle(source, tmp_path / "out.mp4", engine, progress=lambda done, total: steps.append((done, total)))
    count = len(VFR_MS)
    assert report.frames == count and steps == [(i + 1, count) for i in range(count)]
    assert times(tmp_path / "out.mp4") == times(source)
    assert packets(tmp_path / "out.mp4", "audio") == packets(source, "audio")
    for before, after in zip(pictures(source), pictures(tmp_path / "out.mp4"), strict=True):
        assert np.abs(255 - before - after).mean() < 4
    with av.open(str(tmp_path / "out.mp4")) as container:
        comment = container.metadata["comment"]
        assert container.metadata["title"] == "a drive"
    assert comment.startswith("Restyled by framegen")
    assert "inverting" in comment and "a rainy night" in comment and "mine" in comment
    assert [frame.timestamp_ns // 1_000_000 for frame in engine.frames] == pytest.approx(list(VFR_MS), abs=1)


def test_flow_carries_history_from_frame_to_frame(make_clip: Make, tmp_path: Path) -> None:
    engine = InvertingEngine()
    restyle(make_clip(width=256, height=144), tmp_path / "out.mp4", engine)
    trusted = [h.trust.mean() for h in engine.histories if h is not None]
    assert len(trusted) == len(VFR_MS) - 1 and np.median(trusted) > 0.3


def test_side_by_side_shows_the_footage_left(make_clip: Make, tmp_path: Path) -> None:
    source = make_clip()
    restyle(source, tmp_path / "out.mp4", side_by_side=True)
    for before, both in zip(pictures(source), pictures(tmp_path / "out.mp4"), strict=True):
        assert both.shape == (64, 192, 3)
        assert np.abs(both[:, :96] - before).mean() < 4 and np.abs(255 - both[:, 96:] - before).mean() < 4


def test_bars_stay_black(make_clip: Make, tmp_path: Path) -> None:
    bars = Bars(top=16, bottom=16)

    def boxed(number: int, width: int, height: int) -> Any:
        picture = np.zeros((height, width, 3), np.uint8)
        bars.inside(picture)[:] = bars.inside(scene(number, width, height))
        return picture

    engine = InvertingEngine()
    report = restyle(make_clip(height=128, width=160, picture=boxed), tmp_path / "out.mp4", engine)
    assert report.bars == bars and (engine.frames[0].width, engine.frames[0].height) == (160, 96)
    for after in pictures(tmp_path / "out.mp4"):
        assert (after[:14] <= 2).all() and (after[-14:] <= 2).all() and after[20:-20].mean() > 60
    report = restyle(tmp_path / "in.mp4", tmp_path / "all.mp4", keep_bars=False)
    assert not report.bars and pictures(tmp_path / "all.mp4")[0][:14].mean() > 200


@pytest.mark.parametrize("rotation", [90, 180])
def test_the_model_sees_turned_footage_upright(make_clip: Make, tmp_path: Path, rotation: int) -> None:
    engine = InvertingEngine()
    restyle(make_clip(rotation=rotation, sound=""), tmp_path / "out.mp4", engine)
    upright = np.rot90(scene(0, 96, 64), rotation // 90)
    seen = engine.frames[0].color[: upright.shape[0], : upright.shape[1]]
    assert np.abs(seen.astype(int) - upright).mean() < 6
    with av.open(str(tmp_path / "out.mp4")) as container:
        assert abs(next(container.decode(video=0)).rotation) == rotation


@pytest.mark.parametrize(("width", "height"), [(97, 65), (70, 64)])
def test_odd_sizes_keep_their_size(make_clip: Make, tmp_path: Path, width: int, height: int) -> None:
    source = make_clip(width=width, height=height, pixel_format="yuv444p")
    restyle(source, tmp_path / "out.mp4")
    assert pictures(tmp_path / "out.mp4")[0].shape == (height, width, 3)


def aspect_of(path: Path) -> Fraction | None:
    with VideoSource(path) as source:
        return source.sample_aspect_ratio


@pytest.mark.parametrize("out", ["out.mp4", "out.mkv"])
@pytest.mark.parametrize(
    ("codec", "rotation", "upright"),
    [("libvpx-vp9", 0, Fraction(4, 3)), ("libx264", 0, Fraction(4, 3)), ("libx264", 90, Fraction(3, 4))],
)
def test_pixels_keep_their_shape(
    make_clip: Make, tmp_path: Path, codec: str, rotation: int, upright: Fraction, out: str
) -> None:
    """Also where the container alone says it (VP9), and where two pictures beside each other are no longer turned."""
    source = make_clip(codec=codec, rotation=rotation, aspect=Fraction(4, 3), sound="")
    assert aspect_of(source) == upright
    assert not restyle(source, tmp_path / out).notes
    assert aspect_of(tmp_path / out) == upright
    restyle(source, tmp_path / f"both{out}", side_by_side=True)
    assert aspect_of(tmp_path / f"both{out}") == upright


def test_a_lost_shape_of_pixels_is_said(make_clip: Make, tmp_path: Path) -> None:
    (note,) = restyle(make_clip(rotation=90, aspect=Fraction(4, 3), sound=""), tmp_path / "out.webm").notes
    assert ".webm" in note and "3:4" in note and ".mkv" in note
    assert not restyle(make_clip(sound=""), tmp_path / "square.webm").notes


def test_sound_can_be_left_out(make_clip: Make, tmp_path: Path) -> None:
    restyle(make_clip(), tmp_path / "out.webm", sound=False)
    with av.open(str(tmp_path / "out.webm")) as container:
        assert [s.type for s in container.streams] == ["video"]


def with_subtitles(clip: Path, path: Path) -> Path:
    """The clip once more, with two lines of text in it."""
    text = clip.with_suffix(".srt")
    text.write_text("1\n00:00:00,000 --> 00:00:00,200\nHere\n\n2\n00:00:00,250 --> 00:00:00,400\nthere\n", "utf-8")
    with av.open(str(clip)) as first, av.open(str(text)) as second, av.open(str(path), "w") as out:
        inputs: list[Any] = [first, second]
        streams = [{stream.index: out.add_stream_from_template(stream) for stream in own.streams} for own in inputs]
        for own, outputs in zip(inputs, streams, strict=True):
            for packet in own.demux():
                if packet.dts is not None:
                    packet.stream = outputs[packet.stream.index]
                    out.mux(packet)
    return path


def test_subtitles_come_along_or_are_named(make_clip: Make, tmp_path: Path) -> None:
    source = with_subtitles(make_clip(), tmp_path / "in.mkv")
    assert not restyle(source, tmp_path / "out.mkv", sound=False).notes
    assert packets(tmp_path / "out.mkv", "subtitle") == packets(source, "subtitle")
    with av.open(str(tmp_path / "out.mkv")) as container:
        assert [s.type for s in container.streams] == ["video", "subtitle"]
    (note,) = restyle(source, tmp_path / "out.mp4", sound=False).notes
    assert note.startswith("Subtitles (") and "cannot be kept in .mp4" in note


def depth_folder(tmp_path: Path, count: int) -> Path:
    folder = tmp_path / "depth"
    folder.mkdir()
    for number in range(count):
        np.save(folder / f"{number}.npy", np.linspace(2, 30, 64 * 96).reshape(64, 96).astype(np.float32))
    return folder


def test_depth_reaches_the_model(make_clip: Make, tmp_path: Path) -> None:
    engine = InvertingEngine()
    depth = DepthSource(depth_folder(tmp_path, len(VFR_MS)), DepthEncoding.parse("metres"))
    restyle(make_clip(), tmp_path / "out.mp4", engine, depth=depth)
    seen = engine.frames[3]
    assert seen.depth_m is not None and seen.camera is None
    assert float(seen.depth_m.min()) == pytest.approx(2.0, rel=0.01)


def test_too_little_depth_leaves_no_file(make_clip: Make, tmp_path: Path) -> None:
    source = make_clip()
    depth = DepthSource(depth_folder(tmp_path, 3), DepthEncoding.parse("metres"))
    with pytest.raises(MediaError, match="depth for 3 frames"):
        restyle(source, tmp_path / "out.mp4", depth=depth)
    assert sorted(p.name for p in tmp_path.iterdir()) == ["depth", "in.mp4"]


@pytest.mark.parametrize("error", [KeyboardInterrupt, RuntimeError])
def test_an_interrupted_run_leaves_no_file(make_clip: Make, tmp_path: Path, error: type[BaseException]) -> None:
    source = make_clip()

    def stop(done: int, total: int) -> None:
        assert not (tmp_path / "out.mp4").exists()
        if done == 5:
            raise error

    with pytest.raises(error):
        restyle(source, tmp_path / "out.mp4", progress=stop)
    assert [p.name for p in tmp_path.iterdir()] == ["in.mp4"]


def test_damage_on_the_way_is_counted(make_clip: Make, tmp_path: Path) -> None:
    source = make_clip("in.mkv", times_ms=range(0, 2000, 40), codec="mpeg4", width=160, height=120)
    data = bytearray(source.read_bytes())
    middle = len(data) // 2
    data[middle : middle + 3000] = b"\x55" * 3000
    source.write_bytes(data)
    report = restyle(source, tmp_path / "out.mkv", sound=False)
    assert 20 < report.frames <= 50


def test_footage_that_was_cut_short_is_restyled_as_far_as_it_goes_and_that_is_said(
    make_clip: Make, tmp_path: Path
) -> None:
    whole, cut = tmp_path / "whole.mp4", tmp_path / "cut.mp4"
    index_first = {"movflags": "faststart"}  # else a file that is cut short cannot be opened at all
    with av.open(str(make_clip(sound=""))) as source, av.open(str(whole), "w", options=index_first) as copy:
        stream = copy.add_stream_from_template(source.streams.video[0])
        for packet in source.demux(video=0):
            if packet.dts is not None:
                packet.stream = stream
                copy.mux(packet)
    assert restyle(whole, tmp_path / "out.mp4").notes == []
    with av.open(str(whole)) as source:
        starts = [packet.pos for packet in source.demux(video=0) if packet.pos]
    cut.write_bytes(whole.read_bytes()[: starts[6]])
    report = restyle(cut, tmp_path / "short.mp4")
    assert 0 < report.frames < len(VFR_MS)
    assert any("cut.mp4 announces 12 pictures" in note for note in report.notes)


@pytest.mark.parametrize(("name", "sound"), [("in.mkv", "aac"), ("in.webm", ""), ("in.flv", "")])
def test_containers_that_count_no_pictures_say_by_time_that_they_were_cut_short(
    make_clip: Make, tmp_path: Path, name: str, sound: str
) -> None:
    codec = {".mkv": "libx264", ".webm": "libvpx-vp9", ".flv": "flv1"}[Path(name).suffix]
    source = make_clip(name, codec=codec, times_ms=range(0, 3000, 40), sound=sound)
    assert not restyle(source, tmp_path / "whole.mp4").notes
    cut = source.with_stem("cut")
    cut.write_bytes(source.read_bytes()[: source.stat().st_size // 2])
    (note,) = restyle(cut, tmp_path / "out.mp4").notes
    assert note.startswith(f"{cut.name} announces 3.0 s and ends after ")


@pytest.mark.skipif(sys.platform == "win32", reason="needs colons in names: run on Linux or macOS")
def test_names_with_a_colon_are_no_protocol(make_clip: Make, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    make_clip("12:30.mp4")
    monkeypatch.chdir(tmp_path)
    restyle(Path("12:30.mp4"), Path("12:31.mp4"))
    assert packets(tmp_path / "12:31.mp4", "audio") == packets(tmp_path / "12:30.mp4", "audio")
