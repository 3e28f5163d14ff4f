"""The nearest known name, for what was misspelt."""

from __future__ import annotations

import pytest
from pagerduty_native.rpc.errors import did_you_mean, nearest

VENDORS = ["Amazon CloudWatch", "Datadog", " MongoDB Cloud Alerts", "Sentry"]


@pytest.mark.parametrize(
    ("name", "found"),
    [
        pytest.param("Datadgo", ["Datadog"], id="letters swapped"),
        pytest.param("DATA DOG", ["Datadog"], id="case"),
        pytest.param("mongodb cloud alert", [" MongoDB Cloud Alerts"], id="spelt as it is known, blanks and all"),
        pytest.param("Zabbix", [], id="nothing near"),
        pytest.param("", [], id="nothing"),
    ],
)
def test_nearest(name: str, found: list[str]) -> None:
    assert nearest(name, VENDORS) == found


def test_nearest_gives_the_best_first() -> None:
    assert nearest("emailFilter", ["emailParsers", "emailFilters", "name"], most=2) == ["emailFilters", "emailParsers"]


def test_did_you_mean() -> None:
    assert did_you_mean("vender", ["service", "vendor"]) == " Did you mean `vendor`?"
    assert did_you_mean("x", ["service", "vendor"]) == ""
