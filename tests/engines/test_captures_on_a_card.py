"""How an engine captures its graphs, holds its streams and pools, and goes on where a capture fails, without a card."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

pytest.importorskip("diffusers", reason="needs diffusers: pip install -e .[test], see .ci/tools")

import diffusers
import numpy as np
import tiny_models as tiny
import torch

from framegen.config import Settings
from framegen.engines.base import Reuse
from framegen.engines.diffusers import whole
from framegen.engines.diffusers.engine import DiffusersEngine
from framegen.engines.diffusers.options import parse
from framegen.engines.diffusers.recipes import BY_NAME
from framegen.frame import Frame

one_thread = tiny.one_thread


class Context:
    """Stands for PyTorch's contexts of a card; ``fails`` on leaving, as a capture does that was broken."""

    def __init__(self, fails: str = "") -> None:
        self.fails = fails

    def __enter__(self) -> None:
        pass

    def __exit__(self, *told: object) -> None:
        if self.fails:
            raise RuntimeError(self.fails)


@pytest.fixture
def no_card(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, Any]]:
    """Enough of ``torch.cuda`` for an engine that believes it has a card; what was asked of it."""
    asked: list[tuple[str, Any]] = []
    # loaded when they are first named, and not while torch.cuda is another
    assert diffusers.StableDiffusionImg2ImgPipeline and diffusers.AutoencoderTiny and diffusers.UNet2DConditionModel

    def stream(device: torch.device, priority: int = 0) -> SimpleNamespace:
        made = SimpleNamespace(synchronize=lambda: asked.append(("synchronize", made)), priority=priority)
        made.wait_stream = lambda other: asked.append(("wait", (made, other)))
        asked.append(("stream", made))
        return made

    def state(index: int) -> SimpleNamespace:
        def taken(state: str) -> None:
            asked.append(("generator", (index, state)))

        return SimpleNamespace(clone_state=lambda: "a clone", graphsafe_set_state=taken)

    def graph(graph: object, pool: object, stream: object, capture_error_mode: str) -> Context:
        asked.append(("capture", (pool, stream, capture_error_mode)))
        return Context()

    monkeypatch.setattr(torch.cuda, "Stream", stream)
    monkeypatch.setattr(torch.cuda, "stream", lambda stream: asked.append(("in", stream)) or Context())
    monkeypatch.setattr(torch.cuda, "device", lambda device: Context())
    monkeypatch.setattr(torch.cuda, "current_stream", lambda: "the thread's own")
    monkeypatch.setattr(torch.cuda, "synchronize", lambda device=None: asked.append(("whole card", device)))
    monkeypatch.setattr(torch.cuda, "default_generators", tuple(map(state, range(2))))
    for name in ("endAllocateToPool", "releasePool"):
        monkeypatch.setattr(
            torch._C, f"_cuda_{name}", lambda *told, name=name: asked.append((name, told)), raising=False
        )
    monkeypatch.setattr(torch.cuda, "CUDAGraph", SimpleNamespace)
    monkeypatch.setattr(torch.cuda, "graph", graph)
    return asked


def engine() -> Any:
    """A tiny one; it is made on the processor, and told later that it is on a card."""
    recipe = BY_NAME["sd-turbo"]
    pipe = tiny.sd_img2img(tiny.UNET21, tiny.euler(), tiny.tiny_vae())
    return DiffusersEngine(recipe.spec, recipe, parse("", recipe), "cpu", tiny.parts_of(pipe))


