"""Runs check programs in a real Godot: the project beside this file with the addon copied into it."""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import subprocess
import warnings
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[3]
ADDON = ROOT / "clients" / "godot" / "addons" / "framegen"
HOW = "put Godot 4.4 or newer there"
TROUBLE = re.compile(r"^\s*(?:SCRIPT ERROR|USER ERROR|USER WARNING|ERROR|WARNING|USER SCRIPT ERROR)\b.*", re.MULTILINE)
REPORT = re.compile(r"^REPORT (\{.*\})$", re.MULTILINE)
RENDERER = 'renderer/rendering_method="gl_compatibility"'
EDITOR_SETTINGS = '[gd_resource type="EditorSettings" format=3]\n\n[resource]\n'
HARMLESS = re.compile(
    r"XDG_RUNTIME_DIR|Blocking in \w+ mode|LLVM|Could not (?:create|load) (?:ALSA|Pulse)|Unable to find (?:a )?custom"
    r"|libdecor|no screen(?:s)? found|Can't (?:open|find) (?:input|joy)|udev|XInput|V-Sync mode"
    r"|accesskit|AccessKit|dbus|DBus"
)
"""What software rendering and a machine without devices say, whatever the project does."""


@dataclass(frozen=True)
class Outcome:
    """What a check program reported, and everything it printed."""

    passed: int
    failures: list[str]
    measured: dict[str, Any]
    output: str
    returncode: int

    def ok(self) -> dict[str, Any]:
        """What was measured; fails where the program found a failure, an error or a warning, or checked nothing."""
        assert not self.failures, "\n".join(self.failures[:20])
        trouble = [line.strip() for line in TROUBLE.findall(self.output) if not HARMLESS.search(line)]
        assert not trouble, self.output[-6000:]
        assert self.passed > 0
        assert self.returncode == 0, f"it ended with {self.returncode}"
        return self.measured


Godot = Callable[..., Outcome]


@pytest.fixture(scope="session")
def godot_program(find_tool: Callable[[str, str], str]) -> str:
    """A Godot that needs a display or ``--headless``."""
    return find_tool("godot", HOW)


