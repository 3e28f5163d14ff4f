"""A client for the parts of PagerDuty's REST API that inbound integrations need. It knows nothing of Pulumi."""
