"""Rendered pairs on disk -> samples in memory, through a cache that holds everything the training loop needs.

A sample is one low-fidelity frame with its geometry, its targets and the field lookup of every pixel. The data's world
has +Z up; it becomes the product's +Y up here and nowhere else, so features and lookups are those of the run time.
"""

from __future__ import annotations

import hashlib
import json
import math
import os
import zlib
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import torch

from framegen.errors import MediaError
from framegen.frame import F32, F64, U8, Camera
from framegen.ops import features as ft
from framegen.ops.fields import LEVELS, UNITS_PER_LOG, FieldAtlas, levels_of, lookup

Y_UP_FROM_Z_UP: F64 = np.array([[1, 0, 0, 0], [0, 0, 1, 0], [0, -1, 0, 0], [0, 0, 0, 1]], np.float64)
FULL_FORM_SEED = 436
"""From this seed on pairs carry albedo and labels, and their detail has the fields' phase."""
RESERVED_SEED = 900_000
NO_FIELD = 255
SMOOTH_FIELD = 254
"""In place of a field where the surface's material shows none."""
SKY_RANGE_M = 6.5e4
"""Ranges beyond stand for the sky."""
CACHE_VERSION = 4
MIN_CORRELATION = 0.2


def is_validation(seed: int) -> bool:
    """The fixed held-out scenes: whole seeds, never trained on.

    Below 1100 they are those that the first training run left out (deserts and streets, since the generator's kinds
    went by seed); 1100 to 1199 are rendered for this alone, in all kinds; above, a hash picks a tenth of the seeds,
    whatever their kind.
    """
    if seed < FULL_FORM_SEED:
        return False
    if seed < 1100:
        return seed % 16 in (7, 12)
    return seed < 1200 or zlib.crc32(b"%d" % seed) % 10 == 0


@dataclass(frozen=True)
class Condition:
    """What a target shows: words as the generator uses them, sun (+Y up world, None below the horizon), snow, fog.

    ``prompts`` say it in sentences.
    """

    time_of_day: str
    weather: str
    season: str
    sun: tuple[float, float, float] | None
    snow: float
    fog_per_m: float
    prompts: tuple[str, ...] = ()


@dataclass(eq=False)
class Target:
    """One rendered answer: ``picture`` ``[3, H, W]`` uint8 and the sun-dependent features ``[3, h, w]`` float16."""

    condition: Condition
    picture: torch.Tensor
    sun_features: torch.Tensor


@dataclass(eq=False)
class Sample:
    """One low-fidelity frame, ready to crop.

    ``color``, ``grey`` (or None) ``[3, H, W]`` uint8; ``looks`` ``[N, 3, H, W]``, the same as other games draw it;
    ``range_m`` ``[1, H, W]`` float16, metres along the ray, 65504
    for sky; ``cells`` ``[CHANNELS, h, w]`` float16 without what depends on sun, fog and noise; ``level`` ``[3, 3]``
    world -> level camera; ``rays`` ``[3, h, w]`` float16 unit rays in world axes; ``detail`` ``[K, H, W]`` int8 or
    None; ``field`` ``[h, w]`` uint8, the field to pick or NO_FIELD; ``label`` ``[h, w]`` uint8.
    """

    name: str
    kind: str
    seed: int
    color: torch.Tensor
    grey: torch.Tensor | None
    looks: torch.Tensor
    range_m: torch.Tensor
    cells: torch.Tensor
    level: F32
    rays: torch.Tensor
    detail: torch.Tensor | None
    field: torch.Tensor
    label: torch.Tensor
    targets: list[Target]
    previous: tuple[str, int] | None
    motion_cells: torch.Tensor | None


def find(roots: Iterable[Path]) -> list[Path]:
    """Folders of complete pairs under ``roots``, reserved seeds left out."""
    found = []
    for root in roots:
        for meta in sorted(root.glob("[0-9]*_[0-9]*/meta.json")):
            if int(meta.parent.name.split("_")[0]) < RESERVED_SEED:
                found.append(meta.parent)
    return found


def seed_of(folder: Path) -> int:
    """The scene seed of a pair's folder name ``SEED_CAM[_b]``."""
    return int(folder.name.split("_")[0])


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


def _planar(path: Path) -> U8:
    """``[3, H, W]`` uint8 RGB."""
    return np.ascontiguousarray(read_picture(path)[..., ::-1].transpose(2, 0, 1))


def read_depth(folder: Path, meta: dict[str, Any]) -> F32:
    """``[H, W]`` float32 metres, sky inf."""
    code = read_picture(folder / "depth.png", cv2.IMREAD_UNCHANGED).astype(np.float64)
    near, far = meta["depth_near_m"], meta["depth_far_m"]
    return np.where(code > 0, near * np.exp((code - 1) / 65534 * math.log(far / near)), np.inf).astype(np.float32)


