"""The `pagerduty-emulator` command."""

from __future__ import annotations

import argparse
import difflib
import errno
import json
import logging
import os
import sqlite3
import sys
import threading
import time
from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path
from typing import NoReturn

from . import cli_export
from .emulator import Emulator
from .seed_file import SeedError
from .seeds import DEFAULT_SERVICES, MAX_SERVICES
from .serving.server import Server, is_loopback, listen, new_server, proxied_hosts, require_names, require_safe, url_of
from .serving.tls import Tls, TlsError, certified
from .settings import MAX_SECONDS, Settings
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


# Variables that name the certificates to trust: Python's requests; OpenSSL, Go and httpx; curl; Node.
TRUST_VARIABLES = ("REQUESTS_CA_BUNDLE", "SSL_CERT_FILE", "CURL_CA_BUNDLE", "NODE_EXTRA_CA_CERTS")


def main(arguments: list[str] | None = None) -> NoReturn:
    """Serve until SIGTERM, SIGINT, or the end of the process or stream that it is tied to."""
    arguments = sys.argv[1:] if arguments is None else arguments
    if arguments[:1] == ["export"]:
        _export(arguments[1:])
    parser = _parser()
    options, unknown = parser.parse_known_args(arguments)
    if unknown:
        parser.error(_unknown(unknown, parser))
    if options.token == "":
        parser.error("argument --token: must not be empty; leave it out, and any token is valid")
    logging.basicConfig(
        stream=sys.stderr,
        level=logging.INFO if options.verbose else logging.WARNING,
        format="%(asctime)s %(message)s",
    )
    logging.getLogger("uvicorn").setLevel(logging.WARNING)
    token = options.token or os.environ.get("PAGERDUTY_EMULATOR_TOKEN") or None
    try:
        require_safe(options.host, token, allow_remote=options.allow_remote)
        options.name = require_names(options.name)
        settings = _settings(options)
        with _certified(options, settings) as tls:
            _serve(options, settings, tls, token)
    except ValueError as error:
        _fail(str(error))
    sys.exit(0)


def _export(arguments: list[str]) -> NoReturn:
    try:
        cli_export.main(arguments, f"http://127.0.0.1:{DEFAULT_PORT}")
    except ValueError as error:
        _fail(str(error))
    sys.exit(0)


def _serve(options: argparse.Namespace, settings: Settings, tls: Tls, token: str | None) -> None:
    """Serve as the options say."""
    try:
        listener = listen(options.host, options.port)
    except OSError as error:
        in_use = error.errno == errno.EADDRINUSE
        advice = ". End what listens there, or choose another port with --port (0: a free one)" if in_use else ""
        _fail(f"cannot listen on {options.host}:{options.port}: {error.strerror or error}{advice}")
    try:
        emulator = Emulator(settings, database=options.database, services=options.services, seed=options.seed)
    except SeedError as error:
        _fail(str(error))
    except (sqlite3.Error, ValueError) as error:
        _fail(f"cannot use the database {options.database}: {error}")
    emulator.url = url_of(listener, tls)
    emulator.ca_file = tls.ca_file

    def say() -> None:
        print("\n".join(_lines(emulator, tls, options)), flush=True)

    server = new_server(emulator, options.host, tls=tls, token=token, names=options.name, on_listening=say)
    _tie(server, options)
    server.run([listener])
    emulator.close()


def _certified(options: argparse.Namespace, settings: Settings) -> AbstractContextManager[Tls]:
    """Make or load certificates as the options say."""
    if options.tls_key and not options.tls_cert:
        raise TlsError("--tls-key requires --tls-cert")
    if options.ca_file and not (options.tls or options.proxy):
        raise TlsError("--ca-file requires --tls or --proxy, whose certificates it makes clients trust")
    return certified(
        (options.host, *options.name) if options.tls else (),
        proxied_hosts(settings) if options.proxy else (),
        own=(options.tls_cert, options.tls_key) if options.tls_cert else None,
        ca_file=options.ca_file,
    )


