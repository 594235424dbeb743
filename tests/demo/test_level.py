"""A level of the user's own, written here as a glTF binary from its specification, without the loader's help."""

from __future__ import annotations

import json
import struct
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from framegen.demo import materials as m
from framegen.demo.flight import ROUND_S, Flight
from framegen.demo.level import label_of, load_level
from framegen.demo.materials import LABELS
from framegen.demo.mesh import MeshBuilder
from framegen.demo.panda import OpenGLMissing
from framegen.demo.sources import RenderedSource
from framegen.errors import MediaError


def write_glb(path: Path, parts: list[tuple[str, str, tuple[float, float, float], np.ndarray, np.ndarray]]) -> None:
    """``parts``: node name, material name, base colour, positions ``[N, 3]`` (+Y up), triangles ``[M, 3]``."""
    blob = b""
    gltf: dict[str, Any] = {
        "asset": {"version": "2.0"},
        "scene": 0,
        "scenes": [{"nodes": list(range(len(parts)))}],
        "nodes": [],
        "meshes": [],
        "materials": [],
        "accessors": [],
        "bufferViews": [],
    }
    for index, (node, material, color, corners, triangles) in enumerate(parts):
        positions = corners.astype("<f4")
        indices = triangles.astype("<u2").ravel()
        gltf["nodes"].append({"mesh": index, "name": node})
        gltf["materials"].append({"name": material, "pbrMetallicRoughness": {"baseColorFactor": [*color, 1.0]}})
        gltf["meshes"].append(
            {"primitives": [{"attributes": {"POSITION": 2 * index}, "indices": 2 * index + 1, "material": index}]}
        )
        for data, kind, component, count in (
            (positions.tobytes(), "VEC3", 5126, len(positions)),
            (indices.tobytes() + b"\0" * (-indices.nbytes % 4), "SCALAR", 5123, len(indices)),
        ):
            gltf["bufferViews"].append({"buffer": 0, "byteOffset": len(blob), "byteLength": len(data)})
            accessor: dict[str, Any] = {
                "bufferView": len(gltf["bufferViews"]) - 1,
                "componentType": component,
                "count": count,
                "type": kind,
            }
            if kind == "VEC3":
                accessor |= {"min": positions.min(0).tolist(), "max": positions.max(0).tolist()}
            gltf["accessors"].append(accessor)
            blob += data
    gltf["buffers"] = [{"byteLength": len(blob)}]
    text = json.dumps(gltf).encode()
    text += b" " * (-len(text) % 4)
    total = 12 + 8 + len(text) + 8 + len(blob)
    path.write_bytes(
        struct.pack("<III", 0x46546C67, 2, total)
        + struct.pack("<II", len(text), 0x4E4F534A)
        + text
        + struct.pack("<II", len(blob), 0x004E4942)
        + blob
    )


def box(center: tuple[float, float, float], size: tuple[float, float, float]) -> tuple[np.ndarray, np.ndarray]:
    """Corners and outward triangles of a box."""
    signs = np.array([(x, y, z) for x in (-1, 1) for y in (-1, 1) for z in (-1, 1)], float)
    quads = [(0, 1, 3, 2), (4, 6, 7, 5), (0, 4, 5, 1), (2, 3, 7, 6), (0, 2, 6, 4), (1, 5, 7, 3)]
    triangles = [t for a, b, c, d in quads for t in ((a, b, c), (a, c, d))]
    return np.asarray(center) + signs * np.asarray(size) / 2, np.asarray(triangles)


@pytest.fixture
def level(tmp_path: Path) -> Path:
    """A lawn of 40 m by 20 m with a wall 4 m high and an unnamed block on it."""
    path = tmp_path / "level.glb"
    write_glb(
        path,
        [
            ("Floor", "grass_01", (0.1, 0.4, 0.05), *box((0, -0.5, 0), (40, 1, 20))),
            ("House.003", "Brick wall", (0.5, 0.2, 0.1), *box((5, 2, 0), (6, 4, 2))),
            ("Cube", "Material", (1.0, 1.0, 1.0), *box((-8, 1, 3), (2, 2, 2))),
        ],
    )
    return path


def load(path: Path) -> Any:
    try:
        return load_level(path)
    except OpenGLMissing as missing:
        pytest.skip(f"needs panda3d-gltf: {missing.hint}")


