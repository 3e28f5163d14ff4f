"""The provider's settings, on the real engine: accounts, tokens, apps, regions."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pagerduty_emulator
import pytest
from pagerduty_emulator import Emulator

from tests.conftest import TOKEN
from tests.support.stack import Stack

SERVICE = "PCHECKT"
EVENTS_API_V2 = "events_api_v2_inbound_integration"
APP = {"pdClientId": "app", "pdClientSecret": "AppSecretThatMustNotShow", "pdSubdomain": "acme"}


def provider(**settings: Any) -> dict[str, Any]:
    return {"type": "pulumi:providers:pagerduty-native", "properties": settings}


def integration(**options: Any) -> dict[str, Any]:
    properties = {"service": SERVICE, "type": EVENTS_API_V2, "name": "Alerts"}
    return {"type": "pagerduty-native:Integration", "properties": properties, "options": options}


def test_two_accounts_in_one_program(stack: Stack, emulator: Emulator) -> None:
    with pagerduty_emulator.serve(rejected_tokens={"first"}) as second:
        emulator.settings.rejected_tokens.add("second")
        stack.program(
            resources={
                "one": provider(token="first", apiUrlOverride=emulator.url),
                "two": provider(token="second", apiUrlOverride=second.url),
                "alerts": integration(provider="${one}"),
                "others": integration(provider="${two}"),
            }
        )
        stack.up()
        assert (len(emulator.integrations()), len(second.integrations())) == (1, 1)
        assert stack.preview().changes == {}
        assert stack.refresh().changes == {}
        assert '"first"' not in stack.export()
        stack.destroy()
        assert (len(emulator.integrations()), len(second.integrations())) == (0, 0)


def test_a_token_that_is_an_output_is_unknown_in_preview(stack: Stack, emulator: Emulator) -> None:
    stack.program(
        resources={
            "first": integration(),
            "own": provider(token="${first.integrationKey}", apiUrlOverride=emulator.url),
            "alerts": integration(provider="${own}"),
        }
    )
    preview = stack.preview()
    assert preview.steps("alerts") == ["create"]
    emulator.requests.clear()
    stack.up()
    assert len(emulator.integrations()) == 2
    for made in emulator.integrations():
        assert made["integration_key"] not in stack.export()


def test_a_changed_token_is_in_force_at_once_and_replaces_nothing(stack: Stack, emulator: Emulator) -> None:
    for token, name in (("before", "Before"), ("after", "After")):
        resource = integration(provider="${own}")
        resource["properties"]["name"] = name
        stack.program(resources={"own": provider(token=token, apiUrlOverride=emulator.url), "alerts": resource})
        result = stack.up()
        emulator.settings.rejected_tokens.add(token)
    assert (result.steps("own"), result.steps("alerts")) == (["update"], ["update"])


@pytest.mark.parametrize("change", [{"serviceRegion": "eu"}, {"apiUrlOverride": "…/"}], ids=["region", "address"])
def test_a_changed_region_or_address_is_shown_and_replaces_nothing(
    stack: Stack, emulator: Emulator, change: dict[str, str]
) -> None:
    before = {"token": "x", "apiUrlOverride": emulator.url}
    change = {name: value.replace("…", emulator.url) for name, value in change.items()}
    for settings in (before, before | change):
        stack.program(resources={"own": provider(**settings), "alerts": integration(provider="${own}")})
        preview = stack.preview()
        stack.up()
    assert (preview.steps("own"), preview.changes) == (["update"], {"update": 1})
    assert list(preview.diffs("own")) == list(change)


def test_an_app_with_scoped_oauth(stack: Stack, emulator: Emulator) -> None:
    resources = {
        "own": provider(useAppOauthScopedToken=APP, apiUrlOverride=emulator.url),
        "alerts": integration(provider="${own}"),
    }
    stack.program(resources=resources)
    shown = stack.up("--logtostderr", "-v=8").output + stack.export()
    assert APP["pdClientSecret"] not in shown
    assert emulator.requests.counts() == {"POST /oauth/token": 1, "POST /services/{id}/integrations": 1}


def test_an_app_from_the_environment(stack: Stack, emulator: Emulator) -> None:
    app = {"PAGERDUTY_CLIENT_ID": "app", "PAGERDUTY_CLIENT_SECRET": "secret", "PAGERDUTY_SUBDOMAIN": "acme"}
    stack.program(resources={"alerts": integration()})
    stack.up(environ=app | {"PAGERDUTY_TOKEN": ""})
    assert emulator.requests.count("POST", "/oauth/token") == 1
    stack.destroy()
    assert emulator.requests.count("POST", "/oauth/token") == 1, "with a token in the environment, that is used"


def test_an_app_without_a_scope(stack: Stack, emulator: Emulator) -> None:
    emulator.settings.oauth_scopes = {"services.read", "vendors.read"}
    stack.program(
        resources={
            "own": provider(useAppOauthScopedToken=APP, apiUrlOverride=emulator.url),
            "alerts": integration(provider="${own}"),
        }
    )
    diagnostics = stack.up(fails=True).diagnostics
    assert "PagerDuty does not allow this: " in diagnostics
    assert "services.write" in diagnostics
    assert "App Registration" in diagnostics


def test_an_app_in_the_stacks_configuration(new_stack: Callable[..., Stack], emulator: Emulator) -> None:
    stack = new_stack()
    stack.environ.pop("PAGERDUTY_TOKEN")
    for name, value in APP.items():
        stack.pulumi("config", "set", "--path", f"pagerduty-native:useAppOauthScopedToken.{name}", value, "--secret")
    stack.program(resources={"alerts": integration()})
    shown = stack.up().output + stack.export()
    assert emulator.requests.count("POST", "/oauth/token") == 1
    assert APP["pdClientSecret"] not in shown


def test_a_token_in_the_stacks_configuration_is_secret_in_the_state(
    new_stack: Callable[..., Stack], emulator: Emulator
) -> None:
    stack = new_stack(token="PlainTokenInTheConfiguration")
    stack.program(resources={"alerts": integration()})
    stack.up()
    assert "PlainTokenInTheConfiguration" not in stack.export()
    assert TOKEN not in stack.export()
    assert len(emulator.integrations()) == 1


def test_a_token_that_was_replaced_in_the_configuration(new_stack: Callable[..., Stack], emulator: Emulator) -> None:
    """Without the program, the engine takes the settings of the state, where the old token is."""
    stack = new_stack(token="TheOldToken")
    stack.program(resources={"alerts": integration()})
    stack.up()
    emulator.settings.rejected_tokens.add("TheOldToken")
    stack.pulumi("config", "set", "--secret", "pagerduty-native:token", "TheNewToken")
    for failed in (stack.refresh(fails=True), stack.destroy(fails=True)):
        assert "PagerDuty refused the token" in failed.diagnostics
        assert "add `--run-program`, or run `pulumi up --refresh`" in failed.diagnostics
    assert stack.refresh("--run-program").changes == {}
    assert stack.up("--refresh").changes == {}
    stack.refresh()  # From then on, the state has the new token.
    stack.destroy()
    assert emulator.integrations() == []


def test_insecure_tls_is_warned_about(new_stack: Callable[..., Stack], emulator: Emulator) -> None:
    stack = new_stack(insecureTls="true")
    stack.program(resources={"alerts": integration()})
    assert "`insecureTls` is set" in stack.up().diagnostics
    assert len(emulator.integrations()) == 1


def test_the_eu_region_shows_in_urls(stack: Stack, emulator: Emulator) -> None:
    emulator.settings.update({"region": "eu", "html_urls": "pagerduty"})
    stack.program(resources={"alerts": integration()}, outputs={"url": "${alerts.integrationUrl}"})
    stack.up()
    assert stack.outputs()["url"] == "https://events.eu.pagerduty.com/v2/enqueue"


EXPLICIT = """
import pulumi
own = pulumi.ProviderResource("pagerduty-native", "own", SETTINGS)
pulumi.CustomResource("pagerduty-native:index:Integration", "alerts", {"service": "PCHECKT"},
                      pulumi.ResourceOptions(provider=own))
