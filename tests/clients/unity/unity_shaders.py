"""Takes the package's shaders apart as Unity would, and compiles each program of them with glslang."""

from __future__ import annotations

import re
import subprocess
from dataclasses import dataclass
from pathlib import Path

INCLUDE = re.compile(r'^\s*#include "([^"]+)"', re.M)
PRAGMA = re.compile(r"^\s*#pragma (\w+) (\w+).*$", re.M)


@dataclass(frozen=True)
class ShaderProgram:
    """One entry point: ``stage`` is glslang's (vert, frag, comp), ``text`` HLSL with its includes in place."""

    name: str
    stage: str
    entry: str
    text: str


def flat(text: str, folder: Path, seen: frozenset[str] = frozenset()) -> str:
    """HLSL with the files it includes in their places."""

    def included(match: re.Match[str]) -> str:
        name = match[1]
        assert name not in seen, f"{name} includes itself"
        path = folder / name
        return flat(path.read_text("utf-8"), path.parent, seen | {name})

    return INCLUDE.sub(included, text)


def programs(path: Path) -> list[ShaderProgram]:
    """Of a ``.shader`` or ``.compute`` file."""
    text = path.read_text("utf-8")
    if path.suffix == ".compute":
        kernels = [name for word, name in PRAGMA.findall(text) if word == "kernel"]
        return [
            ShaderProgram(f"{path.stem}.{name}", "comp", name, flat(PRAGMA.sub("", text), path.parent))
            for name in kernels
        ]
    found = []
    for index, block in enumerate(re.findall(r"HLSLPROGRAM(.*?)ENDHLSL", text, re.S)):
        entries = dict(PRAGMA.findall(block))
        body = flat(PRAGMA.sub("", block), path.parent)
        for stage, word in (("vert", "vertex"), ("frag", "fragment")):
            found.append(ShaderProgram(f"{path.stem}.{index}.{stage}", stage, entries[word], body))
    return found


def compile_program(glslang: str, program: ShaderProgram, folder: Path, *options: str) -> Path:
    """SPIR-V of a program. Raises AssertionError with the compiler's words."""
    source, target = folder / f"{program.name}.hlsl", folder / f"{program.name}.spv"
    source.write_text(program.text, "utf-8")
    command = [glslang, "-D", "-V", "--auto-map-bindings", "--auto-map-locations", "--hlsl-offsets", *options]
    command += ["-S", program.stage, "-e", program.entry, "-o", str(target), str(source)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, f"{program.name}\n{done.stdout}{done.stderr}"
    return target
