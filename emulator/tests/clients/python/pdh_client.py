"""pdh 0.8.1, a command line: lists of users, services, teams and incidents."""

import json
import subprocess
import sys
import tempfile
from pathlib import Path

config = Path(tempfile.mkdtemp()) / "pdh.yaml"
config.write_text("apikey: any\nuid: POWNER1\nemail: owner@acme.pagerduty.com\n")


def pdh(*arguments: str) -> list[dict[str, object]]:
    """Run the command, and return the JSON that it prints."""
    program = "import sys; from pdh.main import main; sys.argv[0] = 'pdh'; main()"
    command = [sys.executable, "-c", program, *arguments[:1], "--config", str(config), *arguments[1:], "-o", "json"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    found: list[dict[str, object]] = json.loads(done.stdout)
    return found


assert len(pdh("user", "ls")) == 10
assert len(pdh("svc", "ls")) == 12
assert [team["summary"] for team in pdh("teams", "mine")] == ["Platform"]
(incident,) = pdh("inc", "ls", "-e")
assert "Disk is full" in json.dumps(incident)
