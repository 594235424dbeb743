"""Rooms under words of fog and snow."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import numpy as np
import pytest
from made_pairs import write_pair

torch = pytest.importorskip("torch", reason="needs PyTorch: pip install -e .[test], see .ci/tools")

from framegen.engines.embedded.network import FOLDER  # noqa: E402
from framegen.engines.prompt import read  # noqa: E402
from framegen.ops import features as ft  # noqa: E402
from framegen.ops import layout  # noqa: E402
from framegen.ops.fields import load_atlas  # noqa: E402
from framegen.training.embedded import batch, indoors, pairs  # noqa: E402

SEED = 451
FOG = indoors.Outside(fog_per_m=0.05, snow=0.8)
SNOW = indoors.Outside(fog_per_m=0.0, snow=0.8)


@pytest.fixture
def sample(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> pairs.Sample:
    monkeypatch.setenv("FRAMEGEN_CACHE", str(tmp_path / "cache"))
    write_pair(tmp_path / "data", SEED)
    return pairs.load(tmp_path / "data" / f"{SEED:06d}_0", load_atlas(FOLDER))


def item(sample: pairs.Sample, there: indoors.Outside | None) -> batch.Item:
    return batch.item(sample, 0, batch.WHOLE, np.random.default_rng(0), batch.Draw(outside=there))


def test_a_landscape_is_asked_for_what_was_rendered(sample: pairs.Sample) -> None:
    assert sample.kind != batch.INDOORS
    assert torch.equal(item(sample, SNOW).condition, item(sample, None).condition)


def test_snow_is_asked_for_and_the_room_stays_as_it_is(sample: pairs.Sample) -> None:
    room = dataclasses.replace(sample, kind=batch.INDOORS)
    asked, plain = item(room, SNOW), item(room, None)
    snow = len(layout.TIMES) + len(layout.WEATHERS) + len(layout.SEASONS)
    assert float(asked.condition[snow]) == pytest.approx(0.8)
    assert torch.equal(asked.target, plain.target)


def test_fog_needs_flat_light_and_shows_through_the_window(sample: pairs.Sample) -> None:
    first = sample.targets[0]
    gloomy = dataclasses.replace(first, condition=dataclasses.replace(first.condition, weather="overcast"))
    sunny = dataclasses.replace(
        first, condition=dataclasses.replace(first.condition, weather="clear", time_of_day="noon")
    )
    room = dataclasses.replace(sample, kind=batch.INDOORS, targets=[gloomy, sunny])
    fog = len(layout.TIMES) + layout.WEATHERS.index("fog")
    asked, plain = item(room, FOG), item(room, None)
    assert float(asked.condition[fog]) == 1.0
    assert float((asked.cells[ft.FOG] - plain.cells[ft.FOG]).max()) > 0.1, (
        "the network is told of the fog, as at run time"
    )
    far = sample.range_m.float() > indoors.ROOM_M
    assert far.any()
    assert not far.all()
    changed = (asked.target - plain.target).abs().amax(0, keepdim=True)
    assert float(changed[far].max()) > 0.05
    assert float(changed[~far].max()) == 0.0
    under_the_sun = batch.item(room, 1, batch.WHOLE, np.random.default_rng(0), batch.Draw(outside=FOG))
    assert float(under_the_sun.condition[fog]) == 0.0


def test_snow_takes_the_place_of_rain() -> None:
    look = indoors.look_with(read("heavy rain, autumn, noon").look, SNOW)
    assert look.weathers == {"overcast": 1.0} and look.seasons == {"winter": 1.0} and look.snow == SNOW.snow


@pytest.mark.parametrize(
    ("prompt", "flat"), [("night", True), ("dusk", True), ("rain", True), ("sunny noon", False), ("golden hour", False)]
)
def test_light_without_a_sun_is_flat(prompt: str, flat: bool) -> None:
    assert indoors.flat(read(prompt).look) is flat


def test_some_rooms_and_not_all_are_asked_for_other_weather() -> None:
    rng = np.random.default_rng(0)
    drawn = [indoors.outside(rng) for _ in range(2000)]
    other = [d for d in drawn if d is not None]
    assert 0.35 < len(other) / len(drawn) < 0.45
    assert all(0.3 <= d.snow <= 1 and 0 <= d.fog_per_m < 0.06 for d in other)
    assert any(d.fog_per_m == 0 for d in other)
