"""The `pagerduty-emulator` command."""

from __future__ import annotations

import argparse
import json
import logging
import os
import sqlite3
import sys
import threading
import time
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path
from typing import NoReturn

from . import cli_export
from .emulator import Emulator
from .seed_file import SeedError
from .seeds import DEFAULT_SERVICES, MAX_SERVICES
from .serving.server import Server, listen, new_server, require_safe, url_of
from .serving.tls import Tls, TlsError, from_files, made_for
from .settings import Settings
from .version import __version__

DEFAULT_PORT = 8123

# Options that are settings of the same name.
SETTING_OPTIONS = {
    "subdomain",
    "region",
    "integration_email",
    "duplicate_emails",
    "html_urls",
    "oauth_expires_in",
    "rate_limit",
    "events_rate_limit",
    "rate_limit_window",
    "rate_limit_kind",
}


def main(arguments: list[str] | None = None) -> NoReturn:
    """Serves until SIGTERM, SIGINT, or the end of what it was tied to."""
    arguments = sys.argv[1:] if arguments is None else arguments
    if arguments[:1] == ["export"]:
        _export(arguments[1:])
    options = _parser().parse_args(arguments)
    logging.basicConfig(
        stream=sys.stderr,
        level=logging.INFO if options.verbose else logging.WARNING,
        format="%(asctime)s %(message)s",
    )
    logging.getLogger("uvicorn").setLevel(logging.WARNING)
    token = options.token or os.environ.get("PAGERDUTY_EMULATOR_TOKEN") or None
    try:
        require_safe(options.host, token, allow_remote=options.allow_remote)
        with _tls(options) as tls:
            _serve(options, tls, token)
    except ValueError as error:
        _fail(str(error))
    sys.exit(0)


def _export(arguments: list[str]) -> NoReturn:
    try:
        cli_export.main(arguments, f"http://127.0.0.1:{DEFAULT_PORT}")
    except ValueError as error:
        _fail(str(error))
    sys.exit(0)


def _serve(options: argparse.Namespace, tls: Tls | None, token: str | None) -> None:
    """Serves as the options say."""
    settings = _settings(options)
    try:
        listener = listen(options.host, options.port)
    except OSError as error:
        _fail(f"cannot listen on {options.host}:{options.port}: {error}")
    try:
        emulator = Emulator(settings, database=options.database, services=options.services, seed=options.seed)
    except SeedError as error:
        _fail(str(error))
    except (sqlite3.Error, ValueError) as error:
        _fail(f"cannot use the database {options.database}: {error}")
    emulator.url = url_of(listener, tls)
    emulator.ca_file = tls.ca_file if tls else None
    server = new_server(emulator, options.host, tls=tls, token=token, on_listening=lambda: _tell(emulator))
    _tie(server, options)
    server.run([listener])
    emulator.close()


def _tls(options: argparse.Namespace) -> AbstractContextManager[Tls | None]:
    """TLS as the options ask for it."""
    if options.tls_cert:
        return nullcontext(from_files(options.tls_cert, options.tls_key))
    if options.tls_key:
        raise TlsError("--tls-key takes --tls-cert")
    return made_for(options.host, options.tls_ca) if options.tls or options.tls_ca else nullcontext()


def _tell(emulator: Emulator) -> None:
    """Says where it listens, and what to trust there: the first line is for programs, too."""
    lines = [f"PagerDuty emulator listening on {emulator.url}"]
    if emulator.ca_file is not None:
        variables = "REQUESTS_CA_BUNDLE, SSL_CERT_FILE or NODE_EXTRA_CA_CERTS"
        lines.append(f"Its certificate authority, for {variables}: {emulator.ca_file}")
    print("\n".join(lines), flush=True)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="pagerduty-emulator",
        description="A stateful emulator of PagerDuty's REST and Events APIs. Any non-empty API token is good. "
        "The address, opened in a browser, shows what is inside. `pagerduty-emulator export --help`: the account of an "
        "emulator as a seed file.",
    )
    _add_process_options(parser.add_argument_group("process").add_argument)
    _add_account_options(parser.add_argument_group("account").add_argument)
    _add_benchmark_options(parser.add_argument_group("tests and benchmarks").add_argument)
    return parser


