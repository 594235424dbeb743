"""How sessions begin and end, without sockets: room, idleness, leave, shared memory."""

from __future__ import annotations

from typing import Any

from hub_desk import SECOND_NS, A, B, C, Desk, error_of, kinds
from stand_in_server import frame

from framegen.server.session import Route
from framegen.wire import codec
from framegen.wire import messages as m


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


def test_a_flood_of_hellos_at_a_full_server_reaches_nobody_inside() -> None:
    desk = Desk(max_sessions=1)
    desk.greet(A)
    desk.work()
    crowd = [Route(0, b"crowd %d" % number) for number in range(100)]
    for route in [B] * 300 + crowd:
        desk.raw(route, codec.encode(m.Hello()))
    assert kinds(desk.hear(A)) == ["ping"], "one question, however many stand at the door"
    desk.hub.admit(desk.now_ns)
    assert kinds(desk.hear(B)) == ["error"], "one answer, however often it asked"
    answered = [route for route in crowd if desk.hear(route)]
    assert answered == crowd[:19], "and no more a second than strangers are told altogether"
    desk.now_ns += SECOND_NS
    desk.say(A, m.Bye())
    desk.raw(crowd[-1], codec.encode(m.Hello()))
    assert kinds(desk.hear(crowd[-1])) == ["welcome"]


def test_a_frame_in_shared_memory_outside_a_session_is_told_so() -> None:
    desk, shelf = Desk(), Shelf()
    desk.raw(A, codec.encode(m.SendFrame(frame(7)), place=shelf.place))
    error = error_of(desk.hear(A))
    assert (error.code, error.frame_id, error.fatal) == ("unknown_session", 7, True)
    desk.raw(A, [b"\x81\xa4type\xa5frame"])
    assert error_of(desk.hear(A)).code == "malformed_message", "it has no id"
