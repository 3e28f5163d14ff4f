"""A small HTTP client for these tests, a bare connection, and a way to run other clients."""

import os
import socket
import subprocess
from pathlib import Path
from typing import Any
from urllib.parse import urljoin, urlsplit

import requests
from pagerduty_emulator import Emulator

from tests.support import HANG_SECONDS

TOKEN = {"Authorization": "Token token=any-token"}


class Client(requests.Session):
    """A session at a base address; one try, no redirects, five seconds."""

    def __init__(self, url: str, headers: dict[str, str] | None = None) -> None:
        super().__init__()
        self.url = url
        self.headers.update(headers or {})
        self.trust_env = False

    def request(self, method: str | bytes, url: str | bytes, *args: Any, **kwargs: Any) -> requests.Response:
        kwargs.setdefault("timeout", HANG_SECONDS)
        kwargs["allow_redirects"] = False
        return super().request(method, urljoin(self.url, str(url)), *args, **kwargs)


def connected(emulator: Emulator) -> socket.socket:
    """Return a connection on which bytes are sent as they are."""
    address = urlsplit(emulator.url)
    return socket.create_connection((str(address.hostname), address.port or 0), timeout=HANG_SECONDS)


def run(*command: str | Path, cwd: Path | None = None, **environ: str) -> str:
    """Return the output of a client, which must succeed; it has no proxy but the one in `environ`."""
    unproxied = {name: value for name, value in os.environ.items() if "proxy" not in name.lower()}
    done = subprocess.run(
        command,
        cwd=cwd,
        env={**unproxied, **environ},
        capture_output=True,
        text=True,
        timeout=HANG_SECONDS,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout
