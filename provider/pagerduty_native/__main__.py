"""The plugin: serves the provider to the Pulumi engine, and prints the port."""

import sys

from pagerduty_native.package import PACKAGE
from pagerduty_native.rpc.server import serve


def main() -> None:
    serve(PACKAGE, sys.argv[1:])


if __name__ == "__main__":
    main()
