"""A real browser, and an account with something to look at."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from pagerduty_emulator import Emulator
from playwright.sync_api import Browser, BrowserContext, Page, expect, sync_playwright

from tests.support import HANG_SECONDS

from . import chromium

Open = Callable[..., Page]


# Not for the whole session: while it is there, no other test of this process could use asyncio.
@pytest.fixture(scope="package")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    """Chromium without a window, and without the home of the person who runs the tests."""
    path = chromium.require()
    expect.set_options(timeout=HANG_SECONDS * 1000)
    with sync_playwright() as playwright:
        home = {"HOME": str(tmp_path_factory.mktemp("home"))}
        browser = playwright.chromium.launch(executable_path=path, env={**os.environ, **home})
        yield browser
        browser.close()


@pytest.fixture
def open_page(browser: Browser, emulator: Emulator) -> Iterator[Open]:
    """Opens a page of the emulator, and waits until it is live; `live=False` where it is not to be.

    The page may load nothing from elsewhere and have no errors in its console.
    """
    contexts: list[BrowserContext] = []
    problems: list[str] = []

    def note(page: Page) -> None:
        page.on("pageerror", lambda error: problems.append(str(error)))
        page.on("console", lambda message: problems.append(message.text) if message.type == "error" else None)
        page.on(
            "request", lambda request: None if request.url.startswith(emulator.url) else problems.append(request.url)
        )

    def open_page(path: str = "/", *, live: bool = True, **options: Any) -> Page:
        context = browser.new_context(**options)
        contexts.append(context)
        context.set_default_timeout(HANG_SECONDS * 1000)
        page = context.new_page()
        note(page)
        page.goto(emulator.url + path.removeprefix(emulator.url))
        if live:
            expect(page.locator("#live")).to_have_text("Live")
        return page

    yield open_page
    for context in contexts:
        context.close()
    assert problems == []
