"""Sessions without sockets: what a hub and a worker make of messages, in any order."""

from __future__ import annotations

from collections import defaultdict
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from stand_in_server import InvertEngine, frame

from framegen.config import Settings
from framegen.errors import ModelUnavailable
from framegen.frame import Restyled
from framegen.server.chain import LONGEST
from framegen.server.hub import LOGGED_COMPLAINTS, STRANGER_ERRORS_PER_S, Hub, Observer
from framegen.server.session import Route
from framegen.server.worker import Job, Worker
from framegen.wire import codec
from framegen.wire import messages as m
from framegen.wire.events import Job as FrameJob
from framegen.wire.peer import ServerPeer

A, B, C = Route(0, b"a"), Route(0, b"b"), Route(0, b"c")
SECOND_NS = 1_000_000_000


class Notes(Observer):
    def __init__(self) -> None:
        self.lines: list[str] = []

    def opened(self, session: str, client: str) -> None:
        self.lines.append(f"opened {client}")

    def applied(self, session: str, settings: Settings, understood: tuple[str, ...], ignored: tuple[str, ...]) -> None:
        self.lines.append(f"applied {settings.prompt}")

    def made(self, job: FrameJob, result: Restyled) -> None:
        self.lines.append(f"made {result.frame_id}")

    def closed(self, session: str) -> None:
        self.lines.append("closed")


class Desk:
    """A hub and a worker, run by hand."""

    def __init__(self, **options: Any) -> None:
        self.engine = InvertEngine()
        self.worker = Worker(options.pop("load", lambda _name: self.engine), options.pop("models", ["invert"]))
        self.notes = Notes()
        self.now_ns = 0
        options.setdefault("max_sessions", 8)
        options.setdefault("limits", m.Limits())
        self.hub = Hub(models=self.worker.models, forget=self.worker.forget, observer=self.notes, **options)
        self.heard: dict[Route, list[m.Message]] = defaultdict(list)

    def say(self, route: Route, *messages: m.Message, connection: bytes = b"") -> list[m.Message]:
        """Send; returns what comes back at once."""
        for message in messages:
            self.raw(route, codec.encode(message), connection)
        return self.hear(route)

    def raw(self, route: Route, parts: Any, connection: bytes = b"") -> None:
        self.hub.receive(route, parts, self.now_ns, connection)

    def greet(self, route: Route, connection: bytes = b"", **hello: Any) -> m.Welcome:
        (welcome,) = self.say(route, m.Hello(**hello), connection=connection)
        assert isinstance(welcome, m.Welcome)
        return welcome

    def hear(self, route: Route) -> list[m.Message]:
        """What was sent to ``route`` since the last call."""
        while self.hub.outbox:
            to, parts = self.hub.outbox.popleft()
            self.heard[to].append(codec.decode(parts))
        return self.heard.pop(route, [])

    def work(self, jobs: int = 1000) -> list[Job]:
        """Do up to so many jobs."""
        done = []
        while len(done) < jobs and (job := self.hub.next_job()) is not None:
            self.hub.finished(self.worker.run(job))
            done.append(job)
        return done


def kinds(messages: list[m.Message]) -> list[str]:
    return [message.type for message in messages]


def error_of(messages: list[m.Message]) -> m.Error:
    (error,) = messages
    assert isinstance(error, m.Error)
    return error


def test_a_frame_goes_round() -> None:
    desk = Desk()
    welcome = desk.greet(A, client="game", settings={"prompt": "night rain"})
    assert welcome.models == ("invert",) and welcome.settings["prompt"] == "night rain"
    desk.say(A, m.SendFrame(frame(7)))
    desk.work()
    (answer,) = desk.hear(A)
    assert isinstance(answer, m.SendResult)
    result = answer.result
    assert (result.frame_id, result.timestamp_ns, result.model) == (7, 1007, "invert")
    assert result.image.shape == (48, 64, 3) and (result.image == 255 - 27).all()
    stamps = result.stamps_ns
    assert stamps["started"] <= stamps["finished"] <= stamps["sent"]
    assert desk.notes.lines == ["opened game", "applied night rain", "made 7"]


