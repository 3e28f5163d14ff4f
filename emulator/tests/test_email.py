"""E-mail integrations: addresses, filters, parsers, and mail that arrives."""

from typing import Any

import pytest
from pagerduty_emulator import Emulator

from .client import Client

EMAIL = "generic_email_inbound_integration"
ALWAYS = {"subject_mode": "always", "body_mode": "always", "from_email_mode": "always"}
SUBJECT_FILTER = {**ALWAYS, "subject_mode": "match", "subject_regex": "^alert"}
CONTAINS: dict[str, Any] = {"type": "contains", "part": "subject", "matcher": "DOWN"}
KEY = {"type": "between", "part": "subject", "value_name": "incident_key", "starts_after": "[", "ends_before": "]"}
PARSER: dict[str, Any] = {
    "action": "trigger",
    "match_predicate": {"type": "all", "children": [CONTAINS]},
    "value_extractors": [KEY],
}


@pytest.fixture
def email(create: Any) -> Any:
    return lambda **given: create(type=EMAIL, **given)


@pytest.fixture
def put(api: Client) -> Any:
    """Changes an integration; returns it, or the errors."""

    def put(made: dict[str, Any], **given: Any) -> Any:
        answer = api.put(made["self"], json={"integration": given}).json()
        return answer.get("integration") or answer["error"]["errors"]

    return put


def test_what_it_has_by_default(email: Any) -> None:
    made = email()
    assert made["type"] == EMAIL
    assert made["integration_email"].endswith("@acme.pagerduty.com")
    # Recorded without them in go-pagerduty issue 315.
    assert not {"integration_key", "email_parsers", "email_parsing_fallback"} & set(made)
    assert made["email_incident_creation"] == "on_new_email_subject"
    assert made["email_filter_mode"] == "all-email"
    (only,) = made["email_filters"]
    assert isinstance(only.pop("id"), str)
    assert only == {**ALWAYS, "subject_regex": None, "body_regex": None, "from_email_regex": None}


def test_addresses_are_random_or_given(email: Any) -> None:
    assert email()["integration_email"] != email()["integration_email"]
    assert email(integration_email="ops@acme.pagerduty.com")["integration_email"] == "ops@acme.pagerduty.com"


def test_the_region_is_in_the_address(emulator: Emulator, email: Any) -> None:
    emulator.settings.update({"subdomain": "shop", "region": "eu"})
    assert email()["integration_email"].endswith("@shop.eu.pagerduty.com")


def test_an_address_can_be_required(emulator: Emulator, errors_of: Any) -> None:
    emulator.settings.integration_email = "required"
    assert errors_of(type=EMAIL) == ["Integration email cannot be empty."]


def test_some_vendors_require_an_address(api: Client, errors_of: Any) -> None:
    zendesk = api.get("/vendors?query=zendesk").json()["vendors"][-1]
    assert zendesk["name"] == "Zendesk"
    assert errors_of(type=EMAIL, vendor=zendesk) == ["Integration email cannot be empty."]


@pytest.mark.parametrize(
    ("address", "error"),
    [
        ("", "Integration email cannot be empty."),
        ("nobody", "Integration email is invalid"),
        (7, "Integration email is invalid"),
        ("a b@acme.pagerduty.com", "Integration email is invalid"),
    ],
)
def test_addresses_that_do_not_do(errors_of: Any, email: Any, put: Any, address: Any, error: str) -> None:
    assert errors_of(type=EMAIL, integration_email=address) == [error]
    assert put(email(), integration_email=address) == [error]


def test_odd_rules_and_addresses_can_be_let_in(emulator: Emulator, email: Any, put: Any) -> None:
    emulator.settings.email_rules = "any"
    odd = {**PARSER, "action": "page", "value_extractors": []}
    made = email(integration_email="nobody", email_filter_mode="quorum", email_parsers=[odd])
    assert (made["integration_email"], made["email_filter_mode"]) == ("nobody", "quorum")
    assert (made["email_parsers"][0]["action"], made["email_parsers"][0]["value_extractors"]) == ("page", [])
    assert put(made, email_filters=[{"subject_mode": "match", "subject_regex": ""}])["email_filter_mode"] == "quorum"


def test_the_domain_can_be_checked(emulator: Emulator, errors_of: Any) -> None:
    emulator.settings.email_domains = "account"
    assert errors_of(type=EMAIL, integration_email="a@b.com") == [
        "Integration email must be an address @acme.pagerduty.com"
    ]


def test_an_address_twice_is_accepted_or_refused(emulator: Emulator, email: Any, errors_of: Any, put: Any) -> None:
    address = "ops@acme.pagerduty.com"
    first, second = email(integration_email=address), email(integration_email=address)
    assert first["id"] != second["id"]
    emulator.settings.duplicate_emails = "refuse"
    assert errors_of(type=EMAIL, integration_email=address.upper()) == ["Integration email has already been taken"]
    emulator.delete_integration(second["id"])
    assert put(first, integration_email=address)["integration_email"] == address


