"""The functions `getEventOrchestration` and `getEventOrchestrationIntegration`."""

from __future__ import annotations

from collections.abc import Iterator

from pagerduty_native.api.account import Account
from pagerduty_native.api.errors import NotFoundError
from pagerduty_native.framework import Function, Problem, ProviderError, field, object_type
from pagerduty_native.functions.matching import find, name_or_id_problems
from pagerduty_native.ids import EXAMPLE_UUID, no_orchestration, orchestration_problems, uuid_problems


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


@object_type
class GetEventOrchestrationIntegrationArgs:
    event_orchestration: str = field(f"The ID of the event orchestration, such as `{EXAMPLE_UUID}`.")
    label: str | None = field(
        "The label of the integration: the full label, in any case, or a part that no other integration of the event "
        "orchestration has in its label."
    )
    id: str | None = field("The ID of the integration, a UUID.")

    def check_label(self) -> Iterator[Problem]:
        yield from name_or_id_problems(self.label, self.id, "integration", "label")

    def check_event_orchestration(self) -> Iterator[Problem]:
        yield from orchestration_problems(self.event_orchestration)

    def check_id(self) -> Iterator[Problem]:
        yield from uuid_problems("id", self.id, "integration", "getEventOrchestrationIntegration")


@object_type
class GetEventOrchestrationIntegrationResult:
    """An integration of an event orchestration, without its key."""

    id: str = field("The ID of the integration, as `EventOrchestrationIntegration.get` takes it.")
    event_orchestration: str = field("The ID of the event orchestration.")
    label: str = field("The label of the integration.")


class GetEventOrchestrationIntegration(
    Function[GetEventOrchestrationIntegrationArgs, GetEventOrchestrationIntegrationResult, Account]
):
    """Look up an integration of an event orchestration by its label or ID.

    The result does not include the key, because no language keeps a secret in the result of a function. To get the key
    as a secret output, call `EventOrchestrationIntegration.get` with the `id` that this function returns.

    ## Example Usage

    ### The integration that an event orchestration has by default

    ```yaml
    variables:
      payments:
        fn::invoke:
          function: pagerduty-native:getEventOrchestration
          arguments:
            name: Payments
      byDefault:
        fn::invoke:
          function: pagerduty-native:getEventOrchestrationIntegration
          arguments:
            eventOrchestration: ${payments.id}
            label: Default Integration
    ```
    """

    def invoke(self, args: GetEventOrchestrationIntegrationArgs) -> GetEventOrchestrationIntegrationResult:
        try:
            candidates = self.client.orchestrations.integrations(args.event_orchestration)
        except NotFoundError as error:
            raise ProviderError(no_orchestration(args.event_orchestration)) from error
        if args.label is not None:
            found = find(args.label, candidates, "integration", property="label")
        else:
            by_id = {each.id: each for each in candidates}
            if args.id not in by_id:
                raise ProviderError(
                    f"`id`: the event orchestration {args.event_orchestration} has no integration with the ID "
                    f"{args.id!r}."
                )
            found = by_id[args.id]
        return GetEventOrchestrationIntegrationResult(
            id=found.id, event_orchestration=found.orchestration_id, label=found.label
        )
