"""The live page in a real browser."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np
import pytest

from framegen.config import Settings
from framegen.frame import How
from framegen.viewer import Figures, Pair, ViewerBridge

sync_api = pytest.importorskip("playwright.sync_api", reason="needs playwright: pip install playwright")

FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
RED, BLUE = (200, 30, 30), (30, 30, 200)


class Stage:
    """A bridge with a moving pair on it, and what the page said."""

    def __init__(self) -> None:
        self.changes: list[dict[str, Any]] = []
        self.settings = Settings(prompt="noon", sun="prompt")
        self.bridge = ViewerBridge(self._change, title="framegen test")
        self.frame_id = 0

    def _change(self, _channel: str, changes: Mapping[str, Any]) -> None:
        self.changes.append(dict(changes))
        self.settings = self.settings.updated(changes)
        self.bridge.settings(self.settings, (self.settings.prompt.split()[0],), tuple(self.settings.prompt.split()[1:]))

    def publish(self, height: int = 72, width: int = 128) -> None:
        self.frame_id += 1
        pictures = [np.full((height, width, 3), color, np.uint8) for color in (RED, BLUE)]
        self.bridge.publish(Pair(pictures[0], pictures[1], self.frame_id))


@pytest.fixture(scope="module")
def browser(chromium: str) -> Iterator[Any]:
    with sync_api.sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=FLAGS)
        yield browser
        browser.close()


@pytest.fixture
def stage() -> Iterator[Stage]:
    stage = Stage()
    with stage.bridge:
        yield stage


@pytest.fixture
def page(browser: Any, stage: Stage) -> Iterator[Any]:
    page = browser.new_page(viewport={"width": 1280, "height": 800})
    page.set_default_timeout(60_000)
    problems: list[str] = []
    page.on("pageerror", lambda error: problems.append(str(error)))
    page.on("console", lambda line: problems.append(line.text) if line.type == "error" else None)
    stage.bridge.state("live", model="embedded", device="CPU")
    stage.bridge.settings(stage.settings, ("noon",))
    stage.publish()
    page.goto(stage.bridge.url)
    page.wait_for_selector("#stage[data-seen]")
    page.problems = problems
    yield page
    page.close()


def pixel(page: Any, canvas: str) -> list[int]:
    found: list[int] = page.evaluate(
        "id => [...document.getElementById(id).getContext('2d').getImageData(9, 9, 1, 1).data].slice(0, 3)", canvas
    )
    return found


def test_both_pictures_are_drawn_and_go_on(page: Any, stage: Stage) -> None:
    np.testing.assert_allclose(pixel(page, "source"), RED, atol=6)
    np.testing.assert_allclose(pixel(page, "restyled"), BLUE, atol=6)
    for frame_id in (2, 3, 4):
        stage.publish()
        page.wait_for_selector(f"#stage[data-frame='{frame_id}']")
    assert page.title() == "framegen test"
    assert "embedded" in page.inner_text("#about")
    assert page.problems == []


def test_the_divider_follows_pointer_and_keys(page: Any) -> None:
    box = page.locator("#stage").bounding_box()
    page.mouse.move(box["x"] + 0.5 * box["width"], box["y"] + 60)
    page.mouse.down()
    page.mouse.move(box["x"] + 0.25 * box["width"], box["y"] + 60, steps=4)
    page.mouse.up()
    assert abs(int(page.input_value("#split")) - 250) <= 4
    page.focus("#split")
    page.keyboard.press("ArrowRight")
    assert abs(int(page.input_value("#split")) - 270) <= 4
    assert "27 % engine" in page.get_attribute("#split", "aria-valuetext")
    page.keyboard.press("End")
    assert page.input_value("#split") == "1000"
    page.reload()
    page.wait_for_selector("#stage[data-seen]")


def test_typing_a_prompt_takes_effect_by_itself_and_once(page: Any, stage: Stage) -> None:
    page.fill("#prompt", "")
    page.locator("#prompt").press_sequentially("fog")
    # the rest faster than any machine is slow: in one go of the page's own
    page.evaluate(
        """text => {
            const box = document.getElementById("prompt");
            for (const letter of text) {
                box.value += letter;
                box.dispatchEvent(new Event("input", { bubbles: true }));
            }
        }""",
        " with dragons",
    )
    page.wait_for_selector("#words:has-text('dragons')")
    assert stage.changes[-1] == {"prompt": "fog with dragons"}
    assert len(stage.changes) <= 5, "not once a letter"
    assert page.inner_text("#words span") == "fog"
    assert page.input_value("#prompt") == "fog with dragons", "what one types is not overwritten"


def test_presets_and_sliders(page: Any, stage: Stage) -> None:
    page.click("text=Winter snow")
    page.wait_for_selector("#presets button[aria-pressed=true]:has-text('Winter snow')")
    page.wait_for_selector("#words:has-text('winter')")
    assert "snow" in stage.changes[-1]["prompt"]
    page.fill("#intensity", "0.4")
    page.fill("#strength", "0.9")
    page.check("input[name=sun][value=light]")
    page.wait_for_selector("input[name=sun][value=light]:checked")
    wanted = {"intensity": 0.4, "strength": 0.9, "sun": "light"}
    for _ in range(600):
        told = {key: value for change in stage.changes for key, value in change.items()}
        if told.items() >= wanted.items():
            break
        page.wait_for_timeout(100)
    assert told.items() >= wanted.items()
    assert page.inner_text("#intensity-value") == "40 %"


def test_figures_are_shown(page: Any, stage: Stage) -> None:
    figures = Figures(lambda: 0)
    for _ in range(5):
        figures.answered(How.GENERATED, 31.25, {"model": 14.0, "temporal": 5.0})
    figures.superseded(1234)
    for _ in range(2):
        stage.bridge.figures({**figures.snapshot(), "fps": 29.7})
    page.wait_for_selector("#fps:text-is('30')")
    assert page.inner_text("#p50").replace("\n", "") == "31.2ms"
    assert page.inner_text("#superseded") == "1,234"
    assert "14.0 ms" in page.inner_text("#legend")


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


def test_it_fits_a_phone(browser: Any, stage: Stage) -> None:
    phone = browser.new_page(viewport={"width": 360, "height": 740}, device_scale_factor=2, has_touch=True)
    phone.set_default_timeout(60_000)
    stage.bridge.state("live")
    stage.bridge.settings(stage.settings)
    stage.publish()
    phone.goto(stage.bridge.url)
    phone.wait_for_selector("#stage[data-seen]")
    assert phone.evaluate("document.documentElement.scrollWidth") <= 360
    assert phone.locator("#stage").bounding_box()["width"] == 360
    assert phone.locator("#prompt").bounding_box()["y"] < 740, "the prompt is in reach at once"
    phone.close()


def wait_for_change(page: Any, stage: Stage, change: dict[str, Any]) -> None:
    for _ in range(600):
        if change in stage.changes:
            return
        page.wait_for_timeout(100)
    raise AssertionError(f"{change} is not among {stage.changes}")


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


def test_no_word_is_wider_than_the_page(page: Any, stage: Stage) -> None:
    stage.bridge.settings(Settings(prompt="x" * 2000), (), ("x" * 2000,))
    page.wait_for_selector("#words s")
    assert page.evaluate("document.documentElement.scrollWidth") <= 1280


def test_every_control_has_a_name(page: Any) -> None:
    for role, names in (
        ("slider", ("How much of the engine's own frame to show", "Intensity", "Strength")),
        ("textbox", ("Prompt",)),
        ("radio", ("the prompt", "the engine's light")),
        ("button", ("Full screen", "Golden hour")),
    ):
        for name in names:
            assert page.get_by_role(role, name=name, exact=True).count() == 1, name


def test_a_browser_that_keeps_nothing_for_sites_shows_the_page(browser: Any, stage: Stage) -> None:
    strict = browser.new_page()
    strict.set_default_timeout(60_000)
    strict.add_init_script(
        "Object.defineProperty(window, 'sessionStorage', { get() { throw new DOMException('', 'SecurityError'); } })"
    )
    stage.bridge.state("live")
    stage.publish()
    strict.goto(stage.bridge.url)
    strict.wait_for_selector("#stage[data-seen]")
    strict.fill("#split", "300")
    strict.close()


def test_a_page_without_a_session_says_nothing_of_the_last_one(page: Any, stage: Stage) -> None:
    stage.bridge.drop("main")
    page.wait_for_selector("#veil-detail:text-is('No program is connected.')")
    assert page.inner_text("#words") == ""
