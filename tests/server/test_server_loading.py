"""A model that takes long to load holds nobody up but the session that asked for it."""

from __future__ import annotations

import dataclasses
import threading
from typing import Any

import pytest
from slow_engine import SlowEngine, frame
from stand_in_server import until

from framegen.client import Client
from framegen.config import Settings
from framegen.engines.specs import spec
from framegen.errors import ModelUnavailable
from framegen.server.app import Server
from framegen.server.command import announcement
from framegen.server.executors import InlineExecutor, ThreadExecutor, choose
from framegen.server.options import Endpoint, ServerOptions
from framegen.server.worker import Prepare, Prepared, Worker

LOCAL = (Endpoint("tcp://127.0.0.1:*", "null"),)


class Loader:
    """``quick`` is there at once, ``heavy`` when ``gate`` is open, and fails with ``error`` where there is one."""

    def __init__(self, error: Exception | None = None) -> None:
        self.gate = threading.Event()
        self.error = error
        self.threads: list[str] = []

    def __call__(self, name: str) -> SlowEngine:
        if name == "heavy":
            self.threads.append(threading.current_thread().name)
            assert self.gate.wait(300)
            if self.error is not None:
                raise self.error
        return SlowEngine()


def embedded(name: str) -> Any:
    engine = SlowEngine()
    engine.spec = dataclasses.replace(spec("embedded"), name=name)
    return engine


@pytest.mark.parametrize(
    ("models", "kind"),
    [
        (["embedded"], InlineExecutor),
        (["embedded", "embedded-distilled", "embedded:size=small"], InlineExecutor),
        (["embedded", "sd-turbo:steps=2"], ThreadExecutor),
    ],
)
def test_what_is_offered_beside_the_embedded_model_counts(models: list[str], kind: type) -> None:
    assert isinstance(choose("auto", [Worker(embedded, models)]), kind)


def test_while_a_model_is_loaded_others_are_served() -> None:
    """With the model that is there, and those who come meanwhile with a prompt of their own."""
    loader = Loader()
    with (
        Server(ServerOptions(endpoints=LOCAL), loader, ["quick", "heavy"]) as server,
        Client(server.addresses[0], settings={"prompt": "four"}) as first,
        Client(server.addresses[0], settings={"prompt": "a heavy one", "model": "heavy"}) as second,
    ):
        first.restyle(frame(1), timeout_s=60)
        second.wait_connected()
        waiting = second.submit(frame(1))
        until(lambda: bool(loader.threads))
        for i in range(2, 6):
            assert (first.restyle(frame(i), timeout_s=60).image == 4).all()
        with Client(server.addresses[0], settings={"prompt": "third"}) as third:
            assert (third.restyle(frame(1), timeout_s=60).image == 5).all()
        assert not waiting.done()
        loader.gate.set()
        assert (waiting.result(60).image == 11).all()
        assert (second.restyle(frame(2), timeout_s=60).image == 11).all()
    assert loader.threads == ["framegen-loading"], "once, and beside the frames"


def test_two_that_ask_for_a_model_have_it_loaded_once() -> None:
    loader = Loader()
    executor = ThreadExecutor(Worker(loader, ["quick", "heavy"]))
    executor.start(lambda: None)
    done: list[Any] = []
    for session in ("a", "bb"):
        until(lambda: bool(done.extend(executor.collect()) or executor.idle))
        executor.submit(Prepare(session, Settings(prompt=session, model="heavy")))
    loader.gate.set()
    until(lambda: bool(done.extend(executor.collect()) or len(done) == 2))
    assert [outcome.error for outcome in done] == [None, None] and len(loader.threads) == 1
    executor.close(2)


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (ModelUnavailable("heavy does not fit into the GPU's memory."), "unknown_model"),
        (RuntimeError("a broken file"), "restyle_failed"),
    ],
)
def test_a_model_that_cannot_be_loaded_is_told_and_tried_once(error: Exception, code: str) -> None:
    loader = Loader(error)
    loader.gate.set()
    executor = ThreadExecutor(Worker(loader, ["quick", "heavy"]))
    executor.start(lambda: None)
    for attempts in (1, 2):
        executor.submit(Prepare("a", Settings(model="heavy")))
        done: list[Any] = []
        until(lambda done=done: bool(done.extend(executor.collect()) or done))  # type: ignore[misc]
        (outcome,) = done
        assert isinstance(outcome, Prepared) and outcome.error is not None
        assert outcome.error.code == code and loader.threads == ["framegen-loading"] * attempts
    executor.close(2)


def test_a_refusal_is_told_of_the_settings_that_it_was_of() -> None:
    """A session that changed its mind while the model was loaded keeps what it asked for since."""
    loader = Loader(ModelUnavailable("heavy is broken."))
    loader.gate.set()
    worker = Worker(loader, ["quick", "heavy"])
    first, since = Prepare("a", Settings(model="heavy")), Prepare("a", Settings(prompt="third"))
    worker.learn(first)
    outcome = worker.run(since)
    assert isinstance(outcome, Prepared) and outcome.error is None
    outcome = worker.run(first)
    assert isinstance(outcome, Prepared) and outcome.error is not None and outcome.error.code == "unknown_model"
    worker.learn(first)
    worker.forget("a")
    assert not worker._refused


def test_the_operator_is_told_the_names_that_clients_ask_by() -> None:
    options = ServerOptions(endpoints=LOCAL)
    with Server(options, Loader(), ["quick:size=640x360", "quick"]) as server:
        told = "\n".join(announcement(server, options))
    assert "model     quick:size=640x360: " in told and "also      quick\n" in told
