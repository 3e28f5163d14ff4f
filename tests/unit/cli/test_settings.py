"""The settings of the command line: their sources, and messages about wrong ones."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from pagerduty_emulator import Emulator
from pagerduty_native.cli import cli, main

from tests.conftest import COMMAND, PLUGIN
from tests.support import HANG_SECONDS

from .conftest import TOKEN, Create, Run
from .documents import native

FAKE_PULUMI = """#!/bin/sh
printf '%s\\n' "$*" >>"$0.calls"
cat "$0.answer"
cat "$0.complaint" >&2
exit $(cat "$0.code")
"""


@pytest.fixture
def pulumi(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A Pulumi CLI that answers with what is in the file beside it, `pulumi.answer`."""
    if os.name == "nt":
        pytest.skip("a shell script")
    script = tmp_path / "bin" / "pulumi"
    script.parent.mkdir()
    script.write_text(FAKE_PULUMI)
    script.chmod(0o755)
    for name, text in (("answer", "{}"), ("complaint", ""), ("code", "0")):
        script.with_suffix(f".{name}").write_text(text)
    monkeypatch.setenv("PATH", str(script.parent), prepend=os.pathsep)
    return script


def message(*arguments: str, exit_code: int = 1) -> str:
    result = CliRunner().invoke(cli, arguments)
    assert result.exit_code == exit_code, result.output
    assert TOKEN not in result.output
    return result.stderr


@pytest.mark.parametrize("command", ["check", "list", "adopt"])
def test_without_a_token(command: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("PAGERDUTY_TOKEN")
    assert "There is no token. Set it here with `export PAGERDUTY_TOKEN=…`" in message(command)
    assert "--stack NAME" in message(command)


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        (["--api-url-override", "acme"], "`--api-url-override` must be a URL that starts with https://"),
        (["--service-region", "mars"], "'--service-region': 'mars' is not one of 'us', 'eu'."),
        (["--requests-per-minute", "0"], "`--requests-per-minute` must be at least 1, got 0."),
        (["--requests-per-minute", "many"], "`--requests-per-minute` must be a whole number"),
    ],
)
def test_a_wrong_setting_is_named_as_the_option(arguments: list[str], expected: str) -> None:
    assert expected in message("list", *arguments, exit_code=2)


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (["check", "--service-region", ""], ["plain,us", "plain,eu"]),
        (["adopt", "--program", "p"], ["plain,python"]),
        (["adopt", "--from", ""], ["file,"]),
        (["list", "--js"], ["plain,--json"]),
        (["check", "--js"], ["plain,--json"]),
    ],
)
def test_shells_complete_values(words: list[str], expected: list[str]) -> None:
    environ = {"_PAGERDUTY_NATIVE_COMPLETE": "bash_complete", "COMP_CWORD": str(len(words))}
    environ["COMP_WORDS"] = " ".join(["pagerduty-native", *words])
    done = subprocess.run([COMMAND], env=os.environ | environ, capture_output=True, text=True, check=False)
    assert done.stdout.splitlines() == expected


@pytest.mark.parametrize("option", ["--token", "--use-app-oauth-scoped-token", "--pd-client-secret"])
def test_secrets_are_no_options(option: str) -> None:
    text = message("list", option, "x", exit_code=2)
    assert "No such option" in text
    assert option in text


def test_the_option_token_is_answered_with_the_places_of_the_token() -> None:
    text = message("check", "--token", "x", exit_code=2)
    assert "'--token'. The token comes from PAGERDUTY_TOKEN or from a stack's configuration (--stack).\n" in text


def test_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PAGERDUTY_SERVICE_REGION", "mars")
    assert "It comes from PAGERDUTY_SERVICE_REGION." in message("list")


def test_from_a_stack(pulumi: Path, emulator: Emulator, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("PAGERDUTY_TOKEN")
    config = {
        "pagerduty-native:token": {"value": TOKEN, "secret": True},
        "pagerduty-native:apiUrlOverride": {"value": emulator.url, "secret": False},
        "other:token": {"value": "other", "secret": False},
    }
    pulumi.with_suffix(".answer").write_text(json.dumps(config))
    result = CliRunner().invoke(cli, ["list", "--stack", "prod"])
    assert result.exit_code == 0, result.output
    assert "config --json --show-secrets --stack prod" in pulumi.with_suffix(".calls").read_text()


def test_an_option_counts_before_the_stack(pulumi: Path, run: Run) -> None:
    config = {"pagerduty-native:apiUrlOverride": {"value": "http://127.0.0.1:1", "secret": False}}
    pulumi.with_suffix(".answer").write_text(json.dumps(config))
    run("list", "--stack", "prod")


def test_a_stack_that_is_not_there(pulumi: Path) -> None:
    pulumi.with_suffix(".code").write_text("255")
    pulumi.with_suffix(".complaint").write_text("error: no stack named 'prod' found\n")
    text = message("list", "--stack", "prod")
    assert "could not read the stack 'prod': no stack named 'prod' found. `pulumi stack ls`" in text


def test_a_pulumi_that_answers_with_something_else(pulumi: Path) -> None:
    pulumi.with_suffix(".answer").write_text(TOKEN)
    assert "did not return JSON" in message("list", "--stack", "prod")


def test_without_pulumi(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "")
    assert "there is no `pulumi` on the PATH" in message("list", "--stack", "prod")


def test_a_refused_token(emulator: Emulator) -> None:
    emulator.settings.rejected_tokens = {TOKEN}
    assert "PagerDuty refused the token" in message("list", "--api-url-override", emulator.url)


def test_nobody_listens() -> None:
    assert "cannot be reached" in message("list", "--api-url-override", "http://127.0.0.1:1")


def test_help() -> None:
    shown = CliRunner().invoke(cli, ["--help"]).stdout
    assert "Exit codes:" in shown
    assert "_PAGERDUTY_NATIVE_COMPLETE=bash_source" in shown


def test_the_plugin_starts_without_the_command_line() -> None:
    program = "import sys, pagerduty_native.package, pagerduty_native.__main__; sys.exit('click' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", program], check=False).returncode == 0


