"""The answers against what PagerDuty's own OpenAPI description says of them; openapi.json is cut out of it."""

import json
import re
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path
from typing import Any

import pytest
from openapi_schema_validator import OAS30ReadValidator
from pagerduty_emulator.api.addresses import NOT_SERVED, REST
from referencing import Registry, Resource
from referencing.jsonschema import DRAFT4

from emulator.tools import coverage_page
from emulator.tools.openapi_extract import at, extract

from .client import Client

EXTRACT = Path(__file__).parent / "openapi.json"
WHOLE = Path(__file__).parents[3] / "shared" / "pagerduty-api" / "rest-openapi.json"  # beside some clones

INTEGRATION = "/services/{id}/integrations/{integration_id}"
ORCHESTRATION_INTEGRATIONS = "/event_orchestrations/{id}/integrations"
ORCHESTRATION_INTEGRATION = f"{ORCHESTRATION_INTEGRATIONS}/{{integration_id}}"
TEAM_POLICY = "/teams/{id}/escalation_policies/{escalation_policy_id}"

# Known errors and gaps of the description. Each line says what real responses have.
UNDESCRIBED_OPERATIONS = {
    ("delete", INTEGRATION),  # 204
    # Taken out of the description, though the Terraform provider has them, and services refer to them.
    ("get", "/response_plays"),
    ("post", "/response_plays"),
    ("get", "/response_plays/{id}"),
    ("put", "/response_plays/{id}"),
    ("delete", "/response_plays/{id}"),
}
UNDESCRIBED_STATUSES = {
    ("get", "/users/me", 401),
    ("get", ORCHESTRATION_INTEGRATION, 404),
    ("post", "/services/{id}/integrations", 404),  # unknown service
    ("post", "/escalation_policies", 404),  # unknown target (heimweh/go-pagerduty issue 33)
    ("delete", "/escalation_policies/{id}", 400),  # a service uses it
    ("delete", "/users/{id}", 400),  # an escalation policy alerts the user
    ("delete", "/teams/{id}", 400),  # it has an escalation policy
}
NULLS = {  # null if there is none, though not described as nullable; the comments say who recorded it
    "vendor",  # grafana/oncall pull request 483
    "subject_regex",  # go-pagerduty issue 315, as for the two after it
    "body_regex",
    "from_email_regex",
    "matcher",  # terraform-provider issue 88, as for all of parsers
    "part",
    "regex",
    "starts_after",
    "ends_before",
    "description",  # services, in the documents of IBM's PagerDuty app, as for the five after it
    "alert_grouping",
    "alert_grouping_timeout",
    "alert_grouping_parameters",
    "support_hours",
    "last_incident_timestamp",
    "resolved_at",
    "job_title",  # recorded users
    "priority",  # recorded incidents, as for the one after it
    "resolve_reason",
    "acknowledgement_timeout",  # null where it is disabled, says the description of the property
    "auto_resolve_timeout",
    "html_url",  # of what has no page, as licenses have neither in the description's own example
    "self",
    "timeout",  # TF acceptance TestAccPagerDutyServiceWithAutoPauseNotificationsDisabled_import
}


def is_known_gap(error: Any) -> bool:
    """Say whether a violation is the description's fault."""
    path = list(error.absolute_path)
    if error.instance is None and path and path[-1] in NULLS:
        return True
    # No grouping of alerts is `{"type": null, "config": null}` (Coralogix's and IBM's documents).
    if path[-1:] == ["alert_grouping_parameters"] and error.instance == {"type": None, "config": None}:
        return True
    # Alerts grouped by content: TF acceptance TestAccPagerDutyService_AlertGroupingContentBased.
    if path[-1:] == ["alert_grouping"] and error.instance == "rules":
        return True
    # An object, described as a string: TF acceptance TestAccPagerDutyEscalationPolicyWithRoundRobinAssignmentStrategy.
    if "escalation_rule_assignment_strategy" in path and isinstance(error.instance, dict):
        return True
    # Described as `"all, any"`, one word.
    if path[-1:] == ["alert_grouping_parameters"] and error.instance["type"] == "content_based":
        return True
    # Objects that `include[]` makes whole are described only as references.
    if error.validator == "enum" and path[-1] == "type":
        return path[-3] in {"integrations", "services", "teams"} or path[-2] == "escalation_policy"
    # `GET /vendors/{id}` is described as a list.
    return path == ["vendor"] and error.validator == "type" and error.validator_value == "array"


