"""What goes to PagerDuty's REST API, and what comes back."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from .errors import PagerDutyError

# PagerDuty's own gateway gives up after a minute.
READ_TIMEOUT_SECONDS = 65.0


@dataclass(frozen=True)
class Request:
    """What to ask. body: goes out as JSON. form: goes out as HTML's forms do; it may hold a client secret."""

    method: str
    path: str
    params: Mapping[str, Any] | None = None
    body: Mapping[str, Any] | None = None
    form: Mapping[str, str] | None = None


@dataclass(frozen=True)
class Response:
    """A response that came whole. body: parsed from JSON, or None where there was none. sent, received: local times."""

    status: int
    headers: Mapping[str, str]
    body: Any
    error: PagerDutyError | None
    sent: float
    received: float
