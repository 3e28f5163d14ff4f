"""Settings of the emulated account, at the start and while it runs.

Where no recording of PagerDuty settles a behavior, a setting offers each way it may be, so that a
client can be tested against all of them: see GUESSES.
"""

from __future__ import annotations

import copy
import dataclasses
import difflib
import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta, timezone
from functools import lru_cache
from typing import Any, Literal, get_args, get_origin, get_type_hints

SECRET = ("rejected_tokens", "read_only_tokens", "token_users")
"""Settings whose values are tokens."""
# Text of a certain form: the form, and its description for messages.
FORMS = {
    "utc_offset": (r"Z|[+-](?:0\d|1[0-4]):[0-5]\d", "Z or such as -04:00"),
    "subdomain": (
        r"(?!(?:api|events|identity)\Z)[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?",
        (
            "the account's name in SUBDOMAIN.pagerduty.com: at most 63 lower-case letters, digits and hyphens, and not "
            "api, events or identity, which are PagerDuty's own hosts"
        ),
    ),
}
MAX_SECONDS = 3600
"""The longest delay; more would look like a server that hangs."""
MIN_WINDOW = 0.001  # seconds
MAX_NUMBER = 1_000_000_000
DEFAULT_RATE_LIMIT = 960  # calls a minute for each token: PagerDuty's published REST limit


