"""Every team's services and what sends their alerts, from one table."""

import csv
from collections import defaultdict
from pathlib import Path

import pulumi
import pulumi_pagerduty_native as pagerduty


class AlertSources(pulumi.ComponentResource):
    """Everything that sends alerts about one service."""

    keys: dict[str, pulumi.Output[str]]

    def __init__(self, service: str, team: str, vendors: list[str], opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("acme:pagerduty:AlertSources", service, None, opts)
        found = pagerduty.get_service(name=service)
        self.keys = {}
        for vendor in vendors:
            integration = pagerduty.Integration(
                f"{service} {vendor}",
                name=f"{vendor} ({team})",
                service=found.id,
                vendor=pagerduty.get_vendor(name=vendor).id,
                opts=pulumi.ResourceOptions(parent=self),
            )
            self.keys[vendor] = integration.integration_key
        self.register_outputs({"keys": self.keys})


services: dict[tuple[str, str], list[str]] = defaultdict(list)
with Path("sources.csv").open(newline="") as table:
    for row in csv.DictReader(table):
        services[row["team"], row["service"]].append(row["vendor"])

pulumi.export(
    "keys", {service: AlertSources(service, team, vendors).keys for (team, service), vendors in services.items()}
)
