"""The facts about PagerDuty that a run tries: declarations, each with the function that tries it.

A fact is what `pagerduty-evidence`, the emulator's tests or its list of guesses say. `setting` and `ways` are the
emulator's: of a guess, the first way is what the project assumes. A new fact is a function here.
"""

from __future__ import annotations

import secrets
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Literal, TypeVar

from .client import Account, NotTried, Response
from .engine import EngineError, Life, Stack
from .journal import Entry, FailedError

T = TypeVar("T")
Group = Literal[
    "account", "vendors", "integrations", "config", "e-mail", "lists", "deletes", "orchestrations", "events"
]

V1 = "generic_events_api_inbound_integration"
V2 = "events_api_v2_inbound_integration"
EMAIL = "generic_email_inbound_integration"
TRANSFORMER = "event_transformer_api_inbound_integration"
APP_TRANSFORM = "app_event_transform_inbound_integration"
CLOUDWATCH, CUSTOM, CLOUDTRAIL, MAIL_VENDOR = "PZQ6AUS", "PCJ0EFQ", "PDSJRA7", "PBPQJ1M"
RECORDED = {
    "PZQ6AUS": ("Amazon CloudWatch", TRANSFORMER),
    "PAM4FGS": ("Datadog", V1),
    "PKAPG94": ("Sentry", APP_TRANSFORM),
    "PULN1LU": ("Elastic Alerts", APP_TRANSFORM),
    "PRO19CT": ("Backstage", APP_TRANSFORM),
    "PTS9BY7": ("Events API v1", V1),
    "P1S0PW6": ("Prometheus", V1),
    "PJOGQ4Q": ("Zabbix", V1),
    "P4B29MM": ("SolarWinds Orion", V2),
    "PCJ0EFQ": ("Custom Event Transformer", TRANSFORMER),
}
UNRECORDED = {
    "PDSJRA7": "AWS CloudTrail",
    "PH27SPX": "Amazon GuardDuty",
    "PF0BK6R": "AWS Security Hub",
    "P3H374T": "AppDynamics",
}
VENDORS = {each: name for each, (name, _) in RECORDED.items()} | UNRECORDED | {MAIL_VENDOR: "Email"}
"""Published names of vendors, by their published IDs."""
VENDOR_FIELDS = {
    *("id", "type", "summary", "self", "html_url", "name", "website_url", "long_name", "logo_url", "thumbnail_url"),
    *("description", "integration_guide_url", "connectable", "generic_service_type", "alert_creation_default"),
    *("alert_creation_editable", "is_pd_cef", "is_pd_change_event", "developer_name", "support_portal"),
    *("support_email", "documentation_url", "emits_change_events"),
}
NOBODY = "PZZZZZ9"
"""An ID that nothing has."""
FILTERS = [
    {"subject_mode": "match", "subject_regex": "ALERT", "body_mode": "always", "from_email_mode": "always"},
    {"subject_mode": "always", "body_mode": "no-match", "body_regex": "ignore", "from_email_mode": "always"},
]
PARSERS = [
    {
        "action": "resolve",
        "match_predicate": {
            "type": "any",
            "children": [
                {"type": "contains", "part": "subject", "matcher": "OK"},
                {"type": "regex", "part": "body", "matcher": "(recovered)"},
            ],
        },
        "value_extractors": [
            {"type": "entire", "part": "subject", "value_name": "incident_key"},
        ],
    }
]


@dataclass(frozen=True)
class Result:
    """A row. outcome: agreed, disagreed or not tried. detail: what was seen, or why not tried. way: of the setting."""

    outcome: Literal["agreed", "disagreed", "not tried"]
    detail: str = ""
    way: Any = None


@dataclass(frozen=True)
class Fact:
    """A fact that a run tries.

    section: of pagerduty-evidence, or "guess". calls: the most requests, without the cleanup. creates: how many of
    them create something. needs: parameters. setting, ways: the emulator's, the assumed way first. never: why no run
    tries it.
    """

    name: str
    section: str
    says: str
    calls: int
    attempt: Callable[[Trial], Any]
    creates: int = 0
    needs: tuple[str, ...] = ()
    setting: str = ""
    ways: tuple[Any, ...] = field(default=())
    never: str = ""


FACTS: list[Fact] = []


def fact(
    says: str, section: str, calls: int = 0, **more: Any
) -> Callable[[Callable[[Trial], T]], Callable[[Trial], T]]:
    """Declare a fact. The function returns None where it agrees, and else what was seen; of a guess, the way."""

    def declared(attempt: Callable[[Trial], T]) -> Callable[[Trial], T]:
        FACTS.append(Fact(attempt.__name__, section, says, calls, attempt, **more))
        return attempt

    return declared


class Other(str):
    """An answer to a guess that is none of the emulator's ways."""

    __slots__ = ()


