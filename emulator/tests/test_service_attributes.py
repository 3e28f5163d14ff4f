"""Attributes of a service: timeouts, urgency and support hours, grouping of alerts, pauses, response plays."""

from typing import Any

import pytest
from pagerduty_emulator import Emulator

from .client import Client

PAUSE = "auto_pause_notifications_parameters"
HIGH, LOW = {"type": "constant", "urgency": "high"}, {"type": "constant", "urgency": "low"}
BY_HOURS = {"type": "use_support_hours", "during_support_hours": HIGH, "outside_support_hours": LOW}
HOURS = {
    "type": "fixed_time_per_day",
    "time_zone": "America/Lima",
    "days_of_week": [1, 2, 3, 4, 5],
    "start_time": "09:00:00",
    "end_time": "17:00:00",
}
ACTION = {
    "type": "urgency_change",
    "at": {"type": "named_time", "name": "support_hours_start"},
    "to_urgency": "high",
}
OFFICE = {"incident_urgency_rule": BY_HOURS, "support_hours": HOURS, "scheduled_actions": [ACTION]}
PAYLOAD = {"summary": "Disk full", "source": "db1", "severity": "critical"}
CONTENT = {"aggregate": "all", "fields": ["custom_details.field1"]}


def change(api: Client, **given: Any) -> dict[str, Any]:
    """Checkout with what is given, as the answer and then a GET show it."""
    answer = api.put("/services/PCHECKT", json={"service": given})
    assert answer.status_code == 200, answer.text
    service: dict[str, Any] = answer.json()["service"]
    assert api.get("/services/PCHECKT", params={"include[]": PAUSE}).json()["service"] == service
    return service


def errors(api: Client, **given: Any) -> list[str]:
    """Return the errors for these attributes, and check that none is kept."""
    before = api.get("/services/PCHECKT").json()
    answer = api.put("/services/PCHECKT", json={"service": given})
    assert (answer.status_code, answer.json()["error"]["code"]) == (400, 2001), answer.text
    assert api.get("/services/PCHECKT").json() == before
    told: list[str] = answer.json()["error"]["errors"]
    return told


def set_on(service: dict[str, Any], like: dict[str, Any]) -> dict[str, Any]:
    return {name: service[name] for name in like}


def test_support_hours(api: Client) -> None:
    """TF acceptance TestAccPagerDutyService_BasicWithIncidentUrgencyRules; shapes as in terraform-provider issue 97."""
    service = change(api, **OFFICE)
    assert set_on(service, OFFICE) == OFFICE
    assert set_on(change(api, description="x"), OFFICE) == OFFICE
    later = {**BY_HOURS, "outside_support_hours": {"type": "constant", "urgency": "severity_based"}}
    assert change(api, incident_urgency_rule=later)["incident_urgency_rule"] == later


@pytest.mark.parametrize("none", [[], [None], None])
def test_support_hours_without_scheduled_actions(api: Client, none: Any) -> None:
    """The Terraform provider sends `[null]` for none; an empty list is taken (go-pagerduty pull request 234)."""
    assert change(api, **{**OFFICE, "scheduled_actions": none})["scheduled_actions"] == []


def test_a_constant_urgency_ends_support_hours(api: Client) -> None:
    """TF acceptance TestAccPagerDutyService_SupportHoursChange: its PUT says nothing of the hours that were."""
    change(api, **OFFICE)
    service = change(api, incident_urgency_rule={"type": "constant", "urgency": "low"})
    assert set_on(service, OFFICE) == {
        "incident_urgency_rule": {"type": "constant", "urgency": "low"},
        "support_hours": None,
        "scheduled_actions": [],
    }