@lru_cache(maxsize=1)
def description() -> dict[str, Any]:
    loaded: dict[str, Any] = json.loads(EXTRACT.read_text(encoding="utf-8"))
    return loaded


@lru_cache(maxsize=1)
def registry() -> Any:
    return Registry().with_resource("urn:api", Resource.from_contents(description(), default_specification=DRAFT4))


def response_at(method: str, template: str, status: int) -> tuple[str, dict[str, Any]]:
    """A described response, and the JSON pointer to it."""
    escaped = template.replace("/", "~1")
    pointer = f"#/paths/{escaped}/{method}/responses/{status}"
    while True:
        found: Any = at(description(), pointer)
        if "$ref" not in found:
            return pointer, found
        pointer = found["$ref"]


def problems(method: str, template: str, status: int, body: Any) -> Iterator[str]:
    """List the parts of a response that the description does not allow, without the known gaps."""
    if (method, template) in UNDESCRIBED_OPERATIONS or (method, template, status) in UNDESCRIBED_STATUSES:
        return
    responses = description()["paths"][template][method]["responses"]
    if str(status) not in responses:
        yield f"status {status} is not described"
        return
    pointer, response = response_at(method, template, status)
    if "content" not in response:
        if body is not None:
            yield "a body is not described"
        return
    schema = {"$ref": f"urn:api{pointer}/content/application~1json/schema"}
    validator = OAS30ReadValidator(schema, registry=registry())
    for error in validator.iter_errors(body):
        if not is_known_gap(error):
            yield f"{'/'.join(map(str, error.absolute_path))}: {error.message[:200]}"


PREDICATE = {"type": "contains", "part": "subject", "matcher": "x", "children": []}
EXTRACTOR = {"type": "entire", "part": "body", "value_name": "incident_key"}
EMAIL = {
    "type": "generic_email_inbound_integration",
    "name": "E-mail",
    "email_incident_creation": "use_rules",
    "email_filter_mode": "and-rules-email",
    "email_filters": [
        {"subject_mode": "match", "subject_regex": "a", "body_mode": "always", "from_email_mode": "always"}
    ],
    "email_parsers": [{"action": "trigger", "match_predicate": PREDICATE, "value_extractors": [EXTRACTOR]}],
}
CLOUDWATCH = {
    "type": "generic_events_api_inbound_integration",
    "name": "CloudWatch",
    "vendor": {"type": "vendor_reference", "id": "PZQ6AUS"},
}
NEW_TEAM = {"type": "team", "name": "Night shift"}
NEW_USER = {"name": "On-call", "type": "user", "email": "on-call@acme.example"}
DEFAULT = {"id": "PT20YPA", "type": "escalation_policy_reference"}
NEW_SERVICE = {"name": "New", "type": "service", "escalation_policy": DEFAULT}
OFFICE = {
    "type": "fixed_time_per_day",
    "time_zone": "America/Lima",
    "start_time": "09:00:00",
    "end_time": "17:00:00",
    "days_of_week": [1, 2, 3, 4, 5],
}
OFFICE_HOURS = {
    "incident_urgency_rule": {
        "type": "use_support_hours",
        "during_support_hours": {"type": "constant", "urgency": "high"},
        "outside_support_hours": {"type": "constant", "urgency": "low"},
    },
    "support_hours": OFFICE,
    "scheduled_actions": [
        {"type": "urgency_change", "at": {"type": "named_time", "name": "support_hours_start"}, "to_urgency": "high"}
    ],
    "alert_grouping_parameters": {"type": "time", "config": {"timeout": 2}},
    "auto_pause_notifications_parameters": {"enabled": True, "timeout": 300},
}
OWNER_FIRST = {"escalation_delay_in_minutes": 30, "targets": [{"id": "POWNER1", "type": "user_reference"}]}
NEW_POLICY = {"type": "escalation_policy", "name": "Night shift", "escalation_rules": [OWNER_FIRST]}
ROUTER = {"orchestration_path": {"sets": [{"id": "start", "rules": [{"actions": {"route_to": "PCHECKT"}}]}]}}
NOBODY = {**OWNER_FIRST, "targets": [{"id": "PNOSUCH", "type": "user_reference"}]}
ALL_OF_POLICIES = "include[]=services&include[]=teams&include[]=targets&include[]=escalation_rule_assignment_strategies"
ALL_OF_SERVICES = (
    "include[]=integrations&include[]=teams&include[]=escalation_policies&include[]=auto_pause_notifications_parameters"
)

