"""The plugin: serves the provider to the Pulumi engine, and prints the port."""

import sys
from typing import NoReturn

from pagerduty_native.package import PACKAGE
from pagerduty_native.rpc.server import serve


def main() -> NoReturn:
    serve(PACKAGE, sys.argv[1:])


if __name__ == "__main__":
    main()
