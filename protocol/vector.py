"""One test vector, and how it is written: ``name.bin`` (the parts) and ``name.json`` (what they mean)."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from literal import container, pack

WIDE = ("frame_id", "timestamp_ns", "motion_from_frame_id", "by_frame_id")
"""Fields of 64 bits: decimal strings in the JSON, because most JSON readers keep 53."""

DEFAULTS: dict[str, dict[str, Any]] = {
    "hello": {"client": "", "codecs": ["raw"], "capabilities": [], "settings": {}},
    "welcome": {"server": "", "codecs": ["raw"], "capabilities": [], "settings_revision": 0},
    "settings": {"request": 0},
    "settings_applied": {"understood": [], "ignored": []},
    "frame": {
        "timestamp_ns": 0,
        "motion_from_frame_id": None,
        "camera": None,
        "world_origin_m": [0.0, 0.0, 0.0],
        "jitter_px": [0.0, 0.0],
        "color_resolved": False,
        "reset": False,
        "light_direction": None,
    },
    "result": {"model": "", "seed": 0, "sun_direction": None, "stamps_ns": {}, "stages_ms": {}},
    "error": {"message": "", "hint": "", "fatal": False, "frame_id": None, "request": None},
    "bye": {"reason": ""},
}
"""What stands for an optional field that is not sent."""


@dataclass(frozen=True)
class Vector:
    """A test vector.

    Attributes:
        name: of the files. ``about``: what it shows, in one sentence.
        parts: as on the wire.
        kind: ``valid``, ``forward`` (holds what a later minor version may add) or ``invalid``.
        message: every field that a receiver of protocol 1.0 must find, defaults filled in; planes are in ``planes``.
        planes: plane -> its pixels (see ``protocol/vectors/README.md``).
        error: the code that a receiver must answer with.
        limits: those of the receiver where they differ from the defaults.
        geometry: further facts from which a client can check its conventions.
    """

    name: str
    about: str
    parts: tuple[bytes, ...]
    kind: str = "valid"
    message: Mapping[str, Any] | None = None
    planes: Mapping[str, Any] = field(default_factory=dict)
    error: str | None = None
    limits: Mapping[str, int] = field(default_factory=dict)
    geometry: Mapping[str, Any] = field(default_factory=dict)

    def binary(self) -> bytes:
        """Of ``name.bin``."""
        return container(self.parts)

    def text(self) -> str:
        """Of ``name.json``: one line for each key, plain JSON (no NaN, infinity as ``"inf"``)."""
        facts: dict[str, Any] = {"name": self.name, "protocol": "1.0", "kind": self.kind, "about": self.about}
        if self.message is not None:
            facts["message"] = self.message
        for key in ("planes", "error", "limits", "geometry"):
            if getattr(self, key):
                facts[key] = getattr(self, key)
        lines = [f"  {json.dumps(key)}: {json.dumps(plain(value), allow_nan=False)}" for key, value in facts.items()]
        return "{\n" + ",\n".join(lines) + "\n}\n"


def plain(value: Any, key: str = "") -> Any:
    """A value as JSON can hold it."""
    if isinstance(value, Mapping):
        return {k: plain(v, key if key == "stamps_ns" else k) for k, v in value.items()}
    if isinstance(value, (list, tuple)):
        return [plain(item) for item in value]
    if isinstance(value, float) and math.isinf(value):
        return "inf" if value > 0 else "-inf"
    if isinstance(value, int) and not isinstance(value, bool) and (key in WIDE or key.endswith("_ns")):
        return str(value)
    return value


def message(
    name: str,
    about: str,
    header: Mapping[str, Any],
    *payloads: bytes,
    kind: str = "valid",
    planes: Mapping[str, Any] | None = None,
    unknown: Sequence[str] = (),
    **changed: Any,
) -> Vector:
    """A vector that decodes: the expectation is the header itself with defaults, less ``unknown``, and ``changed``."""
    expected = {"type": header["type"], **DEFAULTS.get(str(header["type"]), {}), **header, **changed}
    expected = {key: value for key, value in expected.items() if key != "planes" and key not in unknown}
    return Vector(name, about, (pack(header), *payloads), kind, expected, planes or {})


def plane(format_name: str, width: int, height: int, values: Sequence[float], **more: Any) -> dict[str, Any]:
    """Expected pixels: ``values`` row by row from the top, channels last."""
    return {"format": format_name, "width": width, "height": height, "values": list(values), **more}


def at(format_name: str, part: int, payload: bytes, *, offset: int = 0, codec: str = "raw", **more: Any) -> Any:
    """A plane's descriptor for ``payload`` at ``offset`` of part ``part``."""
    return {"format": format_name, "codec": codec, "part": part, "offset": offset, "length": len(payload), **more}
