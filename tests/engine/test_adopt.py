"""An account that exists comes under management: `pagerduty-native adopt`, then `pulumi import`, on the real engine."""

from __future__ import annotations

import itertools
import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest
import yaml
from pagerduty_emulator import Emulator

from tests.conftest import COMMAND
from tests.support.account import post_integration
from tests.support.stack import PROJECT, STACK, Stack

SERVICES = 40
EACH = 5
BRIDGED = "pagerduty:index/serviceIntegration:ServiceIntegration"
FILTERS = [{"subject_mode": "match", "subject_regex": "down", "body_mode": "always", "from_email_mode": "always"}]
PARSERS = [
    {
        "action": "trigger",
        "match_predicate": {"type": "all", "children": [{"type": "contains", "part": "subject", "matcher": "down"}]},
        "value_extractors": [
            {"type": "between", "part": "body", "value_name": "incident_key", "starts_after": "id:", "ends_before": ";"}
        ],
    }
]
# One of each kind that people have. Two of them have the same name, as two services do.
KINDS: list[dict[str, Any]] = [
    {"name": "CloudWatch", "vendor": "PZQ6AUS"},
    {"name": "CloudWatch", "vendor": "PZQ6AUS"},
    {"name": "Sentry: errors", "vendor": "PKAPG94"},
    {"name": "Datadog", "vendor": "PAM4FGS"},
    {"name": "Orion", "vendor": "P4B29MM"},
    {"name": "Events", "type": "events_api_v2_inbound_integration"},
    {"name": "Früher (v1)", "type": "generic_events_api_inbound_integration"},
    {"name": "監視", "type": "nagios_inbound_integration"},
    {"name": "Mail", "type": "generic_email_inbound_integration"},
    {
        "name": "Mail with rules",
        "vendor": "PBPQJ1M",
        "email_incident_creation": "use_rules",
        "email_filter_mode": "and-rules-email",
        "email_filters": FILTERS,
        "email_parsers": PARSERS,
    },
    {"name": "10. Custom", "vendor": "PCJ0EFQ"},
]


@pytest.fixture
def account(emulator: Emulator) -> list[dict[str, Any]]:
    """Make 200 integrations of all kinds on 40 services, as people do by hand."""
    made: list[dict[str, Any]] = []
    kinds = itertools.cycle(KINDS)
    services = [emulator.add_service(f"Team {number // 2}") for number in range(SERVICES)]
    for service in services:
        made += [post_integration(emulator, service, **kind) for kind in itertools.islice(kinds, EACH)]
    return made


def states(made: list[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    """Integrations as the bridged provider has them in its state."""
    for number, each in enumerate(made):
        yield {
            "urn": f"urn:pulumi:{STACK}::{PROJECT}::{BRIDGED}::old{number}",
            "custom": True,
            "id": each["id"],
            "type": BRIDGED,
            "outputs": {"service": each["service"]["id"], "integrationKey": each.get("integration_key", "")},
        }


def bridge(stack: Stack, made: list[dict[str, Any]]) -> None:
    """Put integrations into a stack as the bridged provider's."""
    state = json.loads(stack.export())
    state["deployment"]["resources"] = [*state["deployment"].get("resources", []), *states(made)]
    (stack.folder / "bridged.json").write_text(json.dumps(state))
    stack.pulumi("stack", "import", "--file=bridged.json")


def adopt(stack: Stack, *arguments: str) -> str:
    done = stack.command(COMMAND, "adopt", f"--stack={STACK}", f"--managed-by={STACK}", *arguments)
    return done.stdout + done.stderr


def import_all(stack: Stack, file: str) -> None:
    """Import what is in a file, and add what that generates to the program."""
    stack.pulumi("import", f"--file={file}", "--yes", "--skip-preview", "--protect=false", "--out=imported.yaml")
    program = yaml.safe_load((stack.folder / "Pulumi.yaml").read_text())
    imported = yaml.safe_load((stack.folder / "imported.yaml").read_text())
    stack.program(resources=program["resources"] | imported["resources"])


def managed(stack: Stack) -> list[str]:
    resources = json.loads(stack.export())["deployment"]["resources"]
    return sorted(each["id"] for each in resources if each["type"] == "pagerduty-native:index:Integration")


def test_an_account_comes_under_management(
    new_stack: Callable[..., Stack], emulator: Emulator, account: list[dict[str, Any]]
) -> None:
    stack, old = new_stack(), new_stack("old")
    # One is managed already; some are in the bridged provider's stack.
    stack.integration(service="PCDNE10", type="events_api_v2_inbound_integration", name="Managed")
    stack.up()
    by_hand, of_old = account[:-20], account[-20:]
    bridge(old, of_old)
    (old.folder / "export.json").write_text(old.export())
    export = str(old.folder / "export.json")
    before = emulator.integrations()

    calls = len(list(emulator.requests))
    output = adopt(stack, f"--managed-by={export}", "--output=import.json")
    output += adopt(stack, f"--from={export}", "--output=bridged.json", "--forget-script=forget.sh")
    assert len(list(emulator.requests)) - calls <= 10
    assert f"Wrote {len(by_hand)} integrations to import.json." in output
    assert f"Skipped 1 integration that stack {STACK} already manages." in output
    assert f"Wrote {len(of_old)} integrations to bridged.json." in output

    import_all(stack, "import.json")
    import_all(stack, "bridged.json")
    assert stack.preview().changes == {}
    assert managed(stack) == sorted(f"{each['service']['id']}.{each['id']}" for each in before)
    assert emulator.integrations() == before
    hidden = [each["integration_key"] for each in before if each.get("integration_key")]
    files = "".join(
        (stack.folder / name).read_text() for name in ("import.json", "bridged.json", "forget.sh", "Pulumi.yaml")
    )
    assert not [key for key in hidden if key in files + output]

    # A second run has nothing left to do, and the old stack forgets.
    assert "Wrote 0 integrations to again.json." in adopt(stack, "--output=again.json")
    old.command("sh", stack.folder / "forget.sh")
    assert BRIDGED not in old.export()
    assert emulator.integrations() == before


def test_a_stack_that_is_not_there(stack: Stack) -> None:
    done = stack.command(COMMAND, "adopt", "--managed-by=absent", code=1)
    assert "could not read the stack 'absent': no stack named 'absent' found" in done.stderr


def test_by_the_plugin_that_the_cli_has(stack: Stack, emulator: Emulator) -> None:
    """The way for those who have the plugin without Python. The exit code is ours."""
    run: list[str] = ["pulumi", "plugin", "run", "--kind=resource", "pagerduty-native", "--"]
    for arguments, code in ((["list", "--json", f"--stack={STACK}"], 0), (["list", "--absent"], 2)):
        stack.command(*run, *arguments, code=code)
    assert [each.path for each in emulator.requests] == ["/services", "/event_orchestrations"]
