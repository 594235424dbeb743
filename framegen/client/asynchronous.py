"""The same client for programs built on asyncio. Works with every event loop, Windows' default one included."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import AsyncIterator
from types import TracebackType
from typing import Any

from framegen.client.blocking import DEFAULT_ADDRESS, Client
from framegen.client.patience import awaited
from framegen.client.stats import Stats
from framegen.errors import NoPicture
from framegen.frame import U8, Frame, Restyled
from framegen.wire.messages import SettingsApplied

BACKLOG = 16
"""Pictures that wait for :meth:`AsyncClient.results`; older ones make room."""


class AsyncClient:
    """A :class:`~framegen.Client` to be awaited::

    async with AsyncClient() as client:
        await client.set(prompt="night rain")
        restyled = await client.restyle(client.frame(color))

        client.send(client.frame(color))             # or apart:
        async for restyled in client.results():
            ...
    """

    def __init__(self, address: str = DEFAULT_ADDRESS, **options: Any) -> None:
        """Begin to connect; arguments as those of :class:`~framegen.Client`. Call it inside a running loop."""
        self._loop = asyncio.get_running_loop()
        self._arrived = asyncio.Event()
        self._results: deque[Restyled] = deque(maxlen=BACKLOG)
        self._closed = False
        own = options.pop("on_result", None)

        def on_result(restyled: Restyled) -> None:
            self._results.append(restyled)
            if not self._closed:
                self._loop.call_soon_threadsafe(self._arrived.set)
            if own is not None:
                own(restyled)

        self.client = Client(address, on_result=on_result, **options)
        """The client underneath: its callbacks, ``latest()``, ``connected``, ``failure``."""

    async def __aenter__(self) -> AsyncClient:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()

    @property
    def stats(self) -> Stats:
        """Counts, rates and latencies up to now."""
        return self.client.stats

    def frame(self, color: U8, **planes: Any) -> Frame:
        """See :meth:`Client.frame`."""
        return self.client.frame(color, **planes)

    def send(self, frame: Frame) -> None:
        """See :meth:`Client.send`; the picture comes to :meth:`results`."""
        self.client.send(frame)

    async def restyle(self, frame: Frame, timeout_s: float = 10.0) -> Restyled:
        """Send ``frame`` and wait for its picture. Raises what :meth:`Client.restyle` raises."""
        picture = asyncio.wrap_future(self.client.submit(frame))
        try:
            return await awaited(picture, timeout_s)
        except asyncio.TimeoutError:
            if not self.client.connected:
                raise self.client.no_server() from None
            raise NoPicture(f"Frame {frame.frame_id} was not answered within {timeout_s:g} s.") from None

    async def set(self, *, timeout_s: float = 10.0, **changes: Any) -> SettingsApplied:
        """Change settings and wait until they are applied. Raises what :meth:`Client.set` raises with ``wait``."""
        # shielded: updates that went in one message share their answer
        update = asyncio.wrap_future(self.client.update(changes))
        update.add_done_callback(_heard)
        try:
            return await awaited(asyncio.shield(update), timeout_s)
        except asyncio.TimeoutError:
            raise self.client.no_server() from None

    async def results(self) -> AsyncIterator[Restyled]:
        """Every picture as it comes, until the client is closed. Of those nobody took, the newest 16 are kept."""
        while True:
            while self._results:
                yield self._results.popleft()
            if self._closed:
                return
            if self.client.failure is not None:
                raise self.client.failure
            self._arrived.clear()
            if not self._results:
                await self._wait_for_news()

    async def close(self) -> None:
        """See :meth:`Client.close`. Ends :meth:`results`."""
        self._closed = True
        self._arrived.set()
        await asyncio.to_thread(self.client.close)

    async def _wait_for_news(self) -> None:
        """A picture, the end, or half a second in which the connection may have failed for good."""
        try:
            await asyncio.wait_for(self._arrived.wait(), 0.5)
        except asyncio.TimeoutError:
            return


def _heard(update: asyncio.Future[SettingsApplied]) -> None:
    """An answer that comes when nobody waits for it any more is no news: asyncio would print its failure."""
    if not update.cancelled():
        update.exception()
