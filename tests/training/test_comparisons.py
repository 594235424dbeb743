"""Designs and distillation: pieces on made-up pairs, and one step of every loss."""

from __future__ import annotations

from functools import partial

import numpy as np
import pytest

torch = pytest.importorskip("torch", reason="needs torch: pip install 'framegen[train]'")
pytest.importorskip("efficientnet_lite_pytorch", reason="needs its features: pip install 'framegen[train]'")

from made_pairs import write_pair  # noqa: E402

from framegen.training.embedded import distil, losses, shortrun, trials  # noqa: E402
from framegen.training.embedded.batch import Item  # noqa: E402
from framegen.training.embedded.draw import Pool, draw  # noqa: E402
from framegen.training.embedded.loop import held_out  # noqa: E402

SEED, HELD_OUT = 488, 455


@pytest.fixture(scope="module")
def pool(tmp_path_factory: pytest.TempPathFactory) -> Pool:
    torch.set_num_threads(1)
    root = tmp_path_factory.mktemp("pairs")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("FRAMEGEN_CACHE", str(root / "cache"))
        write_pair(root, SEED)
        write_pair(root, HELD_OUT)
        found = Pool([root])
        assert [s.seed for s in held_out(found, 4)] == [HELD_OUT]
        return found


@pytest.fixture(scope="module")
def features() -> losses.Features:
    return losses.Features()


@pytest.fixture
def item(pool: Pool) -> Item:
    return draw(pool, 2, (64, 64), np.random.default_rng(0), temporal=False)[0]


@pytest.mark.parametrize("name", sorted(trials.DESIGNS))
def test_every_design_paints_and_learns(name: str, pool: Pool, features: losses.Features, item: Item) -> None:
    design = trials.DESIGNS[name]("tiny")
    out, _ = design(item)
    assert out.shape == item.target.shape
    loss = trials.loss_of(features, design, item)
    loss.backward()
    reached = [p for p in design.style.parameters() if p.grad is not None and float(p.grad.abs().max()) > 0]
    assert reached, "the condition must be heard"
    picture = trials.render(design, next(iter(pool.samples.values())), 0)
    assert picture.shape == (3, 288, 512)


def test_the_small_picture_is_what_lifting_gives_back(item: Item) -> None:
    wanted = distil.small(item.target)
    lifted = distil.lift(wanted, item)
    assert lifted.shape == item.target.shape
    assert float((distil.small(lifted) - wanted).abs().mean()) < 0.1


def test_one_step_of_a_walk_is_the_students_step(item: Item) -> None:
    flow, noise = distil.Flow("tiny"), torch.randn(2, 3, 16, 16)
    with torch.no_grad():
        assert torch.allclose(flow.walk(item, noise, 1), flow.once(item, noise), atol=1e-5)


def test_every_way_of_distilling_teaches_the_student_alone(features: losses.Features, item: Item) -> None:
    teacher = distil.Flow("tiny")
    critics = distil.Critics(features)
    ways = {
        "plain": partial(distil.plain_loss, features),
        "trajectory": partial(distil.trajectory_loss, features, teacher),
        "adversarial": partial(distil.adversarial_loss, critics, teacher),
    }
    for name, loss in ways.items():
        student = distil.Flow("tiny")
        value = loss(student, item)
        value.backward()
        assert torch.isfinite(value), name
        assert student.out.weight.grad is not None and float(student.out.weight.grad.abs().max()) > 0, name
        assert all(p.grad is None for p in teacher.parameters()), name
    before = [p.clone() for p in critics.heads.parameters()]
    critics.learn(teacher, item)
    assert any(not torch.equal(a, b) for a, b in zip(before, critics.heads.parameters(), strict=True))


def test_a_short_run_brings_the_loss_down(pool: Pool) -> None:
    """Towards one even picture, which any network can learn."""
    seen: list[float] = []

    def loss(flow: distil.Flow, item: Item) -> torch.Tensor:
        value = (flow.once(item, torch.zeros_like(distil.small(item.target))) - 0.5).square().mean()
        seen.append(float(value.detach()))
        return value

    net, steps = shortrun.fit(distil.Flow("tiny"), loss, pool, 0.1, batch=1)
    assert steps == len(seen) and not net.training
    assert np.mean(seen[-3:]) < 0.5 * seen[0]
