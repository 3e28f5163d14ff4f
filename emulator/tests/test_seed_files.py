"""Seed files: what they may say, what is wrong with them, and an export that makes the same account again."""

import json
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pagerduty_emulator
import pytest
import requests
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st
from pagerduty_emulator import Emulator, SeedError
from pagerduty_emulator.api.teams import rows as team_rows

from tests.support import HANG_SECONDS

from .client import TOKEN, Client

COMMAND = [sys.executable, "-m", "pagerduty_emulator"]

FILTERS = [{"subject_mode": "match", "subject_regex": "FAILED: .*"}, {"body_mode": "no-match", "body_regex": "test"}]
PARSER = {
    "action": "resolve",
    "match_predicate": {
        "type": "all",
        "children": [{"type": "contains", "part": "subject", "matcher": "OK"}],
    },
    "value_extractors": [{"type": "regex", "part": "subject", "regex": "id (\\d+)", "value_name": "incident_key"}],
}
SERVICE = {
    "name": "Night shift",
    "description": "Everything that a service can have",
    "acknowledgement_timeout": None,
    "auto_resolve_timeout": 600,
    "alert_creation": "create_incidents",
    "incident_urgency_rule": {
        "type": "use_support_hours",
        "during_support_hours": {"type": "constant", "urgency": "high"},
        "outside_support_hours": {"type": "constant", "urgency": "low"},
    },
    "support_hours": {
        "type": "fixed_time_per_day",
        "time_zone": "Europe/Berlin",
        "days_of_week": [1, 2],
        "start_time": "09:00:00",
        "end_time": "17:00:00",
    },
    "scheduled_actions": [
        {
            "type": "urgency_change",
            "at": {"type": "named_time", "name": "support_hours_start"},
            "to_urgency": "high",
        }
    ],
    "alert_grouping_parameters": {
        "type": "content_based",
        "config": {"aggregate": "all", "fields": ["summary"], "time_window": 600},
    },
    "auto_pause_notifications_parameters": {"enabled": True, "timeout": 300},
    "status": "disabled",
}


@pytest.fixture
def read(tmp_path: Path) -> Callable[[str], Emulator]:
    """The account that a seed file makes."""

    def read(text: str) -> Emulator:
        file = tmp_path / "account.yaml"
        file.write_text(text, encoding="utf-8")
        return Emulator(seed=file)

    return read


def problems(read: Callable[[str], Emulator], text: str) -> list[str]:
    """List the problems of a seed file, without its name."""
    with pytest.raises(SeedError) as caught:
        read(text)
    lines = str(caught.value).splitlines()
    assert all("account.yaml: " in line for line in lines)
    return [line.partition("account.yaml: ")[2] for line in lines]


def made(client: Client, path: str, name: str, value: dict[str, Any]) -> str:
    answer = client.post(path, json={name: value})
    assert answer.status_code == 201, answer.text
    return str(answer.json()[name]["id"])


