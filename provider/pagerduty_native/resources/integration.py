"""The resource `Integration`: its properties, checks and operations, its mapping to the API, and its messages."""

from __future__ import annotations

import contextlib
import dataclasses
import json
import re
from collections.abc import Collection, Iterable, Iterator
from typing import Any
from urllib.parse import urlsplit

from pagerduty_native.api import records as api
from pagerduty_native.api.account import Account
from pagerduty_native.api.bulk import Snapshot
from pagerduty_native.api.create import same_name
from pagerduty_native.api.errors import (
    FATAL,
    InvalidInputError,
    NotFoundError,
    PagerDutyError,
)
from pagerduty_native.api.integrations import Filters, is_pattern
from pagerduty_native.api.records import (
    GENERIC_EMAIL,
    GENERIC_EVENTS_API,
    NEED_VENDOR,
    PINGDOM,
    TYPES,
    takes_email,
    type_of,
)
from pagerduty_native.framework import (
    Advice,
    Changes,
    Failure,
    InitializationFailedError,
    Instance,
    Listable,
    Listed,
    NotYetKnownError,
    Problem,
    ProviderError,
    Resource,
    camel_case,
    did_you_mean,
    encode,
    field,
    object_type,
    properties_of,
)
from pagerduty_native.functions.vendors import Vendor
from pagerduty_native.ids import id_problems, parts_of
from pagerduty_native.resources import email

# The names and values of `configFields` that the web app offers, by vendor; None for any text. PagerDuty does not
# document them: terraform-provider-pagerduty issue 667, go-pagerduty issue 67.
CLOUDWATCH_VENDOR = "PZQ6AUS"
CUSTOM_EVENT_TRANSFORMER = "PCJ0EFQ"
CONFIG_FIELDS: dict[str, dict[str, tuple[str, ...] | None]] = {
    CLOUDWATCH_VENDOR: {
        "incident_key": (
            "alarm_name",
            "region",
            "source_origin",
            "always_create_new",
            "open_attach",
            "event_name",
            "finding_id",
        ),
        "description": ("auto_generated", "alarm_name", "alarm_description"),
    },
    CUSTOM_EVENT_TRANSFORMER: {"code": None},
}


# An address in an account's own domain. `alerts@SUBDOMAIN.pagerduty.com` is from the documentation.
ADDRESS = re.compile(r"(?!\S+@subdomain\.)[^@\s<>,;:]+@(?:[\w-]+\.)+pagerduty\.com", re.IGNORECASE)

# For descriptions of outputs that some integrations lack. The SDKs' types do not show it.
ABSENT = (
    'Without one, the output is `None` in Python, `undefined` in TypeScript, `null` in Java and C#, and `""` in Go.'
)


