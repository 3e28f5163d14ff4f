"""Responses conform to PagerDuty's description, for requests that it allows and for others.

schemathesis makes the requests from openapi.json, anew by the same seed each time; CONFORMANCE_EXAMPLES says how many.
"""

import os
import re
from collections.abc import Callable
from functools import lru_cache
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from pagerduty_emulator import Emulator
from schemathesis import Case, GenerationMode

from .client import TOKEN, Client
from .test_openapi import description, problems

EXAMPLES = int(os.environ.get("CONFORMANCE_EXAMPLES", "5"))
OPERATIONS = [(method, path) for path, operations in description()["paths"].items() for method in operations]

# Statuses that the description does not have for every operation, and what is known of them. They come as an error.
UNDESCRIBED = {
    400: "a body or a parameter that does not do",
    404: "what a path or a body names is not there (recorded for services and vendors)",
    405: "a method that an address does not have",
}

# References are described as such alone; `include[]` makes whole objects of them (developer-docs, 13-Includes.md).
INCLUDED = re.compile(r"/type: '(\w+)' is not one of \[.*'\1_reference'|^incident/service: ")


@lru_cache(maxsize=1)
def api_schema() -> Any:
    return schemathesis.openapi.from_dict(description())


KINDS = sorted({path.split("/")[1] for path in description()["paths"]})
NAMED_ELSEWHERE = {"user_id": "users", "escalation_policy_id": "escalation_policies", "alert_id": "alerts"}


@pytest.fixture
def there(emulator: Emulator, api: Client, create: Callable[..., dict[str, Any]]) -> dict[str, str]:
    """The id of one object of each kind that the account has, and of an integration on a service."""
    made = create(type="generic_email_inbound_integration")
    api.post("/emulator/emails", json={"to": made["integration_email"], "subject": "Disk is full"})
    api.post("/teams", json={"team": {"type": "team", "name": "Night shift"}})
    change = {"routing_key": create()["integration_key"], "payload": {"summary": "Deployed"}}
    api.post("/v2/change/enqueue", json=change)
    ids = {"integrations": made["id"], "alerts": emulator.alerts()[0]["id"]}
    orchestration = emulator.add_event_orchestration("Shop")
    (routed,) = emulator.orchestration_integrations(orchestration)
    ids |= {"event_orchestrations": orchestration, "orchestration_integrations": routed["id"]}
    for kind in set(KINDS) - set(ids):
        listed = api.get(f"/{kind}").json()[kind]
        if isinstance(listed[0], dict):
            ids[kind] = listed[0]["id"]
    return {**ids, "services": "PCHECKT"}


def named(path: str, there: dict[str, str]) -> dict[str, str]:
    """Values for the variable parts of a path, of what is there."""
    of_orchestrations = "orchestration_" if path.startswith("/event_orchestrations") else ""
    kinds = {"id": path.split("/")[1], "integration_id": f"{of_orchestrations}integrations", **NAMED_ELSEWHERE}
    return {name: there.get(kind, "urgencies") for name, kind in kinds.items() if f"{{{name}}}" in path}


@pytest.mark.parametrize("mode", [GenerationMode.POSITIVE, GenerationMode.NEGATIVE], ids=["allowed", "not_allowed"])
@pytest.mark.parametrize(("method", "path"), OPERATIONS)
def test_it_answers_as_described(
    emulator: Emulator, there: dict[str, str], method: str, path: str, mode: GenerationMode
) -> None:
    operation = api_schema()[path][method.upper()]
    kept = settings(
        max_examples=EXAMPLES,
        derandomize=True,
        database=None,
        deadline=None,
        phases=(Phase.generate,),
        suppress_health_check=list(HealthCheck),
    )

    with Client(emulator.url, TOKEN) as client:

        @kept
        @given(case=operation.as_strategy(generation_mode=mode, path_parameters=named(path, there) or None))
        def check(case: Case[Any]) -> None:
            answer = case.call(base_url=emulator.url, session=client, headers=dict(TOKEN))  # it adds to them
            if "Host" in (case.headers or {}):
                return  # An odd name in this header is refused before the API sees the request.
            shown = answer.json() if answer.content else None
            found = list(problems(method, path, answer.status_code, shown))
            if answer.status_code in UNDESCRIBED:
                assert {"message", "errors"} & set(answer.json()["error"])
                found = [item for item in found if item != f"status {answer.status_code} is not described"]
            if "include[]" in (case.query or {}):
                found = [item for item in found if not INCLUDED.search(item)]
            assert found == [], f"{case.as_curl_command()[:2000]}: {answer.status_code} {answer.text[:300]}"

        check()
