"""The plugin: serves the provider to the Pulumi engine, and prints the port."""

from typing import NoReturn

from pagerduty_native.package import PACKAGE
from pagerduty_native.rpc import serve


def main() -> NoReturn:
    serve(PACKAGE)


if __name__ == "__main__":
    main()
