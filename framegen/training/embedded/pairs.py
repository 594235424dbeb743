"""Rendered pairs on disk -> samples in memory, through a cache that holds everything the training loop needs.

A sample is one low-fidelity frame with its geometry, its targets and the field lookup of every pixel.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import torch

from framegen.errors import MediaError
from framegen.frame import F32, U8, Camera
from framegen.ops import features as ft
from framegen.ops import layout
from framegen.ops.fields import LEVELS, UNITS_PER_LOG, FieldAtlas, levels_of, lookup, suited
from framegen.training.embedded import cache
from framegen.training.embedded.folders import (
    camera_of,
    previous_of,
    read_depth,
    read_meta,
    read_picture,
    sun_of,
    under,
)

HEIGHT, WIDTH = 288, 512
"""Of the rendered pictures that training takes, in pixels."""
FULL_FORM_SEED = 436
"""From this seed on pairs carry albedo and labels, and their detail has the fields' phase."""
RESERVED_SEED = 900_000
NO_FIELD = 255
SMOOTH_FIELD = 254
"""In place of a field where the surface's material shows none."""
SKY_RANGE_M = 6.5e4
"""Ranges beyond stand for the sky."""
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
    None; ``field`` ``[h, w]`` uint8, the field to pick or NO_FIELD; ``label`` ``[h, w]`` uint8; ``suited`` ``[h, w]``
    int32, the fields that can show it (:func:`framegen.ops.fields.suited`).
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
    suited: torch.Tensor
    targets: list[Target]
    previous: tuple[str, int] | None
    motion_cells: torch.Tensor | None


def find(roots: Iterable[Path]) -> list[Path]:
    """Folders of complete pairs under ``roots``, reserved seeds left out."""
    return [folder for root in roots for folder in under(root) if seed_of(folder) < RESERVED_SEED]


def seed_of(folder: Path) -> int:
    """The scene seed of a pair's folder name ``SEED_CAM[_b]``."""
    return int(folder.name.split("_")[0])


def _planar(path: Path) -> U8:
    """``[3, H, W]`` uint8 RGB."""
    return np.ascontiguousarray(_plane(path, cv2.IMREAD_COLOR)[..., ::-1].transpose(2, 0, 1))


def _plane(path: Path, how: int = cv2.IMREAD_UNCHANGED) -> Any:
    found = read_picture(path, how)
    if found.shape[:2] != (HEIGHT, WIDTH):
        raise MediaError(f"{path} is not of {WIDTH}x{HEIGHT} pixels, which training takes.")
    return found


def _prepare(folder: Path, meta: dict[str, Any], atlas: FieldAtlas) -> dict[str, Any]:
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
        label = _plane(folder / "label.png")[ft.SAMPLE_PX :: 4, ft.SAMPLE_PX :: 4]
        if label.max() >= len(layout.LABELS):
            raise MediaError(f"{folder / 'label.png'} has codes that name no material.")
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
    before = read_meta(first)
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
    x, y = (np.clip((p - 0.5) / 4 - 0.5, -6e4, 6e4) for p in (px, py))
    return np.stack([x, y, trust]).astype(np.float16)


def load(folder: Path, atlas: FieldAtlas) -> Sample:
    """One sample, from the cache where it is there and fresh. Raises MediaError: files are damaged or missing."""
    meta = read_meta(folder)
    kept = cache.kept(folder, atlas.names, lambda: _prepare(folder, meta, atlas))
    arrays = {name: torch.from_numpy(array) for name, array in kept.items()}
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
        suited=torch.from_numpy(suited(atlas.names).astype(np.int32))[arrays["label"].long()],
        targets=targets,
        previous=previous_of(meta) if int(meta["seed"]) >= FULL_FORM_SEED else None,
        motion_cells=arrays.get("motion_cells"),
    )


def load_whole(folder: Path, atlas: FieldAtlas) -> Sample | None:
    """One sample; None, and a line that says why, where the folder is damaged: one bad file must not end a long run."""
    try:
        return load(folder, atlas)
    except (MediaError, OSError, KeyError, ValueError, TypeError) as error:
        print(f"skipped {folder.name}: {error}", flush=True)
        return None
