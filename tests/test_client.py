"""The Python client, against a server in this process: real sockets, a model that inverts colours."""

from __future__ import annotations

import asyncio
import math
import threading
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from stand_in_server import InvertEngine, frame, serving, until

from framegen import AsyncClient, Client
from framegen.client.mailbox import in_place_of, size_bytes
from framegen.client.stats import Tally, percentile
from framegen.errors import (
    ConfigError,
    ConnectionLost,
    FramegenError,
    InvalidSettings,
    NoPicture,
    OutOfOrder,
    RestyleFailed,
    UnknownModel,
)
from framegen.frame import How, Restyled
from framegen.server.app import Server
from framegen.server.options import Endpoint
from framegen.wire.messages import SettingsApplied, Welcome

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


def test_blocking(server: Server) -> None:
    with Client(server.addresses[0], name="test") as client:
        assert client.set(prompt="night rain", wait=True) == 1
        restyled = client.restyle(client.frame(COLOR))
        assert (restyled.image == 205).all() and restyled.image.shape == (48, 64, 3)
        assert restyled.settings_revision == 1 and restyled.model == "invert"
        assert restyled.timestamp_ns > 0
        latest = client.latest()
        assert latest is not None and latest.frame_id == restyled.frame_id == 0
        assert client.restyle(client.frame(COLOR)).frame_id == 1
        stats = client.stats
        assert (stats.sent, stats.answered, stats.in_flight) == (2, 2, 0)
        assert stats.latency_ms_p50 > 0 and stats.connected
        assert stats.round_trip_ms is not None and stats.clock_offset_ns is not None


def test_by_callback(server: Server, engine: InvertEngine) -> None:
    results: list[Restyled] = []
    superseded: list[tuple[int, int]] = []
    welcomes: list[Welcome] = []
    applied: list[SettingsApplied] = []
    client = Client(
        server.addresses[0],
        settings={"prompt": "snow"},
        on_result=results.append,
        on_superseded=lambda frame_id, by: superseded.append((frame_id, by)),
        on_connected=welcomes.append,
        on_settings=applied.append,
    )
    with client:
        client.wait_connected()
        assert welcomes[0].settings["prompt"] == "snow"
        client.set(prompt="fog bank")
        until(lambda: bool(applied))
        assert applied[0].understood == ("fog", "bank")
        engine.hold.clear()
        client.send(frame(0))
        assert engine.begun.wait(60)
        client.send(frame(1))
        client.send(frame(2))
        until(lambda: superseded == [(1, 2)])
        engine.hold.set()
        until(lambda: len(results) == 2)
        assert [result.frame_id for result in results] == [0, 2]
        assert adds_up(client)


def test_a_callback_that_fails_or_waits_harms_nobody(server: Server, caplog: pytest.LogCaptureFixture) -> None:
    met: list[Exception] = []

    def bad(_restyled: Restyled) -> None:
        for wait in (client.wait_connected, lambda: client.restyle(frame(99)), lambda: client.set(seed=1, wait=True)):
            try:
                wait()
            except ConfigError as error:
                met.append(error)
        raise RuntimeError("a bug in the game")

    with Client(server.addresses[0], on_result=bad) as client:
        assert client.restyle(frame(1)) and client.restyle(frame(2))
        until(lambda: len(met) == 6)
    assert "a bug in the game" in caplog.text


def test_settings_are_checked_here_and_there(server: Server) -> None:
    errors: list[FramegenError] = []
    with Client(server.addresses[0], on_error=errors.append) as client:
        with pytest.raises(InvalidSettings, match=r"Did you mean 'prompt'\?"):
            client.set(promt="night")
        with pytest.raises(UnknownModel, match="gpt"):
            client.set(model="gpt", wait=True)
        request = client.set(model="gpt")
        until(lambda: len(errors) == 2)
        assert isinstance(errors[1], UnknownModel) and errors[1].request == request
        assert client.restyle(frame(1)).settings_revision == 0
    with pytest.raises(InvalidSettings):
        Client(server.addresses[0], settings={"intensity": 3})


def test_a_refused_hello_is_final(server: Server) -> None:
    lost: list[FramegenError] = []
    with Client(
        server.addresses[0], settings={"model": "gpt"}, on_lost=lambda _ids, cause: lost.append(cause)
    ) as client:
        with pytest.raises(UnknownModel):
            client.wait_connected()
        with pytest.raises(UnknownModel):
            client.restyle(frame(1))
        assert isinstance(client.failure, UnknownModel) and lost == [client.failure]


def test_a_frame_that_the_model_fails_on(server: Server) -> None:
    with Client(server.addresses[0]) as client:
        with pytest.raises(RestyleFailed):
            client.restyle(frame(1, color=np.full((48, 64, 3), 13, np.uint8)))
        assert client.restyle(frame(2)).frame_id == 2
        assert client.stats.failed == 1 and adds_up(client)


