"""PagerDuty's clock, as far as it can be told from here."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from email.utils import parsedate_to_datetime

from .exchange import Response

# Clocks of several servers, and times cut off to whole seconds on both sides.
UNCERTAINTY = timedelta(seconds=2)
# The Date may be that of a gateway, whose clock is fast.
MAX_GATEWAY_AHEAD = timedelta(minutes=2)


class ServerClock:
    """Tells what was made after a moment, by PagerDuty's clock alone: this machine's may be wrong.

    A response's Date is PagerDuty's time before it was received. So the moment was, by PagerDuty's clock, at least as
    much before that Date as it was, by ours, before the response came.
    """

    def __init__(self) -> None:
        self._newest: tuple[str, float] | None = None

    def note(self, response: Response) -> None:
        if date := response.headers.get("Date"):
            self._newest = date, response.received

    def since(self, moment: float, created_at: str | None) -> bool | None:
        """Return whether something was created after a moment (by `time.monotonic()`), or None if that is uncertain."""
        created = created_time(created_at)
        if created is None or self._newest is None:
            return None
        date, received = self._newest
        try:
            server_time = _aware(parsedate_to_datetime(date))
            earliest = server_time - timedelta(seconds=received - moment) - UNCERTAINTY
            if created >= earliest:
                return True
            return None if created >= earliest - MAX_GATEWAY_AHEAD else False
        except (ValueError, OverflowError):
            return None


def created_time(created_at: str | None) -> datetime | None:
    """When something was created, or None where that cannot be told."""
    try:
        return _aware(datetime.fromisoformat(created_at.replace("Z", "+00:00"))) if created_at else None
    except ValueError:
        return None


def _aware(time: datetime) -> datetime:
    return time if time.tzinfo else time.replace(tzinfo=timezone.utc)
