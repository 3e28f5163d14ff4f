"""docs/ does what it says: every command and every program in it, against the emulator."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
import yaml
from pagerduty_emulator import Emulator
from pagerduty_native import __version__ as VERSION  # noqa: N812 (as it is everywhere else)
from pagerduty_native.framework.declare import field, object_type, properties_of

from tests.conftest import PLUGIN, ROOT
from tests.packages.conftest import built
from tests.support.account import post_integration
from tests.support.documents import Document, sh
from tests.support.stack import Stack

DOCS = ROOT / "docs"
INDEX = Document(DOCS / "_index.md")
ARCHITECTURE = Document(DOCS / "architecture.md")
CONFIGURATION = Document(DOCS / "installation-configuration.md")
MIGRATING = Document(DOCS / "migrating.md")
SCHEMA = json.loads((ROOT / "schema.json").read_text())
SERVICE = "PCHECKT"
INTEGRATION: dict[str, Any] = {"type": "events_api_v2_inbound_integration", "service": SERVICE}
OLD_TYPE = "pagerduty:index/serviceIntegration:ServiceIntegration"


def test_every_block_is_known_here() -> None:
    """A block that is added to a document gets a test."""
    assert len(CONFIGURATION.blocks) == 10
    assert len(MIGRATING.blocks) == 19
    assert [language for language, _ in ARCHITECTURE.blocks] == ["mermaid", "python"]
    assert Document(DOCS / "README.md").blocks == []
    assert Document(DOCS / "benchmarks.md").blocks == []
    assert sorted(path.name for path in DOCS.glob("*.md")) == [
        "README.md",
        "_index.md",
        "architecture.md",
        "benchmarks.md",
        "installation-configuration.md",
        "migrating.md",
        "mutation-score.md",
        "reliability.md",
        "test-account.md",
        "troubleshooting.md",
        "writing-a-provider.md",
    ]


def test_the_declaration_in_architecture_is_one() -> None:
    names: dict[str, Any] = {"field": field, "object_type": object_type}
    exec(ARCHITECTURE.block("@object_type", "python"), names)  # noqa: S102 (it is ours)
    password = {each.name: each for each in properties_of(names["BookArgs"])}["password"]
    assert password.field.secret
    for file in re.findall(r"`([\w/]+\.py)`", ARCHITECTURE.text):
        assert list((ROOT / "provider" / "pagerduty_native").rglob(file)), file
    for folder in re.findall(r"^\| `(\w+/)` \|", ARCHITECTURE.text, re.MULTILINE):
        assert (ROOT / "provider" / "pagerduty_native" / folder).is_dir(), folder


# _index.md


def test_the_first_example_is_the_schemas() -> None:
    """Whose examples are compiled in every language, and run. To update it, copy it from schema.json."""
    described = SCHEMA["resources"]["pagerduty-native:index:Integration"]["description"]
    first = re.findall(r"^```(\w+)\n(.*?)^```", described, re.MULTILINE | re.DOTALL)[: len(INDEX.blocks)]
    assert dict(INDEX.blocks) == dict(first)
    for language, _ in INDEX.blocks:
        assert f"{{{{% choosable language {language} %}}}}\n\n```{language}\n" in INDEX.text
    assert f'{{{{< chooser language "{",".join(language for language, _ in INDEX.blocks)}" >}}}}' in INDEX.text


@pytest.mark.parametrize("document", [INDEX, CONFIGURATION])
def test_pages_for_the_registry_have_what_it_wants(document: Document) -> None:
    _, front_matter, _ = document.text.split("---\n", 2)
    assert yaml.safe_load(front_matter).keys() == {"title", "meta_desc", "layout"}
    assert yaml.safe_load(front_matter)["layout"] == "package"


# installation-configuration.md


def test_every_setting_is_documented_with_its_environment_variable() -> None:
    told = dict(re.findall(r"^\| `(\w+)` \| (.*?) \|", CONFIGURATION.text, re.MULTILINE))
    settings: dict[str, Any] = SCHEMA["config"]["variables"]
    credentials = SCHEMA["types"]["pagerduty-native:index:UseAppOauthScopedToken"]["properties"]
    assert told.keys() == settings.keys() | credentials.keys()
    for name, spec in {**settings, **credentials}.items():
        assert re.findall("`(PAGERDUTY_.*?)`", told[name]) == re.findall("`(PAGERDUTY_.*?)`", spec["description"]), name


def test_installing_the_archive(tmp_path: Path, environ: dict[str, str]) -> None:
    (archive,) = built("archive").glob("*.tar.gz")
    command = CONFIGURATION.block("--file")
    told = f"pulumi-resource-pagerduty-native-v{VERSION}-linux-amd64.tar.gz"
    sh(command.replace(told, str(archive)), tmp_path, {**environ, "PULUMI_HOME": str(tmp_path)})
    assert (tmp_path / "plugins" / f"resource-pagerduty-native-v{VERSION}" / "lib").is_dir()


def test_the_plugin_before_a_program_with_an_sdk(stack: Stack, emulator: Emulator) -> None:
    """tests/packages/test_archive.py installs it from a server, by both ways."""
    server = SCHEMA["pluginDownloadURL"]
    install = f"pulumi plugin install resource pagerduty-native {VERSION} --server {server}\n"
    assert CONFIGURATION.block("--server") == install
    program = yaml.safe_load(CONFIGURATION.block("pluginDownloadURL", "yaml"))
    assert program["resources"]["alarms"]["options"] == {"version": VERSION, "pluginDownloadURL": server}
    stack.program(**program)
    stack.up()
    assert len(emulator.integrations(SERVICE)) == 1


def test_least_versions() -> None:
    """They are those that the packages and the set-up declare."""
    table = CONFIGURATION.text.partition("### Versions")[2].partition("### The plugin")[0]
    least = dict(re.findall(r"^\| ([\w. ]+) \| ([\d.]+) \|$", table, re.MULTILINE))

    def declared(file: str, pattern: str) -> str:
        (found,) = re.findall(pattern, (ROOT / file).read_text(), re.MULTILINE)
        return str(found)

    assert least == {
        "Pulumi CLI": declared("tools/go.mod", r"github.com/pulumi/pulumi/pkg/v3 v(\d+\.\d+)\."),
        "Python": declared("pyproject.toml", r'^requires-python = ">=(.*)"'),
        "Node.js": declared("sdk/nodejs/package.json", r'"@types/node": "\^(\d+)'),
        "Go": declared("sdk/go/go.mod", r"^go (.*)$"),
        "Java": declared("sdk/java/pom.xml", r"<maven.compiler.release>(.*)<"),
        ".NET": declared("sdk/dotnet/PagerDutyNative.Sdk.csproj", r"<TargetFramework>net(.*)<"),
    }


def test_completion(tmp_path: Path, environ: dict[str, str]) -> None:
    shown = sh(CONFIGURATION.block("bash_source") + "complete -p pagerduty-native", tmp_path, environ)
    assert shown.endswith(" pagerduty-native\n")


def test_a_token_and_a_region_in_the_configuration(stack: Stack, emulator: Emulator) -> None:
    del stack.environ["PAGERDUTY_TOKEN"]
    sh(setting("token"), stack.folder, stack.environ)
    sh(setting("serviceRegion"), stack.folder, stack.environ)
    stack.integration(**INTEGRATION)
    stack.up()
    assert len(emulator.integrations(SERVICE)) == 1
    assert "YOUR-API-KEY" not in (stack.folder / "Pulumi.dev.yaml").read_text()


def test_a_token_in_the_environment(stack: Stack, emulator: Emulator) -> None:
    del stack.environ["PAGERDUTY_TOKEN"]
    stack.integration(**INTEGRATION)
    sh(CONFIGURATION.block("export PAGERDUTY_TOKEN") + "pulumi up --yes --skip-preview", stack.folder, stack.environ)
    assert len(emulator.integrations(SERVICE)) == 1


def test_an_app(stack: Stack, emulator: Emulator) -> None:
    del stack.environ["PAGERDUTY_TOKEN"]
    sh(setting("useAppOauthScopedToken"), stack.folder, stack.environ)
    stack.integration(**INTEGRATION)
    stack.up()
    assert len(emulator.integrations(SERVICE)) == 1
    assert emulator.requests.count("POST", "/oauth/token") >= 1
    assert "YOUR-CLIENT-SECRET" not in (stack.folder / "Pulumi.dev.yaml").read_text()


def test_several_accounts(stack: Stack, emulator: Emulator) -> None:
    program = yaml.safe_load(CONFIGURATION.block("pulumi:providers", "yaml"))
    program["resources"]["europe"]["properties"]["apiUrlOverride"] = emulator.url
    stack.program(variables={"europeanToken": "t"}, **program)
    stack.up()
    assert len(emulator.integrations(SERVICE)) == 1


def test_without_an_account(stack: Stack) -> None:
    install, start, use, _ = CONFIGURATION.block("pagerduty-emulator").split("\n")
    assert install == "pip install pagerduty-emulator"
    assert start == "pagerduty-emulator --port 8123 &"
    assert "--port" in sh("pagerduty-emulator --help", stack.folder, stack.environ)
    sh(use, stack.folder, stack.environ)
    assert ":8123" in stack.pulumi("config", "get", "pagerduty-native:apiUrlOverride").output


def setting(name: str) -> str:
    """The commands that set it in the configuration."""
    return CONFIGURATION.block(f"pagerduty-native:{name}")


# migrating.md


@pytest.fixture
def existing(emulator: Emulator) -> dict[str, Any]:
    """The integration that the program in the document is about, made by another tool."""
    given = {"type": "generic_events_api_inbound_integration", "vendor": "PZQ6AUS", "name": "CloudWatch"}
    return post_integration(emulator, SERVICE, **given)


@pytest.fixture
def bridged(stack: Stack, existing: dict[str, Any]) -> Stack:
    """A stack with a recorded state of pulumi-pagerduty 4.37, and the existing integration's ID and key in it."""
    recorded = (Path(__file__).parent / "bridged-state.json").read_text()
    for name in ("id", "integration_key", "html_url", "type"):
        recorded = recorded.replace(f"{{{name}}}", existing[name])
    (stack.folder / "recorded.json").write_text(recorded)
    stack.pulumi("stack", "import", "--file=recorded.json")
    return stack


