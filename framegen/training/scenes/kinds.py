"""The kinds of scene, and which seed shows which."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from framegen.training.scenes.stage import Stage
    from framegen.training.scenes.synthesis import Rng

KINDS: tuple[str, ...] = ("nature", "coast", "desert", "street", "town", "interior")
ROTATION: tuple[str, ...] = (
    "nature", "street", "interior", "town", "coast", "street",
    "nature", "interior", "town", "desert", "street", "interior",
)  # fmt: skip
"""Kinds that seeds are dealt, unless a run names others; a kind named twice comes twice as often."""


def kind_of(seed: int, kinds: tuple[str, ...] = ROTATION) -> str:
    """The kind that a seed shows: a hash of the seed deals it, so that no rule about seeds picks some kinds only."""
    digest = hashlib.blake2b(b"kind %d" % seed, digest_size=8).digest()
    return kinds[int.from_bytes(digest, "little") % len(kinds)]


def build_scene(kind: str, rng: Rng) -> Stage:
    """Build a kind in the open Blender file."""
    if kind in ("street", "town"):
        from framegen.training.scenes import street

        return street.build(kind, rng)
    if kind == "interior":
        from framegen.training.scenes import interior

        return interior.build(kind, rng)
    from framegen.training.scenes import wild

    return wild.build(kind, rng)
