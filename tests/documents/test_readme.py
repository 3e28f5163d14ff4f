"""README.md does what it says: every command and every program in it, against the emulator."""

from __future__ import annotations

import json
import re
import shutil
import sys
from pathlib import Path

import pytest
from pagerduty_emulator import Emulator

from tests.conftest import ROOT, TOKEN
from tests.stack import Stack

from .documents import Document, sh

README = Document(ROOT / "README.md")
block = README.block
SERVICE = "PCHECKT"


# Each is run by tests/examples/test_first_program.py.
PROGRAMS = {
    "python": "python/__main__.py",
    "typescript": "typescript/index.ts",
    "go": "go/main.go",
    "java": "java/src/main/java/myproject/App.java",
    "csharp": "csharp/Program.cs",
    "yaml": "yaml/Pulumi.yaml",
}


def test_every_block_is_known_here() -> None:
    known = ["make demo", "make test", "pip install", "plugin install", "stack init", "pulumi import"]
    for language, text in README.blocks:
        assert language in PROGRAMS or any(each in text for each in known), text


@pytest.mark.parametrize(("language", "path"), PROGRAMS.items(), ids=PROGRAMS)
def test_the_programs_are_the_examples(language: str, path: str) -> None:
    assert block("Amazon CloudWatch", language) == (ROOT / "examples" / path).read_text()


@pytest.mark.skipif(not shutil.which("npm"), reason="npm is not installed")
def test_the_typescript_program_with_the_sdk_of_the_checkout(tmp_path: Path, environ: dict[str, str]) -> None:
    (row,) = [line for line in README.text.splitlines() if line.startswith("| TypeScript |")]
    sdk, program = tmp_path / "sdk" / "nodejs", tmp_path / "examples" / "typescript"
    shutil.copytree(ROOT / "sdk" / "nodejs", sdk, ignore=shutil.ignore_patterns("node_modules", "bin"))
    shutil.copytree(ROOT / "examples" / "typescript", program)
    sh("\n".join([*re.findall(r"`([^`]+)`", row), "npx tsc"]), program, environ)


def test_make_demo(environ: dict[str, str]) -> None:
    assert block("make demo") == "make demo\n"
    output = sh("make --no-print-directory demo", ROOT, environ)
    assert re.search(r"integrationKey +\[secret\]", output)
    assert "Alert" in output
    assert "severity     critical" in output
    assert "2 deleted" in output
    assert "warning" not in output
    assert not (ROOT / ".tools" / "demo").exists()


def test_make_test_is_what_ci_runs() -> None:
    assert block("make test").strip() == (ROOT / ".ci" / "run").read_text().splitlines()[-1]


def test_install(tmp_path: Path, environ: dict[str, str]) -> None:
    elsewhere = {"PIP_TARGET": str(tmp_path), "PIP_NO_DEPS": "1", "PIP_NO_BUILD_ISOLATION": "0", "PIP_QUIET": "1"}
    sh(f"{sys.executable} -m {block('pip install')}", ROOT, {**environ, **elsewhere})
    assert (tmp_path / "bin" / "pulumi-resource-pagerduty-native").exists()
    assert (tmp_path / "pulumi_pagerduty_native" / "integration.py").exists()


def test_plugin_install_and_the_program_on_ones_account(
    tmp_path: Path, environ: dict[str, str], emulator: Emulator
) -> None:
    program = shutil.copytree(ROOT / "examples" / "python", tmp_path / "python")
    (tmp_path / "backend").mkdir()
    environ = {
        **environ,
        "PULUMI_HOME": str(tmp_path / "home"),
        "PULUMI_BACKEND_URL": (tmp_path / "backend").as_uri(),
    }
    sh(block("plugin install"), program, environ)
    stack_init, *commands = block("stack init").replace("YOUR-API-KEY", TOKEN).splitlines()
    # The one thing that a person with an account does not do.
    override = f"pulumi config set pagerduty-native:apiUrlOverride {emulator.url}"
    key = sh("\n".join([stack_init, override, *commands]), program, environ).splitlines()[-1]
    (made,) = emulator.integrations(SERVICE)
    assert key == made["integration_key"]
    assert TOKEN not in (program / "Pulumi.dev.yaml").read_text()


def test_import(stack: Stack, emulator: Emulator) -> None:
    stack.integration(service=SERVICE, vendor="PZQ6AUS")
    stack.up()
    (made,) = emulator.integrations(SERVICE)
    stack.pulumi("state", "delete", "--yes", json.loads(stack.export())["deployment"]["resources"][-1]["urn"])
    sh(block("pulumi import").strip().replace("PE1U9CH", made["id"]) + " --yes", stack.folder, stack.environ)
    assert stack.resource("alarms") is not None
