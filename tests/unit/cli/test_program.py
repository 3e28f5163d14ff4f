"""`pagerduty-native adopt --program`: the program. That it previews clean is shown on the engine."""

from __future__ import annotations

import ast
import json
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import example, given
from hypothesis import strategies as st
from pagerduty_emulator import Emulator
from pagerduty_native.cli import yaml_program
from pagerduty_native.cli.languages import LANGUAGES, _python_text, write_program
from pagerduty_native.cli.layout import literal
from pagerduty_native.cli.program import Declaration, Id, Lookup, Program, Variables
from pagerduty_native.resources.email import EmailFilter

from .conftest import EMAIL, SENTRY, Create, Run, keys
from .documents import bridged, native, stack_export

CHECKOUT = Lookup("service", "Checkout", "checkout")
CLOUDWATCH = Lookup("vendor", "Amazon CloudWatch", "amazon-cloudwatch")
PROGRAM = Program(
    [CHECKOUT, CLOUDWATCH],
    [
        Declaration(
            "checkout-alarms",
            "checkout-alarms",
            {
                "service": Id("PCHECKT", "Checkout", CHECKOUT),
                "vendor": Id("PZQ6AUS", "Amazon CloudWatch", CLOUDWATCH),
                "name": "Alarms",
            },
        ),
        Declaration(
            "Früher",
            "fruher",
            {
                "service": Id("PTWICE1", "Twice", None),
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
)

fruher = pagerduty.Integration(
    "Früher",
    service="PTWICE1",  # Twice
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
TYPESCRIPT = r"""// Integrations of a PagerDuty account, written by `pagerduty-native adopt`.

import * as pagerduty from "pulumi-pagerduty-native";

const checkout = pagerduty.getServiceOutput({ name: "Checkout" });
const amazonCloudwatch = pagerduty.getVendorOutput({ name: "Amazon CloudWatch" });

const checkoutAlarms = new pagerduty.Integration("checkout-alarms", {
    service: checkout.id,
    vendor: amazonCloudwatch.id,
    name: "Alarms",
});

const fruher = new pagerduty.Integration("Früher", {
    service: "PTWICE1",  // Twice
    type: "generic_email_inbound_integration",
    name: "Mail",
    emailFilters: [
        { subjectMode: "match", subjectRegex: "^\\[backup\\] (?:orders|users): (?:FAILED|OK)$" },
    ],
});
"""
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
  fruher:
    type: pagerduty-native:Integration
    name: "Früher"
    properties:
      service: PTWICE1  # Twice
      type: generic_email_inbound_integration
      name: Mail
      emailFilters:
        - subjectMode: match
          subjectRegex: '^\[backup\] (?:orders|users): (?:FAILED|OK)$'
"""


@pytest.mark.parametrize(
    ("language", "expected"),
    [("python", PYTHON), ("typescript", TYPESCRIPT), ("yaml", YAML)],
    ids=lambda each: each[:9],
)
def test_it_is_what_a_person_would_have_written(language: str, expected: str) -> None:
    assert write_program(language, PROGRAM) == expected


@pytest.mark.parametrize("language", LANGUAGES)
def test_nothing_to_declare_is_a_program_too(language: str) -> None:
    assert "Integration(" not in write_program(language, Program([], []))
    assert "\n\n\n" not in write_program(language, Program([], []))


@given(st.text())
@example('a\u2028b\u202e"c\\${d}$$')
@example("n")
@example("true")
@example("0x10")
@example("- a: b #c")
@example("\U0001f469\u200d\U0001f4bb")
def test_any_text_stays_as_it_is(text: str) -> None:
    assert ast.literal_eval(_python_text(text)) == text
    assert json.loads(literal(text)) == text
    assert str(yaml.safe_load(f"a: {yaml_program._scalar(text)}")["a"]) in {text, text.replace("$", "$$")}
    assert isinstance(yaml.safe_load(f"a: {yaml_program._scalar(text)}")["a"], str)


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (["checkout"], ["checkout"]),
        (["a-b", "ab", "a-b"], ["a-b", "ab-service", "a-b-pid"]),
        (["a"] * 5, ["a", "a-service", "a-pid", "a-service-2", "a-service-3"]),
        (["class", "New", "pulumi", "service"], ["class-service", "New-service", "pulumi-service", "service-service"]),
        (["10-custom"], ["service-10-custom"]),
        ([""], ["service-pid"]),
    ],
)
def test_variables(words: list[str], expected: list[str]) -> None:
    variables = Variables()
    assert [variables.take(each, "service", "PID") for each in words] == expected


def program(run: Run, *arguments: str, exit_code: int = 0) -> str:
    """What `adopt --program python` writes."""
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
    assert [each.path for each in emulator.requests] == ["/services"] + ["/vendors"] * 2
    assert not any(key in written for key in keys(emulator))


def test_a_name_that_two_services_have_is_not_looked_up(run: Run, create: Create, emulator: Emulator) -> None:
    emulator.add_service("Checkout")
    create("PCHECKT", "Alarms")
    assert 'service="PCHECKT",  # Checkout\n' in program(run)


def test_a_name_that_means_another_vendor_is_not_looked_up(run: Run, create: Create, emulator: Emulator) -> None:
    hidden = emulator.add_vendor("GitHub\nActions")
    create("PCHECKT", "Deployments", hidden)
    emulator.add_vendor("GitHub\nActions")
    assert f'vendor="{hidden}",  # GitHub Actions\n' in program(run)


def test_a_token_that_may_not_look_up_vendors(run: Run, create: Create, emulator: Emulator) -> None:
    create("PCHECKT", "Alarms")
    create("PCHECKT", "Errors", SENTRY)
    emulator.inject("status", "GET", "/vendors", status=403)
    assert 'vendor="PZQ6AUS",  # Amazon CloudWatch\n' in program(run)
    assert emulator.requests.count("GET", "/vendors") == 1


def test_what_takes_e_mail_is_read_whole(run: Run, create: Create, emulator: Emulator) -> None:
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
        (["--program", "cobol"], "'cobol' is not one of 'go', 'python', 'typescript', 'yaml'"),
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


def test_what_is_managed_already_is_not_in_the_program_as_is_told(run: Run, create: Create) -> None:
    alarms = create("PCHECKT", "Alarms")
    state = stack_export(Path(), native("alarms", f"PCHECKT.{alarms['id']}"))
    create("PCHECKT", "Errors", SENTRY)
    result = run("adopt", "-o", "import.json", "--program", "go", "--managed-by", state)
    assert "Add the new program to the one that you have: in its place, `pulumi up` would delete" in result.stderr


def test_an_empty_program_is_not_written_over_one_that_is_there(run: Run) -> None:
    Path("__main__.py").write_text("mine")
    assert program(run) == "mine"


def test_main_yaml_does_not_take_the_place_of_the_program_in_pulumi_yaml(run: Run, create: Create) -> None:
    """Pulumi's YAML host reads Main.yaml first."""
    create("PCHECKT", "Alarms")
    Path("Pulumi.yaml").write_text("name: shop\nruntime: yaml\nresources:\n  a:\n    type: aws:sns:Topic\n")
    arguments = ("adopt", "-o", "import.json", "--program", "yaml")
    assert "Pulumi.yaml has resources, and Pulumi would run Main.yaml" in run(*arguments, exit_code=1).stderr
    run(*arguments, "--program-output", "new.yaml")
    Path("Pulumi.yaml").write_text("name: shop\nruntime: yaml\n")
    run(*arguments, "--force")
    assert Path("new.yaml").read_text() == Path("Main.yaml").read_text()


def test_the_program_alone_on_standard_output(run: Run, create: Create) -> None:
    create("PCHECKT", "Alarms")
    result = run("adopt", "-o", "import.json", "--program", "yaml", "--program-output", "-")
    assert list(yaml.safe_load(result.stdout)["resources"]) == ["checkout-alarms"]
