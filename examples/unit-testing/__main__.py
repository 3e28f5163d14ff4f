"""The alert sources of a service."""

import pulumi
from alerting import alert_sources

keys = alert_sources(pulumi.Config().require("service"))
pulumi.export("keys", keys)
