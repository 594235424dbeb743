"""Meshes are closed and look outwards, and splitting them loses nothing."""

from __future__ import annotations

import numpy as np
import pytest

from framegen.demo import figures, props
from framegen.demo import materials as m
from framegen.demo.facade import REVEAL_M, Facade
from framegen.demo.houses import house, random_style
from framegen.demo.materials import LABELS, PATTERNS, pattern_layers, srgb8
from framegen.demo.mesh import Mesh, MeshBuilder, rotation_z, translation
from framegen.demo.scene import clusters


def volume(mesh: Mesh) -> float:
    """Cubic metres inside of a closed surface that looks outwards (divergence theorem)."""
    a, b, c = np.moveaxis(mesh.positions[mesh.triangles].astype(np.float64), 1, 0)
    return float(np.sum(a * np.cross(b, c)) / 6)


def corners(mesh: Mesh) -> np.ndarray:
    """Triangles as sorted rows of numbers, whatever their order."""
    rows = np.concatenate(
        [mesh.positions[mesh.triangles].reshape(-1, 9), mesh.colors[mesh.triangles].reshape(-1, 12)], axis=1
    )
    return rows[np.lexsort(rows.T)]


def test_a_box_has_its_volume_wherever_it_stands() -> None:
    builder = MeshBuilder()
    with builder.at(translation(5, -3, 2)), builder.at(rotation_z(0.7)):
        builder.box((0, 0, 0), (1, 2, 3), m.STONE, faces="nsewtb")
    mesh = builder.build()
    assert volume(mesh) == pytest.approx(6.0, rel=1e-5)
    assert len(mesh.triangles) == 12
    np.testing.assert_allclose(np.linalg.norm(mesh.normals, axis=1), 1.0, atol=1e-6)
    assert (mesh.colors == (*srgb8(m.STONE.albedo), LABELS.index("stone"))).all()


def test_bodies_of_revolution_and_blobs_look_outwards() -> None:
    builder = MeshBuilder()
    builder.lathe([(1.0, 0.0), (1.0, 2.0)], m.STONE, sides=64)
    assert volume(builder.build()) == pytest.approx(2 * np.pi, rel=0.01)
    blob = MeshBuilder()
    blob.blob((0, 0, 0), (1, 2, 3), m.LEAVES, np.random.default_rng(0), sides=24)
    assert volume(blob.build()) == pytest.approx(4 / 3 * np.pi * 6, rel=0.15)


@pytest.mark.parametrize("paint", m.PAINTS[:4])
def test_cars_are_solid(paint: m.Material) -> None:
    builder = MeshBuilder()
    figures.car(builder, np.random.default_rng(int(100 * paint.albedo[0])), paint)
    mesh = builder.build()
    assert 3.0 < volume(mesh) < 14.0
    assert mesh.positions[:, 2].min() > -0.02, "it stands on its wheels"


def test_a_house_stands_in_its_plot() -> None:
    for seed in range(6):
        rng = np.random.default_rng(seed)
        builder = MeshBuilder()
        style = random_style(rng, ("shop", "townhouse", "block", "cottage")[seed % 4])
        house(builder, rng, style, 8.0, 10.0, open_sides="wne")
        mesh = builder.build()
        low, high = mesh.positions.min(0), mesh.positions.max(0)
        assert low[0] > -1.5 and high[0] < 9.5 and low[1] > -1.5 and high[1] < 11.5
        assert low[2] >= -1e-6 and high[2] >= style.wall_m
        labels = {LABELS[value] for value in np.unique(mesh.colors[:, 3])}
        assert "glass" in labels and "roof" in labels and "wood" in labels


def test_a_facade_leaves_no_hole_in_the_wall() -> None:
    """Seen from the front, the wall around the openings and what fills them cover more than the wall's whole plan."""
    builder = MeshBuilder()
    style = random_style(np.random.default_rng(2), "townhouse")
    Facade(builder, style, 9.0).build(np.random.default_rng(3), front=False)
    mesh = builder.build()
    a, b, c = np.moveaxis(mesh.positions[mesh.triangles].astype(np.float64), 1, 0)
    area = 0.5 * np.cross(b - a, c - a)[:, 1]
    on_wall = (np.abs(a[:, 1]) < 1e-6) & ~mesh.fine
    windows = (np.abs(a[:, 1] - REVEAL_M) < 1e-6) & ~mesh.fine
    assert -area[on_wall].sum() < 9.0 * style.wall_m < -area[on_wall | windows].sum()


def test_a_stamp_is_the_same_thing_again() -> None:
    rng = np.random.default_rng(4)
    model = MeshBuilder()
    props.tree(model, rng, 6.0)
    once = MeshBuilder()
    once.stamp(model, translation(3, 4))
    np.testing.assert_allclose(once.build().positions, model.build().positions + np.array((3, 4, 0)), atol=1e-5)


def test_splitting_loses_nothing() -> None:
    builder = MeshBuilder()
    rng = np.random.default_rng(5)
    for k in range(12):
        with builder.at(translation(*rng.uniform(-50, 50, 2)) @ rotation_z(float(k % 3))):
            props.tree(builder, rng, 5.0)
            builder.box((0, 0, 0), (2, 2, 2), m.BRICKS[0])
    mesh = builder.build()
    parts = clusters(mesh, 20.0)
    assert len(parts) > 12
    joined = Mesh(
        np.concatenate([part.mesh.positions for part in parts]),
        np.concatenate([part.mesh.normals for part in parts]),
        np.concatenate([part.mesh.colors for part in parts]),
        np.concatenate([part.mesh.texcoords for part in parts]),
        np.concatenate(
            [
                part.mesh.triangles + start
                for part, start in zip(
                    parts, np.cumsum([0] + [len(part.mesh.positions) for part in parts[:-1]]), strict=True
                )
            ]
        ),
        np.concatenate([part.mesh.fine for part in parts]),
    )
    assert np.array_equal(corners(joined), corners(mesh))
    assert joined.fine.sum() == mesh.fine.sum()
    for part in parts:
        if part.facing.any():
            a, b, c = np.moveaxis(part.mesh.positions[part.mesh.triangles].astype(np.float64), 1, 0)
            looks = np.cross(b - a, c - a)
            looks /= np.linalg.norm(looks, axis=1, keepdims=True)
            np.testing.assert_allclose(looks, np.broadcast_to(part.facing, looks.shape), atol=0.02)


def test_patterns_tile_and_keep_the_albedo() -> None:
    layers = pattern_layers().astype(float)
    assert layers.shape == (len(PATTERNS), 64, 64)
    np.testing.assert_allclose(layers.mean(axis=(1, 2)), 128, atol=1.5)
    assert (layers[0] == 128).all()
    seam = np.abs(layers[PATTERNS.index("grass")][:, 0] - layers[PATTERNS.index("grass")][:, -1]).mean()
    inside = np.abs(np.diff(layers[PATTERNS.index("grass")], axis=1)).mean()
    assert seam < 2 * inside
