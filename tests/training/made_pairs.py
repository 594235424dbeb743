"""A folder of pairs as the generator writes them, small and made from arithmetic."""

from __future__ import annotations

import json
import math
from pathlib import Path

import cv2
import numpy as np

WIDTH, HEIGHT = 512, 288
SEED = 439 + 16 * 3 + 1
"""A training scene in the full form: not held out."""
LABELS = ["unknown", "sky", "soil", "grass"]


def write_pair(root: Path, seed: int, second: bool = False) -> Path:
    """A floor under sky with two targets (noon; foggy night); the ``second`` frame stands 0.1 m further on."""
    folder = root / (f"{seed:06d}_0" + ("_b" if second else ""))
    folder.mkdir(parents=True)
    fov = 1.0
    pose = np.eye(4)
    pose[:3, :3] = [[1, 0, 0], [0, 0, -1], [0, 1, 0]]  # looks along +Y, +Z up
    pose[:3, 3] = (2.0, 0.1 if second else 0.0, 1.7)
    y = (np.arange(HEIGHT) + 0.5)[:, None] * 2 / HEIGHT - 1
    depth = np.where(y > 0.02, 1.7 / np.maximum(y * math.tan(fov / 2), 1e-6), np.inf) * np.ones((1, WIDTH))
    near, far = 0.05, 10000.0
    code = np.where(np.isinf(depth), 0, 1 + 65534 * np.log(np.minimum(depth, far - 1) / near) / math.log(far / near))
    cv2.imwrite(str(folder / "depth.png"), code.astype(np.uint16))
    sky = np.isinf(depth)[..., None]
    rng = np.random.default_rng(seed)
    grain = rng.integers(-20, 20, (HEIGHT, WIDTH, 1))
    color = np.where(sky, (230, 180, 130), np.clip(np.array([90, 110, 120]) + grain, 0, 255)).astype(np.uint8)
    for name, picture in (("lf", color), ("grey", color // 2 + 60)):
        cv2.imwrite(str(folder / f"{name}.webp"), picture, [cv2.IMWRITE_WEBP_QUALITY, 100])
    cv2.imwrite(str(folder / "label.png"), np.where(sky[..., 0], 1, 3).astype(np.uint8))
    looks = [("noon", "clear", 50.0, 5e-4, 1.1), ("night", "fog", -10.0, 0.02, 0.3)][: 1 if second else 2]
    targets = []
    for i, (time, weather, elevation, fog, gain) in enumerate(looks):
        cv2.imwrite(str(folder / f"hf_{i}.webp"), np.clip(color * gain, 0, 255).astype(np.uint8))
        cv2.imwrite(str(folder / f"albedo_{i}.webp"), color)
        targets.append(
            {
                "file": f"hf_{i}.webp",
                "albedo": f"albedo_{i}.webp",
                "time_of_day": time,
                "weather": weather,
                "season": "summer",
                "snow": 0.0,
                "fog_density": fog,
                "sun_azimuth_deg": 30.0,
                "sun_elevation_deg": elevation,
            }
        )
    meta = {
        "kind": "nature",
        "seed": seed,
        "width": WIDTH,
        "height": HEIGHT,
        "fov_y_rad": fov,
        "camera_to_world": pose.tolist(),
        "depth_near_m": near,
        "depth_far_m": far,
        "labels": LABELS,
        "targets": targets,
    }
    if second:
        meta["previous"] = {"folder": f"{seed:06d}_0", "target": "hf_0.webp"}
    (folder / "meta.json").write_text(json.dumps(meta))
    return folder