@pytest.fixture
def with_old_plugin(bridged: Stack, tmp_path: Path) -> Stack:
    """The folder of the old provider's plugin. The engine loads it but asks it nothing, so ours can stand in."""
    bridged.environ["PULUMI_HOME"] = str(tmp_path / "home")
    bridged.pulumi("stack", "select", "dev")
    for name, version in (("pagerduty-native", VERSION), ("pagerduty", "4.37.0")):
        bridged.pulumi("plugin", "install", "resource", name, version, "--file", str(PLUGIN))
    return bridged


def moved_over(stack: Stack, emulator: Emulator, existing: dict[str, Any], name: str = "alarms") -> None:
    """The integration is as it was, in the state of the new resource, and in that of no other."""
    assert emulator.integrations() == [existing]
    assert {"POST", "PUT", "DELETE"}.isdisjoint(request.method for request in list(emulator.requests)[1:])
    types = [each["type"] for each in json.loads(stack.export())["deployment"]["resources"]]
    assert types.count("pagerduty-native:index:Integration") == 1
    assert OLD_TYPE not in types
    resource = stack.resource(name)
    assert resource
    assert resource["outputs"]["integrationKey"]["plaintext"] == json.dumps(existing["integration_key"])
    assert stack.preview().changes == {}


def new_program(stack: Stack, existing: dict[str, Any]) -> None:
    program = MIGRATING.block("import: ", "yaml").replace("PE1U9CH", existing["id"])
    stack.program(**yaml.safe_load(program))


