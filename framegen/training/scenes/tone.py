"""From linear light to a picture: fog by distance, exposure, white balance, glare, Blender's AgX view."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from framegen.frame import F32, U8
from framegen.training.scenes.conditions import Condition

SKY_M = 5000.0
"""Depths beyond this are sky."""
LOG_NEAR_M, LOG_FAR_M = 0.05, 1e4
_LUMA = np.array((0.2126, 0.7152, 0.0722), np.float32)
_HAZY = ("fog", "rain", "overcast")


@dataclass(frozen=True)
class Development:
    """What a scene and condition fix once, so that every frame of it is exposed alike.

    ``exposure`` factor; ``white_balance``, ``haze`` linear RGB.
    """

    exposure: float
    white_balance: tuple[float, float, float]
    haze: tuple[float, float, float]


@dataclass(frozen=True, eq=False)
class Light:
    """A rendered frame: ``rgb`` ``[H, W, 3]`` linear, ``depth_m`` ``[H, W]`` along the view axis, ``range_m`` along
    the ray (saturating at ``range_limit_m``)."""

    rgb: F32
    depth_m: F32
    range_m: F32
    range_limit_m: float


def encode(linear: F32) -> U8:
    """Linear 0..1 -> sRGB uint8 (IEC 61966-2-1)."""
    c = np.clip(np.nan_to_num(linear), 0, 1)
    return np.asarray(np.rint(255 * np.where(c < 0.0031308, 12.92 * c, 1.055 * c ** (1 / 2.4) - 0.055)), np.uint8)


def depth_code(depth_m: F32) -> NDArray[np.uint16]:
    """Metres -> 1 + 65534 ln(z / near) / ln(far / near), sky 0."""
    code = 1 + 65534 * np.log(np.maximum(depth_m, 1e-6) / LOG_NEAR_M) / np.log(LOG_FAR_M / LOG_NEAR_M)
    return np.asarray(np.where(depth_m > SKY_M, 0, np.rint(np.clip(code, 1, 65535))), np.uint16)


def _haze_color(light: Light, sky: NDArray[np.bool_], condition: Condition, cloud: F32) -> F32:
    """Colour that distance fades to: that of the sky at the horizon, or of the clouds where the air is thick."""
    if condition.weather in _HAZY:
        return np.asarray(cloud * 0.85, np.float32)
    height = light.rgb.shape[0]
    rows = np.broadcast_to(np.arange(height)[:, None], sky.shape)
    horizon = sky & (rows > rows[sky].max() - height / 20) if sky.any() else sky
    if horizon.sum() < 40:
        return np.asarray(cloud * 0.5 * np.array((0.75, 0.9, 1.1)), np.float32)
    return np.asarray(np.median(light.rgb[horizon], 0) * 0.8, np.float32)


def _through_air(light: Light, sky: NDArray[np.bool_], condition: Condition, haze: F32) -> F32:
    # paths lost among leaf cards read as endless: no pixel may be much farther than those around it
    around = cv2.medianBlur(np.ascontiguousarray(light.range_m, np.float32), 3)
    distance = np.where(light.range_m > 1.4 * around, around, light.range_m)
    if condition.weather == "fog":
        distance = np.where(sky, np.maximum(distance, 250.0), distance)
    elif condition.weather != "rain":
        distance = np.where(sky | (distance >= light.range_limit_m * 0.999), 0.0, distance)
    passed = np.exp(-condition.fog_density * distance)[..., None]
    return np.asarray(light.rgb * passed + haze * (1 - passed), np.float32)


def _exposure(rgb: F32, sky: NDArray[np.bool_], condition: Condition, *, indoors: bool) -> float:
    """Log-average metering, ground counted more than sky; highlights stay below the view's shoulder."""
    luma = rgb @ _LUMA
    weight = np.where(sky, 0.35, 1.0) * (0.6 + 0.4 * np.hanning(rgb.shape[1])[None])
    average = float(np.exp((np.log(luma + 1e-5) * weight).sum() / weight.sum()))
    if indoors:
        key = {"noon": 0.2, "morning": 0.2, "golden_hour": 0.17, "dusk": 0.13, "night": 0.11}[condition.time_of_day]
    else:
        key = {"noon": 0.2, "morning": 0.19, "golden_hour": 0.17, "dusk": 0.14, "night": 0.085}[condition.time_of_day]
        key *= (1 + 0.4 * condition.snow) * (1.9 if condition.weather == "fog" else 1.0)
    gain = key * condition.key / average
    if condition.time_of_day != "night":
        ground = luma[~sky] if (~sky).any() else luma
        gain = min(gain, 3.5 / max(float(np.percentile(ground, 97)), 1e-6))
    return gain


def develop(
    light: Light,
    condition: Condition,
    cloud: F32,
    view: Callable[[F32], None],
    *,
    indoors: bool,
    fixed: Development | None,
) -> tuple[U8, Development]:
    """The finished picture ``[H, W, 3]`` uint8, and how it was developed.

    ``cloud``: linear RGB of lit cloud. ``view``: applies the display's view transform in place. ``fixed``: reuse the
    development of another frame of the same scene and condition.
    """
    rgb = np.maximum(np.nan_to_num(light.rgb), 0)
    light = Light(rgb, light.depth_m, light.range_m, light.range_limit_m)
    # single pixels of sky between leaves are no sky: their light is mostly leaf
    open_sky = cv2.medianBlur((light.depth_m > SKY_M).astype(np.uint8), 3)
    sky = np.asarray(open_sky > 0, np.bool_)
    haze = np.zeros(3, np.float32)
    if not indoors:
        haze = np.asarray(fixed.haze, np.float32) if fixed else _haze_color(light, sky, condition, cloud)
        rgb = _through_air(light, sky, condition, haze)
    gain = fixed.exposure if fixed else _exposure(rgb, sky, condition, indoors=indoors)
    rgb = rgb * gain
    if fixed:
        balance = np.asarray(fixed.white_balance)
    else:
        mean = np.minimum(rgb, 2).reshape(-1, 3).mean(0)
        balance = (mean.mean() / np.maximum(mean, 1e-6)) ** (0.4 if indoors else 0.12)
        balance = balance / float(balance @ _LUMA)
    rgb = (rgb * balance).astype(np.float32)
    bright = np.minimum(np.maximum(rgb - 1.2, 0), 8).astype(np.float32)
    wide = rgb.shape[1] / 512
    rgb = rgb + 0.035 * cv2.GaussianBlur(bright, (0, 0), 3 * wide) + 0.025 * cv2.GaussianBlur(bright, (0, 0), 14 * wide)
    luma = (rgb @ _LUMA)[..., None]
    out = np.ascontiguousarray(np.maximum(luma + (rgb - luma) * 1.12, 0), np.float32)
    view(out)
    picture = np.asarray(np.rint(np.clip(out, 0, 1) * 255), np.uint8)
    b0, b1, b2 = (float(x) for x in balance)
    h0, h1, h2 = (float(x) for x in haze)
    return picture, Development(float(gain), (b0, b1, b2), (h0, h1, h2))
