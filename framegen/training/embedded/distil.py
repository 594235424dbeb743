"""A several-step teacher, and one-step students of it that can ship: is distilling worth it here?

``python -m framegen.training.embedded.distil --data DIR... --out RUN --start CHECKPOINT`` trains a teacher of the light
(:mod:`framegen.training.embedded.teacher`) and students of the shipped form, all from the same weights, and prints a
table of quality and cost. Students keep fields, paint, strength and history and are trained equally long:

* ``plain``: on the targets alone, by the losses of the main training;
* ``trajectory``: by the same losses, but towards the targets brought to the light that the teacher's guided walk from
  the student's own noise ends in (Luhman and Luhman, 2021; guided: Meng et al., 2023; the one-step end of progressive
  distillation, Salimans and Ho, 2022);
* ``adversarial``: as ``plain``, and judged by discriminators on the features of its pictures, and drawn to what the
  teacher makes of its answers noised again (adversarial diffusion distillation, Sauer et al., 2023).

Stop it by a file ``STOP`` in RUN; the same command goes on where it was. ``RUN/NAME.pt`` are checkpoints that
``framegen.training.embedded.export`` takes.
"""

from __future__ import annotations

import argparse
import dataclasses
import json
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from framegen.plainly import plain_errors
from framegen.training.embedded import batch, evaluate, losses, pairs, shortrun
from framegen.training.embedded.antialias import antialiased
from framegen.training.embedded.batch import Item
from framegen.training.embedded.draw import Lesson, Pool
from framegen.training.embedded.mix import Mix
from framegen.training.embedded.model import Model, begin_with
from framegen.training.embedded.precision import autocast
from framegen.training.embedded.shortrun import Plan, Stopped, fit, markdown
from framegen.training.embedded.step import step_loss
from framegen.training.embedded.teacher import Teacher, lift, teacher_loss
from framegen.values import positive

TEACHER_STEPS, GUIDANCE = 4, 1.5
MIX, FULL, PERCEPTUAL = Mix(), 4, 3
RATE, TEMPORAL = 4e-4, 4
MOST = 3.0
"""A target is brought to the teacher's light by gains up to this."""
TAP_CHANNELS = (16, 24, 40, 112)
STUDENTS = ("plain", "adversarial", "trajectory")
COLUMNS = ("", "steps a frame", "training steps", "PSNR, dB", "FD ratio", "prompt", "ms a frame")


def model_of(student: nn.ModuleList) -> Model:
    """The model whose :meth:`~framegen.training.embedded.model.Model.both` this is."""
    net, style = student
    return Model(net, style)  # type: ignore[arg-type]


def plain_loss(features: losses.Features, student: nn.ModuleList, seen: Lesson) -> Tensor:
    """Towards the targets alone."""
    return step_loss(model_of(student), features, seen, FULL, PERCEPTUAL)[0]


def trajectory_loss(features: losses.Features, teacher: Teacher, student: nn.ModuleList, seen: Lesson) -> Tensor:
    """Towards the targets in the light that the teacher ends in."""
    item = seen.now
    with torch.no_grad():
        y = teacher.walk(item, TEACHER_STEPS, GUIDANCE)
        wanted = lift(y, item.target, item.nearness, MOST).clamp(0, 1)
    towards = dataclasses.replace(item, target=wanted)
    return plain_loss(features, student, dataclasses.replace(seen, now=towards))


class Critics:
    """A discriminator on each tap of the features, its optimiser, and both sides' hinge losses."""

    def __init__(self, features: losses.Features) -> None:
        self.features = features
        self.heads = nn.ModuleList(
            nn.Sequential(nn.Conv2d(c, 32, 1), nn.LeakyReLU(0.2), nn.Conv2d(32, 1, 3, padding=1)) for c in TAP_CHANNELS
        )
        self._optimizer = torch.optim.AdamW(self.heads.parameters(), 1e-3, betas=(0.5, 0.99))
        self._fake: Tensor | None = None

    def state_dict(self) -> dict[str, Any]:
        """Weights and the optimiser's moments."""
        return {"heads": self.heads.state_dict(), "optimizer": self._optimizer.state_dict()}

    def load_state_dict(self, state: dict[str, Any]) -> None:
        """What :meth:`state_dict` gave, or the weights alone, as older checkpoints have them."""
        self.heads.load_state_dict(state.get("heads", state))
        if "optimizer" in state:
            self._optimizer.load_state_dict(state["optimizer"])

    def says(self, picture: Tensor) -> list[Tensor]:
        """How real each patch looks, at every tap."""
        with autocast(picture.device):
            found = self.features(picture.contiguous(memory_format=torch.channels_last))
        return [head(tap.float()) for head, tap in zip(self.heads, found, strict=True)]

    def fooled(self, fake: Tensor) -> Tensor:
        """The student's side; remembers the picture for :meth:`learn`."""
        self._fake = fake.detach()
        return -torch.stack([says.mean() for says in self.says(fake)]).mean()

    def learn(self, seen: Lesson) -> None:
        """One step of the discriminators' side."""
        if self._fake is None:
            return
        self._optimizer.zero_grad(set_to_none=True)
        real, fake = self.says(seen.close(len(self._fake)).target), self.says(self._fake)
        hinge = [F.relu(1 - r).mean() + F.relu(1 + f).mean() for r, f in zip(real, fake, strict=True)]
        torch.stack(hinge).mean().backward()  # type: ignore[no-untyped-call]
        self._optimizer.step()


