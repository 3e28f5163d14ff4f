"""Users: what clients need of them on the way to an integration (the Terraform provider's tests, Python clients)."""

from typing import Any

import pytest
from pagerduty_emulator import Emulator

from .client import Client

USER = {"type": "user", "name": "On-call", "email": "on-call@acme.example"}


@pytest.fixture
def made(api: Client) -> dict[str, Any]:
    answer = api.post("/users", json={"user": USER})
    assert answer.status_code == 201
    user: dict[str, Any] = answer.json()["user"]
    return user


def test_the_account_has_an_owner_whose_every_token_is(api: Client) -> None:
    me = api.get("/users/me").json()["user"]
    assert (me["role"], me["email"]) == ("owner", "owner@acme.pagerduty.com")
    assert api.get(me["self"]).json()["user"] == me
    assert [user for user in api.get("/users").json()["users"] if user["role"] == "owner"] == [me]


def test_a_user_lives(api: Client, made: dict[str, Any]) -> None:
    assert made["role"] == "user"
    assert api.get(made["self"]).json()["user"] == made
    answer = api.put(made["self"], json={"user": {"name": "Night shift", "time_zone": "Europe/Berlin"}})
    changed = answer.json()["user"]
    assert changed == {**made, "name": "Night shift", "summary": "Night shift", "time_zone": "Europe/Berlin"}
    shown = api.get("/users?query=Night").json()["users"]
    assert shown == [changed]
    assert api.delete(made["self"]).status_code == 204
    assert api.get(made["self"]).status_code == 404
    assert api.put(made["self"], json={"user": {}}).status_code == 404
    assert api.delete(made["self"]).status_code == 404


@pytest.mark.parametrize("query", ["ON-C", "@acme.example"])
def test_users_are_found_by_name_or_address(api: Client, made: dict[str, Any], query: str) -> None:
    found = api.get("/users", params={"query": query, "total": "1"}).json()
    assert (found["users"], found["total"]) == ([made], 1)
    assert api.get("/users?query=nobody").json()["users"] == []


@pytest.mark.parametrize(
    ("change", "errors"),
    [
        ({"name": " "}, ["Name can't be blank"]),
        ({"name": "x" * 101}, ["Name is too long (maximum is 100 characters)"]),
        ({"email": None}, ["Email can't be blank"]),
        ({"email": "a@b.c"}, ["Email is too short (minimum is 6 characters)"]),
        ({"email": "on-call"}, ["Email is invalid"]),
        ({"email": "OWNER@acme.pagerduty.com"}, ["Email has already been taken"]),
        ({"time_zone": 1, "description": []}, ["Time zone must be a string", "Description must be a string"]),
        ({"role": "chief", "job_title": ""}, ["Role is not included in the list", "Job title can't be blank"]),
    ],
)
def test_invalid_users_are_refused(api: Client, change: dict[str, Any], errors: list[str]) -> None:
    """Limits and roles from the description; the messages are guesses in the style of those for services."""
    answer = api.post("/users", json={"user": {**USER, **change}})
    assert answer.status_code == 400
    assert answer.json()["error"]["errors"] == errors


def test_a_user_keeps_the_own_address(api: Client, made: dict[str, Any]) -> None:
    assert api.put(made["self"], json={"user": USER}).json()["user"] == made


def test_names_lose_blanks(api: Client, made: dict[str, Any]) -> None:
    """TF acceptance TestAccPagerDutyUser_Basic: no leading, trailing or double blanks."""
    changed = api.put(made["self"], json={"user": {"name": "  Night  shift "}}).json()["user"]
    assert changed["name"] == "Night shift"


@pytest.mark.parametrize("path", ["contact_methods", "notification_rules"])
def test_what_a_user_has_is_read_by_itself_in_a_list_and_included(api: Client, made: dict[str, Any], path: str) -> None:
    shown = api.get(f"{made['self']}/{path}?urgency=all").json()[path]
    assert [api.get(each["self"]).json()[path.removesuffix("s")] for each in shown] == shown
    assert api.get(made["self"], params={"include[]": path}).json()["user"][path] == shown
    assert [(each["id"], each["type"]) for each in made[path]] == [
        (each["id"], f"{each['type']}_reference") for each in shown
    ]
    assert api.get(f"{made['self']}/{path}/PNOSUCH").status_code == 404
    assert api.get(f"/users/PNOSUCH/{path}").status_code == 404