def given(made: Any, width: int) -> list[whole.Given]:
    settings = Settings(prompt="a cat")
    encoded = made.encode(Frame(1, tiny.picture(width, 48)), made.condition(settings), settings, None)
    noise = np.zeros((6, width // 8, 4), np.float32)
    return [whole.Given(encoded.rgb, None, encoded.text, encoded.table, noise, None)]


def carried(made: Any, width: int) -> list[whole.Given]:
    """The same frame, drawn from the last latent."""
    (one,) = given(made, width)
    latent = whole.Kept(torch.zeros(1, 4, *one.noise.shape[:2]))
    planes = np.zeros((4, *one.noise.shape[:2]), np.float32)
    return [whole.Given.carried(one.rgb, one.table, Reuse(latent, *planes, 0.0, carried=True))]


def carded(made: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """What the engine does on a card, its tensors on the processor."""
    monkeypatch.setattr(made, "_lanes", whole.Lanes.of(torch.device("cpu")))
    monkeypatch.setattr(made, "_pool", "the pool")

    class OnCard(whole.Runner):
        def __init__(self, net: Any, first: Any, device: torch.device, *, graph: bool, **told: Any) -> None:
            super().__init__(net, first, device, graph=graph, **told)
            self._upload, self._compute = told["lanes"].upload, told["lanes"].compute
            self._download = told["lanes"].download
            self._warm_up()
            if graph:
                self._capture(told["pool"])

    monkeypatch.setattr("framegen.engines.diffusers.engine.Runner", OnCard)


def test_prompts_and_sizes_share_the_engines_streams(
    no_card: list[tuple[str, Any]], monkeypatch: pytest.MonkeyPatch
) -> None:
    """PyTorch has 32 streams and gives them out in turn: one made for each prompt would be the frames' own some day."""
    made = engine()
    carded(made, monkeypatch)
    for i in range(40):
        made.condition(Settings(prompt=f"prompt {i}"))
    for width in (64, 72, 80):
        made._runner(given(made, width))
    streams = [what for kind, what in no_card if kind == "stream"]
    assert [stream.priority for stream in streams] == [-1, -1, -1, 0], "made once; frames go before prompts"
    captures = [what for kind, what in no_card if kind == "capture"]
    assert captures == [("the pool", streams[1], "thread_local")] * 3, "memory is shared on one stream alone"
    assert "whole card" not in {kind for kind, _ in no_card}, "another model may be capturing there"
    waited = [what for kind, what in no_card if kind == "synchronize"]
    assert waited == [streams[3]] * 41 + [streams[1]] * 3
    assert [what for kind, what in no_card if kind == "wait"] == [(streams[1], "the thread's own")] * 3


def test_carried_frames_have_a_graph_of_their_own(
    no_card: list[tuple[str, Any]], monkeypatch: pytest.MonkeyPatch
) -> None:
    """In the same pool and on the same stream as the network's, captured in the same way, once."""
    made = engine()
    carded(made, monkeypatch)
    network, without = made._runner(given(made, 64)), made._runner(carried(made, 64))
    assert network is not without and (network.carried, without.carried) == (False, True)
    assert made._runner(given(made, 64)) is network and made._runner(carried(made, 64)) is without
    streams = [what for kind, what in no_card if kind == "stream"]
    captures = [what for kind, what in no_card if kind == "capture"]
    assert captures == [("the pool", streams[1], "thread_local")] * 2


def test_a_capture_that_is_refused_says_why_and_frames_go_on(
    no_card: list[tuple[str, Any]], monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    made = engine()
    carded(made, monkeypatch)
    monkeypatch.setattr(torch.cuda, "graph", lambda graph, **told: Context("capture invalidated"))
    runs = []
    real = whole.Runner._step

    def step(self: Any) -> None:
        runs.append(1)
        if len(runs) == whole.WARM_RUNS + 1:
            raise RuntimeError("operation not permitted: aten::item\nmore of it")
        real(self)

    monkeypatch.setattr(whole.Runner, "_step", step)
    first = made._runner(given(made, 64))
    assert first._graph is None
    assert made.graph_refused == "operation not permitted: aten::item"
    assert "without a CUDA graph" in caplog.text and "aten::item" in caplog.text
    assert [told for told in no_card if told[0] in ("generator", "endAllocateToPool", "releasePool")] == [
        ("generator", (0, "a clone")),
        ("endAllocateToPool", (0, "the pool")),
        ("releasePool", (0, "the pool")),
    ], "PyTorch stays in a capture that was broken: later models would get no random numbers"
    made._runner(given(made, 72))
    assert len(runs) == 3 * whole.WARM_RUNS + 1, "it is not tried again"


def test_a_pool_that_the_capture_has_left_itself_is_not_released_twice(
    no_card: list[tuple[str, Any]], monkeypatch: pytest.MonkeyPatch
) -> None:
    def left(*told: Any) -> None:
        raise RuntimeError("not currently recording to mempool_id")

    monkeypatch.setattr(torch._C, "_cuda_endAllocateToPool", left)
    whole._leave_capture(torch.device("cuda:1"), "the pool")
    assert no_card == [("generator", (1, "a clone"))]


def test_a_pool_whose_graphs_are_gone_is_not_taken_again(
    no_card: list[tuple[str, Any]], monkeypatch: pytest.MonkeyPatch
) -> None:
    """PyTorch keeps its name and refuses it (``use_count > 0``): every frame after that would be without a graph."""
    made = engine()
    carded(made, monkeypatch)
    monkeypatch.setattr(torch.cuda, "graph_pool_handle", lambda: f"pool {len(no_card)}")
    monkeypatch.setattr(torch.cuda, "empty_cache", lambda: no_card.append(("emptied", whole._CAPTURING.locked())))
    made._runner(given(made, 64))
    monkeypatch.setattr(made, "place", torch.device("cuda"))
    made.release()
    monkeypatch.setattr(made, "place", torch.device("cpu"))
    made._runner(given(made, 64))
    first, second = (what[0] for kind, what in no_card if kind == "capture")
    assert first == "the pool" and second.startswith("pool ")
    assert ("emptied", True) in no_card, "not while another thread captures, which forbids it"


def test_too_little_memory_in_a_capture_is_said_as_that(
    no_card: list[tuple[str, Any]], monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is no reason to do without graphs from then on."""
    made = engine()
    carded(made, monkeypatch)
    runs = []
    real = whole.Runner._step

    def step(self: Any) -> None:
        runs.append(1)
        if len(runs) == whole.WARM_RUNS + 1:
            raise torch.cuda.OutOfMemoryError("Tried to allocate 20 MiB")
        real(self)

    monkeypatch.setattr(whole.Runner, "_step", step)
    monkeypatch.setattr(torch.cuda, "graph", lambda graph, **told: Context("capture invalidated"))
    with pytest.raises(RuntimeError):
        made._runner(given(made, 64))
    assert made.graph_refused == ""


def test_no_two_threads_capture_at_once(no_card: list[tuple[str, Any]], monkeypatch: pytest.MonkeyPatch) -> None:
    made = engine()
    carded(made, monkeypatch)
    held = []
    real = whole.Runner._step
    monkeypatch.setattr(whole.Runner, "_step", lambda self: held.append(whole._CAPTURING.locked()) or real(self))
    made._runner(given(made, 64))
    assert held == [False] * whole.WARM_RUNS + [True] and not whole._CAPTURING.locked()


def test_a_card_makes_one_size_ready_at_a_time(no_card: list[tuple[str, Any]], monkeypatch: pytest.MonkeyPatch) -> None:
    """A wait for all of a card breaks a capture there, of whichever thread; cuDNN does so in a size's first run."""
    made, card = engine(), torch.device("cuda:1")
    held: list[bool] = []
    for name in ("_warm_up", "_capture"):
        monkeypatch.setattr(whole.Runner, name, lambda self, *pool: held.append(whole._GETTING_READY[card].locked()))

    def here(make: Any) -> Any:
        return lambda *shape, dtype=None, **elsewhere: make(*shape, dtype=dtype)

    for name in ("zeros", "empty"):
        monkeypatch.setattr(torch, name, here(getattr(torch, name)))
    for graph in (True, False):
        whole.Runner(made.net, given(made, 64), card, graph=graph)
    assert held == [True, True, True] and not whole._GETTING_READY[card].locked()
