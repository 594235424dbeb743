"""Ctrl-C while the command line still imports ends it quietly."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from framegen import interrupts

INTERRUPTING = """
import signal, sys
from framegen.__main__ import main

class Finder:
    def find_spec(self, name, path=None, target=None):
        if name == wanted:
            signal.raise_signal(signal.SIGINT)

wanted, sys.argv[1:] = sys.argv[1], ["doctor", "--no-timing"]
sys.meta_path.insert(0, Finder())
raise SystemExit(main())
"""


@pytest.mark.parametrize("module", ["framegen.cli", "numpy", "framegen.doctor"])
def test_an_interrupt_of_an_import_is_a_word_and_a_code(module: str, root: Path) -> None:
    run = subprocess.run(
        [sys.executable, "-c", INTERRUPTING, module],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
        env={**os.environ, "PYTHONPATH": str(root)},
    )
    assert (run.returncode, run.stderr, run.stdout) == (interrupts.INTERRUPTED, "Interrupted.\n", "")


def test_afterwards_it_is_an_exception_again() -> None:
    with interrupts.ending_at_once():
        assert signal.getsignal(signal.SIGINT) not in (signal.default_int_handler, signal.SIG_IGN)
    with pytest.raises(KeyboardInterrupt):
        signal.raise_signal(signal.SIGINT)


def test_who_ignores_or_handles_it_goes_on_doing_so() -> None:
    before = signal.getsignal(signal.SIGINT)
    heard: list[int] = []
    try:
        for handler in (signal.SIG_IGN, lambda number, _frame: heard.append(number)):
            signal.signal(signal.SIGINT, handler)
            with interrupts.ending_at_once():
                assert signal.getsignal(signal.SIGINT) is handler
                signal.raise_signal(signal.SIGINT)
            assert signal.getsignal(signal.SIGINT) is handler
    finally:
        signal.signal(signal.SIGINT, before)
    assert heard == [signal.SIGINT]
