"""Tuning the process."""

from __future__ import annotations

import subprocess
import sys


def test_a_tuned_process_runs_opencv_on_the_calling_thread() -> None:
    """In a process of its own: the settings last as long as one."""
    code = "import cv2; from framegen.ops.tuning import tune_process; tune_process(); print(cv2.getNumThreads())"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "1"
