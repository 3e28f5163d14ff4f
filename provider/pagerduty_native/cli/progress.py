"""How far a long reading is: one line that is written again and again, on a terminal alone."""

from __future__ import annotations

import sys

import click

WIDTH = 72


def progress(message: str) -> None:
    """Tell a person what takes so long; nobody if standard error is no terminal."""
    if sys.stderr.isatty():
        click.echo(f"\r{message:{WIDTH}}", nl=False, err=True)


def tell(message: str) -> None:
    """A line on standard error, in the place of what `progress` said last."""
    clear()
    click.echo(message, err=True)


def clear() -> None:
    """Take away what `progress` said last."""
    if sys.stderr.isatty():
        click.echo(f"\r{'':{WIDTH}}\r", nl=False, err=True)
