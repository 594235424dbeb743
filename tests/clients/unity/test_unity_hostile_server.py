"""The C# client against servers that are none, that fall silent or that lie; and how fast it lets go of them."""

from __future__ import annotations

import socket
import struct
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import msgpack
import pytest
import zmq
from mono_program import Driven

Start = Callable[[], Driven]
GREETING = b"\xff" + bytes(8) + b"\x7f\x03\x00" + b"NULL".ljust(20, b"\0") + bytes(32)
READY = b"\x04\x1c\x05READY\x0bSocket-Type\x00\x00\x00\x06ROUTER"
WELCOME = {
    "type": "welcome",
    "protocol": "1.0",
    "session": "s",
    "models": ["m"],
    "limits": {},
    "settings": {},
}


@contextmanager
def listening() -> Iterator[tuple[socket.socket, str]]:
    """A bare listener and its address."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.settimeout(20)
        yield listener, f"tcp://127.0.0.1:{listener.getsockname()[1]}"


def part(data: bytes, flags: int = 0) -> bytes:
    """One ZMTP frame, in the long form."""
    return bytes([flags | 2]) + struct.pack(">Q", len(data)) + data


def shake_hands(listener: socket.socket) -> socket.socket:
    """Takes a connection through the handshake."""
    connection, _ = listener.accept()
    connection.settimeout(20)
    connection.sendall(GREETING)
    read(connection, 64)
    assert read(connection, 8)[2:] == b"\x05READY"
    connection.sendall(READY)
    return connection


def welcome(listener: socket.socket) -> socket.socket:
    """Takes a connection into an open session."""
    connection = shake_hands(listener)
    connection.sendall(part(msgpack.packb(WELCOME)))
    return connection


def read(connection: socket.socket, count: int) -> bytes:
    data = b""
    while len(data) < count:
        more = connection.recv(count - len(data))
        assert more, "the client hung up"
        data += more
    return data


def wait_for(connection: socket.socket, wanted: bytes) -> None:
    """Reads until ``wanted`` came by."""
    data = b""
    while wanted not in data:
        more = connection.recv(65536)
        assert more, f"the client hung up before it said {wanted!r}: {data[-200:]!r}"
        data += more


def test_closing_in_the_middle_of_a_handshake_does_not_hang(driven: Start) -> None:
    with listening() as (listener, address), driven() as client:
        client.say("open", address)
        connection, _ = listener.accept()  # and says nothing
        client.ask("close", key="closed_ms")  # a client that waits for the socket would never answer
        connection.close()


def test_closing_while_a_send_is_blocked_does_not_hang_and_frees_every_frame(driven: Start) -> None:
    with listening() as (listener, address), driven() as client:
        client.say("open", address)
        connection = welcome(listener)  # and never reads again
        client.hear("event", "Connected")
        for frame_id in range(1, 9):
            client.say("send", frame_id, 2048, 2048, 1)  # 12 MB each: more than any socket buffer
        stats = client.ask("stats", key="sent")
        assert stats["sent"] >= 1
        assert stats["released"] < 8
        client.ask("close", key="closed_ms")  # a client that waits for the socket would never answer
        client.stats_until("released", 8)
        connection.close()


def test_a_server_that_falls_silent_is_left_and_greeted_again(driven: Start) -> None:
    quick = {**WELCOME, "limits": {"heartbeat_ms": 50}}
    with listening() as (listener, address), driven() as client:
        client.say("open", address)
        connection = shake_hands(listener)
        connection.sendall(part(msgpack.packb(quick)))
        client.hear("event", "Connected")
        wait_for(connection, b"\xa4ping")
        assert "said nothing" in client.hear("event", "Lost")["message"]
        again = welcome(listener)
        client.hear("event", "Connected")
        assert len([line for line in client.log if line.get("event") == "Lost"]) == 1
        again.close()
        connection.close()


def test_pings_of_the_transport_and_of_the_protocol_are_answered(driven: Start) -> None:
    with listening() as (listener, address), driven() as client:
        client.say("open", address)
        connection = welcome(listener)
        client.hear("event", "Connected")
        connection.sendall(b"\x04\x0a\x04PING\x00\x0aabc")
        wait_for(connection, b"\x04\x08\x04PONGabc")
        connection.sendall(part(msgpack.packb({"type": "ping", "sent_ns": 77})))
        wait_for(connection, b"\xa4pong\xa7sent_nsM")
        connection.close()


HUGE = b"\x02" + struct.pack(">Q", 1 << 62)
LIES = {
    "http": b"HTTP/1.1 400 Bad Request\r\n" + bytes(64),
    "zmtp 2": b"\xff" + bytes(8) + b"\x7f\x01" + bytes(60),
    "another mechanism": GREETING.replace(b"NULL\0", b"CURVE"),
    "a huge handshake": GREETING + b"\x06" + struct.pack(">Q", 1 << 40),
    "an empty handshake": GREETING + b"\x04\x00",
    "another command": GREETING + b"\x04\x06\x05HELLO",
    "an error": GREETING + b"\x04\x07\x05ERROR\x00",
    "an error, misspelt": GREETING + b"\x04\x06^RROR\x00",
    "a huge part": GREETING + READY + HUGE,
    "a negative part": GREETING + READY + b"\x02" + b"\xff" * 8,
    "reserved flags": GREETING + READY + b"\x80\x00",
    "a command that goes on": GREETING + READY + b"\x05\x01\x00",
    "a command inside a message": GREETING + READY + b"\x01\x01a\x04\x02\x01A",
    "a huge command": GREETING + READY + b"\x06" + struct.pack(">Q", 1 << 40),
    "parts without end": GREETING + READY + b"\x01\x00" * 100,
}


@pytest.mark.parametrize("lie", LIES)
def test_what_is_no_server_is_left_and_tried_again_later(driven: Start, lie: str) -> None:
    with listening() as (listener, address), driven() as client:
        client.say("open", address)
        connection, _ = listener.accept()
        connection.sendall(LIES[lie])
        assert client.hear("event", "Lost")["message"]
        client.ask("close", key="closed_ms")  # a client that waits for the socket would never answer
        connection.close()


BAD_HEADERS = {
    "no map": msgpack.packb([1]),
    "cut short": msgpack.packb({"type": "result", "frame_id": 1})[:-2],
    "a result without a picture": msgpack.packb({"type": "result", "frame_id": 1}),
    "a picture outside its part": msgpack.packb(
        {"type": "result", "frame_id": 1, "timestamp_ns": 0, "width": 2, "height": 2, "how": "generated"}
        | {"settings_revision": 0, "planes": {"image": {"format": "rgb8", "part": 1, "offset": 1 << 40}}}
    ),
}


@pytest.mark.parametrize("bad", BAD_HEADERS)
def test_a_message_that_cannot_be_read_is_answered_and_the_session_goes_on(driven: Start, bad: str) -> None:
    with listening() as (listener, address), driven() as client:
        client.say("open", address)
        connection = welcome(listener)
        client.hear("event", "Connected")
        connection.sendall(part(BAD_HEADERS[bad]))
        wait_for(connection, b"malformed_message")
        connection.sendall(part(msgpack.packb({"type": "future"})))  # of a later version: no error, no answer
        connection.sendall(part(msgpack.packb({"type": "error", "code": "of_tomorrow", "message": "m"})))
        assert client.hear("event", "Error")["code"] == "of_tomorrow"
        assert client.ask("stats", key="sent")["open"]
        connection.close()


def test_results_of_frames_that_were_never_sent_are_left_out(driven: Start) -> None:
    context: zmq.Context[zmq.Socket[bytes]] = zmq.Context()
    router = context.socket(zmq.ROUTER)
    router.linger = 0
    port = router.bind_to_random_port("tcp://127.0.0.1")
    try:
        with driven() as client:
            client.say("open", f"tcp://127.0.0.1:{port}")
            peer, hello = router.recv_multipart()
            assert msgpack.unpackb(hello)["type"] == "hello"
            router.send_multipart([peer, msgpack.packb(WELCOME)])
            client.hear("event", "Connected")
            client.say("send", 5, 2, 1, 9)
            while msgpack.unpackb(router.recv_multipart()[1])["type"] != "frame":
                pass
            for frame_id in (4, 5, 5):
                header = {"type": "result", "frame_id": frame_id, "timestamp_ns": 0, "width": 2, "height": 1}
                header |= {
                    "how": "generated",
                    "settings_revision": 0,
                    "planes": {"image": {"format": "rgb8", "part": 1}},
                }
                router.send_multipart([peer, msgpack.packb(header), bytes([frame_id]) * 6])
            assert client.hear("result")["result"] == 5
            time.sleep(0.1)
            assert client.ask("stats", key="sent")["answered"] == 1
            assert [line["result"] for line in client.log if "result" in line] == [5]
    finally:
        context.destroy(linger=0)
