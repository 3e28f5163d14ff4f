"""The emulator's pages, as HTTP shows them; browser/ has them in a real browser."""

import re
import time
from collections.abc import Iterator
from typing import Any

import pytest
import requests
from pagerduty_emulator import Emulator
from pagerduty_emulator.api.addresses import REST
from pagerduty_emulator.faults import KINDS
from pagerduty_emulator.web.pages import ASSETS

from tests.support import HANG_SECONDS

from .client import Client

BROWSER = {"Accept": "text/html,application/xhtml+xml"}
HTMX = {"HX-Request": "true"}


def send(client: Client, key: str) -> None:
    payload = {"summary": "Disk is full", "source": "db1", "severity": "error"}
    client.post("/v2/enqueue", json={"routing_key": key, "event_action": "trigger", "payload": payload})


def test_the_overview(anonymous: Client, create: Any) -> None:
    made = create(name="<script>alert(1)</script>")
    send(anonymous, made["integration_key"])
    page = anonymous.get("/")
    assert page.headers["content-type"] == "text/html; charset=utf-8"
    assert "Checkout" in page.text
    assert "Disk is full" in page.text
    assert "<script>" not in page.text
    assert made["integration_key"] not in page.text


def test_pages_load_nothing_from_elsewhere_and_are_not_kept(anonymous: Client) -> None:
    page = anonymous.get("/")
    policy = page.headers["content-security-policy"]
    assert policy.startswith("default-src 'none'; script-src 'self'; style-src 'self'; ")
    assert "unsafe" not in policy
    assert page.headers["cache-control"] == "no-store"
    assert not re.search(r'(?:src|href)="(?!/|#|\?)', page.text)
    assert not re.search(r"<script(?! src)|<style| style=| on\w+=", page.text)


def test_every_link_of_the_overview_opens(anonymous: Client, create: Any) -> None:
    create(vendor={"id": "PZQ6AUS"})
    links = set(re.findall(r'<a [^>]*href="(/[^"]*)"', anonymous.get("/").text))
    assert {"/users", "/teams", "/escalation_policies", "/vendors", "/incidents"} <= links
    for link in links:
        assert anonymous.get(link, headers=BROWSER).status_code == 200, link


def test_assets(anonymous: Client) -> None:
    for name, content_type in ASSETS.items():
        answer = anonymous.get(f"/assets/{name}")
        assert (answer.status_code, answer.headers["content-type"]) == (200, content_type), name
    assert anonymous.get("/favicon.ico").headers["content-type"] == "image/svg+xml"


def test_looking_is_not_a_request_to_the_api(emulator: Emulator, anonymous: Client) -> None:
    for path in ("/", "/favicon.ico", "/assets/style.css", "/users", "/nothing-here"):
        anonymous.get(path, headers=BROWSER)
    assert list(emulator.requests) == []


def html_urls(value: Any) -> Iterator[str]:
    """Every `html_url` in JSON."""
    if isinstance(value, dict):
        if isinstance(value.get("html_url"), str):
            yield value["html_url"]
        value = list(value.values())
    if isinstance(value, list):
        for item in value:
            yield from html_urls(item)


def test_every_html_url_opens(emulator: Emulator, api: Client, anonymous: Client, create: Any) -> None:
    send(api, create(vendor={"id": "PZQ6AUS"})["integration_key"])
    team = api.post("/teams", json={"team": {"name": "Night shift"}}).json()["team"]["id"]
    api.put(f"/teams/{team}/users/POWNER1", json={"role": "manager"})
    incident = emulator.alerts()[0]["incident"]["id"]
    lists = [path for path, operations in REST.items() if "GET" in operations and "{" not in path]
    assert {"/services", "/users", "/teams", "/incidents", "/vendors"} <= set(lists)
    found: set[str] = set()
    for path in (*lists, "/services?include[]=integrations", f"/incidents/{incident}/alerts", f"/teams/{team}/members"):
        found.update(html_urls(api.get(path).json()))
    kinds = {url.removeprefix(emulator.url).split("/")[1] for url in found}
    assert {
        "service-directory", "services", "incidents", "alerts", "users", "teams", "escalation_policies"
    } <= kinds  # fmt: skip
    for url in found:
        page = anonymous.get(url, headers=BROWSER)
        assert (page.status_code, page.headers["content-type"]) == (200, "text/html; charset=utf-8"), url


