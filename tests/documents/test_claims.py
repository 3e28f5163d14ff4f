"""Claims of README.md, SECURITY.md and run-in-ci that no test of the page itself tries: which test does, by its name.

A claim that has no test goes.
"""

from __future__ import annotations

import re

import pytest

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
    },
}


@pytest.mark.parametrize("page", CLAIMS)
def test_each_claim_has_a_test(page: str) -> None:
    text = (ROOT / page).read_text()
    if page == "README.md":
        text = text.partition("## Why not")[2].partition("## Install")[0]
    else:
        text = re.sub(r"^## (Report|Supported|The emulator).*?(?=^## |\Z)", "", text, flags=re.MULTILINE | re.DOTALL)
    claims = re.findall(r"^(?:- |\| (?!---|what \||\|))(.+)", text, re.MULTILINE)
    claims = [each for each in claims if not each.startswith("this provider")]
    known = CLAIMS[page]
    assert [each for each in claims if not any(words in each for words in known)] == []
    assert [each for each in known if not any(each in claim for claim in claims)] == []
    for test in known.values():
        file, _, name = test.partition("::")
        assert f"def {name or 'test_'}" in (ROOT / file).read_text(), test


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
