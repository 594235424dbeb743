"""The embedded network in torch: a norm-free FiLM residual U-Net on cells of 4x4 pixels.

It runs at a quarter of the frame's size throughout. Its output is the latent of
:mod:`framegen.ops.layout`: coefficients of a composition, not a picture.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from framegen.ops import features as ft
from framegen.ops import layout, reference
from framegen.ops.fields import UNITS_PER_LOG
from framegen.training.embedded.antialias import antialiased

if TYPE_CHECKING:
    from framegen.training.embedded.batch import Item


@dataclass(frozen=True)
class Width:
    """Channels per level from fine to coarse, and residual blocks on the way down and up."""

    channels: tuple[int, ...]
    down: tuple[int, ...]
    up: tuple[int, ...]

    def begins(self, other: Width) -> bool:
        """Whether the other has all of its blocks, and maybe more."""
        mine, theirs = (*self.down, *self.up), (*other.down, *other.up)
        return self.channels == other.channels and all(a <= b for a, b in zip(mine, theirs, strict=True))


SIZES = {
    "tiny": Width((32, 64, 128), (1, 1, 1), (1, 1)),
    "small": Width((48, 96, 192), (1, 1, 2), (1, 1)),
    "large": Width((48, 96, 192), (3, 4, 7), (4, 4)),
}
"""``tiny`` is for comparisons in minutes; the others take about 2.3 and 8.5 billion multiplications at 512x288. The
large one has the small one's blocks and more, so that it can begin where the small one stands."""


class Block(nn.Module):
    """``x + conv(relu(film(conv(x))))`` with replicated borders."""

    def __init__(self, channels: int, offset: int) -> None:
        super().__init__()
        self.first = nn.Conv2d(channels, channels, 3)
        self.second = nn.Conv2d(channels, channels, 3)
        self.channels, self.offset = channels, offset
        nn.init.kaiming_normal_(self.first.weight, nonlinearity="relu")
        nn.init.normal_(self.second.weight, 0, 0.2 * (2 / (9 * channels)) ** 0.5)
        nn.init.zeros_(self.first.bias)  # type: ignore[arg-type]
        nn.init.zeros_(self.second.bias)  # type: ignore[arg-type]

    def forward(self, x: Tensor, film: Tensor) -> Tensor:
        c, o = self.channels, self.offset
        h = self.first(F.pad(x, (1, 1, 1, 1), mode="replicate"))
        gain, bias = film[:, o : o + c, None, None], film[:, o + c : o + 2 * c, None, None]
        out: Tensor = x + self.second(F.pad(F.relu(h * gain + bias), (1, 1, 1, 1), mode="replicate"))
        return out


class Style(nn.Module):
    """Condition vector ``[B, CONDITION]`` -> FiLM vector ``[B, film]``. Runs outside the exported graph."""

    def __init__(self, film: int, scales: Tensor, hidden: int = 128) -> None:
        super().__init__()
        self.layers = nn.Sequential(
            nn.Linear(layout.CONDITION, hidden),
            nn.SiLU(),
            nn.Linear(hidden, hidden),
            nn.SiLU(),
            nn.Linear(hidden, film),
        )
        last = self.layers[-1]
        assert isinstance(last, nn.Linear)
        nn.init.normal_(last.weight, 0, 0.03)
        last.bias.data.copy_(scales)

    def forward(self, condition: Tensor) -> Tensor:
        film: Tensor = self.layers(condition)
        return film


