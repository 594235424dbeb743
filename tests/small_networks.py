"""The public models with every true size made small: ``weights=random`` loads in a moment, through the usual door."""

from __future__ import annotations

from typing import Any

import pytest

from framegen.engines.diffusers import shapes

SMALL: dict[str, Any] = {"layers_per_block": 1, "norm_num_groups": 8}
UNET = {"block_out_channels": (16, 32, 32, 32), "attention_head_dim": 4, **SMALL}


def make_small(monkeypatch: pytest.MonkeyPatch) -> None:
    """Until the end of the test. Frames are multiples of the model's own, as ever."""
    import diffusers

    for name in ("sd15", "sd15-lcm", "sd21"):
        monkeypatch.setitem(shapes.BODIES, name, {**shapes.BODIES[name], **UNET})
    xl = {"block_out_channels": (16, 32, 32), "transformer_layers_per_block": 1, "attention_head_dim": 4, **SMALL}
    monkeypatch.setitem(shapes.BODIES, "sdxl", {**shapes.BODIES["sdxl"], **xl})
    monkeypatch.setitem(shapes.BODIES, "sdxs", {**shapes.BODIES["sdxs"], **SMALL, "block_out_channels": (16, 32, 32)})
    sana = {"num_layers": 1, "num_attention_heads": 2, "num_cross_attention_heads": 2, "cross_attention_head_dim": 4}
    sana |= {"attention_head_dim": 4, "cross_attention_dim": 8}
    monkeypatch.setitem(shapes.BODIES, "sana06", {**shapes.BODIES["sana06"], **sana})
    widths = {f"{half}_block_out_channels": (8, 8, 8, 8, 8, 32) for half in ("encoder", "decoder")}
    layers = {f"{half}_layers_per_block": (1, 1, 1, 1, 1, 1) for half in ("encoder", "decoder")}
    monkeypatch.setattr(shapes, "DC", {**shapes.DC, **widths, **layers, "attention_head_dim": 2})
    monkeypatch.setattr(shapes, "KL", {**shapes.KL, "block_out_channels": (8, 8, 16, 16), **SMALL})
    blocks = {f"{half}_block_out_channels": (8,) * 4 for half in ("encoder", "decoder")}
    blocks |= {f"num_{half}_blocks": (1,) * 4 for half in ("encoder", "decoder")}
    whole = diffusers.AutoencoderTiny
    monkeypatch.setattr(diffusers, "AutoencoderTiny", lambda **more: whole(**blocks, **more))
