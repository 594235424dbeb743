"""Every program of the Unity package's shaders is compiled by glslang, as HLSL."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import mono_program
import pytest
import unity_shaders

FILES = sorted((mono_program.PACKAGE / "Runtime" / "Resources" / "FrameGen").glob("*"))
PROGRAMS = [
    program for path in FILES if path.suffix in (".shader", ".compute") for program in unity_shaders.programs(path)
]


@pytest.mark.parametrize("program", PROGRAMS, ids=lambda program: program.name)
def test_a_shader_program_compiles(
    program: unity_shaders.ShaderProgram, find_tool: Callable[[str, str], str], tmp_path: Path
) -> None:
    glslang = find_tool("glslangValidator", "apt-get install glslang-tools")
    assert unity_shaders.compile_program(glslang, program, tmp_path).stat().st_size > 500


def test_every_shader_is_taken_apart() -> None:
    assert {program.name.split(".")[0] for program in PROGRAMS} == {
        "FrameGenComposite",
        "FrameGenGather",
        "FrameGenPack",
        "FrameGenTags",
    }
