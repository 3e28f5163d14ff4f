"""The emulator's page for everyone: by keyboard, by screen reader (axe), in light and dark, on a phone."""

from __future__ import annotations

from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe  # type: ignore[import-untyped]
from pagerduty_emulator import Emulator
from playwright.sync_api import Page, expect

from . import scene
from .conftest import Open

DESKTOP = {"width": 1280, "height": 900}
PHONE = {"width": 375, "height": 740}
FOCUSED = """() => {
  const at = document.activeElement, style = getComputedStyle(at), box = at.getBoundingClientRect();
  return {
    name: (at.textContent.trim() || at.name || at.id).replace(/\\s+/g, " "),
    id: at.id,
    isBody: at === document.body,
    outline: style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 2,
    isInside: box.width > 0 && box.bottom > 0 && box.top < innerHeight,
    order: [...document.querySelectorAll("*")].indexOf(at),
  };
}"""


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("viewport", [DESKTOP, PHONE], ids=["desktop", "phone"])
def test_axe_finds_nothing_on_the_overview(
    open_page: Open, emulator: Emulator, viewport: dict[str, int], scheme: str
) -> None:
    made = scene.play(emulator)["PCHECKT"]
    page = open_page(viewport=viewport, color_scheme=scheme)
    page.locator(f"#test-{made['id']}").click()
    expect(page.locator("#notice p")).to_be_visible()
    is_accessible(page)


@pytest.mark.parametrize(
    ("viewport", "scheme"), [(DESKTOP, "dark"), (PHONE, "light")], ids=["desktop-dark", "phone-light"]
)
def test_axe_finds_nothing_on_other_pages(
    open_page: Open, emulator: Emulator, viewport: dict[str, int], scheme: str
) -> None:
    made = scene.play(emulator)["PCHECKT"]
    incident = emulator.alerts()[0]["incident"]
    page = open_page(made["html_url"] + "?key", viewport=viewport, color_scheme=scheme)
    is_accessible(page)
    orchestration = emulator.add_event_orchestration("Shop events")
    (routed,) = emulator.orchestration_integrations(orchestration)
    orchestrated = f"/event_orchestrations/{orchestration}"
    paths = ("/users", "/vendors?query=cloud", "/escalation_policies/PESHOP1", orchestrated)
    for path in (incident["html_url"], *paths, f"{orchestrated}/integrations/{routed['id']}?key"):
        page.goto(emulator.url + path.removeprefix(emulator.url))
        is_accessible(page)


def is_accessible(page: Page) -> None:
    """By axe, and without anything to scroll to at the side."""
    results = Axe().run(page)
    assert results.violations_count == 0, f"{page.url}: {results.generate_report()}"
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), page.url


def stops(page: Page) -> list[dict[str, Any]]:
    """The stops of the tabulator key, in turn."""
    found: list[dict[str, Any]] = []
    for _ in range(100):
        page.keyboard.press("Tab")
        stop: dict[str, Any] = page.evaluate(FOCUSED)
        if stop["isBody"] or (found and stop["order"] == found[0]["order"]):
            return found
        found.append(stop)
    raise AssertionError("the tabulator key leads nowhere")


def by_keyboard(page: Page, name: str) -> None:
    """Go there by the tabulator key."""
    for _ in range(100):
        page.keyboard.press("Tab")
        if page.evaluate(FOCUSED)["name"] == name:
            return
    raise AssertionError(f"the tabulator key does not lead to {name!r}")


def test_the_focus_goes_through_the_page_in_order_and_shows(open_page: Open, emulator: Emulator) -> None:
    scene.play(emulator)
    found = stops(open_page(viewport=DESKTOP))
    names = [stop["name"] for stop in found]
    assert names[0] == "Skip to content"
    for name in ("Acknowledge Checkout answers slowly: 4.2 s", "Send test event", "Switch on", "Set"):
        assert name in names, names
    assert "Show key of CloudWatch alarms" in names
    assert [stop["order"] for stop in found] == sorted(stop["order"] for stop in found)
    assert [stop["name"] for stop in found if not (stop["outline"] and stop["isInside"])] == []


def test_an_alert_is_acknowledged_and_resolved_by_keyboard(open_page: Open, emulator: Emulator) -> None:
    scene.play(emulator)
    page = open_page(viewport=DESKTOP)
    by_keyboard(page, "Acknowledge Checkout answers slowly: 4.2 s")
    next_step = page.locator(f"#{page.evaluate(FOCUSED)['id']}")
    page.keyboard.press("Enter")
    expect(next_step).to_contain_text("Resolve")
    expect(next_step).to_be_focused()
    page.keyboard.press("Enter")
    expect(next_step).to_have_text("Checkout answers slowly: 4.2 s")  # the alert's link: the button is gone
    expect(next_step).to_be_focused()
    assert emulator.alerts()[-1]["status"] == "resolved"
    page.keyboard.press("Tab")  # on from there, not from the top
    expect(page.locator("#alerts li").first.get_by_role("link", name="Checkout", exact=True)).to_be_focused()


def test_the_key_is_shown_by_keyboard(open_page: Open, emulator: Emulator) -> None:
    made = scene.play(emulator)["PCHECKT"]
    page = open_page(viewport=DESKTOP)
    button = page.locator(f"#key-{made['id']} button")
    button.focus()
    page.keyboard.press("Space")
    expect(page.locator(f"#key-{made['id']} code")).to_have_text(made["integration_key"])
    expect(button).to_be_focused()
