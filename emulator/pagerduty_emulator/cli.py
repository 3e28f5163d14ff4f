"""The `pagerduty-emulator` command."""

from __future__ import annotations

import argparse
import logging
import os
import sqlite3
import sys
import threading
import time
from typing import NoReturn, get_args, get_type_hints

from .emulator import Emulator
from .seeds import DEFAULT_SERVICES
from .server import Server, is_loopback, listen, new_server, url_of
from .settings import Settings

DEFAULT_PORT = 8123


def main(arguments: list[str] | None = None) -> NoReturn:
    """Serves until SIGTERM, SIGINT, or the end of what it was tied to."""
    options = _parser().parse_args(arguments)
    logging.basicConfig(
        stream=sys.stderr,
        level=logging.INFO if options.verbose else logging.WARNING,
        format="%(asctime)s %(message)s",
    )
    logging.getLogger("uvicorn").setLevel(logging.WARNING)
    if not is_loopback(options.host):
        _warn(f"listening on {options.host}: whoever reaches this machine can use the emulator")
    try:
        listener = listen(options.host, options.port)
    except OSError as error:
        sys.exit(f"pagerduty-emulator: cannot listen on {options.host}:{options.port}: {error}")
    try:
        emulator = Emulator(
            _settings(options), database=options.database, services=options.services
        )
    except (sqlite3.Error, ValueError) as error:
        sys.exit(f"pagerduty-emulator: cannot use the database {options.database}: {error}")
    emulator.url = url_of(listener)
    server = new_server(
        emulator,
        options.host,
        lambda: print(f"PagerDuty emulator listening on {emulator.url}", flush=True),
    )
    _tie(server, options)
    server.run([listener])
    emulator.close()
    sys.exit(0)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="pagerduty-emulator",
        description="A stateful emulator of PagerDuty's REST and Events APIs. Any non-empty "
        "API token is good. The address, opened in a browser, shows what is inside.",
    )
    add = parser.add_argument
    add("--host", default="127.0.0.1", help="address to listen on (default: %(default)s)")
    add("--port", type=int, default=DEFAULT_PORT, help="0 takes a free one (default: %(default)s)")
    add(
        "--database",
        default=":memory:",
        metavar="FILE",
        help="where state is kept (default: in memory, gone at the end)",
    )
    add(
        "--services",
        type=_count,
        default=DEFAULT_SERVICES,
        metavar="N",
        help="services that a new account starts with (default: %(default)s)",
    )
    add("--subdomain", help="the account's name (default: acme)")
    add("--region", choices=_choices("region"), help="service region (default: us)")
    add("--latency", type=float, default=0, metavar="MS", help="delay of every API answer")
    add(
        "--rate-limit",
        type=int,
        metavar="CALLS",
        help="enforce so many REST calls a minute for each token, as PagerDuty does with 960",
    )
    add(
        "--rate-limit-window",
        type=float,
        metavar="SECONDS",
        help="length of that minute (default: 60)",
    )
    add(
        "--rate-limit-kind",
        choices=_choices("rate_limit_kind"),
        help="whether calls come back all at once or one by one (default: fixed)",
    )
    add("--reject-token", action="append", metavar="TOKEN", help="answer 401 to it (repeatable)")
    add(
        "--read-only-token",
        action="append",
        metavar="TOKEN",
        help="answer 403 to its writes (repeatable)",
    )
    add(
        "--oauth-expires-in",
        type=int,
        metavar="SECONDS",
        help="how long OAuth tokens live (default: 86400)",
    )
    add(
        "--integration-email",
        choices=_choices("integration_email"),
        help="an e-mail integration without an address gets one, or a 400 (default: generated)",
    )
    add(
        "--duplicate-emails",
        choices=_choices("duplicate_emails"),
        help="two integrations with one address (default: accept)",
    )
    add(
        "--html-urls",
        choices=_choices("html_urls"),
        help="what html_url leads to (default: emulator)",
    )
    add("--parent-pid", type=int, metavar="PID", help="end when that process has ended")
    add("--exit-on-stdin-eof", action="store_true", help="end when standard input is closed")
    add("--verbose", action="store_true", help="log every API request to standard error")
    add("--version", action="version", version=_version())
    return parser


def _choices(field: str) -> tuple[str, ...]:
    return get_args(get_type_hints(Settings)[field])


def _count(text: str) -> int:
    count = int(text)
    if not 0 <= count <= 99_999:
        raise argparse.ArgumentTypeError("must be from 0 to 99999")
    return count


def _version() -> str:
    from . import __version__

    return f"pagerduty-emulator {__version__}"


def _settings(options: argparse.Namespace) -> Settings:
    """The settings that the options name; the others stay at their defaults."""
    settings = Settings(latency=options.latency / 1000)
    named = (
        "subdomain", "region", "rate_limit", "rate_limit_window", "rate_limit_kind",
        "oauth_expires_in", "integration_email", "duplicate_emails", "html_urls",
    )  # fmt: skip
    settings.update(
        {name: getattr(options, name) for name in named if getattr(options, name) is not None}
    )
    settings.rejected_tokens = set(options.reject_token or ())
    settings.read_only_tokens = set(options.read_only_token or ())
    return settings


def _tie(server: Server, options: argparse.Namespace) -> None:
    """Ends the server with what it is tied to, so that it never outlives a test run."""
    waits = []
    if options.parent_pid:
        waits.append(lambda: _wait_for_process(options.parent_pid))
    if options.exit_on_stdin_eof:
        waits.append(lambda: sys.stdin.buffer.read())
    for wait in waits:

        def end(wait=wait):  # type: ignore[no-untyped-def]
            wait()
            server.should_exit = True

        threading.Thread(target=end, daemon=True).start()


def _wait_for_process(pid: int) -> None:
    """Returns when that process has ended, also when it is our parent and not yet reaped."""
    is_parent = os.getppid() == pid
    while not is_parent or os.getppid() == pid:
        try:
            os.kill(pid, 0)
        except ProcessLookupError:
            return
        except PermissionError:
            pass  # it is there, and another user's
        time.sleep(0.25)


def _warn(message: str) -> None:
    print(f"pagerduty-emulator: warning: {message}", file=sys.stderr)
