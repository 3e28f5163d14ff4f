"""`config.fields`: what the web app sets on event transformers, and what CloudWatch's alarms make of it."""

import json
from typing import Any

import pytest
from pagerduty_emulator import Emulator

from .client import Client

CLOUDWATCH = {"vendor": {"id": "PZQ6AUS"}}
TRANSFORMER = {"vendor": {"id": "PCJ0EFQ"}}


def fields(**values: str) -> dict[str, Any]:
    return {"config": {"fields": {name: {"value": value} for name, value in values.items()}}}


@pytest.fixture
def cloudwatch(create: Any) -> dict[str, Any]:
    made: dict[str, Any] = create(**CLOUDWATCH)
    return made


def put(api: Client, made: dict[str, Any], given: dict[str, Any], status: int = 200) -> dict[str, Any]:
    answer = api.put(made["self"], json={"integration": given})
    assert answer.status_code == status, answer.text
    body: dict[str, Any] = answer.json()
    shown: dict[str, Any] = body.get("integration", body)
    return shown


def test_fields_are_kept_and_shown(api: Client, cloudwatch: dict[str, Any]) -> None:
    assert "config" not in cloudwatch
    shown = put(api, cloudwatch, fields(incident_key="alarm_name"))
    assert shown["config"] == fields(incident_key="alarm_name")["config"]
    assert shown["name"] == cloudwatch["name"]
    put(api, cloudwatch, fields(description="alarm_description"))
    put(api, cloudwatch, {"name": "Renamed"})
    read = api.get(cloudwatch["self"]).json()["integration"]
    assert read["config"] == fields(incident_key="alarm_name", description="alarm_description")["config"]
    (bulk,) = api.get("/services/PCHECKT?include[]=integrations").json()["service"]["integrations"]
    assert bulk == read


def test_code_of_100_kb_is_kept(api: Client, create: Any) -> None:
    made = create(**TRANSFORMER, **fields(code="ignored by POST"))
    assert "config" not in made
    code = "// é\n" * 20_000
    assert put(api, made, fields(code=code))["config"]["fields"]["code"]["value"] == code


def test_others_than_event_transformers_have_none(api: Client, create: Any) -> None:
    made = create(type="events_api_v2_inbound_integration")
    assert "config" not in put(api, made, fields(code="x"))


@pytest.mark.parametrize(
    "config", [None, [], {"fields": []}, {"fields": {"code": "x"}}, {"fields": {"code": {"value": 1}}}]
)
def test_other_forms_are_refused(api: Client, cloudwatch: dict[str, Any], config: Any) -> None:
    put(api, cloudwatch, {"config": config}, 400)


def test_a_setting_for_each_thing_that_is_open(emulator: Emulator, api: Client, create: Any) -> None:
    emulator.settings.update({"config_on_create": "taken"})
    made = create(**CLOUDWATCH, **fields(incident_key="region"))
    assert made["config"] == fields(incident_key="region")["config"]
    emulator.settings.update({"config_after_update": "hidden", "config_in_bulk": "hidden"})
    assert "config" not in put(api, made, fields(incident_key="alarm_name"))
    assert api.get(made["self"]).json()["integration"]["config"] == fields(incident_key="alarm_name")["config"]
    (bulk,) = api.get("/services/PCHECKT?include[]=integrations").json()["service"]["integrations"]
    assert "config" not in bulk
    assert put(api, made, fields(colour="red")) is not None
    emulator.settings.update({"unknown_config": "refuse"})
    for wrong in (fields(colour="red"), fields(incident_key="weekday")):
        assert "error" in put(api, made, wrong, 400)
    put(api, made, fields(incident_key="region", description="alarm_name"))


def alarm(api: Client, key: str, name: str = "cpu", state: str = "ALARM", region: str = "US East") -> None:
    message = {"AlarmName": name, "AlarmDescription": f"About {name}", "NewStateValue": state, "Region": region}
    sns = {"Type": "Notification", "Subject": f"{state}: x", "Message": json.dumps(message)}
    assert api.post(f"/integration/{key}/enqueue", json=sns).status_code == 202


@pytest.mark.parametrize(
    "case",
    [
        ({}, ["cpu", "disk"], ["disk"]),
        ({"description": "alarm_description"}, ["About cpu", "About disk"], ["About disk"]),
        ({"description": "auto_generated", "incident_key": "alarm_name"}, ["cpu", "disk"], ["disk"]),
        ({"incident_key": "region"}, ["cpu"], []),
        ({"incident_key": "open_attach"}, ["cpu"], []),
        ({"incident_key": "always_create_new"}, ["cpu", "cpu", "disk"], ["cpu", "cpu", "disk"]),
    ],
)
def test_alarms_are_named_and_grouped_by_them(
    emulator: Emulator, api: Client, cloudwatch: dict[str, Any], case: tuple[dict[str, str], list[str], list[str]]
) -> None:
    """Each case: the fields, the alerts of three alarms, and those that are open when "cpu" is OK again."""
    values, summaries, open_after_ok = case
    put(api, cloudwatch, fields(**values))
    for name in ("cpu", "cpu", "disk"):
        alarm(api, cloudwatch["integration_key"], name)
    assert [alert["summary"] for alert in emulator.alerts()] == summaries
    alarm(api, cloudwatch["integration_key"], "cpu", "OK")
    assert [alert["summary"] for alert in emulator.alerts() if alert["status"] == "triggered"] == open_after_ok


def test_an_event_says_that_code_was_not_run(emulator: Emulator, api: Client, create: Any) -> None:
    made = create(**TRANSFORMER)
    put(api, made, fields(code="PD.emitGenericEvents([])"))
    api.post(f"/integration/{made['integration_key']}/enqueue", json={"summary": "x"})
    assert emulator.events()[0]["outcome"] == "alert triggered: its code was not run"
