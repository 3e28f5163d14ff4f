"""The function `getService`."""

from __future__ import annotations

from collections.abc import Iterator

from pagerduty_native.api import lookups
from pagerduty_native.api.account import Account
from pagerduty_native.api.errors import NotFoundError
from pagerduty_native.framework import Function, Problem, ProviderError, field, object_type
from pagerduty_native.functions.matching import find, name_or_id_problems
from pagerduty_native.ids import id_problems, name_hint


@object_type
class GetServiceArgs:
    name: str | None = field(
        "The name of the service: the full name, in any case, or a part that no other service has in its name."
    )
    id: str | None = field("The ID of the service, such as `PQL78HM`.")

    def check(self) -> Iterator[Problem]:
        yield from name_or_id_problems(self.name, self.id, "service")

    def check_id(self) -> Iterator[Problem]:
        yield from id_problems("id", self.id, "service", "PQL78HM")


@object_type
class GetServiceResult:
    id: str = field("The ID of the service, as an `Integration` takes it as its `service`.")
    name: str = field("The name of the service.")
    html_url: str | None = field("The URL of the service's page in PagerDuty's web app.")


class GetService(Function[GetServiceArgs, GetServiceResult, Account]):
    """Look up a service of the account by its name or ID.

    If the name comes from a resource that is yet to be created or changed, the ID is unknown in a preview. The preview
    then shows an existing integration with that `service` as a replacement. `pulumi up` replaces it only if the ID is
    another one.

    ## Example Usage

    ### An integration of an existing service

    ```yaml
    variables:
      checkout:
        fn::invoke:
          function: pagerduty-native:getService
          arguments:
            name: Checkout
    resources:
      jobs:
        type: pagerduty-native:Integration
        properties:
          service: ${checkout.id}
          type: events_api_v2_inbound_integration
    ```
    """

    def invoke(self, args: GetServiceArgs) -> GetServiceResult:
        if args.name is not None:
            found = self.client.services.search(args.name)
            service = find(args.name, found, "service", everything=self.client.services.all)
        else:
            service = self._by_id(args.id or "")
        return GetServiceResult(id=service.id, name=service.name, html_url=service.html_url)

    def _by_id(self, id: str) -> lookups.Service:
        try:
            return self.client.services.get(id)
        except NotFoundError as error:
            raise ProviderError(
                f"`id`: PagerDuty has no service with the ID {id!r}, or this token has no access to it."
                f"{name_hint(id, 'service')}"
            ) from error
