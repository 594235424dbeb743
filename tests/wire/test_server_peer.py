"""The server's side of a session, and versions, case by case: no socket, no clock."""

from __future__ import annotations

import itertools

import numpy as np
import pytest

from framegen import Frame, Restyled, errors
from framegen.wire import codec
from framegen.wire import events as e
from framegen.wire import messages as m
from framegen.wire.server_peer import ServerPeer, SessionState
from framegen.wire.versions import agree_on_version

MS = 1_000_000


def frame(frame_id, **more):
    return Frame(frame_id, np.zeros((2, 2, 3), np.uint8), timestamp_ns=10 * frame_id, **more)


def motion():
    return np.zeros((2, 2, 2), np.float16)


def server(**more):
    numbers = itertools.count(1)
    options = {"limits": m.Limits(), "models": ("embedded", "big"), "server_name": "test", "capabilities": ("grid",)}
    return ServerPeer(**{**options, "new_session": lambda: f"session {next(numbers)}", **more})


def open_server(**more):
    peer = server(**more)
    peer.receive(m.Hello(codecs=("raw", "jpeg")), 0)
    return peer


def result(frame_id):
    return Restyled(frame_id, 10 * frame_id, np.zeros((2, 2, 3), np.uint8))


# ---- versions


@pytest.mark.parametrize(
    "offered, agreed",
    [
        (["1.0"], "1.0"),
        (["1.7"], "1.0"),
        (["2.0", "1.3"], "1.0"),
        (["nonsense", "1.x", "", "1", "1.0.1", "1.0"], "1.0"),
    ],
)
def test_the_smaller_minor_version_is_spoken(offered, agreed):
    assert agree_on_version(offered, "1.0") == agreed
    assert agree_on_version(["1.2"], "1.5") == "1.2"


@pytest.mark.parametrize("offered", [[], ["2.0"], ["0.9"], ["one"], ["1.-1"], ["1.99999"], ["1.٣"]])
def test_another_major_version_is_refused(offered):
    peer = server()
    step = peer.receive(m.Hello(protocols=tuple(offered)), 0)
    assert [(x.code, x.fatal) for x in step.send] == [("unsupported_protocol", True)]
    assert peer.state is SessionState.NEW


# ---- hello and welcome


def test_hello_is_answered_with_what_holds():
    peer = server()
    step = peer.receive(m.Hello(client="game", codecs=("zstd", "jpeg"), settings={"prompt": "snow"}), 0)
    (answer,) = step.send
    assert (answer.protocol, answer.session, answer.models) == ("1.0", "session 1", ("embedded", "big"))
    assert answer.codecs == ("raw", "jpeg") == peer.codecs
    assert (answer.settings["prompt"], answer.settings_revision) == ("snow", 1)
    assert step.events == [e.SessionOpened("session 1", "game", peer.settings)]


@pytest.mark.parametrize(
    "settings, code",
    [
        ({"promt": "x"}, "invalid_settings"),
        ({"model": "huge"}, "unknown_model"),
        ({"output_codec": "jpeg"}, "unsupported_codec"),
        ({"output_width": 9000}, "invalid_settings"),
    ],
)
def test_a_hello_with_bad_settings_opens_nothing(settings, code):
    peer = server()
    step = peer.receive(m.Hello(settings=settings), 0)
    assert [(x.code, x.fatal) for x in step.send] == [(code, True)]
    assert peer.state is SessionState.NEW and not step.events


def test_a_second_hello_is_a_new_session_with_fresh_settings_and_ids():
    peer = open_server()
    peer.receive(m.UpdateSettings({"prompt": "snow"}), 1)
    peer.receive(m.SendFrame(frame(9)), 1)
    old = peer.take()
    step = peer.receive(m.Hello(), 2)
    assert [type(x) for x in step.events] == [e.SessionClosed, e.SessionOpened]
    assert peer.session == "session 2" and peer.settings.prompt == ""
    assert not peer.finish(old, result(9)).send
    assert not peer.receive(m.SendFrame(frame(0)), 3).send
    assert peer.take().frame.frame_id == 0


def test_a_refused_second_hello_leaves_the_session_as_it_was():
    peer = open_server()
    step = peer.receive(m.Hello(protocols=("2.0",)), 1)
    assert step.send[0].code == "unsupported_protocol" and not step.events
    assert (peer.state, peer.session) == (SessionState.OPEN, "session 1")


# ---- outside a session


@pytest.mark.parametrize("closed", [False, True])
@pytest.mark.parametrize(
    "message, about",
    [
        (m.SendFrame(frame(3)), (3, None)),
        (m.UpdateSettings({}, 4), (None, 4)),
        (m.Ping(5), (None, None)),
        (m.Reset(), (None, None)),
        (m.SettingsApplied(1, 1), (None, None)),
    ],
)
def test_outside_a_session_the_answer_is_to_say_hello(message, about, closed):
    peer = open_server() if closed else server()
    if closed:
        peer.receive(m.Bye(), 0)
    (answer,) = peer.receive(message, 1).send
    assert (answer.code, answer.fatal) == ("unknown_session", True)
    assert (answer.frame_id, answer.request) == about


