"""The journal of what a run creates, on disk before it is created, and the cleanup that follows it."""

from __future__ import annotations

import json
import os
import re
import secrets
from collections.abc import Callable
from dataclasses import dataclass, field
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
        self._cut = False
        if file.exists():
            self._read()

    def intend(self, container: str, label: str | None = None) -> Entry:
        """Note a creation that is about to be requested. label: another entry's, for a second one of that name."""
        if label is None:
            self._count += 1
            label = f"{MARK} {self.run}.{self._count:02}"
        entry = Entry(label, container)
        self._write({"intended": label, "container": container})
        self.entries.append(entry)
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
        """Append a line. Raises OSError, with the file's name, if an intention cannot be written."""
        is_intention = "intended" in line  # the others only save the cleanup a search
        try:
            self._file.parent.mkdir(parents=True, exist_ok=True)
            with open(self._file, "a", encoding="utf-8", opener=_private) as file:
                file.write(("\n" if self._cut else "") + json.dumps(line) + "\n")
                if is_intention:
                    file.flush()
                    os.fsync(file.fileno())
            self._cut = False
        except OSError as error:
            self._cut = True
            if is_intention:
                raise OSError(error.errno, error.strerror, str(self._file)) from None

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


def _private(path: str, flags: int) -> int:
    return os.open(path, flags, 0o600)


class FailedError(Exception):
    """A request without a usable response, after all attempts."""


Contents = Callable[[str], dict[str, str]]
"""Lists a container: name by ID. Raises FailedError."""
Delete = Callable[[str], bool]
"""Deletes a path. Returns False if PagerDuty refuses. Raises FailedError."""


@dataclass
class Cleanup:
    """The things that a cleanup did not delete, a line for each."""

    left: list[str] = field(default_factory=list)
    """In the journal, for the next cleanup."""
    renamed: list[str] = field(default_factory=list)
    """Not in the journal any more: somebody gave it a name without its label, so that no cleanup may delete it."""


def clean(journal: Journal, contents: Contents, delete: Delete) -> Cleanup:
    """Delete what the journal lists and what bears its entry's label."""
    done = Cleanup()
    for container in sorted({each.container for each in journal.open}):
        entries = [each for each in journal.open if each.container == container]
        try:
            found = _clean(journal, container, entries, contents, delete)
            done.left += found.left
            done.renamed += found.renamed
        except FailedError as error:
            done.left += [f"{each.label} on {container}, if it was created: {error}" for each in entries if each.open]
    journal.forget()
    return done


def _clean(journal: Journal, container: str, entries: list[Entry], contents: Contents, delete: Delete) -> Cleanup:
    refused: set[str] = set()
    for _ in range(ROUNDS):
        listed = contents(container)
        found = {one for one, name in listed.items() if any(each.bears(name) for each in entries)} - refused
        if not found:
            break
        refused |= {one for one in sorted(found) if not delete(f"{container}/integrations/{one}")}
    listed = contents(container)
    done = Cleanup()
    for entry in entries:
        marked = sorted(one for one, name in listed.items() if entry.bears(name))
        if marked:
            done.left += [f"{entry.label} on {container} ({one}): PagerDuty did not delete it" for one in marked]
        elif entry.id is None or entry.id not in listed:
            journal.close(entry)
        elif listed[entry.id]:
            done.renamed.append(
                f"{entry.id} on {container}: it was renamed and does not begin with {entry.label!r} any more, so it is "
                "left to you. Delete it in the web app if it is not needed."
            )
            journal.close(entry)
        else:
            done.left.append(f"{entry.id} on {container}: PagerDuty shows no name, so it was not deleted")
    return done
