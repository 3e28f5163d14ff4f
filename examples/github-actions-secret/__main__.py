"""An integration for deployments, and its key as a secret of GitHub Actions."""

import pulumi
import pulumi_github as github
import pulumi_pagerduty_native as pagerduty

config = pulumi.Config()

integration = pagerduty.Integration(
    "deployments",
    service=config.require("service"),
    type="events_api_v2_inbound_integration",
)

secret = github.ActionsSecret(
    "pagerduty",
    repository=config.require("repository"),
    secret_name="PAGERDUTY_INTEGRATION_KEY",
    value=integration.integration_key,
)

# In a workflow:
pulumi.export("usage", pulumi.Output.format("${{{{ secrets.{} }}}}", secret.secret_name))
