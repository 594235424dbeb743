"""What may follow a model's name: ``sd-turbo:steps=2,vae=full,control=depth``."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, fields, replace
from typing import Any

from framegen.config import nearest
from framegen.engines.diffusers.recipes import Recipe
from framegen.errors import ModelUnavailable


@dataclass(frozen=True)
class Options:
    """How a model is loaded.

    Attributes:
        weights: hub id, folder in diffusers' layout, or a single file with the denoiser; ``random``: layers of the true
            sizes without meaning, to measure speed; empty: the row's own.
        size: ``768x432``: pixels that the model works at, by area; empty: the row's own.
        base: hub id or folder that the rest comes from; empty: the row's own.
        steps: evaluations of the network per frame.
        vae: ``tiny`` or ``full`` autoencoder, or a hub id or folder of one; empty: tiny where there is one.
        control: ``depth`` (the row's own), a hub id or a folder of a ControlNet or T2I-adapter; empty: none.
        control_scale: 0..2, weight of the control.
        guidance: of families that take it as an input; 0: the row's own.
        dtype: ``float32``, ``float16`` or ``bfloat16``; empty: half precision on a GPU.
        compile: ``torch`` (torch.compile), ``tensorrt``, or empty.
        graph: capture the step as one CUDA graph, where there is CUDA.
        direction: ``a2b`` or ``b2a``, of cyclegan-turbo.
    """

    weights: str = ""
    size: str = ""
    base: str = ""
    steps: int = 1
    vae: str = ""
    control: str = ""
    control_scale: float = 1.0
    guidance: float = 0.0
    dtype: str = ""
    compile: str = ""
    graph: bool = True
    direction: str = "a2b"


_SIZE = re.compile(r"([1-9][0-9]{1,3})x([1-9][0-9]{1,3})")
_CHOICES: dict[str, tuple[str, ...]] = {
    "dtype": ("float32", "float16", "bfloat16"),
    "compile": ("torch", "tensorrt"),
    "direction": ("a2b", "b2a"),
}
_READ: dict[str, Callable[[str], Any]] = {
    "steps": int,
    "control_scale": float,
    "guidance": float,
    "graph": lambda text: {"on": True, "off": False}[text],
}


def split(name: str) -> tuple[str, str]:
    """``sd-turbo:steps=2`` -> (``sd-turbo``, ``steps=2``)."""
    row, _, rest = name.partition(":")
    return row, rest


def parse(text: str, recipe: Recipe, loading: bool = True) -> Options:
    """The options that ``text`` (``key=value,key=value``) means for a model. ``loading``: it is to be loaded now, so
    what is not on the hub must be named.

    Raises ModelUnavailable: an unknown option, a value that makes no sense, or one that this family cannot do.
    """
    options = Options()
    names = [field.name for field in fields(Options)]
    for item in filter(None, (part.strip() for part in text.split(","))):
        key, equals, value = item.partition("=")
        if key not in names or not equals:
            raise ModelUnavailable(f"Unknown option '{item}' of {recipe.spec.name}.", hint=nearest(key, names))
        if key in _CHOICES and value not in _CHOICES[key]:
            raise ModelUnavailable(f"{key} cannot be '{value}'.", hint=nearest(value, _CHOICES[key]))
        try:
            options = replace(options, **{key: _READ.get(key, str)(value)})
        except (ValueError, KeyError) as error:
            raise ModelUnavailable(f"{key} cannot be '{value}'.") from error
    return _checked(options, recipe, loading)


def _checked(options: Options, recipe: Recipe, loading: bool) -> Options:
    name = recipe.spec.name
    if options.steps not in recipe.steps:
        allowed = " or ".join(str(steps) for steps in recipe.steps)
        raise ModelUnavailable(f"{name} cannot be stepped {options.steps} times.", hint=f"It takes {allowed}.")
    if options.vae == "tiny" and recipe.tiny_published:
        raise ModelUnavailable(
            f"The tiny autoencoder for {name} is not on the hub.",
            hint=f"Download it from {recipe.tiny_published} into a folder, then: vae=FOLDER",
        )
    if recipe.kind == "translate" and options.vae not in ("", "full"):
        raise ModelUnavailable(f"{name} works with its own full autoencoder only.", hint="Leave 'vae' out.")
    if options.control == "depth" and recipe.control is None:
        raise ModelUnavailable(
            f"Nobody has published depth control for {name}.", hint="Leave 'control' out, or name a folder of yours."
        )
    if options.control and recipe.kind != "unet":
        raise ModelUnavailable(f"{name} cannot be controlled by depth.", hint="Leave 'control' out.")
    if loading and recipe.published and not options.weights:
        raise ModelUnavailable(
            f"{name} needs its authors' checkpoint, which is not on the hub.",
            hint=f"Download it as {recipe.published} says, then: --model {name}:weights=FILE.pkl",
        )
    if recipe.kind == "sana" and options.dtype == "float16":
        raise ModelUnavailable(
            f"{name} cannot run in float16: its numbers overflow there.",
            hint="Leave 'dtype' out on a GPU (bfloat16), or write dtype=float32.",
        )
    if options.size and _SIZE.fullmatch(options.size) is None:
        raise ModelUnavailable(f"size cannot be '{options.size}'.", hint="Write size=768x432.")
    if not 0.0 <= options.control_scale <= 2.0:
        raise ModelUnavailable(f"control_scale must be from 0 to 2, not {options.control_scale:g}.")
    return replace(options, vae=options.vae or ("tiny" if recipe.tiny else "full"))