def test_a_level_keeps_its_size_and_stands_upright(level: Path) -> None:
    *parts, around = load(level).clusters
    low = np.min([cluster.low for cluster in parts], axis=0)
    high = np.max([cluster.high for cluster in parts], axis=0)
    np.testing.assert_allclose(low, (-20, -10, -1), atol=1e-5)
    np.testing.assert_allclose(high, (20, 10, 4), atol=1e-5)
    assert around.high[2] < low[2] and around.high[0] > 200, "ground goes on around it"


def test_labels_come_from_names(level: Path) -> None:
    labels = {LABELS[cluster.mesh.colors[0, 3]] for cluster in load(level).clusters}
    assert labels == {"grass", "brick", "unknown", "soil"}


@pytest.mark.parametrize(
    ("names", "label"),
    [
        (("wood_planks",), "wood"),
        (("MI_Road_01",), "asphalt"),
        (("Material.004", "Windows"), "glass"),
        (("Material", "CarPaint_red", "Car"), "car paint"),
        (("Cube",), "unknown"),
        (("ROAD MARKING",), "road marking"),
        (("M_TreeTrunk",), "bark"),
        (("Glass", "Window_Left", "Car"), "car window"),
        (("Material", "SkyDome"), "unknown"),
    ],
)
def test_what_names_mean(names: tuple[str, ...], label: str) -> None:
    assert LABELS[label_of(*names)] == label


def test_the_flight_sees_the_level_all_the_time(level: Path) -> None:
    scene = load(level)
    try:
        source = RenderedSource(scene, "level", 256, 144)
    except OpenGLMissing as missing:
        pytest.skip(f"needs OpenGL: run .ci/tools, or {missing.hint}")
    source.step(0.0)
    motion = []
    for _ in range(8):
        source.step(3.0)
        frame = source.step(1 / 30)
        assert frame.depth_m is not None and frame.motion_px is not None
        solid = np.isfinite(frame.depth_m)
        assert solid.mean() > 0.1
        motion.append(np.abs(frame.motion_px[solid]).mean())
    assert np.mean(motion) > 0.5
    source.close()


def test_a_flight_goes_through_the_level_and_into_nothing() -> None:
    rng = np.random.default_rng(5)
    builder = MeshBuilder()
    builder.rectangle(-30, -20, 30, 20, 0.0, m.ASPHALT)
    blocks = []
    for _ in range(25):
        x, y, w, d, h = rng.uniform((-26, -17, 1, 1, 1), (26, 17, 3, 3, 9))
        builder.box((x - w, y - d, 0.0), (x + w, y + d, h), m.CONCRETE)
        blocks.append((x, y, w, d, h))
    mesh = builder.build()
    flight = Flight([mesh], mesh.positions.min(0).astype(float), mesh.positions.max(0).astype(float))
    eyes = np.stack([flight(float(seconds))[:3, 3] for seconds in np.arange(0, ROUND_S, 0.05)])
    assert (np.abs(eyes[:, 0]) < 30).all() and (np.abs(eyes[:, 1]) < 20).all()
    assert eyes[:, 2].min() >= 1.5
    for x, y, w, d, h in blocks:
        over = (np.abs(eyes[:, 0] - x) < w) & (np.abs(eyes[:, 1] - y) < d)
        assert (eyes[over, 2] > h + 0.3).all()


def test_an_empty_yard_is_flown_through_at_eye_height() -> None:
    builder = MeshBuilder()
    builder.rectangle(-30, -20, 30, 20, 0.0, m.ASPHALT)
    mesh = builder.build()
    flight = Flight([mesh], np.array((-30.0, -20.0, 0.0)), np.array((30.0, 20.0, 0.0)))
    assert {round(float(flight(float(s))[2, 3]), 2) for s in range(20)} == {1.8}


def test_what_is_no_level_is_refused_in_words(tmp_path: Path) -> None:
    with pytest.raises(MediaError, match="no file"):
        load(tmp_path / "missing.glb")
    junk = tmp_path / "junk.glb"
    junk.write_bytes(b"glTF but not really" * 10)
    with pytest.raises(MediaError, match="cannot be read"):
        load(junk)
    empty = tmp_path / "empty.glb"
    write_glb(empty, [])
    with pytest.raises(MediaError, match=r"no triangles|cannot be read"):
        load(empty)
