"""The package's engine layer is type-checked against stand-ins for Unity's API, in every configuration."""

from __future__ import annotations

import subprocess
from pathlib import Path

import mono_program
import pytest

STUBS = mono_program.HERE / "stubs"
UNITY_6 = ("FRAMEGEN_URP", "UNITY_2022_3_OR_NEWER", "UNITY_6000_0_OR_NEWER")
CONFIGURATIONS = {
    "built-in, 2022.3": ("UNITY_2022_3_OR_NEWER",),
    "built-in, Unity 6": ("UNITY_2022_3_OR_NEWER", "UNITY_6000_0_OR_NEWER"),
    "URP 14, 2022.3": ("FRAMEGEN_URP", "UNITY_2022_3_OR_NEWER"),
    "URP 17, Unity 6.0": UNITY_6,
    "URP 17.4, Unity 6.4": (*UNITY_6, "UNITY_6000_4_OR_NEWER"),
}


@pytest.fixture(scope="module")
def core(mcs: str, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The core, compiled without any engine reference."""
    target = tmp_path_factory.mktemp("core") / "FrameGen.Core.dll"
    mono_program.compile_csharp(mcs, target, mono_program.sources(mono_program.PACKAGE / "Core"))
    return target


@pytest.mark.parametrize("configuration", CONFIGURATIONS)
def test_runtime_editor_samples_and_engine_tests_compile(
    mcs: str, core: Path, tmp_path: Path, configuration: str
) -> None:
    defines = CONFIGURATIONS[configuration]
    unity = tmp_path / "Unity.dll"
    command = [mcs, "-langversion:7.2", "-target:library", f"-out:{unity}", *(f"-d:{name}" for name in defines)]
    done = subprocess.run(
        [*command, *map(str, mono_program.sources(STUBS))], capture_output=True, text=True, timeout=60, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    built = [unity, core]
    for folder in ("Runtime", "Editor", "Samples~", "Tests/Runtime"):
        target = tmp_path / f"{folder.replace('/', '.')}.dll"
        files = mono_program.sources(mono_program.PACKAGE / folder)
        if folder == "Tests/Runtime":
            files.append(mono_program.HERE / "csharp" / "NUnitShim.cs")
        mono_program.compile_csharp(mcs, target, files, defines=defines, references=built)
        built.append(target)


def test_every_stand_in_names_its_page() -> None:
    for path in STUBS.glob("*.cs"):
        if path.name == "FakeEngine.cs":  # what the test keeps for itself
            continue
        lines = path.read_text("utf-8").splitlines()
        for index, line in enumerate(lines):
            top_level = line.startswith("    ") and not line.startswith("     ")
            if not top_level or not any(f" {word} " in line for word in ("class", "struct", "enum", "interface")):
                continue
            above = index - 1
            while not lines[above].strip().startswith("//") and lines[above].strip() != "":
                above -= 1
            assert ".html" in lines[above], f"{path.name}:{index + 1} names no page: {line.strip()}"
