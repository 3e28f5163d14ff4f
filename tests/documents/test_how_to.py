"""docs/how-to/ does what it says: its commands, on the real engine, against the emulator."""

from __future__ import annotations

import contextlib
import json
import re
import signal
import socket
import socketserver
import ssl
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import requests
import trustme
import yaml
from pagerduty_emulator import Emulator

from tests.conftest import PLUGIN, ROOT, TOKEN
from tests.support import HANG_SECONDS
from tests.support.account import post_integration
from tests.support.documents import Document, killed_while_creating, sh
from tests.support.killing import killed
from tests.support.stack import Stack

FOLDER = ROOT / "docs" / "how-to"
PAGES = {path.stem: Document(path) for path in sorted(FOLDER.glob("*.md"))}
SERVICE, OTHER_SERVICE = "PCHECKT", "PCDNE10"
INTEGRATION: dict[str, Any] = {"type": "events_api_v2_inbound_integration", "service": SERVICE, "name": "Alarms"}
# How many blocks each page has, so that one that is added gets a test.
BLOCKS = {
    "choose-a-vendor-or-a-type": 1,
    "keep-secrets-in-pulumi-esc": 6,  # It needs Pulumi Cloud. Here its YAML is read, and its commands are compared.
    "limit-what-a-token-may-do": 2,
    "manage-large-stacks": 2,
    "move-an-integration": 2,
    "rotate-a-key": 3,
    "run-in-ci": 4,
    "send-a-test-event": 2,
    "upgrade-or-uninstall": 4,
    "run-in-github-actions": 1,  # It needs GitHub. Here it is read, and what it runs is what run-in-ci has.
    "share-a-rate-limit": 2,
    "use-a-proxy-or-company-ca": 4,
    "use-an-account-in-the-eu": 2,
    "use-many-stacks": 4,
}


def test_every_page_and_block_is_known_here() -> None:
    assert {name: len(page.blocks) for name, page in PAGES.items()} == BLOCKS


def test_every_page_is_in_the_index() -> None:
    index = Document(ROOT / "docs" / "README.md").text
    files = [path.relative_to(ROOT / "docs").as_posix() for path in (ROOT / "docs").rglob("*.md")]
    assert {file for file in files if f"({file})" not in index} == {"README.md", "_index.md"}


def run(stack: Stack, page: str, containing: str) -> str:
    """Run a block of a page in the stack's folder."""
    return sh(PAGES[page].block(containing), stack.folder, stack.environ)


def declare(stack: Stack, **properties: Any) -> None:
    """A program with the integration that the pages have, called `alarms`, and its key."""
    alarms = {"type": "pagerduty-native:Integration", "properties": INTEGRATION | properties}
    stack.program(resources={"alarms": alarms}, outputs={"integrationKey": "${alarms.integrationKey}"})


@pytest.fixture
def alarms(stack: Stack, emulator: Emulator) -> dict[str, Any]:
    """The stack with one integration."""
    declare(stack)
    stack.up()
    (made,) = emulator.integrations()
    return made


def test_rotating_a_key(stack: Stack, emulator: Emulator, alarms: dict[str, Any]) -> None:
    run(stack, "rotate-a-key", "--replace")
    (new,) = emulator.integrations()
    assert new["integration_key"] != alarms["integration_key"]
    changes = [each.method for each in emulator.requests if each.method in {"POST", "DELETE"}]
    assert changes == ["POST", "POST", "DELETE"], "the new one is there before the old one goes"
    emulator.regenerate_key(new["id"])
    run(stack, "rotate-a-key", "--refresh")
    (now,) = emulator.integrations()
    assert run(stack, "rotate-a-key", "stack output").strip() == now["integration_key"] != new["integration_key"]


def test_when_a_key_is_rotated(stack: Stack, emulator: Emulator, alarms: dict[str, Any]) -> None:
    """Rows of the table that no other test has: each change, and whether the key is another one after it."""
    alias = {"type": "pagerduty-native:Integration", "properties": {**INTEGRATION, "name": "Other"}}
    keys = [alarms["integration_key"]]
    for resources in (
        {"alarms": alias},
        {"alerts": {**alias, "options": {"aliases": [{"name": "alarms"}]}}},
        {"others": alias},
    ):
        stack.program(resources=resources)
        stack.up()
        (now,) = emulator.integrations()
        keys.append(now["integration_key"])
    assert (keys[0] == keys[1] == keys[2], keys[3] == keys[2]) == (True, False)


