"""A browser and a page in it. Tests that need them are skipped where Playwright is missing."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from page_stage import Stage

FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)


@pytest.fixture(scope="module")
def browser(chromium: str) -> Iterator[Any]:
    sync_api = pytest.importorskip("playwright.sync_api", reason="needs playwright: pip install playwright")
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
