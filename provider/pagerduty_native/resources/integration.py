"""The resource `Integration`."""

from __future__ import annotations

import contextlib
import dataclasses
import json
from collections.abc import Collection, Container, Iterable, Iterator, Mapping
from typing import Any
from urllib.parse import urlsplit

from pagerduty_native.api import records as api
from pagerduty_native.api.account import Account
from pagerduty_native.api.bulk import Snapshot
from pagerduty_native.api.errors import (
    AppTokenError,
    InterruptedCallError,
    InvalidInputError,
    NotFoundError,
    PagerDutyError,
    RateLimitedError,
    UnauthorizedError,
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
    encode,
    field,
    nearest,
    object_type,
    properties_of,
)
from pagerduty_native.functions.get_vendor import Vendor
from pagerduty_native.ids import id_of, id_problems, parts_of
from pagerduty_native.resources import email

EMAIL_PROPERTIES = (
    "integration_email",
    "email_incident_creation",
    "email_filter_mode",
    "email_filters",
    "email_parsers",
    "email_parsing_fallback",
)
UPDATABLE = ("name", *EMAIL_PROPERTIES)
# PagerDuty never sets these by itself.
RULE_LISTS = ("email_filters", "email_parsers")


def to_api(args: object, names: Iterable[str]) -> dict[str, Any]:
    """The API's fields for the named properties of an `IntegrationArgs`; what is absent or empty is left out."""
    fields: dict[str, Any] = {name: getattr(args, name) for name in names}
    for name, each_to_api in (("email_filters", email.filter_to_api), ("email_parsers", email.to_api)):
        if fields.get(name):
            fields[name] = [each_to_api(each) for each in fields[name]]
    return {name: value for name, value in fields.items() if value}


def cleared(new: object, changed: Container[str]) -> dict[str, Any]:
    """Return the API's fields that clear removed properties. The API keeps omitted ones."""
    gone = {name for name in RULE_LISTS if name in changed and not getattr(new, name)}
    return {name: [email.NO_FILTER] if name == "email_filters" else [] for name in gone}


def state_from(found: api.Integration, before: Mapping[str, Any], sent: Container[str] | None = None) -> dict[str, Any]:
    """Return the properties of an `IntegrationState` after a response, by their Python names.

    A property that the response lacks is unknown, not removed: it stays as it was.

    before: the properties as they were, or as they were sent. sent: those that an update sent; the others stay as they
    were, so that a refresh shows their drift.
    """
    url_of_page = found.html_url or (None if found.self_url else before.get("html_url"))
    key = found.integration_key or (None if _is_email(found, before) else before.get("integration_key"))
    state = from_api(dataclasses.replace(found, integration_key=key, html_url=url_of_page))
    for name, value in state.items():
        old = before.get(name)
        if sent is not None and name in UPDATABLE and name not in sent:
            if old is not None or name in RULE_LISTS:
                state[name] = old
        elif not value and old is not None and not _has_none(found, before, name):
            state[name] = old
    return state


def _is_email(found: api.Integration, before: Mapping[str, Any]) -> bool:
    """Return whether an integration receives e-mail. If the type does not decide, an address does."""
    undecided = type_of(found.type).takes_email is None and not found.integration_key
    return found.takes_email or (undecided and bool(before.get("integration_email")))


def _has_none(found: api.Integration, before: Mapping[str, Any], name: str) -> bool:
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


def is_silent(found: api.Integration, state: Mapping[str, Any], asked: Iterable[str]) -> bool:
    """Return whether a response to a write lacks what a read may show: the key, the page, or a rule that was sent."""
    if not found.takes_email and not state["integration_key"]:
        return True
    if not state["html_url"] and not found.self_url:
        return True
    return found.takes_email and any(getattr(found, name) is None for name in asked)


def from_api(found: api.Integration) -> dict[str, Any]:
    """The properties of an `IntegrationState`, by their Python names."""
    filters = [email.from_api(email.EmailFilter, each) for each in found.email_filters or []]
    return {
        "service": found.service_id,
        "vendor": found.vendor_id,
        "type": found.type,
        "name": found.name,
        "integration_email": found.integration_email,
        "email_incident_creation": found.email_incident_creation,
        "email_filter_mode": found.email_filter_mode,
        # The one filter that lets everything pass is how PagerDuty says that there is none.
        "email_filters": filters if email.filters_meaning([encode(each) for each in filters]) else None,
        "email_parsers": [email.from_api(email.EmailParser, each) for each in found.email_parsers or []] or None,
        "email_parsing_fallback": found.email_parsing_fallback,
        "integration_id": found.id,
        "integration_key": found.integration_key,
        "integration_url": found.integration_url,
        "html_url": found.html_url,
    }


