"""Recording through the proxy and replaying, over real sockets, against a server with a stand-in model."""

from __future__ import annotations

import argparse
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import av
import numpy as np
import pytest
from stand_in_server import Bare, InvertEngine, frame, serving

from framegen import Client
from framegen.errors import ConfigError, ConnectionLost, MediaError
from framegen.record.command import run as record
from framegen.record.proxy import Proxy
from framegen.record.tape import Counts, Tape
from framegen.recording import TO_CLIENT, TO_SERVER, RecordingReader, RecordingWriter, read_frames, recording_info
from framegen.replay.command import _pace
from framegen.replay.player import Replay
from framegen.replay.script import cues
from framegen.server.options import Endpoint
from framegen.wire import codec
from framegen.wire.messages import Hello, SendFrame, SendResult, UpdateSettings, Welcome


@contextmanager
def recording(server: str, path: Path, **options: object) -> Iterator[str]:
    """A recording proxy in a thread; the recording is whole afterwards. Yields its address."""
    tape = Tape(RecordingWriter(path), Counts())
    proxy = Proxy("tcp://127.0.0.1:*", server, tape.put, **options)  # type: ignore[arg-type]
    stopped = threading.Event()

    def pump() -> None:
        while not stopped.is_set():
            proxy.turn(20)
        proxy.close()

    thread = threading.Thread(target=pump)
    thread.start()
    try:
        yield proxy.address
    finally:
        stopped.set()
        thread.join()
        tape.close()


def messages(path: Path, direction: str) -> list[object]:
    with RecordingReader(path) as reader:
        return [message for record, message in reader.messages() if record.direction == direction]


def test_what_the_engine_says_is_heard_although_it_could_share_memory(tmp_path: Path) -> None:
    path = tmp_path / "a.mcap"
    with serving() as server, recording(server.addresses[0], path) as address, Client(address) as client:
        assert "shared_memory" not in client.wait_connected().capabilities
        assert (client.restyle(frame(1)).image == 255 - 21).all()
    assert [f.frame_id for f in read_frames(path)] == [1]


def test_a_session_through_the_proxy_is_written_down_whole(tmp_path: Path) -> None:
    path = tmp_path / "a.mcap"
    with (
        serving() as server,
        recording(server.addresses[0], path) as address,
        Client(address, name="engine") as client,
    ):
        client.set(prompt="night rain", wait=True)
        for number in range(1, 6):
            result = client.restyle(frame(number))
            assert np.array_equal(result.image, 255 - frame(number).color)
    said, heard = messages(path, TO_SERVER), messages(path, TO_CLIENT)
    assert isinstance(said[0], Hello) and said[0].client == "engine"
    assert isinstance(heard[0], Welcome)
    assert any(isinstance(m, UpdateSettings) and m.changes["prompt"] == "night rain" for m in said)
    assert [m.frame.frame_id for m in said if isinstance(m, SendFrame)] == [1, 2, 3, 4, 5]
    assert [m.result.frame_id for m in heard if isinstance(m, SendResult)] == [1, 2, 3, 4, 5]
    assert all(np.array_equal(got.color, frame(got.frame_id).color) for got in read_frames(path))


def test_two_clients_have_sessions_of_their_own(tmp_path: Path) -> None:
    path = tmp_path / "a.mcap"
    with (
        serving() as server,
        recording(server.addresses[0], path) as address,
        Bare(address) as one,
        Bare(address) as two,
    ):
        assert one.greet().session != two.greet().session
        one.picture(SendFrame(frame(1)))
        two.picture(SendFrame(frame(100)))
    assert recording_info(path).peers == 2
    assert sorted(f.frame_id for peer in (0, 1) for f in read_frames(path, peer)) == [1, 100]


def test_a_token_opens_the_server_behind_the_proxy(tmp_path: Path) -> None:
    endpoints = (Endpoint("tcp://127.0.0.1:*", "plain"),)
    with (
        serving(endpoints=endpoints, token="a long secret") as server,
        recording(server.addresses[0], tmp_path / "a.mcap", token="a long secret") as address,
        Bare(address) as bare,
    ):
        bare.greet()


