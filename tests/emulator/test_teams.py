"""Teams and their members: what clients need of them on the way to an integration (the Terraform provider's tests)."""

from typing import Any

import pytest

from .client import Client


@pytest.fixture
def made(api: Client) -> dict[str, Any]:
    answer = api.post("/teams", json={"team": {"type": "team", "name": "On-call", "description": "Day and night"}})
    assert answer.status_code == 201
    team: dict[str, Any] = answer.json()["team"]
    return team


def test_a_team_lives(api: Client, made: dict[str, Any]) -> None:
    assert api.get(made["self"]).json()["team"] == made
    changed = api.put(made["self"], json={"team": {"name": "Night shift"}}).json()["team"]
    assert changed == {**made, "name": "Night shift", "summary": "Night shift"}
    assert api.get("/teams", params={"query": "SHIFT"}).json()["teams"] == [changed]
    assert api.get("/teams", params={"query": "on-call"}).json()["teams"] == []
    assert api.delete(made["self"]).status_code == 204
    assert api.get(made["self"]).status_code == 404


@pytest.mark.parametrize(
    ("given", "errors"),
    [
        ({}, ["Name can't be blank"]),
        ({"name": "x" * 101}, ["Name is too long (maximum is 100 characters)"]),
        ({"name": "ON-CALL", "description": 1}, ["Name has already been taken", "Description must be a string"]),
    ],
)
def test_a_team_that_does_not_do(api: Client, made: dict[str, Any], given: dict[str, Any], errors: list[str]) -> None:
    """Limits from the description; the messages are guesses in the style of those for services."""
    answer = api.post("/teams", json={"team": given})
    assert answer.status_code == 400
    assert answer.json()["error"]["errors"] == errors


def members(api: Client, team: dict[str, Any]) -> dict[str, str]:
    listed = api.get(f"{team['self']}/members").json()["members"]
    return {member["user"]["id"]: member["role"] for member in listed}


def test_members_come_and_go(api: Client, made: dict[str, Any]) -> None:
    owner = f"{made['self']}/users/POWNER1"
    assert api.put(owner).status_code == 204
    assert members(api, made) == {"POWNER1": "manager"}
    assert api.put(owner, json={"role": "observer"}).status_code == 204
    assert members(api, made) == {"POWNER1": "observer"}
    assert [team["id"] for team in api.get("/users/POWNER1").json()["user"]["teams"]] == [made["id"]]
    assert api.delete(owner).status_code == 204
    assert members(api, made) == {}
    assert api.delete(owner).status_code == 404


def test_a_membership_that_does_not_do(api: Client, made: dict[str, Any]) -> None:
    assert api.put(f"{made['self']}/users/PNOSUCH").status_code == 404
    assert api.put("/teams/PNOSUCH/users/POWNER1").status_code == 404
    assert api.put(f"{made['self']}/users/POWNER1", json={"role": "chief"}).status_code == 400
    assert api.put(f"{made['self']}/users/POWNER1", data="{").status_code == 400
    assert members(api, made) == {}


@pytest.mark.parametrize("gone", ["/users/POWNER1", "team"])
def test_a_membership_ends_with_either_side(api: Client, made: dict[str, Any], gone: str) -> None:
    api.put(f"{made['self']}/users/POWNER1")
    assert api.delete(made["self"] if gone == "team" else gone).status_code == 204
    assert api.get("/users").json()["users"] == [] or api.get("/users/POWNER1").json()["user"]["teams"] == []
