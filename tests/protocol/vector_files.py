"""Reads ``protocol/vectors`` and says what a decoded message holds, in the words of the vectors' JSON."""

from __future__ import annotations

import dataclasses
import json
import struct
from pathlib import Path
from typing import Any

import numpy as np

from framegen.wire import messages as m

PROTOCOL = Path(__file__).resolve().parents[2] / "protocol"
FOLDER = PROTOCOL / "vectors"


def names() -> list[str]:
    """Of every vector."""
    return [entry["name"] for entry in json.loads((FOLDER / "index.json").read_text("utf-8"))]


def facts(name: str) -> dict[str, Any]:
    """The JSON of a vector, with infinities as floats."""
    return json.loads((FOLDER / f"{name}.json").read_text("utf-8"))


def parts(name: str) -> list[bytes]:
    """The parts of a vector."""
    data = (FOLDER / f"{name}.bin").read_bytes()
    (count,), at, found = struct.unpack_from("<I", data), 4, []
    for _ in range(count):
        (length,) = struct.unpack_from("<I", data, at)
        found.append(data[at + 4 : at + 4 + length])
        at += 4 + length
    assert at == len(data)
    return found


def _wire(value: Any) -> Any:
    """As it stands in the JSON: tuples are arrays, infinity is text, keys are text, 64-bit fields are digits."""
    if isinstance(value, dict):
        return {str(key): _digits(str(key), _wire(item)) for key, item in value.items()}
    if isinstance(value, (tuple, list)):
        return [_wire(item) for item in value]
    if isinstance(value, float) and np.isinf(value):
        return "inf"
    return value


def _digits(key: str, value: Any) -> Any:
    wide = key in ("frame_id", "motion_from_frame_id", "by_frame_id") or key.endswith("_ns")
    if key == "stamps_ns":
        return {name: str(stamp) for name, stamp in value.items()}
    return str(value) if wide and value is not None else value


def described(message: m.Message) -> dict[str, Any]:
    """Every field of a message but its planes."""
    if isinstance(message, m.SendFrame):
        frame = message.frame
        values = {
            field.name: getattr(frame, field.name)
            for field in dataclasses.fields(frame)
            if not isinstance(getattr(frame, field.name), np.ndarray)
        }
        values |= {"width": frame.width, "height": frame.height, "world_origin_m": (0.0, 0.0, 0.0)}
        if frame.camera is not None:
            values["camera"] = {
                "view_from_world": frame.camera.view_from_world.ravel().tolist(),
                "clip_from_view": frame.camera.clip_from_view.ravel().tolist(),
                "near_m": frame.camera.near_m,
                "far_m": frame.camera.far_m,
            }
            values["world_origin_m"] = frame.camera.world_origin_m
    elif isinstance(message, m.SendResult):
        result = message.result
        values = {
            field.name: getattr(result, field.name)
            for field in dataclasses.fields(result)
            if not isinstance(getattr(result, field.name), np.ndarray)
        }
        values |= {"width": result.image.shape[1], "height": result.image.shape[0], "how": result.how.value}
    else:
        values = dataclasses.asdict(message)
    return {"type": message.type, **_wire(values)}


def planes(message: m.Message) -> dict[str, np.ndarray]:
    """The pictures of a message by their names on the wire."""
    if isinstance(message, m.SendResult):
        found = {"image": message.result.image, "color_grid": message.result.color_grid}
    elif isinstance(message, m.SendFrame):
        frame = message.frame
        found = {
            "color": frame.color,
            "depth": frame.depth_m,
            "motion": frame.motion_px,
            "label": frame.label,
            "intensity_mask": frame.intensity_mask,
            "reactive": frame.reactive,
            "dynamic_mask": frame.dynamic_mask,
        }
    else:
        found = {}
    return {name: plane for name, plane in found.items() if plane is not None}
