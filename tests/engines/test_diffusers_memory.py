"""Memory of a card or a machine: what is refused before it is loaded, and what is done where frames do not fit."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

pytest.importorskip("diffusers", reason="needs diffusers: pip install -e .[test], see .ci/tools")

import tiny_models as tiny
import torch
from tiny_engines import H, W, inputs_of, make

from framegen.engines.diffusers import device, recipes, text, whole
from framegen.engines.specs import load_engine
from framegen.errors import ModelUnavailable

one_thread = tiny.one_thread


def test_too_little_memory_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(device, "free_gib", lambda place: 1.0)
    with pytest.raises(ModelUnavailable, match=r"needs about 5\.9 GiB of memory, 1\.0 GiB are free"):
        load_engine(f"sd-turbo:weights={tmp_path},vae=full", "cpu")


@pytest.mark.parametrize("name", [recipe.spec.name for recipe in recipes.RECIPES])
def test_a_row_fits_the_hardware_that_it_names(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """What is downloaded is no measure: some weights are there in single precision alone, some come twice."""
    recipe = recipes.BY_NAME[name]
    gib = float(recipe.spec.hardware.split()[1])
    monkeypatch.setattr(device, "free_gib", lambda place: 0.9 * gib)  # the rest is the driver's and the screen's
    device.check_memory(recipe, recipe.spec.default_size, torch.device("cpu"), torch.float16)


def test_a_smaller_size_needs_less_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    recipe = recipes.BY_NAME["dmd2-sdxl"]
    monkeypatch.setattr(device, "free_gib", lambda place: 8.0)
    with pytest.raises(ModelUnavailable, match=r"needs about 9\.3 GiB") as caught:
        device.check_memory(recipe, recipe.spec.default_size, torch.device("cpu"), torch.float16)
    assert "size=512x512" in caught.value.hint
    device.check_memory(recipe, (512, 512), torch.device("cpu"), torch.float16)


def test_memory_that_another_model_has_left_is_free(monkeypatch: pytest.MonkeyPatch) -> None:
    """``framegen doctor`` tries one after the other."""
    for name, gib in (("memory_reserved", 7), ("memory_allocated", 1)):
        monkeypatch.setattr(torch.cuda, name, lambda place, gib=gib: gib << 30)
    monkeypatch.setattr(torch.cuda, "mem_get_info", lambda place: (2 << 30, 12 << 30))
    assert device.free_gib(torch.device("cuda")) == 8.0


def test_frames_too_many_for_the_cards_memory_are_made_one_by_one(monkeypatch: pytest.MonkeyPatch) -> None:
    """Else a batch that fails, which takes no time, would be tried for ever, and nobody would get a picture."""
    made, counts = make(), []
    real = whole.Runner.__call__

    def tight(self: whole.Runner, frames: Any) -> Any:
        counts.append(len(frames))
        if len(frames) > 2:
            raise torch.cuda.OutOfMemoryError("CUDA out of memory.")
        return real(self, frames)

    monkeypatch.setattr(whole.Runner, "__call__", tight)
    inputs = inputs_of(made, 3)
    pictures = [picture for picture, _ in made.whole_many(inputs)]
    assert counts == [3, 1, 1, 1]
    made.whole_many(inputs)
    assert counts[4:] == [1, 1, 1], "it is not tried again"
    assert len(made.whole_many(inputs[:2])) == 2 and counts[7:] == [2]
    assert all(np.array_equal(made.whole(*one)[0], picture) for one, picture in zip(inputs, pictures, strict=True))


def test_one_frame_that_does_not_fit_is_tried_without_what_other_sizes_keep(monkeypatch: pytest.MonkeyPatch) -> None:
    made = make()
    (one,) = inputs_of(made, 1)
    kept: list[int] = []
    real = whole.Runner.__call__

    def full(self: whole.Runner, frames: Any) -> Any:
        kept.append(len(made._runners))
        if kept[-1] > 1:
            raise RuntimeError("CUDA error: out of memory")
        return real(self, frames)

    monkeypatch.setattr(whole.Runner, "__call__", full)
    made._runners["another size"] = None  # type: ignore[index,assignment]
    assert made.whole(*one)[0].shape == (H, W, 3) and kept == [2, 1]


def test_what_is_not_for_want_of_memory_is_not_tried_again(monkeypatch: pytest.MonkeyPatch) -> None:
    made, calls = make(), []

    def broken(self: whole.Runner, frames: Any) -> Any:
        calls.append(len(frames))
        raise RuntimeError("mat1 and mat2 must have the same dtype")

    monkeypatch.setattr(whole.Runner, "__call__", broken)
    with pytest.raises(RuntimeError, match="same dtype"):
        made.whole_many(inputs_of(made, 2))
    assert calls == [2]


def test_encoded_prompts_do_not_fill_the_card() -> None:
    """Of SANA's 256 would take 0.7 GiB: who types at a live page makes one a second."""
    cache = text.PromptCache(lambda words: text.Encoding({"states": torch.zeros(1, 300, 2304)}), most_bytes=6 << 20)
    for words in "abc":
        cache(words)
    assert [cache.knows(words) for words in "abc"] == [False, True, True]
    tight = text.PromptCache(lambda words: text.Encoding({"states": torch.zeros(9)}), most_bytes=1)
    tight("a")
    assert tight.knows("a"), "the last one is kept, whatever it takes"
