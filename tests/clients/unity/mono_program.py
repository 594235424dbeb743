"""Compiles C# with Mono's compiler and talks to the programs that come of it."""

from __future__ import annotations

import json
import queue
import subprocess
import threading
import time
from collections.abc import Iterable
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[3]
PACKAGE = ROOT / "clients" / "unity" / "com.framegen.client"
HERE = Path(__file__).resolve().parent


def sources(*folders: Path) -> list[Path]:
    """Every C# file below some folders."""
    return sorted(path for folder in folders for path in folder.rglob("*.cs"))


def compile_csharp(
    mcs: str, target: Path, files: Iterable[Path], *, defines: Iterable[str] = (), references: Iterable[Path] = ()
) -> None:
    """Compile as Unity's oldest compiler would read it (C# 7.2), warnings as errors."""
    kind = "library" if target.suffix == ".dll" else "exe"
    command = [mcs, "-langversion:7.2", "-warn:4", "-warnaserror", f"-target:{kind}", f"-out:{target}"]
    command += [f"-d:{name}" for name in defines] + [f"-r:{path}" for path in references]
    done = subprocess.run([*command, *map(str, files)], capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


class Driven:
    """A client under Mono that obeys lines and answers in JSON; a context manager."""

    def __init__(self, mono: str, program: Path) -> None:
        self._process = subprocess.Popen(
            [mono, str(program), "drive"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, encoding="utf-8"
        )
        self._heard: queue.Queue[dict[str, Any]] = queue.Queue()
        self.log: list[dict[str, Any]] = []
        threading.Thread(target=self._read, daemon=True).start()

    def __enter__(self) -> Driven:
        return self

    def __exit__(self, *_: object) -> None:
        self._process.kill()
        self._process.communicate()

    def _read(self) -> None:
        assert self._process.stdout is not None
        for line in self._process.stdout:
            self._heard.put(json.loads(line))

    def say(self, *words: object) -> None:
        """One command."""
        assert self._process.stdin is not None
        self._process.stdin.write(" ".join(map(str, words)) + "\n")
        self._process.stdin.flush()

    def hear(self, key: str, value: object = None, timeout_s: float = 20.0) -> dict[str, Any]:
        """The next line that has ``key`` (with ``value``, where one is given). Raises TimeoutError."""
        until = time.monotonic() + timeout_s
        while True:
            try:
                line = self._heard.get(timeout=max(until - time.monotonic(), 0.001))
            except queue.Empty:
                raise TimeoutError(f"no line with {key}={value}; heard {self.log[-8:]}") from None
            self.log.append(line)
            if key in line and value in (None, line[key]):
                return line

    def ask(self, *words: object, key: str, timeout_s: float = 20.0) -> dict[str, Any]:
        """Say something and wait for the line with ``key``."""
        self.say(*words)
        return self.hear(key, timeout_s=timeout_s)

    def stats_until(self, key: str, value: object, timeout_s: float = 20.0) -> dict[str, Any]:
        """Asks for the statistics until one of them is as wanted."""
        until = time.monotonic() + timeout_s
        while True:
            stats = self.ask("stats", key="sent")
            if stats[key] == value:
                return stats
            assert time.monotonic() < until, f"{key} never became {value}: {stats}"
            time.sleep(0.02)
