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
    assert api.get("/users").json()["users"] == [me]


def test_a_user_lives(api: Client, made: dict[str, Any]) -> None:
    assert made["role"] == "user"
    assert api.get(made["self"]).json()["user"] == made
    answer = api.put(made["self"], json={"user": {"name": "Night shift", "time_zone": "Europe/Berlin"}})
    changed = answer.json()["user"]
    assert changed == {**made, "name": "Night shift", "summary": "Night shift", "time_zone": "Europe/Berlin"}
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
        ({"email": "on-call"}, ["Email is invalid"]),
        ({"email": "OWNER@acme.pagerduty.com"}, ["Email has already been taken"]),
        ({"role": "chief", "job_title": ""}, ["Role is not included in the list", "Job title can't be blank"]),
    ],
)
def test_a_user_that_does_not_do(api: Client, change: dict[str, Any], errors: list[str]) -> None:
    """Limits and roles from the description; the messages are guesses in the style of those for services."""
    answer = api.post("/users", json={"user": {**USER, **change}})
    assert answer.status_code == 400
    assert answer.json()["error"]["errors"] == errors


def test_a_user_keeps_the_own_address(api: Client, made: dict[str, Any]) -> None:
    assert api.put(made["self"], json={"user": USER}).json()["user"] == made


def test_a_reset_brings_back_the_owner_alone(emulator: Emulator, api: Client, made: dict[str, Any]) -> None:
    api.delete("/users/POWNER1")
    assert api.get("/users/me").status_code == 400
    emulator.reset()
    assert [user["id"] for user in api.get("/users").json()["users"]] == ["POWNER1"]
