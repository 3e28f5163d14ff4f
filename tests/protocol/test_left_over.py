"""What a run that was killed left behind is told by its ID, with no call made for it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta, timezone

import pytest
from pagerduty_emulator import Emulator
from pagerduty_native.package import PACKAGE
from pagerduty_native.rpc.holders import Holders
from pagerduty_native.rpc.values import Values
from pagerduty_native.rpc.wire import from_struct

from tests.conftest import TOKEN
from tests.support.provider import Engine, Provider, serving
from tests.support.stack import TYPE

V2, GENERIC = "events_api_v2_inbound_integration", "generic_events_api_inbound_integration"
EMAIL = "generic_email_inbound_integration"
CLOUDWATCH = "PZQ6AUS"
OURS: Values = {"service": "PCHECKT", "type": V2, "name": "alarms-0123abc"}
TWIN: Values = {**OURS, "name": "alarms-fedcba9"}


class Run:
    """One run of the engine, with a process of the provider's own. messages: what the user was told."""

    def __init__(self, provider: Provider, engine: Engine) -> None:
        self.provider = provider
        self._engine = engine

    def make(self, inputs: Values) -> tuple[str, Values]:
        made = self.provider.create(inputs)
        return made.id, from_struct(made.properties)

    def refresh(self, made: tuple[str, Values], inputs: Values, name: str = "alarms") -> None:
        self.provider.urn = self.provider.urn.rpartition("::")[0] + f"::{name}"
        self.provider.read(made[0], made[1], inputs)

    @property
    def messages(self) -> list[str]:
        return [each.message for each in self._engine.messages]


@pytest.fixture
def run(emulator: Emulator, engine: tuple[Engine, str]) -> Iterator[Run]:
    listening, address = engine
    with serving(PACKAGE, TYPE, engine_address=address, name="alarms") as provider:
        provider.configure(token=TOKEN, apiUrlOverride=emulator.url)
        yield Run(provider, listening)


def anew(run: Run, emulator: Emulator) -> None:
    """Let the next run begin, in which nothing is known."""
    run.provider.configure(token=TOKEN, apiUrlOverride=emulator.url)
    run.provider.service.holders = Holders()
    emulator.requests.clear()


def age(emulator: Emulator, id: str, hours: float) -> None:
    """Let an integration be as old as that."""
    created_at = (datetime.now(timezone.utc) - timedelta(hours=hours)).strftime("%Y-%m-%dT%H:%M:%SZ")
    emulator.database.execute("UPDATE integrations SET created_at = ? WHERE id = ?", created_at, id.split(".")[1])


def test_a_refresh_tells_it_once_and_makes_no_call_for_it(run: Run, emulator: Emulator) -> None:
    left, ours = run.make(TWIN), run.make(OURS)
    age(emulator, left[0], 1)
    anew(run, emulator)
    run.refresh(ours, OURS)
    run.refresh(ours, OURS)
    (message,) = run.messages
    integration = emulator.integration(left[0].split(".")[1])
    assert message.startswith(f"{left[0]} may be left over from a run that was killed: it is like {ours[0]}")
    assert f"delete it in PagerDuty ({integration['html_url']})" in message
    assert message.endswith(f"pulumi import pagerduty-native:index:Integration NAME {left[0]}")
    assert integration["integration_key"] not in message
    assert emulator.requests.counts() == {"GET /services/{id}": 1}


def test_a_creation_tells_it_if_a_refresh_of_the_same_run_saw_it(run: Run, emulator: Emulator) -> None:
    left, other = run.make(TWIN), run.make({**OURS, "name": "other"})
    age(emulator, left[0], 1)
    anew(run, emulator)
    run.refresh(other, {**OURS, "name": "other"}, "other")
    assert run.messages == []
    ours = run.make(OURS)
    (message,) = run.messages
    assert message.startswith(f"{left[0]} may be left over from a run that was killed: it is like {ours[0]}")
    assert emulator.requests.counts() == {"GET /services/{id}": 1, "POST /services/{id}/integrations": 1}


def test_a_creation_tells_it_if_it_looked_for_what_got_no_response(run: Run, emulator: Emulator) -> None:
    left = run.make({**OURS, "name": "alarms"})
    age(emulator, left[0], 1)
    anew(run, emulator)
    emulator.inject("status", "POST", status=504, after_commit=True)
    run.make({**OURS, "name": "alarms"})
    adopted, message = run.messages
    assert "so it was adopted" in adopted
    assert message.startswith(f"{left[0]} may be left over")


@pytest.mark.parametrize(
    ("twin", "hours"),
    [
        pytest.param(TWIN, 25, id="made long ago"),
        pytest.param(TWIN, -1, id="made later"),
        pytest.param({**OURS, "name": "alarms-staging"}, 1, id="of another name"),
        pytest.param({**OURS, "name": "alarms"}, 1, id="of a name that was given"),
        pytest.param({**OURS, "name": "alarm-fedcba9"}, 1, id="of a resource of another name"),
        pytest.param({**TWIN, "type": GENERIC}, 1, id="of another type"),
        pytest.param({**TWIN, "type": EMAIL}, 1, id="of another kind"),
        pytest.param({**TWIN, "vendor": CLOUDWATCH}, 1, id="of a vendor"),
        pytest.param({**TWIN, "service": "PAYMNT2"}, 1, id="on another service"),
    ],
)
def test_what_is_unlike_it_is_nobodys_business(run: Run, emulator: Emulator, twin: Values, hours: float) -> None:
    other, ours = run.make(twin), run.make(OURS)
    age(emulator, other[0], hours)
    anew(run, emulator)
    run.refresh(ours, OURS)
    assert run.messages == []


def test_what_another_resource_of_the_deployment_has_is_not_left_over(run: Run, emulator: Emulator) -> None:
    """Two resources with the same name and of the same kind: the engine reads the older one first."""
    older, newer = run.make(TWIN), run.make(OURS)
    age(emulator, older[0], 1)
    anew(run, emulator)
    run.refresh(older, TWIN, "older")
    run.refresh(newer, OURS, "newer")
    assert run.messages == []


def test_what_the_program_holds_is_not_left_over(run: Run, emulator: Emulator) -> None:
    """Compared, and not read: as without a refresh, where a function read the service."""
    older = run.make(TWIN)
    age(emulator, older[0], 1)
    anew(run, emulator)
    run.provider.urn += "-older"
    run.provider.diff(TWIN, older[1], TWIN, older[0])
    run.provider.urn = run.provider.urn.removesuffix("-older")
    run.provider.invoke("pagerduty-native:index:getIntegrations", service="PCHECKT")
    run.make(OURS)
    assert run.messages == []


def test_an_import_tells_nothing(run: Run, emulator: Emulator) -> None:
    left, ours = run.make(TWIN), run.make(OURS)
    age(emulator, left[0], 1)
    anew(run, emulator)
    run.provider.read(ours[0])
    assert run.messages == []
