"""The kinds of scene, and which seed shows which."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from framegen.training.scenes.stage import Stage
    from framegen.training.scenes.synthesis import Rng

KINDS: tuple[str, ...] = ("nature", "coast", "desert")
ROTATION: tuple[str, ...] = ("nature", "coast", "nature", "desert")
"""Seed s shows ``ROTATION[s % len]``, unless a run names kinds of its own."""


def kind_of(seed: int, kinds: tuple[str, ...] = ROTATION) -> str:
    """The kind that a seed shows."""
    return kinds[seed % len(kinds)]


def build_scene(kind: str, rng: Rng) -> Stage:
    """Build a kind in the open Blender file."""
    from framegen.training.scenes import wild

    return wild.build(kind, rng)
