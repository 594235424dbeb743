"""Facts of this machine are read, and agree with what the system says elsewhere."""

from __future__ import annotations

import os
import platform
import subprocess
import sys
import time

import numpy as np

import framegen
from framegen import machine


def test_describe_names_processor_cores_and_versions() -> None:
    here = machine.describe()
    assert here.cpu
    assert 1 <= here.cores <= (os.cpu_count() or 1)
    assert 0.5 < here.memory_gib < 10_000
    assert here.versions["framegen"] == framegen.__version__
    assert here.versions["numpy"] == np.__version__
    assert platform.system() in here.title
    assert set(here.features) <= set(machine.FEATURES)


def test_resident_memory_grows_with_what_a_process_holds() -> None:
    code = "import sys; held = bytearray(b'x') * (64 << 20); print(flush=True); sys.stdin.read()"
    with subprocess.Popen([sys.executable, "-c", code], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as child:
        assert child.stdout is not None
        child.stdout.readline()
        held = machine.resident_bytes(child.pid)
        child.communicate(b"")
    assert 64 << 20 < held < 400 << 20


def test_resident_memory_of_nobody_is_zero() -> None:
    with subprocess.Popen([sys.executable, "-c", ""]) as child:
        child.wait()
    assert machine.resident_bytes(child.pid) == 0


def test_how_long_this_process_runs() -> None:
    code = "from framegen.machine import running_s as s; import time; a = s(); time.sleep(0.3); print(a, s())"
    began_s = time.monotonic()
    said = subprocess.run([sys.executable, "-c", code], capture_output=True, check=True).stdout
    first, second = map(float, said.split())
    assert 0.0 <= first < first + 0.25 < second < time.monotonic() - began_s + 0.1


def test_what_is_no_text_of_this_python_is_read_all_the_same() -> None:
    code = "import sys; sys.stdout.buffer.write(bytes([0x81, 0xFF]) + b' 12 K')"
    assert machine._output(sys.executable, "-c", code).endswith(" 12 K")
