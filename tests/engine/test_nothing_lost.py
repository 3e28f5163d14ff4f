"""Losses that do not happen, on the real engine."""

from __future__ import annotations

import json
from typing import Any

import pytest
from pagerduty_emulator import Emulator

from tests.support import HANG_SECONDS, doubling
from tests.support.stack import Stack

SERVICE = "PCHECKT"
OTHER_SERVICE = "PCDNE10"
CLOUDWATCH = "PZQ6AUS"
EVENTS_API_V2 = "events_api_v2_inbound_integration"
CREATION = "/services/*/integrations"
VENDOR_PROGRAM = """
import pulumi_pagerduty_native as pagerduty

found = pagerduty.get_vendors(query="Cloudwatch").vendors[0]
alerts = pagerduty.Integration("alerts", service="PCHECKT", vendor={**found, "logo": None})
"""


def resource(options: dict[str, Any] | None = None, **properties: Any) -> dict[str, Any]:
    return {"type": "pagerduty-native:Integration", "properties": properties, "options": options or {}}


@pytest.mark.parametrize("keep_id", [True, False], ids=["with its ID", "with a new ID"])
@pytest.mark.parametrize("name", ["alerts", "adopted"], ids=["same name", "another name"])
def test_what_was_moved_and_then_imported_is_not_deleted(
    stack: Stack, emulator: Emulator, keep_id: bool, name: str
) -> None:
    stack.integration(service=SERVICE, type=EVENTS_API_V2, name="Alerts")
    stack.up()
    (made,) = emulator.integrations()
    emulator.move_integration(made["id"], OTHER_SERVICE, keep_id=keep_id)
    (moved,) = emulator.integrations()
    adopted = resource(
        {"import": f"{OTHER_SERVICE}.{moved['id']}"}, service=OTHER_SERVICE, type=EVENTS_API_V2, name="Alerts"
    )
    stack.program(resources={name: adopted})
    stack.up()
    assert emulator.integrations() == [moved]
    state = stack.resource(name)
    assert state is not None
    assert state["id"] == f"{OTHER_SERVICE}.{moved['id']}"
    assert stack.preview().changes == {}


def test_what_was_imported_by_a_new_name_is_not_deleted_by_the_old_one(stack: Stack, emulator: Emulator) -> None:
    stack.integration(service=SERVICE, type=EVENTS_API_V2, name="Alerts")
    stack.up()
    (made,) = emulator.integrations()
    adopted = resource({"import": f"{SERVICE}.{made['id']}"}, service=SERVICE, type=EVENTS_API_V2, name="Alerts")
    stack.program(resources={"adopted": adopted})
    assert "was not deleted: the resource adopted has the same ID" in stack.up().diagnostics
    assert emulator.integrations() == [made]
    assert stack.preview().changes == {}
    stack.destroy()
    assert emulator.integrations() == []


@pytest.mark.parametrize("language", ["yaml", "python"])
def test_a_vendor_is_handed_over_whole(stack: Stack, emulator: Emulator, language: str) -> None:
    """Recorded vendors have empty descriptions and null fields: PagerDuty/terraform-provider-pagerduty #1007."""
    if language == "yaml":
        found = {"fn::invoke": {"function": "pagerduty-native:getVendor", "arguments": {"name": "Cloudwatch"}}}
        stack.program(
            variables={"cloudwatch": found}, resources={"alerts": resource(service=SERVICE, vendor="${cloudwatch}")}
        )
    else:
        stack.python(VENDOR_PROGRAM)
    stack.up()
    (made,) = emulator.integrations()
    assert made["vendor"]["id"] == CLOUDWATCH
    assert stack.preview().changes == {}


def integrations_in(stack: Stack) -> dict[str, str]:
    """The integrations in the state: their IDs by URN."""
    resources = json.loads(stack.export())["deployment"]["resources"]
    return {each["urn"]: each["id"] for each in resources if each["type"].endswith(":Integration")}


def program_on_six_services(stack: Stack, emulator: Emulator) -> None:
    services = [each["id"] for each in emulator.services()][:6]
    stack.program(
        resources={
            f"alerts{number}": resource(service=service, type=EVENTS_API_V2) for number, service in enumerate(services)
        }
    )
    stack.up()


def test_a_gateway_that_fails_in_the_middle_of_a_run_takes_nothing_out_of_the_state(
    stack: Stack, emulator: Emulator
) -> None:
    program_on_six_services(stack, emulator)
    state = integrations_in(stack)
    emulator.requests.clear()
    for path, passing in (("/services/*", 1), ("/services", 0), ("/services/*/integrations/*", 0)):
        emulator.inject("status", None, path, status=404, body="default backend - 404", skip=passing, times=None)
    refreshed = stack.refresh(fails=True)
    assert "without PagerDuty's error code, so nothing counts as deleted: Not Found: default backend - 404" in (
        refreshed.diagnostics
    )
    assert integrations_in(stack) == state
    destroyed = stack.destroy(fails=True)
    assert "so nothing counts as deleted" in destroyed.diagnostics
    assert integrations_in(stack) == state
    emulator.faults.clear()
    assert stack.refresh().changes == stack.up().changes == {}
    assert len(emulator.integrations()) == 6


