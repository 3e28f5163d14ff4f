"""Nothing private is in the output, the recording or the journal, and a recording replays."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import requests
from pagerduty_emulator import Emulator

from tests.account.conftest import SERVICE, SERVICE2, TOKEN, Runner
from tests.support import HANG_SECONDS
from tests.support.account import post_integration
from tools.account.facts import VENDORS
from tools.account.recording import Scrubber, replay

MAIL = "generic_email_inbound_integration"


def lines(file: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in file.read_text().splitlines()]


def replayed(recording: list[dict[str, Any]], emulator: Emulator, services: tuple[str, str]) -> list[str]:
    names = {each["id"]: each["name"] for each in emulator.services()}
    values = {
        "{service}": services[0],
        "{service2}": services[1],
        "{service name}": names[services[0]],
        "{domain}": emulator.settings.email_domain,
    }
    return replay(recording, emulator.url, values, VENDORS, "another-token")


def test_no_canary_survives(run: Runner, emulator: Emulator, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Of the account (names, addresses, keys, hosts), of the token, and of what a server says about them."""
    emulator.settings.subdomain = "canary-account"
    requests.put(
        f"{emulator.url}/services/{SERVICE}",
        json={"service": {"name": "Canary of the service", "description": "Canary of the description"}},
        headers={"Authorization": "Token token=another"},
        timeout=HANG_SECONDS,
    ).raise_for_status()
    others: list[dict[str, Any]] = [
        {"type": "events_api_v2_inbound_integration", "name": "Canary of a name"},
        {"type": MAIL, "name": "Canary of a mail", "integration_email": "canary@canary-account.pagerduty.com"},
    ]
    for each in others:
        post_integration(emulator, SERVICE, **each)
    message = (
        f"{TOKEN} of canary@example.com, canary-account.pagerduty.com, Canary of the service, {'ab' * 16}, "
        "https://canary.example/path"
    )
    body = {"error": {"message": message, "code": 2001, "errors": [message], "more": message}}
    emulator.inject("status", "POST", "/services/*/integrations", skip=20, times=2, status=400, body=body)
    emulator.inject("status", "GET", "/vendors", times=2, status=400, body=body)
    emulator.inject("status", "DELETE", "/services/*/integrations/*", skip=5, times=None, status=403, body=body)
    file = tmp_path / "recording"
    done = run("--events", f"--service2={SERVICE2}", f"--record={file}")
    assert done.code == 2
    journal = (tmp_path / "account" / "journal.jsonl").read_text()
    private = ["canary", *(each["integration_key"] for each in emulator.integrations() if "integration_key" in each)]
    private += [each["name"].lower() for each in emulator.services() if each["id"] in {SERVICE, SERVICE2}]
    private += [each["escalation_policy"]["summary"].lower() for each in emulator.services()]
    for where, text in (("output", done.shown), ("recording", file.read_text()), ("journal", journal)):
        assert [each for each in private if each in text.lower().replace("checkout of", "")] == [], where
    assert "2001" in done.shown


def test_no_canary_of_an_app_survives(
    run: Runner, emulator: Emulator, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("PAGERDUTY_TOKEN")
    emulator.settings.subdomain = "canary-account"
    for name, value in (
        ("CLIENT_ID", "canary-id"),
        ("CLIENT_SECRET", "canary-secret"),
        ("SUBDOMAIN", "canary-account"),
    ):
        monkeypatch.setenv(f"PAGERDUTY_{name}", value)
    emulator.settings.oauth_scopes = {"services.read", "services.write"}
    file = tmp_path / "recording"
    done = run(f"--record={file}")
    assert done.code == 0
    for text in (done.shown, file.read_text()):
        assert "canary" not in text
        assert "pdus+_" not in text.replace("begins with pdus+_ and", "")
    emulator.settings.rejected_tokens = {"canary-secret"}
    refused = run()
    assert refused.code == 2
    assert "gave the app no token: 401" in refused.shown
    assert "canary" not in refused.shown


@pytest.mark.parametrize(
    "settings",
    [
        {},
        {"names": "squeezed", "integration_email": "required", "bulk_integrations": "references"},
        {"type_settles": "later", "keys_after_writes": "absent", "absent_fields": "omitted", "unknown_types": "settle"},
    ],
    ids=lambda each: "-".join(each) or "default",
)
def test_a_recording_replays_only_with_its_settings(
    run: Runner, emulator: Emulator, tmp_path: Path, settings: dict[str, Any]
) -> None:
    file = tmp_path / "recording"
    emulator.settings.update(settings)
    run(f"--service2={SERVICE2}", f"--record={file}")
    recording = lines(file)
    recorded = recording[-1]["settings"]
    assert {name: recorded[name] for name in settings} == settings

    emulator.reset()
    emulator.settings.update(recorded)
    assert replayed(recording, emulator, ("PSRCH03", "PAUTH04")) == []
    assert emulator.integrations() == []
    if settings:
        emulator.reset()
        assert replayed(recording, emulator, ("PSRCH03", "PAUTH04"))


def test_recorded_are_words_of_the_api_and_of_the_run_only() -> None:
    scrubber = Scrubber("0123abcd", {"PZQ6AUS": "Amazon CloudWatch"})
    scrubber.request({"name": "mark 0123abcd.01"})
    response = {
        "integration": {
            "id": "PSECRET",
            "name": "mark 0123abcd.01",
            "summary": "Production",
            "type": "events_api_v2_inbound_integration",
            "integration_key": "0" * 32,
            "created_at": "2026-11-27T10:00:00-05:00",
            "html_url": "https://acme.pagerduty.com/x",
            "integration_email": "a@acme.pagerduty.com",
            "vendor": {"id": "PZQ6AUS", "summary": "Amazon CloudWatch"},
            "another": {"id": "POTHER1", "summary": "Amazon CloudWatch"},
            "count": 4711,
            "Odd Field": True,
        },
        "services": [{"id": "POTHER1", "name": "Production"}],
    }
    assert scrubber.response(response) == {
        "integration": {
            "id": "<id>",
            "name": "mark {run}.01",
            "summary": "<text>",
            "type": "events_api_v2_inbound_integration",
            "integration_key": "<text>",
            "created_at": "<time>",
            "html_url": "<url>",
            "integration_email": "<address>",
            "vendor": {"id": "PZQ6AUS", "summary": "Amazon CloudWatch"},
            "another": {"id": "<id>", "summary": "<text>"},
            "count": "<number>",
            "<field>": True,
        },
        "services": [],
    }