def test_clients_that_left_are_forgotten(tmp_path: Path) -> None:
    proxy = Proxy("tcp://127.0.0.1:*", "tcp://127.0.0.1:9", lambda *_: None, idle_s=0.0)
    with Bare(proxy.address) as bare:
        bare.say(Hello())
        deadline = time.monotonic() + 60
        while not proxy.clients and time.monotonic() < deadline:
            proxy.turn(20)
    proxy.turn(1)
    assert proxy.clients == 1 and not proxy._clients
    proxy.close()


@pytest.mark.parametrize("listen", ["tcp://0.0.0.0:5565", "tcp://*:5565", "tcp://example.org:5565", "nonsense"])
def test_the_proxy_listens_to_this_machine_alone(listen: str) -> None:
    with pytest.raises(ConfigError):
        Proxy(listen, "tcp://127.0.0.1:5555", lambda *_: None)


def test_a_slow_disk_never_holds_the_session_up(tmp_path: Path) -> None:
    import zmq

    writer = RecordingWriter(tmp_path / "a.mcap")
    slow, gate = writer.write, threading.Event()

    def wait(*args: object, **options: object) -> None:
        gate.wait(300)
        slow(*args, **options)  # type: ignore[arg-type]

    writer.write = wait  # type: ignore[method-assign]
    counts = Counts()
    tape = Tape(writer, counts, max_bytes=1000)
    for _ in range(10):
        tape.put(TO_SERVER, [zmq.Frame(bytes(400))], 0)
    gate.set()
    tape.close()
    assert counts.left_out == 8
    with RecordingReader(tmp_path / "a.mcap") as reader:
        assert sum(1 for _ in reader.records()) == 2


def test_a_recording_that_fails_in_its_thread_is_an_error_and_keeps_what_it_has(tmp_path: Path) -> None:
    import zmq

    writer = RecordingWriter(tmp_path / "a.mcap")
    tape = Tape(writer, Counts())
    tape.put("nowhere", [zmq.Frame(b"x")], 0)
    with pytest.raises(MediaError, match=r"a\.mcap\.part"):
        tape.close()
    assert not (tmp_path / "a.mcap").exists()
    writer.abandon()


def write(
    path: Path, count: int = 12, fps: float = 100.0, extra: Callable[[RecordingWriter], None] = lambda w: None
) -> Path:
    with RecordingWriter(path) as writer:
        writer.write(TO_SERVER, codec.encode(Hello(settings={"prompt": "old prompt"})), at_ns=0)
        for number in range(count):
            motion = np.full((48, 64, 2), 0.5, np.float16) if number else None
            made = frame(10 + 2 * number, motion_px=motion, motion_from_frame_id=8 + 2 * number if number else None)
            writer.write(TO_SERVER, codec.encode(SendFrame(made)), at_ns=int(number * 1e9 / fps))
            if number == count // 2:
                extra(writer)
    return path


def test_frames_get_new_ids_and_keep_their_links(tmp_path: Path) -> None:
    script = [cue for cue in cues(write(tmp_path / "a.mcap", 3), rounds=2) if cue.frame is not None]
    frames = [cue.frame for cue in script if cue.frame is not None]
    assert [f.frame_id for f in frames] == [1, 2, 3, 4, 5, 6]
    assert [f.motion_from_frame_id for f in frames] == [None, 1, 2, None, 4, 5]
    assert [f.reset for f in frames] == [True, False, False, True, False, False]
    due = [cue.due_s for cue in script]
    assert due == sorted(due) and due[3] == pytest.approx(0.03) and due[5] == pytest.approx(0.05)


def test_what_another_client_said_before_the_first_frame_is_not_replayed(tmp_path: Path) -> None:
    with RecordingWriter(tmp_path / "a.mcap") as writer:
        for peer in (0, 1):
            writer.write(TO_SERVER, codec.encode(Hello(settings={"prompt": f"of {peer}"})), peer=peer)
        writer.write(TO_SERVER, codec.encode(UpdateSettings({"output_width": 32}, 1)), peer=1)
        writer.write(TO_SERVER, codec.encode(UpdateSettings({"seed": 7}, 1)), peer=0)
        for peer in (0, 1):
            writer.write(TO_SERVER, codec.encode(SendFrame(frame(1))), peer=peer)
    said = [cue.settings if cue.frame is None else "a frame" for cue in cues(tmp_path / "a.mcap")]
    assert said == [{"prompt": "of 0"}, {"seed": 7}, "a frame"]


@pytest.mark.parametrize("pace", ["own", "fast", 200.0])
def test_every_frame_is_accounted_for(tmp_path: Path, pace: str | float) -> None:
    path = write(tmp_path / "a.mcap")
    engine = InvertEngine()
    with serving(engine) as server:
        began = time.perf_counter()
        tally = Replay({"address": server.addresses[0]}, pace).run(cues(path))
        took = time.perf_counter() - began
    assert tally.sent == 12 and tally.lost == 0 and tally.failed == 0
    assert tally.sent == tally.answered + tally.superseded and len(tally.latencies_ms) == tally.answered
    if pace == "fast":
        assert tally.answered == 12
    elif pace == "own":
        assert took >= 0.11
    assert engine.prompts[-1] == "old prompt"


def test_a_prompt_of_ones_own_wins(tmp_path: Path) -> None:
    def later(writer: RecordingWriter) -> None:
        writer.write(TO_SERVER, codec.encode(UpdateSettings({"prompt": "another", "intensity": 0.5}, 7)))

    path = write(tmp_path / "a.mcap", extra=later)
    engine = InvertEngine()
    with serving(engine) as server:
        Replay({"address": server.addresses[0]}, "fast", {"prompt": "mine"}).run(cues(path))
    assert set(engine.prompts) <= {"", "mine"} and "mine" in engine.prompts


def test_a_failing_frame_is_counted_and_the_rest_goes_on(tmp_path: Path) -> None:
    path = tmp_path / "a.mcap"
    with RecordingWriter(path) as writer:
        for number in range(4):
            color = np.full((48, 64, 3), 13 if number == 1 else 90, np.uint8)
            writer.write(TO_SERVER, codec.encode(SendFrame(frame(number + 1, color=color))))
    with serving() as server:
        tally = Replay({"address": server.addresses[0]}, "fast").run(cues(path))
    assert (tally.sent, tally.failed, tally.answered) == (4, 1, 3)


def test_what_the_server_refused_while_recording_does_not_end_the_replay(tmp_path: Path) -> None:
    def wrong(writer: RecordingWriter) -> None:
        writer.write(TO_SERVER, codec.encode(UpdateSettings({"strength": 1.5}, 1)))
        writer.write(TO_SERVER, codec.encode(UpdateSettings({"prompt": "right"}, 2)))

    engine = InvertEngine()
    with serving(engine) as server:
        tally = Replay({"address": server.addresses[0]}, "fast").run(cues(write(tmp_path / "a.mcap", extra=wrong)))
    assert tally.answered == tally.sent == 12 and engine.prompts[-1] == "right"


@pytest.mark.parametrize("side_by_side", [False, True])
def test_the_pictures_become_a_video(tmp_path: Path, side_by_side: bool) -> None:
    path = write(tmp_path / "a.mcap", fps=30)
    out = tmp_path / "out.mp4"
    with serving() as server:
        Replay({"address": server.addresses[0]}, "fast", video=out, side_by_side=side_by_side).run(cues(path))
    with av.open(str(out)) as container:
        frames = [(f.time, f.to_ndarray(format="rgb24")) for f in container.decode(video=0)]
    assert [t for t, _ in frames] == pytest.approx([i / 30 for i in range(12)], abs=1e-3)
    for number, (_, picture) in enumerate(frames):
        wanted = 255 - frame(10 + 2 * number).color
        restyled = picture[:, 64:] if side_by_side else picture
        assert np.abs(restyled.astype(int) - wanted).max() <= 4


def test_no_server_is_one_clear_error(tmp_path: Path, free_port: Callable[[], int]) -> None:
    options = {"address": f"tcp://127.0.0.1:{free_port()}"}
    replay = Replay(options, video=tmp_path / "out.mp4")
    replay.connect_s = 0.3
    with pytest.raises(ConnectionLost, match="framegen serve"):
        replay.run(cues(write(tmp_path / "a.mcap")))
    assert not (tmp_path / "out.mp4").exists()


