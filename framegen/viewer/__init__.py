"""The live page: an engine's frame and its restyled frame in the browser, with prompt and figures."""

from framegen.viewer.board import Pair
from framegen.viewer.bridge import MAIN, ViewerBridge
from framegen.viewer.figures import Figures
from framegen.viewer.presets import PRESETS, Preset

__all__ = ["MAIN", "PRESETS", "Figures", "Pair", "Preset", "ViewerBridge"]