class Network(nn.Module):
    """Colour, cell features, label, history and FiLM vector -> latent ``[B, LATENT, h, w]``."""

    def __init__(self, width: Width) -> None:
        super().__init__()
        c = width.channels
        self.film = 0
        self.stem = nn.Conv2d(3, c[0], ft.CELL_PX, ft.CELL_PX)
        self.cells = nn.Conv2d(ft.CHANNELS, c[0], 1)
        self.history = nn.Conv2d(layout.HISTORY, c[0], 1, bias=False)
        self.label = nn.Embedding(len(layout.LABELS), c[0])
        nn.init.normal_(self.label.weight, 0, 0.05)
        nn.init.normal_(self.history.weight, 0, 0.02)
        self.down_blocks = nn.ModuleList(self._blocks(n, k) for n, k in zip(c, width.down, strict=True))
        self.down = nn.ModuleList(nn.Conv2d(a, b, 2, 2) for a, b in pairwise(c))
        self.up = nn.ModuleList(nn.Conv2d(b, a, 1) for a, b in pairwise(c))
        self.up_blocks = nn.ModuleList(self._blocks(n, k) for n, k in zip(c, width.up, strict=False))
        # what the whole picture looks like: a camera sets its exposure by it
        self.whole = nn.Linear(c[-1], c[-1])
        self.whole_inner = nn.Linear(c[-1], c[-1])
        self.whole_head = nn.Linear(c[-1], layout.LATENT)
        for layer in (self.whole_inner, self.whole_head):
            nn.init.zeros_(layer.weight)
            nn.init.zeros_(layer.bias)
        self.head = nn.Conv2d(c[0], layout.LATENT, 1)
        nn.init.normal_(self.head.weight, 0, 0.01)
        bias = torch.zeros(layout.LATENT)
        bias[layout.COVER], bias[layout.DETAIL] = -3.0, -1.0
        self.head.bias.data.copy_(bias)  # type: ignore[union-attr]
        self.head_offset = self.film
        self.film += layout.LATENT

    def _blocks(self, channels: int, count: int) -> nn.ModuleList:
        blocks = nn.ModuleList()
        for _ in range(count):
            blocks.append(Block(channels, self.film))
            self.film += 2 * channels
        return blocks

    def scales(self) -> Tensor:
        """The FiLM vector that changes nothing."""
        out = torch.zeros(self.film)
        for block in self.modules():
            if isinstance(block, Block):
                out[block.offset : block.offset + block.channels] = 1.0
        return out

    def trunk(
        self, color: Tensor, cells: Tensor, label: Tensor, history: Tensor, film: Tensor, extra: Tensor | None = None
    ) -> tuple[Tensor, Tensor]:
        """Features of every cell ``[B, C, h, w]``, and what the picture as a whole adds to the head ``[B, LATENT]``.

        ``extra`` ``[B, C, h, w]`` is added to what the first block sees.
        """
        x: Tensor = self.stem(color) + self.cells(cells) + self.history(history)
        x = x + self.label(label).permute(0, 3, 1, 2)
        if extra is not None:
            x = x + extra
        skips = []
        for i, blocks in enumerate(self.down_blocks):
            x = _through(blocks, x, film)
            if i < len(self.down):
                skips.append(x)
                x = self.down[i](x)
        whole = F.relu(self.whole(x.mean((2, 3))))
        x = x + self.whole_inner(whole)[:, :, None, None]
        for i in reversed(range(len(self.up))):
            x = F.interpolate(self.up[i](x), scale_factor=2, mode="nearest") + skips[i]
            x = _through(self.up_blocks[i], x, film)
        return x, self.whole_head(whole)

    def forward(self, color: Tensor, cells: Tensor, label: Tensor, history: Tensor, film: Tensor) -> Tensor:
        """``color`` ``[B, 3, H, W]`` float 0..1 less a half; ``label`` ``[B, h, w]`` integer codes."""
        x, whole = self.trunk(color, cells, label, history, film)
        with torch.autocast(color.device.type, enabled=False):
            return self.latent(x.float(), whole.float(), film.float())

    def latent(self, x: Tensor, whole: Tensor, film: Tensor) -> Tensor:
        """Trunk features -> latent. The condition shifts the head directly: night is dark before anything is seen."""
        shift = film[:, self.head_offset :] + whole
        return limit(self.head(x) + shift[:, :, None, None])


def _through(blocks: nn.Module, x: Tensor, film: Tensor) -> Tensor:
    for block in blocks.children():
        x = block(x, film)
    return x


def limit(raw: Tensor) -> Tensor:
    """Raw head -> latent: gains and chroma bounded (no colour can run away), cover, paint, air in 0..1."""
    g = layout.GAIN_LIMIT * torch.tanh(raw[:, 0:1] / layout.GAIN_LIMIT)
    chroma = layout.CHROMA_LIMIT * torch.tanh(raw[:, 1:3] / layout.CHROMA_LIMIT)
    co, cg = chroma[:, :1], chroma[:, 1:]
    cover = torch.sigmoid(raw[:, layout.COVER : layout.COVER + 1])
    paint = torch.sigmoid(raw[:, layout.PAINT]) * cover
    air = torch.sigmoid(raw[:, layout.AIR])
    detail = layout.DETAIL_LIMIT * torch.sigmoid(raw[:, layout.DETAIL : layout.DETAIL + 1])
    choice = raw[:, layout.CHOICE].softmax(1)
    return torch.cat([g + co - cg, g + cg, g - co - cg, cover, paint, air, detail, choice], 1)


def taps(plane: Tensor) -> list[Tensor]:
    """``[B, C, h, w]`` -> what the four cells around each pixel hold, upper left first: four ``[B, C, 4h, 4w]``."""
    height, width = (ft.CELL_PX * n for n in plane.shape[-2:])
    wide = F.interpolate(F.pad(plane, (1, 1, 1, 1), mode="replicate"), scale_factor=ft.CELL_PX, mode="nearest")
    half, whole = ft.CELL_PX // 2, ft.CELL_PX // 2 + ft.CELL_PX
    return [wide[..., y : y + height, x : x + width] for y in (half, whole) for x in (half, whole)]