def _lines(emulator: Emulator, tls: Tls, options: argparse.Namespace) -> list[str]:
    """Return the lines to print: the address, which programs read, and the settings that lead clients there."""
    lines = [f"PagerDuty emulator listening on {emulator.url}"]
    if tls.ca_file is None:
        return lines
    if tls.proxy is None:
        variables = "REQUESTS_CA_BUNDLE, SSL_CERT_FILE or NODE_EXTRA_CA_CERTS"
        return [*lines, f"Its certificate authority, for {variables}: {tls.ca_file}"]
    scheme, _, address = emulator.url.partition("://")
    password = "" if is_loopback(options.host) else "emulator:$PAGERDUTY_EMULATOR_TOKEN@"
    host, _, port = address.rpartition(":")
    trust = " ".join(f'{name}="{tls.ca_file}"' for name in TRUST_VARIABLES)
    java = f"-Dhttps.proxyHost={host} -Dhttps.proxyPort={port} -Djavax.net.ssl.trustStore={tls.truststore}"
    return [
        *lines,
        f"It is a proxy for {', '.join(proxied_hosts(emulator.settings))}. In the shell of a client:",
        f'export HTTPS_PROXY="{scheme}://{password}{address}" https_proxy="{scheme}://{password}{address}"',
        f"export {trust} NODE_USE_ENV_PROXY=1",
        f'export JAVA_TOOL_OPTIONS="{java}"',
    ]


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="pagerduty-emulator",
        usage="%(prog)s [OPTIONS]\n       %(prog)s export [OPTIONS]",
        description="A stateful emulator of PagerDuty's REST and Events APIs. Any non-empty API token is valid. "
        "Open its address in a browser to see the account. `pagerduty-emulator export` writes the account of an "
        "emulator as a seed file.",
    )
    _add_process_options(parser.add_argument_group("process").add_argument)
    _add_reach_options(parser.add_argument_group("addresses and TLS").add_argument)
    _add_account_options(parser.add_argument_group("account").add_argument)
    _add_benchmark_options(parser.add_argument_group("tests and benchmarks").add_argument)
    return parser


def _unknown(arguments: list[str], parser: argparse.ArgumentParser) -> str:
    """Return the complaint about arguments that the command does not have, with the nearest name of each."""
    names = [name for action in parser._actions for name in action.option_strings]  # noqa: SLF001 - no public list
    complaints = []
    for argument in arguments:
        near = difflib.get_close_matches(argument.partition("=")[0], [*names, "export"], n=1)
        complaints.append(f"{argument} (did you mean {near[0]}?)" if near else argument)
    return f"unrecognized arguments: {' '.join(complaints)}"


def _add_process_options(add: Callable[..., object]) -> None:
    add("--port", type=_port, default=DEFAULT_PORT, help="0 chooses a free one (default: %(default)s)")
    add("--database", default=":memory:", metavar="FILE", help="file that keeps the state (default: in memory)")
    add("--parent-pid", type=int, metavar="PID", help="end when that process has ended")
    add("--exit-on-stdin-eof", action="store_true", help="end when standard input is closed")
    add("--verbose", action="store_true", help="log every API request to standard error")
    add("--version", action="version", version=f"%(prog)s {__version__}")


