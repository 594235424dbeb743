"""On which frames the embedded network runs by itself: what its own time says, kept from start to start."""

from __future__ import annotations

from pathlib import Path

import pytest

from framegen.engines.embedded import stride


@pytest.mark.parametrize("network_ms, wanted", [(0.1, 1), (4.0, 1), (12.0, 1), (12.5, 2), (24.0, 2), (500.0, 2)])
def test_a_slow_network_runs_on_every_second_frame(network_ms: float, wanted: int, tmp_path: Path) -> None:
    assert stride.choose(lambda: network_ms, tmp_path / "stride.json", "small") == wanted


def test_it_is_measured_once_for_each_network(tmp_path: Path) -> None:
    kept, measured = tmp_path / "stride.json", []

    def slow() -> float:
        measured.append(1)
        return 20.0

    assert stride.choose(slow, kept, "small") == stride.choose(slow, kept, "small") == 2
    assert len(measured) == 1
    assert stride.choose(lambda: 5.0, kept, "large") == 1
