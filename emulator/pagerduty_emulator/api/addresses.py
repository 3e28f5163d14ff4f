"""Every address of the emulated APIs."""

from __future__ import annotations

from pagerduty_emulator.operation import Routes

from .abilities.routes import ROUTES as ABILITIES
from .escalation_policies.routes import ROUTES as ESCALATION_POLICIES
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
    **ESCALATION_POLICIES,
    **USERS,
    **LICENSES,
    **TEAMS,
    **RESPONSE_PLAYS,
}
EVENTS: Routes = {**EVENT_ROUTES, **OAUTH}
