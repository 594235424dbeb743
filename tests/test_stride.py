"""The network on some frames only: which ones, what is drawn between them, and who asked for it."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from typing import Any

import numpy as np
import pytest
from fake_engine import FakeEngine
from moving_scene import Scene
from stand_in_server import serving

from framegen import Client
from framegen.config import Settings, TemporalSettings
from framegen.engines.base import History, Reuse
from framegen.errors import InvalidSettings
from framegen.frame import F32, U8, Frame, How, Restyled
from framegen.ops.warp import fetch_latent
from framegen.restyle import State, start, step, step_many
from framegen.server.worker import Make, Prepare, Prepared, Worker
from framegen.wire import messages as m
from framegen.wire.events import Job

MOVING = Scene(128, 80, speed_m=0.02, box_m=0.03)
STILL = Scene(128, 80, speed_m=0.0)


class Carrying(FakeEngine):
    """Carries its latent; where it is not trusted, the mean of the rest. It advises a stride of 2."""

    stride = 2
    carried = 0

    def carry(self, encoded: Any, history: History) -> F32:
        self.carried += 1
        known = history.trust >= 0.5
        latent: F32 = history.latent.copy()
        latent[~known] = latent[known].mean(0)
        return latent


class CarryingWhole(Carrying):
    """Makes a frame in one go, and can carry a latent so too. ``passes``: frames in each."""

    def __post_init__(self) -> None:
        super().__post_init__()
        self.passes: list[int] = []

    def whole(self, encoded: Any, reuse: Reuse | None, noise: F32) -> tuple[U8, F32]:
        if reuse is not None and reuse.carried:
            past = fetch_latent(reuse.latent, reuse.x, reuse.y)
            latent = self.carry(encoded, History(past, reuse.trust))
        else:
            latent = self.denoise(encoded, None, noise, 0.0)
        return self.decode(latent, encoded), latent

    def whole_many(self, frames: Sequence[tuple[Any, Reuse | None, F32]]) -> list[tuple[U8, F32]]:
        assert len({reuse is not None and reuse.carried for _, reuse, _ in frames}) == 1
        self.passes.append(len(frames))
        return [self.whole(*frame) for frame in frames]

    def batch_key(self, encoded: Any) -> int:
        return 0


def asked(stride: int, **temporal: Any) -> Settings:
    return Settings(temporal=TemporalSettings(stride=stride, **temporal))


def play(
    frames: list[Frame], settings: Settings, engine: FakeEngine | None = None, auto_stride: int = 1
) -> tuple[list[Restyled], State, FakeEngine]:
    engine = engine or Carrying()
    state, results = start(settings, engine), []
    for frame in frames:
        result, state = step(frame, state, engine, auto_stride=auto_stride)
        results.append(result)
    return results, state, engine


def kinds(results: list[Restyled]) -> str:
    return "".join({How.GENERATED: "g", How.REPROJECTED: "p", How.REUSED: "r"}[result.how] for result in results)


@pytest.mark.parametrize("stride, wanted", [(1, "ggggggg"), (2, "gpgpgpg"), (3, "gppgppg"), (8, "ggg")])
def test_the_network_runs_on_every_so_manyth_frame(stride: int, wanted: str) -> None:
    results, _, engine = play([MOVING.frame(i) for i in range(7)], asked(stride))
    assert kinds(results)[: len(wanted)] == wanted if stride < 8 else kinds(results)[0] == "g"
    assert engine.calls == kinds(results).count("g")
    for result in results:
        assert ("model" in result.stages_ms) == (result.how is How.GENERATED)
        assert ("carry" in result.stages_ms) == (result.how is How.REPROJECTED)


def test_left_open_it_is_every_frame_unless_the_caller_thinks_otherwise() -> None:
    frames = [MOVING.frame(i) for i in range(4)]
    assert kinds(play(frames, Settings())[0]) == "gggg"
    assert kinds(play(frames, Settings(), auto_stride=2)[0]) == "gpgp"
    assert kinds(play(frames, asked(1), auto_stride=2)[0]) == "gggg"


def test_an_engine_that_cannot_carry_makes_every_frame() -> None:
    assert kinds(play([MOVING.frame(i) for i in range(4)], asked(4), FakeEngine())[0]) == "gggg"


def test_what_is_carried_is_nearly_what_would_have_been_made() -> None:
    """And it follows the frame: its own colours, where they are now."""
    frames = [MOVING.frame(i) for i in range(6)]
    engine = Carrying(noise_levels=0.0)
    every, _, _ = play(frames, asked(1), Carrying(noise_levels=0.0))
    some, _, _ = play(frames, asked(2), engine)
    assert kinds(some) == "gpgpgp"
    for frame, one, other in zip(frames, every, some, strict=True):
        assert np.abs(one.image.astype(int) - other.image).mean() < 2.0
        assert np.abs(other.image.astype(int) - frame.color).mean() < 4.0


def test_a_cut_a_reset_and_a_view_that_turned_away_are_made() -> None:
    frames = [MOVING.frame(i) for i in range(2)]
    _, state, engine = play([frames[0]], asked(4))
    assert step(frames[1], state, engine)[0].how is How.REPROJECTED
    assert step(dataclasses.replace(frames[1], reset=True), state, engine)[0].how is How.GENERATED
    elsewhere = np.random.default_rng(0).integers(0, 256, frames[1].color.shape, np.uint8)
    assert step(dataclasses.replace(frames[1], color=elsewhere), state, engine)[0].how is How.GENERATED
    far = Scene(128, 80, speed_m=0.0, turn_rad=0.4)
    assert kinds(play([far.frame(i) for i in range(4)], asked(4))[0]) == "gggg"


def test_a_change_of_look_is_made_at_once_and_all_the_way() -> None:
    _, state, engine = play([MOVING.frame(0)], asked(2))
    night = dataclasses.replace(asked(2), prompt="night")
    state = state.with_settings(night, engine.condition(night))
    found = ""
    for i in range(1, 16):
        result, state = step(MOVING.frame(i), state, engine)
        found += kinds([result])
    assert found.startswith("g" * 8) and found.endswith("pgp")


def test_only_what_the_network_sees_adds_to_the_age_and_what_it_has_not_seen_is_no_history() -> None:
    results, state, engine = play([STILL.frame(0), STILL.frame(1)], asked(2))
    assert kinds(results) == "gp" and state.memory is not None
    np.testing.assert_allclose(state.memory.age, 1.0)
    covered = dataclasses.replace(STILL.frame(2), reactive=np.zeros((80, 128), np.uint8))
    assert covered.reactive is not None
    covered.reactive[:40, :32] = 255
    _, state = step(dataclasses.replace(STILL.frame(2)), state, engine)
    result, state = step(covered, state, engine)
    assert result.how is How.REPROJECTED and state.memory is not None
    assert (state.memory.age[:10, :8] == 0).all() and (state.memory.age[10:] > 0.9).all()
    step(STILL.frame(4), state, engine)
    history = engine.histories[-1]
    assert history is not None and (history.trust[1:9, 1:7] == 0).all() and (history.trust[12:, 12:-1] > 0.9).all()


def test_a_cell_of_which_too_little_is_known_is_a_guess_however_old_it_was() -> None:
    _, state, engine = play([STILL.frame(i) for i in range(6)], asked(2, skip=False))
    _, state = step(STILL.frame(6), state, engine)
    half = dataclasses.replace(STILL.frame(7), reactive=np.zeros((80, 128), np.uint8))
    assert half.reactive is not None
    half.reactive[:40, :32] = 153
    result, state = step(half, state, engine)
    assert result.how is How.REPROJECTED and state.memory is not None
    assert (state.memory.age[:10, :8] == 0).all() and (state.memory.age[12:] > 1.9).all()


@pytest.mark.parametrize("motion", [True, False])
def test_a_frame_that_loses_its_depth_after_a_carried_one_goes_on_with_its_noise(motion: bool) -> None:
    """The carried frame needed none; that of its places is what the next one takes along."""
    frames = [MOVING.frame(i, motion=motion, depth=i < 2) for i in range(3)]
    results, state, _ = play(frames, asked(2))
    wanted = play(frames, asked(1))[1].memory
    assert kinds(results) == "gpg" and state.memory is not None and wanted is not None
    assert state.memory.noise is not None and wanted.noise is not None
    agreeing = (np.abs(state.memory.noise - wanted.noise) < 1e-6).all(-1)
    assert agreeing.mean() > 0.9  # where the one trusts its history and the other does not, noise is fresh


@pytest.mark.parametrize("stride, wanted", [(2, "gpgpg"), (3, "gppgp")])
@pytest.mark.parametrize("motion", [True, False])
def test_a_guess_is_no_history_for_a_frame_without_depth(stride: int, wanted: str, motion: bool) -> None:
    frames = [STILL.frame(i, motion=motion, depth=i < 2) for i in range(5)]
    hidden = np.zeros((80, 128), np.uint8)
    hidden[:40, :32] = 255
    frames[1] = dataclasses.replace(frames[1], reactive=hidden)
    engine = Carrying()
    state, found = start(asked(stride, skip=False), engine), []
    for i, frame in enumerate(frames):
        result, state = step(frame, state, engine)
        found.append(result)
        assert state.memory is not None
        if 0 < i < stride:
            assert (state.memory.age[:9, :7] == 0).all()
    assert kinds(found) == wanted and state.memory is not None
    history = engine.histories[1]
    assert history is not None
    assert (history.trust[1:9, 1:7] == 0).all() and (history.trust[12:-1, 12:-1] > 0.9).all()


@pytest.mark.parametrize("together", [False, True])
def test_an_engine_that_makes_frames_in_one_go_carries_them_so_too(together: bool) -> None:
    engine = CarryingWhole()
    state, found = start(asked(2), engine), []
    for i in range(4):
        frame = MOVING.frame(i)
        (done,) = step_many([(frame, state)], engine) if together else [step(frame, state, engine)]
        assert not isinstance(done, Exception)
        result, state = done
        found.append(result)
        assert ("model" in result.stages_ms) == (result.how is How.GENERATED)
        assert ("carry" in result.stages_ms) == (result.how is How.REPROJECTED)
    assert kinds(found) == "gpgp" and (engine.calls, engine.carried) == (2, 2)


def test_frames_that_the_network_does_not_see_share_a_pass_among_themselves() -> None:
    """Three sessions of strides 1, 2 and 2, the last of which began a frame later, and one that leaves it open."""
    engine = CarryingWhole()
    states = [start(asked(stride), engine) for stride in (1, 2, 2, 0)]
    found: list[list[Restyled]] = [[], [], [], []]
    for i in range(5):
        here = [k for k in range(4) if k != 2 or i > 0]
        done = step_many([(MOVING.frame(i), states[k]) for k in here], engine, auto_stride=2)
        for k, one in zip(here, done, strict=True):
            assert not isinstance(one, Exception)
            result, states[k] = one
            found[k].append(result)
    assert [kinds(results) for results in found] == ["ggggg", "gpgpg", "gpgp", "gpgpg"]
    assert sorted(engine.passes[:3]) == [2, 2, 3] and sum(engine.passes) == 19


def test_a_still_picture_settles_and_is_reused() -> None:
    results, _, engine = play([STILL.frame(i) for i in range(12)], asked(2, max_age=3))
    assert kinds(results) == "gpgpgp" + "r" * 6 and engine.calls == 3


def test_the_same_frames_give_the_same_bytes() -> None:
    frames = [MOVING.frame(i) for i in range(7)]
    first, again = play(frames, asked(3))[0], play(frames, asked(3))[0]
    assert [result.image.tobytes() for result in first] == [result.image.tobytes() for result in again]


@pytest.mark.parametrize("wrong", [-1, 9, 2.0, True, "2"])
def test_a_stride_is_a_whole_number_from_0_to_8(wrong: Any) -> None:
    with pytest.raises(InvalidSettings, match=r"temporal.stride must be a whole number from 0 to 8"):
        Settings().updated({"temporal": {"stride": wrong}})


@pytest.mark.parametrize("executor", ["inline", "thread"])
def test_a_server_goes_by_its_engine_and_a_client_may_say_otherwise(executor: str) -> None:
    with serving(Carrying(), executor=executor) as server, Client(server.addresses[0]) as client:
        found = [client.restyle(MOVING.frame(i)) for i in range(4)]
        assert kinds(found) == "gpgp"
        assert (client.stats.generated, client.stats.reprojected) == (2, 2)
        client.set(wait=True, temporal={"stride": 1})
        assert kinds([client.restyle(MOVING.frame(i)) for i in range(4, 8)]) == "gggg"


def test_frames_that_wait_together_go_by_the_engine_too() -> None:
    engine = CarryingWhole()
    worker = Worker(lambda _name: engine, ["fake"])
    for session in "ab":
        assert worker.run(Prepare(session, Settings())) == Prepared(session, Settings())
    for i in range(4):
        frame = MOVING.frame(i)
        made = worker.run_many([Make(session, Job(session, frame, Settings(), 0)) for session in "ab"])
        hows = [one.result.how for one in made if one.result is not None]
        assert hows == [How.REPROJECTED if i % 2 else How.GENERATED] * 2
    assert engine.passes == [2, 2, 2, 2]


def test_a_client_that_does_not_take_them_gets_none(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("framegen.client.blocking.REPROJECTED", "another")
    with serving(Carrying()) as server, Client(server.addresses[0]) as client:
        assert kinds([client.restyle(MOVING.frame(i)) for i in range(4)]) == "gggg"
        with pytest.raises(InvalidSettings, match="no reprojected results"):
            client.set(wait=True, temporal={"stride": 2})
        client.set(wait=True, temporal={"max_age": 4})
    assert m.REPROJECTED == "reprojected"
