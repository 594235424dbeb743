"""Kernels do not check indices; here they do, in a process and with a cache of their own."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

LIFT = """
import numpy as np
from framegen.ops.lift import lift
for height, width, h, w in ((1, 1, 1, 1), (5, 7, 1, 3), (33, 17, 9, 5), (64, 96, 64, 96), (90, 161, 37, 41)):
    guide, small = np.full((height, width, 3), 90, np.uint8), np.full((h, w, 3), 60, np.uint8)
    assert lift(guide, small, small).shape == guide.shape
"""
LIGHTS = """
import numpy as np
from framegen.frame import Camera
from framegen.ops import features as ft
from framegen.ops import lights
kind, color = np.full((32, 48), 1, np.uint8), np.full((32, 48, 3), 90, np.uint8)
pose = np.eye(4)
pose[:3, 3] = (-1e6, 1.7, 33.0)
rays = ft.rays_of(Camera.perspective(pose, fov_y_rad=1.0, aspect=1.5), 48, 32)
place = ft.CellGeometry(np.zeros((ft.CHANNELS, 8, 12), np.float32), None, None, rays)
for depth in (5.0, 0.0, np.inf, np.nan):
    found = lights.find(kind, color, place, np.full((32, 48), depth, np.float32), None, None)
    found.shine(color, 1.0)
"""
COMPOSE = """
import dataclasses
import numpy as np
from framegen.engines.embedded.network import FOLDER
from framegen.frame import Camera
from framegen.ops import features as ft
from framegen.ops import layout
from framegen.ops.compose import Composer, blank_survey
from framegen.ops.fields import load_atlas
from framegen.ops.kernels.features import fast_cell_features
from framegen.ops.kernels.survey import survey
composer, color = Composer(load_atlas(FOLDER)), np.full((32, 48, 3), 90, np.uint8)
latent = np.full((8, 12, layout.KEPT), 0.5, np.float32)
latent[..., layout.PICK] = 1
pose = np.eye(4)
pose[:3, 3] = (-1e6, 1.7, 33.0)
plain = Camera.perspective(pose, fov_y_rad=1.0, aspect=1.5)
flat = dataclasses.replace(plain, clip_from_view=np.diag([0.08, 0.1, -0.01, 1.0]))
usual = [ft.rays_of(camera, 48, 32) for camera in (plain, flat)]
lost = [dataclasses.replace(usual[0], position=np.array((np.nan, 0.0, np.inf)))]
for far in (np.inf, np.nan, 3e38):
    lost.append(dataclasses.replace(usual[0], columns=usual[0].columns * np.float32(far), pixel_m=far))
for rays in usual + lost:
    for value in (5.0, 0.0, -5.0, -3e38, 3e38, np.inf, -np.inf, np.nan, 1e-42):
        depth = np.full((32, 48), 4.0, np.float32)
        depth[8:20, 8:31] = value
        place = fast_cell_features((48, 32), depth, rays, np.array((0, 0.8, 0.6), np.float32), 0.01, None)
        found = blank_survey(depth)
        survey(0, 8, depth, rays.stretch, 0.01, np.float32(0.1), *found.found)
        composer.compose(latent, color, found, place)
"""
FILL = """
import numpy as np
from framegen.ops.atrous_reference import GUIDE
from framegen.ops.fill import fill
for height, width in ((1, 1), (1, 50), (50, 1), (23, 60)):
    trust = (np.arange(height * width).reshape(height, width) % 37 == 0).astype(np.float32)
    fill(np.ones((height, width, 5), np.float32), trust, np.zeros((GUIDE, height, width), np.float32), 1)
"""

CASES = [("half", ""), ("lift", LIFT), ("lights", LIGHTS), ("choice", ""), ("compose", COMPOSE), ("fill", FILL)]


@pytest.mark.parametrize(("module", "more"), CASES)
def test_no_kernel_leaves_its_arrays(module: str, more: str, tmp_path: Path, root: Path) -> None:
    code = f"from framegen.ops.kernels import {module}\n{module}.warm_up()\n{more}"
    checked = {**os.environ, "NUMBA_BOUNDSCHECK": "1", "NUMBA_CACHE_DIR": str(tmp_path)}
    checked |= {"NUMBA_LOOP_VECTORIZE": "0", "NUMBA_SLP_VECTORIZE": "0"}  # quicker to compile, the same indices
    done = subprocess.run(
        [sys.executable, "-c", code], check=False, capture_output=True, text=True, timeout=300, cwd=root, env=checked
    )
    assert done.returncode == 0, done.stderr[-2000:]