def test_of_frames_that_wait_the_newest_wins_and_motion_reaches_over_the_dropped() -> None:
    desk = Desk()
    desk.greet(A)
    desk.work()
    motion = np.full((48, 64, 2), 2.0, np.float16)
    desk.say(A, m.SendFrame(frame(1)))
    (make,) = (desk.hub.next_job(),)
    assert desk.say(A, m.SendFrame(frame(2, motion_px=motion))) == []
    superseded = desk.say(A, m.SendFrame(frame(3, motion_px=motion)))
    assert superseded == [m.Superseded(2, 1002, 3)]
    assert make is not None and desk.hub.next_job() is None, "one frame of a session at a time"
    desk.hub.finished(desk.worker.run(make))
    (newest,) = desk.work()
    taken = newest.frame.frame  # type: ignore[union-attr]
    assert taken.frame_id == 3 and taken.motion_from_frame_id == 1
    assert np.allclose(taken.motion_px, 4.0)
    assert kinds(desk.hear(A)) == ["result", "result"]


def test_the_motion_of_very_many_dropped_frames_is_not_joined() -> None:
    desk = Desk()
    desk.greet(A)
    desk.work()
    motion = np.ones((48, 64, 2), np.float16)
    for first, count, points_to in ((0, LONGEST + 1, None), (100, LONGEST + 2, 100 + LONGEST)):
        for frame_id in range(first, first + count):
            desk.say(A, m.SendFrame(frame(frame_id, motion_px=motion)))
        (job,) = desk.work()
        taken = job.frame.frame  # type: ignore[union-attr]
        assert taken.frame_id == first + count - 1
        if points_to is None:
            assert np.median(taken.motion_px) == LONGEST + 1 and taken.motion_from_frame_id is None
        else:
            assert np.allclose(taken.motion_px, 1) and taken.motion_from_frame_id == points_to


def test_settings_are_taken_in_before_the_next_frame_and_every_update_is_answered() -> None:
    desk = Desk()
    desk.greet(A)
    desk.work()
    desk.say(A, m.SendFrame(frame(1)))
    for request, prompt in enumerate(("night", "night rain", "night rain fog"), 5):
        assert desk.say(A, m.UpdateSettings({"prompt": prompt}, request)) == []
    desk.work()
    *applied, result = desk.hear(A)
    words = ("night", "rain", "fog")
    assert applied == [m.SettingsApplied(5 + k, 1 + k, words, ()) for k in range(3)]
    assert isinstance(result, m.SendResult) and result.result.settings_revision == 3
    assert desk.engine.prompts == ["", "night rain fog"], "only the newest prompt is encoded"


def test_an_invalid_update_changes_nothing() -> None:
    desk = Desk()
    desk.greet(A)
    error = error_of(desk.say(A, m.UpdateSettings({"prompt": "night", "intensity": 2}, 9)))
    assert (error.code, error.request, error.fatal) == ("invalid_settings", 9, False)
    error = error_of(desk.say(A, m.UpdateSettings({"model": "gpt"}, 10)))
    assert (error.code, error.request) == ("unknown_model", 10)
    desk.say(A, m.SendFrame(frame(1)))
    desk.work()
    (answer,) = desk.hear(A)
    assert isinstance(answer, m.SendResult) and answer.result.settings_revision == 0


def test_settings_that_the_model_refuses_leave_the_old_ones() -> None:
    desk = Desk()
    desk.greet(A, settings={"prompt": "day"})
    desk.work()
    for request, (prompt, code) in enumerate((("forbidden", "invalid_settings"), ("explode", "restyle_failed")), 1):
        desk.say(A, m.UpdateSettings({"prompt": prompt}, request), m.SendFrame(frame(request)))
        desk.work()
        error, result = desk.hear(A)
        assert isinstance(error, m.Error) and (error.code, error.request) == (code, request)
        assert isinstance(result, m.SendResult)
    desk.say(A, m.UpdateSettings({"intensity": 0.5}, 3), m.SendFrame(frame(3)))
    desk.work()
    applied, result = desk.hear(A)
    assert isinstance(applied, m.SettingsApplied) and applied.understood == ("day",)
    assert isinstance(result, m.SendResult) and result.result.settings_revision == applied.revision


