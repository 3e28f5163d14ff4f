"""Escalation policies: what a service needs one for, and what they must have."""

from typing import Any

import pytest

from .client import Client
from .test_lists import names

POLICIES = "/escalation_policies"


def rule(*user_ids: str, delay: Any = 10, **more: Any) -> dict[str, Any]:
    targets = [{"id": user_id, "type": "user_reference"} for user_id in user_ids]
    return {"escalation_delay_in_minutes": delay, "targets": targets, **more}


POLICY = {"type": "escalation_policy", "name": "Night shift", "escalation_rules": [rule("POWNER1")]}


@pytest.fixture
def made(api: Client) -> dict[str, Any]:
    return create(api)


def create(api: Client, **given: Any) -> dict[str, Any]:
    answer = api.post(POLICIES, json={"escalation_policy": {**POLICY, **given}})
    assert answer.status_code == 201, answer.text
    policy: dict[str, Any] = answer.json()["escalation_policy"]
    return policy


def change(api: Client, policy: dict[str, Any], **given: Any) -> dict[str, Any]:
    answer = api.put(policy["self"], json={"escalation_policy": given})
    assert answer.status_code == 200, answer.text
    changed: dict[str, Any] = answer.json()["escalation_policy"]
    return changed


def test_what_a_policy_has(api: Client, made: dict[str, Any]) -> None:
    """Defaults from the description; references as in its examples."""
    (level,) = made.pop("escalation_rules")
    assert level.keys() == {"id", "escalation_delay_in_minutes", "targets"}
    assert level["targets"] == [
        {
            "id": "POWNER1",
            "type": "user_reference",
            "summary": "Account Owner",
            "self": f"{api.url}/users/POWNER1",
            "html_url": f"{api.url}/users/POWNER1",
        }
    ]
    assert made == {
        "id": made["id"],
        "type": "escalation_policy",
        "summary": "Night shift",
        "self": f"{api.url}/escalation_policies/{made['id']}",
        "html_url": f"{api.url}/escalation_policies/{made['id']}",
        "name": "Night shift",
        "services": [],
        "num_loops": 0,
        "teams": [],
        "description": None,
        "on_call_handoff_notifications": "if_has_services",
    }


def test_a_policy_lives(api: Client, made: dict[str, Any]) -> None:
    assert api.get(made["self"]).json()["escalation_policy"] == made
    changed = change(api, made, name="Day shift", num_loops=2, on_call_handoff_notifications="always")
    assert changed == {
        **made,
        "name": "Day shift",
        "summary": "Day shift",
        "num_loops": 2,
        "on_call_handoff_notifications": "always",
    }
    assert api.delete(made["self"]).status_code == 204
    assert api.get(made["self"]).status_code == 404
    assert api.put(made["self"], json={"escalation_policy": POLICY}).status_code == 404
    assert api.delete(made["self"]).status_code == 404


def test_rules_are_replaced_in_order_and_keep_their_ids(api: Client, made: dict[str, Any]) -> None:
    """TF acceptance TestAccPagerDutyEscalationPolicy_Basic: from one rule to two, with other delays."""
    (first,) = made["escalation_rules"]
    new = rule("PUSHOP1", "PUSHOP2", "PUSHOP1", delay=20)
    changed = change(api, made, escalation_rules=[new, {**rule("POWNER1", delay=5), "id": first["id"]}])
    levels = changed["escalation_rules"]
    assert [level["escalation_delay_in_minutes"] for level in levels] == [20, 5]
    assert [[user["id"] for user in level["targets"]] for level in levels] == [["PUSHOP1", "PUSHOP2"], ["POWNER1"]]
    assert levels[1]["id"] == first["id"] != levels[0]["id"]
    assert api.get(made["self"]).json()["escalation_policy"] == changed


def test_a_policys_team(api: Client) -> None:
    """TF acceptance TestAccPagerDutyEscalationPolicyWithTeams_Basic: `teams: null` takes it away."""
    made = create(api, teams=[{"id": "PTSHOP1", "type": "team_reference"}])
    assert [team["id"] for team in made["teams"]] == ["PTSHOP1"]
    assert change(api, made, num_loops=1)["teams"] == made["teams"]
    assert change(api, made, teams=None)["teams"] == []


@pytest.mark.parametrize(
    "given", [{"type": "round_robin"}, [{"type": "round_robin"}], "round_robin"], ids=["object", "list", "string"]
)
def test_how_a_rule_is_assigned(api: Client, given: Any) -> None:
    """TF acceptance TestAccPagerDutyEscalationPolicyWithRoundRobinAssignmentStrategy: an object, on request.

    The description has a string in the schema, and a list in the example.
    """
    made = create(api, escalation_rules=[rule("POWNER1", escalation_rule_assignment_strategy=given), rule("PUSHOP1")])
    query = {"include[]": "escalation_rule_assignment_strategies"}
    levels = api.get(made["self"], params=query).json()["escalation_policy"]["escalation_rules"]
    strategies = [level["escalation_rule_assignment_strategy"] for level in levels]
    assert strategies == [{"type": "round_robin"}, {"type": "assign_to_everyone"}]


