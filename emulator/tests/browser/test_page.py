"""The emulator's page in a real browser: what changes shows at once, and every button and form does what it says."""

from __future__ import annotations

import re
from typing import Any

import pagerduty_emulator
from pagerduty_emulator import Emulator
from pagerduty_emulator.faults import KINDS
from playwright.sync_api import Locator, Page, Route, expect

from emulator.tests.client import Client
from tests.support import free_port

from . import scene
from .conftest import Open


def alert(page: Page, summary: str) -> Locator:
    return page.locator("#alerts li").filter(has_text=summary)


def notice(page: Page) -> Locator:
    return page.locator("#notice")


def test_what_happens_shows_without_a_reload(open_page: Open, emulator: Emulator, api: Client) -> None:
    page = open_page()
    page.evaluate("window.loadedOnce = true")
    made = scene.create(api, "PCHECKT", scene.INTEGRATIONS["PCHECKT"])
    row = page.locator(f"#integration-{made['id']}")
    expect(row).to_contain_text("CloudWatch alarms")
    expect(row).to_contain_text("Amazon CloudWatch")
    expect(row.locator("time")).to_have_text("just now")
    api.headers["User-Agent"] = "some-client/1.2"
    scene.send(api, made["integration_key"], "Disk is full")
    expect(alert(page, "Disk is full")).to_contain_text("Open")
    expect(page.locator("#events")).to_contain_text("alert triggered")
    expect(page.locator("#service-PCHECKT h3")).to_contain_text("critical")
    request = page.locator("#requests tbody tr").first
    expect(request).to_contain_text("POST /v2/enqueue")
    expect(request).to_contain_text("202")
    expect(request).to_contain_text("some-client/1.2")
    expect(request.locator(".number")).to_have_text(re.compile(r"\d m?s"))
    emulator.delete_integration(made["id"])  # from another thread, without a request
    expect(row).to_have_count(0)
    assert page.evaluate("window.loadedOnce") is True


def test_an_alert_is_acknowledged_and_resolved_by_clicks(open_page: Open, emulator: Emulator) -> None:
    scene.play(emulator)
    page = open_page()
    row = alert(page, "Checkout answers slowly")
    row.get_by_role("button", name="Acknowledge").click()
    expect(row).to_contain_text("Acknowledged")
    expect(notice(page)).to_have_text("Acknowledged: Checkout answers slowly: 4.2 s.")
    row.get_by_role("button", name="Resolve").click()
    expect(row.locator(".pill")).to_have_text("Resolved")
    expect(row.get_by_role("button")).to_have_count(0)
    assert [each["status"] for each in emulator.alerts()] == ["resolved", "triggered", "resolved"]


def test_a_test_event_and_a_test_mail(open_page: Open, emulator: Emulator) -> None:
    made = scene.play(emulator)
    page = open_page()
    for service in ("PCHECKT", "PAYMNT2"):
        page.locator(f"#test-{made[service]['id']}").click()
        expect(notice(page)).to_have_text("Test event sent: alert triggered.")
        integration = page.locator("#alerts li").first.locator(".meta a").last
        expect(integration).to_have_text(made[service]["name"])
    page.goto(made["PCHECKT"]["html_url"])
    page.get_by_label("Summary").fill("Cart is empty")
    page.get_by_label("Severity").select_option("warning")
    page.get_by_role("button", name="Send").click()
    expect(alert(page, "Cart is empty")).to_contain_text("warning")
    page.get_by_role("link", name="Cart is empty").click()
    page.get_by_role("button", name="Acknowledge").click()
    expect(page.locator("#facts")).to_contain_text("Acknowledged")


def test_a_requested_key_stays_visible_while_the_page_changes(open_page: Open, emulator: Emulator, api: Client) -> None:
    made = scene.play(emulator)["PCHECKT"]
    page = open_page()
    assert made["integration_key"] not in page.content()
    field = page.locator(f"#key-{made['id']}")
    field.get_by_role("button", name="Show key").click()
    expect(field.locator("code")).to_have_text(made["integration_key"])
    emulator.faults.clear()
    scene.create(api, "PCHECKT", {"name": "Another", "type": "events_api_v2_inbound_integration"})
    expect(page.locator("#services")).to_contain_text("Another")
    expect(field.locator("code")).to_have_text(made["integration_key"])
    field.get_by_role("button", name="Hide key").click()
    expect(field.locator("code")).to_have_count(0)
    assert made["integration_key"] not in page.content()


