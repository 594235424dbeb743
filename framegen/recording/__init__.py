"""Recordings: sessions of the protocol in MCAP files (see ``protocol/RECORDING.md``).

>>> from framegen.recording import read_frames, shipped_recording
>>> frame = next(read_frames(shipped_recording()))
"""

from pathlib import Path

from framegen.recording.reader import Record, RecordingInfo, RecordingReader, check_frames, read_frames, recording_info
from framegen.recording.writer import TO_CLIENT, TO_SERVER, RecordingWriter

__all__ = [
    "TO_CLIENT",
    "TO_SERVER",
    "Record",
    "RecordingInfo",
    "RecordingReader",
    "RecordingWriter",
    "check_frames",
    "read_frames",
    "recording_info",
    "shipped_recording",
]


def shipped_recording() -> Path:
    """The short recording of the demo town that comes with every install. Raises MediaError where it is missing."""
    from framegen.resources import shipped

    return shipped("town.mcap")