def tells_enough(found: api.Integration, old: Any) -> bool:
    """Whether a bulk read tells all of an integration: what it leaves out must not be taken for a change.

    old: its `IntegrationState` as far as it is known; nothing of it at import.
    """
    if old.integration_id is None:
        return not found.takes_email or (found.email_filters is not None and found.email_parsers is not None)
    told = {name: getattr(found, name) for name in ("integration_key", "html_url", *EMAIL_PROPERTIES)}
    told["vendor"] = found.vendor_id
    return all(getattr(old, name) is None or value is not None for name, value in told.items())


def unlike(args: object, state: object, names: Iterable[str] = EMAIL_PROPERTIES) -> list[str]:
    """Return which of these properties have another value in the state than in the arguments, by their Python names."""
    named = [each for each in properties_of(type(args)) if each.attribute in names]
    if all(getattr(args, each.attribute) is None for each in named):
        return []
    asked, actual = encode(args), encode(state)
    return [
        each.attribute
        for each in named
        if each.name in asked and not each.same(asked[each.name], actual.get(each.name))
    ]


def check_whole(
    account: Account, found: api.Integration, state: Any, args: Any, *, done: str, names: Collection[str]
) -> None:
    """Raise InitializationFailedError if one of the named properties could not be set.

    found: the integration, as the API has it. state: the same, as its state. done: the operation, such as "created".
    """
    missing = unlike(args, state, names)
    removed = [each for each in RULE_LISTS if each in names and not getattr(args, each)]
    missing += [each for each in removed if getattr(state, each)]
    if found.takes_email and "email_filter_mode" in missing and not state.email_filters:
        # Without filters every mode lets every e-mail pass, so PagerDuty may choose one.
        missing.remove("email_filter_mode")
        account.warn(
            f"`emailFilterMode`: PagerDuty changed {args.email_filter_mode!r} to {state.email_filter_mode!r}, because "
            f"{found.full_id} has no `emailFilters`. Every e-mail passes either way. Remove `emailFilterMode`, or add "
            "`emailFilters`."
        )
    if not missing:
        return
    if found.takes_email:
        reason = (
            "PagerDuty stored a different value. The next `pulumi up` tries again. If that fails too, use the value "
            "in PagerDuty's web app, or remove the property from the program"
        )
    else:
        determines = "The vendor determines that" if args.vendor else "The type determines that"
        reason = (
            f"PagerDuty made it an integration that receives no e-mail (type {found.type}). {determines}. Remove "
            f"{' and '.join(_quoted(missing))} from the program, or use a vendor or type that receives e-mail"
        )
    raise unfinished(done, Instance(found.full_id, state), missing, reason)


def unfinished(done: str, instance: Instance[Any], names: Iterable[str], reason: str) -> InitializationFailedError:
    """Make the error for properties that could not be set. The instance is kept in the state, without them."""
    # A property that the state lacks is sent by the next update, also after a refresh.
    for name in names:
        setattr(instance.state, name, None)
    return InitializationFailedError(
        f"The integration was {done}, but {', '.join(_quoted(names))} could not be set: {reason}.",
        id=instance.id,
        state=instance.state,
    )


def _quoted(names: Iterable[str]) -> list[str]:
    return [f"`{camel_case(name)}`" for name in names]


# What PagerDuty's words call a property.
_FIELDS = {"integrationEmail": "integration email", "vendor": "vendor", "type": "type", "name": "name"}


@contextlib.contextmanager
def explained(account: Account, service: str, vendor: str | None, id: str | None = None) -> Iterator[None]:
    """While it lasts, a refusal becomes a ProviderError with words for the user. Looks the vendor up, if there is one.

    service, vendor: the IDs that were sent. id: the resource's, if it was there already.
    """
    try:
        yield
    except InvalidInputError as error:
        raise ProviderError(_of_vendor(account, vendor) or _of_input(error)) from error
    except NotFoundError as error:
        if id is not None:
            raise ProviderError(
                f"PagerDuty no longer has the integration {id} ({error}): it was deleted, or moved to another service. "
                "Run `pulumi refresh`, which finds out which of the two, and then `pulumi up`."
            ) from error
        raise ProviderError(_of_vendor(account, vendor) or _of_service(account, error, service)) from error


def left_where_it_is(id: str, moved_id: str) -> str:
    """The warning that there was nothing to delete by this ID, as the integration was moved."""
    return (
        f"{id} was not deleted: somebody moved it to another service, where its ID is {moved_id}. It stays there, with "
        "its key."
    )


