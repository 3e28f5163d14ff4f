"""A client for PagerDuty's REST API, as far as inbound integrations need it. It knows nothing of Pulumi."""
