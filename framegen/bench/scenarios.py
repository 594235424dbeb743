"""The named scenarios: what is sent, how large and how fast."""

from __future__ import annotations

from dataclasses import dataclass

from framegen.config import nearest
from framegen.errors import ConfigError


@dataclass(frozen=True)
class Scenario:
    """One row of the table.

    Attributes:
        name: what the command line calls it.
        width, height: of the frames sent and of the results, pixels.
        sending_fps: frames a second whatever comes back; None: the next frame when the last is answered.
        seconds: of measured sending, after the warm-up.
    """

    name: str
    width: int
    height: int
    sending_fps: float | None
    seconds: float

    @property
    def pacing(self) -> str:
        """How it sends, for people."""
        return "when answered" if self.sending_fps is None else f"{self.sending_fps:g}/s whatever comes back"


SCENARIOS: tuple[Scenario, ...] = (
    Scenario("512x288", 512, 288, None, 10.0),
    Scenario("1280x720", 1280, 720, None, 10.0),
    Scenario("1920x1080", 1920, 1080, None, 10.0),
    Scenario("overload", 512, 288, 120.0, 20.0),
)


def chosen(name: str) -> tuple[Scenario, ...]:
    """The scenario ``name``, or every one for ``all``. Raises ConfigError and suggests the nearest."""
    if name == "all":
        return SCENARIOS
    found = tuple(scenario for scenario in SCENARIOS if scenario.name == name)
    if not found:
        raise ConfigError(f"There is no scenario '{name}'.", hint=nearest(name, [s.name for s in SCENARIOS]))
    return found