def test_a_new_user_is_reached_by_e_mail(api: Client, made: dict[str, Any]) -> None:
    (method,) = api.get(f"{made['self']}/contact_methods").json()["contact_methods"]
    assert (method["type"], method["address"]) == ("email_contact_method", USER["email"])
    rules = api.get(f"{made['self']}/notification_rules?urgency=all").json()["notification_rules"]
    assert [(rule["urgency"], rule["start_delay_in_minutes"]) for rule in rules] == [("high", 0), ("low", 0)]
    assert {rule["contact_method"]["id"] for rule in rules} == {method["id"]}


def test_a_notification_rule_with_its_contact_method(api: Client, made: dict[str, Any]) -> None:
    (method,) = api.get(f"{made['self']}/contact_methods").json()["contact_methods"]
    rules = api.get(f"{made['self']}/notification_rules?urgency=all&include[]=contact_methods").json()[
        "notification_rules"
    ]
    assert [rule["contact_method"] for rule in rules] == [method, method]


def test_users_of_a_team(api: Client) -> None:
    found = api.get("/users?team_ids[]=PTSHOP1&include[]=teams").json()["users"]
    assert [user["id"] for user in found] == ["PUSHOP1", "PUSHOP2"]
    assert {user["teams"][0]["description"] for user in found} == {"What customers see and buy"}
    assert api.get("/users?team_ids[]=PTSHOP1&query=responder").json()["users"][0]["id"] == "PUSHOP2"


@pytest.mark.parametrize(("role", "name"), [("user", "Full User"), ("read_only_user", "Stakeholder")])
def test_a_license_follows_the_role(api: Client, role: str, name: str) -> None:
    """TF acceptance TestAccPagerDutyUserWithLicenses_Basic; it reads the license of every user."""
    before = {each["id"]: each for each in api.get("/licenses").json()["licenses"]}
    made = api.post("/users", json={"user": {**USER, "role": role}}).json()["user"]
    taken = api.get(f"{made['self']}/license").json()["license"]
    assert name in taken["name"]
    assert role in taken["valid_roles"]
    after = {each["id"]: each for each in api.get("/licenses").json()["licenses"]}
    assert after[taken["id"]]["current_value"] == before[taken["id"]]["current_value"] + 1
    assert after[taken["id"]]["allocations_available"] == before[taken["id"]]["allocations_available"] - 1


def test_a_user_on_call_cannot_be_deleted(api: Client) -> None:
    """The recorded refusal, for users with open incidents, has errors and conflicts, but neither message nor code."""
    answer = api.delete("/users/PUSHOP2")
    assert answer.status_code == 400
    text = "The user cannot be deleted as they have 1 escalation policy."
    error = answer.json()["error"]
    assert error.keys() == {"errors", "conflicts"}
    assert error["errors"][0].startswith(text)
    assert error["conflicts"] == [{"type": "escalation_policy", "id": "PESHOP1"}]
    rule = {"escalation_delay_in_minutes": 5, "targets": [{"id": "PUSHOP1", "type": "user_reference"}]}
    policy = api.put("/escalation_policies/PESHOP1", json={"escalation_policy": {"escalation_rules": [rule]}})
    assert policy.status_code == 200
    assert api.delete("/users/PUSHOP2").status_code == 204


def test_an_account_without_an_owner(emulator: Emulator, api: Client, made: dict[str, Any]) -> None:
    """The 400 of `/users/me` is a guess."""
    assert api.delete("/escalation_policies/PT20YPA").status_code == 204
    assert api.delete("/users/POWNER1").status_code == 204
    assert api.get("/users/me").status_code == 400
    emulator.reset()
    assert api.get("/users/me").json()["user"]["id"] == "POWNER1"
    assert api.get(made["self"]).status_code == 404