"""
SECRET = "AppSecretThatMustNotShow"


@pytest.mark.parametrize(
    ("settings", "reason"),
    [
        pytest.param(
            f'{{"useAppOauthScopedToken": {{"pd_secret": pulumi.Output.secret("{SECRET}")}}}}',
            "`useAppOauthScopedToken` has no property `pd_secret`.",
            id="misspelt key",
        ),
        pytest.param(
            f"""{{"useAppOauthScopedToken": pulumi.Output.secret('{{"pdClientSecret": "{SECRET}"')}}""",
            "`useAppOauthScopedToken` must be an object, got a secret string.",
            id="malformed JSON",
        ),
        pytest.param(
            f'{{"tokne": pulumi.Output.secret("{SECRET}")}}', "There is no property `tokne`.", id="misspelt setting"
        ),
    ],
)
def test_a_secret_in_a_faulty_setting_is_not_shown(stack: Stack, settings: str, reason: str) -> None:
    """The engine prints the value of the property that a failure names, and unwraps secrets for CheckConfig."""
    stack.python(EXPLICIT.replace("SETTINGS", settings))
    result = stack.up(fails=True)
    assert reason in result.diagnostics
    assert SECRET not in result.output + str(result.events)


def test_a_secret_in_faulty_configuration_is_not_shown(stack: Stack, emulator: Emulator) -> None:
    for name, value in (("useAppOauthScopedToken", f'{{"pdClientSecret": "{SECRET}"'), ("tokne", SECRET)):
        stack.pulumi("config", "set", "--secret", f"pagerduty-native:{name}", value)
    stack.program(resources={"alerts": integration()})
    result = stack.up(fails=True)
    assert "`useAppOauthScopedToken` must be an object, got a secret string." in result.diagnostics
    assert "There is no property `tokne`. Did you mean `token`?" in result.diagnostics
    assert SECRET not in result.output + str(result.events)
