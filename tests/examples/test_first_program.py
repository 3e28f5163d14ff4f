"""The same first program in every language."""

from __future__ import annotations

import http.server
import os
import shutil
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from typing import ClassVar

import pagerduty_native
import pytest
from pagerduty_emulator import Emulator
from pagerduty_native.package import METADATA

from tests.conftest import ROOT
from tests.support import toolchains

from .conftest import Example

SERVICE = "PCHECKT"
VERSION = pagerduty_native.__version__
HOSTS = {"python": "python", "yaml": "yaml", "typescript": "nodejs", "go": "go", "java": "java"}


@pytest.mark.parametrize("language", HOSTS)
def test_first_program(new_example: Callable[..., Example], emulator: Emulator, language: str) -> None:
    toolchains.needs(HOSTS[language], host=True)
    environ = toolchains.maven() if language == "java" else {}
    example = new_example(language, environ)
    if language == "typescript":
        example.install(toolchains.node_modules("first", toolchains.EXAMPLES / language))

    up = example.up()
    assert up.steps("alarms") == ["create"]
    assert "warning" not in up.output.casefold()
    (made,) = emulator.integrations(SERVICE)
    assert made["vendor"]["id"] == "PZQ6AUS"
    key = made["integration_key"]
    assert key not in up.output
    assert example.outputs() == {"integrationKey": key, "integrationUrl": f"{emulator.url}/integration/{key}/enqueue"}


# Programs in Python that need no other provider, and nothing in PagerDuty but a service.
ALONE = ("email-with-filters", "many-services", "python", "unit-testing")
OTHER_PYTHONS = [version for version, path in toolchains.pythons().items() if path != Path(sys.executable)]


@pytest.mark.parametrize("any_python", OTHER_PYTHONS, indirect=True)
@pytest.mark.parametrize("name", ALONE)
def test_a_preview_on_the_oldest_and_the_newest_python(
    new_example: Callable[..., Example], any_python: dict[str, str], name: str
) -> None:
    """Copied out of the checkout. The other tests run each program on the Python of the tests."""
    example = new_example(name, any_python)
    program = example.folder / "__main__.py"
    program.write_text(f"{program.read_text()}\nimport sys\npulumi.export('python', sys.prefix)\n")
    if name == "unit-testing":
        example.pulumi("config", "set", "service", SERVICE)
    preview = example.preview()
    assert any_python["VIRTUAL_ENV"] in preview.output
    assert preview.changes["create"] > 1


def test_the_first_program_in_place(new_example: Callable[..., Example]) -> None:
    """In the checkout: only the stack and its settings are elsewhere."""
    example = new_example("python", {"PYTHONDONTWRITEBYTECODE": "1"})
    elsewhere = (f"--config-file={example.folder / 'Pulumi.dev.yaml'}", "--stack=organization/pagerduty-python/dev")
    preview = example.pulumi("preview", f"--cwd={toolchains.EXAMPLES / 'python'}", *elsewhere)
    assert "2 to create" in preview.output


