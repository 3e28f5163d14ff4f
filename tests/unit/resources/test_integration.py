"""Decisions of an Integration without PagerDuty: its inputs, its differences, its ID."""

from __future__ import annotations

import pytest
from pagerduty_native.api.account import Account
from pagerduty_native.framework.check import check_inputs
from pagerduty_native.framework.declare import decode
from pagerduty_native.framework.diff import Changes, changes_of
from pagerduty_native.framework.errors import Failure, ProviderError
from pagerduty_native.framework.values import UNKNOWN, Value, Values
from pagerduty_native.resources.integration import Integration, IntegrationArgs, IntegrationState

from tests.support.fake_client import FakeClient

GENERIC = "generic_events_api_inbound_integration"
GENERIC_EMAIL = "generic_email_inbound_integration"
CLOUDWATCH_TYPE = "event_transformer_api_inbound_integration"
V2 = "events_api_v2_inbound_integration"

PAGERDUTY = FakeClient({})
INTEGRATION = Integration(Account(PAGERDUTY.client))


@pytest.mark.parametrize(
    "id",
    [
        pytest.param("", id="empty"),
        pytest.param("PE1U9CH", id="the integration's alone"),
        pytest.param("PQL78HM.", id="no integration"),
        pytest.param(".PE1U9CH", id="no service"),
        pytest.param("PQL78HM.PE1U9CH.PE1U9CH", id="three parts"),
    ],
)
def test_an_id_of_another_form_is_answered_with_the_right_one(id: str) -> None:
    with pytest.raises(ProviderError) as raised:
        INTEGRATION.read(id, decode(IntegrationState, {}))
    assert str(raised.value) == (
        f"{id!r} is not the ID of an integration: write SERVICE_ID.INTEGRATION_ID, such as PQL78HM.PE1U9CH. Both are "
        "in the URL of the integration's page: …/services/PQL78HM/integrations/PE1U9CH."
    )
    assert PAGERDUTY.calls == []


@pytest.mark.parametrize(
    "id",
    [
        "PQL78HM/PE1U9CH",
        "PQL78HM:PE1U9CH",
        "https://acme.pagerduty.com/services/PQL78HM/integrations/PE1U9CH",
        "acme.pagerduty.com/services/PQL78HM/integrations/PE1U9CH/",
    ],
)
def test_an_address_or_another_separator_is_answered_with_the_id(id: str) -> None:
    with pytest.raises(ProviderError, match=r"Did you mean PQL78HM\.PE1U9CH\?$"):
        INTEGRATION.read(id, decode(IntegrationState, {}))
    assert PAGERDUTY.calls == []


def test_an_integration_needs_a_vendor_or_a_type() -> None:
    assert check_inputs(IntegrationArgs, {"service": "P1", "name": "alerts"}).failures == [
        Failure(
            "vendor",
            "Either `vendor` or `type` is required: set the ID of a vendor, which the function `getVendor` finds by "
            "its name, or a type such as `events_api_v2_inbound_integration`.",
        )
    ]


@pytest.mark.parametrize(
    ("vendor", "kept"),
    [
        pytest.param("PZQ6AUS", "PZQ6AUS", id="id"),
        pytest.param({"id": "PZQ6AUS", "name": "Amazon CloudWatch", "x": 1.0}, "PZQ6AUS", id="object"),
        pytest.param(UNKNOWN, UNKNOWN, id="unknown"),
    ],
)
def test_a_vendor_is_kept_as_its_id(vendor: Value, kept: Value) -> None:
    checked = check_inputs(IntegrationArgs, {"service": "P1", "name": "alerts", "vendor": vendor})
    assert (checked.inputs["vendor"], checked.failures) == (kept, [])


def test_a_vendor_object_needs_its_id() -> None:
    (failure,) = check_inputs(IntegrationArgs, {"service": "P1", "name": "a", "vendor": {"name": "Sentry"}}).failures
    assert (failure.property, failure.reason[:22]) == ("vendor", "`vendor.id` is require")


