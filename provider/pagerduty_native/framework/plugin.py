"""Fast start of the plugin: import only what startup needs."""

from __future__ import annotations

import importlib.util
import sys
from typing import Any, NoReturn

from pagerduty_native.framework.resource import Provider


def serve(provider: Provider[Any, Any]) -> NoReturn:
    """Serve a provider to the engine on a free loopback port, until the engine or a signal ends it."""
    import_messages_only()
    from pagerduty_native.framework import server  # noqa: PLC0415 (it imports Pulumi's messages)

    server.serve(provider, sys.argv[1:])


def import_messages_only() -> None:
    """Make the modules of `pulumi.runtime.proto` importable without running the packages around them.

    `pulumi/__init__.py` loads everything that a program needs (OpenTelemetry, YAML, pickling, the Automation API), and
    `proto/__init__.py` the messages of languages and policies. A provider does not need them: 90 ms and 11 MB at each
    start. Packages that are loaded already stay.
    """
    for name in ("pulumi", "pulumi.runtime", "pulumi.runtime.proto"):
        spec = importlib.util.find_spec(name)
        if spec and name not in sys.modules:
            sys.modules[name] = importlib.util.module_from_spec(spec)
