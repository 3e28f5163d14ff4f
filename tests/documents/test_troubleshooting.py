"""docs/troubleshooting.md explains every message that the provider and its command line show."""

from __future__ import annotations

import ast
import json
import re

from pagerduty_emulator import Emulator

from tests.conftest import ROOT
from tests.support.documents import Document, killed_while_creating, sh
from tests.support.stack import Stack

PAGE = Document(ROOT / "docs" / "troubleshooting.md")
PROVIDER = ROOT / "provider" / "pagerduty_native"

# A message is whatever reads like one in the provider's code: a text of so many words. The exceptions:
LEAST_WORDS = 3
# Arguments of these are descriptions, errors for those who write a provider, patterns, and progress.
OTHER_CALLS = {"field", "option", "command", "TypeError", "compile", "progress"}
# Files of errors for those who write a provider (docs/writing-a-provider.md), and of the schema's metadata; those that
# write programs, and that tell what was done.
OTHER_FILES = {
    *("framework/fields.py", "framework/property_types.py", "package.py"),
    *("cli/languages.py", "cli/report.py"),
}
# Functions that write a script, tell what a token is good for, or describe options.
OTHER_FUNCTIONS = {
    "cli/adopt_files.py": {"_terraform_steps", "_pulumi_steps", "_step"},
    "cli/check.py": {"_may_write", "_token", "_account", "_allowance"},
    "cli/inventory.py": {"filter_options"},
}
# Constants of modules: a script, a pattern, a type.
OTHER_CONSTANTS = {"HEADER", "TERRAFORM_FUNCTIONS", "PULUMI_FUNCTIONS", "_ECHO", "Value"}
# What is looked for in the words of PagerDuty and of libraries.
OTHER_TEXTS = {"Tunnel connection failed", "integration email cannot be empty", "vendor can't be blank"}


class Texts(ast.NodeVisitor):
    """Collects every text in a module that may be, or be a part of, a message: `…` for what is filled in."""

    def __init__(self, other_functions: set[str]) -> None:
        self.found: list[str] = []
        self._other_functions = other_functions

    def visit_Module(self, node: ast.Module) -> None:
        for statement in node.body:
            if not is_table(statement):
                self.visit(statement)

    def visit_FunctionDef(self, node: ast.FunctionDef) -> None:
        if node.name not in self._other_functions:
            self.generic_visit(node)

    def visit_Call(self, node: ast.Call) -> None:
        if getattr(node.func, "attr", getattr(node.func, "id", "")) not in OTHER_CALLS:
            self.generic_visit(node)

    def visit_Expr(self, node: ast.Expr) -> None:
        if not isinstance(node.value, ast.Constant):  # else it is a docstring
            self.generic_visit(node)

    def visit_Constant(self, node: ast.Constant) -> None:
        if isinstance(node.value, str):
            self._take(re.sub(r"\{\}|%s", "…", node.value))

    def visit_JoinedStr(self, node: ast.JoinedStr) -> None:
        self._take("".join(str(each.value) if isinstance(each, ast.Constant) else "…" for each in node.values))
        for each in node.values:
            if isinstance(each, ast.FormattedValue):
                self.visit(each.value)

    def _take(self, text: str) -> None:
        if text not in OTHER_TEXTS:
            self.found.append(text.replace("`", ""))


def is_table(statement: ast.stmt) -> bool:
    """Whether a statement of a module is a constant other than a text, such as the descriptions of allowed values."""
    match statement:
        case (
            ast.Assign(targets=[ast.Name(id=name)], value=value) | ast.AnnAssign(target=ast.Name(id=name), value=value)
        ):
            return name in OTHER_CONSTANTS or not isinstance(value, ast.Constant)
    return False


def all_texts() -> list[tuple[str, str]]:
    """Each with the file that it is in."""
    found = []
    for path in sorted(PROVIDER.rglob("*.py")):
        file = path.relative_to(PROVIDER).as_posix()
        texts = Texts(OTHER_FUNCTIONS.get(file, set()))
        if file not in OTHER_FILES:
            texts.visit(ast.parse(path.read_text(encoding="utf-8")))
        found += [(file, text) for text in texts.found]
    return found


def is_message(text: str) -> bool:
    return " " in text.strip() and len(re.findall(r"[^\W\d_]{2,}", text)) >= LEAST_WORDS


def entries() -> list[str]:
    """What the page quotes of messages, in the first cells of its tables; `…` at the ends leaves out the rest."""
    rows = re.findall(r"^\| (`.*?`) \|", PAGE.text, re.MULTILINE)
    return [quoted.strip("… ") for row in rows for quoted in re.findall(r"`([^`]+)`", row)]


def test_every_message_is_explained() -> None:
    """If this fails, a message is new or was reworded: add it to the page, or update what the page quotes of it."""
    messages = [each for each in all_texts() if is_message(each[1])]
    assert len(messages) > 150, "the code is no longer read as it was"
    quoted = entries()
    assert [f"{file}: {text}" for file, text in messages if not any(each in text for each in quoted)] == []


def test_every_explanation_is_of_a_message() -> None:
    """If this fails, a message is gone or was reworded: update what the page quotes of it."""
    known = [text for _, text in all_texts()]
    assert [each for each in entries() if not any(each in text for text in known)] == []
    assert min(map(len, entries())) >= len("1234567"), "what is quoted must tell messages apart"
    assert len(entries()) == len(set(entries())), "each is explained once"


def test_contents() -> None:
    headings = re.findall(r"^## (.*)$", PAGE.text, re.MULTILINE)
    assert re.findall(r"^- \[(.*?)\]", PAGE.text, re.MULTILINE) == headings
    assert len(PAGE.blocks) == 4


def follow_the_page(stack: Stack, emulator: Emulator) -> None:
    """What the page says to do finds what no state holds, and leaves one integration, which the stack manages."""
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