class Trial:
    """The account, and the integrations and reads that several facts of a run look at."""

    def __init__(
        self,
        account: Account,
        service: str,
        service2: str | None = None,
        orchestration: str | None = None,
        *,
        events: bool = False,
        new_stack: Callable[[], Stack] | None = None,
    ) -> None:
        self.account = account
        self.service = service
        self.service2 = service2
        self.orchestration = orchestration
        self.events = events
        self.path = f"/services/{service}"
        self.service_object: dict[str, Any] = {}
        self._new_stack = new_stack
        self._shared: dict[str, Any] = {}

    def given(self) -> set[str]:
        """Return the parameters that are there, of those that facts may need."""
        names = {"service2": self.service2, "orchestration": self.orchestration, "events": self.events}
        found = {name for name, value in names.items() if value}
        found |= {"engine"} if self._new_stack else set()
        return found | ({"key"} if self.account.settings.token else {"app"})

    def once(self, name: str, make: Callable[[], T]) -> T:
        """Make what several facts share; if it could not be made, say so to each of them."""
        if name not in self._shared:
            try:
                self._shared[name] = make()
            except NotTried as reason:
                self._shared[name] = reason
        found = self._shared[name]
        if isinstance(found, NotTried):
            raise NotTried(str(found))
        made: T = found
        return made

    def create(self, body_of: Callable[[str], Any], container: str | None = None, label: str | None = None) -> Made:
        answer, entry = self.account.create(container or self.path, body_of, label)
        return Made(self.allowed(answer), entry)

    def new(self, label_more: str = "", **body: Any) -> Made:
        """Request an integration on the service, whose name is its label."""
        return self.create(lambda label: {"name": label + label_more, **body})

    def words(self, answer: Response) -> str:
        """Describe a response without what is private."""
        return self.account.scrubber.text(str(answer))

    def read(self, made: Made) -> dict[str, Any]:
        """Get the integration that was created."""
        entry = made.require(self)
        answer = self.allowed(self.account.get(f"{entry.container}/integrations/{entry.id}"))
        return self.integration(answer)

    def allowed(self, answer: Response) -> Response:
        if answer.status in {401, 403}:
            raise NotTried(f"the token may not do this: {self.words(answer)}")
        return answer

    def integration(self, answer: Response) -> dict[str, Any]:
        found = answer.body.get("integration") if isinstance(answer.body, dict) else None
        if not answer.good or not isinstance(found, dict):
            raise NotTried(f"an integration could not be read: {self.words(answer)}")
        return found

    # Shared integrations

    @property
    def plain(self) -> Made:
        return self.once("plain", lambda: self.new(type=V2))

    @property
    def plain_read(self) -> dict[str, Any]:
        return self.once("plain_read", lambda: self.read(self.plain))

    @property
    def transformer(self) -> Made:
        return self.once("transformer", lambda: self.new(type=V1, vendor=vendor(CLOUDWATCH)))

    @property
    def custom(self) -> Made:
        body = {"type": TRANSFORMER, "vendor": vendor(CUSTOM), **_config(code=CODE)}
        return self.once("custom", lambda: self.new(**body))

    @property
    def domain(self) -> str:
        return self.once("domain", self._domain)

    def _domain(self) -> str:
        """Find the domain of the account's e-mail addresses: a generated one has it, or the web app's address."""
        answer = self.without_address.answer
        address = (answer.body.get("integration") or {}).get("integration_email") if answer.good else None
        found = address.rpartition("@")[2] if isinstance(address, str) and "@" in address else None
        link = str(self.service_object.get("html_url") or "").split("/")
        if found is None and len(link) > 2 and link[2].endswith(".pagerduty.com"):  # noqa: PLR2004 (https://HOST/…)
            found = link[2]
        if found is None:
            raise NotTried("no e-mail domain: PagerDuty generated no address, and no link shows the account's host")
        self.account.scrubber.name(found, "{domain}")
        return found

    @property
    def without_address(self) -> Made:
        return self.once("without_address", lambda: self.new(type=EMAIL))

    def address(self, label: str) -> str:
        return f"{label.replace(' ', '.')}@{self.domain}"

    def mail(self, container: str | None = None, **body: Any) -> Made:
        """Request an e-mail integration with an address of its own, unless the body has one."""
        _ = self.domain  # known before anything is created
        return self.create(
            lambda label: {"type": EMAIL, "name": label, "integration_email": self.address(label), **body}, container
        )

    @property
    def whole_mail(self) -> Made:
        return self.once(
            "whole_mail",
            lambda: self.mail(
                email_incident_creation="use_rules",
                email_filter_mode="and-rules-email",
                email_filters=FILTERS,
                email_parsers=PARSERS,
            ),
        )

    @property
    def whole_mail_read(self) -> dict[str, Any]:
        return self.once("whole_mail_read", lambda: self.read(self.whole_mail))

    @property
    def unfiltered(self) -> dict[str, Any]:
        return self.once("unfiltered", lambda: self.read(self.mail(email_filter_mode="or-rules-email")))

    # Shared reads

    @property
    def cloudwatch(self) -> dict[str, Any]:
        def read() -> dict[str, Any]:
            answer = self.allowed(self.account.get(f"/vendors/{CLOUDWATCH}"))
            found = answer.body.get("vendor") if answer.good and isinstance(answer.body, dict) else None
            if not isinstance(found, dict):
                raise NotTried(f"the vendor could not be read: {self.words(answer)}")
            return found

        return self.once("cloudwatch", read)

    @property
    def vendors_page(self) -> dict[str, Any]:
        def read() -> dict[str, Any]:
            answer = self.allowed(self.account.get("/vendors", limit=10, total="true"))
            if not answer.good or not isinstance(answer.body, dict) or not answer.body.get("vendors"):
                raise NotTried(f"vendors could not be listed: {self.words(answer)}")
            return answer.body

        return self.once("vendors_page", read)

    @property
    def bulk(self) -> dict[str, dict[str, Any]]:
        """The service's integrations in a page of services, by ID."""

        def read() -> dict[str, dict[str, Any]]:
            name = str(self.service_object["name"])
            answer = self.account.get("/services", **{"include[]": "integrations", "query": name, "limit": 100})
            services = answer.body.get("services") if answer.good and isinstance(answer.body, dict) else []
            found = [each for each in services or [] if each.get("id") == self.service]
            if not found:
                raise NotTried("a search for the service's name does not list it")
            return {str(each["id"]): each for each in found[0].get("integrations") or []}

        return self.once("bulk", read)

    @property
    def types(self) -> dict[str, Any]:
        """The types of integrations made with each published vendor, or the refusal, by the vendor's ID."""

        def read() -> dict[str, Any]:
            others = [each for each in [*RECORDED, *UNRECORDED] if each != CLOUDWATCH]
            made = {each: self.new(type=V1, vendor=vendor(each)) for each in others}
            made[CLOUDWATCH] = self.transformer
            answer = self.account.get(self.path, **{"include[]": "integrations"})
            body = answer.body.get("service", {}) if isinstance(answer.body, dict) else {}
            listed = {str(each.get("id")): str(each.get("type")) for each in body.get("integrations") or []}
            return {
                each: listed.get(str(one.entry.id), "not listed").removesuffix("_reference")
                if one.entry
                else Other(self.words(one.answer))
                for each, one in made.items()
            }

        return self.once("types", read)

    def orchestrated(self) -> Made:
        return self.once(
            "orchestrated",
            lambda: self.create(lambda label: {"label": label}, f"/event_orchestrations/{self.orchestration}"),
        )

    def life(self) -> dict[str, str | None]:
        """Take a stack through its life on the engine. Returns what each step disagreed with, or None."""

        def live() -> dict[str, str | None]:
            if self._new_stack is None:
                raise NotTried("left out")
            imported = self.plain.require(self)
            try:
                domain = self.domain
            except NotTried:
                domain = None
            try:
                stack = self._new_stack()
            except EngineError as error:
                raise NotTried(str(error)) from None
            try:
                life = Life(stack, self.service, self.orchestration, domain)
                life.live(imported)
            finally:
                stack.close()
            return life.results

        return self.once("life", live)


