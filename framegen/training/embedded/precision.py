"""In which precision networks and what judges them compute in training."""

from __future__ import annotations

import torch

SLOW_IN_HALF = ("NO AVX", "AVX2")
"""Processors of PC kind without AVX-512, as PyTorch names them."""


def autocast(device: torch.device) -> torch.autocast:
    """bfloat16 where ``device`` is quick in it, or else nothing.

    A processor without AVX-512 has no such convolutions: PyTorch falls back on plain loops. On one with AVX2 they took
    ten to sixty times as long as float32 does (convolutions of 64 channels, 3x3 and 1x1, PyTorch 2.13).
    """
    quick = device.type != "cpu" or torch.backends.cpu.get_cpu_capability() not in SLOW_IN_HALF
    return torch.autocast(device.type, torch.bfloat16, enabled=quick)
