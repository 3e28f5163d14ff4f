"""Event orchestrations, their integrations, and where events with their keys go."""

import re
from typing import Any

import pytest
from pagerduty_emulator import Emulator, Settings

from .client import Client

UUID = r"[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}"
V2 = {"event_action": "trigger", "payload": {"summary": "Disk is full", "source": "db1", "severity": "critical"}}
PATH = "/event_orchestrations"


@pytest.fixture
def made(api: Client) -> dict[str, Any]:
    """An event orchestration, as the API returned it."""
    answer = api.post(PATH, json={"orchestration": {"name": "Shop", "team": {"id": "PTSHOP1"}}})
    assert answer.status_code == 201, answer.text
    orchestration: dict[str, Any] = answer.json()["orchestration"]
    return orchestration


def integrations(api: Client, orchestration_id: str) -> list[dict[str, Any]]:
    listed: list[dict[str, Any]] = api.get(f"{PATH}/{orchestration_id}/integrations").json()["integrations"]
    return listed


def test_a_new_orchestration_has_a_default_integration(api: Client, made: dict[str, Any]) -> None:
    (default,) = made["integrations"]
    assert default["label"] == "Shop Default Integration"
    assert default["parameters"]["type"] == "global"
    assert re.fullmatch(r"R[0-9A-Z]{31}", default["parameters"]["routing_key"])
    assert re.fullmatch(UUID, made["id"])
    assert re.fullmatch(UUID, default["id"])
    assert (made["description"], made["routes"], made["team"]["id"]) == ("", 0, "PTSHOP1")
    assert api.get(made["self"]).json()["orchestration"] == made
    (listed,) = api.get(PATH).json()["orchestrations"]
    assert listed == {name: value for name, value in made.items() if name != "integrations"}


def test_an_orchestration_is_changed_and_deleted(api: Client, made: dict[str, Any]) -> None:
    changed = api.put(made["self"], json={"orchestration": {"name": "Cart", "team": {"id": "PTPAYM2"}}}).json()
    assert (changed["orchestration"]["name"], changed["orchestration"]["team"]["id"]) == ("Cart", "PTPAYM2")
    assert changed["orchestration"]["version"] != made["version"]
    without = api.put(made["self"], json={"orchestration": {"team": None}}).json()["orchestration"]
    assert ("team" in without, without["name"]) == (False, "Cart")
    assert api.delete(made["self"]).status_code == 204
    for path in (made["self"], f"{made['self']}/integrations", f"{made['self']}/router"):
        assert api.get(path).status_code == 404


@pytest.mark.parametrize(
    ("given", "status"),
    [
        ({}, 400),
        ({"name": " "}, 400),
        ({"name": "x", "description": 1}, 400),
        ({"name": "x", "team": {"id": "P"}}, 404),
    ],
)
def test_orchestrations_that_do_not_do(api: Client, given: Any, status: int) -> None:
    assert api.post(PATH, json={"orchestration": given}).status_code == status
    assert api.get(PATH).json()["orchestrations"] == []


def test_a_team_comes_changes_and_goes_as_terraform_sends_it(api: Client) -> None:
    """TF acceptance TestAccPagerDutyEventOrchestration_Basic: no team is an object whose `id` is null."""
    made = api.post(PATH, json={"orchestration": {"name": "a", "description": "", "team": {"id": None}}}).json()
    path = made["orchestration"]["self"]
    for name, description, team in (("a", "b", "PTSHOP1"), ("c", "d", "PTPAYM2"), ("c", "", None)):
        given = {"name": name, "description": description, "team": {"id": team}}
        assert api.put(path, json={"orchestration": given}).status_code == 200
        read = api.get(path).json()["orchestration"]
        assert (read["name"], read["description"]) == (name, description)
        assert read.get("team", {}).get("id") == team


def test_orchestrations_are_sorted_and_paged(emulator: Emulator, api: Client) -> None:
    for name in ("b", "A", "c"):
        emulator.add_event_orchestration(name)
    listed = api.get(f"{PATH}?sort_by=name:desc&limit=2").json()
    assert [each["name"] for each in listed["orchestrations"]] == ["c", "b"]
    assert (listed["more"], listed["total"]) == (True, 3)
    assert [each["name"] for each in api.get(f"{PATH}?sort_by=created_at:asc").json()["orchestrations"]] == [
        "b",
        "A",
        "c",
    ]


