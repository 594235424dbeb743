"""The meaning of the embedded model's composition in plain NumPy: slow, obvious, and what fast forms must match."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from framegen.frame import F32, U8
from framegen.ops import features as ft
from framegen.ops import layout
from framegen.ops.anchors import Anchors
from framegen.ops.fields import FieldAtlas, lookup

FLOOR = 0.02
"""Darkest colour that a gain acts on (0..1): without it black stays black."""
DETAIL_CLIP = 1.5
"""Bound on the log contrast that detail may add."""
STRAIGHT = 0.0, 0.0
"""The tone curve that changes nothing."""


def up(cells: F32) -> F32:
    """``[h, w, c]`` -> ``[4h, 4w, c]``, bilinear between cell centres, replicated at the border."""
    h, w, c = cells.shape
    planes = [cv2.resize(cells[..., i], (4 * w, 4 * h), interpolation=cv2.INTER_LINEAR) for i in range(c)]
    return np.stack(planes, -1)


LEAST_NEARNESS = 1e-6
"""Per metre; keeps ratios of nearness defined where both are sky."""
LOYALTY = 0.5
"""A trusted cell's field gives way to one that is likelier by more than this."""
BENT, EDGE, SHARPNESS = 0.02, 4000.0, 400.0
"""Where the four cells' depths differ from a plane by more than a fiftieth, cells of other depths lose their share."""
ALIKE, ASIDE, APART_PX = 0.12, 2, 8.0
"""Where all four of them are of another depth by more than this share, as between twigs, cells of the pixel's own depth
speak for it that lie so many columns farther, or in a row beside; the farther away the less, by half at the root of so
many square pixels."""


def settle(
    raw: F32,
    before: F32 | None = None,
    trust: F32 | None = None,
    alpha: float = 1.0,
    allowed: F32 | None = None,
    suited: NDArray[np.uint32] | None = None,
) -> F32:
    """What is kept of the network's output: the likeliest field's number in place of all shares.

    The field that a cell had stays unless another is likelier by :data:`LOYALTY` of the trust: surfaces do not flicker
    between two textures that suit them equally.

    Args:
        raw: ``[h, w, LATENT]`` float32. before: ``[h, w, KEPT]``, the last frame's, reprojected, or None.
        trust: ``[h, w]`` float32 0..1, of ``before``. alpha: 0..1, weight of history.
        allowed: ``[h, w, 2]`` float32 0..1, how much of detail and of paint a cell's material may have; None: all.
        suited: ``[h, w]`` uint32, the fields that can show it (:func:`framegen.ops.fields.suited`); None: any.

    Returns:
        ``[h, w, KEPT]`` float32, without shade.
    """
    share = raw[..., layout.CHOICE].copy()
    if before is not None and trust is not None:
        picked = before[..., layout.PICK, None].astype(np.intp)
        loyal = np.take_along_axis(share, picked, -1) + np.float32(LOYALTY * alpha) * trust[..., None]
        np.put_along_axis(share, picked, loyal, -1)
    if suited is not None:
        share[(suited[..., None] >> np.arange(layout.FIELDS, dtype=np.uint32)) & 1 == 0] = -np.inf
    kept = np.zeros((*raw.shape[:2], layout.KEPT), np.float32)
    kept[..., : layout.CHOICE.start] = raw[..., : layout.CHOICE.start]
    kept[..., layout.PICK] = share.argmax(-1)
    if allowed is not None:
        kept[..., layout.DETAIL] *= allowed[..., 0]
        kept[..., layout.COVER] *= allowed[..., 1]
        kept[..., layout.PAINT] *= allowed[..., 1:]
    return kept


def history(kept: F32, trust: F32, alpha: float) -> F32:
    """``[h, w, HISTORY]``: what the network is told of the last frame: ``kept`` as latent, times trust, and that."""
    share = np.float32(alpha) * trust[..., None]
    shares = np.arange(layout.FIELDS) == kept[..., layout.PICK, None]
    return np.concatenate([share * kept[..., : layout.CHOICE.start], share * shares, share], -1).astype(np.float32)


