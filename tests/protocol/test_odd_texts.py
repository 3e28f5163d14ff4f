"""Odd characters in IDs, names and settings change no path and no header of a request."""

from __future__ import annotations

import re
import threading
from collections.abc import Callable, Iterator
from typing import cast

import grpc
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pagerduty_emulator import Emulator
from pagerduty_emulator.http import Answer, Request
from pagerduty_native.framework.testing import Served
from pagerduty_native.framework.values import Values
from pagerduty_native.framework.wire import from_struct, to_struct
from pulumi.runtime.proto import provider_pb2 as pb

from tests.conftest import TOKEN
from tests.responses.mutations import good
from tests.responses.server import Reply, Server
from tests.support import HANG_SECONDS
from tests.support.stack import TYPE

ID = r"[A-Za-z0-9_-]+"
# An address may have a path of its own.
PATH = re.compile(rf"([!$-.0->@-~]*/)*(services(/{ID}(/integrations(/{ID})?)?)?|vendors(/{ID})?|oauth/token)")
QUERY = re.compile(r"([A-Za-z0-9_.~*-]|%[0-9A-F]{2}|[+&=])*")
HEADERS = {
    *("host", "user-agent", "accept", "accept-encoding", "connection", "authorization", "content-length"),
    "content-type",
}
FRAGMENTS = (
    *("/", "?", "#", "..", "../", "%2f", "%2e%2e", "%00", "\r\n", "\n", "\r", "\0", " ", "\t", "&", "=", ";", ":", "@"),
    *(
        "é",
        "\u2028",
        "😀",
        "\x7f",
        "\x85",
        "\\",
        '"',
        "'",
        "{}",
        "*",
        "[",
        "PCHECKT",
        "PZQ6AUS",
        ".",
        "X-Header: 1",
        "",
    ),
)
TEXT = st.lists(st.sampled_from(FRAGMENTS), max_size=6).map("".join) | st.text(
    st.characters(codec="utf-8"), max_size=20
)
ANSWERED = {grpc.StatusCode.OK, grpc.StatusCode.UNKNOWN}
V2 = "events_api_v2_inbound_integration"
# Each gets an odd text; an ID that is given, too, is that of an integration which is there.
CALLS: dict[str, Callable[[Served, str, str], object]] = {
    "import": lambda provider, odd, _: provider.read(odd),
    "read": lambda provider, odd, there: provider.read(f"{there}{odd}", {"integrationId": there, "service": odd}),
    "service": lambda provider, odd, _: created(provider, {"service": odd, "type": V2, "name": "x"}),
    "vendor": lambda provider, odd, _: created(provider, {"service": "PCHECKT", "vendor": odd, "name": "x"}),
    "name": lambda provider, odd, _: created(provider, {"service": "PCHECKT", "type": V2, "name": odd or "x"}),
    "type": lambda provider, odd, _: created(provider, {"service": "PCHECKT", "type": odd, "name": "x"}),
    "update": lambda provider, odd, there: provider.update(f"{there}{odd}", {}, {"name": odd, "service": odd}),
    "delete": lambda provider, odd, _: provider.delete(f"PCHECKT.{odd}"),
    "list": lambda provider, odd, _: listed(provider, {"service": odd}),
    "list a team": lambda provider, odd, _: listed(provider, {"team": odd, "vendor": odd, "name": odd}),
    "getVendor by name": lambda provider, odd, _: looked_up(provider, "getVendor", name=odd),
    "getVendor by ID": lambda provider, odd, _: looked_up(provider, "getVendor", id=odd),
    "getVendors": lambda provider, odd, _: looked_up(provider, "getVendors", query=odd),
    "getService by name": lambda provider, odd, _: looked_up(provider, "getService", name=odd),
    "getService by ID": lambda provider, odd, _: looked_up(provider, "getService", id=odd),
    "getIntegration": lambda provider, odd, _: looked_up(provider, "getIntegration", service=odd, id=odd),
    "getIntegrations": lambda provider, odd, _: looked_up(provider, "getIntegrations", service=odd),
}