def adversarial_loss(
    features: losses.Features,
    critics: Critics,
    teacher: Teacher,
    student: nn.ModuleList,
    seen: Lesson,
) -> Tensor:
    """Towards the targets, fool the critics, and stay where the teacher would take the answer."""

    def more(now: Item, coarse: Tensor, out: Tensor) -> dict[str, Tensor]:
        y = coarse * 2 - 1
        t = torch.rand(len(y), device=y.device) * 0.8
        noise = torch.randn_like(y[:, :1])
        with torch.no_grad():
            wanted = teacher.guided(now, torch.lerp(noise, y, t[:, None, None, None]), t, GUIDANCE)
        return {
            "score": 0.5 * losses.charbonnier(coarse - (wanted + 1) / 2),
            "critics": 0.03 * critics.fooled(out[:PERCEPTUAL]),
        }

    return step_loss(model_of(student), features, seen, FULL, PERCEPTUAL, more)[0]


@torch.no_grad()
def walked(teacher: Teacher, steps: int, guidance: float, sample: pairs.Sample, index: int) -> Tensor:
    """One whole frame ``[3, H, W]`` by the teacher: the engine's frame in its light."""
    how = batch.Draw(prompt=0)
    one = batch.stack([batch.item(sample, index, batch.WHOLE, np.random.default_rng(0), how)])
    out = lift(teacher.walk(one, steps, guidance), one.color, one.nearness)
    return antialiased(out, one.strength.mul(2).clamp_max(1))[0].clamp(0, 1)


@dataclasses.dataclass
class Table:
    """Judges what was trained and keeps every row in ``RUN/NAME.json``."""

    out: Path
    samples: list[pairs.Sample]
    features: losses.Features
    rows: list[list[str]] = dataclasses.field(default_factory=list)

    def add(self, name: str, render: evaluate.Renderer, walked: int, trained: int) -> None:
        """One row: ``walked`` steps a frame, ``trained`` steps of training."""
        path = self.out / f"{name.replace(' ', '-')}.json"
        if path.exists():
            self.rows.append(json.loads(path.read_text(encoding="utf-8")))
            return
        report = evaluate.judge(render, self.samples, self.features)
        began = time.process_time()
        for sample in self.samples[:8]:
            render(sample, 0)
        cost_ms = (time.process_time() - began) / max(1, min(8, len(self.samples))) * 1e3
        print(f"{name}: {report.line()}", flush=True)
        quality = [f"{report.psnr_db:.2f}", f"{float(np.mean(report.frechet)):.3f}", f"{report.prompt:.2f}"]
        row = [name, str(walked), str(trained), *quality, f"{cost_ms:.0f}"]
        path.write_text(json.dumps(row), encoding="utf-8")
        self.rows.append(row)


def begun(args: argparse.Namespace) -> Model:
    """A model that starts where ``--start`` stands, if that is given."""
    model = Model.new(args.size)
    if args.start is not None:
        begin_with(model, args.start)
    return model


def run(args: argparse.Namespace) -> str:
    """Trains and judges what is not yet there; the table. Raises Stopped."""
    pool, judged, features = shortrun.begin(args)
    args.out.mkdir(parents=True, exist_ok=True)
    table = Table(args.out, judged, features)
    plan = Plan(args.minutes, MIX, RATE, temporal=TEMPORAL, about=(("size", args.size),))
    lessons = dataclasses.replace(plan, minutes=args.teacher_minutes, temporal=0, state=args.out / "teacher.pt")
    teacher, steps = fit(Teacher(begun(args)), teacher_loss, pool, lessons)
    teacher.requires_grad_(False)
    for name, walk, guidance in (("teacher", TEACHER_STEPS, 1.0), ("teacher guided", TEACHER_STEPS, GUIDANCE)):
        table.add(name, partial(walked, teacher, walk, guidance), walk, steps)
    table.add("teacher cut short", partial(walked, teacher, 1, 1.0), 1, steps)
    table.add("start", partial(evaluate.restyle, begun(args)), 1, 0)
    critics = Critics(features)
    ways: dict[str, Callable[[nn.ModuleList, Lesson], Tensor]] = {
        "plain": partial(plain_loss, features),
        "adversarial": partial(adversarial_loss, features, critics, teacher),
        "trajectory": partial(trajectory_loss, features, teacher),
    }
    for name in args.students:
        _student(args, table, name, ways[name], pool, plan, critics if name == "adversarial" else None)
    return markdown(COLUMNS, table.rows)


def _student(
    args: argparse.Namespace,
    table: Table,
    name: str,
    loss: Callable[[nn.ModuleList, Lesson], Tensor],
    pool: Pool,
    plan: Plan,
    critics: Critics | None,
) -> None:
    own = dataclasses.replace(plan, state=args.out / f"{name}.pt")
    beside = {} if critics is None else {"after": critics.learn, "beside": critics}
    torch.manual_seed(0)
    student, steps = fit(begun(args).to(torch.device("cpu")).both(), loss, pool, own, **beside)  # type: ignore[arg-type]
    table.add(name, partial(evaluate.restyle, model_of(student)), 1, steps)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The options of the comparison."""
    shortrun.add_arguments(parser, minutes=12)
    parser.add_argument("--out", type=Path, required=True, metavar="RUN", help="checkpoints and figures")
    parser.add_argument("--start", type=Path, metavar="FILE", help="checkpoint that teacher and students begin with")
    parser.add_argument("--students", nargs="+", choices=STUDENTS, default=STUDENTS, help="those to train")
    parser.add_argument("--teacher-minutes", type=positive, default=20, help="of processor time for the teacher")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    add_arguments(parser)
    args = parser.parse_args()
    with plain_errors():
        try:
            print(run(args))
        except Stopped as stopped:
            print(stopped)
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
