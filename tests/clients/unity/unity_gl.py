"""Runs the package's HLSL on a real OpenGL: glslang to SPIR-V, SPIRV-Cross to GLSL, Mesa in software.

Textures that stand for a Unity camera's have v = 0 at the bottom of the picture, as in Unity under every graphics API;
:func:`camera_texture` turns a picture (first row at the top) into one.
"""

from __future__ import annotations

import re
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path

import moderngl
import numpy as np
import unity_shaders
from numpy.typing import NDArray
from unity_shaders import ShaderProgram

F32 = NDArray[np.float32]
Values = Mapping[str, NDArray[np.floating]]
BLOCK = re.compile(r"uniform (\w+)\n\{\n(.*?)\n\}", re.S)
MEMBER = re.compile(r"(vec4|mat4) (\w+);")
SAMPLER = re.compile(r"uniform sampler2D (SPIRV_Cross_Combined_?(\w+?)(sampler_\w+Clamp|SPIRV_Cross_DummySampler));")


class Gl:
    """An OpenGL 4.3 context without a window, and the tools that translate for it."""

    def __init__(self, glslang: str, spirv_cross: str, folder: Path) -> None:
        self.context = moderngl.create_standalone_context(backend="egl", require=430)
        self._tools, self._folder = (glslang, spirv_cross), folder
        self._texts: dict[str, str] = {}
        linear, point = moderngl.LINEAR, moderngl.NEAREST
        self._samplers = {
            name: self.context.sampler(repeat_x=False, repeat_y=False, filter=(kind, kind))
            for name, kind in (("LinearClamp", linear), ("PointClamp", point))
        }

    def texture(self, data: NDArray[np.generic]) -> moderngl.Texture:
        """Of ``[H, W, C]`` float32 or uint8; row 0 is v = 0."""
        height, width, channels = data.shape
        kind = "f1" if data.dtype == np.uint8 else "f4"
        return self.context.texture((width, height), channels, np.ascontiguousarray(data).tobytes(), dtype=kind)

    def target(self, width: int, height: int, kind: str) -> moderngl.Texture:
        """To draw into: four channels, ``f1`` or ``f4``."""
        return self.context.texture((width, height), 4, dtype=kind)

    def depth(self, width: int, height: int, value: float) -> moderngl.Texture:
        """A depth buffer that was cleared to ``value``."""
        texture = self.context.depth_texture((width, height))
        frame = self.context.framebuffer([self.target(width, height, "f1")], texture)
        frame.clear(depth=value)
        return texture

    def draw(
        self,
        programs: Sequence[ShaderProgram],
        targets: Sequence[moderngl.Texture],
        textures: Mapping[str, moderngl.Texture],
        values: Values,
        vertices: F32 | None = None,
        depth: moderngl.Texture | None = None,
        depth_func: str = "<=",
    ) -> None:
        """Draws a full-screen triangle, or ``vertices`` (``[N, 4]``), with a vertex and a fragment program. With
        ``depth``, what loses by ``depth_func`` is not drawn.
        """
        vertex, fragment = (self._glsl(program) for program in programs)
        program = self.context.program(vertex_shader=vertex, fragment_shader=fragment)
        self._bind(program, vertex + fragment, textures, values)
        frame = self.context.framebuffer(targets, depth)
        frame.use()
        self.context.depth_func = depth_func
        (self.context.disable if depth is None else self.context.enable)(moderngl.DEPTH_TEST)
        if vertices is None:
            self.context.vertex_array(program, []).render(moderngl.TRIANGLES, vertices=3)
        else:
            buffer = self.context.buffer(np.ascontiguousarray(vertices, np.float32).tobytes())
            (name,) = (name for name in program if isinstance(program[name], moderngl.Attribute) and "gl_" not in name)
            self.context.vertex_array(program, [(buffer, "4f", name)]).render(moderngl.TRIANGLES)

    def compute(
        self,
        program: ShaderProgram,
        groups: tuple[int, int],
        size: int,
        textures: Mapping[str, moderngl.Texture],
        values: Values,
    ) -> bytes:
        """Runs a compute program over ``groups``; returns the ``size`` bytes of its one buffer."""
        text = self._glsl(program)
        shader = self.context.compute_shader(text)
        self._bind(shader, text, textures, values)
        (binding,) = re.findall(r"layout\(binding = (\d+), std430\)", text)
        buffer = self.context.buffer(reserve=size)
        buffer.clear()
        buffer.bind_to_storage_buffer(int(binding))
        shader.run(*groups)
        self.context.finish()
        return bytes(buffer.read())

    def _glsl(self, program: ShaderProgram) -> str:
        if program.name not in self._texts:
            spirv = unity_shaders.compile_program(self._tools[0], program, self._folder)
            target = spirv.with_suffix(".glsl")
            command = [self._tools[1], "--version", "430", "--no-es", str(spirv), "--output", str(target)]
            done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
            assert done.returncode == 0, done.stderr
            # Vertex and fragment programs have different blocks of one name.
            text = target.read_text("utf-8")
            self._texts[program.name] = re.sub(r"uniform _Global\b", f"uniform _Global_{program.stage}", text)
        return self._texts[program.name]

    def _bind(
        self,
        program: moderngl.Program | moderngl.ComputeShader,
        text: str,
        textures: Mapping[str, moderngl.Texture],
        values: Values,
    ) -> None:
        for unit, (name, texture, sampler) in enumerate(SAMPLER.findall(text)):
            if name in program:
                textures[texture].use(unit)
                self._samplers[sampler.removeprefix("sampler_")].use(unit) if "Clamp" in sampler else None
                program[name] = unit
        for index, (name, members) in enumerate(BLOCK.findall(text)):
            if name not in program:
                continue
            data = b"".join(self._member(kind, values[member.strip("_")]) for kind, member in MEMBER.findall(members))
            buffer = self.context.buffer(data)
            buffer.bind_to_uniform_block(index)
            program[name].binding = index

    @staticmethod
    def _member(kind: str, value: NDArray[np.floating]) -> bytes:
        # HLSL keeps matrices by columns, and so does Unity's Matrix4x4.
        return np.asarray(value.T if kind == "mat4" else value, np.float32).tobytes()


def camera_texture(gl: Gl, picture: NDArray[np.generic]) -> moderngl.Texture:
    """A picture (first row at the top) as a Unity camera's texture."""
    return gl.texture(picture[::-1])


def read(texture: moderngl.Texture) -> NDArray[np.generic]:
    """``[H, W, 4]``, row 0 is v = 0."""
    width, height = texture.size
    kind = np.uint8 if texture.dtype == "f1" else np.float32
    return np.frombuffer(texture.read(), kind).reshape(height, width, 4)
