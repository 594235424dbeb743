"""The live page in a real browser while programs, sessions and other pages come and go."""

from __future__ import annotations

from typing import Any

import pytest
from page_stage import Stage

from framegen.config import Settings
from framegen.viewer import Figures, ViewerBridge


def wait_for_change(page: Any, stage: Stage, change: dict[str, Any]) -> None:
    for _ in range(600):
        if change in stage.changes:
            return
        page.wait_for_timeout(100)
    raise AssertionError(f"{change} is not among {stage.changes}")


def test_the_page_comes_back_when_its_program_does(page: Any, stage: Stage) -> None:
    port = int(stage.bridge.url.rsplit(":", 1)[1].strip("/"))
    stage.bridge.close()
    page.wait_for_selector("#stage[data-state=lost]")
    again = Stage()
    again.bridge = ViewerBridge(again._change, port=port, title="again")
    with again.bridge:
        again.bridge.state("live")
        again.frame_id = 99
        again.publish()
        page.wait_for_selector("#stage[data-state=live][data-frame='100']")


def test_one_page_too_many_says_so_and_waits_for_its_turn(
    page: Any, stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("framegen.viewer.server.MAX_PAGES", 1)
    second = page.context.browser.new_page()
    second.goto(stage.bridge.url)
    second.wait_for_selector("#veil-detail:has-text('close one')")
    page.close()
    second.wait_for_selector("#stage:not([data-state=lost])")
    second.close()


def test_what_is_typed_while_the_program_is_away_is_said_when_it_is_back(page: Any, stage: Stage) -> None:
    port = int(stage.bridge.url.rsplit(":", 1)[1].strip("/"))
    stage.bridge.close()
    page.wait_for_selector("#stage[data-state=lost]")
    page.fill("#prompt", "thick fog")
    page.wait_for_timeout(400)  # longer than the page waits for more letters
    page.evaluate("document.activeElement.blur()")
    again = Stage()
    again.bridge = ViewerBridge(again._change, port=port, title="again")
    with again.bridge:
        again.bridge.state("live")
        again.bridge.settings(again.settings)
        wait_for_change(page, again, {"prompt": "thick fog"})
        page.wait_for_selector("#words span:text-is('thick')")
        assert page.input_value("#prompt") == "thick fog"


def test_a_prompt_changed_elsewhere_shows_as_soon_as_nobody_is_at_it(page: Any, stage: Stage) -> None:
    page.focus("#prompt")
    stage._change("main", {"prompt": "night"})
    page.wait_for_selector("#words:has-text('night')")
    assert page.input_value("#prompt") == "noon"
    page.evaluate("document.activeElement.blur()")
    assert page.input_value("#prompt") == "night"


def test_a_page_goes_on_with_its_session_after_a_lost_connection(page: Any, stage: Stage) -> None:
    stage.bridge.name("first", "main")
    stage.bridge.name("second", "other")
    stage.bridge.state("live", channel="other")
    figures = Figures(lambda: 0)
    figures.superseded(7)
    stage.bridge.figures(figures.snapshot(), "main")
    page.wait_for_selector("#superseded:text-is('7')")
    page.select_option("#channel", "other")
    page.wait_for_selector("#superseded:text-is('0')")
    port = int(stage.bridge.url.rsplit(":", 1)[1].strip("/"))
    stage.bridge.close()
    page.wait_for_selector("#stage[data-state=lost]")
    again = Stage()
    again.bridge = ViewerBridge(again._change, port=port, title="again")
    again.bridge.state("live")
    again.bridge.state("live", channel="other")
    again.bridge.settings(Settings(prompt="of the second"), ("second",), channel="other")
    with again.bridge:
        page.wait_for_selector("#words span:text-is('second')")
        assert page.input_value("#prompt") == "of the second"
        assert page.input_value("#channel") == "other"


def test_a_page_without_a_session_says_nothing_of_the_last_one(page: Any, stage: Stage) -> None:
    stage.bridge.drop("main")
    page.wait_for_selector("#veil-detail:text-is('No program is connected.')")
    assert page.inner_text("#words") == ""


def test_every_state_says_what_it_is(page: Any, stage: Stage) -> None:
    for state, says in (("connecting", "Connecting"), ("waiting", "Waiting"), ("lost", "gone"), ("failed", "go on")):
        stage.bridge.state(state, "Because." if state == "failed" else "")  # type: ignore[arg-type]
        page.wait_for_selector(f"#stage[data-state={state}] #veil")
        assert says in page.inner_text("#veil-text")
    assert page.inner_text("#veil-detail") == "Because."
    stage.bridge.state("live")
    page.wait_for_selector("#veil", state="hidden")
    stage.bridge.state("failed", "No memory is left.")
    page.wait_for_selector("#veil-detail:text-is('No memory is left.')")
    stage.bridge.close()
    page.wait_for_timeout(700)  # the page tries to connect again meanwhile
    assert page.inner_text("#veil-detail") == "No memory is left.", "why it ended stays"
