"""Batches, prompts encoded beside the frames, and a worker for each GPU, with a model that does nothing slowly."""

from __future__ import annotations

from typing import Any

import pytest
from slow_engine import SlowEngine, frame
from stand_in_server import until

from framegen.client import Client
from framegen.config import Settings
from framegen.engines.base import AheadEngine, BatchEngine, Conditioning
from framegen.frame import Frame, How, Restyled
from framegen.server.app import Server
from framegen.server.batching import BatchPolicy
from framegen.server.executors import GroupExecutor, ThreadExecutor, choose
from framegen.server.options import Endpoint, ServerOptions
from framegen.server.prompts import PromptQueue
from framegen.server.worker import Learned, Made, Make, Prepare, Prepared, Worker
from framegen.wire.events import Job as FrameJob

LOCAL = (Endpoint("tcp://127.0.0.1:*", "null"),)


def job(session: str, frame_id: int, size: int = 32) -> Make:
    return Make(session, FrameJob(session, frame(frame_id, size), Settings(), 0))


def worker_with(engine: SlowEngine, *sessions: str) -> Worker:
    worker = Worker(lambda _: engine, ["slow"])
    for session in sessions:
        outcome = worker.run(Prepare(session, Settings(prompt=session)))
        assert isinstance(outcome, Prepared) and outcome.error is None
    return worker


def test_the_engine_is_what_the_server_asks_for() -> None:
    assert isinstance(SlowEngine(), BatchEngine) and isinstance(SlowEngine(), AheadEngine)


def test_frames_of_several_sessions_share_a_pass() -> None:
    engine = SlowEngine()
    worker = worker_with(engine, "a", "bb", "ccc")
    made = worker.run_many([job("a", 1), job("bb", 1, 48), job("ccc", 1)])
    assert sorted(engine.batches) == [1, 2], "those of one size, and the other one"
    by_session = {item.session: item for item in made}
    for session in ("a", "bb", "ccc"):
        result = by_session[session].result
        assert result is not None and by_session[session].parts is not None
        assert (result.image == len(session)).all()


def test_an_error_of_a_batch_is_told_to_each_and_ends_nobody() -> None:
    engine = SlowEngine()
    worker = worker_with(engine, "a", "bb")
    engine.fail_on = 1
    made = worker.run_many([job("a", 1), job("bb", 1)])
    assert all(item.error is not None and item.error.code == "restyle_failed" for item in made)
    engine.fail_on = -1
    assert all(item.error is None for item in worker.run_many([job("a", 2), job("bb", 2)]))


def test_a_session_that_ends_while_its_batch_is_put_together_ends_no_other(monkeypatch: pytest.MonkeyPatch) -> None:
    worker = worker_with(SlowEngine(), "a", "bb", "ccc")
    state_for = worker._state_for

    def leave(make: Make) -> Any:
        worker.forget("bb")  # as the router's thread may at any time
        return state_for(make)

    monkeypatch.setattr(worker, "_state_for", leave)
    made = {item.session: item for item in worker.run_many([job("a", 1), job("bb", 1), job("ccc", 1)])}
    assert made["bb"].error is not None
    assert made["a"].result is not None and made["ccc"].result is not None


def test_a_session_that_ends_while_its_prompt_is_encoded_leaves_nothing_behind() -> None:
    engine = SlowEngine()
    worker = worker_with(engine, "a")
    settings = Settings(prompt="a")
    engine.condition = lambda asked: (worker.forget("a"), Conditioning("a", 1, ("a",)))[1]  # type: ignore[method-assign]
    worker.run(Learned("a", settings))
    error = worker.run_many([job("a", 1)])[0].error
    assert error is not None and error.code == "restyle_failed"


def started(worker: Worker, **options: Any) -> ThreadExecutor:
    executor = ThreadExecutor(worker, **options)
    executor.start(lambda: None)
    return executor


def test_waiting_frames_are_gathered_as_far_as_it_pays() -> None:
    engine = SlowEngine()
    worker = worker_with(engine, "a", "bb", "ccc")
    policy = BatchPolicy(most=2)
    for count, took_ms in ((1, 9.0), (2, 10.0)) * 2:
        policy.observe(count, took_ms)
    executor = started(worker, policies={"slow": policy})
    executor.submit(job("a", 1))
    assert executor.idle
    executor.submit(job("bb", 1))
    assert not executor.idle, "two are as many as the policy allows"
    executor.begin()
    done: list[Any] = []
    until(lambda: bool(done.extend(executor.collect()) or len(done) == 2))
    assert engine.batches == [2] and executor.idle
    executor.close(2)


