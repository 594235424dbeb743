"""A whole server: worker, executor, hub and router put together, in this thread or in one of its own."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping, Sequence
from types import TracebackType
from typing import Any

from framegen import sharing
from framegen.engines.base import Engine
from framegen.server.executors import choose
from framegen.server.hub import Counts, Hub, Observer
from framegen.server.options import ServerOptions
from framegen.server.router import Router
from framegen.server.worker import Worker


class Server:
    """Listens from its making on; serves in :meth:`run`, or in a thread of its own as a context manager::

    with Server(ServerOptions(), load_engine, ["embedded"]) as server:
        client = Client(server.addresses[0])
    """

    def __init__(
        self,
        options: ServerOptions,
        load_engine: Callable[[str], Engine],
        models: Sequence[str],
        *,
        executor: str = "auto",
        beside: Sequence[Callable[[str], Engine]] = (),
        observer: Observer | None = None,
    ) -> None:
        """Bind the addresses, then load the default model.

        Args:
            options: addresses, who may enter, limits.
            load_engine: name -> engine; called for the first of ``models`` now, for others when asked for.
            models: what sessions may ask for; the first is the default.
            executor: ``auto``, ``thread`` or ``inline``; see ``executors``.
            beside: of further GPUs: each gets a worker of its own, and sessions are shared out among them.
            observer: hears of sessions, settings and pictures; see ``hub``.

        Raises:
            ConfigError: an address cannot be had. ModelUnavailable: the model cannot run here.
        """
        self._router = Router(options)
        self.addresses: list[str] = self._router.bind()
        """Where it listens, in the order of the endpoints, with real port numbers."""
        try:
            self.worker = Worker(load_engine, models)
            workers = [self.worker, *(Worker(load, models) for load in beside)]
        except BaseException:
            self._router.close()
            raise
        self._executor = choose(executor, workers)
        self._hub = Hub(
            limits=options.limits,
            models=self.worker.models,
            max_sessions=options.max_sessions,
            forget=self._executor.forget,
            observer=observer,
            attach=sharing.attach,
        )
        self._thread: threading.Thread | None = None
        if observer is not None:
            observer.serving(self.change_settings)

    @property
    def counts(self) -> Counts:
        """What was done so far."""
        return self._hub.counts

    @property
    def sessions(self) -> int:
        """Open now."""
        return self._hub.sessions

    def run(self) -> None:
        """Serve until :meth:`stop`."""
        self._router.run(self._hub, self._executor)

    def change_settings(self, session: str, changes: Mapping[str, Any]) -> None:
        """Change a session's settings for its client. From any thread; returns at once.

        What makes no sense is logged and changes nothing: check with ``Settings().updated(changes)`` before.
        """
        self._router.call(lambda: self._hub.change_settings(session, changes))

    def stop(self) -> None:
        """Let :meth:`run` take leave of its sessions and return. From any thread or a signal handler."""
        self._router.stop()

    def __enter__(self) -> Server:
        self._thread = threading.Thread(target=self.run, name="framegen-server", daemon=True)
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._router.stop()
        self._router.wake()
        if self._thread is not None:
            self._thread.join()