# Method, path template, what stands for its variables, body, expected status.
CALLS: list[tuple[str, str, str, Any, int]] = [
    ("get", "/vendors", "/vendors?limit=100&offset={offset}", None, 200),
    ("get", "/vendors", "/vendors?offset=10000", None, 400),
    ("get", "/vendors/{id}", "/vendors/PZQ6AUS", None, 200),
    ("get", "/vendors/{id}", "/vendors/PNOSUCH", None, 404),
    ("get", "/services", "/services", None, 200),
    ("get", "/services", f"/services?total=true&{ALL_OF_SERVICES}", None, 200),
    ("post", "/services", "/services", {"service": NEW_SERVICE}, 201),
    ("post", "/services", "/services", {"service": {}}, 400),
    ("get", "/services/{id}", "/services/PCHECKT?include[]=integrations", None, 200),
    ("post", "/services", "/services", {"service": {**NEW_SERVICE, **OFFICE_HOURS}}, 201),
    ("get", "/services/{id}", "/services/PNOSUCH", None, 404),
    ("put", "/services/{id}", "/services/PCHECKT", {"service": {"description": "x"}}, 200),
    ("delete", "/services/{id}", "/services/PMOBL11", None, 204),
    ("post", "/services/{id}/integrations", "/services/PCHECKT/integrations", {"integration": CLOUDWATCH}, 201),
    ("post", "/services/{id}/integrations", "/services/PCHECKT/integrations", {"integration": EMAIL}, 201),
    ("post", "/services/{id}/integrations", "/services/PCHECKT/integrations", {"integration": {}}, 400),
    ("get", INTEGRATION, "{email}", None, 200),
    ("get", INTEGRATION, "{cloudwatch}", None, 200),
    ("put", INTEGRATION, "{email}", {"integration": {"name": "Renamed", "email_filters": []}}, 200),
    ("put", INTEGRATION, "{email}", {"integration": {"name": ""}}, 400),
    ("put", INTEGRATION, "/services/PCHECKT/integrations/PNOSUCH", {"integration": {}}, 404),
    ("get", "/incidents", "/incidents", None, 200),
    ("get", "/incidents/{id}", "/incidents/{incident}", None, 200),
    ("get", "/incidents/{id}/alerts", "/incidents/{incident}/alerts", None, 200),
    ("get", "/incidents/{id}/alerts/{alert_id}", "{alert}", None, 200),
    ("get", "/change_events", "/change_events", None, 200),
    ("get", "/change_events/{id}", "/change_events/{change}", None, 200),
    ("get", "/services/{id}/change_events", "/services/PCHECKT/change_events", None, 200),
    ("get", "/event_orchestrations", "/event_orchestrations", None, 200),
    ("post", "/event_orchestrations", "/event_orchestrations", {"orchestration": {"name": "x"}}, 201),
    ("post", "/event_orchestrations", "/event_orchestrations", {"orchestration": {}}, 400),
    ("get", "/event_orchestrations/{id}", "{orchestration}", None, 200),
    ("get", "/event_orchestrations/{id}", "/event_orchestrations/x", None, 404),
    ("put", "/event_orchestrations/{id}", "{orchestration}", {"orchestration": {"name": "y"}}, 200),
    ("get", ORCHESTRATION_INTEGRATIONS, "{orchestration}/integrations", None, 200),
    ("post", ORCHESTRATION_INTEGRATIONS, "{orchestration}/integrations", {"integration": {"label": "x"}}, 201),
    ("post", ORCHESTRATION_INTEGRATIONS, "{orchestration}/integrations", {"integration": {}}, 400),
    ("get", ORCHESTRATION_INTEGRATION, "{orchestration}/integrations/{routed}", None, 200),
    ("get", ORCHESTRATION_INTEGRATION, "{orchestration}/integrations/x", None, 404),
    (
        "put",
        ORCHESTRATION_INTEGRATION,
        "{orchestration}/integrations/{routed}",
        {"integration": {"label": "y"}},
        200,
    ),
    ("delete", ORCHESTRATION_INTEGRATION, "{orchestration}/integrations/{routed}", None, 204),
    ("get", "/event_orchestrations/{id}/router", "{orchestration}/router", None, 200),
    ("put", "/event_orchestrations/{id}/router", "{orchestration}/router", ROUTER, 200),
    ("get", "/event_orchestrations/{id}/global", "{orchestration}/global", None, 200),
    ("get", "/event_orchestrations/{id}/unrouted", "{orchestration}/unrouted", None, 200),
    ("delete", "/event_orchestrations/{id}", "{orchestration}", None, 204),
    ("get", "/abilities", "/abilities", None, 200),
    ("get", "/abilities/{id}", "/abilities/urgencies", None, 204),
    ("get", "/abilities/{id}", "/abilities/no_such", None, 402),
    ("delete", INTEGRATION, "{email}", None, 204),
    ("get", "/teams", "/teams", None, 200),
    ("post", "/teams", "/teams", {"team": NEW_TEAM}, 201),
    ("post", "/teams", "/teams", {"team": {}}, 400),
    ("get", "/teams/{id}", "{team}", None, 200),
    ("put", "/teams/{id}", "{team}", {"team": {"description": "x"}}, 200),
    ("get", "/teams/{id}/members", "{team}/members", None, 200),
    ("put", "/teams/{id}/users/{user_id}", "{team}/users/POWNER1", {"role": "responder"}, 204),
    ("delete", "/teams/{id}/users/{user_id}", "{team}/users/POWNER1", None, 204),
    ("delete", "/teams/{id}", "{team}", None, 204),
    ("get", "/users", "/users?total=true", None, 200),
    ("post", "/users", "/users", {"user": NEW_USER}, 201),
    ("post", "/users", "/users", {"user": {}}, 400),
    ("get", "/users/{id}", "/users/POWNER1", None, 200),
    ("get", "/users/{id}", "/users/PNOSUCH", None, 404),
    ("put", "/users/{id}", "/users/POWNER1", {"user": {"job_title": "Owner"}}, 200),
    ("delete", "/users/{id}", "/users/PUVIEW1", None, 204),
    ("delete", "/users/{id}", "/users/POWNER1", None, 400),
    ("get", "/users/me", "/users/me", None, 200),
    ("get", "/users/{id}/license", "/users/POWNER1/license", None, 200),
    ("get", "/users/{id}/contact_methods", "/users/POWNER1/contact_methods", None, 200),
    (
        "get",
        "/users/{id}/contact_methods/{contact_method_id}",
        "{contact_method}",
        None,
        200,
    ),
    ("get", "/users/{id}/contact_methods/{contact_method_id}", "/users/POWNER1/contact_methods/PNOSUCH", None, 404),
    ("get", "/users/{id}/notification_rules", "/users/POWNER1/notification_rules", None, 200),
    ("get", "/users/{id}/notification_rules/{notification_rule_id}", "{notification_rule}", None, 200),
    ("get", "/licenses", "/licenses", None, 200),
    ("get", "/escalation_policies", "/escalation_policies", None, 200),
    ("get", "/escalation_policies", f"/escalation_policies?{ALL_OF_POLICIES}", None, 200),
    ("post", "/escalation_policies", "/escalation_policies", {"escalation_policy": NEW_POLICY}, 201),
    ("post", "/escalation_policies", "/escalation_policies", {"escalation_policy": {}}, 400),
    (
        "post",
        "/escalation_policies",
        "/escalation_policies",
        {"escalation_policy": {**NEW_POLICY, "escalation_rules": [NOBODY]}},
        404,
    ),
    ("get", "/escalation_policies/{id}", "/escalation_policies/PESHOP1", None, 200),
    ("get", "/escalation_policies/{id}", "/escalation_policies/PNOSUCH", None, 404),
    ("put", "/escalation_policies/{id}", "/escalation_policies/PESHOP1", {"escalation_policy": {"name": "x"}}, 200),
    ("delete", "/escalation_policies/{id}", "/escalation_policies/PT20YPA", None, 204),
    ("delete", "/escalation_policies/{id}", "/escalation_policies/PESHOP1", None, 400),
    ("put", TEAM_POLICY, "{team}/escalation_policies/PT20YPA", None, 204),
    ("put", TEAM_POLICY, "{team}/escalation_policies/PESHOP1", None, 400),
    ("delete", TEAM_POLICY, "{team}/escalation_policies/PESHOP1", None, 204),
    ("delete", "/teams/{id}", "/teams/PTSHOP1", None, 400),
    ("delete", "/teams/{id}/users/{user_id}", "/teams/PTSHOP1/users/PUSHOP2", None, 400),
]