@torch.no_grad()
def shares(nearness: Tensor) -> list[Tensor]:
    """Torch twin of :func:`framegen.ops.reference.shares`: ``nearness`` ``[B, 1, H, W]`` -> four shares like it."""
    height, width = nearness.shape[-2:]
    part = [((torch.arange(n) + 0.5) / ft.CELL_PX + 0.5) % 1 for n in (height, width)]
    low, right = part[0][:, None].to(nearness), part[1][None].to(nearness)
    bilinear = [(1 - low) * (1 - right), (1 - low) * right, low * (1 - right), low * right]
    around = taps(nearness[..., ft.SAMPLE_PX :: ft.CELL_PX, ft.SAMPLE_PX :: ft.CELL_PX])
    plane = torch.stack([share * tap for share, tap in zip(bilinear, around, strict=True)]).sum(0)
    bent = (plane - nearness).abs() / torch.maximum(plane, nearness).clamp_min(reference.LEAST_NEARNESS)
    edge = ((bent - reference.BENT) * reference.EDGE).clamp(0, reference.SHARPNESS)
    weight = []
    for share, tap in zip(bilinear, around, strict=True):
        off = (tap - nearness) / torch.maximum(tap, nearness).clamp_min(reference.LEAST_NEARNESS)
        weight.append(share / (1 + edge * off * off))
    total = torch.stack(weight).sum(0)
    return [w / total for w in weight]


def compose(
    latent: Tensor,
    color: Tensor,
    through: Tensor,
    detail: Tensor | None,
    nearness: Tensor | None = None,
    *,
    cover: Tensor | float = 1.0,
    contrast: Tensor | float = 1.0,
) -> Tensor:
    """Torch twin of :func:`framegen.ops.reference.compose`.

    No gradient reaches the choice of field: it learns from the field that each label follows (a cross-entropy).

    Args:
        latent: ``[B, LATENT, h, w]``. color: ``[B, 3, H, W]`` 0..1 sRGB-encoded.
        through: ``[B, 1, H, W]``, share of light that passes the air, 0 for sky. detail: ``[B, K, H, W]`` int8
            in units of 1/64 (see :mod:`framegen.ops.fields`), or None.
        nearness: ``[B, 1, H, W]``, one over depth, 0 for sky; None: coefficients are interpolated bilinearly.
        cover, contrast: scale paint and detail (the strength setting); a number or ``[B, 1, 1, 1]``.

    Returns:
        ``[B, 3, H, W]``, sRGB-encoded, not clamped.
    """
    weight = None if nearness is None else shares(nearness)

    def up(x: Tensor) -> Tensor:
        if weight is None:
            return F.interpolate(x, scale_factor=ft.CELL_PX, mode="bilinear", align_corners=False)
        return torch.stack([w * tap for w, tap in zip(weight, taps(x), strict=True)]).sum(0)

    light = latent[:, layout.GAIN].exp() * (1 - cover * latent[:, layout.COVER : layout.COVER + 1])
    coarse = [light, cover * latent[:, layout.PAINT], latent[:, layout.AIR]]
    fine = up(torch.cat([*coarse, contrast * latent[:, layout.DETAIL : layout.DETAIL + 1]], 1))
    lit = color.clamp_min(FLOOR) * fine[:, 0:3] + fine[:, 3:6]
    if detail is not None:
        choice = latent[:, layout.CHOICE].argmax(1, keepdim=True)
        choice = choice.repeat_interleave(ft.CELL_PX, 2).repeat_interleave(ft.CELL_PX, 3)
        picked = detail.gather(1, choice).float() / UNITS_PER_LOG
        lit = lit * (fine[:, 9:10] * picked).clamp(-1.5, 1.5).exp()
    return lit * through + fine[:, 6:9] * (1 - through)


def picture(latent: Tensor, item: Item) -> Tensor:
    """A stack of crops at their own strength: :func:`compose`, and edges smoothed as at run time.

    The run time's own taste and guidance are not in it.
    """
    share = item.strength.mul(2).clamp_max(1)
    out = compose(latent, item.color, item.through, item.detail, item.nearness, cover=share, contrast=share)
    return antialiased(out, share)


def compose_cells(latent: Tensor, color: Tensor, through: Tensor, cover: Tensor | float = 1.0) -> Tensor:
    """:func:`compose` at a quarter of the size, from averages and without detail: ``[B, 3, h, w]``. Cheap."""
    color, through = F.avg_pool2d(color.clamp_min(FLOOR), ft.CELL_PX), F.avg_pool2d(through, ft.CELL_PX)
    left = 1 - cover * latent[:, layout.COVER : layout.COVER + 1]
    lit = color * latent[:, layout.GAIN].exp() * left + cover * latent[:, layout.PAINT]
    return lit * through + latent[:, layout.AIR] * (1 - through)


FLOOR = 0.02
"""Blackest colour that a gain acts on: without it black stays black."""