def test_moving_an_integration(stack: Stack, emulator: Emulator, alarms: dict[str, Any]) -> None:
    emulator.move_integration(alarms["id"], OTHER_SERVICE)
    run(stack, "move-an-integration", "pulumi refresh")
    declare(stack, service=OTHER_SERVICE)
    run(stack, "move-an-integration", "--expect-no-changes")
    (moved,) = emulator.integrations(OTHER_SERVICE)
    assert moved["integration_key"] == alarms["integration_key"]
    declare(stack, service=SERVICE)
    assert stack.up().changes == {"replace": 1}
    assert [each["service"]["id"] for each in emulator.integrations()] == [SERVICE]


def test_the_tables_of_vendors_and_types(stack: Stack, emulator: Emulator) -> None:
    """The emulator has what was recorded (emulator/docs/api.md)."""
    page = PAGES["choose-a-vendor-or-a-type"]
    rows = re.findall(r"^\| ([\w ]+) \| `(P\w{6})` \| (?:`(\w+)`|not recorded) \|$", page.text, re.MULTILINE)
    assert len(rows) > 10
    headers = {"Authorization": f"Token token={TOKEN}"}
    for name, vendor, recorded in rows:
        body = {"integration": {"name": name, "vendor": {"id": vendor, "type": "vendor_reference"}}}
        if recorded == "generic_email_inbound_integration":
            body["integration"]["integration_email"] = "alerts@acme.pagerduty.com"
        url = f"{emulator.url}/services/{SERVICE}/integrations"
        made = requests.post(url, json=body, headers=headers, timeout=HANG_SECONDS).json()["integration"]
        assert made["vendor"]["summary"] == name
        assert made["type"] == (recorded or made["type"]), name
    for sent in re.findall(r"^\| events? .*\| `(\w+)` \|$|^\| e-mail \| `(\w+)` \|$", page.text, re.MULTILINE):
        assert "".join(sent) in (ROOT / "schema.json").read_text()
    stack.program(**yaml.safe_load(page.block("getVendors", "yaml")))
    stack.up()
    assert "PJOGQ4Q" in {each["id"] for each in stack.outputs()["vendors"]["vendors"]}


def test_sending_a_test_event(stack: Stack, emulator: Emulator, alarms: dict[str, Any]) -> None:
    page = PAGES["send-a-test-event"]
    for action in ("trigger", "resolve"):
        sent = page.block(f'"event_action": "{action}"').replace("https://events.pagerduty.com", emulator.url)
        assert '"status":"success"' in sh(sent, stack.folder, stack.environ)
    (alert,) = emulator.alerts()
    assert (alert["status"], alert["integration"]["id"]) == ("resolved", alarms["id"])


def test_upgrading_and_uninstalling(stack: Stack, emulator: Emulator, alarms: dict[str, Any], tmp_path: Path) -> None:
    run(stack, "upgrade-or-uninstall", "--expect-no-changes")
    assert "pagerduty-native" in run(stack, "upgrade-or-uninstall", "plugin ls")
    run(stack, "upgrade-or-uninstall", "stack rm")
    assert emulator.integrations() == [alarms]
    home = {**stack.environ, "PULUMI_HOME": str(tmp_path / "home")}
    installed = PLUGIN.resolve()
    sh(f"pulumi plugin install resource pagerduty-native 0.1.0 --file {installed}", stack.folder, home)
    sh(PAGES["upgrade-or-uninstall"].block("plugin rm"), stack.folder, home)
    assert "pagerduty-native" not in sh("pulumi plugin ls", stack.folder, home)


def test_sharing_a_rate_limit(stack: Stack, emulator: Emulator) -> None:
    emulator.settings.rate_limit = 960
    assert "of 960 calls left this minute" in run(stack, "share-a-rate-limit", "pagerduty-native check")
    run(stack, "share-a-rate-limit", "requestsPerMinute")
    declare(stack)
    stack.up()
    assert "waiting 12 s for PagerDuty's rate limit" in PAGES["share-a-rate-limit"].text  # tests/engine/test_faults.py


