"""Mono, its compiler, and the C# program that most tests of the Unity package run."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import mono_program
import pytest
from answering_router import AnsweringRouter


@pytest.fixture(scope="session")
def mcs(find_tool: Callable[[str, str], str]) -> str:
    """Mono's C# compiler."""
    return find_tool("mcs", "apt-get install mono-mcs")


@pytest.fixture(scope="session")
def mono(find_tool: Callable[[str, str], str]) -> str:
    """Mono's runtime."""
    return find_tool("mono", "apt-get install mono-runtime")


@pytest.fixture(scope="session")
def program(mcs: str, mono: str, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The package's engine-free core, its own tests and ``csharp/``, compiled into one program."""
    target = tmp_path_factory.mktemp("unity") / "tests.exe"
    folders = [mono_program.PACKAGE / "Core", mono_program.PACKAGE / "Tests" / "Core", mono_program.HERE / "csharp"]
    mono_program.compile_csharp(mcs, target, mono_program.sources(*folders))
    return target


@pytest.fixture
def driven(mono: str, program: Path) -> Callable[[], mono_program.Driven]:
    """Starts a driven client."""
    return lambda: mono_program.Driven(mono, program)


@pytest.fixture
def answering_router() -> Iterator[str]:
    """Address of a ROUTER that answers every frame at once."""
    with AnsweringRouter() as router:
        yield router.address
