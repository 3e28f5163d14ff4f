"""The resource `Integration`."""

from __future__ import annotations

import contextlib
from collections.abc import Iterable, Iterator
from typing import Any

from pagerduty_native.object_types import Vendor
from pagerduty_native.pagerduty import integrations
from pagerduty_native.pagerduty.account import Account
from pagerduty_native.pagerduty.errors import InvalidInputError, NotFoundError, PagerDutyError
from pagerduty_native.rpc.declarations import (
    NotYetKnownError,
    camel_case,
    decode,
    encode,
    field,
    object_type,
    properties_of,
)
from pagerduty_native.rpc.diff import Changes
from pagerduty_native.rpc.errors import Failure, InitializationFailedError, Problem, ProviderError
from pagerduty_native.rpc.resource import Instance, Listed, Resource

from . import email
from .email import EmailFilter, EmailParser

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

TYPES_WITHOUT_EMAIL = {
    "generic_events_api_inbound_integration",
    "events_api_v2_inbound_integration",
    "event_transformer_api_inbound_integration",
    "aws_cloudwatch_inbound_integration",
    "app_event_transform_inbound_integration",
    "change_event_transform_inbound_integration",
}
EMAIL_PROPERTIES = (
    "integration_email",
    "email_incident_creation",
    "email_filter_mode",
    "email_filters",
    "email_parsers",
    "email_parsing_fallback",
)
# https://support.pagerduty.com/main/docs/email-integration-guide
MOST_PARSERS = 10


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
        identified_by="id",
    )
    type: str | None = field(
        "The type of the integration. Where it is absent, the vendor decides: "
        "`generic_email_inbound_integration` for vendors that send e-mail, "
        "`generic_events_api_inbound_integration` for all others. PagerDuty sets the vendor's own type once the "
        "integration exists; that is never a difference. Changing it replaces the integration. Types that are not in "
        "this list are sent as they are, with a warning:",
        replaces=True,
        computed=True,
        server_sets=True,
        allowed=TYPES,
        open_set=True,
    )
    name: str = field(
        "The name of the integration, as PagerDuty shows it. Where it is absent, a name is made from the resource's. "
        "Changed in place.",
        autoname=True,
    )

    integration_email: str | None = field(
        "The address that receives the e-mail, at the account's domain: `alerts@SUBDOMAIN.pagerduty.com`. Only for "
        "integrations that take e-mail, as the others below. Where it is absent, PagerDuty generates one; for some "
        "vendors and types it wants one to be given. Changed in place.",
        computed=True,
        meaning=str.casefold,
    )
    email_incident_creation: str | None = field(
        "When an e-mail opens an incident. Where it is absent, PagerDuty decides. Changed in place.",
        computed=True,
        allowed=email.INCIDENT_CREATION,
    )
    email_filter_mode: str | None = field(
        "How `emailFilters` go together. Where it is absent, PagerDuty decides. Changed in place.",
        computed=True,
        allowed=email.FILTER_MODES,
    )
    email_filters: list[EmailFilter] | None = field(
        "The filters for e-mail, in any order; `emailFilterMode` says how they go together. Where there are none, "
        "every e-mail passes. Changed in place.",
        meaning=email.filters_meaning,
    )
    email_parsers: list[EmailParser] | None = field(
        "The rules for e-mail where `emailIncidentCreation` is `use_rules`: at most 10, of which the first that "
        "matches counts. Changed in place.",
    )
    email_parsing_fallback: str | None = field(
        "What happens with an e-mail that none of `emailParsers` matches. Where it is absent, PagerDuty decides. "
        "Changed in place.",
        computed=True,
        allowed=email.PARSING_FALLBACKS,
    )

    def check_kind(self) -> Iterator[Problem]:
        if self.vendor is None and self.type is None:
            yield Failure(
                "vendor",
                "One of `vendor` and `type` is required: give the ID of a vendor, which the function `getVendor` finds "
                "by its name, or a type such as `events_api_v2_inbound_integration`.",
            )

    def check_kind_takes_email(self) -> Iterator[Problem]:
        if self.vendor is None and self.type in TYPES_WITHOUT_EMAIL:
            for name in EMAIL_PROPERTIES:
                if getattr(self, name) is not None:
                    reason = (
                        f"`{camel_case(name)}` is only for integrations that take e-mail: those of the type "
                        f"`{integrations.GENERIC_EMAIL}`, or with a vendor that sends e-mail. `type` is `{self.type}`."
                    )
                    yield Failure(camel_case(name), reason)

    def check_email_parsers(self) -> Iterator[Problem]:
        if self.email_parsers is not None and len(self.email_parsers) > MOST_PARSERS:
            reason = f"`emailParsers` can be {MOST_PARSERS} at most, got {len(self.email_parsers)}."
            yield Failure("emailParsers", reason)

    def check_integration_email(self) -> Iterator[Problem]:
        if self.integration_email is not None and "@" not in self.integration_email:
            reason = "`integrationEmail` must be an address, such as alerts@SUBDOMAIN.pagerduty.com."
            yield Failure("integrationEmail", reason)


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

    ## Example Usage

    ### What a vendor sends

    ```yaml
    variables:
      cloudwatch:
        fn::invoke:
          function: pagerduty-native:getVendor
          arguments:
            name: Amazon CloudWatch
    resources:
      alarms:
        type: pagerduty-native:Integration
        properties:
          service: PCHECKT
          vendor: ${cloudwatch.id}
    outputs:
      integrationUrl: ${alarms.integrationUrl}
    ```

    ### What a program of your own sends

    ```yaml
    resources:
      worker:
        type: pagerduty-native:Integration
        properties:
          service: PCHECKT
          type: events_api_v2_inbound_integration
    outputs:
      routingKey: ${worker.integrationKey}
    ```

    ### E-mail

    ```yaml
    resources:
      backups:
        type: pagerduty-native:Integration
        properties:
          service: PCHECKT
          type: generic_email_inbound_integration
          integrationEmail: backups@acme.pagerduty.com
          emailFilterMode: and-rules-email
          emailFilters:
            - subjectMode: match
              subjectRegex: FAILED
              fromEmailMode: match
              fromEmailRegex: "@backups.example.com$"
    ```

    ## Import

    An integration is imported by the IDs of its service and its own, with a dot between them:

    ```sh
    pulumi import pagerduty-native:index:Integration cloudwatch PQL78HM.PE1U9CH
    ```
    """

    def diff(self, changes: Changes, old: IntegrationState, new: IntegrationArgs) -> None:
        with contextlib.suppress(NotYetKnownError):
            if "type" in changes and _same_type(old, new):
                changes.discard("type")
        # Two integrations cannot have the same address for a while; PagerDuty may refuse the second.
        address = new.integration_email
        changes.delete_before_replace = (
            address is not None and address.casefold() == (old.integration_email or "").casefold()
        )

    def create(self, args: IntegrationArgs) -> Instance[IntegrationState]:
        try:
            fields = {**_fields(args), "type": args.type or self._generic_type(args.vendor)}
            if args.vendor:
                fields["vendor"] = {"type": "vendor_reference", "id": args.vendor}
            created = self.client.integrations.create(args.service, fields)
        except (InvalidInputError, NotFoundError) as error:
            raise ProviderError(self._explained(error, args)) from error
        return self._completed(created, args)

    def read(self, id: str, old: IntegrationState) -> Instance[IntegrationState] | None:
        try:
            return _instance(self.client.integrations.get(*_parts(id)))
        except NotFoundError:
            moved = self._moved(id, old)
            return _instance(moved) if moved else None

    def update(self, id: str, old: IntegrationState, new: IntegrationArgs) -> IntegrationState:
        fields = _fields(new)
        # What is left out of an update stays, so what is to go is cleared.
        if old.email_filters and not new.email_filters:
            fields["email_filters"] = [email.filter_to_api(decode(EmailFilter, {}))]
        if old.email_parsers and not new.email_parsers:
            fields["email_parsers"] = []
        try:
            return _state(self.client.integrations.update(*_parts(id), fields))
        except InvalidInputError as error:
            raise ProviderError(self._explained(error, new)) from error
        except NotFoundError as error:
            raise ProviderError(
                f"The integration {id} is gone from PagerDuty ({error}). `pulumi refresh` takes note of that, and the "
                "next `pulumi up` makes a new one."
            ) from error

    def delete(self, id: str, old: IntegrationState) -> None:
        try:
            self.client.integrations.delete(*_parts(id))
        except NotFoundError:
            if moved := self._moved(id, old):
                with contextlib.suppress(NotFoundError):
                    self.client.integrations.delete(moved.service_id, moved.id)

    def list(self) -> Iterable[Listed]:
        return [Listed(f"{each.service_id}.{each.id}", each.name) for each in self.client.integrations.all()]

    def _moved(self, id: str, old: IntegrationState) -> integrations.Integration | None:
        """The integration where somebody moved it to another service, with its key, in the web app.

        Taken for a deletion, it would be answered with a second one. What is only being imported is not looked for.
        """
        if old.integration_id is None:
            return None
        return self.client.integrations.find_moved(*_parts(id), old.integration_key)

    def _completed(self, created: integrations.Integration, args: IntegrationArgs) -> Instance[IntegrationState]:
        """The integration with all that was asked for: what PagerDuty passed over at creation is set by an update."""
        instance = _instance(created)
        missing = _missing(instance.state, args)
        if not missing:
            return instance
        try:
            if created.integration_email is None:
                raise ProviderError(
                    f"PagerDuty made it one that takes no e-mail (type {created.type}). The vendor decides that"
                )
            fields = {name: value for name, value in _fields(args).items() if name in missing}
            return _instance(self.client.integrations.update(created.service_id, created.id, fields))
        except (PagerDutyError, ProviderError) as error:
            # What is not in the state is not as it should be, so that the next update sets it, also after a refresh.
            for name in missing:
                setattr(instance.state, name, None)
            names = ", ".join(f"`{camel_case(name)}`" for name in missing)
            raise InitializationFailedError(
                f"The integration was created, but {names} could not be set: {error}. The next `pulumi up` "
                "tries again.",
                id=instance.id,
                state=instance.state,
            ) from error

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
        return f"{_named(error)}PagerDuty refused the integration: {error}.{_hint(error)}"

    def _vendor_exists(self, vendor: Any) -> bool:
        with contextlib.suppress(PagerDutyError):  # Then the refusal that is to be explained says more.
            try:
                self.client.vendors.get(vendor)
            except NotFoundError:
                return False
        return True


def _fields(args: IntegrationArgs) -> dict[str, Any]:
    """What can be changed in place, as the API has it; what is absent is left out."""
    fields: dict[str, Any] = {
        "name": args.name,
        "integration_email": args.integration_email,
        "email_incident_creation": args.email_incident_creation,
        "email_filter_mode": args.email_filter_mode,
        "email_filters": args.email_filters and [email.filter_to_api(each) for each in args.email_filters],
        "email_parsers": args.email_parsers and [email.to_api(each) for each in args.email_parsers],
        "email_parsing_fallback": args.email_parsing_fallback,
    }
    return {name: value for name, value in fields.items() if value}


def _instance(integration: integrations.Integration) -> Instance[IntegrationState]:
    return Instance(f"{integration.service_id}.{integration.id}", _state(integration))


def _state(integration: integrations.Integration) -> IntegrationState:
    filters = [email.from_api(EmailFilter, each) for each in integration.email_filters or []]
    return IntegrationState(
        service=integration.service_id,
        vendor=integration.vendor_id,
        type=integration.type,
        name=integration.name,
        integration_email=integration.integration_email,
        email_incident_creation=integration.email_incident_creation,
        email_filter_mode=integration.email_filter_mode,
        # The one filter that lets everything pass is how PagerDuty says that there is none.
        email_filters=filters if email.filters_meaning([encode(each) for each in filters]) else None,
        email_parsers=[email.from_api(EmailParser, each) for each in integration.email_parsers or []] or None,
        email_parsing_fallback=integration.email_parsing_fallback,
        integration_id=integration.id,
        integration_key=integration.integration_key,
        integration_url=integration.events_url,
        html_url=integration.html_url,
    )


def _missing(state: IntegrationState, args: IntegrationArgs) -> list[str]:
    """The properties for e-mail that were asked for and are not so, by their Python names."""
    actual, asked = encode(state), encode(args)
    return [
        each.attribute
        for each in properties_of(IntegrationArgs)
        if each.attribute in EMAIL_PROPERTIES
        and each.name in asked
        and not each.same(asked[each.name], actual.get(each.name))
    ]


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


def _hint(error: InvalidInputError) -> str:
    """What to do where PagerDuty's words alone do not tell."""
    words = " ".join(error.errors).casefold()
    if "integration email cannot be empty" in words:
        return " This kind of integration needs an address to be given: one at your account's domain."
    if words.startswith("type") and "vendor" in words:
        return " The vendor decides whether an integration takes e-mail: leave `type` out, and it follows the vendor."
    if "integration email" in words and "taken" in words:
        return (
            " Another integration has this address. If it is the one that this replaces, the option "
            "`deleteBeforeReplace` frees it first."
        )
    return ""


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