def camera_of(meta: dict[str, Any]) -> Camera:
    """The pair's camera in the product's +Y up world."""
    pose = Y_UP_FROM_Z_UP @ np.asarray(meta["camera_to_world"], np.float64)
    return Camera.perspective(pose, fov_y_rad=meta["fov_y_rad"], aspect=meta["width"] / meta["height"])


def _prepare(folder: Path, atlas: FieldAtlas) -> dict[str, Any]:
    meta = json.loads((folder / "meta.json").read_text())
    seed, width, height = int(meta["seed"]), int(meta["width"]), int(meta["height"])
    h, w = height // ft.CELL_PX, width // ft.CELL_PX
    depth = read_depth(folder, meta)
    camera = camera_of(meta)
    rays = ft.rays_of(camera, width, height)
    base = ft.cell_features((width, height), depth, rays, None, 0.0, None)
    out: dict[str, Any] = {
        "color": _planar(folder / "lf.webp"),
        "range_m": np.minimum(depth * rays.stretch, 65504.0).astype(np.float16)[None],
        "cells": base.features.astype(np.float16),
        "level": rays.level,
    }
    ray = rays.columns[:, None, ft.SAMPLE_PX :: 4] + rays.rows[:, ft.SAMPLE_PX :: 4, None]
    out["rays"] = (ray / np.linalg.norm(ray, axis=0)).astype(np.float16)
    if (folder / "grey.webp").exists():
        out["grey"] = _planar(folder / "grey.webp")
    looks = [_planar(path) for path in sorted(folder.glob("lf_*.webp"))]
    out["looks"] = np.stack(looks) if looks else np.zeros((0, 3, height, width), np.uint8)
    label = np.zeros((h, w), np.uint8)
    if (folder / "label.png").exists():
        label = read_picture(folder / "label.png", cv2.IMREAD_UNCHANGED)[ft.SAMPLE_PX :: 4, ft.SAMPLE_PX :: 4]
    out["label"] = label
    out["field"] = np.full((h, w), NO_FIELD, np.uint8)
    for i, target in enumerate(meta["targets"]):
        out[f"picture_{i}"] = _planar(folder / target["file"])
        sun = sun_of(target["sun_azimuth_deg"], target["sun_elevation_deg"])
        lit = np.zeros((3, h, w), np.float16)
        if sun is not None:
            with_sun = ft.cell_features((width, height), depth, rays, np.asarray(sun, np.float32), 0.0, None).features
            lit = with_sun[[ft.RAY_SUN, ft.FACING_SUN, ft.SHADOW]].astype(np.float16)
        out[f"sun_{i}"] = lit
    if seed >= FULL_FORM_SEED and base.plane is not None and base.footprint_m is not None:
        out["detail"], out["field"] = _fields(folder, meta, atlas, depth, rays, base)
    if "previous" in meta and seed >= FULL_FORM_SEED:
        out["motion_cells"] = _motion(folder, meta, depth, camera)
    return out


