"""framework/ serves any provider: here a library of books, without PagerDuty."""

from __future__ import annotations

import socket
import subprocess
import sys
from collections.abc import Iterator
from typing import Any

import grpc
import pytest
from pagerduty_native.framework import Provider
from pagerduty_native.framework.schema import schema_of
from pagerduty_native.framework.testing import (
    FakeEngine,
    Served,
    failed_initialization,
    failures,
    refusal,
    serving,
)
from pagerduty_native.framework.values import UNKNOWN, Secret, Value, Values
from pagerduty_native.framework.wire import from_struct
from pulumi.runtime.proto import engine_pb2
from pulumi.runtime.proto import provider_pb2 as pb

from tests.support import library

BOOK: Values = {
    "shelf": "S1",
    "genre": "novel",
    "title": "Emma",
    "copies": 1.0,
    "password": Secret("hush-hush"),
}


def test_it_imports_nothing_of_pagerduty() -> None:
    code = "import sys, tests.support.library, pagerduty_native.framework.server; print(*sys.modules)"
    ran = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)
    others = ("requests", "pagerduty_native.api", "pagerduty_native.resources", "pagerduty_native.functions")
    assert not set(others) & set(ran.stdout.split())


def test_a_resource_from_check_to_delete(books: Served) -> None:
    inputs = from_struct(books.check({**BOOK, "password": "hush-hush", "chapters": [{"title": "One"}]}).inputs)
    assert inputs == {**BOOK, "chapters": [{"title": "One"}]}
    made = books.create(inputs)
    outputs = from_struct(made.properties)
    assert outputs == {**inputs, "number": "B1", "key": Secret("key of B1")}
    assert from_struct(books.update("B1", outputs, {**inputs, "title": "Emma II"}).properties)["title"] == "Emma II"
    assert from_struct(books.read("B1", outputs, inputs).inputs) == {**inputs, "title": "Emma II"}
    books.delete("B1", outputs)
    assert books.read("B1", outputs, inputs) == pb.ReadResponse()


def test_a_function_with_a_secret_result(books: Served) -> None:
    response = books.invoke("library:index:countBooks", shelf="S1")
    assert from_struct(getattr(response, "return")) == {"count": 0, "report": Secret("dusty")}


# Maps


def test_a_map_keeps_its_keys_and_its_secrets_one_by_one(books: Served) -> None:
    notes: Values = {"some_one": "Read it.", "Ännä b": Secret("Dull."), "empty": ""}
    inputs = from_struct(books.check({**BOOK, "notes": notes}).inputs)
    assert inputs["notes"] == notes
    assert from_struct(books.create(inputs).properties)["notes"] == notes
    assert from_struct(books.check({**BOOK, "notes": {"ann": UNKNOWN}}).inputs)["notes"] == {"ann": UNKNOWN}


def test_a_map_of_other_values_names_each_key(books: Served) -> None:
    response = books.check({**BOOK, "notes": {"ann": 1.0, "eve": {"a": "b"}}, "maps": {"peru": {}}})
    # Protobuf keeps no order of a map's keys.
    assert sorted(failures(response)) == [
        ("", "`maps.peru.title` is required: The title of the chapter."),
        ("", "`notes.ann` must be a string, got the number 1."),
        ("", "`notes.eve` must be a string, got an object."),
    ]


@pytest.mark.parametrize("value", ["Dull.", Secret("Dull."), UNKNOWN])
def test_a_changed_entry_of_a_map_is_named(books: Served, value: Value) -> None:
    olds: Values = {**BOOK, "notes": {"ann": "Read it.", "bob": "Good."}}
    response = books.diff(olds, {**olds, "number": "B1"}, {**olds, "notes": {"ann": value, "bob": "Good."}})
    assert list(response.detailedDiff) == ["notes.ann"]


