"""The SDK's client as the sender sees it: what comes back waits in a queue for the sending thread."""

from __future__ import annotations

import queue
import time
from collections.abc import Mapping
from types import TracebackType
from typing import Any

from framegen.bench.drive import Event
from framegen.client import Client
from framegen.errors import FramegenError
from framegen.frame import Frame, Restyled


class ClientLink:
    """An ordinary client, for :func:`framegen.bench.drive.drive`; a context manager.

    Args:
        address: of the server.
        settings: to begin with, as in :class:`~framegen.Settings`.
    """

    def __init__(self, address: str, settings: Mapping[str, Any]) -> None:
        self._back: queue.SimpleQueue[tuple[int, Restyled | None]] = queue.SimpleQueue()
        self.errors: list[FramegenError] = []
        """What the server complained of and why connections broke, in order."""
        self.client = Client(
            address,
            name="framegen bench",
            settings=settings,
            on_result=lambda restyled: self._back.put((restyled.frame_id, restyled)),
            on_superseded=lambda frame_id, _by: self._back.put((frame_id, None)),
            on_error=self.errors.append,
            on_lost=lambda _frame_ids, cause: self.errors.append(cause),
        )

    def __enter__(self) -> ClientLink:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.client.close()

    def send(self, frame: Frame) -> None:
        """See :class:`framegen.bench.drive.Link`."""
        self.client.send(frame)

    def poll(self, timeout_s: float) -> Event | None:
        """See :class:`framegen.bench.drive.Link`."""
        try:
            frame_id, restyled = self._back.get(timeout=max(timeout_s, 0.0))
        except queue.Empty:
            return None
        return Event(frame_id, time.monotonic_ns(), restyled)
