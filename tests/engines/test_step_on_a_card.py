"""What a captured graph asks of the step, shown without a card: networks of the true sizes, tensors without numbers.

A tensor on PyTorch's ``meta`` device has a shape and a type, and no memory. Whatever the step would fetch from the
processor, or read back to it, is seen there: a value that is read raises, and a tensor of the processor is noticed.
"""

from __future__ import annotations

import sys
from types import ModuleType, SimpleNamespace
from typing import Any

import pytest

pytest.importorskip("diffusers", reason="needs diffusers: pip install -e .[test], see .ci/tools")

import diffusers
import numpy as np
import tiny_models as tiny
import torch
from torch.overrides import TorchFunctionMode
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils._pytree import tree_leaves

from framegen.engines.base import Reuse
from framegen.engines.diffusers import loading, shapes, whole
from framegen.engines.diffusers.options import parse
from framegen.engines.diffusers.recipes import BY_NAME

one_thread = tiny.one_thread
META = torch.device("meta")


class Elsewhere(TorchDispatchMode):
    """Operations that touch a tensor which is not on the card; under capture PyTorch refuses these."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []
        self.count = 0

    def __torch_dispatch__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        out = func(*args, **(kwargs or {}))
        self.count += 1
        if any(isinstance(t, torch.Tensor) and t.device != META for t in tree_leaves((args, kwargs, out))):
            self.found.append(str(func))
        return out


class FromNumbers(TorchFunctionMode):
    """Tensors made of Python's numbers: on a card a copy from the processor, which ends below what the other sees."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def __torch_function__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        if func in (torch.tensor, torch.as_tensor, torch.from_numpy, torch.asarray):
            self.found.append(func.__name__)
        return func(*args, **(kwargs or {}))


def seen(run: whole.Runner) -> tuple[list[str], int]:
    """What one step does elsewhere than on the card, and how many operations it has."""
    with Elsewhere() as elsewhere, FromNumbers() as numbers:
        run._step()
    return elsewhere.found + numbers.found, elsewhere.count


