"""`pulumi do`: one command for one integration, without a program or a state."""

from __future__ import annotations

import json

from pagerduty_emulator import Emulator

from tests.support.stack import TYPE, Result, Stack


def test_an_integration_from_create_to_delete(stack: Stack, emulator: Emulator) -> None:
    """With how many calls each takes."""

    def do(*arguments: str, calls: list[str], fails: bool = False) -> Result:
        emulator.requests.clear()
        setting = ("--pagerduty-native:api-url-override", emulator.url)
        result = stack.pulumi("do", "--stateless", TYPE, *arguments, *setting, fails=fails)
        assert [f"{each.method} {each.path}" for each in emulator.requests] == calls
        return result

    arguments = ("--service", "PCHECKT", "--type", "events_api_v2_inbound_integration", "--name", "alarms")
    created = do("create", *arguments, "--yes", calls=["POST /services/PCHECKT/integrations"])
    (made,) = emulator.integrations()
    made_id, one = f"PCHECKT.{made['id']}", f"/services/PCHECKT/integrations/{made['id']}"
    assert made_id in created.output
    assert made["integration_key"] not in created.output

    listed = do("list", "--name", "ala*", "--count", "5", calls=["GET /services"])
    assert json.loads(listed.output) == [{"id": made_id, "name": "alarms"}]
    misspelt = do("list", "--service", "Chekout", calls=["GET /services", "GET /services"], fails=True)
    assert "Did you mean 'Checkout'?" in misspelt.output

    read = do("read", made_id, calls=["GET /services/PCHECKT"])
    assert "alarms" in read.output
    assert made["integration_key"] not in read.output

    do("patch", made_id, "--name", "Alarms", "--yes", calls=["GET /services/PCHECKT", f"PUT {one}"])
    assert emulator.integrations()[0]["name"] == "Alarms"
    refused = do("patch", made_id, "--service", "PAYMNT2", "--yes", calls=["GET /services/PCHECKT"], fails=True)
    assert (
        f"`service` cannot be changed in place: create another resource, and then delete {made_id}." in refused.output
    )

    do("delete", made_id, "--yes", calls=["GET /services/PCHECKT", f"DELETE {one}"])
    assert emulator.integrations() == []
