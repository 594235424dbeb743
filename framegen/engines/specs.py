"""Every model there is: a checkpoint is one row, a family is one class."""

from __future__ import annotations

from collections.abc import Callable

from framegen.config import nearest
from framegen.engines.base import Engine, ModelSpec
from framegen.errors import UnknownModel
from framegen.ops import layout

SPECS: tuple[ModelSpec, ...] = (
    ModelSpec(
        name="embedded",
        title="Light, weather and season on any engine's frames; ships with framegen",
        family="embedded",
        licence="Apache-2.0",
        commercial=True,
        hardware="two CPU cores",
        extra="",
        size_multiple=16,
        latent_scale=4,
        latent_channels=layout.LATENT,
        default_size=(512, 288),
        noise_channels=1,
        share_channels=layout.FIELDS,
    ),
)


def _embedded(spec: ModelSpec, device: str) -> Engine:
    from framegen.engines.embedded.engine import EmbeddedEngine

    return EmbeddedEngine(spec, device)


_FAMILIES: dict[str, Callable[[ModelSpec, str], Engine]] = {"embedded": _embedded}


def spec(name: str) -> ModelSpec:
    """The row of a model. Raises UnknownModel, which names the nearest one."""
    for row in SPECS:
        if row.name == name:
            return row
    raise UnknownModel(f"Unknown model '{name}'.", hint=nearest(name, [row.name for row in SPECS]))


def load_engine(name: str, device: str = "auto") -> Engine:
    """The engine of a model, loaded and warm.

    Args:
        name: of a row of :data:`SPECS`. device: ``auto``, ``cpu`` or ``gpu``.

    Raises:
        UnknownModel: no such row. ModelUnavailable: it cannot run here; the hint says what to install.
    """
    row = spec(name)
    return _FAMILIES[row.family](row, device)
