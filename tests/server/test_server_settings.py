"""Settings and models of sessions without sockets: when they hold, and what becomes of those that fail."""

from __future__ import annotations

import dataclasses

from hub_desk import A, Desk, error_of, kinds
from stand_in_server import InvertEngine, frame

from framegen.config import Settings
from framegen.engines.base import Conditioning
from framegen.errors import ModelUnavailable
from framegen.wire import messages as m


def test_settings_are_taken_in_before_the_next_frame_and_every_update_is_answered() -> None:
    desk = Desk()
    desk.greet(A)
    desk.work()
    desk.say(A, m.SendFrame(frame(1)))
    for request, prompt in enumerate(("night", "night rain", "night rain fog"), 5):
        assert desk.say(A, m.UpdateSettings({"prompt": prompt}, request)) == []
    desk.work()
    *applied, result = desk.hear(A)
    words = ("night", "rain", "fog")
    assert applied == [m.SettingsApplied(5 + k, 1 + k, words, ()) for k in range(3)]
    assert isinstance(result, m.SendResult) and result.result.settings_revision == 3
    assert desk.engine.prompts == ["", "night rain fog"], "only the newest prompt is encoded"


def test_more_words_than_an_array_of_a_header_may_hold_are_answered_all_the_same() -> None:
    class Wordy(InvertEngine):
        """Knows no word."""

        def condition(self, settings: Settings) -> Conditioning:
            unknown = (*settings.prompt.split(), *settings.negative_prompt.split())
            return dataclasses.replace(super().condition(settings), ignored=unknown)

    engine = Wordy()
    desk = Desk(load=lambda _name: engine)
    desk.greet(A)
    desk.work()
    desk.say(A, m.UpdateSettings({"prompt": "a " * 1000, "negative_prompt": "b " * 1000}, 1))
    desk.work()
    (applied,) = desk.hear(A)
    assert isinstance(applied, m.SettingsApplied) and applied.request == 1
    assert applied.ignored[:1000] == ("a",) * 1000


def test_an_invalid_update_changes_nothing() -> None:
    desk = Desk()
    desk.greet(A)
    error = error_of(desk.say(A, m.UpdateSettings({"prompt": "night", "intensity": 2}, 9)))
    assert (error.code, error.request, error.fatal) == ("invalid_settings", 9, False)
    error = error_of(desk.say(A, m.UpdateSettings({"model": "gpt"}, 10)))
    assert (error.code, error.request) == ("unknown_model", 10)
    desk.say(A, m.SendFrame(frame(1)))
    desk.work()
    (answer,) = desk.hear(A)
    assert isinstance(answer, m.SendResult) and answer.result.settings_revision == 0


def test_settings_that_the_model_refuses_leave_the_old_ones() -> None:
    desk = Desk()
    desk.greet(A, settings={"prompt": "day"})
    desk.work()
    for request, (prompt, code) in enumerate((("forbidden", "invalid_settings"), ("explode", "restyle_failed")), 1):
        desk.say(A, m.UpdateSettings({"prompt": prompt}, request), m.SendFrame(frame(request)))
        desk.work()
        error, result = desk.hear(A)
        assert isinstance(error, m.Error) and (error.code, error.request) == (code, request)
        assert isinstance(result, m.SendResult)
    desk.say(A, m.UpdateSettings({"intensity": 0.5}, 3), m.SendFrame(frame(3)))
    desk.work()
    applied, result = desk.hear(A)
    assert isinstance(applied, m.SettingsApplied) and applied.understood == ("day",)
    assert isinstance(result, m.SendResult) and result.result.settings_revision == applied.revision


