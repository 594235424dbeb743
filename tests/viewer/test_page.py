"""The live page in a real browser: what is on it, and what its controls do."""

from __future__ import annotations

from typing import Any

import numpy as np
from page_stage import BLUE, RED, Stage

from framegen.config import Settings
from framegen.frame import How
from framegen.viewer import Figures


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
    page.wait_for_selector("#fps:text-is('–')")  # nothing came any more: no rate is shown as if it went on


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


def test_the_divider_divides_the_picture_and_not_the_black_beside_it(browser: Any, stage: Stage) -> None:
    low = browser.new_page(viewport={"width": 844, "height": 390})
    low.set_default_timeout(60_000)
    stage.bridge.state("live")
    stage.publish(height=72, width=128)
    low.goto(stage.bridge.url)
    low.wait_for_selector("#stage[data-seen]")
    box = low.locator("#stage").bounding_box()
    assert abs(box["width"] / box["height"] - 128 / 72) < 0.02
    stage.publish(height=128, width=72)
    low.wait_for_selector("#stage[data-frame='2']")
    box = low.locator("#stage").bounding_box()
    assert abs(box["width"] / box["height"] - 72 / 128) < 0.02
    low.close()