@pytest.mark.parametrize(
    ("given", "wrong"),
    [
        # terraform-provider issues 415 and 535
        (
            {"incident_urgency_rule": HIGH, "support_hours": HOURS},
            "Active urgency must be in high, low, or severity_based.",
        ),
        (
            {"incident_urgency_rule": {"type": "constant", "urgency": "huge"}},
            "Active urgency must be in high, low, or severity_based.",
        ),
        (
            {**OFFICE, "incident_urgency_rule": {**BY_HOURS, "during_support_hours": None}},
            "Active urgency must be in high, low, or severity_based.",
        ),
        # "required when the incident_urgency_rule is use_support_hours, and forbidden otherwise": pull request 360
        (
            {"incident_urgency_rule": BY_HOURS, "support_hours": HOURS},
            "Scheduled actions can't be blank with an incident urgency rule of type use_support_hours.",
        ),
        (
            {"scheduled_actions": [ACTION]},
            "Scheduled actions are allowed only with an incident urgency rule of type use_support_hours.",
        ),
        # terraform-provider issue 843
        ({"incident_urgency_rule": BY_HOURS, "scheduled_actions": []}, "Support hours can't be blank"),
        (
            {"incident_urgency_rule": {"type": "loud"}},
            "Incident urgency rule type must be constant or use_support_hours.",
        ),
        ({**OFFICE, "support_hours": {**HOURS, "type": "always"}}, "Support hours type must be fixed_time_per_day."),
        ({**OFFICE, "support_hours": {**HOURS, "time_zone": ""}}, "Support hours time zone can't be blank"),
        (
            {**OFFICE, "support_hours": {**HOURS, "end_time": "24:00:00"}},
            "Support hours start time and end time must be times such as 09:00:00.",
        ),
        (
            {**OFFICE, "support_hours": {**HOURS, "days_of_week": [0, 1]}},
            "Support hours days of week must be numbers from 1 (Monday) to 7 (Sunday).",
        ),
        (
            {**OFFICE, "scheduled_actions": [{**ACTION, "at": {"type": "named_time", "name": "lunch"}}]},
            "Scheduled actions must be at support_hours_start or support_hours_end.",
        ),
        ({**OFFICE, "scheduled_actions": "now"}, "Scheduled actions must be a list"),
    ],
)
def test_invalid_urgencies_are_refused(api: Client, given: dict[str, Any], wrong: str) -> None:
    """Texts without a recording are guesses; each refusal is known, or follows from the description."""
    assert errors(api, **given) == [wrong]


@pytest.mark.parametrize(
    ("given", "shown", "older"),
    [
        ({"type": "time", "config": {"timeout": 5}}, {"timeout": 5}, ("time", 5)),
        ({"type": "time", "config": {"timeout": 0}}, {"timeout": 0}, ("time", 0)),
        ({"type": "intelligent"}, {"time_window": 300, "recommended_time_window": 300}, ("intelligent", None)),
        (
            {"type": "intelligent", "config": {"time_window": 0, "fields": None}},
            {"time_window": 300, "recommended_time_window": 300},
            ("intelligent", None),
        ),
        (
            {"type": "intelligent", "config": {"time_window": 900}},
            {"time_window": 900, "recommended_time_window": 300},
            ("intelligent", None),
        ),
        (
            {"type": "content_based", "config": {**CONTENT, "time_window": 0}},
            {**CONTENT, "time_window": 300, "recommended_time_window": 300},
            ("rules", None),
        ),
        (
            {"type": "content_based", "config": {**CONTENT, "time_window": 86400}},
            {**CONTENT, "time_window": 86400, "recommended_time_window": 300},
            ("rules", None),
        ),
    ],
)
def test_grouping_of_alerts(api: Client, given: dict[str, Any], shown: dict[str, Any], older: tuple[str, Any]) -> None:
    """TF acceptance TestAccPagerDutyService_AlertGroupingContentBased (`alert_grouping` is "rules" there),
    _FormatValidation (300 seconds where 0 or nothing was sent), _AlertContentGroupingIntelligentTimeWindow,
    _AlertGroupingParametersAddConfigField and _Delete24HAlertGrouping."""
    service = change(api, alert_grouping_parameters=given)
    assert service["alert_grouping_parameters"] == {"type": given["type"], "config": shown}
    assert (service["alert_grouping"], service["alert_grouping_timeout"]) == older
    again = change(api, alert_grouping_parameters=service["alert_grouping_parameters"], description="x")
    assert again["alert_grouping_parameters"] == service["alert_grouping_parameters"]
    offs: list[Any] = [{"type": None}, {"type": None, "config": {}}, None]
    for off in offs:
        service = change(api, alert_grouping_parameters=off)
        assert service["alert_grouping_parameters"] == {"type": None, "config": None}
        assert service["alert_grouping"] is None