def test_a_missing_integration_stays_in_the_state_until_the_account_was_searched_for_it(
    stack: Stack, emulator: Emulator
) -> None:
    program_on_six_services(stack, emulator)
    state = integrations_in(stack)
    kept, *gone = emulator.integrations()
    for each in gone:
        emulator.delete_integration(each["id"])
    emulator.inject("status", "GET", "/services", status=403, times=None)
    assert "it was deleted, or moved to another service" in stack.refresh(fails=True).diagnostics
    assert integrations_in(stack) == state
    emulator.requests.clear()
    stack.destroy()
    assert emulator.requests.counts() == {"DELETE /services/{id}/integrations/{integration_id}": 6}
    assert emulator.integrations() == []
    assert kept["id"] in str(state)


@pytest.mark.parametrize("mistyped", [{"vendor": "PNOSUCH"}, {"service": "PNOSUCH"}], ids=["vendor", "service"])
def test_a_mistyped_id_leaves_a_pinned_address_alive(
    stack: Stack, emulator: Emulator, mistyped: dict[str, str]
) -> None:
    properties: dict[str, Any] = {
        "service": SERVICE,
        "vendor": "PBPQJ1M",
        "integrationEmail": "alerts@acme.pagerduty.com",
    }
    stack.integration(**properties)
    stack.up()
    made = emulator.integrations()
    stack.integration(**properties | mistyped)
    assert "PNOSUCH" in stack.up(fails=True).diagnostics
    assert emulator.integrations() == made
    stack.integration(**properties)
    assert stack.up().changes == {}


def test_a_warning_names_every_adopted_integration(stack: Stack, emulator: Emulator) -> None:
    emulator.inject("status", "POST", CREATION, status=504, after_commit=True)
    stack.integration(service=SERVICE, type=EVENTS_API_V2)
    diagnostics = stack.up().diagnostics
    (made,) = emulator.integrations()
    assert (
        f"{SERVICE}.{made['id']} has the same name and was created in the meantime, so it was adopted." in diagnostics
    )


@pytest.mark.parametrize(
    ("settings", "properties"),
    [
        pytest.param({"names": "composed"}, {"name": "Cafe\u0301", "type": EVENTS_API_V2}, id="composed"),
        pytest.param({"names": "squeezed"}, {"name": "two  blanks", "type": EVENTS_API_V2}, id="squeezed"),
        pytest.param({"vendor_ids": "any_case"}, {"vendor": CLOUDWATCH.lower()}, id="vendor in small letters"),
    ],
)
def test_a_lost_response_makes_no_second_one_though_pagerduty_stores_something_else(
    stack: Stack, emulator: Emulator, settings: dict[str, str], properties: dict[str, Any]
) -> None:
    emulator.settings.update(settings)
    emulator.inject("status", "POST", CREATION, status=504, after_commit=True)
    stack.integration(service=SERVICE, **properties)
    assert "so it was adopted" in stack.up().diagnostics
    assert len(emulator.integrations()) == 1
    assert stack.refresh().changes == {}
    assert stack.preview().changes == {}


def test_a_lost_response_and_a_name_that_pagerduty_cut_name_the_candidate(stack: Stack, emulator: Emulator) -> None:
    emulator.settings.names = "cut"
    emulator.inject("status", "POST", CREATION, status=504, after_commit=True)
    stack.integration(service=SERVICE, type=EVENTS_API_V2, name="long " * 20)
    diagnostics = stack.up(fails=True).diagnostics
    (made,) = emulator.integrations()
    assert f"adopt it with the resource option `import` and its ID, `{SERVICE}.{made['id']}`." in diagnostics


def test_a_creation_that_outlasts_its_time_is_found(stack: Stack, emulator: Emulator) -> None:
    emulator.inject("delay", "POST", CREATION, seconds=HANG_SECONDS, after_commit=True)
    for seconds in doubling(1):
        stack.integration({"customTimeouts": {"create": f"{seconds}s"}}, service=SERVICE, type=EVENTS_API_V2)
        done = stack.up(fails=None)
        if emulator.requests.count("POST"):  # else the time was over before the call was made
            break
    assert done.returncode == 0, done.output
    (made,) = emulator.integrations()
    assert stack.resource()["id"] == f"{SERVICE}.{made['id']}"  # type: ignore[index]


