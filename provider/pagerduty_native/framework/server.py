"""Serving a provider to the engine: the port on stdout, and an end when the engine ends."""

from __future__ import annotations

import contextlib
import os
import queue
import signal
import socket
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from typing import Any, NoReturn

import grpc
from pulumi.runtime.proto import provider_pb2_grpc

from pagerduty_native.framework.resource import Package
from pagerduty_native.framework.service import Engine, ProviderServicer, Reading

# The engine works at 4 resources a core at once by default. Cancel has a thread of its own (servicer.py).
THREADS = max(64, 8 * (os.cpu_count() or 1))
# The engine kills the plugin 5 s after the signal.
GRACE_SECONDS = 4.0
# As the engine and Pulumi's SDKs have it: states can be large.
MAX_MESSAGE_BYTES = 400 * 1024 * 1024
# On Windows the engine sends Ctrl-Break where it sends SIGINT elsewhere.
_SIGNALS = [getattr(signal, name) for name in ("SIGINT", "SIGTERM", "SIGBREAK") if hasattr(signal, name)]
# A signal's handler runs when a wait ends, and not every signal ends one: none on Windows, and elsewhere none that
# comes in the moment before the wait begins.
_WAIT_SECONDS = 0.2
# An engine is gone once its address refused so many connections, with a pause between.
_REFUSALS = 2
_PAUSE_SECONDS = 0.5


def serve(package: Package[Any, Any], arguments: list[str]) -> NoReturn:
    """Serve `package` on a free loopback port, print the port, and end the process with the engine or on a signal.

    arguments: the command line; the engine's address is its last one, after any flags.
    """
    engine_address = next((each for each in arguments[-1:] if not each.startswith("-")), "")
    service = ProviderServicer(package, Engine(engine_address))
    # Not an Event: a second signal, met while the first one sets it, would wait for the lock that the first one holds.
    ended: queue.SimpleQueue[None] = queue.SimpleQueue()
    for signal_number in _SIGNALS:
        signal.signal(signal_number, lambda *_: ended.put(None))
    server, port = start(service)
    sys.stdout.write(f"{port}\n")
    sys.stdout.flush()
    if engine_address:
        watch = threading.Thread(target=_wait_for_end_of, args=[engine_address, ended], daemon=True)
        watch.start()
    _wait_for(ended)
    service.cancelled.set()
    server.stop(GRACE_SECONDS).wait()
    # Not sys.exit: it would wait for the pool, and so for a call that hangs.
    os._exit(0)


def start(service: ProviderServicer) -> tuple[grpc.Server, int]:
    """Serve `service` on a free loopback port. Returns the server and its port."""
    server = grpc.server(
        ThreadPoolExecutor(THREADS, thread_name_prefix="rpc"),
        interceptors=[Reading()],
        options=[
            ("grpc.max_receive_message_length", MAX_MESSAGE_BYTES),
            ("grpc.max_send_message_length", MAX_MESSAGE_BYTES),
            ("grpc.so_reuseport", 0),
        ],
    )
    provider_pb2_grpc.add_ResourceProviderServicer_to_server(service, server)
    port = server.add_insecure_port("127.0.0.1:0")
    server.start()
    return server, port


def _wait_for(ended: queue.SimpleQueue[None]) -> None:
    while True:
        with contextlib.suppress(queue.Empty):
            return ended.get(timeout=_WAIT_SECONDS)


def _wait_for_end_of(engine_address: str, ended: queue.SimpleQueue[None]) -> None:
    """Tell `ended` when nothing listens at the engine's address any more.

    An engine that is killed sends neither Cancel nor a signal, but its sockets close. A connection that says nothing is
    closed or reset by a living engine, too, after two minutes or so: then the next one is opened.
    """
    host, _, port = engine_address.rpartition(":")
    refusals = 0
    while refusals < _REFUSALS:
        try:
            with socket.create_connection((host, int(port)), timeout=10) as connection:
                refusals = 0
                connection.settimeout(None)
                while connection.recv(1024):
                    pass
        except ConnectionRefusedError:
            refusals += 1
        except OSError:
            pass  # It may be busy, or held in a debugger; or this machine is short of sockets.
        time.sleep(_PAUSE_SECONDS)
    ended.put(None)
