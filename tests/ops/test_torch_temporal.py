"""Temporal reuse in PyTorch says what the NumPy reference says."""

from __future__ import annotations

import numpy as np
import pytest

torch = pytest.importorskip("torch", reason="needs PyTorch: pip install -e .[test], see .ci/tools")

from framegen.ops import temporal_reference, torch_temporal  # noqa: E402

RNG = np.random.default_rng(1)


def chw(planes: np.ndarray) -> torch.Tensor:
    return torch.from_numpy(np.ascontiguousarray(np.moveaxis(planes, -1, 0)))[None]


def hwc(latent: torch.Tensor) -> np.ndarray:
    return np.moveaxis(latent[0].numpy(), 0, -1)


@pytest.mark.parametrize("size", [(16, 24), (5, 3), (54, 96)])
def test_fetch(size: tuple[int, int]) -> None:
    height, width = size
    latent = RNG.normal(size=(height, width, 4)).astype(np.float32)
    x = RNG.uniform(-5, width + 5, size).astype(np.float32)
    y = RNG.uniform(-5, height + 5, size).astype(np.float32)
    found = torch_temporal.fetch_cubic(chw(latent), torch.from_numpy(x)[None], torch.from_numpy(y)[None])
    assert np.abs(hwc(found) - temporal_reference.fetch_cubic(latent, x, y)).max() <= 1e-5


def test_a_cell_that_did_not_move_is_itself() -> None:
    latent = RNG.normal(size=(1, 4, 9, 11)).astype(np.float32)
    y, x = np.mgrid[0:9, 0:11].astype(np.float32)
    found = torch_temporal.fetch_cubic(*(torch.from_numpy(a) for a in (latent, x[None], y[None])))
    assert np.array_equal(found.numpy(), latent)


def test_places_that_are_no_numbers_see_the_edge() -> None:
    latent = torch.rand(1, 2, 6, 7)
    x = torch.full((1, 6, 7), float("nan"))
    x[0, 0] = 1e30
    x[0, 1] = float("inf")
    found = torch_temporal.fetch_cubic(latent, x, x)
    assert torch.isfinite(found).all() and found.min() >= 0 and found.max() <= 1


def test_clamped_blend() -> None:
    new, past = RNG.normal(size=(2, 17, 22, 4)).astype(np.float32)
    weight = RNG.uniform(0, 1, (17, 22)).astype(np.float32)
    found = torch_temporal.clamped_blend(chw(new), chw(past), torch.from_numpy(weight)[None], 0.1)
    assert np.abs(hwc(found) - temporal_reference.clamped_blend(new, past, weight, 0.1)).max() <= 1e-5


def test_start_latent_is_the_documented_mixture() -> None:
    source, past = torch.rand(2, 2, 4, 3, 3)
    trust, alpha = torch.rand(2, 3, 3), torch.tensor([0.6, 0.0])
    found = torch_temporal.start_latent(source, past, trust, alpha)
    m = (alpha[:, None, None] * trust)[:, None]
    assert torch.allclose(found, (1 - m) * source + m * past, atol=1e-6)
    assert torch.equal(found[1], source[1])


def test_a_batch_is_its_frames_one_by_one() -> None:
    latent, past = torch.rand(2, 3, 4, 8, 8)
    x, y, weight = torch.rand(3, 3, 8, 8)
    fetched = torch_temporal.fetch_cubic(latent, 7 * x, 7 * y)
    blended = torch_temporal.clamped_blend(latent, past, weight, 0.1)
    for i in range(3):
        one = slice(i, i + 1)
        assert torch.allclose(fetched[one], torch_temporal.fetch_cubic(latent[one], 7 * x[one], 7 * y[one]))
        assert torch.allclose(blended[one], torch_temporal.clamped_blend(latent[one], past[one], weight[one], 0.1))
