"""What is wrong with what the provider made of PagerDuty's responses, if anything is."""

from __future__ import annotations

import re
from collections.abc import Collection
from typing import Any

import grpc
from pagerduty_native.framework.testing import Refusal
from pagerduty_native.framework.values import Secret, Values, reveal

from tests.conftest import TOKEN

from .framing import KEY

# What no message for a user has: words of the provider's own, and of Python.
NEVER = re.compile(
    r"error of its own|Exception|Traceback|\b[A-Z][a-z]\w*Error\b|object at 0x|NoneType|__\w+__|\bself\."
)
MOST_CHARACTERS = 5000
# By their names in the state: what of an integration must be as PagerDuty has it, or not be there.
TRUE = {
    "integrationId": "id",
    "type": "type",
    "name": "name",
    "integrationKey": "integration_key",
    "integrationEmail": "integration_email",
    "htmlUrl": "html_url",
    "emailIncidentCreation": "email_incident_creation",
    "emailFilterMode": "email_filter_mode",
}


def words_problem(text: str, keys: Collection[str]) -> str:
    """What is wrong with a message. keys: of integrations, none of which may be in it."""
    if not text or len(text) > MOST_CHARACTERS:
        return f"{len(text)} characters"
    if found := NEVER.search(text):
        return f"{found[0]!r} is not for users"
    shown = [each for each in (TOKEN, KEY, *keys) if each in text]
    return f"it shows {shown}" if shown else ""


def refusal_problem(error: Refusal, keys: Collection[str]) -> str:
    """What is wrong with an error as the engine gets it."""
    if error.code != grpc.StatusCode.UNKNOWN:
        return f"{error.code}: {error.message}"
    found = words_problem(error.message, keys)
    return f"{found}: {error.message}" if found else ""


def state_problem(state: Values, actual: dict[str, Any]) -> str:
    """What of a state is not so. actual: the integration, as PagerDuty has it; what a state lacks is not looked at."""
    wrong = {
        name: (shown, actual.get(theirs))
        for name, theirs in TRUE.items()
        if (shown := reveal(state.get(name))) is not None and shown != actual.get(theirs)
    }
    if (key := state.get("integrationKey")) is not None and not isinstance(key, Secret):
        return "the key is not secret"
    if state.get("service") != actual["service"]["id"]:
        wrong["service"] = state.get("service"), actual["service"]["id"]
    return f"not so: {wrong}" if wrong else ""


def kept_problems(id: str, state: Values, service: str) -> list[str]:
    """What is wrong with an ID and a state, whatever PagerDuty says."""
    problems = []
    if not re.fullmatch(r"[\w-]+\.[\w-]+", id, re.ASCII) or state.get("integrationId") != id.partition(".")[2]:
        problems.append(f"odd ID: {id!r}, {state.get('integrationId')!r}")
    if state.get("service") != service or not id.startswith(f"{service}."):
        problems.append(f"on another service: {id}, {state.get('service')}")
    url = reveal(state.get("integrationUrl"))
    if url is not None and not re.match("https?://[^/]", url):
        problems.append(f"odd URL: {url[:100]}")
    problems += [f"{name} is {state.get(name)!r}" for name in ("type", "name") if not isinstance(state.get(name), str)]
    return problems


def agree(found: Any, expected: Any) -> bool:
    """Whether a result is as expected, but for what it lacks; names, IDs and elements of lists are never lacking."""
    if isinstance(expected, dict):
        there = isinstance(found, dict) and all(agree(found[key], expected.get(key)) for key in found)
        return there and all(
            key in found for key in expected if key in {"id", "name"} or isinstance(expected[key], list)
        )
    if isinstance(expected, list):
        return isinstance(found, list) and len(found) == len(expected) and all(map(agree, found, expected))
    return bool(found == expected)


def untold(made: Collection[str], told: Collection[str], service: str, name: str) -> list[str]:
    """The IDs of integrations that were made and nobody was told of. told: IDs in responses, messages and warnings."""
    text = "\n".join(told)
    if f"may have created the integration {name!r} on the service {service}" in text:
        return []
    return [each for each in made if f"{service}.{each}" not in text]
