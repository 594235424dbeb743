"""What a Godot user and the Asset Library expect of the addon: its zip, icon, licence, style, and no warnings."""

from __future__ import annotations

import re
import runpy
import subprocess
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import framegen

ROOT = Path(__file__).resolve().parents[3]
CLIENT = ROOT / "clients" / "godot"
ADDON = CLIENT / "addons" / "framegen"
FOLDERS = (ADDON, ROOT / "demos" / "godot_town", Path(__file__).parent / "project")


def scripts() -> list[Path]:
    """Every script of addon, sample and tests."""
    found = [path for folder in FOLDERS for path in folder.rglob("*.gd")]
    return sorted(path for path in found if "addons" not in path.relative_to(ROOT).parts[2:-1] or ADDON in path.parents)


def test_the_zip_installs_by_unpacking(tmp_path: Path) -> None:
    build = runpy.run_path(str(CLIENT / "package.py"))["build"]
    names = build(tmp_path / "a.zip")
    build(tmp_path / "b.zip")
    assert (tmp_path / "a.zip").read_bytes() == (tmp_path / "b.zip").read_bytes()
    with zipfile.ZipFile(tmp_path / "a.zip") as archive:
        assert sorted(archive.namelist()) == sorted(names)
    assert all(name.startswith("addons/framegen/") for name in names)
    for needed in ("plugin.cfg", "plugin.gd", "LICENSE", "README.md", "icon.png", "shaders/common.gdshaderinc"):
        assert f"addons/framegen/{needed}" in names
    assert not [name for name in names if ".godot" in name or name.endswith(".import")]


def test_licence_version_and_icon() -> None:
    assert (ADDON / "LICENSE").read_text("utf-8") == (ROOT / "LICENSE").read_text("utf-8")
    assert f'version="{framegen.__version__}"' in (ADDON / "plugin.cfg").read_text("utf-8")
    png = (ADDON / "icon.png").read_bytes()
    width, height = int.from_bytes(png[16:20], "big"), int.from_bytes(png[20:24], "big")
    assert width == height >= 64


def test_scripts_follow_the_style() -> None:
    command = [sys.executable, "-m", "gdtoolkit.linter", *map(str, scripts())]
    done = subprocess.run(command, cwd=CLIENT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def test_scripts_and_shaders_compile_without_warnings(run_check: Callable[..., Any]) -> None:
    run_check("compile").ok()


def test_every_property_is_in_the_manual_and_has_a_tooltip() -> None:
    source = (ADDON / "framegen.gd").read_text("utf-8")
    manual = (CLIENT / "README.md").read_text("utf-8")
    properties = re.findall(r"^((?:## .*\n)*)@export(?:_\w+)?(?:\(.*\))? ?var (\w+)", source, re.MULTILINE)
    assert len(properties) > 20
    for comment, name in properties:
        assert comment, f"{name} has no tooltip"
        assert f"`{name}`" in manual, f"{name} is not in the manual"
