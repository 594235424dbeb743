"""What this machine is: processor, memory, graphics, versions. Read by ``doctor`` and printed with every figure.

Only the standard library and OpenVINO's own answer; a fact that cannot be read is left empty, never guessed.
"""

from __future__ import annotations

import ctypes
import importlib.metadata
import os
import platform
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

from framegen import quota

FEATURES = (
    "avx2",
    "avx512f",
    "avx_vnni",
    "avx512_vnni",
    "avx512_bf16",
    "amx_int8",
    "amx_bf16",
    "asimd",
    "asimddp",
    "i8mm",
)
"""Processor features that decide how fast the embedded model runs, as Linux spells them."""

RUNTIMES = ("openvino", "onnxruntime", "onnxruntime-gpu", "onnxruntime-directml", "torch", "diffusers", "panda3d")


@dataclass(frozen=True)
class Machine:
    """Facts of one machine.

    Attributes:
        system: ``Linux 6.1``. ``python``: ``3.11.7``.
        cpu: the processor's own name. ``cores``: that this process may use, whole ones.
        features: those of :data:`FEATURES` that it has; empty where the system does not tell.
        memory_gib: that this process may use; 0.0 where unknown.
        gpus: names that ``nvidia-smi`` gives, with driver version.
        versions: package -> version, of framegen and every runtime of :data:`RUNTIMES` installed.
    """

    system: str
    python: str
    cpu: str
    cores: int
    features: tuple[str, ...]
    memory_gib: float
    gpus: tuple[str, ...]
    versions: dict[str, str]

    @property
    def title(self) -> str:
        """One line: what figures measured here should be read with."""
        features = " ".join(self.features) or "features unknown"
        gpu = ", ".join(self.gpus) or "no GPU"
        return f"{self.cores} cores of {self.cpu} ({features}), {self.memory_gib:.0f} GiB, {gpu}, {self.system}"


def describe() -> Machine:
    """This machine, now. Takes some ten milliseconds, more where ``nvidia-smi`` answers."""
    cpu, flags = _processor()
    return Machine(
        system=f"{platform.system()} {platform.release().split('-')[0]}",
        python=platform.python_version(),
        cpu=cpu,
        cores=usable_cores(),
        features=tuple(name for name in FEATURES if name in flags),
        memory_gib=_memory_bytes() / 2**30,
        gpus=_nvidia_gpus(),
        versions=_versions(),
    )


def usable_cores() -> int:
    """Cores that this process may run on; of a container's quota the whole ones, at least one."""
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    limit = quota.read().cores
    return cores if limit is None else max(1, min(cores, int(limit)))


def resident_bytes(pid: int) -> int:
    """Memory that process ``pid`` holds in RAM, bytes; 0 where the system does not tell or it is gone."""
    status = Path(f"/proc/{pid}/statm")
    if status.exists():
        try:
            return int(status.read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")
        except (OSError, IndexError):
            return 0
    if sys.platform == "win32":
        # The last column of its CSV is like "123,456 K".
        line = _output("tasklist", "/FI", f"PID eq {pid}", "/FO", "CSV", "/NH").strip()
        digits = "".join(c for c in line.rsplit('","', 1)[-1] if c.isdigit())
        return int(digits or 0) << 10
    return int(_output("ps", "-o", "rss=", "-p", str(pid)).strip() or 0) << 10


_IMPORTED_S = time.monotonic()


def running_s() -> float:
    """Seconds since this process was started where Linux tells, elsewhere since this module was imported."""
    try:
        began_ticks = int(Path("/proc/self/stat").read_text().rsplit(")", 1)[1].split()[19])
        up_s = float(Path("/proc/uptime").read_text().split()[0])
        return up_s - began_ticks / os.sysconf("SC_CLK_TCK")
    except (OSError, AttributeError):
        return time.monotonic() - _IMPORTED_S


def _processor() -> tuple[str, frozenset[str]]:
    """Name and feature flags."""
    info = Path("/proc/cpuinfo")
    if info.exists():
        fields: dict[str, str] = {}
        for line in info.read_text(errors="replace").splitlines():
            key, _, value = line.partition(":")
            fields.setdefault(key.strip().lower(), value.strip())
        flags = fields.get("flags", fields.get("features", ""))
        return fields.get("model name", platform.machine()), frozenset(flags.split())
    if sys.platform == "darwin":
        name = _output("sysctl", "-n", "machdep.cpu.brand_string").strip()
        flags = _output("sysctl", "-n", "machdep.cpu.features", "machdep.cpu.leaf7_features").lower()
        on = {
            "hw.optional.neon": "asimd",
            "hw.optional.arm.FEAT_DotProd": "asimddp",
            "hw.optional.arm.FEAT_I8MM": "i8mm",
        }
        arm = {flag for key, flag in on.items() if _output("sysctl", "-n", key).strip() == "1"}
        return name or platform.machine(), frozenset(flags.split()) | arm
    return platform.processor() or platform.machine(), frozenset()


class _MemoryStatus(ctypes.Structure):
    """MEMORYSTATUSEX of the Windows API."""

    _fields_ = [
        ("length", ctypes.c_ulong),
        ("load", ctypes.c_ulong),
        *(
            (name, ctypes.c_ulonglong)
            for name in ("total", "free", "page", "page_free", "virtual", "virtual_free", "ext")
        ),
    ]


def _memory_bytes() -> int:
    if sys.platform == "win32":
        status = _MemoryStatus(length=ctypes.sizeof(_MemoryStatus))
        ctypes.windll.kernel32.GlobalMemoryStatusEx(ctypes.byref(status))
        return int(status.total)
    limit = quota.read().memory_bytes
    try:
        installed = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    except (ValueError, OSError):
        return limit or 0
    return installed if limit is None else min(installed, limit)


def _nvidia_gpus() -> tuple[str, ...]:
    query = _output("nvidia-smi", "--query-gpu=name,memory.total,driver_version", "--format=csv,noheader")
    return tuple(line.strip() for line in query.splitlines() if line.strip())


def _versions() -> dict[str, str]:
    versions = {}
    for name in ("framegen", "numpy", "pyzmq", "opencv-python-headless", *RUNTIMES):
        try:
            versions[name] = importlib.metadata.version(name)
        except importlib.metadata.PackageNotFoundError:
            continue
    if "framegen" not in versions:  # a bare checkout
        from framegen import __version__

        versions["framegen"] = __version__
    return versions


def _output(*command: str) -> str:
    """What ``command`` prints, empty where it is missing or fails."""
    try:  # what is no text to Python: a console may speak another code page
        run = subprocess.run(command, capture_output=True, text=True, errors="replace", timeout=10, check=False)
    except (OSError, subprocess.TimeoutExpired):
        return ""
    return run.stdout if run.returncode == 0 else ""
