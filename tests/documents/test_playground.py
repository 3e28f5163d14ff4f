"""`make playground`: it is there until it is ended, what it says to do works, and nothing of it is left."""

from __future__ import annotations

import os
import re
import shutil
import signal
import subprocess
import sys
import textwrap
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import requests

from tests.conftest import ROOT, TOKEN
from tests.support import HANG_SECONDS, free_port
from tests.support.documents import sh

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="there is no make")


class Playground:
    """`make playground` in a folder of its own, and what it said."""

    def __init__(self, folder: Path, port: int, **environ: str) -> None:
        self.folder = folder
        self.port = port
        self.url = f"http://127.0.0.1:{port}"
        self.said = ""
        # A group of its own, as a terminal gives it: Ctrl-C goes to make as well.
        self._process = subprocess.Popen(
            self.make("playground"),
            cwd=ROOT,
            env={**os.environ, "PYTHONUNBUFFERED": "1", **environ},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        )
        self._watch = threading.Timer(HANG_SECONDS, self._kill)
        self._watch.start()

    def make(self, target: str) -> list[str]:
        return ["make", "--no-print-directory", target, f"PORT={self.port}", f"PLAYGROUND={self.folder}"]

    def run(self, target: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            self.make(target), cwd=ROOT, capture_output=True, text=True, timeout=HANG_SECONDS, check=False
        )

    def read_until(self, text: str) -> None:
        assert self._process.stdout
        for line in self._process.stdout:
            self.said += line
            if text in line:
                return
        raise AssertionError(f"it ended without saying {text!r}:\n{self.said}")

    def interrupt(self) -> None:
        os.killpg(self._process.pid, signal.SIGINT)

    def wait(self) -> None:
        assert self._process.stdout
        self.said += self._process.stdout.read()
        self._process.wait()

    def close(self) -> None:
        self._watch.cancel()
        self._kill()
        self._process.wait()
        if self._process.stdout:
            self._process.stdout.close()

    def _kill(self) -> None:
        if self._process.poll() is None:
            os.killpg(self._process.pid, signal.SIGKILL)

    def commands(self, beginning: str) -> str:
        """Return the block of commands that it printed, by how it begins."""
        blocks = re.split(r"\n(?!  )", self.said)
        (found,) = [each for each in map(textwrap.dedent, blocks) if each.strip().startswith(beginning)]
        return found.strip()

    def processes(self) -> list[str]:
        """List the processes that have this folder in their command line or environment."""
        found = []
        for process in Path("/proc").glob("[0-9]*"):
            try:
                known = (process / "cmdline").read_bytes() + (process / "environ").read_bytes()
            except OSError:
                continue
            if str(self.folder).encode() in known and process.name != str(os.getpid()):
                found.append(known.decode(errors="replace")[:200])
        return found


@pytest.fixture
def playground(tmp_path: Path) -> Iterator[Playground]:
    """One that is ready, on a machine with a display."""
    folder = tmp_path / "playground"
    folder.mkdir()
    browser = folder / "browser"
    browser.write_text(f'#!/bin/sh\necho "$1" >{folder}/opened\n')
    browser.chmod(0o755)
    playground = Playground(folder / "it", free_port(), DISPLAY=":0", BROWSER=f"{browser} %s")
    playground.read_until("make playground-stop")
    yield playground
    playground.close()


def in_its_shell(playground: Playground, *commands: str) -> str:
    together = "\n".join([playground.commands("source "), *commands])
    return sh(together, ROOT, {name: value for name, value in os.environ.items() if not name.startswith("PULUMI")})


def get(playground: Playground, path: str) -> Any:
    return requests.get(
        f"{playground.url}{path}", headers={"Authorization": f"Token token={TOKEN}"}, timeout=HANG_SECONDS
    ).json()


def test_the_playground_does_what_its_page_says(
    playground: Playground, tmp_path: Path, environ: dict[str, str]
) -> None:
    """One after the other, as starting and deploying take their time."""
    has_a_page_with_an_alert_and_opened_it(playground)
    does_what_it_tells_to_do(playground)
    takes_ones_own_program_in_three_lines(playground, tmp_path, environ)
    is_the_only_one(playground)
    tells_when_a_port_is_taken(playground, tmp_path / "other")
    ends_and_keeps_a_changed_program_only(playground)
    starts_again_and_ends_while_it_works(playground)


def has_a_page_with_an_alert_and_opened_it(playground: Playground) -> None:
    assert f"The page is {playground.url}" in playground.said
    page = requests.get(playground.url, timeout=HANG_SECONDS).text
    assert "Amazon CloudWatch" in page
    assert "Checkout answers slowly" in page
    assert (playground.folder.parent / "opened").read_text().strip() == playground.url


def does_what_it_tells_to_do(playground: Playground) -> None:
    up = playground.commands("pulumi up")
    assert up == "pulumi up"
    in_its_shell(playground, f"{up} --yes --expect-no-changes", playground.commands("curl "))
    (incident,) = [each for each in get(playground, "/incidents")["incidents"] if each["title"] == "Disk is full"]
    assert incident["status"] == "acknowledged"
    program = playground.folder / "program" / "__main__.py"
    program.write_text(program.read_text().replace('"alarms",', '"alarms",\n    name="Renamed",'))
    in_its_shell(playground, f"{up} --yes")
    assert "Renamed" in requests.get(playground.url, timeout=HANG_SECONDS).text


def takes_ones_own_program_in_three_lines(playground: Playground, tmp_path: Path, environ: dict[str, str]) -> None:
    shutil.copytree(ROOT / "examples" / "yaml", tmp_path / "own")
    (tmp_path / "backend").mkdir()
    environ = {**environ, "PULUMI_BACKEND_URL": (tmp_path / "backend").as_uri()}
    sh("pulumi stack init dev && pulumi config set service PAYMNT2", tmp_path / "own", environ)
    lines = playground.commands("export PAGERDUTY_TOKEN")
    assert len(lines.splitlines()) == 3
    sh(f"{lines} --yes", tmp_path / "own", environ)
    service = get(playground, "/services/PAYMNT2?include[]=integrations")["service"]
    assert [each["vendor"]["id"] for each in service["integrations"]] == ["PZQ6AUS"]


def is_the_only_one(playground: Playground) -> None:
    again = playground.run("playground")
    assert again.returncode != 0
    assert f"A playground is running already, at {playground.url}." in again.stderr


def tells_when_a_port_is_taken(playground: Playground, other_folder: Path) -> None:
    other = Playground(other_folder, playground.port)
    try:
        other.wait()
        assert f"Port {playground.port} is taken." in other.said
        assert f"PORT={playground.port + 1}" in other.said
        assert not (other_folder).exists()
    finally:
        other.close()


def ends_and_keeps_a_changed_program_only(playground: Playground) -> None:
    assert "The playground has ended." in playground.run("playground-stop").stdout
    playground.wait()
    assert "Nothing is left running." in playground.said
    assert playground.processes() == []
    assert [path.name for path in playground.folder.iterdir()] == ["program"]  # changed above, so not deleted
    assert "Renamed" in (playground.folder / "program" / "__main__.py").read_text()
    assert "No playground is running." in playground.run("playground-stop").stdout


def starts_again_and_ends_while_it_works(playground: Playground) -> None:
    again = Playground(playground.folder, playground.port)
    try:
        again.read_until("The program is as you left it")
        again.read_until("$ pulumi up")
        shutil.rmtree(playground.folder / "program")  # as somebody may who wants to begin anew
        again.interrupt()
        again.wait()
        assert again.processes() == []
        assert not playground.folder.exists()
    finally:
        again.close()
