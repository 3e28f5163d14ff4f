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
        ({"name": "x", "description": "x" * 1025}, ["Description is too long (maximum is 1024 characters)"]),
        ({"name": "ON-CALL", "description": 1}, ["Name has already been taken", "Description must be a string"]),
    ],
)
def test_invalid_teams_are_refused(api: Client, made: dict[str, Any], given: dict[str, Any], errors: list[str]) -> None:
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
    assert [team["id"] for team in api.get("/users/POWNER1").json()["user"]["teams"]] == [made["id"], "PTPLAT3"]
    assert api.delete(owner).status_code == 204
    assert members(api, made) == {}
    assert api.delete(owner).status_code == 404


def test_invalid_memberships_are_refused(api: Client, made: dict[str, Any]) -> None:
    assert api.put(f"{made['self']}/users/PNOSUCH").status_code == 404
    assert api.put("/teams/PNOSUCH/users/POWNER1").status_code == 404
    assert api.put(f"{made['self']}/users/POWNER1", json={"role": "chief"}).status_code == 400
    assert api.put(f"{made['self']}/users/POWNER1", data="{").status_code == 400
    assert members(api, made) == {}


@pytest.mark.parametrize("gone", ["/users/PUVIEW1", "team"])
def test_a_membership_ends_with_either_side(api: Client, made: dict[str, Any], gone: str) -> None:
    api.put(f"{made['self']}/users/PUVIEW1")
    assert api.delete(made["self"] if gone == "team" else gone).status_code == 204
    left = api.get("/users/PUVIEW1").json()["user"]["teams"] if gone == "team" else members(api, made)
    assert not left


def test_a_teams_default_role_is_kept(api: Client, made: dict[str, Any]) -> None:
    """TF acceptance TestAccPagerDutyTeam_DefaultRole."""
    assert made["default_role"] == "manager"
    changed = api.put(made["self"], json={"team": {"default_role": "none"}}).json()["team"]
    assert changed["default_role"] == api.get(made["self"]).json()["team"]["default_role"] == "none"
    assert api.put(made["self"], json={"team": {"default_role": "owner"}}).status_code == 400


def test_a_member_whom_a_policy_of_the_team_alerts_stays(api: Client) -> None:
    """terraform-provider pull request 558, and TF acceptance TestAccPagerDutyTeamMembership_Basic's way out."""
    answer = api.delete("/teams/PTSHOP1/users/PUSHOP2")
    assert (answer.status_code, answer.json()["error"]["errors"]) == (
        400,
        ["User cannot be removed as they belong to an escalation policy on this team"],
    )
    api.put("/teams/PTCARE4/users/PUSHOP2")
    assert api.delete("/teams/PTCARE4/users/PUSHOP2").status_code == 204
    assert api.delete("/teams/PTSHOP1/escalation_policies/PESHOP1").status_code == 204
    assert api.delete("/teams/PTSHOP1/users/PUSHOP2").status_code == 204


def test_a_policy_has_one_team(api: Client, made: dict[str, Any]) -> None:
    """terraform-provider issues 709 and 913: a second team is refused; taking it from one without is a 204."""
    policy, other = f"{made['self']}/escalation_policies/PT20YPA", "/teams/PTSHOP1/escalation_policies/PT20YPA"
    assert api.put(policy).status_code == 204
    for again in (policy, other):
        answer = api.put(again)
        assert answer.status_code == 400
        assert answer.json()["error"] == {"message": "Escalation Policy has already been taken", "code": 2001}
    assert api.delete(other).status_code == 204
    assert [team["id"] for team in teams_of(api)] == [made["id"]]
    assert api.delete(policy).status_code == 204
    assert teams_of(api) == []
    assert api.put(f"{made['self']}/escalation_policies/PNOSUCH").status_code == 404


def teams_of(api: Client) -> list[dict[str, Any]]:
    teams: list[dict[str, Any]] = api.get("/escalation_policies/PT20YPA").json()["escalation_policy"]["teams"]
    return teams


def test_a_team_with_a_policy_stays(api: Client) -> None:
    """The description: a team is removed only if it has no escalation policies."""
    assert api.delete("/teams/PTSHOP1").status_code == 400
    assert api.delete("/teams/PTSHOP1/escalation_policies/PESHOP1").status_code == 204
    assert api.delete("/teams/PTSHOP1").status_code == 204


@pytest.mark.parametrize("ability", ["teams", "read_only_users", "service_support_hours", "urgencies"])
def test_the_account_is_able_to_have_what_it_has(api: Client, ability: str) -> None:
    """The description wants the ability for `team_ids[]`, for stakeholders, for support hours and for urgencies."""
    assert api.get(f"/abilities/{ability}").status_code == 204
    assert ability in api.get("/abilities").json()["abilities"]