def _add_reach_options(add: Callable[..., object]) -> None:
    proxy = (
        "also be an HTTPS proxy that leads PagerDuty's own hosts here, for clients whose addresses are fixed "
        "(requires pagerduty-emulator[tls])"
    )
    add("--proxy", action="store_true", help=proxy)
    name = "a further name by which clients reach it, such as one in /etc/hosts; with --tls, the certificate has it too"
    add("--name", action="append", default=[], metavar="NAME", help=f"{name} (repeatable)")
    tls = "serve https with a certificate made for this machine (requires pagerduty-emulator[tls])"
    add("--tls", action="store_true", help=tls)
    ca = (
        "where to write the certificate authority of --tls and --proxy together with the public ones, for clients to "
        "trust; the same for Java is written beside it, with the ending .jks (default: temporary files)"
    )
    add("--ca-file", type=Path, metavar="FILE", help=ca)
    add("--tls-cert", type=Path, metavar="FILE", help="serve https with this certificate (PEM)")
    add("--tls-key", type=Path, metavar="FILE", help="its private key, unless it is in the same file")
    add("--host", default="127.0.0.1", help="address to listen on (default: %(default)s)")
    remote = "let other machines reach it at --host; requires --token"
    add("--allow-remote", action="store_true", help=remote)
    only = "the only valid token, also for the pages (default: PAGERDUTY_EMULATOR_TOKEN, or any token is valid)"
    add("--token", metavar="TOKEN", help=only)


def _add_account_options(add: Callable[..., object]) -> None:
    services = "number of services of a new account without --seed (default: %(default)s)"
    seed = "YAML file with the content of a new account, such as `pagerduty-emulator export` writes"
    add("--seed", metavar="FILE", help=seed)
    add("--services", type=_count, default=DEFAULT_SERVICES, metavar="N", help=services)
    add("--subdomain", help="the account's name (default: acme)")
    add("--region", help="service region: us or eu (default: us)")
    email = "an e-mail integration without an address: generated (default) or required"
    add("--integration-email", metavar="MODE", help=email)
    twice = "two integrations with one address: accept (default), same_service or refuse"
    add("--duplicate-emails", metavar="MODE", help=twice)
    add("--html-urls", metavar="MODE", help="host in html_url: emulator (default) or pagerduty")
    add("--oauth-expires-in", type=int, metavar="SECONDS", help="lifetime of OAuth tokens (default: 86400)")
    rarer = "any other setting, with its value in JSON (repeatable); GET /emulator/settings lists them"
    add("--setting", action="append", default=[], metavar="NAME=VALUE", help=rarer)


def _add_benchmark_options(add: Callable[..., object]) -> None:
    add("--latency", type=_milliseconds, default=0, metavar="MS", help="delay of every API response")
    limit = "REST calls a minute that each token may make; PagerDuty's limit is 960 (default: any number)"
    add("--rate-limit", type=int, metavar="CALLS", help=limit)
    events = "events a minute that each integration key may send; PagerDuty's limit is 120 (default: any number)"
    add("--events-rate-limit", type=int, metavar="EVENTS", help=events)
    add("--rate-limit-window", type=float, metavar="SECONDS", help="length of that minute (default: 60)")
    kind = "calls are allowed again all at once (fixed, the default) or one by one (sliding)"
    add("--rate-limit-kind", metavar="KIND", help=kind)
    add("--reject-token", action="append", metavar="TOKEN", help="answer 401 to it (repeatable)")
    add("--read-only-token", action="append", metavar="TOKEN", help="answer 403 to its writes (repeatable)")


def _count(text: str) -> int:
    return _whole(text, MAX_SERVICES)


def _port(text: str) -> int:
    return _whole(text, 65_535)


def _whole(text: str, most: int) -> int:
    if not text.isdecimal() or int(text) > most:
        raise argparse.ArgumentTypeError(f"must be from 0 to {most}, not {text}")
    return int(text)


def _milliseconds(text: str) -> float:
    try:
        number = float(text)
    except ValueError:
        number = -1.0
    if not 0 <= number <= MAX_SECONDS * 1000:
        raise argparse.ArgumentTypeError(f"must be from 0 to {MAX_SECONDS * 1000} milliseconds, not {text}")
    return number


def _settings(options: argparse.Namespace) -> Settings:
    """Return the settings from the options; the others keep their defaults."""
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
    """End the server with the process or stream that it is tied to, so that it never outlives a test run."""

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
    """Return when that process has ended, also if it is our parent and not yet reaped."""
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
