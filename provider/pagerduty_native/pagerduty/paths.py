"""IDs of PagerDuty's objects, and the paths that are made of them."""

from __future__ import annotations

import re

from .errors import PagerDutyError

# Every recorded ID is of seven or fourteen capital letters and digits. What else may come one day is left room for, but
# nothing that means something in a path.
_ID = re.compile(r"[A-Za-z0-9_-]{1,64}")


class InvalidIdError(PagerDutyError):
    """PagerDuty can have no object with such an ID, so it was not asked for."""


def is_id(text: str) -> bool:
    """Whether PagerDuty may have an object with this ID."""
    return _ID.fullmatch(text) is not None


def service_path(service_id: str, *more: str) -> str:
    """The path of a service. Raises InvalidIdError."""
    return _path("services", service_id, *more)


def integration_path(service_id: str, integration_id: str) -> str:
    """The path of an integration. Raises InvalidIdError."""
    return service_path(service_id, "integrations", integration_id)


def orchestration_path(orchestration_id: str, *more: str) -> str:
    """The path of an event orchestration. Raises InvalidIdError."""
    return _path("event_orchestrations", orchestration_id, *more)


def vendor_path(vendor_id: str) -> str:
    """The path of a vendor. Raises InvalidIdError."""
    return _path("vendors", vendor_id)


def _path(*parts: str) -> str:
    """The path of alternately a collection and the ID of an object in it."""
    for each in parts[1::2]:
        if not is_id(each):
            raise InvalidIdError(f"{each[:64]!r} cannot be the ID of anything in PagerDuty")
    return "".join(f"/{part}" for part in parts)
