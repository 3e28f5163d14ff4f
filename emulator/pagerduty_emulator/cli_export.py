"""`pagerduty-emulator export`: the account of an emulator, as a seed file."""

from __future__ import annotations

import argparse
import contextlib
import os
import sqlite3
import ssl
import sys
import urllib.error
import urllib.request
from pathlib import Path

from .emulator import Emulator

SECONDS = 60  # until a running emulator must have answered


def main(arguments: list[str], default_url: str) -> None:
    """Write a seed file to standard output; ValueError says why it cannot be written."""
    options = _parser(default_url).parse_args(arguments)
    text = _from_file(options.database) if options.database else _from_running(options)
    sys.stdout.reconfigure(encoding="utf-8", newline="\n")  # type: ignore[union-attr] # on Windows as elsewhere
    sys.stdout.write(text)


def _parser(default_url: str) -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="pagerduty-emulator export",
        description="Write the account of an emulator as a seed file for `pagerduty-emulator --seed FILE`: users, "
        "teams, escalation policies, services and integrations, with their ids. The file contains the integration "
        "keys, because the same account needs them; they are the emulator's own, not PagerDuty's. It does not contain "
        "alerts, incidents, events and settings.",
    )
    of = parser.add_mutually_exclusive_group()
    of.add_argument(
        "--database", type=Path, metavar="FILE", help="read an emulator's database, while no emulator uses it"
    )
    of.add_argument("--url", default=default_url, help="read the emulator at this address (default: %(default)s)")
    only = "the emulator's token (default: PAGERDUTY_EMULATOR_TOKEN)"
    parser.add_argument("--token", metavar="TOKEN", help=only)
    parser.add_argument("--ca-file", type=Path, metavar="FILE", help="certificates to trust for https: its --ca-file")
    return parser


def _from_file(path: Path) -> str:
    if not path.is_file() or not path.stat().st_size:
        raise ValueError(f"there is no emulator's database at {path}: name the file that --database had")
    try:
        with contextlib.closing(Emulator(database=path)) as emulator:
            return emulator.export()
    except sqlite3.Error as error:
        raise ValueError(f"cannot read the database {path}: {error}") from None


def _from_running(options: argparse.Namespace) -> str:
    url = options.url.rstrip("/")
    if not url.startswith(("http://", "https://")):
        raise ValueError(f"--url must start with http:// or https://, as the emulator prints it, not {url!r}")
    token = options.token or os.environ.get("PAGERDUTY_EMULATOR_TOKEN")
    headers = {"Authorization": f"Token token={token}"} if token else {}
    trust = _trust(options.ca_file)
    try:
        # It is on this machine or near it: no proxy of the environment leads there.
        handlers = [urllib.request.ProxyHandler({}), urllib.request.HTTPSHandler(context=trust)]
        opener = urllib.request.build_opener(*handlers)
        request = urllib.request.Request(f"{url}/emulator/export", headers=headers)  # noqa: S310 (checked above)
        with opener.open(request, timeout=SECONDS) as answer:
            return str(answer.read().decode())
    except urllib.error.HTTPError as error:
        hint = ": give the token that it was started with, --token" if error.code in (401, 403) else ""
        raise ValueError(f"{url} answered {error.code} {error.reason}{hint}") from None
    except (OSError, ValueError) as error:
        reason = getattr(error, "reason", error)
        raise ValueError(
            f"cannot reach an emulator at {url} ({reason}): start one, or give --url or --database"
        ) from None


def _trust(authority: Path | None) -> ssl.SSLContext:
    try:
        return ssl.create_default_context(cafile=authority)
    except OSError as error:
        raise ValueError(f"cannot use the certificates in {authority}: {error.strerror or error}") from None
