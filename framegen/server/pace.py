"""A limit on how often something is done (token bucket). Pure: the clock is passed in."""

from __future__ import annotations


class TokenBucket:
    """At most ``rate_per_s`` takes a second in the long run, and one second's worth at once."""

    def __init__(self, rate_per_s: float) -> None:
        self._rate_per_s = rate_per_s
        self._tokens = rate_per_s
        self._last_ns: int | None = None

    def take(self, now_ns: int) -> bool:
        """Whether it may be done now."""
        if self._last_ns is not None:
            self._tokens = min(self._rate_per_s, self._tokens + (now_ns - self._last_ns) * 1e-9 * self._rate_per_s)
        self._last_ns = now_ns
        if self._tokens < 1.0:
            return False
        self._tokens -= 1.0
        return True