def test_a_session_whose_first_settings_fail_goes_on_without_them() -> None:
    desk = Desk()
    desk.greet(A, settings={"prompt": "explode"})
    desk.say(A, m.SendFrame(frame(1)))
    desk.work()
    error, result = desk.hear(A)
    assert isinstance(error, m.Error) and error.code == "restyle_failed"
    assert isinstance(result, m.SendResult) and result.result.settings_revision == 1
    assert desk.engine.prompts == [""]


def test_a_bad_update_right_after_the_hello_leaves_the_settings_of_the_hello() -> None:
    desk = Desk()
    desk.greet(A, settings={"prompt": "day"})
    desk.say(A, m.SendFrame(frame(1)), m.UpdateSettings({"prompt": "forbidden"}, 1))
    desk.work()
    assert kinds(desk.hear(A)) == ["error", "result"]
    assert desk.engine.prompts == ["day"]


def test_a_model_that_can_take_in_nothing_fails_frames_and_does_not_spin() -> None:
    desk = Desk()
    desk.engine.condition = None  # type: ignore[assignment, method-assign]
    desk.greet(A, settings={"prompt": "day"})
    desk.say(A, m.SendFrame(frame(1)))
    assert len(desk.work()) == 3, "the hello's settings, none, the frame"
    assert [error.code for error in desk.hear(A) if isinstance(error, m.Error)] == ["restyle_failed"] * 3


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


def test_a_reset_ends_history_for_the_frames_after_it_alone() -> None:
    desk = Desk()
    desk.greet(A)
    desk.work()
    desk.say(A, m.SendFrame(frame(1)))
    desk.say(A, m.Reset())
    assert not desk.work()[-1].anew  # type: ignore[union-attr]
    desk.say(A, m.SendFrame(frame(2)), m.SendFrame(frame(3)))
    assert desk.work()[-1].anew  # type: ignore[union-attr]
    desk.say(A, m.SendFrame(frame(4)))
    assert not desk.work()[-1].anew  # type: ignore[union-attr]


def test_other_models_are_loaded_when_asked_for() -> None:
    loaded: list[str] = []

    def load(name: str) -> InvertEngine:
        loaded.append(name)
        if name == "huge":
            raise ModelUnavailable("It needs a GPU.", hint="Buy one.")
        return InvertEngine(name)

    desk = Desk(load=load, models=["small", "other", "huge"])
    desk.greet(A)
    assert desk.work() and loaded == ["small"]
    desk.say(A, m.UpdateSettings({"model": "other"}, 1), m.SendFrame(frame(1)))
    desk.work()
    applied, result = desk.hear(A)
    assert isinstance(applied, m.SettingsApplied)
    assert isinstance(result, m.SendResult) and result.result.model == "other"
    desk.say(A, m.UpdateSettings({"model": "huge"}, 2), m.SendFrame(frame(2)))
    desk.work()
    error, result = desk.hear(A)
    assert isinstance(error, m.Error) and (error.code, error.hint) == ("unknown_model", "Buy one.")
    assert isinstance(result, m.SendResult) and result.result.model == "other"


def test_sessions_take_turns() -> None:
    desk = Desk()
    for route in (A, B, C):
        desk.greet(route)
    desk.work()
    answered: dict[Route, list[str]] = {A: [], B: [], C: []}
    for frame_id in range(3):
        answered[A] += kinds(desk.say(A, m.SendFrame(frame(10 * frame_id)), m.SendFrame(frame(10 * frame_id + 1))))
        for route in (B, C):
            answered[route] += kinds(desk.say(route, m.SendFrame(frame(frame_id))))
        desk.work()
        for route in answered:
            answered[route] += kinds(desk.hear(route))
    assert answered[B] == answered[C] == ["result"] * 3
    assert answered[A] == ["superseded", "result"] * 3


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