def test_integrations_come_change_and_go(api: Client, made: dict[str, Any]) -> None:
    path = f"{made['self']}/integrations"
    answer = api.post(path, json={"integration": {"label": "Tool"}})
    assert answer.status_code == 201
    integration = answer.json()["integration"]
    assert api.get(f"{path}/{integration['id']}").json()["integration"] == integration
    changed = api.put(f"{path}/{integration['id']}", json={"integration": {"label": "Tool 2"}}).json()["integration"]
    assert changed == {**integration, "label": "Tool 2"}
    assert [each["label"] for each in integrations(api, made["id"])] == ["Shop Default Integration", "Tool 2"]
    assert api.delete(f"{path}/{integration['id']}").status_code == 204
    assert api.delete(f"{path}/{integration['id']}").status_code == 404
    for label in (None, "", 5, "x" * 256):
        assert api.post(path, json={"integration": {"label": label}}).status_code == 400
    assert len(integrations(api, made["id"])) == 1


def test_labels_need_not_be_unique_and_what_is_missing_is_a_404(api: Client, made: dict[str, Any]) -> None:
    """TF acceptance TestAccDataSourcePagerDutyEventOrchestrationIntegration_Basic."""
    path = f"{made['self']}/integrations"
    first, second = (api.post(path, json={"integration": {"label": "Tool"}}).json()["integration"] for _ in range(2))
    assert first["id"] != second["id"]
    assert [each["label"] for each in integrations(api, made["id"])][1:] == ["Tool", "Tool"]
    for missing in (f"{path}/bad-integration-id", f"{PATH}/bad-orchestration-id/integrations/{first['id']}"):
        answer = api.get(missing)
        assert (answer.status_code, answer.json()["error"]["code"]) == (404, 2100)


def test_an_integration_moves_away_and_back_and_is_deleted(api: Client, made: dict[str, Any]) -> None:
    """TF acceptance TestAccPagerDutyEventOrchestrationIntegration_Basic and _import: its reads after each write."""
    other = api.post(PATH, json={"orchestration": {"name": "Other"}}).json()["orchestration"]
    home, away = (f"{each['self']}/integrations" for each in (made, other))
    integration = api.post(home, json={"integration": {"label": "Tool"}}).json()["integration"]
    uuid = integration["id"]
    for source, target, label in ((made, away, "Tool 2"), (other, home, "Tool 2"), (made, home, "Tool")):
        if source["self"] not in target:
            body = {"source_type": "orchestration", "source_id": source["id"], "integration_id": uuid}
            assert api.post(f"{target}/migration", json=body).status_code == 200
            assert api.get(f"{source['self']}/integrations/{uuid}").status_code == 404
        assert api.put(f"{target}/{uuid}", json={"integration": {"label": label}}).status_code == 200
        assert api.get(f"{target}/{uuid}").json()["integration"] == {**integration, "label": label}
    assert api.delete(f"{home}/{uuid}").status_code == 204
    assert api.get(f"{home}/{uuid}").status_code == 404


def test_a_migration_moves_an_integration_with_its_key(emulator: Emulator, api: Client, made: dict[str, Any]) -> None:
    target = emulator.add_event_orchestration("Target")
    (moving,) = made["integrations"]
    body = {"source_type": "orchestration", "source_id": made["id"], "integration_id": moving["id"]}
    answer = api.post(f"{PATH}/{target}/integrations/migration", json=body)
    assert answer.status_code == 200
    assert moving in answer.json()["integrations"]
    assert answer.json()["total"] == 2
    assert integrations(api, made["id"]) == []
    assert api.post(f"{PATH}/{target}/integrations/migration", json=body).status_code == 404
    for wrong in ({**body, "source_type": "service"}, {**body, "source_id": target, "integration_id": "x"}, "x"):
        assert api.post(f"{PATH}/{target}/integrations/migration", json=wrong).status_code in (400, 404)


ROUTES = [
    ([], "PAYMNT2", "PAYMNT2", "routed by the catch-all"),
    ([], "unrouted", None, "no alert: unrouted, by the catch-all"),
    ([], "PNOSUCH", None, "no alert: unrouted, by the catch-all, whose service is not there"),
    ([{"label": "All", "actions": {"route_to": "PCHECKT"}}], "PAYMNT2", "PCHECKT", "routed by the rule All"),
    ([{"disabled": True, "actions": {"route_to": "PCHECKT"}}], "PAYMNT2", "PAYMNT2", "routed by the catch-all"),
    (
        [{"label": "db", "conditions": [{"expression": "x"}], "actions": {"route_to": "PCHECKT"}}],
        "PAYMNT2",
        "PAYMNT2",
        "not evaluated, so PagerDuty may route it elsewhere: the rule db",
    ),
    (
        [{"id": "abc", "actions": {"dynamic_route_to": {"lookup_by": "service_id"}}}],
        "unrouted",
        None,
        "not evaluated, so PagerDuty may route it elsewhere: the rule abc",
    ),
]