@pytest.mark.parametrize("message", [m.Bye(), m.Pong(1, 2, 3), m.Error("invalid_frame", "")])
def test_an_answer_or_a_goodbye_is_never_answered(message):
    assert not server().receive(message, 0).send


def test_undecodable_messages_are_fatal_only_outside_a_session():
    assert server().refuse(errors.MalformedMessage("x"), 0).send[0].fatal
    error = errors.InvalidFrame("x", hint="y")
    error.frame_id = 5
    peer = open_server()
    (answer,) = peer.refuse(error, 0).send
    assert answer == m.Error("invalid_frame", "x", "y", False, 5, None)
    peer.receive(m.SendFrame(frame(6, motion_px=motion())), 0)
    assert peer.take().frame.motion_from_frame_id == 5


# ---- frames


def test_the_newest_frame_wins_and_the_other_is_told():
    peer = open_server()
    assert peer.receive(m.SendFrame(frame(1)), 0).events == [e.FrameWaiting(1)]
    step = peer.receive(m.SendFrame(frame(4)), 1)
    assert step.send == [m.Superseded(1, 10, 4)]
    assert step.events == [e.FrameWaiting(4, displaced=1)]
    assert peer.waiting_frame_id == 4


def test_a_frame_at_work_is_never_superseded():
    peer = open_server()
    peer.receive(m.SendFrame(frame(1)), 7)
    job = peer.take()
    assert (job.session, job.received_ns, job.settings) == ("session 1", 7, peer.settings)
    assert not peer.receive(m.SendFrame(frame(2)), 8).send
    assert peer.take() is None
    assert [x.result.frame_id for x in peer.finish(job, result(1)).send] == [1]
    assert not peer.finish(job, result(1)).send
    assert peer.take().frame.frame_id == 2


def test_a_failed_frame_is_answered_with_its_id():
    peer = open_server()
    peer.receive(m.SendFrame(frame(1)), 0)
    step = peer.fail(peer.take(), errors.RestyleFailed("out of memory"))
    assert step.send == [m.Error("restyle_failed", "out of memory", frame_id=1)]


@pytest.mark.parametrize("again", [5, 4, 0])
def test_frame_ids_only_grow(again):
    peer = open_server()
    peer.receive(m.SendFrame(frame(5)), 0)
    (answer,) = peer.receive(m.SendFrame(frame(again)), 1).send
    assert (answer.code, answer.fatal, answer.frame_id) == ("out_of_order", False, again)
    assert peer.take().frame.frame_id == 5


def test_motion_without_a_target_points_to_the_frame_sent_before():
    peer = open_server()
    peer.receive(m.SendFrame(frame(3, motion_px=motion())), 0)
    assert peer.take().frame.motion_from_frame_id is None
    peer.receive(m.SendFrame(frame(7)), 1)
    peer.receive(m.SendFrame(frame(9, motion_px=motion())), 2)
    peer.finish(e.Job("", frame(3), peer.settings, 0), result(3))  # not the job at work: nothing happens
    assert peer.waiting_frame_id == 9
    assert peer._waiting[0].motion_from_frame_id == 7


def test_a_displaced_frame_is_composed_into_the_newer_one():
    seen = []

    def compose(displaced, newer):
        seen.append((displaced.frame_id, newer.frame_id))
        return newer

    peer = open_server(compose=compose)
    for frame_id in (1, 2, 3):
        peer.receive(m.SendFrame(frame(frame_id)), 0)
    peer.receive(m.SendFrame(frame(4, reset=True)), 0)
    assert seen == [(1, 2), (2, 3)]


def test_a_cut_that_was_displaced_is_still_a_cut():
    peer = open_server()
    peer.receive(m.SendFrame(frame(1, reset=True)), 0)
    peer.receive(m.SendFrame(frame(2)), 0)
    peer.receive(m.SendFrame(frame(3)), 0)
    assert peer.take().frame.reset


# ---- settings


def test_settings_are_revisioned_answered_and_never_displaced():
    words = []
    peer = open_server(apply_settings=lambda s: (words.append(s.prompt), (("dusk",), ("frob",)))[1])
    peer.receive(m.SendFrame(frame(1)), 0)
    first = peer.receive(m.UpdateSettings({"prompt": "dusk frob"}, 7), 0)
    peer.receive(m.SendFrame(frame(2)), 0)
    second = peer.receive(m.UpdateSettings({"seed": 5}, 8), 0)
    assert first.send == [m.SettingsApplied(7, 1, ("dusk",), ("frob",))]
    assert second.send[0].revision == 2
    assert words == ["dusk frob", "dusk frob"]
    job = peer.take()
    assert (job.frame.frame_id, job.settings.prompt, job.settings.seed, job.settings.revision) == (2, "dusk frob", 5, 2)