def _fields(
    folder: Path, meta: dict[str, Any], atlas: FieldAtlas, depth: F32, rays: ft.Rays, base: ft.CellGeometry
) -> tuple[Any, U8]:
    """The detail of every field at every pixel ``[K, H, W]`` int8, and the field that each cell's albedo follows.

    A label of a scene follows the field whose detail correlates best with the rendered albedo on its pixels.
    """
    assert base.plane is not None and base.footprint_m is not None
    height, width = depth.shape
    plane = base.plane.repeat(ft.CELL_PX, 0).repeat(ft.CELL_PX, 1)
    footprint = base.footprint_m.repeat(ft.CELL_PX, 0).repeat(ft.CELL_PX, 1)
    ray = rays.columns[:, None, :].astype(np.float64) + rays.rows[:, :, None]
    world = np.moveaxis(ray * np.minimum(depth, ft.FAR_M), 0, -1) + rays.position
    ground = np.isfinite(depth)
    detail = np.stack([lookup(atlas, k, world, plane, footprint) * ground for k in range(atlas.count)])
    packed = np.clip(np.rint(detail * UNITS_PER_LOG), -127, 127).astype(np.int8)
    label: U8 = read_picture(folder / "label.png", cv2.IMREAD_UNCHANGED)
    choice = np.full((height // 4, width // 4), NO_FIELD, np.uint8)

    def fine(a: F32) -> F32:
        return np.asarray(a - cv2.blur(a, (9, 9)), np.float32)

    albedo = fine(
        np.log(read_picture(folder / meta["targets"][0]["albedo"], cv2.IMREAD_GRAYSCALE).astype(np.float32) + 8)
    )
    details = [fine(d) for d in detail]
    cell_label = label[ft.SAMPLE_PX :: 4, ft.SAMPLE_PX :: 4]
    for code in np.unique(label):
        inside = cv2.erode((label == code).astype(np.uint8), np.ones((5, 5), np.uint8)) > 0
        if inside.sum() < 600:
            continue
        scores = np.zeros(atlas.count)
        for k, d in enumerate(details):
            seen = inside & (np.abs(d) > 1e-4)
            if seen.sum() > 400:
                scores[k] = np.corrcoef(d[seen], albedo[seen])[0, 1]
        best = int(scores.argmax())
        if scores[best] >= MIN_CORRELATION:
            level = levels_of(base.footprint_m, np.full(choice.shape, best), atlas)
            choice[(cell_label == code) & (level < LEVELS - 1)] = best
    return packed, choice


def _motion(folder: Path, meta: dict[str, Any], depth: F32, camera: Camera) -> Any:
    """``[3, h, w]`` float16 for the second frame of a sequence: (x, y) of each cell's centre in the first frame,
    in cells, and whether it is seen there (1) or hidden (0)."""
    first = folder.parent / meta["previous"]["folder"]
    if not (first / "meta.json").exists():
        return np.zeros((3, depth.shape[0] // 4, depth.shape[1] // 4), np.float16)
    before = json.loads((first / "meta.json").read_text())
    old, old_depth = camera_of(before), read_depth(first, before)
    height, width = depth.shape
    rays = ft.rays_of(camera, width, height)
    z = np.minimum(depth[2::4, 2::4], ft.FAR_M).astype(np.float64)
    ray = rays.columns[:, None, 2::4].astype(np.float64) + rays.rows[:, 2::4, None]
    world = np.moveaxis(ray * z, 0, -1) + rays.position
    view = world @ old.view_from_world[:3, :3].T + old.view_from_world[:3, 3]
    ahead = np.maximum(-view[..., 2], 1e-3)
    px = (view[..., 0] / ahead * old.clip_from_view[0, 0] + 1) * width / 2
    py = (1 - view[..., 1] / ahead * old.clip_from_view[1, 1]) * height / 2
    ix, iy = np.floor(px).astype(int), np.floor(py).astype(int)
    inside = (ix >= 0) & (iy >= 0) & (ix < width) & (iy < height) & (view[..., 2] < -0.05)
    seen = np.minimum(old_depth[np.clip(iy, 0, height - 1), np.clip(ix, 0, width - 1)], ft.FAR_M)
    trust = inside & (np.abs(seen - ahead) < 0.05 * ahead)
    # the sample lies at pixel centre 2.5 of its cell, half a pixel from the cell's own centre
    return np.stack([(px - 0.5) / 4 - 0.5, (py - 0.5) / 4 - 0.5, trust]).astype(np.float16)


def cache_folder() -> Path:
    """Where prepared samples are kept: ``FRAMEGEN_CACHE`` or the user's cache directory."""
    base = os.environ.get("FRAMEGEN_CACHE") or os.environ.get("XDG_CACHE_HOME") or str(Path.home() / ".cache")
    return Path(base) / "framegen" / "pairs"


def _previous(meta: dict[str, Any]) -> tuple[str, int] | None:
    before = meta.get("previous")
    if not before or int(meta["seed"]) < FULL_FORM_SEED:
        return None
    target = before["target"]
    digits = "".join(ch for ch in str(target) if ch.isdigit())
    return str(before["folder"]), int(digits or 0)


def load(folder: Path, atlas: FieldAtlas) -> Sample:
    """One sample, from the cache where it is there and fresh."""
    key = hashlib.sha1(f"{folder.resolve()}|{CACHE_VERSION}|{atlas.names}".encode()).hexdigest()[:16]
    path = cache_folder() / f"{folder.name}-{key}.npz"
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        part = path.with_suffix(f".{os.getpid()}.part.npz")
        np.savez(part, **_prepare(folder, atlas))
        os.replace(part, path)
    meta = json.loads((folder / "meta.json").read_text())
    with np.load(path) as data:
        arrays = {k: torch.from_numpy(data[k]) for k in data.files}
    targets = []
    for i, t in enumerate(meta["targets"]):
        condition = Condition(
            t["time_of_day"],
            t["weather"],
            t["season"],
            sun_of(t["sun_azimuth_deg"], t["sun_elevation_deg"]),
            float(t["snow"]),
            float(t["fog_density"]),
            tuple(t.get("prompts", ())),
        )
        targets.append(Target(condition, arrays[f"picture_{i}"], arrays[f"sun_{i}"]))
    return Sample(
        name=folder.name,
        kind=meta["kind"],
        seed=int(meta["seed"]),
        color=arrays["color"],
        grey=arrays.get("grey"),
        looks=arrays["looks"],
        range_m=arrays["range_m"],
        cells=arrays["cells"],
        level=arrays["level"].numpy(),
        rays=arrays["rays"],
        detail=arrays.get("detail"),
        field=arrays["field"],
        label=arrays["label"],
        targets=targets,
        previous=_previous(meta),
        motion_cells=arrays.get("motion_cells"),
    )
