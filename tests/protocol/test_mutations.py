"""5,000 requests as no engine should send them, or 100,000 with PROVE=1: each is answered, in words for a user."""

from __future__ import annotations

import contextlib
import io
import json
import logging
import os
import random
from collections.abc import Iterator
from typing import Any

import grpc
import pytest
import urllib3
from google.protobuf.message import DecodeError
from pagerduty_native.framework.resource import Provider
from pagerduty_native.framework.testing import Served, serving
from pagerduty_native.framework.values import Secret, Values
from pagerduty_native.framework.wire import to_struct
from pagerduty_native.package import PACKAGE
from pulumi.runtime.proto import provider_pb2 as pb
from pulumi.runtime.proto import provider_pb2_grpc

from tests.support import HANG_SECONDS, library

from . import mutations

CHUNKS, REQUESTS = range(100 if os.environ.get("PROVE") else 5), 500
# A call takes some ms. One that hangs must fail a test, not the whole run.
# An engine takes more than gRPC's Python client does by default.
LARGE = [(f"grpc.{name}", 64_000_000) for name in ("max_metadata_size", "absolute_max_metadata_size")]
# Makes gRPC leave a message as bytes.
AS_IT_IS = (None, None)
CLOSED = "127.0.0.1:1"
NEVER = ("error of its own", "Exception", "Traceback")
MOST_CHARACTERS = 5000
CONFIGURING = {"CheckConfig", "DiffConfig", "Configure"}

FILTER: Values = {"subjectMode": "match", "subjectRegex": "FAILED", "bodyMode": "always", "fromEmailMode": "always"}
PARSER: Values = {
    "action": "trigger",
    "matchPredicate": {"type": "all", "children": [{"type": "contains", "part": "subject", "matcher": "FAILED"}]},
    "valueExtractors": [{"type": "entire", "part": "subject", "valueName": "incident_key"}],
}
INPUTS: Values = {
    "service": "PCHECKT",
    "vendor": "PZQ6AUS",
    "type": "generic_email_inbound_integration",
    "name": Secret("alerts"),
    "integrationEmail": "alerts@acme.pagerduty.com",
    "emailIncidentCreation": "use_rules",
    "emailFilterMode": "and-rules-email",
    "emailFilters": [FILTER, {}],
    "emailParsers": [PARSER],
    "emailParsingFallback": "discard",
}
STATE: Values = {**INPUTS, "integrationId": "PINT001", "integrationKey": Secret("key"), "htmlUrl": "http://x"}
SETTINGS: Values = {
    "token": "u+Token",
    "useAppOauthScopedToken": {"pdClientId": "app", "pdClientSecret": "secret", "pdSubdomain": "acme"},
    "serviceRegion": "us",
    "apiUrlOverride": f"http://{CLOSED}",
    "insecureTls": "false",
    "requestsPerMinute": 1e6,
    "version": "1.2.3",
}
BOOK: Values = {
    "shelf": "S1",
    "author": {"id": "A1", "name": None},
    "genre": "novel",
    "title": "Emma",
    "chapters": [{"title": "One", "pages": 3.0, "mood": "calm"}, {"title": "Two"}],
    "firstChapter": {"title": "One"},
    "tags": ["rare", "old"],
    "copies": 2.0,
    "weight": 0.5,
    "lent": False,
    "password": Secret("hush-hush"),
}
LIBRARY: Values = {
    "address": "Main Street",
    "readerCard": {"number": 7.0, "pinCode": "1"},
    "quiet": "true",
    "seats": "3",
}

INTEGRATION = {
    "id": "PINT001",
    "type": "generic_email_inbound_integration",
    "name": "alerts",
    "service": {"id": "PCHECKT", "type": "service_reference"},
    "vendor": None,
    "integration_email": "alerts@acme.pagerduty.com",
    "email_filters": [{"id": "F1", "subject_mode": "always", "body_mode": None}],
}
SERVICE = {"id": "PCHECKT", "name": "Checkout", "html_url": None, "integrations": [INTEGRATION]}
VENDOR = {"id": "PZQ6AUS", "name": "Amazon CloudWatch", "description": "", "generic_service_type": "api"}
# An answer to any request.
EVERYTHING = {
    "integration": INTEGRATION,
    "service": SERVICE,
    "services": [SERVICE],
    "vendor": VENDOR,
    "vendors": [VENDOR],
    "more": False,
    "offset": 0,
    "limit": 100,
    "total": 1,
}
NOT_FOUND = {"error": {"message": "Not Found", "code": 2100}}
REFUSED = {"error": {"message": "Invalid Input Provided", "code": 2001, "errors": ["Name is odd."]}}


