"""Training judges what ships: its pictures are antialiased as the run time's are, and it learns through that."""

from __future__ import annotations

import numpy as np
import pytest

torch = pytest.importorskip("torch", reason="needs PyTorch: pip install -e .[test], see .ci/tools")

from framegen.ops.antialias import antialias  # noqa: E402
from framegen.training.embedded.antialias import antialiased  # noqa: E402


def stairs(seed: int) -> np.ndarray:
    """``[32, 48, 3]`` uint8: two colours that meet along a slope of one in five."""
    rng = np.random.default_rng(seed)
    dark, bright = rng.integers(0, 90, 3), rng.integers(160, 256, 3)
    y, x = np.mgrid[:32, :48]
    return np.where((y > 10 + x // 5)[..., None], dark, bright).astype(np.uint8)


def test_each_picture_is_antialiased_by_its_own_share() -> None:
    levels = np.stack([stairs(seed) for seed in range(3)])
    share = torch.tensor([1.0, 0.5, 0.0])[:, None, None, None]
    got = antialiased(torch.from_numpy(levels).permute(0, 3, 1, 2).float() / 255, share)
    wanted = np.stack([antialias(one, part) for one, part in zip(levels, (1.0, 0.5, 0.0), strict=True)])
    assert (wanted[:2] != levels[:2]).any((1, 2, 3)).all() and (wanted[2] == levels[2]).all()
    np.testing.assert_allclose(got.permute(0, 2, 3, 1).numpy() * 255, wanted, atol=1e-3)


def test_what_lies_beyond_black_and_white_stays_there_for_the_losses() -> None:
    picture = torch.from_numpy(stairs(5)).permute(2, 0, 1)[None].float() / 255 * 1.5 - 0.25
    change = antialiased(picture, torch.ones(1, 1, 1, 1)) - picture
    levels = picture.clamp(0, 1).mul(255).round().to(torch.uint8)[0].permute(1, 2, 0).contiguous().numpy()
    wanted = antialias(levels).astype(np.float32) - levels
    assert (wanted != 0).any()
    np.testing.assert_allclose(change[0].permute(1, 2, 0).numpy() * 255, wanted, atol=1e-3)


def test_gradients_pass_as_if_nothing_had_been_done() -> None:
    picture = torch.from_numpy(stairs(7)).permute(2, 0, 1)[None].float().div(255).requires_grad_()
    slope = torch.rand(1, 3, 32, 48)
    (antialiased(picture, torch.ones(1, 1, 1, 1)) * slope).sum().backward()
    torch.testing.assert_close(picture.grad, slope)
