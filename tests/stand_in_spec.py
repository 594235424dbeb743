"""The row of a model that tests stand in for one."""

from __future__ import annotations

from typing import Any

from framegen.engines.base import ModelSpec


def stand_in_spec(name: str, title: str, **changes: Any) -> ModelSpec:
    """Free for any use, in need of nothing, working at 512x288 with a latent a quarter of that."""
    row: dict[str, Any] = {
        "family": "stand-in",
        "licence": "CC0-1.0",
        "commercial": True,
        "hardware": "none",
        "extra": "",
        "size_multiple": 16,
        "latent_scale": 4,
        "latent_channels": 1,
        "default_size": (512, 288),
    }
    return ModelSpec(name=name, title=title, **{**row, **changes})
