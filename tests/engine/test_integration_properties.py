"""Every property of an Integration: created, unchanged, changed, changed outside, imported; all previews end empty."""

from __future__ import annotations

import json
import urllib.request
from dataclasses import dataclass
from typing import Any

from pagerduty_emulator import Emulator

from tests.conftest import TOKEN
from tests.support.stack import TYPE, Result, Stack

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

    def properties(self, value: Any, title: str) -> dict[str, Any]:
        properties = {"service": SERVICE, "name": title, **self.others, self.name: value}
        return {name: each for name, each in properties.items() if each is not None}


FILTERS = [
    {"subjectMode": "match", "subjectRegex": "alert"},
    {"bodyMode": "no-match", "bodyRegex": "test", "fromEmailMode": "always"},
]
# By the names of their resources.
CASES = {
    "service": Case("service", SERVICE, OTHER_SERVICE, None, {"type": EVENTS_API_V2}, replaces=True),
    "vendor": Case("vendor", "PZQ6AUS", "PKAPG94", None, {}, replaces=True),
    "vendorAsAnObject": Case("vendor", {"id": "PZQ6AUS", "name": "x"}, "PKAPG94", None, {}, replaces=True),
    "vendorBesideAType": Case("vendor", "PZQ6AUS", "PKAPG94", None, {"type": EVENTS_API}, replaces=True),
    "type": Case("type", EVENTS_API_V2, EVENTS_API, None, {}, replaces=True),
    "typeToEmail": Case("type", EVENTS_API_V2, EMAIL, None, {}, replaces=True),
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
    "emailFiltersTakenAway": Case("emailFilters", FILTERS, None, {"email_filters": []}, {"type": EMAIL}),
    "emailFiltersAdded": Case("emailFilters", None, FILTERS, {"email_filters": [API_FILTER]}, {"type": EMAIL}),
    "emailParsers": Case("emailParsers", PARSERS, PARSERS[::-1], {"email_parsers": []}, {"type": EMAIL}),
    "emailParsersTakenAway": Case("emailParsers", PARSERS, None, {"email_parsers": []}, {"type": EMAIL}),
    "emailParsingFallback": Case(
        "emailParsingFallback",
        "discard",
        "open_new_incident",
        {"email_parsing_fallback": "open_new_incident"},
        {"type": EMAIL, "emailParsers": PARSERS},
    ),
}


def test_every_property(stack: Stack, emulator: Emulator) -> None:
    """All cases as resources of one stack, since each run of the CLI takes a second."""
    # Created, and unchanged.
    declare(stack, {name: case.before for name, case in CASES.items()})
    assert steps(stack.preview()) == {name: ["create"] for name in CASES}
    stack.up()
    assert stack.preview().changes == {}
    refresh_leaves_all_as_it_is(stack)

    # Changed outside: shown by refresh, and put back.
    ids = {name: stack.resource(name)["id"] for name in CASES}  # type: ignore[index]
    outside = {name: case.outside for name, case in CASES.items() if case.outside is not None}
    for name, changes in outside.items():
        emulator.edit_integration(ids[name].partition(".")[2], **changes)
    refresh = stack.refresh()
    assert refresh.changes == {"update": len(outside)}
    assert steps(stack.up()) == {name: ["update"] if name in outside else ["same"] for name in CASES}
    assert {name: stack.resource(name)["id"] for name in CASES} == ids  # type: ignore[index]
    assert stack.preview().changes == {}
    assert stack.refresh().changes == {}

    # Changed in the program.
    declare(stack, {name: case.after for name, case in CASES.items()})
    replaced = ["create-replacement", "replace", "delete-replaced"]
    expected = {name: replaced if case.replaces else ["update"] for name, case in CASES.items()}
    assert steps(stack.preview()) == expected
    assert steps(stack.up()) == expected
    assert stack.preview().changes == {}
    refresh_leaves_all_as_it_is(stack)

    # Imported, with the program as it is, and as the CLI writes it.
    made = emulator.integrations()
    assert len(made) == len(CASES)
    ids = {name: stack.resource(name)["id"] for name in CASES}  # type: ignore[index]
    stack.forget(*CASES)
    declare(stack, {name: case.after for name, case in CASES.items()}, ids)
    assert steps(stack.up()) == {name: ["import"] for name in CASES}
    assert stack.preview().changes == {}
    stack.forget(*CASES)
    stack.import_(TYPE, ids)
    assert stack.preview().changes == {}
    assert emulator.integrations() == made


def declare(stack: Stack, values: dict[str, Any], ids: dict[str, str] | None = None) -> None:
    """Write the program with a resource for each case. ids: those to import."""
    stack.program(
        resources={
            name: {
                "type": "pagerduty-native:Integration",
                "properties": CASES[name].properties(value, f"Alerts {name}"),
                "options": {"import": ids[name]} if ids else {},
            }
            for name, value in values.items()
        }
    )


def steps(result: Result) -> dict[str, list[str]]:
    return {name: result.steps(name) for name in CASES}


def refresh_leaves_all_as_it_is(stack: Stack) -> None:
    before = {name: stack.resource(name) for name in CASES}
    assert stack.refresh().changes == {}
    for name, was in before.items():
        now = stack.resource(name)
        assert was is not None
        assert now is not None
        assert (name, now["inputs"], now["outputs"]) == (name, was["inputs"], was["outputs"])


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
