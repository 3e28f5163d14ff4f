"""E-mail that arrives at an integration's address: filters, parsers, alerts."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from pagerduty_emulator.account import Account
from pagerduty_emulator.api.events.rules import receive, source_of
from pagerduty_emulator.api.incidents.rows import has_open_alerts
from pagerduty_emulator.api.incidents.rules import Event
from pagerduty_emulator.api.integrations.email_rules import FILTERED
from pagerduty_emulator.api.integrations.regexes import compiled
from pagerduty_emulator.api.integrations.rows import with_address
from pagerduty_emulator.database import Row


@dataclass
class Mail:
    """An incoming e-mail."""

    to: str
    sender: str
    subject: str
    body: str

    def part(self, name: str) -> str:
        """Return the text that a filter or parser means by `name`."""
        parts = {"subject": self.subject, "body": self.body}
        return parts.get(name, self.sender)


def receive_mail(account: Account, mail: Mail) -> str:
    """Treat a mail as its integration is set to; say what, as the event log does."""
    integration = with_address(account.database, mail.to)
    event = Event("ignore", mail.subject or "(no subject)", details={"body": mail.body})
    if integration is not None:
        settings = json.loads(integration["email_settings"])
        if passes(settings, mail):
            _decide(account, integration, settings, mail, event)
    source = source_of(integration) if integration is not None else None
    return receive(account, "email", source, event, {"from": mail.sender, "subject": mail.subject}).outcome


def passes(settings: dict[str, Any], mail: Mail) -> bool:
    """Return whether the filters let a mail pass."""
    mode = settings["email_filter_mode"]
    if mode == "all-email":
        return True
    results = [_filter_passes(item, mail) for item in settings["email_filters"]]
    return all(results) if mode == "and-rules-email" else any(results)


def _filter_passes(item: dict[str, Any], mail: Mail) -> bool:
    for field in FILTERED:
        mode = item[f"{field}_mode"]
        if mode == "always":
            continue
        found = compiled(item[f"{field}_regex"]).search(mail.part(field)) is not None
        if found != (mode == "match"):
            return False
    return True


def _decide(account: Account, integration: Row, settings: dict[str, Any], mail: Mail, event: Event) -> None:
    """Fill in what the event does: triggers (with which key), resolves, or nothing."""
    creation = settings["email_incident_creation"]
    if creation == "use_rules":
        for parser in settings["email_parsers"] or []:
            if matches(parser["match_predicate"], mail):
                event.action = parser["action"]
                event.dedup_key = incident_key(parser["value_extractors"], mail)
                return
        if settings["email_parsing_fallback"] == "open_new_incident":
            event.action = "trigger"
        return
    event.action = "trigger"
    if creation == "on_new_email_subject":
        event.dedup_key = mail.subject
    elif creation == "only_if_no_open_incidents" and has_open_alerts(account.database, integration["service_id"]):
        event.action = "ignore"


def matches(predicate: dict[str, Any], mail: Mail) -> bool:
    """Return whether a parser's condition holds."""
    kind = predicate["type"]
    if kind in ("all", "any", "not"):
        results = [matches(child, mail) for child in predicate["children"]]
        return {"all": all(results), "any": any(results), "not": not any(results)}[kind]
    text, matcher = mail.part(predicate["part"]), predicate["matcher"]
    if kind == "contains":
        return matcher in text
    if kind == "exactly":
        return bool(matcher == text)
    return compiled(matcher).search(text) is not None


def incident_key(extractors: list[dict[str, Any]], mail: Mail) -> str | None:
    """Return the value named incident_key, which ties mails to one alert; several groups are joined with dashes."""
    extractor = next(item for item in extractors if item["value_name"] == "incident_key")
    text = mail.part(extractor["part"])
    if extractor["type"] == "between":
        after = text.partition(extractor["starts_after"])[2] if extractor["starts_after"] else text
        return after.partition(extractor["ends_before"])[0] if extractor["ends_before"] else after
    if extractor["type"] == "regex":
        found = compiled(extractor["regex"]).search(text)
        return found and "-".join(group or "" for group in found.groups())
    return text