EMAIL, ADDRESS = '"generic_email_inbound_integration"', '"alarms@acme.pagerduty.com"'
# By language: the edits that make the first program one about e-mail, whose outputs are shown as text; an absent one.
# One property with known values is a constant of the SDK. Another one is any text, which could be a new value.
ABSENT = {
    "python": (
        "__main__.py",
        {
            "vendor=cloudwatch.id": (
                f"type={EMAIL}, integration_email={ADDRESS}, "
                "email_filter_mode=pagerduty.EmailFilterMode.OR_RULES_EMAIL, "
                'email_parsing_fallback=config.get("fallback") or "discard"'
            ),
            "_key)": "_key.apply(repr))",
        },
        "None",
    ),
    "typescript": (
        "index.ts",
        {
            "vendor: cloudwatch.id": (
                f"type: {EMAIL}, integrationEmail: {ADDRESS}, "
                "emailFilterMode: pagerduty.EmailFilterMode.OrRulesEmail, "
                'emailParsingFallback: config.get("fallback") ?? "discard"'
            ),
            "Key;": "Key.apply(String);",
        },
        "undefined",
    ),
    "go": (
        "main.go",
        {
            "Vendor:  pulumi.String(cloudwatch.Id)": (
                f"Type: pulumi.String({EMAIL} + cloudwatch.Id[:0]), IntegrationEmail: pulumi.String({ADDRESS}), "
                "EmailFilterMode: pulumi.String(pagerdutynative.EmailFilterModeOrRulesEmail), "
                'EmailParsingFallback: pulumi.String("discard")'
            ),
            "IntegrationKey)": 'IntegrationKey.ApplyT(func(key string) string { return `"` + key + `"` }))',
        },
        '""',
    ),
    "java": (
        "src/main/java/myproject/App.java",
        {
            ".vendor(cloudwatch.applyValue(vendor -> Either.ofLeft(vendor.id())))": (
                f".type({EMAIL}).integrationEmail({ADDRESS})"
                ".emailFilterMode(io.github.pulumipagerdutynative.pagerdutynative.enums.EmailFilterMode.OrRulesEmail)"
                '.emailParsingFallback(ctx.config().get("fallback").orElse("discard"))'
            ),
            "import com.pulumi.core.Either;": "",
            "alarms.integrationKey()": 'alarms.integrationKey().applyValue(key -> "" + key)',
        },
        "null",
    ),
}


@pytest.mark.parametrize("language", ABSENT)
def test_a_program_about_email(new_example: Callable[..., Example], emulator: Emulator, language: str) -> None:
    """The description says how its key is absent, as the types in the SDKs do not."""
    toolchains.needs(HOSTS[language], host=True)
    example = new_example(language, toolchains.maven() if language == "java" else {})
    if language == "typescript":
        example.install(toolchains.node_modules("first", toolchains.EXAMPLES / language))
    name, edits, absent = ABSENT[language]
    text = (example.folder / name).read_text()
    for old, new in edits.items():
        assert text.count(old) == 1, old
        text = text.replace(old, new)
    (example.folder / name).write_text(text)
    example.up()
    (made,) = emulator.integrations(SERVICE)
    assert (made["email_filter_mode"], made["email_parsing_fallback"]) == ("or-rules-email", "discard")
    assert example.outputs()["integrationKey"] == absent
    assert f"`{absent}`" in (ROOT / "schema.json").read_text().replace('\\"', '"')


class Releases(http.server.BaseHTTPRequestHandler):
    """A server of plugins that has none, and keeps the paths of requests."""

    asked: ClassVar[list[str]] = []

    def do_GET(self) -> None:
        self.asked.append(self.path)
        self.send_error(404)

    def log_message(self, *_: object) -> None:
        pass


def plain_maven(folder: Path) -> Path:
    """A folder with an `mvn` that ends its output without a color code.

    Debian's Maven 3.8 writes one even to a pipe, and Pulumi's Java host then finds no plugins at all.
    """
    path = folder / "bin" / "mvn"
    path.parent.mkdir()
    path.write_text(f"#!/bin/bash\nset -o pipefail\n{shutil.which('mvn')} \"$@\" | sed 's/\\x1b\\[[0-9;]*m//g'\n")
    path.chmod(0o755)
    return path.parent


def test_java_program_asks_our_server_for_a_missing_plugin(new_example: Callable[..., Example], tmp_path: Path) -> None:
    toolchains.needs("java", host=True)
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Releases) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        ours = f"^{METADATA['pluginDownloadURL']}/.*=http://127.0.0.1:{server.server_port}"
        environ = {
            "PATH": f"{plain_maven(tmp_path)}{os.pathsep}{os.environ['PATH']}",
            "PULUMI_HOME": str(tmp_path / "home"),
            "PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION": "false",
            "PULUMI_PLUGIN_DOWNLOAD_URL_OVERRIDES": ours,
        }
        example = new_example("java", {**toolchains.maven(), **environ})
        example.preview(fails=True)
        server.shutdown()
    assert any(f"/pulumi-resource-pagerduty-native-v{VERSION}-" in path for path in Releases.asked), Releases.asked
