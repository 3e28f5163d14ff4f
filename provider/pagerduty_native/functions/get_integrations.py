"""The function `getIntegrations`."""

from __future__ import annotations

from collections.abc import Iterator

from pagerduty_native.api import records as integration
from pagerduty_native.api.account import Account
from pagerduty_native.api.errors import NotFoundError
from pagerduty_native.framework import Function, Problem, ProviderError, field, object_type
from pagerduty_native.ids import id_problems


@object_type
class IntegrationSummary:
    """An integration without its key, which `Integration.get` returns as a secret."""

    id: str = field(
        "The ID of the integration with that of its service, `PQL78HM.PE1U9CH`, as `Integration.get` takes it."
    )
    integration_id: str = field("The ID of the integration alone, such as `PE1U9CH`.")
    service: str = field("The ID of the service that the integration belongs to.")
    name: str = field("The name of the integration.")
    type: str = field("The type of the integration.")
    vendor: str | None = field("The ID of the vendor.")
    integration_email: str | None = field("The address that receives the e-mail.")
    html_url: str | None = field("The URL of the integration's page in PagerDuty's web app.")

    @classmethod
    def of(cls, found: integration.Integration) -> IntegrationSummary:
        return cls(
            id=found.full_id,
            integration_id=found.id,
            service=found.service_id,
            name=found.name,
            type=found.type,
            vendor=found.vendor_id,
            integration_email=found.integration_email,
            html_url=found.html_url,
        )


@object_type
class GetIntegrationsArgs:
    service: str = field("The ID of the service, such as `PQL78HM`.")

    def check_service(self) -> Iterator[Problem]:
        yield from id_problems("service", self.service, "service", "PQL78HM")


@object_type
class GetIntegrationsResult:
    integrations: list[IntegrationSummary] = field("The integrations of the service.")


class GetIntegrations(Function[GetIntegrationsArgs, GetIntegrationsResult, Account]):
    """List the inbound integrations of a service, without their keys, which `Integration.get` returns.

    ## Example Usage

    ### The integrations of a service

    ```yaml
    variables:
      ofCheckout:
        fn::invoke:
          function: pagerduty-native:getIntegrations
          arguments:
            service: PCHECKT
    ```
    """

    def invoke(self, args: GetIntegrationsArgs) -> GetIntegrationsResult:
        found = integrations_of(self.client, args.service)
        return GetIntegrationsResult(integrations=[IntegrationSummary.of(each) for each in found])


def integrations_of(account: Account, service_id: str) -> list[integration.Integration]:
    """Return the integrations of a service. Raises ProviderError if there is no such service."""
    try:
        return account.integrations.on_service(service_id, complete=True).all
    except NotFoundError as error:
        raise ProviderError(
            f"`service`: PagerDuty has no service with the ID {service_id!r}, or this token has no access to it. The "
            "function `getService` finds the ID of a service by its name."
        ) from error
