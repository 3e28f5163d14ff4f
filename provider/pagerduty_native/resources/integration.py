"""The resource `Integration`."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Collection, Iterator, Mapping
from typing import Any

from pagerduty_native.id_rules import id_of, id_problems, parts_of
from pagerduty_native.object_types import Vendor
from pagerduty_native.pagerduty import integration as api
from pagerduty_native.pagerduty.account import Account
from pagerduty_native.pagerduty.errors import (
    AppTokenError,
    InterruptedCallError,
    NotFoundError,
    PagerDutyError,
    RateLimitedError,
    UnauthorizedError,
)
from pagerduty_native.pagerduty.integration_types import (
    GENERIC_EMAIL,
    GENERIC_EVENTS_API,
    NEED_VENDOR,
    PINGDOM,
    TYPES,
    takes_email,
)
from pagerduty_native.rpc import (
    Advice,
    Changes,
    Failure,
    Instance,
    Listable,
    Listed,
    NotYetKnownError,
    Problem,
    ProviderError,
    Resource,
    camel_case,
    field,
    nearest,
    object_type,
    properties_of,
)

from . import completion, email, listing, mapping, refusals


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
        "a vendor object, of which only the ID is used. PagerDuty accepts a vendor only when an integration is "
        "created, so changing it replaces the integration. Either `vendor` or `type` is required, and both may be set.",
        replaces=True,
        identified_by="id",
    )
    type: str | None = field(
        "The type of the integration. With a vendor it can be omitted: PagerDuty then sets the vendor's own type, "
        "which is never reported as a difference. Changing it replaces the integration. Types that are not in this "
        "list are sent unchanged, with a warning:",
        replaces=True,
        computed=True,
        server_sets=True,
        allowed={name: each.description for name, each in TYPES.items()},
        open_set=True,
        own_rule=True,
    )
    name: str = field(
        "The name of the integration, as PagerDuty shows it. If omitted, it is generated from the resource's name. "
        "Updated in place.",
        autoname=True,
    )

    integration_email: str | None = field(
        "The address that receives the e-mail, in the account's domain: `alerts@SUBDOMAIN.pagerduty.com`. Only for "
        "integrations that receive e-mail, like the other properties that begin with `email`. If omitted, PagerDuty "
        "generates an address, but for some vendors and types it requires one. Updated in place.",
        computed=True,
        meaning=str.casefold,
    )
    email_incident_creation: str | None = field(
        "When an e-mail opens an incident. If omitted, PagerDuty decides. Updated in place.",
        computed=True,
        allowed=email.INCIDENT_CREATION,
        open_set=True,
    )
    email_filter_mode: str | None = field(
        "How `emailFilters` are combined. If omitted, PagerDuty decides. Updated in place.",
        computed=True,
        allowed=email.FILTER_MODES,
        open_set=True,
    )
    email_filters: list[email.EmailFilter] | None = field(
        "The filters for e-mail, in any order. `emailFilterMode` says how they are combined. Without filters, every "
        "e-mail passes. Updated in place.",
        meaning=email.filters_meaning,
    )
    email_parsers: list[email.EmailParser] | None = field(
        "The rules for e-mail if `emailIncidentCreation` is `use_rules`: at most 10, of which the first match applies. "
        "Updated in place.",
    )
    email_parsing_fallback: str | None = field(
        "What happens to an e-mail that none of `emailParsers` matches. If omitted, PagerDuty decides. Updated in "
        "place.",
        computed=True,
        allowed=email.PARSING_FALLBACKS,
        open_set=True,
    )

    @property
    def vendor_id(self) -> str | None:
        """The vendor's ID, which an object has become before anybody looks."""
        return self.vendor if isinstance(self.vendor, str) else None

    def check_service(self) -> Iterator[Problem]:
        yield from id_problems("service", self.service, "service", "PQL78HM")

    def check_vendor(self) -> Iterator[Problem]:
        yield from id_problems("vendor", self.vendor_id, "vendor", "PZQ6AUS")

    def check_kind(self) -> Iterator[Problem]:
        if self.vendor is None and self.type is None:
            yield Failure(
                "vendor",
                "Either `vendor` or `type` is required: set the ID of a vendor, which the function `getVendor` finds "
                "by its name, or a type such as `events_api_v2_inbound_integration`.",
            )

    def check_type(self) -> Iterator[Problem]:
        # With a vendor PagerDuty was seen to accept any type, and to set its own.
        if self.type is None or (self.type in TYPES and (self.vendor is not None or self.type not in NEED_VENDOR)):
            return
        shown = json.dumps(self.type, ensure_ascii=False)
        suggested = f" Did you mean `{near[0]}`?" if (near := nearest(self.type, TYPES)) else ""
        unknown = f"`type` is {shown}, which is not a known value; it is sent unchanged."
        if self.vendor is not None:
            yield Advice("type", unknown + suggested)
        elif "cloudwatch" in self.type.casefold():
            yield Failure(
                "vendor",
                f"`vendor` is required if `type` is {shown}: PagerDuty has no type for CloudWatch alone. Set `vendor` "
                'to the ID that `getVendor(name="Amazon CloudWatch")` finds, and omit `type`.',
            )
        elif self.type in NEED_VENDOR:
            yield Failure(
                "vendor",
                f"`vendor` is required if `type` is `{self.type}`: PagerDuty refuses this type without one. "
                "`getVendor` finds the ID of a vendor by its name.",
            )
        elif self.type.endswith("_reference"):
            yield Failure(
                "type", f"`type` is {shown}: PagerDuty refuses the types of references without `vendor`.{suggested}"
            )
        elif near and not self.type.endswith("_inbound_integration"):
            yield Failure("type", f"`type` is {shown}, which is not a type of integration.{suggested}")
        else:  # PagerDuty may have added it since.
            yield Advice(
                "type", f"{unknown}{suggested} If it is a vendor, set `vendor` instead: `getVendor` finds its ID."
            )

    def check_kind_takes_email(self) -> Iterator[Problem]:
        if self.vendor is None and self.type in TYPES and TYPES[self.type].takes_email is False:
            for name in mapping.EMAIL_PROPERTIES:
                if getattr(self, name) is not None:
                    reason = (
                        f"`{camel_case(name)}` is only for integrations that receive e-mail: those of the type "
                        f"`{GENERIC_EMAIL}`, or with a vendor that sends e-mail. `type` is `{self.type}`."
                    )
                    yield Failure(camel_case(name), reason)

    def check_email_parsers(self) -> Iterator[Problem]:
        if self.email_parsers is not None and len(self.email_parsers) > email.MOST_PARSERS:
            yield Advice(
                "emailParsers",
                f"`emailParsers` has {len(self.email_parsers)} elements: by its documentation, PagerDuty takes at most "
                f"{email.MOST_PARSERS}.",
            )

    def check_rules_are_used(self) -> Iterator[Problem]:
        if self.email_parsers and self.email_incident_creation != email.USE_RULES:
            yield Advice(
                "emailParsers",
                f"`emailParsers` has no effect unless `emailIncidentCreation` is `{email.USE_RULES}`.",
            )
        if self.email_incident_creation == email.USE_RULES and not self.email_parsers:
            yield Advice(
                "emailIncidentCreation",
                f"`emailIncidentCreation` is `{email.USE_RULES}`, but there are no `emailParsers`: every e-mail is "
                "treated as `emailParsingFallback` says.",
            )

    def check_filters_are_used(self) -> Iterator[Problem]:
        filters = self.email_filters or []
        if self.email_filter_mode == "all-email" and any(email.filters_something(each) for each in filters):
            yield Advice("emailFilters", "`emailFilters` has no effect if `emailFilterMode` is `all-email`.")

    def check_integration_email(self) -> Iterator[Problem]:
        if self.integration_email is not None and "@" not in self.integration_email:
            yield Advice(
                "integrationEmail",
                "`integrationEmail` has no `@`, so PagerDuty may refuse it. An address looks like "
                "alerts@SUBDOMAIN.pagerduty.com.",
            )

    def check_address_is_given(self) -> Iterator[Problem]:
        if self.vendor is None and self.type == PINGDOM and self.integration_email is None:
            yield Failure(
                "integrationEmail",
                f"`integrationEmail` is required if `type` is `{PINGDOM}`: PagerDuty refuses this type without one.",
            )