def created(provider: Served, inputs: Values) -> object:
    checked = provider.check(inputs)
    return None if checked.failures else provider.create(from_struct(checked.inputs))


def looked_up(provider: Served, function: str, **arguments: str) -> object:
    return provider.invoke(f"pagerduty-native:index:{function}", **arguments)


def listed(provider: Served, query: Values) -> object:
    request = pb.ListRequest(token=TYPE, query=to_struct(query), limit=100)
    return list(provider.stub.List(request, timeout=HANG_SECONDS))


def code_of(call: Callable[[], object]) -> grpc.StatusCode:
    try:
        call()
    except grpc.RpcError as error:
        return cast("grpc.Call", error).code()
    return grpc.StatusCode.OK


class Recorder:
    """A PagerDuty that keeps what it was sent."""

    def __init__(self) -> None:
        self.emulator = Emulator(services=3)
        self.came: list[Request] = []
        self.server = Server(self.emulator, self._respond)

    def _respond(self, request: Request, answer: Callable[[], Answer]) -> Reply:
        self.came.append(request)
        return good(answer()).reply

    def problems(self) -> list[str]:
        """List the unexpected requests."""
        problems: list[str] = []
        for each in self.came:
            if not PATH.fullmatch(each.path) or not QUERY.fullmatch(each.query_string):
                problems.append(f"{each.path!r} {each.query_string!r}")
            if unknown := each.headers.keys() - HEADERS:
                problems.append(f"headers {unknown}")
            problems += [f"{value!r}" for value in each.headers.values() if not re.fullmatch("[ -~]*", value)]
        return problems


@pytest.fixture(scope="module")
def recorder() -> Iterator[Recorder]:
    recorder = Recorder()
    thread = threading.Thread(target=recorder.server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    yield recorder
    recorder.server.shutdown()
    thread.join()
    recorder.server.server_close()
    recorder.emulator.close()


kept = settings(
    max_examples=40,
    derandomize=True,
    database=None,
    deadline=None,
    suppress_health_check=list(HealthCheck),
)


@pytest.mark.parametrize("call", CALLS)
def test_no_text_gets_into_a_path_or_a_header(unconfigured: Served, recorder: Recorder, call: str) -> None:
    unconfigured.configure(token=TOKEN, apiUrlOverride=recorder.server.url)
    there = unconfigured.create({"service": "PCHECKT", "type": V2, "name": "x"}).id

    @kept
    @given(TEXT)
    def check(odd: str) -> None:
        recorder.came.clear()
        assert code_of(lambda: CALLS[call](unconfigured, odd, there)) in ANSWERED
        assert recorder.problems() == []

    check()


SETTINGS: dict[str, Callable[[str, str], Values]] = {
    "token": lambda url, odd: {"token": odd, "apiUrlOverride": url},
    "address": lambda url, odd: {"token": TOKEN, "apiUrlOverride": f"{url}{odd}"},
    "client": lambda url, odd: {"useAppOauthScopedToken": app(odd, "secret", "acme"), "apiUrlOverride": url},
    "secret": lambda url, odd: {"useAppOauthScopedToken": app("app", odd, "acme"), "apiUrlOverride": url},
    "account": lambda url, odd: {"useAppOauthScopedToken": app("app", "secret", odd), "apiUrlOverride": url},
}


def app(client: str, secret: str, account: str) -> Values:
    return {"pdClientId": client, "pdClientSecret": secret, "pdSubdomain": account}


@pytest.mark.parametrize("setting", SETTINGS)
def test_no_setting_gets_into_a_path_or_a_header_as_it_should_not(
    unconfigured: Served, recorder: Recorder, setting: str
) -> None:
    @kept
    @given(TEXT)
    def check(odd: str) -> None:
        recorder.came.clear()
        given = SETTINGS[setting](recorder.server.url, odd)
        if code_of(lambda: unconfigured.configure(**given)) is grpc.StatusCode.OK:
            assert code_of(lambda: looked_up(unconfigured, "getService", id="PCHECKT")) in ANSWERED
        assert recorder.problems() == []

    check()
