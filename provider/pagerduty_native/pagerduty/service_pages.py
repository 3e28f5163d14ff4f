"""Which pages of the account's services were read, and whether to ask for a page or for a service next."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from .errors import PagerDutyError
from .limits import LAST_OFFSET, PAGE_LIMIT

MOST_PAGES = LAST_OFFSET // PAGE_LIMIT


@dataclass
class ServicePages:
    """The pages of the account's services. total: how many there are, once that is known.

    failure: why a page could not be read. After that, pages are asked for only if nothing else does.
    """

    total: int | None = None
    asked: int = 0
    under_way: int = 0
    failed: list[int] = field(default_factory=list)
    failure: PagerDutyError | None = None

    @property
    def complete(self) -> bool:
        """Whether all pages that PagerDuty gives were read."""
        return self.asked >= self._readable and not self.failed and not self.under_way

    @property
    def available(self) -> bool:
        """Whether there is a page to ask for now. While the total is unknown, one page says whether another follows."""
        if self.failed:
            return True
        return self.asked < self._readable and not (self.total is None and self.under_way)

    @property
    def beyond(self) -> bool:
        """Whether the account has more services than PagerDuty lists."""
        return self.total is not None and self.total > MOST_PAGES

    @property
    def _readable(self) -> int:
        return MOST_PAGES if self.total is None else min(self.total, MOST_PAGES)

    def take(self) -> int:
        """The number of the page to ask for."""
        self.under_way += 1
        if self.failed:
            return self.failed.pop()
        self.asked += 1
        return self.asked - 1

    def put(self, number: int, *, more: bool, services: int | None) -> None:
        """Take note of a page that was read: whether others follow, how many services there are in all."""
        self.under_way -= 1
        if not more:
            self.total = number + 1
        elif services is not None:
            self.total = max(-(-services // PAGE_LIMIT), number + 2)
        elif number + 1 >= MOST_PAGES:
            self.total = number + 2

    def put_back(self, number: int, failure: PagerDutyError | None) -> None:
        """Take note of a page that could not be read, and why; None if only the one who asked gave up."""
        self.under_way -= 1
        self.failed.append(number)
        self.failure = failure or self.failure


def choose(services: int, pages: ServicePages) -> Literal["service", "page"]:
    """What to ask for if nothing so far answers a read. services: how many were asked for."""
    if pages.failure or pages.complete:
        return "service"
    if not pages.asked:
        return "page" if services else "service"
    total = pages.total or pages.asked + 1
    return "page" if total <= MOST_PAGES and services >= total - 1 else "service"