def test_a_grouping_setting_is_referred_to(api: Client) -> None:
    """The description: such a reference in a request is ignored."""
    before = change(api, alert_grouping_parameters={"type": "time", "config": {"timeout": 5}})
    reference = {"id": "PSETTNG", "type": "alert_grouping_setting_reference"}
    after = change(api, alert_grouping_parameters=reference, description="x")
    assert after["alert_grouping_parameters"] == before["alert_grouping_parameters"]


def test_grouping_by_the_older_properties(api: Client) -> None:
    """terraform-provider pull request 190: a timeout of 0 is one."""
    service = change(api, alert_grouping="time", alert_grouping_timeout=10)
    assert service["alert_grouping_parameters"] == {"type": "time", "config": {"timeout": 10}}
    assert change(api, alert_grouping_timeout=0)["alert_grouping_timeout"] == 0
    assert change(api, alert_grouping="intelligent")["alert_grouping_timeout"] is None
    assert change(api, alert_grouping=None)["alert_grouping_parameters"] == {"type": None, "config": None}


@pytest.mark.parametrize(
    "given",
    [
        {"type": "time", "config": {"timeout": 5, "time_window": 300}},
        {"type": "time", "config": {"timeout": 5, "aggregate": ""}},
        {"type": "time", "config": {"timeout": 1441}},
        {"type": "time"},
        {"type": "intelligent", "config": {"timeout": 5}},
        {"type": "intelligent", "config": {"time_window": 299}},
        {"type": "intelligent", "config": {"time_window": 86400}},
        {"type": "content_based", "config": {"fields": ["summary"]}},
        {"type": "content_based", "config": {"aggregate": "all", "fields": []}},
        {"type": "content_based", "config": {**CONTENT, "time_window": 3601}},
        {"type": "content_based", "config": "all"},
    ],
)
def test_invalid_grouping_is_refused(api: Client, given: dict[str, Any]) -> None:
    """A config with what is of another type is refused since 2024 (terraform-provider issues 867 and 887, pull
    request 888); the text is recorded by openshift/pagerduty-operator (pull request 238)."""
    assert errors(api, alert_grouping_parameters=given) == ["Config is invalid."]


@pytest.mark.parametrize(
    ("given", "wrong"),
    [
        ({"type": "rules"}, "Type must be time, intelligent, content_based or null."),
        ("time", "Alert grouping parameters must be an object"),
    ],
)
def test_a_type_of_grouping_that_is_none(api: Client, given: Any, wrong: str) -> None:
    assert errors(api, alert_grouping_parameters=given) == [wrong]


def test_pauses_of_notifications(api: Client) -> None:
    """TF acceptance TestAccPagerDutyService_AutoPauseNotificationsParameters and the imports beside it.

    Disabled, the timeout is null: the provider then has its own default of 120, and only then.
    """
    assert change(api)[PAUSE] == {"enabled": False, "timeout": None}
    on = {"enabled": True, "timeout": 300}
    assert change(api, **{PAUSE: on})[PAUSE] == on
    assert change(api, description="x")[PAUSE] == on
    assert change(api, **{PAUSE: {"enabled": False, "timeout": None}})[PAUSE] == {"enabled": False, "timeout": None}


@pytest.mark.parametrize("path", ["/services", "/services/PCHECKT"])
def test_pauses_are_shown_on_request(api: Client, path: str) -> None:
    """Not in the documents of IBM's PagerDuty app (2023), whose requests have no `include[]`."""
    for query, shown in (("", False), (f"include[]={PAUSE}", True)):
        body = api.get(f"{path}?{query}").json()
        service = body.get("service") or body["services"][0]
        assert (PAUSE in service) is shown


@pytest.mark.parametrize(
    ("given", "wrong"),
    [
        ({"enabled": True, "timeout": None}, "timeout cannot be null"),  # terraform-provider issue 1015
        ({"enabled": True}, "timeout cannot be null"),
        ({"enabled": True, "timeout": 121}, "timeout must be one of 0, 120, 180, 300, 600, 900"),
        ({"enabled": "yes"}, "Auto pause notifications parameters must have enabled, true or false."),
        ([], "Auto pause notifications parameters must have enabled, true or false."),
    ],
)
def test_pauses_that_do_not_do(api: Client, given: Any, wrong: str) -> None:
    assert errors(api, **{PAUSE: given}) == [wrong]


