"""What the losses ask for and what they let pass, on pictures that are known."""

from __future__ import annotations

import pytest

torch = pytest.importorskip("torch", reason="needs PyTorch: pip install -e .[test], see .ci/tools")


from framegen.training.embedded import evaluate, losses  # noqa: E402


def test_features_of_both_sides_are_equal_in_distribution_when_shuffled() -> None:
    torch.manual_seed(0)
    features = [torch.randn(2, 6, 16, 16)]
    shuffled = [features[0].flatten(2)[..., torch.randperm(256)].reshape(2, 6, 16, 16)]
    assert float(losses.batch_frechet(shuffled, features)) < 0.01
    moved = [(features[0] * 2 + 1).requires_grad_()]
    distance = losses.batch_frechet(moved, features)
    # mean 1 apart and twice the spread: (1 + (2 - 1) ** 2) / 1 in every direction
    assert float(distance) == pytest.approx(2, rel=0.1)
    distance.backward()
    assert moved[0].grad is not None and bool(torch.isfinite(moved[0].grad).all())


def test_rivals_repel_only_what_is_near_them() -> None:
    own, rival = torch.full((1, 3, 4, 4), 0.2), torch.full((1, 1, 3, 4, 4), 0.8)
    assert float(losses.rivalry(own, own, rival)) == 0
    assert float(losses.rivalry(torch.full_like(own, 0.7), own, rival)) == pytest.approx(0.43, abs=1e-4)
    assert float(losses.rivalry(torch.full_like(own, 0.7), own, torch.full_like(rival, float("nan")))) == 0
    # of several the nearest counts, however many lie far away
    several = torch.cat([torch.full_like(rival, 1.0), rival, torch.full_like(rival, float("nan"))], 1)
    assert float(losses.rivalry(torch.full_like(own, 0.7), own, several)) == pytest.approx(0.43, abs=1e-4)


def test_tone_is_exposure_and_white_balance_alone() -> None:
    picture = torch.rand(2, 3, 8, 8)
    shuffled = picture.flatten(2)[..., torch.randperm(64)].reshape(picture.shape)
    same, brighter = float(losses.tone(picture, shuffled)), float(losses.tone(picture + 0.1, picture))
    assert same < 2e-3
    assert brighter == pytest.approx(0.1, abs=1e-3)


def test_a_lattice_is_zigzag_and_edges_and_slopes_are_none() -> None:
    column = torch.arange(16.0)
    edge, slope, lattice = (column > 7).float(), column / 16, column % 2
    size = [float(losses.zigzag(line.expand(1, 1, 16, 16).contiguous())) for line in (edge, slope, lattice)]
    assert size[:2] == pytest.approx([2e-4, 2e-4], abs=1e-4)
    assert size[2] == pytest.approx(1, abs=1e-2)


def test_a_rim_is_light_that_changes_within_a_surface_more_than_it_should() -> None:
    picture, surface = torch.full((1, 3, 16, 32), 0.4), torch.zeros(1, 1, 16, 32)
    surface[..., 16:] = 10
    edge, halo = picture.clone(), picture.clone()
    edge[..., 16:] = 0.1
    halo[..., 12:16] = 0.6
    assert float(losses.rims(edge, picture, surface)) == pytest.approx(0, abs=1e-6)  # another surface begins there
    assert float(losses.rims(halo, picture, surface)) > 0.01
    assert float(losses.rims(halo, halo, surface)) == 0  # light that is wanted, such as a shadow's border
    assert float(losses.rims(picture, halo, surface)) == 0  # that it lacks is for other losses to say


def test_a_lamp_in_the_dark_weighs_more_than_an_even_sky() -> None:
    target = torch.full((1, 3, 32, 32), 0.1)
    target[..., 16, 16] = 0.9
    weight = losses.highlights(target)
    assert float(weight[0, 0, 16, 16]) > 4
    assert float(weight[0, 0, 2, 2]) == 1


def test_losses_are_zero_for_the_same_picture_and_tell_blur_from_texture() -> None:
    torch.manual_seed(0)
    target = torch.rand(1, 3, 64, 64)
    blurred = torch.nn.functional.avg_pool2d(target, 5, 1, 2)
    moved = target.roll(7, -1)
    assert float(losses.band_energy(target, target)) == pytest.approx(0, abs=1e-6)
    assert losses.band_energy(moved, target) < 0.3 * losses.band_energy(blurred, target)
    assert losses.spread(0.5 * target, target) > 0.01
    features = torch.randn(500, 8)
    own, moved_on = evaluate.moments(features), evaluate.moments(features + 1)
    assert losses.frechet(*own, *own) == pytest.approx(0, abs=1e-6)
    assert losses.frechet(*moved_on, *own) == pytest.approx(8, rel=1e-3)
