"""Every model there is: a checkpoint is one row, a family is one class."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from framegen.config import nearest
from framegen.engines.base import Engine, ModelSpec
from framegen.engines.diffusers import recipes
from framegen.engines.diffusers.options import split
from framegen.errors import UnknownModel
from framegen.ops import layout

_EMBEDDED = ModelSpec(
    name="embedded",
    title="Light, weather and season on any engine's frames; ships with framegen",
    family="embedded",
    licence="Apache-2.0",
    commercial=True,
    hardware="two CPU cores",
    extra="",
    size_multiple=16,
    latent_scale=4,
    latent_channels=layout.KEPT,
    default_size=(512, 288),
    noise_channels=1,
    index_channels=1,
)
SPECS: tuple[ModelSpec, ...] = (
    _EMBEDDED,
    replace(
        _EMBEDDED,
        name="embedded-distilled",
        title="The same network, taught by a several-step teacher too; ships with framegen",
    ),
    *recipes.SPECS,
)


def _embedded(spec: ModelSpec, name: str, device: str) -> Engine:
    from framegen.engines.embedded.engine import EmbeddedEngine
    from framegen.engines.embedded.weights import parse

    if device.startswith("cuda:"):  # the worker's, of a server with several: the other models' choice, not this one's
        device = "auto"
    return EmbeddedEngine(spec, device, options=parse(split(name)[1], spec.name))


def _diffusers(spec: ModelSpec, name: str, device: str) -> Engine:
    from framegen.engines.diffusers import open_engine

    return open_engine(spec, name, device)


_FAMILIES: dict[str, Callable[[ModelSpec, str, str], Engine]] = {"embedded": _embedded, "diffusers": _diffusers}


def spec(name: str) -> ModelSpec:
    """The row of a model, whatever options follow its name. Raises UnknownModel, which names the nearest one."""
    wanted = split(name)[0]
    for row in SPECS:
        if row.name == wanted:
            return row
    raise UnknownModel(f"Unknown model '{wanted}'.", hint=nearest(wanted, [row.name for row in SPECS]))


def check_engine(name: str, device: str = "auto") -> None:
    """Raises what :func:`load_engine` would, as far as that can be known in a moment: before a server says that it is
    ready, for models that it loads when somebody asks for them."""
    row = spec(name)
    if row.family == "diffusers":
        from framegen.engines.diffusers import check

        check(row, name, device)
    else:
        from framegen.engines.embedded.weights import parse, sizes

        sizes(row.name, parse(split(name)[1], row.name))


def load_engine(name: str, device: str = "auto") -> Engine:
    """The engine of a model, loaded and warm.

    Args:
        name: of a row of :data:`SPECS`, options after a colon: ``sd-turbo:steps=2,vae=full``
            (:class:`framegen.engines.diffusers.options.Options`), ``embedded:size=1280x720``
            (:class:`framegen.engines.embedded.weights.Options`).
        device: ``auto``, ``cpu`` or ``gpu``; of several CUDA cards one, ``cuda:1``.

    Raises:
        UnknownModel: no such row. ModelUnavailable: it cannot run here; the hint says what to install.
    """
    row = spec(name)
    return _FAMILIES[row.family](row, name, device)
