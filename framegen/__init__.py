"""framegen: the open neural renderer for any game engine."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from framegen.config import LabelSettings, Settings, TemporalSettings
from framegen.errors import FramegenError
from framegen.frame import Camera, Frame, How, Restyled
from framegen.plainly import plain_errors

if TYPE_CHECKING:
    from framegen.client import AsyncClient, Client

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


def __getattr__(name: str) -> Any:
    """Clients bring ZeroMQ with them, so they are loaded when first named (PEP 562)."""
    if name in ("AsyncClient", "Client"):
        from framegen import client

        return getattr(client, name)
    raise AttributeError(f"module 'framegen' has no attribute '{name}'")
