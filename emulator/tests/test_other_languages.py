"""The emulator in test suites of other languages: emulator/docs/testing.md's examples, as they are there."""

import os
import re
import select
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support import HANG_SECONDS

PAGE = Path(__file__).parents[1] / "docs" / "testing.md"
# Language of the example to its file and the command that runs it.
COMMANDS = {
    "js": ("checkout.test.mjs", ["node", "--test"]),
    "go": ("checkout_test.go", ["go", "test", "-count=1", "-vet=off", "checkout_test.go"]),
    "java": ("PagerDuty.java", ["java", "-XX:TieredStopAtLevel=1", "PagerDuty.java"]),
}
# `pagerduty-emulator` on the PATH: it says that it was started, and holds a pipe open for as long as it lives.
SCRIPT = """\
#!/bin/sh
exec 9>"{pipe}"
echo "$@" >&9
exec "{python}" -m pagerduty_emulator "$@"
"""


def example(language: str) -> str:
    """The only one in that language."""
    (code,) = re.findall(rf"^```{language}\n(.*?)^```$", PAGE.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL)
    return str(code)


@pytest.mark.skipif(os.name == "nt", reason="the emulator is a shell script here")
@pytest.mark.parametrize("language", COMMANDS)
def test_the_example_runs_and_leaves_no_emulator_behind(tmp_path: Path, language: str) -> None:
    file, command = COMMANDS[language]
    if shutil.which(command[0]) is None and not os.environ.get("CI"):
        pytest.skip(f"there is no {command[0]} on this machine")
    (tmp_path / file).write_text(example(language), encoding="utf-8")
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    script = tmp_path / "pagerduty-emulator"
    script.write_text(SCRIPT.format(pipe=pipe, python=sys.executable), encoding="utf-8")
    script.chmod(0o755)
    environ = {**os.environ, "PATH": f"{tmp_path}{os.pathsep}{os.environ['PATH']}", "GOWORK": "off"}
    emulator = os.open(pipe, os.O_RDONLY | os.O_NONBLOCK)
    try:
        done = subprocess.run(
            command, cwd=tmp_path, env=environ, capture_output=True, text=True, timeout=HANG_SECONDS, check=False
        )
        assert done.returncode == 0, done.stdout + done.stderr
        assert os.read(emulator, 1000) == b"--port 0 --exit-on-stdin-eof\n"
        assert select.select([emulator], [], [], 10)[0], "it is still there"
        assert os.read(emulator, 1000) == b""
    finally:
        os.close(emulator)