def shares(nearness: F32) -> F32:
    """How much each of the four cells around a pixel says of it: bilinear, but across an edge of depth.

    Joint bilateral upsampling (Kopf et al., 2007) with nearness = 1 / depth as the guide. On a plane nearness is linear
    over the picture, so where bilinear interpolation of the cells' nearness meets the pixel's own, there is no edge.

    Args:
        nearness: ``[4h, 4w]`` float32, one over depth in metres, 0 for sky.

    Returns:
        ``[4, 4h, 4w]`` float32 summing to one: the upper left cell's, upper right, lower left, lower right.
    """
    low, right = (np.modf((np.arange(n, dtype=np.float32) + 0.5) / ft.CELL_PX + 0.5)[0] for n in nearness.shape)
    low, right = low[:, None], right[None]
    bilinear = np.stack([(1 - low) * (1 - right), (1 - low) * right, low * (1 - right), low * right])
    around = taps(nearness[ft.SAMPLE_PX :: ft.CELL_PX, ft.SAMPLE_PX :: ft.CELL_PX])
    plane = (bilinear * around).sum(0)
    bent = np.abs(plane - nearness) / np.maximum(np.maximum(plane, nearness), LEAST_NEARNESS)
    edge = np.clip((bent - BENT) * EDGE, 0, SHARPNESS)
    off = (around - nearness) / np.maximum(np.maximum(around, nearness), LEAST_NEARNESS)
    weight = bilinear / (1 + edge * off * off)
    return np.asarray(weight / weight.sum(0), np.float32)


def nearness_of_color(color: U8) -> F32:
    """``[H, W]`` float32, what stands in for the nearness of :func:`shares` where ``color`` ``[H, W, 3]`` is all there
    is: the mean brightness of 3x3 pixels, from where the eye begins to tell dark colours apart."""
    light = cv2.cvtColor(color, cv2.COLOR_RGB2GRAY).astype(np.float32)
    return np.asarray((cv2.blur(light, (3, 3)) + 8) / 255, np.float32)


def taps(cells: F32) -> F32:
    """``[h, w]`` -> ``[4, 4h, 4w]``: the four cells around each pixel, upper left first; borders are replicated."""
    height, width = (ft.CELL_PX * n for n in cells.shape)
    wide = np.pad(cells, 1, mode="edge").repeat(ft.CELL_PX, 0).repeat(ft.CELL_PX, 1)
    half, whole = ft.CELL_PX // 2, ft.CELL_PX // 2 + ft.CELL_PX
    return np.stack([wide[y : y + height, x : x + width] for y in (half, whole) for x in (half, whole)])


def up_jointly(cells: F32, share: F32) -> F32:
    """``[h, w, c]`` -> ``[4h, 4w, c]`` by :func:`shares`."""
    return np.stack([(share * taps(cells[..., i])).sum(0) for i in range(cells.shape[-1])], -1)


def chosen(nearness: F32) -> tuple[NDArray[np.int32], F32]:
    """Which cells say of each pixel what becomes of it, and how much each.

    Those of :func:`shares`; where none of these is of the pixel's depth, up to four that are: see :data:`ALIKE`.

    Args:
        nearness: ``[4h, 4w]`` float32, one over depth in metres, 0 for sky.

    Returns:
        ``[4, 4h, 4w]`` int32, numbers of cells, row by row, and ``[4, 4h, 4w]`` float32, their shares.
    """
    height, width = nearness.shape
    h, w = height // ft.CELL_PX, width // ft.CELL_PX
    share = shares(nearness)
    sampled = nearness[ft.SAMPLE_PX :: ft.CELL_PX, ft.SAMPLE_PX :: ft.CELL_PX]
    which = taps(np.arange(h * w, dtype=np.float32).reshape(h, w)).astype(np.int32)
    around = taps(sampled)
    off = np.abs(around - nearness) / np.maximum(np.maximum(around, nearness), LEAST_NEARNESS)
    for y, x in np.argwhere(off.min(0) > ALIKE):
        left, here = (x + 2) // ft.CELL_PX - 1, y // ft.CELL_PX
        found: list[tuple[float, int]] = []
        for row in range(here - 1, here + 2):
            for column in range(max(left - ASIDE, -1), min(left + ASIDE + 1, w) + 1):
                cell = min(max(row, 0), h - 1), min(max(column, 0), w - 1)
                mine, other = nearness[y, x], sampled[cell]
                if abs(other - mine) / max(mine, other, LEAST_NEARNESS) <= ALIKE:
                    down, right = y + 0.5 - (row + 0.5) * ft.CELL_PX, x + 0.5 - (column + 0.5) * ft.CELL_PX
                    found.append((1 / (1 + (down**2 + right**2) / APART_PX), cell[0] * w + cell[1]))
        found = sorted(found, key=lambda each: -each[0])[:4]
        if found:
            total = sum(weight for weight, _ in found)
            share[:, y, x] = 0
            for k, (weight, number) in enumerate(found):
                share[k, y, x], which[k, y, x] = weight / total, number
    return which, share


def up_chosen(cells: F32, which: NDArray[np.int32], share: F32) -> F32:
    """``[h, w, c]`` -> ``[4h, 4w, c]`` by :func:`chosen`."""
    flat = cells.reshape(-1, cells.shape[-1])
    return np.asarray((share[..., None] * flat[which]).sum(0), np.float32)