@dataclass(frozen=True)
class Made:
    """The response to a creation, and its entry in the journal if something was created."""

    answer: Response
    entry: Entry | None

    def require(self, trial: Trial) -> Entry:
        if self.entry is None or self.entry.id is None:
            raise NotTried(f"it needs an integration that was refused: {trial.words(self.answer)}")
        return self.entry

    @property
    def integration(self) -> dict[str, Any]:
        found = self.answer.body.get("integration") if isinstance(self.answer.body, dict) else None
        return found if isinstance(found, dict) else {}


def vendor(id: str) -> dict[str, str]:
    return {"type": "vendor_reference", "id": id}


def attempt(each: Fact, trial: Trial) -> Result:
    """Try a fact."""
    reasons = {
        "service2": "needs SERVICE2, a second service",
        "orchestration": "needs ORCHESTRATION, an event orchestration",
        "events": "no event is sent unless EVENTS=1",
        "engine": "left out by --only",
        "key": "needs a REST API key; an app is used",
        "app": "needs an app's credentials; an API key is used",
    }
    if each.never:
        return Result("not tried", each.never)
    for need in each.needs:
        if need not in trial.given():
            return Result("not tried", reasons[need])
    trial.account.recorder.fact = each.name
    try:
        seen = each.attempt(trial)
    except (NotTried, FailedError) as reason:
        return Result("not tried", str(reason))
    except (AttributeError, IndexError, KeyError, TypeError, ValueError):
        return Result("disagreed", "a response has another form")
    if each.setting and not isinstance(seen, Other):
        return Result("agreed" if seen == each.ways[0] else "disagreed", way=seen)
    return Result("agreed") if seen is None else Result("disagreed", str(seen))


def seen_unless(good: bool, seen: str) -> str | None:
    return None if good else seen


def refused_with(trial: Trial, made: Made, words: str) -> str | None:
    good = made.answer.status == 400 and made.answer.code == 2001 and words in made.answer.errors  # noqa: PLR2004
    return seen_unless(good, trial.words(made.answer))


# The account


@fact("GET of a service that does not exist is a 404 with code 2100", "2", 1)
def missing_service(t: Trial) -> str | None:
    answer = t.account.get(f"/services/{NOBODY}")
    return seen_unless((answer.status, answer.code) == (404, 2100), t.words(answer))


@fact("offset and limit beyond 10,000 are a 400 with code 2002", "2", 1)
def too_far(t: Trial) -> str | None:
    answer = t.account.get("/services", limit=1, offset=10_000)
    return seen_unless((answer.status, answer.code) == (400, 2002), t.words(answer))


@fact("the limit is 960 calls a minute, and a response's headers say so", "6", 1)
def limit_headers(t: Trial) -> str | None:
    shown = t.account.get(t.path).headers.get("ratelimit-limit")
    return seen_unless(shown == "960", f"ratelimit-limit is {shown if str(shown).isdigit() else 'absent'}")


@fact("`Authorization: Token KEY` without `token=` is accepted", "13", 1, needs=("key",))
def short_authorization(t: Trial) -> str | None:
    answer = t.account.call("GET", t.path, authorization=f"Token {t.account.settings.token}")
    return seen_unless(answer.good, t.words(answer))


@fact("an app's token begins with pdus+_ and is good for a day", "9", 0, needs=("app",))
def app_token(t: Trial) -> str | None:
    grant = t.account.grant or {}
    good = str(grant.get("access_token")).startswith("pdus+_") and grant.get("expires_in") == 86_400  # noqa: PLR2004
    return seen_unless(good, "another form or another time")


# Vendors


@fact("GET /vendors/PZQ6AUS is an object, Amazon CloudWatch, of kind `api`", "7", 1)
def one_vendor(t: Trial) -> str | None:
    found = t.cloudwatch.get("name"), t.cloudwatch.get("generic_service_type")
    return seen_unless(found == ("Amazon CloudWatch", "api"), f"it is {found}")


