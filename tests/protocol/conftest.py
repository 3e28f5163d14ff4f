"""Providers that serve."""

from __future__ import annotations

import os
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import grpc
import pytest
from google._upb import _message
from pagerduty_emulator import Emulator
from pagerduty_native.package import PACKAGE
from pulumi.runtime.proto import engine_pb2_grpc

from tests.conftest import TOKEN
from tests.support import library
from tests.support.provider import Engine, Provider, serving
from tests.support.stack import TYPE


@pytest.fixture(autouse=True)
def _no_settings_from_outside(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in os.environ:
        if name.startswith(("PAGERDUTY_", "LIBRARY_")):
            monkeypatch.delenv(name)


@pytest.fixture(autouse=True)
def _messages_as_deep_as_in_the_plugin() -> Iterator[None]:
    """Pulumi's SDK, which tests load and the plugin does not, lets protobuf read messages of any depth."""
    _message.SetAllowOversizeProtos(False)
    yield
    _message.SetAllowOversizeProtos(True)


@pytest.fixture
def unconfigured() -> Iterator[Provider]:
    with serving(PACKAGE, TYPE) as provider:
        yield provider


@pytest.fixture
def provider(unconfigured: Provider, emulator: Emulator) -> Provider:
    """The provider, configured for the account."""
    unconfigured.configure(token=TOKEN, apiUrlOverride=emulator.url)
    return unconfigured


@pytest.fixture
def books() -> Iterator[Provider]:
    """A provider of something else, on framework/ alone."""
    with serving(library.PACKAGE, "library:index:Book", name="emma") as served:
        served.configure()
        yield served


@pytest.fixture
def engine() -> Iterator[tuple[Engine, str]]:
    engine = Engine()
    server = grpc.server(ThreadPoolExecutor(1))
    engine_pb2_grpc.add_EngineServicer_to_server(engine, server)
    port = server.add_insecure_port("127.0.0.1:0")
    server.start()
    yield engine, f"127.0.0.1:{port}"
    server.stop(1).wait()
