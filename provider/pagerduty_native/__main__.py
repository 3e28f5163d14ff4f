"""The plugin: serves the provider to the Pulumi engine, and prints the port.

With any other arguments than the engine's, it is the command line `pagerduty-native`: the self-contained archive has
only this executable.
"""

import re
import sys
from typing import NoReturn

from pagerduty_native.framework import serve
from pagerduty_native.package import PACKAGE

_ADDRESS = re.compile(r"(?:[\w.-]+|\[[\da-fA-F:.]+\]):\d{1,5}", re.ASCII)
STARTED_BY_HAND = """\
This is the plugin that the Pulumi engine starts. It waits for an engine, and Ctrl-C ends it. To attach one, set
PULUMI_DEBUG_PROVIDERS=pagerduty-native:PORT for `pulumi`, with the port that follows. For the command line, add
arguments: `pulumi plugin run --kind=resource pagerduty-native -- --help`.
"""


def main() -> NoReturn:
    arguments = sys.argv[1:]
    if arguments and not _is_engines(arguments):
        from pagerduty_native.cli import main as run_command  # noqa: PLC0415

        run_command()
    if not arguments and sys.stderr.isatty():
        sys.stderr.write(STARTED_BY_HAND)
    serve(PACKAGE)


def _is_engines(arguments: list[str]) -> bool:
    """Return whether these are an engine's arguments: its address, with any flags before it."""
    flags = arguments[:-1]
    return bool(_ADDRESS.fullmatch(arguments[-1])) and (not flags or flags[0].startswith("-"))


if __name__ == "__main__":
    main()
