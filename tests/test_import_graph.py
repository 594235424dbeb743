"""Which way imports go (the picture is in docs/architecture.md), read from the source, not from running it."""

from __future__ import annotations

import ast
import functools
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

BASE = {"frame", "errors", "config", "resources", "unfinished", "claim", "install", "watch"}
INNER = {"ops", "engines", "temporal", "state", "draft", "restyle", "codecs", "wire", "metrics"}
EDGE = {
    "video",
    "record",
    "replay",
    "bench",
    "training",
    "viewer",
    "demo",
    "doctor",
    "models_table",
    "machine",
    "quota",
    "serving",
}
"""Only ``cli`` and ``demo`` import these, and each other."""

MAY_IMPORT: dict[str, set[str]] = {
    "errors": set(),
    "frame": {"errors"},
    "config": {"errors"},
    "resources": {"errors"},
    "loopback": set(),
    "sharing": set(),
    "unfinished": {"errors"},
    "claim": set(),
    "install": set(),
    "watch": set(),
    "plainly": {"errors", "interrupts"},
    "interrupts": set(),
    "values": {"config", "errors", "engines"},
    "ops": BASE,
    "metrics": BASE | {"ops", "temporal"},
    "engines": BASE | {"ops"},
    "temporal": BASE | {"ops"},
    "state": BASE | {"ops", "temporal", "engines"},
    "draft": BASE | {"ops", "temporal", "engines", "state"},
    "restyle": BASE | {"ops", "temporal", "engines", "state", "draft"},
    "codecs": BASE,
    "wire": BASE | {"codecs"},
    "client": BASE | {"wire", "codecs", "loopback", "sharing"},
    "recording": BASE | {"wire", "codecs", "client"},
    "server": BASE | INNER - {"metrics"} | {"loopback", "sharing", "values"},
}
"""What each part of the package may import, itself aside. Parts at the edge are free."""

NEEDS_EXTRA = {
    "torch": {"training", "engines/diffusers", "engines/sana", "ops/torch"},
    "diffusers": {"engines/diffusers", "engines/sana"},
    "panda3d": {"demo"},
    "direct": {"demo"},
    "zmq": {"client", "server", "record"},
}
"""Libraries and the only places that may import them."""


def sources(root: Path) -> list[tuple[str, Path]]:
    """(dotted path inside the package, file) of every module."""
    package = root / "framegen"
    return [(path.relative_to(package).with_suffix("").as_posix(), path) for path in sorted(package.rglob("*.py"))]


@functools.cache
def imports(path: Path, module: str) -> tuple[tuple[str, int], ...]:
    """Every absolute module name that ``path`` imports, wherever it stands, with its line."""
    return tuple(_imports(path, module))


def _imports(path: Path, module: str) -> Iterator[tuple[str, int]]:
    package = ["framegen", *module.split("/")[:-1]]
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            for alias in node.names:
                yield alias.name, node.lineno
        elif isinstance(node, ast.ImportFrom):
            name = node.module or ""
            if node.level:
                name = ".".join([*package[: len(package) - node.level + 1], *([name] if name else [])])
            if name == "framegen":
                for alias in node.names:
                    yield f"framegen.{alias.name}", node.lineno
            else:
                yield name, node.lineno


def part(module: str) -> str:
    return module.split("/", maxsplit=1)[0]


def test_every_part_has_its_place_in_the_graph(root: Path) -> None:
    known = set(MAY_IMPORT) | EDGE | {"__init__", "__main__", "cli"}
    assert {part(module) for module, _ in sources(root)} <= known


def test_imports_go_one_way(root: Path) -> None:
    parts = {part(module) for module, _ in sources(root)}
    wrong = []
    for module, path in sources(root):
        own = part(module)
        for name, line in imports(path, module):
            if not name.startswith("framegen."):
                continue
            target = name.split(".")[1]
            if target not in parts or target in (own, "__init__"):
                continue
            if own in MAY_IMPORT and target not in MAY_IMPORT[own]:
                wrong.append(f"{module}:{line} imports {name}")
            if target in EDGE and own not in EDGE | {"cli", "__main__"}:
                wrong.append(f"{module}:{line} imports {name}, which stands at the edge")
    assert not sorted(set(wrong))


@pytest.mark.parametrize("library", sorted(NEEDS_EXTRA))
def test_libraries_stay_where_they_belong(root: Path, library: str) -> None:
    wrong = []
    for module, path in sources(root):
        if any(module == place or module.startswith(place) for place in NEEDS_EXTRA[library]):
            continue
        wrong += [f"{module}:{line}" for name, line in imports(path, module) if name.split(".")[0] == library]
    assert not wrong


def loaded_after(statement: str) -> set[str]:
    """Top-level names in ``sys.modules`` of a fresh interpreter after ``statement``."""
    code = f"{statement}\nimport sys\nprint(*{{name.split('.')[0] for name in sys.modules}})"
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=True)
    return set(run.stdout.split())


def test_importing_framegen_is_light() -> None:
    heavy = {"torch", "diffusers", "transformers", "openvino", "onnxruntime", "panda3d", "av"}
    assert not loaded_after("import framegen") & (heavy | {"numpy", "zmq"})
    assert not loaded_after("from framegen import Client, Frame") & heavy


def test_the_command_line_starts_without_models() -> None:
    assert not loaded_after("import framegen.cli") & {"torch", "openvino", "onnxruntime", "panda3d"}
