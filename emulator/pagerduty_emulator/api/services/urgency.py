"""The urgency of a service's incidents, its support hours, and what happens when they begin and end."""

from __future__ import annotations

import re
from typing import Any

RULE, HOURS, ACTIONS = "incident_urgency_rule", "support_hours", "scheduled_actions"
URGENCIES = ("high", "low", "severity_based")
CONSTANT: dict[str, Any] = {"type": "constant", "urgency": "high"}
DEFAULTS: dict[str, Any] = {RULE: CONSTANT, HOURS: None, ACTIONS: []}
# terraform-provider issues 415 and 535; the texts of the others are guesses.
WRONG_URGENCY = "Active urgency must be in high, low, or severity_based."
TIME = r"([01]\d|2[0-3]):[0-5]\d:[0-5]\d"


def urgency(given: dict[str, Any], before: dict[str, Any], errors: list[str]) -> dict[str, Any]:
    """Return the three properties as they are kept: as given, as they were `before`, or as they are without either.

    A constant urgency knows no support hours: giving them with it is refused (terraform-provider issue 535), and going
    over to it ends those there were (TF acceptance TestAccPagerDutyService_SupportHoursChange).
    """
    kept = {name: given.get(name, value) for name, value in before.items() if name in DEFAULTS}
    rule = kept[RULE] if isinstance(kept[RULE], dict) else {}
    if rule.get("type") == "use_support_hours":
        return _by_support_hours(given, before, kept, errors)
    if rule.get("type", "constant") != "constant":
        errors.append("Incident urgency rule type must be constant or use_support_hours.")
    urgency = rule.get("urgency", "high")
    if urgency not in URGENCIES or given.get(HOURS):
        errors.append(WRONG_URGENCY)
    if given.get(ACTIONS):  # "forbidden otherwise": terraform-provider pull request 360
        errors.append("Scheduled actions are allowed only with an incident urgency rule of type use_support_hours.")
    return {RULE: {"type": "constant", "urgency": urgency}, HOURS: None, ACTIONS: []}


def _by_support_hours(
    given: dict[str, Any], before: dict[str, Any], kept: dict[str, Any], errors: list[str]
) -> dict[str, Any]:
    """With support hours, each time has its own urgency.

    Scheduled actions must be given (go-pagerduty pull request 234), if only as an empty list or as the `[null]` of the
    Terraform provider (TF acceptance TestAccPagerDutyService_BasicWithIncidentUrgencyRules).
    """
    was_so = before[RULE]["type"] == "use_support_hours"
    if ACTIONS not in given and not was_so:
        errors.append("Scheduled actions can't be blank with an incident urgency rule of type use_support_hours.")
    times = {}
    for name in ("during_support_hours", "outside_support_hours"):
        time = kept[RULE].get(name)
        urgency = time.get("urgency") if isinstance(time, dict) else None
        if urgency not in URGENCIES:
            errors.append(WRONG_URGENCY)
        times[name] = {"type": "constant", "urgency": urgency}
    return {
        RULE: {"type": "use_support_hours", **times},
        HOURS: _hours(kept[HOURS], errors),
        ACTIONS: _actions(kept[ACTIONS], errors),
    }


def _hours(given: Any, errors: list[str]) -> Any:
    if not isinstance(given, dict):
        errors.append("Support hours can't be blank")  # terraform-provider issue 843
        return given
    times = [given.get("start_time"), given.get("end_time")]
    days = given.get("days_of_week")
    if given.get("type", "fixed_time_per_day") != "fixed_time_per_day":
        errors.append("Support hours type must be fixed_time_per_day.")
    if not isinstance(given.get("time_zone"), str) or not given["time_zone"]:
        errors.append("Support hours time zone can't be blank")
    if not all(isinstance(time, str) and re.fullmatch(TIME, time) for time in times):
        errors.append("Support hours start time and end time must be times such as 09:00:00.")
    if not isinstance(days, list) or not days or not all(type(day) is int and 1 <= day <= 7 for day in days):
        errors.append("Support hours days of week must be numbers from 1 (Monday) to 7 (Sunday).")
    return {
        "type": "fixed_time_per_day",
        "time_zone": given.get("time_zone"),
        "days_of_week": days,
        "start_time": times[0],
        "end_time": times[1],
    }


def _actions(given: Any, errors: list[str]) -> list[dict[str, Any]]:
    if not isinstance(given, (list, type(None))):
        errors.append("Scheduled actions must be a list")
        return []
    actions = []
    for action in [each for each in given or [] if each is not None]:
        at = action.get("at") if isinstance(action, dict) else None
        name = at.get("name") if isinstance(at, dict) else None
        if name not in ("support_hours_start", "support_hours_end"):
            errors.append("Scheduled actions must be at support_hours_start or support_hours_end.")
        actions.append({"type": "urgency_change", "at": {"type": "named_time", "name": name}, "to_urgency": "high"})
    return actions