def test_an_enum_in_the_schema_leaves_texts_allowed() -> None:
    schema = schema_of(library.PROVIDER)
    stamp, token = schema["resources"]["library:index:Stamp"], "library:index:Ink"
    assert stamp["inputProperties"]["ink"]["oneOf"] == [
        {"type": "string"},
        {"type": "string", "$ref": f"#/types/{token}"},
    ]
    assert stamp["properties"]["ink"]["type"] == "string", "outputs are texts"
    assert schema["types"][token]["enum"] == [
        {"name": "Black", "description": "As ever.", "value": "black"},
        {"name": "Red", "description": "For what is overdue.", "value": "red"},
    ]
    assert schema["types"][token]["description"] == "Known values of `ink`. A program can also pass a string."


def test_a_map_in_the_schema() -> None:
    spec = schema_of(library.PROVIDER)["resources"]["library:index:Book"]["inputProperties"]
    assert spec["notes"]["additionalProperties"] == {"type": "string"}
    assert spec["maps"]["additionalProperties"] == {"$ref": "#/types/library:index:Chapter"}


# A resource with nothing but `create`


@pytest.fixture
def stamps() -> Iterator[Served]:
    with serving(library.PROVIDER, "library:index:Stamp") as served:
        served.configure()
        yield served


STAMP: Values = {"text": "Returned", "ink": "black"}
STAMPED: Values = {**STAMP, "number": "S1"}


def test_a_default_is_an_input_that_the_program_need_not_give(stamps: Served) -> None:
    assert from_struct(stamps.check({"text": "Returned"}).inputs) == STAMP
    assert from_struct(stamps.create(STAMP).properties) == STAMPED


def test_a_property_that_a_state_lacks_has_its_default(stamps: Served) -> None:
    """An import leaves it out, and so did the version before it had one."""
    assert stamps.diff({"text": "Returned"}, STAMPED, STAMP).changes == pb.DiffResponse.DIFF_NONE
    assert stamps.diff({"text": "Returned"}, STAMPED, {**STAMP, "ink": "red"}).diffs == ["ink"]


def test_without_an_update_every_change_replaces(stamps: Served) -> None:
    assert stamps.diff(STAMP, STAMPED, {**STAMP, "ink": "red"}).replaces == ["ink"]
    assert stamps.diff(STAMP, STAMPED, {**STAMP, "text": UNKNOWN}).replaces == ["text"]


def test_a_value_can_become_secret_in_a_resource_without_update(stamps: Served) -> None:
    news: Values = {**STAMP, "text": Secret("Returned")}
    response = stamps.diff(STAMP, STAMPED, news)
    assert (list(response.diffs), list(response.replaces)) == (["text"], [])
    assert from_struct(stamps.update("S1", STAMPED, news).properties) == {**news, "number": "S1"}


def test_without_a_read_it_is_what_is_in_the_state(stamps: Served) -> None:
    response = stamps.read("S1", STAMPED, STAMP)
    assert (response.id, from_struct(response.properties), from_struct(response.inputs)) == ("S1", STAMPED, STAMP)


def test_without_a_read_there_is_no_import(stamps: Served) -> None:
    message = "Stamps cannot be imported: the provider cannot read them."
    assert refusal(lambda: stamps.read("S1")).message == message


def test_a_provider_may_need_no_client() -> None:
    package: Provider[Any, Any] = Provider(name="library", version="1.2.3", resources=(library.Stamp,))
    with serving(package, "library:index:Stamp") as stamps:
        assert refusal(lambda: stamps.create(STAMP)).message == "The provider library is not configured."
        stamps.configure()
        assert from_struct(stamps.create(STAMP).properties) == STAMPED


def test_without_a_delete_it_is_only_taken_out_of_the_state(stamps: Served) -> None:
    stamps.delete("S1", STAMPED)


# A state that an older version wrote: it called the title `name`

OLD: Values = {"shelf": "S1", "genre": "novel", "name": "Emma", "copies": 1.0}


def test_an_older_state_is_no_difference(books: Served) -> None:
    news: Values = {"shelf": "S1", "genre": "novel", "title": "Emma", "copies": 1.0}
    assert books.diff(OLD, {**OLD, "number": "B1"}, news).changes == pb.DiffResponse.DIFF_NONE
    assert books.diff(OLD, {**OLD, "number": "B1"}, {**news, "title": "Emma II"}).diffs == ["title"]


