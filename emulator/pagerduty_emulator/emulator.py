"""The emulated account: its state, and what a test or the web app can do to it."""

from __future__ import annotations

from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

from . import seeds
from .database import Database, new_id, new_integration_key
from .faults import Fault, FaultKind, Faults
from .objects import Objects
from .rate_limit import RateLimiter
from .request_log import LoggedRequest, RequestLog
from .settings import Settings


class Emulator:
    """One PagerDuty account. `create_app` gives it its APIs, `serve` an address.

    Every method can be called from any thread while the emulator serves.
    """

    def __init__(
        self,
        settings: Settings | None = None,
        *,
        database: str | Path = ":memory:",
        services: int = seeds.DEFAULT_SERVICES,
    ) -> None:
        self.settings = settings or Settings()
        self.url = "http://127.0.0.1"
        """Where it is reached; set by `serve`."""
        self.requests = RequestLog()
        """Every request to the REST, Events and OAuth APIs."""
        self.faults = Faults()
        """The faults that wait for a request."""
        self.rate_limiter = RateLimiter(self.settings)
        self.database = Database(database)
        self._services = services
        self._initial = self.settings.copied()
        if self.database.is_new:
            seeds.seed(self.database, services)

    def reset(self) -> None:
        """Back to the start: seeded services and vendors, initial settings, no faults, no log."""
        with self.database.lock:
            self.settings.take(self._initial)
            self.faults.clear()
            self.requests.clear()
            self.rate_limiter.clear()
            self.database.clear()
            seeds.seed(self.database, self._services)

    def close(self) -> None:
        """Closes the database."""
        self.database.close()

    def objects(self, base_url: str | None = None) -> Objects:
        """What makes the objects of an answer; links in them start with `base_url`."""
        return Objects(self.database, self.settings, base_url or self.url)

    def transaction(self) -> AbstractContextManager[None]:
        """Holds other requests back while several changes are made."""
        return self.database.transaction()
