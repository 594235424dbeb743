"""When frames of several sessions are made together."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from framegen.server.batching import RETRY, BatchPolicy


def taught(costs: dict[int, float], **options: float) -> BatchPolicy:
    policy = BatchPolicy(**options)  # type: ignore[arg-type]
    for count, took_ms in costs.items():
        for _ in range(3):
            policy.observe(count, took_ms)
    return policy


def test_nothing_is_batched_before_one_frame_was_timed() -> None:
    policy = BatchPolicy()
    assert policy.largest() == 1
    policy.observe(1, 500.0)  # the first pays for compiling
    assert policy.known_ms(1) is None and policy.largest() == 1
    policy.observe(1, 8.0)
    assert policy.known_ms(1) == 8.0


def test_a_size_not_known_is_tried_where_it_would_be_in_time() -> None:
    assert taught({1: 8.0}).largest() == 2
    assert taught({1: 8.0, 2: 10.0}).largest() == 3
    assert taught({1: 30.0}).largest() == 1, "two one by one would take 60 ms"


def test_a_batch_that_brings_no_throughput_is_not_made() -> None:
    assert taught({1: 8.0, 2: 15.9}).largest() == 1
    assert taught({1: 8.0, 2: 12.0, 3: 17.9}).largest() == 2
    assert taught({1: 8.0, 2: 12.0, 3: 15.0, 4: 18.0}).largest() == 4


def test_no_batch_breaks_the_deadline() -> None:
    assert taught({1: 8.0, 2: 12.0, 3: 15.0}, deadline_ms=14.0).largest() == 2


def test_a_size_that_was_slow_once_is_tried_again() -> None:
    """A batch of another picture size is captured anew, which takes a second: that says nothing of the next one."""
    policy = taught({1: 8.0, 2: 10.0})
    policy.observe(2, 2000.0)
    assert policy.largest() == 1
    for _ in range(RETRY):
        policy.observe(1, 8.0)
    assert policy.largest() == 2
    policy.observe(2, 10.0)
    assert policy.known_ms(2) == 10.0 and policy.largest() == 3


def test_a_size_that_is_never_worth_it_is_tried_seldom() -> None:
    policy = taught({1: 8.0, 2: 16.0})
    made = 0
    for _ in range(4 * RETRY):
        count = policy.largest()
        made += count > 1
        policy.observe(count, 8.0 * count)
    assert 1 <= made <= 4


def test_a_model_that_cannot_batch() -> None:
    assert taught({1: 1.0}, most=1).largest() == 1


@given(st.lists(st.tuples(st.integers(1, 4), st.floats(0.1, 100)), max_size=40), st.floats(1, 100))
def test_the_answer_is_always_possible(seen: list[tuple[int, float]], deadline_ms: float) -> None:
    policy = BatchPolicy(4, deadline_ms)
    for count, took_ms in seen:
        policy.observe(count, took_ms)
    largest = policy.largest()
    assert 1 <= largest <= 4
    known = policy.known_ms(largest)
    assert largest == 1 or known is None or known <= deadline_ms
