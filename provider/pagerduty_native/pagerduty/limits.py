"""What PagerDuty's REST API allows."""

# The most that the API gives, and the most it counts to: https://developer.pagerduty.com/docs/pagination
PAGE_LIMIT = 100
LAST_OFFSET = 10_000
# https://developer.pagerduty.com/docs/rest-api-rate-limits
CALLS_PER_MINUTE = 960
