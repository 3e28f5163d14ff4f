"""A native Pulumi provider for PagerDuty inbound integrations."""

__version__ = "0.1.0"