def test_all_email_failures_are_reported_at_once_despite_unknown_inputs() -> None:
    inputs: Values = {
        "service": "P1",
        "name": "alerts",
        "vendor": UNKNOWN,
        "integrationEmail": "alerts",
        "emailFilters": [{"subjectMode": UNKNOWN, "bodyMode": "match"}],
        "emailParsers": [
            {"action": "trigger", "matchPredicate": {"type": "all", "children": []}, "valueExtractors": []}
        ],
    }
    checked = check_inputs(IntegrationArgs, inputs)
    assert checked.failures == []
    wanted = (
        "`emailParsers` has no effect unless `emailIncidentCreation` is `use_rules`.",
        "`integrationEmail` has no `@`, so PagerDuty may refuse it.",
        "`emailFilters[0].bodyRegex` is missing or empty, but `bodyMode` is `match`: PagerDuty may refuse this.",
        "exactly one of `emailParsers[0].valueExtractors` should have the `valueName` `incident_key`, got 0:",
        "`emailParsers[0].matchPredicate.children` is missing or empty, but `type` is `all`:",
    )
    assert len(checked.advice) == len(wanted)
    assert [advice.reason.startswith(words) for advice, words in zip(checked.advice, wanted, strict=True)] == [True] * 5


def test_a_message_keeps_a_value_that_is_also_the_name_of_the_property() -> None:
    extractor: Value = {"type": "regex", "part": "body", "valueName": "incident_key"}
    parser: Value = {"action": "trigger", "matchPredicate": {"type": "regex"}, "valueExtractors": [extractor]}
    _, advice = said({**EMAIL, "emailParsers": [parser]})
    (reason,) = [each for each in advice if "`emailParsers[0].valueExtractors[0].regex`" in each]
    assert reason == (
        "`emailParsers[0].valueExtractors[0].regex` is missing or empty, but `type` is `regex`: PagerDuty may refuse "
        "this."
    )


def test_all_faults_inside_e_mail_parsers_are_said_at_once_each_with_its_place() -> None:
    contains: Values = {"type": "contains", "part": "subject", "matcher": "DOWN"}
    group: Values = {"type": "all", "children": [contains, {"type": "contains", "part": "subjekt"}]}
    parsers: list[Value] = [
        {"action": "triger", "matchPredicate": group, "valueExtractors": [{**KEY, "type": "between"}]},
        {"matchPredicate": {"type": "not", "children": [{"typ": "exactly"}]}, "valueExtractors": "all"},
        {"action": "resolve", "matchPredicate": {**contains, "matcher": ""}, "valueExtractors": [KEY]},
    ]
    failures, advice = said({**EMAIL, "emailParsers": parsers})
    first, second = "`emailParsers[0]", "`emailParsers[1]"
    starts = (
        f"{first}.action` must be one of `trigger`, `resolve`; got",
        f"{first}.matchPredicate.children[1].part` must be one of",
        f"{second}.action` is required: What happens to the incident. It is one of `trigger`, `resolve`.",
        f"{second}.matchPredicate.children[0]` has no property `typ`. Did you mean `type`?",
        f"{second}.matchPredicate.children[0].type` is required",
        f"{second}.valueExtractors` must be a list, got the string",
        f"{first}.valueExtractors[0].startsAfter` is required if",
        f"{first}.valueExtractors[0].endsBefore` is required if",
    )
    assert [each.startswith(start) for each, start in zip(failures, starts, strict=True)] == [True] * len(starts)
    assert [each[:46] for each in advice] == ["`emailParsers[2].matchPredicate.matcher` is mi"]


@pytest.mark.parametrize(
    ("address", "words"),
    [
        pytest.param("alerts", "has no `@`", id="no @"),
        pytest.param(" alerts@acme.pagerduty.com", "Did you mean `alerts@acme.pagerduty.com`?", id="blank before it"),
        pytest.param("A <a@acme.pagerduty.com>", "Did you mean `a@acme.pagerduty.com`?", id="as mail programs show it"),
        pytest.param("mailto:a@acme.pagerduty.com", "Did you mean `a@acme.pagerduty.com`?", id="as a link"),
        pytest.param("my alerts@acme.pagerduty.com", "is not one e-mail address", id="blank inside"),
        pytest.param("a@b@acme.pagerduty.com", "is not one e-mail address", id="two @"),
        pytest.param("@acme.pagerduty.com", "is not one e-mail address", id="no name"),
        pytest.param("alerts@gmail.com", "is not in a domain of PagerDuty", id="another domain"),
        pytest.param("alerts@pagerduty.com", "is not in a domain of PagerDuty", id="no subdomain"),
        pytest.param("alerts@pagerduty.com.evil.example", "is not in a domain of PagerDuty", id="ends otherwise"),
        pytest.param("alerts@SUBDOMAIN.pagerduty.com", "still has the placeholder SUBDOMAIN", id="from our documents"),
    ],
)
def test_an_address_that_pagerduty_may_refuse_is_advice_with_the_next_step(address: str, words: str) -> None:
    failures, (advice,) = said({"type": GENERIC_EMAIL, "integrationEmail": address})
    assert failures == []
    assert advice.startswith("`integrationEmail` ")
    assert words in advice
    assert "such as alerts@acme.pagerduty.com." in advice


