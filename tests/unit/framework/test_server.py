"""How a provider's process serves, and when the engine counts as gone."""

from __future__ import annotations

import dataclasses
import errno
import io
import os
import queue
import signal
import socket
import sys
import threading
from collections.abc import Callable
from typing import Any

import grpc
import pytest
from google.protobuf import empty_pb2
from pagerduty_native.framework import server
from pagerduty_native.framework.context import Host
from pagerduty_native.framework.wire import to_struct
from pulumi.runtime.proto import provider_pb2 as pb
from pulumi.runtime.proto import provider_pb2_grpc

from tests.support import HANG_SECONDS, library

URN = "urn:pulumi:dev::test::library:index:Book::emma"


class Pipe(io.StringIO):
    """Standard output as the engine reads it: text that was written and flushed."""

    def __init__(self) -> None:
        super().__init__()
        self.read_by_engine: queue.Queue[str] = queue.Queue()

    def flush(self) -> None:
        self.read_by_engine.put(self.getvalue())


class Process:
    """The library's provider, served as in a process of its own, which a signal can be sent to.

    signals: the handler of each signal. codes: what the process ended with.
    """

    def __init__(self, monkeypatch: pytest.MonkeyPatch, *arguments: str) -> None:
        self.signals: dict[int, Callable[..., object]] = {}
        self.codes: queue.Queue[int] = queue.Queue()
        stdout = Pipe()
        monkeypatch.setattr(sys, "stdout", stdout)
        monkeypatch.setattr(signal, "signal", self.signals.__setitem__)
        monkeypatch.setattr(os, "_exit", self.codes.put)
        package = dataclasses.replace(library.PROVIDER, configure=self.configure)
        threading.Thread(target=server.serve, args=[package, list(arguments)], daemon=True).start()
        self.port = int(stdout.read_by_engine.get(timeout=HANG_SECONDS))
        self.stub = provider_pb2_grpc.ResourceProviderStub(grpc.insecure_channel(f"127.0.0.1:{self.port}"))

    def configure(self, settings: library.Settings, host: Host) -> library.Library:
        self.library = library.configure(settings, host)
        return self.library

    def create(self, title: str) -> Any:
        """The call of a creation, which is under way: the library holds a book that is "slow" until it is let go."""
        self.stub.Configure(pb.ConfigureRequest(), timeout=HANG_SECONDS)
        inputs = to_struct({"shelf": "S1", "genre": "novel", "title": title})
        return self.stub.Create.future(pb.CreateRequest(urn=URN, properties=inputs), timeout=HANG_SECONDS)

    def engine_address(self) -> str:
        engine: Any = self.library.host._engine
        return str(engine.address)

    def code(self) -> int:
        return self.codes.get(timeout=HANG_SECONDS)


