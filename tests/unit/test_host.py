"""What a client may know of the engine's call that it works for."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor

from pagerduty_native.rpc.engine import Engine
from pagerduty_native.rpc.host import Host, serving
from pulumi.runtime.proto import provider_pb2 as pb

HOST = Host(Engine())


def test_a_custom_timeout_is_a_deadline_for_as_long_as_the_call_lasts() -> None:
    with serving(pb.CreateRequest(timeout=60)):
        assert 59 < (HOST.deadline() or 0) - time.monotonic() <= 60
    assert HOST.deadline() is None


def test_without_a_custom_timeout_there_is_no_deadline() -> None:
    with serving(pb.CreateRequest()):
        assert HOST.deadline() is None
    with serving(pb.InvokeRequest()):  # has no timeouts at all
        assert HOST.deadline() is None


def test_each_thread_has_its_own_call() -> None:
    with serving(pb.CreateRequest(timeout=60)), ThreadPoolExecutor(1) as pool:
        assert pool.submit(HOST.deadline).result() is None
