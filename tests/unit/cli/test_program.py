"""`pagerduty-native adopt --program`: the program. That it previews clean is shown on the engine."""

from __future__ import annotations

import ast
import dataclasses
import json
import re
import unicodedata
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import yaml
from click.testing import CliRunner
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from pagerduty_emulator import Emulator
from pagerduty_native.cli import cli
from pagerduty_native.cli.program import FILES, Declaration, Id, Program, Variables, write_program
from pagerduty_native.resources.email import EmailFilter

from .conftest import EMAIL, SENTRY, Create, Run, keys
from .documents import bridged, native, stack_export

CHECKOUT = Id("service", "PCHECKT", "Checkout", "checkout")
CLOUDWATCH = Id("vendor", "PZQ6AUS", "Amazon CloudWatch", "amazon-cloudwatch")
PROGRAM = Program(
    [CHECKOUT, CLOUDWATCH],
    [
        Declaration(
            "Integration",
            "checkout-alarms",
            "checkout-alarms",
            {
                "service": CHECKOUT,
                "vendor": CLOUDWATCH,
                "name": "Alarms",
                "config_fields": {"incident_key": "alarm_name", "code": "a();\nb();"},
            },
        ),
        Declaration(
            "Integration",
            "Früher",
            "fruher",
            {
                "service": Id("service", "PTWICE1", "Twice", ""),
                "type": "generic_email_inbound_integration",
                "name": "Mail",
                "email_filters": [
                    EmailFilter(
                        subject_mode="match",
                        subject_regex=r"^\[backup\] (?:orders|users): (?:FAILED|OK)$",
                        body_mode=None,
                        body_regex=None,
                        from_email_mode=None,
                        from_email_regex=None,
                    )
                ],
            },
        ),
    ],
)
PYTHON = r'''"""Integrations of a PagerDuty account, written by `pagerduty-native adopt`."""

import pulumi_pagerduty_native as pagerduty

checkout = pagerduty.get_service(name="Checkout")
amazon_cloudwatch = pagerduty.get_vendor(name="Amazon CloudWatch")

checkout_alarms = pagerduty.Integration(
    "checkout-alarms",
    service=checkout.id,
    vendor=amazon_cloudwatch.id,
    name="Alarms",
    config_fields={"incident_key": "alarm_name", "code": "a();\nb();"},
)

fruher = pagerduty.Integration(
    "Früher",
    service="PTWICE1",  # "Twice"
    type="generic_email_inbound_integration",
    name="Mail",
    email_filters=[
        pagerduty.EmailFilterArgs(
            subject_mode="match",
            subject_regex=r"^\[backup\] (?:orders|users): (?:FAILED|OK)$",
        ),
    ],
)
'''
YAML = r"""# Integrations of a PagerDuty account, written by `pagerduty-native adopt`.
variables:
  checkout:
    fn::invoke:
      function: pagerduty-native:getService
      arguments:
        name: Checkout
  amazonCloudwatch:
    fn::invoke:
      function: pagerduty-native:getVendor
      arguments:
        name: Amazon CloudWatch
resources:
  checkout-alarms:
    type: pagerduty-native:Integration
    properties:
      service: ${checkout.id}
      vendor: ${amazonCloudwatch.id}
      name: Alarms
      configFields:
        incident_key: alarm_name
        code: "a();\nb();"
  fruher:
    type: pagerduty-native:Integration
    name: "Früher"
    properties:
      service: PTWICE1  # "Twice"
      type: generic_email_inbound_integration
      name: Mail
      emailFilters:
        - subjectMode: match
          subjectRegex: '^\[backup\] (?:orders|users): (?:FAILED|OK)$'
"""


@pytest.mark.parametrize(("language", "expected"), [("python", PYTHON), ("yaml", YAML)], ids=["python", "yaml"])
def test_it_is_what_a_person_would_have_written(language: str, expected: str) -> None:
    assert write_program(language, PROGRAM) == expected


@pytest.mark.parametrize("language", FILES)
def test_nothing_to_declare_is_a_program_too(language: str) -> None:
    assert "Integration(" not in write_program(language, Program([], []))
    assert "\n\n\n" not in write_program(language, Program([], []))


# Names that end lines, comments or texts, turn them around, cannot be seen, or mean something to a language.
HOSTILE = [
    *(
        "a\u2028import os",
        "a\u2029b",
        "a\x85b",
        "a\rb",
        "a\nb",
        "a\x0cb",
        "a\x0bb",
        "a\x1cb",
        "a\0b",
        "\u202eb",
        "\ufeff",
        "\ufffe",
    ),
    *("null", "Null", "true", "pulumi", "~", "10", "1e3", "0x10", "yes", "n", "class", "None", "import", "service", ""),
    *(
        "integration",
        "vendor",
        "fn::invoke",
        "<<",
        "*a",
        "&a",
        "!a",
        "%a",
        "- a: b #c",
        "? a",
        "a: b",
        "'",
        '"',
        '"""',
        "\\",
    ),
    *("${a.id}", "$${a}", "$", "a" * 3000, "\U000e0001", "\U0001f469\u200d\U0001f4bb", " a ", "coding: utf-7", "{{}}"),
]
TEXTS = st.sampled_from(HOSTILE) | st.text(max_size=20)


