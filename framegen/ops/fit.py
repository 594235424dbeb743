"""Bringing a frame to the size a model works at, and nothing else.

A frame is scaled down evenly (never stretched, never enlarged) until its area is the
model's, then padded on the right and at the bottom, by repeating its edge, to the model's
multiple. A frame of the model's own size passes through untouched.
"""

from __future__ import annotations

import dataclasses
import math
from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from framegen.frame import F32, F64, PLANES, U8, Camera, Frame
from framegen.ops.duet import DUET, Later
from framegen.ops.kernels.half import single


@dataclass(frozen=True)
class Fit:
    """How a frame lies in the model's picture; all sizes are (width, height) in pixels.

    Attributes:
        frame: size of the frame.
        content: size the frame is scaled to, at the top left of the model's picture.
        model: size of the model's picture; what exceeds ``content`` is repeated edge.
    """

    frame: tuple[int, int]
    content: tuple[int, int]
    model: tuple[int, int]

    @property
    def scaled(self) -> bool:
        """Whether the model sees fewer pixels than the frame has."""
        return self.content != self.frame

    @property
    def part(self) -> tuple[float, float]:
        """Of the model's width and height, what is the frame's."""
        return self.content[0] / self.model[0], self.content[1] / self.model[1]

    @property
    def padded(self) -> bool:
        """Whether the model's picture has pixels that are not the frame's."""
        return self.model != self.content


def plan(frame: tuple[int, int], default_size: tuple[int, int], multiple: int) -> Fit:
    """The :class:`Fit` of a frame of ``frame`` (width, height) for a model.

    ``default_size`` gives the area in pixels that the model works at, ``multiple`` the pixels
    that its width and height are multiples of. The frame's aspect is kept to half a pixel.
    """
    width, height = frame
    shrink = min(1.0, math.sqrt(default_size[0] * default_size[1] / (width * height)))
    content = (max(1, round(width * shrink)), max(1, round(height * shrink)))
    model = (math.ceil(content[0] / multiple) * multiple, math.ceil(content[1] / multiple) * multiple)
    return Fit(frame, content, model)


def to_model(frame: Frame, fit: Fit) -> Frame:
    """The frame at the model's size, with its jitter folded into the camera.

    Colour is averaged over area and loses its alpha; the other planes are point samples, because a
    mean of two depths is the depth of nothing. ``motion_px`` is given in pixels of the new size.
    The camera's ``clip_from_view`` covers the padding and the jitter, so that unprojecting a pixel
    of the new planes gives its place in the world; ``jitter_px`` stays, in pixels of the new size,
    for who compares colours between frames.
    """
    jittered = frame.jitter_px != (0.0, 0.0)
    if not (fit.scaled or fit.padded or jittered or frame.color.shape[2] == 4):
        return frame
    scale_x, scale_y = fit.content[0] / fit.frame[0], fit.content[1] / fit.frame[1]
    jitter = (frame.jitter_px[0] * scale_x, frame.jitter_px[1] * scale_y)
    # OpenCV leaves the interpreter alone while it works, so the planes are sampled meanwhile
    color = Later(lambda: _pad(shrink_color(rgb(frame.color), fit.content), fit))
    if fit.scaled:
        color = DUET.beside(color.result)
    changes: dict[str, Any] = {"jitter_px": jitter}
    if fit.scaled or fit.padded:
        for name, _, _ in PLANES:
            plane = getattr(frame, name)
            if plane is not None:
                changes[name] = _pad(point_sample(plane, fit.content), fit)
        if fit.scaled and frame.motion_px is not None:
            changes["motion_px"] = _scaled(changes["motion_px"], scale_x, scale_y)
    if frame.camera is not None:
        changes["camera"] = shift_camera(frame.camera, fit, jitter)
    return dataclasses.replace(frame, color=color.result(), **changes)


def _scaled(motion_px: NDArray[Any], scale_x: float, scale_y: float) -> F32:
    """``[h, w, 2]`` float32. Whole rows at once: NumPy repeats two numbers ten times as slowly."""
    flat = single(motion_px).reshape(motion_px.shape[0], -1)
    row = np.tile(np.array((scale_x, scale_y), np.float32), motion_px.shape[1])
    return np.asarray((flat * row).reshape(motion_px.shape), np.float32)


def rgb(color: U8) -> U8:
    """``[H, W, 3]`` uint8 of ``[H, W, 3 or 4]``; alpha is dropped, three channels pass untouched."""
    if color.shape[2] == 3:
        return color
    return np.asarray(cv2.cvtColor(np.ascontiguousarray(color), cv2.COLOR_RGBA2RGB), np.uint8)


def shrink_color(color: U8, size: tuple[int, int]) -> U8:
    """``color`` (``[H, W, c]`` uint8) averaged down to ``size`` (width, height).

    Halves by exact 2x2 means as often as it can, then interpolates the remaining factor below two:
    nearly the exact area mean, five times as fast.
    """
    height, width = color.shape[:2]
    while width >= 2 * size[0] and height >= 2 * size[1] and width % 2 == 0 and height % 2 == 0:
        width, height = width // 2, height // 2
        color = np.asarray(cv2.resize(color, (width, height), interpolation=cv2.INTER_AREA), np.uint8)
    if (width, height) != size:
        within_two = width < 2 * size[0] and height < 2 * size[1]
        way = cv2.INTER_LINEAR if within_two else cv2.INTER_AREA
        color = np.asarray(cv2.resize(color, size, interpolation=way), np.uint8)
    return color


def point_sample(plane: NDArray[Any], size: tuple[int, int]) -> NDArray[Any]:
    """``plane`` (``[H, W, ...]``) at the centres of the pixels of ``size`` (width, height), values untouched."""
    height, width = plane.shape[:2]
    if (width, height) == size:
        return plane
    if plane.ndim == 3 and plane.shape[2] == 2:
        # A pair is fetched as one number of twice the width: twice as fast.
        pairs = np.ascontiguousarray(plane).view(f"u{2 * plane.itemsize}")[..., 0]
        return point_sample(pairs, size).view(plane.dtype).reshape(size[1], size[0], 2)
    columns = ((np.arange(size[0]) + 0.5) * (width / size[0])).astype(np.intp)
    rows = ((np.arange(size[1]) + 0.5) * (height / size[1])).astype(np.intp)
    return np.asarray(plane[rows].take(columns, axis=1))


def _pad(plane: NDArray[Any], fit: Fit) -> NDArray[Any]:
    if not fit.padded:
        return plane
    right, bottom = fit.model[0] - fit.content[0], fit.model[1] - fit.content[1]
    return np.pad(plane, ((0, bottom), (0, right)) + ((0, 0),) * (plane.ndim - 2), mode="edge")


def shift_camera(camera: Camera, fit: Fit, jitter_px: tuple[float, float]) -> Camera:
    """The camera whose picture is the model's: content at the top left, moved by the jitter (pixels, y down)."""
    ratio_x, ratio_y = fit.content[0] / fit.model[0], fit.content[1] / fit.model[1]
    onto: F64 = np.eye(4)
    onto[0, 0], onto[0, 3] = ratio_x, ratio_x - 1.0 + 2.0 * jitter_px[0] / fit.model[0]
    onto[1, 1], onto[1, 3] = ratio_y, 1.0 - ratio_y - 2.0 * jitter_px[1] / fit.model[1]
    return dataclasses.replace(camera, clip_from_view=onto @ camera.clip_from_view)
