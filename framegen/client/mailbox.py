"""What is asked of a frame that waits to leave the client, and of the one that takes its place."""

from __future__ import annotations

import dataclasses

from framegen.frame import PLANES, Frame


def size_bytes(frame: Frame) -> int:
    """Of its planes."""
    planes = (getattr(frame, name) for name, _, _ in PLANES)
    return frame.color.nbytes + sum(int(plane.nbytes) for plane in planes if plane is not None)


def in_place_of(older: Frame, newer: Frame) -> Frame:
    """``newer``, sent although ``older``, to which its motion points, never left: the server is told which frame
    the vectors mean (one it has not seen), and a cut stays a cut.
    """
    if newer.reset:
        return newer
    points_to = newer.motion_from_frame_id
    if newer.motion_px is not None and points_to is None:
        points_to = older.frame_id
    return dataclasses.replace(newer, motion_from_frame_id=points_to, reset=older.reset)
