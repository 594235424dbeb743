"""What one training step is judged by: the losses of a batch of crops."""

from __future__ import annotations

from collections.abc import Callable

import torch
import torch.nn.functional as F
from torch import Tensor

from framegen.ops import features as ft
from framegen.ops import layout
from framegen.training.embedded import atrous, losses, network
from framegen.training.embedded.batch import Item, Window
from framegen.training.embedded.contrast import wanted_contrast
from framegen.training.embedded.draw import Lesson, Past, in_pixels, warp
from framegen.training.embedded.model import Model
from framegen.training.embedded.precision import autocast

More = Callable[[Item, Tensor, Tensor], dict[str, Tensor]]
"""Further parts of a loss: of a batch, its small pictures ``[B, 3, h, w]`` and the first few whole ones, all 0..1."""


def step_loss(
    model: Model,
    judge: losses.Features,
    seen: Lesson,
    full: int,
    perceptual: int,
    more: More | None = None,
) -> tuple[Tensor, dict[str, float]]:
    """The loss of one batch and its parts, for the log.

    All crops are judged at a quarter of the size, where light, colour and paint live and judging is cheap; the first
    ``full`` of them at full size too, and ``perceptual`` of those by features; of these only what the lesson's window
    shows, so that whole pictures cost no more than crops. ``more`` adds parts of its own.
    """
    now, past, shown = seen.now, seen.past, seen.shown
    history, previous = (None, None) if past is None else _told_before(model, past, shown, full)
    latent = model.latent(now, history)
    coarse = network.compose_cells(latent, now.color, now.through, now.strength.mul(2).clamp_max(1))
    sharp = seen.close(full)
    out = network.picture(shown.cells(latent[:full]), sharp)
    parts = _light(coarse, now) | _coefficients(latent, now) | _fields(latent, now, full)
    parts |= _picture(out, sharp) | _features(out[:perceptual], sharp.target[:perceptual], judge)
    if past is not None and previous is not None:
        held = shown.cells(past.trust * past.same_look[:, None, None])[:full, None]
        mask = F.interpolate(held, scale_factor=ft.CELL_PX, mode="nearest")
        parts["steady"] = 4.0 * ((out - previous).abs() * mask).mean()
    if more is not None:
        parts |= more(now, coarse, out)
    total = torch.stack(list(parts.values())).sum()
    return total, {k: float(v.detach()) for k, v in parts.items()}


@torch.no_grad()
def _told_before(model: Model, past: Past, shown: Window, full: int) -> tuple[Tensor, Tensor]:
    """What the network is told of the frames before ``[B, HISTORY, h, w]``, and what of the first ``full`` of their
    pictures is shown, brought to this frame."""
    old = model.latent(past.items)
    history = torch.cat([warp(old, past.cells_xy) * past.trust[:, None], past.trust[:, None]], 1)
    before = network.picture(old[:full], past.items.first(full))
    return history, shown.pixels(warp(before, in_pixels(past.cells_xy[:full])))


def _light(coarse: Tensor, now: Item) -> dict[str, Tensor]:
    """Light, colour and paint, as pictures at a quarter of the size show them."""
    wanted = F.avg_pool2d(now.target, ft.CELL_PX)
    return {
        "coarse": 2.0 * losses.charbonnier(coarse - wanted, losses.highlights(wanted)),
        # borders of shadows
        "borders": 0.3 * losses.gradients(coarse, wanted),
        "rims": 1.5 * losses.rims(coarse, wanted, atrous.guide(now)),
        "tone": losses.tone(coarse, wanted),
        "spread": 0.3 * losses.spread(coarse, wanted, 2),
        "rivals": 5.0 * losses.rivalry(F.avg_pool2d(coarse, 2), F.avg_pool2d(wanted, 2), now.rivals),
    }


def _coefficients(latent: Tensor, now: Item) -> dict[str, Tensor]:
    """What coefficients should be like, whatever the picture is."""
    return {
        # paint spread thin would be a blurred picture laid over the frame; the strength setting says how much may be
        "cover": 0.2 * ((1 - now.strength) * latent[:, layout.COVER : layout.COVER + 1]).mean(),
        # sky and air change slowly over the picture: edges in them would be haloes around what stands before the sky
        "air": 0.3 * losses.variation(latent[:, layout.AIR]),
        # gains that overshoot on both sides of an edge draw a rim around things
        "gain": 0.04 * losses.variation(latent[:, layout.GAIN]),
        "lattice": 0.4 * losses.zigzag(latent[:, layout.GAIN]) + 0.4 * losses.zigzag(latent[:, layout.PAINT]),
    }


def _fields(latent: Tensor, now: Item, full: int) -> dict[str, Tensor]:
    """Which texture a cell's surface has, and how strongly it shows (of the first ``full``)."""
    contrast, sure = wanted_contrast(now.first(full))
    parts = {"contrast": 0.3 * ((latent[:full, layout.DETAIL] - contrast).abs() * sure).mean()}
    choice = latent[:, layout.CHOICE]
    fits = (now.suited[:, None] >> torch.arange(layout.FIELDS, device=choice.device)[:, None, None]) & 1
    # leaves that show no field of ours may have undergrowth, but no bricks
    parts["suited"] = -0.05 * ((choice * fits).sum(1) + 1e-4).log().mean()
    known = now.field < layout.FIELDS
    if known.any():
        probability = choice.permute(0, 2, 3, 1)[known]
        right = probability.gather(1, now.field[known][:, None]).clamp_min(1e-6)
        # where the material is known, a strength of 1 puts it in the place of the engine's own texture
        replace = (2 * now.strength - 1).clamp_min(0) * (1 - latent[:, layout.COVER : layout.COVER + 1])
        parts["replaced"] = 0.15 * (replace[:, 0] * known).mean()
        parts["field"] = -0.05 * right.log().mean()
    return parts


def _picture(out: Tensor, sharp: Item) -> dict[str, Tensor]:
    """Pictures at full size."""
    return {
        "pixel": losses.charbonnier(out - sharp.target),
        "edges": 0.5 * losses.gradients(out, sharp.target),
        "energy": 1.5 * losses.band_energy(out, sharp.target),
    }


def _features(out: Tensor, target: Tensor, judge: losses.Features) -> dict[str, Tensor]:
    """What features say of pictures at full size."""
    with autocast(out.device):
        with torch.no_grad():
            wanted = judge(target.contiguous(memory_format=torch.channels_last))
        got = judge(out.contiguous(memory_format=torch.channels_last))
    return {
        "features": 0.15 * losses.feature_distance(got, wanted),
        "statistics": 0.2 * losses.feature_statistics(got, wanted),
        "frechet": 1.0 * losses.batch_frechet(got, wanted),
    }