@pytest.mark.parametrize("command", [COMMAND, PLUGIN], ids=lambda command: command.name)
def test_the_installed_command_and_the_plugin_as_one(emulator: Emulator, command: Path) -> None:
    arguments: list[str | Path] = [command, "list", "--json", "--api-url-override", emulator.url]
    done = subprocess.run(arguments, capture_output=True, text=True, check=False, timeout=HANG_SECONDS)
    assert (done.returncode, done.stdout.strip(), done.stderr) == (0, "[]", "")


def test_a_bug_hides_its_traceback_and_message(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def fail(*_arguments: object, **_options: object) -> None:
        raise RuntimeError(TOKEN)

    monkeypatch.setattr(cli, "main", fail)
    with pytest.raises(SystemExit) as caught:
        main(["list"])
    assert caught.value.code == 1
    assert "Error: this is a bug: RuntimeError at " in (shown := capsys.readouterr().err)
    assert TOKEN not in shown


def test_completion(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("_PAGERDUTY_NATIVE_COMPLETE", "bash_complete")
    monkeypatch.setenv("COMP_WORDS", "pagerduty-native ad")
    monkeypatch.setenv("COMP_CWORD", "1")
    assert CliRunner().invoke(cli, prog_name="pagerduty-native").stdout == "plain,adopt\n"


# The stack that is selected in the project of this folder

STACK = """\
#!/bin/sh
case "$*" in
"stack --show-name "*) {show_name} ;;
"config "*) cat "{config}" ;;
"stack export "*) cat "{state}" ;;
esac
"""


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """Makes a project in the current folder, with a `pulumi` whose selected stack has a configuration and a state."""

    def make(config: dict[str, Any], *resources: dict[str, Any], show_name: str = "echo dev") -> None:
        files = {name: tmp_path / "stack" / f"{name}.txt" for name in ("config", "state")}
        pulumi = tmp_path / "stack" / "pulumi"
        pulumi.parent.mkdir()
        files["config"].write_text(
            json.dumps({f"pagerduty-native:{name}": {"value": value} for name, value in config.items()})
        )
        files["state"].write_text(json.dumps({"version": 3, "deployment": {"resources": list(resources)}}))
        pulumi.write_text(STACK.format(show_name=show_name, **files))
        pulumi.chmod(0o755)
        monkeypatch.setenv("PATH", f"{pulumi.parent}:/usr/bin:/bin")
        (tmp_path / "Pulumi.yaml").write_text("name: shop\nruntime: yaml\n")
        (tmp_path / "below").mkdir()
        monkeypatch.chdir(tmp_path / "below")

    return make


def test_the_selected_stack_gives_the_settings(
    project: Callable[..., None], emulator: Emulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("PAGERDUTY_TOKEN")
    project({"token": TOKEN, "apiUrlOverride": emulator.url})
    result = CliRunner().invoke(cli, ["list"])
    assert result.exit_code == 0, result.output
    assert "using the settings of the selected stack dev" in result.stderr


def test_the_environment_fills_what_the_selected_stack_lacks(project: Callable[..., None], emulator: Emulator) -> None:
    project({"apiUrlOverride": emulator.url})
    assert CliRunner().invoke(cli, ["list"]).exit_code == 0


def test_a_selected_stack_that_cannot_be_read_is_named(project: Callable[..., None], run: Run) -> None:
    project({}, show_name="echo 'error: no stack selected' >&2; exit 255")
    shown = run("list").stderr
    assert "could not read the stack that is selected here: no stack selected" in shown
    assert "So the settings come from the environment." in shown


def test_a_selected_stack_whose_configuration_cannot_be_read_is_named(
    project: Callable[..., None], run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its passphrase is another one, for example. The one in --stack is an error."""
    project({})
    (tmp_path / "stack" / "config.txt").unlink()
    shown = run("list").stderr
    assert "could not read the stack 'dev': " in shown
    assert "So the settings come from the environment." in shown
    assert "could not read the stack 'dev': " in run("list", "--stack", "dev", exit_code=1).stderr
    monkeypatch.delenv("PAGERDUTY_TOKEN")
    assert "There is no token." in run("list", exit_code=1).stderr


def test_adopt_skips_what_the_selected_stack_manages(project: Callable[..., None], run: Run, create: Create) -> None:
    made = create("PCHECKT", "Alarms")
    project({}, native("alarms", f"PCHECKT.{made['id']}"))
    assert "Skipped 1 integration that stack dev already manages." in run("adopt").stderr