def populate(emulator: Emulator, api: Client) -> None:
    """Something of everything that an account can hold, made by the API and by what a web app can do besides."""
    user = made(api, "/users", "user", {"name": "A", "email": "a@example.com", "role": "observer", "color": "red"})
    team = made(api, "/teams", "team", {"name": "T", "default_role": "none"})
    assert api.put(f"/teams/{team}/users/{user}", json={"role": "observer"}).status_code == 204
    target = {"id": user, "type": "user_reference"}
    rule = {"escalation_delay_in_minutes": 5, "targets": [target]}
    policy = {
        "name": "P",
        "escalation_rules": [
            rule,
            {**rule, "targets": [{"id": "PUSHOP1", "type": "user_reference"}, target]},
        ],
        "teams": [{"id": team, "type": "team_reference"}],
        "on_call_handoff_notifications": "always",
    }
    policy_id = made(api, "/escalation_policies", "escalation_policy", policy)
    play = made(api, "/response_plays", "response_play", {"name": "Play", "responders": [{"id": user}]})
    reference = {"id": policy_id, "type": "escalation_policy_reference"}
    service = made(api, "/services", "service", {**SERVICE, "escalation_policy": reference, "response_play": play})
    path = f"/services/{service}/integrations"
    email = {
        "type": "generic_email_inbound_integration",
        "name": "Mail",
        "integration_email": "m@acme.pagerduty.com",
        "email_filters": FILTERS,
        "email_filter_mode": "or-rules-email",
        "email_incident_creation": "use_rules",
        "email_parsers": [PARSER],
    }
    made(api, path, "integration", email)
    made(api, path, "integration", {"type": "generic_email_inbound_integration", "name": "Generated"})
    own = emulator.add_vendor("Our own", "api", integration_type="our_own_inbound_integration")
    emulator.add_vendor("Bare", None)
    for vendor in (own, "PZQ6AUS", "PAM4FGS"):
        made(api, path, "integration", {"type": "service_integration", "vendor": {"id": vendor}})
    emulator.settings.update({"unrecorded_types": "app_event_transform"})
    made(api, path, "integration", {"type": "service_integration", "vendor": {"id": "PH27SPX"}})
    keyed = made(api, path, "integration", {"type": "generic_email_inbound_integration", "name": "With a key"})
    emulator.move_integration(keyed, "PCHECKT")
    emulator.delete_service("PSRCH03")


LISTS = ("users?include[]=teams", "teams", "escalation_policies", "response_plays", "vendors?limit=100&query=e")


def test_event_orchestrations_and_config_are_exported(emulator: Emulator, api: Client, tmp_path: Path) -> None:
    made = emulator.add_event_orchestration("Shop", team="PTSHOP1")
    emulator.add_orchestration_integration(made, "Tool")
    router = {"sets": [{"id": "start", "rules": [{"actions": {"route_to": "PCHECKT"}}]}]}
    api.put(f"/event_orchestrations/{made}/router", json={"orchestration_path": router})
    vendor = {"name": "CloudWatch", "vendor": {"id": "PZQ6AUS"}}
    created = api.post("/services/PCHECKT/integrations", json={"integration": vendor}).json()["integration"]
    config = {"fields": {"incident_key": {"value": "region"}}}
    api.put(created["self"], json={"integration": {"config": config}})
    file = tmp_path / "account.yaml"
    file.write_text(emulator.export(), encoding="utf-8")
    again = Emulator(seed=file)
    assert again.export() == emulator.export()
    assert again.orchestration_integrations() == emulator.orchestration_integrations()
    assert again.integration(created["id"])["config"] == config


def test_a_seed_without_integrations_gives_an_orchestration_the_default_one(tmp_path: Path) -> None:
    file = tmp_path / "account.yaml"
    file.write_text("event_orchestrations:\n- name: Shop\n", encoding="utf-8")
    one, two = Emulator(seed=file), Emulator(seed=file)
    (default,) = one.orchestration_integrations()
    assert default["label"] == "Shop Default Integration"
    assert one.orchestration_integrations() == two.orchestration_integrations()


def test_an_export_makes_the_same_account_again(emulator: Emulator, api: Client, tmp_path: Path) -> None:
    populate(emulator, api)
    text = emulator.export()
    file = tmp_path / "account.yaml"
    file.write_text(text, encoding="utf-8")
    with pagerduty_emulator.serve(seed=file, settings=emulator.settings.copied()) as again:
        assert again.export() == text
        assert by_id(again.integrations()) == by_id(at(again, emulator.integrations()))
        assert again.services() == at(again, emulator.services())
        with Client(again.url, TOKEN) as client:
            for path in LISTS:
                assert client.get(f"/{path}").json() == at(again, api.get(f"/{path}").json())
        again.delete_service("PCHECKT")
        again.reset()
        assert again.export() == text


