"""Rules for escalation policies; limits from the description and from PagerDuty's answers."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from pagerduty_emulator.api.teams import rows as team_rows
from pagerduty_emulator.api.users import rows as user_rows
from pagerduty_emulator.database import Database, Row, new_id
from pagerduty_emulator.errors import invalid, name_errors, not_found, trimmed

from . import rows
from .rows import Rule

MAX_NAME = 255  # characters
MAX_LOOPS = 9  # as the Terraform provider has it; the description tells no maximum
MAX_TARGETS = 10  # of a rule
MAX_DELAY = 2**31 - 1  # minutes; no limit is documented, but a database has one
STRATEGIES = ("assign_to_everyone", "round_robin")
HANDOFFS = ("if_has_services", "always")
# In the words for schedules that are recorded (terraform-provider pull request 561).
IN_USE = "Escalation policy can't be deleted if it's being used by services"


def create(database: Database, given: dict[str, Any]) -> str:
    """Return a new policy; returns its id. Name and rules are required, names are unique."""
    return put(database, new_id(), given)


def change(database: Database, row: Row, given: dict[str, Any]) -> None:
    """Change a policy by what is given; what is left out stays as it was."""
    put(database, row["id"], given, row)


def delete(database: Database, row: Row) -> None:
    """Delete a policy that no service uses."""
    if rows.services(database, [row["id"]]):
        raise invalid(IN_USE)
    rows.delete(database, row["id"])


def put(
    database: Database,
    policy_id: str,
    given: dict[str, Any],
    before: Row | None = None,
    rule_ids: Iterable[str] = (),
) -> str:
    """Add a policy with that id, or changes the one that was `before`; returns the id.

    Rules keep the ids that they had before, or those of `rule_ids`.
    """
    policy: dict[str, Any] = {
        "id": policy_id,
        "name": None,
        "description": None,
        "num_loops": 0,
        "on_call_handoff_notifications": "if_has_services",
        "team_id": None,
    }
    kept = _rules_of(database, policy_id) if before is not None else []
    for field in policy:
        if before is not None:
            policy[field] = before[field]
        if field in given and field != "id":
            policy[field] = trimmed(given[field]) if field == "name" else given[field]
    errors = _errors(database, policy)
    if "teams" in given:
        policy["team_id"] = _team(database, given["teams"] or [], errors)
    if "escalation_rules" in given or before is None:
        known = {*rule_ids, *(rule.id for rule in kept)}
        kept = _rules(database, given.get("escalation_rules"), known, errors)
    if errors:
        raise invalid(*errors)
    rows.put(database, policy, kept)
    return policy_id


def _errors(database: Database, policy: dict[str, Any]) -> list[str]:
    """Find the problems of a policy's own properties."""
    errors = name_errors(policy["name"], MAX_NAME)
    if not errors and rows.is_name_taken(database, policy["name"], policy["id"]):
        errors.append("Name has already been taken")
    if not isinstance(policy["description"], (str, type(None))):
        errors.append("Description must be a string")
    if not _is_whole(policy["num_loops"]) or not 0 <= policy["num_loops"] <= MAX_LOOPS:
        errors.append(f"Num loops must be between 0 and {MAX_LOOPS}")
    if policy["on_call_handoff_notifications"] not in HANDOFFS:
        errors.append("On call handoff notifications is not included in the list")
    return errors


def _team(database: Database, given: Any, errors: list[str]) -> str | None:
    """Return the id of the only team; one that is not there is a 404."""
    if not isinstance(given, list) or len(given) > 1:
        errors.append("Teams must be a list of one team at most")
        return None
    for team in given:
        team_id = team.get("id") if isinstance(team, dict) else None
        if not isinstance(team_id, str) or team_rows.find(database, team_id) is None:
            raise not_found()
        return team_id
    return None


def _rules(database: Database, given: Any, known: set[str], errors: list[str]) -> list[Rule]:
    """Return the rules; those with an id of a rule that the policy has keep it."""
    if not isinstance(given, list) or not given:
        errors.append("Escalation rules can't be blank")
        return []
    rules: list[Rule] = []
    for item in given:
        rule = item if isinstance(item, dict) else {}
        delay: Any = rule.get("escalation_delay_in_minutes")
        if not _is_whole(delay) or not 1 <= delay <= MAX_DELAY:
            errors.append("Escalation rules escalation delay in minutes must be greater than or equal to 1")
        strategy = _strategy(rule.get("escalation_rule_assignment_strategy"))
        if strategy not in STRATEGIES:
            errors.append("Escalation rules assignment strategy is not included in the list")
        kept = next((each for each in known - {other.id for other in rules} if each == rule.get("id")), new_id())
        rules.append(Rule(kept, delay, strategy, _targets(database, rule.get("targets"), errors)))
    return rules


def _targets(database: Database, given: Any, errors: list[str]) -> tuple[str, ...]:
    """Return the ids of the users that a rule alerts.

    What is not there is a 404, and so is a schedule that is sent as a user (heimweh/go-pagerduty issue 33).
    """
    if not isinstance(given, list) or not given:
        errors.append("Escalation rules targets can't be blank")
        return ()
    if len(given) > MAX_TARGETS:  # terraform-provider issue 344
        errors.append(f"Escalation rules base May have at most {MAX_TARGETS} escalation targets")
        return ()
    ids = [str(target.get("id") if isinstance(target, dict) else None) for target in given]
    if len(user_rows.some(database, ids)) < len(set(ids)):
        raise not_found()
    return tuple(dict.fromkeys(ids))


def _strategy(given: Any) -> Any:
    """Return the strategy, which clients send as an object, a list of one (the description's example), or a string."""
    if isinstance(given, list) and given:
        given = given[0]
    if isinstance(given, dict):
        given = given.get("type")
    return STRATEGIES[0] if given is None else given


def _rules_of(database: Database, policy_id: str) -> list[Rule]:
    """Return the rules that a policy has."""
    users: dict[tuple[str, int, str], list[str]] = {}
    for row in rows.targets(database, [policy_id]):
        users.setdefault((row["rule_id"], row["delay"], row["strategy"]), []).append(row["user_id"])
    return [Rule(*rule, tuple(user_ids)) for rule, user_ids in users.items()]


def _is_whole(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)
