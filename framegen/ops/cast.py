"""Shadows that the sun casts, fast; see :mod:`framegen.ops.cast_reference`."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from framegen.frame import F32, U8
from framegen.ops import cast_reference as reference
from framegen.ops import features as ft
from framegen.ops.duet import DUET, Later, Ranges, Turns
from framegen.ops.kernels import cast as kernels
from framegen.ops.kernels import drawn
from framegen.ops.kernels.jit import ready

_BANDS = 16


class Shadows:
    """Those of one frame, worked on by the second thread from now on, for nothing of it needs the picture.

    Args:
        depth_m: ``[H, W]`` float32, metres. geometry: of the same frame, with a camera.
        sun: ``[3]`` float32 unit vector towards it, as the network was told.
        told: what fills the two; None: they are.
    """

    def __init__(self, depth_m: F32, geometry: ft.CellGeometry, sun: F32, told: Later[None] | None = None) -> None:
        rays = geometry.rays
        assert rays is not None
        # the works below hold these and not the object, or a frame's planes would stay until garbage is collected
        depth, normals = ready(depth_m, np.float32), geometry.features[ft.NORMAL_RIGHT : ft.NORMAL_AHEAD + 1]
        height, width = depth_m.shape
        shades = np.empty((height // reference.BLOCK_PX, width // reference.BLOCK_PX), np.float32)
        ahead = np.zeros(3, np.float32) if rays.perspective else rays.forward.astype(np.float32)
        inverse, corner = ft.pixel_from_world(rays)
        columns, rows = (ready(plane, np.float32) for plane in (rays.columns, rays.rows))
        toward = ready(sun, np.float32)

        def face() -> F32:
            if told is not None:
                told.result()
            return ready(np.moveaxis(normals, 0, -1) @ rays.level, np.float32)

        normal = DUET.beside(face)

        def trace(first: int, end: int) -> None:
            kernels.shade(first, end, depth, normal.result(), columns, rows, ahead, inverse, corner, toward, shades)

        self._depth, self._geometry, self._normals, self._shades = depth, geometry, normals, shades
        self._found: tuple[F32, F32] | None = None
        self._turns = Turns(DUET, len(shades), min(_BANDS, len(shades)), trace)

    def hold(self) -> None:
        """Leave both processor cores to something else."""
        self._turns.hold()

    def go_on(self) -> None:
        """Work on, on the second thread."""
        self._turns.go_on()

    def cells(self) -> F32:
        """``[h, w]`` float32 0..1, how dark each cell is in them: what is kept from frame to frame."""
        return self._finished()[1]

    def _finished(self) -> tuple[F32, F32]:
        """Shades, and their means."""
        if self._found is None:
            self._turns.finish()
            soft = reference.filled(self._shades)
            self._found = soft, reference.means(soft)
        return self._found

    def layer(
        self,
        kept: F32,
        picture: U8,
        color: U8,
        through: F32,
        share: float,
        steadied: Callable[[float], float] = lambda own: own,
    ) -> Ranges | None:
        """What lays them over rows of a composed picture, in place; None: there are none.

        Args:
            kept: ``[h, w]`` float32, :meth:`cells` and those of the frames before, accumulated.
            picture, color: ``[H, W, 3]`` uint8, the composed one and the engine's. through: ``[H, W]`` float32, the
                share of light that passes the air. share: 0..1, how much is laid over.
            steadied: what frames before make of how surely this one has these shadows already.
        """
        soft = reference.steadied(*self._finished(), ready(kept, np.float32))
        own = steadied(reference.verdict(*drawn.pairs(soft, ready(color, np.uint8), self._depth, self._normals)))
        part = np.float32(share * (1 - own))
        clear, told = ready(through, np.float32), ready(self._geometry.features[ft.SHADOW], np.float32)

        def band(first: int, end: int) -> None:
            kernels.lay(first, end, picture, soft, clear, told, part)

        return band if part > 0 else None


__all__ = ["Shadows"]
