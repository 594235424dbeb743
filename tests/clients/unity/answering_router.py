"""A bare ROUTER that answers every frame with a result at once, its own pixels as the picture.

What is left of a round trip is then the transport and the client. ``python answering_router.py PORT`` serves until it
is killed.
"""

from __future__ import annotations

import socket
import sys
import threading

import msgpack
import zmq

WELCOME = {
    "type": "welcome",
    "protocol": "1.0",
    "session": "bare",
    "models": ["none"],
    "limits": {},
    "settings": {},
}


def free_address() -> str:
    """A loopback address that nobody listens at."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return f"tcp://127.0.0.1:{probe.getsockname()[1]}"


class AnsweringRouter(threading.Thread):
    """The ROUTER on a thread of its own; a context manager."""

    def __init__(self, port: int = 0) -> None:
        super().__init__(daemon=True)
        self._context: zmq.Context[zmq.Socket[bytes]] = zmq.Context()
        self._socket = self._context.socket(zmq.ROUTER)
        self._socket.linger = 0
        if port:
            self._socket.bind(f"tcp://127.0.0.1:{port}")
        else:
            port = self._socket.bind_to_random_port("tcp://127.0.0.1")
        self.address = f"tcp://127.0.0.1:{port}"
        self._stopping = False

    def __enter__(self) -> AnsweringRouter:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stopping = True
        self.join()
        self._context.destroy(linger=0)

    def run(self) -> None:
        while not self._stopping:
            if not self._socket.poll(50):
                continue
            peer, header, *payloads = self._socket.recv_multipart(copy=False)
            answer = self._answer(msgpack.unpackb(header.buffer))
            if answer is not None:
                pictures = payloads[:1] if answer["type"] == "result" else []
                self._socket.send_multipart([peer, msgpack.packb(answer), *pictures], copy=False)

    def _answer(self, said: dict[str, object]) -> dict[str, object] | None:
        if said["type"] == "hello":
            return WELCOME
        if said["type"] != "frame":
            return None
        echoed = {key: said[key] for key in ("frame_id", "timestamp_ns", "width", "height")}
        picture = {"image": {"format": "rgb8", "part": 1}}
        return {"type": "result", **echoed, "how": "generated", "settings_revision": 0, "planes": picture}


if __name__ == "__main__":
    with AnsweringRouter(int(sys.argv[1])):
        threading.Event().wait()