def test_a_refused_update_takes_no_other_along() -> None:
    """Neither one that was said while it was tried, nor those that were tried with it."""
    desk = Desk()
    desk.greet(A, settings={"prompt": "day"})
    desk.work()
    desk.say(A, m.UpdateSettings({"prompt": "forbidden"}, 1))
    tried = desk.hub.next_job()
    assert tried is not None
    desk.say(A, m.UpdateSettings({"intensity": 0.5}, 2))
    desk.hub.finished(desk.worker.run(tried))
    assert error_of(desk.hear(A)).request == 1
    desk.work()
    assert desk.hear(A) == [m.SettingsApplied(2, 3, ("day",))]
    changes = (
        {"seed": 3},
        {"prompt": "explode"},
        {"prompt": "night"},
        {"prompt": "forbidden", "seed": 9},
        {"sun": "light"},
    )
    desk.say(A, *(m.UpdateSettings(change, 3 + number) for number, change in enumerate(changes)))
    desk.say(A, m.SendFrame(frame(1)))
    desk.work()
    *answers, result = desk.hear(A)
    told = [(answer.request, answer.type) for answer in answers if isinstance(answer, (m.SettingsApplied, m.Error))]
    applied, error = "settings_applied", "error"
    assert told == [(3, applied), (4, error), (5, applied), (6, error), (7, applied)]
    assert isinstance(result, m.SendResult) and result.result.settings_revision == 8
    now = desk.hub._routes[A].peer.settings
    assert (now.prompt, now.intensity, now.seed, now.sun, now.revision) == ("night", 0.5, 3, "light", 8)


def test_an_update_that_makes_no_sense_without_the_refused_one_is_refused_too() -> None:
    desk = Desk(limits=m.Limits(max_pixels=10_000))
    desk.greet(A, settings={"output_width": 1000, "output_height": 10})
    desk.work()
    desk.say(A, m.UpdateSettings({"prompt": "forbidden", "output_width": 10}, 1))
    tried = desk.hub.next_job()
    assert tried is not None
    desk.say(A, m.UpdateSettings({"output_height": 1000}, 2), m.UpdateSettings({"seed": 5}, 3))
    desk.hub.finished(desk.worker.run(tried))
    desk.work()
    first, second, third = desk.hear(A)
    assert isinstance(first, m.Error) and (first.request, first.code) == (1, "invalid_settings")
    assert isinstance(second, m.Error) and (second.request, second.code) == (2, "invalid_settings")
    assert isinstance(third, m.SettingsApplied) and third.request == 3
    now = desk.hub._routes[A].peer.settings
    assert (now.output_width, now.output_height, now.seed) == (1000, 10, 5)


def test_a_session_whose_first_settings_fail_goes_on_without_them() -> None:
    desk = Desk()
    desk.greet(A, settings={"prompt": "explode"})
    desk.say(A, m.SendFrame(frame(1)))
    desk.work()
    error, result = desk.hear(A)
    assert isinstance(error, m.Error) and error.code == "restyle_failed"
    assert isinstance(result, m.SendResult) and result.result.settings_revision == 1
    assert desk.engine.prompts == [""]


def test_a_bad_update_right_after_the_hello_leaves_the_settings_of_the_hello() -> None:
    desk = Desk()
    desk.greet(A, settings={"prompt": "day"})
    desk.say(A, m.SendFrame(frame(1)), m.UpdateSettings({"prompt": "forbidden"}, 1))
    desk.work()
    assert kinds(desk.hear(A)) == ["error", "result"]
    assert desk.engine.prompts == ["day"]


def test_a_model_that_can_take_in_nothing_fails_frames_and_does_not_spin() -> None:
    desk = Desk()
    desk.engine.condition = None  # type: ignore[assignment, method-assign]
    desk.greet(A, settings={"prompt": "day"})
    desk.say(A, m.SendFrame(frame(1)))
    assert len(desk.work()) == 3, "the hello's settings, none, the frame"
    assert [error.code for error in desk.hear(A) if isinstance(error, m.Error)] == ["restyle_failed"] * 3


def test_other_models_are_loaded_when_asked_for() -> None:
    loaded: list[str] = []

    def load(name: str) -> InvertEngine:
        loaded.append(name)
        if name == "huge":
            raise ModelUnavailable("It needs a GPU.", hint="Buy one.")
        return InvertEngine(name)

    desk = Desk(load=load, models=["small", "other", "huge"])
    desk.greet(A)
    assert desk.work() and loaded == ["small"]
    desk.say(A, m.UpdateSettings({"model": "other"}, 1), m.SendFrame(frame(1)))
    desk.work()
    applied, result = desk.hear(A)
    assert isinstance(applied, m.SettingsApplied)
    assert isinstance(result, m.SendResult) and result.result.model == "other"
    desk.say(A, m.UpdateSettings({"model": "huge"}, 2), m.SendFrame(frame(2)))
    desk.work()
    error, result = desk.hear(A)
    assert isinstance(error, m.Error) and (error.code, error.hint) == ("unknown_model", "Buy one.")
    assert isinstance(result, m.SendResult) and result.result.model == "other"