@dataclasses.dataclass
class Declared:
    """A program's declarations. services: names that it looks up. integrations: services and names, by resource."""

    services: set[str]
    integrations: dict[str, tuple[str, str]]


def run_python(text: str) -> Declared:
    """Run a program with a stand-in for the SDK."""
    declared = Declared(set(), {})

    def get_service(*, name: str) -> Any:
        declared.services.add(name)
        return SimpleNamespace(id=name)

    def integration(resource: str, *, service: str, name: str = "", type: str) -> None:
        assert resource not in declared.integrations
        declared.integrations[resource] = (service, name)

    sdk = SimpleNamespace(get_service=get_service, Integration=integration)
    tree = ast.parse(text)
    (only,) = [each for each in ast.walk(tree) if isinstance(each, (ast.Import, ast.ImportFrom))]
    tree.body.remove(only)
    exec(compile(tree, "program", "exec"), {"pagerduty": sdk})  # noqa: S102 (that it is harmless is what this shows)
    return declared


def run_yaml(text: str) -> Declared:
    """Read a program as Pulumi does: `$$` is a dollar sign, and variables and resources share their names."""
    document = yaml.safe_load(text)
    variables, resources = document.get("variables", {}), document["resources"]
    assert not variables.keys() & resources.keys()
    assert all(isinstance(each, str) and each != "pulumi" for each in [*variables, *resources])
    assert len(re.findall("^    type: ", text, re.MULTILINE)) == len(resources)

    def value(text: str) -> str:
        if reference := re.fullmatch(r"\$\{(\w+)\.id\}", text):
            return value(variables[reference[1]]["fn::invoke"]["arguments"]["name"])
        assert "${" not in text.replace("$$", "")
        return text.replace("$$", "$")

    return Declared(
        {value(each["fn::invoke"]["arguments"]["name"]) for each in variables.values()},
        {
            value(each["name"]) if "name" in each else key: (
                value(each["properties"]["service"]),
                value(each["properties"].get("name", "")),
            )
            for key, each in resources.items()
        },
    )


@pytest.mark.parametrize(("language", "read"), [("python", run_python), ("yaml", run_yaml)], ids=["python", "yaml"])
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=25)
@given(names=st.lists(st.tuples(TEXTS, TEXTS, TEXTS), min_size=1, max_size=6), of_account=st.booleans())
@example(names=[(each, each, each) for each in HOSTILE], of_account=True)
@example(names=[(each, each, each) for each in HOSTILE], of_account=False)
@example(
    names=[(each, "a", each) for each in ("checkout", "Checkout", "integration", "nullIntegration", "null")],
    of_account=False,
)
def test_a_program_declares_exactly_the_names_of_the_account(
    emulator: Emulator,
    language: str,
    read: Callable[[str], Declared],
    names: list[tuple[str, str, str]],
    of_account: bool,
) -> None:
    """names: of services, integrations, and the resources in an old state."""
    services, state = [], []
    for number, (service, integration, resource) in enumerate(names):
        described = {
            "id": f"PI{number}",
            "type": "nagios_inbound_integration",
            "name": integration,
            "integration_key": "KEY",
            "service": {"id": f"PS{number}", "type": "service_reference"},
        }
        services.append({"id": f"PS{number}", "name": service, "integrations": [described]})
        state.append(bridged(resource, f"PI{number}", f"PS{number}"))
    emulator.inject("status", "GET", "/services", status=200, body={"services": services, "more": False})
    arguments = ["adopt", "--program", language, "--program-output=-", "--output=import.json", "--force"]
    arguments += [] if of_account else ["--from", stack_export(Path(), *state)]
    result = CliRunner().invoke(cli, [*arguments, f"--api-url-override={emulator.url}"])
    emulator.faults.clear()
    assert result.exit_code == 0, result.stderr

    program = result.stdout_bytes.decode()
    assert not [each for each in program if each != "\n" and unicodedata.category(each) in {"Cc", "Cf", "Zl", "Zp"}]
    declared = read(program)
    written = {each["name"]: each["id"] for each in json.loads(Path("import.json").read_text())["resources"]}
    known = {f"PS{number}.PI{number}": each for number, each in enumerate(names)}
    once = {service for service, count in Counter(service for service, _, _ in names).items() if service and count == 1}
    assert declared.services == once
    assert declared.integrations == {
        name: (known[each][0] if known[each][0] in once else each.partition(".")[0], known[each][1])
        for name, each in written.items()
    }


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (["checkout"], ["checkout"]),
        (["a-b", "ab", "a-b"], ["a-b", "ab-service", "a-b-pid"]),
        (["a"] * 5, ["a", "a-service", "a-pid", "a-service-2", "a-service-3"]),
        (["class", "new", "pulumi", "service"], ["class-service", "new", "pulumi-service", "service-service"]),
        (["10-custom"], ["service-10-custom"]),
        ([""], ["service-pid"]),
    ],
)
def test_variables_get_unique_python_names(words: list[str], expected: list[str]) -> None:
    variables = Variables()
    assert [variables.take(each, "service", "PID") for each in words] == expected


