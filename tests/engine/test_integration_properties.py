"""Every property of an Integration: created, unchanged, changed, changed outside, imported; all previews end empty."""

from __future__ import annotations

import json
import urllib.request
from dataclasses import dataclass
from typing import Any

import pytest
from pagerduty_emulator import Emulator

from tests.conftest import TOKEN
from tests.support.stack import TYPE, Stack

SERVICE = "PCHECKT"
OTHER_SERVICE = "PCDNE10"
EMAIL = "generic_email_inbound_integration"
EVENTS_API = "generic_events_api_inbound_integration"
EVENTS_API_V2 = "events_api_v2_inbound_integration"

INCIDENT_KEY = {"type": "entire", "part": "subject", "valueName": "incident_key"}
PARSERS = [
    {
        "action": "trigger",
        "matchPredicate": {
            "type": "all",
            "children": [
                {"type": "contains", "part": "subject", "matcher": "DOWN"},
                {"type": "not", "children": [{"type": "regex", "part": "body", "matcher": "test|trial"}]},
            ],
        },
        "valueExtractors": [
            INCIDENT_KEY,
            {"type": "between", "part": "body", "valueName": "host", "startsAfter": "host: ", "endsBefore": ""},
        ],
    },
    {
        "action": "resolve",
        "matchPredicate": {"type": "exactly", "part": "from_addresses", "matcher": "up@example.com"},
        "valueExtractors": [{"type": "regex", "part": "subject", "valueName": "incident_key", "regex": "id=(\\d+)"}],
    },
]
API_FILTER = {"subject_mode": "match", "subject_regex": "x", "body_mode": "always", "from_email_mode": "always"}


@dataclass
class Case:
    """One property. before, after: its value in the program; None where it is left out.

    outside: what somebody else sets it to, by the API's names; None where that cannot be.
    others: the properties that it needs beside it.
    replaces: whether the change from before to after does.
    """

    name: str
    before: Any
    after: Any
    outside: dict[str, Any] | None
    others: dict[str, Any]
    replaces: bool = False

    def properties(self, value: Any) -> dict[str, Any]:
        properties = {"service": SERVICE, "name": "Alerts", **self.others, self.name: value}
        return {name: each for name, each in properties.items() if each is not None}


FILTERS = [
    {"subjectMode": "match", "subjectRegex": "alert"},
    {"bodyMode": "no-match", "bodyRegex": "test", "fromEmailMode": "always"},
]
CASES = {
    "service": Case("service", SERVICE, OTHER_SERVICE, None, {"type": EVENTS_API_V2}, replaces=True),
    "vendor": Case("vendor", "PZQ6AUS", "PKAPG94", None, {}, replaces=True),
    "vendor, as an object": Case("vendor", {"id": "PZQ6AUS", "name": "x"}, "PKAPG94", None, {}, replaces=True),
    "vendor, beside a type": Case("vendor", "PZQ6AUS", "PKAPG94", None, {"type": EVENTS_API}, replaces=True),
    "type": Case("type", EVENTS_API_V2, EVENTS_API, None, {}, replaces=True),
    "type, to e-mail": Case("type", EVENTS_API_V2, EMAIL, None, {}, replaces=True),
    "name": Case("name", "Before", "After", {"name": "Outside"}, {"type": EVENTS_API_V2}),
    "integrationEmail": Case(
        "integrationEmail",
        "before@acme.pagerduty.com",
        "after@acme.pagerduty.com",
        {"integration_email": "outside@acme.pagerduty.com"},
        {"type": EMAIL},
    ),
    "emailIncidentCreation": Case(
        "emailIncidentCreation",
        "on_new_email",
        "only_if_no_open_incidents",
        {"email_incident_creation": "use_rules"},
        {"type": EMAIL},
    ),
    "emailFilterMode": Case(
        "emailFilterMode",
        "or-rules-email",
        "and-rules-email",
        {"email_filter_mode": "all-email"},
        {"type": EMAIL, "emailFilters": FILTERS},
    ),
    "emailFilters": Case("emailFilters", FILTERS, FILTERS[:1], {"email_filters": [API_FILTER]}, {"type": EMAIL}),
    "emailFilters, taken away": Case("emailFilters", FILTERS, None, {"email_filters": []}, {"type": EMAIL}),
    "emailFilters, added": Case("emailFilters", None, FILTERS, {"email_filters": [API_FILTER]}, {"type": EMAIL}),
    "emailParsers": Case("emailParsers", PARSERS, PARSERS[::-1], {"email_parsers": []}, {"type": EMAIL}),
    "emailParsers, taken away": Case("emailParsers", PARSERS, None, {"email_parsers": []}, {"type": EMAIL}),
    "emailParsingFallback": Case(
        "emailParsingFallback",
        "discard",
        "open_new_incident",
        {"email_parsing_fallback": "open_new_incident"},
        {"type": EMAIL, "emailParsers": PARSERS},
    ),
}


