"""Guesses about PagerDuty that no recording settles: the provider is right either way."""

from __future__ import annotations

import os
from typing import Any

import pytest
from pagerduty_emulator import GUESSES, Emulator
from pagerduty_native.framework.testing import Served, failures
from pagerduty_native.framework.values import Secret, Values
from pagerduty_native.framework.wire import from_struct, to_struct
from pulumi.runtime.proto import provider_pb2 as pb

SERVICE = "PCHECKT"
EMAIL = "generic_email_inbound_integration"
ADDRESS = "alerts@acme.pagerduty.com"
PARSER: Values = {
    "action": "trigger",
    "matchPredicate": {"type": "contains", "part": "subject", "matcher": "DOWN"},
    "valueExtractors": [{"type": "entire", "part": "subject", "valueName": "incident_key"}],
}
PROGRAMS: dict[str, Values] = {
    "Events API v2": {"type": "events_api_v2_inbound_integration"},
    "a vendor alone": {"vendor": "PZQ6AUS"},
    "a vendor with fields": {
        "vendor": "PZQ6AUS",
        "configFields": {"incident_key": "alarm_name", "description": "alarm_description"},
    },
    "a vendor whose type was not recorded": {"vendor": "PQXZU5E"},
    "a vendor and a type": {"vendor": "PAM4FGS", "type": "generic_events_api_inbound_integration"},
    "e-mail by a vendor": {"vendor": "PBPQJ1M", "integrationEmail": ADDRESS},
    "e-mail with rules": {
        "type": EMAIL,
        "integrationEmail": ADDRESS,
        "emailIncidentCreation": "use_rules",
        "emailFilterMode": "and-rules-email",
        "emailFilters": [{"subjectMode": "match", "subjectRegex": "alert"}, {}],
        "emailParsers": [PARSER],
    },
}
# Guesses about some programs. Others are about all of them, or none.
OF_SOME = {
    **dict.fromkeys(
        ("integration_email", "duplicate_emails", "email_domains", "filter_mode_without_filters"),
        ("e-mail by a vendor", "e-mail with rules"),
    ),
    **dict.fromkeys(
        ("unknown_vendor", "vendor_query", "vendor_ids"),
        ("a vendor alone", "a vendor and a type", "e-mail by a vendor"),
    ),
    **dict.fromkeys(
        (
            *("unknown_escalation_policy", "unknown_routing_key", "rate_limit_kind", "rate_limit_bare"),
            *("events_rate_limit_body", "config_on_create", "config_after_update", "config_in_bulk", "unknown_config"),
        ),
        ("Events API v2", "e-mail with rules"),
    ),
}
# `make prove` tries all.
TRIED = [
    (name, way, program)
    for name, ways in GUESSES.items()
    for way in ways
    for program in (PROGRAMS if os.environ.get("PROVE") else OF_SOME.get(name, tuple(PROGRAMS)))
]


def test_guesses_of_some_programs_are_guesses() -> None:
    assert OF_SOME.keys() <= GUESSES.keys()


@pytest.mark.parametrize(("guess", "way", "program"), TRIED, ids=[f"{name}={way}, {each}" for name, way, each in TRIED])
def test_a_life(provider: Served, emulator: Emulator, guess: str, way: Any, program: str) -> None:
    """Create, no change, refresh, rename, import and delete leave no trace of how PagerDuty does it."""
    setattr(emulator.settings, guess, way)
    inputs: Values = {"service": SERVICE, "name": "alerts", **PROGRAMS[program]}
    checked = provider.check(inputs)
    assert failures(checked) == []
    inputs = from_struct(checked.inputs)

    created = provider.create(inputs)
    outputs = from_struct(created.properties)
    assert provider.diff(inputs, outputs, inputs, created.id).changes == pb.DiffResponse.DIFF_NONE

    emulator.settings.type_settles = "at_once"  # By now it has.
    refreshed = provider.read(created.id, outputs, inputs)
    assert from_struct(refreshed.inputs) == inputs
    assert from_struct(refreshed.properties) == {**outputs, "type": from_struct(refreshed.properties)["type"]}
    outputs = from_struct(refreshed.properties)
    assert provider.diff(inputs, outputs, inputs, created.id).changes == pb.DiffResponse.DIFF_NONE
    again = provider.read(created.id, outputs, inputs)
    assert again == pb.ReadResponse(id=created.id, properties=to_struct(outputs), inputs=to_struct(inputs))

    renamed = {**inputs, "name": "renamed"}
    updated = from_struct(provider.update(created.id, outputs, renamed).properties)
    assert updated == {**outputs, "name": "renamed"}
    assert provider.diff(renamed, updated, renamed, created.id).changes == pb.DiffResponse.DIFF_NONE

    imported = provider.read(created.id)
    assert imported.id == created.id
    assert isinstance(from_struct(imported.properties).get("integrationKey"), Secret) is ("integrationKey" in outputs)
    diff = provider.diff(from_struct(imported.inputs), from_struct(imported.properties), renamed, created.id)
    assert diff.changes == pb.DiffResponse.DIFF_NONE, diff

    provider.delete(created.id, updated)
    assert emulator.integrations() == []
