"""The emulator gives the responses in recordings/, which `make test-account RECORD=FILE` recorded.

`emulator.jsonl` was recorded on the emulator itself and keeps the form of recordings readable. None is from PagerDuty
yet. The last line of each has the settings that make the emulator answer like the recorded account.
"""

from __future__ import annotations

import json
from pathlib import Path

import pagerduty_emulator
import pytest

from tools.account.facts import VENDORS
from tools.account.recording import replay

RECORDINGS = sorted((Path(__file__).parent / "recordings").glob("*.jsonl"))
SERVICE, SERVICE2 = "PSRCH03", "PAUTH04"


@pytest.mark.parametrize("file", RECORDINGS, ids=lambda file: file.stem)
def test_a_recording_is_answered_alike(file: Path) -> None:
    lines = [json.loads(line) for line in file.read_text(encoding="utf-8").splitlines()]
    with pagerduty_emulator.serve(**lines[-1]["settings"]) as emulator:
        names = {each["id"]: each["name"] for each in emulator.services()}
        values = {
            "{service}": SERVICE,
            "{service2}": SERVICE2,
            "{service name}": names[SERVICE],
            "{domain}": emulator.settings.email_domain,
            "{orchestration}": emulator.add_event_orchestration("Recorded"),
        }
        assert replay(lines, emulator.url, values, VENDORS, "any-token") == []
