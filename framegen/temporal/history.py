"""History brought to the present frame (:func:`recall`), and the present one made part of it (:func:`accumulate`)."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial

import numpy as np
from numpy.typing import NDArray

from framegen.config import TemporalSettings
from framegen.frame import F32, Frame
from framegen.ops.anchors import Anchors
from framegen.ops.cells import Cells
from framegen.ops.duet import DUET
from framegen.ops.fill_reference import KNOWN
from framegen.ops.kernels import temporal as kernels
from framegen.ops.warp import clamped_blend, fetch_latent, nearest_index
from framegen.temporal import noise as noises
from framegen.temporal.anchors import carry
from framegen.temporal.geometry import Grid
from framegen.temporal.masks import judge
from framegen.temporal.memory import Memory
from framegen.temporal.motion import CellMotion, cell_motion

STILL_CELLS = 1.0 / 64.0
"""Motion below this many cells is none: history is taken as it is, not interpolated."""
CLAMP_SLACK = 0.1
"""How far history may lie outside of its new neighbourhood, in standard deviations of the channel."""
MOVING_AGE = 3.0
"""Age up to which things that move on their own are accumulated: their depth cannot be verified."""


@dataclass(frozen=True, eq=False)
class Recall:
    """The last frame's memory, fetched for the cells of this one; all planes ``[h, w, ...]``.

    Attributes:
        latent: ``[h, w, c]`` float32; one that lives on the model's device is left as it was.
        age: float32. trust: float32 0..1. x, y: float32, columns and rows of the last frame, in cells.
        source: flat index of the cell that each one came from, nearest.
        motion: where it came from. cut: this frame has nothing to do with the last one; trust is 0.
        anchors: where texture is looked up; None: where things are, nothing has ever moved on its own.
    """

    latent: F32
    age: F32
    trust: F32
    x: F32
    y: F32
    source: NDArray[np.intp]
    motion: CellMotion
    cut: bool
    anchors: Anchors | None = None


def recall(
    memory: Memory,
    cells: Cells,
    frame: Frame,
    grid: Grid,
    temporal: TemporalSettings,
    index_channels: int = 0,
    passed_s: float = 1.0 / 30.0,
) -> Recall:
    """Reproject ``memory`` to ``frame`` (of the model's size) and judge how far it can be trusted.

    ``index_channels``: see :class:`~framegen.engines.base.ModelSpec`. ``passed_s``: seconds since the last frame.
    """
    motion = cell_motion(cells, frame, memory, grid)
    x, y = np.empty((2, grid.height, grid.width), np.float32)
    longest_px = kernels.places(motion.motion_px, 1.0 / grid.cell_px, x, y)
    judged = judge(cells, motion, memory, grid, x, y, detect_cuts=temporal.detect_cuts)
    source = nearest_index(x, y, grid.width, grid.height)
    anchors = carry(cells, frame, memory, motion, x, y, judged.placed, passed_s)
    still = longest_px < STILL_CELLS * grid.cell_px
    latent = memory.latent
    if still:
        np.rint(x, out=x)
        np.rint(y, out=y)
    elif not judged.cut and isinstance(latent, np.ndarray):
        latent = fetch_latent(latent, x, y, index_channels)
    age = memory.age.ravel().take(source)
    trust = judged.trust * np.minimum(age, np.float32(1.0))
    return Recall(latent, age, trust, x, y, source, motion, judged.cut, anchors)


def accumulate(latent: F32, past: Recall, age: F32, index_channels: int = 0) -> F32:
    """Blend a new latent with its reprojected history, as temporal anti-aliasing does.

    ``out = z + w (clamp(ẑ) - z)`` with ``w = trust (1 - 1 / age)``. ẑ is clamped to the least and greatest value of
    z's 3x3 neighbourhood (Karis 2014, *High Quality Temporal Supersampling*), widened by :data:`CLAMP_SLACK`: a model
    also flickers in ways that no neighbourhood shows, all of a smooth surface at once.

    Args:
        latent: ``[h, w, c]`` float32, new. age: ``[h, w]`` float32, see :func:`aged`.
        index_channels: see :class:`~framegen.engines.base.ModelSpec`.

    Returns:
        the accumulated latent ``[h, w, c]`` float32.
    """
    return clamped_blend(latent, past.latent, share_of_history(past, age), CLAMP_SLACK, index_channels)


def aged(past: Recall, temporal: TemporalSettings, hold: float, *, seen: bool = True) -> F32:
    """``[h, w]`` float32: the age that each cell has with this frame, ``1 + trust · age`` up to ``max_age``.

    ``hold``: 0..1, greatest weight that history may have. ``seen``: whether the network sees this frame; else it adds
    nothing to the age, and what is not trusted enough to be taken as it is has none.
    """
    longest = np.float32(max(1.0, min(float(temporal.max_age), 1.0 / max(1.0 - hold, 1e-6))))
    age = np.minimum(np.float32(seen) + past.trust * past.age, longest)
    if not seen:
        age[past.trust < KNOWN] = 0.0
    if past.motion.moving is not None:
        np.minimum(age, MOVING_AGE, out=age, where=past.motion.moving)
    return np.asarray(age, np.float32)


def share_of_history(past: Recall, age: F32) -> F32:
    """``[h, w]`` float32: weight of the past in a cell of that age."""
    one = np.float32(1.0)
    return np.asarray(past.trust * (one - one / np.maximum(age, one)), np.float32)


class Noise:
    """``[h, w, channels]`` float32 noise; ``anchored``: it sticks to surfaces, by world position where that is exact,
    else carried; if not, it is fresh every frame.

    By position it begins at once, on the second thread, since it takes nothing of history but what moves.
    """

    def __init__(self, cells: Cells, frame: Frame, grid: Grid, channels: int, seed: int, anchored: bool = True) -> None:
        self._grid, self._channels, self._seed, self._frame_id = grid, channels, seed, frame.frame_id
        self._anchored = anchored and channels > 0
        self._depth_m, self._camera = cells.depth_m, frame.camera
        self._placed = None
        if self._anchored and cells.depth_m is not None and frame.camera is not None:
            self._placed = DUET.beside(partial(noises.at_surfaces, cells.depth_m, frame.camera, grid, channels, seed))

    def values(self, past: Recall | None, memory: Memory | None) -> tuple[F32, F32 | None]:
        """The noise, and its :attr:`~framegen.temporal.memory.Memory.noise_rest`.

        ``past``: the recall of this frame, ``memory``: what it is of; None: there is no history.
        """
        if self._placed is not None and self._depth_m is not None and self._camera is not None:
            values = self._placed.result()
            if past is not None and past.anchors is not None:
                noises.follow(values, past.anchors, self._depth_m, self._camera, self._grid, self._seed)
            return values, None
        every = np.arange(self._grid.height * self._grid.width)
        values = noises.fresh(every, self._channels, self._seed, self._frame_id)
        if not self._anchored:
            return values.reshape(self._grid.height, self._grid.width, self._channels), None
        rest = np.zeros((self._grid.height, self._grid.width, 2), np.float32)
        before = None if past is None or memory is None else self._before(memory)
        if past is not None and memory is not None and before is not None:
            before = before.reshape(-1, self._channels)
            source, left = noises.sources(past.x, past.y, rest if memory.noise_rest is None else memory.noise_rest)
            trusted = (past.trust > 0.0) & (np.abs(left) < 1.0).all(axis=-1)
            kept = noises.carried(before, source.ravel(), trusted.ravel(), values)
            rest.reshape(-1, 2)[kept] = left.reshape(-1, 2)[kept]
        return values.reshape(self._grid.height, self._grid.width, self._channels), rest

    def _before(self, memory: Memory) -> F32 | None:
        """The noise of the frame before, made now where its network did not run; None: nobody knows it."""
        if memory.noise is not None or memory.depth_m is None or memory.camera is None:
            return memory.noise
        values = noises.at_surfaces(memory.depth_m, memory.camera, self._grid, self._channels, self._seed)
        if memory.anchors is not None:
            noises.follow(values, memory.anchors, memory.depth_m, memory.camera, self._grid, self._seed)
        return values