def test_frame_ids_grow(server: Server) -> None:
    with Client(server.addresses[0]) as client:
        client.restyle(frame(5))
        with pytest.raises(OutOfOrder):
            client.send(frame(5))
        assert client.frame(COLOR).frame_id == 6


def test_a_picture_that_does_not_come(server: Server, engine: InvertEngine) -> None:
    with Client(server.addresses[0]) as client:
        client.wait_connected()
        engine.hold.clear()
        with pytest.raises(NoPicture, match=r"within 0\.1 s"):
            client.restyle(frame(1), timeout_s=0.1)
        assert engine.begun.wait(60)
        waiting = client.submit(frame(2))
        newer = client.submit(frame(3))
        with pytest.raises(NoPicture, match="took its place"):
            waiting.result(60)
        engine.hold.set()
        assert newer.result(60).frame_id == 3
        assert client.stats.answered == 2, "the late one counts as answered"


def test_without_a_server_nothing_blocks_and_the_newest_frame_waits(free_port: Callable[[], int]) -> None:
    address = f"tcp://127.0.0.1:{free_port()}"
    superseded: list[tuple[int, int]] = []
    with Client(address, on_superseded=lambda *ids: superseded.append(ids)) as client:
        for frame_id in range(10):
            client.send(frame(frame_id))
        until(lambda: superseded == [(k, k + 1) for k in range(9)])
        with pytest.raises(ConnectionLost, match="framegen serve"):
            client.wait_connected(0.1)
        with pytest.raises(ConnectionLost, match=address):
            client.restyle(frame(10), timeout_s=0.1)
        client.set(prompt="said later")
        with serving(endpoints=(Endpoint(address),)):
            until(lambda: client.stats.answered == 1)
            latest = client.latest()
            assert latest is not None and latest.frame_id == 10 and latest.settings_revision == 1


def test_closing_is_quick_and_decides_everything(server: Server, engine: InvertEngine) -> None:
    lost: list[tuple[int, ...]] = []
    client = Client(server.addresses[0], on_lost=lambda ids, _cause: lost.append(ids))
    client.wait_connected()
    engine.hold.clear()
    picture = client.submit(frame(1))
    until(lambda: bool(client._link.peer.in_flight))
    client.close()  # waits for no answer: there is none as long as the model is held
    client.close()
    engine.hold.set()
    with pytest.raises(ConnectionLost):
        picture.result(1)
    with pytest.raises(ConnectionLost, match="closed"):
        client.send(frame(2))
    with pytest.raises(ConnectionLost, match="closed"):
        client.set(prompt="x")
    assert sum(lost, ()) == (1,)
    assert client.stats.lost == 1 and adds_up(client)


