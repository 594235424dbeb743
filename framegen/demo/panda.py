"""Panda3D as an ordinary engine: one pass into three targets gives every plane of a Frame.

Works without a display through EGL (``p3headlessgl``) and on desktops through an offscreen
buffer of ``pandagl``. Panda3D's world is +Z up and framegen's is +Y up: :data:`Y_UP_FROM_Z_UP`
is the only place where one becomes the other.
"""

from __future__ import annotations

import sys
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from framegen import install
from framegen.demo import shaders
from framegen.demo.materials import PATTERN_PX, SKY_LABEL, pattern_layers
from framegen.demo.mesh import Mesh
from framegen.demo.scene import Cluster, Visibility, hidden
from framegen.errors import FramegenError
from framegen.frame import F32, F64, U8, Camera

Y_UP_FROM_Z_UP: F64 = np.array([(1.0, 0, 0, 0), (0, 0, 1.0, 0), (0, -1.0, 0, 0), (0, 0, 0, 1.0)])
"""``[4, 4]``: Panda3D's world (+Z up) -> framegen's (+Y up). The same turn takes Panda3D's camera axes
(looking along +Y) to OpenGL's (looking along -Z)."""

OPENGL_HINT = (
    "On Debian and Ubuntu: apt-get install libegl1 libgl1-mesa-dri; on Fedora: dnf install mesa-libEGL "
    "mesa-dri-drivers; on Windows and macOS a graphics driver with OpenGL 3.3."
)


class OpenGLMissing(FramegenError):
    """Panda3D is not installed, or finds no OpenGL to render with."""


@dataclass(frozen=True, eq=False)
class Planes:
    """One rendered frame, top row first.

    Attributes:
        color: ``[H, W, 3]`` uint8, sRGB-encoded. ``motion_px``: ``[H, W, 2]`` float32, previous minus current, y down.
        depth_m: ``[H, W]`` float32, metres along the view axis, sky ``+inf``. ``label``: ``[H, W]`` uint8.
        camera: in framegen's world (+Y up).
    """

    color: U8
    motion_px: F32
    depth_m: F32
    label: U8
    camera: Camera


