"""Protocol and transport of the Godot addon, in a Godot without a display."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from stand_in_server import InvertEngine, serving

from framegen.server.options import Endpoint
from framegen.wire.messages import Limits

ROOT = Path(__file__).resolve().parents[3]
Run = Callable[..., Any]
TOKEN = "correct horse battery"


def test_every_vector_is_read_as_it_says(run_check: Run) -> None:
    outcome = run_check("vectors", str(ROOT / "protocol" / "vectors"))
    outcome.ok()
    assert outcome.passed > 4000


def test_a_session_keeps_the_rules(run_check: Run) -> None:
    run_check("session").ok()


def test_frames_come_back_restyled(run_check: Run) -> None:
    with serving() as server:
        measured = run_check("transport", server.addresses[0], "", "60").ok()
    assert measured["answered"] >= 60
    assert measured["events"][0] == "connected"


def test_colour_may_travel_as_jpeg(run_check: Run) -> None:
    with serving() as server:
        run_check("transport", server.addresses[0], "", "20", "jpeg").ok()


def test_a_token_opens_a_plain_endpoint(run_check: Run) -> None:
    with serving(endpoints=(Endpoint("tcp://127.0.0.1:*", "plain"),), token=TOKEN) as server:
        measured = run_check("transport", server.addresses[0], TOKEN, "10").ok()
        assert measured["events"][0] == "connected"
        wrong = run_check("transport", server.addresses[0], "not the token", "0")
        assert "unauthorized" in wrong.measured["events"][0]
        none = run_check("transport", server.addresses[0], "", "0")
        assert "a token" in none.measured["events"][0]


def test_an_address_where_nobody_listens_is_told(run_check: Run, free_port: Callable[[], int]) -> None:
    outcome = run_check("transport", f"tcp://127.0.0.1:{free_port()}", "", "0")
    assert "nobody listens" in outcome.measured["events"][0]
    nonsense = run_check("transport", "udp://somewhere", "", "0")
    assert "tcp://" in nonsense.measured["events"][0]


def test_a_server_that_stops_and_comes_back_is_found_again(run_check: Run, free_port: Callable[[], int]) -> None:
    endpoint = (Endpoint(f"tcp://127.0.0.1:{free_port()}"),)

    def twice() -> None:
        for frames in (15, 10_000):
            engine = InvertEngine(delay_s=0.01)
            with serving(engine, endpoints=endpoint):
                until = time.monotonic() + 20
                while len(engine.prompts) < 1 or (frames < 100 and time.monotonic() < begun + 3):
                    time.sleep(0.05)
                    if done.is_set() or time.monotonic() > until:
                        break
                if frames > 100:
                    done.wait(20)

    done = threading.Event()
    begun = time.monotonic()
    server = threading.Thread(target=twice)
    server.start()
    try:
        measured = run_check("transport", endpoint[0].address, "", "400").ok()
    finally:
        done.set()
        server.join()
    kinds = [event.split(":")[0] for event in measured["events"]]
    assert kinds.count("connected") >= 2
    assert "lost" in kinds


class FailingEngine(InvertEngine):
    """Fails every frame."""

    def encode(self, *_: Any) -> Any:
        raise RuntimeError("out of memory")


def test_frames_that_the_server_fails_are_not_kept(run_check: Run) -> None:
    with serving(FailingEngine()) as server:
        measured = run_check("transport", server.addresses[0], "", "20", "failing").ok()
    assert measured["answered"] >= 20


@contextmanager
def going_deaf(port: int, after_bytes: int) -> Iterator[int]:
    """A way to ``port`` whose first connection falls silent after so many bytes of answers, and is not closed: its own
    port."""
    with socket.create_server(("127.0.0.1", 0)) as door:
        ends: list[socket.socket] = []

        def carry(source: socket.socket, target: socket.socket, budget: float) -> None:
            try:
                while budget > 0 and (data := source.recv(65536)):
                    budget -= len(data)
                    target.sendall(data)
            except OSError:
                pass
            if budget > 0:
                for end in (source, target):
                    with suppress(OSError):
                        end.shutdown(socket.SHUT_RDWR)

        def answer() -> None:
            budget: float = after_bytes
            with suppress(OSError):
                while True:
                    near, far = door.accept()[0], socket.create_connection(("127.0.0.1", port))
                    ends.extend((near, far))
                    for ways in ((near, far, float("inf")), (far, near, budget)):
                        threading.Thread(target=carry, args=ways, daemon=True).start()
                    budget = float("inf")

        threading.Thread(target=answer, daemon=True).start()
        try:
            yield door.getsockname()[1]
        finally:
            door.shutdown(socket.SHUT_RDWR)
            for end in ends:
                end.close()


def test_a_connection_that_dies_without_a_word_is_replaced(run_check: Run) -> None:
    with serving(limits=Limits(heartbeat_ms=200)) as server:
        port = int(server.addresses[0].rsplit(":", 1)[1])
        with going_deaf(port, 60_000) as way:
            measured = run_check("transport", f"tcp://127.0.0.1:{way}", "", "60").ok()
    kinds = [event.split(":")[0] for event in measured["events"]]
    assert [kind for kind in kinds if kind != "settings"] == ["connected", "lost", "connected"]
