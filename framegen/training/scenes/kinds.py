"""The kinds of scene, and which seed shows which."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from framegen.training.scenes.stage import Stage
    from framegen.training.scenes.synthesis import Rng

KINDS: tuple[str, ...] = ("nature", "coast", "desert", "street", "town")
ROTATION: tuple[str, ...] = ("nature", "street", "town", "coast", "street", "nature", "town", "desert")
"""Seed s shows ``ROTATION[s % len]``, unless a run names kinds of its own."""


def kind_of(seed: int, kinds: tuple[str, ...] = ROTATION) -> str:
    """The kind that a seed shows."""
    return kinds[seed % len(kinds)]


def build_scene(kind: str, rng: Rng) -> Stage:
    """Build a kind in the open Blender file."""
    if kind in ("street", "town"):
        from framegen.training.scenes import street

        return street.build(kind, rng)
    from framegen.training.scenes import wild

    return wild.build(kind, rng)