def by_id(objects: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return sorted(objects, key=lambda each: str(each["id"]))


def at(emulator: Emulator, shown: Any) -> Any:
    """Return the text that another emulator shows, with this one's address."""
    return json.loads(re.sub(r"http://127\.0\.0\.1:\d+", emulator.url, json.dumps(shown)))


TRAPS = ["on", "null", "1e3", "0x1F", "2024-01-15", "a: b", "# c", "- d", "*e", "'", '"', "é\u2028\x85", " f ", "\0"]
TEXTS = st.sampled_from(TRAPS) | st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=9)
NAMES = TEXTS.filter(str.strip)


@settings(max_examples=30, deadline=None, derandomize=True, database=None)
@given(service=NAMES, vendor=NAMES, team=NAMES, description=TEXTS)
def test_no_text_is_lost(
    tmp_path_factory: pytest.TempPathFactory, service: str, vendor: str, team: str, description: str
) -> None:
    account = Emulator(services=0)
    account.add_service(service, description=description, id="PSERVE1")
    account.add_vendor(vendor, description, id="PVENDO1")
    team_rows.put(account.database, "PTSHOP1", team, description)
    text = account.export()
    file = tmp_path_factory.getbasetemp() / "texts.yaml"
    file.write_text(text, encoding="utf-8")
    again = Emulator(seed=file)
    assert again.export() == text
    (shown,) = again.services()
    assert (shown["name"], shown["description"]) == (service, description)
    account.close()
    again.close()


def test_a_name_is_enough(read: Callable[[str], Emulator]) -> None:
    """Ids, keys and addresses follow from the names, and are the same in every account that is made of the file."""
    text = """
    services:
    - name: Checkout
      integrations:
      - name: Alarms
        vendor: Amazon CloudWatch
      - name: Own
        type: events_api_v2_inbound_integration
      - name: Mail
        type: generic_email_inbound_integration
        email_filters: [{subject_mode: match, subject_regex: FAILED}]
        email_parsers:
        - action: trigger
          match_predicate: {type: contains, part: subject, matcher: FAILED}
          value_extractors: [{type: entire, part: subject, value_name: incident_key}]
    """
    account = read(text)
    (service,) = account.services()
    alarms, own, mail = account.integrations(service["id"])
    assert alarms["vendor"]["id"] == "PZQ6AUS"
    assert alarms["type"] == "event_transformer_api_inbound_integration"
    assert re.fullmatch("[0-9a-f]{32}", own["integration_key"])
    assert own["integration_key"] != alarms["integration_key"]
    assert "integration_key" not in mail
    assert mail["integration_email"].endswith("@acme.pagerduty.com")
    assert service["escalation_policy"]["summary"] == "Default"
    other = read(text)
    assert other.export() == account.export()
    account.close()
    other.close()


def test_what_is_named_is_taken(read: Callable[[str], Emulator]) -> None:
    account = read("""
    users:
    - {name: Lead, email: lead, role: owner}
    - {id: PUSER22, name: Engineer, email: engineer@example.com}
    teams:
    - name: Shop
      members: [{user: Engineer, role: responder}]
    escalation_policies:
    - name: Shop
      team: Shop
      escalation_rules: [{escalation_delay_in_minutes: 5, targets: [PUSER22, Lead]}]
    services:
    - id: PSHOP99
      name: Basket
      escalation_policy: Shop
      auto_resolve_timeout: 600
      integrations:
      - id: PINTEG1
        type: events_api_v2_inbound_integration
        name: Own
        integration_key: 0123456789abcdef0123456789abcdef
    """)
    (service,) = account.services()
    assert (service["id"], service["teams"][0]["summary"], service["auto_resolve_timeout"]) == ("PSHOP99", "Shop", 600)
    assert account.integration("PINTEG1")["integration_key"] == "0123456789abcdef0123456789abcdef"
    exported = yaml.safe_load(account.export())
    assert [user["email"] for user in exported["users"]] == ["lead@acme.pagerduty.com", "engineer@example.com"]
    (policy,) = exported["escalation_policies"]
    assert policy["escalation_rules"][0]["targets"] == ["PUSER22", exported["users"][0]["id"]]
    account.close()