@pytest.fixture
def paths(api: Client, create: Any) -> dict[str, str]:
    """Make the objects that the paths of CALLS name."""
    email, cloudwatch = create(**EMAIL), create(**CLOUDWATCH)
    payload = {"summary": "Disk", "source": "db1", "severity": "error"}
    event = {"routing_key": cloudwatch["integration_key"], "event_action": "trigger", "payload": payload}
    api.post("/v2/enqueue", json=event)
    incident = api.get("/incidents").json()["incidents"][0]["id"]
    change = {"summary": "Deployed", "source": "ci", "timestamp": "2026-01-31T09:00:00Z"}
    api.post("/v2/change/enqueue", json={"routing_key": cloudwatch["integration_key"], "payload": change})
    orchestration = api.post("/event_orchestrations", json={"orchestration": {"name": "o"}}).json()["orchestration"]
    team = api.post("/teams", json={"team": {"type": "team", "name": "On-call", "description": "x"}}).json()["team"]
    assert api.put(f"{team['self']}/users/POWNER1").status_code == 204
    owner = api.get("/users/me").json()["user"]
    return {
        "contact_method": owner["contact_methods"][0]["self"],
        "notification_rule": owner["notification_rules"][0]["self"],
        "team": team["self"],
        "email": email["self"],
        "cloudwatch": cloudwatch["self"],
        "incident": incident,
        "orchestration": orchestration["self"],
        "routed": orchestration["integrations"][0]["id"],
        "alert": api.get(f"/incidents/{incident}/alerts").json()["alerts"][0]["self"],
        "change": api.get("/change_events").json()["change_events"][0]["id"],
        "offset": "100",
    }


