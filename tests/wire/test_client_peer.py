"""The client's side of a session, case by case: no socket, no clock."""

from __future__ import annotations

import numpy as np
import pytest

from framegen import Frame, Restyled, errors
from framegen.wire import events as e
from framegen.wire import messages as m
from framegen.wire.client_peer import SILENT_HEARTBEATS, ClientPeer, ClientState, merged
from framegen.wire.clock import ClockFilter

MS = 1_000_000


def frame(frame_id, **more):
    return Frame(frame_id, np.zeros((2, 2, 3), np.uint8), timestamp_ns=10 * frame_id, **more)


def open_client(**more):
    peer = ClientPeer(m.Hello(**more))
    peer.connect(0)
    peer.receive(welcome(), 0)
    return peer


def welcome(**more):
    options = {"protocol": "1.0", "server": "test", "session": "1", "models": (), "codecs": ("raw",)}
    return m.Welcome(**{**options, "capabilities": (), "limits": m.Limits(), "settings": {}, **more})


def result(frame_id):
    return Restyled(frame_id, 10 * frame_id, np.zeros((2, 2, 3), np.uint8))


def test_nothing_is_sent_before_the_welcome():
    peer = ClientPeer()
    for act in (lambda: peer.send_frame(frame(1), 0), peer.reset):
        with pytest.raises(errors.OutOfOrder):
            act()
    request, step = peer.update_settings({"prompt": "dusk"})
    assert not step.send
    peer.connect(0)
    sent = peer.receive(welcome(), 1).send
    assert sent[1:] == [m.UpdateSettings({"prompt": "dusk"}, request)]


def test_settings_of_before_the_session_are_said_in_one_message():
    peer = ClientPeer()
    first, _ = peer.update_settings({"prompt": "dusk", "labels": {1: "brick"}})
    for seed in range(100):
        again, step = peer.update_settings({"seed": seed, "labels": {1: {"words": "old"}}})
        assert again == first and not step.send
    forgetting, _ = peer.update_settings({"labels": {1: None}})
    assert forgetting != first
    peer.connect(0)
    said = [message for message in peer.receive(welcome(), 1).send if isinstance(message, m.UpdateSettings)]
    one = {"prompt": "dusk", "seed": 99, "labels": {1: {"name": "brick", "words": "old"}}}
    assert said == [m.UpdateSettings(one, first), m.UpdateSettings({"labels": {1: None}}, forgetting)]
    later, step = peer.update_settings({"seed": 5})
    assert step.send == [m.UpdateSettings({"seed": 5}, later)] and later not in (first, forgetting)


def test_each_frame_gets_one_answer():
    peer = open_client()
    for frame_id in (1, 2, 3):
        peer.send_frame(frame(frame_id), frame_id)
    assert peer.receive(m.Superseded(1, 10, 2), 9).events == [e.FrameSuperseded(1, 10, 2)]
    (failed,) = peer.receive(m.Error("restyle_failed", "x", frame_id=2), 9).events
    assert (failed.frame_id, type(failed.error)) == (2, errors.RestyleFailed)
    (arrived,) = peer.receive(m.SendResult(result(3)), 9).events
    assert arrived.round_trip_ns == 6
    assert not peer.in_flight
    for again in (m.Superseded(1, 10, 2), m.SendResult(result(3))):
        assert not peer.receive(again, 10).events


def test_a_gap_before_a_result_is_a_loss():
    peer = open_client()
    for frame_id in (1, 2, 3, 4):
        peer.send_frame(frame(frame_id), 0)
    assert peer.receive(m.SendResult(result(3)), 1).events[1] == e.FramesLost((1, 2))
    assert list(peer.in_flight) == [4]


def test_the_client_keeps_to_the_servers_limits():
    peer = ClientPeer()
    peer.connect(0)
    peer.receive(welcome(limits=m.Limits(max_pixels=3)), 0)
    with pytest.raises(errors.MessageTooLarge):
        peer.send_frame(frame(1), 0)
    assert not peer.in_flight
    peer = open_client()
    peer.send_frame(frame(1), 0)
    with pytest.raises(errors.OutOfOrder):
        peer.send_frame(frame(1), 0)


def test_refused_settings_are_told_and_forgotten():
    peer = open_client()
    request, _ = peer.update_settings({"prompt": 5})
    (event,) = peer.receive(m.Error("invalid_settings", "x", request=request), 1).events
    assert (event.request, event.error.code) == (request, "invalid_settings")
    assert peer.connect(2).send == [m.Hello()]
    assert len(peer.receive(welcome(), 3).send) == 1


def test_a_reconnect_says_the_settings_again():
    peer = open_client(settings={"prompt": "snow", "labels": {1: "brick"}})
    first, _ = peer.update_settings({"prompt": "dusk", "labels": {2: "grass"}})
    second, _ = peer.update_settings({"seed": 4})
    peer.receive(m.SettingsApplied(first, 2), 1)
    assert peer.settings_revision == 2
    peer.send_frame(frame(1), 1)
    (lost,) = peer.receive(m.Error("unknown_session", "x", fatal=True), 2).events
    assert (lost.lost, lost.cause.code, peer.state) == ((1,), "unknown_session", ClientState.CLOSED)
    (hello,) = peer.connect(3).send
    assert hello.settings == {"prompt": "dusk", "labels": {1: "brick", 2: {"name": "grass"}}}
    assert peer.receive(welcome(), 4).send[1:] == [m.UpdateSettings({"seed": 4}, second)]
    peer.send_frame(frame(0), 5)  # ids begin anew with the session


