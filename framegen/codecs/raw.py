"""Uncompressed planes: little-endian, rows from the top, channels last, no padding.

Decoding gives read-only views of the received bytes. Two things are copied: ``u16_log`` depth,
which becomes float32, and a plane that does not begin at a multiple of its element size.
"""

from __future__ import annotations

import math
import sys
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from framegen.errors import InvalidFrame
from framegen.frame import F32


@dataclass(frozen=True)
class PlaneFormat:
    """One row of the table of formats in ``protocol/registry.md``.

    Attributes:
        name: as in the header.
        dtype: little-endian NumPy type of one element.
        tail: shape after ``[H, W]``.
    """

    name: str
    dtype: np.dtype[Any]
    tail: tuple[int, ...] = ()

    @cached_property
    def pixel_bytes(self) -> int:
        """Bytes of one pixel."""
        return int(self.dtype.itemsize * math.prod(self.tail))


FORMATS: dict[str, PlaneFormat] = {
    f.name: f
    for f in (
        PlaneFormat("rgb8", np.dtype("u1"), (3,)),
        PlaneFormat("rgba8", np.dtype("u1"), (4,)),
        PlaneFormat("r8", np.dtype("u1")),
        PlaneFormat("f16_m", np.dtype("<f2")),
        PlaneFormat("f32_m", np.dtype("<f4")),
        PlaneFormat("u16_log", np.dtype("<u2")),
        PlaneFormat("f16_px", np.dtype("<f2"), (2,)),
        PlaneFormat("f32_px", np.dtype("<f4"), (2,)),
    )
}


_LITTLE = sys.byteorder == "little"


def to_bytes(array: NDArray[Any]) -> memoryview:
    """The array's bytes, little-endian; a view where it is contiguous already, else of one copy."""
    if not (array.flags.c_contiguous and ((array.dtype.isnative and _LITTLE) or array.dtype.itemsize == 1)):
        array = np.ascontiguousarray(array, dtype=array.dtype.newbyteorder("<")).view(np.uint8)
    return array.data.toreadonly().cast("B")


def from_bytes(payload: memoryview, dtype: np.dtype[Any], shape: tuple[int, ...]) -> NDArray[Any]:
    """A read-only array over ``payload``, whose length must be that of ``shape``."""
    array: NDArray[Any] = np.frombuffer(payload, dtype).reshape(shape)
    if not array.flags.aligned:
        array = array.copy()
    array.flags.writeable = False
    return array


@lru_cache(maxsize=8)
def _log_depths(near_m: float, far_m: float) -> F32:
    codes = np.arange(-1, 65535, dtype=np.float64) / 65534.0
    table = (near_m * np.exp(codes * math.log(far_m / near_m))).astype(np.float32)
    table[0] = np.inf
    return table


def depth_from_log(codes: NDArray[np.uint16], near_m: float, far_m: float) -> F32:
    """``u16_log`` -> metres: ``z = near * (far / near) ** ((code - 1) / 65534)``, code 0 is the sky (``+inf``).

    Args:
        codes: ``[H, W]`` uint16.
        near_m, far_m: the depths of codes 1 and 65535, finite, metres.

    Returns:
        ``[H, W]`` float32, read-only.

    Raises:
        InvalidFrame: unless ``0 < near_m < far_m < inf``.
    """
    if not 0.0 < near_m < far_m < math.inf or math.isinf(far_m / near_m):
        raise InvalidFrame(f"u16_log depth needs 0 < near_m < far_m < inf, not {near_m} and {far_m}.")
    depth: F32 = _log_depths(near_m, far_m)[codes]
    depth.flags.writeable = False
    return depth


def depth_is_valid(depth_m: NDArray[Any]) -> bool:
    """Whether no value is NaN or negative. One pass, no temporary of the plane's size in the usual case."""
    if depth_m.dtype.itemsize == 2 and int(depth_m.view(np.uint16).max()) <= 0x7C00:
        return True  # every bit pattern up to that of +inf is a number >= 0
    return bool(depth_m.min() >= 0)  # a NaN makes the minimum NaN


def is_finite(plane: NDArray[Any]) -> bool:
    """Whether every value of a float plane is finite. The plane is contiguous."""
    values = plane.reshape(-1)
    # two passes over blocks that stay in the processor's cache cost half of two passes over a large plane
    return all(_block_is_finite(values[at : at + _BLOCK]) for at in range(0, values.size, _BLOCK))


_BLOCK = 1 << 17
"""Elements."""


def _block_is_finite(values: NDArray[Any]) -> bool:
    if values.dtype.itemsize == 2:
        # Infinities and NaNs are the largest bit patterns of either sign.
        return int(values.view(np.int16).max()) < 0x7C00 and int(values.view(np.uint16).max()) < 0xFC00
    return bool(values.min() > -np.inf and values.max() < np.inf)
