"""CUDA C to machine code by NVRTC, kept on disk. Needs the ``cuda`` extra, no GPU and no driver."""

from __future__ import annotations

import functools
import hashlib
import importlib.util
import os
import re
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from framegen import install
from framegen.errors import ModelUnavailable
from framegen.resources import shipped

ARCHITECTURES = ("sm_75", "sm_80", "sm_86", "sm_89", "sm_90", "sm_100", "sm_120")
"""RTX 20, A100, RTX 30, RTX 40, H100 and H200, B200, RTX 50."""
STORES = {"float32": 0, "float16": 1, "bfloat16": 2}
_KERNEL = re.compile(r'extern "C" __global__ void (\w+)\(([^)]*)\)')
_INSTALL = f"Install it: {install.command_for('cuda')}"


@dataclass(frozen=True)
class Source:
    """One file of kernels. ``stores``: it is compiled once for each kind of number that planes hold."""

    name: str
    stores: bool = False

    @property
    def text(self) -> str:
        """CUDA C."""
        return shipped(f"cuda/{self.name}.cu").read_text(encoding="utf-8")

    @property
    def kernels(self) -> dict[str, tuple[str, ...]]:
        """Kernel -> its parameters, as they are written."""
        return {
            name: tuple(" ".join(parameter.split()) for parameter in parameters.split(","))
            for name, parameters in _KERNEL.findall(self.text)
        }


SOURCES = (Source("pictures", stores=True), Source("reproject"), Source("lift"))


def available() -> bool:
    """Whether NVRTC can be called here."""
    if importlib.util.find_spec("cuda") is None or importlib.util.find_spec("cuda.bindings") is None:
        return False
    try:
        version()
    except (ModelUnavailable, RuntimeError, OSError):
        return False
    return True


@functools.cache
def version() -> tuple[int, int]:
    """NVRTC's. Raises ModelUnavailable: it is not installed."""
    nvrtc = _nvrtc()
    major, minor = _checked(nvrtc, nvrtc.nvrtcVersion())
    return int(major), int(minor)


def compile_source(source: Source, architecture: str, store: str = "float32") -> bytes:
    """Machine code (a cubin) of a file of kernels, from the cache where it was compiled before.

    Args:
        architecture: ``sm_90`` and so on. store: of :data:`STORES`; files without planes ignore it.

    Raises:
        ModelUnavailable: NVRTC is not installed, or does not know the architecture.
    """
    options = [f"--gpu-architecture={architecture}", "--std=c++17"]
    if source.stores:
        options.append(f"-DSTORE={STORES[store]}")
    text = source.text
    key = hashlib.sha256(repr((text, options, version())).encode()).hexdigest()[:32]
    kept = cache_dir() / f"{source.name}-{architecture}-{key}.cubin"
    if kept.is_file():
        return kept.read_bytes()
    code = _compile(text, source.name, options)
    try:
        kept.parent.mkdir(parents=True, exist_ok=True)
        fresh = kept.with_suffix(f".{os.getpid()}")
        fresh.write_bytes(code)
        fresh.replace(kept)  # another process may be doing the same
    except OSError:
        pass  # a read-only home: compiled anew next time
    return code


def cache_dir() -> Path:
    """Where compiled kernels are kept: ``FRAMEGEN_CACHE`` or the system's cache folder of the user."""
    if os.environ.get("FRAMEGEN_CACHE"):
        return Path(os.environ["FRAMEGEN_CACHE"]) / "cuda"
    if sys.platform == "win32":
        base = Path(os.environ.get("LOCALAPPDATA") or Path.home() / "AppData" / "Local")
    else:
        base = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    return base / "framegen" / "cuda"


def _compile(text: str, name: str, options: list[str]) -> bytes:
    nvrtc = _nvrtc()
    program = _checked(nvrtc, nvrtc.nvrtcCreateProgram(text.encode(), f"{name}.cu".encode(), 0, [], []))
    try:
        told = [option.encode() for option in options]
        (status,) = nvrtc.nvrtcCompileProgram(program, len(told), told)
        if status != nvrtc.nvrtcResult.NVRTC_SUCCESS:
            log = b" " * _checked(nvrtc, nvrtc.nvrtcGetProgramLogSize(program))
            nvrtc.nvrtcGetProgramLog(program, log)
            lines = log.decode(errors="replace").strip("\0 \n") or str(status)
            raise ModelUnavailable(f"{name}.cu does not compile: {lines}")
        code: bytes = b" " * _checked(nvrtc, nvrtc.nvrtcGetCUBINSize(program))
        _checked(nvrtc, nvrtc.nvrtcGetCUBIN(program, code))
        return code
    finally:
        nvrtc.nvrtcDestroyProgram(program)


def _nvrtc() -> Any:
    try:
        from cuda.bindings import nvrtc
    except ImportError as error:
        raise ModelUnavailable("CUDA's run-time compiler is not installed.", hint=_INSTALL) from error
    return nvrtc


def _checked(nvrtc: Any, answer: tuple[Any, ...]) -> Any:
    """What a call gave beside its status."""
    status, *values = answer
    if status != nvrtc.nvrtcResult.NVRTC_SUCCESS:
        raise ModelUnavailable(f"CUDA's run-time compiler failed: {status}.", hint=_INSTALL)
    return values[0] if len(values) == 1 else tuple(values)