def test_an_empty_file_is_an_account_with_an_owner(read: Callable[[str], Emulator]) -> None:
    account = read("")
    exported = yaml.safe_load(account.export())
    assert [user["role"] for user in exported["users"]] == ["owner"]
    assert [policy["id"] for policy in exported["escalation_policies"]] == ["PT20YPA"]
    assert exported["services"] == exported["teams"] == []
    assert account.add_service("Works at once")
    account.close()


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("a: {b\n c: x", "this is not YAML: line 2, column "),
        ("- services", "got a list; allowed are the sections users, teams, "),
        ("service: []", "got 'service'; allowed are users, "),
        ("services: {}", "services: got an object; allowed is a list"),
        ("services: [Checkout]", "services[1]: got 'Checkout'; allowed is an object with id, name, "),
        ("services: [{}]", "services[1]: name is required; allowed is text"),
        ("services: [{name: 3}]", "services[1].name: got 3; allowed is text"),
        ("services: [{name: A, nmae: B}]", "services[1] (A): got 'nmae'; allowed are id, name, "),
        ("services: [{name: A, name: B}]", "this is not YAML: line 1, column 12: 'name' is there twice"),
        (
            "services: [{name: A, escalation_policy: Defualt}]",
            (
                "services[1] (A).escalation_policy: got 'Defualt'; allowed is the name or the id of one of the "
                "escalation_policies: Default. Did you mean Default?"
            ),
        ),
        (
            "services: [{name: A, id: P1}, {name: B, id: P1}]",
            "services[2] (B).id: got 'P1', which A has already; give each an id of its own",
        ),
        ("services: [{name: A}, {name: A}]", "services[2] (A).id: got 'P"),
        (
            "services: [{name: A, auto_resolve_timeout: -4}]",
            "services[1] (A): Auto resolve timeout must be greater than or equal to 0",
        ),
        (
            "services: [{name: A, integrations: [{name: B, vendor: datadgo}]}]",
            (
                "services[1] (A).integrations[1] (B).vendor: got 'datadgo'; allowed is the name or the id of one of "
                "the vendors: Amazon CloudWatch, "
            ),
        ),
        (
            "services: [{name: A, integrations: [{name: B, type: events_api_v3_inbound_integration}]}]",
            "services[1] (A).integrations[1] (B): type: got 'events_api_v3_inbound_integration'; allowed are ",
        ),
        (
            "services: [{name: A, integrations: [{type: events_api_v2_inbound_integration}]}]",
            "services[1] (A).integrations[1]: name is required, as there is no vendor to take it from",
        ),
        (
            "services: [{name: A, scheduled_actions: !!binary aGk=}]",
            "services[1] (A).scheduled_actions: got b'hi'; allowed is what JSON can say",
        ),
        ("users: []\nservices: [{name: A}]", "services[1] (A): a service takes an escalation policy, and the file has"),
        ("vendors: [{name: A, id: PZQ6AUS}]", "vendors[1] (A).id: got 'PZQ6AUS', which Amazon CloudWatch has already"),
        (
            "users: [{name: A, email: a}, {name: B, email: a}]",
            "users[2] (B): Email has already been taken",
        ),
        (
            "teams: [{name: A, members: [{user: Account Owner, role: manger}]}]",
            (
                "teams[1] (A).members[1].role: got 'manger'; allowed is one of observer, responder, manager. "
                "Did you mean manager?"
            ),
        ),
    ],
)
def test_what_is_wrong_is_named(read: Callable[[str], Emulator], text: str, problem: str) -> None:
    (found,) = problems(read, text)
    assert found.startswith(problem)