@pytest.mark.parametrize("call", CALLS, ids=lambda call: f"{call[0]} {call[2]} {call[4]}")
def test_answers_are_as_described(api: Client, paths: dict[str, str], call: tuple[str, str, str, Any, int]) -> None:
    method, template, path, body, status = call
    answer = api.request(method, path.format(**paths), json=body)
    assert answer.status_code == status, answer.text
    shown = answer.json() if answer.content else None
    assert list(problems(method, template, status, shown)) == []


def test_included_integrations_are_as_described(api: Client, paths: dict[str, str]) -> None:
    service = api.get("/services/PCHECKT?include[]=integrations").json()["service"]
    assert [item["self"] for item in service["integrations"]] == [paths["email"], paths["cloudwatch"]]
    for item in service["integrations"]:
        assert list(problems("get", INTEGRATION, 200, {"integration": item})) == []


@pytest.mark.parametrize(("method", "template", "path"), sorted({call[:3] for call in CALLS}))
def test_refusals_are_as_described(
    anonymous: Client, paths: dict[str, str], method: str, template: str, path: str
) -> None:
    answer = anonymous.request(method, path.format(**paths))
    assert answer.status_code == 401
    assert list(problems(method, template, 401, answer.json())) == []


def test_the_gaps_are_still_there(api: Client) -> None:
    """A gap that PagerDuty closes is to be struck from the list above."""
    described = description()["paths"]
    for method, template in UNDESCRIBED_OPERATIONS:
        assert method not in described.get(template, {})
    for method, template, status in UNDESCRIBED_STATUSES:
        assert str(status) not in described[template][method]["responses"]
    vendor = api.get("/vendors/PZQ6AUS").json()
    schema = described["/vendors/{id}"]["get"]["responses"]["200"]["content"]["application/json"]["schema"]
    assert schema["properties"]["vendor"]["type"] == "array"
    assert isinstance(vendor["vendor"], dict)


