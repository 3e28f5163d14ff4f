"""A stateful emulator of PagerDuty's REST and Events APIs.

Use it from the command line (`pagerduty-emulator`) or inside a test:

    import pagerduty_emulator

    with pagerduty_emulator.serve() as emulator:
        ...  # point a client at emulator.url
        assert emulator.requests.count("POST", "/services/*/integrations") == 1

With pytest, `pip install pagerduty-emulator[pytest]` gives the fixture `pagerduty`.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

from .version import __version__

if TYPE_CHECKING:
    from .emulator import Emulator
    from .faults import Fault, FaultKind, Faults
    from .request_log import LoggedRequest, RequestLog
    from .seed_file import SeedError
    from .serving.app import create_app
    from .serving.server import serve
    from .settings import GUESSES, Settings

__all__ = [
    "GUESSES",
    "Emulator",
    "Fault",
    "FaultKind",
    "Faults",
    "LoggedRequest",
    "RequestLog",
    "SeedError",
    "Settings",
    "__version__",
    "create_app",
    "serve",
]

# Imported when first used: pytest imports this package in every run, for its plugin.
_MODULES = {
    "GUESSES": "settings",
    "Emulator": "emulator",
    "Fault": "faults",
    "FaultKind": "faults",
    "Faults": "faults",
    "LoggedRequest": "request_log",
    "RequestLog": "request_log",
    "SeedError": "seed_file",
    "Settings": "settings",
    "create_app": "serving.app",
    "serve": "serving.server",
}


def __getattr__(name: str) -> Any:
    if name not in _MODULES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = getattr(import_module(f".{_MODULES[name]}", __name__), name)
    globals()[name] = value
    return value