@pytest.mark.parametrize(
    "changes",
    [
        [{"labels": {1: "brick"}}, {"labels": {1: {"words": "old"}}}, {"labels": {2: None}}],
        [{"labels": {1: {"name": "a"}}}, {"labels": {1: None}}, {"temporal": {"skip": False}}],
        [{"temporal": {"skip": False}}, {"temporal": {"reuse": False}}, {"prompt": "x", "temporal": {"skip": True}}],
    ],
)
def test_merged_updates_mean_the_same_as_one_after_the_other(changes):
    from framegen import Settings

    one_by_one, together = Settings(), {}
    for change in changes:
        one_by_one = one_by_one.updated(change)
        together = merged(together, change)
    assert Settings().updated(together).to_wire() == one_by_one.to_wire()


def test_heartbeats_and_a_silent_server():
    limits = m.Limits(heartbeat_ms=100)
    peer = ClientPeer()
    peer.connect(0)
    assert not peer.tick(1999 * MS).send
    assert peer.tick(2000 * MS).send == [m.Hello()]
    peer.receive(welcome(limits=limits), 2000 * MS)
    assert not peer.tick(2099 * MS).send
    assert peer.tick(2100 * MS).send == [m.Ping(2100 * MS)]
    peer.send_frame(frame(1), 2100 * MS)
    heard_ms = 2000
    for at_ms in range(2150, heard_ms + SILENT_HEARTBEATS * 100, 50):
        assert not peer.tick(at_ms * MS).events
    (event,) = peer.tick((heard_ms + SILENT_HEARTBEATS * 100) * MS).events
    assert event.lost == (1,) and isinstance(event.cause, errors.ConnectionLost)
    assert not peer.tick(9999 * MS).send


def test_a_client_that_stood_still_does_not_take_the_server_to_be_gone():
    peer = open_client()
    peer.send_frame(frame(1), 0)
    step = peer.tick(60_000 * MS)
    assert not step.events and [message.type for message in step.send] == ["ping"]
    (event,) = peer.receive(m.SendResult(result(1)), 60_001 * MS).events
    assert isinstance(event, e.ResultArrived)


def test_how_long_a_server_may_be_silent_can_be_said():
    peer = ClientPeer(silence_ms=3000)
    peer.connect(0)
    peer.receive(welcome(limits=m.Limits(heartbeat_ms=100)), 0)
    peer.send_frame(frame(1), 0)
    for at_ms in range(50, 3000, 50):
        assert not peer.tick(at_ms * MS).events
    (event,) = peer.tick(3000 * MS).events
    assert event.lost == (1,)


def test_a_server_of_another_major_version_is_left():
    peer = ClientPeer()
    peer.connect(0)
    (event,) = peer.receive(welcome(protocol="2.0"), 1).events
    assert event.cause.code == "unsupported_protocol"
    assert peer.state is ClientState.CLOSED


def test_bye_from_either_side():
    peer = open_client()
    peer.send_frame(frame(1), 0)
    step = peer.bye("quit")
    assert step.send == [m.Bye("quit")] and step.events == [e.Disconnected("quit", None, (1,))]
    assert not peer.bye().send
    peer = open_client()
    assert peer.receive(m.Bye("idle"), 0).events == [e.Disconnected("idle", None, ())]


def test_a_client_answers_pings_and_leaves_out_what_it_does_not_know():
    peer = open_client()
    assert peer.receive(m.Ping(3), 9).send == [m.Pong(3, 9, 9)]
    assert peer.receive(m.Hello(), 9) == e.ClientStep()
    assert peer.receive(m.Error("odd", "x"), 9).events == [e.PeerComplained(m.Error("odd", "x"))]


def test_the_offset_of_the_shortest_round_trip_counts():
    clock = ClockFilter()
    for sent, there, back in ((0, 50, 10), (1000, 10, 10), (2000, 10, 300)):
        ping = clock.ping(sent)
        received = sent + there + 5000
        clock.pong(m.Pong(ping.sent_ns, received, received + 7), received + 7 + back - 5000)
    assert (clock.offset_ns, clock.round_trip_ns) == (5000, 20)
    clock.pong(m.Pong(77, 0, 0), 77)  # never sent
    assert clock.round_trip_ns == 20


def test_a_broken_connection_ends_the_session_here():
    peer = open_client()
    peer.send_frame(frame(1), 0)
    cause = errors.ConnectionLost("The cable is out.")
    assert peer.lose(cause).events == [e.Disconnected("The cable is out.", cause, (1,))]
    assert not peer.receive(m.SendResult(result(1)), 1).events
    assert not peer.lose(cause).events
