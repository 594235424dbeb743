"""A first start says what takes so long, a second one has nothing to say."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

PROGRAM = """
import numba
from framegen.ops.kernels.compiling import compiling

@numba.njit(cache=True)
def twice(x):
    return 2 * x

@numba.njit(cache=True)
def thrice(x):
    return 3 * x

with compiling(lambda: print("compiling", end=" ")):
    print(twice(1.0) + thrice(1.0))
twice(1)  # outside, nobody is told
"""


def test_told_once_when_kernels_are_compiled_and_never_when_they_are_loaded(
    tmp_path: Path, root: Path, monkeypatch
) -> None:
    program = tmp_path / "program.py"
    program.write_text(PROGRAM)
    monkeypatch.setenv("PYTHONPATH", str(root))
    said = [
        subprocess.run([sys.executable, str(program)], capture_output=True, text=True, check=True).stdout
        for _ in range(2)
    ]
    assert [line.split() for line in said] == [["compiling", "5.0"], ["5.0"]]
