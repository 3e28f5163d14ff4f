"""Serving an emulator over HTTP: in a thread for tests, in the foreground for the command."""

from __future__ import annotations

import contextlib
import ipaddress
import signal
import socket
import threading
import time
from collections.abc import Callable, Generator, Iterator
from pathlib import Path
from typing import Any

import uvicorn

from pagerduty_emulator.emulator import Emulator
from pagerduty_emulator.seeds import DEFAULT_SERVICES
from pagerduty_emulator.settings import Settings

from .app import create_app
from .connection import ResettableProtocol

LOOPBACK_NAMES = {"localhost", "127.0.0.1", "[::1]"}
SHUTDOWN_SECONDS = 1  # for requests that are being answered; delayed ones are cancelled


class Server(uvicorn.Server):
    """uvicorn's server, which says when it listens and ends quietly on a signal."""

    def __init__(self, config: uvicorn.Config, on_listening: Callable[[], None]) -> None:
        super().__init__(config)
        self._on_listening = on_listening

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Starts, then calls `on_listening`."""
        await super().startup(sockets=sockets)
        self._on_listening()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Ends every connection, so that an answer held back by a delay does not hold back the end."""
        for connection in list(self.server_state.connections):
            connection.transport.close()
        await super().shutdown(sockets=sockets)

    @contextlib.contextmanager
    def capture_signals(self) -> Generator[None, None, None]:
        """As uvicorn's, but a signal is not raised again: ending on it is success."""
        if threading.current_thread() is not threading.main_thread():
            yield
            return
        signals = (signal.SIGINT, signal.SIGTERM)
        previous = {number: signal.signal(number, self.handle_exit) for number in signals}
        try:
            yield
        finally:
            for number, handler in previous.items():
                signal.signal(number, handler)


def listen(host: str, port: int) -> socket.socket:
    """A socket that listens; port 0 takes a free one."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    # asyncio turns Nagle's delay off (40 ms an answer, else) only where the protocol is named.
    listener = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((host, port))
    except OSError:
        listener.close()
        raise
    return listener


def url_of(listener: socket.socket) -> str:
    """`http://HOST:PORT` of a listening socket."""
    host, port = listener.getsockname()[:2]
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


def is_loopback(host: str) -> bool:
    """Whether only this machine can reach a server that listens there."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def new_server(emulator: Emulator, host: str, on_listening: Callable[[], None] = lambda: None) -> Server:
    """A server of the emulator's application, not yet started."""
    allowed_hosts = {*LOOPBACK_NAMES, host} if is_loopback(host) else None
    config = uvicorn.Config(
        create_app(emulator, allowed_hosts=allowed_hosts),
        http=ResettableProtocol,
        ws="none",
        lifespan="off",
        access_log=False,
        log_config=None,
        server_header=False,
        timeout_keep_alive=75,
        timeout_graceful_shutdown=SHUTDOWN_SECONDS,
    )
    return Server(config, on_listening)


@contextlib.contextmanager
def serve(
    emulator: Emulator | None = None,
    *,
    host: str = "127.0.0.1",
    port: int = 0,
    database: str | Path = ":memory:",
    services: int = DEFAULT_SERVICES,
    settings: Settings | None = None,
    **changed_settings: Any,
) -> Iterator[Emulator]:
    """Serves an emulator in a thread for as long as the `with` block runs.

    Settings can be given one by one: `serve(rate_limit=960, latency=0.02)`. An `emulator` that is
    passed in is served as it is, and stays open afterwards.
    """
    if emulator is not None:
        if settings is not None or changed_settings:
            raise TypeError("settings belong to the emulator that is passed in")
        with _serving(emulator, host, port):
            yield emulator
        return
    settings = settings or Settings()
    settings.update(changed_settings)
    own = Emulator(settings, database=database, services=services)
    with contextlib.closing(own), _serving(own, host, port):
        yield own


@contextlib.contextmanager
def _serving(emulator: Emulator, host: str, port: int) -> Iterator[None]:
    """Serves in a thread while the block runs."""
    listener = listen(host, port)
    emulator.url = url_of(listener)
    server = new_server(emulator, host)
    thread = threading.Thread(target=server.run, args=([listener],), name="pagerduty-emulator", daemon=True)
    thread.start()
    try:
        _wait_until_started(server, thread)
        yield
    finally:
        server.should_exit = True
        thread.join()
        listener.close()


def _wait_until_started(server: Server, thread: threading.Thread) -> None:
    while not server.started:
        if not thread.is_alive():
            raise RuntimeError("the emulator's server did not start")
        time.sleep(0.002)
