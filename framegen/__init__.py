"""framegen: the open neural renderer for any game engine."""

from framegen.config import LabelSettings, Settings, TemporalSettings
from framegen.errors import FramegenError
from framegen.frame import Camera, Frame, How, Restyled

__version__ = "0.1.0"

__all__ = ["Camera", "Frame", "FramegenError", "How", "LabelSettings", "Restyled", "Settings", "TemporalSettings", "__version__"]
