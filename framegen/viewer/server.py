"""The page's own server: three static files over HTTP, everything else over one WebSocket a page.

Page -> server, JSON text: ``{"type": "ack"}`` (the last pair is drawn), ``{"type": "settings",
"changes": {...}}``, ``{"type": "watch", "channel": name}``.
Server -> page, JSON text: ``hello``, ``channels``, ``state``, ``settings``, ``figures``,
``error``; binary: a pair as in :meth:`~framegen.viewer.board.Pair.packed`.
"""

from __future__ import annotations

import asyncio
import http
import json
from collections.abc import Callable, Mapping
from importlib import resources
from typing import Any

from websockets.asyncio.server import ServerConnection, serve
from websockets.datastructures import Headers
from websockets.exceptions import ConnectionClosed
from websockets.http11 import Request, Response

from framegen.errors import FramegenError
from framegen.viewer.board import Board
from framegen.viewer.guard import host_allowed, origin_allowed, token_allowed
from framegen.viewer.presets import PRESETS

ChangeSettings = Callable[[str, Mapping[str, Any]], None]

MAX_PAGES = 32
TRY_AGAIN_LATER = 1013
MAX_MESSAGE_BYTES = 64 << 10
CLOSE_S = 0.4

_FILES = {
    "/": ("index.html", "text/html; charset=utf-8"),
    "/style.css": ("style.css", "text/css; charset=utf-8"),
    "/app.js": ("app.js", "text/javascript; charset=utf-8"),
    "/stage.js": ("stage.js", "text/javascript; charset=utf-8"),
    "/figures.js": ("figures.js", "text/javascript; charset=utf-8"),
    "/icon.svg": ("icon.svg", "image/svg+xml"),
}

_SAFETY = {
    "Content-Security-Policy": "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob:; "
    "connect-src 'self' ws:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-store",
}


class PageServer:
    """Serves a board to browsers. Lives in one asyncio loop; :meth:`wake` may come from any thread."""

    def __init__(self, board: Board, change: ChangeSettings, *, title: str, host: str, token: str | None) -> None:
        self._board = board
        self._change = change
        self._title = title
        self._host = host
        self._token = token
        self._port = 0
        self._pages: set[_Page] = set()

    async def run(self, port: int, ready: Callable[[int], None], stop: asyncio.Event) -> None:
        """Serve until ``stop``. ``ready`` is told the port. Raises OSError where the port cannot be had."""
        async with serve(
            self._watch,
            self._host,
            port,
            process_request=self._http,
            compression=None,
            max_size=MAX_MESSAGE_BYTES,
            close_timeout=CLOSE_S,
            server_header=None,
        ) as server:
            self._port = next(iter(server.sockets)).getsockname()[1]
            ready(self._port)
            await stop.wait()
            for page in list(self._pages):
                page.end()

    def wake(self) -> None:
        """Something on the board changed. Only in the loop's own thread."""
        for page in self._pages:
            page.news.set()

    @property
    def watched(self) -> bool:
        """Whether any page is open."""
        return bool(self._pages)

    def _http(self, connection: ServerConnection, request: Request) -> Response | None:
        host = request.headers.get("Host")
        if not host_allowed(host, self._host, self._port):
            return _answer(http.HTTPStatus.MISDIRECTED_REQUEST, "This page answers to its own address only.\n")
        path = request.path.split("?", 1)[0]
        if path in ("/", "/socket") and not token_allowed(request.path, self._token):
            return _answer(
                http.HTTPStatus.FORBIDDEN, "The address lacks the token: open the one the program printed.\n"
            )
        if path == "/socket":
            if not origin_allowed(request.headers.get("Origin"), host):
                return _answer(http.HTTPStatus.FORBIDDEN, "This page talks to itself only.\n")
            return None
        if path not in _FILES:
            return _answer(http.HTTPStatus.NOT_FOUND, "There is nothing here.\n")
        name, kind = _FILES[path]
        return _answer(http.HTTPStatus.OK, (resources.files(__package__) / "static" / name).read_bytes(), kind)

    async def _watch(self, connection: ServerConnection) -> None:
        if len(self._pages) >= MAX_PAGES:  # said on the page, which a refused handshake would tell nothing
            await connection.close(TRY_AGAIN_LATER, f"{MAX_PAGES} pages are open: close one, and this one goes on.")
            return
        page = _Page(self._board, self._change, connection)
        self._pages.add(page)
        try:
            await page.run({"type": "hello", "title": self._title, "presets": [vars(p) for p in PRESETS]})
        finally:
            self._pages.discard(page)


