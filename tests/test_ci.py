"""The rules CI rests on: its script runs the README's test command, and nothing skips unseen."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest


def readme_command(root: Path, heading: str) -> str:
    """The one line in the first fenced block after ``**heading**`` in the README."""
    text = (root / "README.md").read_text(encoding="utf-8")
    match = re.search(rf"\*\*{heading}[^\n]*\n+```[a-z]*\n([^\n]+)\n```", text)
    assert match, f"README.md has no one-line command block after **{heading}"
    return match[1]


def test_ci_runs_the_test_command_of_the_readme(root: Path) -> None:
    command = readme_command(root, "Test")
    assert "pytest" in command
    script = (root / ".ci" / "run").read_text(encoding="utf-8")
    assert command in script.splitlines()
    assert script.index(".ci/tools") < script.index(command)


def test_run_command_of_the_readme_starts_the_demo(root: Path) -> None:
    assert readme_command(root, "Run").endswith("framegen demo")


@pytest.mark.skipif(os.name == "nt", reason="shell scripts of Linux CI; run them under WSL instead of Windows")
@pytest.mark.parametrize("name", ["run", "tools"])
def test_ci_scripts_are_executable_and_parse(root: Path, name: str) -> None:
    script = root / ".ci" / name
    assert os.access(script, os.X_OK)
    subprocess.run(["bash", "-n", str(script)], check=True, timeout=10)


SKIPS = """
import pytest

def test_passes():
    pass

def test_tool():
    pytest.skip("needs frobnicator: apt-get install frobnicator")

@pytest.mark.skip(reason="needs a GPU")
def test_gpu():
    pass
"""


@pytest.mark.parametrize(("ci", "outcome"), [("true", "1 failed, 1 passed, 1 skipped"), ("", "1 passed, 2 skipped")])
def test_only_gpu_tests_may_skip_in_ci(root: Path, tmp_path: Path, ci: str, outcome: str) -> None:
    (tmp_path / "conftest.py").write_text((root / "tests" / "conftest.py").read_text(encoding="utf-8"))
    (tmp_path / "test_skips.py").write_text(SKIPS)
    command = [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", "--rootdir", str(tmp_path), str(tmp_path)]
    run = subprocess.run(
        command,
        env={**os.environ, "CI": ci, "PYTHONPATH": str(root)},
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert outcome in run.stdout
    assert run.returncode == (1 if ci else 0)
    assert ("frobnicator" in run.stdout) == bool(ci)


def test_module_level_skip_fails_in_ci(root: Path, tmp_path: Path) -> None:
    (tmp_path / "conftest.py").write_text((root / "tests" / "conftest.py").read_text(encoding="utf-8"))
    (tmp_path / "test_module.py").write_text("import pytest\npytest.importorskip('no_such_module_anywhere')\n")
    command = [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", "--rootdir", str(tmp_path), str(tmp_path)]
    run = subprocess.run(
        command,
        env={**os.environ, "CI": "true", "PYTHONPATH": str(root)},
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert run.returncode != 0
    assert "no_such_module_anywhere" in run.stdout


def test_pytest_default_options_stay_audible(root: Path) -> None:
    text = (root / "pyproject.toml").read_text(encoding="utf-8")
    addopts = re.search(r'^addopts = "(.*)"$', text, re.MULTILINE)
    assert addopts is not None
    assert not re.search(r"(^|\s)(-q|--quiet|--no-summary)\b", addopts[1])