@pytest.mark.parametrize(
    ("given", "error"),
    [
        ({"name": " "}, "Name can't be blank"),
        ({"name": "x" * 256}, "Name is too long (maximum is 255 characters)"),
        ({"name": "dEFAULT"}, "Name has already been taken"),
        ({"description": 1}, "Description must be a string"),
        ({"num_loops": 10}, "Num loops must be between 0 and 9"),
        ({"num_loops": "2"}, "Num loops must be between 0 and 9"),
        ({"on_call_handoff_notifications": "never"}, "On call handoff notifications is not included in the list"),
        ({"teams": [{"id": "PTSHOP1"}, {"id": "PTCARE4"}]}, "Teams must be a list of one team at most"),
        ({"escalation_rules": []}, "Escalation rules can't be blank"),
        ({"escalation_rules": [rule()]}, "Escalation rules targets can't be blank"),
        (
            {"escalation_rules": [rule("POWNER1", delay=0)]},
            "Escalation rules escalation delay in minutes must be greater than or equal to 1",
        ),
        (
            {"escalation_rules": [rule(*["POWNER1"] * 11)]},
            "Escalation rules base May have at most 10 escalation targets",
        ),
        (
            {"escalation_rules": [rule("POWNER1", escalation_rule_assignment_strategy="loudest")]},
            "Escalation rules assignment strategy is not included in the list",
        ),
    ],
)
def test_invalid_policies_are_refused(api: Client, given: dict[str, Any], error: str) -> None:
    """The text on targets is recorded (terraform-provider issue 344), with 5 for 10; the others are guesses."""
    answer = api.post(POLICIES, json={"escalation_policy": {**POLICY, **given}})
    assert answer.status_code == 400
    assert answer.json()["error"] == {"message": "Invalid Input Provided", "code": 2001, "errors": [error]}


@pytest.mark.parametrize(
    "given",
    [
        {"escalation_rules": [rule("PNOSUCH")]},
        {"escalation_rules": [rule("POWNER1", targets=[{"id": ["POWNER1"]}])]},
        {"escalation_rules": [rule("POWNER1", targets=["POWNER1"])]},
        {"teams": [{"id": "PNOSUCH", "type": "team_reference"}]},
    ],
)
def test_a_policy_with_what_is_not_there(api: Client, given: dict[str, Any]) -> None:
    """heimweh/go-pagerduty issue 33, terraform-provider issue 227: a target that is not there is a 404."""
    answer = api.post(POLICIES, json={"escalation_policy": {**POLICY, **given}})
    assert (answer.status_code, answer.json()["error"]) == (404, {"message": "Not Found", "code": 2100})


def test_a_policy_keeps_its_own_name(api: Client, made: dict[str, Any]) -> None:
    assert change(api, made, **POLICY)["name"] == made["name"]


def test_a_policy_in_use_cannot_be_deleted(api: Client, made: dict[str, Any]) -> None:
    """The description says so; the text is as for schedules (terraform-provider pull request 561)."""
    policy = {"id": made["id"], "type": "escalation_policy_reference"}
    service = api.post("/services", json={"service": {"name": "New", "escalation_policy": policy}}).json()["service"]
    shown = api.get(made["self"]).json()["escalation_policy"]
    assert [used["id"] for used in shown["services"]] == [service["id"]]
    answer = api.delete(made["self"])
    assert answer.status_code == 400
    assert answer.json()["error"]["errors"] == ["Escalation policy can't be deleted if it's being used by services"]
    assert api.delete(service["self"]).status_code == 204
    assert api.delete(made["self"]).status_code == 204


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("query=SHO", ["Shop"]),
        ("user_ids[]=PUSHOP1&user_ids[]=POWNER1", ["Default", "Shop"]),
        ("team_ids[]=PTCARE4&team_ids[]=PTSHOP1", ["Customer Care", "Shop"]),
        ("team_ids[]=PTCARE4&user_ids[]=POWNER1", []),
        ("query=a&sort_by=name:desc", ["Platform", "Payments and Accounts", "Default", "Customer Care"]),
        ("query=a&sort_by=name:desc&limit=1&offset=1", ["Payments and Accounts"]),
    ],
)
def test_policies_are_found(api: Client, query: str, found: list[str]) -> None:
    assert names(api.get(f"{POLICIES}?{query}"), "escalation_policies") == found


def test_what_include_makes_whole(api: Client) -> None:
    query = {"include[]": ["teams", "targets", "services"]}
    (shown,) = api.get(POLICIES, params={"query": "shop", **query}).json()["escalation_policies"]
    assert shown["teams"] == [api.get("/teams/PTSHOP1").json()["team"]]
    targets = [level["targets"] for level in shown["escalation_rules"]]
    assert targets == [[api.get("/users/PUSHOP2").json()["user"]], [api.get("/users/PUSHOP1").json()["user"]]]
    assert {service["type"] for service in shown["services"]} == {"service"}
