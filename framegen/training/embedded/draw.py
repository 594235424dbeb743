"""Random crops of the training pairs, and for some batches the frames before."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor

from framegen.engines.embedded.network import FOLDER
from framegen.errors import MediaError
from framegen.frame import F64
from framegen.ops import features as ft
from framegen.ops.fields import load_atlas
from framegen.training.embedded import augment, batch, indoors, pairs
from framegen.training.embedded.batch import Item, Window
from framegen.training.embedded.mix import Mix

Random = np.random.Generator
Watched = Callable[[list[Path]], Iterable[Path]]


WHOLE = (batch.WHOLE.height, batch.WHOLE.width)
"""Of the rendered pictures, in pixels."""


class Pool:
    """Training samples and how often each of their targets is drawn. Raises MediaError where there is none."""

    def __init__(self, roots: Sequence[Path], limit: int = 0, watched: Watched = iter) -> None:
        self.roots, self.limit = list(roots), limit
        self.atlas = load_atlas(FOLDER)
        self.samples: dict[str, pairs.Sample] = {}
        self.rescan(watched)
        if not self.entries:
            raise MediaError(
                "There are no pairs to train on in " + ", ".join(map(str, self.roots)) + ".",
                hint="Folders such as 000488_0 are; held-out seeds and those from 900000 on are never trained on.",
            )

    def rescan(self, watched: Watched = iter) -> int:
        """Loads what is new; the number of training samples. ``watched`` goes through all and may show it."""
        for folder in watched(pairs.find(self.roots)):
            if pairs.is_validation(pairs.seed_of(folder)) or folder.name in self.samples:
                continue
            if self.limit and len(self.samples) >= self.limit:
                break
            sample = pairs.load_whole(folder, self.atlas)
            if sample is not None:
                self.samples[folder.name] = sample
        self.entries = [(s, i) for s in self.samples.values() for i in range(len(s.targets))]
        weight = np.array([self._weight(s, s.targets[i].condition) for s, i in self.entries])
        self.share = np.cumsum(weight / weight.sum())
        return len(self.samples)

    @staticmethod
    def _weight(sample: pairs.Sample, condition: pairs.Condition) -> float:
        weight = 2.5 if sample.seed >= pairs.FULL_FORM_SEED else 1.0
        if condition.time_of_day == "night" or condition.weather in ("fog", "rain") or condition.snow > 0.3:
            weight *= 1.5
        return weight

    def draw(self, rng: Random) -> tuple[pairs.Sample, int]:
        return self.entries[min(int(np.searchsorted(self.share, rng.random())), len(self.entries) - 1)]


@dataclass(eq=False)
class Past:
    """The frames before a batch's.

    Attributes:
        items: crops of those frames. cells_xy: ``[B, 2, h, w]``, where this batch's cells are seen there, in cells.
        trust: ``[B, h, w]`` 0..1. same_look: ``[B]``, 1 where they show the same condition.
    """

    items: Item
    cells_xy: Tensor
    trust: Tensor
    same_look: Tensor

    def to(self, device: torch.device) -> Past:
        planes = (plane.to(device) for plane in (self.cells_xy, self.trust, self.same_look))
        return Past(self.items.to(device), *planes)


@dataclass(eq=False)
class Lesson:
    """What one step sees: a batch, perhaps the frames before, and the part of whole pictures that is judged closely."""

    now: Item
    past: Past | None = None
    window: Window | None = None

    @property
    def shown(self) -> Window:
        """The part that is judged at full size; all of it where there is no ``window``."""
        return self.window or Window(0, 0, *self.now.color.shape[-2:])

    def close(self, count: int) -> Item:
        """That part of the first ``count``."""
        return self.now.first(count, self.shown)

    def to(self, device: torch.device) -> Lesson:
        return Lesson(self.now.to(device), None if self.past is None else self.past.to(device), self.window)


def lesson(pool: Pool, mix: Mix, rng: Random, *, temporal: bool) -> Lesson:
    """A random step's batch, with the frames before when ``temporal``."""
    whole = rng.random() < mix.whole
    count, size = (mix.pictures, WHOLE) if whole else (mix.crops, mix.crop)
    now, past = draw(pool, count, size, rng, temporal=temporal)
    return Lesson(now, past, window_in(size, mix.crop, rng))


