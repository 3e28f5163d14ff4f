"""README.md does what it says: every command and every program in it, against the emulator."""

from __future__ import annotations

import json
import re
import shutil
import sys
from pathlib import Path

from pagerduty_emulator import Emulator

from tests.conftest import ROOT, TOKEN
from tests.support.account import post_integration
from tests.support.documents import Document, sh
from tests.support.stack import Stack

README = Document(ROOT / "README.md")
block = README.block
SERVICE = "PCHECKT"


def test_every_block_is_known_here() -> None:
    known = [
        *("make demo", "make test", "package add", "pip install", "plugin install", "stack init", "pulumi import"),
        *("$ pulumi up", "$ curl", "any-token-will-do", "get_vendor"),
    ]
    for _, text in README.blocks:
        assert any(each in text for each in known), text


def test_the_first_program_and_its_output(stack: Stack, emulator: Emulator) -> None:
    stack.python(block("get_vendor", "python"))
    said = iter(map(steady, sh("pulumi up --yes --skip-preview", stack.folder, stack.environ).splitlines()))
    for line in block("$ pulumi up", "text").splitlines()[1:]:
        assert steady(line) in said, line
    (made,) = emulator.integrations(SERVICE)
    assert stack.outputs()["integrationKey"] == made["integration_key"]
    for folder in re.findall(r"tree/main/(examples/\w+)\)", README.text.partition("## ")[0]):
        assert (ROOT / folder / "Pulumi.yaml").exists(), folder  # Each is run by tests/examples/test_first_program.py.


def test_make_demo(environ: dict[str, str], tmp_path: Path) -> None:
    """Its output is README's, but for what differs each time."""
    assert block("make demo") == "make demo\n"
    home = tmp_path / "home"
    home.mkdir()
    output = sh("make --no-print-directory demo", ROOT, {**environ, "HOME": str(home)})
    written = {path.name for path in home.iterdir()}
    assert ".pulumi" not in written, "README says that only the package clients write outside the checkout"
    assert {name for name in written if not name.startswith(".")} <= {"go"}, written
    assert re.search(r"integrationKey +\[secret\]", output)
    assert "2 deleted" in output
    assert "warning" not in output
    assert not (ROOT / ".tools" / "demo").exists()
    said = iter(map(steady, output.splitlines()))
    for line in (block("$ pulumi up", "text") + block("$ curl", "text")).splitlines():
        assert steady(line) in said, line  # `in` reads on from where it was, so the order counts too.


def steady(line: str) -> str:
    """A line of the demo's output without IDs, keys, ports and times."""
    return re.sub(r"\b(Q[0-9A-Z]{6}|[0-9a-f]{4,}|(?:[0-9]+m)?[0-9.]+s|127\.0\.0\.1:[0-9]+)\b", "…", line.rstrip())


def test_the_figures_are_those_of_the_benchmarks() -> None:
    """The rows that compare with the bridged provider: N = 1000."""
    cells = {
        (heading, row[1]): row
        for heading, text in re.findall(
            r"^## (.+?)$(.*?)(?=^## |\Z)", Document(ROOT / "docs" / "benchmarks.md").text, re.MULTILINE | re.DOTALL
        )
        for row in ([cell.strip() for cell in line.strip("| ").split("|")] for line in text.splitlines())
        if row[0] == "1000"
    }
    create, refresh = cells["API calls", "`up`, creates all"], cells["API calls", "`refresh`, no drift"]
    assert f"| creating 1,000 integrations | {int(create[3]):,} API calls | {int(create[5]):,} |" in README.text
    assert f"| refreshing 1,000 on 100 services | {refresh[3]} calls | {int(refresh[5]):,} |" in README.text
    renamed = cells["Time", "`up` after it, one renamed"]
    assert f"| {float(renamed[2]):.0f} seconds | {float(renamed[4]):.0f} seconds: its refresh" in README.text


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
    install = block("plugin install")
    sh(install, program, environ)
    stack_init, *commands = (
        block("stack init").replace("YOUR-API-KEY", TOKEN).replace("YOUR-SERVICE-ID", SERVICE).splitlines()
    )
    # The one thing that a person with an account does not do.
    override = f"pulumi config set pagerduty-native:apiUrlOverride {emulator.url}"
    key = sh("\n".join([stack_init, override, *commands]), program, environ).splitlines()[-1]
    (made,) = emulator.integrations(SERVICE)
    assert key == made["integration_key"]
    assert TOKEN not in (program / "Pulumi.dev.yaml").read_text()
    del environ["PULUMI_IGNORE_AMBIENT_PLUGINS"]
    ambient = "from $PATH"
    assert ambient in sh("pulumi preview", program, environ)
    (export,) = [line for line in install.splitlines() if line.startswith("export ")]
    assert ambient not in sh(f"{export}\npulumi preview", program, environ)


def test_import(stack: Stack, emulator: Emulator) -> None:
    stack.integration(service=SERVICE, vendor="PZQ6AUS")
    stack.up()
    (made,) = emulator.integrations(SERVICE)
    stack.pulumi("state", "delete", "--yes", json.loads(stack.export())["deployment"]["resources"][-1]["urn"])
    import_, adopt = (
        block("pulumi import").replace("YOUR-SERVICE-ID", SERVICE).replace("PE1U9CH", made["id"]).splitlines()
    )
    sh(f"{import_} --yes", stack.folder, stack.environ)
    assert stack.resource("alarms") is not None
    # Integrations that the stack manages already are left out.
    other = post_integration(emulator, SERVICE, name="By hand", type="events_api_v2_inbound_integration")
    sh(f"{adopt} --api-url-override {emulator.url}", stack.folder, stack.environ)
    (found,) = json.loads((stack.folder / "import.json").read_text())["resources"]
    assert found["id"] == f"{SERVICE}.{other['id']}"


def test_a_program_of_ones_own_on_the_emulator(stack: Stack, emulator: Emulator) -> None:
    stack.configure({})
    stack.integration(service=SERVICE, vendor="PZQ6AUS")
    sh(block("any-token-will-do").replace("http://127.0.0.1:8123", emulator.url), stack.folder, stack.environ)
    assert len(emulator.integrations(SERVICE)) == 1


def test_package_add_is_what_the_examples_say() -> None:
    """It is run by tests/packages/test_folder.py and tests/examples/test_readmes.py."""
    assert block("package add") == "pulumi package add PATH/TO/THIS/REPOSITORY/provider\n"
    assert "pulumi package add ../../provider" in (ROOT / "examples" / "README.md").read_text()
