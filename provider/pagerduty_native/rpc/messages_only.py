"""Pulumi's protobuf messages without the rest of its SDK."""

from __future__ import annotations

import importlib.util
import sys


def import_messages_only() -> None:
    """Let `pulumi.runtime.proto` be imported without running the packages around it; in a plugin's process, at first.

    `pulumi/__init__.py` loads all that a program needs (OpenTelemetry, YAML, pickling, the Automation API), and a
    provider does not: 80 ms and 10 MB at each start. Does nothing where the SDK was loaded already.
    """
    for name in ("pulumi", "pulumi.runtime"):
        spec = importlib.util.find_spec(name)
        if spec and name not in sys.modules:
            sys.modules[name] = importlib.util.module_from_spec(spec)
