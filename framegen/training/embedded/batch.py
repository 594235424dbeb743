"""Crops of samples, put together into the tensors that network, composition and losses take."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor

from framegen.engines.embedded.condition import SUN_RIGHT, shares, vector
from framegen.engines.prompt import Look
from framegen.ops import features as ft
from framegen.ops import layout
from framegen.training.embedded import augment
from framegen.training.embedded.pairs import NO_FIELD, SKY_RANGE_M, Condition, Sample


@dataclass(frozen=True)
class Window:
    """A crop in pixels; all multiples of 16."""

    y: int
    x: int
    height: int
    width: int

    def pixels(self, plane: Tensor) -> Tensor:
        return plane[..., self.y : self.y + self.height, self.x : self.x + self.width]

    def cells(self, plane: Tensor) -> Tensor:
        y, x, h, w = (v // ft.CELL_PX for v in (self.y, self.x, self.height, self.width))
        return plane[..., y : y + h, x : x + w]


WHOLE = Window(0, 0, 288, 512)


@dataclass(eq=False)
class Item:
    """One crop, or a stack of crops: see :func:`framegen.training.embedded.network.compose` for the planes."""

    color: Tensor
    cells: Tensor
    label: Tensor
    condition: Tensor
    through: Tensor
    detail: Tensor
    field: Tensor
    target: Tensor

    def first(self, count: int) -> Item:
        """The first ``count`` crops of a stack."""
        return Item(*(getattr(self, name)[:count] for name in PLANES))

    def mirrored(self) -> Item:
        cells = self.cells.flip(-1)
        cells[ft.NORMAL_RIGHT] *= -1
        condition = self.condition.clone()
        condition[SUN_RIGHT] *= -1
        flip = {k: getattr(self, k).flip(-1) for k in ("color", "label", "through", "detail", "field", "target")}
        return replace(self, cells=cells, condition=condition, **flip)


def look_of(condition: Condition) -> Look:
    """A target's condition in the run time's terms."""
    return Look(
        {condition.time_of_day: 1.0},
        {condition.weather: 1.0},
        {condition.season: 1.0},
        condition.snow,
        condition.fog_per_m,
    )


def item(
    sample: Sample,
    index: int,
    window: Window,
    rng: np.random.Generator,
    *,
    augmented: bool = False,
    grey: bool = False,
    lost: augment.Missing | None = None,
    hud: bool = False,
) -> Item:
    """One crop of target ``index``. ``lost`` names what the source does not send (None: only labels are missing)."""
    lost = lost or augment.Missing(False, False, False, True)
    target = sample.targets[index]
    condition = target.condition
    source = sample.grey if grey and sample.grey is not None else sample.color
    color = window.pixels(source).float() / 255
    answer = window.pixels(target.picture).float() / 255
    range_m = window.pixels(sample.range_m).float()
    sky = range_m > SKY_RANGE_M
    cells = window.cells(sample.cells).float().clone()
    lit_cells = window.cells(target.sun_features).float()
    detail = None if sample.detail is None else window.pixels(sample.detail)
    if augmented:
        lit = (lit_cells[1:2] * (1 - lit_cells[2:3])).clamp(0, 1)
        lit = F.interpolate(lit[None], scale_factor=4, mode="nearest")[0]
        color = augment.recolor(color, sky, lit, range_m, detail, rng)
        if rng.random() < 0.2:
            cells[ft.LOG_DEPTH] += float(rng.normal()) * 0.04
    if hud:
        color, answer = augment.overlay(color, answer, rng)
    through = torch.exp(-range_m * condition.fog_per_m).masked_fill(sky, 0.0)
    cells[ft.FOG] = 1 - through[0, ft.SAMPLE_PX :: ft.CELL_PX, ft.SAMPLE_PX :: ft.CELL_PX]
    cells[ft.NOISE] = torch.from_numpy(rng.standard_normal(tuple(cells.shape[1:])).astype(np.float32))
    sun_level = None
    if condition.sun is not None and not lost.sun:
        cells[ft.RAY_SUN], cells[ft.FACING_SUN], cells[ft.SHADOW] = lit_cells
        cells[ft.HAS_SUN] = 1.0
        sun_level = sample.level @ np.asarray(condition.sun, np.float32)
    label = window.cells(sample.label).long()
    field = window.cells(sample.field).long()
    if detail is None:
        detail = torch.zeros(layout.FIELDS, window.height, window.width, dtype=torch.int8)
    if lost.camera:
        cells[ft.HAS_CAMERA] = 0.0
        for channel in (ft.NORMAL_RIGHT, ft.NORMAL_UP, ft.NORMAL_AHEAD, ft.RAY_UP):
            cells[channel] = 0.0
        detail = torch.zeros_like(detail)
        field = torch.full_like(field, NO_FIELD)
    if lost.depth:
        for channel in (ft.LOG_DEPTH, ft.SKY, ft.HAS_DEPTH, ft.BEHIND_NEAR, ft.BEHIND_WIDE, ft.FOG):
            cells[channel] = 0.0
        through = torch.ones_like(through)
    if lost.label:
        label = torch.zeros_like(label)
    return Item(
        color,
        cells,
        label,
        torch.from_numpy(vector(shares(look_of(condition)), sun_level)),
        through,
        detail,
        field,
        answer,
    )


def stack(items: list[Item]) -> Item:
    """A batch of items."""
    return Item(*(torch.stack([getattr(i, name) for i in items]) for name in PLANES))


PLANES = ("color", "cells", "label", "condition", "through", "detail", "field", "target")
"""The fields of an :class:`Item`, in order."""
