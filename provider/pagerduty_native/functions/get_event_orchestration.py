"""The function `getEventOrchestration`."""

from __future__ import annotations

from collections.abc import Iterator

from pagerduty_native.api.account import Account
from pagerduty_native.api.errors import NotFoundError
from pagerduty_native.framework import Function, Problem, ProviderError, field, object_type
from pagerduty_native.functions.matching import find, name_or_id_problems
from pagerduty_native.ids import EXAMPLE_UUID, uuid_problems


@object_type
class GetEventOrchestrationArgs:
    name: str | None = field(
        "The name of the event orchestration: the full name, in any case, or a part that no other has in its name."
    )
    id: str | None = field(f"The ID of the event orchestration, such as `{EXAMPLE_UUID}`.")

    def check(self) -> Iterator[Problem]:
        yield from name_or_id_problems(self.name, self.id, "event orchestration")

    def check_id(self) -> Iterator[Problem]:
        yield from uuid_problems("id", self.id, "event orchestration", "getEventOrchestration")


@object_type
class GetEventOrchestrationResult:
    id: str = field(
        "The ID of the event orchestration, as an `EventOrchestrationIntegration` takes it as its `eventOrchestration`."
    )
    name: str = field("The name of the event orchestration.")


class GetEventOrchestration(Function[GetEventOrchestrationArgs, GetEventOrchestrationResult, Account]):
    """Look up an event orchestration of the account by its name or ID.

    ## Example Usage

    ### An integration of an existing event orchestration

    ```yaml
    variables:
      shop:
        fn::invoke:
          function: pagerduty-native:getEventOrchestration
          arguments:
            name: Shop
    resources:
      carts:
        type: pagerduty-native:EventOrchestrationIntegration
        properties:
          eventOrchestration: ${shop.id}
    ```
    """

    def invoke(self, args: GetEventOrchestrationArgs) -> GetEventOrchestrationResult:
        orchestrations = self.client.orchestrations
        if args.name is not None:
            found = find(args.name, orchestrations.all(), "event orchestration")
        else:
            try:
                found = orchestrations.orchestration(args.id or "")
            except NotFoundError as error:
                raise ProviderError(
                    f"`id`: PagerDuty has no event orchestration with the ID {args.id!r}, or this token has no access "
                    "to it."
                ) from error
        return GetEventOrchestrationResult(id=found.id, name=found.name)
