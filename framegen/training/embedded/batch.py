"""Crops of samples, put together into the tensors that network, composition and losses take."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import lru_cache

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor

from framegen.engines.embedded.condition import named, shares, vector
from framegen.engines.prompt import Look, read
from framegen.ops import features as ft
from framegen.ops import layout
from framegen.training.embedded import augment, indoors
from framegen.training.embedded.pairs import HEIGHT, NO_FIELD, SKY_RANGE_M, SMOOTH_FIELD, WIDTH, Condition, Sample


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


WHOLE = Window(0, 0, HEIGHT, WIDTH)


@dataclass(eq=False)
class Item:
    """One crop, or a stack of crops: see :func:`framegen.training.embedded.network.compose` for the planes.

    ``rivals`` ``[RIVALS, 3, h/2, w/2]``: the same view in other light or weather, which the answer must not look like;
    not a number where there is none. ``strength``: the setting, 0..1. ``suited`` ``[h, w]`` int64: the fields that can
    show what is there, as bits, labels sent or not.
    """

    color: Tensor
    cells: Tensor
    label: Tensor
    condition: Tensor
    through: Tensor
    detail: Tensor
    nearness: Tensor
    field: Tensor
    target: Tensor
    strength: Tensor
    rivals: Tensor
    suited: Tensor

    def first(self, count: int, window: Window | None = None) -> Item:
        """The first ``count`` crops of a stack, or what ``window`` shows of them (of their rivals: all)."""
        head = Item(*(getattr(self, name)[:count] for name in PLANES))
        if window is None:
            return head
        pixels = {k: window.pixels(getattr(head, k)) for k in IN_PIXELS}
        cells = {k: window.cells(getattr(head, k)) for k in IN_CELLS}
        return replace(head, **pixels, **cells)

    def to(self, device: torch.device) -> Item:
        return Item(*(getattr(self, name).to(device, non_blocking=True) for name in PLANES))

    def mirrored(self) -> Item:
        """One crop, left and right changed.

        Turned over, the pixel that a cell samples would be another of its pixels: so they all move on to where it is,
        and what came from the outermost column is there twice.
        """
        cells = self.cells.flip(-1)
        cells[ft.NORMAL_RIGHT] *= -1
        condition = self.condition.clone()
        condition[layout.SUN.start] *= -1
        flip = {k: getattr(self, k).flip(-1) for k in MIRRORED}
        on = 2 * ft.SAMPLE_PX + 1 - ft.CELL_PX
        for name in IN_PIXELS:
            plane = flip[name]
            flip[name] = torch.cat([plane[..., :on], plane[..., :-on]], -1)
        # the sky's share of a cell alone is of all its pixels
        share = F.avg_pool2d((flip["nearness"] == 0).float(), ft.CELL_PX)[0]
        cells[ft.SKY] = torch.where(cells[ft.HAS_DEPTH] > 0, share, cells[ft.SKY])
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


INDOORS = "interior"
"""The generator's kind of scene that is a room."""
ONLY_LABELS = augment.Missing(False, False, False, True)


@dataclass(frozen=True)
class Draw:
    """How one crop is made of a sample.

    Attributes:
        augmented: the frame is changed as another engine might draw it. grey: the frame is a grey box.
        look: which of the looks that the frame was rendered in, counted round; 0 is the first.
        lost: what the source does not send. hud: a head-up display lies over both pictures.
        prompt: the number of the prompt that says what is wanted, as at run time; None: its exact conditions do.
        materials: what is to be seen is named. strength: the setting.
        outside: what prompts say of the weather outside a room; None, and outside rooms: what was rendered.
    """

    augmented: bool = False
    grey: bool = False
    look: int = 0
    lost: augment.Missing = ONLY_LABELS
    hud: bool = False
    prompt: int | None = None
    materials: bool = False
    strength: float = 0.5
    outside: indoors.Outside | None = None


PLAIN = Draw()


