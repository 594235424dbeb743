"""The kernels in their place in the step: PyTorch's tensors, the kernels of ``shaders/cuda``, run by the processor."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import nullcontext
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

pytest.importorskip("diffusers", reason="needs diffusers: pip install -e .[test], see .ci/tools")

import torch
from cuda_on_cpu import Run, kernels_on_cpu

from framegen.engines.base import Reuse
from framegen.engines.diffusers import net
from framegen.engines.diffusers.card import Card, open_card
from framegen.engines.diffusers.whole import CLAMP_SLACK
from framegen.ops import torch_temporal

RNG = np.random.default_rng(3)


class OnCpu:
    """Stands for :class:`framegen.ops.cuda.launch.Kernels`."""

    def __init__(self, run: Run) -> None:
        self.run, self.names = run, set()  # type: ignore[var-annotated]

    def launch(self, name: str, width: int, height: int, arguments: Sequence[int | float], stream: int) -> None:
        self.names.add(name)
        self.run(name, width, height, *arguments)


@pytest.fixture(scope="module")
def kernels(tmp_path_factory: pytest.TempPathFactory, cxx: str) -> OnCpu:
    return OnCpu(kernels_on_cpu(tmp_path_factory.mktemp("card"), cxx))


@pytest.fixture
def card(kernels: OnCpu, monkeypatch: pytest.MonkeyPatch) -> Card:
    monkeypatch.setattr(Card, "_of", lambda self, dtype: kernels)
    monkeypatch.setattr(torch.cuda, "device", lambda device: nullcontext())
    monkeypatch.setattr(torch.cuda, "current_stream", lambda device: SimpleNamespace(cuda_stream=0))
    return Card(torch.device("cpu"))


def test_each_method_is_what_it_stands_for(card: Card) -> None:
    rgb = torch.from_numpy(RNG.integers(0, 256, (2, 17, 30, 3), dtype=np.uint8))
    planes = card.unpack(rgb, torch.float32)
    assert torch.allclose(planes, net.unpack(rgb), atol=1e-6)
    picture = torch.from_numpy(RNG.normal(0, 1, (2, 3, 17, 30)).astype(np.float32))
    assert torch.equal(card.pack(picture), net.pack(picture))
    assert torch.equal(card.pack(picture.to(memory_format=torch.channels_last)), net.pack(picture))
    latent, past = torch.from_numpy(RNG.normal(size=(2, 2, 4, 9, 11)).astype(np.float32))
    x, y = torch.from_numpy(RNG.uniform(-3, 14, (2, 2, 9, 11)).astype(np.float32))
    assert torch.allclose(card.fetch(latent, x, y), torch_temporal.fetch_cubic(latent, x, y), atol=1e-5)
    weight = torch.from_numpy(RNG.uniform(0, 1, (2, 9, 11)).astype(np.float32))
    wanted = torch_temporal.clamped_blend(latent, past, weight, CLAMP_SLACK)
    assert torch.allclose(card.blend(latent, past, weight, CLAMP_SLACK), wanted, atol=1e-5)


def test_a_frame_with_the_kernels_is_a_frame_without(
    card: Card, kernels: OnCpu, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from framegen.config import Settings
    from framegen.engines.diffusers import shapes
    from framegen.engines.specs import load_engine
    from framegen.frame import Frame

    small = {
        "block_out_channels": (16, 32, 32, 32),
        "attention_head_dim": 4,
        "layers_per_block": 1,
        "norm_num_groups": 8,
    }
    monkeypatch.setitem(shapes.BODIES, "sd21", {**shapes.BODIES["sd21"], **small})
    images = []
    for used in (None, card):
        torch.manual_seed(0)
        engine = load_engine("sd-turbo:weights=random", "cpu")
        if used is not None:
            engine._card = used  # type: ignore[attr-defined]
            engine.net.unpack, engine.net.pack = used.unpack, used.pack  # type: ignore[attr-defined]
        settings = Settings(prompt="a cat")
        frame = Frame(1, np.random.default_rng(0).integers(0, 256, (48, 64, 3), dtype=np.uint8))
        encoded = engine.encode(frame, engine.condition(settings), settings, None)
        noise = np.random.default_rng(1).standard_normal((6, 8, 4)).astype(np.float32)
        _, before = engine.whole(encoded, None, noise)  # type: ignore[attr-defined]
        planes = np.random.default_rng(2).uniform(0, 1, (4, 6, 8)).astype(np.float32)
        reuse = Reuse(before, 7 * planes[0], 5 * planes[1], planes[2], planes[3], 0.6)
        image, _ = engine.whole(encoded, reuse, noise)  # type: ignore[attr-defined]
        carried, _ = engine.whole(encoded, replace(reuse, carried=True), noise[..., :0])  # type: ignore[attr-defined]
        images.append(np.stack([image, carried]).astype(int))
    assert np.abs(images[0] - images[1]).max() <= 1
    assert kernels.names >= {"unpack", "pack", "fetch_latent", "clamped_blend"}


class Stream:
    """Everything on the processor is done when it returns."""

    def __init__(self, order: list[str], name: str) -> None:
        self.order, self.name = order, name

    def wait_stream(self, other: Stream) -> None:
        self.order.append(f"{self.name} after {other.name}")


class Event:
    """A mark in a stream."""

    def __init__(self, order: list[str]) -> None:
        self.order = order

    def record(self) -> None:
        self.order.append("recorded")

    def synchronize(self) -> None:
        self.order.append("waited")

    def elapsed_time(self, later: Event) -> float:
        return 2.5


def test_the_order_of_upload_step_and_download(monkeypatch: pytest.MonkeyPatch) -> None:
    """What a captured graph's replay waits for, with streams that only note it."""
    from framegen.config import Settings
    from framegen.engines.diffusers import shapes
    from framegen.engines.diffusers.whole import Given, Runner
    from framegen.engines.specs import load_engine
    from framegen.frame import Frame

    small = {"block_out_channels": (16, 32, 32, 32), "attention_head_dim": 4}
    small |= {"layers_per_block": 1, "norm_num_groups": 8}
    monkeypatch.setitem(shapes.BODIES, "sd21", {**shapes.BODIES["sd21"], **small})
    engine = load_engine("sd-turbo:weights=random", "cpu")
    settings = Settings(prompt="a cat")
    frame = Frame(1, np.random.default_rng(0).integers(0, 256, (48, 64, 3), dtype=np.uint8))
    encoded = engine.encode(frame, engine.condition(settings), settings, None)
    noise = np.random.default_rng(1).standard_normal((6, 8, 4)).astype(np.float32)
    wanted, _ = engine.whole(encoded, None, noise)  # type: ignore[attr-defined]

    given = [Given(encoded.rgb, None, encoded.text, encoded.table, noise, None)]
    runner = Runner(engine.net, given, torch.device("cpu"), graph=True)  # type: ignore[attr-defined]
    order: list[str] = []
    for name in ("upload", "compute", "download"):
        setattr(runner, f"_{name}", Stream(order, name))
    runner._graph = SimpleNamespace(replay=lambda: (order.append("replay"), runner._step()))  # type: ignore[assignment]
    monkeypatch.setattr(runner, "device", SimpleNamespace(type="cuda"))
    monkeypatch.setattr(torch.cuda, "device", lambda device: nullcontext())
    monkeypatch.setattr(torch.cuda, "stream", lambda stream: nullcontext())
    monkeypatch.setattr(torch.cuda, "current_stream", lambda: Stream(order, "current"))
    monkeypatch.setattr(torch.cuda, "Event", lambda enable_timing: Event(order))
    for _ in range(2):
        order.clear()
        ((image, kept),) = runner(given)
        assert np.array_equal(image, wanted) and kept.shape == (6, 8, 4)
    assert order == [
        "upload after current",
        "compute after upload",
        "recorded",
        "replay",
        "recorded",
        "download after compute",
        "recorded",
        "waited",
    ], "nothing is under way when a frame is given back: another runner's streams know nothing of these"
    assert runner.last_ms == 2.5


def test_without_cuda_there_is_no_card() -> None:
    assert open_card(torch.device("cpu")) is None
