"""Designs and distillation: pieces on made-up pairs, and one step of every loss."""

from __future__ import annotations

import argparse
import itertools
import sys
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pytest

torch = pytest.importorskip("torch", reason="needs PyTorch: pip install -e .[test], see .ci/tools")
pytest.importorskip(
    "efficientnet_lite_pytorch", reason="needs EfficientNet-Lite: pip install -e .[test], see .ci/tools"
)

from made_pairs import write_pair  # noqa: E402

from framegen.ops import layout  # noqa: E402
from framegen.training.embedded import distil, export, losses, network, shortrun, teacher, trials  # noqa: E402
from framegen.training.embedded.batch import WHOLE, Item, Window  # noqa: E402
from framegen.training.embedded.draw import Lesson, Pool, draw, lesson  # noqa: E402
from framegen.training.embedded.loop import held_out  # noqa: E402
from framegen.training.embedded.mix import Mix  # noqa: E402
from framegen.training.embedded.model import Model  # noqa: E402
from framegen.training.embedded.step import step_loss  # noqa: E402

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


@pytest.mark.parametrize(
    ("program", "words", "says"),
    [
        (distil, "--data gone --out run", "no pairs to train on in gone"),
        (trials, "--data gone", "no pairs to train on in gone"),
        (export, "--checkpoint gone.pt --out run", "no checkpoint gone.pt"),
    ],
)
def test_what_cannot_work_is_said_without_a_traceback(
    program: Any, words: str, says: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys, "argv", ["program", *words.split()])
    with pytest.raises(SystemExit) as left:
        program.main()
    assert left.value.code == 1 and says in capsys.readouterr().err


@pytest.mark.parametrize("name", sorted(trials.DESIGNS))
def test_every_design_paints_and_learns(name: str, pool: Pool, features: losses.Features, item: Item) -> None:
    design = trials.DESIGNS[name]("tiny")
    out, _ = design(item)
    assert out.shape == item.target.shape
    loss = trials.loss_of(features, design, Lesson(item))
    loss.backward()
    reached = [p for p in design.style.parameters() if p.grad is not None and float(p.grad.abs().max()) > 0]
    assert reached, "the condition must be heard"
    picture = trials.render(design, next(iter(pool.samples.values())), 0)
    assert picture.shape == (3, 288, 512)


def test_the_small_picture_is_what_lifting_gives_back(item: Item) -> None:
    wanted = teacher.small(item.target)
    lifted = teacher.lift(wanted, item.color, item.nearness)
    assert lifted.shape == item.target.shape
    assert float((teacher.small(lifted) - wanted).abs().mean()) < 0.1
    same = teacher.lift(teacher.small(item.target.clamp_min(0.02)), item.target, item.nearness, 3.0)
    assert torch.allclose(same, item.target.clamp_min(0.02), atol=1e-4), "its own light changes nothing"


def test_a_teacher_begins_as_the_model_whose_weights_it_has(item: Item) -> None:
    torch.manual_seed(0)
    model = Model.new("tiny")
    with torch.no_grad():
        model.net.head.weight.add_(0.05 * torch.randn_like(model.net.head.weight))
        flow = teacher.Teacher(model)
        cover = item.strength.mul(2).clamp_max(1)
        means = network.compose_cells(model.latent(item), item.color, item.through, cover)
        assert torch.allclose(flow.walk(item, 1), means * 2 - 1, atol=2e-2)
        # nothing listens to the noisy picture yet, so every step ends at the same place
        assert torch.allclose(flow.walk(item, 4, 1.0), means * 2 - 1, atol=2e-2)


def test_guidance_leads_away_from_the_answer_without_a_condition(item: Item) -> None:
    torch.manual_seed(0)
    flow, t = teacher.Teacher(Model.new("tiny")), torch.zeros(2)
    with torch.no_grad():
        flow.rest.weight.normal_(0, 0.1)
        x = teacher.start(item)
        y, without = flow(item, x, t), flow(item, x, t, told=torch.zeros(2))
        assert not torch.allclose(y, without, atol=1e-3)
        assert torch.allclose(flow.guided(item, x, t, 1.5), without + 1.5 * (y - without), atol=1e-4)


