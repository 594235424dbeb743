"""A several-step teacher of the light at a quarter of the size, and one-step students: is distilling worth it here?

``python -m framegen.training.embedded.distil --data DIR... --minutes N`` prints a table of quality and cost.

The picture is the engine's frame under gains that make its cells' mean colours what the network says, shared out by
depth. What is learned is that small picture of means, ``y``, by rectified flow (Liu, Gong and Liu, 2022): on the line
``x(t) = (1 - t) noise + t y`` the network gives the velocity ``y - noise``. The teacher walks it in several steps.

Students make one step from the noise:

* ``plain``: trained on the targets alone, without the teacher;
* ``trajectory``: to where the teacher's walk from the same noise ends (Luhman and Luhman, 2021; the one-step end of
  progressive distillation, Salimans and Ho, 2022);
* ``adversarial``: judged by discriminators on the features of the picture, and drawn to what the teacher makes of the
  student's own answer noised again (adversarial diffusion distillation, Sauer et al., 2023).
"""

from __future__ import annotations

import argparse
import copy
import time
from functools import partial
from pathlib import Path

import cv2
import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from framegen.ops import layout
from framegen.training.embedded import batch, evaluate, losses, network, pairs
from framegen.training.embedded.batch import Item
from framegen.training.embedded.draw import Pool
from framegen.training.embedded.loop import held_out
from framegen.training.embedded.model import Model
from framegen.training.embedded.network import FLOOR, shares, taps
from framegen.training.embedded.shortrun import RATE, fit, markdown, picture_loss

TEACHER_STEPS = 8
TAP_CHANNELS = (16, 24, 40, 112)


class Flow(nn.Module):
    """Velocity of the small picture ``[B, 3, h, w]`` in -1..1 at time t, seen beside the frame and its condition."""

    def __init__(self, size: str) -> None:
        super().__init__()
        model = Model.new(size)
        self.net, self.style = model.net, model.style
        self.out = nn.Conv2d(self.net.head.in_channels, 3, 1)
        self.net.to(memory_format=torch.channels_last)  # type: ignore[call-overload]

    def forward(self, item: Item, x: Tensor, t: Tensor) -> Tensor:
        b, _, h, w = x.shape
        # the place of the history serves for the noisy picture and the time
        seen = x.new_zeros(b, layout.HISTORY, h, w)
        seen[:, :3], seen[:, 3] = x, t[:, None, None]
        with torch.autocast("cpu", torch.bfloat16):
            film = self.style(item.condition)
            inner, _ = self.net.trunk(item.color - 0.5, item.cells, item.label, seen, film)
        velocity: Tensor = self.out(inner.float())
        return velocity

    def once(self, item: Item, noise: Tensor) -> Tensor:
        """The small picture in one step."""
        velocity: Tensor = self(item, noise, noise.new_zeros(len(noise)))
        return noise + velocity

    def walk(self, item: Item, noise: Tensor, steps: int) -> Tensor:
        """The small picture in several (Euler's method)."""
        x = noise
        for i in range(steps):
            x = x + self(item, x, noise.new_full((len(noise),), i / steps)) / steps
        return x


def small(picture: Tensor) -> Tensor:
    """``[B, 3, H, W]`` 0..1 -> its cells' means in -1..1."""
    return F.avg_pool2d(picture, 4) * 2 - 1


def lift(y: Tensor, item: Item) -> Tensor:
    """The engine's frame under gains that make its cells' means those of ``y``: ``[B, 3, H, W]``."""
    means = F.avg_pool2d(item.color.clamp_min(FLOOR), 4)
    gain = ((y + 1) / 2).clamp(0.004, 1.5) / means
    weights = shares(item.nearness)
    fine = torch.stack([w * tap for w, tap in zip(weights, taps(gain), strict=True)]).sum(0)
    return item.color.clamp_min(FLOOR) * fine


def teacher_loss(flow: Flow, item: Item) -> Tensor:
    """Flow matching."""
    y = small(item.target)
    noise, t = torch.randn_like(y), torch.rand(len(y))
    x = torch.lerp(noise, y, t[:, None, None, None])
    return F.mse_loss(flow(item, x, t), y - noise)


def plain_loss(features: losses.Features, flow: Flow, item: Item) -> Tensor:
    """Against the targets alone."""
    wanted = small(item.target)
    y = flow.once(item, torch.randn_like(wanted))
    return losses.charbonnier(y - wanted) + picture_loss(features, lift(y, item), item.target)


def trajectory_loss(features: losses.Features, teacher: Flow, flow: Flow, item: Item) -> Tensor:
    """To where the teacher ends."""
    noise = torch.randn_like(small(item.target))
    with torch.no_grad():
        wanted = teacher.walk(item, noise, TEACHER_STEPS)
        shown = lift(wanted, item)
    y = flow.once(item, noise)
    return losses.charbonnier(y - wanted) + picture_loss(features, lift(y, item), shown)