def test_outside_a_session_a_frame_is_answered() -> None:
    desk = Desk()
    error = error_of(desk.say(A, m.SendFrame(frame(4))))
    assert (error.code, error.frame_id, error.fatal) == ("unknown_session", 4, True)
    assert desk.say(A, m.Bye()) == []
    assert desk.work() == []


def test_no_more_sessions_than_allowed_and_a_place_that_becomes_free() -> None:
    desk = Desk(max_sessions=2)
    desk.greet(A)
    desk.greet(B)
    assert desk.say(C, m.Hello()) == []
    assert kinds(desk.hear(A)) == kinds(desk.hear(B)) == ["ping"], "are they still there?"
    desk.hub.admit(desk.now_ns)
    error = error_of(desk.hear(C))
    assert (error.code, error.fatal) == ("too_many_sessions", True)
    desk.say(C, m.Hello())
    desk.hub.vanished(A)  # as the ping found out
    desk.hub.admit(desk.now_ns)
    assert kinds(desk.hear(C)) == ["welcome"] and desk.hub.sessions == 2


def test_idle_sessions_expire_and_pings_keep_them() -> None:
    desk = Desk(limits=m.Limits(idle_timeout_ms=1000))
    desk.greet(A)
    desk.greet(B)
    desk.work()
    desk.now_ns += 900_000_000
    assert kinds(desk.say(B, m.Ping(1))) == ["pong"]
    desk.now_ns += 200_000_000
    desk.hub.tick(desk.now_ns)
    assert desk.hear(A) == [m.Bye("idle")] and desk.hear(B) == []
    assert desk.hub.sessions == 1
    assert error_of(desk.say(A, m.SendFrame(frame(1)))).code == "unknown_session"
    desk.greet(A)


def test_a_client_that_vanishes_mid_frame() -> None:
    desk = Desk()
    desk.greet(A)
    desk.greet(B)
    desk.work()
    desk.say(A, m.SendFrame(frame(1)))
    job = desk.hub.next_job()
    assert job is not None
    desk.hub.vanished(A)
    desk.hub.finished(desk.worker.run(job))
    desk.hub.vanished(A)
    assert desk.hear(A) == [] and desk.hub.sessions == 1
    desk.say(B, m.SendFrame(frame(1)))
    desk.work()
    assert kinds(desk.hear(B)) == ["result"]
    assert list(desk.worker._states) == [desk.hub._routes[B].key], "nothing is kept of the one that left"


def test_a_bye_and_a_second_hello() -> None:
    desk = Desk()
    first = desk.greet(A).session
    desk.work()
    second = desk.greet(A, client="again").session
    assert first != second and desk.hub.sessions == 1
    desk.say(A, m.Bye())
    assert desk.hub.sessions == 0
    desk.work()
    assert desk.worker._states == {}


def test_two_clients_under_one_identity_never_share_a_session() -> None:
    desk = Desk()
    desk.greet(A, connection=b"1", client="first")
    desk.greet(A, connection=b"2", client="second")
    desk.work()
    assert desk.hub.sessions == 1
    (error,) = desk.say(A, m.SendFrame(frame(1)), connection=b"1")
    assert isinstance(error, m.Error) and error.code == "unknown_session"
    desk.say(A, m.SendFrame(frame(1)), connection=b"2")
    desk.work()
    assert kinds(desk.hear(A)) == ["result"]


def test_a_stopping_server_tells_everyone() -> None:
    desk = Desk()
    desk.greet(A)
    desk.greet(B)
    desk.say(A, m.SendFrame(frame(1)))
    desk.hub.stop()
    for route in (A, B):
        error = error_of(desk.hear(route))
        assert (error.code, error.fatal) == ("server_stopping", True)
    assert desk.hub.sessions == 0 and desk.hub.next_job() is None


