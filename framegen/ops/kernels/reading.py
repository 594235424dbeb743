"""All that is worked out of a frame before the network runs, as one call that needs the interpreter only to begin."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from framegen.frame import F32, U8, Camera
from framegen.ops import features as ft
from framegen.ops.atrous_reference import GUIDE
from framegen.ops.kernels.atrous import describe
from framegen.ops.kernels.clouds import VEIL, find
from framegen.ops.kernels.features import Features, fill
from framegen.ops.kernels.jit import kernel
from framegen.ops.kernels.survey import I32, survey
from framegen.ops.reference import ALIKE

_ONE, _ALIKE = np.float32(1), np.float32(ALIKE)


@kernel
def dense(weight: F32, bias: F32, x: F32, curved: bool, out: F32) -> None:
    """``out`` ``[n]`` = ``weight`` ``[n, m]`` · ``x`` ``[m]`` + ``bias``, through SiLU where ``curved``."""
    for i in range(out.shape[0]):
        row, total = weight[i], bias[i]
        for k in range(x.shape[0]):
            total += row[k] * x[k]
        out[i] = total / (_ONE + np.exp(-total)) if curved else total


@kernel
def read(
    bits: NDArray[np.uint16], depth: F32, columns: F32, rows: F32, stretch: F32, level: F32, forward: F32,
    perspective: bool, has_rays: bool, pixel_m: np.float32, fog_per_m: np.float32, sun: F32, inverse: F32, corner: F32,
    out: F32, plane: U8, footprint: F32,
    weight0: F32, bias0: F32, weight1: F32, bias1: F32, weight2: F32, bias2: F32, condition: F32, film: F32,
    through: F32, span: I32, at: I32, weight: F32, which: I32,
    tile: F32, cover: np.float32, gloom: np.float32, sunless: np.float32, veil: F32,
    color: U8, label: I32, guide: F32,
) -> None:  # fmt: skip
    """:func:`..features.fill`, then ``film`` from ``condition`` by three dense layers, the ``guide`` to surfaces by
    :func:`..atrous.describe`, and what the composition will want: :func:`..survey.survey` where ``through`` is not
    empty, :func:`..clouds.find` where ``veil`` is not."""
    fill(
        bits, depth, columns, rows, stretch, level, forward, perspective, has_rays, pixel_m, fog_per_m, sun, inverse,
        corner, out, plane, footprint,
    )  # fmt: skip
    first, second = np.empty(bias0.shape[0], np.float32), np.empty(bias1.shape[0], np.float32)
    dense(weight0, bias0, condition, True, first)
    dense(weight1, bias1, first, True, second)
    dense(weight2, bias2, second, False, film)
    describe(color, out, label, guide)
    if through.size > 0:
        survey(np.int64(0), out.shape[1], depth, stretch, fog_per_m, _ALIKE, through, span, at, weight, which)
    if veil.size > 0:
        find(out[ft.SKY], columns, rows, stretch, tile, cover, gloom, sunless, veil)


def warm_up() -> None:
    """Compile all of this module, or load it from disk.

    A few seconds the first time after an installation, then about a hundred milliseconds.
    """
    width, height = 16 * ft.CELL_PX, 8 * ft.CELL_PX
    camera = Camera.perspective(np.eye(4), fov_y_rad=1.0, aspect=width / height)
    rays = ft.rays_of(camera, width, height)
    depth, up = np.full((height, width), 5.0, np.float16), np.array([0.0, 1.0, 0.0], np.float32)
    features = Features((width, height), depth, rays, up, 0.01)
    line = np.zeros(1, np.float32)
    layer = line[None].copy(), line.copy()
    pixels = width * height
    surveyed = (
        np.empty((height, width), np.float32),
        np.empty((height, 2), np.int32),
        np.empty(pixels, np.int32),
        np.empty((4, pixels), np.float32),
        np.empty((4, pixels), np.int32),
    )
    veil = np.empty((VEIL, 8, 16), np.float32)
    sky = np.ones((8, 8), np.float32), np.float32(0.5), np.float32(0), np.float32(0), veil
    seen = np.zeros((height, width, 3), np.uint8), np.zeros((8, 16), np.int32), np.empty((GUIDE, 8, 16), np.float32)
    arguments = *features.arguments, *layer, *layer, *layer, line.copy(), line.copy(), *surveyed, *sky, *seen
    read(*arguments)