def test_every_way_of_distilling_teaches_the_student_alone(pool: Pool, features: losses.Features) -> None:
    mix = Mix(pictures=2, whole=1.0, crop=(64, 64))
    seen = lesson(pool, mix, np.random.default_rng(0), temporal=True)
    assert seen.now.color.shape[-2:] == (WHOLE.height, WHOLE.width) and seen.past is not None
    flow = teacher.Teacher(Model.new("tiny")).requires_grad_(False)
    critics = distil.Critics(features)
    ways = {
        "plain": partial(distil.plain_loss, features),
        "trajectory": partial(distil.trajectory_loss, features, flow),
        "adversarial": partial(distil.adversarial_loss, features, critics, flow),
    }
    found = {}
    for name, loss in ways.items():
        torch.manual_seed(0)
        student = Model.new("tiny").both()
        value = loss(student, seen)
        value.backward()
        assert torch.isfinite(value), name
        grad = distil.model_of(student).net.head.weight.grad
        assert grad is not None and float(grad.abs().max()) > 0, name
        found[name] = float(value.detach())
    assert len(set(found.values())) == 3
    before = [p.clone() for p in critics.heads.parameters()]
    critics.learn(seen)
    assert any(not torch.equal(a, b) for a, b in zip(before, critics.heads.parameters(), strict=True))


def test_critics_go_on_with_their_optimiser_where_a_run_stopped(
    pool: Pool, features: losses.Features, tmp_path: Path
) -> None:
    seen = lesson(pool, Mix(crops=1, whole=0.0, crop=(64, 64)), np.random.default_rng(0), temporal=False)

    def run(critics: distil.Critics, minutes: float) -> None:
        def loss(net: torch.nn.Module, lesson: Lesson) -> torch.Tensor:
            critics.fooled(torch.rand_like(seen.now.target))
            return sum((p.square().sum() for p in net.parameters()), torch.zeros(()))

        net, plan = torch.nn.Linear(2, 2), shortrun.Plan(minutes, Mix(crops=1, whole=0.0), state=tmp_path / "a.pt")
        shortrun.fit(net, loss, pool, plan, after=lambda _: critics.learn(seen), beside=critics)

    def moments(critics: distil.Critics) -> list[torch.Tensor]:
        return [state["exp_avg"] for state in critics.state_dict()["optimizer"]["state"].values()]

    first, again, old = (distil.Critics(features) for _ in range(3))
    run(first, 1e-6)
    run(again, 1e-6)  # what is trained is not trained again, only read
    assert moments(first) and len(moments(again)) == len(moments(first))
    assert all(torch.equal(a, b) for a, b in zip(moments(first), moments(again), strict=True))
    saved = torch.load(tmp_path / "a.pt", weights_only=True)
    torch.save({**saved, "beside": saved["beside"]["heads"]}, tmp_path / "a.pt")  # as older ones are
    run(old, 1e-6)
    for critics in (again, old):
        weights = zip(critics.heads.parameters(), first.heads.parameters(), strict=True)
        assert all(torch.equal(a, b) for a, b in weights)


