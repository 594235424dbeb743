"""What the documents point at exists, and the commands they show are commands."""

from __future__ import annotations

import re
from pathlib import Path

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


def test_every_command_is_listed_with_a_module_that_is_there(root: Path) -> None:
    for command in COMMANDS:
        path = root.joinpath(*command.module.split("."))
        assert path.with_suffix(".py").is_file() or (path / "__init__.py").is_file(), command.name
