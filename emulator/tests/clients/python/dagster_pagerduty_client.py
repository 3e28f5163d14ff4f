"""dagster-pagerduty 0.29.27: it sends to an address with a slash at its end."""

import sys

from dagster_pagerduty import PagerDutyService

service = PagerDutyService(routing_key=sys.argv[1])
answer = service.EventV2_create(summary="Disk is full", source="db1", severity="error")
assert answer["status"] == "success", answer
