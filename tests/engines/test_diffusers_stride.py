"""Public models whose network sees some frames only: every family, in one go and in stages, together, by a server."""

from __future__ import annotations

import dataclasses
from typing import Any

import numpy as np
import pytest

pytest.importorskip("diffusers", reason="needs diffusers: pip install -e .[test], see .ci/tools")

import tiny_models as tiny
import torch
from moving_scene import Scene
from small_networks import make_small
from tiny_engines import H, InParts, W, make, walk

from framegen import Client
from framegen.config import Settings, TemporalSettings
from framegen.engines.base import BatchEngine, CarryEngine, Reuse
from framegen.engines.diffusers.engine import DiffusersEngine
from framegen.engines.diffusers.whole import Kept
from framegen.engines.specs import load_engine
from framegen.errors import InvalidSettings
from framegen.frame import How, Restyled
from framegen.ops import torch_temporal
from framegen.ops.fill_reference import KNOWN
from framegen.restyle import Restyler, start, step, step_many
from framegen.server.app import Server
from framegen.server.options import Endpoint, ServerOptions

one_thread = tiny.one_thread
FAMILIES = ["sd-turbo", "sdxl-turbo", "lcm", "dmd2-sd15", "sdxs-512", "sana-sprint-0.6b", "pix2pix-turbo"]


def asked(stride: int, **temporal: Any) -> Settings:
    return Settings(prompt="a cat", temporal=TemporalSettings(stride=stride, **temporal))


def kinds(results: list[Restyled]) -> str:
    return "".join({How.GENERATED: "g", How.REPROJECTED: "p", How.REUSED: "r"}[result.how] for result in results)


class Watched:
    """What an engine's network and its step are given."""

    def __init__(self, engine: DiffusersEngine, monkeypatch: pytest.MonkeyPatch) -> None:
        self.passes: list[int] = []
        self.network = 0
        self.asked: list[Reuse | None] = []
        self.made: list[torch.Tensor] = []
        denoise, whole_many = engine.net.denoise, engine.whole_many

        def counted(*given: Any) -> Any:
            self.network += 1
            return denoise(*given)

        def noted(frames: Any) -> Any:
            made = whole_many(frames)
            self.passes.append(len(frames))
            self.asked += [reuse for _, reuse, _ in frames]
            self.made += [kept.tensor for _, kept in made]
            return made

        monkeypatch.setattr(engine.net, "denoise", counted)
        monkeypatch.setattr(engine, "whole_many", noted)