def test_an_answer_that_takes_longer_is_left_to_the_server():
    peer = open_server(apply_settings=lambda _settings: None)
    step = peer.receive(m.UpdateSettings({"prompt": "dusk"}, 7), 0)
    assert not step.send
    assert step.events == [e.SettingsChanged(peer.settings, 7, {"prompt": "dusk"})]


@pytest.mark.parametrize(
    "changes, code",
    [
        ({"prompt": "x", "intensity": 2}, "invalid_settings"),
        ({"model": "huge"}, "unknown_model"),
        ({"output_width": 4096, "output_height": 4096}, "invalid_settings"),
        ({"seed": 3.0}, "invalid_settings"),
        ({"temporal": {"max_age": 4.0}}, "invalid_settings"),
        ({"labels": {"brick": "x"}}, "invalid_settings"),
        ({"prompt": "refuse me"}, "invalid_settings"),
    ],
)
def test_refused_settings_change_nothing(changes, code):
    def refuse(settings):
        if settings.prompt == "refuse me":
            raise errors.InvalidSettings("no")
        return (), ()

    peer = open_server(apply_settings=refuse)
    before = peer.settings
    step = peer.receive(m.UpdateSettings(changes, 3), 0)
    assert [(x.code, x.request, x.fatal) for x in step.send] == [(code, 3, False)]
    assert peer.settings is before and not step.events


def test_an_error_that_quotes_what_was_sent_stays_short_enough_to_be_read():
    (error,) = open_server().receive(m.UpdateSettings({"sun": "\0" * 100_000}, 3), 0).send
    assert error.code == "invalid_settings" and len(codec.encode(error)[0]) < 4000
    assert codec.decode(codec.encode(error)) == error


def test_the_network_runs_on_every_frame_of_a_client_that_takes_no_others():
    plain, able = open_server(), server()
    able.receive(m.Hello(capabilities=("reprojected",)), 0)
    assert (plain.settings.temporal.stride, able.settings.temporal.stride) == (1, 0)
    asked = m.UpdateSettings({"temporal": {"stride": 2}}, 3)
    (error,) = plain.receive(asked, 0).send
    assert (error.code, error.request) == ("invalid_settings", 3) and "reprojected" in error.hint
    able.receive(asked, 0)
    assert (plain.settings.temporal.stride, able.settings.temporal.stride) == (1, 2)
    (refused,) = server().receive(m.Hello(settings={"temporal": {"stride": 2}}), 0).send
    assert (refused.code, refused.fatal) == ("invalid_settings", True)
    able.receive(m.Hello(), 1)
    assert able.settings == able.initial and able.initial.temporal.stride == 1


# ---- the rest of a session


def test_ping_reset_and_complaints():
    peer = open_server()
    assert peer.receive(m.Ping(3), 9).send == [m.Pong(3, 9, 9)]
    assert peer.receive(m.Reset(), 9).events == [e.HistoryCleared()]
    assert peer.receive(m.Error("odd", ""), 9) == e.ServerStep([], [e.PeerComplained(m.Error("odd", ""))])
    assert peer.receive(m.Superseded(1, 2, 3), 9).send[0].code == "out_of_order"


@pytest.mark.parametrize("message", [m.Bye("enough"), m.Error("odd", "", fatal=True)])
def test_the_client_can_end_it(message):
    peer = open_server()
    peer.receive(m.SendFrame(frame(1)), 0)
    step = peer.receive(message, 1)
    assert [type(x) for x in step.events] == [e.SessionClosed] and not step.send
    assert peer.state is SessionState.CLOSED and peer.take() is None


def test_idle_sessions_expire_and_any_message_keeps_them():
    peer = open_server(limits=m.Limits(idle_timeout_ms=100))
    peer.receive(m.Ping(0), 60 * MS)
    assert not peer.tick(159 * MS).send
    peer.refuse(errors.MalformedMessage("x"), 159 * MS)
    step = peer.tick(259 * MS)
    assert step.send == [m.Bye("idle")] and step.events[0].session == "session 1"
    assert not peer.tick(999 * MS).send
    assert peer.receive(m.Ping(0), 999 * MS).send[0].code == "unknown_session"
    assert isinstance(peer.receive(m.Hello(), 999 * MS).send[0], m.Welcome)


def test_a_server_that_stood_still_does_not_take_the_client_to_be_gone():
    peer = open_server(limits=m.Limits(idle_timeout_ms=1000, heartbeat_ms=100))
    peer.receive(m.SendFrame(frame(1)), 0)
    assert not peer.tick(40_000 * MS).send
    job = peer.take()
    assert peer.finish(job, result(1)).send
    for at_ms in range(40_050, 40_900, 50):
        assert not peer.tick(at_ms * MS).send
    assert peer.tick(41_000 * MS).send == [m.Bye("idle")]


def test_a_stopping_server_says_so_once():
    peer = open_server()
    assert [(x.code, x.fatal) for x in peer.stop().send] == [("server_stopping", True)]
    assert not peer.stop().send
    assert not server().stop().send
