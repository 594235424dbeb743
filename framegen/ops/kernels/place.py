"""Where what a pixel shows stands."""

from __future__ import annotations

import numpy as np

from framegen.frame import F32
from framegen.ops.kernels.jit import kernel


@kernel
def place(
    columns: F32, rows: F32, ahead: F32, deep: bool, x: int, y: int, z: np.float32
) -> tuple[np.float32, np.float32, np.float32]:  # fmt: skip
    """Along the world's axes, relative to the camera, in metres: what is seen at pixel ``x``, ``y`` in depth ``z``.

    ``columns``, ``rows``: see :class:`framegen.ops.features.Rays`. ``ahead`` ``[3]``: the view axis of orthographic
    cameras; ``deep``: whether the camera sees in perspective.
    """
    px, py, pz = columns[0, x] + rows[0, y], columns[1, x] + rows[1, y], columns[2, x] + rows[2, y]
    if deep:
        return px * z, py * z, pz * z
    return px + ahead[0] * z, py + ahead[1] * z, pz + ahead[2] * z
