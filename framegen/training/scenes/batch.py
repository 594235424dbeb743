"""A run over many seeds, one worker process a scene; resumable, and safe to stop at any moment.

SIGTERM, SIGINT, a closed terminal or a file ``STOP`` in the output folder end it: the worker drops its unfinished
folder. The same command goes on where it stopped (remove ``STOP``). The worker uses all cores and, unless told
otherwise, yields them to everything else.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from types import FrameType

from framegen.training.scenes.folder import done_mark, scratch_folder
from framegen.training.scenes.kinds import ROTATION, kind_of

RESERVED_SEED = 900_000
"""Seeds from here on are kept for judging models: never rendered or trained on."""
STOP_FILE = "STOP"
WORKER = [sys.executable, "-m", "framegen.training.scenes.worker"]
_ENDS = tuple(getattr(signal, name) for name in ("SIGTERM", "SIGINT", "SIGHUP") if hasattr(signal, name))
_POLL_S = 0.5
GRACE_S = 20.0
"""How long a worker may go on with the render at hand once it was asked to stop; its unfinished folder is dropped."""


@dataclass(frozen=True)
class Run:
    """What to render: seeds ``first`` .. ``last - 1``, options of every scene, seconds after which one is given up.

    Those are many, because a busy machine leaves a polite worker next to nothing.
    """

    out: Path
    first: int
    last: int
    kinds: tuple[str, ...] = ROTATION
    cameras: int = 1
    conditions: int = 5
    size: str = "512x288"
    samples: int = 4
    timeout_s: float = 14400.0
    nice: int = 19

    def command(self, seed: int, kind: str) -> list[str]:
        """The worker's options for a seed."""
        options = {"out": self.out, "kind": kind, "seed": seed, "cameras": self.cameras, "size": self.size}
        options |= {"conditions": self.conditions, "spp": self.samples, "nice": self.nice}
        return [part for key, value in options.items() for part in (f"--{key}", str(value))]


class Batch:
    """Runs the workers of a :class:`Run`. ``say`` gets a line a scene; ``worker`` is the command before its options."""

    def __init__(self, run: Run, say: Callable[[str], None], worker: list[str] | None = None) -> None:
        self._run, self._say, self._worker = run, say, worker or WORKER
        self._stopping = False

    def stop(self, _number: int = 0, _frame: FrameType | None = None) -> None:
        """Ask for the end (also a signal handler)."""
        self._stopping = True

    def _should_stop(self) -> bool:
        return self._stopping or (self._run.out / STOP_FILE).exists()

    def render(self) -> int:
        """Render all missing seeds; the number of failed ones comes back."""
        run, failed = self._run, 0
        run.out.mkdir(parents=True, exist_ok=True)
        before = {number: signal.getsignal(number) for number in _ENDS}
        for number in _ENDS:
            if before[number] != signal.SIG_IGN:  # nohup
                signal.signal(number, self.stop)
        try:
            for seed in range(run.first, run.last):
                if self._should_stop():
                    break
                kind = kind_of(seed, run.kinds)
                if done_mark(run.out, seed, kind).exists():
                    continue
                failed += not self._scene(seed, kind)
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)
        return failed

    def _scene(self, seed: int, kind: str) -> bool:
        """One worker's life; whether it did not fail (being stopped is no failure)."""
        run, start = self._run, time.monotonic()
        log = run.out / f".log_{seed:06d}"
        with log.open("wb") as sink:
            child = subprocess.Popen(
                [*self._worker, *run.command(seed, kind)],
                stdout=sink,
                stderr=subprocess.STDOUT,
                start_new_session=os.name != "nt",  # a terminal's Ctrl-C reaches this driver alone
            )
            late = self._watch(child, start)
        lines = log.read_text(errors="replace").splitlines()
        log.unlink()
        shutil.rmtree(scratch_folder(run.out, seed), ignore_errors=True)
        done = [line for line in lines if line.startswith("DONE")]
        if done:
            self._say(done[0].removeprefix("DONE "))
        elif self._should_stop():
            self._say(f"{kind} {seed}: stopped")
        else:
            reason = "took too long" if late else f"exit status {child.returncode}"
            self._say("\n  ".join([f"{kind} {seed}: failed, {reason}", *lines[-12:]]))
            return False
        return True

    def _watch(self, child: subprocess.Popen[bytes], start: float) -> bool:
        """Wait for a worker, pass on the wish to stop, give up a late one; whether it was late."""
        late = False
        asked: float | None = None
        while child.poll() is None:
            if asked is None and self._should_stop():
                child.terminate()
                asked = time.monotonic()
            if asked is not None and time.monotonic() - asked > GRACE_S:
                child.kill()
            if not late and time.monotonic() - start > self._run.timeout_s:
                child.kill()
                late = True
            with contextlib.suppress(subprocess.TimeoutExpired):
                child.wait(_POLL_S)
        return late