def _add_process_options(add: Callable[..., object]) -> None:
    add("--host", default="127.0.0.1", help="address to listen on (default: %(default)s)")
    remote = "let other machines reach it at --host; takes --token as well"
    add("--allow-remote", action="store_true", help=remote)
    only = (
        "the only token that is good, for the pages as well (default: PAGERDUTY_EMULATOR_TOKEN, or any token is good)"
    )
    add("--token", metavar="TOKEN", help=only)
    add("--port", type=int, default=DEFAULT_PORT, help="0 takes a free one (default: %(default)s)")
    add("--database", default=":memory:", metavar="FILE", help="where state is kept (default: in memory)")
    add("--parent-pid", type=int, metavar="PID", help="end when that process has ended")
    add("--exit-on-stdin-eof", action="store_true", help="end when standard input is closed")
    tls = "serve https with a certificate made for this machine (takes pagerduty-emulator[tls])"
    add("--tls", action="store_true", help=tls)
    ca = "as --tls; where the certificate authority to trust is written (default: a temporary file)"
    add("--tls-ca", type=Path, metavar="FILE", help=ca)
    add("--tls-cert", type=Path, metavar="FILE", help="serve https with this certificate (PEM)")
    add("--tls-key", type=Path, metavar="FILE", help="its private key, unless that is in the same file")
    add("--verbose", action="store_true", help="log every API request to standard error")
    add("--version", action="version", version=f"%(prog)s {__version__}")


def _add_account_options(add: Callable[..., object]) -> None:
    services = "services that a new account starts with, without --seed (default: %(default)s)"
    seed = "what a new account starts with instead: a YAML file, such as `pagerduty-emulator export` writes"
    add("--seed", metavar="FILE", help=seed)
    add("--services", type=_count, default=DEFAULT_SERVICES, metavar="N", help=services)
    add("--subdomain", help="the account's name (default: acme)")
    add("--region", help="service region: us or eu (default: us)")
    email = "an e-mail integration without an address: generated (default) or required"
    add("--integration-email", metavar="MODE", help=email)
    twice = "two integrations with one address: accept (default), same_service or refuse"
    add("--duplicate-emails", metavar="MODE", help=twice)
    add("--html-urls", metavar="MODE", help="what html_url leads to: emulator (default) or pagerduty")
    add("--oauth-expires-in", type=int, metavar="SECONDS", help="how long OAuth tokens live (default: 86400)")
    rarer = "any other setting, by its name and its value in JSON (repeatable); GET /emulator/settings lists them"
    add("--setting", action="append", default=[], metavar="NAME=VALUE", help=rarer)


def _add_benchmark_options(add: Callable[..., object]) -> None:
    add("--latency", type=float, default=0, metavar="MS", help="delay of every API answer")
    limit = "enforce so many REST calls a minute for each token; PagerDuty has 960"
    add("--rate-limit", type=int, metavar="CALLS", help=limit)
    events = "enforce so many events a minute for each integration key; PagerDuty has 120"
    add("--events-rate-limit", type=int, metavar="EVENTS", help=events)
    add("--rate-limit-window", type=float, metavar="SECONDS", help="length of that minute (default: 60)")
    kind = "whether calls come back all at once or one by one: fixed (default) or sliding"
    add("--rate-limit-kind", metavar="KIND", help=kind)
    add("--reject-token", action="append", metavar="TOKEN", help="answer 401 to it (repeatable)")
    add("--read-only-token", action="append", metavar="TOKEN", help="answer 403 to its writes (repeatable)")


def _count(text: str) -> int:
    count = int(text)
    if not 0 <= count <= MAX_SERVICES:
        raise argparse.ArgumentTypeError(f"must be from 0 to {MAX_SERVICES}")
    return count


def _settings(options: argparse.Namespace) -> Settings:
    """The settings that the options name; the others stay at their defaults."""
    settings = Settings(latency=options.latency / 1000)
    changes = {name: value for name, value in vars(options).items() if name in SETTING_OPTIONS and value is not None}
    for pair in options.setting:
        name, _, value = pair.partition("=")
        try:
            changes[name] = json.loads(value)
        except ValueError:
            changes[name] = value
    settings.update(changes)
    settings.rejected_tokens |= set(options.reject_token or ())
    settings.read_only_tokens |= set(options.read_only_token or ())
    return settings


def _tie(server: Server, options: argparse.Namespace) -> None:
    """Ends the server with what it is tied to, so that it never outlives a test run."""

    def end_after(wait: Callable[..., object], *arguments: object) -> None:
        wait(*arguments)
        server.should_exit = True

    def watch(*arguments: object) -> None:
        threading.Thread(target=end_after, args=arguments, daemon=True).start()

    if options.parent_pid:
        watch(_wait_for_process, options.parent_pid)
    if options.exit_on_stdin_eof:
        watch(_read_to_end, sys.stdin.fileno())


def _read_to_end(descriptor: int) -> None:
    while os.read(descriptor, 4096):
        pass


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


def _fail(message: str) -> NoReturn:
    sys.exit(f"pagerduty-emulator: {message}")
