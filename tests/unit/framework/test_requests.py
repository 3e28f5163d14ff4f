"""Reading requests, and refusing bad ones."""

from __future__ import annotations

import re
import time

import pytest
from pagerduty_native.framework.service import call_of, generated_name, name_of, token_of
from pulumi.runtime.proto import provider_pb2 as pb

URN = "urn:pulumi:dev::test::my:index:Component$library:index:Book::emma"


@pytest.mark.parametrize("name", ["emma", "a::b", "a$b", "::"])
def test_a_urn(name: str) -> None:
    """The name may hold what stands between the parts; Pulumi's URN.Name() reads it so."""
    urn = f"urn:pulumi:dev::test::my:index:Component$library:index:Book::{name}"
    assert (token_of(urn), name_of(urn)) == ("library:index:Book", name)


def test_the_time_for_a_call_may_be_short_or_not_limited() -> None:
    before = time.monotonic()
    deadline = call_of(pb.CreateRequest(timeout=0.5)).deadline
    assert deadline is not None
    assert before + 0.5 <= deadline <= time.monotonic() + 0.5
    assert call_of(pb.CreateRequest()).deadline is None


def named(**options: str | int) -> pb.CheckRequest.AutonamingOptions:
    return pb.CheckRequest.AutonamingOptions(**options)  # type: ignore[arg-type] # a mode and a text


PROPOSE, ENFORCE, DISABLE = (
    pb.CheckRequest.AutonamingOptions.Mode.Value(name) for name in ("PROPOSE", "ENFORCE", "DISABLE")
)


@pytest.mark.parametrize(
    ("request_", "name"),
    [
        pytest.param(
            pb.CheckRequest(urn=URN, randomSeed=b"\x01\x23\x45\x67\x89"), "emma-0123456", id="the engine's seed"
        ),
        pytest.param(pb.CheckRequest(urn=URN, name="Emma", randomSeed=b"\x01" * 5), "Emma-0101010", id="a name"),
        pytest.param(pb.CheckRequest(urn=URN, autonaming=named(mode=DISABLE, proposed_name="x")), None, id="disabled"),
        pytest.param(pb.CheckRequest(urn=URN, autonaming=named(mode=PROPOSE, proposed_name="x")), "x", id="proposed"),
        pytest.param(pb.CheckRequest(urn=URN, autonaming=named(mode=ENFORCE, proposed_name="x")), "x", id="enforced"),
        pytest.param(
            pb.CheckRequest(urn=URN, autonaming=named(mode=PROPOSE), randomSeed=b"\x01" * 5),
            "emma-0101010",
            id="proposed, but nothing",
        ),
    ],
)
def test_a_name_for_what_is_given_none(request_: pb.CheckRequest, name: str | None) -> None:
    assert generated_name(request_) == name


def test_without_a_seed_names_differ() -> None:
    names = {generated_name(pb.CheckRequest(urn=URN)) for _ in range(10)}
    assert len(names) == 10
    assert all(re.fullmatch("emma-[0-9a-f]{7}", each or "") for each in names)