@fact("a vendor has the fields that were recorded in 2025", "7")
def vendor_fields(t: Trial) -> str | None:
    missing, more = VENDOR_FIELDS - t.cloudwatch.keys(), t.cloudwatch.keys() - VENDOR_FIELDS
    return seen_unless(not missing and not more, f"missing: {sorted(missing)}; more: {sorted(more)}")


@fact(
    "a vendor whose kind was not recorded is of kind `api`", "guess", 1,
    setting="generic_service_type", ways=("api", "events_api"),
)  # fmt: skip
def vendor_kind(t: Trial) -> Any:
    answer = t.allowed(t.account.get(f"/vendors/{CLOUDTRAIL}"))
    kind = (answer.body.get("vendor") or {}).get("generic_service_type") if answer.good else None
    return kind if kind in {"api", "events_api"} else Other(f"{kind or t.words(answer)}")


@fact("GET of an unknown vendor is a 404", "7", 1)
def unknown_vendor_read(t: Trial) -> str | None:
    answer = t.allowed(t.account.get(f"/vendors/{NOBODY}"))
    return seen_unless(answer.status == 404, t.words(answer))  # noqa: PLR2004


@fact("`query` filters vendors", "7, guess", 1, setting="vendor_query", ways=(True, False))
def vendor_query(t: Trial) -> Any:
    answer = t.allowed(t.account.get("/vendors", query="cloudwatch", limit=100))
    found = answer.body.get("vendors") if answer.good and isinstance(answer.body, dict) else None
    if not found:
        return Other(t.words(answer))
    return all("cloudwatch" in str(each.get("name")).lower() for each in found)


@fact("featured vendors come first: Amazon CloudWatch, Datadog, Nagios, New Relic, Pingdom", "7", 1)
def vendor_order(t: Trial) -> str | None:
    names = [str(each.get("name")) for each in t.vendors_page["vendors"][:5]]
    return seen_unless(names == ["Amazon CloudWatch", "Datadog", "Nagios", "New Relic", "Pingdom"], f"{names}")


@fact("there are 401 to 500 vendors", "7")
def vendor_count(t: Trial) -> str | None:
    total = t.vendors_page.get("total")
    return seen_unless(isinstance(total, int) and 400 < total <= 500, f"{total}")  # noqa: PLR2004


# Integrations


@fact(
    "the response to a POST shows the key", "guess", 1, creates=1,
    setting="keys_after_writes", ways=("shown", "absent"),
)  # fmt: skip
def key_after_post(t: Trial) -> Any:
    t.plain.require(t)
    return "shown" if t.plain.integration.get("integration_key") else "absent"


@fact("a GET right after the POST finds the integration, with its key", "1", 1)
def key_in_get(t: Trial) -> str | None:
    return seen_unless(bool(t.plain_read.get("integration_key")), "it has no key")


@fact(
    "without a vendor, `vendor` is null and `integration_email` is absent", "1, guess",
    setting="absent_fields", ways=("recorded", "null", "omitted"),
)  # fmt: skip
def absent_fields(t: Trial) -> Any:
    if "vendor" not in t.plain_read:
        return "omitted"
    return "null" if "integration_email" in t.plain_read else "recorded"


@fact(
    "the response to a POST shows the vendor's own type already", "2, guess", 1, creates=1,
    setting="type_settles", ways=("at_once", "later"),
)  # fmt: skip
def type_settles(t: Trial) -> Any:
    t.transformer.require(t)
    return {TRANSFORMER: "at_once", V1: "later"}.get(
        shown := str(t.transformer.integration.get("type")), Other(f"the type is {t.account.scrubber.text(shown)}")
    )


@fact("with a vendor, `type` may be absent", "2", 1, creates=1)
def no_type(t: Trial) -> str | None:
    made = t.new(vendor=vendor(CLOUDWATCH))
    return seen_unless(made.answer.good, t.words(made.answer))


@fact("with a vendor, the type `service_integration` is accepted", "2", 1, creates=1)
def service_integration_type(t: Trial) -> str | None:
    made = t.new(type="service_integration", vendor={"type": "vendor", "id": CLOUDWATCH})
    return seen_unless(made.answer.good, t.words(made.answer))


@fact("two integrations on a service may have the same name", "2", 1, creates=1)
def same_name(t: Trial) -> str | None:
    label = t.plain.require(t).label
    made = t.create(lambda same: {"name": same, "type": V2}, label=label)
    return seen_unless(made.answer.good, t.words(made.answer))


@fact("the type `aws_cloudwatch_inbound_integration` without a vendor is refused: Type cannot be empty.", "2", 1)
def cloudwatch_type(t: Trial) -> str | None:
    return refused_with(t, t.new(type="aws_cloudwatch_inbound_integration"), "Type cannot be empty.")


@fact("a type that ends in `_reference` without a vendor is refused: Type cannot be empty.", "2", 1)
def reference_type(t: Trial) -> str | None:
    return refused_with(t, t.new(type=f"{V2}_reference"), "Type cannot be empty.")


@fact("an event transformer without a vendor is refused: Vendor can't be blank", "2", 1)
def transformer_type(t: Trial) -> str | None:
    return refused_with(t, t.new(type=TRANSFORMER), "Vendor can't be blank")


@fact(
    "an unknown type without a vendor is refused", "guess", 1,
    setting="unknown_types", ways=("refuse", "settle"),
)  # fmt: skip
def unknown_type(t: Trial) -> Any:
    made = t.new(type="no_such_thing_inbound_integration")
    return "settle" if made.answer.good else "refuse" if made.answer.status == 400 else Other(t.words(made.answer))  # noqa: PLR2004