def test_many_stacks(new_stack: Callable[..., Stack], emulator: Emulator) -> None:
    """Two stacks of one project; the program is that of both."""
    page = PAGES["use-many-stacks"]
    stack = new_stack("alerts")
    config = (stack.folder / "Pulumi.dev.yaml").read_text()
    for name in ("checkout", "payments"):
        stack.pulumi("stack", "init", name)
        (stack.folder / f"Pulumi.{name}.yaml").write_text(config)
    refunds = {"type": "pagerduty-native:Integration", "properties": INTEGRATION}
    stack.program(resources={"refunds": refunds}, outputs={"integrationKey": "${refunds.integrationKey}"})
    del stack.environ["PAGERDUTY_TOKEN"]
    sh(page.block("for stack in"), stack.folder, stack.environ)
    assert len(emulator.integrations()) == 2

    stack.environ["PAGERDUTY_TOKEN"] = TOKEN
    post_integration(emulator, SERVICE, type=INTEGRATION["type"], name="By hand")
    shown = run(stack, "use-many-stacks", "adopt")
    assert "Wrote 1 integration to import.json." in shown
    assert "1 integration that stack checkout" in shown
    assert "1 integration that stack payments" in shown

    reference = yaml.safe_load(page.block("StackReference", "yaml").replace("/alerts/", "/test/"))
    stack.program(**reference)
    stack.pulumi("up", "--yes", "--stack", "dev")
    key = stack.pulumi("stack", "output", "key", "--show-secrets", "--stack", "dev").output.strip()
    assert key in {each["integration_key"] for each in emulator.integrations()}
    assert key not in stack.export()
    # The fixed name of the organization, in a longer form of a stack's name.
    longer = page.block("adopt").replace("--stack checkout", "--stack organization/test/checkout --force")
    assert "Wrote 1 integration" in sh(longer, stack.folder, stack.environ)


def test_moving_an_integration_to_another_stack(stack: Stack, emulator: Emulator) -> None:
    stack.pulumi("stack", "init", "payments")
    (stack.folder / "Pulumi.payments.yaml").write_text((stack.folder / "Pulumi.dev.yaml").read_text())
    stack.program(resources={"refunds": {"type": "pagerduty-native:Integration", "properties": INTEGRATION}})
    stack.pulumi("up", "--yes", "--skip-preview", "--stack", "dev")
    (made,) = emulator.integrations()
    move = PAGES["use-many-stacks"].block("state move").replace("::alerts::", "::test::").replace("checkout", "dev")
    sh(move, stack.folder, stack.environ)
    stack.pulumi("preview", "--expect-no-changes", "--stack", "payments")
    stack.program(resources={})
    stack.pulumi("up", "--yes", "--skip-preview", "--stack", "dev")
    assert emulator.integrations() == [made]


def test_in_ci(stack: Stack, emulator: Emulator) -> None:
    declare(stack)
    assert "May write" in run(stack, "run-in-ci", "pagerduty-native check")
    run(stack, "run-in-ci", "preview --diff")
    assert emulator.integrations() == []
    run(stack, "run-in-ci", "pulumi up --yes")
    (made,) = emulator.integrations()
    run(stack, "run-in-ci", "--expect-no-changes")
    before = stack.export()
    emulator.edit_integration(made["id"], name="By hand")
    with pytest.raises(AssertionError, match="no changes were expected"):
        run(stack, "run-in-ci", "--expect-no-changes")
    assert stack.export() == before


def test_exit_codes_of_check(stack: Stack, emulator: Emulator) -> None:
    check = PAGES["run-in-ci"].block("pagerduty-native check").strip()
    emulator.settings.rejected_tokens = {TOKEN}
    assert sh(f"{check} || echo exit $?", stack.folder, stack.environ).endswith("exit 1\n")
    app = {"PAGERDUTY_CLIENT_ID": "id", "PAGERDUTY_CLIENT_SECRET": "secret", "PAGERDUTY_SUBDOMAIN": "acme"}
    environ = {name: value for name, value in stack.environ.items() if name != "PAGERDUTY_TOKEN"} | app
    emulator.settings.oauth_scopes = {"services.read"}
    assert sh(f"{check} || echo exit $?", stack.folder, environ).endswith("exit 3\n")


