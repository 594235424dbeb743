"""``framegen train``: rendered pairs -> weights -> the files that ship -> their model card.

Ends early, and cleanly, when a file ``STOP`` appears in the output folder or on Ctrl-C; the same command goes on from
the last checkpoint. Pairs that are rendered while it runs are picked up.
"""

from __future__ import annotations

import argparse
import copy
import csv
import math
import time
import zlib
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from functools import partial
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import torch
from rich.console import Console
from rich.progress import Progress, track
from torch import Tensor, nn

from framegen.errors import MediaError, ModelUnavailable
from framegen.training.embedded import evaluate, losses, pairs
from framegen.training.embedded.draw import Pool, lesson
from framegen.training.embedded.mix import Mix
from framegen.training.embedded.model import Model, begin_with, read_checkpoint
from framegen.training.embedded.step import step_loss

LOG_STEPS = 50
SCAN_S = 600
WARM_UP_STEPS = 150
AVERAGE = 0.998
"""Share of the averaged weights that a step leaves alone."""


class Training:
    """One run in one folder: ``checkpoint.pt``, ``losses.csv``, ``curves.csv`` and ``sheet-STEPS.png``."""

    def __init__(self, args: argparse.Namespace) -> None:
        self.args = args
        self.out = Path(args.out)
        try:
            self.out.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise MediaError(f"{self.out} cannot be made a folder: {error.strerror}.") from error
        self.device = device_of(args.device)
        reading = partial(track, description="reading pairs", transient=True, console=Console(stderr=True))
        self.pool = Pool([Path(d) for d in args.data], args.limit, reading)
        self.held_out = held_out(self.pool, args.validation)
        self.features = losses.Features().to(self.device, memory_format=torch.channels_last)  # type: ignore[call-overload]
        self.model = Model.new(args.size).to(self.device)
        self.parameters: list[Tensor] = list(self.model.both().parameters())
        # the condition reaches everything through few weights, which may move faster
        groups: list[dict[str, Any]] = [
            {"params": list(self.model.net.parameters())},
            {"params": list(self.model.style.parameters()), "pace": 2.0},
        ]
        self.optimizer = torch.optim.AdamW(groups, args.rate, betas=(0.9, 0.99), weight_decay=1e-4, fused=True)
        self.steps, self.spent_s = 0, 0.0
        self._rng = np.random.default_rng(args.seed)
        if args.start and not self.checkpoint.exists():
            begin_with(self.model, args.start)
        self.average = copy.deepcopy(self.model)
        self._averaged: list[Tensor] = list(self.average.both().parameters())
        if self.checkpoint.exists():
            self._resume()

    @property
    def checkpoint(self) -> Path:
        return self.out / "checkpoint.pt"

    def _resume(self) -> None:
        saved = read_checkpoint(self.checkpoint)
        if saved["size"] != self.args.size:
            raise MediaError(
                f"{self.checkpoint} holds the {saved['size']} model, not the {self.args.size} one.",
                hint="Give another --out, or begin with it: --start " + str(self.checkpoint),
            )
        try:
            self.model.both().load_state_dict(saved["model"])
            self.average.both().load_state_dict(saved["average"])
            self.optimizer.load_state_dict(saved["optimizer"])
            self.steps, self.spent_s = int(saved["steps"]), float(saved["spent_s"])
        except (KeyError, RuntimeError, ValueError) as error:
            raise MediaError(
                f"{self.checkpoint} holds no run that can go on here ({str(error).splitlines()[0]}).",
                hint="Give another --out, or begin with its weights: --start " + str(self.checkpoint),
            ) from error
        # older checkpoints do not say where the run's random numbers stood
        self._rng = np.random.default_rng(self.args.seed + self.steps)
        if "random" in saved:
            self._rng.bit_generator.state = saved["random"]

    def save(self) -> None:
        """Writes the checkpoint; a crash leaves the one before. Raises MediaError: the disk is full, for one."""
        part = self.out / "checkpoint.part"
        try:
            torch.save(
                {
                    "size": self.args.size,
                    "model": self.model.both().state_dict(),
                    "average": self.average.both().state_dict(),
                    "optimizer": self.optimizer.state_dict(),
                    "steps": self.steps,
                    "spent_s": self.spent_s,
                    "random": self._rng.bit_generator.state,
                },
                part,
            )
            part.replace(self.checkpoint)
        except (OSError, RuntimeError) as error:
            with suppress(OSError):
                part.unlink(missing_ok=True)
            why = str(error).splitlines()[0]
            raise MediaError(f"{self.checkpoint} cannot be written: {why}.", hint="Is the disk full?") from error

    def step(self, share: float) -> dict[str, float]:
        """One step, ``share`` 0..1 of the way through the run; the parts of its loss."""
        args = self.args
        pace = min(1.0, (self.steps + 1) / WARM_UP_STEPS) * (0.03 + 0.97 * 0.5 * (1 + math.cos(math.pi * share)))
        for group in self.optimizer.param_groups:
            group["lr"] = args.rate * pace * group.get("pace", 1.0)
        temporal = self.steps > 2 * WARM_UP_STEPS and self.steps % 4 == 0
        mix = Mix(args.batch, args.pictures, args.whole, tuple(args.crop))
        seen = lesson(self.pool, mix, self._rng, temporal=temporal).to(self.device)
        self.optimizer.zero_grad(set_to_none=True)
        parts: dict[str, float] = {}
        # a batch without finite features or gradients teaches nothing
        with suppress(torch.linalg.LinAlgError):  # type: ignore[attr-defined]
            loss, parts = step_loss(self.model, self.features, seen, args.full, args.perceptual)
            loss.backward()  # type: ignore[no-untyped-call]
            if torch.isfinite(nn.utils.clip_grad_norm_(self.parameters, 1.0)):
                self.optimizer.step()
        with torch.no_grad():
            torch._foreach_lerp_(
                self._averaged, self.parameters, 1 - min(AVERAGE, (self.steps + 1) / (self.steps + 20))
            )
        self.steps += 1
        return parts

    def look(self) -> str:
        """Judges the averaged weights: a row of ``curves.csv``, a sheet to look at, and a line."""
        if not self.held_out:
            return "nothing is held out"
        report = evaluate.judge(partial(evaluate.restyle, self.average), self.held_out, self.features)
        with _going_on():
            evaluate.log(self.out / "curves.csv", self.steps, self.spent_s, report)
        evaluate.sheet(self.average, self.held_out, self.out / f"sheet-{self.steps:06d}.png")
        return report.line()