@pytest.mark.parametrize("address", ["a@acme.pagerduty.com", "A.b+c@Acme.PagerDuty.com", "a@acme.eu.pagerduty.com"])
def test_an_address_in_an_accounts_domain_is_taken_as_it_is(address: str) -> None:
    assert said({"type": GENERIC_EMAIL, "integrationEmail": address}) == ([], [])


Said = tuple[list[str], list[str]]


def said(inputs: Values, olds: Values | None = None) -> Said:
    """The failures and the advice of a check, of an integration that is otherwise right."""
    checked = check_inputs(IntegrationArgs, {"service": "PCHECKT", "name": "alerts", **inputs}, olds)
    return [each.reason for each in checked.failures], [each.reason for each in checked.advice]


EMAIL: Values = {
    "type": GENERIC_EMAIL,
    "integrationEmail": "a@acme.pagerduty.com",
    "emailIncidentCreation": "use_rules",
}
KEY: Values = {"type": "entire", "part": "subject", "valueName": "incident_key"}


def parser(**changes: Value) -> Values:
    predicate: Values = {"type": "contains", "part": "subject", "matcher": "DOWN"}
    return {"emailParsers": [{"action": "trigger", "matchPredicate": predicate, "valueExtractors": [KEY], **changes}]}


@pytest.mark.parametrize(
    ("inputs", "words"),
    [
        pytest.param({"type": CLOUDWATCH_TYPE}, "PagerDuty refuses this type without one", id="terraform 173"),
        pytest.param({"type": "aws_cloudwatch_inbound_integration"}, "getVendor(name=", id="terraform 1059"),
        pytest.param({"type": f"{V2}_reference"}, f"Did you mean `{V2}`?", id="a reference: go-pagerduty 102"),
        pytest.param({"type": "pingdom_inbound_integration"}, "`integrationEmail` is required", id="terraform 276"),
        pytest.param({"type": "events_api_v2"}, f"Did you mean `{V2}`?", id="shortened"),
        pytest.param({"type": "Events_API_V2"}, f"Did you mean `{V2}`?", id="shortened, in another case"),
        pytest.param({"type": "email"}, f"Did you mean `{GENERIC_EMAIL}`?", id="one word of it"),
        pytest.param({"type": "cloudwatch"}, 'getVendor(name="Amazon CloudWatch")', id="cloudwatch"),
        pytest.param({"type": "AmazonCloudWatch"}, 'getVendor(name="Amazon CloudWatch")', id="CloudWatch's name"),
        pytest.param({"type": GENERIC_EMAIL, "emailFilterMode": "all_email"}, "Did you mean `all-email`?", id="a mode"),
        pytest.param(
            {**EMAIL, **parser(valueExtractors=[KEY, {**KEY, "valueName": "x", "type": "between"}])},
            "`emailParsers[0].valueExtractors[1].startsAfter` is required if `type` is `between`.",
            id="terraform 651",
        ),
    ],
)
def test_refusals_that_were_recorded_and_misspelled_values_are_failures(inputs: Values, words: str) -> None:
    failures, advice = said(inputs)
    assert advice == []
    assert words in failures[0]