@fact(
    "an unknown vendor is a 400 with code 2001", "guess", 1,
    setting="unknown_vendor", ways=("invalid", "vendor_not_found", "not_found"),
)  # fmt: skip
def unknown_vendor(t: Trial) -> Any:
    answer = t.new(type=V1, vendor=vendor(NOBODY)).answer
    ways = {(400, 2001): "invalid", (404, 5001): "vendor_not_found", (404, 2100): "not_found"}
    return ways.get((answer.status, answer.code), Other(t.words(answer)))


@fact(
    "a vendor's ID in small letters is refused", "guess", 1,
    setting="vendor_ids", ways=("exact", "any_case"),
)  # fmt: skip
def vendor_id_case(t: Trial) -> Any:
    return "any_case" if t.new(type=V1, vendor=vendor(CLOUDWATCH.lower())).answer.good else "exact"


@fact(
    "a name is kept as it is", "guess", 2, creates=1,
    setting="names", ways=("kept", "composed", "squeezed", "cut"),
)  # fmt: skip
def names(t: Trial) -> Any:
    made = t.new("  two  blanks, an e\u0301 of two characters, and more than forty in all", type=V2)
    sent = f"{made.require(t).label}  two  blanks, an e\u0301 of two characters, and more than forty in all"
    shown = t.read(made).get("name")
    ways = {
        sent: "kept",
        unicodedata.normalize("NFC", sent): "composed",
        " ".join(sent.split()): "squeezed",
        sent[:40]: "cut",
    }
    return ways.get(str(shown), Other("another name"))


@fact(
    "PUT takes a name, and passes over type, vendor and unknown fields", "5", 2,
)  # fmt: skip
def put_passes_over(t: Trial) -> str | None:
    entry = t.plain.require(t)
    answer = t.once("put", lambda: _put_much(t, entry))
    if not answer.good:
        return t.words(answer)
    found = t.read(t.plain)
    good = (found.get("type"), found.get("vendor"), found.get("name")) == (V2, None, f"{entry.label} put")
    return seen_unless(good, "something else was changed")


def _put_much(t: Trial, entry: Entry) -> Response:
    body = {"type": V1, "vendor": vendor(CLOUDWATCH), "name": f"{entry.label} put", "no_such_field": True}
    return t.account.put(f"{entry.container}/integrations/{entry.id}", {"integration": body})


@fact(
    "the response to a PUT shows the key", "guess",
    setting="keys_after_writes", ways=("shown", "absent"),
)  # fmt: skip
def key_after_put(t: Trial) -> Any:
    entry = t.plain.require(t)
    found = t.integration(t.once("put", lambda: _put_much(t, entry)))
    return "shown" if found.get("integration_key") else "absent"


def _type_of(id: str) -> Callable[[Trial], str | None]:
    def attempt(t: Trial) -> str | None:
        return seen_unless(t.types[id] == RECORDED[id][1], t.account.scrubber.text(t.types[id]))

    return attempt


def _type_of_unrecorded(id: str) -> Callable[[Trial], Any]:
    def attempt(t: Trial) -> Any:
        way = t.types[id].removesuffix("_inbound_integration")
        known = {"generic_events_api", "event_transformer_api", "app_event_transform"}
        return way if way in known else Other(f"{t.account.scrubber.text(t.types[id])}: a row of data/vendors.csv")

    return attempt


for _number, (_id, (_name, _type)) in enumerate(RECORDED.items()):
    _calls = len(RECORDED) + len(UNRECORDED) if _number == 0 else 0
    FACTS.append(
        Fact(
            f"type_{_id}",
            "7",
            f"an integration with {_name} becomes {_type}",
            _calls,
            _type_of(_id),
            creates=max(_calls - 1, 0),
        )
    )
for _id, _name in UNRECORDED.items():
    FACTS.append(
        Fact(
            f"type_{_id}",
            "guess",
            f"an integration with {_name} becomes {V1}",
            0,
            _type_of_unrecorded(_id),
            setting="unrecorded_types",
            ways=("generic_events_api", "event_transformer_api", "app_event_transform"),
        )
    )


# config.fields of event transformers


def _config(**values: str) -> dict[str, Any]:
    return {"config": {"fields": {name: {"value": value} for name, value in values.items()}}}


def _values(found: dict[str, Any]) -> dict[str, Any]:
    config = found.get("config")
    fields = config.get("fields") if isinstance(config, dict) else None
    return {name: each.get("value") for name, each in (fields or {}).items() if isinstance(each, dict)}


@fact(
    "POST of a CloudWatch integration passes over `config`", "13, guess", 2, creates=1,
    setting="config_on_create", ways=("ignored", "taken"),
)  # fmt: skip
def config_on_create(t: Trial) -> Any:
    made = t.new(type=TRANSFORMER, vendor=vendor(CLOUDWATCH), **_config(incident_key="alarm_name"))
    if not made.answer.good:
        return Other(t.words(made.answer))
    return "taken" if _values(t.read(made)).get("incident_key") == "alarm_name" else "ignored"


@fact(
    "POST of a Custom Event Transformer passes over its code", "3, 13", 2, creates=1,
    setting="config_on_create", ways=("ignored", "taken"),
)  # fmt: skip
def code_on_create(t: Trial) -> Any:
    made = t.custom
    if not made.answer.good:
        return Other(t.words(made.answer))
    return "taken" if _values(t.read(made)).get("code") == CODE else "ignored"


CODE = "var event = PD.inputRequest.body; PD.emitGenericEvents([event]);"


@fact("PUT of a Custom Event Transformer takes its code, and the next GET shows it", "3, 13", 2)
def code_by_put(t: Trial) -> str | None:
    made = t.custom
    answer = _put(t, made, _config(code=f"{CODE} // put"))
    if not answer.good:
        return t.words(answer)
    return seen_unless(_values(t.read(made)).get("code") == f"{CODE} // put", "the code was not taken")


