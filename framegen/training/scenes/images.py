"""Blender images made from arrays: fields (height in the alpha channel), leaf cards, pictures."""

from __future__ import annotations

from typing import Any

import bpy
import cv2
import numpy as np

from framegen.frame import F32
from framegen.ops.clouds import cloud_tile
from framegen.training.scenes import bank
from framegen.training.scenes.leafcards import leaf_card


def _image(name: str, rgba: F32, *, encoded: bool, exact: bool = False) -> Any:
    """``[H, W, 4]`` float 0..1, first row on top -> a Blender image; ``encoded``: in sRGB; ``exact``: as floats."""
    height, width = rgba.shape[:2]
    image = bpy.data.images.new(name, width, height, alpha=True, float_buffer=exact)
    image.colorspace_settings.name = "sRGB" if encoded else "Non-Color"
    image.alpha_mode = "CHANNEL_PACKED"
    image.pixels.foreach_set(np.ascontiguousarray(rgba[::-1], np.float32).ravel())
    image.update()
    image.pack()
    return image


def field_image(name: str, side_px: int | None = None) -> Any:
    """A field of the bank; ``side_px`` makes a tiny copy."""
    key = f"field {name} {side_px or 'full'}"
    found = bpy.data.images.get(key)
    if found is not None:
        return found
    texture = bank.texture(name)
    rgba = np.concatenate([texture.albedo.astype(np.float32) / 255, texture.height[..., None]], -1)
    if side_px:
        rgba = np.asarray(cv2.resize(rgba, (side_px, side_px), interpolation=cv2.INTER_AREA), np.float32)
    return _image(key, rgba, encoded=True)


def picture_image(name: str, side_px: int | None = None) -> Any:
    """A painting or a rug of the bank."""
    key = f"picture {name} {side_px or 'full'}"
    found = bpy.data.images.get(key)
    if found is not None:
        return found
    picture = bank.read_picture(name).astype(np.float32) / 255
    if side_px:
        picture = np.asarray(cv2.resize(picture, (side_px, side_px), interpolation=cv2.INTER_AREA), np.float32)
    return _image(key, np.concatenate([picture, np.ones_like(picture[..., :1])], -1), encoded=True)


def cloud_image() -> Any:
    """The product's tile of clouds, density in all channels."""
    found = bpy.data.images.get("clouds")
    tile = None if found is not None else np.repeat(cloud_tile()[..., None], 4, -1)
    return found if tile is None else _image("clouds", tile, encoded=False, exact=True)


def card_image(name: str) -> Any:
    """A leaf card: tone in RGB (linear), coverage in alpha."""
    found = bpy.data.images.get(f"card {name}")
    return found if found is not None else _image(f"card {name}", leaf_card(name), encoded=False)
