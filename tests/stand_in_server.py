"""A server around a model that inverts colours, and a bare ZeroMQ client: for tests of what travels between them."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import numpy as np
import zmq
from numpy.typing import NDArray
from stand_in_spec import stand_in_spec

from framegen.config import Settings
from framegen.engines.base import Conditioning, History
from framegen.errors import InvalidSettings
from framegen.frame import F32, U8, Frame
from framegen.server.app import Server
from framegen.server.options import Endpoint, ServerOptions
from framegen.wire import codec
from framegen.wire import messages as m

ANYWHERE = (Endpoint("tcp://127.0.0.1:*"),)


class InvertEngine:
    """``decode`` is 255 minus the colour. A prompt of ``forbidden`` is refused, of ``explode`` is a bug; a frame whose
    first value is 13 is a bug too. ``delay_s``: what a frame takes. ``hold``: frames wait until it is set.
    ``begun`` is set by the first frame that the model is given.
    """

    def __init__(self, name: str = "invert", delay_s: float = 0.0) -> None:
        self.spec = stand_in_spec(name, "inverts")
        self.device = "CPU (NumPy)"
        self.last_model_ms = 0.0
        self.delay_s = delay_s
        self.hold = threading.Event()
        self.hold.set()
        self.begun = threading.Event()
        self.prompts: list[str] = []

    def condition(self, settings: Settings) -> Conditioning:
        if settings.prompt == "forbidden":
            raise InvalidSettings("This prompt is forbidden.")
        if settings.prompt == "explode":
            raise RuntimeError("a bug in the model")
        self.prompts.append(settings.prompt)
        return Conditioning(settings.prompt, None, understood=tuple(settings.prompt.split()))

    def blend(self, a: Conditioning, b: Conditioning, share: float) -> Conditioning:
        return b

    def encode(
        self, frame: Frame, conditioning: Conditioning, settings: Settings, sun: tuple[float, float, float] | None
    ) -> Any:
        self.begun.set()
        self.hold.wait(300)
        if frame.color[0, 0, 0] == 13:
            raise RuntimeError("a bug in the model")
        time.sleep(self.delay_s)
        return frame.color

    def denoise(self, encoded: Any, history: History | None, noise: NDArray[Any], alpha: float) -> F32:
        return np.zeros((encoded.shape[0] // 4, encoded.shape[1] // 4, 1), np.float32)

    def decode(self, latent: F32, encoded: Any, anchors: Any = None) -> U8:
        inverted: U8 = 255 - encoded[..., :3]
        return inverted


def frame(frame_id: int, width: int = 64, height: int = 48, **planes: Any) -> Frame:
    """A frame of one colour, which tells its id."""
    color = np.full((height, width, 3), 20 + frame_id % 200, np.uint8)
    return Frame(frame_id, planes.pop("color", color), timestamp_ns=1000 + frame_id, **planes)


@contextmanager
def serving(engine: InvertEngine | None = None, *, executor: str = "auto", **options: Any) -> Iterator[Server]:
    """A running server in this process."""
    own = engine or InvertEngine()
    options.setdefault("endpoints", ANYWHERE)
    with Server(ServerOptions(**options), lambda _name: own, ["invert"], executor=executor) as server:
        yield server


class Bare:
    """A DEALER and the codec, nothing else; a context manager."""

    def __init__(
        self, address: str, identity: bytes | None = None, token: str | None = None, receive_hwm: int = 1000
    ) -> None:
        self._context: zmq.Context[zmq.Socket[bytes]] = zmq.Context()
        self.socket = self._context.socket(zmq.DEALER)
        self.socket.linger = 0
        self.socket.rcvhwm = receive_hwm
        if identity is not None:
            self.socket.setsockopt(zmq.IDENTITY, identity)
        if token is not None:
            self.socket.plain_username, self.socket.plain_password = b"framegen", token.encode()
        self.socket.ipv6 = "[" in address
        self.socket.connect(address)

    def __enter__(self) -> Bare:
        return self

    def __exit__(self, *_: object) -> None:
        self._context.destroy(linger=0)

    def say(self, message: m.Message) -> None:
        self.socket.send_multipart(codec.encode(message))

    def say_raw(self, parts: Sequence[bytes]) -> None:
        self.socket.send_multipart(parts)

    def hear(self, timeout_s: float = 60.0) -> m.Message:
        """The next message. Raises TimeoutError."""
        if not self.socket.poll(int(timeout_s * 1000)):
            raise TimeoutError("the server said nothing")
        return codec.decode([part.buffer for part in self.socket.recv_multipart(copy=False)])

    def ask(self, message: m.Message, timeout_s: float = 60.0) -> m.Message:
        self.say(message)
        return self.hear(timeout_s)

    def greet(self, **hello: Any) -> m.Welcome:
        """Hello; returns the welcome."""
        answer = self.ask(m.Hello(**hello))
        assert isinstance(answer, m.Welcome), answer
        return answer

    def picture(self, message: m.SendFrame) -> m.SendResult:
        """Send a frame; returns its result, which must be the next message."""
        answer = self.ask(message)
        assert isinstance(answer, m.SendResult), answer
        return answer


def until(condition: Callable[[], bool], timeout_s: float = 60.0) -> None:
    """Wait for ``condition``; fail if it does not come true."""
    deadline_s = time.monotonic() + timeout_s
    while not condition():
        assert time.monotonic() < deadline_s, "it did not happen"
        time.sleep(0.005)
