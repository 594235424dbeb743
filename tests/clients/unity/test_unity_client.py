"""The C# client against the real server: settings, tokens, restarts, and a server that takes its time."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from mono_program import Driven

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))
from stand_in_server import ANYWHERE, InvertEngine, serving

from framegen.server.options import Endpoint

Start = Callable[[], Driven]


@contextmanager
def server_process(*words: object) -> Iterator[subprocess.Popen[str]]:
    """The stand-in server as a process that can be killed."""
    script = Path(__file__).with_name("serve_stand_in.py")
    with subprocess.Popen(
        [sys.executable, str(script), *map(str, words)], stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
        try:
            yield process
        finally:
            process.kill()


def test_a_frame_comes_back_restyled(driven: Start) -> None:
    with serving() as server, driven() as client:
        client.say("open", server.addresses[0])
        client.hear("event", "Connected")
        client.say("send", 7, 64, 48, 30)
        result = client.hear("result")
        assert (result["result"], result["width"], result["height"], result["value"]) == (7, 64, 48, 225)
        assert result["rgba"] == [225, 225, 225, 255]
        assert result["model"] == "invert"
        assert client.ask("clock", key="clock")["clock"] > 0
        stats = client.ask("stats", key="sent")
        assert (stats["sent"], stats["answered"], stats["released"]) == (1, 1, 1)


def test_settings_are_confirmed_and_results_name_their_revision(driven: Start) -> None:
    engine = InvertEngine()
    with serving(engine) as server, driven() as client:
        client.say("open", server.addresses[0])
        client.hear("event", "Connected")
        request = client.ask("prompt", "old red brick, Dämmerung", key="request")["request"]
        applied = client.hear("event", "SettingsApplied")
        assert applied["request"] == request
        client.say("send", 1, 64, 48, 30)
        assert client.hear("result")["revision"] == applied["revision"]
        assert "old red brick, Dämmerung" in engine.prompts


def test_what_the_server_refuses_is_told_and_the_session_goes_on(driven: Start) -> None:
    with serving() as server, driven() as client:
        client.say("open", server.addresses[0])
        client.hear("event", "Connected")
        request = client.ask("set", "colour", 1, key="request")["request"]
        refused = client.hear("event", "Error")
        assert (refused["code"], refused["request"]) == ("invalid_settings", request)
        client.say("send", 1, 64, 48, 13)  # the stand-in's bug
        assert client.hear("event", "Error")["code"] == "restyle_failed"
        client.say("send", 1, 64, 48, 30)  # an id that does not grow is stopped before it leaves
        assert client.hear("event", "Error")["code"] == "out_of_order"
        client.say("send", 2, 9000, 1, 30)  # larger than the server takes: likewise
        assert client.hear("event", "Error")["code"] == "message_too_large"
        client.say("forget")
        client.say("send", 3, 64, 48, 30)
        assert client.hear("result")["result"] == 3
        assert client.ask("stats", key="sent")["released"] == 4


def test_a_model_that_the_server_has_not_costs_nothing_else(driven: Start) -> None:
    engine = InvertEngine()
    with serving(engine) as server, driven() as client:
        client.say("open-with-model", server.addresses[0], "nobodys")
        client.hear("event", "Connected")
        assert client.hear("event", "Error")["code"] == "unknown_model"
        client.say("send", 1, 64, 48, 30)
        assert client.hear("result")["result"] == 1
    assert "snow" in engine.prompts


def test_a_token_opens_the_door_and_a_wrong_one_says_so(driven: Start) -> None:
    endpoint = Endpoint("tcp://127.0.0.1:*", "plain")
    with serving(endpoints=(endpoint,), token="correct-horse") as server:
        with driven() as client:
            client.say("open", server.addresses[0], "correct-horse")
            client.hear("event", "Connected")
            client.say("send", 1, 64, 48, 30)
            assert client.hear("result")["value"] == 225
        with driven() as client:
            client.say("open", server.addresses[0], "wrong-horse")
            lost = client.hear("event", "Lost")
            assert lost["code"] == "unauthorized"
            assert "token" in lost["message"]
        with driven() as client:
            client.say("open", server.addresses[0])
            assert "wants a token" in client.hear("event", "Lost")["message"]


def test_a_token_where_none_is_asked_says_so(driven: Start) -> None:
    with serving(endpoints=ANYWHERE) as server, driven() as client:
        client.say("open", server.addresses[0], "some-token")
        assert "takes no token" in client.hear("event", "Lost")["message"]


def test_it_waits_for_a_server_and_outlives_its_death(driven: Start, free_port: Callable[[], int]) -> None:
    port = free_port()
    with driven() as client:
        client.say("open", f"127.0.0.1:{port}")
        assert "No server answers" in client.hear("event", "Lost")["message"]
        with server_process(port) as process:
            client.hear("event", "Connected")
            client.ask("prompt", "snow", key="request")
            revision = client.hear("event", "SettingsApplied")["revision"]
            client.say("send", 1, 64, 48, 30)
            assert client.hear("result")["revision"] == revision
            process.kill()
            client.hear("event", "Lost")
            client.say("send", 2, 64, 48, 30)  # waits for a session
        with server_process(port):
            client.hear("event", "Connected")
            result = client.hear("result")
            assert result["result"] == 2  # with the prompt, said again in the hello
            stats = client.ask("stats", key="sent")
            assert (stats["connections"], stats["open"], stats["complaint"]) == (2, True, "")


def test_a_stopping_server_says_so(driven: Start) -> None:
    with driven() as client:
        with serving() as server:
            client.say("open", server.addresses[0])
            client.hear("event", "Connected")
        lost = client.hear("event", "Lost")
        assert lost["code"] in ("server_stopping", "")


def test_the_newest_frame_wins_and_every_frame_is_accounted_for(driven: Start) -> None:
    engine = InvertEngine()
    with serving(engine) as server, driven() as client:
        client.say("open", server.addresses[0])
        client.hear("event", "Connected")
        engine.hold.clear()
        for frame_id in range(1, 41):
            client.say("send", frame_id, 64, 48, 30)
        client.ask("stats", key="sent")  # commands are obeyed in order: all forty have been offered
        engine.hold.set()
        while client.hear("result")["result"] != 40:
            pass
        stats = client.stats_until("released", 40)
        assert stats["sent"] == stats["answered"] + stats["superseded"]
        assert stats["sent"] + stats["replaced"] == 40
        assert stats["superseded"] + stats["replaced"] > 20
        assert stats["lost"] == 0


def test_steady_frames_of_a_game_to_the_real_server_leave_no_garbage(
    mono: str, program: Path, free_port: Callable[[], int]
) -> None:
    port = free_port()
    with server_process(port):
        facts = steady(mono, program, f"tcp://127.0.0.1:{port}", 100, 256, 144)
    assert facts["answered"] >= 100


def test_ten_thousand_frames_leave_no_garbage(mono: str, program: Path, answering_router: str) -> None:
    facts = steady(mono, program, answering_router, 10_000, 64, 48)
    assert facts["answered"] >= 10_000


def steady(mono: str, program: Path, address: str, *words: int) -> dict[str, Any]:
    """Frames one after the other, of which none is lost and none makes the garbage collector run."""
    command = [mono, str(program), "steady", address, *map(str, words), "widen"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    facts: dict[str, Any] = json.loads(done.stdout)
    assert facts["collections"] == 0
    assert facts["lost"] == 0
    return facts


def test_the_embedded_model_answers(driven: Start, root: Path, free_port: Callable[[], int]) -> None:
    address = f"tcp://127.0.0.1:{free_port()}"
    command = [sys.executable, "-m", "framegen", "serve", "--bind", address]
    with subprocess.Popen(command, cwd=root, stdout=subprocess.DEVNULL) as server, driven() as client:
        try:
            client.say("open", address)
            client.hear("event", "Connected", timeout_s=180)
            client.ask("prompt", "night", key="request")
            client.hear("event", "SettingsApplied")
            client.say("send", 1, 256, 144, 160)
            result = client.hear("result", timeout_s=120)
            assert (result["width"], result["height"], result["model"]) == (256, 144, "embedded")
            assert result["rgba"] != [160, 160, 160, 255]
        finally:
            server.kill()