def test_every_address_of_the_api_has_a_page(anonymous: Client, create: Any) -> None:
    """Each path of the API is shown as one object or as a list, without keys."""
    made = create()
    lists = [path for path, operations in REST.items() if "GET" in operations and "{" not in path]
    for path in (*lists, "/services/PCHECKT", "/vendors/PZQ6AUS", "/services?include[]=integrations"):
        page = anonymous.get(path, headers=BROWSER)
        assert page.status_code == 200, path
        assert "<h1>" in page.text, path
        assert made["integration_key"] not in page.text, path
    assert "Amazon CloudWatch" in anonymous.get("/vendors", headers=BROWSER).text
    assert "offset=2&amp;limit=2" in anonymous.get("/vendors?limit=2", headers=BROWSER).text


def test_the_page_of_an_integration(emulator: Emulator, api: Client, anonymous: Client, create: Any) -> None:
    made = create(name="CloudWatch", vendor={"id": "PZQ6AUS"})
    page = anonymous.get(made["html_url"], headers=BROWSER)
    assert page.headers["cache-control"] == "no-store"
    assert "Amazon CloudWatch" in page.text
    assert made["integration_key"] not in page.text
    asked = anonymous.get(f"{made['html_url']}?key", headers=BROWSER).text
    assert f"/integration/{made['integration_key']}/enqueue" in asked
    assert api.get(made["html_url"]).json()["integration"] == made
    assert anonymous.get(made["html_url"]).status_code == 401
    send(api, made["integration_key"])
    (alert,) = emulator.alerts()
    for url in (alert["html_url"], alert["incident"]["html_url"]):
        assert "Disk is full" in anonymous.get(url, headers=BROWSER).text


def test_the_pages_of_an_event_orchestration(emulator: Emulator, api: Client, anonymous: Client) -> None:
    made = emulator.add_event_orchestration("Shop events", team="PTSHOP1")
    (integration,) = emulator.orchestration_integrations(made)
    key = integration["parameters"]["routing_key"]
    router = {"sets": [{"id": "start", "rules": []}], "catch_all": {"actions": {"route_to": "PCHECKT"}}}
    api.put(f"/event_orchestrations/{made}/router", json={"orchestration_path": router})
    assert emulator.send_test_event(integration["id"], "Disk is full") == "alert triggered: routed by the catch-all"
    page = f"/event_orchestrations/{made}"
    shown = {path: anonymous.get(path, headers=BROWSER) for path in ("/", "/event_orchestrations", page)}
    of_integration = f"{page}/integrations/{integration['id']}"
    shown |= {path: anonymous.get(path, headers=BROWSER) for path in (of_integration, f"{page}/router")}
    for path, answer in shown.items():
        assert answer.status_code == 200, path
        assert key not in answer.text, path
    assert "Checkout" in shown[page].text
    assert "Disk is full" in shown[of_integration].text
    assert all("Shop events Default Integration" in shown[path].text for path in ("/", page, of_integration))
    assert f"/x-ere/{key}" in anonymous.get(f"{of_integration}?key", headers=BROWSER).text


def test_an_empty_account_says_so(emulator: Emulator, anonymous: Client) -> None:
    for service in emulator.services():
        emulator.delete_service(service["id"])
    page = anonymous.get("/", headers=BROWSER).text
    assert "The account has no services yet" in page
    assert "contains" not in page.partition("The account has no")[2].partition("</section>")[0]
    assert "There are no services yet." in anonymous.get("/services", headers=BROWSER).text
    assert "There are no incidents yet." in anonymous.get("/incidents", headers=BROWSER).text


def test_lists_are_filtered_by_name(anonymous: Client) -> None:
    page = anonymous.get("/vendors?query=cloudwatch", headers=BROWSER).text
    assert "Amazon CloudWatch" in page
    assert "Datadog" not in page
    assert 'value="cloudwatch"' in page
    assert "No name contains “x y”" in anonymous.get("/vendors?query=x+y", headers=BROWSER).text
    more = anonymous.get("/vendors?query=cloud&limit=1", headers=BROWSER).text
    assert "offset=1&amp;limit=1&amp;query=cloud" in more


