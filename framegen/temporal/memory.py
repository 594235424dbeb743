"""What a session remembers of the frame before."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from framegen.frame import F32, U8, Camera
from framegen.ops.anchors import Anchors


@dataclass(frozen=True, eq=False)
class Memory:
    """The last generated frame, at the size of the latent. Its arrays are read, never written.

    Attributes:
        model: name of the model that made it.
        frame_id: of the frame that was sent last (it looked the same if it was not generated itself).
        latent: ``[h, w, c]`` float32: the accumulated latent that the last image was decoded from.
        age: ``[h, w]`` float32: over how many frames each cell was accumulated, 1 = this frame alone; below 1 it is in
            part a guess: the network has not seen it yet.
        noise: ``[h, w, noise_channels]`` float32, or None: the model takes none, or its network did not run and whoever
            wants it makes it from places.
        depth_m: ``[h, w]`` float32, finite (sky: SKY_M), or None.
        color: ``[h, w, 3]`` uint8, mean colour per cell, filtered 3x3.
        half: ``[H/2, W/2, 3]`` uint8, mean colour, for optical flow.
        camera: of the model's picture, jitter folded in, or None.
        jitter_px: model pixels, y down.
        anchors: of what moves on its own, or has done so; None: nothing has.
        kept: what the model keeps besides, see :class:`framegen.engines.base.RecallEngine`, or None.
        noise_rest: ``[h, w, 2]`` float32, cells: how far from each cell's centre its noise belongs, which moves by
            whole cells; None: it is where it belongs.
    """

    model: str
    frame_id: int
    latent: F32
    age: F32
    noise: F32 | None
    depth_m: F32 | None
    color: U8
    half: U8
    camera: Camera | None
    jitter_px: tuple[float, float]
    anchors: Anchors | None = None
    noise_rest: F32 | None = None
    kept: Any = None
