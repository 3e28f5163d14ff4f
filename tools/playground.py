"""The playground: the demo that stays. An emulator with its page, and a stack of examples/python on it, to play with.

Run by `make playground`, and ended by Ctrl-C there or by `make playground-stop`. What it needs, it keeps in
.tools/playground, and deletes at the end; but a program that was changed stays for the next time.
"""

from __future__ import annotations

import argparse
import errno
import filecmp
import json
import os
import shlex
import shutil
import signal
import subprocess
import sys
import webbrowser
from pathlib import Path
from types import FrameType
from typing import Any, NoReturn

import pagerduty_emulator
from filelock import FileLock, Timeout

from tools.demo import EXAMPLE, ROOT, Pulumi, say, send_event

FOLDER = ROOT / ".tools" / "playground"
SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
SECONDS_TO_END = 30

NEXT = """
The page is {url}: alerts, requests, faults, live. An alert is acknowledged and resolved there by clicks.

Go on in another terminal, in this folder:

  source {folder}/environment
  KEY=$(pulumi stack output integrationKey --show-secrets)

Change the program, {folder}/program/__main__.py, and deploy it:

  pulumi up

Send an alert, and acknowledge it:

  curl {url}/v2/enqueue -d '{{"routing_key": "'$KEY'", "event_action": "trigger", "dedup_key": "disk", \
"payload": {{"summary": "Disk is full", "source": "db1", "severity": "critical"}}}}'
  curl {url}/v2/enqueue -d '{{"routing_key": "'$KEY'", "event_action": "acknowledge", "dedup_key": "disk"}}'

Or run a program of your own on this emulator, in its folder:

  export PAGERDUTY_TOKEN=any-token-will-do
  export PAGERDUTY_API_URL={url}
  pulumi up

Ctrl-C here, or `make playground-stop`, ends it."""


class Ended(BaseException):
    """Somebody wants it to end."""


def main() -> None:
    parser = argparse.ArgumentParser(description="The emulator with its page and a stack to play with.")
    parser.add_argument("--port", type=int, default=8123, help="where the emulator listens (default: %(default)s)")
    parser.add_argument("--folder", type=Path, default=FOLDER, help="where it keeps what it needs")
    parser.add_argument("--stop", action="store_true", help="end the one that is running")
    options = parser.parse_args()
    folder = options.folder.absolute()
    if options.stop:
        stop(folder)
    folder.parent.mkdir(parents=True, exist_ok=True)
    try:
        with lock_of(folder):
            play(folder, options.port)
    except Timeout:
        sys.exit(f"A playground is running already, at {running(folder)['url']}. `make playground-stop` ends it.")


def play(folder: Path, port: int) -> None:
    """Run from the start to the end, however it ends."""
    for number in SIGNALS:
        signal.signal(number, _end)
    try:
        # An emulator in a thread of this process cannot outlive it.
        with pagerduty_emulator.serve(port=port) as emulator:
            pulumi = Pulumi(emulator.url, folder)
            try:
                build(pulumi)
                say_what_next(pulumi)
                while True:
                    signal.pause()
            finally:
                for number in SIGNALS:
                    signal.signal(number, signal.SIG_IGN)
                tidy(pulumi)
    except Ended:
        say("The playground has ended. Nothing is left running.")
    except OSError as error:
        if error.errno != errno.EADDRINUSE:
            raise
        sys.exit(f"Port {port} is taken. Choose another: `make playground PORT={port + 1}`.")


def build(pulumi: Pulumi) -> None:
    """Return the stack, and an event, so that there is something to see."""
    say(f"A PagerDuty emulator is running at {pulumi.api_url}; it takes any token.")
    was_kept = pulumi.program.exists()
    pulumi.prepare()
    process_file(pulumi.folder).write_text(json.dumps({"pid": os.getpid(), "url": pulumi.api_url}))
    (pulumi.folder / "environment").write_text(environment(pulumi))
    if was_kept:
        say(f"The program is as you left it in {shown(pulumi.program)}; delete that folder to begin anew.")
    try:
        pulumi.run("up", "--yes", "--skip-preview")
        key = json.loads(pulumi.read("stack", "output", "--json", "--show-secrets")).get("integrationKey")
        if key:
            send_event(pulumi.api_url, key)
    except subprocess.CalledProcessError:
        if not was_kept:
            sys.exit("The stack could not be made.")
        say("The program does not work. Mend it, and run `pulumi up` as told below.")


def environment(pulumi: Pulumi) -> str:
    """Write the lines that a shell reads to work with the stack."""
    tools = f"{ROOT / '.tools' / 'bin'}:{ROOT / '.venv' / 'bin'}"
    lines = [f"export {name}={shlex.quote(value)}" for name, value in pulumi.settings.items()]
    return "\n".join(
        [*lines, f'export PATH={shlex.quote(tools)}:"$PATH"', f"cd {shlex.quote(str(pulumi.program))}", ""]
    )


def say_what_next(pulumi: Pulumi) -> None:
    say("The playground is ready.")
    if sys.platform == "darwin" or os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"):
        webbrowser.open(pulumi.api_url)
    print(NEXT.format(url=pulumi.api_url, folder=shown(pulumi.folder)), flush=True)


def tidy(pulumi: Pulumi) -> None:
    """Delete everything but a program that somebody changed."""
    shutil.rmtree(pulumi.program / "__pycache__", ignore_errors=True)
    pulumi.clean_up(keep_program=True)
    if is_changed(pulumi):
        say(f"Your program stays in {shown(pulumi.program)}, and the next playground goes on with it.")
    else:
        pulumi.clean_up()


def is_changed(pulumi: Pulumi) -> bool:
    if not pulumi.program.exists():
        return False
    compared = filecmp.dircmp(EXAMPLE, pulumi.program, ignore=["__pycache__"])
    return bool(compared.diff_files or compared.left_only or compared.right_only)


def shown(path: Path) -> Path:
    """Return a path as it is typed in this checkout."""
    return path.relative_to(ROOT) if path.is_relative_to(ROOT) else path


def lock_of(folder: Path) -> FileLock:
    """Lock the folder of a playground while it runs. Raises Timeout if another one does."""
    return FileLock(folder.with_name(f"{folder.name}.lock"), timeout=0)


def process_file(folder: Path) -> Path:
    return folder / "process"


def running(folder: Path) -> dict[str, Any]:
    """Return the playground that is running: `pid` and `url`."""
    try:
        found: dict[str, Any] = json.loads(process_file(folder).read_text())
    except (OSError, ValueError):
        sys.exit("A playground is just starting or ending. Try again in a moment.")
    return found


def stop(folder: Path) -> NoReturn:
    """End the playground that is running, and wait until it has ended."""
    try:
        with lock_of(folder):
            print("No playground is running.")
            sys.exit(0)
    except Timeout:
        pid = running(folder)["pid"]
    os.kill(pid, signal.SIGTERM)  # it holds the lock, so that it is no other process
    try:
        with lock_of(folder).acquire(timeout=SECONDS_TO_END):
            print("The playground has ended.")
            sys.exit(0)
    except Timeout:
        sys.exit(f"The playground (process {pid}) has not ended within {SECONDS_TO_END} seconds.")


def _end(_number: int, _frame: FrameType | None) -> None:
    raise Ended


if __name__ == "__main__":
    main()
