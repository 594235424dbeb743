"""framegen: the open neural renderer for any game engine."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from framegen.client import AsyncClient, Client
    from framegen.config import LabelSettings, Settings, TemporalSettings
    from framegen.errors import FramegenError
    from framegen.frame import Camera, Frame, How, Restyled
    from framegen.plainly import plain_errors

__version__ = "0.1.0"

__all__ = [
    "AsyncClient",
    "Camera",
    "Client",
    "Frame",
    "FramegenError",
    "How",
    "LabelSettings",
    "Restyled",
    "Settings",
    "TemporalSettings",
    "__version__",
    "plain_errors",
]

_HOMES = {
    "client": ("AsyncClient", "Client"),
    "config": ("LabelSettings", "Settings", "TemporalSettings"),
    "errors": ("FramegenError",),
    "frame": ("Camera", "Frame", "How", "Restyled"),
    "plainly": ("plain_errors",),
}
"""Module -> what of it has a name here."""


def __getattr__(name: str) -> Any:
    """Loads what is named first (PEP 562): clients bring ZeroMQ with them, frames NumPy."""
    import importlib

    for home, names in _HOMES.items():
        if name == home or name in names:
            module = importlib.import_module(f"framegen.{home}")
            return module if name == home else getattr(module, name)
    raise AttributeError(f"module 'framegen' has no attribute '{name}'")
