"""`tools/setup browser`: a browser that is there is enough, apt-get is asked by root alone, it says what is missing."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.conftest import ROOT
from tests.support import HANG_SECONDS

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="tools/setup is a bash script")
NEEDED = ("bash", "awk", "cat", "cksum", "dirname", "env", "head", "rm", "mkdir", "sed", "chmod")
APT_GET = """#!/bin/sh
here=$(dirname "$0")
echo "$@" >>"$here/asked"
case "$*" in
*install*chromium)
  printf '#!/bin/sh\\n' >"$here/chromium"
  chmod +x "$here/chromium"
  ;;
esac
"""


@pytest.fixture
def machine(tmp_path: Path) -> Path:
    """A folder with all programs that the machine has; tests add others."""
    for name in NEEDED:
        found = shutil.which(name)
        assert found
        (tmp_path / name).symlink_to(found)
    return tmp_path


def add(machine: Path, name: str, script: str) -> None:
    (machine / name).write_text(script)
    (machine / name).chmod(0o755)


def setup(machine: Path, **environ: str) -> str:
    """Return what it prints if everything else is up to date."""
    done = subprocess.run(
        [shutil.which("bash") or "bash", ROOT / "tools" / "setup", "browser"],
        env={"PATH": str(machine), "HOME": os.environ.get("HOME", "/"), **environ},
        capture_output=True,
        text=True,
        timeout=HANG_SECONDS,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")
    return done.stdout


@pytest.mark.parametrize("name", ["chromium", "chromium-browser", "google-chrome"])
def test_a_browser_that_is_there_is_enough(machine: Path, name: str) -> None:
    add(machine, "apt-get", APT_GET)
    add(machine, "id", "#!/bin/sh\necho 0\n")
    add(machine, name, "#!/bin/sh\n")
    assert setup(machine) == ""
    assert not (machine / "asked").exists()


def test_one_that_is_named_is_enough(machine: Path) -> None:
    assert setup(machine, CHROMIUM="/opt/browser") == ""


@pytest.mark.skipif(sys.platform == "darwin", reason="Chrome may be in /Applications")
def test_root_gets_it_by_apt_get(machine: Path) -> None:
    add(machine, "apt-get", APT_GET)
    add(machine, "id", "#!/bin/sh\necho 0\n")
    assert setup(machine) == "installing Chromium, for the tests of the emulator's page…\n"
    assert (machine / "asked").read_text().splitlines()[-1].endswith("install --no-install-recommends chromium")


@pytest.mark.skipif(sys.platform == "darwin", reason="Chrome may be in /Applications")
@pytest.mark.parametrize(("apt_get", "user"), [(APT_GET, 1000), (None, 0)], ids=["not-root", "no-apt-get"])
def test_a_missing_browser_is_reported(machine: Path, apt_get: str | None, user: int) -> None:
    if apt_get:
        add(machine, "apt-get", apt_get)
    add(machine, "id", f"#!/bin/sh\necho {user}\n")
    said = setup(machine)
    assert said.startswith("no browser on this machine, so no tests of the emulator's page: ")
    assert not (machine / "asked").exists()


@pytest.mark.skipif(sys.platform == "darwin", reason="Chrome may be in /Applications")
def test_an_apt_get_that_fails_does_not_end_it(machine: Path) -> None:
    add(machine, "apt-get", "#!/bin/sh\nexit 100\n")
    add(machine, "id", "#!/bin/sh\necho 0\n")
    assert "no browser on this machine" in setup(machine)