def requests_of(package: Provider[Any, Any]) -> dict[str, Any]:
    """The good requests, by their method, and by the function where there are several."""
    if package is library.PROVIDER:
        return mutations.requests(
            token="library:index:Book",
            function="library:index:countBooks",
            settings=LIBRARY,
            inputs=BOOK,
            state={**BOOK, "number": "B1", "key": Secret("k")},
            arguments={"shelf": "S1"},
        )
    found: dict[str, Any] = {}
    for function in (name for name in PACKAGE.tokens if ":get" in name):
        made = mutations.requests(
            token="pagerduty-native:index:Integration",
            function=function,
            settings=SETTINGS,
            inputs=INPUTS,
            state=STATE,
            arguments={"service": "PCHECKT", "name": "Checkout"},
        )
        found |= {**made, f"Invoke {function}": made["Invoke"]}
    return found


@pytest.fixture
def _pagerduty(monkeypatch: pytest.MonkeyPatch) -> None:
    """PagerDuty without a network: it finds the object, finds nothing, or refuses."""
    chance = random.Random(1)  # noqa: S311 (no secret)

    def urlopen(*_: object, **_options: object) -> urllib3.HTTPResponse:
        status, body = chance.choice([(200, EVERYTHING), (200, EVERYTHING), (404, NOT_FOUND), (400, REFUSED)])
        return urllib3.HTTPResponse(io.BytesIO(json.dumps(body).encode()), status=status, preload_content=False)

    monkeypatch.setattr("urllib3.HTTPConnectionPool.urlopen", urlopen)


@contextlib.contextmanager
def configured(package: Provider[Any, Any]) -> Iterator[Served]:
    settings = {name: value for name, value in SETTINGS.items() if name != "useAppOauthScopedToken"}
    with serving(package, "") as provider:
        args = LIBRARY if package is library.PROVIDER else settings
        provider.stub.Configure(pb.ConfigureRequest(args=to_struct(args)))
        yield provider


def after_check(channel: grpc.Channel, method: str, raw: bytes) -> bytes | None:
    """Give a request to create or update the inputs that Check returns: the engine sends no others.

    Return None if Check refuses the inputs, and the request itself if it cannot be read.
    """
    kind: Any
    kind, inputs = {"Create": (pb.CreateRequest, "properties"), "Update": (pb.UpdateRequest, "news")}[method]
    try:
        request: Any = kind.FromString(raw)
        check = pb.CheckRequest(urn=request.urn, news=getattr(request, inputs))
        checked = provider_pb2_grpc.ResourceProviderStub(channel).Check(check, timeout=HANG_SECONDS)
    except (DecodeError, grpc.RpcError):
        return raw
    if checked.failures:
        return None
    getattr(request, inputs).CopyFrom(checked.inputs)
    return bytes(request.SerializeToString())


def problem(channel: grpc.Channel, method: str, raw: bytes) -> str:
    """Return the problem of the answer to a request, if there is one."""
    path = f"/pulumirpc.ResourceProvider/{method}"
    try:
        if method == "List":
            list(channel.unary_stream(path, *AS_IT_IS)(raw, timeout=HANG_SECONDS))
        else:
            channel.unary_unary(path, *AS_IT_IS)(raw, timeout=HANG_SECONDS)
    except grpc.RpcError as error:
        details = error.details() or ""
        if (
            error.code() != grpc.StatusCode.UNKNOWN
            or len(details) > MOST_CHARACTERS
            or any(each in details for each in NEVER)
        ):
            return f"{method}: {error.code()} {details} after {raw[:1000]!r}"
    return ""


@pytest.mark.usefixtures("_pagerduty")
@pytest.mark.parametrize("package", [PACKAGE, library.PROVIDER], ids=["pagerduty", "library"])
@pytest.mark.parametrize("seed", CHUNKS)
def test_each_request_is_answered_in_words(
    package: Provider[Any, Any], seed: int, capfd: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> None:
    chance = random.Random(seed)  # noqa: S311 (no secret)
    plugin, others = mutations.plugin_requests(CLOSED), requests_of(package)
    with contextlib.ExitStack() as stack, caplog.at_level(logging.ERROR):
        # One whose settings stay, one whose settings change, and one that is attached and cancelled.
        served = [stack.enter_context(configured(package)) for _ in range(3)]
        channels = [stack.enter_context(grpc.insecure_channel(each.address, options=LARGE)) for each in served]
        problems = []
        for _ in range(REQUESTS):
            name = chance.choice([*others, *others, *others, *plugin])
            method = name.split()[0]
            kind, good = (plugin | others)[name]
            raw = mutations.request(chance, good, kind)
            channel = channels[2 if name in plugin else method in CONFIGURING]
            sent = after_check(channel, method, raw) if method in {"Create", "Update"} else raw
            if sent is not None:
                problems.append(problem(channel, method, sent))
    assert not list(filter(None, problems))
    assert "File " not in capfd.readouterr().err
    assert not caplog.records
