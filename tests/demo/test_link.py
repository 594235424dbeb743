from __future__ import annotations

import multiprocessing
import threading
from typing import Any

from framegen.demo.link import Outbox, listen


def test_messages_arrive_in_order_and_the_end_is_heard() -> None:
    ours, theirs = multiprocessing.Pipe()
    heard: list[tuple[str, Any]] = []
    ended = threading.Event()
    thread = listen(theirs, lambda kind, value: heard.append((kind, value)), ended.set)
    outbox = Outbox(ours)
    for number in range(20):
        outbox.send("count", number)
    outbox.close()
    ours.close()
    thread.join(60)
    assert ended.is_set()
    assert heard == [("count", number) for number in range(20)]


def test_a_reader_that_does_not_read_holds_nobody_up() -> None:
    ours, theirs = multiprocessing.Pipe()
    outbox = Outbox(ours)
    for number in range(200):  # would never end if it waited for the reader
        outbox.newest("picture", (number, bytes(1 << 20)))
    outbox.send("last")
    received = []
    while not received or received[-1][0] != "last":
        received.append(theirs.recv())
    numbers = [value[0] for kind, value in received if kind == "picture"]
    assert numbers[-1] == 199, "the newest arrives"
    assert len(numbers) <= 3, "of the others, at most those that were already on their way"
    outbox.close()
    ours.close()
    theirs.close()


def test_waiting_for_a_reader_ends_when_the_reader_goes() -> None:
    ours, theirs = multiprocessing.Pipe()
    outbox = Outbox(ours)
    for _ in range(5):
        outbox.send("picture", bytes(1 << 20))
    threading.Timer(0.2, theirs.close).start()
    outbox.drain(0)
    outbox.close()
    ours.close()