@pytest.mark.parametrize(("level", "secret"), [("8", True), ("9", False)])
def test_keys_and_tokens_in_logs(stack: Stack, emulator: Emulator, level: str, *, secret: bool) -> None:
    """The page, and SECURITY.md, say up to which level of its logs the engine keeps secrets to itself."""
    for page in (PAGES["run-in-ci"], Document(ROOT / "SECURITY.md")):
        assert "`-v=8`" in page.text
        assert "`-v=9` on" in page.text
    del stack.environ["PAGERDUTY_TOKEN"]
    stack.pulumi("config", "set", "--secret", "pagerduty-native:token", TOKEN)
    declare(stack)
    shown = stack.pulumi("up", "--yes", "--skip-preview", "--logtostderr", "--logflow", f"-v={level}").output
    (made,) = emulator.integrations()
    assert (made["integration_key"] not in shown, TOKEN not in shown) == (secret, secret)


def test_in_github_actions() -> None:
    # For YAML 1.1, `on` is a boolean.
    workflow = yaml.safe_load(PAGES["run-in-github-actions"].block("jobs:", "yaml").replace("on:", '"on":', 1))
    assert workflow.keys() == {"name", "on", "permissions", "concurrency", "env", "jobs"}
    steps = workflow["jobs"]["pulumi"]["steps"]
    events = [re.findall(r"github.event_name == '(\w+)'", each["if"])[0] for each in steps if "if" in each]
    assert set(events) == workflow["on"].keys()
    in_ci = "".join(code.replace("--stack dev", "--stack prod") for _, code in PAGES["run-in-ci"].blocks)
    commands = [each["run"] for each in steps if "run" in each]
    assert [each for each in commands if each not in in_ci] == ["pip install -r requirements.txt"]


class Proxy(socketserver.ThreadingTCPServer):
    """A company's proxy: takes CONNECT, and answers in the place of the host with a certificate of its own."""

    daemon_threads = True

    def __init__(self, emulator: Emulator, certificate: ssl.SSLContext) -> None:
        self.asked: list[str] = []
        port = int(emulator.url.rpartition(":")[2])

        class Tunnel(socketserver.StreamRequestHandler):
            server: Proxy

            def handle(self) -> None:
                self.server.asked.append(self.rfile.readline().split()[1].decode())
                while self.rfile.readline().strip():
                    pass
                self.wfile.write(b"HTTP/1.1 200 Connection established\r\n\r\n")
                with (
                    certificate.wrap_socket(self.connection, server_side=True) as client,
                    socket.create_connection(("127.0.0.1", port)) as api,
                ):
                    back = threading.Thread(target=pump, args=(api, client), daemon=True)
                    back.start()
                    pump(client, api)
                    back.join()

        super().__init__(("127.0.0.1", 0), Tunnel)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Say nothing of a client that does not trust the certificate."""


def pump(source: socket.socket, sink: socket.socket) -> None:
    with contextlib.suppress(OSError):  # The other side may be gone.
        while data := source.recv(65536):
            sink.sendall(data.replace(b"Host: api.pagerduty.com", b"Host: 127.0.0.1"))  # the emulator's own name
        sink.shutdown(socket.SHUT_WR)


@contextlib.contextmanager
def proxy(emulator: Emulator, authority: trustme.CA) -> Iterator[Proxy]:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("api.pagerduty.com").configure_cert(context)
    with Proxy(emulator, context) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        try:
            yield server
        finally:
            server.shutdown()


def test_a_proxy_and_a_company_ca(stack: Stack, emulator: Emulator, tmp_path: Path) -> None:
    """The API's own address, which the proxy answers for."""
    page, authority = PAGES["use-a-proxy-or-company-ca"], trustme.CA()
    authority.cert_pem.write_to_path(str(tmp_path / "company-ca.pem"))
    with proxy(emulator, authority) as server:
        here = f"http://127.0.0.1:{server.server_address[1]}"
        proxies = page.block("HTTPS_PROXY").replace("http://proxy.example.com:3128", here)
        bundle = page.block("REQUESTS_CA_BUNDLE").replace("/etc/ssl/certs", str(tmp_path))
        check = page.block("pagerduty-native check")
        stack.pulumi("config", "rm", "pagerduty-native:apiUrlOverride")
        with pytest.raises(AssertionError, match=r"cannot be reached: .*certificate"):
            sh(proxies + check, stack.folder, stack.environ)
        assert "https://api.pagerduty.com" in sh(proxies + bundle + check, stack.folder, stack.environ)

        declare(stack)
        sh(proxies + bundle + "pulumi up --yes --skip-preview", stack.folder, stack.environ)
        assert len(emulator.integrations()) == 1
        assert set(server.asked) == {"api.pagerduty.com:443"}
    sh(page.block("apiUrlOverride"), stack.folder, stack.environ)
    assert "gateway" in stack.pulumi("config", "get", "pagerduty-native:apiUrlOverride").output


