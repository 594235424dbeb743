"""Servers and clients over real sockets: overload, faults, idleness, leave."""

from __future__ import annotations

import os
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

import numpy as np
import pytest
import zmq
from stand_in_server import Bare, InvertEngine, frame, serving, until

from framegen import Client
from framegen.errors import FramegenError, ServerStopping
from framegen.frame import Restyled
from framegen.server.options import Endpoint
from framegen.wire import codec
from framegen.wire import messages as m

EXECUTORS = ("inline", "thread")


@contextmanager
def undisturbed(address: str) -> Iterator[None]:
    """Another session that works before, during and after; every frame of it must be answered."""
    with Client(address, name="bystander") as client:
        client.restyle(frame(0))
        stop = threading.Event()
        failures: list[FramegenError] = []

        def play() -> None:
            frame_id = 1
            while not stop.is_set():
                try:
                    client.restyle(frame(frame_id))
                except FramegenError as error:
                    failures.append(error)
                frame_id += 1

        player = threading.Thread(target=play)
        player.start()
        try:
            yield
        finally:
            stop.set()
            player.join()
        assert not failures and client.stats.reconnects == 0


def test_a_server_that_stands_still_for_many_heartbeats_loses_no_frame() -> None:
    engine = InvertEngine()
    with serving(engine, executor="inline", limits=m.Limits(heartbeat_ms=100)) as server:
        with Client(server.addresses[0]) as client:
            client.restyle(frame(0))
            engine.hold.clear()
            for frame_id in range(1, 30):
                client.send(frame(frame_id, reset=True))
                time.sleep(0.05)  # nothing is heard of the server for 14 heartbeats
            assert client.stats.answered == 1
            engine.hold.set()
            until(lambda: client.stats.in_flight == 0)
            stats = client.stats
        assert (stats.lost, stats.failed, stats.reconnects) == (0, 0, 0)
        assert stats.sent == 30 == stats.answered + stats.superseded
        assert stats.answered >= 3


@pytest.mark.parametrize("executor", EXECUTORS)
def test_several_clients_share_the_model(executor: str) -> None:
    with serving(InvertEngine(delay_s=0.005), executor=executor) as server:
        clients = [Client(server.addresses[0], name=f"game {k}") for k in range(3)]
        for client in clients:
            client.wait_connected()
        stop = threading.Event()
        failures: list[FramegenError] = []

        def flood() -> None:
            """Far more frames than the model makes: they must not take the others' turns."""
            frame_id = 0
            while not stop.is_set():
                clients[0].send(frame(frame_id))
                frame_id += 1
                time.sleep(0.001)

        def play(client: Client) -> None:
            try:
                for frame_id in range(20):
                    client.restyle(frame(frame_id))
            except FramegenError as error:
                failures.append(error)

        flooding = threading.Thread(target=flood)
        players = [threading.Thread(target=play, args=(client,)) for client in clients[1:]]
        for thread in (flooding, *players):
            thread.start()
        for player in players:
            player.join()
        stop.set()
        flooding.join()
        until(lambda: clients[0].stats.in_flight == 0)
        stats = [client.stats for client in clients]
        for client in clients:
            client.close()
        assert not failures and [s.answered for s in stats[1:]] == [20, 20]
        assert stats[0].lost == stats[0].failed == 0


@pytest.mark.parametrize("executor", EXECUTORS)
def test_overload_is_answered_with_the_newest_and_nothing_is_lost(executor: str) -> None:
    engine = InvertEngine(delay_s=0.03)
    with serving(engine, executor=executor) as server, Client(server.addresses[0]) as client:
        client.wait_connected()
        engine.hold.clear()
        order: list[int] = []
        client.callbacks.on_result = lambda restyled: order.append(restyled.frame_id)
        most_in_flight = 0
        for frame_id in range(150):
            client.send(frame(frame_id))
            most_in_flight = max(most_in_flight, client.stats.in_flight)
            time.sleep(1 / 120)
            if frame_id == 30:
                engine.hold.set()  # however slow the sender is, the first thirty were too many
        until(lambda: client.stats.in_flight == 0)
        stats = client.stats
        assert stats.sent == 150 == stats.answered + stats.superseded
        assert stats.lost == stats.failed == 0 and stats.superseded > 0
        assert order == sorted(order) and order[-1] == 149, "the last frame always gets its picture"
        assert most_in_flight <= 100, "no queue that grows"
        assert server.counts.answered == stats.answered


def local_addresses() -> list[str]:
    """Every kind of address that this machine alone reaches, where the machine has it."""
    found = ["tcp://127.0.0.1:*"]
    if zmq.has("ipc"):
        found.append("ipc://*")  # libzmq makes a path up
    try:
        with socket.socket(socket.AF_INET6) as probe:
            probe.bind(("::1", 0))
        found.append("tcp://[::1]:*")
    except OSError:
        pass
    return found


@pytest.mark.parametrize("address", local_addresses())
def test_two_clients_with_one_identity_get_a_session_each(address: str) -> None:
    with (
        serving(endpoints=(Endpoint(address),)) as server,
        Bare(server.addresses[0], b"same") as first,
        Bare(server.addresses[0], b"same") as second,
    ):
        assert first.greet().session != second.greet().session
        for frame_id in range(3):
            for client, shade in ((first, 60), (second, 90)):
                color = np.full((48, 64, 3), shade, np.uint8)
                answer = client.picture(m.SendFrame(frame(frame_id, color=color)))
                assert (answer.result.image == 255 - shade).all(), "its own picture"


