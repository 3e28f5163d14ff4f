"""The function `getIntegration`."""

from __future__ import annotations

from collections.abc import Iterator

from pagerduty_native.api.account import Account
from pagerduty_native.framework import Function, Problem, ProviderError, field, object_type
from pagerduty_native.functions.get_integrations import IntegrationSummary, integrations_of
from pagerduty_native.functions.matching import find, name_or_id_problems
from pagerduty_native.ids import id_problems


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
        candidates = integrations_of(self.client, args.service)
        if args.name is not None:
            hint = f" `pagerduty-native list` shows the integrations of {args.service} and of all other services."
            return IntegrationSummary.of(find(args.name, candidates, "integration", hint=hint))
        wanted = (args.id or "").removeprefix(f"{args.service}.")
        found = next((each for each in candidates if each.id == wanted), None)
        if found is None:
            raise ProviderError(f"`id`: the service {args.service!r} has no integration with the ID {wanted!r}.")
        return IntegrationSummary.of(found)