def draw(pool: Pool, count: int, size: tuple[int, int], rng: Random, *, temporal: bool) -> tuple[Item, Past | None]:
    """``count`` random crops of ``size`` = (height, width) pixels, with the frames before when ``temporal``."""
    now: list[Item] = []
    before: list[Item] = []
    links: list[tuple[F64, F64, float]] = []
    for _ in range(count):
        sample, index = pool.draw(rng)
        window = window_in(WHOLE, size, rng)
        grey = sample.grey is not None and rng.random() < 0.2
        how = batch.Draw(
            augmented=bool(rng.random() < 0.6),
            grey=grey,
            look=int(rng.integers(2)),
            lost=augment.missing(rng, grey),
            hud=bool(rng.random() < 0.04),
            prompt=int(rng.integers(3)) if rng.random() < 0.7 else None,
            materials=bool(rng.random() < (0.6 if grey else 0.2)),
            strength=_strength(rng, grey),
            outside=indoors.outside(rng),
        )
        make = partial(batch.item, window=window, how=how)
        # the frame before is changed likewise: an engine keeps its looks from frame to frame
        state = int(rng.integers(1 << 31))
        this = make(sample, index, rng=np.random.default_rng(state))
        flip = rng.random() < 0.5
        if temporal:
            old, old_index, cells_xy, trust = _before(pool, sample, index, window, rng)
            last = make(old, old_index, rng=np.random.default_rng(state))
            last.cells[ft.NOISE] = torch.from_numpy(rng.standard_normal(trust.shape).astype(np.float32))
            last.color = (last.color * float(rng.uniform(0.93, 1.07))).clamp(0, 1)
            if flip:
                last, trust = last.mirrored(), trust[:, ::-1].copy()
                cells_xy = np.stack([trust.shape[1] - 1 - cells_xy[0], cells_xy[1]])[..., ::-1].copy()
            before.append(last)
            links.append((cells_xy, trust, float(old is not sample or old_index == index)))
        now.append(this.mirrored() if flip else this)
    if not temporal:
        return batch.stack(now), None
    where, trusts, same = zip(*links, strict=True)
    past = Past(
        batch.stack(before),
        torch.from_numpy(np.stack(where).astype(np.float32)),
        torch.from_numpy(np.stack(trusts).astype(np.float32)),
        torch.tensor(same),
    )
    return batch.stack(now), past


def _strength(rng: Random, grey: bool) -> float:
    """Mostly the default; grey boxes are mostly for being replaced."""
    if grey and rng.random() < 0.6:
        return 1.0
    return 0.5 if rng.random() < 0.55 else float(rng.random())


def window_in(full: tuple[int, int], size: tuple[int, int], rng: Random) -> Window:
    """A random crop of ``size`` in a picture of ``full`` = (height, width) pixels; all of it where it is no larger."""
    height, width = min(full[0], size[0]), min(full[1], size[1])
    return Window(_corner(full[0], height, rng), _corner(full[1], width, rng), height, width)


def _corner(full: int, crop: int, rng: Random) -> int:
    return ft.CELL_PX * int(rng.integers((full - crop) // ft.CELL_PX + 1))


def _before(
    pool: Pool, sample: pairs.Sample, index: int, window: Window, rng: Random
) -> tuple[pairs.Sample, int, F64, F64]:
    """The frame before: a rendered one where the pair has it, else this frame itself, slightly misplaced.

    One time in five it shows another condition, so that the network learns to follow a change of prompt.

    Returns:
        sample, target, where each cell is seen in it ``[2, h, w]``, and trust ``[h, w]`` with holes.
    """
    h, w = window.height // ft.CELL_PX, window.width // ft.CELL_PX
    grid = np.stack(np.meshgrid(np.arange(w), np.arange(h))).astype(np.float64)
    old, old_index = sample, index
    cells_xy, trust = grid + rng.normal(0, 0.15, (2, 1, 1)), np.ones((h, w))
    link = sample.previous
    first = pool.samples.get(link[0]) if link else None
    if link and first is not None and link[1] < len(first.targets) and sample.motion_cells is not None:
        old, old_index = first, link[1]
        motion = window.cells(sample.motion_cells).double().numpy()
        cells_xy = motion[:2] - np.array([window.x, window.y])[:, None, None] / ft.CELL_PX
        trust = motion[2]
    elif rng.random() < 0.2:
        old_index = int(rng.integers(len(sample.targets)))
    inside = (cells_xy[0] >= 0) & (cells_xy[0] <= w - 1) & (cells_xy[1] >= 0) & (cells_xy[1] <= h - 1)
    trust = trust * inside * float(rng.uniform(0.3, 1))
    for _ in range(int(rng.integers(0, 5))):
        y, x, r = rng.integers(h), rng.integers(w), rng.integers(2, 12)
        trust = trust * ((np.abs(grid[1] - y) > r) | (np.abs(grid[0] - x) > r))
    if rng.random() < 0.1:
        trust = trust * 0
    return old, old_index, cells_xy, trust


def in_pixels(cells_xy: Tensor) -> Tensor:
    """Where cells are seen ``[B, 2, h, w]`` in cells -> where their pixels are ``[B, 2, 4h, 4w]`` in pixels.

    What is interpolated is how far they moved: beyond the outermost cells' centres it stays, where places would not.
    """
    h, w = cells_xy.shape[-2:]
    moved = F.interpolate(cells_xy - _places(h, w).to(cells_xy), scale_factor=ft.CELL_PX, mode="bilinear")
    return moved * ft.CELL_PX + _places(h * ft.CELL_PX, w * ft.CELL_PX).to(cells_xy)


def _places(h: int, w: int) -> Tensor:
    y, x = torch.meshgrid(torch.arange(h), torch.arange(w), indexing="ij")
    return torch.stack([x, y])


def warp(picture: Tensor, cells_xy: Tensor) -> Tensor:
    """``[B, C, h, w]`` read at ``[B, 2, h, w]`` (x, y) in its own cells, bilinear."""
    h, w = picture.shape[-2:]
    grid = torch.stack([(cells_xy[:, 0] + 0.5) * 2 / w - 1, (cells_xy[:, 1] + 0.5) * 2 / h - 1], -1)
    return F.grid_sample(picture, grid, mode="bilinear", padding_mode="border", align_corners=False)