def runner(name: str, width: int = 512, height: int = 512, count: int = 1, carried: bool = False) -> whole.Runner:
    """As on a card, in half precision, but for the card. ``carried``: of frames that the network does not see."""
    row, _, told = name.partition(":")
    recipe = BY_NAME[row]
    options = parse("weights=random" + (f",{told}" if told else ""), recipe)
    parts = loading.random_parts(recipe, options, META, torch.bfloat16 if recipe.kind == "sana" else torch.float16)
    if "t2i" in name:
        parts.control = diffusers.T2IAdapter(adapter_type="full_adapter").to(META, torch.float16)
    tokens, text_width = shapes.TEXT[recipe.shape]
    text = {"states": (tokens, text_width)}
    text |= {"pooled": (shapes.POOLED,)} if recipe.text == "clip pair" else {}
    text |= {"mask": (tokens,)} if recipe.text == "gemma" else {}
    loading.compiled(parts, options)
    net = loading.stepper(recipe, options, parts)
    scale, noises = recipe.spec.latent_scale, recipe.spec.latent_channels * recipe.schedule.draws(options.steps)
    first = whole.Given(
        np.zeros((height, width, 3), np.uint8),
        np.zeros((height, width), np.float32) if options.control else None,
        {key: torch.zeros(1, *shape, device=META) for key, shape in text.items()},
        torch.zeros(1, 1 + options.steps, 9, device=META),
        np.zeros((height // scale, width // scale, noises), np.float32),
        None,
    )
    if carried:
        planes = np.zeros((4, *first.noise.shape[:2]), np.float32)
        first = whole.Given.carried(first.rgb, first.table, Reuse(None, *planes, 0.0, carried=True))
    return whole.Runner(net, [first] * count, META, graph=True)


CASES = [
    "sd-turbo",
    "sd-turbo:vae=full",
    "sd-turbo:control=depth,steps=2",
    "dmd2-sd15:control=t2i",
    "sdxl-turbo:steps=2",
    "lcm-lora-sdxl:vae=full,control=depth",
    "dmd2-sdxl-1step",
    "lcm:steps=4",
    "sana-sprint-0.6b:steps=2",
    "sana-sprint-1.6b",
    "sdxs-512",
    "pix2pix-turbo",
    "cyclegan-turbo",
]


@pytest.mark.parametrize("name", CASES)
@torch.inference_mode()
def test_a_captured_step_stays_on_the_card(name: str) -> None:
    """In its true size, half precision; what is made once may come from the processor before the capture."""
    run = runner(name, count=2 if name == "sd-turbo" else 1)
    for _ in range(whole.WARM_RUNS):
        run._step()
    found, count = seen(run)
    assert found == [] and count > 500
    b = run.buffers
    assert b.picture.dtype == torch.uint8 and b.picture.shape == b.rgb.shape
    assert b.latent.dtype == torch.float32 and b.latent.shape == b.before.shape


@pytest.mark.parametrize("name", ["sd-turbo", "sdxl-turbo:steps=2", "sana-sprint-0.6b", "pix2pix-turbo"])
@torch.inference_mode()
def test_so_it_does_without_its_network(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """The graph of carried frames, at its first run too; the network is not touched."""
    run = runner(name, count=2, carried=True)
    monkeypatch.setattr(run.net.parts.body, "forward", None)
    found, count = seen(run)
    assert found == [] and count > 200
    b = run.buffers
    assert b.picture.dtype == torch.uint8 and b.picture.shape == b.rgb.shape
    assert b.latent.dtype == torch.float32 and b.latent.shape == b.before.shape


@pytest.mark.parametrize(("name", "width", "height"), [("sd-turbo", 768, 432), ("sana-sprint-0.6b", 768, 448)])
@torch.inference_mode()
def test_so_it_does_at_the_other_size_of_the_bench(name: str, width: int, height: int) -> None:
    run = runner(name, width, height)
    run._step()
    assert seen(run)[0] == []
    assert run.buffers.picture.shape == (1, height, width, 3)


@torch.inference_mode()
def test_what_comes_from_the_processor_is_noticed() -> None:
    """SDXL's sizes are made in the first run, which is not captured: here it is looked at."""
    run = runner("sdxl-turbo")
    assert seen(run)[0] == ["tensor"]
    one = torch.ones(1)
    run.net.pack = lambda picture: picture + one[0]
    assert "aten.add.Tensor" in seen(run)[0]
    with pytest.raises((RuntimeError, NotImplementedError)):
        run.buffers.latent.sum().item()


@pytest.mark.parametrize(
    ("name", "networks"),
    [
        ("sd-turbo:compile=torch,control=depth", 4),
        ("sdxs-512:compile=torch", 3),
        ("sana-sprint-1.6b:compile=torch", 3),
        ("pix2pix-turbo:compile=torch", 1),
    ],
)
def test_each_network_compiles_in_one_piece(name: str, networks: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """What a compiler for the card would be given: a break in the graph raises. No code is made of it here."""
    from torch._dynamo.utils import counters

    compile_for_a_card = torch.compile
    monkeypatch.setattr(torch, "compile", lambda forward, **more: compile_for_a_card(forward, backend="eager", **more))
    torch._dynamo.reset()
    counters.clear()
    runner(name)._step()
    assert counters["stats"]["unique_graphs"] == networks
    assert not counters["graph_break"]


def test_a_compiler_that_is_missing_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    """PyTorch for Windows has none; without a word before it would be a traceback of the first frame."""
    from framegen.errors import ModelUnavailable

    body = torch.nn.Conv2d(1, 1, 1)
    onto = SimpleNamespace(device=torch.device("cuda"))
    monkeypatch.setattr(body, "parameters", lambda: iter([onto]))
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    monkeypatch.setattr(torch, "compile", lambda forward, **more: forward)
    parts = loading.Parts(body, None, None, 1.0)
    for platform, package in (("win32", "triton-windows"), ("linux", "triton")):
        monkeypatch.setattr(sys, "platform", platform)
        with pytest.raises(ModelUnavailable, match="needs Triton") as raised:
            loading.compiled(parts, parse("compile=torch", BY_NAME["sd-turbo"]))
        assert raised.value.hint.endswith(f"install {package}")
    onto.device = torch.device("cpu")
    loading.compiled(parts, parse("compile=torch", BY_NAME["sd-turbo"]))


def test_tensorrt_is_told_to_keep_the_networks_precision(monkeypatch: pytest.MonkeyPatch) -> None:
    """Its newer releases refuse to be told one; and its backend is known once it was imported."""
    told: list[dict[str, Any]] = []
    monkeypatch.setattr(torch, "compile", lambda forward, **more: told.append(more) or forward)
    monkeypatch.setitem(sys.modules, "torch_tensorrt", ModuleType("torch_tensorrt"))
    parts = tiny.parts_of(tiny.sd_img2img(tiny.UNET21, tiny.euler(), tiny.tiny_vae()))
    loading.compiled(parts, parse("compile=tensorrt", BY_NAME["sd-turbo"]))
    assert told == [{"backend": "torch_tensorrt", "dynamic": False, "options": {"use_explicit_typing": True}}] * 3