@pytest.fixture(scope="session")
def godot_project(godot_program: str, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The test project with the addon in it, imported."""
    project = tmp_path_factory.mktemp("godot") / "project"
    shutil.copytree(Path(__file__).parent / "project", project, ignore=shutil.ignore_patterns(".godot"))
    shutil.copytree(ADDON, project / "addons" / "framegen")
    done = subprocess.run(
        [godot_program, "--headless", "--path", str(project), "--import"],
        capture_output=True, text=True, errors="replace", timeout=240, check=False,
    )  # fmt: skip
    output = done.stdout + done.stderr
    assert done.returncode == 0 and not re.search("SCRIPT ERROR|Parse Error", output), output
    return project


@pytest.fixture(scope="session")
def run_check(godot_program: str, godot_project: Path) -> Godot:
    """A function that runs ``checks/NAME.gd`` without a display and returns its :class:`Outcome`."""

    def run(name: str, *arguments: str, timeout_s: float = 120) -> Outcome:
        command = [godot_program, "--headless", "--path", str(godot_project), "-s", f"res://checks/{name}.gd"]
        return outcome([*command, "--", *arguments], timeout_s)

    return run


@pytest.fixture(scope="session")
def scene_command(find_tool: Callable[[str, str], str], godot_project: Path) -> Callable[..., list[str]]:
    """A function that gives the command for ``checks/NAME.tscn`` on a virtual display in a renderer.

    ``renderer``: ``forward_plus``, ``mobile`` or ``gl_compatibility``; ``project``: another copy than the common one.
    """
    program = find_tool("godot-x11", f"{HOW}, with a virtual display")

    def command(name: str, renderer: str, *arguments: str, project: Path = godot_project) -> list[str]:
        driver = "opengl3" if renderer == "gl_compatibility" else "vulkan"
        options = ["--rendering-method", renderer, "--rendering-driver", driver, "--resolution", "320x180"]
        return [program, "--path", str(project), *options, f"res://checks/{name}.tscn", "--", *arguments]

    return command


@pytest.fixture(scope="session")
def run_scene(scene_command: Callable[..., list[str]]) -> Godot:
    """A function that runs such a scene to its end and returns its :class:`Outcome`."""

    def run(name: str, renderer: str, *arguments: str, timeout_s: float = 240, **where: Path) -> Outcome:
        return outcome(scene_command(name, renderer, *arguments, **where), timeout_s, ends_by_itself=False)

    return run


@pytest.fixture
def run_editor(
    find_tool: Callable[[str, str], str],
    free_port: Callable[[], int],
    godot_program: str,
    godot_project: Path,
    tmp_path: Path,
) -> Godot:
    """A function that opens a copy of the project in the editor and runs ``checks/editor`` against a server.

    The copy lies in the test's folder; ``python`` is the one that the dock starts servers with.
    """

    def run(address: str, what: str, python: str = "") -> Outcome:
        project = tmp_path / "project"
        shutil.copytree(godot_project, project)
        addon = '"res://addons/framegen/plugin.cfg"'
        settings = (project / "project.godot").read_text("utf-8")
        both = settings.replace(addon, f'{addon}, "res://checks/editor/plugin.cfg"')
        # Games that are played from the editor hear of the renderer through the project.
        both = both.replace("[rendering]\n", f"[rendering]\n{RENDERER}\n")
        both += f'\n[addons]\n\nframegen/python="{python}"\n'
        (project / "project.godot").write_text(both, "utf-8")
        options = ["--editor", "--path", str(project), "--rendering-driver", "opengl3", "--resolution", "1280x720"]
        # The editor listens for games, with settings of its own; they are windows of their own.
        port = free_port()
        (project / ".godot" / "editor").mkdir(exist_ok=True)
        metadata = project / ".godot" / "editor" / "project_metadata.cfg"
        metadata.write_text("[game_view]\n\nembed_on_play=false\n", "utf-8")
        said = subprocess.run([godot_program, "--version"], capture_output=True, text=True, check=True).stdout
        version = ".".join(said.strip().splitlines()[-1].split(".")[:2])
        config = tmp_path / "config" / "godot" / f"editor_settings-{version}.tres"
        config.parent.mkdir(parents=True)
        config.write_text(f"{EDITOR_SETTINGS}network/debug/remote_port = {port}\n", "utf-8")
        program = find_tool("godot-x11", f"{HOW}, with a virtual display")
        told = ["check-editor", address, str(tmp_path), what, godot_program]
        command = ["env", f"XDG_CONFIG_HOME={tmp_path / 'config'}", program, *options, "--", *told]
        return outcome(command, 400)

    return run


@pytest.fixture(scope="session")
def start_scene(scene_command: Callable[..., list[str]]) -> Callable[..., subprocess.Popen[str]]:
    """A function that starts such a scene in a group of its own; what it prints comes through ``stdout``."""

    def start(name: str, renderer: str, *arguments: str) -> subprocess.Popen[str]:
        return subprocess.Popen(
            scene_command(name, renderer, *arguments),
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, errors="replace", start_new_session=True,
        )  # fmt: skip

    return start


def outcome(command: list[str], timeout_s: float, *, ends_by_itself: bool = True) -> Outcome:
    """Runs a check program to its report, and to its end.

    Where a processor draws, one Godot in a few hundred was seen to stall after its report, once everything was checked:
    unless it is to end by itself it is then ended, and the report counts. That the addon lets a game end is what the
    checks without a display show.
    """
    # in a group of its own: a display and the game on it end together, or what is left would keep the pipe open
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, errors="replace", start_new_session=True
    ) as game:
        try:
            output, _ = game.communicate(timeout=timeout_s)
        except subprocess.TimeoutExpired:
            os.killpg(game.pid, signal.SIGKILL)
            output, _ = game.communicate()
            if ends_by_itself or not REPORT.search(output):
                pytest.fail(f"no end after {timeout_s} s:\n{output[-6000:]}")
            warnings.warn(f"Godot stalled after its report: {' '.join(command[-3:])}", stacklevel=2)
            game.returncode = 0
        except BaseException:  # Ctrl-C does not reach another group
            os.killpg(game.pid, signal.SIGKILL)
            raise
    found = REPORT.search(output)
    if found is None:
        pytest.fail(f"no report:\n{output[-6000:]}")
    report = json.loads(found.group(1))
    return Outcome(report["passed"], report["failures"], report["measured"], output, game.returncode)
