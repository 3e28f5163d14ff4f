"""The page with long names, with a font of the system's own, and while things change."""

from __future__ import annotations

from pagerduty_emulator import Emulator
from playwright.sync_api import Page, expect

from . import scene
from .conftest import Open

LEFTS = "(at) => [...document.querySelectorAll(at)].map(each => Math.round(each.getBoundingClientRect().left))"
OVERFLOWS = "document.documentElement.scrollWidth > innerWidth"
CUT = """() => [...document.querySelectorAll("input[placeholder]")].filter(at => {
  const context = document.createElement("canvas").getContext("2d"), style = getComputedStyle(at);
  context.font = style.font;
  const inside = at.clientWidth - parseFloat(style.paddingLeft) - parseFloat(style.paddingRight);
  return context.measureText(at.placeholder).width > inside;
}).map(at => at.placeholder)"""


def lefts(page: Page, selector: str) -> set[int]:
    """The left edges of all elements."""
    return set(page.evaluate(LEFTS, selector))


def test_columns_are_aligned_and_placeholders_whole_in_any_font(open_page: Open, emulator: Emulator) -> None:
    scene.play(emulator)
    page = open_page(viewport={"width": 1280, "height": 900})
    for font in ("serif", "monospace", "sans-serif"):
        page.evaluate("(font) => document.body.style.setProperty('font-family', font)", font)
        assert len(lefts(page, ".alerts .what")) == 1, font
        assert len(lefts(page, ".alerts .act button")) == 1, font
        assert len(lefts(page, ".events .what")) == 1, font
        assert page.evaluate(CUT) == [], font


def test_long_names_wrap(open_page: Open, emulator: Emulator) -> None:
    made = scene.play(emulator)["PCHECKT"]
    emulator.edit_integration(made["id"], name="x" * 255)
    emulator.add_service("y" * 255)
    orchestration = emulator.add_event_orchestration("z" * 255)
    emulator.send_test_event(made["id"], "w" * 500)
    for width in (375, 1280):
        page = open_page(viewport={"width": width, "height": 900})
        assert not page.evaluate(OVERFLOWS), width
        for path in (made["html_url"], f"/event_orchestrations/{orchestration}", "/services"):
            page.goto(emulator.url + path.removeprefix(emulator.url))
            assert not page.evaluate(OVERFLOWS), (width, path)


def test_buttons_stay_where_they_are(open_page: Open, emulator: Emulator) -> None:
    made = scene.play(emulator)["PCHECKT"]
    page = open_page(viewport={"width": 1280, "height": 900})
    alert = page.locator("#alerts li").first
    for at, after in ((alert.locator("button"), "Resolve"), (page.locator(f"#toggle-{made['id']}"), "Hide key")):
        before = at.bounding_box()
        at.click()
        expect(at).to_contain_text(after)
        assert at.bounding_box() == before