@object_type
class IntegrationState(IntegrationArgs):
    """An integration as PagerDuty has it."""

    integration_id: str = field("The ID that PagerDuty gives the integration, such as `PE1U9CH`.")
    integration_key: str | None = field(
        "The integration key (routing key), which PagerDuty makes, and which senders of events need. An integration "
        "that receives e-mail may have none.",
        secret=True,
    )
    integration_url: str | None = field(
        "The URL to give to a sender's webhook or to an SNS subscription. It contains the key: "
        "`https://events.pagerduty.com/integration/KEY/enqueue` in most cases.",
        secret=True,
    )
    html_url: str | None = field("The URL of the integration's page in PagerDuty's web app.")


class Integration(Resource[IntegrationArgs, IntegrationState, Account], Listable[listing.ListArgs]):
    """An inbound integration of a PagerDuty service: the place where one alert source sends its alerts.

    Its outputs are a secret key, and a URL that contains the key, to configure the alert source with.

    ## Example Usage

    ### Alerts from a vendor's product

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

    ### Events from your own program

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

    An integration is imported by the ID of its service and its own ID, separated by a dot:

    ```sh
    pulumi import pagerduty-native:index:Integration cloudwatch PQL78HM.PE1U9CH
    ```
    """

    def diff(self, changes: Changes, old: IntegrationState, new: IntegrationArgs) -> None:
        with contextlib.suppress(NotYetKnownError):
            if "type" in changes and _same_type(old, new):
                changes.discard("type")

    def create(self, args: IntegrationArgs) -> Instance[IntegrationState]:
        fields = mapping.to_api(args, ("type", *mapping.UPDATABLE))
        if args.vendor_id:
            fields["vendor"] = {"type": "vendor_reference", "id": args.vendor_id}
        with refusals.explained(self.client, args.service, args.vendor_id):
            created = self.client.integrations.create(args.service, fields, self.is_held)
        asked = {name: value for name in mapping.EMAIL_PROPERTIES if (value := getattr(args, name)) is not None}
        before = {"vendor": args.vendor_id, "name": args.name, **asked}
        created, instance = self._written(created, before, asked)
        missing = completion.unlike(args, instance.state)
        if missing and created.takes_email:  # PagerDuty passed over it at creation, and may take it now.
            fields = mapping.to_api(args, missing)
            try:
                created = self.client.integrations.update(created.service_id, created.id, fields)
            except PagerDutyError as error:
                reason = f"{error}. The next `pulumi up` tries again"
                raise completion.unfinished("created", instance, missing, reason) from error
            before = {**_properties(instance.state), **{name: getattr(args, name) for name in missing}}
            created, instance = self._written(created, before, missing, only_sent=True)
        completion.check_whole(
            self.client, created, instance.state, args, done="created", names=mapping.EMAIL_PROPERTIES
        )
        return instance

    def read(self, id: str, old: IntegrationState) -> Instance[IntegrationState] | None:
        try:
            found = self.client.integrations.get(*parts_of(id), lambda found: mapping.tells_enough(found, old))
        except NotFoundError:
            if old.integration_id is None:  # An import, or a `get`.
                self.client.warn(refusals.nothing_to_import(id))
            moved = self._moved(id, old)
            return None if moved is None else _instance(moved, _properties(old))
        return _instance(found, _properties(old))

    def update(self, id: str, old: IntegrationState, new: IntegrationArgs, changed: frozenset[str]) -> IntegrationState:
        names = [name for name in mapping.UPDATABLE if name in changed]
        if "email_filters" in names and completion.unlike(new, old, ["email_filter_mode"]):
            names.append("email_filter_mode")  # Without filters, PagerDuty may have chosen another one.
        fields = {**mapping.to_api(new, names), **mapping.cleared(new, names)}
        if not fields:
            return old
        with refusals.explained(self.client, old.service, new.vendor_id, id):
            updated = self.client.integrations.update(*parts_of(id), fields)
        before = {**_properties(old), **{name: getattr(new, name) for name in fields}}
        updated, instance = self._written(updated, before, fields, only_sent=True)
        completion.check_whole(self.client, updated, instance.state, new, done="updated", names=fields)
        return instance.state

    def delete(self, id: str, old: IntegrationState) -> None:
        try:
            self.client.integrations.delete(*parts_of(id))
        except NotFoundError:
            if moved := self.client.integrations.known_elsewhere(*parts_of(id), old.integration_key):
                self.client.warn(refusals.left_where_it_is(id, id_of(moved)))

    def list(self, args: listing.ListArgs) -> Iterator[Listed]:
        return listing.listed(self.client, args)

    def _written(
        self, found: api.Integration, before: Mapping[str, Any], sent: Collection[str], *, only_sent: bool = False
    ) -> tuple[api.Integration, Instance[IntegrationState]]:
        """Make an instance of the response to a write. Read the integration once if the response lacks something.

        before: the properties before the write, or as they were sent. sent: the names of those that were sent.
        only_sent: keep the others as they were.
        """
        taken = sent if only_sent else None
        state = mapping.state_from(found, before, taken)
        asked = [name for name in sent if name in mapping.EMAIL_PROPERTIES and before.get(name)]
        if mapping.is_silent(found, state, asked):
            with contextlib.suppress(PagerDutyError):  # It exists, whether it can be read or not.
                found = self.client.integrations.read(found.service_id, found.id)
                state = mapping.state_from(found, {**before, **state}, taken)
        if not state["integration_key"] and not found.takes_email:
            self.client.warn(refusals.without_key(id_of(found)))
        return found, Instance(id_of(found), IntegrationState(**state))

    def _moved(self, id: str, old: IntegrationState) -> api.Integration | None:
        """The integration if somebody moved it to another service, with its key, in the web app.

        If a move counted as a deletion, the next `up` would create a second integration: so it is an error if the
        account cannot be searched. An import does not search.
        """
        if old.integration_id is None:
            return None
        try:
            moved = self.client.integrations.find_moved(*parts_of(id), old.integration_key)
        except (AppTokenError, InterruptedCallError, RateLimitedError, UnauthorizedError):
            raise
        except PagerDutyError as error:
            raise ProviderError(refusals.deleted_or_moved(id, error)) from error
        return None if moved is None or self.is_held(id_of(moved)) else moved


def _instance(found: api.Integration, before: Mapping[str, Any]) -> Instance[IntegrationState]:
    return Instance(id_of(found), IntegrationState(**mapping.state_from(found, before)))


def _properties(state: IntegrationState) -> dict[str, Any]:
    return {each.attribute: getattr(state, each.attribute) for each in properties_of(IntegrationState)}


def _same_type(old: IntegrationState, new: IntegrationArgs) -> bool:
    """Whether the types make the same integration: the server's own type, and with a vendor the generic one, too."""
    generic = GENERIC_EMAIL if takes_email(old.type or "", old.integration_email) else GENERIC_EVENTS_API
    return new.type == old.type or (new.vendor is not None and new.type == generic)
