"""Lamps that a session has seen: they go on lighting what they hang over when they leave the screen.

What the screen shows decides alone whether a lamp has gone: where its place is in view and what is seen there lies
behind it. A lamp that comes into view goes on in half a second, so a view that turns does not flash.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from framegen.frame import F32, F64
from framegen.ops import features as ft
from framegen.ops.lamplight_reference import BORDER, MOST_LAMPS, POWER, fading

SAME_M = 0.75
"""A lamp that is no farther from where one was is that one: it is seen from another side, or has moved."""
APPEARS_S, GOES_S = 0.5, 0.2
"""How long one takes that comes into view, and one that has gone."""
BEHIND_M, NEAR_M = 0.7, 20.0
"""It has gone where what is seen lies so much farther away. Beyond the second distance lamps may be too small."""
KEPT_S, LEAVES_S, IN_VIEW = 8.0, 4.0, 8.0
"""How long one is kept that is not seen, and how long it then takes to go: it may light a wall beside the view, or be
around the corner. Where its place is in view, time runs so many times as fast: something stands before it, which is
likely to keep its light off, too, or it has been switched off."""
AWAY_M, MOST = 60.0, 128
"""Farther ones light nothing that is seen; and so many of the nearest are kept."""


@dataclass(frozen=True, eq=False)
class Lamps:
    """Of a session.

    Attributes:
        place_m: ``[n, 3]`` float64 in the world. most: ``[n]`` float64, its power when all of it was in view, see
            :data:`framegen.ops.lamplight_reference.POWER`. power: ``[n]`` float64, with which it shines now.
        unseen_s: ``[n]`` float64, for how long it has not been seen.
        fade: whether any is just going on or off, whatever else stands still.
    """

    place_m: F64
    most: F64
    power: F64
    unseen_s: F64
    fade: bool


def remembered(before: Lamps | None, found: F32, depth_m: F32, rays: ft.Rays, passed_s: float) -> Lamps:
    """The lamps of a frame and those before it.

    Args:
        before: of the frame before; None: there was none, so all that is seen is on.
        found: ``[m, 4]`` of :func:`framegen.ops.lamplight_reference.lamps`. depth_m: ``[H, W]`` float32 metres.
        rays: of the camera. passed_s: since the frame before.
    """
    seen_m, strong = found[:, :3].astype(np.float64) + rays.position, found[:, 3].astype(np.float64)
    if before is None:
        return Lamps(seen_m, strong, strong, np.zeros(len(found)), fade=False)
    same = _same(before.place_m, seen_m)
    new, old = same < 0, same >= 0
    sums, middles = np.zeros(len(before.most)), np.zeros((len(before.most), 3))
    np.add.at(sums, same[old], strong[old])
    np.add.at(middles, same[old], strong[old, None] * seen_m[old])
    seen = sums > 0
    place_m = np.where(seen[:, None], middles / np.maximum(sums, 1e-9)[:, None], before.place_m)
    place_m = np.concatenate([place_m, seen_m[new]])
    most = np.append(np.maximum(before.most, np.minimum(sums, POWER)), strong[new])
    inside, gone = _missing(place_m, depth_m, rays)
    unseen_s = np.append(before.unseen_s + passed_s, np.zeros(np.count_nonzero(new)))
    unseen_s = np.where(np.append(seen, new[new]), 0.0, unseen_s + passed_s * (IN_VIEW - 1) * inside)
    goes_s = np.where(gone, GOES_S, LEAVES_S)
    goes = (unseen_s > 0) & (gone | (unseen_s > KEPT_S))
    power = np.append(before.power, np.zeros(np.count_nonzero(new)))
    # by the root: what is near a lamp is bright with little of its power
    root = np.sqrt(power / POWER) + passed_s * np.where(goes, -1 / goes_s, (unseen_s == 0) / APPEARS_S)
    power = np.minimum(POWER * np.maximum(root, 0) ** 2, most)
    away = np.linalg.norm(place_m - rays.position, axis=1)
    left = np.flatnonzero((power > 0) & (away < AWAY_M))
    left = left[np.argsort(away[left], kind="stable")][:MOST]
    fade = bool((goes | ((power < most) & (unseen_s == 0)))[left].any())
    return Lamps(place_m[left], most[left], power[left], unseen_s[left], fade)


class Recall:
    """A session's lamps on their way through one frame.

    Args:
        labels: what the frame's label codes mean: where that has changed, nothing is known of lamps before.

    Attributes:
        after: the lamps with this frame's; None: it has none, or they are not worked out yet.
    """

    def __init__(self, labels: object) -> None:
        self.labels = labels
        self.after: Lamps | None = None
        self._before: Lamps | None = None
        self._passed_s = 0.0

    def follow(self, last: Recall, passed_s: float) -> None:
        """Lets ``last``, of ``passed_s`` before, be what is known."""
        if last.labels == self.labels:
            self._before, self._passed_s = last.after, passed_s

    def shining(self, found: F32, depth_m: F32, rays: ft.Rays) -> F32:
        """As :func:`shining`, of what :func:`remembered` makes of ``found``."""
        self.after = remembered(self._before, found, depth_m, rays, self._passed_s)
        return shining(self.after, rays)


def shining(lamps: Lamps, rays: ft.Rays) -> F32:
    """``[n, 4]`` float32 as :func:`framegen.ops.lamplight_reference.lamps` gives them, of at most
    :data:`framegen.ops.lamplight_reference.MOST_LAMPS`: those on the screen and those beside it."""
    if not len(lamps.power):
        return np.zeros((0, 4), np.float32)
    apart = lamps.place_m - rays.position
    square = (apart**2).sum(1)
    order = np.argsort(square, kind="stable")
    power = lamps.power[order]
    power = power * fading(square[order], power / POWER)
    strongest = np.argsort(-power, kind="stable")[:MOST_LAMPS]
    out = np.concatenate([apart[order[strongest]], power[strongest, None]], 1)
    return np.asarray(out[out[:, 3] > 0], np.float32)


def _same(place_m: F64, seen_m: F64) -> NDArray[np.intp]:
    """``[m]``, which of the known places ``[n, 3]`` each seen one ``[m, 3]`` is; -1: none."""
    if not len(place_m):
        return np.full(len(seen_m), -1, np.intp)
    square = ((seen_m[:, None] - place_m[None]) ** 2).sum(-1)
    nearest = square.argmin(1)
    return np.where(square[np.arange(len(seen_m)), nearest] <= SAME_M**2, nearest, -1)


def _missing(place_m: F64, depth_m: F32, rays: ft.Rays) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """``[n]`` each, whether a place ``[n, 3]`` is well within view, and whether what is seen there lies behind it (if
    it is near)."""
    height, width = depth_m.shape
    inverse, offset = ft.pixel_from_world(rays)
    at = (place_m - rays.position - offset) @ inverse.T.astype(np.float64)
    ahead = at[:, 2] > ft.LEAST_M
    scale = np.where(ahead & rays.perspective, at[:, 2], 1)
    x, y, margin = at[:, 0] / scale, at[:, 1] / scale, BORDER * width
    inside = ahead & (x > margin) & (x < width - margin) & (y > margin) & (y < height - margin)
    column, row = (np.where(inside, v, 0).astype(np.intp) for v in (x, y))
    seen = np.where(ft.solid(depth_m[row, column]), depth_m[row, column], np.inf)
    gone = inside & (at[:, 2] < NEAR_M) & (seen > at[:, 2] + BEHIND_M)
    return np.asarray(inside), np.asarray(gone)


__all__ = ["Lamps", "Recall", "remembered", "shining"]