def test_an_older_state_is_kept_as_this_version_has_it(books: Served) -> None:
    new = from_struct(books.create({"shelf": "S1", "genre": "novel", "title": "Emma", "copies": 1.0}).properties)
    old = {"name" if name == "title" else name: value for name, value in new.items()}
    assert from_struct(books.read("B1", old, OLD).properties) == new
    news: Values = {"shelf": "S1", "genre": "novel", "title": "Emma", "copies": 1.0}
    assert from_struct(books.read("B1", old, OLD).inputs) == news
    for preview in (True, False):
        assert from_struct(books.update("B1", old, news, preview=preview).properties) == new


def test_a_generated_name_in_an_older_state_stays(books: Served) -> None:
    inputs = from_struct(books.check({"shelf": "S1", "genre": "novel"}, {"name": "emma-1234567"}).inputs)
    assert inputs["title"] == "emma-1234567"


# A resource that exists, but is not as it should be


def test_a_created_object_is_in_the_state_after_a_later_step_failed(books: Served) -> None:
    inputs: Values = {**BOOK, "title": "torn", "shelf": Secret("S1")}
    details = failed_initialization(refusal(lambda: books.create(inputs)))
    assert details.id == "B1"
    assert list(details.reasons) == ["The cover of 'torn' came off."]
    assert from_struct(details.properties) == {**inputs, "number": "B1", "key": Secret("key of B1")}


def test_the_reason_of_a_failed_initialization_shows_no_secret(books: Served) -> None:
    error = refusal(lambda: books.create({**BOOK, "title": Secret("torn")}))
    details = failed_initialization(error)
    assert list(details.reasons) == [error.message] == ["The cover of '[secret]' came off."]
    assert from_struct(details.properties)["title"] == Secret("torn")


def test_an_update_can_fail_half_way_too(books: Served) -> None:
    outputs = from_struct(books.create(BOOK).properties)
    details = failed_initialization(refusal(lambda: books.update("B1", outputs, {**BOOK, "title": "torn"})))
    assert (details.id, from_struct(details.properties)) == ("B1", outputs)


def test_an_update_after_a_failed_initialization_may_fail_again(
    books: Served,
) -> None:
    inputs: Values = {**BOOK, "title": "torn"}
    details = failed_initialization(refusal(lambda: books.create(inputs)))
    outputs = from_struct(details.properties)
    for _ in range(2):
        again = failed_initialization(refusal(lambda: books.update("B1", outputs, inputs)))
        assert (again.id, again.reasons, from_struct(again.properties)) == ("B1", details.reasons, outputs)
    assert books.diff(inputs, outputs, {**inputs, "title": "mended"}).diffs == ["title"]


@pytest.mark.parametrize("inputs", [{}, {**BOOK, "password": "hush-hush"}], ids=["at import", "at refresh"])
def test_a_read_can_find_what_is_not_as_it_should_be(books: Served, inputs: Values) -> None:
    outputs = from_struct(books.create(BOOK).properties)
    books.service.client.books["B1"].title = "torn"
    details = failed_initialization(refusal(lambda: books.read("B1", outputs if inputs else {}, inputs)))
    assert (details.id, list(details.reasons)) == ("B1", ["The cover of 'torn' came off."])
    assert from_struct(details.properties) == {**outputs, "title": "torn"}
    found = {**BOOK, "title": "torn"}
    if not inputs:
        del found["copies"]  # the default
    assert from_struct(details.inputs) == found, "as a read without a failure finds them"


# Errors


@pytest.mark.parametrize("title", ["burning", Secret("burning")])
def test_an_unexpected_exception_hides_its_message_and_traceback(books: Served, title: Any) -> None:
    error = refusal(lambda: books.create({**BOOK, "title": title}))
    assert error.code == grpc.StatusCode.INTERNAL
    assert error.message.startswith("library 1.2.3 has a bug: RuntimeError in _suffer (line ")
    assert "hush" not in error.message
    assert "Traceback" not in error.message


