"""``SEED_CAM`` folders as the generator writes them: which there are, and what their files say.

The data's world has +Z up; it becomes the product's +Y up here and nowhere else, so features and lookups are those of
the run time.
"""

from __future__ import annotations

import json
import math
import re
from pathlib import Path
from typing import Any

import cv2
import numpy as np

from framegen.errors import MediaError
from framegen.frame import F32, F64, Camera

Y_UP_FROM_Z_UP: F64 = np.array([[1, 0, 0, 0], [0, 0, 1, 0], [0, -1, 0, 0], [0, 0, 0, 1]], np.float64)
DEPTH_NEAR_M, DEPTH_FAR_M = 0.05, 10_000.0
"""Of the depth code, where a folder does not say."""
_NAME = re.compile(r"\d+_\d+(_b)?")
_TOLD = frozenset(("file", "time_of_day", "weather", "season", "sun_azimuth_deg", "sun_elevation_deg"))
"""What every target says of itself, in each form that the folders have had."""


def under(root: Path) -> list[Path]:
    """Folders of complete pairs in ``root``, by name; whatever else lies there is none."""
    return [meta.parent for meta in sorted(root.glob("*_*/meta.json")) if _NAME.fullmatch(meta.parent.name)]


def read_meta(folder: Path) -> dict[str, Any]:
    """What ``meta.json`` says. Raises MediaError where it is damaged, or lacks what every form has."""
    path = folder / "meta.json"
    try:
        meta: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
        lacking = {"width", "height", "camera_to_world", "targets"} - meta.keys()
        for target in meta.get("targets", ()):
            lacking |= _TOLD - target.keys()
        if "fov_y_rad" not in meta:
            meta["fov_y_rad"] = 2 * math.atan(meta["height"] / 2 / meta["intrinsics"]["fy"])
    except (OSError, ValueError, TypeError, KeyError, AttributeError) as error:
        raise MediaError(f"{path} does not describe a pair: {error!r}.", hint="Is the pair complete?") from error
    if lacking:
        raise MediaError(f"{path} does not describe a pair: {sorted(lacking)[0]} is missing.")
    return meta


def sun_of(azimuth_deg: float, elevation_deg: float) -> tuple[float, float, float] | None:
    """Unit vector towards the sun, +Y up, from the data's azimuth (degrees from +Y towards +X, z up) and elevation."""
    if elevation_deg <= 0:
        return None
    a, e = math.radians(azimuth_deg), math.radians(elevation_deg)
    return math.sin(a) * math.cos(e), math.sin(e), -math.cos(a) * math.cos(e)


def read_picture(path: Path, how: int = cv2.IMREAD_COLOR) -> Any:
    """The pixels of a picture file as OpenCV gives them (BGR). Raises MediaError where it cannot be read."""
    found = cv2.imread(str(path), how)
    if found is None:
        raise MediaError(f"{path} cannot be read as a picture.", hint="Is the pair complete?")
    return found


def read_depth(folder: Path, meta: dict[str, Any]) -> F32:
    """``[H, W]`` float32 metres, sky inf."""
    code = read_picture(folder / "depth.png", cv2.IMREAD_UNCHANGED).astype(np.float64)
    near, far = meta.get("depth_near_m", DEPTH_NEAR_M), meta.get("depth_far_m", DEPTH_FAR_M)
    return np.where(code > 0, near * np.exp((code - 1) / 65534 * math.log(far / near)), np.inf).astype(np.float32)


def camera_of(meta: dict[str, Any]) -> Camera:
    """The pair's camera in the product's +Y up world."""
    pose = Y_UP_FROM_Z_UP @ np.asarray(meta["camera_to_world"], np.float64)
    return Camera.perspective(pose, fov_y_rad=meta["fov_y_rad"], aspect=meta["width"] / meta["height"])


def previous_of(meta: dict[str, Any]) -> tuple[str, int] | None:
    """Folder of the frame before, and the number of its target that shows the same condition."""
    link = meta.get("previous")
    if not link:
        return None
    digits = "".join(ch for ch in str(link["target"]) if ch.isdigit())
    return str(link["folder"]), int(digits or 0)