@pytest.mark.parametrize(
    "name", [*FAMILIES, "sd-turbo:steps=2", "sd-turbo:vae=full,control=depth", "lcm:control=depth"]
)
def test_every_family_carries_its_latent_between_the_networks_frames(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Trusted cells are the reprojection to the bit; the rest is a guess, and a picture comes of it."""
    make_small(monkeypatch)
    torch.manual_seed(0)  # of some random weights all pictures are black
    engine = load_engine(f"{name}{',' if ':' in name else ':'}weights=random", "cpu")
    assert isinstance(engine, DiffusersEngine)
    size = (384, 256) if name.startswith("sana") else (128, 96)
    watched, restyler = Watched(engine, monkeypatch), Restyler(engine, asked(2))
    hidden = np.zeros(size[::-1], np.uint8)
    hidden[: size[1] // 4, : size[0] // 4] = 255
    frames = [dataclasses.replace(Scene(*size, speed_m=0.04).frame(i), reactive=hidden) for i in range(5)]
    results = list(map(restyler, frames))
    assert kinds(results) == "gpgpg" and watched.network == 3
    assert len({result.image.tobytes() for result in results}) == 5
    for i in (1, 3):
        reuse = watched.asked[i]
        assert reuse is not None and reuse.carried and reuse.latent.tensor is watched.made[i - 1]
        planes = (torch.from_numpy(plane)[None] for plane in (reuse.x, reuse.y))
        brought = torch_temporal.fetch_cubic(reuse.latent.tensor, *planes)
        known = torch.from_numpy(reuse.trust >= KNOWN)
        assert 0.8 <= known.float().mean() < 1.0
        assert torch.equal(watched.made[i][..., known], brought[..., known])
        assert torch.isfinite(watched.made[i]).all()
        assert not torch.equal(watched.made[i], brought)


@pytest.mark.parametrize("name", ["sd-turbo", "sdxl-turbo", "lcm"])
def test_carrying_on_the_device_equals_carrying_in_stages(name: str) -> None:
    made = make(name)
    assert isinstance(made, CarryEngine) and isinstance(made, BatchEngine)
    there, here = Restyler(made, asked(3)), Restyler(InParts(made), asked(3))
    found = []
    for frame in walk(7):
        a, b = there(frame), here(frame)
        found.append(a)
        assert a.how is b.how and np.abs(a.image.astype(int) - b.image).max() <= 1
        assert ("model" in a.stages_ms) == (a.how is How.GENERATED)
        assert ("carry" in a.stages_ms) == (a.how is How.REPROJECTED)
        assert there.state.memory is not None and here.state.memory is not None
        kept = there.state.memory.latent.tensor[0].permute(1, 2, 0).numpy()  # type: ignore[attr-defined]
        scale = max(1.0, float(np.abs(here.state.memory.latent).max()))
        assert np.abs(kept - here.state.memory.latent).max() <= 5e-5 * scale
        assert np.array_equal(there.state.memory.age, here.state.memory.age)
    assert kinds(found) == "gppgppg"


def test_unasked_the_network_runs_on_every_frame() -> None:
    made = make()
    assert made.stride == 1
    assert kinds([*map(Restyler(made, asked(0)), walk(3))]) == "ggg"


def test_a_still_camera_keeps_its_latent_to_the_bit() -> None:
    restyler = Restyler(make(), asked(4, skip=False))
    frame, latents = walk(1)[0], []
    for i in range(4):
        result = restyler(dataclasses.replace(frame, frame_id=i + 1, timestamp_ns=33_000_000 * i))
        assert restyler.state.memory is not None
        latents.append(restyler.state.memory.latent.tensor)  # type: ignore[attr-defined]
    assert result.how is How.REPROJECTED
    assert all(torch.equal(latent, latents[0]) for latent in latents)


def test_a_guess_is_never_history() -> None:
    """Whatever a guessed cell holds, the network's next frame is the same to the bit."""
    made, first = make(), walk(1)[0]
    hidden = np.zeros((H, W), np.uint8)
    hidden[:16, :24] = 255
    frames = [dataclasses.replace(first, frame_id=i + 1, timestamp_ns=33_000_000 * i) for i in range(3)]
    frames[1] = dataclasses.replace(frames[1], reactive=hidden)
    state = start(asked(2, skip=False), made)
    for frame in frames[:2]:
        result, state = step(frame, state, made)
    memory = state.memory
    assert result.how is How.REPROJECTED and memory is not None
    guessed = memory.age == 0
    assert guessed[:2, :3].all() and not guessed[4:].any()
    other = memory.latent.tensor.clone()  # type: ignore[attr-defined]
    other[..., torch.from_numpy(guessed)] += 5.0
    memory = dataclasses.replace(memory, latent=Kept(other))  # type: ignore[arg-type]
    wanted, after = step(frames[2], state, made)
    found, _ = step(frames[2], dataclasses.replace(state, memory=memory), made)
    assert wanted.how is How.GENERATED and np.array_equal(wanted.image, found.image)
    assert after.memory is not None and (after.memory.age[guessed] == 1.0).all() and (after.memory.age[4:] > 1.9).all()


def test_what_overflowed_is_not_carried_on() -> None:
    made = make()
    frames = walk(2)
    _, state = step(frames[0], start(asked(2), made), made)
    assert state.memory is not None
    broken = torch.full_like(state.memory.latent.tensor, float("nan"))  # type: ignore[attr-defined]
    state = dataclasses.replace(state, memory=dataclasses.replace(state.memory, latent=Kept(broken)))  # type: ignore[arg-type]
    result, state = step(frames[1], state, made)
    assert result.how is How.REPROJECTED and state.memory is not None
    assert torch.isfinite(state.memory.latent.tensor).all()  # type: ignore[attr-defined]


def test_carried_frames_share_a_pass_among_themselves(monkeypatch: pytest.MonkeyPatch) -> None:
    """Three sessions of strides 1, 2 and 2: two passes where two of them are carried, else one."""
    made = make()
    asking = [asked(1), asked(2), dataclasses.replace(asked(2), prompt="a much longer prompt", strength=0.8)]
    alone = [list(map(Restyler(made, one), walk(4))) for one in asking]
    watched = Watched(made, monkeypatch)
    states = [start(one, made) for one in asking]
    for i, frame in enumerate(walk(4)):
        answers = step_many([(frame, state) for state in states], made)
        for k, answer in enumerate(answers):
            assert not isinstance(answer, Exception)
            result, states[k] = answer
            assert result.how is alone[k][i].how
            assert np.abs(result.image.astype(int) - alone[k][i].image).max() <= 1
    assert watched.passes == [3, 1, 2, 3, 1, 2]


def test_the_step_without_the_network_has_nothing_of_its_inputs() -> None:
    made = make()
    restyler = Restyler(made, asked(2))
    for frame in walk(4):
        restyler(frame)
    network, carried = sorted(made._runners.values(), key=lambda runner: runner.carried)
    assert (network.carried, carried.carried) == (False, True)
    assert carried.buffers.text == {} and carried.buffers.depth is None
    assert carried.buffers.planes.shape[1] == 4 and network.buffers.planes.shape[1] == 8


@pytest.mark.parametrize("name", ["sd-turbo", "sana-sprint-0.6b", "pix2pix-turbo"])
def test_through_a_server(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Asked for it is carried, unasked not, and a client that does not take such results gets none."""
    make_small(monkeypatch)
    name = f"{name}:weights=random"
    scene = Scene(192, 128, speed_m=0.01)
    options = ServerOptions(endpoints=(Endpoint("tcp://127.0.0.1:*"),))
    with Server(options, lambda name: load_engine(name, "cpu"), [name]) as server:
        with Client(server.addresses[0], settings={"prompt": "a cat"}) as client:
            assert kinds([client.restyle(scene.frame(i), timeout_s=60) for i in range(3)]) == "ggg"
            client.set(wait=True, temporal={"stride": 2})
            assert kinds([client.restyle(scene.frame(i), timeout_s=60) for i in range(3, 8)]) in ("pgpgp", "gpgpg")
            assert client.stats.reprojected >= 2
        monkeypatch.setattr("framegen.client.blocking.REPROJECTED", "another")
        with Client(server.addresses[0]) as client:
            with pytest.raises(InvalidSettings, match="no reprojected results"):
                client.set(wait=True, temporal={"stride": 2})
            assert kinds([client.restyle(scene.frame(i), timeout_s=60) for i in range(3)]) == "ggg"
