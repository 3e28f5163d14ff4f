"""The plugin: serves the provider to the Pulumi engine, and prints the port."""

import sys
from typing import NoReturn

from pagerduty_native.rpc.messages_only import import_messages_only


def main() -> NoReturn:
    import_messages_only()
    from pagerduty_native.package import PACKAGE  # noqa: PLC0415
    from pagerduty_native.rpc.server import serve  # noqa: PLC0415

    serve(PACKAGE, sys.argv[1:])


if __name__ == "__main__":
    main()
