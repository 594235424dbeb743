"""A level of the user's own, from a glTF file: its surfaces, labels guessed from names, and a path to fly."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from framegen import install
from framegen.demo.flight import Flight
from framegen.demo.materials import LABELS, Material, srgb8
from framegen.demo.mesh import Mesh, MeshBuilder
from framegen.demo.panda import OpenGLMissing
from framegen.demo.scene import Cluster, Scene
from framegen.engines.embedded import names as names_of_things
from framegen.engines.materials import material_of, word_material, words_in
from framegen.errors import MediaError
from framegen.frame import F32, F64, U8

GROUND = Material("soil", (0.20, 0.17, 0.13), "asphalt")
"""What lies around a level, out to the horizon."""


def load_level(path: Path) -> Scene:
    """The scene of a ``.glb`` or ``.gltf`` file, with a camera that flies through it.

    Raises MediaError if the file cannot be read or is empty, OpenGLMissing without panda3d-gltf.
    """
    parts = [part for part in _meshes(path) if len(part.triangles)]
    if not parts:
        raise MediaError(f"{path} holds no triangles.", hint="Export the level's meshes along with it.")
    clusters = [_cluster(part) for part in parts]
    low = np.min([cluster.low for cluster in clusters], axis=0)
    high = np.max([cluster.high for cluster in clusters], axis=0)
    camera = Flight(parts, low, high)
    size = float(np.linalg.norm(high - low))
    clusters.append(_surroundings(low, high, size))
    return Scene(
        clusters=clusters,
        movers=[],
        poses=lambda _seconds: np.zeros((0, 4, 4)),
        camera=camera,
        fov_y_rad=float(np.radians(54)),
        near_m=max(0.01, 5e-4 * size),
        far_m=max(100.0, 8.0 * size),
    )


def _cluster(mesh: Mesh) -> Cluster:
    low, high = mesh.positions.min(axis=0).astype(np.float64), mesh.positions.max(axis=0).astype(np.float64)
    return Cluster(mesh, low, high, np.zeros(3), False)


def _surroundings(low: F64, high: F64, size: float) -> Cluster:
    """Ground around the level, so that it does not float in the sky. It lies a little below the level's own."""
    builder = MeshBuilder()
    x, y = ((low + high) / 2)[:2].tolist()
    z = float(low[2]) - 1e-3 * size
    builder.rectangle(x - 6 * size, y - 6 * size, x + 6 * size, y + 6 * size, z, GROUND)
    return _cluster(builder.build())


def label_of(*names: str) -> int:
    """The label that names of a material and its nodes speak of, 0 where they say nothing."""
    said = names_of_things.label_of(names)
    material = material_of(said)
    if material == "glass" and any(word_material(word) == "car paint" for word in words_in(said)):
        material = "car window"
    return LABELS.index(material) if material in LABELS else 0


def _meshes(path: Path) -> list[Mesh]:
    if not path.is_file():
        raise MediaError(f"There is no file {path}.")
    try:
        import gltf
        from panda3d import core
    except ImportError as error:
        raise OpenGLMissing("panda3d-gltf is not installed.", hint=install.command_for("demo")) from error
    try:
        root = core.NodePath(gltf.load_model(str(path)))
    except Exception as error:
        # The loader raises whatever its parsing hits: KeyError, struct.error, UnicodeDecodeError ...
        raise MediaError(f"{path} cannot be read as glTF: {error or type(error).__name__}.") from error
    meshes = []
    for node_path in root.find_all_matches("**/+GeomNode"):
        to_world = np.array(node_path.get_mat(root)).reshape(4, 4).T
        node = node_path.node()
        for index in range(node.get_num_geoms()):
            state = node_path.get_net_state().compose(node.get_geom_state(index))
            meshes.append(_mesh(core, node.get_geom(index), state, to_world, _names(node_path, state, core)))
    return meshes


def _names(node_path: Any, state: Any, core: Any) -> list[str]:
    """Material first, then the node and what it hangs from."""
    material = state.get_attrib(core.MaterialAttrib)
    names = [material.get_material().get_name()] if material is not None and material.get_material() else []
    while not node_path.is_empty() and node_path.get_num_nodes() > 1:
        names.append(node_path.get_name())
        node_path = node_path.get_parent()
    return names


def _mesh(core: Any, geom: Any, state: Any, to_world: F64, names: list[str]) -> Mesh:
    triangles = geom.decompose()
    data = triangles.get_vertex_data()
    positions = _column(core, data, "vertex", 3)
    indices = np.concatenate(
        [
            np.array(primitive.get_vertex_list(), np.int64).reshape(-1, 3)
            for primitive in (triangles.get_primitive(k) for k in range(triangles.get_num_primitives()))
            if isinstance(primitive, core.GeomTriangles)
        ]
        or [np.zeros((0, 3), np.int64)]
    )
    corners = (positions @ to_world[:3, :3].T + to_world[:3, 3])[indices]
    if np.linalg.det(to_world[:3, :3]) < 0:
        corners = corners[:, ::-1]
    flat = np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0])
    flat /= np.maximum(np.linalg.norm(flat, axis=1, keepdims=True), 1e-12)
    count = 3 * len(corners)
    return Mesh(
        corners.reshape(count, 3).astype(np.float32),
        np.repeat(flat, 3, axis=0).astype(np.float32),
        np.tile(np.append(_albedo(core, state), np.uint8(label_of(*names))), (count, 1)),
        np.zeros((count, 3), np.float32),
        np.arange(count, dtype=np.uint32).reshape(-1, 3),
        np.zeros(len(corners), bool),
    )


def _column(core: Any, data: Any, name: str, width: int) -> F32:
    """``[vertices, width]`` float32 of one vertex column."""
    reader = core.GeomVertexReader(data, name)
    values = np.empty((data.get_num_rows(), width), np.float32)
    for row in values:
        row[:] = tuple(reader.get_data4())[:width]
    return values


def _albedo(core: Any, state: Any) -> U8:
    """``[3]`` uint8, sRGB-encoded: the material's base colour times the mean of its texture."""
    color = np.array((0.36, 0.36, 0.36))
    material = state.get_attrib(core.MaterialAttrib)
    if material is not None and material.get_material() is not None and material.get_material().has_base_color():
        color = np.array(tuple(material.get_material().get_base_color())[:3])
    texture = state.get_attrib(core.TextureAttrib)
    if texture is not None and texture.get_num_on_stages() and texture.get_texture() is not None:
        picture = core.PNMImage()
        if texture.get_texture().store(picture):
            average = picture.get_average_xel()
            color = color * (np.array((average[0], average[1], average[2])) ** 2.2)
    # A base colour of pure white is glTF's default, not a surface: no grey box is brighter than plaster.
    r, g, b = np.clip(color, 0.03, 0.62).tolist()
    return np.array(srgb8((r, g, b)), np.uint8)