def _put(t: Trial, made: Made, body: dict[str, Any]) -> Response:
    entry = made.require(t)
    return t.allowed(t.account.put(f"{entry.container}/integrations/{entry.id}", {"integration": body}))


@fact(
    "the response to a PUT shows `config`", "13, guess", 1,
    setting="config_after_update", ways=("shown", "hidden"),
)  # fmt: skip
def config_after_update(t: Trial) -> Any:
    answer = _first_config(t)
    if not answer.good:
        return Other(t.words(answer))
    return "shown" if _values(answer.body.get("integration") or {}) else "hidden"


def _first_config(t: Trial) -> Response:
    return t.once("first_config", lambda: _put(t, t.transformer, _config(incident_key="alarm_name")))


@fact("PUT of nothing but one field of `config` is taken, and fields that are left out stay", "13", 2)
def config_fields_stay(t: Trial) -> str | None:
    answers = [_first_config(t), _put(t, t.transformer, _config(description="alarm_description"))]
    if refused := [each for each in answers if not each.good]:
        return t.words(refused[0])
    shown = _values(t.read(t.transformer))
    expected = {"incident_key": "alarm_name", "description": "alarm_description"}
    return seen_unless({name: shown.get(name) for name in expected} == expected, "not both fields are shown")


@fact(
    "a value of `config` that the web app does not offer is kept", "13, guess", 2,
    setting="unknown_config", ways=("kept", "refuse"),
)  # fmt: skip
def unknown_config(t: Trial) -> Any:
    made = t.custom
    answer = _put(t, made, _config(no_such_field="nothing"))
    if answer.status == 400:  # noqa: PLR2004
        return "refuse"
    if not answer.good:
        return Other(t.words(answer))
    return "kept" if _values(t.read(made)).get("no_such_field") == "nothing" else Other("passed over")


# E-mail


@fact(
    "an e-mail integration without an address gets one", "2, guess", 1, creates=1,
    setting="integration_email", ways=("generated", "required"),
)  # fmt: skip
def generated_address(t: Trial) -> Any:
    made = t.without_address
    if made.answer.status == 400:  # noqa: PLR2004
        return "required"
    return "generated" if made.integration.get("integration_email") else Other(t.words(made.answer))


@fact(
    "one POST sets everything about e-mail: the address, filters, parsers, modes", "3", 2, creates=1,
    setting="create_ignores", ways=([],),
)  # fmt: skip
def mail_in_one_post(t: Trial) -> Any:
    if not t.whole_mail.answer.good:
        return Other(t.words(t.whole_mail.answer))
    found = t.whole_mail_read
    expected: dict[str, Any] = {"email_incident_creation": "use_rules", "email_filter_mode": "and-rules-email"}
    missed = [name for name, value in expected.items() if found.get(name) != value]
    filters, parsers = found.get("email_filters") or [], found.get("email_parsers") or []
    missed += ["email_filters"] if [each.get("subject_regex") for each in filters] != ["ALERT", None] else []
    missed += ["email_parsers"] if [each.get("action") for each in parsers] != ["resolve"] else []
    return sorted(missed)


@fact("with parsers, `email_parsing_fallback` becomes open_new_incident", "3")
def parsing_fallback(t: Trial) -> str | None:
    return seen_unless(t.whole_mail_read.get("email_parsing_fallback") == "open_new_incident", "it does not")


@fact("an e-mail integration has no key", "4")
def mail_has_no_key(t: Trial) -> str | None:
    return seen_unless(not t.whole_mail_read.get("integration_key"), "it has one")


@fact("IDs of filters are texts, those of parsers are numbers, and a regex of the mode `always` is null", "4")
def filter_shapes(t: Trial) -> str | None:
    filters, parsers = t.whole_mail_read.get("email_filters") or [], t.whole_mail_read.get("email_parsers") or []
    if not filters or not parsers:
        raise NotTried("it has no filters or no parsers")
    good = (
        all(isinstance(each.get("id"), str) for each in filters)
        and all(isinstance(each.get("id"), int) for each in parsers)
        and filters[0].get("body_regex") is None
    )
    return seen_unless(good, "another shape")


@fact(
    "two integrations on one service may have the same address", "2, guess", 1, creates=1,
    setting="duplicate_emails", ways=("accept", "refuse"),
)  # fmt: skip
def same_address(t: Trial) -> Any:
    return "accept" if _same_address(t).answer.good else "refuse"


def _same_address(t: Trial) -> Made:
    address = t.address(t.whole_mail.require(t).label)
    return t.once("same_address", lambda: t.mail(integration_email=address))


@fact(
    "two integrations on two services may have the same address", "guess", 1, creates=1, needs=("service2",),
    setting="duplicate_emails", ways=("accept", "same_service"),
)  # fmt: skip
def same_address_elsewhere(t: Trial) -> Any:
    if not _same_address(t).answer.good:
        raise NotTried("not even one service may have the same address twice")
    address = t.address(t.whole_mail.require(t).label)
    made = t.mail(f"/services/{t.service2}", integration_email=address)
    return "accept" if made.answer.good else "same_service"


@fact(
    "an address of another domain is accepted", "2, guess", 1, creates=1,
    setting="email_domains", ways=("any", "account"),
)  # fmt: skip
def other_domain(t: Trial) -> Any:
    made = t.create(
        lambda label: {"type": EMAIL, "name": label, "integration_email": f"{label.replace(' ', '.')}@example.com"}
    )
    return "any" if made.answer.good else "account"


