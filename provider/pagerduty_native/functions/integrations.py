"""The functions `getIntegration` and `getIntegrations`.

Their results do not include keys, because no language keeps a secret in the result of a function.
"""

from __future__ import annotations

from collections.abc import Iterator

from pagerduty_native.api import records
from pagerduty_native.api.account import Account
from pagerduty_native.api.bulk import Snapshot
from pagerduty_native.api.errors import NotFoundError
from pagerduty_native.api.lookups import Listed
from pagerduty_native.framework import Function, Problem, ProviderError, field, object_type
from pagerduty_native.functions.matching import find, name_or_id_problems
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
    def of(cls, found: records.Integration) -> IntegrationSummary:
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
        found = read_service(self.client, args.service).all
        return GetIntegrationsResult(integrations=[IntegrationSummary.of(each) for each in found])


def read_service(account: Account, service_id: str) -> Snapshot:
    """Read a service with its integrations. Raises ProviderError if there is no such service."""
    try:
        return account.integrations.on_service(service_id, complete=True)
    except NotFoundError as error:
        raise ProviderError(
            f"`service`: PagerDuty has no service with the ID {service_id!r}, or this token has no access to it. The "
            "function `getService` finds the ID of a service by its name."
        ) from error


@object_type
class GetIntegrationArgs:
    service: str = field("The ID of the service, such as `PQL78HM`.")
    name: str | None = field(
        "The name of the integration: the full name, in any case, or a part that no other integration of the service "
        "has in its name."
    )
    id: str | None = field(
        "The ID of the integration, such as `PE1U9CH`, or `PQL78HM.PE1U9CH` with that of its service."
    )

    def check(self) -> Iterator[Problem]:
        yield from name_or_id_problems(self.name, self.id, "integration")

    def check_service(self) -> Iterator[Problem]:
        yield from id_problems("service", self.service, "service", "PQL78HM")

    def check_id(self) -> Iterator[Problem]:
        if self.id is not None:
            yield from id_problems("id", self.id.removeprefix(f"{self.service}."), "integration", "PE1U9CH")


class GetIntegration(Function[GetIntegrationArgs, IntegrationSummary, Account]):
    """Look up an inbound integration of a service by its name or ID.

    The result does not include the key, because no language keeps a secret in the result of a function. To get the key
    as a secret output, call `Integration.get` with the `id` that this function returns.

    ## Example Usage

    ### An existing integration

    ```yaml
    variables:
      found:
        fn::invoke:
          function: pagerduty-native:getIntegration
          arguments:
            service: PCHECKT
            name: alarms
    ```
    """

    def invoke(self, args: GetIntegrationArgs) -> IntegrationSummary:
        service = read_service(self.client, args.service)
        candidates = service.all
        if args.name is not None:
            hint = f" `pagerduty-native list` shows the integrations of {args.service} and of all other services."
            named = {each.id for each in candidates if each.name}
            unnamed = {each: "" for each in service.odd if each not in named}
            return IntegrationSummary.of(find(args.name, Listed(candidates, unnamed), "integration", hint=hint))
        wanted = (args.id or "").removeprefix(f"{args.service}.")
        found = next((each for each in candidates if each.id == wanted), None)
        if found is None:
            raise ProviderError(f"`id`: the service {args.service!r} has no integration with the ID {wanted!r}.")
        return IntegrationSummary.of(found)
