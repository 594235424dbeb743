"""Paint that becomes light, as :mod:`framegen.ops.unveil_reference` means it."""

from __future__ import annotations

import numpy as np

from framegen.frame import F32
from framegen.ops import atrous_reference, layout
from framegen.ops import unveil_reference as reference
from framegen.ops.kernels.jit import kernel

_ZERO, _ONE = np.float32(0), np.float32(1)
_COVER, _PAINT = layout.COVER, layout.PAINT.start
_COLOR, _DARKEST = np.float32(atrous_reference.SAME_COLOR), np.float32(reference.DARKEST)
_MORE, _LEAST, _SMALL = np.float32(reference.MOST - 1), np.float32(1e-3), np.float32(1e-6)


@kernel
def unveil(latent: F32, gain: F32, guide: F32, sky: F32, cover: np.float32, share: np.float32, brighter: F32) -> None:
    """Leaves of the paint in ``latent`` ``[h, w, c]`` what is left, and says in ``brighter`` ``[h, w, 3]`` how many
    times the rest makes what is beneath as bright.

    ``gain`` ``[h, w, 3]``: that of the latent, not its logarithm. ``guide``: of
    :func:`framegen.ops.atrous_reference.guide`, which begins with the cells' colours. ``sky`` ``[h, w]``: 0..1; there
    paint stays. ``share``: of the paint elsewhere.
    """
    wanted = np.empty(3, np.float32)
    for i in range(latent.shape[0]):
        for j in range(latent.shape[1]):
            part = share * (_ONE - sky[i, j])
            hidden = cover * min(max(latent[i, j, _COVER], _ZERO), _ONE)
            bare, most = _ONE - hidden, _SMALL
            for c in range(3):
                beneath = max(guide[c, i, j] * _COLOR, _DARKEST) * gain[i, j, c] * bare
                wanted[c] = max(cover * part * latent[i, j, _PAINT + c], _ZERO) / max(beneath, _LEAST)
                most = max(most, wanted[c])
            taken = min(_ONE, _MORE / most)
            left = _ONE - part * taken
            scale = bare / max(_ONE - hidden * left, _LEAST)
            latent[i, j, _COVER] *= left
            for c in range(3):
                brighter[i, j, c] = max((_ONE + wanted[c] * taken) * scale, _LEAST)
                latent[i, j, _PAINT + c] *= left


def warm_up() -> None:
    """Compiles all of this module, or loads what an earlier run compiled."""
    cells, three, plane = np.ones((1, 1, layout.KEPT), np.float32), np.ones((1, 1, 3), np.float32), np.ones((1, 1))
    guide, one = np.ones((atrous_reference.GUIDE, 1, 1), np.float32), np.float32(1)
    unveil(cells, three, guide, plane.astype(np.float32), one, one, three.copy())


__all__ = ["unveil", "warm_up"]