def test_an_account_in_the_eu(stack: Stack, emulator: Emulator) -> None:
    emulator.settings.update({"region": "eu", "html_urls": "pagerduty"})
    declare(stack)
    (by_hand, variable) = (PAGES["use-an-account-in-the-eu"].block(each) for each in ("config set", "export"))
    sh(by_hand, stack.folder, stack.environ)
    assert "eu" in stack.pulumi("config", "get", "pagerduty-native:serviceRegion").output
    stack.program(
        resources={
            "alarms": {
                "type": "pagerduty-native:Integration",
                "properties": {**INTEGRATION, "type": "generic_events_api_inbound_integration"},
            }
        },
        outputs={"url": "${alarms.integrationUrl}"},
    )
    stack.up()
    assert stack.outputs()["url"].startswith("https://events.eu.pagerduty.com/")
    sh(
        f"{variable}pulumi config rm pagerduty-native:serviceRegion\npulumi preview --expect-no-changes",
        stack.folder,
        stack.environ,
    )


def test_what_a_token_may_do(stack: Stack, emulator: Emulator) -> None:
    page = PAGES["limit-what-a-token-may-do"]
    del stack.environ["PAGERDUTY_TOKEN"]
    sh(page.block("config set"), stack.folder, stack.environ)
    rows = re.findall(r"^\| (?:`pulumi|programs).*\| (.*?) \|$", page.text, re.MULTILINE)
    reading, writing, lookups, looking, changing = (set(re.findall(r"`(\w+\.\w+)`", row)) for row in rows)
    declare(stack, vendor="PZQ6AUS")

    emulator.settings.oauth_scopes = reading
    stack.preview()
    assert "services.write" in stack.up(fails=True).output
    with pytest.raises(AssertionError, match=r"lacks the scope services\.write"):
        sh(page.block("check"), stack.folder, stack.environ)
    emulator.expire_oauth_tokens()
    emulator.settings.oauth_scopes = writing
    stack.up()
    stack.refresh()
    emulator.settings.oauth_scopes = writing | lookups
    emulator.expire_oauth_tokens()
    assert "vendors" in sh(page.block("check"), stack.folder, stack.environ)

    platform = emulator.add_event_orchestration("Platform")
    clusters = {
        "type": "pagerduty-native:EventOrchestrationIntegration",
        "properties": {"eventOrchestration": platform, "label": "Clusters"},
    }
    stack.program(resources={"clusters": clusters})
    emulator.settings.oauth_scopes = writing | looking
    assert "event_orchestrations.write" in stack.up(fails=True).output
    emulator.expire_oauth_tokens()
    emulator.settings.oauth_scopes = writing | changing
    stack.up()
    emulator.expire_oauth_tokens()
    emulator.settings.oauth_scopes = reading | looking
    assert stack.refresh().changes == {}
    assert stack.preview().changes == {}


