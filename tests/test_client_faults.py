"""What goes wrong with single frames, cuts and full servers, and that the Python client outlives it: real sockets."""

from __future__ import annotations

import gc
import threading
import weakref
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pytest
from stand_in_server import InvertEngine, frame, serving, until

from framegen import Client, sharing
from framegen.errors import (
    ConnectionLost,
    FramegenError,
    InvalidFrame,
    MessageTooLarge,
)
from framegen.frame import Frame, Restyled
from framegen.server.app import Server
from framegen.server.options import Endpoint
from framegen.wire import codec
from framegen.wire import messages as m

COLOR = np.full((48, 64, 3), 50, np.uint8)


@pytest.fixture
def engine() -> InvertEngine:
    return InvertEngine()


@pytest.fixture
def server(engine: InvertEngine) -> Iterator[Server]:
    with serving(engine, executor="thread") as running:
        yield running


def adds_up(client: Client) -> bool:
    stats = client.stats
    return stats.sent == stats.answered + stats.superseded + stats.failed + stats.lost + stats.in_flight


@pytest.mark.parametrize("color_codec", ["raw", "jpeg"])
def test_a_frame_that_cannot_be_encoded_fails_alone(
    server: Server, monkeypatch: pytest.MonkeyPatch, color_codec: str
) -> None:
    encode = codec.encode

    def failing(message: m.Message, **options: Any) -> Any:
        if isinstance(message, m.SendFrame) and message.frame.frame_id == 2:
            raise TypeError("no such plane")
        return encode(message, **options)

    monkeypatch.setattr(codec, "encode", failing)
    errors: list[FramegenError] = []
    with Client(server.addresses[0], color_codec=color_codec, on_error=errors.append) as client:
        client.wait_connected()
        assert client.restyle(frame(1)).frame_id == 1
        with pytest.raises(InvalidFrame, match="no such plane"):
            client.restyle(frame(2))
        assert client.restyle(frame(3)).frame_id == 3
        assert client.failure is None and client.stats.failed == 1 and adds_up(client)
        assert [error.frame_id for error in errors if isinstance(error, InvalidFrame)] == [2]


def test_a_picture_that_cannot_be_read_is_a_failure_of_its_frame() -> None:
    limits = m.Limits(max_pixels=7680 * 4320)
    with serving(limits=limits) as server, Client(server.addresses[0]) as client:
        client.wait_connected()
        with pytest.raises(MessageTooLarge):
            client.restyle(frame(1, 4096, 2304))
        assert client.restyle(frame(2)).frame_id == 2 and adds_up(client)


def test_a_frame_of_more_bytes_than_the_server_takes_is_answered(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sharing, "possible", lambda: False)  # as from another machine: each part is within the limit
    with serving(limits=m.Limits(max_message_bytes=20_000)) as server, Client(server.addresses[0]) as client:
        client.wait_connected()
        with pytest.raises(MessageTooLarge, match="bytes"):
            client.restyle(frame(1, depth_m=np.ones((48, 64), np.float32)))
        assert client.restyle(frame(2)).frame_id == 2 and adds_up(client)


class Cuts(InvertEngine):
    """Notes which frames follow a cut."""

    def __init__(self) -> None:
        super().__init__()
        self.cuts: list[tuple[int, bool]] = []

    def encode(self, frame: Frame, *rest: Any) -> Any:
        self.cuts.append((frame.frame_id, frame.reset))
        return super().encode(frame, *rest)


def test_a_reset_does_not_overtake_a_frame_that_waits_here() -> None:
    engine = Cuts()
    with (
        serving(engine, executor="thread") as server,
        Client(server.addresses[0], max_in_flight=1) as client,
    ):
        client.wait_connected()
        engine.hold.clear()
        first = client.submit(frame(1))
        assert engine.begun.wait(60)
        second = client.submit(frame(2))
        client.reset()
        engine.hold.set()
        assert first.result(60) and second.result(60)
        client.restyle(frame(3))
        client.restyle(frame(4))
    assert engine.cuts == [(1, False), (2, False), (3, True), (4, False)]


def test_a_cut_at_a_frame_that_cannot_be_sent_is_at_the_next_one() -> None:
    engine = Cuts()
    with serving(engine, limits=m.Limits(max_side_px=100)) as server, Client(server.addresses[0]) as client:
        client.wait_connected()
        with pytest.raises(MessageTooLarge):
            client.restyle(frame(1, 101, 100, reset=True))
        client.restyle(frame(2))
        client.restyle(frame(3))
    assert engine.cuts == [(2, True), (3, False)]


def test_frames_that_were_displaced_are_not_kept_while_a_callback_takes_its_time(server: Server) -> None:
    begun, go_on = threading.Event(), threading.Event()
    superseded: list[int] = []

    def slow(_restyled: Restyled) -> None:
        begun.set()
        go_on.wait(60)

    with Client(
        server.addresses[0],
        max_in_flight=1,
        on_result=slow,
        on_superseded=lambda frame_id, _by: superseded.append(frame_id),
    ) as client:
        client.wait_connected()
        client.send(frame(1))
        assert begun.wait(60)
        colors = []
        for frame_id in range(2, 32):
            offered = frame(frame_id)
            colors.append(weakref.ref(offered.color))
            client.send(offered)
        del offered
        gc.collect()
        kept = sum(color() is not None for color in colors)
        go_on.set()
        assert kept <= 2, "one waits here, one may be on its way"
        until(lambda: client.stats.in_flight == 0)
        assert len(superseded) >= 28 and adds_up(client)


def test_a_reset_without_a_session_is_remembered(free_port: Callable[[], int]) -> None:
    engine, address = Cuts(), f"tcp://127.0.0.1:{free_port()}"
    with Client(address) as client:
        client.send(frame(1))
        client.reset()
        picture = client.submit(frame(2))
        with serving(engine, endpoints=(Endpoint(address),)):
            assert picture.result(60).frame_id == 2
    assert engine.cuts == [(2, True)]


def test_a_full_server_is_there_and_says_so() -> None:
    with serving(max_sessions=1) as server, Client(server.addresses[0]) as first:
        first.wait_connected()
        with Client(server.addresses[0]) as second:
            until(lambda: second._link.refusal is not None)
            for call in (lambda: second.wait_connected(0.1), lambda: second.restyle(frame(1), timeout_s=0.1)):
                with pytest.raises(ConnectionLost, match="opens no session: The server has its 1 sessions"):
                    call()
            first.close()
            assert second.wait_connected(60) and second._link.refusal is None
