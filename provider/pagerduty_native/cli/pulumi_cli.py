"""What the Pulumi CLI tells of a stack."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from typing import Any

import click

from pagerduty_native.pagerduty.quoting import quoted

# A state of thousands of resources is decrypted and sent within seconds.
MOST_SECONDS = 300


def configuration(stack: str, package: str) -> dict[str, Any]:
    """A stack's settings for a package, secrets in plain text, as the engine would send them."""
    values = _json("config", "--json", "--show-secrets", "--stack", stack)
    prefix = f"{package}:"
    return {
        name.removeprefix(prefix): each.get("value", "") for name, each in values.items() if name.startswith(prefix)
    }


def export(stack: str) -> str:
    """A stack's state as JSON text. Its secrets stay encrypted."""
    return _run("stack", "export", "--stack", stack)


def _json(*arguments: str) -> dict[str, Any]:
    try:
        found: dict[str, Any] = json.loads(_run(*arguments))
        return found
    except ValueError:
        raise click.ClickException(f"`pulumi {arguments[0]}` did not return JSON.") from None


def _run(*arguments: str) -> str:
    executable = shutil.which("pulumi")
    if executable is None:
        raise click.ClickException("A stack needs the Pulumi CLI, but there is no `pulumi` on the PATH.")
    try:
        done = subprocess.run(  # noqa: S603
            [executable, *arguments, "--non-interactive", "--color=never"],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            encoding="utf-8",
            timeout=MOST_SECONDS,
            check=False,
        )
    except subprocess.TimeoutExpired:
        raise click.ClickException(f"`pulumi {arguments[0]}` did not finish within {MOST_SECONDS} seconds.") from None
    if done.returncode:
        reason = quoted(re.sub(r"^error: ", "", done.stderr.strip())) or f"it exited with {done.returncode}"
        raise click.ClickException(
            f"The Pulumi CLI could not read the stack {arguments[-1]!r}: {reason}. `pulumi stack ls` lists the stacks "
            "of the project in this folder; `pulumi login` and PULUMI_CONFIG_PASSPHRASE must be those of the stack."
        )
    return done.stdout
