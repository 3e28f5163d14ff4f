"""The names that a provider imports from framework/."""

from __future__ import annotations

import inspect
import re
import subprocess
import sys

import pytest
from pagerduty_native import framework as rpc

NAMES = """
Advice Changes Failure Function Host InitializationFailedError Instance Listable Listed NotYetKnownError Problem
Provider ProviderError Resource camel_case decode did_you_mean encode field find_all nearest object_type properties_of
serve
"""


def test_the_public_names_are_these_in_order() -> None:
    """A name that is added here is one that writers of providers rely on."""
    assert NAMES.split() == rpc.__all__


def test_every_public_name_is_listed() -> None:
    public = {name for name, each in vars(rpc).items() if not (name.startswith("_") or inspect.ismodule(each))}
    assert public == set(rpc.__all__)


@pytest.mark.parametrize("name", NAMES.split())
def test_each_says_what_it_is(name: str) -> None:
    text = inspect.getdoc(getattr(rpc, name))
    assert text
    assert not re.match(r"\w+\(", text), "a dataclass without a docstring gets its signature as one"


def test_importing_the_framework_imports_no_protocol_and_no_http() -> None:
    """Pulumi's messages, protobuf and gRPC are imported when `serve` is called, and no sooner."""
    code = (
        "import sys, pagerduty_native.framework\n"
        "print([each for each in ('pulumi', 'grpc', 'google.protobuf', 'requests') if each in sys.modules])"
    )
    assert subprocess.check_output([sys.executable, "-c", code], text=True) == "[]\n"
