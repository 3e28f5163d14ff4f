"""`pagerduty-native adopt --forget-script`: the script is run, with stand-ins for Terraform, OpenTofu and Pulumi.

One test runs the real Terraform, if the machine has it.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from pagerduty_emulator import Emulator

from tests.support import HANG_SECONDS

from .conftest import Create, Run, adopted
from .documents import SECRET, URN, bridged, native, stack_export, terraform, terraform_show

pytestmark = pytest.mark.skipif(os.name == "nt", reason="shell scripts")

# As Terraform 1.11 answers: `state rm` forgets the deposed objects of an address, too, and all instances of a resource.
TERRAFORM = """
import json, pathlib, sys
file = pathlib.Path(sys.argv[0]).with_name("held.json")
held = json.loads(file.read_text())
match sys.argv[1:]:
    case ["state", "list"]:
        print("\\n".join(dict.fromkeys(held)))
    case ["state", "rm", *addresses] if all(each in held for each in addresses):
        removed = {each for each in held for address in addresses if each == address or each.startswith(address + "[")}
        file.write_text(json.dumps([each for each in held if each not in removed]))
        print("\\n".join(f"Removed {each}" for each in removed))
    case ["state", "rm", *_]:
        sys.exit("Error: Invalid target address\\n\\nNo matching objects found.")
    case other:
        sys.exit(f"unexpected: {other}")
"""
# As pulumi 3.259 answers.
PULUMI = """
import json, pathlib, sys
file = pathlib.Path(sys.argv[0]).with_name("held.json")
held = json.loads(file.read_text())
arguments = sys.argv[1:]
position = arguments.index("--stack")
stack = arguments.pop(position + 1)
del arguments[position]
if stack != STACK:
    sys.exit(f"error: no stack named '{stack}' found")
match [each for each in arguments if each not in {"--non-interactive", "--color=never"}]:
    case ["stack", "export"]:
        print(json.dumps({"version": 3, "deployment": {"resources": held}}))
    case ["stack", "--show-urns", "--color", "never"]:
        print(f"Current stack is {stack}:\\nCurrent stack resources ({len(held)}):\\n    TYPE  NAME")
        for each in held:
            print(f"    {each['type']}  {each['urn'].split('::', 3)[3]}\\n    \\u2502     URN: {each['urn']}")
    case ["state", "delete", "--yes", urn, *force]:
        found = [each for each in held if each["urn"] == urn]
        if not found:
            sys.exit(f'error: No such resource "{urn}" exists in the current state')
        if len(found) > 1:
            sys.exit("error: Resource URN ambiguously referred to multiple resources.")
        if found[0].get("protect") and force != ["--force"]:
            sys.exit("error: it is protected. Re-run this command with --force")
        if any(urn in each.get("dependencies", []) for each in held):
            sys.exit("error: other resources depend on it")
        file.write_text(json.dumps([each for each in held if each["urn"] != urn]))
    case other:
        sys.exit(f"unexpected: {other}")
"""

Install = Callable[..., Path]


@pytest.fixture
def install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Install:
    """Put a stand-in on the PATH. Returns the file with the addresses or resources that its state holds."""
    folder = tmp_path / "bin"
    folder.mkdir()
    monkeypatch.setenv("PATH", f"{folder}:{os.environ['PATH']}")

    def install(name: str, held: list[Any], stack: str = "dev") -> Path:
        code = (PULUMI if name == "pulumi" else TERRAFORM).replace("STACK", repr(stack))
        (folder / name).write_text(f"#!{sys.executable}\n{code}")
        (folder / name).chmod(0o755)
        (folder / "held.json").write_text(json.dumps(held))
        return folder / "held.json"

    return install


def run_script(exit_code: int = 0, interpreter: str = "sh") -> str:
    done = subprocess.run([interpreter, "forget.sh"], capture_output=True, text=True, timeout=HANG_SECONDS, check=False)
    assert done.returncode == exit_code, done.stderr
    return done.stdout + done.stderr


def adopt(run: Run, source: str, exit_code: int = 0) -> dict[str, str]:
    """Adopt, and write the script. Returns the IDs of what is adopted by resources' names."""
    arguments = ("--output", "-", "--forget-script", "forget.sh", "--force")
    names = adopted(run("adopt", "--from", source, *arguments, exit_code=exit_code))
    assert SECRET not in Path("forget.sh").read_text()
    return names


