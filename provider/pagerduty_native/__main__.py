"""The plugin: serves the provider to the Pulumi engine, and prints the port.

With a command of the command line as its first argument it is `pagerduty-native`: the self-contained archive has this
executable alone.
"""

import sys
from typing import NoReturn

from pagerduty_native.package import PACKAGE
from pagerduty_native.rpc import serve

COMMANDS = frozenset({"adopt", "check", "list", "--help"})


def main() -> NoReturn:
    if COMMANDS.intersection(sys.argv[1:2]):
        from pagerduty_native.cli import main as run_command  # noqa: PLC0415

        run_command()
    serve(PACKAGE)


if __name__ == "__main__":
    main()