@pytest.mark.parametrize("name", ["acknowledgement_timeout", "auto_resolve_timeout"])
def test_timeouts(api: Client, name: str) -> None:
    """TF acceptance TestAccPagerDutyService_Basic: seconds, or null; the description makes 0 a null."""
    assert change(api, **{name: 3600})[name] == 3600
    assert change(api, description="x")[name] == 3600
    assert change(api, **{name: None})[name] is None
    assert change(api, **{name: 0})[name] is None
    told = f"{name.replace('_', ' ').capitalize()} must be greater than or equal to 0"
    for bad in (-1, "1800", True):
        assert errors(api, **{name: bad}) == [told]


def test_alert_creation_and_description(api: Client) -> None:
    assert change(api, alert_creation="create_incidents")["alert_creation"] == "create_incidents"
    assert change(api, description=None)["description"] is None
    told = ["Description must be a string", "Alert creation must be create_incidents or create_alerts_and_incidents."]
    assert errors(api, alert_creation="create_nothing", description=1) == told


def test_a_service_is_disabled_and_enabled(emulator: Emulator, api: Client, create: Any) -> None:
    """The description: a disabled one has no new incidents; the other statuses come from its incidents."""
    assert change(api, status="disabled")["status"] == "disabled"
    assert change(api, description="x")["status"] == "disabled"
    event = {"routing_key": create()["integration_key"], "event_action": "trigger", "payload": PAYLOAD}
    assert api.post("/v2/enqueue", json=event).status_code == 202
    assert emulator.alerts() == []
    assert emulator.events()[-1]["outcome"] == "service is disabled"
    assert change(api, status="active")["status"] == "active"
    assert api.post("/v2/enqueue", json=event).status_code == 202
    assert len(emulator.alerts()) == 1


PLAY = {
    "name": "Call everybody",
    "type": "response_play",
    "subscribers": [{"id": "POWNER1", "type": "user_reference"}],
    "responders": [{"id": "PESHOP1", "type": "escalation_policy_reference"}],
    "runnability": "services",
}


def test_a_response_play_lives(api: Client) -> None:
    """TF acceptance TestAccPagerDutyResponsePlay_Basic."""
    answer = api.post("/response_plays", json={"response_play": PLAY}, headers={"From": "owner@acme.pagerduty.com"})
    assert answer.status_code == 201
    play = answer.json()["response_play"]
    assert set_on(play, PLAY) == PLAY
    assert api.get(play["self"]).json()["response_play"] == play
    assert api.get("/response_plays").json()["response_plays"] == [play]
    changed = api.put(play["self"], json={"response_play": {"name": "Call nobody"}}).json()["response_play"]
    assert changed == {**play, "name": "Call nobody", "summary": "Call nobody"}
    assert api.post("/response_plays", json={"response_play": {"name": " "}}).status_code == 400
    assert api.delete(play["self"]).status_code == 204
    assert [api.get(play["self"]).status_code, api.delete(play["self"]).status_code] == [404, 404]


def test_a_service_refers_to_a_response_play(api: Client) -> None:
    """TF acceptance TestAccPagerDutyService_ResponsePlay."""
    play = api.post("/response_plays", json={"response_play": PLAY}).json()["response_play"]
    reference = {"id": play["id"], "type": "response_play_reference"}
    shown = change(api, response_play=reference)["response_play"]
    assert set_on(shown, reference) == reference
    assert shown["summary"] == PLAY["name"]
    unknown = {"id": "PNOSUCH", "type": "response_play_reference"}
    assert api.put("/services/PCHECKT", json={"service": {"response_play": unknown}}).status_code == 404
    assert change(api, description="x")["response_play"] == shown
    assert change(api, response_play=None)["response_play"] is None
    change(api, response_play=reference)
    assert api.delete(play["self"]).status_code == 204
    assert change(api)["response_play"] is None