def test_each_model_has_its_own_batches() -> None:
    engines = {"one by one": SlowEngine(), "slow": SlowEngine()}
    engines["one by one"].whole_many = None  # type: ignore[assignment, method-assign]  # not what a BatchEngine has
    worker = Worker(lambda name: engines[name], list(engines))
    for session, model in (("a", ""), ("b", "slow"), ("c", "slow"), ("d", "")):
        worker.run(Prepare(session, Settings(prompt=session, model=model)))
    assert [worker.model_of(session) for session in "abx"] == ["one by one", "slow", ""]
    policy = BatchPolicy(most=4)
    for count, took_ms in ((1, 9.0), (2, 10.0)) * 2:
        policy.observe(count, took_ms)
    executor = started(worker, policies={"slow": policy})
    assert executor.takes("a") and executor.takes("b")
    executor.submit(job("b", 1))
    assert executor.idle and executor.takes("c") and not executor.takes("a")
    executor.submit(job("c", 1))
    executor.begin()
    done: list[Any] = []
    until(lambda: bool(done.extend(executor.collect()) or len(done) == 2))
    assert engines["slow"].batches == [2]
    executor.submit(job("a", 1))
    assert executor.takes("d") and not executor.takes("b")
    executor.close(2)


def test_only_new_pictures_teach_what_a_pass_takes() -> None:
    """One that fails takes no time, and so does the last picture again: pairs of them would seem worth everything."""
    engine = SlowEngine()
    policy = BatchPolicy()
    seen: list[int] = []
    policy.observe = lambda count, took_ms: seen.append(count)  # type: ignore[method-assign]
    executor = started(worker_with(engine, "a"), policies={"slow": policy})
    done: list[Any] = []

    def made(item: Make) -> Any:
        executor.submit(item)
        executor.begin()
        done.clear()
        until(lambda: bool(done.extend(executor.collect()) or done))
        return done[0]

    engine.fail_on = 1
    assert made(job("a", 1)).error is not None and seen == []
    for number in range(2, 30):
        still = Frame(number, frame(2).color, number * 10**7)
        answer = made(Make("a", FrameJob("a", still, Settings(), 0)))
        if answer.result.how is How.REUSED:
            break
    assert answer.result.how is How.REUSED and seen == [1] * len(engine.batches[1:])
    executor.close(2)


def test_a_new_prompt_costs_no_frame() -> None:
    """Its settings hold at once; frames go on with the old look until it is encoded, in another thread."""
    engine = SlowEngine()
    with (
        Server(ServerOptions(endpoints=LOCAL), lambda _: engine, ["slow"]) as server,
        Client(server.addresses[0], settings={"prompt": "four"}) as client,
    ):
        assert (client.restyle(frame(1)).image == 4).all()
        engine.gate.clear()
        client.set(prompt="seven77")
        results: list[Restyled] = [client.restyle(frame(i), timeout_s=60) for i in range(2, 6)]
        assert all((r.image == 4).all() for r in results)
        assert all(r.settings_revision == results[0].settings_revision for r in results)
        engine.gate.set()
        until(lambda: engine.knows(Settings(prompt="seven77")))
        seen = []
        for i in range(6, 60):
            seen.append(int(client.restyle(frame(i), timeout_s=60).image[0, 0, 0]))
            if seen[-1] == 7:
                break
        assert seen[-1] == 7
        assert engine.encoders == {"framegen-prompts"}


def test_a_new_sessions_prompt_holds_up_nobody_else() -> None:
    engine = SlowEngine()
    with (
        Server(ServerOptions(endpoints=LOCAL), lambda _: engine, ["slow"]) as server,
        Client(server.addresses[0], settings={"prompt": "old"}) as first,
    ):
        first.restyle(frame(1))
        engine.gate.clear()
        with Client(server.addresses[0], settings={"prompt": "a new one"}) as second:
            second.wait_connected()
            waiting = second.submit(frame(1))
            for i in range(2, 6):
                assert (first.restyle(frame(i), timeout_s=60).image == 3).all()
            assert not waiting.done()
            engine.gate.set()
            assert (waiting.result(60).image == 9).all()


def test_a_prompt_that_fails_is_told_and_the_old_look_stays() -> None:
    engine = SlowEngine()

    def fails(settings: Settings) -> Conditioning:
        if settings.prompt == "bad":
            raise RuntimeError("no such token")
        return SlowEngine.condition(engine, settings)

    engine.condition = fails  # type: ignore[method-assign]
    with Server(ServerOptions(endpoints=LOCAL), lambda _: engine, ["slow"]) as server:
        with Client(server.addresses[0], settings={"prompt": "good"}) as client:
            client.restyle(frame(1))
            client.set(prompt="bad")
            for i in range(2, 8):
                assert (client.restyle(frame(i), timeout_s=60).image == 4).all()
        # a session that begins with it goes on without any prompt
        with Client(server.addresses[0], settings={"prompt": "bad"}) as client:
            assert (client.restyle(frame(1), timeout_s=60).image == 0).all()


