"""Claims of README.md, SECURITY.md and run-in-ci that no test of the page itself tries: which test does, by its name.

A claim that has no test goes.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

import pytest
from pagerduty_native.framework.declare import ObjectOf, properties_of
from pagerduty_native.settings import Settings

from tests.conftest import ROOT

AUDIT = "tests/engine/test_secrets_audit.py::test_no_secret_is_left_or_shown_anywhere"
# Words of each claim: a bullet or the first cell of a row; the file and the name of the test.
CLAIMS = {
    "SECURITY.md": {
        "the API key (`token`)": AUDIT,
        "integration keys, routing keys": AUDIT,
        "values that the program marks as secret": AUDIT,
        "names of users and passwords": "tests/unit/api/test_transport_reasons.py::",
        "in text from PagerDuty": "tests/unit/test_redaction.py::"
        "test_a_secret_is_hidden_in_each_form_in_text_and_in_a_message",
        "in the provider's own sentences": "tests/unit/test_redaction.py::"
        "test_a_value_that_a_sentence_of_ours_quotes_is_hidden",
        "The engine prints the value": "tests/protocol/test_secrets.py::"
        "test_only_a_short_plain_value_is_left_to_the_engine_to_print",
        "Redirects are not followed": "tests/protocol/test_redirects.py::test_nothing_follows_a_redirect",
        "TLS certificates are verified": "tests/unit/api/test_transport_tls.py::",
        "What a server repeats": "tests/protocol/test_secrets.py::"
        "test_what_pagerduty_repeats_of_a_short_secret_is_hidden",
        "The plugin listens on loopback only": "tests/unit/framework/test_server.py::"
        "test_other_machines_do_not_reach_it",
        "Every operation of the [random lives]": "tests/lifecycles/test_lives.py::",
        "The protocol's tests do the same": "tests/protocol/test_secrets.py::",
        "Errors of the provider itself": "tests/protocol/test_edges.py::",
        "malformed requests": "tests/protocol/test_mutations.py::test_each_request_is_answered_in_words",
        "Redirects, proxies, TLS": "tests/unit/api/test_transport_tls.py::",
        "The provider needs few packages": "tests/packages/test_python.py::",
    },
    "docs/how-to/run-in-ci.md": {
        "Run only one job per stack": "tests/kills/test_kills.py::",
        "Keys are secret in all output": "tests/documents/test_how_to.py::test_keys_and_tokens_in_logs",
        "For tests without an account": "tests/documents/test_docs.py::test_without_an_account",
    },
    "README.md": {
        "the integration key": AUDIT,
        "creating 1,000 integrations": "tests/documents/test_readme.py::test_the_figures_are_those_of_the_benchmarks",
        "refreshing 1,000": "tests/documents/test_readme.py::test_the_figures_are_those_of_the_benchmarks",
        "`up` after that refresh": "tests/documents/test_readme.py::test_the_figures_are_those_of_the_benchmarks",
        "a response to a creation that gets lost": "tests/engine/test_nothing_lost.py::",
        "`vendor` and `type` together": "tests/protocol/test_integration.py::",
        "a vendor's name": "tests/unit/functions/test_vendors_lookup.py::",
        "routing keys of event orchestrations": "tests/engine/test_event_orchestrations.py::"
        "test_a_life_with_a_move_an_import_and_an_end",
        "how CloudWatch's alerts are named": "tests/protocol/test_config_fields.py::"
        "test_a_creation_sends_the_fields_by_a_put_of_their_own",
        "a change of e-mail filters": "tests/engine/test_integration_properties.py::",
        "what exists already": "tests/documents/test_docs.py::test_a_whole_account",
        "everything by what you want to do": "tests/documents/test_how_to.py::test_every_page_is_in_the_index",
        "whole programs, from": "tests/examples/test_readmes.py::test_every_example_is_listed",
        "bring in a whole account": "tests/documents/test_docs.py::test_from_terraform",
        "every error message": "tests/documents/test_troubleshooting.py::test_every_class_of_errors_has_its_row",
        "): measured": "tests/documents/test_readme.py::test_the_figures_are_those_of_the_benchmarks",
        "PagerDuty without an account": "tests/documents/test_docs.py::test_without_an_account",
        "from 25 lines": "tests/documents/test_writing_a_provider.py::"
        "test_the_first_provider_is_as_long_as_the_heading_says",
        "docs/architecture.md": "tests/documents/test_links.py::test_links_lead_somewhere",
    },
}


@pytest.mark.parametrize("page", CLAIMS)
def test_each_claim_has_a_test(page: str) -> None:
    text = (ROOT / page).read_text()
    if page == "README.md":
        text = text.partition("## Why not")[2].partition("## Install")[0] + text.partition("## More")[2]
    else:
        text = re.sub(r"^## (Report|Supported|The emulator).*?(?=^## |\Z)", "", text, flags=re.MULTILINE | re.DOTALL)
    claims = re.findall(r"^(?:- |\| (?!---|what \||\|))(.+)", text, re.MULTILINE)
    claims = [each for each in claims if not each.startswith("this provider")]
    known = CLAIMS[page]
    assert [each for each in claims if not any(words in each for words in known)] == []
    assert [each for each in known if not any(each in claim for claim in claims)] == []
    assert_exist(known.values())


def assert_exist(tests: Iterable[str]) -> None:
    for test in tests:
        file, _, name = test.partition("::")
        assert f"def {name or 'test_'}" in (ROOT / file).read_text(), test


DOCS, HOW_TO = "tests/documents/test_docs.py::", "tests/documents/test_how_to.py::"
README_TESTS = "tests/documents/test_readme.py::"
DEMO, PLAYGROUND = (
    f"{README_TESTS}test_make_demo",
    "tests/documents/test_playground.py::test_the_playground_does_what_its_page_says",
)
PLUGIN = f"{README_TESTS}test_plugin_install_and_the_program_on_ones_account"
# Words of each claim in the sentences outside of lists and tables.
SENTENCES = {
    "README.md": {
        "keeps every key secret": AUDIT,
        "public recordings of PagerDuty's API": "emulator/tests/test_recordings.py::test_a_recording_is_answered_alike",
        "not seen any fact on a real account yet": "tests/documents/test_test_account.py::",
        "The same program in": "tests/examples/test_first_program.py::test_first_program",
        "set `type` instead of `vendor`": "tests/engine/test_integration_properties.py::",
        "does the same for event orchestrations": "tests/engine/test_event_orchestrations.py::",
        "sends an event with the key that it made": DEMO,
        "leaves it running": PLAYGROUND,
        "and the alert that the demo sent": PLAYGROUND,
        "works together with `pulumi-pagerduty`": "tests/examples/test_with_pulumi_pagerduty.py::test_in_python",
        "The figures are": f"{README_TESTS}test_the_figures_are_those_of_the_benchmarks",
        "is in [docs/reliability.md]": "tests/tools/test_prove.py::test_the_page_tells_of_every_part",
        "one command runs the provider from": "tests/packages/test_folder.py::test_a_python_program_with_it",
        "you can also install the plugin and its SDK": f"{README_TESTS}test_install",
        "warns about it at each run": PLUGIN,
        "To end the warning": PLUGIN,
        "for machines without Python": "tests/packages/test_archive.py::test_the_command_line_without_python",
        "The API key can also come from": f"{DOCS}test_a_token_in_the_environment",
        "Then it is not in the stack": "tests/protocol/test_settings.py::"
        "test_check_config_adds_nothing_from_the_environment",
        "The first command below imports one": f"{README_TESTS}test_import",
        "two lines point your own program at it": f"{README_TESTS}test_a_program_of_ones_own_on_the_emulator",
        "Each run warns that the address": "tests/protocol/test_settings.py::",
        "has one at that address": PLAYGROUND,
        "or on a provider in the program": f"{DOCS}test_several_accounts",
        "set up what they need, inside this folder": DEMO,
        "Later runs find all that there": "tests/documents/test_contributing.py::test_set_up_and_one_test",
        "only the package clients write": DEMO,
        "installs Chromium with apt-get": "tests/tools/test_setup_browser.py::test_root_gets_it_by_apt_get",
        "Licensed under": "tests/packages/test_python.py::test_the_sdk_has_a_license_and_a_page_with_an_example",
    },
    "SECURITY.md": {
        "From `-v=9` on": f"{HOW_TO}test_keys_and_tokens_in_logs",
        "What the provider itself logs": "tests/protocol/test_another_provider.py::"
        "test_a_provider_can_log_to_the_engine_without_secrets",
        "three or more characters are hidden": "tests/unit/test_redaction.py::",
        "are encrypted by the stack's secrets provider": AUDIT,
        "they are Pulumi secrets": AUDIT,
        "Credentials go only to": "tests/protocol/test_redirects.py::test_nothing_follows_a_redirect",
        "and listens on loopback only": "emulator/tests/test_safety.py::",
    },
    "docs/how-to/run-in-ci.md": {
        "The exit code is 1": f"{HOW_TO}test_exit_codes_of_check",
        "does not show whether an API key is read-only": "tests/unit/cli/test_check.py::test_a_key_of_the_account",
        "A preview makes no write call": f"{HOW_TO}test_in_ci",
        "This changes nothing, and fails": f"{HOW_TO}test_in_ci",
        "Pulumi uses the token that the configuration has now": "tests/engine/test_settings.py::"
        "test_a_token_that_was_replaced_in_the_configuration",
        "use the one of the last `pulumi up`": "tests/engine/test_settings.py::"
        "test_a_token_that_was_replaced_in_the_configuration",
    },
}
# Sentences that say nothing that a test could try: what to do, what Pulumi and PagerDuty do, and what people promise.
NO_CLAIMS = {
    "README.md": [
        "Until the packages are published",
        "is a good start",
        "Keep them",
        "where the others hurt",
        "Not affiliated",
        "is PagerDuty's Terraform provider",
        "Clone this",
        "keeps the state on your",
        "(In Python,",
        "has what each",
        "You need",
        "In the folder of a program",
        "To bring in",
        "Both are in the address",
        "(With the provider from",
        "[More about",
    ],
    "SECURITY.md": [
        "Please report",
        "Do not",
        "Say which",
        "Leave tokens",
        "You get",
        "A leaked",
        "The newest minor",
        "Until 1.0.0",
        "Give such a log",
        "Everyone who may read",
    ],
    "docs/how-to/run-in-ci.md": [
        "A pipeline for",
        "has a page of its own",
        "Check the token",
        "For a pull request",
        "On the main branch",
        "Every night",
    ],
}


@pytest.mark.parametrize("page", SENTENCES)
def test_each_sentence_is_tested_or_claims_nothing(page: str) -> None:
    """If this fails, a sentence is new or was reworded: name its test, or delete it."""
    claims, others = SENTENCES[page], NO_CLAIMS[page]
    found = list(sentences((ROOT / page).read_text()))
    assert [each for each in found if not any(words in each for words in (*claims, *others))] == []
    assert [words for words in (*claims, *others) if not any(words in each for each in found)] == []
    assert_exist(claims.values())


def sentences(text: str) -> Iterator[str]:
    """Yield the sentences of a page, without those in lists, tables, headings and code, and without addresses."""
    text = re.sub(r"^```.*?^```|^<picture>.*?^</picture>", "", text, flags=re.MULTILINE | re.DOTALL)
    text = re.sub(r"^(#|!?\[!|!\[).*$", "", text, flags=re.MULTILINE)
    text = re.sub(r"\]\([^)]*\)", "]", text)
    for paragraph in re.split(r"\n\s*\n", text):
        joined = " ".join(paragraph.split())
        if joined and not joined.startswith(("- ", "| ")):
            yield from re.split(r"(?<=[.;!?)])\s+(?=[A-Z`*\[(])", joined)


def test_the_settings_of_the_readme_are_those_of_the_provider() -> None:
    table = (ROOT / "README.md").read_text().partition("## Configure")[2].partition("## ")[0]
    rows = dict(re.findall(r"^\| `(\w+)` \|(.*)$", table, re.MULTILINE))
    assert rows.keys() == {each.name for each in properties_of(Settings)}
    for each in properties_of(Settings):
        parts = properties_of(each.type.python) if isinstance(each.type, ObjectOf) else [each]
        variables = [part.field.environment for part in parts if part.field.environment]
        assert re.findall(r"`(PAGERDUTY_\w+)`", rows[each.name]) == variables, each.name
        assert all(f"`{part.name}`" in rows[each.name] for part in parts if part is not each)
        assert each.field.default_value in {None, False} or str(each.field.default_value) in rows[each.name], each.name


WORDS = (
    *("whoever", "whatever", "nevertheless", "singly", "as ever", "as far as", "of which", "by which", "asked for"),
    *("told", "tell", "tells", "stand", "stands", "beside", "so long", "so many"),
)


def test_plain_words() -> None:
    """Words that engineers had to read twice. Names of keys, such as `stands`, are in code and do not count."""
    pages = [*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md"), *ROOT.glob("examples/*.md"), *ROOT.glob("examples/*/*.md")]
    left_out = {"CHANGELOG.md", "mutation-score.md"}  # written before, and generated
    code = re.compile(r"^( *)```.*?^\1```|`[^`\n]*`", re.MULTILINE | re.DOTALL)
    found = [
        f"{page.relative_to(ROOT)}: {word}"
        for page in pages
        if page.name not in left_out
        for word in WORDS
        if re.search(rf"\b{word}\b", code.sub("", page.read_text()), re.IGNORECASE)
    ]
    assert found == []


def test_malformed_requests_are_as_many_as_the_page_says() -> None:
    chunks = re.search(
        r"range\((\d+) if os.environ.get\(\"PROVE\"\) else (\d+)\), (\d+)",
        (ROOT / "tests" / "protocol" / "test_mutations.py").read_text(),
    )
    assert chunks
    each = int(chunks[3]) * 2  # for each of two packages
    said = f"{int(chunks[2]) * each:,} malformed requests in each run of the tests, and {int(chunks[1]) * each:,}"
    assert said in (ROOT / "SECURITY.md").read_text()


def test_the_status_is_said_once_in_the_readme_and_on_pages_that_install_packages() -> None:
    said = r"Until the packages are published,?\s+install\s+them\s+\[from\s+a\s+checkout\]"
    pages = {
        "README.md",
        "docs/installation-configuration.md",
        "docs/writing-a-provider.md",
        "docs/how-to/run-in-github-actions.md",
        "emulator/README.md",
    }
    found = {
        path.relative_to(ROOT).as_posix()
        for pattern in ("*.md", "docs/**/*.md", "examples/*.md", "examples/*/*.md", "emulator/**/*.md")
        for path in ROOT.glob(pattern)
        if "node_modules" not in path.parts and re.search(said, path.read_text())
    }
    assert found == pages
    assert len(re.findall(said, (ROOT / "README.md").read_text())) == 1
