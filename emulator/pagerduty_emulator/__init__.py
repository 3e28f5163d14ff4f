"""A stateful emulator of PagerDuty's REST and Events APIs.

Use it from the command line (`pagerduty-emulator`) or inside a test:

    import pagerduty_emulator

    with pagerduty_emulator.serve() as emulator:
        ...  # point a client at emulator.url
        assert emulator.requests.count("POST", "/services/*/integrations") == 1
"""

from .emulator import Emulator
from .faults import Fault, FaultKind, Faults
from .request_log import LoggedRequest, RequestLog
from .serving.app import create_app
from .serving.server import serve
from .settings import GUESSES, Settings
from .version import __version__

__all__ = [
    "GUESSES",
    "Emulator",
    "Fault",
    "FaultKind",
    "Faults",
    "LoggedRequest",
    "RequestLog",
    "Settings",
    "__version__",
    "create_app",
    "serve",
]
