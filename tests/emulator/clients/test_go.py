"""go-pagerduty, PagerDuty's client for Go, against the emulator: go/clients_test.go."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from pagerduty_emulator import Emulator

from tests.support import HANG_SECONDS, toolchains

MODULE = Path(__file__).parent / "go"


@pytest.mark.skipif(
    shutil.which("go") is None and not os.environ.get("CI"), reason="go-pagerduty is tested where Go is installed"
)
@pytest.mark.skipif(sys.platform != "linux", reason="Go takes SSL_CERT_FILE on Linux")
def test_go_pagerduty(secure: Emulator) -> None:
    environ = {
        **os.environ,
        "EMULATOR_URL": secure.url,
        "SSL_CERT_FILE": str(secure.ca_file),
        "GOWORK": "off",
        "GOFLAGS": "-mod=readonly",
        "NO_PROXY": "127.0.0.1",
    }
    # Now, as nothing can be fetched with SSL_CERT_FILE: it names the only authority that is trusted.
    toolchains.go_module("tests/emulator/clients/go")
    command = ["go", "test", "-count=1", "-vet=off", "-v", "./..."]
    done = subprocess.run(
        command, cwd=MODULE, env=environ, capture_output=True, text=True, timeout=HANG_SECONDS, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stdout.count("--- PASS: Test") == 7
