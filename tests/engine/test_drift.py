"""Changes that others make, and failures half way, on the real engine."""

from __future__ import annotations

from typing import Any

import pytest
from pagerduty_emulator import Emulator

from tests.support.stack import Stack

SERVICE = "PCHECKT"
OTHER_SERVICE = "PCDNE10"
EVENTS_API_V2 = "events_api_v2_inbound_integration"
EMAIL = "generic_email_inbound_integration"
FILTERS = [{"subjectMode": "match", "subjectRegex": "alert"}]


def test_a_regenerated_key_is_noticed_by_refresh(stack: Stack, emulator: Emulator) -> None:
    stack.integration(service=SERVICE, type=EVENTS_API_V2)
    stack.up()
    emulator.regenerate_key(emulator.integrations()[0]["id"])
    shown = stack.refresh("--diff")
    assert "Changed outside of Pulumi: `integrationKey`." in shown.diagnostics
    (made,) = emulator.integrations()
    assert made["integration_key"] not in shown.output + stack.export()
    assert made["integration_key"] in stack.export(show_secrets=True)
    assert stack.preview().changes == {}


@pytest.mark.parametrize("keep_id", [True, False], ids=["with its ID", "with a new ID"])
def test_a_moved_integration_is_not_taken_for_a_deleted_one(stack: Stack, emulator: Emulator, keep_id: bool) -> None:
    stack.integration(service=SERVICE, type=EVENTS_API_V2)
    stack.up()
    (made,) = emulator.integrations()
    emulator.move_integration(made["id"], OTHER_SERVICE, keep_id=keep_id)
    assert stack.refresh().changes == {"update": 1}
    (moved,) = emulator.integrations()
    resource = stack.resource()
    assert resource is not None
    assert resource["id"] == f"{OTHER_SERVICE}.{moved['id']}"
    # The program that follows the move changes nothing.
    stack.integration(service=OTHER_SERVICE, type=EVENTS_API_V2)
    assert stack.preview().changes == {}
    # The program that does not, puts it back: one integration, on the service that it says.
    stack.integration(service=SERVICE, type=EVENTS_API_V2)
    assert stack.up().changes == {"replace": 1}
    (left,) = emulator.integrations()
    assert left["service"]["id"] == SERVICE


def test_a_moved_integration_is_deleted_where_a_refresh_found_it(stack: Stack, emulator: Emulator) -> None:
    stack.integration(service=SERVICE, type=EVENTS_API_V2)
    stack.up()
    (made,) = emulator.integrations()
    emulator.move_integration(made["id"], OTHER_SERVICE)
    stack.refresh()
    stack.destroy()
    assert emulator.integrations() == []


def test_a_moved_integration_that_no_refresh_found_is_left_where_it_is(stack: Stack, emulator: Emulator) -> None:
    stack.integration(service=SERVICE, type=EVENTS_API_V2)
    stack.up()
    (made,) = emulator.integrations()
    emulator.move_integration(made["id"], OTHER_SERVICE)
    stack.destroy()
    assert [each["id"] for each in emulator.integrations()] == [made["id"]]


def test_a_generated_name_is_put_back(stack: Stack, emulator: Emulator) -> None:
    stack.integration(service=SERVICE, type=EVENTS_API_V2)
    stack.up()
    (made,) = emulator.integrations()
    emulator.edit_integration(made["id"], name="Theirs")
    assert stack.refresh().changes == {"update": 1}
    assert stack.up().steps("alerts") == ["update"]
    assert emulator.integrations() == [made]
    assert stack.preview().changes == {}


def test_up_with_refresh_notices_and_puts_back(stack: Stack, emulator: Emulator) -> None:
    stack.integration(service=SERVICE, type=EVENTS_API_V2, name="Ours")
    stack.up()
    emulator.edit_integration(emulator.integrations()[0]["id"], name="Theirs")
    assert stack.up("--refresh").steps("alerts")[-1] == "update"
    assert emulator.integrations()[0]["name"] == "Ours"
    assert stack.up("--refresh").changes == {}


def test_an_update_of_what_is_gone_says_what_to_do(stack: Stack, emulator: Emulator) -> None:
    stack.integration(service=SERVICE, type=EVENTS_API_V2, name="Before")
    stack.up()
    emulator.delete_integration(emulator.integrations()[0]["id"])
    stack.integration(service=SERVICE, type=EVENTS_API_V2, name="After")
    assert "`pulumi refresh`" in stack.up(fails=True).diagnostics
    stack.refresh()
    assert stack.up().steps("alerts") == ["create"]


@pytest.mark.parametrize("refreshed", [False, True], ids=["at once", "after a refresh"])
def test_what_was_created_half_is_kept_and_mended(stack: Stack, emulator: Emulator, refreshed: bool) -> None:
    emulator.settings.create_ignores = {"email_filters"}
    emulator.inject("status", "PUT", status=400, body={"error": {"message": "Not now", "code": 2001}})
    properties: dict[str, Any] = {"service": SERVICE, "type": EMAIL, "emailFilters": FILTERS}
    stack.integration(**properties)
    diagnostics = stack.up(fails=True).diagnostics
    assert "The integration was created, but `emailFilters` could not be set" in diagnostics
    (made,) = emulator.integrations()
    resource = stack.resource()
    assert resource is not None
    assert resource["id"] == f"{SERVICE}.{made['id']}"
    if refreshed:
        stack.refresh()
    assert stack.up().steps("alerts") == ["update"]
    (mended,) = emulator.integrations()
    assert mended["email_filters"][0]["subject_regex"] == "alert"
    assert stack.preview().changes == {}


def test_email_settings_for_a_vendor_that_sends_none(stack: Stack, emulator: Emulator) -> None:
    stack.integration(service=SERVICE, vendor="PZQ6AUS", type=EMAIL, emailFilters=FILTERS)
    diagnostics = stack.up(fails=True).diagnostics
    assert "`emailFilters` could not be set: PagerDuty made it an integration that receives no e-mail" in diagnostics
    assert len(emulator.integrations()) == 1
    stack.integration(service=SERVICE, vendor="PZQ6AUS")
    stack.up()
    assert stack.preview().changes == {}


def test_a_type_that_does_not_fit_the_vendor(stack: Stack, emulator: Emulator) -> None:
    emulator.settings.vendor_type_mismatch = "refuse"
    stack.integration(service=SERVICE, vendor="PZQ6AUS", type=EMAIL)
    diagnostics = stack.up(fails=True).diagnostics
    assert "`type`: PagerDuty refused the integration" in diagnostics
    assert "omit `type`, and it follows the vendor" in diagnostics


def test_what_pagerduty_passes_over_at_creation_is_set_at_once(stack: Stack, emulator: Emulator) -> None:
    emulator.settings.create_ignores = {"email_filters"}
    stack.integration(service=SERVICE, type=EMAIL, emailFilters=FILTERS)
    stack.up()
    assert emulator.requests.counts() == {
        "POST /services/{id}/integrations": 1,
        "PUT /services/{id}/integrations/{integration_id}": 1,
    }
    assert stack.preview().changes == {}