@pytest.mark.parametrize(
    ("inputs", "words"),
    [
        pytest.param({"type": "brand_new"}, "`getVendor` finds its ID", id="unknown type"),
        pytest.param({"type": "events_api_v3_inbound_integration"}, f"Did you mean `{V2}`?", id="a whole name"),
        pytest.param({"type": "events_api_v2", "vendor": "PZQ6AUS"}, "sent unchanged. Did you", id="with a vendor"),
        pytest.param({"type": f"{V2}_reference", "vendor": "PZQ6AUS"}, "sent unchanged", id="reference with a vendor"),
        pytest.param({**EMAIL, **parser(), "emailFilterMode": "quorum"}, "sent unchanged", id="unknown mode"),
        pytest.param({**EMAIL, **parser(action="page")}, "`emailParsers[0].action`", id="unknown action"),
        pytest.param({**EMAIL, **parser(valueExtractors=[])}, "should have the `valueName`", id="no incident_key"),
        pytest.param(
            {**EMAIL, **parser(valueExtractors=[KEY, {**KEY, "valueName": "x", "part": "attachment"}])},
            "`emailParsers[0].valueExtractors[1].part` is",
            id="unknown part",
        ),
        pytest.param({**EMAIL, **parser(), "integrationEmail": "4f9a"}, "has no `@`", id="as voyager sends"),
        pytest.param({**EMAIL, "emailParsers": []}, "there are no `emailParsers`", id="use_rules without parsers"),
        pytest.param(
            {**EMAIL, **parser(), "emailIncidentCreation": "on_new_email"}, "has no effect unless", id="parsers, unused"
        ),
        pytest.param(
            {
                **EMAIL,
                **parser(),
                "emailFilterMode": "all-email",
                "emailFilters": [{"subjectMode": "match", "subjectRegex": "a"}],
            },
            "`emailFilters` has no effect",
            id="filters, unused",
        ),
        pytest.param(
            {"type": V2, "configFields": {"incident_key": "alarm_name"}},
            "but `vendor` is not set: set it, or remove `configFields`.",
            id="fields without a vendor",
        ),
        pytest.param(
            {**EMAIL, **parser(), "emailFilters": [{"subjectMode": "match", "subjectRegex": ""}]},
            "`emailFilters[0].subjectRegex` is missing or empty",
            id="empty expression",
        ),
        pytest.param({**EMAIL, "emailParsers": [*parser()["emailParsers"]] * 11}, "at most 10", id="eleven parsers"),  # type: ignore[misc]
    ],
)
def test_what_nobody_recorded_is_advice_until_the_state_has_it(inputs: Values, words: str) -> None:
    failures, advice = said(inputs)
    assert failures == []
    assert words in advice[0]
    assert said({**inputs, "name": "renamed"}, {"service": "PCHECKT", "name": "alerts", **inputs}) == ([], [])


def test_a_type_that_needs_a_vendor_may_be_there_without_one() -> None:
    """Imported so, it is no failure; without the vendor that it had, it would be another integration."""
    there: Values = {"service": "PCHECKT", "name": "alerts", "type": CLOUDWATCH_TYPE}
    assert said({"type": CLOUDWATCH_TYPE, "name": "renamed"}, there) == ([], [])
    assert said({"type": CLOUDWATCH_TYPE}, {**there, "vendor": "PZQ6AUS"})[0] != []


NAME = "If it is a name, look up the ID with"


@pytest.mark.parametrize(
    ("name", "id", "refused", "words"),
    [
        pytest.param("service", "Checkout", False, f'{NAME} `getService(name="Checkout")`.', id="name"),
        pytest.param("service", "Card payments", True, f'{NAME} `getService(name="Card payments")`.', id="two words"),
        pytest.param("service", "YOUR-SERVICE-ID", True, "is still a placeholder", id="placeholder"),
        pytest.param("service", "<service id>", True, "/service-directory/PQL78HM.", id="placeholder in brackets"),
        pytest.param("vendor", "your_vendor", True, "`getVendor` finds it by the name.", id="vendor's placeholder"),
        pytest.param("service", "pcheckt", False, "Did you mean `PCHECKT`?", id="small letters"),
        pytest.param("service", " PCHECKT ", True, "Did you mean `PCHECKT`?", id="blanks"),
        pytest.param(
            "service", "https://acme.pagerduty.com/service-directory/PCHECKT", True, "mean `PCHECKT`?", id="URL"
        ),
        pytest.param(
            "service", "https://acme.pagerduty.com/services/Q1A2B3C4D5E6F7/x", True, "`Q1A2B3C4D5E6F7`?", id="long ID"
        ),
        pytest.param("service", "PCHECKT.PE1U9CH", True, "Did you mean `PCHECKT`?", id="ID in the state"),
        pytest.param("vendor", "Datadog", False, f'{NAME} `getVendor(name="Datadog")`.', id="vendor's name"),
        pytest.param("vendor", "Amazon CloudWatch", True, '`getVendor(name="Amazon CloudWatch")`', id="with a blank"),
        pytest.param("vendor", "https://api.pagerduty.com/vendors/PZQ6AUS", True, "mean `PZQ6AUS`?", id="vendor's URL"),
    ],
)
def test_what_is_no_id_is_answered_with_the_next_step(name: str, id: str, refused: bool, words: str) -> None:
    failures, advice = said({"vendor": "PZQ6AUS", name: id})
    assert [words in each for each in failures] == [True] * refused
    assert [words in each for each in advice] == [True] * (not refused)


