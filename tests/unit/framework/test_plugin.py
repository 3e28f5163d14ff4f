"""The start of a provider's process, before it serves."""

from __future__ import annotations

import importlib.util
import sys
from typing import Any

import pulumi
import pytest
from pagerduty_native.framework import plugin, server

from tests.support import library


@pytest.fixture
def served(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """The served provider, and the arguments."""
    calls: list[Any] = []
    monkeypatch.setattr(server, "serve", lambda package, arguments: calls.append((package, arguments)))
    return calls


def test_the_arguments_are_those_of_the_process(monkeypatch: pytest.MonkeyPatch, served: list[Any]) -> None:
    monkeypatch.setattr(sys, "argv", ["pulumi-resource-library", "--logtostderr", "127.0.0.1:1"])
    plugin.serve(library.PROVIDER)
    assert served == [(library.PROVIDER, ["--logtostderr", "127.0.0.1:1"])]


def test_pulumis_messages_are_found_without_the_rest_of_the_sdk(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [each for each in sys.modules if each.split(".")[0] == "pulumi"]:
        monkeypatch.delitem(sys.modules, name)  # until the test is over
    plugin.import_messages_only()
    loaded = {each for each in sys.modules if each.split(".")[0] == "pulumi"}
    assert loaded == {"pulumi", "pulumi.runtime", "pulumi.runtime.proto"}
    assert not hasattr(sys.modules["pulumi"], "Output"), "nothing of it ran"
    assert importlib.util.find_spec("pulumi.runtime.proto.provider_pb2")


def test_without_pulumi_it_says_so_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    """The import that follows fails with the words that everybody knows."""
    monkeypatch.setattr(importlib.util, "find_spec", lambda _name: None)
    before = dict(sys.modules)
    plugin.import_messages_only()
    assert sys.modules == before


def test_an_sdk_that_was_loaded_stays() -> None:
    """A program that is a provider as well uses it."""
    runtime = sys.modules["pulumi.runtime"]
    plugin.import_messages_only()
    assert (sys.modules["pulumi"], sys.modules["pulumi.runtime"]) == (pulumi, runtime)
