"""What a client still waits for, and whom it tells: frames, settings updates, callbacks, counts."""

from __future__ import annotations

import concurrent.futures
import logging
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from framegen.client.stats import Tally
from framegen.errors import ConnectionLost, FramegenError, NoPicture, OutOfOrder, protocol_error
from framegen.frame import Frame, Restyled
from framegen.wire import events
from framegen.wire.messages import SettingsApplied, Welcome

log = logging.getLogger(__name__)

Picture = concurrent.futures.Future[Restyled]


class Update(concurrent.futures.Future[SettingsApplied]):
    """The answer to a settings update, to come. ``request``: its number."""

    def __init__(self, request: int) -> None:
        super().__init__()
        self.request = request


@dataclass
class Callbacks:
    """Called in the client's own thread; they must return soon. See :class:`framegen.Client`."""

    on_result: Callable[[Restyled], None] | None = None
    on_superseded: Callable[[int, int], None] | None = None
    on_connected: Callable[[Welcome], None] | None = None
    on_lost: Callable[[tuple[int, ...], FramegenError], None] | None = None
    on_error: Callable[[FramegenError], None] | None = None
    on_settings: Callable[[SettingsApplied], None] | None = None


@dataclass
class _Open:
    sent_ns: int
    picture: Picture | None


class Ledger:
    """Entries are made by the program's threads and settled by the link's."""

    def __init__(self, callbacks: Callbacks) -> None:
        self.callbacks = callbacks
        self.tally = Tally()
        self.latest: Restyled | None = None
        self.last_frame_id = -1
        self.sessions = 0
        self.opened = threading.Event()
        """Set while a session is open, and when there will never be one."""
        self._lock = threading.Lock()
        self._frames: dict[int, _Open] = {}
        self._updates: dict[int, Update] = {}
        self._closed: FramegenError | None = None

    def sent(self, frame: Frame, picture: Picture | None) -> None:
        """``frame`` goes on its way. Raises OutOfOrder where its id does not grow, and what closed the ledger: another
        thread may close the client between its look at it and this entry, which nobody would settle any more."""
        with self._lock:
            if self._closed is not None:
                raise self._closed
            if frame.frame_id <= self.last_frame_id:
                raise OutOfOrder(
                    f"Frame {frame.frame_id} after frame {self.last_frame_id}.", hint="Frame ids only ever grow."
                )
            self.last_frame_id = frame.frame_id
            self._frames[frame.frame_id] = _Open(time.perf_counter_ns(), picture)
        self.tally.add("sent")

    def updating(self, send: Callable[[], int]) -> Update:
        """``send`` a settings update, and note the number it returns before its answer can come. Updates that go in one
        message have one answer. Raises what closed the ledger."""
        with self._lock:
            if self._closed is not None:
                raise self._closed
            request = send()
            return self._updates.setdefault(request, Update(request))

    def close(self, cause: FramegenError) -> None:
        """Nothing more will be answered."""
        with self._lock:
            self._closed = cause
            frames, updates = tuple(self._frames), list(self._updates.values())
            self._updates.clear()
        self._lost(frames, cause)
        for update in updates:
            if update.set_running_or_notify_cancel():
                update.set_exception(cause)
        self.opened.set()

    def take(self, event: events.ClientEvent, now_ns: int) -> None:
        """Settle what ``event`` decides, and tell."""
        call = self.callbacks
        if isinstance(event, events.ResultArrived):
            self._answered(event.result, now_ns)
        elif isinstance(event, events.FrameSuperseded):
            self._settle(event.frame_id, "superseded", NoPicture(f"Frame {event.by_frame_id} took its place."))
            _call(call.on_superseded, event.frame_id, event.by_frame_id)
        elif isinstance(event, events.FrameFailed):
            self._settle(event.frame_id, "failed", event.error)
            _call(call.on_error, event.error)
        elif isinstance(event, events.FramesLost):
            self._lost(event.frame_ids, ConnectionLost("The answer was lost on its way."))
        elif isinstance(event, events.Connected):
            self.sessions += 1
            self.opened.set()
            _call(call.on_connected, event.welcome)
        elif isinstance(event, events.Disconnected):
            self.opened.clear()
            cause = event.cause or ConnectionLost(f"The session is over: {event.reason}.")
            self._lost(event.lost, cause, always=True)
        elif isinstance(event, events.SettingsConfirmed):
            update = self._updated(event.applied.request)
            if update is not None:
                update.set_result(event.applied)
            _call(call.on_settings, event.applied)
        elif isinstance(event, events.SettingsRefused):
            update = self._updated(event.request)
            if update is not None:
                update.set_exception(event.error)
            _call(call.on_error, event.error)
        elif isinstance(event, events.PeerComplained):
            said = event.error
            _call(call.on_error, protocol_error(said.code, said.message, said.hint))

    def _answered(self, result: Restyled, now_ns: int) -> None:
        with self._lock:
            entry = self._frames.pop(result.frame_id, None)
        if entry is None:
            return
        self.latest = result
        self.tally.answered(result, now_ns - entry.sent_ns, now_ns)
        if entry.picture is not None and entry.picture.set_running_or_notify_cancel():
            entry.picture.set_result(result)
        _call(self.callbacks.on_result, result)

    def _settle(self, frame_id: int, how: str, error: FramegenError) -> bool:
        with self._lock:
            entry = self._frames.pop(frame_id, None)
        if entry is None:
            return False
        self.tally.add(how)
        if entry.picture is not None and entry.picture.set_running_or_notify_cancel():
            entry.picture.set_exception(error)
        return True

    def _lost(self, frame_ids: tuple[int, ...], cause: FramegenError, *, always: bool = False) -> None:
        lost = tuple(frame_id for frame_id in frame_ids if self._settle(frame_id, "lost", cause))
        if lost or always:
            _call(self.callbacks.on_lost, lost, cause)

    def _updated(self, request: int) -> Update | None:
        with self._lock:
            update = self._updates.pop(request, None)
        return update if update is not None and update.set_running_or_notify_cancel() else None


def _call(callback: Callable[..., None] | None, *arguments: Any) -> None:
    if callback is None:
        return
    try:
        callback(*arguments)
    except Exception:
        log.exception("A callback of the client failed.")
