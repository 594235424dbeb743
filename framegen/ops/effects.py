"""What is drawn into a result at its full size, before it is photographed: stars, the moon, rain and snow that fall.

A model's picture that is enlarged afterwards would show soft ones.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import lru_cache

import numpy as np

from framegen.frame import F32, U8, Camera, Frame
from framegen.ops import features as ft
from framegen.ops import night_sky, precipitation
from framegen.ops.fit import Fit, point_sample, shift_camera
from framegen.ops.kernels.half import single
from framegen.ops.night_sky import WHOLE, NightSky, Part
from framegen.ops.precipitation import FLAKES, RAIN

_FOV_Y_RAD = 0.9
"""Of a frame whose camera is not known; it looks straight ahead."""
_SAMPLES = 72
"""Rows and columns of pixels that tell how much light there is."""
_LEAST_PX = 2
"""Width and height of pictures: of a single pixel the rays do not say how wide it is."""
_NO_CELLS = np.empty((0, 0), np.float32)
_NO_LIGHT = np.zeros(3, np.float32)


@dataclass(frozen=True, eq=False)
class Effects:
    """What a picture shows besides.

    Attributes:
        drops, flakes: 0..1, how much rain and snow falls; share: 0..1, how much of it is laid over.
        sky: ``[3]`` float32 0..1, sRGB-encoded, the colour of the sky, which lights them.
        night: what the sky shows by night, or None. open_sky: ``[h, w]`` float32 0..1, how much of that is seen in each
            cell where there is sky; part: of the cells' width and height, what the frame covers.
    """

    drops: float = 0.0
    flakes: float = 0.0
    share: float = 1.0
    sky: F32 = field(default_factory=lambda: _NO_LIGHT)
    night: NightSky | None = None
    open_sky: F32 = field(default_factory=lambda: _NO_CELLS)
    part: Part = WHOLE

    @property
    def fall(self) -> bool:
        """Whether anything does, so that each time has a picture of its own."""
        return self.share * max(self.drops, self.flakes) > 0


NO_EFFECTS = Effects()


def drawn(picture: U8, frame: Frame, effects: Effects) -> U8:
    """A picture ``[H, W, 3]`` uint8 of ``frame`` with its ``effects``: a new one, or itself where there are none.

    Without depth nothing stands before what falls, and there are no stars. Without perspective, and in a picture that
    is a single line, none of it is to be seen.
    """
    height, width = picture.shape[:2]
    if not (effects.fall or effects.night is not None) or min(height, width) < _LEAST_PX:
        return picture
    rays = _rays(_seen_by(frame), width, height)
    if not rays.perspective:
        return picture
    depth_m = None
    if frame.depth_m is not None:
        depth_m = single(point_sample(frame.depth_m, (width, height)))
    out: U8 = picture.copy()
    if effects.night is not None and depth_m is not None and frame.camera is not None:
        night_sky.lay(out, depth_m, rays, effects.open_sky, effects.night, effects.part)
    light = np.maximum(effects.sky, _shown(out, depth_m)) if effects.fall else effects.sky
    for kind, amount in ((RAIN, effects.drops), (FLAKES, effects.flakes)):
        if effects.share * amount > 0:
            cover = precipitation.hidden(kind, amount, effects.share, frame.timestamp_ns * 1e-9, depth_m, rays)
            precipitation.lay(out, kind, cover, light)
    return out


def _seen_by(frame: Frame) -> Camera | None:
    """The frame's camera, moved by the jitter that its colour has."""
    if frame.camera is None or frame.color_resolved or frame.jitter_px == (0.0, 0.0):
        return frame.camera
    size = frame.width, frame.height
    return shift_camera(frame.camera, Fit(size, size, size), frame.jitter_px)


def _rays(camera: Camera | None, width: int, height: int) -> ft.Rays:
    if camera is None:
        camera = Camera.perspective(np.eye(4), fov_y_rad=_FOV_Y_RAD, aspect=width / height)
    return ft.rays_of(camera, width, height, _lens(camera.clip_from_view.tobytes(), width, height))


@lru_cache(maxsize=8)
def _lens(clip_from_view: bytes, width: int, height: int) -> ft.Lens:
    clip = np.frombuffer(clip_from_view).reshape(4, 4)
    return ft.lens_of(clip, width, height, stretched=False)


def _shown(picture: U8, depth_m: F32 | None) -> F32:
    """``[3]`` float32 0..1, the mean colour of what is no sky; at night, what lamps light counts."""
    step = max(1, len(picture) // _SAMPLES)
    some = picture[step // 2 :: step, step // 2 :: step].reshape(-1, 3).astype(np.float32)
    weight = np.ones(len(some), np.float32)
    if depth_m is not None:
        weight = ft.solid(depth_m[step // 2 :: step, step // 2 :: step]).ravel().astype(np.float32)
    return np.asarray(weight @ some / (255 * max(float(weight.sum()), 1.0)), np.float32)


__all__ = ["NO_EFFECTS", "Effects", "drawn"]