def test_no_key_is_in_the_stream_of_requests(open_page: Open, emulator: Emulator, api: Client) -> None:
    key = scene.play(emulator)["PCHECKT"]["integration_key"]
    page = open_page()
    api.headers["User-Agent"] = f"tool/1 ({key})"
    for path in (f"/integration/{key}/enqueue", f"/integration/{key}/no-such-address", f"/services?routing_key={key}"):
        api.post(path, json={"summary": "By its address"})
    expect(page.locator("#requests")).to_contain_text("/integration/KEY/no-such-address")
    expect(page.locator("#requests tbody tr").first).to_contain_text("/services")
    assert key not in page.content()


def test_faults_are_switched_on_and_off(open_page: Open, emulator: Emulator, api: Client) -> None:
    page = open_page()
    kinds = page.get_by_label("What the client gets")
    assert [each.get_attribute("value") for each in kinds.locator("option").all()] == list(KINDS)
    kinds.select_option("status")
    page.get_by_label("Method").select_option("GET")
    page.get_by_label("Path").fill("/vendors")
    page.get_by_role("combobox", name="Requests").select_option("all")
    page.get_by_role("button", name="Switch on").click()
    shown = page.locator("#faults li")
    expect(shown).to_contain_text("GET /vendors")
    assert [api.get(path).status_code for path in ("/vendors", "/services", "/vendors")] == [503, 200, 503]
    expect(shown).to_contain_text("2 hits")
    expect(page.locator("#requests tr").filter(has_text="fault: status")).to_have_count(2)
    shown.get_by_role("button", name="Switch off").click()
    expect(page.locator("#faults")).to_have_text("No fault is on.")
    assert api.get("/vendors").status_code == 200


def test_a_path_that_is_none_is_refused_in_words(open_page: Open, emulator: Emulator) -> None:
    page = open_page()
    page.get_by_label("Path").fill("vendors")
    page.get_by_role("button", name="Switch on").click()
    expect(notice(page)).to_contain_text("a path begins with /")
    assert emulator.faults.all() == []


def test_rate_limits_and_latency_are_set(open_page: Open, emulator: Emulator, api: Client) -> None:
    page = open_page()
    fields = {name: page.get_by_label(name) for name in ("REST calls a minute", "Events a minute", "Latency")}
    for field, value in zip(fields.values(), ("2", "120", "1.5"), strict=True):
        field.fill(value)
    page.get_by_role("button", name="Set", exact=True).click()
    for text in ("2 REST calls every 60", "120 events every 60", "2 ms late"):
        expect(page.locator("#limits")).to_contain_text(text)
    expect(notice(page)).to_have_text("Set: 2 calls and 120 events a minute, 1.5 ms of latency.")
    assert [api.get("/services").status_code for _ in range(3)] == [200, 200, 429]
    assert (emulator.settings.events_rate_limit, emulator.settings.latency) == (120, 0.0015)
    fields["REST calls a minute"].fill("a few")
    page.get_by_role("button", name="Set", exact=True).click()
    expect(notice(page)).to_contain_text("a limit must be a whole number a minute, or empty; not 'a few'")
    for field in fields.values():
        field.fill("")
    page.get_by_role("button", name="Set", exact=True).click()
    expect(page.locator("#limits")).to_contain_text("no limit of REST calls; no limit of events; no latency")
    assert (emulator.settings.rate_limit, emulator.settings.events_rate_limit, emulator.settings.latency) == (
        None,
        None,
        0,
    )


def test_what_somebody_types_stays_while_the_page_changes(open_page: Open, emulator: Emulator) -> None:
    scene.play(emulator)
    page = open_page()
    page.get_by_label("Path").type("/services/*")
    emulator.send_test_event(emulator.integrations()[0]["id"], "Meanwhile")
    expect(alert(page, "Meanwhile")).to_be_visible()
    page.keyboard.type("/integrations")
    expect(page.get_by_label("Path")).to_have_value("/services/*/integrations")


