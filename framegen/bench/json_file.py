"""Figures as JSON. A figure that there is not (a look that never came, an error of no pixel) is null there."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from typing import Any


def as_json(figures: Any) -> str:
    """JSON of plain values, an object or a list of objects: every key is kept, and what is not finite is null."""
    return json.dumps(_finite(figures), indent=2, allow_nan=False) + "\n"


def _finite(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {key: _finite(inner) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [_finite(inner) for inner in value]
    return None if isinstance(value, float) and not math.isfinite(value) else value
