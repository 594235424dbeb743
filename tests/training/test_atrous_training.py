"""Smoothing along surfaces in training: the reference, and gradients that are its transpose."""

from __future__ import annotations

import numpy as np
import pytest

torch = pytest.importorskip("torch", reason="needs PyTorch: pip install -e .[test], see .ci/tools")

from framegen.ops import atrous_reference as reference  # noqa: E402
from framegen.ops import layout  # noqa: E402
from framegen.training.embedded import atrous, batch, pairs  # noqa: E402
from framegen.training.embedded.model import Model  # noqa: E402
from framegen.training.embedded.precision import autocast  # noqa: E402


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


def test_what_tells_surfaces_apart_is_the_same_as_at_run_time(sample: pairs.Sample) -> None:
    how = batch.Draw(prompt=0, lost=batch.augment.Missing(False, False, False, False))
    item = batch.stack([batch.item(sample, 0, batch.WHOLE, np.random.default_rng(0), how)])
    assert item.label.any()
    color = item.color[0].reshape(3, 72, 4, 128, 4).mean((2, 4)).permute(1, 2, 0).numpy()
    wanted = reference.guide(color, item.cells[0].numpy(), item.label[0].numpy())
    np.testing.assert_allclose(atrous.guide(item)[0].numpy(), wanted, rtol=1e-4, atol=1e-4)


def test_the_latent_is_averaged_along_surfaces(sample: pairs.Sample) -> None:
    item = batch.stack([batch.item(sample, 0, batch.WHOLE, np.random.default_rng(0), batch.Draw(prompt=0))])
    model = Model.new("tiny")
    history = item.cells.new_zeros(1, layout.HISTORY, *item.cells.shape[-2:])
    with torch.no_grad(), autocast(item.color.device):
        raw = model.net(item.color - 0.5, item.cells, item.label, history, model.style(item.condition))
    with torch.no_grad():
        assert torch.equal(model.latent(item), atrous.smooth(raw, atrous.guide(item)))
