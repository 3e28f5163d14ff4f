"""A provider's process, started so that the engine waits for nothing that only calls need."""

from __future__ import annotations

import importlib.util
import sys
from typing import Any, NoReturn

from pagerduty_native.framework.resource import Package


def serve(package: Package[Any, Any], arguments: list[str] | None = None) -> NoReturn:
    """Serve `package` to the engine on a free loopback port, which is printed, until the engine or a signal ends it.

    arguments: those of the command line, of which the last is the engine's address; else the process's own.
    """
    import_messages_only()
    from pagerduty_native.framework import server  # noqa: PLC0415 (it imports Pulumi's messages)

    server.serve(package, sys.argv[1:] if arguments is None else arguments)


def import_messages_only() -> None:
    """Let `pulumi.runtime.proto` be imported without running the packages around it; in a plugin's process, at first.

    `pulumi/__init__.py` loads all that a program needs (OpenTelemetry, YAML, pickling, the Automation API), and a
    provider does not: 80 ms and 10 MB at each start. Does nothing where the SDK was loaded already.
    """
    for name in ("pulumi", "pulumi.runtime"):
        spec = importlib.util.find_spec(name)
        if spec and name not in sys.modules:
            sys.modules[name] = importlib.util.module_from_spec(spec)
