"""World-anchored detail: phase, planes, levels, far from the origin."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from framegen.engines.embedded.network import FOLDER
from framegen.ops import fields as fd
from framegen.ops import layout


@pytest.fixture(scope="module")
def atlas() -> fd.FieldAtlas:
    return fd.load_atlas(FOLDER)


def test_shipped_atlas_matches_the_layout(atlas: fd.FieldAtlas) -> None:
    assert atlas.count == layout.FIELDS
    tile = atlas.pixels[2:514, 2:514].astype(float)
    assert abs(tile.mean() - 128) < 3, "detail must neither brighten nor darken"
    assert tile.std() > 4


def test_every_material_has_fields_that_suit_it(atlas: fd.FieldAtlas) -> None:
    suited = fd.suited(atlas.names)
    assert suited.shape == (len(layout.LABELS),)
    assert (suited > 0).all()
    assert set(layout.TEXTURES) <= set(layout.LABELS) - layout.SMOOTH

    def shown(material: str) -> set[str]:
        bits = int(suited[layout.LABELS.index(material)])
        return {name for k, name in enumerate(atlas.names) if bits >> k & 1}

    assert shown("brick") == {"brick"}
    assert shown("foliage") == {"undergrowth", "grass"}
    assert shown("unknown") == set(atlas.names)


def _gradient() -> fd.FieldAtlas:
    ramp = np.tile(np.arange(64, dtype=np.uint8)[None] * 2 + 60, (64, 1))
    return fd.build_atlas([ramp], [2.0], ["ramp"])


@pytest.mark.parametrize(
    ("plane", "axis", "sign"),
    [(fd.PLANE_GROUND, 0, 1), (fd.PLANE_WALL_X, 2, -1), (fd.PLANE_WALL_Z, 0, 1)],
)
def test_columns_run_along_the_stated_axis(plane: int, axis: int, sign: int) -> None:
    world = np.zeros((1, 5, 3))
    world[0, :, axis] = sign * np.linspace(0.3, 1.7, 5)
    found = fd.lookup(_gradient(), 0, world, np.full((1, 5), plane, np.uint8), np.full((1, 5), 1e-3, np.float32))
    assert (np.diff(found[0]) > 0.1).all()


@settings(deadline=None)
@given(st.integers(-10_000, 10_000), st.floats(0.05, 1.95))
def test_tiles_repeat_far_from_the_origin(tiles: int, x: float) -> None:
    atlas = _gradient()
    world = np.array([[[x, 0, 0.5], [x + 2.0 * tiles, 0, 0.5]]])
    found = fd.lookup(atlas, 0, world, np.zeros((1, 2), np.uint8), np.full((1, 2), 1e-3, np.float32))
    assert abs(found[0, 0] - found[0, 1]) < 2e-2


def test_coarser_levels_lose_contrast_down_to_nothing(atlas: fd.FieldAtlas) -> None:
    rng = np.random.default_rng(0)
    world = rng.uniform(0, 50, (64, 64, 3))
    plane = np.zeros((64, 64), np.uint8)
    spread = [
        fd.lookup(atlas, 0, world, plane, np.full((64, 64), f, np.float32)).std() for f in (1e-3, 0.015, 0.05, 10.0)
    ]
    assert spread[0] > spread[1] > spread[2] > spread[3] == 0


def test_planes_face_the_normal() -> None:
    normals = np.array([[0, 1, 0], [0, -1, 0], [1, 0.2, 0], [0.1, 0, -1]], np.float32)
    assert fd.planes_of(normals).tolist() == [fd.PLANE_GROUND] * 2 + [fd.PLANE_WALL_X, fd.PLANE_WALL_Z]