def test_an_integration_of_an_event_orchestration(stack: Stack, emulator: Emulator) -> None:
    platform = emulator.add_event_orchestration("Platform")
    (default,) = emulator.orchestration_integrations(platform)
    command = MIGRATING.block("EventOrchestrationIntegration clusters")
    for name, given in (("clusters", default["id"]), ("others", f"{platform}:{default['id']}")):
        typed = command.replace("1b49abe7-26db-4439-a715-c6d883acfb3e", given).replace("clusters", name).strip()
        sh(f"{typed} --yes --protect=false", stack.folder, stack.environ)
        resource = stack.resource(name)
        assert resource
        assert resource["id"] == default["id"]
        routing_key = json.loads(resource["outputs"]["routingKey"]["plaintext"])
        assert routing_key == default["parameters"]["routing_key"]
        stack.forget(name, type="pagerduty-native:index:EventOrchestrationIntegration")


def test_the_two_programs_differ_only_in_type_and_import() -> None:
    old = yaml.safe_load(MIGRATING.block("type: pagerduty:ServiceIntegration", "yaml"))["resources"]["alarms"]
    new = yaml.safe_load(MIGRATING.block("import: ", "yaml"))["resources"]["alarms"]
    assert old["properties"] == new["properties"]
    assert new["options"] == {"import": "PCHECKT.PE1U9CH"}


def test_from_pulumi_pagerduty(with_old_plugin: Stack, emulator: Emulator, existing: dict[str, Any]) -> None:
    """The state is that after the first step: with `retainOnDelete`."""
    new_program(with_old_plugin, existing)
    up = with_old_plugin.up()
    assert up.steps("alarms") == ["import", "delete"]
    assert "[retain]" in up.output
    moved_over(with_old_plugin, emulator, existing)