@dataclass
class Settings:
    """The emulated account's settings; every field can be changed while the emulator runs."""

    subdomain: str = "acme"
    """The account's name: `SUBDOMAIN.pagerduty.com` in generated e-mail addresses."""

    region: Literal["us", "eu"] = "us"
    """The account's service region: part of e-mail domains, web app links and OAuth scopes."""

    html_urls: Literal["emulator", "pagerduty"] = "emulator"
    """Whether `html_url` leads to the emulator's own pages or names PagerDuty's host."""

    latency: float = 0.0
    """Seconds that every API answer takes longer; concurrent requests wait concurrently."""

    rate_limit: int | None = None
    """Call admitted in each window for each token; None admits all."""

    rate_limit_window: float = 60.0
    """Seconds in a window; fewer make a scaled-down minute for benchmarks."""

    events_rate_limit: int | None = None
    """Events admitted in each window, looking back, for each integration key; None admits all. PagerDuty has 120."""

    rejected_tokens: set[str] = field(default_factory=set)
    """Tokens that are answered with 401 (code 2006)."""

    read_only_tokens: set[str] = field(default_factory=set)
    """Tokens whose writes are answered with 403 (code 2010)."""

    cors_origins: set[str] = field(default_factory=set)
    """Origins whose web pages may use the REST and Events APIs, such as `http://localhost:3000`; `*` for any."""

    token_users: dict[str, str] = field(default_factory=dict)
    """Token to the id or e-mail address of the user to whom it belongs; all others belong to the account's owner."""

    orchestration_delay: float = 0.0
    """Seconds for which reads of event orchestrations and their integrations show the state before a write."""

    oauth_scopes: set[str] | None = None
    """Scopes that an app can be granted; others are dropped silently. None grants all asked."""

    oauth_expires_in: int = 86_400
    """Seconds that an OAuth access token is good for."""

    utc_offset: str = "-04:00"
    """The account's time zone in dates of services and integrations: such as `-04:00`, or `Z`."""

    aiops: bool = False
    """Whether the account has AIOps: only then are GitHub, GitLab and Jenkins among its vendors."""

    create_ignores: set[str] = field(default_factory=set)
    """E-mail properties that a POST passes over and only a PUT takes; none was seen to be."""

    email_rules: Literal["checked", "any"] = "checked"
    """The e-mail filters, parsers and addresses that a request may have: known values only, or any.

    With "any" the account can hold what a later PagerDuty might: unknown modes, parsers without `incident_key`.
    """

    vendor_type_mismatch: Literal["vendor", "refuse"] = "vendor"
    """For an Events API type with an e-mail vendor or the reverse: the vendor decides, or a 400.

    PagerDuty was seen to let the vendor decide; the 400 is there to test a client's way out of one.
    """

    # Guesses: what no recording settles. GUESSES below lists them; README.md says what is known.

    integration_email: Literal["generated", "required"] = "generated"
    """What an e-mail integration without an address gets: a random one, or a 400."""

    duplicate_emails: Literal["accept", "same_service", "refuse"] = "accept"
    """Where two integrations may have the same address: anywhere, on one service, or nowhere."""

    email_domains: Literal["any", "account"] = "any"
    """Whether an address must be at the account's own domain."""

    unknown_types: Literal["refuse", "settle"] = "refuse"
    """An unknown type without a vendor: a 400, or an Events API integration."""

    type_settles: Literal["at_once", "later"] = "at_once"
    """Whether the answer to a POST shows the vendor's type already, or what was asked for."""

    unrecorded_types: Literal["generic_events_api", "event_transformer_api", "app_event_transform"] = (
        "generic_events_api"
    )
    """The type of integrations of those vendors of which none has been recorded."""

    generic_service_type: Literal["api", "events_api"] = "api"
    """What this is on vendors of which it has not been recorded, unless they send e-mail."""

    unknown_vendor: Literal["invalid", "vendor_not_found", "not_found"] = "invalid"
    """A POST with an unknown vendor: 400 (code 2001), 404 (code 5001) or 404 (code 2100)."""

    unknown_escalation_policy: Literal["invalid", "not_found"] = "invalid"
    """A service with a policy that is not there: 400 (code 2001) or 404 (code 2100)."""

    vendor_query: bool = True
    """Whether `GET /vendors?query=` filters; it is undocumented and might be ignored one day."""

    bulk_integrations: Literal["whole", "without_email_rules", "references"] = "whole"
    """What `include[]=integrations` makes of integrations in services."""

    absent_fields: Literal["recorded", "null", "omitted"] = "recorded"
    """How properties without a value are shown on integrations: as recorded, all, or none."""

    unknown_routing_key: Literal["accept", "refuse"] = "accept"
    """An event with a well-formed but unknown key: 202 and lost (the API is asynchronous), or 400."""

    rate_limit_kind: Literal["fixed", "sliding"] = "fixed"
    """Whether the whole allowance comes back at once or call by call."""

    rate_limit_bare: bool = False
    """Answer 429 without a body and without headers, as has been seen, instead of code 2020."""

    events_rate_limit_body: Literal["message", "empty"] = "message"
    """What an Events API's 429 (v1: 403) says: the words of PagerDuty's documents, or nothing."""

    names: Literal["kept", "composed", "squeezed", "cut"] = "kept"
    """The change made to an integration's name: none, NFC, single blanks, or its first 40 characters."""

    vendor_ids: Literal["exact", "any_case"] = "exact"
    """Whether a POST takes a vendor's ID in small letters."""

    keys_after_writes: Literal["shown", "absent"] = "shown"
    """Whether the answers to POST and PUT show `integration_key`."""

    filter_mode_without_filters: Literal["kept", "all-email"] = "kept"
    """What becomes of `email_filter_mode` on an integration without filters."""

    config_on_create: Literal["ignored", "taken"] = "ignored"
    """Whether a POST of an event transformer takes `config`; it was seen to ignore `code`."""

    config_after_update: Literal["shown", "hidden"] = "shown"
    """Whether the response to a PUT shows `config`."""

    config_in_bulk: Literal["shown", "hidden"] = "shown"
    """Whether `include[]=integrations` shows `config`; it was seen with `code`."""

    unknown_config: Literal["kept", "refuse"] = "kept"
    """A name or value in `config.fields` that the web app does not have: kept, or a 400."""

    @property
    def email_domain(self) -> str:
        """The domain of the account's e-mail addresses, which is also its web host."""
        region = ".eu" if self.region == "eu" else ""
        return f"{self.subdomain}{region}.pagerduty.com"

    def local(self, time: str) -> str:
        """Return a time of the database (UTC) as the account's services and integrations show it."""
        if self.utc_offset == "Z":
            return time
        sign = -1 if self.utc_offset[0] == "-" else 1
        hours, minutes = map(int, self.utc_offset[1:].split(":"))
        offset = timezone(sign * timedelta(hours=hours, minutes=minutes))
        return datetime.fromisoformat(time).astimezone(offset).isoformat()

    def __setattr__(self, name: str, value: Any) -> None:
        """Set a field; ValueError if the value does not fit, AttributeError if there is no such field."""
        if name not in _hints():
            raise AttributeError(_unknown(name))
        object.__setattr__(self, name, _fitting(name, value, _hints()[name]))

    def update(self, changes: dict[str, Any]) -> None:
        """Take `changes` (field to value, as from JSON), or none of them: ValueError if one does not fit."""
        taken: dict[str, Any] = {}
        for name, value in changes.items():
            if name not in _hints():
                raise ValueError(_unknown(name))
            taken[name] = _fitting(name, value, _hints()[name])
        for name, value in taken.items():
            setattr(self, name, value)

    def copied(self) -> Settings:
        """Return a copy that later changes do not reach."""
        return copy.deepcopy(self)

    def take(self, other: Settings) -> None:
        """Set every field as `other` has it."""
        for item in dataclasses.fields(self):
            setattr(self, item.name, copy.deepcopy(getattr(other, item.name)))

    def as_json(self) -> dict[str, Any]:
        """All settings for the emulator-only API; tokens are counted, not shown."""
        shown: dict[str, Any] = {}
        for item in dataclasses.fields(self):
            value = getattr(self, item.name)
            if item.name in SECRET:
                value = len(value)
            shown[item.name] = sorted(value) if isinstance(value, set) else value
        return shown