def test_a_window_judges_a_part_of_pictures(pool: Pool, features: losses.Features) -> None:
    whole, past = draw(pool, 2, (128, 256), np.random.default_rng(0), temporal=True)
    assert whole.color.shape == (2, 3, 128, 256) and past is not None
    model, window = Model.new("tiny"), Window(64, 96, 64, 128)
    part = whole.first(1, window)
    assert torch.equal(part.target, whole.target[:1, :, 64:128, 96:224])
    assert torch.equal(part.cells, whole.cells[:1, :, 16:32, 24:56])
    assert torch.equal(part.condition, whole.condition[:1])

    def parts(item: Item, window: Window | None) -> dict[str, float]:
        return step_loss(model, features, Lesson(item, past, window), 1, 1)[1]

    everything = parts(whole, None)
    assert parts(whole, Window(0, 0, 128, 256)) == everything, "a window of the whole picture changes nothing"
    hidden = replace(whole, target=whole.target.clone())
    hidden.target[..., :32, :] = 1 - hidden.target[..., :32, :]
    assert parts(hidden, window)["pixel"] == parts(whole, window)["pixel"], "outside of the window nothing is seen"
    assert parts(hidden, window)["coarse"] != parts(whole, window)["coarse"], "small pictures are judged whole"
    assert parts(hidden, None)["pixel"] != everything["pixel"]


def test_textures_that_cannot_be_what_is_there_cost(pool: Pool, features: losses.Features) -> None:
    now, past = draw(pool, 2, (64, 64), np.random.default_rng(0), temporal=False)
    model, every = Model.new("tiny"), (1 << layout.FIELDS) - 1

    def cost(bits: int) -> float:
        item = replace(now, suited=torch.full_like(now.suited, bits))
        return step_loss(model, features, Lesson(item, past, None), 1, 1)[1]["suited"]

    assert cost(every) == pytest.approx(0, abs=1e-5)
    assert cost(every) < cost(0b11) < cost(0b1)


def test_a_short_run_brings_the_loss_down_stops_and_goes_on(
    pool: Pool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Towards one even picture, which any network can learn. Every step takes as long, however busy the machine is."""
    seen: list[float] = []
    clock = itertools.count()
    monkeypatch.setattr(shortrun.time, "process_time", lambda: 0.2 * next(clock))

    def loss(flow: teacher.Teacher, lesson: Lesson) -> torch.Tensor:
        item = lesson.now
        value = (flow(item, teacher.start(item), torch.zeros(len(item.color))) - 0.5).square().mean()
        seen.append(float(value.detach()))
        return value

    plan = shortrun.Plan(0.1, Mix(crops=1, whole=0.0, crop=(64, 64)), state=tmp_path / "flow.pt")
    torch.manual_seed(0)
    net, steps = shortrun.fit(teacher.Teacher(Model.new("tiny")), loss, pool, plan)
    assert steps == len(seen) and not net.training
    assert np.mean(seen[-3:]) < 0.5 * seen[0]
    again, same = shortrun.fit(teacher.Teacher(Model.new("tiny")), loss, pool, plan)
    assert same == steps == len(seen), "what is trained is not trained again"
    assert torch.equal(again.rest.weight, net.rest.weight)
    (tmp_path / "STOP").touch()
    with pytest.raises(shortrun.Stopped):
        shortrun.fit(net, loss, pool, shortrun.Plan(1, Mix(crops=1, whole=0.0), state=tmp_path / "flow.pt"))


def test_a_whole_comparison_prints_its_table_and_its_students_can_ship(
    pool: Pool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    parser = argparse.ArgumentParser()
    distil.add_arguments(parser)
    monkeypatch.setattr(shortrun, "begin", lambda args: (pool, held_out(pool, 1), losses.Features()))
    monkeypatch.setattr(distil, "MIX", Mix(crops=1, pictures=1, crop=(64, 64)))
    row = ["--data", "x", "--size", "tiny", "--minutes", "0.001", "--teacher-minutes", "0.001", "--out"]
    args = parser.parse_args([*row, str(tmp_path / "run")])
    table = distil.run(args)
    assert table.splitlines()[0].startswith("|  | steps a frame")
    names = ["teacher", "teacher guided", "teacher cut short", "start", "plain", "adversarial", "trajectory"]
    assert [line.split("|")[1].strip() for line in table.splitlines()[2:]] == names
    assert distil.run(args) == table, "what is judged is not judged again"
    model, about = export.load_model(tmp_path / "run" / "trajectory.pt")
    assert about["size"] == "tiny" and about["steps"] >= 1
    assert isinstance(model, Model)