# Terraform's provider sends every action, also those that a rule does not have.
NO_ACTIONS = {
    "drop_event": False,
    "route_to": "",
    "dynamic_route_to": None,
    "suppress": False,
    "suspend": None,
    "priority": "",
    "variables": None,
    "extractions": [],
}


@pytest.mark.parametrize("case", ROUTES)
def test_events_go_where_the_router_says(emulator: Emulator, api: Client, made: dict[str, Any], case: Any) -> None:
    rules, catch_all, service, outcome = case
    path = {"sets": [{"id": "start", "rules": rules}], "catch_all": {"actions": {"route_to": catch_all}}}
    assert api.put(f"{made['self']}/router", json={"orchestration_path": path}).status_code == 200
    (integration,) = made["integrations"]
    key = integration["parameters"]["routing_key"]
    for address, body in (("/v2/enqueue", {"routing_key": key, **V2}), (f"/x-ere/{key}", V2["payload"])):
        assert api.post(address, json=body).status_code == 202
        event = emulator.events()[-1]
        assert outcome in event["outcome"]
        assert (event["service_id"], event["integration_id"]) == (service, integration["id"])
        assert event["orchestration_id"] == made["id"]
        assert key not in str(event)
    assert [alert["service"]["id"] for alert in emulator.alerts()] == [service] * 2 if service else [] == []
    for alert in emulator.alerts():
        assert api.get(alert["integration"]["self"]).json()["integration"]["id"] == integration["id"]


def test_a_dynamic_rule_of_terraforms_is_not_evaluated(emulator: Emulator, api: Client, made: dict[str, Any]) -> None:
    """TF acceptance TestAccPagerDutyEventOrchestrationPathRouterDynamicRouteTo_import."""
    dynamic = {"source": "event.custom_details.pd_service_name", "regex": ".*", "lookup_by": "service_name"}
    rules = [
        {"label": "dynamic", "conditions": [], "actions": {**NO_ACTIONS, "dynamic_route_to": dynamic}},
        {"label": "static", "conditions": [], "actions": {**NO_ACTIONS, "route_to": "PCHECKT"}, "disabled": False},
    ]
    catch_all = {"actions": {**NO_ACTIONS, "route_to": "unrouted"}}
    path = {"parent": {"id": made["id"]}, "sets": [{"id": "start", "rules": rules}], "catch_all": catch_all}
    answer = api.put(f"{made['self']}/router", json={"orchestration_path": path, "warnings": None})
    assert answer.status_code == 200
    assert [each["label"] for each in answer.json()["orchestration_path"]["sets"][0]["rules"]] == ["dynamic", "static"]
    api.post("/v2/enqueue", json={"routing_key": made["integrations"][0]["parameters"]["routing_key"], **V2})
    (event,) = emulator.events()
    assert event["service_id"] == "PCHECKT"
    assert "routed by the rule static; not evaluated" in event["outcome"]
    assert event["outcome"].endswith("the rule dynamic")


def test_a_global_catch_all_that_acts_is_not_evaluated_and_the_event_says_so(
    emulator: Emulator, api: Client, made: dict[str, Any]
) -> None:
    """TF acceptance TestAccPagerDutyEventOrchestrationPathGlobal_Basic: without any action, and removed by `{}`."""
    key = made["integrations"][0]["parameters"]["routing_key"]
    for catch_all in ({"actions": NO_ACTIONS}, {"actions": {**NO_ACTIONS, "suppress": True}}, {}):
        path = {"sets": [{"id": "start", "rules": []}], "catch_all": catch_all}
        assert api.put(f"{made['self']}/global", json={"orchestration_path": path}).status_code == 200
        api.post("/v2/enqueue", json={"routing_key": key, **V2})
    quiet, said, removed = (event["outcome"] for event in emulator.events())
    assert quiet == removed == "no alert: unrouted, by the catch-all"
    assert said.endswith("the global catch-all")


def test_without_rules_events_are_unrouted(emulator: Emulator, api: Client, made: dict[str, Any]) -> None:
    key = made["integrations"][0]["parameters"]["routing_key"]
    assert api.post("/v2/enqueue", json={"routing_key": key, **V2}).status_code == 202
    assert emulator.events()[0]["outcome"] == "no alert: unrouted, by the catch-all"
    change = {"routing_key": key, "payload": {"summary": "x"}}
    assert api.post("/v2/change/enqueue", json=change).status_code == 202
    assert "not recorded" in emulator.events()[1]["outcome"]
    assert api.get("/change_events").json()["change_events"] == []