ADDRESSES = [
    "pagerduty_service_integration.alarms",
    "pagerduty_service_integration.module",
    "pagerduty_service_integration.pagerduty_service_integration",
    "pagerduty_service_integration.counted[10]",
    'pagerduty_service_integration.by_key["it\'s $HOME `id` \\"q\\" \\\\ $${x} ]. a::b"]',
    'pagerduty_service_integration.by_key[""]',
    'module.module["eu.west"].module.deep[0].pagerduty_service_integration.alarms',
]
NAMES = [
    "alarms",
    "module",
    "pagerduty-service-integration",
    "counted-10",
    "by-key-it-s-home-id-q-x-a-b",
    "by-key",
    "module-eu-west-deep-0-alarms",
]


@pytest.mark.parametrize("command", ["terraform", "tofu"])
def test_terraform_forgets_every_address_and_nothing_else(
    run: Run, create: Create, install: Install, tmp_path: Path, command: str
) -> None:
    """Also where the script is run again, after it stopped in between."""
    ids = [create("PCHECKT", "Alarms")["id"] for _ in ADDRESSES]
    provider = f"registry.{'opentofu' if command == 'tofu' else 'terraform'}.org/pagerduty/pagerduty"
    found = [
        {**terraform(address, each, "PCHECKT"), "provider_name": provider, "index": None, "tainted": True}
        for address, each in zip(ADDRESSES, ids, strict=True)
    ]
    data = {**found[0], "mode": "data", "address": f"data.{ADDRESSES[0]}", "values": None}
    others: list[dict[str, Any]] = [data, {**data, "mode": "managed", "type": "aws_sns_topic"}]
    module = {"resources": None, "child_modules": [{"resources": found[-1:], "child_modules": None}]}
    state = terraform_show(tmp_path, *found[:-1], *others, module=module)
    held = install(command, [*ADDRESSES, "aws_sns_topic.a", f"{ADDRESSES[0]}2"])
    assert list(adopt(run, state)) == NAMES
    assert run_script().count("Removed") == len(ADDRESSES)
    assert json.loads(held.read_text()) == ["aws_sns_topic.a", f"{ADDRESSES[0]}2"]
    assert run_script(interpreter="bash").count("no longer in the state: ") == len(ADDRESSES)
    assert json.loads(held.read_text()) == ["aws_sns_topic.a", f"{ADDRESSES[0]}2"]


def test_an_integration_at_two_addresses_is_forgotten_at_both(
    run: Run, create: Create, install: Install, tmp_path: Path
) -> None:
    alarms = create("PCHECKT", "Alarms")
    state = terraform_show(tmp_path, *(terraform(each, alarms["id"], "PCHECKT") for each in ADDRESSES[:2]))
    held = install("terraform", ADDRESSES[:2])
    assert adopt(run, state, exit_code=3) == {"alarms": f"PCHECKT.{alarms['id']}"}
    run_script()
    assert json.loads(held.read_text()) == []


def test_a_deposed_object_is_not_adopted_and_its_address_is_forgotten_once(
    run: Run, create: Create, install: Install, tmp_path: Path
) -> None:
    current, deposed, other = (create("PCHECKT", "Alarms")["id"] for _ in range(3))
    entries = [
        {**terraform(ADDRESSES[0], deposed, "PCHECKT"), "deposed_key": "8f2a1b3c"},
        terraform(ADDRESSES[0], current, "PCHECKT"),
        {**terraform(ADDRESSES[1], other, "PCHECKT"), "deposed_key": "8f2a1b3d"},
    ]
    held = install("terraform", [ADDRESSES[0], ADDRESSES[0], ADDRESSES[1]])
    state = terraform_show(tmp_path, *entries)
    result = run("adopt", "--from", state, "--forget-script", "forget.sh", exit_code=3)
    assert adopted(result) == {"alarms": f"PCHECKT.{current}"}
    assert f"PCHECKT.{deposed}): a deposed object, which the next `terraform apply` deletes" in result.stderr
    assert "This also forgets a deposed object" in Path("forget.sh").read_text()
    run_script()
    assert json.loads(held.read_text()) == [ADDRESSES[1]]


def test_an_address_without_a_key_leaves_instances_with_keys_in_the_state(
    run: Run, create: Create, install: Install, tmp_path: Path
) -> None:
    """Terraform has both if it could not delete the one, after `for_each` came into the configuration."""
    name = "module.pagerduty_service_integration[0].pagerduty_service_integration.alarms"
    addresses = [name, f'{name}["a[b"]', f"{name}2"]
    ids = [create("PCHECKT", "Alarms")["id"] for _ in addresses]
    entries = [terraform(address, each, "PCHECKT") for address, each in zip(addresses, ids, strict=True)]
    held = install("terraform", addresses)
    assert len(adopt(run, terraform_show(tmp_path, *entries))) == 3
    assert run_script().count("Removed") == 3
    assert json.loads(held.read_text()) == []
    entries[1]["values"]["id"] = "PGONE01"
    install("terraform", addresses)
    adopt(run, terraform_show(tmp_path, *entries), exit_code=3)
    assert f"#   {addresses[1]}\n" in Path("forget.sh").read_text()
    assert f"still in the state: {name}\nMove it" in run_script(exit_code=1)
    assert json.loads(held.read_text()) == addresses[:2]
    held.write_text(json.dumps(addresses[1:2]))  # after `terraform state mv` and `rm`
    assert run_script().count("no longer in the state: ") == 1