@fact(
    "without filters, `email_filter_mode` stays as it was sent", "guess", 2, creates=1,
    setting="filter_mode_without_filters", ways=("kept", "all-email"),
)  # fmt: skip
def filter_mode(t: Trial) -> Any:
    mode = t.unfiltered.get("email_filter_mode")
    return {"or-rules-email": "kept", "all-email": "all-email"}.get(str(mode), Other("another mode"))


@fact("without filters, an e-mail integration has one that always matches", "4")
def default_filter(t: Trial) -> str | None:
    shown = t.unfiltered.get("email_filters") or []
    modes = [[each.get(f"{part}_mode") for part in ("subject", "body", "from_email")] for each in shown]
    return seen_unless(modes == [["always"] * 3], f"{len(modes)} filters, or other modes")


@fact("an empty filter is accepted", "4", 1, creates=1)
def empty_filter(t: Trial) -> str | None:
    made = t.mail(email_filters=[{}])
    return seen_unless(made.answer.good, t.words(made.answer))


@fact("a parser's extractor `between` without limits is refused: Email handler email action rules value extr…", "2", 1)
def between_without_limits(t: Trial) -> str | None:
    parser = {**PARSERS[0], "value_extractors": [{"type": "between", "part": "body", "value_name": "incident_key"}]}
    made = t.mail(email_parsers=[parser])
    good = made.answer.status == 400 and any(  # noqa: PLR2004
        each.startswith("Email handler email action rules value extr") for each in made.answer.errors
    )
    return seen_unless(good, t.words(made.answer))


@fact(f"an integration with Email becomes {EMAIL}", "7", 1, creates=1)
def type_of_mail_vendor(t: Trial) -> str | None:
    made = t.mail(vendor=vendor(MAIL_VENDOR))
    good = made.answer.good and made.integration.get("type") == EMAIL
    return seen_unless(good, t.words(made.answer))


@fact(
    "with an e-mail vendor and an Events API type, the vendor decides", "2", 1, creates=1,
    setting="vendor_type_mismatch", ways=("vendor", "refuse"),
)  # fmt: skip
def vendor_type_mismatch(t: Trial) -> Any:
    made = t.mail(type=V1, vendor=vendor(MAIL_VENDOR))
    if made.answer.status == 400:  # noqa: PLR2004
        return "refuse"
    return "vendor" if made.integration.get("integration_email") else Other(t.words(made.answer))


# Lists


@fact(
    "`include[]=integrations` shows whole integrations, with e-mail rules", "1, guess", 1,
    setting="bulk_integrations", ways=("whole", "without_email_rules", "references"),
)  # fmt: skip
def bulk(t: Trial) -> Any:
    plain, mail = t.plain.require(t), t.whole_mail.require(t)
    if not str((t.bulk.get(str(plain.id)) or {}).get("integration_key") or ""):
        return "references"
    found = t.bulk.get(str(mail.id)) or {}
    return "whole" if "email_filters" in found else "without_email_rules"


@fact("a vendor in it is a reference whose `html_url` is null", "1")
def bulk_vendor(t: Trial) -> str | None:
    found = (t.bulk.get(str(t.transformer.require(t).id)) or {}).get("vendor")
    if found is None:
        raise NotTried("the list shows no vendor")
    return seen_unless((found.get("type"), found.get("html_url")) == ("vendor_reference", None), "another shape")


@fact(
    "`include[]=integrations` shows `config`", "13, guess",
    setting="config_in_bulk", ways=("shown", "hidden"),
)  # fmt: skip
def config_in_bulk(t: Trial) -> Any:
    if not _first_config(t).good:
        raise NotTried("`config` was refused")
    found = t.bulk.get(str(t.transformer.require(t).id)) or {}
    if "vendor" not in found and "created_at" not in found:
        raise NotTried("the list shows references only")
    return "shown" if _values(found) else "hidden"


@fact("`GET /services?query=` finds a service by an integration's key", "13", 1)
def query_by_key(t: Trial) -> str | None:
    key = t.plain_read.get("integration_key")
    if not key:
        raise NotTried("no key was shown")
    return _only_this_service(t, query=key)


@fact("`GET /services?id[]=` filters services", "13", 1)
def id_filter(t: Trial) -> str | None:
    return _only_this_service(t, **{"id[]": t.service})


def _only_this_service(t: Trial, **params: str) -> str | None:
    answer = t.account.get("/services", limit=2, **params)
    services = answer.body.get("services") if answer.good and isinstance(answer.body, dict) else None
    if services is None:
        return t.words(answer)
    return seen_unless([each.get("id") for each in services] == [t.service], f"{len(services)} services, or another")


# Deletion


def _deleted(t: Trial) -> tuple[str, Response]:
    def delete() -> tuple[str, Response]:
        entry = t.once("to_delete", lambda: t.new(type=V2)).require(t)
        return f"{entry.container}/integrations/{entry.id}", t.account.delete(entry)

    return t.once("deleted", delete)


@fact("DELETE of an integration is a 204", "5", 2, creates=1)
def delete_status(t: Trial) -> str | None:
    _, answer = _deleted(t)
    if answer.repeated:
        raise NotTried("the first response was lost")
    return seen_unless(answer.status == 204, t.words(answer))  # noqa: PLR2004


@fact("GET of a deleted integration is a 404 with code 2100", "5", 1)
def deleted_read(t: Trial) -> str | None:
    path, _ = _deleted(t)
    answer = t.account.get(path)
    return seen_unless((answer.status, answer.code) == (404, 2100), t.words(answer))


