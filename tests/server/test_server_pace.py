from __future__ import annotations

from framegen.server.pace import TokenBucket

SECOND_NS = 1_000_000_000


def test_a_second_at_once_then_the_rate() -> None:
    bucket = TokenBucket(10.0)
    assert sum(bucket.take(0) for _ in range(50)) == 10
    assert sum(bucket.take(k * SECOND_NS // 100) for k in range(1, 101)) in (9, 10)


def test_rest_does_not_save_up_more_than_a_second() -> None:
    bucket = TokenBucket(3.0)
    bucket.take(0)
    assert sum(bucket.take(3600 * SECOND_NS) for _ in range(50)) == 3
