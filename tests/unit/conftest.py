"""How hypothesis works here: on a busy machine, leaving nothing behind, and by the same examples each time.

With PROVE=1, by others each time. What they find is worth a test of its own.
"""

from __future__ import annotations

import os

from hypothesis import HealthCheck, settings

settings.register_profile(
    "unit",
    deadline=None,
    database=None,
    derandomize=not os.environ.get("PROVE"),
    suppress_health_check=[HealthCheck.too_slow],
)
settings.load_profile("unit")
