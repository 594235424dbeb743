"""Recordings: round trip, damage, and what the writer promises."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from framegen import Camera, Frame, Restyled
from framegen.errors import MediaError
from framegen.recording import TO_CLIENT, TO_SERVER, RecordingReader, RecordingWriter, read_frames, recording_info
from framegen.recording.container import pack_parts, unpack_parts
from framegen.wire import codec
from framegen.wire.messages import Hello, SendFrame, SendResult, Superseded


def frame(number: int, width: int = 96, height: int = 64) -> Frame:
    rng = np.random.default_rng(number)
    return Frame(
        frame_id=number,
        timestamp_ns=number * 33_333_333,
        color=rng.integers(0, 256, (height, width, 3), dtype=np.uint8),
        depth_m=rng.uniform(0.5, 90, (height, width)).astype(np.float16),
        motion_px=rng.normal(size=(height, width, 2)).astype(np.float16),
        motion_from_frame_id=number - 1 if number else None,
        label=rng.integers(0, 9, (height, width), dtype=np.uint8),
        camera=Camera.perspective(np.eye(4), fov_y_rad=1.0, aspect=width / height),
    )


def write(path: Path, count: int = 8, **options: object) -> Path:
    with RecordingWriter(path, about={"title": "a test"}, **options) as writer:  # type: ignore[arg-type]
        writer.write(TO_SERVER, codec.encode(Hello(client="test")))
        for number in range(count):
            writer.write(TO_SERVER, codec.encode(SendFrame(frame(number))))
            if number % 4 == 3:
                writer.write(TO_CLIENT, codec.encode(Superseded(number, 0, number + 1)))
            else:
                image = frame(number).color
                writer.write(TO_CLIENT, codec.encode(SendResult(Restyled(number, 0, image))))
    return path


@given(st.lists(st.binary(max_size=50), max_size=6))
def test_container_round_trip(parts: list[bytes]) -> None:
    assert [bytes(p) for p in unpack_parts(pack_parts(parts))] == parts


@given(st.binary(max_size=60))
def test_container_refuses_what_does_not_add_up(block: bytes) -> None:
    try:
        parts = unpack_parts(block)
    except MediaError:
        return
    assert pack_parts(parts) == block


@pytest.mark.parametrize("packed", [False, True])
@pytest.mark.parametrize("compression", ["none", "lz4", "zstd"])
def test_every_plane_comes_back(tmp_path: Path, compression: str, packed: bool) -> None:
    path = write(tmp_path / "a.mcap", compression=compression, packed=packed)
    frames = list(read_frames(path))
    assert [f.frame_id for f in frames] == list(range(8))
    for number, got in enumerate(frames):
        sent = frame(number)
        for name in ("color", "depth_m", "motion_px", "label"):
            assert np.array_equal(getattr(got, name), getattr(sent, name)), name
        assert got.timestamp_ns == sent.timestamp_ns and got.motion_from_frame_id == sent.motion_from_frame_id
        assert got.camera is not None and sent.camera is not None
        assert np.array_equal(got.camera.clip_from_view, sent.camera.clip_from_view)


def test_info_counts_both_directions(tmp_path: Path) -> None:
    info = recording_info(write(tmp_path / "a.mcap"))
    assert (info.frames, info.results, info.superseded, info.messages, info.peers) == (8, 6, 2, 17, 1)
    assert (info.width, info.height) == (96, 64)
    assert info.about["title"] == "a test" and info.about["protocol"] == "1.0" and info.problem == ""


def test_other_tools_can_read_it(tmp_path: Path) -> None:
    from mcap.reader import make_reader

    with open(write(tmp_path / "a.mcap"), "rb") as file:
        reader = make_reader(file, validate_crcs=True)
        messages = list(reader.iter_messages())
        summary = reader.get_summary()
    assert len(messages) == 17
    assert {channel.topic for _, channel, _ in messages} == {"to_server/0", "to_client/0"}
    assert summary is not None and summary.statistics is not None and summary.statistics.message_count == 17


def test_times_never_run_backwards(tmp_path: Path) -> None:
    path = tmp_path / "a.mcap"
    with RecordingWriter(path) as writer:
        for at_ns in (100, 50, 200):
            writer.write(TO_SERVER, [b"\x80"], at_ns=at_ns)
    with RecordingReader(path) as reader:
        times = [record.time_ns for record in reader.records()]
    assert times[0] == times[1] and times[2] == times[0] + 100


@pytest.mark.parametrize("compression", ["none", "lz4", "zstd"])
def test_a_file_cut_short_is_read_as_far_as_it_goes(tmp_path: Path, compression: str) -> None:
    whole = write(tmp_path / "a.mcap", compression=compression, chunk_bytes=100_000).read_bytes()
    cut = tmp_path / "cut.mcap"
    last = 8
    for share in (0.97, 0.7, 0.4):
        cut.write_bytes(whole[: int(len(whole) * share)])
        info = recording_info(cut)
        assert 0 < info.frames <= last and "cut short" in info.problem
        last = info.frames
    assert last < 6


def test_damage_in_the_middle_is_noticed(tmp_path: Path) -> None:
    path = write(tmp_path / "a.mcap", compression="lz4", chunk_bytes=100_000)
    damaged = bytearray(path.read_bytes())
    damaged[len(damaged) // 2] ^= 0xFF
    path.write_bytes(damaged)
    info = recording_info(path)
    assert info.frames < 8 and "damaged" in info.problem


@pytest.mark.parametrize("byte", [5, 7], ids=["more than there is memory", "more than there are addresses"])
def test_a_length_beyond_all_bounds_is_damage(tmp_path: Path, byte: int) -> None:
    path = write(tmp_path / "a.mcap", compression="lz4")
    damaged = bytearray(path.read_bytes())
    damaged[damaged.index(b"lz4") + len("lz4") + byte] = 0x7F if byte == 5 else 0xFF  # of the chunk's records
    path.write_bytes(damaged)
    info = recording_info(path)
    assert info.frames == 0 and "damaged" in info.problem


@pytest.mark.parametrize("content", [b"", b"RIFF....", b"\x89MCAP0\r\n"])
def test_what_is_no_recording_is_refused(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "not.mcap"
    path.write_bytes(content)
    with pytest.raises(MediaError, match=r"not\.mcap"):
        list(read_frames(path))


def test_a_message_without_parts_is_passed_over(tmp_path: Path) -> None:
    with RecordingWriter(tmp_path / "a.mcap") as writer:
        writer.write(TO_SERVER, [])
        writer.write(TO_SERVER, codec.encode(SendFrame(frame(1))))
    info = recording_info(tmp_path / "a.mcap")
    assert (info.messages, info.frames) == (2, 1)
    assert [found.frame_id for found in read_frames(tmp_path / "a.mcap")] == [1]


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(MediaError, match=r"gone\.mcap"):
        next(read_frames(tmp_path / "gone.mcap"))


def test_nothing_is_replaced_unasked_and_nothing_is_left_behind(tmp_path: Path) -> None:
    path = write(tmp_path / "a.mcap")
    before = path.read_bytes()
    with pytest.raises(MediaError, match="--overwrite"):
        RecordingWriter(path)
    with pytest.raises(ZeroDivisionError), RecordingWriter(path, overwrite=True) as writer:
        writer.write(TO_SERVER, [b"x"])
        raise ZeroDivisionError
    assert path.read_bytes() == before and [p.name for p in tmp_path.iterdir()] == ["a.mcap"]


def test_a_second_recording_of_a_name_is_refused_and_spoils_nothing(tmp_path: Path) -> None:
    path = tmp_path / "a.mcap"
    with RecordingWriter(path) as writer:
        writer.write(TO_SERVER, codec.encode(SendFrame(frame(0))))
        for overwrite in (False, True):
            with pytest.raises(MediaError, match="being recorded"):
                RecordingWriter(path, overwrite=overwrite)
        writer.write(TO_SERVER, codec.encode(SendFrame(frame(1))))
    assert [f.frame_id for f in read_frames(path)] == [0, 1]
    assert [p.name for p in tmp_path.iterdir()] == ["a.mcap"]


def test_what_a_crash_left_is_kept_beside_the_new_recording(tmp_path: Path) -> None:
    left = tmp_path / "a.mcap.part"
    left.write_bytes(b"of a recording that broke off")
    write(tmp_path / "a.mcap")
    assert left.read_bytes() == b"of a recording that broke off"
    assert sorted(p.name for p in tmp_path.iterdir()) == ["a.mcap", "a.mcap.part"]


def test_two_clients_are_told_apart(tmp_path: Path) -> None:
    path = tmp_path / "a.mcap"
    with RecordingWriter(path) as writer:
        for number in range(4):
            writer.write(TO_SERVER, codec.encode(SendFrame(frame(number))), peer=number % 2)
    assert [f.frame_id for f in read_frames(path)] == [0, 2]
    assert [f.frame_id for f in read_frames(path, peer=1)] == [1, 3]
    assert recording_info(path).peers == 2
