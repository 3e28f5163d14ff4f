"""Serving an emulator over HTTP: in a thread for tests, in the foreground for the command."""

from __future__ import annotations

import asyncio
import contextlib
import ipaddress
import signal
import socket
import threading
import time
from collections.abc import Callable, Generator, Iterable, Iterator
from pathlib import Path
from typing import Any

import uvicorn

from pagerduty_emulator.emulator import Emulator
from pagerduty_emulator.seeds import DEFAULT_SERVICES
from pagerduty_emulator.settings import Settings

from .app import create_app
from .protocol import IDLE_SECONDS, Protocol
from .proxy import HOST, PAGERDUTY_HOSTS, Proxy
from .tls import Tls, certified

LOOPBACK_NAMES = {"localhost", "127.0.0.1", "[::1]"}
SHUTDOWN_SECONDS = 1  # for requests that are being answered; delayed ones are cancelled
MIN_TOKEN = 16  # characters of what alone keeps other machines out


class Server(uvicorn.Server):
    """uvicorn's server, which says when it listens and ends quietly on a signal."""

    def __init__(self, config: uvicorn.Config, on_listening: Callable[[], None]) -> None:
        super().__init__(config)
        self._on_listening = on_listening

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Start, then call `on_listening`."""
        await super().startup(sockets=sockets)
        self._on_listening()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """End every connection, so that a delayed answer does not hold back the end."""
        for connection in list(self.server_state.connections):
            connection.transport.close()
        await super().shutdown(sockets=sockets)
        for connection in list(self.server_state.connections):  # those that do not read what they are sent
            connection.transport.abort()
        await asyncio.sleep(0)

    @contextlib.contextmanager
    def capture_signals(self) -> Generator[None, None, None]:
        """Do as uvicorn does, but do not raise the signal again: ending on it is success."""
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
    """Return a socket that listens; port 0 chooses a free one."""
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


def url_of(listener: socket.socket, tls: Tls) -> str:
    """Return `http://HOST:PORT` of a listening socket, or `https://` with TLS."""
    host, port = listener.getsockname()[:2]
    scheme = "http" if tls.context is None else "https"
    return f"{scheme}://[{host}]:{port}" if ":" in host else f"{scheme}://{host}:{port}"


def is_loopback(host: str) -> bool:
    """Return True if only this machine can reach a server that listens there."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def require_safe(host: str, token: str | None, *, allow_remote: bool) -> None:
    """Raise ValueError if other machines can reach `host`, unless that is allowed and a token is required."""
    if is_loopback(host):
        return
    if not allow_remote:
        raise ValueError(
            f"other machines can reach the emulator at {host}. To allow that, pass --allow-remote and --token "
            "(serve: allow_remote=True and token=...)"
        )
    if token is None or len(token) < MIN_TOKEN:
        raise ValueError(
            f"--allow-remote requires --token (PAGERDUTY_EMULATOR_TOKEN; serve: token=...) with at least {MIN_TOKEN} "
            "characters, such as one by `openssl rand -hex 20`"
        )


def proxied_hosts(settings: Settings) -> tuple[str, ...]:
    """Return PagerDuty's hosts that a proxy leads here: the fixed ones, and the account's own."""
    return (*PAGERDUTY_HOSTS, settings.email_domain)


def require_names(names: Iterable[str]) -> tuple[str, ...]:
    """Return names of hosts in lower case without a final dot; ValueError if one of them cannot be such a name."""
    lowered = tuple(name.lower().removesuffix(".") for name in names)
    for name in lowered:
        if not HOST.fullmatch(name):
            raise ValueError(f"{name!r} cannot be the name of a host: use letters, digits, dots and hyphens (--name)")
    return lowered


def new_server(
    emulator: Emulator,
    host: str,
    *,
    tls: Tls | None = None,
    token: str | None = None,
    names: Iterable[str] = (),
    on_listening: Callable[[], None] = lambda: None,
) -> Server:
    """Make a server of the emulator's application, not yet started. It is also reached by `names`."""
    tls = tls or Tls()
    allowed_hosts = {*LOOPBACK_NAMES, host, *names} if is_loopback(host) else None
    proxy = None
    if tls.proxy is not None:
        proxy = Proxy(proxied_hosts(emulator.settings), tls.proxy, None if is_loopback(host) else token)
    config = uvicorn.Config(
        create_app(emulator, allowed_hosts=allowed_hosts, token=token, proxy=proxy),
        http=Protocol if proxy is None else proxy.protocol(),
        ws="none",
        lifespan="off",
        access_log=False,
        log_config=None,
        server_header=False,
        proxy_headers=False,  # X-Forwarded-*: nobody vouches for them
        timeout_keep_alive=IDLE_SECONDS,
        timeout_graceful_shutdown=SHUTDOWN_SECONDS,
    )
    config.load()
    config.ssl = tls.context
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
    proxy: bool = False,
    names: Iterable[str] = (),
    token: str | None = None,
    allow_remote: bool = False,
    **changed_settings: Any,
) -> Iterator[Emulator]:
    """Serve an emulator in a thread while the `with` block runs.

    Settings can be given one by one: `serve(rate_limit=960, latency=0.02)`. An `emulator` that is
    passed in is served as it is, and stays open afterwards. A new account has what the seed file `seed` says, or so
    many services and who looks after them.

    With `tls`, it serves https with a certificate by a new authority, which clients trust with `emulator.ca_file`; or
    with the certificate and the private key in two files. With `proxy`, it is also an HTTPS proxy that leads
    PagerDuty's own hosts to itself, with certificates by that authority. `names` are further names for it.
    A `token` is the only one that is taken from then on. A `host` that other machines reach requires
    `allow_remote` and a token, or ValueError.
    """
    require_safe(host, token, allow_remote=allow_remote)
    serving: dict[str, Any] = {
        "host": host,
        "port": port,
        "tls": tls,
        "proxy": proxy,
        "names": require_names(names),
        "token": token,
    }
    if emulator is not None:
        if settings is not None or changed_settings:
            raise TypeError("settings belong to the emulator that is passed in")
        with _serving(emulator, **serving):
            yield emulator
        return
    settings = settings or Settings()
    settings.update(changed_settings)
    own = Emulator(settings, database=database, services=services, seed=seed)
    with contextlib.closing(own), _serving(own, **serving):
        yield own


@contextlib.contextmanager
def _serving(
    emulator: Emulator,
    *,
    host: str,
    port: int,
    tls: bool | tuple[Path, Path],
    proxy: bool,
    names: tuple[str, ...],
    token: str | None,
) -> Iterator[None]:
    """Serve in a thread while the block runs."""
    own = tls if isinstance(tls, tuple) else None
    proxied = proxied_hosts(emulator.settings) if proxy else ()
    made = certified((host, *names) if tls else (), proxied, own=own)
    with made as certificates, contextlib.closing(listen(host, port)) as listener:
        emulator.url = url_of(listener, certificates)
        emulator.ca_file = certificates.ca_file
        server = new_server(emulator, host, tls=certificates, token=token, names=names)
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