class PandaRenderer:
    """Renders a +Z up world into :class:`Planes`. One per process and thread.

    Raises OpenGLMissing where Panda3D or OpenGL is not there.
    """

    def __init__(
        self,
        width: int,
        height: int,
        *,
        fov_y_rad: float,
        near_m: float,
        far_m: float,
        light_direction: tuple[float, float, float],
    ) -> None:
        """Size in pixels; clip planes in metres; the light as a unit vector (+Z up)."""
        self.width, self.height = width, height
        self._fov_y_rad, self._near_m, self._far_m = fov_y_rad, near_m, far_m
        self._p = p = _import_panda()
        self._engine = p.GraphicsEngine.get_global_ptr()
        self._host, pipe = _open_host(p, self._engine)
        properties = p.FrameBufferProperties()
        properties.set_rgb_color(True)
        properties.set_rgba_bits(8, 8, 8, 8)
        properties.set_depth_bits(24)
        properties.set_aux_float(1)
        self._buffer = self._engine.make_output(
            pipe, "planes", -1, properties, p.WindowProperties.size(width, height), p.GraphicsPipe.BF_refuse_window,
            self._host.get_gsg(), self._host,
        )  # fmt: skip
        if self._buffer is None:
            raise OpenGLMissing("This OpenGL cannot render into floating-point targets.", hint=OPENGL_HINT)
        self._color = p.Texture()
        self._planes = p.Texture()
        self._planes.setup_2d_texture(width, height, p.Texture.T_float, p.Texture.F_rgba32)
        output = p.GraphicsOutput
        self._buffer.add_render_texture(self._color, output.RTM_copy_ram, output.RTP_color)
        # RTM_copy_ram would turn a float target into bytes: it is bound, and extracted after the pass.
        self._buffer.add_render_texture(self._planes, output.RTM_bind_or_copy, output.RTP_aux_float_0)
        self.root = p.NodePath("world")
        p.CullBinManager.get_global_ptr().add_bin("nearest first", p.CullBinManager.BT_front_to_back, 20)
        self.root.set_bin("nearest first", 0)
        self._camera_node = self.root.attach_new_node(self._camera(p))
        self._buffer.make_display_region().set_camera(self._camera_node)
        self._previous_view: F64 | None = None
        self._previous_poses: F64 | None = None
        self._light_direction = light_direction
        self._make_materials()
        self.load([], [])

    def _camera(self, p: Any) -> Any:
        lens = p.PerspectiveLens()
        aspect = self.width / self.height
        half = np.tan(self._fov_y_rad / 2)
        lens.set_fov(np.degrees(2 * np.arctan(half * aspect)), np.degrees(self._fov_y_rad))
        lens.set_near_far(self._near_m, self._far_m)
        node = p.Camera("camera")
        node.set_lens(lens)
        return node

    def _make_materials(self) -> None:
        p = self._p
        layers = pattern_layers()
        patterns = p.Texture("patterns")
        patterns.setup_2d_texture_array(
            PATTERN_PX, PATTERN_PX, len(layers), p.Texture.T_unsigned_byte, p.Texture.F_luminance
        )
        patterns.set_ram_image(np.ascontiguousarray(layers[:, ::-1]).tobytes())
        patterns.set_minfilter(p.SamplerState.FT_linear_mipmap_nearest)
        patterns.set_magfilter(p.SamplerState.FT_linear)
        fragment = shaders.SURFACE_FRAGMENT
        self._statics = self.root.attach_new_node("statics")
        self._statics.set_shader(p.Shader.make(p.Shader.SL_GLSL, shaders.STATIC_VERTEX, fragment))
        self._moving = self.root.attach_new_node("movers")
        self._moving.set_shader(p.Shader.make(p.Shader.SL_GLSL, shaders.MOVER_VERTEX, fragment))
        self._moving.set_shader_input("light_direction", p.LVecBase3f(*self._light_direction))
        self.root.set_shader_inputs(patterns=patterns, half_px=(self.width / 2, self.height / 2))
        triangle = Mesh(
            np.array([(-1, -1, 0), (3, -1, 0), (-1, 3, 0)], np.float32),
            np.zeros((3, 3), np.float32),
            np.zeros((3, 4), np.uint8),
            np.zeros((3, 3), np.float32),
            np.array([(0, 1, 2)], np.uint32),
            np.zeros(1, bool),
        )
        self._sky = self.root.attach_new_node(geom_node(p, triangle, None))
        self._sky.set_shader(p.Shader.make(p.Shader.SL_GLSL, shaders.SKY_VERTEX, shaders.SKY_FRAGMENT))
        self._sky.set_shader_input("sky_label", float(SKY_LABEL))
        self._sky.set_bin("fixed", 100)
        self._sky.set_depth_write(False)
        self._sky.node().set_bounds(p.OmniBoundingVolume())
        self._sky.node().set_final(True)

    @property
    def driver(self) -> str:
        """The OpenGL renderer's name, for people."""
        return str(self._buffer.get_gsg().driver_renderer)

    def load(self, scene_clusters: list[Cluster], movers: list[Mesh], occluders: F64 | None = None) -> None:
        """Adds what stands still, and what will be placed by ``poses`` of :meth:`render`.

        ``occluders``: see :class:`~framegen.demo.scene.Scene`.
        """
        boxes = np.zeros((0, 2, 3)) if occluders is None else occluders
        self._visibility = Visibility(scene_clusters, boxes)
        self._reach_m = np.array([np.linalg.norm(mesh.positions, axis=1).max() for mesh in movers])
        self._mover_shown = np.ones(len(movers), bool)
        self._clusters = [
            self._statics.attach_new_node(geom_node(self._p, cluster.mesh, self._light_direction))
            for cluster in scene_clusters
        ]
        self._shown = np.ones(len(scene_clusters), bool)
        self._movers = [self._moving.attach_new_node(geom_node(self._p, mesh, None)) for mesh in movers]

    def cut(self) -> None:
        """Forget the previous frame: the next one has no motion."""
        self._previous_view = self._previous_poses = None

    def render(self, world_from_view: F64, poses: F64) -> Planes:
        """One frame from a camera pose (+Z up world; looks along its -Z) and ``[movers, 4, 4]`` rigid poses."""
        p = self._p
        camera = Camera.perspective(
            Y_UP_FROM_Z_UP @ world_from_view,
            fov_y_rad=self._fov_y_rad,
            aspect=self.width / self.height,
            near_m=self._near_m,
            far_m=self._far_m,
        )
        clip = camera.clip_from_view
        view = np.asarray(np.linalg.inv(world_from_view), np.float64)
        previous_clip = np.asarray(clip @ (view if self._previous_view is None else self._previous_view), np.float64)
        self._camera_node.set_mat(_matrix(p, world_from_view @ Y_UP_FROM_Z_UP))
        self.root.set_shader_inputs(clip_from_world=_matrix(p, clip @ view), previous_clip=_matrix(p, previous_clip))
        turn = np.eye(4)
        turn[:3, :3] = view[:3, :3]
        self._sky.set_shader_input("world_from_clip", _matrix(p, np.asarray(np.linalg.inv(clip @ turn), np.float64)))
        eye = world_from_view[:3, 3]
        shadows = self._visibility.shadows(eye)
        self._place_movers(shadows, poses, previous_clip)
        seen = self._visibility.mask(eye, shadows)
        self._shown = _show(self._clusters, self._shown, seen)
        self._previous_view = view
        self._engine.render_frame()
        self._engine.extract_texture_data(self._planes, self._buffer.get_gsg())
        # Panda3D's pictures are BGRA with the bottom row first.
        shape = (self.height, self.width, 4)
        color = np.frombuffer(self._color.get_ram_image(), np.uint8).reshape(shape)[::-1]
        planes = np.frombuffer(self._planes.get_ram_image(), np.float32).reshape(shape)[::-1]
        return Planes(
            color=np.ascontiguousarray(color[..., 2::-1]),
            motion_px=np.ascontiguousarray(planes[..., 2:0:-1]),
            depth_m=np.ascontiguousarray(planes[..., 0]),
            label=np.round(planes[..., 3]).astype(np.uint8),
            camera=camera,
        )

    def _place_movers(self, shadows: F64, poses: F64, previous_clip: F64) -> None:
        """Where each mover is, and how it came there: clip space of the frame before from its world position now."""
        before = poses if self._previous_poses is None else self._previous_poses
        self._previous_poses = poses
        reach = self._reach_m[:, None]
        seen = ~hidden(shadows, poses[:, :3, 3] - reach, poses[:, :3, 3] + reach)
        self._mover_shown = _show(self._movers, self._mover_shown, seen)
        moved = previous_clip @ before @ _rigid_inverse(poses)
        for index in np.flatnonzero(seen):
            node = self._movers[index]
            node.set_mat(_matrix(self._p, poses[index]))
            node.set_shader_input("previous_clip", _matrix(self._p, moved[index]))

    def close(self) -> None:
        """Gives the buffers back."""
        self._engine.remove_all_windows()