def test_sessions_stay_with_their_gpu() -> None:
    engines = [SlowEngine(i) for i in range(2)]
    group = choose("auto", [Worker(lambda _, e=e: e, ["slow"]) for e in engines])  # type: ignore[misc]
    assert isinstance(group, GroupExecutor)
    group.start(lambda: None)
    homes = {name: group.home(name) for name in ("a", "b", "c", "d")}
    assert sorted(homes.values()) == [0, 0, 1, 1]
    done: list[Any] = []
    for name in homes:
        until(lambda name=name: bool(done.extend(group.collect()) or group.takes(name)))  # type: ignore[misc]
        group.submit(Prepare(name, Settings(prompt=name)))
    until(lambda: bool(done.extend(group.collect()) or len(done) == 4))
    for i in range(1, 4):
        for name in homes:
            until(lambda name=name: bool(done.extend(group.collect()) or group.takes(name)))  # type: ignore[misc]
            group.submit(job(name, i))
            group.begin()
    until(lambda: bool(done.extend(group.collect()) or len(done) == 16))
    assert [sum(engine.batches) for engine in engines] == [6, 6]
    group.forget("a")
    assert group.home("e") == homes["a"], "the free place"
    group.close(2)


def test_one_gpu_at_work_is_waited_for_and_forgets_who_left() -> None:
    engines = [SlowEngine(i) for i in range(2)]
    workers = [Worker(lambda _, e=e: e, ["slow"]) for e in engines]  # type: ignore[misc]
    group = choose("auto", workers)
    group.start(lambda: None)
    engines[0].known.add("a")
    group.submit(Prepare("a", Settings(prompt="a")))
    assert group.idle and group.busy, "a stopping server waits for it"
    group.forget("a")
    done: list[Any] = []
    until(lambda: bool(done.extend(group.collect()) or done))
    assert not group.busy
    group.forget("a")  # as the hub does with what comes back from a session that is over
    assert workers[0].run_many([job("a", 1)])[0].error is not None
    group.close(2)


def test_a_server_with_two_gpus_serves_from_both() -> None:
    engines = [SlowEngine(i) for i in range(2)]
    server = Server(ServerOptions(endpoints=LOCAL), lambda _: engines[0], ["slow"], beside=[lambda _: engines[1]])
    with server, Client(server.addresses[0]) as first, Client(server.addresses[0]) as second:
        for i in range(1, 4):
            first.restyle(frame(i))
            second.restyle(frame(i))
    assert all(sum(engine.batches) == 3 for engine in engines)


def test_of_prompts_that_wait_the_newest_of_each_session_is_encoded() -> None:
    prompts = PromptQueue()
    for number in range(100):
        for session in ("a", "b"):
            prompts.put(Prepare(session, Settings(prompt=f"{session}{number}")), waiting=False)
    prompts.put(Prepare("new", Settings(prompt="first")), waiting=True)
    prompts.put(Prepare("gone", Settings(prompt="gone")), waiting=True)
    prompts.put(Prepare("gone too", Settings(prompt="gone")), waiting=False)
    prompts.forget("gone")
    prompts.forget("gone too")
    taken = [prompts.take() for _ in range(len(prompts))]
    assert [(item[0].settings.prompt, item[1]) for item in taken if item] == [
        ("first", True),
        ("a99", False),
        ("b99", False),
    ]
    prompts.put(Prepare("a", Settings(prompt="old look")), waiting=False)
    prompts.put(Prepare("a", Settings(prompt="another model")), waiting=True)
    assert len(prompts) == 1, "the look of settings that are no more"
    prompts.close()
    assert prompts.take() is None


def test_a_stream_of_prompts_is_answered_and_ends_with_the_last_look() -> None:
    engine = SlowEngine()
    with (
        Server(ServerOptions(endpoints=LOCAL), lambda _: engine, ["slow"]) as server,
        Client(server.addresses[0], settings={"prompt": "start"}) as client,
    ):
        client.restyle(frame(1))
        engine.gate.clear()
        updates = [client.update({"prompt": "p" * number}) for number in range(10, 40)]
        assert [update.result(60).revision for update in updates] == list(range(2, 32)), "each is answered"
        engine.gate.set()
        until(lambda: engine.knows(Settings(prompt="p" * 39)))
        for frame_id in range(2, 1000):
            if (client.restyle(frame(frame_id), timeout_s=60).image == 39).all():
                break
        assert (client.restyle(frame(1000), timeout_s=60).image == 39).all()
        assert len(engine.known) < 10, "looks that nobody would have seen were not encoded"


def test_frames_that_were_gathered_go_before_settings() -> None:
    engine = SlowEngine()
    engine.known = {"a", "b"}
    policy = BatchPolicy()
    for count, took_ms in ((1, 10.0), (1, 10.0), (2, 11.0), (2, 11.0)):
        policy.observe(count, took_ms)
    executor = ThreadExecutor(worker_with(engine, "a", "b"), {"slow": policy})
    assert policy.largest() > 1
    executor.submit(job("a", 1))
    assert executor.idle, "another frame may join it"
    executor.submit(Prepare("b", Settings(prompt="b")))
    executor.start(lambda: None)
    done: list[Any] = []
    until(lambda: bool(done.extend(executor.collect()) or len(done) == 2))
    assert [type(outcome) for outcome in done] == [Made, Prepared]
    executor.close(2)
