"""The resource `Integration`."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from typing import Any, ClassVar

from pagerduty_native.pagerduty import integrations
from pagerduty_native.pagerduty.account import Account
from pagerduty_native.pagerduty.errors import InvalidInputError, NotFoundError
from pagerduty_native.rpc.declarations import field, object_type
from pagerduty_native.rpc.diff import Changes
from pagerduty_native.rpc.errors import Failure, Problem, ProviderError
from pagerduty_native.rpc.resource import Instance, Resource
from pagerduty_native.rpc.values import Value

TYPES = {
    "generic_events_api_inbound_integration": "any sender of the Events API, and every vendor whose setup "
    "involves an integration key or URL.",
    "generic_email_inbound_integration": "any sender of e-mail, and every vendor whose setup involves an "
    "e-mail address.",
    "events_api_v2_inbound_integration": "a sender of the Events API v2.",
    "event_transformer_api_inbound_integration": "a vendor whose own events PagerDuty transforms; needs `vendor`.",
    "aws_cloudwatch_inbound_integration": "Amazon CloudWatch; needs `vendor`.",
    "cloudkick_inbound_integration": "Cloudkick.",
    "keynote_inbound_integration": "Keynote.",
    "nagios_inbound_integration": "Nagios.",
    "pingdom_inbound_integration": "Pingdom.",
    "sql_monitor_inbound_integration": "SQL Monitor.",
    "app_event_transform_inbound_integration": "an app whose events PagerDuty transforms.",
    "change_event_transform_inbound_integration": "a sender of change events.",
}


@object_type
class Vendor:
    """A vendor: a kind of alert source that PagerDuty knows, as `getVendors` returns it."""

    MORE_PROPERTIES: ClassVar[bool] = True

    id: str = field("The ID of the vendor, such as `PZQ6AUS`.")
    name: str | None = field("The name of the vendor, such as `Amazon CloudWatch`.")


def vendor_id(vendor: Value) -> Value:
    return vendor["id"] if isinstance(vendor, dict) else vendor


@object_type
class IntegrationArgs:
    """What an integration is made from."""

    service: str = field(
        "The ID of the service that the integration belongs to, such as `PQL78HM`. Changing it replaces the "
        "integration.",
        replaces=True,
    )
    vendor: str | Vendor | None = field(
        "The vendor that sends the alerts: its ID, such as `PZQ6AUS` for Amazon CloudWatch (`getVendor` finds it), or "
        "a vendor object, of which the ID counts. PagerDuty takes it only when an integration is created, so changing "
        "it replaces the integration. One of `vendor` and `type` is required, and both may be given.",
        replaces=True,
        normalize=vendor_id,
    )
    type: str | None = field(
        "The type of the integration. Where it is absent, the vendor decides: "
        "`generic_email_inbound_integration` for vendors that send e-mail, "
        "`generic_events_api_inbound_integration` for all others. PagerDuty sets the vendor's own type once the "
        "integration exists; that is never a difference. Changing it replaces the integration. Types that are not in "
        "this list are sent as they are, with a warning:",
        replaces=True,
        computed=True,
        allowed=TYPES,
        open_set=True,
    )
    name: str = field(
        "The name of the integration, as PagerDuty shows it. Where it is absent, a name is made from the resource's. "
        "Changed in place.",
        autoname=True,
    )

    def check(self) -> Iterator[Problem]:
        if self.vendor is None and self.type is None:
            yield Failure(
                "vendor",
                "One of `vendor` and `type` is required: give the ID of a vendor, which the function `getVendor` finds "
                "by its name, or a type such as `events_api_v2_inbound_integration`.",
            )


@object_type
class IntegrationState(IntegrationArgs):
    """An integration as PagerDuty has it."""

    integration_id: str = field("The ID of the integration, such as `PE1U9CH`.")
    integration_key: str | None = field(
        "The integration key (routing key) that senders of events give. One that takes e-mail may have none.",
        secret=True,
    )
    integration_url: str | None = field(
        "The URL that a sender's webhook, such as an SNS subscription, takes: "
        "`https://events.pagerduty.com/integration/KEY/enqueue` in most cases.",
        secret=True,
    )
    html_url: str | None = field("The address of the integration's page in PagerDuty's web app.")


class Integration(Resource[IntegrationArgs, IntegrationState, Account]):
    """An inbound integration of a PagerDuty service: where one alert source sends its alerts.

    It has a secret key, and the URL with the key in it, to be handed to the alert source.

    ## Import

    An integration is imported by the IDs of its service and its own, with a dot between them:

    ```sh
    pulumi import pagerduty-native:index:Integration cloudwatch PQL78HM.PE1U9CH
    ```
    """

    def diff(self, changes: Changes, old: IntegrationState, new: IntegrationArgs) -> None:
        if "type" in changes and _same_type(old, new):
            changes.discard("type")

    def create(self, args: IntegrationArgs) -> Instance[IntegrationState]:
        try:
            fields = {**_fields(args), "type": args.type or self._generic_type(args.vendor)}
            if args.vendor:
                fields["vendor"] = {"type": "vendor_reference", "id": args.vendor}
            created = self.client.integrations.create(args.service, fields)
        except (InvalidInputError, NotFoundError) as error:
            raise ProviderError(self._explained(error, args)) from error
        return Instance(f"{created.service_id}.{created.id}", _state(created))

    def read(self, id: str) -> Instance[IntegrationState] | None:
        try:
            found = self.client.integrations.get(*_parts(id))
        except NotFoundError:
            return None
        return Instance(f"{found.service_id}.{found.id}", _state(found))

    def update(self, id: str, old: IntegrationState, new: IntegrationArgs) -> IntegrationState:  # noqa: ARG002
        try:
            return _state(self.client.integrations.update(*_parts(id), _fields(new)))
        except InvalidInputError as error:
            raise ProviderError(self._explained(error, new)) from error
        except NotFoundError as error:
            raise ProviderError(
                f"The integration {id} is gone from PagerDuty ({error}). `pulumi refresh` takes note of that, and the "
                "next `pulumi up` makes a new one."
            ) from error

    def delete(self, id: str, old: IntegrationState) -> None:  # noqa: ARG002
        with contextlib.suppress(NotFoundError):
            self.client.integrations.delete(*_parts(id))

    def _generic_type(self, vendor: Any) -> str:
        kind = self.client.vendors.get(vendor).generic_service_type
        return integrations.GENERIC_EMAIL if kind == "email" else integrations.GENERIC_EVENTS_API

    def _explained(self, error: InvalidInputError | NotFoundError, args: IntegrationArgs) -> str:
        """What PagerDuty refused, by the name of the property at fault as far as it can be told."""
        if args.vendor and not self._vendor_exists(args.vendor):
            return (
                f"`vendor`: PagerDuty has no vendor with the ID {args.vendor!r}. The function `getVendor` finds the ID "
                "of a vendor by its name."
            )
        if isinstance(error, NotFoundError):
            return (
                f"`service`: PagerDuty has no service with the ID {args.service!r}, or this token may not see it. "
                f"IDs look like `PQL78HM`, as in the address of the service's page. PagerDuty said: {error}."
            )
        return f"{_named(error)}PagerDuty refused the integration: {error}."

    def _vendor_exists(self, vendor: Any) -> bool:
        try:
            self.client.vendors.get(vendor)
        except NotFoundError:
            return False
        return True


def _fields(args: IntegrationArgs) -> dict[str, Any]:
    """What can be changed in place, as the API has it."""
    return {"name": args.name}


def _state(integration: integrations.Integration) -> IntegrationState:
    return IntegrationState(
        service=integration.service_id,
        vendor=integration.vendor_id,
        type=integration.type,
        name=integration.name,
        integration_id=integration.id,
        integration_key=integration.integration_key,
        integration_url=integration.events_url,
        html_url=integration.html_url,
    )


def _parts(id: str) -> tuple[str, str]:
    service, dot, integration = id.partition(".")
    if not (service and dot and integration) or "." in integration:
        raise ProviderError(
            f"{id!r} is not the ID of an integration: write SERVICE_ID.INTEGRATION_ID, such as PQL78HM.PE1U9CH. Both "
            "stand in the address of the integration's page: …/services/PQL78HM/integrations/PE1U9CH."
        )
    return service, integration


def _same_type(old: IntegrationState, new: IntegrationArgs) -> bool:
    """Whether the types make the same integration: the server's own type, and with a vendor the generic one, too."""
    if new.type == old.type:
        return True
    generic = {
        True: integrations.GENERIC_EMAIL,
        False: integrations.GENERIC_EVENTS_API,
    }
    return new.vendor is not None and new.type == generic["email" in (old.type or "")]


def _named(error: InvalidInputError) -> str:
    """The property that PagerDuty's words begin with ("Name cannot be empty."), as a prefix for a message."""
    words = " ".join(error.errors).casefold()
    names = (
        ("integrationEmail", "integration email"),
        ("vendor", "vendor"),
        ("type", "type"),
        ("name", "name"),
    )
    return next((f"`{name}`: " for name, beginning in names if words.startswith(beginning)), "")