def test_an_unknown_name_gets_the_nearest_as_a_suggestion(read: Callable[[str], Emulator]) -> None:
    (found,) = problems(read, "services: [{name: A, integrations: [{name: B, vendor: datadgo}]}]")
    assert found.endswith(". Did you mean Datadog?")
    (found,) = problems(read, "services: [{name: A, auto_resolve_timeot: 5}]")
    assert found.endswith(". Did you mean auto_resolve_timeout?")


def test_all_problems_are_listed_at_once_without_keys(read: Callable[[str], Emulator]) -> None:
    text = "{users: 1, services: [{name: A, integrations: [{vendor: X, integration_key: my-secret-key}]}, {nam: B}]}"
    found = problems(read, text)
    assert len(found) == 5
    assert "my-secret-key" not in "".join(found)
    (broken,) = problems(read, "services: [{name: A, integrations: [{integration_key: my-secret-key: x}]}]")
    assert "my-secret-key" not in broken


def run(*arguments: str | Path) -> subprocess.CompletedProcess[str]:
    command = [*COMMAND, *map(str, arguments)]
    return subprocess.run(command, capture_output=True, encoding="utf-8", timeout=HANG_SECONDS, check=False)


def test_the_command_exports_a_running_emulator(emulator: Emulator) -> None:
    emulator.add_service("Ünïcode")
    done = run("export", "--url", emulator.url)
    assert (done.stdout, done.stderr) == (emulator.export(), "")
    answer = requests.get(f"{emulator.url}/emulator/export", timeout=HANG_SECONDS)
    assert (answer.text, answer.headers["content-type"]) == (done.stdout, "application/yaml; charset=utf-8")


def test_the_command_exports_a_file_and_seeds_from_one(tmp_path: Path) -> None:
    database, seed = tmp_path / "account.db", tmp_path / "account.yaml"
    kept = Emulator(database=database, services=2)
    text = kept.export()
    kept.close()
    done = run("export", "--database", database)
    assert (done.stdout, done.stderr) == (text, "")
    seed.write_text(done.stdout, encoding="utf-8")
    command = [*COMMAND, "--port", "0", "--exit-on-stdin-eof", "--seed", str(seed)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        url = process.stdout.readline().split()[-1]
        assert requests.get(f"{url}/emulator/export", timeout=HANG_SECONDS).text == text
        process.communicate()


@pytest.mark.parametrize(
    ("options", "complaint"),
    [
        (["export", "--database", "{}/none.db"], "there is no emulator's database at {}/none.db"),
        (["export", "--url", "http://127.0.0.1:9"], "cannot reach an emulator at http://127.0.0.1:9 ("),
        (["export", "--url", "127.0.0.1:8123"], "--url must start with http:// or https://, as the emulator prints it"),
        (["export", "--ca-file", "{}/none.pem"], "cannot use the certificates in {}/none.pem: No such file"),
        (["--port", "0", "--seed", "{}/none.yaml"], "cannot read the seed file {}/none.yaml: No such file"),
    ],
)
def test_the_command_says_what_is_wrong(tmp_path: Path, options: list[str], complaint: str) -> None:
    done = run(*(option.format(tmp_path) for option in options))
    assert done.returncode == 1
    assert done.stderr.startswith(f"pagerduty-emulator: {complaint.format(tmp_path)}")
    assert done.stderr.count("\n") == 1
    assert not list(tmp_path.iterdir())


def test_the_readme_shows_one(read: Callable[[str], Emulator]) -> None:
    readme = (Path(pagerduty_emulator.__file__).parents[1] / "docs" / "accounts.md").read_text(encoding="utf-8")
    (example,) = re.findall(r"^```yaml\n(.*?)^```$", readme, re.MULTILINE | re.DOTALL)
    account = read(example)
    assert [integration["vendor"] is None for integration in account.integrations("PBASKET")] == [False, True]
    account.close()
