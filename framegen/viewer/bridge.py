"""What a host sees of the live page: publish pairs, say how things stand, hear of changed settings.

The server runs in a thread of its own. Nothing that a browser does (slow, hidden, gone) ever
blocks the host: of pairs, only the newest is kept, and a page asks for the next when it has
drawn the last.
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Mapping
from types import TracebackType
from typing import Any, Literal
from urllib.parse import quote

from framegen.config import Settings
from framegen.errors import ConfigError, InvalidSettings
from framegen.loopback import is_this_machine
from framegen.viewer.board import Board, Pair
from framegen.viewer.server import ChangeSettings, PageServer

State = Literal["connecting", "waiting", "live", "lost", "failed"]
"""How a channel stands: no server yet; no picture yet; pictures come; the server went away; it cannot go on."""

PAGE_SETTINGS = ("prompt", "negative_prompt", "intensity", "strength", "seed", "sun")
"""What a page may change; the rest is the host's."""

MAIN = "main"
"""The channel's name where there is only one."""


class ViewerBridge:
    """The live page, as a context manager or with :meth:`start` and :meth:`close`. All methods are thread-safe."""

    def __init__(
        self,
        on_settings: ChangeSettings | None = None,
        *,
        host: str = "127.0.0.1",
        port: int = 0,
        title: str = "framegen",
        token: str | None = None,
    ) -> None:
        """
        Args:
            on_settings: told (channel, changes) when a page changes something, in a thread of the page's server;
                what it raises as a FramegenError, the page shows. None: the page only watches.
            host, port: where to listen; port 0: any free one.
            title: of the page.
            token: needed in the address (``?token=``) where ``host`` is not this machine alone.

        Raises:
            ConfigError: a public address without a token.
        """
        if not is_this_machine(host) and not token:
            raise ConfigError(
                f"Refusing to show the live page at {host} without a token.",
                hint="Anyone who reaches it could watch and change the prompt: give --token, or keep to 127.0.0.1.",
            )
        self._host, self._port, self._token = host, port, token
        self._on_settings = on_settings
        self._board = Board()
        self._server = PageServer(self._board, self._change, title=title, host=host, token=token)
        self._loop = asyncio.new_event_loop()
        self._stop = asyncio.Event()
        self._ready = threading.Event()
        self._failure: OSError | OverflowError | None = None
        self._thread = threading.Thread(target=self._run, name="framegen-viewer", daemon=True)

    @property
    def url(self) -> str:
        """The page's address for a browser on this machine; known after :meth:`start`."""
        host = "127.0.0.1" if self._host in ("0.0.0.0", "localhost") else self._host
        host = "[::1]" if host in ("::", "::1") else host
        query = f"?token={quote(self._token)}" if self._token else ""
        return f"http://{host}:{self._port}/{query}"

    @property
    def watched(self) -> bool:
        """Whether any page is open: hosts need not publish pairs that nobody sees."""
        return self._server.watched

    def start(self) -> None:
        """Begin to serve. Raises ConfigError where the port cannot be had."""
        self._thread.start()
        self._ready.wait()
        if self._failure is not None:
            why = getattr(self._failure, "strerror", None) or self._failure
            raise ConfigError(
                f"The live page cannot listen at {self._host}:{self._port} ({why}).",
                hint="Another program may have the port: give another one, or 0 for any free one.",
            )

    def close(self) -> None:
        """Take leave of every page; returns within about half a second."""
        if self._thread.is_alive():
            self._loop.call_soon_threadsafe(self._stop.set)
            self._thread.join(timeout=2.0)

    def __enter__(self) -> ViewerBridge:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def publish(self, pair: Pair, channel: str = MAIN) -> None:
        """Show a pair. Never blocks; a pair that no page has fetched yet makes room."""
        self._board.pair(channel, pair)
        self._wake()

    def state(self, state: State, detail: str = "", channel: str = MAIN, **about: str) -> None:
        """Say how things stand. ``about``: ``model``, ``device`` and the like, shown beside it."""
        self._board.topic(channel, "state", {"state": state, "detail": detail, "about": about})
        self._wake()

    def settings(
        self,
        settings: Settings,
        understood: tuple[str, ...] = (),
        ignored: tuple[str, ...] = (),
        channel: str = MAIN,
    ) -> None:
        """The settings in force, and which words of the prompt the model knows."""
        plain = {name: getattr(settings, name) for name in PAGE_SETTINGS}
        values = {"settings": plain, "understood": list(understood), "ignored": list(ignored)}
        self._board.topic(channel, "settings", values)
        self._wake()

    def figures(self, figures: Mapping[str, Any], channel: str = MAIN) -> None:
        """Live figures, as :meth:`Figures.snapshot` gives them."""
        self._board.topic(channel, "figures", figures)
        self._wake()

    def name(self, title: str, channel: str = MAIN) -> None:
        """What people see a channel called."""
        self._board.name(channel, title)
        self._wake()

    def drop(self, channel: str) -> None:
        """A channel that is over disappears from the pages."""
        self._board.drop(channel)
        self._wake()

    def _change(self, channel: str, changes: Mapping[str, Any]) -> None:
        unknown = [key for key in changes if key not in PAGE_SETTINGS]
        if unknown or self._on_settings is None:
            raise InvalidSettings("The page cannot change " + (", ".join(map(str, unknown)) or "anything here") + ".")
        Settings().updated(changes)
        self._on_settings(channel, changes)

    def _wake(self) -> None:
        if self._ready.is_set() and not self._loop.is_closed():
            try:
                self._loop.call_soon_threadsafe(self._server.wake)
            except RuntimeError:
                return  # closed since the line before

    def _run(self) -> None:
        asyncio.set_event_loop(self._loop)
        try:
            self._loop.run_until_complete(self._server.run(self._port, self._on_ready, self._stop))
        except (OSError, OverflowError) as error:  # OverflowError: no port has such a number
            self._failure = error
            self._ready.set()
        finally:
            self._loop.run_until_complete(self._loop.shutdown_default_executor())
            self._loop.close()

    def _on_ready(self, port: int) -> None:
        self._port = port
        self._ready.set()