def through_air(depth_m: F32 | None, rays: ft.Rays | None, fog_per_m: float, size: tuple[int, int]) -> F32:
    """``[H, W]`` share of a surface's light that passes the air: ``exp(-fog * range)``, 0 for the sky, 1 without depth.

    Without a camera the depth itself stands in for the range. ``size`` = (width, height).
    """
    if depth_m is None:
        return np.ones(size[::-1], np.float32)
    stretch = rays.stretch if rays is not None else np.float32(1)
    ground = ft.solid(depth_m)
    return np.where(ground, np.exp(-fog_per_m * np.where(ground, depth_m, 0) * stretch), 0).astype(np.float32)


def picked_detail(
    latent: F32, depth_m: F32, geometry: ft.CellGeometry, atlas: FieldAtlas, anchors: Anchors | None = None
) -> F32:
    """``[H, W]`` log luminance of each cell's likeliest field, read at every pixel's own world position, or where
    ``anchors`` say, times their weight (nearest; the fast form blends the weight between cells)."""
    rays = geometry.rays
    assert rays is not None and geometry.plane is not None and geometry.footprint_m is not None
    h, w = geometry.plane.shape
    ray = rays.columns[:, None, :].astype(np.float64) + rays.rows[:, :, None]
    ground = ft.solid(depth_m)
    near = np.where(ground, np.minimum(depth_m.astype(np.float64), ft.FAR_M), 0)
    offset = ray * near if rays.perspective else ray + rays.forward[:, None, None] * near
    world = np.moveaxis(offset, 0, -1) + rays.position

    def repeat(cells: np.ndarray) -> np.ndarray:
        return cells.repeat(4, 0).repeat(4, 1)

    if anchors is not None:
        world = world + repeat(anchors.shift_m)
    plane, footprint = repeat(geometry.plane), repeat(geometry.footprint_m)
    choice = repeat(latent[..., layout.PICK].astype(np.intp))
    out = np.zeros((4 * h, 4 * w), np.float32)
    for k in range(atlas.count):
        found = lookup(atlas, k, world, plane, footprint)
        out = np.where(choice == k, found, out)
    if anchors is not None:
        out = out * repeat(anchors.weight)
    return np.where(ground, out, 0).astype(np.float32)


def compose(
    latent: F32,
    color: U8,
    through: F32,
    detail: F32 | None,
    nearness: F32 | None = None,
    *,
    cover: float = 1.0,
    contrast: float = 1.0,
    curve: tuple[float, float] = STRAIGHT,
    by_color: bool = False,
) -> F32:
    """Latent and the engine's own frame -> the restyled frame.

    ``(colour * gain + paint) * exp(strength * detail) * through + air * (1 - through)``, all sRGB-encoded; the
    gain is that of what the paint leaves uncovered.

    Args:
        latent: ``[h, w, KEPT]``, see :mod:`framegen.ops.layout`. color: ``[4h, 4w, 3]`` uint8.
        through: ``[4h, 4w]`` of :func:`through_air`. detail: ``[4h, 4w]`` log luminance or None.
        nearness: ``[4h, 4w]``, one over depth in metres, 0 for sky: cells' coefficients are then upsampled by
            :func:`chosen`; or of :func:`nearness_of_color`, with ``by_color``: by :func:`shares`; None: bilinearly.
        cover: 0..1 scales the paint. contrast: scales the detail. curve: see :func:`toned`.

    Returns:
        ``[4h, 4w, 3]`` float32 in 0..1.
    """
    picked = None if nearness is None or by_color else chosen(nearness)

    def fine(cells: F32) -> F32:
        if nearness is None:
            return up(cells)
        return up_jointly(cells, shares(nearness)) if picked is None else up_chosen(cells, *picked)

    gain = np.exp(latent[..., layout.GAIN]) * (1 - cover * latent[..., layout.COVER, None])
    lit = np.maximum(color.astype(np.float32) / 255, FLOOR) * fine(gain) + fine(cover * latent[..., layout.PAINT])
    if detail is not None:
        strength = fine(contrast * latent[..., layout.DETAIL, None])
        lit = lit * np.exp(np.clip(strength * detail[..., None], -DETAIL_CLIP, DETAIL_CLIP))
    t = through[..., None]
    return toned(np.clip(lit * t + fine(latent[..., layout.AIR]) * (1 - t), 0, 1), curve)


def toned(picture: F32, curve: tuple[float, float]) -> F32:
    """A picture in 0..1 under the tone curve ``x + x (1 - x) (steep x - low)`` of ``curve`` ``(steep, low)``.

    What is darker than ``low / steep`` gets darker, what is brighter gets brighter; black and white stay. It rises
    everywhere while ``low`` and ``steep - low`` are at most 1.
    """
    steep, low = curve
    return np.asarray(picture + picture * (1 - picture) * (steep * picture - low), np.float32)
