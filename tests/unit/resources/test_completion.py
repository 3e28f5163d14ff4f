"""Whether what was asked for is there, as far as PagerDuty's answers tell."""

from __future__ import annotations

from typing import cast

import pytest
from pagerduty_native.pagerduty.account import Account
from pagerduty_native.pagerduty.errors import NotFoundError
from pagerduty_native.pagerduty.integration import Integration, integration_from
from pagerduty_native.resources.completion import told
from pagerduty_native.resources.integration import IntegrationArgs
from pagerduty_native.rpc import decode

WHOLE = {
    "id": "I1",
    "type": "generic_email_inbound_integration",
    "name": "mail",
    "integration_email": "a@acme.pagerduty.com",
    "email_filters": [{"subject_mode": "always"}],
    "email_parsers": [{"action": "trigger"}],
}
# Recorded: go-pagerduty #315.
SILENT = {name: value for name, value in WHOLE.items() if name != "email_parsers"}
ARGS = decode(IntegrationArgs, {"service": "S1", "name": "mail", "emailParsers": [{"action": "trigger"}]})


class FakeAccount:
    """An account whose integrations are read one by one. reads: how often."""

    def __init__(self, *, there: bool = True) -> None:
        self.integrations = self
        self.there = there
        self.reads = 0

    def read(self, service_id: str, id: str) -> Integration:
        assert (service_id, id) == ("S1", "I1")
        self.reads += 1
        if not self.there:
            raise NotFoundError(404, None, "Not Found", ())
        return integration_from(WHOLE, "S1")


@pytest.mark.parametrize(("answer", "reads"), [(WHOLE, 0), (SILENT, 1)], ids=["told", "silent"])
def test_silence_is_no_refusal(answer: dict[str, object], reads: int) -> None:
    account = FakeAccount()
    found = told(cast("Account", account), integration_from(answer, "S1"), ARGS)
    assert (found.email_parsers, account.reads) == (WHOLE["email_parsers"], reads)


def test_what_cannot_be_read_once_more_exists_all_the_same() -> None:
    silent = integration_from(SILENT, "S1")
    assert told(cast("Account", FakeAccount(there=False)), silent, ARGS) is silent


def test_nothing_is_read_for_what_was_not_asked_for() -> None:
    account = FakeAccount()
    args = decode(IntegrationArgs, {"service": "S1", "name": "mail"})
    told(cast("Account", account), integration_from(SILENT, "S1"), args)
    assert account.reads == 0