def test_many_addresses_are_forgotten_in_a_few_calls(
    run: Run, create: Create, install: Install, tmp_path: Path
) -> None:
    """Each call of Terraform's locks and writes the state, and Windows limits the length of a command."""
    alarms = create("PCHECKT", "Alarms")["id"]
    name = "pagerduty_service_integration.alarms"
    addresses = [name, *(f"{name}[{number}]" for number in range(150))]
    held = install("terraform", addresses)
    adopt(run, terraform_show(tmp_path, *(terraform(each, alarms, "PCHECKT") for each in addresses)), exit_code=3)
    script = Path("forget.sh").read_text()
    assert script.count("\nforget \\\n") == 2
    run_script()
    assert json.loads(held.read_text()) == []


KEYS = [
    "",
    "plain",
    "it's",
    'q"uote',
    "b\\slash",
    "br]ack",
    "[x]",
    " bl ank ",
    "ünï",
    "日",
    "😀",
    "$x",
    "$${x}",
    "${x}",
    "%{if}",
    "$(id)",
    "`id`",
    "*",
    "a::b",
    "a.b",
    "-rf",
    "new\nline",
    "tab\t",
    "cr\r",
    "\u202e",
    "\u00a0",
    "\u0085",
]


def real_state(*resources: dict[str, Any]) -> dict[str, Any]:
    """Return a state as Terraform writes it."""
    return {
        "version": 4,
        "terraform_version": "1.11.4",
        "serial": 7,
        "lineage": "0b1f2a58-6c5e-4e0a-9f5e-1d5c0c9c8a11",
        "outputs": {},
        "resources": list(resources),
        "check_results": None,
    }


def real_resource(name: str, *instances: dict[str, Any], **others: Any) -> dict[str, Any]:
    provider = 'provider["terraform.io/builtin/terraform"]'
    resource = {"mode": "managed", "type": "terraform_data", "name": name, "provider": provider, **others}
    return {**resource, "instances": list(instances)}


def real_instance(id: str, **others: Any) -> dict[str, Any]:
    attributes = {"id": id, "input": None, "output": None, "triggers_replace": None}
    return {"schema_version": 0, "attributes": attributes, "sensitive_attributes": [], **others}


def contents(state: dict[str, Any]) -> list[tuple[Any, ...]]:
    """Return what a state holds, one entry for each object."""
    return sorted(
        (
            resource.get("module", ""),
            resource["mode"],
            resource["type"],
            resource["name"],
            json.dumps(instance, sort_keys=True),
        )
        for resource in state["resources"]
        for instance in resource["instances"]
    )


def terraform_of_this_machine() -> None:
    """Skip the test where there is no Terraform that works, or one that is older than the one that was tried."""
    if shutil.which("terraform") is None:
        pytest.skip("no terraform on this machine")
    command = ["terraform", "version", "-json"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=HANG_SECONDS, check=False)
    version = re.search(r'"terraform_version": *"(\d+)\.(\d+)', done.stdout)
    if done.returncode or not version or (int(version[1]), int(version[2])) < (1, 11):
        pytest.skip("no terraform 1.11 or later on this machine")


