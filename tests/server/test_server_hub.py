"""What a hub and a worker make of frames, without sockets: turns, the newest, every answer once."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hub_desk import A, B, C, Desk, kinds
from hypothesis import given, settings
from hypothesis import strategies as st
from stand_in_server import frame

from framegen.server.chain import LONGEST
from framegen.server.session import Route
from framegen.server.worker import Job
from framegen.wire import messages as m


def test_a_frame_goes_round() -> None:
    desk = Desk()
    welcome = desk.greet(A, client="game", settings={"prompt": "night rain"})
    assert welcome.models == ("invert",) and welcome.settings["prompt"] == "night rain"
    desk.say(A, m.SendFrame(frame(7)))
    desk.work()
    (answer,) = desk.hear(A)
    assert isinstance(answer, m.SendResult)
    result = answer.result
    assert (result.frame_id, result.timestamp_ns, result.model) == (7, 1007, "invert")
    assert result.image.shape == (48, 64, 3) and (result.image == 255 - 27).all()
    stamps = result.stamps_ns
    assert stamps["started"] <= stamps["finished"] <= stamps["sent"]
    assert desk.notes.lines == ["opened game", "applied night rain", "made 7"]


def test_of_frames_that_wait_the_newest_wins_and_motion_reaches_over_the_dropped() -> None:
    desk = Desk()
    desk.greet(A)
    desk.work()
    motion = np.full((48, 64, 2), 2.0, np.float16)
    desk.say(A, m.SendFrame(frame(1)))
    (make,) = (desk.hub.next_job(),)
    assert desk.say(A, m.SendFrame(frame(2, motion_px=motion))) == []
    superseded = desk.say(A, m.SendFrame(frame(3, motion_px=motion)))
    assert superseded == [m.Superseded(2, 1002, 3)]
    assert make is not None and desk.hub.next_job() is None, "one frame of a session at a time"
    desk.hub.finished(desk.worker.run(make))
    (newest,) = desk.work()
    taken = newest.frame.frame  # type: ignore[union-attr]
    assert taken.frame_id == 3 and taken.motion_from_frame_id == 1
    assert np.allclose(taken.motion_px, 4.0)
    assert kinds(desk.hear(A)) == ["result", "result"]


def test_the_motion_of_very_many_dropped_frames_is_not_joined() -> None:
    desk = Desk()
    desk.greet(A)
    desk.work()
    motion = np.ones((48, 64, 2), np.float16)
    for first, count, points_to in ((0, LONGEST + 1, None), (100, LONGEST + 2, 100 + LONGEST)):
        for frame_id in range(first, first + count):
            desk.say(A, m.SendFrame(frame(frame_id, motion_px=motion)))
        (job,) = desk.work()
        taken = job.frame.frame  # type: ignore[union-attr]
        assert taken.frame_id == first + count - 1
        if points_to is None:
            assert np.median(taken.motion_px) == LONGEST + 1 and taken.motion_from_frame_id is None
        else:
            assert np.allclose(taken.motion_px, 1) and taken.motion_from_frame_id == points_to


def test_a_reset_ends_history_for_the_frames_after_it_alone() -> None:
    desk = Desk()
    desk.greet(A)
    desk.work()
    desk.say(A, m.SendFrame(frame(1)))
    desk.say(A, m.Reset())
    assert not desk.work()[-1].anew  # type: ignore[union-attr]
    desk.say(A, m.SendFrame(frame(2)), m.SendFrame(frame(3)))
    assert desk.work()[-1].anew  # type: ignore[union-attr]
    desk.say(A, m.SendFrame(frame(4)))
    assert not desk.work()[-1].anew  # type: ignore[union-attr]


@pytest.mark.parametrize(
    ("planes", "code"),
    [
        ({"depth_m": np.full((48, 64), np.nan, np.float32)}, "invalid_frame"),
        ({"color": np.full((48, 64, 3), 13, np.uint8)}, "restyle_failed"),
    ],
)
def test_a_cut_at_a_frame_that_gets_no_picture_is_before_the_next_one(planes: dict[str, Any], code: str) -> None:
    desk = Desk()
    desk.greet(A)
    desk.say(A, m.SendFrame(frame(1)))
    desk.work()
    desk.hear(A)
    heard = desk.say(A, m.SendFrame(frame(2, reset=True, **planes)))
    desk.work()
    (answer,) = heard or desk.hear(A)
    assert isinstance(answer, m.Error) and (answer.code, answer.frame_id) == (code, 2)
    desk.say(A, m.SendFrame(frame(3)))
    assert desk.work()[-1].anew  # type: ignore[union-attr]
    desk.say(A, m.SendFrame(frame(4)))
    assert not desk.work()[-1].anew  # type: ignore[union-attr]


def test_sessions_take_turns() -> None:
    desk = Desk()
    for route in (A, B, C):
        desk.greet(route)
    desk.work()
    answered: dict[Route, list[str]] = {A: [], B: [], C: []}
    for frame_id in range(3):
        answered[A] += kinds(desk.say(A, m.SendFrame(frame(10 * frame_id)), m.SendFrame(frame(10 * frame_id + 1))))
        for route in (B, C):
            answered[route] += kinds(desk.say(route, m.SendFrame(frame(frame_id))))
        desk.work()
        for route in answered:
            answered[route] += kinds(desk.hear(route))
    assert answered[B] == answered[C] == ["result"] * 3
    assert answered[A] == ["superseded", "result"] * 3


@settings(max_examples=60, deadline=None)
@given(
    st.lists(
        st.one_of(
            st.tuples(st.just("frame"), st.sampled_from("abc")),
            st.tuples(st.just("settings"), st.sampled_from("abc")),
            st.tuples(st.just("bad settings"), st.sampled_from("abc")),
            st.tuples(st.just("begin"), st.just("")),
            st.tuples(st.just("end"), st.just("")),
        ),
        max_size=60,
    )
)
def test_every_frame_and_every_update_is_answered_exactly_once(script: list[tuple[str, str]]) -> None:
    desk = Desk()
    routes = {name: Route(0, name.encode()) for name in "abc"}
    for route in routes.values():
        desk.greet(route)
    sent: dict[str, list[int]] = {name: [] for name in routes}
    asked: dict[str, list[int]] = {name: [] for name in routes}
    heard: dict[str, list[m.Message]] = {name: [] for name in routes}
    out: Job | None = None
    for step, (what, name) in enumerate(script, 1):
        if what == "frame":
            sent[name].append(step)
            heard[name] += desk.say(routes[name], m.SendFrame(frame(step)))
        elif what.endswith("settings"):
            asked[name].append(step)
            prompt = "forbidden" if what.startswith("bad") else f"p{step}"
            heard[name] += desk.say(routes[name], m.UpdateSettings({"prompt": prompt}, step))
        elif what == "begin" and out is None:
            out = desk.hub.next_job()
        elif what == "end" and out is not None:
            desk.hub.finished(desk.worker.run(out))
            out = None
        for each, route in routes.items():
            heard[each] += desk.hear(route)
    if out is not None:
        desk.hub.finished(desk.worker.run(out))
    desk.work()
    for name, route in routes.items():
        heard[name] += desk.hear(route)
        frames, updates, revisions = [], [], []
        for message in heard[name]:
            if isinstance(message, m.SendResult):
                frames.append(message.result.frame_id)
                revisions.append(message.result.settings_revision)
            elif isinstance(message, m.Superseded):
                frames.append(message.frame_id)
            elif isinstance(message, m.SettingsApplied):
                updates.append(message.request)
            elif isinstance(message, m.Error):
                assert message.request is not None
                updates.append(message.request)
        assert sorted(frames) == sent[name]
        assert updates == asked[name], "in the order they were asked"
        assert revisions == sorted(revisions)