def test_names_of_the_api_are_words(anonymous: Client, create: Any) -> None:
    made = create(type="generic_email_inbound_integration")
    page = anonymous.get(made["html_url"], headers=BROWSER).text
    assert "On new e-mail subject" in page
    assert "E-mail incident creation" in page
    assert "Regenerate" not in page  # it has no key
    assert "Auto resolve timeout" in anonymous.get("/services/PCHECKT", headers=BROWSER).text


def test_pages_of_email_integrations(anonymous: Client, create: Any) -> None:
    made = create(type="generic_email_inbound_integration")
    assert made["integration_email"] in anonymous.get(made["html_url"], headers=BROWSER).text
    assert made["integration_email"] in anonymous.get("/").text


NOWHERE = [
    "/services/PCHECKT/integrations/PXXXXXX",
    "/service-directory/P",
    "/incidents/Q",
    "/alerts/Q",
    "/users/P",
    "/x",
]


@pytest.mark.parametrize("path", NOWHERE)
def test_pages_that_are_not_there(anonymous: Client, path: str) -> None:
    page = anonymous.get(path, headers=BROWSER)
    assert (page.status_code, "Not Found" in page.text) == (404, True)


def test_services_with_integrations_come_first(emulator: Emulator, anonymous: Client, create: Any) -> None:
    for number in range(150):
        emulator.add_service(f"A {number:03d}")
    create("PSUPP12")
    page = anonymous.get("/").text
    assert page.index("Customer Support") < page.index("A 001")
    assert "50 of 162 services" in page
    assert "A 149" in anonymous.get("/?q=149").text


def test_buttons_lead_back_to_the_page(emulator: Emulator, anonymous: Client, create: Any) -> None:
    made = create()
    path = f"/emulator/integrations/{made['id']}"
    answer = anonymous.post(f"{path}/move", data={"service": "PAYMNT2"}, headers={"Origin": emulator.url})
    assert (answer.status_code, answer.headers["location"]) == (303, f"/services/PAYMNT2/integrations/{made['id']}")
    assert anonymous.post(f"{path}/regenerate-key", data={"x": ""}).status_code == 303


@pytest.mark.parametrize(
    ("referer", "back"),
    [
        ("{url}/service-directory/PCHECKT?paused", "/service-directory/PCHECKT?paused"),
        ("https://evil.example/there", "/"),
        ("", "/"),
    ],
)
def test_a_form_without_scripts_leads_back(emulator: Emulator, anonymous: Client, referer: str, back: str) -> None:
    headers = {"Referer": referer.format(url=emulator.url)}
    answer = anonymous.post("/actions/limits", data={"rate_limit": "5", "latency": ""}, headers=headers)
    assert (answer.status_code, answer.headers["location"]) == (303, back)
    assert emulator.settings.rate_limit == 5


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_of_fault_can_be_switched_on(emulator: Emulator, anonymous: Client, kind: str) -> None:
    form = {"kind": kind, "method": "", "path": "", "times": "all", "after_commit": "yes"}
    assert anonymous.post("/actions/faults", data=form, headers=HTMX).status_code == 200
    (fault,) = emulator.faults.all()
    assert (fault.kind, fault.times, fault.strikes_after_commit) == (kind, None, True)
    anonymous.post(f"/actions/faults/{fault.id}/off", headers=HTMX)
    assert emulator.faults.all() == []


@pytest.mark.parametrize(
    ("path", "form", "problem"),
    [
        ("limits", {"rate_limit": "many"}, "a limit must be a whole number a minute"),
        ("limits", {"latency": "nan"}, "from 0 to 60000 milliseconds"),
        ("limits", {"latency": "-1"}, "from 0 to 60000 milliseconds"),
        ("faults", {"kind": "meteor"}, "kind of a fault must be one of"),
        ("faults", {"kind": "reset", "path": "vendors"}, "a path begins with /"),
        ("faults/7/off", {}, "fault 7 is off already"),
        ("incidents/QNONE/resolve", {}, "no incident QNONE"),
        ("integrations/PNONE/test", {}, "no integration PNONE"),
        ("integrations/PNONE/test", {"severity": "odd"}, "severity must be one of"),
    ],
)
def test_what_forms_refuse(emulator: Emulator, anonymous: Client, path: str, form: Any, problem: str) -> None:
    address = f"/actions/{path}"
    notice = anonymous.post(address, data=form, headers=HTMX)
    assert 'class="problem"' in notice.text
    assert problem in notice.text
    plain = anonymous.post(address, data=form)
    assert (plain.status_code, problem in plain.text) == (400, True)
    assert (emulator.faults.all(), emulator.alerts(), emulator.settings.latency) == ([], [], 0)


