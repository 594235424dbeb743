"""What is kept of the network's output, and what it is told of it: the compiled forms are the reference's."""

from __future__ import annotations

import numpy as np
import pytest

from framegen.ops import layout, reference
from framegen.ops.kernels import choice

H, W = 7, 11
ANY = np.empty((0, 0), np.uint32)


def _raw(rng: np.random.Generator) -> np.ndarray:
    raw = rng.normal(size=(H, W, layout.LATENT)).astype(np.float32)
    share = rng.uniform(size=(H, W, layout.FIELDS)) ** 4
    raw[..., layout.CHOICE] = share / share.sum(-1, keepdims=True)
    return raw


@pytest.mark.parametrize("alpha", [0.0, 0.6, 1.0])
@pytest.mark.parametrize("seed", range(4))
def test_both_ways_are_the_references(seed: int, alpha: float) -> None:
    rng = np.random.default_rng(seed)
    raw, before, trust = _raw(rng), reference.settle(_raw(rng)), rng.uniform(size=(H, W)).astype(np.float32)
    out = np.empty((H, W, layout.KEPT), np.float32)
    allowed = rng.uniform(size=(H, W, 2)).astype(np.float32)
    suited = rng.integers(1, 1 << layout.FIELDS, (H, W)).astype(np.uint32)
    suited[0] = (1 << layout.FIELDS) - 1
    choice.settle(raw, before, trust, np.float32(alpha), allowed, suited, out)
    assert np.array_equal(out, reference.settle(raw, before, trust, alpha, allowed, suited))
    assert ((suited >> out[..., layout.PICK].astype(np.uint32)) & 1).all()
    choice.settle(raw, before, trust, np.float32(alpha), allowed, ANY, out)
    assert np.array_equal(out, reference.settle(raw, before, trust, alpha, allowed))
    told = np.empty((H, W, layout.HISTORY), np.float32)
    choice.history(before, trust, np.float32(alpha), told)
    np.testing.assert_allclose(told, reference.history(before, trust, alpha), rtol=1e-6)


def test_without_history_the_likeliest_is_kept() -> None:
    raw = _raw(np.random.default_rng(9))
    out = np.empty((H, W, layout.KEPT), np.float32)
    choice.settle(
        raw,
        np.empty((0, 0, layout.KEPT), np.float32),
        np.empty((0, 0), np.float32),
        np.float32(1),
        np.empty((0, 0, 2), np.float32),
        ANY,
        out,
    )
    assert np.array_equal(out[..., layout.PICK], raw[..., layout.CHOICE].argmax(-1))
    assert np.array_equal(out[..., : layout.CHOICE.start], raw[..., : layout.CHOICE.start])


def test_a_trusted_field_stays_unless_another_is_much_likelier() -> None:
    raw = np.zeros((1, 2, layout.LATENT), np.float32)
    raw[..., layout.CHOICE.start + 3] = 0.5
    raw[..., layout.CHOICE.start + 5] = (0.4, 0.0)
    before = np.full((1, 2, layout.KEPT), 5.0, np.float32)
    sure, unsure = np.ones((1, 2), np.float32), np.full((1, 2), 0.1, np.float32)
    assert reference.settle(raw, before, sure)[0, 0, layout.PICK] == 5
    assert reference.settle(raw, before, unsure)[0, 0, layout.PICK] == 3
    raw[0, 1, layout.CHOICE.start + 3] = 0.6
    assert reference.settle(raw, before, sure)[0, 1, layout.PICK] == 3