@pytest.mark.parametrize("id", ["PCHECKT", "Q1A2B3C4D5E6F7", "P1", UNKNOWN])
def test_an_id_in_capitals_is_taken_as_it_is(id: Value) -> None:
    assert said({"vendor": "PZQ6AUS", "service": id}) == ([], [])


@pytest.mark.parametrize("name", ["integrationKey", "integrationUrl", "integrationId", "htmlUrl"])
def test_outputs_are_no_inputs(name: str) -> None:
    checked = check_inputs(
        IntegrationArgs, {"service": "P1", "name": "a", "type": V2, name: "x"}, outputs=IntegrationState
    )
    (failure,) = checked.failures
    assert failure.reason.startswith(f"`{name}` is an output, so a program cannot set it: The ")


def changes(olds: Values, news: Values, **server: Value) -> Changes:
    """The changes, after PagerDuty has made `server` of the old inputs."""
    common: Values = {"service": "P1", "name": "alerts"}
    found = changes_of(IntegrationArgs, {**common, **olds}, {**common, **news})
    state = decode(IntegrationState, {**common, **olds, **server})
    INTEGRATION.diff(found, state, decode(IntegrationArgs, {**common, **news}))
    return found


@pytest.mark.parametrize(
    ("olds", "servers_type", "news"),
    [
        pytest.param({"vendor": "V"}, CLOUDWATCH_TYPE, {"vendor": "V"}, id="left to the vendor"),
        pytest.param({"vendor": "V"}, CLOUDWATCH_TYPE, {"vendor": "V", "type": CLOUDWATCH_TYPE}, id="said as it is"),
        pytest.param({"vendor": "V"}, CLOUDWATCH_TYPE, {"vendor": "V", "type": GENERIC}, id="generic for the vendor"),
        pytest.param({"vendor": "V"}, GENERIC_EMAIL, {"vendor": "V", "type": GENERIC_EMAIL}, id="generic e-mail"),
        pytest.param(
            {"vendor": "V", "type": GENERIC}, CLOUDWATCH_TYPE, {"vendor": "V", "type": CLOUDWATCH_TYPE}, id="exact now"
        ),
        pytest.param({"vendor": "V", "type": GENERIC}, CLOUDWATCH_TYPE, {"vendor": "V"}, id="no longer said"),
        pytest.param({"type": V2}, V2, {"type": V2}, id="no vendor"),
    ],
)
def test_the_type_that_the_server_made_is_no_difference(olds: Values, servers_type: str, news: Values) -> None:
    assert changes(olds, news, type=servers_type).by_property == {}


@pytest.mark.parametrize(
    ("olds", "servers_type", "news", "expected"),
    [
        pytest.param({"type": GENERIC}, GENERIC, {"type": V2}, {"type"}, id="another type"),
        pytest.param({"type": V2}, V2, {"type": GENERIC}, {"type"}, id="generic without a vendor"),
        pytest.param({"vendor": "V"}, CLOUDWATCH_TYPE, {"vendor": "V", "type": V2}, {"type"}, id="not the vendor's"),
        pytest.param({"vendor": "V"}, GENERIC_EMAIL, {"vendor": "V", "type": GENERIC}, {"type"}, id="no longer e-mail"),
        pytest.param({"vendor": "V"}, CLOUDWATCH_TYPE, {"vendor": "W"}, {"vendor"}, id="another vendor"),
        pytest.param({"vendor": "V", "type": V2}, V2, {"type": V2}, {"vendor"}, id="vendor removed"),
        pytest.param({"type": V2}, V2, {"type": V2, "service": "P2"}, {"service"}, id="another service"),
    ],
)
def test_replaces(olds: Values, servers_type: str, news: Values, expected: set[str]) -> None:
    found = changes(olds, news, type=servers_type)
    assert found.replaces == set(found.by_property) == expected
