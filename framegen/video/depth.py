"""Depth for recorded footage: a video, or a folder of pictures, in one of three encodings.

======================  =====================================================================
``metres``              float values, metres along the view axis (EXR, NPY, float video)
``inverse16:NEAR``      16 bits, ``value = 65535 * NEAR / z``; ``z = NEAR`` is the largest value
``relative8``           8 bits, brighter is nearer, no unit (what single-picture depth networks give)
======================  =====================================================================

In all of them what is 0, negative or not finite is the sky.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import cv2
import numpy as np
from numpy.typing import NDArray

from framegen.errors import ConfigError, MediaError
from framegen.frame import F32
from framegen.video.exr import read_exr
from framegen.video.source import depth_frames

_PICTURES = (".png", ".exr", ".npy", ".tif", ".tiff")
_RELATIVE_NEAR_M, _RELATIVE_FAR_M = 2.0, 200.0
"""What ``relative8`` is taken for: its brightest value and the last one before the sky."""
_GREATEST_NEAR_M = 1e5
"""Of ``inverse16``: what is nearest is not beyond what is taken for the sky."""


@dataclass(frozen=True)
class DepthEncoding:
    """How stored numbers become metres. ``near_m`` belongs to ``inverse16`` alone."""

    name: Literal["metres", "inverse16", "relative8"]
    near_m: float = 0.0

    @property
    def metric(self) -> bool:
        """Whether depths of different frames can be compared."""
        return self.name != "relative8"

    @staticmethod
    def parse(text: str) -> DepthEncoding:
        """From ``metres``, ``inverse16:NEAR`` or ``relative8``. Raises ConfigError."""
        if text in ("metres", "meters"):
            return DepthEncoding("metres")
        if text == "relative8":
            return DepthEncoding("relative8")
        match = re.fullmatch(r"inverse16:((?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?)", text)
        if match and 0.0 < float(match[1]) <= _GREATEST_NEAR_M:
            return DepthEncoding("inverse16", float(match[1]))
        raise ConfigError(
            f"'{text}' is not a depth encoding.",
            hint="Use metres, inverse16:NEAR (metres, such as inverse16:0.1) or relative8.",
        )

    def to_metres(self, stored: NDArray[Any], where: str) -> F32:
        """``[H, W]`` stored numbers -> float32 metres, sky ``+inf``. MediaError if their type does not fit."""
        if self.name == "metres":
            if stored.dtype.kind != "f":
                raise MediaError(
                    f"{where} holds {stored.dtype.name}, which cannot be metres.",
                    hint="Metres need EXR, NPY or float video; for 16-bit pictures use inverse16:NEAR.",
                )
            depth = stored.astype(np.float32)
        elif self.name == "inverse16":
            if stored.dtype != np.uint16:
                raise MediaError(f"{where} holds {stored.dtype.name}; inverse16 needs 16 bits.")
            with np.errstate(divide="ignore"):
                depth = np.float32(65535.0 * self.near_m) / stored.astype(np.float32)
        else:
            if stored.dtype not in (np.uint8, np.uint16):
                raise MediaError(f"{where} holds {stored.dtype.name}; relative8 needs a grey picture.")
            share = stored.astype(np.float32) / np.float32(np.iinfo(stored.dtype).max)
            far, near = np.float32(1 / _RELATIVE_FAR_M), np.float32(1 / _RELATIVE_NEAR_M)
            depth = np.float32(1.0) / (far + share * (near - far))
            depth[stored == 0] = np.inf
        with np.errstate(invalid="ignore"):
            depth[~(depth > 0)] = np.inf
        metres: F32 = np.maximum(depth, np.float32(1e-3))
        return metres


class DepthSource:
    """The depth of a video's frames, one by one in order.

    Args:
        path: a video, a picture, or a folder whose pictures in the order of their names are the frames.
        encoding: see the module.

    Raises:
        MediaError: nothing there that holds depth.
    """

    def __init__(self, path: str | os.PathLike[str], encoding: DepthEncoding) -> None:
        self.path = Path(path)
        self.encoding = encoding
        self._taken = 0
        if not self.path.exists():
            raise MediaError(f"There is no depth at {self.path}.")
        self._stored = self._read()

    def next(self, width: int, height: int) -> F32:
        """The next frame's ``[height, width]`` float32 metres. MediaError when there is none or its shape differs."""
        found = next(self._stored, None)
        if found is None:
            raise MediaError(
                f"{self.path} has depth for {self._taken} frames, the footage has more.",
                hint="Depth is matched frame by frame, in order.",
            )
        where, stored = found
        self._taken += 1
        depth = self.encoding.to_metres(_one_plane(stored, where), where)
        if depth.shape == (height, width):
            return depth
        if abs(depth.shape[1] * height - width * depth.shape[0]) > max(width, height) * 2:
            raise MediaError(
                f"{where} is {depth.shape[1]}x{depth.shape[0]}, which has not the shape of {width}x{height}."
            )
        # Depth is point-sampled: a mean across an edge is the depth of nothing.
        return np.asarray(cv2.resize(depth, (width, height), interpolation=cv2.INTER_NEAREST_EXACT), np.float32)

    def _read(self) -> Iterator[tuple[str, NDArray[Any]]]:
        if self.path.is_dir():
            files = sorted((p for p in self.path.iterdir() if p.suffix.lower() in _PICTURES), key=_natural)
            if not files:
                raise MediaError(f"No depth pictures in {self.path}.", hint=f"Looked for {', '.join(_PICTURES)}.")
            return ((str(file), read_depth_picture(file)) for file in files)
        if self.path.suffix.lower() in _PICTURES:
            return iter([(str(self.path), read_depth_picture(self.path))])
        where = str(self.path)
        return ((where, stored) for stored in depth_frames(self.path))


def read_depth_picture(path: Path) -> NDArray[Any]:
    """The stored numbers of one picture, ``[H, W]`` or ``[H, W, C]``. Raises MediaError."""
    suffix = path.suffix.lower()
    if suffix == ".exr":
        return read_exr(path)
    try:
        if suffix == ".npy":
            stored: NDArray[Any] = np.load(path, allow_pickle=False)
            return stored
        data = np.fromfile(path, np.uint8)
    except (OSError, ValueError) as error:
        raise MediaError(f"Cannot read {path}: {error}.") from error
    picture = cv2.imdecode(data, cv2.IMREAD_UNCHANGED) if data.size else None
    if picture is None:
        raise MediaError(f"{path} is not a picture that can be read.")
    return np.asarray(picture)


def _one_plane(stored: NDArray[Any], where: str) -> NDArray[Any]:
    stored = stored.squeeze()
    if stored.ndim == 3:
        colours = stored[..., : min(3, stored.shape[2])]
        if (colours != colours[..., :1]).any():
            raise MediaError(f"{where} is a colour picture, not depth.", hint="Depth is one grey or float channel.")
        stored = colours[..., 0]
    if stored.ndim != 2:
        raise MediaError(f"{where} has the shape {list(stored.shape)}, depth is [H, W].")
    return stored


def _natural(path: Path) -> list[Any]:
    """Sorts ``frame_2`` before ``frame_10``."""
    return [int(part) if part.isdigit() else part for part in re.split(r"(\d+)", path.name)]
