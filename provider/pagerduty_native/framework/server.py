"""The process of a plugin: it prints its port, serves the engine, and ends with it."""

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

from pagerduty_native.framework.resource import Provider
from pagerduty_native.framework.service import DecodingErrors, Engine, ProviderServicer

# By default, the engine works on 4 resources per core at once. Cancel has its own thread (service.py).
THREADS = max(64, 8 * (os.cpu_count() or 1))
# The engine kills the plugin 5 s after the signal.
GRACE_SECONDS = 4.0
# The same limit as in the engine and Pulumi's SDKs: states can be large.
MAX_MESSAGE_BYTES = 400 * 1024 * 1024
# On Windows, the engine sends Ctrl-Break in place of SIGINT.
_SIGNALS = [getattr(signal, name) for name in ("SIGINT", "SIGTERM", "SIGBREAK") if hasattr(signal, name)]
# The handler of a signal runs when a wait ends. A signal does not end a wait on Windows, nor if it arrives just before
# the wait begins. So waits are short.
_WAIT_SECONDS = 0.2
# The engine counts as gone after this number of refused connections, with a pause between them.
_REFUSALS = 2
_PAUSE_SECONDS = 0.5


def serve(provider: Provider[Any, Any], arguments: list[str]) -> NoReturn:
    """Serve a provider on a free loopback port, print the port, and end the process with the engine or on a signal."""
    # The engine's address is the last argument, after any flags. A plugin that is started by hand has none.
    engine_address = arguments[-1] if arguments and not arguments[-1].startswith("-") else ""
    service = ProviderServicer(provider, Engine(engine_address))
    # Not an Event: a second signal during `set` would wait for the lock that the first one holds.
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
    service.host.cancelled.set()
    server.stop(GRACE_SECONDS).wait()
    # Not sys.exit: it would wait for the threads, and so for a call that hangs.
    os._exit(0)


def start(service: ProviderServicer) -> tuple[grpc.Server, int]:
    """Start a server on a free loopback port, which is returned, too."""
    server = grpc.server(
        ThreadPoolExecutor(THREADS, thread_name_prefix="rpc"),
        interceptors=[DecodingErrors()],
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
    """Put None into `ended` once nothing listens at the engine's address any more.

    A killed engine sends neither Cancel nor a signal, but its sockets close. A living engine also closes or resets an
    idle connection, after about two minutes. Then the next one is opened.
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
            pass  # The engine may be busy or stopped in a debugger, or this machine is short of sockets.
        time.sleep(_PAUSE_SECONDS)
    ended.put(None)
