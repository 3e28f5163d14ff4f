"""Secrets, on the real engine: a whole life of a stack, and then a search in everything that was written or shown."""

from __future__ import annotations

import base64
import json
import logging
import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from pagerduty_emulator import Emulator

from tests.conftest import COMMAND, TOKEN
from tests.support.account import post_integration
from tests.support.documents import killed_while_creating
from tests.support.stack import TYPE, Stack

SERVICE = "PCHECKT"
EVENTS = "events_api_v2_inbound_integration"
EMAIL = "generic_email_inbound_integration"
VERBOSE = ("--logtostderr", "--logflow", "-v=8")
# Secrets that a user writes, each in its place or where a slip puts it.
CANARIES = {
    "token": "u+CanaryTokenOfTheStack",
    "environment": TOKEN,
    "app's secret": "CanaryAppSecret/of+Scoped",
    "app's tokens": "pdus+",
    "address": "canary-address@acme.pagerduty.com",
    "name": "Canary name, marked as secret",
    "regex": "canary-regex-[0-9]+",
    "tokn": "u+CanaryMisspeltToken",
    "api_token": "u+CanaryOfAnotherName",
    "pdClientSecrett": "CanaryMisspeltAppSecret",
    "explicit tokn": "u+CanaryExplicitMisspelt",
    "explicit pdClientSecrett": "CanaryExplicitAppSecret",
}
MISSPELT = f"""
import pulumi
secret = pulumi.Output.secret
own = pulumi.ProviderResource("pagerduty-native", "own", {{
    "tokn": secret("{CANARIES["explicit tokn"]}"),
    "useAppOauthScopedToken": {{"pdClientSecrett": secret("{CANARIES["explicit pdClientSecrett"]}")}},
}})
pulumi.CustomResource("{TYPE}", "alerts", {{"service": "{SERVICE}"}}, pulumi.ResourceOptions(provider=own))
"""


class Audit:
    """A stack, and all that was said while it was worked. keys: those that PagerDuty gave, with whose they are."""

    def __init__(self, stack: Stack, emulator: Emulator) -> None:
        self.stack = stack
        self.emulator = emulator
        self.said: dict[str, str] = {}
        self.keys: dict[str, str] = {}

    def run(self, title: str, *arguments: str, fails: bool = False) -> str:
        """Run the CLI with the most that it logs without the requests themselves, and with its event log."""
        log = self.stack.folder / f"{title}.events.json"
        if arguments[0] in {"preview", "up", "refresh", "destroy"}:
            arguments = (*arguments, f"--event-log={log}")
        output = self.said[title] = self.stack.pulumi(*arguments, *VERBOSE, fails=fails).output
        self.remember_keys()
        return output

    def command(self, *arguments: str) -> None:
        """Run `pagerduty-native`."""
        done = self.stack.command(COMMAND, *arguments, "--api-url-override", self.emulator.url)
        self.said[f"{COMMAND.name} {arguments[0]}"] = done.stdout + done.stderr

    def remember_keys(self) -> None:
        for each in self.emulator.integrations():
            if each.get("integration_key"):
                self.keys[each["integration_key"]] = f"key of {each['name']}"

    def leaks(self) -> list[tuple[str, str]]:
        """Each place in which a secret stands, with which it is."""
        secrets = {value: name for name, value in CANARIES.items()} | self.keys
        forms = [(name, form) for value, name in secrets.items() for form in forms_of(value)]
        return [(place, name) for place, text in self._texts() for name, form in forms if form in text]

    def _texts(self) -> Iterator[tuple[str, str]]:
        yield from self.said.items()
        yield "the emulator's requests", "\n".join(map(repr, self.emulator.requests))
        programs = {"Pulumi.yaml", "__main__.py"}
        home = Path(self.stack.environ["PULUMI_HOME"])
        for path in [*self.stack.folder.rglob("*"), *home.glob("*"), *(home / "workspaces").rglob("*")]:
            if path.is_file() and path.name not in programs:
                yield str(path), path.read_text(errors="replace")


def forms_of(secret: str) -> set[str]:
    """As it is, and as it stands in URLs, JSON and base64."""
    encoded = {base64.b64encode(bytes(before) + secret.encode()).decode()[4:-4] for before in range(3)}
    return {secret, quote(secret, safe=""), json.dumps(secret)[1:-1], *(each for each in encoded if len(each) > 8)}


def secret(name: str) -> dict[str, str]:
    return {"fn::secret": CANARIES[name]}


def integration(options: dict[str, Any] | None = None, **properties: Any) -> dict[str, Any]:
    return {
        "type": "pagerduty-native:Integration",
        "properties": {"service": SERVICE, **properties},
        "options": options or {},
    }


def configure_secrets(stack: Stack, secrets: dict[str, str]) -> None:
    pairs = [f"pagerduty-native:{name}={value}" for name, value in secrets.items()]
    stack.pulumi("config", "set-all", *(part for pair in pairs for part in ("--secret", pair)))