def item(sample: Sample, index: int, window: Window, rng: np.random.Generator, how: Draw = PLAIN) -> Item:
    """One crop of target ``index``."""
    lost = how.lost
    target = sample.targets[index]
    condition = target.condition
    look = look_of(condition)
    if how.prompt is not None and condition.prompts:
        look = _read(condition.prompts[how.prompt % len(condition.prompts)])
    if how.outside is not None and sample.kind == INDOORS:
        look = indoors.look_with(look, how.outside)
    materials = named(look.materials)
    if how.materials:
        materials = np.maximum(materials, _seen(sample, rng))
    look_index = how.look % (1 + len(sample.looks))
    source = sample.looks[look_index - 1] if look_index else sample.color
    if how.grey and sample.grey is not None:
        source = sample.grey
    color = window.pixels(source).float() / 255
    answer = window.pixels(target.picture).float() / 255
    range_m = window.pixels(sample.range_m).float()
    sky = range_m > SKY_RANGE_M
    if sample.kind == INDOORS:
        answer = indoors.seen_through_windows(answer, range_m, sky, look)
    cells = window.cells(sample.cells).float().clone()
    lit_cells = window.cells(target.sun_features).float()
    detail = None if sample.detail is None else window.pixels(sample.detail)
    if how.augmented:
        lit = (lit_cells[1:2] * (1 - lit_cells[2:3])).clamp(0, 1)
        lit = F.interpolate(lit[None], scale_factor=4, mode="nearest")[0]
        color = augment.recolor(color, sky, lit, range_m, detail, rng)
        if rng.random() < 0.2:
            cells[ft.LOG_DEPTH] += float(rng.normal()) * 0.04
    if how.hud:  # before anything is drawn that depends on how many targets there are: the next frame has the same
        color, answer = augment.overlay(color, answer, rng)
    rivals = _rivals(sample, index, window, rng)
    if how.hud:
        rivals = torch.full_like(rivals, float("nan"))
    through = torch.exp(-range_m * look.fog_per_m).masked_fill(sky, 0.0)
    nearness = (1 / range_m.clamp_min(0.05)).masked_fill(sky, 0.0)
    cells[ft.FOG] = 1 - through[0, ft.SAMPLE_PX :: ft.CELL_PX, ft.SAMPLE_PX :: ft.CELL_PX]
    cells[ft.NOISE] = torch.from_numpy(rng.standard_normal(tuple(cells.shape[1:])).astype(np.float32))
    sun_level = None
    if condition.sun is not None and not lost.sun:
        cells[ft.RAY_SUN], cells[ft.FACING_SUN], cells[ft.SHADOW] = lit_cells
        cells[ft.HAS_SUN] = 1.0
        sun_level = sample.level @ np.asarray(condition.sun, np.float32)
    label = window.cells(sample.label).long()
    field = window.cells(sample.field).long()
    suited = window.cells(sample.suited).long()
    if detail is not None:
        field = torch.where(SMOOTH[label], SMOOTH_FIELD, field)
    if detail is None:
        detail = torch.zeros(layout.FIELDS, window.height, window.width, dtype=torch.int8)
    if lost.camera:
        cells[ft.HAS_CAMERA] = 0.0
        for channel in (ft.NORMAL_RIGHT, ft.NORMAL_UP, ft.NORMAL_AHEAD, ft.RAY_UP):
            cells[channel] = 0.0
        detail = torch.zeros_like(detail)
        field = torch.full_like(field, NO_FIELD)
        suited = torch.full_like(suited, (1 << layout.FIELDS) - 1)
    if lost.depth:
        for channel in (ft.LOG_DEPTH, ft.SKY, ft.HAS_DEPTH, ft.BEHIND_NEAR, ft.BEHIND_WIDE, ft.FOG):
            cells[channel] = 0.0
        through, nearness = torch.ones_like(through), torch.ones_like(nearness)
    if lost.label:
        label = torch.zeros_like(label)
    return Item(
        color,
        cells,
        label,
        torch.from_numpy(vector(shares(look), sun_level, materials, how.strength)),
        through,
        detail,
        nearness,
        field,
        answer,
        torch.full((1, 1, 1), how.strength),
        rivals,
        suited,
    )


SMOOTH = torch.tensor([name in layout.SMOOTH for name in layout.LABELS])
"""``[LABELS]`` bool, see :data:`framegen.ops.layout.SMOOTH`."""
RIVALS = 4
"""How many of a view's other targets an answer is compared with, at most."""


def _rivals(sample: Sample, index: int, window: Window, rng: np.random.Generator) -> Tensor:
    """See :class:`Item`: some of the targets that a prompt can tell from this one."""
    mine = sample.targets[index].condition
    found = torch.full((RIVALS, 3, window.height // 8, window.width // 8), float("nan"))
    others = [t.picture for t in sample.targets if told_apart(mine, t.condition)]
    for i, other in enumerate(rng.permutation(len(others))[:RIVALS]):
        picture = others[other]
        found[i] = F.avg_pool2d(window.pixels(picture).float()[None], 8)[0] / 255
    return found


def told_apart(a: Condition, b: Condition) -> bool:
    """Whether two conditions differ in time of day, or in more than how many fair-weather clouds there are."""
    fair = ("clear", "partly cloudy")
    same_weather = a.weather == b.weather or (a.weather in fair and b.weather in fair)
    return a.time_of_day != b.time_of_day or not same_weather


def _seen(sample: Sample, rng: np.random.Generator) -> np.ndarray:
    """Materials on more than a fiftieth of the frame, each named four times in five."""
    count = torch.bincount(sample.label.flatten().long(), minlength=len(layout.LABELS))[: len(layout.LABELS)]
    there = (count > sample.label.numel() / 50).numpy()
    there[0] = False
    return np.asarray(there & (rng.random(len(there)) < 0.8), np.float32)


@lru_cache(maxsize=8192)
def _read(prompt: str) -> Look:
    return read(prompt).look


def stack(items: list[Item]) -> Item:
    """A batch of items."""
    return Item(*(torch.stack([getattr(i, name) for i in items]) for name in PLANES))


PLANES = (
    "color", "cells", "label", "condition", "through", "detail", "nearness", "field", "target", "strength", "rivals",
    "suited",
)  # fmt: skip
"""The fields of an :class:`Item`, in order."""
IN_PIXELS = ("color", "through", "detail", "nearness", "target")
IN_CELLS = ("cells", "label", "field", "suited")
MIRRORED = ("color", "label", "through", "detail", "nearness", "field", "target", "rivals", "suited")
"""Those that are turned over as they are."""
