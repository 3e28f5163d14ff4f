"""Everything that the command line shows: no character of another's text can steer a terminal or hide in it."""

from __future__ import annotations

import contextlib
import sys
import unicodedata
from collections.abc import Iterator
from typing import Any

import click

_LAST_OF_FOUR_DIGITS = 0xFFFF
WIDTH = 72
# The exit code after a list of what was left out or is missing.
PARTIAL_SUCCESS = 3


def is_visible(text: str) -> bool:
    """Return whether a reader sees every character of a text: those that can be printed, and spaces of any width."""
    return all(each.isprintable() or unicodedata.category(each) == "Zs" for each in text)


def visible(text: str, but: str = "") -> str:
    """Escape every character that a reader would not see, as JSON, Python and YAML write it. but: those to leave."""
    if text.isprintable():
        return text
    return "".join(each if each in but or is_visible(each) else _escape(ord(each)) for each in text)


def _escape(number: int) -> str:
    return f"\\u{number:04x}" if number <= _LAST_OF_FOUR_DIGITS else f"\\U{number:08x}"


def show(text: str) -> None:
    """Print a result: lines on standard output."""
    click.echo(visible(text, but="\n"))


def tell(message: str) -> None:
    """Print a message: lines on standard error, in place of the line of `progress`."""
    clear()
    click.echo(visible(message, but="\n"), err=True)


def progress(message: str) -> None:
    """Say what takes time, on a line that is overwritten; nothing unless standard error is a terminal."""
    if sys.stderr.isatty():
        click.echo(f"\r{visible(message):{WIDTH}}", nl=False, err=True)


def clear() -> None:
    """Remove the line of `progress`."""
    if sys.stderr.isatty():
        click.echo(f"\r{'':{WIDTH}}\r", nl=False, err=True)


class Terminal:
    """Shows messages on standard error, in the place of the engine."""

    def log(self, severity: str, message: str, urn: str, *, ephemeral: bool = False) -> None:  # noqa: ARG002
        if severity != "DEBUG":
            tell(f"warning: {message}" if severity == "WARNING" else message)


@contextlib.contextmanager
def _visible_errors() -> Iterator[None]:
    try:
        yield
    except click.ClickException as error:
        if isinstance(error, click.NoSuchOption) and error.option_name == "--token":
            hint = "The token comes from PAGERDUTY_TOKEN or from a stack's configuration (--stack)."
            raise click.UsageError(f"{error.message} {hint}", error.ctx) from None
        message = error.format_message()
        if (shown := visible(message, but="\n")) == message:
            raise
        if isinstance(error, click.UsageError):
            raise click.UsageError(shown, error.ctx) from None
        raise click.ClickException(shown) from None


class Group(click.Group):
    """Commands whose errors are shown like everything else, including those of click itself."""

    def make_context(
        self, info_name: str | None, args: list[str], parent: click.Context | None = None, **extra: Any
    ) -> click.Context:
        with _visible_errors():
            return super().make_context(info_name, args, parent, **extra)

    def invoke(self, ctx: click.Context) -> Any:
        with _visible_errors():
            return super().invoke(ctx)
