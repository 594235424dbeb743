"""Whose turn it is: sessions take turns. What they wait with stays with them (see ``wire.peer``).

Pure: no sockets, no threads, no clock.
"""

from __future__ import annotations

import enum
from collections.abc import Callable
from dataclasses import dataclass
from typing import NamedTuple


class Work(enum.Enum):
    """What a turn is for."""

    SETTINGS = "settings"
    FRAME = "frame"


class Turn(NamedTuple):
    """One session's turn."""

    session: str
    work: Work


@dataclass
class _Lane:
    settings: bool = False
    frame: bool = False
    busy: bool = False


class Scheduler:
    """The session whose last turn is the longest ago goes next; at most one turn of a session is out at a time.

    Settings and frames are flagged apart, so neither displaces the other; settings go first. A session that has
    something to do waits for at most one turn of every other session.
    """

    def __init__(self) -> None:
        self._lanes: dict[str, _Lane] = {}
        self._order: list[str] = []

    def add(self, session: str) -> None:
        """A new session; it takes its place at the end of the line."""
        if session in self._lanes:
            raise ValueError(f"Session {session} is already here.")
        self._lanes[session] = _Lane()
        self._order.append(session)

    def remove(self, session: str) -> None:
        """The session is over."""
        del self._lanes[session]
        self._order.remove(session)

    def wants(self, session: str, work: Work) -> None:
        """The session has ``work`` to do. Saying so again before its turn changes nothing."""
        if work is Work.SETTINGS:
            self._lanes[session].settings = True
        else:
            self._lanes[session].frame = True

    def next(self, allowed: Callable[[str], bool] = lambda _: True) -> Turn | None:
        """The next turn of a session that is ``allowed``, or None when there is nothing to do. The session is busy
        until :meth:`done`."""
        for place, session in enumerate(self._order):
            lane = self._lanes[session]
            if lane.busy or not (lane.settings or lane.frame) or not allowed(session):
                continue  # it keeps its place: one whose GPU is at work would else be passed over again and again
            self._order.append(self._order.pop(place))
            lane.busy = True
            if lane.settings:
                lane.settings = False
                return Turn(session, Work.SETTINGS)
            lane.frame = False
            return Turn(session, Work.FRAME)
        return None

    def done(self, session: str) -> None:
        """What was out has come back. A session that is gone by now is no error."""
        if session in self._lanes:
            self._lanes[session].busy = False
