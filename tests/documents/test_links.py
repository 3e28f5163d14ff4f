"""Links in the documents: files and headings in this repository are there, addresses of other sites are well-formed.

Nothing is asked of the network.
"""

from __future__ import annotations

import json
import re
from pathlib import Path
from urllib.parse import urlsplit

from tests.conftest import ROOT

DOCUMENTS = sorted(
    path
    for pattern in ("*.md", "docs/**/*.md", "examples/**/*.md", "emulator/**/*.md")
    for path in ROOT.glob(pattern)
    if "node_modules" not in path.parts
)
REPOSITORY = json.loads((ROOT / "schema.json").read_text())["repository"]
# Pages of the Pulumi Registry link to each other by the paths that they have there.
REGISTRY_LINKS = {"./installation-configuration/": ROOT / "docs" / "installation-configuration.md"}
CODE = re.compile(r"^( *)```.*?^\1```|`[^`\n]*`", re.MULTILINE | re.DOTALL)
LINK = re.compile(r"\]\(([^)\s]+)[^)]*\)|<(https?://[^>]+)>|(?:src|href|srcset)=\"([^\"]+)\"")


def links_of(document: Path) -> list[str]:
    """The targets of a document's links, those in code left out."""
    return ["".join(found) for found in LINK.findall(CODE.sub("", document.read_text(encoding="utf-8")))]


def anchors_of(document: Path) -> set[str]:
    """The anchors of a document's headings, as GitHub makes them."""
    fences = re.compile(r"^( *)```.*?^\1```", re.MULTILINE | re.DOTALL)
    headings = re.findall(r"^#+ (.*)$", fences.sub("", document.read_text(encoding="utf-8")), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.strip().lower()).replace(" ", "-") for heading in headings}


def problem_of(document: Path, link: str) -> str | None:
    """Return the problem of a link, or None."""
    link = re.sub(rf"^{re.escape(REPOSITORY)}/(?:blob|tree)/main/", "/", link)
    if re.match(r"\w+:", link):
        parts = urlsplit(link)
        well_formed = parts.scheme == "https" and re.fullmatch(r"[\w-]+(\.[\w-]+)+", parts.hostname or "")
        return None if well_formed else f"{link} is not a well-formed https address"
    path, _, anchor = link.partition("#")
    folder = ROOT if path.startswith("/") else document.parent
    target = REGISTRY_LINKS.get(path) or (folder / path.lstrip("/") if path else document)
    if not target.exists():
        return f"{link}: there is no such file"
    if anchor and anchor not in anchors_of(target):
        return f"{link}: there is no such heading"
    return None


def test_links_lead_somewhere() -> None:
    problems = [
        f"{document.relative_to(ROOT)}: {problem}"
        for document in DOCUMENTS
        for link in links_of(document)
        if (problem := problem_of(document, link))
    ]
    assert problems == []


def test_the_check_finds_what_is_wrong() -> None:
    readme = ROOT / "README.md"
    for link in (
        "docs/none.md",
        "#none",
        "docs/README.md#none",
        f"{REPOSITORY}/blob/main/none",
        "http://example.com",
        "https://example",
        "https:///a",
    ):
        assert problem_of(readme, link), link
    for link in ("docs", "docs/README.md", f"{REPOSITORY}/tree/main/examples", "https://example.com/a#b", "#install"):
        assert problem_of(readme, link) is None, link
    assert len(DOCUMENTS) > 30
