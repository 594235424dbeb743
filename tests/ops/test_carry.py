"""A diffusion latent carried to a frame that the network does not see: PyTorch's form is the reference, trusted cells
are their history, and the guess is between two simpler ones."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

torch = pytest.importorskip("torch", reason="needs PyTorch: pip install -e .[test], see .ci/tools")

from framegen.frame import F32  # noqa: E402
from framegen.ops import carry_reference as reference  # noqa: E402
from framegen.ops import torch_temporal  # noqa: E402
from framegen.ops.fill_reference import KNOWN  # noqa: E402

FORMS = ["numpy", "torch"]
sizes = st.tuples(st.integers(1, 20), st.integers(1, 20))
seeds = st.integers(0, 2**31)


def carry(form: str, past: F32, source: F32, trust: F32) -> F32:
    if form == "numpy":
        return reference.carry(past, source, trust)
    past, source = (torch.from_numpy(np.ascontiguousarray(np.moveaxis(a, -1, 0)))[None] for a in (past, source))
    found = torch_temporal.carry(past, source, torch.from_numpy(trust)[None])
    return np.moveaxis(found[0].numpy(), 0, -1)


def drawn(size: tuple[int, int], seed: int, channels: int = 3) -> tuple[F32, F32, np.random.Generator]:
    rng = np.random.default_rng(seed)
    past, source = rng.normal(size=(2, *size, channels)).astype(np.float32)
    return past, source, rng


def strip(size: tuple[int, int], cells: int) -> F32:
    """What a turning camera brings into view."""
    trust = np.ones(size, np.float32)
    trust[:, :cells] = 0
    return trust


@settings(max_examples=40, deadline=None)
@given(sizes, st.floats(0, 1), seeds)
def test_the_form_in_pytorch_is_the_reference_for_any_holes(size: tuple[int, int], share: float, seed: int) -> None:
    past, source, rng = drawn(size, seed)
    trust = (rng.random(size) < share).astype(np.float32)
    np.testing.assert_allclose(*(carry(form, past, source, trust) for form in FORMS), atol=5e-5)


@pytest.mark.parametrize("form", FORMS)
@settings(max_examples=25, deadline=None)
@given(sizes, seeds)
def test_trusted_cells_are_their_history_to_the_bit(form: str, size: tuple[int, int], seed: int) -> None:
    past, source, rng = drawn(size, seed)
    trust = rng.random(size).astype(np.float32)
    known = trust >= KNOWN
    np.testing.assert_array_equal(carry(form, past, source, trust)[known], past[known])


@pytest.mark.parametrize("form", FORMS)
@settings(max_examples=25, deadline=None)
@given(sizes, seeds)
def test_with_a_constant_difference_the_guess_is_exact(form: str, size: tuple[int, int], seed: int) -> None:
    """Each channel its own; a flat source too, beside which something new may stand."""
    _, source, rng = drawn(size, seed)
    trust = (rng.random(size) < 0.7).astype(np.float32)
    trust[0, 0] = 1
    if seed % 2:
        source[trust >= KNOWN] = 0.5
    past = source + rng.uniform(-3, 3, 3).astype(np.float32)
    hidden = np.where((trust >= KNOWN)[..., None], past, np.float32(99))
    np.testing.assert_allclose(carry(form, hidden, source, trust), past, atol=1e-4)


@pytest.mark.parametrize("form", FORMS)
@settings(max_examples=25, deadline=None)
@given(sizes, seeds)
def test_nothing_of_an_untrusted_cell_is_used(form: str, size: tuple[int, int], seed: int) -> None:
    past, source, rng = drawn(size, seed)
    trust = (rng.random(size) < 0.6).astype(np.float32)
    broken = np.where((trust >= KNOWN)[..., None], past, np.float32(np.nan))
    found = carry(form, broken, source, trust)
    np.testing.assert_array_equal(found, carry(form, past, source, trust))
    assert np.isfinite(found).all()


@pytest.mark.parametrize("form", FORMS)
def test_a_still_camera_gives_the_same_latent_and_nothing_known_the_source(form: str) -> None:
    past, source, _ = drawn((9, 13), 0)
    np.testing.assert_array_equal(carry(form, past, source, np.ones((9, 13), np.float32)), past)
    np.testing.assert_allclose(carry(form, past, source, np.zeros((9, 13), np.float32)), source, atol=1e-6)


@settings(max_examples=25, deadline=None)
@given(sizes, seeds)
def test_a_local_mean_lies_between_what_is_known(size: tuple[int, int], seed: int) -> None:
    values, _, rng = drawn(size, seed)
    known = rng.random(size) < 0.5
    known[0, 0] = True
    mean = reference.local_mean(values, known)
    assert (mean >= values[known].min(0) - 1e-4).all() and (mean <= values[known].max(0) + 1e-4).all()


def test_a_guess_is_of_what_lies_near() -> None:
    """Two halves that the restyle changes by different amounts; a hole in each."""
    _, source, _ = drawn((24, 40), 1)
    change = np.where(np.arange(40) < 20, 2.0, -2.0).astype(np.float32)[None, :, None]
    trust = np.ones((24, 40), np.float32)
    trust[8:12, 4:8] = trust[8:12, 32:36] = 0
    found = carry("numpy", source + change, source, trust)
    assert np.abs(found - source - change).max() < 0.1


@pytest.mark.parametrize("correlation", [0.0, 0.3, 0.5, 0.7, 0.95])
@pytest.mark.parametrize("size, holes", [((24, 40), "strip"), ((24, 40), "spots")])
def test_it_errs_no_more_than_either_simple_guess(correlation: float, size: tuple[int, int], holes: str) -> None:
    """The mean of trusted latents around, and the source plus the mean difference around."""
    source, other, rng = drawn(size, 3, channels=8)
    past = correlation * source + np.float32(np.sqrt(1 - correlation**2)) * other
    trust = strip(size, 6) if holes == "strip" else (rng.random(size) < 0.85).astype(np.float32)
    hole: NDArray[np.bool_] = trust < KNOWN

    def error(guess: F32) -> float:
        return float(np.square(guess - past)[hole].mean())

    mean, difference = (reference.local_mean(planes, ~hole) for planes in (past, past - source))
    simple = error(mean), error(source + difference)
    assert error(carry("numpy", past, source, trust)) <= 1.03 * min(simple)
    if correlation == 0.0:
        assert simple[0] < 0.7 * simple[1]
    if correlation == 0.95:
        assert simple[1] < 0.3 * simple[0]


def test_a_batch_is_its_frames_one_by_one() -> None:
    past, source = torch.randn(2, 3, 4, 8, 9)
    trust = torch.rand(3, 8, 9)
    together = torch_temporal.carry(past, source, trust)
    for i in range(3):
        one = slice(i, i + 1)
        assert torch.allclose(together[one], torch_temporal.carry(past[one], source[one], trust[one]), atol=1e-6)