def program(run: Run, *arguments: str, exit_code: int = 0) -> str:
    """Return the program that `adopt --program python` writes."""
    run("adopt", "-o", "import.json", "--program", "python", "--force", *arguments, exit_code=exit_code)
    return Path("__main__.py").read_text(encoding="utf-8")


def test_services_and_vendors_are_looked_up(run: Run, create: Create, emulator: Emulator) -> None:
    create("PCHECKT", "Alarms")
    create("PAYMNT2", "Errors", SENTRY)
    create("PAYMNT2", "Alarms")
    emulator.requests.clear()
    written = program(run)
    assert 'checkout = pagerduty.get_service(name="Checkout")\npayments = pagerduty.get_service' in written
    assert "service=payments.id,\n    vendor=sentry.id," in written
    assert "type=" not in written
    assert [each.path for each in emulator.requests] == ["/services", "/event_orchestrations"] + ["/vendors"] * 2
    assert not any(key in written for key in keys(emulator))


def test_a_name_that_two_services_have_is_not_looked_up(run: Run, create: Create, emulator: Emulator) -> None:
    emulator.add_service("Checkout")
    create("PCHECKT", "Alarms")
    assert 'service="PCHECKT",  # "Checkout"\n' in program(run)


def test_a_name_that_means_another_vendor_is_not_looked_up(run: Run, create: Create, emulator: Emulator) -> None:
    hidden = emulator.add_vendor("GitHub\nActions")
    create("PCHECKT", "Deployments", hidden)
    emulator.add_vendor("GitHub\nActions")
    assert f'vendor="{hidden}",  # "GitHub\\nActions"\n' in program(run)


def test_a_token_that_may_not_look_up_vendors(run: Run, create: Create, emulator: Emulator) -> None:
    create("PCHECKT", "Alarms")
    create("PCHECKT", "Errors", SENTRY)
    emulator.inject("status", "GET", "/vendors", status=403)
    assert 'vendor="PZQ6AUS",  # "Amazon CloudWatch"\n' in program(run)
    assert emulator.requests.count("GET", "/vendors") == 1


def test_email_integrations_are_read_whole(run: Run, create: Create, emulator: Emulator) -> None:
    made = create("PCHECKT", "Mail", EMAIL)
    filters: list[dict[str, Any]] = [
        {"subject_mode": "match", "subject_regex": "down", "body_mode": "always", "from_email_mode": "always"}
    ]
    emulator.edit_integration(made["id"], email_filters=filters, email_filter_mode="and-rules-email")
    written = program(run)
    assert f'integration_email="{made["integration_email"]}"' in written
    assert 'email_filters=[pagerduty.EmailFilterArgs(subject_mode="match", subject_regex="down")],' in written


@pytest.mark.parametrize(("status", "reason"), [(404, "it is no longer in PagerDuty"), (403, "does not allow this")])
def test_one_that_vanished_in_between_is_left_out_and_the_rest_done(
    run: Run, create: Create, emulator: Emulator, status: int, reason: str
) -> None:
    mail, alarms = create("PCHECKT", "Mail", EMAIL), create("PCHECKT", "Alarms")
    emulator.inject("status", "GET", f"/services/*/integrations/{mail['id']}", status=status)
    state = stack_export(Path(), bridged("m", mail["id"], "PCHECKT"), bridged("a", alarms["id"], "PCHECKT"))
    arguments = ("adopt", "--from", state, "-o", "import.json", "--forget-script", "forget.sh", "--program", "yaml")
    result = run(*arguments, exit_code=3)
    assert f"PCHECKT.{mail['id']} (Mail): " in result.stderr
    assert reason in result.stderr
    assert [each["name"] for each in json.loads(Path("import.json").read_text())["resources"]] == ["a"]
    assert list(yaml.safe_load(Path("Main.yaml").read_text())["resources"]) == ["a"]
    assert "ServiceIntegration::m" not in Path("forget.sh").read_text()


