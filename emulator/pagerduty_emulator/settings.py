"""What can be chosen about the emulated account, at the start and while it runs.

Where PagerDuty's documentation leaves a behaviour open, a setting offers both, so that a client
can be tested against either.
"""

from __future__ import annotations

import copy
import dataclasses
from dataclasses import dataclass, field
from typing import Any, Literal, get_args, get_origin, get_type_hints

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
    """Calls admitted in each window for each token; None admits all."""

    rate_limit_window: float = 60.0
    """Seconds in a window; fewer make a scaled-down minute for benchmarks."""

    rate_limit_kind: Literal["fixed", "sliding"] = "fixed"
    """Whether the whole allowance comes back at once or call by call (undocumented)."""

    rate_limit_bare: bool = False
    """Answer 429 without a body and without headers, as has been seen, instead of code 2020."""

    rejected_tokens: set[str] = field(default_factory=set)
    """Tokens that are answered with 401 (code 2006)."""

    read_only_tokens: set[str] = field(default_factory=set)
    """Tokens whose writes are answered with 403 (code 2010)."""

    oauth_scopes: set[str] | None = None
    """Scopes that an app can be granted; others are dropped silently. None grants all asked."""

    oauth_expires_in: int = 86_400
    """Seconds that an OAuth access token is good for."""

    integration_email: Literal["generated", "required"] = "generated"
    """What an e-mail integration without an address gets: a random one, or a 400."""

    email_required_vendors: set[str] = field(default_factory=lambda: {"Zendesk"})
    """Vendors (id or name) that need an address in either case, as Zendesk has been seen to."""

    duplicate_emails: Literal["accept", "refuse"] = "accept"
    """Whether two integrations may have the same address (undocumented)."""

    email_domains: Literal["account", "any"] = "any"
    """Whether an address must be at the account's own domain."""

    email_integration_key: Literal["null", "absent", "generated"] = "null"
    """What `integration_key` is on an e-mail integration."""

    create_ignores: set[str] = field(default_factory=set)
    """E-mail properties that a POST passes over and only a PUT takes."""

    absent_fields: Literal["null", "omitted"] = "null"
    """How properties without a value are shown on integrations."""

    vendor_type_mismatch: Literal["vendor", "refuse"] = "vendor"
    """For an Events API type with an e-mail vendor or the reverse: the vendor decides, or a 400."""

    vendor_query: bool = True
    """Whether `GET /vendors?query=` filters; it is undocumented and might be ignored one day."""

    unknown_routing_key: Literal["accept", "refuse"] = "accept"
    """An event with a well-formed but unknown key: 202 and lost (the API is asynchronous), or 400."""

    @property
    def email_domain(self) -> str:
        """The domain of the account's e-mail addresses, which is also its web host."""
        region = ".eu" if self.region == "eu" else ""
        return f"{self.subdomain}{region}.pagerduty.com"

    def update(self, changes: dict[str, Any]) -> None:
        """Takes `changes` (field to value, as from JSON); ValueError when one does not fit."""
        hints = get_type_hints(Settings)
        fields = {item.name for item in dataclasses.fields(self)}
        taken: dict[str, Any] = {}
        for name, value in changes.items():
            if name not in fields:
                raise ValueError(f"unknown setting {name!r}; known: {', '.join(sorted(fields))}")
            taken[name] = _fitting(name, value, hints[name])
        for name, value in taken.items():
            setattr(self, name, value)

    def copied(self) -> Settings:
        """A copy that later changes do not reach."""
        return copy.deepcopy(self)

    def take(self, other: Settings) -> None:
        """Sets every field as `other` has it."""
        for item in dataclasses.fields(self):
            setattr(self, item.name, copy.deepcopy(getattr(other, item.name)))

    def as_json(self) -> dict[str, Any]:
        """All settings for the emulator-only API; tokens are counted, not shown."""
        shown: dict[str, Any] = {}
        for item in dataclasses.fields(self):
            value = getattr(self, item.name)
            if item.name in ("rejected_tokens", "read_only_tokens"):
                value = len(value)
            shown[item.name] = sorted(value) if isinstance(value, set) else value
        return shown


def _fitting(name: str, value: Any, hint: Any) -> Any:
    """`value` as the field of type `hint` holds it."""
    alternatives = get_args(hint)
    if get_origin(hint) is Literal:
        if value not in alternatives:
            raise ValueError(f"{name} must be one of {', '.join(map(str, alternatives))}, not {value!r}")
        return value
    fitting = (
        (value is None and type(None) in alternatives)
        or (hint is bool and isinstance(value, bool))
        or (hint is str and isinstance(value, str) and value)
        or ({int, float} & {hint, *alternatives} and _is_amount(value))
    )
    if fitting:
        return value
    if set[str] in (hint, *alternatives) and _is_strings(value):
        return set(value)
    raise ValueError(f"{name} cannot be {value!r}")


def _is_strings(value: Any) -> bool:
    return isinstance(value, (list, set)) and all(isinstance(item, str) for item in value)


def _is_amount(value: Any) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool) and value >= 0
