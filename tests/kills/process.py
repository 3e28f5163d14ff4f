"""An emulator in a process of its own, with its account in a file: it can be killed, and comes back where it was."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

import requests

from tests.conftest import TOKEN
from tests.support import HANG_SECONDS, free_port

COMMAND = Path(sys.executable).with_name("pagerduty-emulator")


class EmulatorProcess:
    """The parts of `Emulator` that these tests need."""

    def __init__(self, folder: Path) -> None:
        self._database = folder / "account.db"
        self._port = free_port()
        self._process = self._start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._port}"

    def kill_and_restart(self) -> None:
        self.close()
        self._process = self._start()

    def integrations(self) -> list[dict[str, Any]]:
        services = self._call("GET", "/services?limit=100&include[]=integrations")["services"]
        return [each for service in services for each in service["integrations"]]

    def delete_integration(self, id: str) -> None:
        (found,) = [each for each in self.integrations() if each["id"] == id]
        self._call("DELETE", f"/services/{found['service']['id']}/integrations/{id}")

    def hold(self, method: str, *, after_commit: bool) -> None:
        """Hold the response to the next call of a method until this ends."""
        fault = {"kind": "delay", "method": method, "path": "/services/**", "after_commit": after_commit}
        self._call("POST", "/emulator/faults", json={**fault, "seconds": HANG_SECONDS})

    def holds(self, method: str, *, after_commit: bool) -> bool:
        """Return whether such a call is held now."""
        logged = self._call("GET", f"/emulator/requests?method={method}")["requests"]
        return any(each["fault"] and each["committed"] is after_commit for each in logged)

    def close(self) -> None:
        self._process.kill()
        self._process.communicate()

    def _start(self) -> subprocess.Popen[str]:
        process = subprocess.Popen(
            [COMMAND, "--database", self._database, "--port", str(self._port), "--exit-on-stdin-eof"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        assert process.stdout is not None
        self._port = int(process.stdout.readline().rpartition(":")[2])
        return process

    def _call(self, method: str, path: str, **more: Any) -> Any:
        headers = {"Authorization": f"Token token={TOKEN}"}
        response = requests.request(method, self.url + path, headers=headers, timeout=HANG_SECONDS, **more)
        response.raise_for_status()
        return response.json() if response.content else None
