"""``framegen record`` and ``replay`` as people misuse them: odd numbers and files, full disks, Ctrl-C."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import av
import pytest
import zmq
from stand_in_server import frame, serving

from framegen import Client, cli
from framegen.errors import ConfigError, MediaError
from framegen.record.proxy import Proxy
from framegen.record.tape import Counts, Tape
from framegen.recording import TO_SERVER, RecordingWriter, recording_info
from framegen.replay.player import Replay
from framegen.replay.script import Cue
from framegen.wire import codec
from framegen.wire.messages import Hello, SendFrame


@pytest.mark.parametrize("words", [("record", "out.mcap"), ("replay",), ("bench",)])
def test_no_number_is_no_time(words: tuple[str, ...], capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main([*words, "--seconds", "nan"]) == cli.USAGE
    assert "--seconds" in capsys.readouterr().err
    assert not Path("out.mcap").exists()


def test_a_server_address_that_makes_no_sense_is_refused_and_nothing_hangs(free_port: Callable[[], int]) -> None:
    with pytest.raises(ConfigError, match="nonsense"):
        Proxy(f"tcp://127.0.0.1:{free_port()}", "nonsense", lambda *_: None)


@pytest.mark.parametrize("token", ["x" * 256, "caf\udce9-token-long"])
def test_a_token_that_no_server_can_have_is_named(token: str) -> None:
    with pytest.raises(ConfigError, match="token"):
        Proxy("tcp://127.0.0.1:*", "tcp://127.0.0.1:5555", lambda *_: None, token=token)


def test_a_folder_is_refused_before_anything_is_recorded(tmp_path: Path) -> None:
    with pytest.raises(MediaError, match="is a folder"):
        RecordingWriter(tmp_path, overwrite=True)
    with pytest.raises(MediaError, match=r"There is no folder .*gone"):
        RecordingWriter(tmp_path / "gone" / "a.mcap")


@pytest.mark.skipif(sys.platform == "win32", reason="needs a limit on a file's size: run on Linux or macOS")
def test_a_full_disk_ends_a_recording_and_keeps_what_was_written(tmp_path: Path) -> None:
    import resource

    writer = RecordingWriter(tmp_path / "a.mcap", compression="none", chunk_bytes=50_000)
    tape = Tape(writer, Counts())
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (200_000, limits[1]))
    try:
        for number in range(40):
            tape.put(TO_SERVER, [zmq.Frame(part) for part in codec.encode(SendFrame(frame(number)))], 0)
        with pytest.raises(MediaError) as caught:
            tape.close()
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
    assert "a.mcap.part" in caught.value.hint
    assert [path.name for path in tmp_path.iterdir()] == ["a.mcap.part"]
    assert recording_info(tmp_path / "a.mcap.part").frames > 5


@pytest.mark.parametrize("kind", ["missing", "text", "no frames"])
def test_a_wrong_file_is_named_even_where_no_server_runs(
    kind: str, tmp_path: Path, free_port: Callable[[], int], capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "odd.mcap"
    if kind == "text":
        path.write_text("no recording")
    elif kind == "no frames":
        with RecordingWriter(path) as writer:
            writer.write(TO_SERVER, codec.encode(Hello()))
    assert cli.main(["replay", str(path), "--endpoint", f"tcp://127.0.0.1:{free_port()}"]) == 1
    said = capsys.readouterr().err
    assert "odd.mcap" in said and "server" not in said


@pytest.mark.parametrize("endless", [True, False])
def test_ctrl_c_ends_a_loop_well_and_throws_away_half_of_a_recording(tmp_path: Path, endless: bool) -> None:
    def interrupted() -> Iterator[Cue]:
        for number in range(1, 6):
            yield Cue(number / 30, frame=frame(number))
        raise KeyboardInterrupt

    out = tmp_path / "out.mp4"
    with serving() as server, pytest.raises(KeyboardInterrupt):
        Replay({"address": server.addresses[0]}, "fast", video=out, endless=endless).run(interrupted())
    if not endless:
        assert list(tmp_path.iterdir()) == []
        return
    with av.open(str(out)) as container:
        assert sum(1 for _ in container.decode(video=0)) >= 4, "all that were answered by then"


def test_a_recorder_says_that_the_server_is_missing(
    tmp_path: Path, free_port: Callable[[], int], capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("framegen.record.command.SILENT_S", 0.2)
    monkeypatch.setattr("framegen.record.command.SHOWN_S", 0.05)
    listen, server = (f"tcp://127.0.0.1:{free_port()}" for _ in range(2))
    with Client(listen):
        words = ["record", str(tmp_path / "a.mcap"), "--listen", listen, "--endpoint", server, "--seconds", "4"]
        assert cli.main(words) == 0
    said = capsys.readouterr().err
    assert said.count(f"{server} does not answer your engine. Is 'framegen serve' running there") == 1


def test_a_recorder_says_nothing_of_a_server_that_answers(
    tmp_path: Path, free_port: Callable[[], int], capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("framegen.record.command.SILENT_S", 0.5)
    monkeypatch.setattr("framegen.record.command.SHOWN_S", 0.05)
    listen = f"tcp://127.0.0.1:{free_port()}"
    with serving() as server, Client(listen):
        words = ["record", str(tmp_path / "a.mcap"), "--listen", listen, "--endpoint", server.addresses[0]]
        assert cli.main([*words, "--seconds", "2"]) == 0
    assert "does not answer" not in capsys.readouterr().err
