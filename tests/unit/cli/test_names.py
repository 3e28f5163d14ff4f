"""Names of adopted resources."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pagerduty_native.cli.adopt import readable_name, unique_names


@pytest.mark.parametrize(
    ("service", "integration", "expected"),
    [
        ("Checkout", "Amazon CloudWatch", "checkout-amazon-cloudwatch"),
        ("Checkout", "Checkout / Sentry", "checkout-sentry"),
        ("Login & Sign-up", "E-mail (old)", "login-sign-up-e-mail-old"),
        ("Café Zürich", "Événements", "cafe-zurich-evenements"),
        ("Checkout", "日本", "checkout"),
        ("日本", "Sentry", "sentry"),
        ("日本", "日本", ""),
        ("Checkout", "Checkouts", "checkout-checkouts"),
    ],
)
def test_names_are_made_of_service_and_integration(service: str, integration: str, expected: str) -> None:
    assert readable_name(service, integration) == expected


def test_equal_names_get_the_id_as_well() -> None:
    assert unique_names({"P1": "a-b", "P2": "a-b", "P3": "c"}, {}) == {"P1": "a-b-P1", "P2": "a-b-P2", "P3": "c"}


def test_names_that_make_the_same_variable_in_a_program_count_as_the_same() -> None:
    assert unique_names({"P1": "a-1-1", "P2": "a-11"}, {}) == {"P1": "a-1-1-P1", "P2": "a-11-P2"}


def test_names_that_other_resources_have() -> None:
    assert unique_names({"P1": "a"}, {"P2": "a"}) == {"P1": "a-P1"}
    assert unique_names({"P1": "a"}, {"P1": "a"}) == {"P1": "a"}


def test_without_a_name_there_is_the_id() -> None:
    assert unique_names({"P1": "", "P2": ""}, {}) == {"P1": "integration-P1", "P2": "integration-P2"}


IDS = st.from_regex(r"P[A-Z0-9]{6}", fullmatch=True)


@given(st.dictionaries(IDS, st.tuples(st.text(max_size=9), st.text(max_size=9)), max_size=9))
def test_any_names_are_valid_each_once_and_do_not_depend_on_order(services: dict[str, tuple[str, str]]) -> None:
    wanted = {each: readable_name(*names) for each, names in services.items()}
    names = unique_names(wanted, {})
    assert names == unique_names(dict(reversed(wanted.items())), {})
    assert len({re.sub("[^a-z0-9]", "", name.lower()) for name in names.values()}) == len(names)
    assert all(re.fullmatch(r"[a-z0-9]+(-[A-Za-z0-9]+)*", name) for name in names.values())