def test_people_acknowledge_and_resolve(emulator: Emulator, api: Client, create: Any) -> None:
    made = create()
    assert emulator.send_test_event(made["id"], "Disk is full") == "alert triggered"
    incident = emulator.alerts()[0]["incident"]["id"]
    assert emulator.acknowledge(incident) == "Disk is full"
    assert api.get(f"/incidents/{incident}").json()["incident"]["status"] == "acknowledged"
    emulator.resolve(incident)
    assert [alert["status"] for alert in emulator.alerts()] == ["resolved"]
    with pytest.raises(ValueError, match="resolved already"):
        emulator.acknowledge(incident)
    with pytest.raises(KeyError, match="no incident QNONE"):
        emulator.resolve("QNONE")


def test_the_log_tells_when_how_long_and_by_whom(emulator: Emulator, api: Client) -> None:
    emulator.settings.latency = 0.02
    api.get("/services", headers={"User-Agent": f"tool {'0123456789abcdef' * 2} " + "x" * 300})
    (logged,) = emulator.requests
    assert logged.user_agent.startswith("tool KEY xxx")
    assert len(logged.user_agent) == 200
    assert logged.seconds is not None
    assert 0.02 <= logged.seconds < 5
    assert 0 <= time.time() - logged.received_at < 60


def test_the_log_tells_how_long_an_unanswered_request_took(emulator: Emulator, api: Client) -> None:
    emulator.inject("reset")
    with pytest.raises(requests.ConnectionError):
        api.get("/services")
    api.get("/services")  # after it, the emulator has noticed the end of the first
    unanswered, answered = emulator.requests
    assert (unanswered.status, answered.status) == (None, 200)
    assert None not in (unanswered.seconds, answered.seconds)


@pytest.mark.parametrize("path", ["/integration/{key}/unknown", "/vendors?routing_key={key}", "/vendors?token=abc"])
def test_the_log_has_no_key_at_any_address(emulator: Emulator, api: Client, create: Any, path: str) -> None:
    key = create()["integration_key"]
    api.get(path.format(key=key))
    shown = str(emulator.requests[-1])
    assert key not in shown
    assert "abc" not in shown


@pytest.mark.parametrize("origin", ["https://evil.example", "null"])
def test_forms_of_other_sites_do_nothing(emulator: Emulator, anonymous: Client, origin: str) -> None:
    answer = anonymous.post("/actions/faults", data={"kind": "reset"}, headers={"Origin": origin})
    assert answer.status_code == 403
    assert emulator.faults.all() == []


def test_a_stream_has_what_changed_and_nothing_else(emulator: Emulator, anonymous: Client, create: Any) -> None:
    made = create()
    with anonymous.get("/?live", headers=BROWSER, stream=True, timeout=HANG_SECONDS) as stream:
        assert stream.headers["content-type"] == "text/event-stream"
        lines = stream.iter_lines()
        assert parts(lines) == {
            "summary",
            "alerts",
            "services",
            "orchestrations",
            "events",
            "requests",
            "faults",
            "limits",
        }
        emulator.inject("reset")
        assert parts(lines) == {"faults"}
        emulator.send_test_event(made["id"], "Disk is full")
        assert parts(lines) == {"summary", "alerts", "services", "events"}


def parts(lines: Iterator[bytes]) -> set[str]:
    """The parts of the page in the next event of a stream."""
    event = list(iter(lines.__next__, b""))
    assert all(line.startswith(b"data: ") for line in event)
    return set(re.findall(r'<hx-partial hx-target="#(\w+)"', b"\n".join(event).decode()))