def test_a_duplicate_address_may_be_accepted_on_one_service_only(
    emulator: Emulator, email: Any, errors_of: Any, put: Any
) -> None:
    """On one service: terraform-provider's test GenericEmailNoFilters, pull request 625."""
    emulator.settings.duplicate_emails = "same_service"
    address = "ops@acme.pagerduty.com"
    elsewhere = email(service="PAYMNT2", integration_email=address)
    assert errors_of(type=EMAIL, integration_email=address) == ["Integration email has already been taken"]
    assert email(service="PAYMNT2", integration_email=address)["id"] != elsewhere["id"]
    assert put(email(), integration_email=address) == ["Integration email has already been taken"]
    assert put(elsewhere, integration_email=address)["id"] == elsewhere["id"]


def test_an_email_integration_has_no_key(email: Any) -> None:
    assert "integration_key" not in email()


def test_pingdom_without_a_vendor_is_an_email_integration(create: Any) -> None:
    made = create(type="pingdom_inbound_integration", integration_email="p@acme.pagerduty.com")
    assert made["integration_email"] == "p@acme.pagerduty.com"
    assert "integration_key" not in made


def test_filters_and_parsers_come_back_with_ids_and_nulls(email: Any) -> None:
    made = email(
        email_incident_creation="use_rules",
        email_filter_mode="or-rules-email",
        email_filters=[SUBJECT_FILTER],
        email_parsers=[PARSER],
    )
    (shown,) = made["email_filters"]
    assert isinstance(shown["id"], str)
    assert (shown["subject_mode"], shown["subject_regex"], shown["body_regex"]) == ("match", "^alert", None)
    (parser,) = made["email_parsers"]
    assert isinstance(parser["id"], int)
    assert parser["match_predicate"] == {
        "type": "all",
        "matcher": None,
        "part": None,
        "children": [{**CONTAINS, "children": []}],
    }
    assert parser["value_extractors"] == [{**KEY, "regex": None}]
    assert made["email_parsing_fallback"] == "open_new_incident"


def test_put_keeps_clears_and_replaces(email: Any, put: Any) -> None:
    made = email(email_filters=[SUBJECT_FILTER], email_parsers=[PARSER])
    renamed = put(made, name="Renamed")
    assert {**renamed, "name": made["name"], "summary": made["summary"]} == made
    kept = put(made, email_filters=made["email_filters"], email_parsers=made["email_parsers"])
    assert (kept["email_filters"], kept["email_parsers"]) == (made["email_filters"], made["email_parsers"])
    cleared = put(made, email_filters=[], email_parsers=[])
    assert cleared["email_filters"][0]["subject_mode"] == "always"
    assert "email_parsers" not in cleared
    assert put(made, email_filter_mode="and-rules-email")["email_filter_mode"] == "and-rules-email"


LEAF = {"type": "exactly", "part": "body", "matcher": "x"}


def with_predicate(predicate: Any) -> dict[str, Any]:
    return {"email_parsers": [{**PARSER, "match_predicate": predicate}]}


def with_extractor(**changes: Any) -> dict[str, Any]:
    return {"email_parsers": [{**PARSER, "value_extractors": [{**KEY, **changes}]}]}


@pytest.mark.parametrize(
    ("given", "error"),
    [
        ({"email_incident_creation": "x"}, "Email incident creation is not included in the list"),
        ({"email_filter_mode": "x"}, "Email filter mode is not included in the list"),
        ({"email_parsing_fallback": "x"}, "Email parsing fallback is not included in the list"),
        ({"email_filters": "x"}, "Email filters must be an array"),
        ({"email_filters": [{**ALWAYS, "body_mode": "x"}]}, "Email filter 1 body mode is not included in the list"),
        (
            {"email_filters": [ALWAYS, {**ALWAYS, "body_mode": "match"}]},
            "Email filter 2 body regex can't be blank",
        ),
        (
            {"email_filters": [{**SUBJECT_FILTER, "subject_regex": "("}]},
            "Email filter 1 subject regex is not a valid regular expression",
        ),
        (
            {"email_filters": [{**SUBJECT_FILTER, "subject_regex": "a(?!b)"}]},
            "Email filter 1 subject regex is not a valid regular expression",
        ),
        ({"email_parsers": [PARSER] * 11}, "Email parsers cannot be more than 10"),
        (
            {"email_parsers": [{**PARSER, "value_extractors": [KEY, KEY]}]},
            "Email parser 1 must have exactly one value extractor named incident_key",
        ),
        ({"email_parsers": [{**PARSER, "action": "x"}]}, "Email parser 1 action is not included in the list"),
        (with_predicate(None), "Email parser 1 match predicate can't be blank"),
        (with_predicate({"type": "not", "children": []}), "Email parser 1 match predicate children can't be blank"),
        (
            with_predicate({"type": "any", "children": [{**LEAF, "matcher": ""}]}),
            "Email parser 1 match predicate child 1 matcher can't be blank",
        ),
        (with_predicate({**LEAF, "part": "x"}), "Email parser 1 match predicate part is not included in the list"),
        # How it begins was recorded in terraform-provider issue 651.
        (
            with_extractor(ends_before=None),
            "Email handler email action rules value extractors ends before can't be nil",
        ),
        (with_extractor(type="regex"), "Email parser 1 value extractor 1 regex can't be blank"),
        # PagerDuty's support pages, as the two after it.
        (
            with_extractor(type="regex", regex="db"),
            "Email handler email action rules value extractors matcher must have at least one capture group",
        ),
        (
            with_extractor(type="regex", regex="(a(b))"),
            "Email parser 1 value extractor 1 regex must not have nested groups",
        ),
        (
            with_predicate({**LEAF, "type": "regex", "matcher": "(?P<a>x(y))"}),
            "Email parser 1 match predicate matcher must not have nested groups",
        ),
    ],
)
def test_settings_that_do_not_do(errors_of: Any, given: dict[str, Any], error: str) -> None:
    assert errors_of(type=EMAIL, **given) == [error]


