"""The emulated PagerDuty account, as the handlers of its APIs know it."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from pathlib import Path
from typing import Any

from .database import Database
from .faults import Faults
from .rate_limit import RateLimiter
from .request_log import RequestLog
from .settings import Settings

MAX_HISTORY = 200


class Account:
    """State, settings and the record of what was asked."""

    def __init__(
        self,
        settings: Settings | None = None,
        *,
        database: str | Path = ":memory:",
        fill: Callable[[Database], object] | None = None,
    ) -> None:
        """`fill` puts into a new database what is there from the start."""
        self.settings = settings or Settings()
        self.url = "http://127.0.0.1"
        """Where it is reached; set by `serve`."""
        self.ca_file: Path | None = None
        """The certificate (PEM) of the authority to trust for TLS, unless one's own is used; set by `serve`."""
        self.requests = RequestLog()
        """Every request to the REST, Events and OAuth APIs."""
        self.faults = Faults()
        """The faults in force."""
        self.warned: set[str] = set()
        """Operations that were called although they are not served; each is reported once."""
        self.history: deque[tuple[float, Any]] = deque(maxlen=MAX_HISTORY)
        """When event orchestrations were written, and their state before: see the setting `orchestration_delay`."""
        self.events_with_unknown_keys = 0
        """Events, change events and e-mails for no integration. Nothing is kept of them but this number."""
        self.needs_token = False
        """True if one token is the only valid one; set by `create_app`."""
        self.rate_limiter = RateLimiter(self.settings)
        self.database = Database(database, fill)

    def close(self) -> None:
        """Close the database."""
        self.database.close()