@fact("DELETE of a deleted integration is a 404", "5", 1)
def deleted_again(t: Trial) -> str | None:
    path, _ = _deleted(t)
    answer = t.account.call("DELETE", path)
    return seen_unless(answer.status == 404, t.words(answer))  # noqa: PLR2004


# Event orchestrations


@fact("an orchestration's integration has a UUID and a key R…", "13", 1, creates=1, needs=("orchestration",))
def orchestration_shape(t: Trial) -> str | None:
    made = t.orchestrated()
    entry = made.require(t)
    parameters = made.integration.get("parameters") or {}
    key = str(parameters.get("routing_key"))
    good = len(str(entry.id)) == 36 and len(key) == 32 and key[0] == "R" and parameters.get("type") == "global"  # noqa: PLR2004
    return seen_unless(good, "another form")


@fact("a list right after the creation has it", "13", 1, needs=("orchestration",))
def orchestration_list(t: Trial) -> str | None:
    entry = t.orchestrated().require(t)
    return seen_unless(entry.id in t.account.contents(entry.container), "it is not there yet")


@fact("PUT changes the label of an orchestration's integration", "13", 1, needs=("orchestration",))
def orchestration_put(t: Trial) -> str | None:
    made = t.orchestrated()
    answer = _put(t, made, {"label": f"{made.require(t).label} put"})
    return seen_unless(answer.good, t.words(answer))


# Events: each is resolved or needs no action


@fact("Events API v2 takes an event with the key: 202; its address may end in a slash", "8, 13", 2, needs=("events",))
def events_v2(t: Trial) -> str | None:
    event = {"routing_key": _key(t), "dedup_key": t.plain.require(t).label}
    payload = {"summary": f"{event['dedup_key']}: a test", "source": "make test-account", "severity": "info"}
    first = t.account.event("/v2/enqueue", {**event, "event_action": "trigger", "payload": payload})
    second = t.account.event("/v2/enqueue/", {**event, "event_action": "resolve"})
    refused = [each for each in (first, second) if each.status != 202]  # noqa: PLR2004
    return seen_unless(not refused, " ".join(t.words(each) for each in refused))


@fact("the integration URL of CloudWatch takes an alarm: 202", "8", 1, needs=("events",))
def events_url(t: Trial) -> str | None:
    key = t.read(t.transformer).get("integration_key")
    alarm = {"AlarmName": "make test-account", "NewStateValue": "OK", "OldStateValue": "OK"}
    answer = t.account.event(f"/integration/{key}/enqueue", alarm)
    return seen_unless(answer.status == 202, t.words(answer))  # noqa: PLR2004


@fact(
    "an event with an unknown key is accepted and lost", "guess", 1, needs=("events",),
    setting="unknown_routing_key", ways=("accept", "refuse"),
)  # fmt: skip
def unknown_key(t: Trial) -> Any:
    key = secrets.token_hex(16)
    answer = t.account.event("/v2/enqueue", {"routing_key": key, "event_action": "resolve", "dedup_key": "none"})
    return {202: "accept", 400: "refuse"}.get(answer.status, Other(t.words(answer)))


def _key(t: Trial) -> str:
    key = t.plain_read.get("integration_key")
    if not isinstance(key, str):
        raise NotTried("no key was shown")
    return key


# The engine


def _step(name: str) -> Callable[[Trial], str | None]:
    def attempt(t: Trial) -> str | None:
        results = t.life()
        if name not in results:
            raise NotTried("`pulumi up` failed")
        return results[name]

    return attempt


for _step_name, _says, _calls in (
    ("up", "`pulumi up` creates integrations for events, a vendor, e-mail and an orchestration", 4),
    ("preview", "`pulumi preview` after it shows no change", 0),
    ("refresh", "`pulumi refresh` shows no drift, and `up` after it changes nothing", 6),
    ("rename", "a new name is an update in place", 1),
    ("import", "`pulumi import` of an integration that exists previews clean", 3),
    ("destroy", "`pulumi destroy` deletes what `up` created, and the import", 8),
):
    FACTS.append(
        Fact(
            f"engine_{_step_name}",
            "engine",
            _says,
            _calls,
            _step(_step_name),
            creates=_calls if _step_name == "up" else 0,
            needs=("engine",),
        )
    )


# Facts that a run does not try


def _never(_trial: Trial) -> None:
    raise NotTried


@fact(
    "a 429 has a body, and headers", "6, guess",
    setting="rate_limit_bare", ways=(False, True),
)  # fmt: skip
def bare_refusals(t: Trial) -> Any:
    if not t.account.refusals:
        raise NotTried("no call was refused, and none is made for that")
    return not any(each.body or "ratelimit-reset" in each.headers for each in t.account.refusals)


for _name, _section, _says, _setting, _reason in (
    ("limit_kind", "6, guess", "calls come back all at once", "rate_limit_kind", "it would use up the account's limit"),
    ("events_429", "6, guess", "an event too many is refused in words", "events_rate_limit_body",
     "it would send more than 120 events in a minute"),
    ("unknown_policy", "guess", "a service with an unknown policy is a 400", "unknown_escalation_policy",
     "it needs more than the service that is named: it would create one"),
    ("no_name", "2", "with a vendor, the name may be absent", "", "the name would not bear the mark"),
    ("moved", "guess", "an integration that is moved keeps its ID", "", "only the web app moves integrations"),
    ("change_vendors", "7", "GitHub, GitLab and Jenkins are listed with AIOps only", "",
     "no AIOps: no call says whether the account has it"),
    ("migration", "13", "a migration keeps ID and key", "", "it needs more than the orchestration that is named"),
):  # fmt: skip
    FACTS.append(Fact(_name, _section, _says, 0, _never, setting=_setting, never=_reason))
