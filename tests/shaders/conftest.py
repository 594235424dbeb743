"""Runs the shared GLSL on a real OpenGL: Panda3D's, without a display."""

from __future__ import annotations

import runpy
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

ROOT = Path(__file__).resolve().parents[2]
Run = Callable[[str, Mapping[str, NDArray[np.float64]]], NDArray[np.float32]]

VERTEX = """#version 330
in vec4 p3d_Vertex;
void main() { gl_Position = vec4(p3d_Vertex.x * 2.0 - 1.0, p3d_Vertex.z * 2.0 - 1.0, 0.0, 1.0); }
"""


@pytest.fixture(scope="session")
def run_glsl() -> Run:
    """A function that evaluates GLSL statements once per case: ``run(body, inputs) -> [N, 4]`` float32.

    ``body`` sets the vec4 ``result``. An input ``[N, k]`` is a ``vec4`` of that name, ``[4, 4]`` a ``mat4``, and
    ``[9, 16, 3, 4]`` the colour grid, uploaded as it travels. All of the common formulas are there.
    """
    p, engine, host, pipe = _open()
    copies = runpy.run_path(str(ROOT / "shaders" / "copies.py"))
    common = copies["text"]("glsl", "COMMON")

    def run(body: str, inputs: Mapping[str, NDArray[np.float64]]) -> NDArray[np.float32]:
        count = next(len(value) for value in inputs.values() if value.ndim <= 2 and value.shape != (4, 4))
        declared, fetched = [], []
        card = p.CardMaker("card")
        card.set_frame(0, 1, 0, 1)
        node = p.NodePath(card.generate())
        for name, value in inputs.items():
            if value.shape == (4, 4):
                declared.append(f"uniform mat4 {name};")
                node.set_shader_input(name, p.LMatrix4f(*value.T.ravel()))  # Panda3D's are for row vectors
            elif value.ndim == 4:
                declared.append(f"uniform sampler2D {name};")
                node.set_shader_input(name, _texture(p, value.reshape(9, 48, 4)))
            else:
                rows = np.zeros((1, count, 4))
                rows[0, :, : value.shape[1]] = value
                declared.append(f"uniform sampler2D {name}_;")
                fetched.append(f"vec4 {name} = texelFetch({name}_, ivec2(int(gl_FragCoord.x), 0), 0);")
                node.set_shader_input(f"{name}_", _texture(p, rows))
        fragment = "\n".join(
            ["#version 330", common, *declared, "out vec4 result;", "void main() {", *fetched, body, "}"]
        )
        shader = p.Shader.make(p.Shader.SL_GLSL, VERTEX, fragment)
        node.set_shader(shader)
        node.set_two_sided(True)
        return _render(p, engine, host, pipe, node, count)

    return run


def _open() -> tuple[Any, Any, Any, Any]:
    from framegen.demo.panda import _import_panda, _open_host

    p = _import_panda()
    engine = p.GraphicsEngine.get_global_ptr()
    host, pipe = _open_host(p, engine)
    return p, engine, host, pipe


def _texture(p: Any, rows: NDArray[np.float64]) -> Any:
    """``[h, w, 4]``, top row first, as a float texture whose row 0 is the top one."""
    texture = p.Texture()
    texture.setup_2d_texture(rows.shape[1], rows.shape[0], p.Texture.T_float, p.Texture.F_rgba32)
    texture.set_ram_image_as(np.ascontiguousarray(rows, np.float32).tobytes(), "RGBA")
    texture.set_minfilter(p.SamplerState.FT_nearest)
    texture.set_magfilter(p.SamplerState.FT_nearest)
    return texture


def _render(p: Any, engine: Any, host: Any, pipe: Any, node: Any, count: int) -> NDArray[np.float32]:
    properties = p.FrameBufferProperties()
    properties.set_rgba_bits(32, 32, 32, 32)
    properties.set_float_color(True)
    buffer = engine.make_output(
        pipe, "cases", -1, properties, p.WindowProperties.size(count, 1), p.GraphicsPipe.BF_refuse_window,
        host.get_gsg(), host,
    )  # fmt: skip
    target = p.Texture()
    target.setup_2d_texture(count, 1, p.Texture.T_float, p.Texture.F_rgba32)
    buffer.add_render_texture(target, p.GraphicsOutput.RTM_bind_or_copy, p.GraphicsOutput.RTP_color)
    root = p.NodePath("root")
    camera = root.attach_new_node(p.Camera("camera"))
    camera.node().set_lens(p.OrthographicLens())
    camera.set_y(-10)
    node.reparent_to(root)
    node.node().set_bounds(p.OmniBoundingVolume())
    node.node().set_final(True)
    buffer.make_display_region().set_camera(camera)
    engine.render_frame()
    assert engine.extract_texture_data(target, host.get_gsg())
    pixels = np.frombuffer(target.get_ram_image_as("RGBA"), np.float32).reshape(count, 4).copy()
    engine.remove_window(buffer)
    return pixels
