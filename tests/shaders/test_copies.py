"""The clients' copies of the shared formulas are what the script writes, and both dialects compile."""

from __future__ import annotations

import runpy
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace

import pytest

ROOT = Path(__file__).resolve().parents[2]
COPIES = SimpleNamespace(**runpy.run_path(str(ROOT / "shaders" / "copies.py")))

USES_EVERY_FUNCTION = """
  {f3} there = fg_reproject(uv, 2.0, m, m, m);
  float seen = fg_same_surface(there.z, 2.0, fg_slope(2.0, {f4}(2.0, 2.0, 2.0, 2.0))) * fg_inside(uv, {f2}(0.1, 0.1));
  {f4} around = {f4}(2.0, 2.0, FG_RIM_TEXELS, 2.0);
  seen *= fg_no_rim(2.0, around, 2.0, around, 0.0);
  {f3} hole = fg_grid_color(grid, uv, {f3}(uv.x, uv.y, fg_depth_m(0.5, uv, uv)));
  {f3} color = fg_srgb_from_linear(fg_linear_from_srgb(hole)) * seen * fg_freshness(1.0);
"""
GLSL_MAIN = (
    "uniform mat4 m; uniform sampler2D grid; in vec2 uv; out vec4 result;\nvoid main() {"
    + USES_EVERY_FUNCTION.format(f2="vec2", f3="vec3", f4="vec4")
    + "  result = vec4(color, 1.0); }\n"
)
HLSL_MAIN = (
    "float4x4 m; Texture2D<float4> grid;\nfloat4 main(float2 uv : TEXCOORD0) : SV_Target {"
    + USES_EVERY_FUNCTION.format(f2="float2", f3="float3", f4="float4")
    + "  return float4(color, 1.0); }\n"
)


@pytest.mark.parametrize("copy", COPIES.COPIES, ids=lambda copy: copy.path)
def test_the_copy_is_what_the_script_writes(copy: SimpleNamespace) -> None:
    written = (ROOT / copy.path).read_text("utf-8")
    assert written == COPIES.text(copy.dialect, copy.guard), "run: python shaders/copies.py"


def test_verify_tells_a_changed_copy(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    main = COPIES.main
    monkeypatch.setitem(main.__globals__, "SHADERS", tmp_path / "shaders")
    shutil.copytree(ROOT / "shaders", tmp_path / "shaders")
    assert main(["--verify"]) == 1
    assert main([]) == 0
    assert main(["--verify"]) == 0
    changed = tmp_path / COPIES.COPIES[0].path
    changed.write_text(changed.read_text("utf-8").replace("250.0", "251.0"), "utf-8")
    assert main(["--verify"]) == 1


@pytest.mark.parametrize(("dialect", "main"), [("glsl", GLSL_MAIN), ("hlsl", HLSL_MAIN)])
def test_the_formulas_compile(dialect: str, main: str, tmp_path: Path, find_tool: Callable[[str, str], str]) -> None:
    glslang = find_tool("glslangValidator", "apt-get install glslang-tools")
    source = tmp_path / f"all.{dialect}"
    version = "#version 330\n" if dialect == "glsl" else ""
    source.write_text(version + COPIES.text(dialect, "GUARD") + main, "utf-8")
    options = ["-D", "-V", "-e", "main", "-o", str(tmp_path / "out.spv")] if dialect == "hlsl" else []
    done = subprocess.run([glslang, "-S", "frag", *options, str(source)], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