def test_a_service_that_cannot_be_seen_by_name(run: Run, create: Create, emulator: Emulator, tmp_path: Path) -> None:
    made = create("PCHECKT", "Alarms")
    emulator.inject("status", "GET", "/services", status=200, body={"services": [], "more": False})
    state = stack_export(tmp_path, bridged("alarms", made["id"], "PCHECKT"))
    assert 'service="PCHECKT",\n' in program(run, "--from", state)


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        (["--program-output", "a.py"], "--program-output needs --program"),
        (["--program", "cobol"], "'cobol' is not one of 'python', 'yaml'"),
        (
            ["--program", "yaml", "--parent", "urn:pulumi:a"],
            "--program cannot be combined with --parent or --provider",
        ),
        (["--program", "yaml", "--program-output", "-", "-o", "a", "--json"], "--json needs --output FILE"),
        (
            ["--program", "yaml", "--program-output", "a", "-o", "./a"],
            "--program-output and --output must be two files",
        ),
    ],
)
def test_options_that_do_not_fit(run: Run, arguments: list[str], expected: str) -> None:
    assert expected in run("adopt", *arguments, exit_code=2).stderr


def test_a_program_is_overwritten_only_if_forced(run: Run, create: Create, emulator: Emulator) -> None:
    create("PCHECKT", "Alarms")
    Path("__main__.py").write_text("mine")
    result = run("adopt", "-o", "import.json", "--program", "python", exit_code=1)
    assert "__main__.py exists. Give another file" in result.stderr
    assert "--program-output" in result.stderr
    assert Path("__main__.py").read_text() == "mine"
    assert not Path("import.json").exists()
    assert not list(emulator.requests)
    result = run("adopt", "-o", "import.json", "--program", "python", "--program-output", "other.py")
    assert (
        "Wrote 1 integration to import.json, and the program to other.py.\nNext:\n  pulumi import --file"
        in result.stderr
    )
    assert "pagerduty.Integration(" in Path("other.py").read_text()


def test_a_program_without_managed_integrations_says_that_it_is_an_addition(run: Run, create: Create) -> None:
    alarms = create("PCHECKT", "Alarms")
    state = stack_export(Path(), native("alarms", f"PCHECKT.{alarms['id']}"))
    create("PCHECKT", "Errors", SENTRY)
    result = run("adopt", "-o", "import.json", "--program", "python", "--managed-by", state)
    assert "Add this program to yours. If it replaces yours, `pulumi up` deletes what yours manages." in result.stderr


def test_an_empty_program_is_not_written_over_one_that_is_there(run: Run, create: Create, tmp_path: Path) -> None:
    Path("__main__.py").write_text("mine")
    assert program(run, exit_code=1) == "mine"
    managed = stack_export(tmp_path, native("alarms", f"PCHECKT.{create('PCHECKT', 'Alarms')['id']}"))
    assert program(run, "--managed-by", managed) == "mine"


@pytest.mark.parametrize(
    ("file", "project"),
    [
        ("Pulumi.yaml", "name: shop\nruntime: yaml\nresources:\n  a:\n    type: aws:sns:Topic\n"),
        ("Pulumi.yaml", "  name: shop\n  'resources' :\n    a: {type: aws:sns:Topic}\n"),
        ("Pulumi.yaml", "{name: shop, runtime: yaml, resources: {a: {type: aws:sns:Topic}}}"),
        ("Pulumi.yml", '{\n  "name": "shop",\n  "resources": {"a": {}}\n}\n'),
        ("Pulumi.json", '{"resources":{"a":{}}}'),
    ],
)
def test_main_yaml_does_not_replace_the_program_in_the_project_file(
    run: Run, create: Create, file: str, project: str
) -> None:
    """Pulumi's YAML host reads Main.yaml first."""
    create("PCHECKT", "Alarms")
    Path(file).write_text(project)
    arguments = ("adopt", "-o", "import.json", "--program", "yaml")
    assert f"{file} has resources, and Pulumi would run Main.yaml" in run(*arguments, exit_code=1).stderr
    run(*arguments, "--program-output", "new.yaml")
    Path(file).write_text("name: shop\nruntime: yaml\ndescription: no resources\n")
    run(*arguments, "--force")
    assert Path("new.yaml").read_text() == Path("Main.yaml").read_text()


def test_the_program_alone_on_standard_output(run: Run, create: Create) -> None:
    create("PCHECKT", "Alarms")
    result = run("adopt", "-o", "import.json", "--program", "yaml", "--program-output", "-")
    assert list(yaml.safe_load(result.stdout)["resources"]) == ["checkout-alarms"]