def test_the_real_terraform_forgets_every_address_and_nothing_else(
    run: Run, create: Create, emulator: Emulator, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Types are renamed from `terraform_data` to PagerDuty's, because `terraform show` needs a type's provider."""
    for name in [each for each in os.environ if each.startswith("TF_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("TF_CLI_CONFIG_FILE", os.devnull)
    monkeypatch.setenv("CHECKPOINT_DISABLE", "1")
    terraform_of_this_machine()
    platform = emulator.add_event_orchestration("Platform")

    def routed(**others: Any) -> dict[str, Any]:
        return real_instance(emulator.add_orchestration_integration(platform, "Clusters"), **others)

    def held(**others: Any) -> dict[str, Any]:
        return real_instance(create("PCHECKT", "Alarms")["id"], **others)

    twice = create("PCHECKT", "Alarms")["id"]
    moved = [
        real_resource("routed_by_key", *(routed(index_key=each) for each in KEYS), each="map"),
        real_resource("counted", *(held(index_key=each) for each in (0, 10)), each="list"),
        real_resource("both", held(), held(index_key="a")),
        real_resource("tainted", held(status="tainted")),
        real_resource("replaced", held(), held(deposed="8f2a1b3c")),
        real_resource("twice", real_instance(twice)),
        real_resource("twice", real_instance(twice), module='module.m["eu.west \\"]x"].module.deep[0]'),
        real_resource("routed", routed(), module="module.m"),
    ]
    kept = [
        real_resource("deposed", held(deposed="8f2a1b3d")),
        real_resource("mixed", held(), real_instance("PGONE01", index_key="a")),
        real_resource("counted", real_instance("PGONE02", index_key=1), module="module.m"),
        real_resource("topic", real_instance("arn:of:a:topic")),
        real_resource("asked", real_instance("PDATA01"), mode="data", type="terraform_remote_state"),
    ]
    kept[-1]["instances"][0]["attributes"] = {"backend": "local", "config": None, "defaults": None, "outputs": None}
    text = json.dumps(real_state(*moved, *kept))
    folder = tmp_path / "old"
    folder.mkdir()
    monkeypatch.chdir(folder)
    file = Path("terraform.tfstate")
    file.write_text(text)
    shown = json.loads(subprocess.check_output(["terraform", "show", "-json"], timeout=HANG_SECONDS))
    modules = [shown["values"]["root_module"]]
    for module in modules:
        modules += module.get("child_modules", [])
        for each in module.get("resources", []):
            translate(each, platform)
    Path("state.json").write_text(json.dumps(shown))
    state = json.loads(text)
    for each in state["resources"]:
        translate(each, platform)
    file.write_text(json.dumps(state))

    result = run("adopt", "--from", "state.json", "--output", "-", "--forget-script", "forget.sh", exit_code=3)
    assert len(adopted(result)) == len(KEYS) + 8 + 1  # `mixed` is adopted, but not forgotten
    assert "pagerduty_service_integration.deposed (" in result.stderr
    script = Path("forget.sh").read_text()
    assert "#   pagerduty_service_integration.replaced\n" in script
    assert '#   pagerduty_service_integration.mixed["a"]\n' in script
    removed = {line for line in run_script(exit_code=1).splitlines() if line.startswith("Removed ")}
    assert len(removed) == len(KEYS) + 9
    after = json.loads(file.read_text())
    assert contents(after) == contents({"resources": state["resources"][len(moved) :]})
    assert {**after, "resources": 0, "serial": 0} == {**state, "resources": 0, "serial": 0}
    (backup,) = Path().glob("terraform.tfstate.*.backup")
    assert contents(json.loads(backup.read_text())) == contents(state)

    mixed = "pagerduty_service_integration.mixed"  # as the script says
    subprocess.check_output(["terraform", "state", "mv", mixed, f"{mixed}_old"], timeout=HANG_SECONDS)
    subprocess.check_output(["terraform", "state", "rm", f"{mixed}_old"], timeout=HANG_SECONDS)
    before = json.loads(file.read_text())
    assert len(contents(before)) == len(contents(after)) - 1
    assert run_script(interpreter="bash").count("no longer in the state: ") == len(KEYS) + 9
    assert json.loads(file.read_text()) == before


def translate(resource: dict[str, Any], platform: str) -> None:
    """Change a resource of Terraform's own provider, in a state or as shown, into one of PagerDuty's."""
    if resource["mode"] == "data" or resource["name"] == "topic":
        return
    kind = "event_orchestration" if resource["name"].startswith("routed") else "service"
    resource["type"] = f"pagerduty_{kind}_integration"
    container = {kind: platform if kind == "event_orchestration" else "PCHECKT"}
    if "instances" in resource:
        resource["provider"] = 'provider["registry.terraform.io/pagerduty/pagerduty"]'
        for each in resource["instances"]:
            each["attributes"] = {"id": each["attributes"]["id"], **container, "integration_key": SECRET}
    else:
        resource["address"] = resource["address"].replace("terraform_data.", f"{resource['type']}.")
        resource["values"] = {"id": resource["values"]["id"], **container, "vendor": None, "integration_key": SECRET}


def test_a_resource_without_an_id_is_left_out(run: Run, create: Create, tmp_path: Path) -> None:
    alarms = create("PCHECKT", "Alarms")["id"]
    odd = [{**terraform(address, "", ""), "values": values} for address, values in (("a", None), ("b", {"id": None}))]
    state = terraform_show(tmp_path, *odd, terraform(ADDRESSES[0], alarms, "PCHECKT"))
    result = run("adopt", "--from", state, exit_code=3)
    assert list(adopted(result)) == ["alarms"]
    assert "a (?.?): the account has no integration with this ID" in result.stderr


def test_a_stack_forgets_under_the_name_that_was_given(run: Run, create: Create, install: Install) -> None:
    names = ["plain", "a::b", 'it\'s "$HOME" \\ `id` %s \u202eb\x85', "-rf", "URN: x", "guarded"]
    held = [bridged(each, create("PCHECKT", "Alarms")["id"], "PCHECKT") for each in names]
    held[-1]["protect"] = True
    others = [bridged("plain2", "PGONE01", "PCHECKT"), {**native("other", ""), "id": None}]
    file = install("pulumi", [*held, *others], stack="organization/shop/prod")
    assert list(adopt(run, "organization/shop/prod", exit_code=3)) == names
    script = Path("forget.sh").read_text()
    assert script.isascii()
    run_script()
    assert [each["urn"] for each in json.loads(file.read_text())] == [each["urn"] for each in others]
    assert run_script(interpreter="bash").count("no longer in the state: ") == len(names)


def test_a_pending_deletion_is_left_to_pulumi(run: Run, create: Create, install: Install) -> None:
    """`pulumi state delete` cannot tell the two apart, which have one URN."""
    current, pending, other = (create("PCHECKT", "Alarms")["id"] for _ in range(3))
    held = [
        bridged("alarms", current, "PCHECKT"),
        bridged("alarms", pending, "PCHECKT", delete=True),
        bridged("other", other, "PCHECKT"),
    ]
    file = install("pulumi", held)
    assert adopt(run, "dev", exit_code=3) == {"alarms": f"PCHECKT.{current}", "other": f"PCHECKT.{other}"}
    assert "twice in the state, once to be deleted" in run_script(exit_code=1)
    assert json.loads(file.read_text()) == held[:2]
    file.write_text(json.dumps(held[:1]))  # after `pulumi up`
    run_script()
    assert json.loads(file.read_text()) == []


def test_an_integration_that_the_state_also_deletes_is_left_out(run: Run, create: Create, tmp_path: Path) -> None:
    alarms = create("PCHECKT", "Alarms")["id"]
    held = [bridged("new", alarms, "PCHECKT"), bridged("old", alarms, "PCHECKT", delete=True)]
    result = run("adopt", "--from", stack_export(tmp_path, *held), exit_code=3)
    assert adopted(result) == {}
    assert "the state has it a second time, to be deleted" in result.stderr


def test_an_old_stack_that_has_yet_to_delete_an_integration_manages_it(
    run: Run, create: Create, tmp_path: Path
) -> None:
    held = bridged("alarms", create("PCHECKT", "Alarms")["id"], "PCHECKT", delete=True)
    assert adopted(run("adopt", "--managed-by", stack_export(tmp_path, held))) == {}


def test_dependents_are_forgotten_first_and_others_keep_what_they_need(
    run: Run, create: Create, install: Install
) -> None:
    ids = [create("PCHECKT", "Alarms")["id"] for _ in range(3)]
    base = bridged("base", ids[0], "PCHECKT")
    dependent = bridged("dependent", ids[1], "PCHECKT", dependencies=[base["urn"]])
    needed = bridged("needed", ids[2], "PCHECKT")
    topic = {"urn": f"{URN}aws:sns:Subscription::topic", "type": "x", "dependencies": [needed["urn"]]}
    file = install("pulumi", [base, dependent, needed, topic])
    assert len(adopt(run, "dev")) == 3
    run_script()
    assert json.loads(file.read_text()) == [needed, topic]
    assert f"#   {topic['urn']}\n" in Path("forget.sh").read_text()


def test_the_script_stops_if_the_state_cannot_be_read(run: Run, create: Create, install: Install) -> None:
    install("pulumi", [bridged("alarms", create("PCHECKT", "Alarms")["id"], "PCHECKT")])
    adopt(run, "dev")
    install("pulumi", [], stack="another")
    assert "no stack named 'dev' found" in run_script(exit_code=1)


def test_the_script_forgets_only_adopted_integrations(run: Run, tmp_path: Path) -> None:
    adopt(run, stack_export(tmp_path, bridged("gone", "PGONE01", "PCHECKT")), exit_code=3)
    assert "PGONE01" not in Path("forget.sh").read_text()
    assert run_script() == ""


def test_the_script_needs_a_state(run: Run) -> None:
    assert "--forget-script needs --from" in run("adopt", "--forget-script", "forget.sh", exit_code=2).stderr
