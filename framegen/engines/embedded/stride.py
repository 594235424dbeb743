"""On which frames the network runs, where a client leaves that open: as many as let this machine keep pace with a game.

Between them a frame is drawn from the network's last latent, which is quicker by all that the network takes, and hardly
another picture; but what comes into view is guessed from around it until the network sees it.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from pathlib import Path

from framegen.engines.embedded import picks

NETWORK_MS = 12.0
"""What the network may take on average of a frame's time: of 33 ms at 30 frames a second, all else takes the rest on
slow cores."""
MOST = 2
"""Beyond it too much of a picture is guessed when the camera turns."""


def choose(time_ms: Callable[[], float], kept: Path, what: object) -> int:
    """1: the network runs on every frame, 2: on every second.

    Args:
        time_ms: how long one run of it takes. kept: file with what was picked before. what: what else it depends on.
    """

    def measure() -> str:
        return str(min(MOST, max(1, math.ceil(time_ms() / NETWORK_MS))))

    return int(picks.pick(kept, what, [str(n) for n in range(1, MOST + 1)], measure))