def _guesses() -> dict[str, tuple[Any, ...]]:
    """Return the settings from `integration_email` on, with what each may be; the default comes first."""
    names = [item.name for item in dataclasses.fields(Settings)]
    hints = get_type_hints(Settings)
    chosen = names[names.index("integration_email") :]
    return {name: get_args(hints[name]) or (getattr(Settings, name), not getattr(Settings, name)) for name in chosen}


GUESSES: dict[str, tuple[Any, ...]] = _guesses()
"""Each setting that stands for a guess about PagerDuty, and the ways it may be, the default first.

A client is ready for PagerDuty if it works under every one of them:

    for name, ways in GUESSES.items():
        for way in ways:
            with serve(**{name: way}) as emulator:
                ...
"""


@lru_cache(maxsize=1)
def _hints() -> dict[str, Any]:
    return get_type_hints(Settings)


def _unknown(name: Any) -> str:
    return f"unknown setting {name!r}{nearest(name, _hints())}; known: {', '.join(sorted(_hints()))}"


def nearest(name: Any, known: Iterable[str]) -> str:
    """Return the end of a message about an unknown name: the known one that is like it, or nothing."""
    near = difflib.get_close_matches(str(name), list(known), 1)
    return f": did you mean {near[0]!r}" if near else ""


def _fitting(name: str, value: Any, hint: Any) -> Any:
    """`value` as the field of type `hint` holds it; ValueError says what is allowed."""
    alternatives = get_args(hint)
    is_optional = type(None) in alternatives
    if value is None and is_optional:
        return None
    kind = next((one for one in alternatives if one is not type(None)), hint) if is_optional else hint
    if get_origin(kind) is Literal:
        fits = isinstance(value, str) and value in alternatives
        allowed = f"one of {', '.join(map(str, alternatives))}"
    elif kind is bool:
        fits, allowed = isinstance(value, bool), "true or false"
    elif kind is str:
        form, allowed = FORMS[name]
        fits = isinstance(value, str) and re.fullmatch(form, value) is not None
    elif kind in (int, float):
        least, most = _range(name)
        fits = _is_number(value, kind) and least <= value <= most
        allowed = f"a {'whole ' if kind is int else ''}number from {least} to {most}"
    elif kind == dict[str, str]:
        fits = isinstance(value, dict) and _is_strings([*value, *value.values()])
        allowed = "an object with texts"
        value = dict(value) if fits else value
    else:
        fits, allowed = _is_strings(value), "a list of text"
        value = set(value) if fits else value
    if fits:
        return value
    shown = "" if name in SECRET else f", not {shortened(value)}"
    raise ValueError(f"{name} must be {allowed}{' or null' if is_optional else ''}{shown}")


def _range(name: str) -> tuple[float, float]:
    if name == "latency":
        return 0, MAX_SECONDS
    return (MIN_WINDOW if name == "rate_limit_window" else 0), MAX_NUMBER


def _is_strings(value: Any) -> bool:
    return isinstance(value, (list, set)) and all(isinstance(item, str) for item in value)


def _is_number(value: Any, kind: type) -> bool:
    return isinstance(value, (int, float) if kind is float else int) and not isinstance(value, bool)


def shortened(value: Any) -> str:
    """Return a value for a message."""
    text = repr(value)
    return text if len(text) <= 80 else f"{text[:77]}…"