def run(args: argparse.Namespace) -> int:
    """Trains until the minutes are spent, then writes what ships into ``OUT/model``; 0 on a clean end."""
    torch.set_num_threads(args.threads)
    cv2.setNumThreads(1)
    torch.manual_seed(args.seed)
    training = Training(args)
    count = sum(p.numel() for p in training.parameters)
    pool = training.pool
    print(
        f"{len(pool.samples)} samples, {len(pool.entries)} targets, {len(training.held_out)} held out, "
        f"{count / 1e6:.2f} M weights on {training.device}",
        flush=True,
    )
    done = _train(training)
    training.save()
    print(f"stopped after {training.steps} steps, {training.spent_s:.0f} s", flush=True)
    if (training.out / "STOP").exists():
        print(f"remove {training.out / 'STOP'} to go on", flush=True)
    if done and args.export:
        from framegen.training.embedded.ship import ship

        print(ship(training.checkpoint, training.out / "model", pool, training.average, training.held_out))
    return 0


def _train(training: Training) -> bool:
    """Whether the minutes were spent, rather than the run stopped."""
    args, stop = training.args, training.out / "STOP"
    base_s, started = training.spent_s, time.monotonic()
    saved_at = scanned_at = told_at = started
    judged_at = -math.inf
    sums: dict[str, float] = {}
    with suppress(KeyboardInterrupt), Progress(console=Console(stderr=True)) as bar:
        task = bar.add_task("training", total=args.minutes * 60)
        while True:
            clock = time.monotonic()
            training.spent_s = base_s + clock - started
            bar.update(task, completed=training.spent_s)
            share = training.spent_s / (args.minutes * 60)
            if share >= 1 or stop.exists():
                return bool(share >= 1)
            for key, value in training.step(share).items():
                sums[key] = sums.get(key, 0.0) + value / LOG_STEPS
            if training.steps % LOG_STEPS == 0:
                clock = time.monotonic()
                speed = LOG_STEPS / (clock - told_at)
                _log(training, sums, speed)
                sums, told_at = {}, clock
            if clock - saved_at > args.save_minutes * 60:
                with _going_on():
                    training.save()
                saved_at = clock
            if clock - judged_at > args.judge_minutes * 60 and training.steps > 100:
                print(f"step {training.steps}: {training.look()}", flush=True)
                judged_at = time.monotonic()
                told_at += judged_at - clock
            if clock - scanned_at > SCAN_S:
                training.pool.rescan()
                scanned_at = clock
    return False


@contextmanager
def _going_on() -> Iterator[None]:
    """What cannot be written is told and left: there may be room again before the run is over."""
    try:
        yield
    except (MediaError, OSError) as error:
        print(f"{error} Training goes on.", flush=True)


def _log(training: Training, sums: dict[str, float], speed: float) -> None:
    told = " ".join(f"{k} {v:.4f}" for k, v in sums.items())
    print(f"{training.spent_s:.0f} s, step {training.steps}, {speed:.2f} steps/s: {told}", flush=True)
    path = training.out / "losses.csv"
    new = not path.exists()
    with _going_on(), path.open("a", newline="") as file:
        writer = csv.writer(file)
        if new:
            writer.writerow(["step", "seconds", "part", "value"])
        writer.writerows([training.steps, round(training.spent_s), k, f"{v:.5f}"] for k, v in sums.items())


def device_of(name: str) -> torch.device:
    """``auto``: a CUDA GPU where there is one, else the processor. Raises ModelUnavailable where that lacks."""
    if name == "auto":
        name = "cuda" if torch.cuda.is_available() else "cpu"
    if name == "cuda" and not torch.cuda.is_available():
        raise ModelUnavailable(
            "PyTorch finds no CUDA GPU here.", hint="--device cpu trains without; 'framegen doctor' says what is there."
        )
    return torch.device(name)


def held_out(pool: Pool, count: int) -> list[pairs.Sample]:
    """Held-out first frames, in an order that brings every kind in early."""
    folders = [f for f in pairs.find(pool.roots) if pairs.is_validation(pairs.seed_of(f))]
    folders = sorted((f for f in folders if not f.name.endswith("_b")), key=lambda f: zlib.crc32(f.name.encode()))
    loaded = (pairs.load_whole(f, pool.atlas) for f in folders[:count])
    return [sample for sample in loaded if sample is not None]
