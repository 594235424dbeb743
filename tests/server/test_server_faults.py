"""Garbage and bugs, without sockets: what they cost, and whom."""

from __future__ import annotations

import numpy as np
import pytest
from hub_desk import SECOND_NS, A, Desk, error_of, kinds
from stand_in_server import frame

from framegen.server.hub import LOGGED_COMPLAINTS, STRANGER_ERRORS_PER_S
from framegen.wire import codec
from framegen.wire import messages as m
from framegen.wire.peer import ServerPeer


def test_a_bug_in_the_model_fails_one_frame() -> None:
    desk = Desk()
    desk.greet(A)
    answers = []
    for frame_id, color in ((1, 13), (2, 14)):
        desk.say(A, m.SendFrame(frame(frame_id, color=np.full((48, 64, 3), color, np.uint8))))
        desk.work()
        answers += desk.hear(A)
    error, result = answers
    assert isinstance(error, m.Error)
    assert (error.code, error.frame_id, error.fatal) == ("restyle_failed", 1, False)
    assert isinstance(result, m.SendResult) and result.result.frame_id == 2


def test_garbage_from_a_stranger_is_answered_but_not_for_ever() -> None:
    desk = Desk()
    for _ in range(200):
        desk.raw(A, [b"\xc1 garbage"])
    answers = desk.hear(A)
    assert len(answers) == STRANGER_ERRORS_PER_S
    assert all(isinstance(e, m.Error) and e.code == "malformed_message" and e.fatal for e in answers)
    desk.now_ns += SECOND_NS
    assert isinstance(desk.say(A, m.Ping(1))[0], m.Error)


def test_garbage_inside_a_session_does_not_end_it() -> None:
    desk = Desk()
    desk.greet(A)
    desk.raw(A, [b"\xc1"])
    desk.raw(A, [b""])
    desk.raw(A, codec.encode(m.SendFrame(frame(1)))[:1])
    errors = desk.hear(A)
    assert all(isinstance(error, m.Error) and not error.fatal for error in errors)
    assert isinstance(errors[-1], m.Error) and errors[-1].frame_id == 1, "its frame is named"
    desk.say(A, m.SendFrame(frame(2)))
    desk.work()
    assert kinds(desk.hear(A)) == ["result"]


def test_an_observer_that_fails_ends_no_session() -> None:
    desk = Desk()
    desk.notes.made = None  # type: ignore[assignment, method-assign]
    desk.greet(A)
    desk.say(A, m.SendFrame(frame(1)))
    desk.work()
    assert kinds(desk.hear(A)) == ["result"]


def test_a_bug_met_by_one_message_ends_no_session(monkeypatch: pytest.MonkeyPatch) -> None:
    desk = Desk()
    desk.greet(A)
    with monkeypatch.context() as broken:
        broken.setattr(codec, "decode", lambda *_: 1 // 0)
        desk.raw(A, [b"any"])
    error = error_of(desk.hear(A))
    assert (error.code, error.fatal) == ("malformed_message", False)
    assert kinds(desk.say(A, m.Ping(1))) == ["pong"]


def test_a_bug_met_by_one_frame_answers_that_frame(monkeypatch: pytest.MonkeyPatch) -> None:
    desk = Desk()
    desk.greet(A)
    with monkeypatch.context() as broken:
        broken.setattr(ServerPeer, "receive", lambda *_: 1 // 0)
        error = error_of(desk.say(A, m.SendFrame(frame(4))))
    assert (error.code, error.fatal, error.frame_id) == ("malformed_message", False, 4)
    assert desk.hub.counts.refused == 1


def test_what_a_client_says_of_itself_is_logged_as_one_plain_line(caplog: pytest.LogCaptureFixture) -> None:
    desk = Desk()
    with caplog.at_level("INFO", logger="framegen.server"):
        desk.greet(A, client="\x1b[2Jclear\nSession 7 opened: me" + "!" * 5000)
        desk.say(A, *[m.Error("odd", "no")] * 50)
        desk.say(A, m.Bye("\r\x07bell"))
    assert all(line.isprintable() and len(line) < 300 for line in caplog.messages)
    assert sum("complains" in line for line in caplog.messages) == LOGGED_COMPLAINTS