def test_a_lost_creation_that_cannot_be_looked_up_is_named_in_the_error(stack: Stack, emulator: Emulator) -> None:
    emulator.inject("status", "POST", CREATION, status=504, after_commit=True)
    emulator.inject("status", "GET", "/services/**", status=403, times=None)
    stack.integration(service=SERVICE, type=EVENTS_API_V2, name="Alerts")
    diagnostics = stack.up(fails=True).diagnostics
    assert f"PagerDuty may have created the integration 'Alerts' on the service {SERVICE}" in diagnostics
    assert "adopt it with the resource option `import` and its ID" in diagnostics


@pytest.mark.parametrize("given", [None, "generic_events_api_inbound_integration"])
def test_a_type_that_the_server_sets_later_changes_nothing(stack: Stack, emulator: Emulator, given: str | None) -> None:
    emulator.settings.type_settles = "later"
    asked: dict[str, Any] = {"type": given} if given else {}
    stack.program(resources={"alerts": resource(service=SERVICE, vendor=CLOUDWATCH, **asked)})
    stack.up()
    before = emulator.integrations()
    emulator.settings.type_settles = "at_once"
    stack.refresh()
    assert stack.resource()["outputs"]["type"] == "event_transformer_api_inbound_integration"  # type: ignore[index]
    assert stack.preview().changes == {}
    assert stack.up().changes == {}
    assert [each["integration_key"] for each in emulator.integrations()] == [each["integration_key"] for each in before]


def test_a_property_that_could_not_be_set_is_an_error_every_time(stack: Stack, emulator: Emulator) -> None:
    stack.integration(service=SERVICE, vendor=CLOUDWATCH, emailFilterMode="all-email")
    for said in ("The integration was created, but", "The integration was updated, but"):
        assert f"{said} `emailFilterMode` could not be set" in stack.up(fails=True).diagnostics
    stack.refresh()
    assert "`emailFilterMode` could not be set" in stack.up(fails=True).diagnostics
    assert len(emulator.integrations()) == 1
    stack.integration(service=SERVICE, vendor=CLOUDWATCH)
    stack.up()
    assert stack.preview().changes == {}


def test_a_rename_in_the_web_app_stays_if_changes_of_the_name_are_ignored(stack: Stack, emulator: Emulator) -> None:
    properties = {"service": SERVICE, "type": "generic_email_inbound_integration", "name": "Ours"}
    stack.integration({"ignoreChanges": ["name"]}, **properties)
    stack.up()
    emulator.edit_integration(emulator.integrations()[0]["id"], name="Theirs")
    stack.integration({"ignoreChanges": ["name"]}, **properties, emailFilterMode="or-rules-email")
    stack.up()
    (made,) = emulator.integrations()
    assert (made["name"], made["email_filter_mode"]) == ("Theirs", "or-rules-email")


def test_a_rule_that_somebody_adds_outlasts_updates_and_a_refresh_shows_it(stack: Stack, emulator: Emulator) -> None:
    properties: dict[str, Any] = {"service": SERVICE, "type": "generic_email_inbound_integration"}
    properties["emailIncidentCreation"] = "on_new_email"
    for name in ("Before", "Between", "After"):
        stack.integration(**properties, name=name)
        stack.up()
        (made,) = emulator.integrations()
        if name == "Before":
            added = [{"body_mode": "match", "body_regex": "theirs"}]
            emulator.edit_integration(made["id"], email_filters=added, email_incident_creation="use_rules")
    assert (made["name"], made["email_incident_creation"]) == ("After", "use_rules")
    assert made["email_filters"][0]["body_regex"] == "theirs"
    shown = stack.refresh("--diff").output
    assert "bodyRegex" in shown
    assert "use_rules" in shown
    assert stack.up().changes == {"update": 1}
    (made,) = emulator.integrations()
    assert (made["email_incident_creation"], made["email_filters"][0]["body_mode"]) == ("on_new_email", "always")
    assert stack.refresh().changes == {}


def test_a_vendor_is_created_with_one_call_by_a_token_that_may_not_read_vendors(
    stack: Stack, emulator: Emulator
) -> None:
    emulator.inject("status", "GET", "/vendors/**", status=403, times=None)
    emulator.inject("status", "GET", "/vendors", status=403, times=None)
    stack.integration(service=SERVICE, vendor=CLOUDWATCH)
    stack.up()
    assert emulator.requests.counts() == {"POST /services/{id}/integrations": 1}


@pytest.mark.parametrize("odd", ["..", "a/b", "P" * 100])
def test_an_id_that_cannot_be_is_refused_before_anything_is_sent(stack: Stack, emulator: Emulator, odd: str) -> None:
    stack.integration(service=odd, type=EVENTS_API_V2)
    assert "`service` must be the ID of a service, such as `PQL78HM`" in stack.preview(fails=True).diagnostics
    lookup = {"fn::invoke": {"function": "pagerduty-native:getVendor", "arguments": {"id": odd}}}
    stack.program(variables={"vendor": lookup}, outputs={"name": "${vendor.name}"})
    assert "`id` must be the ID of a vendor, such as `PZQ6AUS`" in stack.up(fails=True).diagnostics
    assert len(emulator.requests) == 0
