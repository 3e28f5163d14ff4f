"""The engine's call as the client sees it."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor

from pagerduty_native.framework.context import Host, Severity, serving
from pagerduty_native.framework.service import Engine, call_of
from pagerduty_native.framework.values import Secret
from pagerduty_native.framework.wire import to_struct
from pulumi.runtime.proto import provider_pb2 as pb

HOST = Host(Engine())


def test_a_custom_timeout_is_a_deadline_for_as_long_as_the_call_lasts() -> None:
    before = time.monotonic()
    with serving(call_of(pb.CreateRequest(timeout=60))):
        assert before + 60 <= (HOST.deadline() or 0) <= time.monotonic() + 60
    assert HOST.deadline() is None


def test_without_a_custom_timeout_there_is_no_deadline() -> None:
    with serving(call_of(pb.CreateRequest())):
        assert HOST.deadline() is None
    with serving(call_of(pb.InvokeRequest())):  # has no timeouts at all
        assert HOST.deadline() is None


def test_each_thread_has_its_own_call() -> None:
    with serving(call_of(pb.CreateRequest(timeout=60))), ThreadPoolExecutor(1) as pool:
        assert pool.submit(HOST.deadline).result() is None


class Listening(Engine):
    """An engine that keeps messages."""

    def __init__(self) -> None:
        super().__init__()
        self.messages: list[str] = []

    def log(self, severity: Severity, message: str, urn: str, *, ephemeral: bool = False) -> None:  # noqa: ARG002
        self.messages.append(message)


def test_no_message_shows_a_secret_of_the_settings_or_of_the_call() -> None:
    engine = Listening()
    host = Host(engine, {"key"})
    host.hide_secrets_of({"key": "from the environment", "region": "eu"})
    request = pb.UpdateRequest(
        news=to_struct({"name": Secret("hush hush"), "copies": Secret(4711)}), olds=to_struct({"key": "plain"})
    )
    with serving(call_of(request)):
        said = host.redact("no hush%20hush, 4711, plain, from the environment in eu")
        host.warn(f"waiting ({said}) for 'hush hush'")
        host.status("plain hush hush, but 'plain'")
    host.warn("'hush hush'")
    assert engine.messages == [
        "waiting (no [secret], [secret], [secret], [secret] in eu) for '[secret]'",
        "plain hush hush, but '[secret]'",
        "'hush hush'",
    ]


def test_a_secret_of_settings_that_were_replaced_is_still_one() -> None:
    """Calls with the old token may be under way when a provider is configured anew."""
    host = Host(Engine())
    host.hide_secrets_of({"token": Secret("old-token")})
    host.hide_secrets_of({"token": Secret("new-token")})
    host.hide("token of an app")
    assert host.redact("not old-token, not new-token, no token of an app") == "not [secret], not [secret], no [secret]"


def test_a_message_is_not_longer_than_can_be_read() -> None:
    assert len(HOST.for_user("x" * 10_000)) < 400
