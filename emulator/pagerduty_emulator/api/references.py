"""How objects refer to each other in responses."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from pagerduty_emulator.account import Account
from pagerduty_emulator.settings import Settings


@dataclass(frozen=True)
class References:
    """Makes the references of a response; `base_url` is where the client reached us."""

    settings: Settings
    base_url: str
    time_zone: ZoneInfo | None = None
    """The time zone of dates; None: the account's."""

    def local(self, time: str) -> str:
        """Return a time of the database (UTC) as services and integrations show it."""
        if self.time_zone is None:
            return self.settings.local(time)
        local = datetime.fromisoformat(time).astimezone(self.time_zone)
        return local.isoformat().replace("+00:00", "Z")

    def rendered(self, time: str) -> str:
        """Return a time of the database as incidents show it: in UTC, unless the client named a zone."""
        return time if self.time_zone is None else self.local(time)

    def html_url(self, path: str) -> str:
        """Return a page of the web app: the emulator's own, or the account's at PagerDuty.

        The latter with that setting, and for a client that reaches the emulator by one of PagerDuty's names.
        """
        if self.settings.html_urls == "pagerduty" or self.base_url.removesuffix(".").endswith(".pagerduty.com"):
            return f"https://{self.settings.email_domain}{path}"
        return f"{self.base_url}{path}"

    def vendor(self, vendor_id: str, name: str) -> dict[str, Any]:
        """Return a vendor; it has no page."""
        return {
            "id": vendor_id,
            "type": "vendor_reference",
            "summary": name,
            "self": f"{self.base_url}/vendors/{vendor_id}",
            "html_url": None,
        }

    def service(self, service_id: str, name: str) -> dict[str, Any]:
        """Return a service."""
        return {
            "id": service_id,
            "type": "service_reference",
            "summary": name,
            "self": f"{self.base_url}/services/{service_id}",
            "html_url": self.html_url(f"/service-directory/{service_id}"),
        }

    def escalation_policy(self, policy_id: str, name: str) -> dict[str, Any]:
        """Return an escalation policy."""
        return self._plain("escalation_policy", policy_id, name, f"/escalation_policies/{policy_id}")

    def response_play(self, play_id: str, name: str) -> dict[str, Any]:
        """Return a response play; it has no page."""
        return {**self._plain("response_play", play_id, name, f"/response_plays/{play_id}"), "html_url": None}

    def integration(self, integration_id: str, service_id: str, kind: str, name: str) -> dict[str, Any]:
        """Return an integration of a type, which may be gone."""
        return self._plain(kind, integration_id, name, f"/services/{service_id}/integrations/{integration_id}")

    def orchestration_integration(
        self, integration_id: str, orchestration_id: str, kind: str, label: str
    ) -> dict[str, Any]:
        """Return an integration of an event orchestration, which may be gone."""
        path = f"/event_orchestrations/{orchestration_id}/integrations/{integration_id}"
        return self._plain(kind, integration_id, label, path)

    def user(self, user_id: str, name: str) -> dict[str, Any]:
        """Return a user."""
        return self._plain("user", user_id, name, f"/users/{user_id}")

    def of_user(self, kind: str, object_id: str, user_id: str, summary: str) -> dict[str, Any]:
        """Return a user's contact method or notification rule; it has no page."""
        collection = "contact_methods" if kind.endswith("contact_method") else "notification_rules"
        return {**self._plain(kind, object_id, summary, f"/users/{user_id}/{collection}/{object_id}"), "html_url": None}

    def incident(self, incident_id: str, summary: str) -> dict[str, Any]:
        """Return an incident."""
        return self._plain("incident", incident_id, summary, f"/incidents/{incident_id}")

    def trigger_log_entry(self, incident_id: str) -> dict[str, Any]:
        """Return the log entry with which an incident began. Log entries are not served."""
        entry_id = f"R{incident_id[1:]}"
        summary = "Triggered through the API."
        shown = self._plain("trigger_log_entry", entry_id, summary, f"/log_entries/{entry_id}")
        return {**shown, "html_url": self.html_url(f"/incidents/{incident_id}")}

    def team(self, team_id: str, name: str) -> dict[str, Any]:
        """Return a team."""
        return self._plain("team", team_id, name, f"/teams/{team_id}")

    def _plain(self, kind: str, object_id: str, summary: str, path: str) -> dict[str, Any]:
        """Return an object with a page at its own path."""
        return {
            "id": object_id,
            "type": f"{kind}_reference",
            "summary": summary,
            "self": f"{self.base_url}{path}",
            "html_url": self.html_url(path),
        }


def references_for(account: Account, base_url: str | None = None, time_zone: ZoneInfo | None = None) -> References:
    """Return the references of a response; links in them start with `base_url` (None: where the emulator is)."""
    return References(account.settings, base_url or account.url, time_zone)
