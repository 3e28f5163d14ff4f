"""Settings: typed or as JSON text, in any spelling, completed by the environment."""

from __future__ import annotations

import pytest
from pagerduty_native.framework.config import check_settings, with_defaults
from pagerduty_native.framework.errors import Failure
from pagerduty_native.framework.values import UNKNOWN, Secret, Unsupported, Value, Values

from tests.support.library import Settings

HUSH = "hush-hush"


@pytest.mark.parametrize(
    ("news", "settings"),
    [
        pytest.param({"quiet": True}, {"quiet": True}, id="boolean"),
        pytest.param({"quiet": "true"}, {"quiet": True}, id="boolean as text"),
        pytest.param({"seats": 12.0}, {"seats": 12.0}, id="number"),
        pytest.param({"seats": "12"}, {"seats": 12.0}, id="number as text"),
        pytest.param({"address": "12"}, {"address": "12"}, id="text that looks like a number"),
        pytest.param({"readerCard": {"number": 7.0}}, {"readerCard": Secret({"number": 7.0})}, id="object"),
        pytest.param({"readerCard": '{"number": 7}'}, {"readerCard": Secret({"number": 7.0})}, id="object as text"),
        pytest.param(
            {"readerCard": '{"number": 7, "pin_code": "1"}'},
            {"readerCard": Secret({"number": 7.0, "pinCode": "1"})},
            id="object as text, from Python",
        ),
        pytest.param(
            {"reader_card": {"number": "7", "pin_code": "1"}},
            {"readerCard": Secret({"number": 7.0, "pinCode": "1"})},
            id="snake case",
        ),
        pytest.param({"quiet": Secret("true")}, {"quiet": Secret(True)}, id="secret text"),
        pytest.param({"quiet": "null"}, {}, id="null as text"),
        pytest.param({"quiet": "", "address": "", "password": Secret("")}, {}, id="empty is not set"),
        pytest.param({"version": "1.2.3", "pluginDownloadURL": "x"}, {}, id="keys of the engine"),
        pytest.param({"password": "hush"}, {"password": Secret("hush")}, id="declared secret"),
        pytest.param(
            {"password": UNKNOWN, "quiet": UNKNOWN}, {"password": Secret(UNKNOWN), "quiet": UNKNOWN}, id="unknown"
        ),
    ],
)
def test_settings_are_taken_in_every_form(news: Values, settings: Values) -> None:
    checked = check_settings(Settings, news)
    assert (checked.inputs, checked.failures) == (settings, [])


@pytest.mark.parametrize(
    ("news", "failure"),
    [
        pytest.param(
            {"quiet": "maybe"},
            Failure("quiet", '`quiet` must be true or false, got the string "maybe".'),
            id="no boolean",
        ),
        pytest.param(
            {"quiet": "1"},
            Failure("quiet", "`quiet` must be true or false, got the number 1."),
            id="number",
        ),
        pytest.param(
            {"adress": "x"}, Failure("adress", "There is no property `adress`. Did you mean `address`?"), id="misspelt"
        ),
        pytest.param(
            {"adress_": "x"},
            Failure("adress_", "There is no property `adress_`. Did you mean `address`?"),
            id="misspelt, shown as it came",
        ),
        pytest.param(
            {"readerCard": "7"},
            Failure("", "`readerCard` must be an object, got a secret number."),
            id="no object",
        ),
        pytest.param(
            {"password": 4711.0}, Failure("", "`password` must be a string, got a secret number."), id="secret"
        ),
        pytest.param(
            {"language": "en-GB"},
            Failure("language", '`language` must be one of `en`, `eu`; got "en-GB".'),
            id="not allowed",
        ),
    ],
)
def test_an_invalid_setting_is_a_check_failure(news: Values, failure: Failure) -> None:
    assert check_settings(Settings, news).failures == [failure]


ENVIRONMENT = {"LIBRARY_ADDRESS": "Side Street", "LIBRARY_PASSWORD": "hush", "LIBRARY_QUIET": "true"}


def test_the_environment_gives_what_is_absent_or_empty() -> None:
    checked = check_settings(Settings, {"address": "", "quiet": False}, ENVIRONMENT)
    assert checked.inputs == {"address": "Side Street", "password": Secret("hush"), "quiet": False}


CARD = {"LIBRARY_CARD": "8", "LIBRARY_PIN": "5678"}


@pytest.mark.parametrize(
    ("card", "environment", "completed"),
    [
        pytest.param(None, CARD, Secret({"number": 8.0, "pinCode": "5678"}), id="whole from the environment"),
        pytest.param(None, {"LIBRARY_PIN": "5678"}, None, id="not whole there, and so none"),
        pytest.param({"number": 7.0}, CARD, Secret({"number": 7.0, "pinCode": "5678"}), id="what it lacks"),
        pytest.param(
            Secret({"number": 7.0}), CARD, Secret({"number": 7.0, "pinCode": "5678"}), id="what a secret one lacks"
        ),
        pytest.param('{"number": 7}', CARD, Secret({"number": 7.0, "pinCode": "5678"}), id="what JSON text lacks"),
    ],
)
def test_the_environment_completes_an_object(card: Value, environment: dict[str, str], completed: Value) -> None:
    given: Values = {} if card is None else {"readerCard": card}
    assert check_settings(Settings, given, environment).inputs.get("readerCard") == completed


