"""A server in a process of its own, as ``framegen serve`` starts it, for as long as a measurement takes."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import tempfile
import time
from types import TracebackType
from typing import IO

from framegen.client import Client
from framegen.errors import ConnectionLost
from framegen.server.command import TOKEN_VARIABLE


class ServerProcess:
    """``framegen serve`` on a free loopback port; a context manager.

    Args:
        options: further arguments of ``framegen serve``, such as ``["--device", "cpu"]``.
    """

    def __init__(self, options: list[str] | None = None) -> None:
        self.address = f"tcp://127.0.0.1:{_free_port()}"
        self._options = options or []
        self._process: subprocess.Popen[bytes] | None = None
        self._output: IO[bytes] | None = None

    @property
    def pid(self) -> int:
        """Of the running server."""
        assert self._process is not None, "the server is started by 'with'"
        return self._process.pid

    def __enter__(self) -> ServerProcess:
        self._output = tempfile.TemporaryFile()
        command = [sys.executable, "-m", "framegen", "serve", "--endpoint", self.address, *self._options]
        # a token that other servers ask for is not of this one
        open_to_us = {name: value for name, value in os.environ.items() if name != TOKEN_VARIABLE}
        self._process = subprocess.Popen(
            command, stdin=subprocess.DEVNULL, stdout=self._output, stderr=subprocess.STDOUT, env=open_to_us
        )
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        assert self._process is not None and self._output is not None
        self._process.terminate()
        try:
            self._process.wait(timeout=10)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._output.close()

    def wait_for(self, client: Client, timeout_s: float = 180.0) -> None:
        """Wait until ``client`` has a session; the very first start on a machine compiles kernels for a while.

        Raises ConnectionLost, with the end of what the server printed if it has stopped.
        """
        deadline_s = time.monotonic() + timeout_s
        while True:
            try:
                client.wait_connected(0.5)
                return
            except ConnectionLost:
                self.check()
                if time.monotonic() > deadline_s:
                    raise

    def check(self) -> None:
        """Raises ConnectionLost with the end of what the server printed, if it has stopped."""
        assert self._process is not None and self._output is not None
        if self._process.poll() is not None:
            self._output.seek(0)
            said = self._output.read().decode(errors="replace")[-2000:].strip()
            raise ConnectionLost(f"The server stopped with code {self._process.returncode}: {said}")


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
