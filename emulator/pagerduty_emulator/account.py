"""The emulated PagerDuty account, as the handlers of its APIs know it."""

from __future__ import annotations

from pathlib import Path

from . import seeds
from .database import Database
from .faults import Faults
from .objects import Objects
from .rate_limit import RateLimiter
from .request_log import RequestLog
from .settings import Settings


class Account:
    """State, settings and the record of what was asked."""

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
        """The faults in force."""
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