def lit(mesh: Mesh, light_direction: tuple[float, float, float]) -> U8:
    """``[N, 4]`` uint8: the colours in the light, labels untouched; the term is that of ``MOVER_VERTEX``."""
    facing = mesh.normals @ np.asarray(light_direction, np.float32)
    light = 0.55 + 0.75 * np.clip((facing + 0.25) / 1.25, 0.0, 1.0)
    colors: U8 = mesh.colors.copy()
    colors[:, :3] = np.clip(np.round(colors[:, :3] * (light ** (1 / 2.2))[:, None]), 0, 255)
    return colors


def geom_node(p: Any, mesh: Mesh, light_direction: tuple[float, float, float] | None) -> Any:
    """A Panda3D GeomNode of one mesh: lit once and for all, or with normals to be lit in every frame."""
    geom = p.Geom
    columns: list[tuple[str, int, Any, Any, NDArray[Any]]] = [
        ("vertex", 3, geom.NT_float32, geom.C_point, mesh.positions),
        ("texcoord", 3, geom.NT_float32, geom.C_texcoord, mesh.texcoords),
    ]
    if light_direction is None:
        columns.append(("normal", 3, geom.NT_float32, geom.C_normal, mesh.normals))
        columns.append(("color", 4, geom.NT_uint8, geom.C_color, mesh.colors))
    else:
        columns.append(("color", 4, geom.NT_uint8, geom.C_color, lit(mesh, light_direction)))
    array = p.GeomVertexArrayFormat()
    for name, width, number, contents, _ in columns:
        array.add_column(name, width, number, contents)
    vertex_format = p.GeomVertexFormat()
    vertex_format.add_array(array)
    data = p.GeomVertexData("mesh", p.GeomVertexFormat.register_format(vertex_format), geom.UH_static)
    count = len(mesh.positions)
    data.unclean_set_num_rows(count)
    rows = np.empty(count, [(name, values.dtype, width) for name, width, _, _, values in columns])
    for name, _, _, _, values in columns:
        rows[name] = values
    stride = data.modify_array_handle(0).array_format.stride
    if stride != rows.itemsize:
        raise FramegenError(f"Panda3D packs a vertex into {stride} bytes, expected {rows.itemsize}.")
    data.modify_array_handle(0).copy_data_from(rows.tobytes())
    triangles = p.GeomTriangles(geom.UH_static)
    triangles.set_index_type(geom.NT_uint32)
    indices = triangles.modify_vertices()
    indices.unclean_set_num_rows(mesh.triangles.size)
    indices.modify_handle().copy_data_from(np.ascontiguousarray(mesh.triangles, np.uint32).tobytes())
    shape = geom(data)
    shape.add_primitive(triangles)
    node = p.GeomNode("mesh")
    node.add_geom(shape)
    return node


