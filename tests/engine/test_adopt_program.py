"""`pagerduty-native adopt --program`: after `pulumi import`, the program previews without a change."""

from __future__ import annotations

import json
from typing import Any

import pytest
from pagerduty_emulator import Emulator

from tests.conftest import COMMAND
from tests.support.account import post_integration
from tests.support.stack import STACK, Stack
from tests.unit.cli.documents import bridged, stack_export

ODD = 'It\'s "${this}" \\d+ $${that} 監視 👩\u200d💻: #1\t\u202ereversed'
REGEX = r"^\[(?:down|\"it's\")\] [$${]+"
FILTERS = [
    {"subject_mode": "match", "subject_regex": REGEX, "body_mode": "always", "from_email_mode": "always"},
    {
        "subject_mode": "no-match",
        "subject_regex": "yes",
        "body_mode": "match",
        "body_regex": "10",
        "from_email_mode": "always",
    },
]
PARSERS = [
    {
        "action": action,
        "match_predicate": {
            "type": "all",
            "children": [
                {"type": "contains", "part": "subject", "matcher": word},
                {"type": "not", "children": [{"type": "regex", "part": "body", "matcher": REGEX}]},
            ],
        },
        "value_extractors": [
            {"type": "between", "part": "body", "value_name": "incident_key", "starts_after": "", "ends_before": "; "},
            {"type": "regex", "part": "subject", "value_name": "host $${x}", "regex": f"({REGEX})"},
        ],
    }
    for action, word in (("trigger", "down"), ("resolve", "null"))
]
RULES = {
    "email_incident_creation": "use_rules",
    "email_filter_mode": "or-rules-email",
    "email_filters": FILTERS,
    "email_parsers": PARSERS,
    "email_parsing_fallback": "discard",
}
# Integrations by their services' names: each kind, and what could break a program.
ACCOUNT: dict[str, list[dict[str, Any]]] = {
    "Checkout": [
        {"name": "CloudWatch", "vendor": "PZQ6AUS"},
        {
            "name": "Cloud-Watch",
            "vendor": "PZQ6AUS",
            "config": {"fields": {"incident_key": {"value": "region"}, "yes": {"value": "10"}, ODD: {"value": ODD}}},
        },
        {"name": "Code", "vendor": "PCJ0EFQ", "config": {"fields": {"code": {"value": f"// {ODD}\n{REGEX}\n" * 99}}}},
        {"name": "Worker", "type": "events_api_v2_inbound_integration"},
        {"name": "Mail", "type": "generic_email_inbound_integration"},
        {"name": "Rules", "vendor": "PBPQJ1M", **RULES},
    ],
    "Amazon CloudWatch": [{"name": "Amazon CloudWatch", "vendor": "PZQ6AUS"}],
    "class": [{"name": "class", "vendor": "PKAPG94"}],
    "null": [{"name": "true", "vendor": "PKAPG94"}, {"name": "~", "vendor": "PKAPG94"}],
    "pulumi": [{"name": "pulumi", "type": "nagios_inbound_integration"}],
    "Integration": [{"name": "Integration", "type": "nagios_inbound_integration"}],
    "New\u2028import os": [{"name": "\u2029#\x85 \u202eb", "vendor": "PKAPG94"}],
    "10. On/Off: #yes": [{"name": "10", "type": "nagios_inbound_integration"}],
    ODD: [{"name": ODD, "vendor": "PKAPG94"}],
    "日本": [{"name": "監視", "type": "generic_events_api_inbound_integration"}],
    "Twice": [{"name": "First", "vendor": "PAM4FGS"}],
}
NAMESAKE = "Twice"
LANGUAGES = ("yaml", "python")
# Names that resources have in an old state, for some of the integrations.
OLD_NAMES = [
    "null",
    "true",
    "pulumi",
    "~",
    "10",
    "integration",
    "amazonCloudwatch",
    "a::b",
    '"${this}" $${that}: #',
    "class",
]


@pytest.fixture
def account(emulator: Emulator) -> list[dict[str, Any]]:
    """An account with every kind of integration, and with names that nobody expects."""
    emulator.settings.config_on_create = "taken"
    for service, integrations in ACCOUNT.items():
        service_id = "PCHECKT" if service == "Checkout" else emulator.add_service(service)
        for each in integrations:
            post_integration(emulator, service_id, **each)
    emulator.add_service(NAMESAKE)
    return emulator.integrations()


def adopt(stack: Stack, *arguments: str) -> str:
    done = stack.command(COMMAND, "adopt", f"--stack={STACK}", f"--managed-by={STACK}", *arguments)
    return done.stdout


def test_the_program_previews_without_a_change(stack: Stack, emulator: Emulator, account: list[dict[str, Any]]) -> None:
    names = OLD_NAMES + [f"old-{number}" for number in range(len(account) - len(OLD_NAMES))]
    held = [bridged(name, each["id"], each["service"]["id"]) for name, each in zip(names, account, strict=True)]
    arguments = ("--output=import.json", f"--from={stack_export(stack.folder, *held)}", "--json", "--force")
    for language in LANGUAGES:
        told = json.loads(adopt(stack, *arguments, f"--program={language}"))
        assert [each["name"] for each in told["written"]] == names
        program = (stack.folder / told["program"]).read_text()
        assert not [each for each in account if each.get("integration_key") and each["integration_key"] in program]
    import_, *_ = told["next"]
    assert import_ == f"pulumi import --file import.json --generate-code=false --stack {STACK}"
    stack.pulumi(*import_.split()[1:], "--yes", "--skip-preview", "--protect=false")
    for language in LANGUAGES:
        stack.program(runtime=language)
        assert stack.preview().changes == {}, language
    assert emulator.integrations() == account