def test_what_another_thread_says_while_the_client_closes_is_refused_too(
    server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It looked whether the client is open before, and would wait for ever for an answer."""
    client = Client(server.addresses[0])
    client.wait_connected()
    ledger = client._ledger
    sent, updating = ledger.sent, ledger.updating

    def late(entry: Callable[..., Any]) -> Callable[..., Any]:
        def enter(*about: Any) -> Any:
            client.close()
            return entry(*about)

        return enter

    monkeypatch.setattr(ledger, "sent", late(sent))
    monkeypatch.setattr(ledger, "updating", late(updating))
    with pytest.raises(ConnectionLost, match="closed"):
        client.submit(frame(1))
    assert client.stats.sent == 0
    monkeypatch.setattr(client._link, "failure", None)
    with pytest.raises(ConnectionLost, match="closed"):
        client.update({"prompt": "x"})


@pytest.mark.parametrize("executor", ["inline", "thread"])
def test_a_goodbye_is_heard_with_a_frame_in_work(caplog: pytest.LogCaptureFixture, executor: str) -> None:
    """Its picture finds nobody, and must not be what the server knows of the end."""
    engine = InvertEngine()
    with caplog.at_level("INFO", logger="framegen.server"), serving(engine, executor=executor) as server:
        client = Client(server.addresses[0])
        client.wait_connected()
        engine.hold.clear()
        client.send(frame(1))
        assert engine.begun.wait(60)
        client.close()
        engine.hold.set()
        until(lambda: server.sessions == 0)
    assert [line.split(": ")[1] for line in caplog.messages if " closed: " in line] == ["closed"]


def test_closing_needs_no_server(free_port: Callable[[], int]) -> None:
    client = Client(f"tcp://127.0.0.1:{free_port()}")
    update = client.update({"prompt": "never said"})
    client.close()
    with pytest.raises(ConnectionLost):
        update.result(0)
    assert not [thread for thread in threading.enumerate() if thread.name == "framegen-client"]


@pytest.mark.parametrize(
    "options",
    [
        {"address": "5555"},
        {"token": "t", "server_key": "k" * 40},
        {"server_key": "short"},
        {"server_key": "x" * 39 + '"'},
        {"server_key": "#" * 40},
        {"server_key": "k" * 40, "secret_key": "é" * 40},
        {"token": ""},
        {"token": "x" * 256},
        {"token": "é" * 128},
        {"token": "caf\udce9-token-long"},
    ],
)
def test_addresses_that_make_no_sense(options: dict[str, str]) -> None:
    with pytest.raises(ConfigError):
        Client(**options)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "options", [{"color_codec": "jpg"}, {"jpeg_quality": 0}, {"jpeg_quality": 101}, {"max_in_flight": 0}]
)
def test_ways_of_sending_that_make_no_sense(options: dict[str, Any]) -> None:
    with pytest.raises(ConfigError):
        Client(**options)


def test_jpeg_both_ways(server: Server) -> None:
    with Client(server.addresses[0], color_codec="jpeg", settings={"output_codec": "jpeg"}) as client:
        image = client.restyle(client.frame(COLOR)).image
        assert abs(image.astype(int) - 205).max() <= 3


def test_reset_and_a_large_frame(server: Server) -> None:
    with Client(server.addresses[0]) as client:
        client.restyle(client.frame(np.zeros((1080, 1920, 4), np.uint8)))
        client.reset()
        depth = np.full((1080, 1920), 5.0, np.float32)
        restyled = client.restyle(client.frame(np.zeros((1080, 1920, 4), np.uint8), depth_m=depth, reset=True))
        assert restyled.image.shape == (1080, 1920, 3)
        with pytest.raises(FramegenError, match="does not take 16000x1"):
            client.restyle(client.frame(np.zeros((1, 16000, 3), np.uint8)))


def test_asyncio(server: Server) -> None:
    async def play() -> None:
        async with AsyncClient(server.addresses[0]) as client:
            applied = await client.set(prompt="night rain")
            assert applied.understood == ("night", "rain")
            with pytest.raises(UnknownModel):
                await client.set(model="gpt")
            assert (await client.restyle(client.frame(COLOR))).frame_id == 0
            for _ in range(3):
                await asyncio.gather(*[client.restyle(client.frame(COLOR))])
            seen = []
            async for restyled in client.results():
                seen.append(restyled.frame_id)
                if len(seen) == 4:
                    client.send(client.frame(COLOR))
                elif len(seen) == 5:
                    break
            assert seen == [0, 1, 2, 3, 4]
            assert client.stats.answered == 5
            listener = asyncio.create_task(anext(client.results(), None))
            await asyncio.sleep(0.01)
        assert await listener is None, "results() ends with the client"

    asyncio.run(play())


def test_asyncio_without_a_server(free_port: Callable[[], int]) -> None:
    async def play() -> None:
        async with AsyncClient(f"tcp://127.0.0.1:{free_port()}") as client:
            with pytest.raises(ConnectionLost):
                await client.restyle(client.frame(COLOR), timeout_s=0.05)
            with pytest.raises(ConnectionLost):
                await client.set(prompt="never said", timeout_s=0.05)

    asyncio.run(play())


def test_the_bytes_of_a_frame() -> None:
    depth, motion = np.zeros((48, 64), np.float16), np.zeros((48, 64, 2), np.float16)
    assert size_bytes(frame(1)) == 48 * 64 * 3
    assert size_bytes(frame(1, depth_m=depth, motion_px=motion)) == 48 * 64 * (3 + 2 + 4)


def test_a_frame_in_place_of_one_that_never_left() -> None:
    motion = np.zeros((48, 64, 2), np.float16)
    newer = in_place_of(frame(1), frame(2, motion_px=motion))
    assert newer.motion_from_frame_id == 1, "the server never saw it, and is told so"
    assert in_place_of(frame(1), frame(3, motion_px=motion, motion_from_frame_id=0)).motion_from_frame_id == 0
    assert in_place_of(frame(1), frame(2)).motion_from_frame_id is None
    assert in_place_of(frame(1, reset=True), frame(2)).reset
    assert in_place_of(frame(1), frame(2, reset=True)).reset


@given(st.lists(st.floats(0, 1e6), min_size=1), st.sampled_from([0.5, 0.95, 0.99]))
def test_percentiles(values: list[float], share: float) -> None:
    ordered = sorted(values)
    result = percentile(ordered, share)
    assert result in ordered
    assert sum(value <= result for value in ordered) >= share * len(ordered)
    assert sum(value < result for value in ordered) < share * len(ordered)


def test_stats_of_nothing_and_of_a_steady_stream() -> None:
    tally = Tally()
    assert math.isnan(tally.snapshot(0, connected=False, reconnects=0).latency_ms_p50)
    for k in range(100):
        tally.add("sent")
        how = How.GENERATED if k % 2 else How.REUSED
        tally.answered(Restyled(k, 0, COLOR, how), 5_000_000, k * 20_000_000)
    stats = tally.snapshot(100 * 20_000_000, connected=True, reconnects=0)
    assert stats.fps == pytest.approx(50.0, rel=0.05), "those that were reused count"
    assert stats.latency_ms_p99 == pytest.approx(5.0)
    assert (stats.sent, stats.answered, stats.generated, stats.reused, stats.in_flight) == (100, 100, 50, 50, 0)
    assert tally.snapshot(10**12, connected=True, reconnects=0).fps == 0.0
