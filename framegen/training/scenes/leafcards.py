"""Leaf cards drawn in code: twigs with leaves of several species, as tone and coverage."""

from __future__ import annotations

import zlib
from collections.abc import Callable
from functools import cache

import cv2
import numpy as np
from numpy.typing import NDArray

from framegen.frame import F32
from framegen.training.scenes.synthesis import Rng

SIDE_PX = 256
_SCALE = 4
"""Cards are drawn larger and averaged down: smooth edges for a cut-out at one half."""

Outline = NDArray[np.float64]
"""``[n, 2]`` points of a leaf that points to +x from the origin, one unit long."""


def _mirrored(x: NDArray[np.float64], half: NDArray[np.float64]) -> Outline:
    upper = np.stack([x, half], 1)
    return np.concatenate([upper, (upper * (1, -1))[::-1]])


def _ovate() -> Outline:
    t = np.linspace(0, 1, 24)
    return _mirrored(t, 0.3 * np.sin(np.pi * t**0.75) * (1 - 0.25 * t))


def _round() -> Outline:
    t = np.linspace(0, 1, 24)
    half = 0.42 * np.sqrt(np.maximum(0.25 - (t - 0.5) ** 2, 0)) * 2 + 0.015 * np.sin(40 * t)
    return _mirrored(t, np.maximum(half, 0))


def _willow() -> Outline:
    t = np.linspace(0, 1, 20)
    return _mirrored(t, 0.11 * np.sin(np.pi * t**0.8))


def _oak() -> Outline:
    t = np.linspace(0, 1, 60)
    lobes = 0.68 + 0.32 * np.cos(2 * np.pi * 4 * t + np.pi)
    return _mirrored(t, 0.34 * np.sin(np.pi * t**1.25) ** 0.8 * lobes)


def _maple() -> Outline:
    angle = np.linspace(-2.6, 2.6, 90)
    points = np.abs(np.cos(2.5 * angle)) ** 1.5
    radius = (0.3 + 0.34 * points) * (1 - 0.12 * np.abs(angle)) * (1 + 0.06 * np.cos(21 * angle))
    return np.stack([0.42 + radius * np.cos(angle), radius * np.sin(angle)], 1)


def _twig(rng: Rng, outline: Outline, count: int, size: float, spread: float) -> F32:
    """Leaves along a stem that rises from the middle of the lower edge."""
    side = SIDE_PX * _SCALE
    tone = np.full((side, side), 0.5, np.float32)
    cover = np.zeros((side, side), np.float32)
    bend = rng.uniform(-0.25, 0.25)
    t = np.linspace(0, 0.82, 20)
    stem = np.stack([0.5 + bend * t**2, 1.0 - t], 1) * side
    for canvas, level in ((tone, 0.55), (cover, 1.0)):
        cv2.polylines(canvas, [stem.astype(np.int32)], False, level, max(2, side // 110), cv2.LINE_AA)
    order = np.sort(rng.uniform(0.06, 0.84, count))
    for k, place in enumerate(order):
        root = np.array([0.5 + bend * place**2, 1.0 - place])
        flip = 1 if k % 2 else -1
        heading = -np.pi / 2 + flip * rng.normal(spread, 0.3) * (1 - 0.75 * place) + bend
        length = size * rng.uniform(0.7, 1.15) * (1 - 0.3 * place)
        squash = rng.uniform(0.55, 1.0)
        turn = np.array([[np.cos(heading), -np.sin(heading)], [np.sin(heading), np.cos(heading)]])
        points = (root + length * (outline * (1.0, squash)) @ turn.T) * side
        level = float(rng.uniform(0.62, 1.3))
        cv2.fillPoly(tone, [points.astype(np.int32)], level, cv2.LINE_AA)
        cv2.fillPoly(cover, [points.astype(np.int32)], 1.0, cv2.LINE_AA)
        rib = (root + length * np.array([[0.0, 0.0], [0.92, 0.0]]) @ turn.T) * side
        cv2.polylines(tone, [rib.astype(np.int32)], False, level * 1.3, max(1, side // 200), cv2.LINE_AA)
        half = points[: len(points) // 2]
        cv2.polylines(tone, [half.astype(np.int32)], False, level * 0.8, max(1, side // 240), cv2.LINE_AA)
    return _packed(tone, cover)


def _needles(rng: Rng, length: float, count: int) -> F32:
    """A spray of a conifer: side twigs full of needles."""
    side = SIDE_PX * _SCALE
    tone = np.full((side, side), 0.5, np.float32)
    cover = np.zeros((side, side), np.float32)
    twigs = [(np.array([0.5, 1.0]), -np.pi / 2, 0.95)]
    for k in range(9):
        place = 0.1 + 0.085 * k
        side_sign = 1 if k % 2 else -1
        twigs.append((np.array([0.5, 1.0 - place]), -np.pi / 2 + side_sign * 0.85, 0.5 * (1.05 - place)))
    for root, heading, reach in twigs:
        along = np.array([np.cos(heading), np.sin(heading)])
        end = root + along * reach
        line = (np.stack([root, end]) * side).astype(np.int32)
        cv2.line(tone, line[0].tolist(), line[1].tolist(), 0.45, side // 90, cv2.LINE_AA)
        cv2.line(cover, line[0].tolist(), line[1].tolist(), 1.0, side // 90, cv2.LINE_AA)
        for _ in range(int(count * reach)):
            at = root + along * reach * rng.uniform(0.05, 1.0)
            angle = heading + rng.choice((-1, 1)) * rng.uniform(0.35, 0.95)
            tip = at + length * rng.uniform(0.7, 1.1) * np.array([np.cos(angle), np.sin(angle)])
            a, b = (at * side).astype(int).tolist(), (tip * side).astype(int).tolist()
            cv2.line(tone, a, b, float(rng.uniform(0.55, 1.4)), max(2, side // 150), cv2.LINE_AA)
            cv2.line(cover, a, b, 1.0, max(2, side // 130), cv2.LINE_AA)
    return _packed(tone, cover)


def _packed(tone: F32, cover: F32) -> F32:
    size = (SIDE_PX, SIDE_PX)
    small = cv2.resize(tone, size, interpolation=cv2.INTER_AREA)
    alpha = cv2.resize(cover, size, interpolation=cv2.INTER_AREA)
    alpha[0], alpha[-1], alpha[:, 0], alpha[:, -1] = 0, 0, 0, 0
    return np.concatenate([np.repeat(np.clip(small / 1.4, 0, 1)[..., None], 3, -1), alpha[..., None]], -1)


SPECIES: dict[str, Callable[[Rng], F32]] = {
    "beech": lambda r: _twig(r, _ovate(), 13, 0.34, 1.1),
    "linden": lambda r: _twig(r, _round(), 10, 0.36, 1.1),
    "willow": lambda r: _twig(r, _willow(), 22, 0.42, 0.8),
    "oak": lambda r: _twig(r, _oak(), 9, 0.44, 1.0),
    "maple": lambda r: _twig(r, _maple(), 7, 0.46, 1.0),
    "spruce": lambda r: _needles(r, 0.09, 230),
    "pine": lambda r: _needles(r, 0.2, 130),
}


@cache
def leaf_card(species: str) -> F32:
    """``[SIDE_PX, SIDE_PX, 4]`` float32 0..1: tone (linear, mean about 0.65) three times, coverage."""
    return SPECIES[species](np.random.default_rng(zlib.crc32(species.encode())))
