"""Turns: nobody is forgotten, nobody waits for more than one turn of every other session."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from framegen.server.scheduler import Scheduler, Turn, Work

NAMES = "abcde"


def scheduler(*names: str) -> Scheduler:
    made = Scheduler()
    for name in names:
        made.add(name)
    return made


def test_nothing_to_do() -> None:
    assert scheduler().next() is None
    assert scheduler("a", "b").next() is None


def test_settings_go_before_the_frame_and_neither_displaces_the_other() -> None:
    turns = scheduler("a")
    turns.wants("a", Work.FRAME)
    turns.wants("a", Work.SETTINGS)
    turns.wants("a", Work.FRAME)
    assert turns.next() == Turn("a", Work.SETTINGS)
    assert turns.next() is None, "one turn of a session at a time"
    turns.done("a")
    assert turns.next() == Turn("a", Work.FRAME)
    turns.done("a")
    assert turns.next() is None


def test_work_that_comes_during_a_turn_gets_the_next_one() -> None:
    turns = scheduler("a")
    turns.wants("a", Work.FRAME)
    turns.next()
    turns.wants("a", Work.FRAME)
    turns.done("a")
    assert turns.next() == Turn("a", Work.FRAME)


def test_a_busy_session_does_not_hold_up_the_others() -> None:
    turns = scheduler("a", "b")
    turns.wants("a", Work.FRAME)
    turns.wants("b", Work.FRAME)
    assert {turns.next(), turns.next()} == {Turn("a", Work.FRAME), Turn("b", Work.FRAME)}


def test_a_session_that_left() -> None:
    turns = scheduler("a", "b")
    turns.wants("a", Work.FRAME)
    turns.next()
    turns.remove("a")
    turns.done("a")
    turns.wants("b", Work.FRAME)
    assert turns.next() == Turn("b", Work.FRAME)
    turns.add("a")
    with pytest.raises(ValueError, match="already"):
        turns.add("a")


def test_who_may_not_go_now_keeps_the_place() -> None:
    """Two sessions of one GPU, a third of another, all with a frame at all times: the GPUs finish in turn."""
    turns = scheduler("a1", "a2", "b")
    made, busy = [], {}  # type: ignore[var-annotated]
    for _ in range(8):
        for name in ("a1", "a2", "b"):
            turns.wants(name, Work.FRAME)
        while (turn := turns.next(lambda name: name[0] not in busy)) is not None:
            made.append(turn.session)
            busy[turn.session[0]] = turn.session
        turns.done(busy.pop("ab"[len(made) % 2]))
    assert made.count("a1") - made.count("a2") in (0, 1)


def test_a_model_whose_frames_share_a_pass_does_not_shut_out_another() -> None:
    turns = scheduler("x1", "y", "x2")
    passes = []
    for _ in range(3):
        gathered: list[str] = []
        for name in ("x1", "y", "x2"):
            turns.wants(name, Work.FRAME)
        while (turn := turns.next(lambda name: not gathered or gathered[0][0] == name[0])) is not None:  # noqa: B023
            gathered.append(turn.session)
        for name in gathered:
            turns.done(name)
        passes.append(gathered)
    assert passes == [["x1", "x2"], ["y"], ["x1", "x2"]]


@given(
    st.lists(
        st.one_of(
            st.tuples(st.just("wants"), st.sampled_from(NAMES), st.sampled_from(list(Work))),
            st.tuples(st.just("next"), st.just(""), st.just(Work.FRAME)),
            st.tuples(st.just("done"), st.sampled_from(NAMES), st.just(Work.FRAME)),
        ),
        max_size=120,
    )
)
def test_every_wish_is_granted_and_turns_go_round(script: list[tuple[str, str, Work]]) -> None:
    turns = scheduler(*NAMES)
    open_wishes: set[tuple[str, Work]] = set()
    busy: set[str] = set()
    overtaken: dict[str, list[str]] = {}  # a session that could go -> whose turns it watched

    def able() -> set[str]:
        return {name for name, _ in open_wishes} - busy

    def take() -> None:
        candidates = able()
        turn = turns.next()
        if turn is None:
            assert not candidates, "somebody could have gone"
            return
        assert turn.session in candidates and (turn.session, turn.work) in open_wishes
        if turn.work is Work.FRAME:
            assert (turn.session, Work.SETTINGS) not in open_wishes
        open_wishes.remove((turn.session, turn.work))
        busy.add(turn.session)
        for name in candidates - {turn.session}:
            overtaken.setdefault(name, []).append(turn.session)
            assert len(set(overtaken[name])) == len(overtaken[name]), f"{name} watched {overtaken[name]}"
        overtaken.pop(turn.session, None)

    for what, name, work in script:
        if what == "wants":
            turns.wants(name, work)
            open_wishes.add((name, work))
        elif what == "next":
            take()
        elif name in busy:
            turns.done(name)
            busy.remove(name)
    for _ in range(2 * len(NAMES) + 1):
        for name in list(busy):
            turns.done(name)
            busy.remove(name)
        take()
    assert not open_wishes
