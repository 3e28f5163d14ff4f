"""The nearest known name, for what was misspelt."""

from __future__ import annotations

import pytest
from pagerduty_native.framework.errors import did_you_mean, nearest, readable

VENDORS = ["Amazon CloudWatch", "Datadog", " MongoDB Cloud Alerts", "Sentry"]


@pytest.mark.parametrize(
    ("name", "found"),
    [
        pytest.param("Datadgo", ["Datadog"], id="letters swapped"),
        pytest.param("DATA DOG", ["Datadog"], id="case"),
        pytest.param("mongodb cloud alert", [" MongoDB Cloud Alerts"], id="spelt as it is known, blanks and all"),
        pytest.param("Zabbix", [], id="nothing near"),
        pytest.param("", [], id="nothing"),
        pytest.param("alerts", [" MongoDB Cloud Alerts"], id="one word of a long name"),
    ],
)
def test_nearest(name: str, found: list[str]) -> None:
    assert nearest(name, VENDORS) == found


def test_nearest_gives_the_best_first() -> None:
    assert nearest("emailFilter", ["emailParsers", "emailFilters", "name"], most=2) == ["emailFilters", "emailParsers"]


def test_did_you_mean() -> None:
    assert did_you_mean("vender", ["service", "vendor"]) == " Did you mean `vendor`?"
    assert did_you_mean("x", ["service", "vendor"]) == ""


def test_long_texts_are_cut() -> None:
    assert readable("`id`: none has 'x' and " + "y" * 300) == "`id`: none has 'x' and " + "y" * 300
    shown = readable(f"`id`: none has '{'y' * 10_000}'. Look it up.")
    assert shown == f"`id`: none has '{'y' * 224}… (9703 more) …{'y' * 73}'. Look it up."
    assert len(readable("a b " * 10_000)) < 4100


def test_lone_surrogates_are_escaped() -> None:
    assert readable("`\ud800`") == "`\\ud800`"