def misspell(audit: Audit) -> None:
    """Settings with slips in them: in the stack's configuration, and of an explicit provider."""
    stack = audit.stack
    app = json.dumps({"pdClientId": "app", "pdClientSecrett": CANARIES["pdClientSecrett"], "pdSubdomain": "acme"})
    slips = {"tokn": CANARIES["tokn"], "api_token": CANARIES["api_token"], "useAppOauthScopedToken": app}
    configure_secrets(stack, slips)
    stack.program(resources={"alerts": integration(type=EVENTS)})
    said = audit.run("misspelt configuration", "up", "--yes", "--skip-preview", fails=True)
    assert "There is no property `tokn`. Did you mean `token`?" in said
    assert "There is no property `api_token`." in said
    assert "`useAppOauthScopedToken` has no property `pdClientSecrett`. Did you mean `pdClientSecret`?" in said
    stack.configure({"pagerduty-native:apiUrlOverride": audit.emulator.url})
    stack.python(MISSPELT)
    said = audit.run("misspelt properties", "up", "--yes", "--skip-preview", fails=True)
    assert "There is no property `tokn`." in said
    (stack.folder / "__main__.py").unlink()


def mail() -> dict[str, Any]:
    rules = [{"subjectMode": "match", "subjectRegex": secret("regex")}]
    return integration(type=EMAIL, integrationEmail=secret("address"), emailFilters=rules)


def program(audit: Audit, **more: Any) -> None:
    """Integrations of two providers, one with the token of the configuration and one with an app's secret."""
    app = {"pdClientId": "app", "pdClientSecret": secret("app's secret"), "pdSubdomain": "acme"}
    settings = {"useAppOauthScopedToken": app, "apiUrlOverride": audit.emulator.url}
    events = integration({"provider": "${own}"}, type=EVENTS, name=secret("name"))
    audit.stack.program(
        resources={
            "own": {"type": "pulumi:providers:pagerduty-native", "properties": settings},
            "mail": mail(),
            "events": events,
            "vendor": integration(vendor="PZQ6AUS", name="CloudWatch"),
            **more,
        },
        outputs={name: f"${{vendor.{name}}}" for name in ("integrationKey", "integrationUrl")},
    )


def live(audit: Audit) -> None:
    """Preview, create, read, fail, import, crash, and the look at all of it."""
    program(audit)
    audit.run("preview", "preview", "--json", "--diff")
    audit.run("up", "up", "--yes", "--skip-preview")
    assert len(audit.emulator.integrations()) == 3
    audit.run("refresh", "refresh", "--yes", "--skip-preview")
    fail(audit)
    program(audit)
    made = someone_creates(audit)
    audit.run("import", "import", "--yes", "--protect=false", TYPE, "imported", f"{SERVICE}.{made['id']}")
    program(audit, imported=integration(type=EVENTS, name="Of others"), late=integration(type=EVENTS))
    audit.said["killed"] = killed_while_creating(audit.stack, audit.emulator, "plugin")
    assert "exited prematurely" in audit.said["killed"]


def fail(audit: Audit) -> None:
    """Changes that PagerDuty refuses, in words that quote the request, its credentials, and what it gave before."""
    (vendor,) = (key for key, whose in audit.keys.items() if whose == "key of CloudWatch")
    refuse(audit, "PUT", {"error": {"code": 2001, "message": f"Got {CANARIES['token']}", "errors": [f"Had {vendor}"]}})
    page = f"<html><body>Token {CANARIES['token']} {CANARIES['address']} {CANARIES['regex']}</body></html>"
    refuse(audit, "POST", page)
    program(audit, vendor=integration(vendor="PZQ6AUS", name="Renamed"), more=mail())
    said = audit.run("failed", "up", "--yes", "--skip-preview", "--parallel=1", "--continue-on-error", fails=True)
    assert "Got [secret]" in said
    assert "Had [secret]" in said
    assert "Token [secret] [secret] [secret]" in said
    audit.emulator.faults.clear()


def refuse(audit: Audit, method: str, body: Any) -> None:
    audit.emulator.inject("status", method, "/services/**", status=403, body=body)


def someone_creates(audit: Audit) -> dict[str, Any]:
    return post_integration(audit.emulator, SERVICE, type=EVENTS, name="Of others")


def look(audit: Audit) -> None:
    """All that shows what there is."""
    audit.remember_keys()
    audit.run("export", "stack", "export")
    audit.run("history", "stack", "history", "--json", "--full-dates")
    audit.run("outputs", "stack", "output", "--json")
    some = audit.emulator.integrations()[-1]
    setting = ("--pagerduty-native:api-url-override", audit.emulator.url)
    audit.run("do read", "do", "--stateless", TYPE, "read", f"{SERVICE}.{some['id']}", *setting)
    for command in ("check", "list", "adopt"):
        audit.command(command)


@pytest.mark.skipif(os.name == "nt", reason="kills a process as POSIX does")
def test_no_secret_is_left_or_shown_anywhere(
    new_stack: Callable[..., Stack], emulator: Emulator, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    audit = Audit(new_stack(), emulator)
    misspell(audit)
    configure_secrets(audit.stack, {"token": CANARIES["token"]})
    live(audit)
    look(audit)
    audit.run("destroy", "destroy", "--yes", "--skip-preview")
    audit.said["the emulator's log"] = caplog.text
    assert "POST /services/PCHECKT/integrations" in caplog.text
    assert len(audit.keys) >= 4
    # The command line knows of no program: it lists the account, in which the name is as any other.
    assert audit.leaks() == [("pagerduty-native list", "name")]