@pytest.mark.skipif(not WHOLE.exists(), reason="PagerDuty's whole OpenAPI description is not beside this clone")
def test_the_extract_is_current() -> None:
    assert extract(json.loads(WHOLE.read_text(encoding="utf-8"))) == description()


def test_an_extract_has_what_is_served_and_what_that_leads_to() -> None:
    response = {"description": "x", "content": {"application/json": {"schema": {"$ref": "#/components/schemas/V"}}}}
    operation = {"summary": "x", "parameters": [{"name": "limit"}], "responses": {"200": response}}
    schema = {"type": "object", "description": "x", "properties": {"description": {"type": "string", "example": "x"}}}
    paths = {path: {"get": operation, "parameters": []} for path in description()["paths"]}
    components = {"schemas": {"V": schema, "Unused": schema}}
    whole = {"openapi": "3.0.2", "info": {"title": "t", "version": "1"}, "paths": paths, "components": components}

    extracted = extract(whole)

    assert extracted["components"] == {
        "schemas": {"V": {"type": "object", "properties": {"description": {"type": "string"}}}}
    }
    assert extracted["paths"]["/vendors"] == {
        "get": {"parameters": [{"name": "limit"}], "responses": {"200": {"content": response["content"]}}}
    }
    assert extracted["x-operations"]["/vendors"] == ["get"]
    assert "github.com/PagerDuty/api-schema" in extracted["info"]["x-source"]


def test_what_is_not_served_is_known_where_it_would_be_taken_for_something_else() -> None:
    """Each operation of PagerDuty at an address that matches one of ours is served, or in NOT_SERVED."""
    patterns = {path: re.compile(re.sub(r"{\w+}", "[^/]+", path)) for path in REST}
    expected: dict[str, set[str]] = {}
    for path, methods in description()["x-operations"].items():
        address = re.sub(r"{\w+}", "x", path)
        if any(pattern.fullmatch(address) for pattern in patterns.values()):
            left = {method.upper() for method in methods} - set(REST.get(path, ()))
            if left:
                expected[path] = left
    assert {path: set(methods) for path, methods in NOT_SERVED.items()} == expected


def test_every_path_served_is_described() -> None:
    """But for the known gaps, above."""
    served = {(method.lower(), path) for path, operations in REST.items() for method in operations}
    described = {(method, path) for path, operations in description()["paths"].items() for method in operations}
    assert served - described == UNDESCRIBED_OPERATIONS


def test_the_coverage_table_is_current() -> None:
    current = coverage_page.TABLE.read_text(encoding="utf-8")
    assert current == coverage_page.page(), "run `python emulator/tools/coverage_page.py`"