@pytest.mark.parametrize("name", ["SIGINT", "SIGTERM"])
def test_a_signal_ends_it_once_what_is_under_way_is_finished(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    """Otherwise the engine could not put a created object into the state."""
    process = Process(monkeypatch)
    creating = process.create("slow")
    assert process.library.holding.acquire(timeout=HANG_SECONDS)
    process.signals[getattr(signal, name)](getattr(signal, name), None)
    assert process.library.host.cancelled.wait(HANG_SECONDS), "nothing should wait from now on"
    assert process.codes.empty()
    process.library.hold.set()
    assert creating.result().id == "B1"
    assert process.code() == 0


def test_the_engines_address_is_its_last_argument(monkeypatch: pytest.MonkeyPatch) -> None:
    """After the flags that `--logflow` puts there. It ends when nothing listens there any more."""
    monkeypatch.setattr(server, "_PAUSE_SECONDS", 0.0)
    with socket.create_server(("127.0.0.1", 0)) as listener:
        address = f"127.0.0.1:{listener.getsockname()[1]}"
        process = Process(monkeypatch, "--logtostderr", "127.0.0.1:1", address)
        watching, _ = listener.accept()
        process.create("Emma").result()
        assert process.engine_address() == address
        assert process.codes.empty()
    watching.close()
    assert process.code() == 0


@pytest.mark.parametrize("arguments", [(), ("127.0.0.1:1", "--logtostderr")])
def test_without_an_engine_it_waits_for_a_signal(monkeypatch: pytest.MonkeyPatch, arguments: tuple[str, ...]) -> None:
    """A person may start it, and have an engine attach to it later."""
    watches: list[str] = []
    monkeypatch.setattr(server, "_wait_for_end_of", lambda address, _ended: watches.append(address))
    process = Process(monkeypatch, *arguments)
    process.create("Emma").result()
    assert process.engine_address() == ""
    assert not watches
    process.signals[signal.SIGTERM]()
    assert process.code() == 0


def test_two_providers_do_not_share_a_port(monkeypatch: pytest.MonkeyPatch) -> None:
    """With SO_REUSEPORT, which gRPC sets by itself, another process could get half of the calls."""
    process = Process(monkeypatch)
    with socket.socket() as other:
        other.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
        with pytest.raises(OSError, match="in use"):
            other.bind(("127.0.0.1", process.port))
    assert process.stub.GetPluginInfo(empty_pb2.Empty(), timeout=HANG_SECONDS).version == "1.2.3"
    process.signals[signal.SIGTERM]()
    assert process.code() == 0


def test_other_machines_do_not_reach_it(monkeypatch: pytest.MonkeyPatch) -> None:
    process = Process(monkeypatch)
    with socket.socket() as other:
        other.settimeout(HANG_SECONDS)
        assert other.connect_ex(("127.0.0.2", process.port)), "it listens on more than 127.0.0.1"
    process.signals[signal.SIGTERM]()
    assert process.code() == 0


def test_a_wait_for_a_signal_may_be_long(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(server, "_WAIT_SECONDS", 0.001)
    ended: queue.SimpleQueue[None] = queue.SimpleQueue()
    threading.Timer(0.02, ended.put, [None]).start()
    server._wait_for(ended)
    assert ended.empty()


def watched(monkeypatch: pytest.MonkeyPatch, outcomes: list[OSError | socket.socket]) -> list[Any]:
    """Watch an engine to its end. Return the requested addresses and timeouts."""
    asked: list[Any] = []

    def connect(address: Any, timeout: float) -> socket.socket:
        outcome = outcomes[len(asked)]
        asked.append((address, timeout))
        if isinstance(outcome, OSError):
            raise outcome
        outcome.settimeout(timeout)
        return outcome

    monkeypatch.setattr(socket, "create_connection", connect)
    monkeypatch.setattr(server, "_PAUSE_SECONDS", 0.0)
    ended: queue.SimpleQueue[None] = queue.SimpleQueue()
    server._wait_for_end_of("127.0.0.1:4711", ended)
    assert ended.get_nowait() is None
    return asked


def test_only_an_address_that_refuses_twice_is_gone(monkeypatch: pytest.MonkeyPatch) -> None:
    """A machine that is short of sockets, or one connection that is reset, ends no deployment."""
    outcomes: list[OSError | socket.socket] = [
        OSError(errno.EMFILE, "too many open files"),
        ConnectionRefusedError(),
        OSError(errno.EADDRNOTAVAIL, "no address"),
        ConnectionAbortedError(),
        ConnectionRefusedError(),
    ]
    assert watched(monkeypatch, outcomes) == [(("127.0.0.1", 4711), 10)] * 5


def test_a_connection_shows_that_the_engine_lives_for_as_long_as_it_is_open(monkeypatch: pytest.MonkeyPatch) -> None:
    """The engine may send anything on it, or nothing for any time. It closes one now and then."""
    ours, engines = socket.socketpair()
    engines.sendall(b"x" * 5000)
    engines.close()
    outcomes: list[OSError | socket.socket] = [
        ConnectionRefusedError(),
        ours,
        ConnectionRefusedError(),
        ConnectionRefusedError(),
    ]
    assert len(watched(monkeypatch, outcomes)) == 4
    assert ours.gettimeout() is None
    assert ours.fileno() == -1, "it is closed"