def test_an_unexpected_exception_leaves_its_traceback_in_the_log(
    books: Served, capfd: pytest.CaptureFixture[str]
) -> None:
    refusal(lambda: books.create({**BOOK, "title": "burning"}))
    log = capfd.readouterr().err
    assert "in _suffer" in log
    assert "hush" not in log, "the message may hold what is secret"


def test_an_author_can_see_an_unexpected_exception_without_secrets(
    books: Served, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PULUMI_PYTHON_PROVIDER_DEBUG", "1")
    message = refusal(lambda: books.create({**BOOK, "title": "burning"})).message
    assert message.endswith("RuntimeError: burning, and with it [secret]")
    assert "Traceback (most recent call last):" in message
    assert "hush" not in message


@pytest.mark.parametrize(
    ("title", "message"),
    [
        pytest.param("wrong", "`title`: 'wrong' is refused at None.", id="for the user"),
        pytest.param(Secret("wrong"), "`title`: '[secret]' is refused at None.", id="for the user, with a secret"),
        pytest.param("banned", "The censor forbids 'banned'.", id="explained"),
        pytest.param(Secret("banned"), "The censor forbids '[secret]'.", id="explained, with a secret"),
    ],
)
def test_an_error_for_the_user_is_shown_as_it_is_without_secrets(books: Served, title: Any, message: str) -> None:
    error = refusal(lambda: books.create({**BOOK, "title": title}))
    assert (error.code, error.message) == (grpc.StatusCode.UNKNOWN, message)


def test_the_arguments_of_a_function_are_redacted_too(books: Served) -> None:
    error = refusal(lambda: books.invoke("library:index:countBooks", password=Secret("hush-hush")))
    assert error.message == "The password '[secret]' opens nothing."


def test_settings_that_do_not_do(books: Served) -> None:
    assert refusal(lambda: books.configure(address="nowhere")).message == "There is no library at `address`."


# Messages to the engine


def test_advice_is_a_warning_beside_the_resource(engine: tuple[FakeEngine, str]) -> None:
    listening, address = engine
    with serving(library.PROVIDER, "library:index:Book", engine_address=address) as books:
        response = books.check({**BOOK, "genre": "drama"})
        assert failures(response) == []
        assert from_struct(response.inputs)["genre"] == "drama"
        (message,) = listening.messages
        assert message == engine_pb2.LogRequest(
            severity=engine_pb2.WARNING,
            message='`genre` is "drama", which is not a known value; it is sent unchanged.',
            urn=books.urn,
        )


def test_a_provider_can_log_to_the_engine_without_secrets(engine: tuple[FakeEngine, str]) -> None:
    listening, address = engine
    with serving(library.PROVIDER, "library:index:Book", engine_address=address) as books:
        books.configure()
        books.create({**BOOK, "title": "logged"})
        assert listening.messages == [
            engine_pb2.LogRequest(severity=engine_pb2.DEBUG, message="opened with '[secret]'", urn=books.urn),
            engine_pb2.LogRequest(severity=engine_pb2.INFO, message="closed", urn=books.urn),
        ]


def test_a_status_is_shown_beside_the_resource_that_the_call_is_about(engine: tuple[FakeEngine, str]) -> None:
    listening, address = engine
    with serving(library.PROVIDER, "library:index:Book", engine_address=address) as books:
        books.configure()
        books.service.client.hold.set()
        books.create({**BOOK, "title": "slow"})
        assert listening.messages == [
            engine_pb2.LogRequest(
                severity=engine_pb2.INFO,
                message="Waiting for the printer of '[secret]'…",
                urn=books.urn,
                ephemeral=True,
            )
        ]


def test_an_engine_that_takes_no_messages_fails_nothing() -> None:
    with serving(library.PROVIDER, "library:index:Book", engine_address="127.0.0.1:1") as books:
        assert failures(books.check({**BOOK, "genre": UNKNOWN})) == []
        assert failures(books.check({**BOOK, "genre": "drama"})) == []


def test_no_message_shows_what_is_secret_in_the_settings_or_the_call(
    engine: tuple[FakeEngine, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LIBRARY_PASSWORD", "from-the-environment")
    listening, address = engine
    with serving(library.PROVIDER, "library:index:Book", engine_address=address) as books:
        books.configure()
        books.service.client.hold.set()
        for title in ("slow", "noted"):
            books.create({**BOOK, "title": title})
        error = refusal(lambda: books.create({**BOOK, "title": "wrong"}))
    assert [each.message for each in listening.messages] == [
        "Waiting for the printer of '[secret]'…",
        "It is noted with '[secret]', at '[secret]'.",
    ]
    assert error.message == "`title`: 'wrong' is refused at '[secret]'."


def test_a_secret_that_an_old_state_has_in_plain_is_in_no_message_and_secret_from_now_on(books: Served) -> None:
    outputs = from_struct(books.create(BOOK).properties)
    plain: Values = {**outputs, "password": "hush-hush", "key": "key of B1"}
    inputs: Values = {**BOOK, "password": "hush-hush"}
    response = books.read("B1", plain, inputs)
    assert (from_struct(response.properties), from_struct(response.inputs)) == (outputs, BOOK)
    assert books.read("B1", outputs, BOOK) == response, "what was secret stays as it was"
    assert from_struct(books.update("B1", plain, BOOK).properties) == outputs


@pytest.mark.parametrize("variable", ["http_proxy", "https_proxy", "grpc_proxy"])
def test_messages_to_the_engine_use_no_proxy(
    engine: tuple[FakeEngine, str], monkeypatch: pytest.MonkeyPatch, variable: str
) -> None:
    """One that listens and says nothing would keep each message for 5 s, and then it would be lost."""
    listening, address = engine
    silent = socket.create_server(("127.0.0.1", 0))
    with silent, serving(library.PROVIDER, "library:index:Book", engine_address=address) as books:
        monkeypatch.setenv(variable, f"http://127.0.0.1:{silent.getsockname()[1]}")
        books.check({**BOOK, "genre": "drama"})
    assert len(listening.messages) == 1


# Checks against the old inputs


def test_inputs_are_checked_against_the_old_ones(books: Served) -> None:
    olds: Values = {**BOOK, "weight": 2.0, "copies": 3.0}
    assert failures(books.check(BOOK, olds)) == [("", "`weight` cannot be removed.")]
    assert failures(books.check(BOOK)) == [], "a new resource has no old inputs"


def test_a_check_against_the_old_inputs_can_warn(engine: tuple[FakeEngine, str]) -> None:
    listening, address = engine
    with serving(library.PROVIDER, "library:index:Book", engine_address=address) as books:
        assert failures(books.check(BOOK, {**BOOK, "copies": 3.0})) == []
    assert [each.message for each in listening.messages] == ["`copies` falls from 3 to 1."]


@pytest.mark.parametrize("weight", [UNKNOWN, "heavy"])
def test_a_check_against_the_old_inputs_ends_at_an_unknown_or_refused_value(books: Served, weight: Value) -> None:
    found = failures(books.check({**BOOK, "weight": weight}, {**BOOK, "weight": 2.0}))
    refused = [("weight", '`weight` must be a number, got the string "heavy".')]
    assert found == ([] if weight is UNKNOWN else refused)


@pytest.mark.parametrize("copies", ["three", None])
def test_an_old_input_that_another_version_stored_ends_a_check_against_it(books: Served, copies: Value) -> None:
    assert failures(books.check({**BOOK, "copies": 0.0}, {**BOOK, "copies": copies, "weight": 2.0})) == [
        ("", "`weight` cannot be removed.")
    ]


def test_a_check_against_old_inputs_that_would_be_refused_today_succeeds(books: Served) -> None:
    assert failures(books.check(BOOK, {**BOOK, "copies": "many"})) == []


def test_the_default_counts_as_an_old_input_that_is_absent(books: Served) -> None:
    assert failures(books.check({**BOOK, "copies": 2.0}, BOOK)) == []
