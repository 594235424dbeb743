"""The public one-step diffusion models. :mod:`recipes` holds a row for each; everything else here needs PyTorch."""

from __future__ import annotations

import dataclasses
import logging

from framegen import install
from framegen.engines.base import Engine, ModelSpec
from framegen.engines.diffusers import files
from framegen.engines.diffusers.options import parse, split
from framegen.engines.diffusers.recipes import BY_NAME
from framegen.errors import ModelUnavailable

log = logging.getLogger(__name__)


def check(spec: ModelSpec, name: str, device: str) -> None:
    """Whether ``name`` (a row's, and its options after a colon) could be loaded, as far as that takes no time.

    Raises ModelUnavailable: an option makes no sense, the extra or a file is missing, or there is no such device.
    """
    recipe = BY_NAME[spec.name]
    options = parse(split(name)[1], recipe)
    lacking = files.missing_extra()
    if lacking:
        raise ModelUnavailable(
            f"{spec.name} needs {', '.join(lacking)}, not installed here.",
            hint=f"Install: {install.command_for('diffusers')}",
        )
    if not spec.commercial:
        log.warning("%s: the licence of its weights (%s) forbids commercial use.", spec.name, spec.licence)
    from framegen.engines.diffusers.device import choose, overlooked

    if choose(device).type == "cpu" and device == "auto" and (card := overlooked()):
        log.warning("%s runs on the processor, a frame takes seconds: %s", spec.name, card)
    files.check(recipe, options, name)


def open_engine(spec: ModelSpec, name: str, device: str) -> Engine:
    """The engine of ``name``, loaded. Raises ModelUnavailable: see :func:`check`; or it does not fit here."""
    check(spec, name, device)
    recipe = BY_NAME[spec.name]
    options = parse(split(name)[1], recipe)
    from framegen.engines.diffusers.device import out_of_memory
    from framegen.engines.diffusers.engine import DiffusersEngine

    try:
        engine = DiffusersEngine(dataclasses.replace(spec, name=name), recipe, options, device)
        if engine.place.type != "cpu":  # there a frame takes seconds, and nothing is gained
            engine.warm_up()
    except RuntimeError as error:
        if out_of_memory(error):
            raise ModelUnavailable(
                f"{spec.name} does not fit into the GPU's memory.",
                hint="Close what else uses it, take vae=tiny, a smaller size, or a smaller model: framegen models.",
            ) from error
        if options.compile and not str(error).startswith("CUDA"):  # compilers have their own, and no common name
            raise ModelUnavailable(
                f"{spec.name} cannot be compiled here: {' '.join(str(error).split())[:200]}",
                hint="compile=torch needs a C compiler. Leave 'compile' out: the model runs without, somewhat slower.",
            ) from error
        if not str(error).startswith("CUDA"):
            raise
        raise ModelUnavailable(  # a card or driver too old for this build of PyTorch, most of all
            f"{spec.name} cannot use the GPU: {str(error).splitlines()[0]}",
            hint="Install a build of PyTorch for this card and driver (pytorch.org), or use --device cpu (slow).",
        ) from error
    return engine
