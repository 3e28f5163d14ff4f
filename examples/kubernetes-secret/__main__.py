"""An integration for Prometheus Alertmanager, and its key in a Secret that Alertmanager mounts."""

import pulumi
import pulumi_kubernetes as kubernetes
import pulumi_pagerduty_native as pagerduty

config = pulumi.Config()

integration = pagerduty.Integration(
    "alertmanager",
    service=config.require("service"),
    type="events_api_v2_inbound_integration",
)

secret = kubernetes.core.v1.Secret(
    "alertmanager-pagerduty",
    metadata={"namespace": "monitoring"},
    string_data={"routing-key": integration.integration_key},
)

# In Alertmanager's configuration, with the Secret among `alertmanagerSpec.secrets` of the Helm chart
# kube-prometheus-stack:
pulumi.export(
    "receiver",
    {
        "name": "pagerduty",
        "pagerduty_configs": [
            {"routing_key_file": pulumi.Output.format("/etc/alertmanager/secrets/{}/routing-key", secret.metadata.name)}
        ],
    },
)