@pytest.mark.parametrize("executor", EXECUTORS)
def test_a_client_that_vanishes_mid_frame(executor: str) -> None:
    engine = InvertEngine(delay_s=0.05)
    with serving(engine, executor=executor, max_sessions=2) as server, undisturbed(server.addresses[0]):
        for _ in range(4):  # more often than there is room: vanished sessions give way
            with Client(server.addresses[0]) as next_client:
                next_client.wait_connected()
            with Bare(server.addresses[0]) as client:
                deadline_s = time.monotonic() + 60
                while not isinstance(client.ask(m.Hello()), m.Welcome):
                    assert time.monotonic() < deadline_s
                client.say(m.SendFrame(frame(1)))


def test_a_client_that_never_reads() -> None:
    with (
        serving() as server,
        undisturbed(server.addresses[0]),
        Bare(server.addresses[0], receive_hwm=1) as deaf,
    ):
        deaf.say(m.Hello())
        until(lambda: server.sessions == 2)
        frame_id = 0
        while server.sessions == 2:
            frame_id += 1
            assert frame_id < 3000, "its answers pile up"
            deaf.say(m.SendFrame(frame(frame_id, 512, 288)))
            time.sleep(0.004)


def test_garbage_and_giants_beside_a_session_that_works() -> None:
    limits = m.Limits(max_message_bytes=2 << 20, max_pixels=1 << 18)
    with serving(limits=limits) as server, undisturbed(server.addresses[0]):
        address = server.addresses[0]
        host, port = address.removeprefix("tcp://").split(":")
        for blob in (b"GET / HTTP/1.1\r\n\r\n", b"\xff" * 300, os.urandom(4096)):
            with socket.create_connection((host, int(port))) as raw:
                raw.sendall(blob)
        with Bare(address) as client:
            client.say_raw([b"\x00garbage", b"more"])
            answer = client.hear()
            assert isinstance(answer, m.Error) and (answer.code, answer.fatal) == ("malformed_message", True)
            client.greet()
            for parts in ([b""], [b"\xc1"] * 3, [b"x"] * 40, [b"\x81\xa4type\xa5frame"]):
                client.say_raw(parts)
                answer = client.hear()
                assert isinstance(answer, m.Error) and not answer.fatal
            answer = client.ask(m.SendFrame(frame(1, color=np.zeros((600, 600, 3), np.uint8))))
            assert isinstance(answer, m.Error) and answer.code == "message_too_large" and answer.frame_id == 1
            client.picture(m.SendFrame(frame(2)))
        with Bare(address) as client:
            client.greet()
            client.say_raw([codec.encode(m.Ping(1))[0], bytes(3 << 20)])  # libzmq closes the connection
            answer = client.ask(m.Ping(2))
            assert isinstance(answer, m.Error) and answer.code == "unknown_session"
            client.greet()


def test_idle_sessions_expire_and_a_quiet_client_does_not() -> None:
    limits = m.Limits(idle_timeout_ms=1500, heartbeat_ms=50)
    with serving(limits=limits) as server, Bare(server.addresses[0]) as bare, Client(server.addresses[0]) as client:
        client.wait_connected()
        bare.greet()
        assert bare.hear() == m.Bye("idle")
        answer = bare.ask(m.SendFrame(frame(1)))
        assert isinstance(answer, m.Error) and answer.code == "unknown_session"
        assert client.restyle(frame(1)).frame_id == 1
        assert client.stats.reconnects == 0
        stats = client.stats
        assert stats.clock_offset_ns is not None and stats.round_trip_ms is not None
        assert abs(stats.clock_offset_ns) * 1e-6 <= stats.round_trip_ms / 2 + 1e-3, "one clock, seen from both sides"


@pytest.mark.parametrize("executor", EXECUTORS)
def test_settings_hold_for_every_frame_sent_after_them(executor: str) -> None:
    with serving(executor=executor) as server:
        results: list[Restyled] = []
        with Client(server.addresses[0], on_result=results.append) as client:
            client.wait_connected()
            for k in range(1, 41):
                request = client.set(prompt=f"prompt {k}")
                assert request == k
                client.send(frame(k))
                time.sleep(0.002)
            until(lambda: client.stats.in_flight == 0)
        assert results[-1].frame_id == 40
        assert all(result.settings_revision >= result.frame_id for result in results)


def test_a_full_server_says_so_and_takes_the_next_when_there_is_room() -> None:
    with serving(max_sessions=1) as server:
        first = Client(server.addresses[0])
        first.restyle(frame(1))
        with Client(server.addresses[0]) as second:
            with pytest.raises(FramegenError):
                second.restyle(frame(1), timeout_s=0.5)
            first.close()
            assert second.restyle(frame(2)).frame_id == 2


def test_a_stopping_server_answers_the_frame_in_work_and_takes_leave() -> None:
    engine = InvertEngine()
    lost: list[tuple[tuple[int, ...], FramegenError]] = []
    with serving(engine, executor="thread", stop_grace_s=60.0) as server:
        client = Client(server.addresses[0], on_lost=lambda ids, cause: lost.append((ids, cause)))
        client.wait_connected()
        engine.hold.clear()
        working = client.submit(frame(1))
        assert engine.begun.wait(60)
        waiting = client.submit(frame(2))
        until(lambda: server.counts.frames == 2)
        server.stop()
        threading.Timer(0.3, engine.hold.set).start()
    assert working.result(60).frame_id == 1
    with pytest.raises(ServerStopping):
        waiting.result(60)
    assert lost[0][0] == (2,) and isinstance(lost[0][1], ServerStopping)
    client.close()