@settings(max_examples=60, deadline=None)
@given(
    st.lists(
        st.one_of(
            st.tuples(st.just("frame"), st.sampled_from("abc")),
            st.tuples(st.just("settings"), st.sampled_from("abc")),
            st.tuples(st.just("bad settings"), st.sampled_from("abc")),
            st.tuples(st.just("begin"), st.just("")),
            st.tuples(st.just("end"), st.just("")),
        ),
        max_size=60,
    )
)
def test_every_frame_and_every_update_is_answered_exactly_once(script: list[tuple[str, str]]) -> None:
    desk = Desk()
    routes = {name: Route(0, name.encode()) for name in "abc"}
    for route in routes.values():
        desk.greet(route)
    sent: dict[str, list[int]] = {name: [] for name in routes}
    asked: dict[str, list[int]] = {name: [] for name in routes}
    heard: dict[str, list[m.Message]] = {name: [] for name in routes}
    out: Job | None = None
    for step, (what, name) in enumerate(script, 1):
        if what == "frame":
            sent[name].append(step)
            heard[name] += desk.say(routes[name], m.SendFrame(frame(step)))
        elif what.endswith("settings"):
            asked[name].append(step)
            prompt = "forbidden" if what.startswith("bad") else f"p{step}"
            heard[name] += desk.say(routes[name], m.UpdateSettings({"prompt": prompt}, step))
        elif what == "begin" and out is None:
            out = desk.hub.next_job()
        elif what == "end" and out is not None:
            desk.hub.finished(desk.worker.run(out))
            out = None
        for each, route in routes.items():
            heard[each] += desk.hear(route)
    if out is not None:
        desk.hub.finished(desk.worker.run(out))
    desk.work()
    for name, route in routes.items():
        heard[name] += desk.hear(route)
        frames, updates, revisions = [], [], []
        for message in heard[name]:
            if isinstance(message, m.SendResult):
                frames.append(message.result.frame_id)
                revisions.append(message.result.settings_revision)
            elif isinstance(message, m.Superseded):
                frames.append(message.frame_id)
            elif isinstance(message, m.SettingsApplied):
                updates.append(message.request)
            elif isinstance(message, m.Error):
                assert message.request is not None
                updates.append(message.request)
        assert sorted(frames) == sent[name]
        assert updates == asked[name], "in the order they were asked"
        assert revisions == sorted(revisions)


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


class Shelf:
    """Shared memory of a test."""

    size = 1 << 16

    def __init__(self) -> None:
        self.bytes, self.closed = bytearray(self.size), False

    def place(self, parts: Any) -> list[tuple[int, int]]:
        (part,) = parts
        self.bytes[: len(part)] = bytes(part)
        return [(0, len(part))]

    def read(self, offset: int, length: int) -> bytes:
        return bytes(self.bytes[offset : offset + length])

    def close(self) -> None:
        self.closed = True


def test_memory_that_a_client_shares_is_taken_and_given_back_however_the_session_ends() -> None:
    shelves = [Shelf() for _ in range(4)]
    given_out = iter(shelves)
    desk = Desk(attach=lambda offer: next(given_out) if offer.get("name") == "shelf" else None)
    offer = {"name": "shelf", "bytes": 1 << 16, "proof": ""}
    assert "shared_memory" in desk.greet(A, memory=offer).capabilities
    desk.raw(A, codec.encode(m.SendFrame(frame(1)), place=shelves[0].place))
    desk.work()
    (answer,) = desk.hear(A)
    assert isinstance(answer, m.SendResult) and (answer.result.image == 255 - 21).all()
    assert "shared_memory" not in desk.greet(B, memory={"name": "other"}).capabilities
    desk.raw(B, codec.encode(m.SendFrame(frame(1)), place=shelves[0].place))
    error = error_of(desk.hear(B))
    assert (error.code, error.frame_id, error.fatal) == ("malformed_message", 1, False)
    assert "shared_memory" not in desk.greet(C).capabilities
    assert not shelves[0].closed
    desk.greet(A, memory=offer)
    assert shelves[0].closed and not shelves[1].closed, "another hello begins with its own"
    desk.say(A, m.Bye("done"))
    assert shelves[1].closed
    desk.greet(A, memory=offer)
    desk.hub.vanished(A)
    assert shelves[2].closed
    desk.greet(A, memory=offer)
    desk.hub.stop()
    assert shelves[3].closed
