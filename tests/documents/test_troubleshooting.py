"""docs/troubleshooting.md explains every class of errors, and quotes only messages that exist."""

from __future__ import annotations

import ast
import json
import re

from pagerduty_emulator import Emulator
from pagerduty_native.api.errors import (
    AppTokenError,
    CancelledError,
    DeadlineError,
    PagerDutyError,
    UnconfirmedNotFoundError,
    UnintelligibleResponseError,
    UnreachableError,
    UnreadableItemsError,
    UnsendableError,
    UnsettledError,
    api_error,
)
from pagerduty_native.api.parse import InvalidIdError
from pagerduty_native.settings import explain

from tests.conftest import ROOT
from tests.support.documents import Document, killed_while_creating, sh
from tests.support.stack import Stack

PAGE = Document(ROOT / "docs" / "troubleshooting.md")
PROVIDER = ROOT / "provider" / "pagerduty_native"


class Texts(ast.NodeVisitor):
    """Collects every text in a module that may be, or be a part of, a message: `…` for what is filled in."""

    def __init__(self) -> None:
        self.found: list[str] = []

    def visit_Constant(self, node: ast.Constant) -> None:
        if isinstance(node.value, str):
            self._take(re.sub(r"\{\}|%s", "…", node.value))

    def visit_JoinedStr(self, node: ast.JoinedStr) -> None:
        self._take("".join(str(each.value) if isinstance(each, ast.Constant) else "…" for each in node.values))
        for each in node.values:
            if isinstance(each, ast.FormattedValue):
                self.visit(each.value)

    def _take(self, text: str) -> None:
        self.found.append(text.replace("`", ""))


def all_texts() -> list[str]:
    texts = Texts()
    for path in sorted(PROVIDER.rglob("*.py")):
        texts.visit(ast.parse(path.read_text(encoding="utf-8")))
    return texts.found


def entries() -> list[str]:
    """List the quotations of messages in the first cells of the page's tables; `…` at the ends leaves out the rest."""
    rows = re.findall(r"^\| (`.*?`) \|", PAGE.text, re.MULTILINE)
    return [quoted.strip("… ") for row in rows for quoted in re.findall(r"`([^`]+)`", row)]


APP = AppTokenError(api_error(401, {"error": "invalid_client"}), "as_account-us.acme")
# One of each class of errors, and of each case that is explained differently.
ERRORS: list[PagerDutyError] = [
    APP,
    AppTokenError(UnreachableError("https://identity", "refused"), "as_account-us.acme"),
    AppTokenError(api_error(400, {"error_description": "Invalid scope"}), "as_account-us.acme"),
    *(api_error(status, {"error": {"message": "Said", "code": 2100}}) for status in (400, 401, 403, 404, 429, 500)),
    CancelledError("canceled while waiting for the next page"),
    DeadlineError("no time is left"),
    InvalidIdError("'a b' cannot be the ID of anything in PagerDuty"),
    UnintelligibleResponseError("https://api", 200, "<html>"),
    UnreachableError("https://api", "Connection refused"),
    UnreachableError("https://api", "timed out", perhaps_done=True),
    UnsendableError("a value in it is malformed"),
    UnsettledError("PagerDuty may have created the integration 'a' on the service P1"),
    UnreadableItemsError("services"),
    UnconfirmedNotFoundError("https://api", "default backend - 404", transient=False),
]


def classes_of_errors(cls: type[PagerDutyError] = PagerDutyError) -> set[type[PagerDutyError]]:
    subclasses = cls.__subclasses__()
    return {cls}.union(*map(classes_of_errors, subclasses)) if subclasses else {cls}


def test_every_class_of_errors_has_its_row() -> None:
    """If this fails, an error is new or was reworded: add it to the page, or update what the page quotes of it."""
    leaves = {each for each in classes_of_errors() if not each.__subclasses__()}
    assert leaves - set(map(type, ERRORS)) == set()
    quoted = entries()
    messages = [str(explain(error)).replace("`", "") for error in ERRORS]
    assert [each for each in messages if not any(is_quoted_in(entry, each) for entry in quoted)] == []


def is_quoted_in(entry: str, message: str) -> bool:
    parts = [part.strip() for part in entry.split("…")]
    return all(part in message for part in parts) and len("".join(parts)) > len("Try again later")


def test_every_explanation_is_of_a_message() -> None:
    """If this fails, a message is gone or was reworded: update what the page quotes of it."""
    known = all_texts()
    assert len(known) > 500, "the code is no longer read as it was"
    assert [each for each in entries() if not any(each in text for text in known)] == []
    assert min(map(len, entries())) >= len("1234567"), "what is quoted must tell messages apart"
    assert len(entries()) == len(set(entries())), "each is explained once"


def test_contents() -> None:
    headings = re.findall(r"^## (.*)$", PAGE.text, re.MULTILINE)
    assert re.findall(r"^- \[(.*?)\]", PAGE.text, re.MULTILINE) == headings
    assert len(PAGE.blocks) == 4


def follow_the_page(stack: Stack, emulator: Emulator) -> None:
    """Follow the page: it finds what no state holds, and leaves one integration, which the stack manages."""
    (orphan,) = emulator.integrations()
    find, import_ = PAGE.block("adopt"), PAGE.block("pulumi import").replace("PE1U9CH", orphan["id"])
    assert "Wrote 1 integration to import.json." in sh(find, stack.folder, stack.environ)
    document = json.loads((stack.folder / "import.json").read_text())
    assert [each["id"] for each in document["resources"]] == [f"PCHECKT.{orphan['id']}"]
    sh(import_, stack.folder, stack.environ)
    assert stack.up().changes == {}
    assert emulator.integrations() == [orphan]


def test_after_the_plugin_was_killed(stack: Stack, emulator: Emulator) -> None:
    program(stack)
    shown = killed_while_creating(stack, emulator, "plugin")
    for line in PAGE.block("exited prematurely", "text").splitlines():
        assert all(part.strip() in shown for part in line.split("…")), shown
    follow_the_page(stack, emulator)


def test_after_the_cli_was_killed(stack: Stack, emulator: Emulator) -> None:
    program(stack)
    killed_while_creating(stack, emulator, "cli")
    stack.pulumi("cancel", "--yes")  # A backend of files keeps the lock of what was killed.
    assert pending(stack) == 1
    sh(PAGE.block("--clear-pending-creates"), stack.folder, stack.environ)
    assert pending(stack) == 0
    follow_the_page(stack, emulator)


def pending(stack: Stack) -> int:
    return len(json.loads(stack.export())["deployment"].get("pending_operations", []))


def program(stack: Stack) -> None:
    integration = {"service": "PCHECKT", "type": "events_api_v2_inbound_integration", "name": "Alarms"}
    stack.program(resources={"alarms": {"type": "pagerduty-native:Integration", "properties": integration}})