def without_key(id: str) -> str:
    """Make the warning that no response to a write had the integration's key."""
    return (
        f"PagerDuty's responses about {id} had no integration key, so `integrationKey` and `integrationUrl` are not in "
        "the state. Run `pulumi refresh` before something uses them."
    )


def deleted_or_moved(id: str, error: PagerDutyError) -> str:
    """The error about a missing integration when the account cannot be searched for it."""
    return (
        f"PagerDuty no longer has the integration {id}: it was deleted, or moved to another service. The provider "
        f"could not find out which, because it could not read all services ({error}). The state is unchanged. Try "
        "again later; if you know that the integration was deleted, remove it from the state with `pulumi state "
        "delete`."
    )


def nothing_to_import(id: str) -> str:
    """The warning about an ID that nothing has, after which the engine says only that it does not exist."""
    return (
        f"PagerDuty has no integration {id}, or this token has no access to it. `pagerduty-native list` shows the IDs "
        "of all integrations."
    )


def _of_vendor(account: Account, vendor: str | None) -> str | None:
    """The message that there is no such vendor, if there is none."""
    with contextlib.suppress(PagerDutyError):  # Then the refusal that is to be explained says more.
        try:
            if vendor:
                account.vendors.get(vendor)
        except NotFoundError:
            return (
                f"`vendor`: PagerDuty has no vendor with the ID {vendor!r}. The function `getVendor` finds the ID of a "
                "vendor by its name."
            )
    return None


def _of_service(account: Account, error: NotFoundError, service: str) -> str:
    path = urlsplit(account.client.api_url).path
    address = f" Or `apiUrlOverride` is wrong: its path, {path}, is put before those of the API." if path else ""
    return (
        f"`service`: PagerDuty has no service with the ID {service!r}, or this token has no access to it. The function "
        f"`getService` finds the ID of a service by its name, and `pagerduty-native list` shows IDs.{address} "
        f"PagerDuty said: {error}."
    )


def _of_input(error: InvalidInputError) -> str:
    named = next((f"`{name}`: " for name, field in _FIELDS.items() if error.is_about(field)), "")
    return f"{named}PagerDuty refused the integration: {error}.{_hint(error)}"


def _hint(error: InvalidInputError) -> str:
    """What to do if PagerDuty's words alone do not tell."""
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


@object_type
class ListArgs:
    """What chooses among the integrations; all of it must fit."""

    service: str | None = field(
        "Integrations of this service alone: its ID, its name, or a pattern such as `prod-*`, in any case."
    )
    team: str | None = field(
        "Integrations of this team's services alone: the team's ID, its name, "
        "or a pattern such as `prod-*`, in any case."
    )
    vendor: str | None = field(
        "Integrations of this vendor alone: its ID, its name, or a pattern such as `prod-*`, in any case."
    )
    name: str | None = field(
        "Integrations of this name alone: the name, "
        "or a pattern such as `prod-*`, in any case, or the integration's ID."
    )


def listed(account: Account, args: ListArgs) -> Iterator[Listed]:
    """The integrations that are chosen, service by service.

    Raises ProviderError if there is no service of the name or ID that is given. Warns of what else matches nothing.
    """
    given = {"service": args.service, "team": args.team, "vendor": args.vendor, "name": args.name}
    filters = Filters({kind: (text,) for kind, text in given.items() if text is not None})
    looked_at: list[Snapshot] = []
    found = False
    for snapshot, chosen in account.integrations.matching(filters):
        looked_at.append(snapshot)
        for entry in chosen:
            found = True
            yield Listed(entry.integration.full_id, entry.integration.name)
    if not found:
        _tell_unmatched(account, filters, looked_at)


def _tell_unmatched(account: Account, filters: Filters, services: list[Snapshot]) -> None:
    for kind, pattern, words in filters.unmatched(services):
        hint = "".join(f" Did you mean {near!r}?" for near in nearest(pattern, words))
        message = f"`{kind}`: {pattern!r} matches nothing of the {len(services)} services that were looked at.{hint}"
        if kind == "service" and not is_pattern(pattern):
            raise ProviderError(message)
        account.warn(message)


