"""The resource `EventOrchestrationIntegration`."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Sequence
from dataclasses import replace

from pagerduty_native.api import orchestrations as api
from pagerduty_native.api.account import Account
from pagerduty_native.api.errors import NotFoundError, PagerDutyError
from pagerduty_native.api.lookups import folded
from pagerduty_native.api.parse import is_id
from pagerduty_native.api.urls import ORCHESTRATION_PATH
from pagerduty_native.framework import (
    InitializationFailedError,
    Instance,
    Listable,
    Listed,
    Problem,
    ProviderError,
    Resource,
    did_you_mean,
    field,
    object_type,
)
from pagerduty_native.ids import EXAMPLE_UUID, no_orchestration, orchestration_problems


@object_type
class EventOrchestrationIntegrationArgs:
    """The inputs of an integration of an event orchestration."""

    event_orchestration: str = field(
        f"The ID of the event orchestration that the integration belongs to, such as `{EXAMPLE_UUID}` "
        "(`getEventOrchestration` finds it). Changing it moves the integration, with its key, in place."
    )
    label: str = field(
        "The name of the integration, as PagerDuty shows it. If omitted, it is generated from the resource's name. "
        "Updated in place.",
        autoname=True,
    )

    def check_event_orchestration(self) -> Iterator[Problem]:
        yield from orchestration_problems(self.event_orchestration)


@object_type
class EventOrchestrationIntegrationState(EventOrchestrationIntegrationArgs):
    """An integration of an event orchestration, as PagerDuty has it."""

    integration_id: str = field("The ID of the integration, a UUID.")
    routing_key: str = field("The routing key, which senders of events need. It begins with `R`.", secret=True)
    integration_url: str = field(
        "The URL to give to a sender's webhook. It contains the key: `https://events.pagerduty.com/x-ere/KEY`. Senders "
        "of the Events API v2 put `routingKey` into the body instead.",
        secret=True,
    )


@object_type
class EventOrchestrationListArgs:
    """Filters for integrations of event orchestrations."""

    event_orchestration: str | None = field("Only integrations of this event orchestration: its ID or its name.")


class EventOrchestrationIntegration(
    Resource[EventOrchestrationIntegrationArgs, EventOrchestrationIntegrationState, Account],
    Listable[EventOrchestrationListArgs],
):
    """An inbound integration of a PagerDuty event orchestration, whose rules route its events to services.

    Its outputs are a secret routing key, and a URL that contains the key. The orchestration and its rules are managed
    elsewhere, for example with `pulumi-pagerduty`. A new orchestration has one integration by default: import it, or
    read its key with `EventOrchestrationIntegration.get`.

    ## Example Usage

    ### One key for many alert sources

    ```yaml
    variables:
      platform:
        fn::invoke:
          function: pagerduty-native:getEventOrchestration
          arguments:
            name: Platform
    resources:
      clusters:
        type: pagerduty-native:EventOrchestrationIntegration
        properties:
          eventOrchestration: ${platform.id}
          label: Clusters
    outputs:
      clustersKey: ${clusters.routingKey}
    ```

    ## Import

    An integration is imported by its ID, or by the ID of its event orchestration and its own, separated by a colon:

    ```sh
    pulumi import pagerduty-native:index:EventOrchestrationIntegration clusters 1b49abe7-26db-4439-a715-c6d883acfb3e
    ```
    """

    def create(self, args: EventOrchestrationIntegrationArgs) -> Instance[EventOrchestrationIntegrationState]:
        try:
            created = self.client.orchestrations.create(args.event_orchestration, args.label, self.is_held)
        except NotFoundError as error:
            raise ProviderError(f"{no_orchestration(args.event_orchestration)} PagerDuty said: {error}.") from error
        return Instance(created.id, self._state(created))

    def read(
        self, id: str, old: EventOrchestrationIntegrationState
    ) -> Instance[EventOrchestrationIntegrationState] | None:
        named, uuid = _parts_of(id)
        orchestration = old.event_orchestration or named
        found: api.OrchestrationIntegration | None = None
        if orchestration:
            with contextlib.suppress(NotFoundError):
                found = self.client.orchestrations.get(orchestration, uuid)
        if found is None and not named:
            found = self.client.orchestrations.find(uuid, elsewhere_than=orchestration)
        return Instance(found.id, self._state(found)) if found else None

    def update(
        self,
        id: str,
        old: EventOrchestrationIntegrationState,
        new: EventOrchestrationIntegrationArgs,
        changed: frozenset[str],
    ) -> EventOrchestrationIntegrationState:
        orchestrations = self.client.orchestrations
        state = old
        try:
            if "label" in changed:
                renamed = self._state(orchestrations.rename(old.event_orchestration, id, new.label))
                state = replace(renamed, event_orchestration=old.event_orchestration)
            if "event_orchestration" in changed and new.event_orchestration != old.event_orchestration:
                moved = self._state(orchestrations.move(old.event_orchestration, new.event_orchestration, id))
                state = replace(moved, label=state.label)  # A label from the web app is drift, which a refresh shows.
        except PagerDutyError as error:
            explained = _not_updated(id, old, new, error) if isinstance(error, NotFoundError) else None
            if state is not old:
                raise InitializationFailedError(
                    f"The label was changed, but the integration was not moved: {explained or error}. The next "
                    "`pulumi up` tries again.",
                    id=id,
                    state=state,
                ) from error
            if explained:
                raise explained from error
            raise
        return state

    def delete(self, id: str, old: EventOrchestrationIntegrationState) -> None:
        with contextlib.suppress(NotFoundError):
            self.client.orchestrations.delete(old.event_orchestration, id)

    def list(self, args: EventOrchestrationListArgs) -> Iterator[Listed]:
        orchestrations: Sequence[api.Orchestration] = self.client.orchestrations.all()
        if args.event_orchestration is not None:
            wanted = folded(args.event_orchestration)
            chosen = [each for each in orchestrations if wanted in {folded(each.id), folded(each.name)}]
            if not chosen:
                hint = did_you_mean(args.event_orchestration, [each.name for each in orchestrations])
                raise ProviderError(
                    f"`eventOrchestration`: no event orchestration has the ID or the name "
                    f"{args.event_orchestration!r}.{hint}"
                )
            orchestrations = chosen
        for orchestration in orchestrations:
            for each in self.client.orchestrations.integrations(orchestration.id):
                yield Listed(each.id, each.label)

    def _state(self, found: api.OrchestrationIntegration) -> EventOrchestrationIntegrationState:
        return EventOrchestrationIntegrationState(
            event_orchestration=found.orchestration_id,
            label=found.label,
            integration_id=found.id,
            routing_key=found.routing_key,
            integration_url=self.client.events_url + ORCHESTRATION_PATH.format(key=found.routing_key),
        )


def _parts_of(id: str) -> tuple[str, str]:
    """Split `ORCHESTRATION:INTEGRATION`, Terraform's import form. The first part of a plain UUID is empty."""
    orchestration, _, integration = id.rpartition(":")
    if not is_id(integration) or (orchestration and not is_id(orchestration)) or id.startswith(":"):
        raise ProviderError(
            f"{id!r} is not the ID of an integration of an event orchestration: write its UUID, such as "
            f"{EXAMPLE_UUID}, or ORCHESTRATION_ID:INTEGRATION_ID. `pagerduty-native list` shows the IDs."
        )
    return orchestration, integration


def _not_updated(
    id: str, old: EventOrchestrationIntegrationState, new: EventOrchestrationIntegrationArgs, error: NotFoundError
) -> ProviderError:
    """Make the error for an integration, or one of its orchestrations, that does not exist."""
    target = ""
    if new.event_orchestration != old.event_orchestration:
        target = f", or has no event orchestration {new.event_orchestration} to move it to"
    return ProviderError(
        f"PagerDuty no longer has the integration {id} in the event orchestration {old.event_orchestration}{target} "
        f"({error}). Run `pulumi refresh`, which finds an integration that somebody moved, and then `pulumi up`."
    )