@pytest.mark.parametrize("side_by_side", [False, True])
def test_pictures_of_another_size_are_fitted_into_the_video(tmp_path: Path, side_by_side: bool) -> None:
    path, out = tmp_path / "a.mcap", tmp_path / "out.mp4"
    with RecordingWriter(path) as writer:
        for number, size in enumerate([(64, 48), (64, 48), (32, 48), (128, 96), (64, 48)]):
            writer.write(TO_SERVER, codec.encode(SendFrame(frame(number, *size))))
            if number == 3:
                writer.write(TO_SERVER, codec.encode(UpdateSettings({"output_width": 32}, 1)))
    with serving() as server:
        Replay({"address": server.addresses[0]}, "fast", video=out, side_by_side=side_by_side).run(cues(path))
    with av.open(str(out)) as container:
        pictures = [picture.to_ndarray(format="rgb24") for picture in container.decode(video=0)]
    assert [picture.shape for picture in pictures] == [(48, 128 if side_by_side else 64, 3)] * 5
    restyled = [picture[:, -64:] for picture in pictures]
    bars = [restyled[2][:, :12], restyled[2][:, -12:]]
    assert max(bar.max() for bar in bars) < 40 and restyled[2][:, 20:-20].min() > 180, "as it is, between bars"
    assert min(picture.min() for picture in restyled[:2] + restyled[3:]) > 180, "whole, whatever its size was"
    if side_by_side:
        assert all(0 < picture[24, 32].max() < 60 for picture in pictures), "with their frames beside them"


def test_a_damaged_recording_is_replayed_as_far_as_it_goes(tmp_path: Path) -> None:
    whole = write(tmp_path / "a.mcap", 200).read_bytes()
    (tmp_path / "cut.mcap").write_bytes(whole[: len(whole) // 2])
    replay = Replay({})
    sent = []
    with pytest.raises(MediaError, match="cut short"):
        for cue in cues(tmp_path / "cut.mcap"):
            sent.append(cue)
    assert len(sent) > 10 and replay.tally.sent == 0


def test_a_recording_without_frames_is_said(tmp_path: Path) -> None:
    with RecordingWriter(tmp_path / "a.mcap") as writer:
        writer.write(TO_SERVER, codec.encode(Hello()))
    with pytest.raises(MediaError, match="no frames"):
        list(cues(tmp_path / "a.mcap", rounds=None))


def test_paces_are_parsed() -> None:
    assert (_pace("own"), _pace("fast"), _pace("59.94")) == ("own", "fast", 59.94)
    for text in ("slow", "0", "-3", "nan", "1e9"):
        with pytest.raises(ConfigError, match="own, fast or frames per second"):
            _pace(text)


def test_recording_stops_by_itself(tmp_path: Path, free_port: Callable[[], int]) -> None:
    path = tmp_path / "a.mcap"
    address = f"tcp://127.0.0.1:{free_port()}"
    args = argparse.Namespace(
        output=path, endpoint="tcp://127.0.0.1:9", listen=address, token_file=None, seconds=0.3, overwrite=False
    )
    assert record(args) == 0
    with pytest.raises(MediaError, match="--overwrite"):
        record(args)


@pytest.mark.skipif(sys.platform == "win32", reason="needs POSIX signals: run on Linux or macOS")
def test_ctrl_c_finishes_the_recording(tmp_path: Path, free_port: Callable[[], int], root: Path) -> None:
    path = tmp_path / "a.mcap"
    listen = f"tcp://127.0.0.1:{free_port()}"
    with serving() as server:
        command = [sys.executable, "-m", "framegen", "record", str(path), "--endpoint", server.addresses[0]]
        process = subprocess.Popen(
            [*command, "--listen", listen], cwd=root, stderr=subprocess.PIPE, text=True, env=os.environ
        )
        with Client(listen) as client:
            client.restyle(frame(1), timeout_s=60)
        process.send_signal(signal.SIGINT)
        _, said = process.communicate(timeout=60)
    assert process.returncode == 0 and "1 client," in said
    info = recording_info(path)
    assert (info.frames, info.results, info.problem) == (1, 1, "")
