"""The network and the composition in PyTorch: the same as the reference and what ships."""

from __future__ import annotations

import numpy as np
import pytest

torch = pytest.importorskip("torch", reason="needs PyTorch: pip install -e .[test], see .ci/tools")

from framegen.frame import F32  # noqa: E402
from framegen.ops import features as ft  # noqa: E402
from framegen.ops import layout, reference  # noqa: E402
from framegen.ops.fields import UNITS_PER_LOG  # noqa: E402
from framegen.training import train  # noqa: E402
from framegen.training.embedded import batch, network, pairs  # noqa: E402
from framegen.training.embedded.antialias import antialiased  # noqa: E402

pytestmark = pytest.mark.usefixtures("one_thread_and_its_own_cache")


@pytest.mark.parametrize("edges", [False, True])
def test_torch_composition_is_the_reference(edges: bool) -> None:
    rng = np.random.default_rng(0)
    h, w = 12, 16
    raw = torch.from_numpy(rng.normal(size=(1, layout.LATENT, h, w)).astype(np.float32))
    latent = network.limit(raw)
    color = rng.integers(0, 256, (4 * h, 4 * w, 3), dtype=np.uint8)
    through = rng.random((4 * h, 4 * w)).astype(np.float32)
    near = np.kron(rng.integers(0, 3, (6, 8)), np.ones((8, 8))).astype(np.float32) / 20 if edges else None
    detail = rng.integers(-60, 60, (layout.FIELDS, 4 * h, 4 * w)).astype(np.int8)
    channels_last: F32 = latent[0].permute(1, 2, 0).numpy()
    choice = channels_last[..., layout.CHOICE].argmax(-1).repeat(4, 0).repeat(4, 1)
    picked = np.take_along_axis(detail, choice[None], 0)[0].astype(np.float32) / UNITS_PER_LOG
    want = reference.compose(channels_last, color, through, picked, near, cover=0.8, contrast=0.9)
    got = network.compose(
        latent,
        torch.from_numpy(color).permute(2, 0, 1)[None].float() / 255,
        torch.from_numpy(through)[None, None],
        torch.from_numpy(detail)[None],
        None if near is None else torch.from_numpy(near)[None, None],
        cover=0.8,
        contrast=0.9,
    )
    # cv2.resize and torch round bilinear weights differently in the last bits
    assert np.abs(got[0].clamp(0, 1).permute(1, 2, 0).numpy() - want).max() < 2e-3


def test_torch_shares_are_the_reference_and_keep_to_their_side_of_an_edge() -> None:
    y, x = np.indices((32, 48), dtype=np.float32)
    nearness = 0.02 + 0.0002 * y + 0.0001 * x
    flat = reference.shares(nearness)
    cells = np.random.default_rng(0).random((8, 12, 1), dtype=np.float32)
    assert np.abs(reference.up_jointly(cells, flat) - reference.up(cells)).max() < 1e-3
    nearness[:, 18:] = 0.5
    nearness[:9] = 0
    share = reference.shares(nearness)
    assert share.sum(0) == pytest.approx(1, abs=1e-5)
    sides = (nearness[ft.SAMPLE_PX :: 4, ft.SAMPLE_PX :: 4] > 0.3).astype(np.float32)
    beside = reference.up_jointly(sides[..., None], share)[12:, :, 0]
    assert beside[:, :18].max() < 0.05 and beside[:, 18:].min() > 0.95
    got = torch.stack(network.shares(torch.from_numpy(nearness)[None, None]))[:, 0, 0].numpy()
    assert np.abs(got - share).max() < 1e-4


@pytest.mark.parametrize("strength", [0.0, 0.25, 1.0])
def test_pictures_are_composed_and_their_edges_smoothed_by_the_strength(sample: pairs.Sample, strength: float) -> None:
    how = batch.Draw(prompt=0, strength=strength)
    item = batch.stack([batch.item(sample, 0, batch.WHOLE, np.random.default_rng(0), how)])
    latent = torch.rand(1, layout.LATENT, *item.cells.shape[-2:], generator=torch.Generator().manual_seed(0))
    part = min(1.0, 2 * strength)
    plain = network.compose(latent, item.color, item.through, item.detail, item.nearness, cover=part, contrast=part)
    got = network.picture(latent, item)
    assert torch.equal(got, antialiased(plain, torch.full((1, 1, 1, 1), part)))
    assert torch.equal(got, plain) == (strength == 0)


def test_the_options_offer_every_size_there_is() -> None:
    assert set(train.SIZES) == set(network.SIZES)