def test_large_stacks(stack: Stack, emulator: Emulator) -> None:
    """The variables risk what the page says, what was lost can be found, and they do no harm otherwise."""
    declare(stack)
    variables = skipping_checkpoints()
    killed_while_creating(stack, emulator, "cli", **variables)
    stack.pulumi("cancel", "--yes")
    state = json.loads(stack.export())["deployment"]
    assert (state.get("resources", []), state.get("pending_operations", [])) == ([], [])
    (lost,) = emulator.integrations()
    run(stack, "manage-large-stacks", "adopt")
    document = json.loads((stack.folder / "import.json").read_text())
    assert [each["id"] for each in document["resources"]] == [f"{SERVICE}.{lost['id']}"]
    run(stack, "manage-large-stacks", "PULUMI_SKIP_CHECKPOINTS")
    assert stack.preview().changes == {}


def test_ctrl_c_without_checkpoints_loses_nothing(stack: Stack, emulator: Emulator) -> None:
    declare(stack)
    emulator.inject("delay", "POST", "/services/*/integrations", seconds=1, after_commit=True)
    killed(
        stack,
        ["up", "--skip-preview"],
        "cli",
        lambda: len(emulator.integrations()) > 0,
        signal_number=signal.SIGINT,
        environ=skipping_checkpoints(),
    )
    assert stack.up().changes == {}
    assert len(emulator.integrations()) == 1


def skipping_checkpoints() -> dict[str, str]:
    """The variables that the page gives."""
    return dict(re.findall(r"(PULUMI_\w+)=(\w+)", PAGES["manage-large-stacks"].block("PULUMI_SKIP_CHECKPOINTS")))


def test_figures_of_large_stacks() -> None:
    """They are those of docs/benchmarks.md."""
    time, without = (section("## Time"), section("## Without checkpoints"))
    page = PAGES["manage-large-stacks"].text
    for work, hundred, thousand in re.findall(r"^\| (\w+).*?\| ([\d.]+) s \| ([\d.]+) s \|", page, re.MULTILINE):
        name = "up`, creates" if work == "create" else work
        for n, told in ((100, hundred), (1000, thousand)):
            (measured,) = re.findall(rf"^\| {n} \| `{name}.*?\| ([\d.]+) \|", time, re.MULTILINE)
            assert float(told) == pytest.approx(float(measured), abs=0.5)
    ((created, created_with, destroyed, destroyed_with),) = re.findall(
        r"created in ([\d.]+) s instead of ([\d.]+), and\s+destroyed in ([\d.]+) s instead of ([\d.]+)", page
    )
    for name, told, told_with in (
        ("up`, creates", created, created_with),
        ("destroy", destroyed, destroyed_with),
    ):
        for way, figure in (("at the end", told), ("at each step", told_with)):
            (measured,) = re.findall(rf"^\| 1000 \| `{name}.*?\| {way} \| ([\d.]+) \|", without, re.MULTILINE)
            assert float(figure) == pytest.approx(float(measured), abs=0.5)


def section(heading: str) -> str:
    """A part of docs/benchmarks.md."""
    return (ROOT / "docs" / "benchmarks.md").read_text().partition(heading)[2].partition("\n## ")[0]


def test_pulumi_esc() -> None:
    page = PAGES["keep-secrets-in-pulumi-esc"]
    environment, stack, keys = (yaml.safe_load(code) for language, code in page.blocks if language == "yaml")
    (source,) = keys["values"]["stacks"]["fn::open::pulumi-stacks"]["stacks"]
    output = keys["values"]["environmentVariables"]["PAGERDUTY_ROUTING_KEY"]
    assert output == f"${{stacks.{source}.integrationKey}}"
    assert "integrationKey" in (ROOT / "examples" / "yaml" / "Pulumi.yaml").read_text().partition("outputs:")[2]
    values = environment["values"]
    assert values["environmentVariables"] == {"PAGERDUTY_TOKEN": "${pagerduty.token}"}
    settings = json.loads((ROOT / "schema.json").read_text())["config"]["variables"]
    assert {each.partition(":")[2] for each in values["pulumiConfig"]} <= settings.keys()
    assert stack == {"environment": ["pagerduty/prod"]}
    commands = [line for language, code in page.blocks if language == "sh" for line in code.splitlines()]
    assert all("pagerduty/prod" in each for each in commands)