class Critics(nn.Module):
    """A discriminator on each tap of the features, its optimiser, and both sides' hinge losses."""

    def __init__(self, features: losses.Features) -> None:
        super().__init__()
        self.features = features
        self.heads = nn.ModuleList(
            nn.Sequential(nn.Conv2d(c, 32, 1), nn.LeakyReLU(0.2), nn.Conv2d(32, 1, 3, padding=1)) for c in TAP_CHANNELS
        )
        self._optimizer = torch.optim.AdamW(self.heads.parameters(), RATE, betas=(0.5, 0.99))
        self._fake: Tensor | None = None

    def says(self, picture: Tensor) -> list[Tensor]:
        """How real each patch looks, at every tap."""
        with torch.autocast("cpu", torch.bfloat16):
            found = self.features(picture.contiguous(memory_format=torch.channels_last))
        return [head(tap.float()) for head, tap in zip(self.heads, found, strict=True)]

    def fooled(self, fake: Tensor) -> Tensor:
        """The student's side; remembers the picture for :meth:`learn`."""
        self._fake = fake.detach()
        return -torch.stack([says.mean() for says in self.says(fake)]).mean()

    def learn(self, _: Flow, item: Item) -> None:
        """One step of the discriminators' side."""
        if self._fake is None:
            return
        self._optimizer.zero_grad(set_to_none=True)
        real, fake = self.says(item.target), self.says(self._fake)
        hinge = [F.relu(1 - r).mean() + F.relu(1 + f).mean() for r, f in zip(real, fake, strict=True)]
        torch.stack(hinge).mean().backward()  # type: ignore[no-untyped-call]
        self._optimizer.step()


def adversarial_loss(critics: Critics, teacher: Flow, flow: Flow, item: Item) -> Tensor:
    """Fool the critics, and stay where the teacher would take the answer."""
    noise = torch.randn_like(small(item.target))
    y = flow.once(item, noise)
    again, t = torch.randn_like(y), torch.rand(len(y)) * 0.8
    with torch.no_grad():
        x = torch.lerp(again, y, t[:, None, None, None])
        wanted = x + (1 - t)[:, None, None, None] * teacher(item, x, t)
    return 2 * losses.charbonnier(y - wanted) + 0.1 * critics.fooled(lift(y, item))


@torch.no_grad()
def render(flow: Flow, steps: int, sample: pairs.Sample, index: int) -> Tensor:
    """One whole frame ``[3, H, W]``, from the first prompt and the sun, always from the same noise."""
    how = batch.Draw(prompt=0)
    one = batch.stack([batch.item(sample, index, batch.WHOLE, np.random.default_rng(0), how)])
    noise = torch.randn(small(one.target).shape, generator=torch.Generator().manual_seed(0))
    return lift(flow.walk(one, noise, steps), one)[0].clamp(0, 1)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, nargs="+", required=True, metavar="DIR")
    parser.add_argument("--minutes", type=float, default=10, help="of processor time for the teacher and each student")
    parser.add_argument("--size", choices=sorted(network.SIZES), default="tiny")
    parser.add_argument("--validation", type=int, default=16, help="held-out frames")
    parser.add_argument("--limit", type=int, default=0, help="use only so many samples (0: all)")
    args = parser.parse_args()
    torch.set_num_threads(1)
    cv2.setNumThreads(1)
    pool, features = Pool(args.data, args.limit), losses.Features()
    judged = held_out(pool, args.validation)
    rows = []

    def tell(name: str, flow: Flow, walked: int, steps: int) -> None:
        started = time.process_time()
        report = evaluate.judge(partial(render, flow, walked), judged, features)
        began = time.process_time()
        for sample in judged:
            render(flow, walked, sample, 0)
        cost_ms = (time.process_time() - began) / max(1, len(judged)) * 1e3
        print(f"{name}: {report.line()} ({began - started:.0f} s to judge)", flush=True)
        quality = [f"{report.psnr_db:.2f}", f"{float(np.mean(report.frechet)):.2f}", f"{report.prompt:.2f}"]
        rows.append([name, str(walked), str(steps), *quality, f"{cost_ms:.0f}"])

    torch.manual_seed(0)
    teacher, steps = fit(Flow(args.size), teacher_loss, pool, args.minutes)
    tell("teacher", teacher, TEACHER_STEPS, steps)
    tell("teacher, cut short", teacher, 1, steps)
    plain, steps = fit(Flow(args.size), partial(plain_loss, features), pool, args.minutes)
    tell("plain", plain, 1, steps)
    student, steps = fit(copy.deepcopy(teacher), partial(trajectory_loss, features, teacher), pool, args.minutes)
    tell("trajectory", student, 1, steps)
    critics = Critics(features)
    loss = partial(adversarial_loss, critics, teacher)
    student, steps = fit(copy.deepcopy(teacher), loss, pool, args.minutes, after=critics.learn)
    tell("adversarial", student, 1, steps)
    print(markdown(["", "steps a frame", "training steps", "PSNR, dB", "FD ratio", "prompt", "ms a frame"], rows))
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
