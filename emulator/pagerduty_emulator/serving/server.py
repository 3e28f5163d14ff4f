"""Serving an emulator over HTTP: in a thread for tests, in the foreground for the command."""

from __future__ import annotations

import asyncio
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
from .protocol import IDLE_SECONDS, Protocol
from .tls import Tls, from_files, made_for

LOOPBACK_NAMES = {"localhost", "127.0.0.1", "[::1]"}
SHUTDOWN_SECONDS = 1  # for requests that are being answered; delayed ones are cancelled
MIN_TOKEN = 16  # characters of what alone keeps other machines out


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
        for connection in list(self.server_state.connections):  # those that do not read what they are sent
            connection.transport.abort()
        await asyncio.sleep(0)

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


def url_of(listener: socket.socket, tls: Tls | None = None) -> str:
    """`http://HOST:PORT` of a listening socket, or `https://` with TLS."""
    host, port = listener.getsockname()[:2]
    scheme = "http" if tls is None else "https"
    return f"{scheme}://[{host}]:{port}" if ":" in host else f"{scheme}://{host}:{port}"


def is_loopback(host: str) -> bool:
    """Whether only this machine can reach a server that listens there."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def require_safe(host: str, token: str | None, *, allow_remote: bool) -> None:
    """ValueError unless only this machine can reach `host`, or it is meant and a token keeps strangers out."""
    if is_loopback(host):
        return
    if not allow_remote:
        raise ValueError(
            f"other machines could reach the emulator at {host}. If they are to, allow it (--allow-remote; serve: "
            "allow_remote=True) and choose the token that they need (--token; serve: token=...)"
        )
    if token is None or len(token) < MIN_TOKEN:
        raise ValueError(
            f"for other machines the emulator takes a token (--token, or PAGERDUTY_EMULATOR_TOKEN; serve: token=...) "
            f"of at least {MIN_TOKEN} characters, such as one by `openssl rand -hex 20`"
        )


def new_server(
    emulator: Emulator,
    host: str,
    *,
    tls: Tls | None = None,
    token: str | None = None,
    on_listening: Callable[[], None] = lambda: None,
) -> Server:
    """A server of the emulator's application, not yet started."""
    allowed_hosts = {*LOOPBACK_NAMES, host} if is_loopback(host) else None
    config = uvicorn.Config(
        create_app(emulator, allowed_hosts=allowed_hosts, token=token),
        http=Protocol,
        ws="none",
        lifespan="off",
        access_log=False,
        log_config=None,
        server_header=False,
        timeout_keep_alive=IDLE_SECONDS,
        timeout_graceful_shutdown=SHUTDOWN_SECONDS,
    )
    config.load()
    config.ssl = None if tls is None else tls.context
    return Server(config, on_listening)


@contextlib.contextmanager
def serve(
    emulator: Emulator | None = None,
    *,
    host: str = "127.0.0.1",
    port: int = 0,
    database: str | Path = ":memory:",
    services: int = DEFAULT_SERVICES,
    seed: str | Path | None = None,
    settings: Settings | None = None,
    tls: bool | tuple[Path, Path] = False,
    token: str | None = None,
    allow_remote: bool = False,
    **changed_settings: Any,
) -> Iterator[Emulator]:
    """Serves an emulator in a thread for as long as the `with` block runs.

    Settings can be given one by one: `serve(rate_limit=960, latency=0.02)`. An `emulator` that is
    passed in is served as it is, and stays open afterwards. A new account has what the seed file `seed` says, or so
    many services and who looks after them.

    With `tls`, it serves https with a certificate by a new authority, whose own is in `emulator.ca_file`; or with the
    certificate and the private key in two files. A `token` is the only one that is taken from then on. A `host` that
    other machines reach takes `allow_remote` and a token, or ValueError.
    """
    require_safe(host, token, allow_remote=allow_remote)
    if emulator is not None:
        if settings is not None or changed_settings:
            raise TypeError("settings belong to the emulator that is passed in")
        with _serving(emulator, host, port, tls, token):
            yield emulator
        return
    settings = settings or Settings()
    settings.update(changed_settings)
    own = Emulator(settings, database=database, services=services, seed=seed)
    with contextlib.closing(own), _serving(own, host, port, tls, token):
        yield own


def tls_for(host: str, tls: bool | tuple[Path, Path]) -> contextlib.AbstractContextManager[Tls | None]:
    """What `serve` makes of its argument `tls`."""
    if isinstance(tls, tuple):
        return contextlib.nullcontext(from_files(*tls))
    return made_for(host) if tls else contextlib.nullcontext()


@contextlib.contextmanager
def _serving(
    emulator: Emulator, host: str, port: int, tls: bool | tuple[Path, Path], token: str | None
) -> Iterator[None]:
    """Serves in a thread while the block runs."""
    with tls_for(host, tls) as made, contextlib.closing(listen(host, port)) as listener:
        emulator.url = url_of(listener, made)
        emulator.ca_file = made.ca_file if made else None
        server = new_server(emulator, host, tls=made, token=token)
        thread = threading.Thread(target=server.run, args=([listener],), name="pagerduty-emulator", daemon=True)
        thread.start()
        try:
            _wait_until_started(server, thread)
            yield
        finally:
            server.should_exit = True
            thread.join()


def _wait_until_started(server: Server, thread: threading.Thread) -> None:
    while not server.started:
        if not thread.is_alive():
            raise RuntimeError("the emulator's server did not start")
        time.sleep(0.002)
