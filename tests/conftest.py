"""Fixtures every test may use, and the rule on skips.

Tools beyond pip are installed by ``.ci/tools``; they are found at a fixed place in the user's cache,
then on PATH. A missing one skips the test and says how to get it. In CI (``CI=true``) such a skip is a
failure: only a reason that names the GPU may skip there.
"""

from __future__ import annotations

import os
import shutil
import signal
import socket
from collections.abc import Callable, Generator
from pathlib import Path
from typing import Any

import pytest

TOOLS = Path.home() / ".cache" / "framegen" / "tools" / "bin"
ROOT = Path(__file__).resolve().parent.parent

if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    # a shell's background job ignores Ctrl-C and so would every program that a test starts, and interrupts
    signal.signal(signal.SIGINT, signal.default_int_handler)


def tool(name: str, how: str) -> str:
    """The path of program ``name``; skips the test where there is none, saying ``how`` to get it."""
    fixed = TOOLS / name
    found = str(fixed) if fixed.exists() else shutil.which(name)
    if found is None:
        pytest.skip(f"needs {name}: run .ci/tools, or {how}")
    return found


@pytest.fixture(scope="session", autouse=True)
def compiled_kernels() -> None:
    """Compiles the kernels once, so that no test, and no program that a test starts, waits for it."""
    from framegen.ops.kernels import antialias, atrous, choice, clouds, compose, reading, temporal

    for module in (antialias, atrous, choice, clouds, compose, reading, temporal):
        module.warm_up()


@pytest.fixture(scope="session")
def root() -> Path:
    """The checkout."""
    return ROOT


@pytest.fixture
def free_port() -> Callable[[], int]:
    """A function that gives a TCP port on the loopback interface that nobody listens on."""

    def pick() -> int:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            return int(probe.getsockname()[1])

    return pick


@pytest.fixture(scope="session")
def find_tool() -> Callable[[str, str], str]:
    """:func:`tool`: the path of a program by its name, or a skip that says how to get it."""
    return tool


@pytest.fixture(scope="session")
def cxx() -> str:
    """The path of a C++ compiler."""
    return tool("g++", "apt-get install g++")


@pytest.fixture(scope="session")
def chromium() -> str:
    """The path of a Chromium that Playwright can drive."""
    return tool("chromium", "apt-get install chromium")


def _in_ci() -> bool:
    return os.environ.get("CI", "").lower() in ("1", "true")


def _forbid_skip(report: Any) -> None:
    """Turn a skip into a failure in CI, unless its reason names the GPU."""
    if not _in_ci() or report.outcome != "skipped" or hasattr(report, "wasxfail"):
        return
    reason = report.longrepr[2] if isinstance(report.longrepr, tuple) else str(report.longrepr)
    if "GPU" not in reason:
        report.outcome = "failed"
        report.longrepr = f"Skipped, which CI allows only for want of a GPU. {reason}"


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport() -> Generator[None, Any, Any]:
    report = yield
    _forbid_skip(report)
    return report


@pytest.hookimpl(wrapper=True)
def pytest_make_collect_report() -> Generator[None, Any, Any]:
    report = yield
    _forbid_skip(report)
    return report
