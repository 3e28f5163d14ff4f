"""How objects refer to each other in responses."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from pagerduty_emulator.account import Account
from pagerduty_emulator.settings import Settings


@dataclass(frozen=True)
class References:
    """Makes the references of a response; `base_url` is where the client reached us."""

    settings: Settings
    base_url: str

    def html_url(self, path: str) -> str:
        """A page of the web app: the emulator's own, or PagerDuty's where the settings say so."""
        if self.settings.html_urls == "pagerduty":
            return f"https://{self.settings.email_domain}{path}"
        return f"{self.base_url}{path}"

    def vendor(self, vendor_id: str, name: str) -> dict[str, Any]:
        """A vendor; it has no page."""
        return {
            "id": vendor_id,
            "type": "vendor_reference",
            "summary": name,
            "self": f"{self.base_url}/vendors/{vendor_id}",
            "html_url": None,
        }

    def service(self, service_id: str, name: str) -> dict[str, Any]:
        """A service."""
        return {
            "id": service_id,
            "type": "service_reference",
            "summary": name,
            "self": f"{self.base_url}/services/{service_id}",
            "html_url": self.html_url(f"/service-directory/{service_id}"),
        }

    def escalation_policy(self, policy_id: str) -> dict[str, Any]:
        """An escalation policy: the emulator has none, any id does."""
        return self._plain("escalation_policy", policy_id, "Default", f"/escalation_policies/{policy_id}")

    def integration(self, integration_id: str, service_id: str, kind: str, name: str) -> dict[str, Any]:
        """An integration of a type, which may be gone."""
        return self._plain(kind, integration_id, name, f"/services/{service_id}/integrations/{integration_id}")

    def user(self, user_id: str, name: str) -> dict[str, Any]:
        """A user."""
        return self._plain("user", user_id, name, f"/users/{user_id}")

    def team(self, team_id: str, name: str) -> dict[str, Any]:
        """A team."""
        return self._plain("team", team_id, name, f"/teams/{team_id}")

    def _plain(self, kind: str, object_id: str, summary: str, path: str) -> dict[str, Any]:
        """An object with a page at its own path."""
        return {
            "id": object_id,
            "type": f"{kind}_reference",
            "summary": summary,
            "self": f"{self.base_url}{path}",
            "html_url": self.html_url(path),
        }


def references_for(account: Account, base_url: str | None = None) -> References:
    """The references of a response; links in them start with `base_url` (None: where the emulator is)."""
    return References(account.settings, base_url or account.url)