# For descriptions of outputs that some integrations lack. The SDKs' types do not show it.
ABSENT = (
    'Without one, the output is `None` in Python, `undefined` in TypeScript, `null` in Java and C#, and `""` in Go.'
)


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
            for name in EMAIL_PROPERTIES:
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
        fields = to_api(args, ("type", *UPDATABLE))
        if args.vendor_id:
            fields["vendor"] = {"type": "vendor_reference", "id": args.vendor_id}
        with explained(self.client, args.service, args.vendor_id):
            created = self.client.integrations.create(args.service, fields, self.is_held)
        asked = {name: value for name in EMAIL_PROPERTIES if (value := getattr(args, name)) is not None}
        before = {"vendor": args.vendor_id, "name": args.name, **asked}
        created, instance = self._written(created, before, asked)
        missing = unlike(args, instance.state)
        if missing and created.takes_email:  # PagerDuty passed over it at creation, and may take it now.
            fields = to_api(args, missing)
            try:
                created = self.client.integrations.update(created.service_id, created.id, fields)
            except PagerDutyError as error:
                reason = f"{error}. The next `pulumi up` tries again"
                raise unfinished("created", instance, missing, reason) from error
            before = {**_properties(instance.state), **{name: getattr(args, name) for name in missing}}
            created, instance = self._written(created, before, missing, only_sent=True)
        check_whole(self.client, created, instance.state, args, done="created", names=EMAIL_PROPERTIES)
        return instance

    def read(self, id: str, old: IntegrationState) -> Instance[IntegrationState] | None:
        try:
            found = self.client.integrations.get(*parts_of(id), is_enough=lambda found: tells_enough(found, old))
        except NotFoundError:
            if old.integration_id is None:  # An import, or a `get`.
                self.client.warn(nothing_to_import(id))
            moved = self._moved(id, old)
            return None if moved is None else _instance(moved, _properties(old))
        return _instance(found, _properties(old))

    def update(self, id: str, old: IntegrationState, new: IntegrationArgs, changed: frozenset[str]) -> IntegrationState:
        names = [name for name in UPDATABLE if name in changed]
        if "email_filters" in names and unlike(new, old, ["email_filter_mode"]):
            names.append("email_filter_mode")  # Without filters, PagerDuty may have chosen another one.
        fields = {**to_api(new, names), **cleared(new, names)}
        if not fields:
            return old
        with explained(self.client, old.service, new.vendor_id, id):
            updated = self.client.integrations.update(*parts_of(id), fields)
        before = {**_properties(old), **{name: getattr(new, name) for name in fields}}
        updated, instance = self._written(updated, before, fields, only_sent=True)
        check_whole(self.client, updated, instance.state, new, done="updated", names=fields)
        return instance.state

    def delete(self, id: str, old: IntegrationState) -> None:
        try:
            self.client.integrations.delete(*parts_of(id))
        except NotFoundError:
            if moved := self.client.integrations.find_moved(*parts_of(id), old.integration_key, search=False):
                self.client.warn(left_where_it_is(id, id_of(moved)))

    def list(self, args: ListArgs) -> Iterator[Listed]:
        return listed(self.client, args)

    def _written(
        self, found: api.Integration, before: Mapping[str, Any], sent: Collection[str], *, only_sent: bool = False
    ) -> tuple[api.Integration, Instance[IntegrationState]]:
        """Make an instance of the response to a write. Read the integration once if the response lacks something.

        before: the properties before the write, or as they were sent. sent: the names of those that were sent.
        only_sent: keep the others as they were.
        """
        taken = sent if only_sent else None
        state = state_from(found, before, taken)
        asked = [name for name in sent if name in EMAIL_PROPERTIES and before.get(name)]
        if is_silent(found, state, asked):
            with contextlib.suppress(PagerDutyError):  # It exists, whether it can be read or not.
                found = self.client.integrations.get(found.service_id, found.id, fresh=True)
                state = state_from(found, {**before, **state}, taken)
        if not state["integration_key"] and not found.takes_email:
            self.client.warn(without_key(id_of(found)))
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
            raise ProviderError(deleted_or_moved(id, error)) from error
        return None if moved is None or self.is_held(id_of(moved)) else moved


def _instance(found: api.Integration, before: Mapping[str, Any]) -> Instance[IntegrationState]:
    return Instance(id_of(found), IntegrationState(**state_from(found, before)))


def _properties(state: IntegrationState) -> dict[str, Any]:
    return {each.attribute: getattr(state, each.attribute) for each in properties_of(IntegrationState)}


def _same_type(old: IntegrationState, new: IntegrationArgs) -> bool:
    """Whether the types make the same integration: the server's own type, and with a vendor the generic one, too."""
    generic = GENERIC_EMAIL if takes_email(old.type or "", old.integration_email) else GENERIC_EVENTS_API
    return new.type == old.type or (new.vendor is not None and new.type == generic)
