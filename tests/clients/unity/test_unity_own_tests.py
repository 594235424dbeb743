"""The tests that the Unity package brings for Unity's test runner: those that need no engine run here too."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path


def test_the_packages_own_core_tests_pass(mono: str, program: Path) -> None:
    done = subprocess.run([mono, str(program), "nunit"], capture_output=True, text=True, timeout=60, check=False)
    facts = json.loads(done.stdout)
    assert facts["failures"] == []
    assert facts["passed"] >= 50
