"""Does a rendered folder agree with what the product looks up? Detail of surfaces material by material, and clouds.

The data's world has +Z up, the product's +Y up: (x, y, z) there is (x, z, -y) here.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np

from framegen.frame import F32, F64
from framegen.ops.clouds import HORIZON, TILE_PX, TILE_SPAN, cloud_tile
from framegen.ops.fields import FieldAtlas, build_atlas, lookup, planes_of, tile_from_picture
from framegen.training.scenes import bank
from framegen.training.scenes.sheet import depth_m

SIDE_PX = 256
"""Texels of the compared tiles: half of the product's, which is finer than small renders show."""


@dataclass(frozen=True)
class Match:
    """The field that a material's albedo follows best, with how many pixels, and how closely (-1..1)."""

    label: str
    field: str
    pixels: int
    correlation: float


def product_atlas(name: str) -> FieldAtlas:
    """The product's atlas of one field of the bank (one picture cannot hold them all: OpenCV's limit is 32,767 px)."""
    tile = tile_from_picture(np.ascontiguousarray(bank.texture(name).albedo[..., ::-1]), SIDE_PX)
    return build_atlas([tile], [bank.FIELDS[name].tile_m], [name])


def positions(folder: Path) -> tuple[F64, F32, F32]:
    """World positions ``[H, W, 3]`` metres, unit normals, and the footprint of a pixel in metres ``[H, W]``, +Y up."""
    meta = json.loads((folder / "meta.json").read_text())
    z = np.minimum(depth_m(folder).astype(np.float64), 1e4)
    height, width = z.shape
    k, pose = meta["intrinsics"], np.asarray(meta["camera_to_world"], np.float64)
    u, v = np.meshgrid(np.arange(width) + 0.5, np.arange(height) + 0.5)
    camera = np.stack([(u - k["cx"]) / k["fx"] * z, -(v - k["cy"]) / k["fy"] * z, -z], -1)
    world = camera @ pose[:3, :3].T + pose[:3, 3]
    world = np.stack([world[..., 0], world[..., 2], -world[..., 1]], -1)
    normal = np.cross(_nearer_difference(world, 0), _nearer_difference(world, 1))
    normal /= np.linalg.norm(normal, axis=-1, keepdims=True) + 1e-12
    return world, normal.astype(np.float32), (z / k["fx"]).astype(np.float32)


def cloud_match(folder: Path, target: int, least_up: float = 0.08) -> float:
    """How closely a target's sky follows the product's tile of clouds: correlation of greyness with density, both less
    what is linear and square in direction (the sky's own colours); directions ``least_up`` or more above the horizon.
    """
    meta = json.loads((folder / "meta.json").read_text())
    k, turn = meta["intrinsics"], np.asarray(meta["camera_to_world"], np.float64)[:3, :3]
    u, v = np.meshgrid(np.arange(meta["width"]) + 0.5, np.arange(meta["height"]) + 0.5)
    ray = np.stack([(u - k["cx"]) / k["fx"], -(v - k["cy"]) / k["fy"], -np.ones_like(u)], -1) @ turn.T
    x, y, up = np.moveaxis(ray / np.linalg.norm(ray, axis=-1, keepdims=True), -1, 0)
    scale = TILE_PX / TILE_SPAN / (np.maximum(up, 0) + HORIZON)
    at_x, at_z = (x * scale).astype(np.float32), (-y * scale).astype(np.float32)
    density = cv2.remap(cloud_tile(), at_x, at_z, cv2.INTER_LINEAR, borderMode=cv2.BORDER_WRAP)
    data = np.frombuffer((folder / meta["targets"][target]["file"]).read_bytes(), np.uint8)
    bgr = np.asarray(cv2.imdecode(data, cv2.IMREAD_COLOR), np.float64)
    sky = np.isinf(depth_m(folder)) & (up > least_up)
    smooth = np.stack([np.ones_like(up), up, up**2, x, y], -1)[sky]

    def uneven(values: F64) -> F64:
        return np.asarray(values - smooth @ np.linalg.lstsq(smooth, values, rcond=None)[0], np.float64)

    grey = uneven(bgr[..., 2][sky] - bgr[..., 0][sky])
    return float(np.corrcoef(grey, uneven(np.asarray(density, np.float64)[sky]))[0, 1])


def _nearer_difference(world: F64, axis: int) -> F64:
    """The smaller of the two one-sided differences along an image axis: normals hold up to the edges of things."""
    step = np.diff(world, axis=axis)
    pad = [(0, 0)] * 3
    pad[axis] = (0, 1)
    ahead = np.pad(step, pad, mode="edge")
    pad[axis] = (1, 0)
    behind = np.pad(step, pad, mode="edge")
    nearer = np.linalg.norm(ahead, axis=-1) < np.linalg.norm(behind, axis=-1)
    return np.asarray(np.where(nearer[..., None], ahead, behind), np.float64)


def _fine(picture: F32) -> F32:
    return np.asarray(picture - cv2.blur(picture, (9, 9)), np.float32)


def matches(folder: Path, names: list[str] | None = None, least_px: int = 300) -> list[Match]:
    """For each material of a folder with enough pixels the field of ``names`` (default: all) that it follows best."""
    meta = json.loads((folder / "meta.json").read_text())
    names = list(bank.FIELDS) if names is None else names
    world, normal, footprint = positions(folder)
    plane = planes_of(normal)
    data = np.frombuffer((folder / meta["targets"][0]["albedo"]).read_bytes(), np.uint8)
    albedo = _fine(np.log(np.asarray(cv2.imdecode(data, cv2.IMREAD_GRAYSCALE), np.float32) + 8))
    label = np.asarray(cv2.imdecode(np.frombuffer((folder / "label.png").read_bytes(), np.uint8), cv2.IMREAD_UNCHANGED))
    details = [_fine(lookup(product_atlas(n), 0, world, plane, footprint)) for n in names]
    found = []
    for code in np.unique(label):
        inside = cv2.erode((label == code).astype(np.uint8), np.ones((5, 5), np.uint8)) > 0
        if meta["labels"][code] == "sky" or inside.sum() < least_px:
            continue
        scores = [
            float(np.corrcoef(d[inside], albedo[inside])[0, 1]) if d[inside].std() > 1e-4 else 0.0 for d in details
        ]
        best = int(np.argmax(scores))
        found.append(Match(meta["labels"][code], names[best], int(inside.sum()), scores[best]))
    return found
