"""Operations and query parameters that the emulator does not have say so, and never look like a missing object."""

import logging
from typing import Any

import pytest
from pagerduty_emulator import Emulator

from .client import Client

BROWSER = {"Accept": "text/html"}


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/oncalls"),
        ("POST", "/incidents"),
        ("PUT", "/incidents"),
        ("GET", "/services/custom_fields"),
        ("GET", "/incidents/types"),
        ("PUT", "/incidents/QNONE"),
        ("PATCH", "/schedules/PNONE"),
        ("GET", "/services/"),
    ],
)
def test_an_operation_that_is_not_served_is_named(emulator: Emulator, api: Client, method: str, path: str) -> None:
    answer = api.request(method, path)
    assert answer.status_code == 404
    assert answer.headers["emulator-not-served"] == f"{method} {path}"
    message = f"Not Found: the emulator does not serve {method} {path}"
    assert answer.json() == {"error": {"message": message, "code": 2100}}
    (logged,) = emulator.requests
    assert not logged.served


@pytest.mark.parametrize("path", ["/services/PNONE", "/incidents/QNONE/alerts/QNONE", "/users/PNONE", "/vendors/PNONE"])
def test_a_missing_object_is_not_called_not_served(emulator: Emulator, api: Client, path: str) -> None:
    answer = api.get(path)
    assert answer.json() == {"error": {"message": "Not Found", "code": 2100}}
    assert "emulator-not-served" not in answer.headers
    assert emulator.requests[0].served


def test_a_method_that_pagerduty_does_not_have_is_405(api: Client) -> None:
    answer = api.delete("/services")
    assert (answer.status_code, "emulator-not-served" in answer.headers) == (405, False)


def test_without_a_token_it_is_named_too(anonymous: Client) -> None:
    answer = anonymous.post("/v3/enqueue")
    assert (answer.status_code, answer.headers["emulator-not-served"]) == (401, "POST /v3/enqueue")


def test_each_operation_is_reported_once_without_what_could_forge_lines(
    emulator: Emulator, api: Client, caplog: pytest.LogCaptureFixture
) -> None:
    key = "0123456789abcdef" * 2
    with caplog.at_level(logging.WARNING, logger="pagerduty_emulator"):
        for path in ("/oncalls", "/oncalls", f"/x/{key}%0aforged", "/" + "y" * 3000):
            answer = api.get(path)
            assert key not in answer.headers["emulator-not-served"]
    lines = [record.getMessage() for record in caplog.records if record.name == "pagerduty_emulator"]
    assert lines[:2] == [
        "the emulator does not serve GET /oncalls",
        "the emulator does not serve GET /x/KEY%0Aforged",
    ]
    assert len(lines) == 3
    assert len(lines[2]) < 300


def test_they_can_be_listed(emulator: Emulator, api: Client, anonymous: Client) -> None:
    api.get("/oncalls")
    api.get("/services")
    listed = api.get("/emulator/requests?served=false").json()
    assert [item["path"] for item in listed["requests"]] == ["/oncalls"]
    assert api.get("/emulator/requests?served=true").json()["total"] == 1
    assert api.get("/emulator/requests?served=no").status_code == 400
    assert emulator.requests.count(served=False) == 1
    assert "not served" in anonymous.get("/", headers=BROWSER).text


@pytest.mark.parametrize(
    ("query", "ignored"),
    [
        ("services?include[]=integrations&query=Check&limit=5&total=true", None),
        ("services?colour=red&limit=5", "colour"),
        ("services?colour=red&=5", "colour"),
        ("services?=5", None),
        ("services?sort_by=created_at", "sort_by"),
        ("services?limit=many&time_zone=Mars", "limit, time_zone"),
        ("services?include[]=integrations&include[]=privileges", "include[]=privileges"),
        ("teams/PTSHOP1?include[]=privileges", "include[]"),
        ("incidents?sort_by=created_at:desc,urgency&since=2026-01-01&user_ids[]=POWNER1", None),
        ("incidents?sort_by=weight&date_range=some", "sort_by, date_range"),
        ("abilities?%0d%0ax-forged:%20yes=1", "%0D%0Ax-forged%3A%20yes"),
    ],
)
def test_parameters_that_are_not_applied_are_named(
    emulator: Emulator, api: Client, query: str, ignored: str | None
) -> None:
    answer = api.get(f"/{query}")
    assert answer.status_code == 200
    assert answer.headers.get("emulator-ignored-parameters") == ignored
    assert emulator.requests[0].ignored == (ignored or "")


# Parameters that PagerDuty describes and the emulator does not apply.
NOT_APPLIED = {
    ("/incidents", "include[]=conference_bridge"),
    ("/incidents", "include[]=first_trigger_log_entries"),
    ("/incidents/{id}", "include[]=conference_bridge"),
    ("/incidents/{id}", "include[]=custom_fields"),
    ("/incidents/{id}", "include[]=first_trigger_log_entries"),
    ("/incidents/{id}/alerts", "include[]=first_trigger_log_entries"),
    ("/teams/{id}", "include[]"),
    ("/users", "include[]=subdomains"),
    ("/users/me", "include[]=subdomains"),
    ("/users/me", "include[]=calendar_urls"),
    ("/users/{id}", "include[]=subdomains"),
    ("/users/{id}", "include[]=calendar_urls"),
}


def test_every_described_parameter_is_applied_or_known_not_to_be(
    emulator: Emulator, api: Client, described_reads: list[tuple[str, str, dict[str, list[Any]]]]
) -> None:
    found: set[tuple[str, str]] = set()
    for template, path, parameters in described_reads:
        answer = api.get(path, params=parameters)
        assert answer.status_code in (200, 204), answer.text
        named = answer.headers.get("emulator-ignored-parameters", "")
        found |= {(template, name) for name in named.split(", ") if name}
    assert found == NOT_APPLIED