def test_from_pulumi_pagerduty_without_its_plugin(bridged: Stack, emulator: Emulator, existing: dict[str, Any]) -> None:
    delete = MIGRATING.block("state delete --yes 'urn").replace("dev::shop::", "dev::test::")
    sh(delete, bridged.folder, bridged.environ)
    new_program(bridged, existing)
    assert bridged.up().steps("alarms") == ["import"]
    moved_over(bridged, emulator, existing)


def test_many_from_pulumi_pagerduty(with_old_plugin: Stack, emulator: Emulator, existing: dict[str, Any]) -> None:
    shown = sh(MIGRATING.block("adopt --stack dev --from dev"), with_old_plugin.folder, with_old_plugin.environ)
    assert MIGRATING.block("Read forget.sh before", "text") in shown
    told = MIGRATING.block("#!/bin/sh").replace("dev::shop::", "dev::test::")
    assert (with_old_plugin.folder / "forget.sh").read_text() == told
    sh("sh forget.sh", with_old_plugin.folder, with_old_plugin.environ)
    with_old_plugin.program(**yaml.safe_load((with_old_plugin.folder / "adopted.yaml").read_text()))
    moved_over(with_old_plugin, emulator, existing)


def test_from_terraform(stack: Stack, emulator: Emulator, existing: dict[str, Any], tmp_path: Path) -> None:
    """`terraform` is a stand-in with recorded output, which notes its arguments."""
    recorded = (Path(__file__).parent / "terraform-show.json").read_text().replace("{id}", existing["id"])
    (stack.folder / "show.json").write_text(recorded)
    terraform = tmp_path / "bin" / "terraform"
    terraform.parent.mkdir()
    address = "module.checkout.pagerduty_service_integration.alarms"
    terraform.write_text(
        f'#!/bin/sh\necho "$@" >>asked\n[ "$1" != show ] || cat show.json\n[ "$2" != list ] || echo {address}\n'
    )
    terraform.chmod(0o755)
    path = f"{terraform.parent}:{stack.environ['PATH']}"
    for command in (MIGRATING.block("terraform show"), "sh forget.sh"):
        sh(command, stack.folder, stack.environ | {"PATH": path})
    asked = (stack.folder / "asked").read_text().splitlines()
    assert asked == ["show -json", "state list", f"state rm {address}"]
    program = (stack.folder / "adopted.yaml").read_text()
    assert MIGRATING.block("checkout-alarms:", "yaml") in program
    stack.program(**yaml.safe_load(program))
    moved_over(stack, emulator, existing, name="checkout-alarms")


@pytest.mark.usefixtures("existing")
def test_a_program_to_convert(stack: Stack) -> None:
    """Converters are plugins that the CLI downloads, so the last command is not run."""
    *commands, convert = MIGRATING.block("pulumi convert").splitlines()
    sh("\n".join(commands), stack.folder, stack.environ)
    project = yaml.safe_load((stack.folder / "yaml" / "Pulumi.yaml").read_text())
    assert project.keys() == {"name", "runtime", "variables", "resources"}
    assert convert.startswith("cd yaml && pulumi convert --from yaml --language typescript ")


def test_a_whole_account(stack: Stack, emulator: Emulator, existing: dict[str, Any]) -> None:
    """Every command says what the document has it say, but for the IDs and the API's address."""
    emulator.settings.html_urls = "pagerduty"
    deployments = post_integration(emulator, SERVICE, name="Deployments", type=INTEGRATION["type"])
    errors = post_integration(emulator, "PAYMNT2", name="Errors", vendor="PKAPG94")
    arguments = f'"worker", service="{SERVICE}", type="{INTEGRATION["type"]}", name="Worker"'
    stack.python(f"import pulumi_pagerduty_native as pagerduty\n\npagerduty.Integration({arguments})\n")
    stack.up()
    before = emulator.integrations()
    ids = [existing["id"], deployments["id"], before[-1]["id"], errors["id"]]
    for command, expected in (
        ("check --stack dev", "API "),
        ("list --stack dev", "ID  "),
        ("--program python", "Wrote 3 integrations"),
        ("pulumi import --file import.json --generate-code=false --stack dev --protect=false --yes\necho", "unchanged"),
    ):
        shown = sh(MIGRATING.block(command), stack.folder, stack.environ)
        for number, id_ in enumerate(ids, start=1):
            shown = shown.replace(id_, f"PE{number}U9CH")
        assert MIGRATING.block(expected, "text") in shown.replace(emulator.url, "https://api.pagerduty.com")
    assert (stack.folder / "adopted.py").read_text() == MIGRATING.block("checkout_cloudwatch = ", "python")
    assert emulator.integrations() == before
    assert stack.resource("checkout-cloudwatch")
