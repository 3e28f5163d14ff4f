"""The journal of what a run creates, on disk before it is created, and the cleanup that follows it."""

from __future__ import annotations

import json
import os
import re
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

MARK = "pagerduty-native-test"
"""The beginning of every name that a run creates. Its run number follows, then the number within the run."""
ROUNDS = 3  # of listing and deleting, as a lost request may be carried out late


@dataclass
class Entry:
    """One creation. container: the path of what it is on, such as `/services/PXXXXXX`; id: None until it is known."""

    label: str
    container: str
    id: str | None = None
    open: bool = True

    def bears(self, name: str) -> bool:
        """Say whether a name is this creation's: its label, alone or followed by a blank and more."""
        return re.fullmatch(rf"{re.escape(self.label)}(\s.*)?", name, re.DOTALL) is not None


class Journal:
    """The creations of a run that perhaps still exist. An intention is on the disk before `intend` returns."""

    def __init__(self, file: Path) -> None:
        self._file = file
        self.run = secrets.token_hex(4)
        self.entries: list[Entry] = []
        self._count = 0
        if file.exists():
            self._read()

    def intend(self, container: str, label: str | None = None) -> Entry:
        """Note a creation that is about to be requested. label: another entry's, for a second one of that name."""
        if label is None:
            self._count += 1
            label = f"{MARK} {self.run}.{self._count:02}"
        entry = Entry(label, container)
        self.entries.append(entry)
        self._write({"intended": label, "container": container})
        return entry

    def made(self, entry: Entry, id: str) -> None:
        entry.id = id
        self._write({"made": self.entries.index(entry), "id": id})

    def close(self, entry: Entry) -> None:
        """Note that a creation was refused, or that what it created is gone."""
        entry.open = False
        self._write({"closed": self.entries.index(entry)})

    @property
    def open(self) -> list[Entry]:
        return [each for each in self.entries if each.open]

    def forget(self) -> None:
        """Delete the file, unless something may be left."""
        if not self.open:
            self._file.unlink(missing_ok=True)

    def _write(self, line: dict[str, Any]) -> None:
        self._file.parent.mkdir(parents=True, exist_ok=True)
        with self._file.open("a", encoding="utf-8") as file:
            file.write(json.dumps(line) + "\n")
            if "intended" in line:  # the others save the cleanup a search, and are lost only if the machine fails
                file.flush()
                os.fsync(file.fileno())

    def _read(self) -> None:
        """Read what an earlier run left. The last line may be cut: what it announced was not requested yet."""
        for text in self._file.read_text(encoding="utf-8").splitlines():
            try:
                line = json.loads(text)
            except ValueError:
                continue
            if "intended" in line:
                self.entries.append(Entry(line["intended"], line["container"]))
            elif "made" in line:
                self.entries[line["made"]].id = line["id"]
            else:
                self.entries[line["closed"]].open = False


class FailedError(Exception):
    """A request without a usable response, after all attempts."""


Contents = Callable[[str], dict[str, str]]
"""Lists a container: name by ID. Raises FailedError."""
Delete = Callable[[str], bool]
"""Deletes a path. Returns False if PagerDuty refuses. Raises FailedError."""


def clean(journal: Journal, contents: Contents, delete: Delete) -> list[str]:
    """Delete what the journal lists and what bears its entry's label. Return a line for each thing that is left."""
    left: list[str] = []
    for container in sorted({each.container for each in journal.open}):
        entries = [each for each in journal.open if each.container == container]
        try:
            left += _clean(journal, container, entries, contents, delete)
        except FailedError as error:
            left += [f"{each.label} on {container}, if it was created: {error}" for each in entries if each.open]
    journal.forget()
    return left


def _clean(journal: Journal, container: str, entries: list[Entry], contents: Contents, delete: Delete) -> list[str]:
    refused: set[str] = set()
    for _ in range(ROUNDS):
        listed = contents(container)
        found = {one for one, name in listed.items() if any(each.bears(name) for each in entries)} - refused
        if not found:
            break
        refused |= {one for one in sorted(found) if not delete(f"{container}/integrations/{one}")}
    listed = contents(container)
    left = []
    for entry in entries:
        marked = sorted(one for one, name in listed.items() if entry.bears(name))
        left += [f"{entry.label} on {container} ({one}): PagerDuty did not delete it" for one in marked]
        if not marked and entry.id in listed:
            left.append(
                f"{entry.id} on {container}: it was renamed and no longer begins with {entry.label!r}, so it was not "
                "deleted. Delete it in the web app if it is not needed."
            )
        elif not marked:
            journal.close(entry)
    return left
