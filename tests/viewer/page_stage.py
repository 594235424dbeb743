"""A live page's server with pictures on it, for tests in a browser."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from framegen.config import Settings
from framegen.viewer import Pair, ViewerBridge

RED, BLUE = (200, 30, 30), (30, 30, 200)


class Stage:
    """A bridge with a moving pair on it, and what the page said."""

    def __init__(self) -> None:
        self.changes: list[dict[str, Any]] = []
        self.settings = Settings(prompt="noon", sun="prompt")
        self.bridge = ViewerBridge(self._change, title="framegen test")
        self.frame_id = 0

    def _change(self, _channel: str, changes: Mapping[str, Any]) -> None:
        self.changes.append(dict(changes))
        self.settings = self.settings.updated(changes)
        self.bridge.settings(self.settings, (self.settings.prompt.split()[0],), tuple(self.settings.prompt.split()[1:]))

    def publish(self, height: int = 72, width: int = 128) -> None:
        self.frame_id += 1
        pictures = [np.full((height, width, 3), color, np.uint8) for color in (RED, BLUE)]
        self.bridge.publish(Pair(pictures[0], pictures[1], self.frame_id))