@pytest.mark.parametrize("place", [0, 1, 2])
def test_filters_default_to_always(email: Any, place: int) -> None:
    """terraform-provider's test GenericEmailNoFilters, pull request 625: one `{}`, and `{}` between others."""
    filters = [SUBJECT_FILTER, SUBJECT_FILTER]
    filters.insert(place, {})
    shown = email(email_filters=filters)["email_filters"][place]
    assert shown == {**ALWAYS, "id": shown["id"], "subject_regex": None, "body_regex": None, "from_email_regex": None}
    (only,) = email(email_filters=[{}])["email_filters"]
    assert only == {**shown, "id": only["id"]}


def test_both_ends_of_between_may_be_empty(email: Any) -> None:
    assert email(**with_extractor(starts_after="", ends_before=""))["email_parsers"]


def test_all_errors_are_in_one_response(errors_of: Any) -> None:
    errors = errors_of(type=EMAIL, name="", integration_email="", email_filter_mode="x")
    assert errors == [
        "Name cannot be empty.",
        "Integration email cannot be empty.",
        "Email filter mode is not included in the list",
    ]


@pytest.mark.parametrize(("regex", "key"), [(r"\[(\w+)", "db1"), (r"\[(\w)(\w)(x)?.*(D)", "d-b--D")])
def test_groups_of_a_value_are_joined(emulator: Emulator, email: Any, regex: str, key: str) -> None:
    """PagerDuty's support pages on e-mail management: `a-b`."""
    made = email(email_incident_creation="use_rules", **with_extractor(type="regex", regex=regex))
    mail(emulator, made, "[db1] DOWN")
    assert [alert["alert_key"] for alert in emulator.alerts()] == [key]


def mail(emulator: Emulator, made: dict[str, Any], subject: str) -> str:
    return emulator.receive_email(made["integration_email"], subject=subject, body="see subject")


@pytest.mark.parametrize(
    ("creation", "alerts"),
    [("on_new_email", 3), ("on_new_email_subject", 2), ("only_if_no_open_incidents", 1), ("use_rules", 0)],
)
def test_mail_becomes_alerts(emulator: Emulator, email: Any, creation: str, alerts: int) -> None:
    made = email(email_incident_creation=creation)
    for subject in ("disk", "disk", "load"):
        mail(emulator, made, subject)
    assert len(emulator.alerts()) == alerts


def test_filters_hold_mail_back(emulator: Emulator, email: Any) -> None:
    made = email(email_filter_mode="or-rules-email", email_filters=[SUBJECT_FILTER])
    assert mail(emulator, made, "alert: disk") == "alert triggered"
    assert mail(emulator, made, "newsletter") == "recorded"
    assert mail(emulator, {"integration_email": "nobody@acme.pagerduty.com"}, "x") == "unknown integration key"


def test_parsers_trigger_and_resolve(emulator: Emulator, email: Any) -> None:
    up = {**PARSER, "action": "resolve", "match_predicate": {**CONTAINS, "matcher": "UP"}}
    made = email(email_incident_creation="use_rules", email_parsers=[PARSER, up], email_parsing_fallback="discard")
    assert mail(emulator, made, "[db1] DOWN") == "alert triggered"
    assert mail(emulator, made, "[db1] is slow") == "recorded"
    assert [alert["alert_key"] for alert in emulator.alerts()] == ["db1"]
    assert mail(emulator, made, "[db1] UP") == "alert resolved"
