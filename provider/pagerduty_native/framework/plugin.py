"""Fast start of the plugin: import only what startup needs."""

from __future__ import annotations

import importlib.util
import sys
from typing import Any, NoReturn

from pagerduty_native.framework.resource import Provider


def serve(provider: Provider[Any, Any], arguments: list[str] | None = None) -> NoReturn:
    """Serve a provider to the engine on a free loopback port, until the engine or a signal ends it.

    Args:
        provider: The provider.
        arguments: The command line, by default that of the process. The last one is the engine's address.

    """
    import_messages_only()
    from pagerduty_native.framework import server  # noqa: PLC0415 (it imports Pulumi's messages)

    server.serve(provider, sys.argv[1:] if arguments is None else arguments)


def import_messages_only() -> None:
    """Make `pulumi.runtime.proto` importable without running the packages around it, unless they are loaded already.

    `pulumi/__init__.py` loads everything that a program needs (OpenTelemetry, YAML, pickling, the Automation API). A
    provider does not need it: 80 ms and 10 MB at each start.
    """
    for name in ("pulumi", "pulumi.runtime"):
        spec = importlib.util.find_spec(name)
        if spec and name not in sys.modules:
            sys.modules[name] = importlib.util.module_from_spec(spec)
