"""How far the server's clock is from the client's, from pings and pongs (as in NTP, RFC 5905 section 8)."""

from __future__ import annotations

from collections import deque

from framegen.wire.messages import Ping, Pong

SAMPLES = 8
"""Of which the one with the shortest round trip counts: a wait in a queue only ever lengthens it."""
MAX_OPEN_PINGS = 16


class ClockFilter:
    """Offset and round trip of the last :data:`SAMPLES` pings."""

    def __init__(self) -> None:
        self._open: deque[int] = deque(maxlen=MAX_OPEN_PINGS)
        self._samples: deque[tuple[int, int]] = deque(maxlen=SAMPLES)

    def ping(self, now_ns: int) -> Ping:
        """A ping to send now."""
        self._open.append(now_ns)
        return Ping(now_ns)

    def pong(self, pong: Pong, now_ns: int) -> None:
        """Take the answer to a ping; answers to none of ours are left out."""
        if pong.sent_ns not in self._open:
            return
        self._open.remove(pong.sent_ns)
        round_trip_ns = (now_ns - pong.sent_ns) - (pong.replied_ns - pong.received_ns)
        offset_ns = ((pong.received_ns - pong.sent_ns) + (pong.replied_ns - now_ns)) // 2
        if round_trip_ns >= 0:
            self._samples.append((round_trip_ns, offset_ns))

    @property
    def offset_ns(self) -> int | None:
        """Server's clock minus client's clock, right to within half of :attr:`round_trip_ns`; None: not known yet."""
        return min(self._samples)[1] if self._samples else None

    @property
    def round_trip_ns(self) -> int | None:
        """The shortest of the last round trips; None: not known yet."""
        return min(self._samples)[0] if self._samples else None