def test_services_are_found_by_name(open_page: Open, emulator: Emulator) -> None:
    scene.play(emulator)
    page = open_page()
    page.get_by_label("Services whose names contain").fill("check")
    page.keyboard.press("Enter")
    expect(page.locator("#live")).to_have_text("Live")
    expect(page.locator("#services h3 a")).to_have_text(["Checkout"])
    emulator.add_service("Checks and balances")
    expect(page.locator("#services .chips")).to_have_text("Checks and balances")


def test_it_rests_when_paused(open_page: Open, emulator: Emulator) -> None:
    scene.play(emulator)
    page = open_page()
    page.get_by_role("link", name="Pause").click()
    expect(page.locator("#live")).to_have_text("Paused")
    alert(page, "Checkout answers slowly").get_by_role("button", name="Acknowledge").click()
    expect(page).to_have_url(f"{emulator.url}/?paused")
    expect(alert(page, "Checkout answers slowly")).to_contain_text("Acknowledged")
    assert page.evaluate("performance.getEntriesByType('resource').filter(e => e.name.includes('live')).length") == 0
    page.get_by_role("link", name="Resume").click()
    expect(page.locator("#live")).to_have_text("Live")


def test_it_works_without_scripts(open_page: Open, emulator: Emulator) -> None:
    made = scene.play(emulator)["PCHECKT"]
    page = open_page(java_script_enabled=False, live=False)
    alert(page, "Checkout answers slowly").get_by_role("button", name="Acknowledge").click()
    expect(alert(page, "Checkout answers slowly")).to_contain_text("Acknowledged")
    page.locator(f"#key-{made['id']} button").click()
    expect(page.locator("#key pre").first).to_have_text(made["integration_key"])


def test_it_is_live_though_its_scripts_come_late(open_page: Open, emulator: Emulator) -> None:
    page = open_page()
    held: list[Route] = []
    page.route("**/hx-sse.min.js", lambda route: held.append(route))  # noqa: PLW0108 (Playwright wants a function)
    with page.expect_request("**/hx-sse.min.js"):
        page.reload(wait_until="commit")  # it is not loaded before the script is
    # By a timer: without a body, which the parser has not reached, the browser draws no frame to look at.
    page.wait_for_function("() => typeof htmx === 'object'", polling=20)
    expect(page.locator("#live")).to_have_count(0)
    for route in held:
        route.continue_()
    expect(page.locator("#live")).to_have_text("Live")


def test_it_says_when_the_emulator_is_gone_and_comes_back_with_it(browser: Any) -> None:
    port = free_port()
    with pagerduty_emulator.serve(port=port) as emulator:
        page = browser.new_page()
        page.goto(emulator.url)
        expect(page.locator("#live")).to_have_text("Live")
    expect(page.locator("#live")).to_have_text("Not connected")
    with pagerduty_emulator.serve(port=port) as emulator:
        emulator.add_service("After the break")
        expect(page.locator("#services")).to_contain_text("After the break")
        expect(page.locator("#live")).to_have_text("Live")
        page.context.close()


def test_what_others_send_is_shown_and_not_run(open_page: Open, emulator: Emulator, api: Client) -> None:
    nasty = """</hx-partial><script>alert(1)</script>"'><img src=x onerror=alert(1) hx-get="/x" hx-trigger="load">"""
    made = scene.create(api, "PCHECKT", {"name": nasty, "type": "events_api_v2_inbound_integration"})
    page = open_page()
    scene.send(api, made["integration_key"], f"{nasty}\r\nthe end")
    api.get(f"/services?query={nasty}", headers={"User-Agent": nasty.replace("'", "")})
    expect(alert(page, nasty)).to_contain_text("the end")
    expect(page.locator("#services .title")).to_have_text(nasty)
    expect(page.locator("#requests .agent").first).to_contain_text("<img")
    assert page.locator("main img").count() == 0


def test_many_changes_at_once(open_page: Open, emulator: Emulator, api: Client) -> None:
    count = 60
    key = scene.play(emulator)["PCHECKT"]["integration_key"]
    page = open_page()
    for number in range(count):
        scene.send(api, key, f"Number {number}")
    expect(page.locator("#alerts li").first).to_contain_text(f"Number {count - 1}")
    expect(page.locator("#alerts li")).to_have_count(20)
    expect(page.locator("#requests tbody tr")).to_have_count(50)
