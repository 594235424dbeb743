"""Smoothing along surfaces in training: the reference, and gradients that are its transpose."""

from __future__ import annotations

import numpy as np
import pytest

torch = pytest.importorskip("torch", reason="needs PyTorch: pip install -e .[test], see .ci/tools")

from framegen.ops import atrous_reference as reference  # noqa: E402
from framegen.ops import layout  # noqa: E402
from framegen.training.embedded import atrous  # noqa: E402


@pytest.mark.parametrize("size", [(1, 1), (3, 9), (4, 4), (18, 32)])
def test_the_twin_is_the_reference(size: tuple[int, int]) -> None:
    rng = np.random.default_rng(0)
    latent = rng.random((2, *size, layout.LATENT)).astype(np.float32)
    guide = (1.5 * rng.random((2, reference.GUIDE, *size))).astype(np.float32)
    got = atrous.smooth(torch.from_numpy(latent).permute(0, 3, 1, 2), torch.from_numpy(guide)).permute(0, 2, 3, 1)
    wanted = np.stack([reference.smooth(one, by) for one, by in zip(latent, guide, strict=True)])
    np.testing.assert_allclose(got.numpy(), wanted, atol=2e-6)


def test_gradients() -> None:
    torch.manual_seed(0)
    latent = torch.rand(1, layout.LATENT, 5, 6, dtype=torch.float64, requires_grad=True)
    guide = torch.rand(1, reference.GUIDE, 5, 6, dtype=torch.float64)
    assert torch.autograd.gradcheck(lambda x: atrous.smooth(x, guide), (latent,))
