"""Rows carry the promised keys and print as a table."""

from __future__ import annotations

import io
import json

import pytest
from rich.console import Console

from framegen.bench.report import print_rows, row
from framegen.bench.scenarios import SCENARIOS, chosen
from framegen.bench.tally import Tally
from framegen.errors import ConfigError
from framegen.frame import How

PROMISED = {"scenario", "width", "height", "fps", "latency_ms", "stages_ms", "model_ms"}
COUNTS = {"sent", "answered", "superseded", "lost"}


def test_a_row_has_the_promised_keys_and_adds_up() -> None:
    tally = Tally()
    for frame_id in range(3):
        tally.sent(frame_id, frame_id * 20_000_000)
    for frame_id in range(2):
        stages = {"prepare": 1.0, "model": 8.0}
        tally.answered(frame_id, frame_id * 20_000_000 + 12_000_000, How.GENERATED, stages)
    figures = row(SCENARIOS[0], tally.summary())
    assert set(figures) >= PROMISED | COUNTS | {"sending_fps"}
    assert set(figures["latency_ms"]) == {"p50", "p95", "p99"}
    assert figures["sent"] == figures["answered"] + figures["superseded"] + figures["lost"]
    assert (figures["model_ms"], figures["overhead_ms"]) == (8.0, 4.0)
    assert json.loads(json.dumps(figures)) == figures
    screen = io.StringIO()
    measured = {**figures, "first_picture_s": 1.5, "server_memory_mib": 300.0, "errors": ["it broke"]}
    measured["yardstick_ms"] = {"best": 0.31, "median": 0.52}
    print_rows(Console(file=screen, width=160), [measured])
    assert "512x288" in screen.getvalue()
    assert "superseded" in screen.getvalue()
    assert "it broke" in screen.getvalue()


def test_a_scenario_is_chosen_by_name() -> None:
    assert chosen("all") == SCENARIOS
    assert [scenario.name for scenario in chosen("1280x720")] == ["1280x720"]
    with pytest.raises(ConfigError, match="1280x720"):
        chosen("1280x72")
