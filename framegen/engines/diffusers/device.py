"""Which device and precision a model runs on, and whether it fits there."""

from __future__ import annotations

import shutil
from pathlib import Path

import torch

from framegen.engines.diffusers.options import Options
from framegen.engines.diffusers.recipes import Recipe
from framegen.errors import ModelUnavailable

_GIB = 2**30
_ACTIVATIONS_GIB = 0.7
"""Beside the weights, at 512x512; the more, the larger the picture."""
_NO_MEMORY = ("out of memory", "status_alloc_failed")
"""Words of errors; the second are cuBLAS's and cuDNN's, for what they allocate by themselves."""


def choose(wanted: str) -> torch.device:
    """The device of ``auto``, ``gpu``, ``cpu`` or one by name (``cuda:1``, ``mps``).

    Raises ModelUnavailable: there is no such device.
    """
    if wanted == "cpu":
        return torch.device("cpu")
    number = wanted.removeprefix("cuda:")
    if number.isdecimal() and number != wanted and int(number) < torch.cuda.device_count():
        return torch.device(wanted)
    if number.isdecimal() and number != wanted and torch.cuda.is_available():
        raise ModelUnavailable(
            f"There is no GPU number {number}.", hint=f"PyTorch sees {torch.cuda.device_count()}, counted from 0."
        )
    if wanted in ("auto", "gpu", "cuda") and torch.cuda.is_available():
        return torch.device("cuda:0")
    if wanted in ("auto", "gpu", "mps") and torch.backends.mps.is_available():
        return torch.device("mps")
    if wanted == "auto":
        return torch.device("cpu")
    raise ModelUnavailable(
        f"There is no device '{wanted}' that PyTorch {torch.__version__} can use.",
        hint="Install the CUDA build of PyTorch and NVIDIA's driver, or use --device cpu (slow).",
    )


def overlooked() -> str:
    """What to do where there is NVIDIA's driver, and this build of PyTorch goes without (on Windows the one that pip
    takes does); empty: nothing."""
    if shutil.which("nvidia-smi") is None:
        return ""
    return f"PyTorch {torch.__version__} cannot use an NVIDIA card. Install its CUDA build: https://pytorch.org"


def precision(options: Options, recipe: Recipe, device: torch.device) -> torch.dtype:
    """What was asked for, else half precision on a GPU (bfloat16 for SANA, which float16 overflows)."""
    if options.dtype:
        found = getattr(torch, options.dtype)
        assert isinstance(found, torch.dtype)
        return found
    if device.type == "cpu":
        return torch.float32
    return torch.bfloat16 if recipe.kind == "sana" else torch.float16


def title(device: torch.device, dtype: torch.dtype) -> str:
    """For people: ``CUDA, NVIDIA H100 (float16)``."""
    short = str(dtype).removeprefix("torch.")
    if device.type == "cuda":
        return f"CUDA, {torch.cuda.get_device_name(device)} ({short})"
    return f"{'Apple GPU' if device.type == 'mps' else 'CPU'} (PyTorch, {short})"


def check_memory(recipe: Recipe, size: tuple[int, int], device: torch.device, dtype: torch.dtype) -> None:
    """Raises ModelUnavailable where the model plainly does not fit. ``size``: of its picture, in pixels."""
    width, height = size
    weights_gib = (recipe.memory_gib or recipe.weights_gib) * (1 if dtype in (torch.float16, torch.bfloat16) else 2)
    needed = weights_gib + _ACTIVATIONS_GIB * width * height / (512 * 512)
    free = free_gib(device)
    if free is not None and free < needed:
        where = "GPU memory" if device.type == "cuda" else "memory"
        raise ModelUnavailable(
            f"{recipe.spec.name} needs about {needed:.1f} GiB of {where}, {free:.1f} GiB are free.",
            hint="Close what else uses it, take a smaller size (size=512x512) or a smaller model: framegen models.",
        )


def out_of_memory(error: BaseException) -> bool:
    """Whether memory was what lacked. PyTorch's own error is one way to hear of it; CUDA's libraries, a capture that
    ends by it and Apple's GPU have others."""
    own = isinstance(error, torch.cuda.OutOfMemoryError) or any(word in str(error).lower() for word in _NO_MEMORY)
    return own or (error.__context__ is not None and out_of_memory(error.__context__))


def free_gib(device: torch.device) -> float | None:
    """Memory that is free for a model; None: unknown. What PyTorch holds for later counts: a model that is gone has
    left it there."""
    if device.type == "cuda":
        spare = torch.cuda.memory_reserved(device) - torch.cuda.memory_allocated(device)
        return (torch.cuda.mem_get_info(device)[0] + spare) / _GIB
    try:
        lines = Path("/proc/meminfo").read_text().splitlines()
    except OSError:
        return None
    kib = next((int(line.split()[1]) for line in lines if line.startswith("MemAvailable")), None)
    return None if kib is None else kib / 2**20