def test_the_environment_does_not_hide_that_an_object_is_none() -> None:
    (failure,) = check_settings(Settings, {"readerCard": "x"}, CARD).failures
    assert failure.reason == (
        "`readerCard` must be an object, got a secret string. In a stack's configuration, `pulumi config set --path` "
        "sets the properties of an object one by one."
    )


@pytest.mark.parametrize(
    ("card", "reason"),
    [
        pytest.param({"number": 7.0, "pin": HUSH}, "`readerCard` has no property `pin`.", id="misspelt"),
        pytest.param({"number": HUSH}, "`readerCard.number` must be a whole number, got a secret string.", id="place"),
        pytest.param({"number": 7.0, "pinCode": [HUSH]}, "`readerCard.pinCode` must be a string, got", id="kind"),
        pytest.param(f'{{"pinCode": "{HUSH}"', "`readerCard` must be an object, got a secret string.", id="no JSON"),
        pytest.param("[" * 5000 + HUSH, "`readerCard` must be an object, got a secret string.", id="brackets"),
        pytest.param("[" * 500 + "]" * 500, "`readerCard` must be an object, got a secret string.", id="too deep"),
        pytest.param(f'"{HUSH}"', "`readerCard` must be an object, got a secret string.", id="text"),
        pytest.param(Unsupported("an asset"), "`readerCard` must be an object, got", id="asset"),
    ],
)
def test_nothing_is_shown_of_an_object_that_can_hold_a_secret(card: Value, reason: str) -> None:
    """The engine tells CheckConfig of no secret marks, and shows the value of the property that a failure names."""
    (failure,) = check_settings(Settings, {"readerCard": card}).failures
    assert failure.property == ""
    assert failure.reason.startswith(reason)
    assert HUSH not in failure.reason


def test_what_is_beside_a_secret_is_not_cut_out_of_words() -> None:
    news: Values = {"readerCard": {"number": 7.0, "pinCode": "1234"}, "language": "uage", "lang": "x"}
    assert "`language` must be one of" in check_settings(Settings, news).failures[1].reason


@pytest.mark.parametrize("number", ["9" * 400, "-" + "9" * 400, "9" * 5000, "1e999", "NaN", "-Infinity"])
def test_a_number_that_is_too_large_is_none(number: str) -> None:
    (failure,) = check_settings(Settings, {"seats": number}).failures
    assert failure.reason.startswith("`seats` must be a whole number, got ")


@pytest.mark.parametrize(
    ("text", "got"),
    [
        pytest.param("[" * 25 + "]" * 25, "a list", id="lists"),
        pytest.param("[" * 26 + "]" * 26, "a secret string", id="one more"),
        pytest.param('[{"a": ' * 12 + "7" + "}]" * 12, "a list", id="lists of objects"),
        pytest.param('[{"a": ' * 13 + "7" + "}]" * 13, "a secret string", id="more lists of objects"),
    ],
)
def test_how_deep_json_text_may_be(text: str, got: str) -> None:
    """Deeper JSON could not be sent back to the engine, so it stays a text."""
    (failure,) = check_settings(Settings, {"readerCard": text}).failures
    assert failure.reason.startswith(f"`readerCard` must be an object, got {got}.")


def test_an_empty_variable_is_none() -> None:
    assert check_settings(Settings, {}, {"LIBRARY_ADDRESS": ""}).inputs == {}


def test_the_environment_is_checked_too_and_named_as_the_source() -> None:
    environment = {"LIBRARY_LANGUAGE": "English", "LIBRARY_QUIET": "maybe"}
    assert check_settings(Settings, {"seats": "many"}, environment).failures == [
        Failure(
            "language",
            '`language` must be one of `en`, `eu`; got "English". It comes from LIBRARY_LANGUAGE.',
        ),
        Failure(
            "quiet",
            '`quiet` must be true or false, got the string "maybe". It comes from LIBRARY_QUIET.',
        ),
        Failure("seats", '`seats` must be a whole number, got the string "many".'),
    ]


@pytest.mark.parametrize(
    ("settings", "address", "quiet"),
    [
        pytest.param({}, "Main Street", False, id="absent"),
        pytest.param({"address": "Side Street", "quiet": Secret(True)}, "Side Street", True, id="given"),
    ],
)
def test_defaults_complete_the_settings(settings: dict[str, Value], address: str, quiet: bool) -> None:
    completed = with_defaults(Settings, settings)
    assert (completed.address, completed.quiet, completed.seats) == (address, quiet, None)


def test_the_environment_is_named_as_the_source_of_a_value_inside_an_object() -> None:
    (failure,) = check_settings(Settings, {"readerCard": {"pinCode": "1234"}}, {"LIBRARY_CARD": "many"}).failures
    assert failure.reason == (
        "`readerCard.number` must be a whole number, got a secret string. It comes from LIBRARY_CARD."
    )