@pytest.mark.parametrize("case", CASES.values(), ids=CASES.keys())
def test_property(case: Case, stack: Stack, emulator: Emulator) -> None:
    # Created, and unchanged.
    stack.integration(**case.properties(case.before))
    assert stack.preview().steps("alerts") == ["create"]
    stack.up()
    assert stack.preview().changes == {}
    _assert_refresh_leaves_all_as_it_is(stack)

    # Changed outside: shown by refresh, and put back.
    if case.outside:
        made = emulator.integrations(SERVICE)[0]["id"]
        emulator.edit_integration(made, **case.outside)
        assert stack.refresh().changes == {"update": 1}
        assert stack.up().steps("alerts") == ["update"]
        assert emulator.integrations(SERVICE)[0]["id"] == made
        assert stack.preview().changes == {}
        assert stack.refresh().changes == {}

    # Changed in the program.
    stack.integration(**case.properties(case.after))
    expected = ["create-replacement", "replace", "delete-replaced"] if case.replaces else ["update"]
    assert stack.preview().steps("alerts") == expected
    assert stack.up().steps("alerts") == expected
    assert stack.preview().changes == {}
    _assert_refresh_leaves_all_as_it_is(stack)

    # Imported, with the program as it is, and as the CLI writes it.
    (made,) = emulator.integrations()
    integration_id = f"{made['service']['id']}.{made['id']}"
    stack.forget()
    stack.integration({"import": integration_id}, **case.properties(case.after))
    assert stack.up().steps("alerts") == ["import"]
    assert stack.preview().changes == {}
    stack.forget()
    stack.import_("pagerduty-native:index:Integration", "alerts", integration_id)
    assert stack.preview().changes == {}
    assert emulator.integrations() == [made]


def _assert_refresh_leaves_all_as_it_is(stack: Stack) -> None:
    before = stack.resource()
    assert stack.refresh().changes == {}
    after = stack.resource()
    assert before is not None
    assert after is not None
    assert (after["inputs"], after["outputs"]) == (before["inputs"], before["outputs"])


def test_order_of_filters_ids_and_what_is_the_default_are_no_difference(stack: Stack, emulator: Emulator) -> None:
    stack.integration(service=SERVICE, type=EMAIL, emailFilters=FILTERS, emailParsers=PARSERS)
    stack.up()
    made = emulator.integrations(SERVICE)[0]
    emulator.edit_integration(made["id"], email_filters=made["email_filters"][::-1])
    assert stack.refresh().changes == {}
    stack.integration(service=SERVICE, type=EMAIL, emailFilters=FILTERS[::-1], emailParsers=PARSERS)
    assert stack.preview().changes == {}
    stack.integration(service=SERVICE, type=EMAIL)
    stack.up()
    stack.integration(service=SERVICE, type=EMAIL, emailFilters=[{"subjectMode": "always"}], emailParsers=[])
    assert stack.preview().changes == {}


def test_an_odd_email_integration_imports_and_previews_clean(stack: Stack, emulator: Emulator) -> None:
    """PagerDuty may have modes and parts that the provider does not know: "almost certainly a bug in the provider"."""
    emulator.settings.email_rules = "any"
    predicate = {"type": "sounds_like", "part": "attachment", "matcher": ""}
    integration = {
        "type": "generic_email_inbound_integration",
        "name": "Odd",
        "integration_email": "nobody",
        "email_incident_creation": "on_every_moon",
        "email_filter_mode": "all_email",
        "email_filters": [{"subject_mode": "match", "subject_regex": ""}],
        "email_parsers": [{"action": "page", "match_predicate": predicate, "value_extractors": []}],
    }
    body = json.dumps({"integration": integration}).encode()
    headers = {"Authorization": f"Token token={TOKEN}", "Content-Type": "application/json"}
    request = urllib.request.Request(f"{emulator.url}/services/PCHECKT/integrations", body, headers)  # noqa: S310
    urllib.request.urlopen(request).close()  # noqa: S310
    (odd,) = emulator.integrations()

    imported = stack.pulumi("import", TYPE, "odd", f"PCHECKT.{odd['id']}", "--yes", "--protect=false", "--out=odd.yaml")
    assert "bug in the provider" not in imported.output
    assert "warning" not in imported.output
    (stack.folder / "Pulumi.yaml").write_text(f"name: test\nruntime: yaml\n{(stack.folder / 'odd.yaml').read_text()}")
    preview = stack.preview()
    assert preview.changes == {}
    assert "emailParsers" not in preview.diagnostics
    assert "sent unchanged" not in preview.diagnostics

    program = (stack.folder / "Pulumi.yaml").read_text()
    (stack.folder / "Pulumi.yaml").write_text(program.replace("name: Odd", "name: Renamed"))
    assert stack.up().changes == {"update": 1}
    (renamed,) = emulator.integrations()
    assert {**renamed, "name": "Odd", "summary": "Odd"} == odd
