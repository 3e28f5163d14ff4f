"""Cases from mutation testing: each fails with one line of the provider removed or inverted."""

from __future__ import annotations

from typing import Any

import pytest
from pagerduty_emulator import Emulator
from pagerduty_native.framework.testing import Served, failed_initialization, refusal
from pagerduty_native.framework.values import UNKNOWN, Secret, Value, Values
from pagerduty_native.framework.wire import from_struct
from pulumi.runtime.proto import provider_pb2 as pb

BOOK: Values = {"shelf": "S1", "genre": "novel", "title": "Emma"}
EMAIL: Values = {
    "service": "PCHECKT",
    "type": "generic_email_inbound_integration",
    "name": "alerts",
    "integrationEmail": "alerts@acme.pagerduty.com",
}
# The largest message that gRPC accepts by default.
USUAL_MESSAGE_BYTES = 4 * 1024 * 1024


def test_a_resources_own_diff_may_look_at_what_is_not_known_yet(provider: Served) -> None:
    """The type decides whether the integration stays. In a preview it may still be unknown."""
    response = provider.diff(EMAIL, EMAIL, {**EMAIL, "type": UNKNOWN})
    assert (response.changes, list(response.diffs)) == (pb.DiffResponse.DIFF_SOME, ["type"])
    assert list(response.replaces) == ["type"]


@pytest.mark.parametrize(
    ("old", "new"),
    [
        pytest.param("Emma", Secret("Emma"), id="secret from now on"),
        pytest.param(Secret("Emma"), "Emma", id="secret no more"),
    ],
)
def test_an_output_is_as_the_newest_input_has_it(books: Served, old: Value, new: Value) -> None:
    outputs = from_struct(books.create({**BOOK, "title": old}).properties)
    assert outputs["title"] == old
    assert from_struct(books.update("B1", outputs, {**BOOK, "title": new}).properties)["title"] == new


def test_an_update_that_failed_half_way_keeps_new_secret_marks(books: Served) -> None:
    olds: Values = {**BOOK, "number": "B1", "title": "torn"}
    error = refusal(lambda: books.update("B1", olds, {**BOOK, "title": Secret("torn")}))
    assert from_struct(failed_initialization(error).properties)["title"] == Secret("torn")


def test_an_import_does_not_search_other_services(provider: Served, emulator: Emulator) -> None:
    """It would take a call for each hundred services, and adopt what the ID does not name."""
    assert provider.read("PCHECKT.PGONE12") == pb.ReadResponse()
    assert "GET /services" not in emulator.requests.counts()


def test_a_large_request_is_taken(books: Served) -> None:
    """States can be large: the engine and its SDKs take 400 MB."""
    title = "x" * (USUAL_MESSAGE_BYTES + 1)
    response: Any = books.diff(BOOK, BOOK, {**BOOK, "title": title})
    assert list(response.diffs) == ["title"]