def _show(nodes: list[Any], shown: NDArray[np.bool_], wanted: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Show and hide nodes where that changes; returns ``wanted``."""
    for index in np.flatnonzero(wanted != shown):
        (nodes[index].show if wanted[index] else nodes[index].hide)()
    return wanted


def _rigid_inverse(poses: F64) -> F64:
    """``[N, 4, 4]`` of turns and moves -> their inverses."""
    inverse = np.zeros_like(poses)
    inverse[:, :3, :3] = poses[:, :3, :3].transpose(0, 2, 1)
    inverse[:, :3, 3] = -(inverse[:, :3, :3] @ poses[:, :3, 3, None])[..., 0]
    inverse[:, 3, 3] = 1.0
    return inverse


def _matrix(p: Any, matrix: F64) -> Any:
    """Column-vector ``[4, 4]`` -> Panda3D's row-vector matrix."""
    return p.LMatrix4f(*matrix.T.ravel().tolist())


def _import_panda() -> Any:
    try:
        from panda3d import core
    except ImportError as error:
        raise OpenGLMissing("Panda3D is not installed.", hint=install.command_for("demo")) from error
    core.load_prc_file_data(
        "framegen",
        "window-type offscreen\nsync-video 0\naudio-library-name null\ngl-version 3 3\ntextures-power-2 none\n"
        "notify-level-display error\nnotify-level-gobj error\ngl-coordinate-system default\n",
    )
    return core


def _open_host(p: Any, engine: Any) -> tuple[Any, Any]:
    """A 1x1 buffer that owns the OpenGL context: EGL's own buffers have no auxiliary targets."""
    modules = ("p3headlessgl", "pandagl") if sys.platform.startswith("linux") else ("pandagl",)
    properties = p.FrameBufferProperties()
    properties.set_rgb_color(True)
    properties.set_rgba_bits(8, 8, 8, 8)
    properties.set_depth_bits(24)
    for module in modules:
        pipe = p.GraphicsPipeSelection.get_global_ptr().make_module_pipe(module)
        if pipe is None:
            continue
        size = p.WindowProperties.size(1, 1)
        host = engine.make_output(pipe, "host", 0, properties, size, p.GraphicsPipe.BF_refuse_window)
        if host is None:
            continue
        engine.open_windows()
        gsg = host.get_gsg()
        if gsg is not None and gsg.is_valid() and (gsg.driver_version_major, gsg.driver_version_minor) >= (3, 3):
            return host, pipe
        engine.remove_window(host)
    raise OpenGLMissing("Panda3D finds no OpenGL 3.3 to render with.", hint=OPENGL_HINT)
