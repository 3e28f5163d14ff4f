"""When a call is made again, and after how long."""

from __future__ import annotations

from dataclasses import dataclass

from .errors import PagerDutyError, RateLimitedError, UnreachableError


@dataclass(frozen=True)
class Retries:
    """How often a call is made, and for how long.

    - GET, PUT and DELETE are made again when the network fails or no response comes in time; after a 408 or 5xx; after
      a response that is cut off, empty, or not PagerDuty's; and after a 400 whose words are known to be transient
      (`errors.TRANSIENT_REFUSALS`). A DELETE that was made again and finds nothing has done its work.
    - POST is made again only where it surely created nothing: no connection was made, or the response was a 408, 429 or
      such a 400. All else is settled by looking (creation.py).
    - No other 4xx, no certificate that cannot be verified, and nothing that cannot be sent is tried again. A 401 to an
      app's token is followed by a new token, once (oauth.py).
    - `attempts` are made at most, and no further one begins after `total_seconds`. Where the API never responded and no
      connection can be made, its address is probably wrong: `first_attempts` tell.
    - A creation without a response is made `creations` times at most: between two of them, its service is looked at for
      fifteen seconds. So a persistent 500 is reported within a minute.
    - Before the n-th repetition comes a pause between 0 and `first_pause` · 2^(n-1), at most `longest_pause`
      (exponential backoff with full jitter): half a second to sixteen, and 16 s together on average.
    - A 429 is not an attempt: the limiter holds every call back for as long as PagerDuty says. After `limited_seconds`
      it is given up.

    urllib3's Retry and tenacity (stamina) do not fit: the pause must end with a cancellation and the user's deadline,
    be shared with the limiter, and bodies that are spoilt count as well.
    """

    attempts: int = 7
    creations: int = 3
    first_attempts: int = 4
    first_pause: float = 0.5
    longest_pause: float = 16.0
    total_seconds: float = 180.0
    limited_seconds: float = 600.0

    def pause(self, failures: int, chance: float) -> float:
        """The pause after so many failures, which is a part of the longest one. chance: from 0 to 1."""
        return chance * min(self.first_pause * 2.0 ** (failures - 1), self.longest_pause)

    def allow(self, error: PagerDutyError, failures: int, seconds: float, *, responded: bool) -> bool:
        """Whether to try again after an error. failures: so far. seconds: since the first try. responded: ever."""
        if not error.transient:
            return False
        if isinstance(error, RateLimitedError):
            return seconds < self.limited_seconds
        no_connection = isinstance(error, UnreachableError) and not error.perhaps_done
        attempts = self.first_attempts if no_connection and not responded else self.attempts
        return failures < attempts and seconds < self.total_seconds
