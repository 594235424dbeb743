"""The run time's last step, edges without stairs, in training, so that the losses see them as they ship."""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor

from framegen.ops.antialias import antialias


def antialiased(picture: Tensor, share: Tensor) -> Tensor:
    """:func:`framegen.ops.antialias.antialias` of ``[B, 3, H, W]`` 0..1 by ``share`` ``[B, 1, 1, 1]`` 0..1.

    Gradients pass as if nothing had been done (a straight-through estimate: Bengio, Léonard and Courville, "Estimating
    or Propagating Gradients Through Stochastic Neurons", 2013): where edges lie is the engine's to say.
    """
    with torch.no_grad():
        levels = picture.clamp(0, 1).mul(255).round().to(torch.uint8).permute(0, 2, 3, 1).contiguous().cpu().numpy()
        parts = zip(levels, share.flatten().tolist(), strict=True)
        change = np.stack([antialias(one, part).astype(np.float32) - one for one, part in parts])
    return picture + torch.from_numpy(change).to(picture).permute(0, 3, 1, 2) / 255