class _Page:
    """One open page: it is sent what changed, and a new pair only after it has drawn the last."""

    def __init__(self, board: Board, change: ChangeSettings, connection: ServerConnection) -> None:
        self.news = asyncio.Event()
        self._board = board
        self._change = change
        self._connection = connection
        self._channel: str | None = None
        self._list_version = -1
        self._topics_version = 0
        self._pair_version = 0
        self._busy = False
        self._task: asyncio.Task[None] | None = None

    async def run(self, hello: Mapping[str, Any]) -> None:
        try:
            await self._connection.send(json.dumps(hello))
            self._task = asyncio.create_task(self._send())
            async for message in self._connection:
                await self._take(message)
        except ConnectionClosed:
            return
        finally:
            self.end()

    def end(self) -> None:
        """Stop sending; the connection is closed by whoever runs the server."""
        if self._task is not None:
            self._task.cancel()

    async def _send(self) -> None:
        try:
            while True:
                self.news.clear()
                await self._send_changes()
                await self.news.wait()
        except ConnectionClosed:
            return

    async def _send_changes(self) -> None:
        version, channels = self._board.channels()
        if version != self._list_version:
            self._list_version = version
            if self._channel not in [channel["name"] for channel in channels]:
                self._turn_to(self._board.first())
            await self._connection.send(
                json.dumps({"type": "channels", "channels": channels, "watching": self._channel})
            )
        channel = self._channel
        if channel is None:
            return
        # the page may turn to another channel at every wait: what is still of this one would pass for that one's
        for version, topic, values in self._board.news(channel, self._topics_version):
            if self._channel != channel:
                return
            self._topics_version = version
            await self._connection.send(json.dumps({"type": topic, **values}))
        if not self._busy and self._board.pair_version(channel) > self._pair_version:
            packed = await asyncio.to_thread(self._board.packed, channel)
            if packed is not None and self._channel == channel:
                self._pair_version, self._busy = packed[0], True
                await self._connection.send(packed[1])

    async def _take(self, message: str | bytes) -> None:
        try:
            said = json.loads(message)
            kind = said["type"]
        except (ValueError, KeyError, TypeError, RecursionError):
            await self._connection.send(json.dumps({"type": "error", "message": "That was no message of this page."}))
            return
        if kind == "ack":
            self._busy = False
        elif kind == "watch":
            self._turn_to(str(said.get("channel")))
            self._list_version = -1
        elif kind == "settings" and self._channel is not None and isinstance(said.get("changes"), dict):
            try:
                await asyncio.to_thread(self._change, self._channel, said["changes"])
            except FramegenError as error:
                await self._connection.send(json.dumps({"type": "error", "message": str(error)}))
        self.news.set()

    def _turn_to(self, channel: str | None) -> None:
        self._channel = channel
        self._topics_version = self._pair_version = 0
        self._busy = False


def _answer(status: http.HTTPStatus, body: str | bytes, kind: str = "text/plain; charset=utf-8") -> Response:
    content = body.encode() if isinstance(body, str) else body
    headers = Headers({"Content-Type": kind, "Content-Length": str(len(content)), **_SAFETY})
    return Response(status.value, status.phrase, headers, content)
