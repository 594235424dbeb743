"""What is said of a process that ended without a word."""

from __future__ import annotations

import os
import queue
import signal
import subprocess
import sys
from multiprocessing.connection import Connection

import pytest

from framegen.demo.processes import Child, Message, interrupts_held


def killed(_argument: object, _pipe: Connection) -> None:
    os.kill(os.getpid(), signal.SIGTERM)


def left(_argument: object, _pipe: Connection) -> None:
    os._exit(3)


@pytest.mark.skipif(sys.platform == "win32", reason="needs POSIX signals: run on Linux or macOS")
def test_a_process_that_was_killed_is_said_to_be() -> None:
    inbox: queue.Queue[Message] = queue.Queue()
    Child("server", killed, None, inbox)
    who, kind, hint = inbox.get(timeout=60)
    assert (who, kind) == ("server", "ended") and "Signal 15" in str(hint)


@pytest.mark.skipif(sys.platform == "win32", reason="needs POSIX signals: run on Linux or macOS")
def test_an_interrupt_while_a_process_starts_is_heard_after_it_by_us_alone() -> None:
    interrupted = "import os, signal; os.kill(os.getpid(), signal.SIGINT); print('alive')"
    said = b""
    with pytest.raises(KeyboardInterrupt), interrupts_held():
        os.kill(os.getpid(), signal.SIGINT)
        said = subprocess.run([sys.executable, "-c", interrupted], capture_output=True, timeout=60, check=True).stdout
    assert said.split() == [b"alive"]


def test_one_that_left_points_to_the_doctor() -> None:
    inbox: queue.Queue[Message] = queue.Queue()
    Child("engine", left, None, inbox)
    who, kind, hint = inbox.get(timeout=60)
    assert (who, kind) == ("engine", "ended") and "doctor" in str(hint)