@object_type
class IntegrationArgs:
    """The inputs of an integration."""

    service: str = field(
        "The ID of the service that the integration belongs to, such as `PQL78HM`. Changing it replaces the "
        "integration.",
        replaces=True,
    )
    vendor: str | Vendor | None = field(
        "The vendor that sends the alerts: its ID, such as `PZQ6AUS` for Amazon CloudWatch (`getVendor` finds it), or "
        "a vendor object; only its ID is used. PagerDuty accepts a vendor only when an integration is "
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
        "generates an address, but for some vendors and types it requires one. Updated in place. An integration that "
        f"receives events has none. {ABSENT}",
        computed=True,
        meaning=str.casefold,
    )
    email_incident_creation: str | None = field(
        "When an e-mail opens an incident. If omitted, PagerDuty decides. Updated in place.",
        computed=True,
        allowed=email.INCIDENT_CREATION,
        open_set=True,
        enum="EmailIncidentCreation",
    )
    email_filter_mode: str | None = field(
        "How `emailFilters` are combined. If omitted, PagerDuty decides. Updated in place.",
        computed=True,
        allowed=email.FILTER_MODES,
        open_set=True,
        enum="EmailFilterMode",
    )
    email_filters: list[email.EmailFilter] | None = field(
        "The filters for e-mail, in any order. `emailFilterMode` says how they are combined. Without filters, every "
        "e-mail passes. Updated in place.",
        meaning=email.filters_meaning,
    )
    email_parsers: list[email.EmailParser] | None = field(
        "The rules for e-mail if `emailIncidentCreation` is `use_rules`: at most 10; the first match applies. "
        "Updated in place.",
    )
    email_parsing_fallback: str | None = field(
        "What happens to an e-mail that none of `emailParsers` matches. If omitted, PagerDuty decides. Updated in "
        "place.",
        computed=True,
        allowed=email.PARSING_FALLBACKS,
        open_set=True,
        enum="EmailParsingFallback",
    )
    config_fields: dict[str, str] | None = field(
        "Settings of vendors whose events PagerDuty transforms, by the API's own names. For Amazon CloudWatch: "
        '`incident_key` ("Correlate events by" in the web app: `alarm_name`, `region`, `source_origin`, '
        '`always_create_new`, `open_attach`, `event_name` or `finding_id`) and `description` ("Derive name from": '
        "`auto_generated`, `alarm_name` or `alarm_description`). For Custom Event Transformer: `code`, its JavaScript. "
        "Other names and values are sent unchanged, with a warning. Sent in a second call after the creation, and "
        "updated in place. Only the names in the program are compared: a name that is removed from it keeps its value "
        "in PagerDuty. PagerDuty does not document these settings. They have been in use since 2017, and may change.",
        others_stay=True,
    )

    @property
    def vendor_id(self) -> str | None:
        """The vendor's ID. The framework has replaced a vendor object by its ID."""
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
        suggested = did_you_mean(self.type, TYPES)
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
        elif suggested and not self.type.endswith("_inbound_integration"):
            yield Failure("type", f"`type` is {shown}, which is not a type of integration.{suggested}")
        else:  # PagerDuty may have added it since.
            yield Advice(
                "type", f"{unknown}{suggested} If it is a vendor, set `vendor` instead: `getVendor` finds its ID."
            )

    def check_kind_takes_email(self) -> Iterator[Problem]:
        if self.vendor is None and self.type in TYPES and TYPES[self.type].takes_email is False:
            for name in EMAIL_PROPERTIES:
                if getattr(self, name) is not None:
                    reason = (
                        f"`{camel_case(name)}` is only for integrations that receive e-mail: those of the type "
                        f"`{GENERIC_EMAIL}`, or with a vendor that sends e-mail. `type` is `{self.type}`."
                    )
                    yield Failure(camel_case(name), reason)

    def check_email_parsers(self) -> Iterator[Problem]:
        if self.email_parsers is not None and len(self.email_parsers) > email.MAX_PARSERS:
            yield Advice(
                "emailParsers",
                f"`emailParsers` has {len(self.email_parsers)} elements: by its documentation, PagerDuty takes at most "
                f"{email.MAX_PARSERS}.",
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
        address = self.integration_email
        if address is None or ADDRESS.fullmatch(address):
            return
        suggested = ""
        if "@" not in address:
            fault = "has no `@`"
        elif not re.fullmatch(r"[^@\s<>,;:]+@[^@\s<>,;:]+", address):
            fault = "is not one e-mail address and nothing else"
            found = re.fullmatch(rf"(?:[^@]*<|\s*mailto:|\s*)({ADDRESS.pattern})>?\s*", address, re.IGNORECASE)
            suggested = f" Did you mean `{found[1]}`?" if found else ""
        elif "@subdomain." in address.casefold():
            fault = "still has the placeholder SUBDOMAIN"
        else:
            fault = "is not in a domain of PagerDuty"
        yield Advice(
            "integrationEmail",
            f"`integrationEmail` {fault}, so PagerDuty may refuse it.{suggested} Write an address in your account's "
            "own domain: for an account at acme.pagerduty.com, such as alerts@acme.pagerduty.com.",
        )

    def check_address_is_given(self) -> Iterator[Problem]:
        if self.vendor is None and self.type == PINGDOM and self.integration_email is None:
            yield Failure(
                "integrationEmail",
                f"`integrationEmail` is required if `type` is `{PINGDOM}`: PagerDuty refuses this type without one.",
            )

    def check_config_fields(self) -> Iterator[Problem]:
        for name, value in sorted((self.config_fields or {}).items()):
            if not name.strip():
                yield Failure("configFields", "`configFields` has an empty name: remove it (is a variable empty?).")
            elif not value.strip():
                path = f"configFields.{name}"
                yield Failure(path, f"`{path}` must not be empty (is a variable empty?).")

    def check_config_fields_are_known(self) -> Iterator[Problem]:
        """Warn about names and values that the web app does not offer."""
        if not self.config_fields:
            return
        if self.vendor is None:
            yield Advice(
                "configFields",
                "`configFields` is known only for vendors whose events PagerDuty transforms, but `vendor` is not set: "
                "set it, or remove `configFields`.",
            )
        every_name = {name: values for fields in CONFIG_FIELDS.values() for name, values in fields.items()}
        fields = CONFIG_FIELDS.get(self.vendor_id or "", every_name)
        for name, value in sorted(self.config_fields.items()):
            path = f"configFields.{name}"
            values = fields.get(name)
            if name not in fields:
                hint = did_you_mean(name, fields) or f" Known: {', '.join(f'`{each}`' for each in fields)}."
                yield Advice(path, f"`{path}` is not a known name; it is sent unchanged.{hint}")
            elif values is not None and value not in values:
                shown = json.dumps(value, ensure_ascii=False)
                reason = f"`{path}` is {shown}, which is not a known value; it is sent unchanged."
                yield Advice(path, reason + did_you_mean(value, values))


# These exist only on integrations that receive e-mail.
EMAIL_PROPERTIES = tuple(each.attribute for each in properties_of(IntegrationArgs) if "email" in each.attribute)
UPDATABLE = ("name", *EMAIL_PROPERTIES)
# PagerDuty never sets these by itself.
RULE_LISTS = ("email_filters", "email_parsers")


@object_type
class IntegrationState(IntegrationArgs):
    """An integration as PagerDuty has it."""

    integration_id: str = field("The ID that PagerDuty gives the integration, such as `PE1U9CH`.")
    integration_key: str | None = field(
        "The integration key (routing key), which PagerDuty makes, and which senders of events need. An integration "
        f"that receives e-mail may have none. {ABSENT}",
        secret=True,
    )
    integration_url: str | None = field(
        "The URL to give to a sender's webhook or to an SNS subscription. It contains the key: "
        "`https://events.pagerduty.com/integration/KEY/enqueue` in most cases. An integration without a key "
        f"has none. {ABSENT}",
        secret=True,
    )
    html_url: str | None = field("The URL of the integration's page in PagerDuty's web app.")


@object_type
class ListArgs:
    """Filters for integrations. An integration is listed if all of them match."""

    service: str | None = field(
        "Only integrations of this service: its ID, its name, or a pattern such as `prod-*`, in any case."
    )
    team: str | None = field(
        "Only integrations of this team's services: the team's ID, its name, or a pattern such as `prod-*`, in any "
        "case."
    )
    vendor: str | None = field(
        "Only integrations of this vendor: its ID, its name, or a pattern such as `prod-*`, in any case."
    )
    name: str | None = field(
        "Only integrations with this name: the name, or a pattern such as `prod-*`, in any case, or the integration's "
        "ID."
    )


class Integration(Resource[IntegrationArgs, IntegrationState, Account], Listable[ListArgs]):
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

    ### How CloudWatch's alerts are named and grouped

    ```yaml
    resources:
      namedAlarms:
        type: pagerduty-native:Integration
        properties:
          service: PCHECKT
          vendor: PZQ6AUS
          configFields:
            incident_key: alarm_name
            description: alarm_description
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

    @classmethod
    def check_update(cls, old: IntegrationArgs, new: IntegrationArgs) -> Iterator[Problem]:
        if (old.service, old.vendor_id) != (new.service, new.vendor_id):
            return  # A new integration has no fields.
        removed = [name for name in old.config_fields or {} if name not in (new.config_fields or {})]
        if removed:
            yield Advice(
                "configFields",
                f"{' and '.join(_shown_fields(removed))} was removed from the program, but stays in PagerDuty as it "
                "is: PagerDuty keeps what a request leaves out. To change it, set another value, or use PagerDuty's "
                "web app.",
            )

    def diff(self, changes: Changes, old: IntegrationState, new: IntegrationArgs) -> None:
        with contextlib.suppress(NotYetKnownError):
            if "type" in changes and _is_same_type(old, new):
                changes.discard("type")

    def create(self, args: IntegrationArgs) -> Instance[IntegrationState]:
        fields = _to_api(args, ("type", *UPDATABLE))
        if args.vendor_id:
            fields["vendor"] = {"type": "vendor_reference", "id": args.vendor_id}
        with self._explaining(args):
            found = self.client.integrations.create(args.service, fields, self.is_held)
        found, state = self._after_write(found, args)
        # PagerDuty passes over `config` at creation. It may do so with properties for e-mail, and then take them now.
        missing = _differing(args, state) if found.takes_email else []
        config_fields = args.config_fields or {}
        if missing or config_fields:
            fields = {**_to_api(args, missing), **_config_to_api(config_fields)}
            try:
                found = self.client.integrations.update(found.service_id, found.id, fields)
            except PagerDutyError as error:
                shown = [*_shown_names(missing), *_shown_fields(config_fields)]
                reason = f"{error}. The next `pulumi up` tries again"
                state.config_fields = None
                raise _unfinished(found, state, missing, done="created", shown=shown, reason=reason) from error
            before = dataclasses.replace(state, **{name: getattr(args, name) for name in missing})
            found, state = self._after_write(found, before, missing, config_fields)
        self._check_stored(found, state, args, EMAIL_PROPERTIES, config_fields=config_fields, done="created")
        return Instance(found.full_id, state)

    def read(self, id: str, old: IntegrationState) -> Instance[IntegrationState] | None:
        is_import = old.integration_id is None  # Or a `get`.
        try:
            found = self.client.integrations.get(*parts_of(id), is_enough=lambda found: _is_enough(found, old))
        except NotFoundError:
            if is_import:
                self.client.warn(_nothing_to_import(id))
                return None
            moved = self._moved(id, old)
            if moved is None:
                return None
            found = moved
        state = _state(found, old)
        if found.config_fields is not None:
            names = found.config_fields if is_import else old.config_fields or {}
            shown = {name: found.config_fields[name] for name in names if name in found.config_fields}
            state.config_fields = shown or None
        return Instance(found.full_id, state)

    def update(self, id: str, old: IntegrationState, new: IntegrationArgs, changed: frozenset[str]) -> IntegrationState:
        names = [name for name in UPDATABLE if name in changed]
        if "email_filters" in names and _differing(new, old, ["email_filter_mode"]):
            names.append("email_filter_mode")  # Without filters, PagerDuty may have chosen another one.
        in_pagerduty = old.config_fields or {}
        given = new.config_fields or {}
        config_fields: dict[str, str] = {}
        if "config_fields" in changed:
            differing = {name: value for name, value in given.items() if in_pagerduty.get(name) != value}
            # The state of a name that was removed from the program and comes back may be old.
            config_fields = differing or given
        fields = {**_to_api(new, names), **_cleared(new, names), **_config_to_api(config_fields)}
        names = [name for name in names if name in fields]
        kept = {name: in_pagerduty[name] for name in given if name in in_pagerduty}
        before = dataclasses.replace(old, config_fields=kept or None, **{name: getattr(new, name) for name in names})
        if not fields:
            return before
        with self._explaining(new, id):
            updated = self.client.integrations.update(*parts_of(id), fields)
        found, state = self._after_write(updated, before, names, config_fields)
        self._check_stored(found, state, new, names, config_fields=config_fields, done="updated")
        return state

    def delete(self, id: str, old: IntegrationState) -> None:
        try:
            self.client.integrations.delete(*parts_of(id))
        except NotFoundError:
            if moved := self.client.integrations.find_moved(*parts_of(id), old.integration_key, search=False):
                self.client.warn(
                    f"{id} was not deleted: somebody moved it to another service, where its ID is {moved.full_id}. It "
                    "stays there, with its key."
                )

    def list(self, args: ListArgs) -> Iterator[Listed]:
        given = {"service": args.service, "team": args.team, "vendor": args.vendor, "name": args.name}
        filters = Filters({kind: (text,) for kind, text in given.items() if text is not None})
        searched: list[Snapshot] = []
        found = False
        for snapshot, integrations in self.client.integrations.matching(filters):
            searched.append(snapshot)
            for entry in integrations:
                found = True
                yield Listed(entry.integration.full_id, entry.integration.name)
        if not found:
            self._warn_of_unmatched(filters, searched)

    def _warn_of_unmatched(self, filters: Filters, searched: Collection[Snapshot]) -> None:
        """Warn about each filter that matches nothing. Raise ProviderError for a service that does not exist."""
        for kind, pattern, known in filters.unmatched(searched):
            hint = did_you_mean(pattern, known, shown=repr)
            message = (
                f"`{kind}`: {pattern!r} matches nothing of the {len(searched)} services that were looked at.{hint}"
            )
            if kind == "service" and not is_pattern(pattern):
                raise ProviderError(message)
            self.client.warn(message)

    def _moved(self, id: str, old: IntegrationState) -> api.Integration | None:
        """Find an integration that somebody moved to another service, with its key, in the web app.

        If a move counted as a deletion, the next `up` would create a second integration. So it is an error if the
        account cannot be searched.
        """
        try:
            moved = self.client.integrations.find_moved(*parts_of(id), old.integration_key)
        except FATAL:
            raise
        except PagerDutyError as error:
            raise ProviderError(
                f"PagerDuty no longer has the integration {id}: it was deleted, or moved to another service. The "
                f"provider could not find out which, because it could not read all services ({error}). The state is "
                "unchanged. Try again later; if you know that the integration was deleted, remove it from the state "
                "with `pulumi state delete`."
            ) from error
        return None if moved is None or self.is_held(moved.full_id) else moved

    def _after_write(
        self,
        found: api.Integration,
        before: IntegrationArgs,
        sent: Collection[str] | None = None,
        config_fields: Collection[str] = (),
    ) -> tuple[api.Integration, IntegrationState]:
        """Return the integration and its state after a write. Read it once if the response lacks something.

        before: the state before the write, with the values that were sent. sent: the properties of an update; the
        others stay as they were. config_fields: the names of the fields that were sent.
        """
        state = _state(found, before, sent)
        rules = [name for name in EMAIL_PROPERTIES if getattr(before, name) and (sent is None or name in sent)]
        if _is_incomplete(found, state, rules) or (config_fields and found.config_fields is None):
            with contextlib.suppress(PagerDutyError):  # It exists, whether it can be read or not.
                found = self.client.integrations.get(found.service_id, found.id, fresh=True)
                state = _state(found, state, sent)
        if not state.integration_key and not found.takes_email:
            self.client.warn(
                f"PagerDuty's responses about {found.full_id} had no integration key, so `integrationKey` and "
                "`integrationUrl` are not in the state. Run `pulumi refresh` before something uses them."
            )
        if (sent is None or "name" in sent) and same_name(found.name) != same_name(before.name or ""):
            self.client.warn(
                f"`name`: PagerDuty stored a different name for {found.full_id} than the one that was sent. The state "
                "has PagerDuty's name. To end the difference, use that name in the program."
            )
        return found, state

    def _check_stored(
        self,
        found: api.Integration,
        state: IntegrationState,
        args: IntegrationArgs,
        names: Collection[str],
        *,
        config_fields: dict[str, str],
        done: str,
    ) -> None:
        """Raise InitializationFailedError if PagerDuty did not store what was sent.

        names: the properties that were sent. config_fields: the fields that were sent. done: such as "created".
        """
        # PagerDuty may write a name differently, at creation too: then its name is in the state.
        missing = [name for name in _differing(args, state, names) if name != "name"]
        removed = [each for each in RULE_LISTS if each in names and not getattr(args, each)]
        missing += [each for each in removed if getattr(state, each)]
        if found.takes_email and "email_filter_mode" in missing and not state.email_filters:
            # Without filters every mode lets every e-mail pass, so PagerDuty may choose one.
            missing.remove("email_filter_mode")
            self.client.warn(
                f"`emailFilterMode`: PagerDuty changed {args.email_filter_mode!r} to {state.email_filter_mode!r}, "
                f"because {found.full_id} has no `emailFilters`. Every e-mail passes either way. Remove "
                "`emailFilterMode`, or add `emailFilters`."
            )
        different: list[str] = []
        if config_fields:
            state.config_fields = args.config_fields
            if found.config_fields is None:
                self.client.warn(
                    f"PagerDuty does not show `configFields` of {found.full_id}, so the provider cannot check whether "
                    "they were stored. The state has the values that were sent. Check them in PagerDuty's web app."
                )
            else:
                different = [name for name, value in config_fields.items() if found.config_fields.get(name) != value]
        if not missing and not different:
            return
        if different:
            state.config_fields = None
        reason = (
            "PagerDuty stored a different value. The next `pulumi up` tries again. If that fails too, use the value in "
            "PagerDuty's web app, or remove the property from the program"
        )
        if missing and not found.takes_email:
            determines = "The vendor determines that" if args.vendor else "The type determines that"
            reason = (
                f"PagerDuty made it an integration that receives no e-mail (type {found.type}). {determines}. Remove "
                f"{' and '.join(_shown_names(missing))} from the program, or use a vendor or type that receives e-mail"
            )
        shown = [*_shown_names(missing), *_shown_fields(different)]
        raise _unfinished(found, state, missing, done=done, shown=shown, reason=reason)

    @contextlib.contextmanager
    def _explaining(self, args: IntegrationArgs, id: str | None = None) -> Iterator[None]:
        """Turn PagerDuty's refusal of a write into a ProviderError that says what to do. id: None for a creation."""
        try:
            yield
        except InvalidInputError as error:
            raise ProviderError(self._no_vendor(args.vendor_id) or _of_invalid_input(error)) from error
        except NotFoundError as error:
            if id is not None:
                raise ProviderError(
                    f"PagerDuty no longer has the integration {id} ({error}): it was deleted, or moved to another "
                    "service. Run `pulumi refresh`, which finds out which of the two, and then `pulumi up`."
                ) from error
            raise ProviderError(self._no_vendor(args.vendor_id) or self._no_service(args.service, error)) from error

    def _no_vendor(self, vendor: str | None) -> str | None:
        """Look a vendor up. Return a message if it does not exist."""
        with contextlib.suppress(PagerDutyError):  # Then the refusal itself says more.
            try:
                if vendor:
                    self.client.vendors.get(vendor)
            except NotFoundError:
                return (
                    f"`vendor`: PagerDuty has no vendor with the ID {vendor!r}. The function `getVendor` finds the ID "
                    "of a vendor by its name."
                )
        return None

    def _no_service(self, service: str, error: NotFoundError) -> str:
        path = urlsplit(self.client.client.api_url).path
        address = f" Or `apiUrlOverride` is wrong: its path, {path}, is put before those of the API." if path else ""
        return (
            f"`service`: PagerDuty has no service with the ID {service!r}, or this token has no access to it. The "
            "function `getService` finds the ID of a service by its name, and `pagerduty-native list` shows "
            f"IDs.{address} PagerDuty said: {error}."
        )


# The mapping to the API


def _to_api(args: IntegrationArgs, names: Iterable[str]) -> dict[str, Any]:
    """Return the API's fields for these properties. Absent and empty ones are left out."""
    fields: dict[str, Any] = {name: value for name in names if (value := getattr(args, name))}
    if "email_filters" in fields:
        fields["email_filters"] = [email.filter_to_api(each) for each in fields["email_filters"]]
    if "email_parsers" in fields:
        fields["email_parsers"] = [email.to_api(each) for each in fields["email_parsers"]]
    return fields


def _cleared(args: IntegrationArgs, names: Collection[str]) -> dict[str, Any]:
    """Return the API's fields that clear removed properties. The API keeps omitted ones."""
    nothing = {"email_filters": [email.NO_FILTER], "email_parsers": []}
    return {name: value for name, value in nothing.items() if name in names and not getattr(args, name)}


def _config_to_api(config_fields: dict[str, str]) -> dict[str, Any]:
    fields = {name: {"value": value} for name, value in config_fields.items()}
    return {"config": {"fields": fields}} if fields else {}


def _state(found: api.Integration, before: IntegrationArgs, sent: Collection[str] | None = None) -> IntegrationState:
    """Return the state after a response. A property that the response lacks is unknown, so it stays as it was.

    before: the state before it, with the values that were sent. sent: the properties that an update sent; the others
    stay as they were, so that a refresh shows their drift.
    """
    page = found.html_url or (None if found.self_url else getattr(before, "html_url", None))
    key = found.integration_key or (None if _is_email(found, before) else getattr(before, "integration_key", None))
    found = dataclasses.replace(found, integration_key=key, html_url=page)
    filters = [email.from_api(email.EmailFilter, each) for each in found.email_filters or []]
    parsers = [email.from_api(email.EmailParser, each) for each in found.email_parsers or []]
    shown: dict[str, Any] = {name: getattr(found, name) for name in EMAIL_PROPERTIES}
    # PagerDuty shows the absence of filters as one filter that lets everything pass.
    shown["email_filters"] = filters if email.filters_meaning([encode(each) for each in filters]) else None
    shown["email_parsers"] = parsers or None
    state = IntegrationState(
        service=found.service_id,
        vendor=found.vendor_id,
        type=found.type,
        name=found.name,
        **shown,
        config_fields=before.config_fields,
        integration_id=found.id,
        integration_key=found.integration_key,
        integration_url=found.integration_url,
        html_url=found.html_url,
    )
    for each in properties_of(IntegrationState):
        name = each.attribute
        old = getattr(before, name, None)
        if sent is not None and name in UPDATABLE and name not in sent:
            if old is not None or name in RULE_LISTS:
                setattr(state, name, old)
        elif not getattr(state, name) and old is not None and not _has_none(found, before, name):
            setattr(state, name, old)
    return state


def _is_email(found: api.Integration, before: IntegrationArgs) -> bool:
    """Return whether an integration receives e-mail. If the type does not decide, an address does."""
    undecided = type_of(found.type).takes_email is None and not found.integration_key
    return found.takes_email or (undecided and bool(before.integration_email))


def _has_none(found: api.Integration, before: IntegrationArgs, name: str) -> bool:
    """Return whether a response without a property says that the integration has none."""
    if name in {"integration_key", "integration_url"}:
        return _is_email(found, before)
    if name not in EMAIL_PROPERTIES:
        return False
    if not _is_email(found, before):
        return True
    # PagerDuty shows the filters of every such integration, but parsers only if it has any (go-pagerduty #315).
    shows_rules = found.email_filters is not None
    match name:
        case "email_filters":
            return shows_rules
        case "email_parsers":
            return shows_rules or found.email_parsers is not None
        case "email_parsing_fallback":
            return shows_rules and not found.email_parsers
    return False


def _is_incomplete(found: api.Integration, state: IntegrationState, rules: Iterable[str]) -> bool:
    """Return whether a response to a write lacks the key, the page, or a rule that was sent. A read may show it."""
    if not found.takes_email and not state.integration_key:
        return True
    if not state.html_url and not found.self_url:
        return True
    return found.takes_email and any(getattr(found, name) is None for name in rules)


def _is_enough(found: api.Integration, old: IntegrationState) -> bool:
    """Return whether a bulk read shows all of an integration: an omission must not be taken for a change.

    old: the state, with no `integration_id` at import.
    """
    if old.integration_id is None:
        return not found.takes_email or (found.email_filters is not None and found.email_parsers is not None)
    shown = {name: getattr(found, name) for name in ("integration_key", "html_url", "config_fields", *EMAIL_PROPERTIES)}
    shown["vendor"] = found.vendor_id
    return all(value is not None or getattr(old, name) is None for name, value in shown.items())


def _differing(args: IntegrationArgs, state: IntegrationState, names: Collection[str] = EMAIL_PROPERTIES) -> list[str]:
    """Return which of these properties the arguments give, but the state has with another value."""
    given = [each for each in properties_of(IntegrationArgs) if each.attribute in names]
    if all(getattr(args, each.attribute) is None for each in given):
        return []
    wanted, actual = encode(args), encode(state)
    return [
        each.attribute
        for each in given
        if each.name in wanted and not each.same(wanted[each.name], actual.get(each.name))
    ]


def _is_same_type(old: IntegrationState, new: IntegrationArgs) -> bool:
    """Return whether the types make the same integration: the server's own type, or with a vendor the generic one."""
    generic = GENERIC_EMAIL if takes_email(old.type or "", old.integration_email) else GENERIC_EVENTS_API
    return new.type == old.type or (new.vendor is not None and new.type == generic)


# Messages


def _unfinished(
    found: api.Integration, state: IntegrationState, missing: Iterable[str], *, done: str, shown: list[str], reason: str
) -> InitializationFailedError:
    """Make the error for properties that could not be set. The state is kept, without them."""
    # A property that the state lacks is sent by the next update, also after a refresh.
    for name in missing:
        setattr(state, name, None)
    return InitializationFailedError(
        f"The integration was {done}, but {', '.join(shown)} could not be set: {reason}.", id=found.full_id, state=state
    )


def _shown_names(names: Iterable[str]) -> list[str]:
    return [f"`{camel_case(name)}`" for name in names]


def _shown_fields(names: Iterable[str]) -> list[str]:
    # The engine sends a map in any order.
    return [f"`configFields.{name}`" for name in sorted(names)]


def _nothing_to_import(id: str) -> str:
    # The engine adds only that the resource does not exist.
    return (
        f"PagerDuty has no integration {id}, or this token has no access to it. `pagerduty-native list` shows the IDs "
        "of all integrations."
    )


# How PagerDuty's words name a property.
_WORDS = {
    "integrationEmail": "integration email",
    "vendor": "vendor",
    "type": "type",
    "name": "name",
    "configFields": "config",
}


def _of_invalid_input(error: InvalidInputError) -> str:
    named = next((f"`{name}`: " for name, words in _WORDS.items() if error.is_about(words)), "")
    return f"{named}PagerDuty refused the integration: {error}.{_hint(error)}"


def _hint(error: InvalidInputError) -> str:
    """Say what to do where PagerDuty's words are not enough."""
    words = " ".join(error.errors).casefold()
    if "integration email cannot be empty" in words:
        return " This kind of integration requires `integrationEmail`, an address in your account's domain."
    if words.startswith("vendor can't be blank"):
        return " This type requires `vendor`: the function `getVendor` finds the ID of a vendor."
    if words.startswith("type") and "vendor" in words:
        return " The vendor determines whether an integration receives e-mail: omit `type`, and it follows the vendor."
    if "integration email" in words and "taken" in words:
        return (
            " Another integration has this address. If that is the one being replaced, set the resource option "
            "`deleteBeforeReplace`."
        )
    return ""