@pytest.mark.parametrize("kind", ["router", "global", "unrouted"])
def test_rules_are_kept_and_returned(api: Client, made: dict[str, Any], kind: str) -> None:
    new = api.get(f"{made['self']}/{kind}").json()["orchestration_path"]
    assert (new["type"], new["sets"], new["parent"]["id"]) == (kind, [{"id": "start", "rules": []}], made["id"])
    rule = {
        "label": "db",
        "conditions": [{"expression": "event.summary matches part 'db'"}],
        "actions": {"priority": "P"},
    }
    path = {"sets": [{"id": "start", "rules": [rule]}], "catch_all": {"actions": {"suppress": True}}}
    answer = api.put(f"{made['self']}/{kind}", json={"orchestration_path": path}).json()
    assert answer["warnings"] == []
    kept = api.get(f"{made['self']}/{kind}").json()["orchestration_path"]
    assert kept == answer["orchestration_path"]
    assert kept["catch_all"] == path["catch_all"]
    assert {**rule, "id": kept["sets"][0]["rules"][0]["id"]} == kept["sets"][0]["rules"][0]
    again = api.put(f"{made['self']}/{kind}", json={"orchestration_path": kept}).json()["orchestration_path"]
    assert again["sets"] == kept["sets"]
    wrong: list[Any] = [None, [{}], [{"id": "other", "rules": []}], [{"id": "start", "rules": [1]}]]
    for sets in wrong:
        assert api.put(f"{made['self']}/{kind}", json={"orchestration_path": {"sets": sets}}).status_code == 400


def test_reads_after_any_write_may_be_stale(emulator: Emulator, api: Client, made: dict[str, Any]) -> None:
    """An hour stands for "still"; without a delay, all is seen at once."""
    other = emulator.add_event_orchestration("Other")
    path = f"{made['self']}/integrations"
    emulator.settings.orchestration_delay = 3600
    added = api.post(path, json={"integration": {"label": "Tool"}}).json()["integration"]
    assert added["label"] == "Tool"
    assert api.get(f"{path}/{added['id']}").status_code == 404
    assert len(integrations(api, made["id"])) == 1
    (default,) = made["integrations"]
    assert (
        api.put(f"{path}/{default['id']}", json={"integration": {"label": "New"}}).json()["integration"]["label"]
        == "New"
    )
    assert integrations(api, made["id"]) == [default]
    body = {"source_type": "orchestration", "source_id": made["id"], "integration_id": added["id"]}
    assert api.post(f"{PATH}/{other}/integrations/migration", json=body).json()["total"] == 2
    assert len(integrations(api, other)) == 1
    assert api.delete(f"{path}/{default['id']}").status_code == 204
    assert api.get(f"{path}/{default['id']}").json()["integration"] == default
    assert api.delete(f"{path}/{default['id']}").status_code == 404  # writes see the truth
    emulator.settings.orchestration_delay = 0
    assert api.get(f"{path}/{default['id']}").status_code == 404
    assert [each["id"] for each in integrations(api, other)][1:] == [added["id"]]
    assert Settings().orchestration_delay == 0


def test_scopes_are_those_of_event_orchestrations(anonymous: Client, made: dict[str, Any]) -> None:
    form = {
        "grant_type": "client_credentials",
        "client_id": "app",
        "client_secret": "s",
        "scope": "as_account-us.acme event_orchestrations.read",
    }
    token = anonymous.post("/oauth/token", data=form).json()["access_token"]
    headers = {"Authorization": f"Bearer {token}"}
    assert anonymous.get(made["self"], headers=headers).status_code == 200
    refused = anonymous.post(f"{made['self']}/integrations", json={}, headers=headers)
    assert refused.json()["error"]["required_scopes"] == "event_orchestrations.write"


def test_people_change_integrations_in_the_web_app(emulator: Emulator, api: Client) -> None:
    one, two = emulator.add_event_orchestration("One"), emulator.add_event_orchestration("Two", team="PTSHOP1")
    made = emulator.add_orchestration_integration(one, "Tool")
    emulator.change_orchestration_integration(made, "Tool 2")
    emulator.move_orchestration_integration(made, two)
    assert [each["label"] for each in emulator.orchestration_integrations(two)] == ["Two Default Integration", "Tool 2"]
    assert emulator.event_orchestrations()[1]["team"]["id"] == "PTSHOP1"
    assert [each["id"] for each in integrations(api, two)][1] == made
    emulator.delete_orchestration_integration(made)
    emulator.delete_event_orchestration(one)
    with pytest.raises(KeyError, match="no event orchestration"):
        emulator.add_orchestration_integration(one, "x")
    with pytest.raises(KeyError, match="no integration"):
        emulator.move_orchestration_integration(made, two)
    with pytest.raises(ValueError, match="Label"):
        emulator.add_orchestration_integration(two, " ")
