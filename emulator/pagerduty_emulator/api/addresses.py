"""Every address of the emulated APIs."""

from __future__ import annotations

from pagerduty_emulator.operation import Routes

from .abilities.routes import ROUTES as ABILITIES
from .change_events.routes import ROUTES as CHANGE_EVENTS
from .escalation_policies.routes import ROUTES as ESCALATION_POLICIES
from .event_orchestrations.routes import ROUTES as EVENT_ORCHESTRATIONS
from .events.routes import ROUTES as EVENT_ROUTES
from .incidents.routes import ROUTES as INCIDENTS
from .integrations.routes import ROUTES as INTEGRATIONS
from .licenses.routes import ROUTES as LICENSES
from .oauth.routes import ROUTES as OAUTH
from .response_plays.routes import ROUTES as RESPONSE_PLAYS
from .services.routes import ROUTES as SERVICES
from .teams.routes import ROUTES as TEAMS
from .users.routes import ROUTES as USERS
from .vendors.routes import ROUTES as VENDORS

REST: Routes = {
    **ABILITIES,
    **VENDORS,
    **SERVICES,
    **INTEGRATIONS,
    **INCIDENTS,
    **CHANGE_EVENTS,
    **EVENT_ORCHESTRATIONS,
    **ESCALATION_POLICIES,
    **USERS,
    **LICENSES,
    **TEAMS,
    **RESPONSE_PLAYS,
}
EVENTS: Routes = {**EVENT_ROUTES, **OAUTH}

NOT_SERVED: dict[str, tuple[str, ...]] = {
    "/change_events": ("POST",),
    "/change_events/{id}": ("PUT",),
    "/incidents/{id}/alerts/{alert_id}": ("PUT",),
    "/incidents": ("POST", "PUT"),
    "/incidents/custom_fields": ("GET", "POST"),
    "/incidents/types": ("GET", "POST"),
    "/incidents/{id}": ("PUT",),
    "/incidents/{id}/alerts": ("PUT",),
    "/services/custom_fields": ("GET", "POST"),
    "/users/{id}/contact_methods": ("POST",),
    "/users/{id}/contact_methods/{contact_method_id}": ("PUT", "DELETE"),
    "/users/{id}/notification_rules": ("POST",),
    "/users/{id}/notification_rules/{notification_rule_id}": ("PUT", "DELETE"),
}
"""Operations of PagerDuty at addresses that are served, or that a served one would take for its own.

A test compares them with PagerDuty's description. All other addresses are not served either.
"""
