"""Integrations that a run which was killed seems to have left behind.

The engine keeps no trace of what was being created when the provider's process dies, so the next run creates it again.
What the first run created is then beside it: on the same service, of the same kind, and a little older. Another
deployment's may look the same.
"""

from __future__ import annotations

import re
import time

from .integration import Integration
from .server_clock import ServerClock, created_time

# What is older was there long before whoever is warned can have forgotten it.
RECENT_SECONDS = 24 * 60 * 60
# The end of a name that Pulumi generated, which is another one each time.
_GENERATED = re.compile(r"-[0-9a-f]{7}\Z")


def is_left_over(other: Integration, beside: Integration, clock: ServerClock) -> bool:
    """Whether an integration may be what an earlier attempt to create another one on its service left behind."""
    if other.id == beside.id or other.vendor_id != beside.vendor_id or other.takes_email != beside.takes_email:
        return False
    if other.vendor_id is None and other.type != beside.type:  # With a vendor, PagerDuty may set the type later.
        return False
    if not _same_name(other.name, beside.name):
        return False
    made, made_beside = created_time(other.created_at), created_time(beside.created_at)
    if made is None or made_beside is None or made >= made_beside:
        return False
    return clock.since(time.monotonic() - RECENT_SECONDS, other.created_at) is True


def _same_name(one: str, other: str) -> bool:
    """Whether two names are the same, or were generated for resources of the same name."""
    if one.strip() == other.strip():
        return True
    ends = _GENERATED.search(one), _GENERATED.search(other)
    return None not in ends and _GENERATED.sub("", one) == _GENERATED.sub("", other)
