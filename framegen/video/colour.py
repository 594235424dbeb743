"""Decoded video frames -> sRGB pictures and back, with the file's own matrix and range.

What is not 8-bit SDR is converted, and :func:`describe` says so: more bits are rounded to eight,
HDR (PQ, HLG) is tone-mapped to SDR, transparency is laid over black.

References: ITU-T H.273 (code points), ITU-R BT.2100-2 (PQ and HLG), BT.2087 (BT.2020 to BT.709),
BT.2408 (203 cd/m² as the level of diffuse white).
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from framegen.frame import F32, U8

# H.273 matrix coefficients
BT709, UNSPECIFIED, BT470BG, SMPTE170M, SMPTE240M, BT2020_NCL, BT2020_CL = 1, 2, 5, 6, 7, 9, 10
LIMITED, FULL = 1, 2
# H.273 transfer characteristics
_PQ, _HLG = 16, 18
_SWS_MATRIX = {BT709: 1, 4: 4, BT470BG: 5, SMPTE170M: 5, SMPTE240M: 7, BT2020_NCL: 9, BT2020_CL: 9}
_WHITE_NITS = 203.0
_BT709_FROM_BT2020 = np.array(
    [[1.6605, -0.5876, -0.0728], [-0.1246, 1.1329, -0.0083], [-0.0182, -0.1006, 1.1187]], np.float32
)


@dataclass(frozen=True)
class ColourFacts:
    """How the pixels of a video mean colour.

    Attributes:
        pixel_format: FFmpeg's name, for example ``yuv420p10le``.
        matrix: H.273 matrix coefficients, guessed from the height where the file is silent.
        full_range: 0..255 instead of 16..235.
        primaries, transfer: H.273, 2 where the file is silent.
        alpha: the format has a transparency plane. ``bits``: per component.
    """

    pixel_format: str
    matrix: int
    full_range: bool
    primaries: int
    transfer: int
    alpha: bool
    bits: int

    @property
    def hdr(self) -> bool:
        """PQ or HLG: values mean light beyond diffuse white."""
        return self.transfer in (_PQ, _HLG)


def facts(frame: Any) -> ColourFacts:
    """Of a decoded ``av.VideoFrame``. Silent files are read as players do: BT.709 from 720 rows up, else BT.601."""
    pixel_format = frame.format
    is_rgb = bool(pixel_format.is_rgb)
    matrix = int(frame.colorspace)
    if matrix not in _SWS_MATRIX:
        matrix = BT709 if frame.height >= 720 or is_rgb else SMPTE170M
    return ColourFacts(
        pixel_format=pixel_format.name,
        matrix=matrix,
        full_range=is_rgb or int(frame.color_range) == FULL or pixel_format.name.startswith("yuvj"),
        primaries=int(frame.color_primaries),
        transfer=int(frame.color_trc),
        alpha=any(component.is_alpha for component in pixel_format.components) or pixel_format.name == "pal8",
        bits=max(component.bits for component in pixel_format.components),
    )


def describe(colour: ColourFacts) -> list[str]:
    """What is converted, in words; empty for ordinary 8-bit footage."""
    notes = []
    if colour.hdr:
        notes.append(f"HDR ({'PQ' if colour.transfer == _PQ else 'HLG'}) is tone-mapped to SDR BT.709.")
    elif colour.bits > 8:
        notes.append(f"{colour.bits}-bit colour is rounded to 8 bits.")
    if colour.alpha:
        notes.append("Transparency is laid over black.")
    return notes


def to_rgb(frame: Any, colour: ColourFacts) -> U8:
    """``[H, W, 3]`` uint8 sRGB of a decoded ``av.VideoFrame``, stored orientation."""
    if colour.hdr:
        return _tone_mapped(_convert(frame, "rgb48le", colour), colour.transfer)
    if colour.alpha:
        rgba = _convert(frame, "rgba", colour)
        weight = rgba[..., 3:].astype(np.uint16)
        over_black: U8 = ((rgba[..., :3] * weight + 127) // 255).astype(np.uint8)
        return over_black
    rgb: U8 = _convert(frame, "rgb24", colour)
    return rgb


def to_depth_plane(frame: Any, colour: ColourFacts) -> NDArray[Any]:
    """``[H, W]`` of a frame that carries depth: float32, uint16 (formats above 8 bits) or uint8, full range."""
    name = colour.pixel_format
    if name.startswith("grayf32"):
        plane: NDArray[Any] = frame.to_ndarray()
        return plane.astype(np.float32)
    if name.startswith("gbrpf32"):
        plane = frame.to_ndarray()
        return plane[..., 0].astype(np.float32)
    plane = _convert(frame, "gray16le" if colour.bits > 8 else "gray", colour)
    return plane


def from_rgb(rgb: U8, pixel_format: str, matrix: int, full_range: bool) -> Any:
    """An ``av.VideoFrame`` of ``pixel_format`` from ``[H, W, 3]`` uint8, tagged with its matrix and range."""
    import av

    frame = av.VideoFrame.from_ndarray(np.ascontiguousarray(rgb), format="rgb24")
    colour_range = FULL if full_range else LIMITED
    converted = frame.reformat(
        format=pixel_format,
        dst_colorspace=_SWS_MATRIX[matrix],
        src_color_range=FULL,
        dst_color_range=colour_range,
        interpolation=_interpolation(),
    )
    converted.colorspace = matrix
    converted.color_range = colour_range
    return converted


def _convert(frame: Any, pixel_format: str, colour: ColourFacts) -> Any:
    converted = frame.reformat(
        format=pixel_format,
        src_colorspace=_SWS_MATRIX[colour.matrix],
        src_color_range=FULL if colour.full_range else LIMITED,
        dst_color_range=FULL,
        interpolation=_interpolation(),
    )
    return converted.to_ndarray()


@lru_cache(maxsize=1)
def _interpolation() -> Any:
    from av.video.reformatter import Interpolation

    if not hasattr(Interpolation, "ACCURATE_RND"):  # PyAV before 18 (the last for Python 3.10): a level less exact
        return Interpolation.BICUBIC
    return Interpolation.BICUBIC | Interpolation.ACCURATE_RND | Interpolation.FULL_CHR_H_INT


def _tone_mapped(rgb16: Any, transfer: int) -> U8:
    """BT.2020 PQ or HLG -> BT.709 sRGB: to light, to BT.709 primaries, highlights rolled off, to sRGB."""
    light = _light_table(transfer)[rgb16] @ _BT709_FROM_BT2020.T
    np.maximum(light, 0.0, out=light)
    # Extended Reinhard on the brightest channel keeps hue; diffuse white stays near white, 10x white is the limit.
    peak = light.max(axis=-1, keepdims=True)
    shoulder = np.where(peak > 0.6, 0.6 + 0.4 * np.tanh((peak - 0.6) / 0.9), peak)
    light *= shoulder / np.maximum(peak, 1e-6)
    srgb = np.where(light <= 0.0031308, 12.92 * light, 1.055 * np.power(np.maximum(light, 1e-8), 1 / 2.4) - 0.055)
    picture: U8 = (np.clip(srgb, 0.0, 1.0) * 255.0 + 0.5).astype(np.uint8)
    return picture


@lru_cache(maxsize=2)
def _light_table(transfer: int) -> F32:
    """``[65536]`` float32: light of a 16-bit code, 1.0 is diffuse white."""
    code = np.arange(65536, dtype=np.float64) / 65535.0
    if transfer == _PQ:
        m1, m2, c1, c2, c3 = 0.1593017578125, 78.84375, 0.8359375, 18.8515625, 18.6875
        power = code ** (1.0 / m2)
        nits = 10000.0 * (np.maximum(power - c1, 0.0) / (c2 - c3 * power)) ** (1.0 / m1)
        return (nits / _WHITE_NITS).astype(np.float32)
    a, b, c = 0.17883277, 0.28466892, 0.55991073
    scene = np.where(code <= 0.5, code**2 / 3.0, (np.exp((code - c) / a) + b) / 12.0)
    # The display gamma of 1.2 at 1000 cd/m², per channel; code 0.75 is diffuse white.
    return (scene**1.2 / float(((np.exp((0.75 - c) / a) + b) / 12.0) ** 1.2)).astype(np.float32)
