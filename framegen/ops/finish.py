"""From the model's picture to the result: its size, its sharpness, and how much of it is shown where."""

from __future__ import annotations

import math

import cv2
import numpy as np

from framegen.config import Settings
from framegen.frame import F32, U8, Frame
from framegen.ops.effects import NO_EFFECTS, Effects, drawn
from framegen.ops.fit import Fit, point_sample, rgb, shrink_color
from framegen.ops.lift import lift
from framegen.ops.photo import PLAIN, Photo, printed

MAX_SIDE_PX, MAX_PIXELS = 8192, 3840 * 2160
"""Of a result whose size follows from one side and the frame: the protocol's limits, which answers keep to, too."""


def enlarged(frame: Frame, small_in: U8, small_out: U8, fit: Fit, settings: Settings) -> U8:
    """The model's picture at the size that the settings ask for (the frame's own by default), ``[H, W, 3]`` uint8.

    Args:
        frame: as it was sent. small_in, small_out: the model's picture before and after, padding included.
    """
    width, height = fit.content
    small_in, small_out = small_in[:height, :width], small_out[:height, :width]
    size = output_size(settings, fit.frame)
    if size == fit.content:
        return small_out
    if size[0] <= width and size[1] <= height:
        return shrink_color(small_out, size)
    return lift(resized(rgb(frame.color), size), small_in, small_out)


def finish(frame: Frame, image: U8, settings: Settings, photo: Photo = PLAIN, effects: Effects = NO_EFFECTS) -> U8:
    """The result of a frame, ``[H, W, 3]`` uint8.

    Args:
        frame: as it was sent. image: of :func:`enlarged`. effects: what is drawn into it.
        photo: how the result is photographed: at its full size, so that grain is fine and tones are even.
    """
    height, width = image.shape[:2]
    share = shares(frame, settings, (width, height))
    if isinstance(share, float) and share == 0.0:
        return np.array(resized(rgb(frame.color), (width, height)), order="C")
    image = printed(drawn(image, frame, effects), photo, frame.timestamp_ns * 1e-9)
    if isinstance(share, float) and share == 1.0:
        return np.ascontiguousarray(image)
    guide = resized(rgb(frame.color), (width, height))
    if isinstance(share, float):
        image = np.asarray(cv2.addWeighted(image, share, guide, 1.0 - share, 0.0), np.uint8)
    else:
        pair = np.ascontiguousarray(image), np.ascontiguousarray(guide)
        image = np.asarray(cv2.blendLinear(*pair, share, 1.0 - share), np.uint8)
    return np.ascontiguousarray(image)


def output_size(settings: Settings, frame_size: tuple[int, int]) -> tuple[int, int]:
    """Width and height of the result: the frame's, or the settings'.

    One of them alone keeps the frame's aspect, whatever that is: both then shrink to :data:`MAX_SIDE_PX` and
    :data:`MAX_PIXELS`.
    """
    width, height = settings.output_width, settings.output_height
    if width and height:
        return width, height
    if not (width or height):
        return frame_size
    scale = width / frame_size[0] if width else height / frame_size[1]
    derived = max(1, round(frame_size[0] * scale)), max(1, round(frame_size[1] * scale))
    excess = max(max(derived) / MAX_SIDE_PX, math.sqrt(derived[0] * derived[1] / MAX_PIXELS))
    return derived if excess <= 1.0 else (max(1, int(derived[0] / excess)), max(1, int(derived[1] / excess)))


def resized(color: U8, size: tuple[int, int]) -> U8:
    """``color`` (``[H, W, 3]`` uint8) at ``size`` (width, height): averaged down or interpolated up."""
    height, width = color.shape[:2]
    if size == (width, height):
        return color
    if size[0] <= width and size[1] <= height:
        return shrink_color(color, size)
    return np.asarray(cv2.resize(color, size, interpolation=cv2.INTER_CUBIC), np.uint8)


def shares(frame: Frame, settings: Settings, size: tuple[int, int]) -> F32 | float:
    """How much of the restyled picture is shown: one number, or ``[H, W]`` float32 of ``size``; 0..1.

    ``intensity`` times the frame's ``intensity_mask`` times the intensity of each pixel's label.
    """
    labelled = frame.label is not None and any(label.intensity != 1.0 for label in settings.labels.values())
    if frame.intensity_mask is None and not labelled:
        return settings.intensity
    share = np.full((size[1], size[0]), settings.intensity, np.float32)
    if frame.intensity_mask is not None:
        share *= point_sample(frame.intensity_mask, size) * np.float32(1.0 / 255.0)
    if labelled and frame.label is not None:
        table = np.ones(256, np.float32)
        for code, label in settings.labels.items():
            table[code] = label.intensity
        share *= table.take(point_sample(frame.label, size))
    return share
