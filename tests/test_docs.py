"""What the documents point at exists, and the commands they show are commands."""

from __future__ import annotations

import importlib.util
import re
from pathlib import Path

import pytest

from framegen.cli import COMMANDS

LINK = re.compile(r"\]\(([^)#\s]+)(?:#[^)]*)?\)")
SKIPPED = {".venv", "venv", "node_modules", "build", "dist", "shared"}


def documents(root: Path) -> list[Path]:
    return [path for path in sorted(root.rglob("*.md")) if not SKIPPED & set(path.relative_to(root).parts)]


def test_relative_links_lead_somewhere(root: Path) -> None:
    broken = []
    for document in documents(root):
        for target in LINK.findall(document.read_text(encoding="utf-8")):
            if "://" not in target and not target.startswith("mailto:") and not (document.parent / target).exists():
                broken.append(f"{document.relative_to(root)} -> {target}")
    assert not broken


def test_commands_in_code_blocks_exist(root: Path) -> None:
    known = {command.name for command in COMMANDS}
    shown = set()
    for document in documents(root):
        for block in re.findall(r"^```(?:sh|powershell)\n(.*?)^```", document.read_text(encoding="utf-8"), re.M | re.S):
            shown |= set(re.findall(r"(?:^|[/\\ ])framegen ([a-z]+)\b", block, re.M))
    assert shown, "the README shows commands"
    assert shown <= known


def test_install_commands_work_from_a_clone(root: Path) -> None:
    """framegen is not on PyPI."""
    shown = [*documents(root), *(root / "demos").glob("*.py")]
    assert not [path for path in shown if "framegen[" in path.read_text(encoding="utf-8")]


def test_every_command_is_listed_with_a_module_that_is_there(root: Path) -> None:
    for command in COMMANDS:
        path = root.joinpath(*command.module.split("."))
        assert path.with_suffix(".py").is_file() or (path / "__init__.py").is_file(), command.name


def test_measured_figures_fill_the_readme(root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    spec = importlib.util.spec_from_file_location("measure", root / "docs" / "measure.py")
    assert spec is not None and spec.loader is not None
    measure = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(measure)
    row = {
        "scenario": "512x288",
        "fps": 41.2,
        "latency_ms": {"p50": 20.0, "p95": 22.0, "p99": 31.4},
        "model_ms": 9.8,
        "sent": 10,
        "answered": 7,
        "generated": 7,
        "reprojected": 0,
        "superseded": 3,
        "lost": 0,
        "growth": {"latency_ms": 0.1, "memory_mib": 0.0},
        "server_memory_mib": 250.0,
        "first_picture_s": 1.2,
        "conditions": {"machine": "2 cores of a test", "load": 0.1},
    }
    strided = {**row, "scenario": "1280x720", "generated": 3, "reprojected": 4}
    run = {"ratio": 1.2, "edit_strength": 30.0}
    answers = {
        "scenarios": [row, strided, {**row, "scenario": "overload"}],
        "overload": [row],
        "temporal": {"reuse_on": run, "reuse_off": {**run, "ratio": 2.5}, "prompt_change_ms": 400.0},
    }
    monkeypatch.setattr(measure, "bench", lambda _folder, name, *_words: answers[name])
    readme = tmp_path / "README.md"
    readme.write_text((root / "README.md").read_text(encoding="utf-8"), encoding="utf-8")
    monkeypatch.setattr(measure, "README", readme)
    monkeypatch.setattr("sys.argv", ["measure.py", "--minutes", "2"])
    measure.main()
    text = readme.read_text(encoding="utf-8")
    assert "41 restyled frames a second; latency p50 20, p95 22, p99 31 ms" in text
    assert "of which the network 9.8 ms | `framegen bench --scenario 512x288`" in text
    assert "of which the network 9.8 ms on the 43 % of frames that it runs on | `framegen bench --scenario 1280" in text
    assert "`framegen bench overload --minutes 2`" in text
    assert "2 cores of a test" in text
    assert text.count("<!-- figures -->") == text.count("<!-- /figures -->") == 1
