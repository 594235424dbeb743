"""Kernels, memory and builds that a card does not have: what does without, and what is said of it."""

from __future__ import annotations

from typing import Any

import pytest

pytest.importorskip("diffusers", reason="needs diffusers: pip install -e .[test], see .ci/tools")

import torch

from framegen.engines.diffusers import card


def test_kernels_are_loaded_before_the_first_frame(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is not to be had on a card (too old a one) leaves everything to PyTorch, and stops no frame."""
    wanted = []

    def of(self: card.Card, dtype: torch.dtype) -> None:
        wanted.append(dtype)
        if dtype == torch.bfloat16:
            raise RuntimeError("not on this card")

    monkeypatch.setattr(card.Card, "_of", of)
    assert card.open_card(torch.device("cuda"), torch.float16) is not None
    assert wanted == [torch.float32, torch.float16]
    assert card.open_card(torch.device("cuda"), torch.bfloat16) is None


@pytest.mark.parametrize("error", [PermissionError("no such right"), AttributeError("no cuLaunchKernel")])
def test_kernels_that_cannot_be_had_stop_no_model(error: Exception, monkeypatch: pytest.MonkeyPatch) -> None:
    """A folder that cannot be read, another release of cuda-python: PyTorch's operations do the same."""

    def of(self: card.Card, dtype: torch.dtype) -> None:
        raise error

    monkeypatch.setattr(card.Card, "_of", of)
    assert card.open_card(torch.device("cuda"), torch.float16) is None


@pytest.mark.parametrize(
    ("error", "message"),
    [
        (torch.cuda.OutOfMemoryError("CUDA out of memory.\nTried to allocate 20 MiB."), "does not fit into"),
        (RuntimeError("CUDA error: out of memory\nCUDA kernel errors might be"), "does not fit into"),
        (RuntimeError("MPS backend out of memory (MPS allocated: 9 GB)"), "does not fit into"),
        (
            RuntimeError("CUDA error: CUBLAS_STATUS_ALLOC_FAILED when calling `cublasCreate(handle)`"),
            "does not fit into",
        ),
        (RuntimeError("cuDNN error: CUDNN_STATUS_ALLOC_FAILED"), "does not fit into"),
        (RuntimeError("CUDA error: no kernel image is available for execution on the device\nmore"), "no kernel image"),
    ],
)
def test_a_card_that_cannot_is_one_line(error: Exception, message: str, monkeypatch: pytest.MonkeyPatch) -> None:
    from framegen.engines.diffusers import engine as module
    from framegen.engines.specs import load_engine
    from framegen.errors import ModelUnavailable

    def full(*given: Any, **told: Any) -> None:
        raise error

    monkeypatch.setattr(module.DiffusersEngine, "__init__", full)
    with pytest.raises(ModelUnavailable, match=message) as caught:
        load_engine("sd-turbo:weights=random", "cpu")
    assert "\n" not in str(caught.value)


def test_what_cannot_be_compiled_is_one_line(monkeypatch: pytest.MonkeyPatch) -> None:
    """No C compiler, say: PyTorch's compiler brings it to the first run."""
    from framegen.engines.diffusers import engine as module
    from framegen.engines.specs import load_engine
    from framegen.errors import ModelUnavailable

    def broken(*given: Any, **told: Any) -> None:
        torch._dynamo.reset()
        torch.compile(lambda x: x + 1, backend=compiler)(torch.ones(2))

    def compiler(graph: Any, inputs: Any) -> Any:
        raise RuntimeError("Failed to find C compiler.\nPlease specify one.")

    monkeypatch.setattr(module.DiffusersEngine, "__init__", broken)
    with pytest.raises(ModelUnavailable, match=r"Failed to find C compiler\. Please") as caught:
        load_engine("sd-turbo:weights=random,compile=torch", "cpu")
    assert "\n" not in str(caught.value)


def test_what_is_wrong_with_the_code_is_not_put_down_to_the_card(monkeypatch: pytest.MonkeyPatch) -> None:
    from framegen.engines.diffusers import engine as module
    from framegen.engines.specs import load_engine

    def broken(*given: Any, **told: Any) -> None:
        raise RuntimeError("mat1 and mat2 must have the same dtype")

    monkeypatch.setattr(module.DiffusersEngine, "__init__", broken)
    with pytest.raises(RuntimeError, match="same dtype"):
        load_engine("sd-turbo:weights=random", "cpu")
