"""A game that has nothing of the addon but its autoload, against a server that inverts colours."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

from stand_in_server import serving

SETTINGS = """
[addons]

framegen/address="{address}"
framegen/prompt="for every scene"
framegen/strength=0.75
framegen/tags_by_name=false

[autoload]

FrameGenAutoload="*res://addons/framegen/autoload.gd"
"""


def test_the_autoload_alone_restyles_and_steps_aside_for_a_scenes_own_node(
    run_scene: Callable[..., Any], godot_project: Path, tmp_path: Path
) -> None:
    project = tmp_path / "project"
    shutil.copytree(godot_project, project)
    with serving() as server:
        with (project / "project.godot").open("a", encoding="utf-8") as settings:
            settings.write(SETTINGS.format(address=server.addresses[0]))
        played = run_scene("autoload", "gl_compatibility", "check", project=project).ok()
    assert played["psnr"] > 28
    assert played["look"] == ["for every scene", 0.75, False]
