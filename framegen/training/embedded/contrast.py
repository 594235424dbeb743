"""How strongly a surface's texture shows in the target: what the network's contrast of detail is taught.

Losses of pictures alone leave it where texture is right on average: too much on painted walls and on furniture.
"""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor

from framegen.ops import features as ft
from framegen.ops import layout
from framegen.ops.fields import UNITS_PER_LOG
from framegen.training.embedded.batch import Item
from framegen.training.embedded.losses import LUMA
from framegen.training.embedded.pairs import SMOOTH_FIELD

FINE_PX = 9
"""Texture is what differs from the mean of so many pixels."""
AROUND_CELLS = 9
BOUND = 0.5
"""Steps of log luminance beyond this are edges of things rather than texture."""
LEAST_VARIANCE = 2e-4
"""Of log detail: where a field shows less, it says nothing."""


@torch.no_grad()
def wanted_contrast(item: Item) -> tuple[Tensor, Tensor]:
    """The contrast that each cell's own field has in the target, and where it is known.

    The composition multiplies the frame by ``exp(contrast * detail)``. What the target's log luminance has beyond the
    frame's is compared with the detail over :data:`AROUND_CELLS`: its slope on the detail is too little where texture
    does not lie exactly where the target's does, the ratio of their spreads too much where the target has more than
    this texture. Wanted is the geometric mean of both, and nothing of materials that no field shows.

    Returns:
        ``[B, h, w]`` float32 contrast 0..1.5, and ``[B, h, w]`` float32, 1 where it is known, else 0.
    """
    known = item.field < layout.FIELDS
    pick = item.field.clamp_max(layout.FIELDS - 1)[:, None]
    detail = _fine(item.detail.gather(1, _pixels(pick)).float() / UNITS_PER_LOG)
    more = _fine(_log_luminance(item.target) - _log_luminance(item.color)).clamp(-BOUND, BOUND)
    # away from other surfaces and from fog, which hides texture
    inside = known[:, None] & (F.max_pool2d(pick.float(), 3, 1, 1) == -F.max_pool2d(-pick.float(), 3, 1, 1))
    weight = _pixels(inside) * (item.through > 0.5).float()
    products = torch.cat([weight * detail * more, weight * detail**2, weight * more**2, weight], 1)
    cells = F.avg_pool2d(F.avg_pool2d(products, ft.CELL_PX), AROUND_CELLS, 1, AROUND_CELLS // 2)
    both, own, theirs, seen = cells.unbind(1)
    sure = inside[:, 0] & (seen > 0.25) & (own > LEAST_VARIANCE * seen)
    own = own.clamp_min(1e-6)
    contrast = (both.clamp_min(0) / own * (theirs / own).sqrt()).sqrt().clamp_max(layout.DETAIL_LIMIT)
    smooth = item.field == SMOOTH_FIELD
    return contrast.masked_fill(smooth, 0.0), (sure | smooth).float()


def _fine(plane: Tensor) -> Tensor:
    return plane - F.avg_pool2d(plane, FINE_PX, 1, FINE_PX // 2, count_include_pad=False)


def _log_luminance(color: Tensor) -> Tensor:
    weights = color.new_tensor(LUMA)[:, None, None]
    return ((color * weights).sum(1, keepdim=True) + 0.03).log()


def _pixels(cells: Tensor) -> Tensor:
    return cells.repeat_interleave(ft.CELL_PX, -2).repeat_interleave(ft.CELL_PX, -1)
