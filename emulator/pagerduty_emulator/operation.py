"""Operations: handlers of addresses, and the tables that list them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from .account import Account
from .http import Answer, Request

Handler = Callable[[Account, Request], Answer]


@dataclass(frozen=True)
class Operation:
    """The handler of a method at an address, and the OAuth scope that it needs."""

    handler: Handler
    scope: str | None = None


Routes = dict[str, dict[str, Operation]]
"""Path to method to operation."""
