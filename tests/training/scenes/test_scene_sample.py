"""A small rendered sample: its planes fit together, its second frame follows, its textures are where the product looks.

The folders were rendered by the generator at 320x180: kind town, seed 3, 4 samples a pixel, one condition; kind coast,
seed 31, 3 samples, two conditions.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest

from framegen.ops.layout import LABELS
from framegen.training.scenes.agreement import cloud_match, matches, positions
from framegen.training.scenes.labels import SKY
from framegen.training.scenes.sheet import depth_m, write_sheet

SAMPLE = Path(__file__).parent / "sample"
FIRST, SECOND, SHORE = SAMPLE / "000003_0", SAMPLE / "000003_0_b", SAMPLE / "000031_0"


def meta_of(folder: Path) -> dict[str, Any]:
    meta: dict[str, Any] = json.loads((folder / "meta.json").read_text())
    return meta


def plane(path: Path) -> Any:
    return cv2.imdecode(np.frombuffer(path.read_bytes(), np.uint8), cv2.IMREAD_UNCHANGED)


@pytest.mark.parametrize("folder", [FIRST, SECOND, SHORE])
def test_the_folder_is_whole_and_of_one_size(folder: Path) -> None:
    meta = meta_of(folder)
    size = (meta["height"], meta["width"])
    files = ["lf.webp", "lf_1.webp", "grey.webp", "depth.png", "label.png"]
    files += [target[key] for target in meta["targets"] for key in ("file", "albedo", "sun") if target[key]]
    for name in files:
        assert plane(folder / name).shape[:2] == size, name
    assert [look["file"] for look in meta["looks"]] == ["lf.webp", "lf_1.webp"]


def test_labels_are_codes_of_the_product_and_sky_is_where_depth_is_endless() -> None:
    meta = meta_of(FIRST)
    assert meta["labels"] == list(LABELS)[: len(meta["labels"])]
    label = plane(FIRST / "label.png")
    assert label.max() < len(LABELS)
    assert np.array_equal(label == SKY, np.isinf(depth_m(FIRST)))
    seen = {LABELS[code] for code in np.unique(label)}
    assert {"sky", "grass", "foliage", "plaster", "roof", "glass", "paving", "asphalt"} <= seen


def test_the_ground_lies_flat_where_the_camera_says() -> None:
    """Depth and camera together put the lawn within a step of one height, its normals upright."""
    world, normal, _ = positions(FIRST)
    near = (plane(FIRST / "label.png") == LABELS.index("paving")) & (depth_m(FIRST) < 12)
    assert near.sum() > 1000
    assert np.median(normal[near][:, 1]) > 0.99
    assert np.ptp(np.percentile(world[near][:, 1], (10, 90))) < 0.6


def test_the_second_frame_is_the_first_one_moved_and_developed_alike() -> None:
    first, second = meta_of(FIRST), meta_of(SECOND)
    assert second["previous"] == {"folder": FIRST.name, "target": "hf_0.webp"}
    for key in ("exposure", "white_balance", "haze", "weather", "sun_azimuth_deg"):
        assert second["targets"][0][key] == first["targets"][0][key]
    z, before = depth_m(SECOND).astype(np.float64), depth_m(FIRST)
    k = second["intrinsics"]
    v, u = np.mgrid[: z.shape[0], : z.shape[1]] + 0.5
    known = np.isfinite(z)
    z = np.where(known, z, 1.0)
    point = np.stack([(u - k["cx"]) / k["fx"] * z, -(v - k["cy"]) / k["fy"] * z, -z, np.ones_like(z)], -1)
    move = np.linalg.inv(np.array(first["camera_to_world"])) @ np.array(second["camera_to_world"])
    x, y, depth = np.moveaxis((point @ move.T)[..., :3] * (1, 1, -1), -1, 0)
    column = x / depth * k["fx"] + k["cx"]
    row = -y / depth * k["fy"] + k["cy"]
    known &= (column > 1) & (row > 1) & (column < z.shape[1] - 1) & (row < z.shape[0] - 1)
    found = before[row[known].astype(int), column[known].astype(int)]
    assert np.hypot(column - u, row - v)[known].max() > 2
    assert np.mean(np.abs(found / depth[known] - 1) < 0.05) > 0.85


def test_textures_are_where_the_product_looks_them_up() -> None:
    """Each material's albedo follows its own field, at the product's own phase, plane and scale, and no other."""
    names = ["setts", "rough plaster", "slates across", "leaf mass", "slates"]
    found = {match.label: match for match in matches(FIRST, names)}
    for label, field in {"paving": "setts", "roof": "slates across", "foliage": "leaf mass"}.items():
        assert found[label].field == field, found[label]
        assert found[label].correlation > 0.3, found[label]
    assert found["glass"].correlation < 0.25


def test_clouds_stand_where_the_product_puts_them() -> None:
    """Broken clouds follow the product's tile in phase and scale; fog shows none."""
    foggy, cloudy = (target["weather"] for target in meta_of(SHORE)["targets"])
    assert (foggy, cloudy) == ("fog", "partly cloudy")
    assert cloud_match(SHORE, 1) > 0.6
    assert abs(cloud_match(SHORE, 0)) < 0.25


def test_a_sheet_shows_both_frames(tmp_path: Path) -> None:
    write_sheet([FIRST, SECOND], tmp_path / "sheet.webp", width_px=96)
    assert plane(tmp_path / "sheet.webp").shape == (2 * 54, 4 * 96, 3)
