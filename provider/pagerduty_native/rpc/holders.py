"""Which resources have which ID: two may have the same, and then deleting one must not destroy the other's."""

from __future__ import annotations

import threading
from collections import defaultdict
from dataclasses import dataclass, field

from .requests import token_of


@dataclass
class _Held:
    """The resources that have one ID.

    urns: all of them. read: those that a refresh read, each an entry of the state. imported: those that this run
    imported. renamed: how many entries were deleted under another URN than they were read, the new one of an alias.
    """

    urns: set[str] = field(default_factory=set)
    read: set[str] = field(default_factory=set)
    imported: set[str] = field(default_factory=set)
    renamed: int = 0


class Holders:
    """The resources of this process by the ID that each was created, refreshed or compared with.

    A state holds an ID twice after a resource was imported under another name, or imported from where somebody moved
    it to. What another process holds (that of an explicit provider), or what this run does not touch (`--target`), is
    not known here. Safe to share among threads.

    A resource that is renamed by an alias has two URNs in a run: a refresh reads it under the old one, and the steps
    after it may use either. A refresh reads every entry of the state. So if it read an ID, but not under the URN of a
    deletion, and that URN was not imported since, the entry was read under its old URN.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        # By type and ID.
        self._held: defaultdict[tuple[str, str], _Held] = defaultdict(_Held)

    def hold(self, urn: str, id: str, *, read: bool = False) -> str | None:
        """Note that a resource has an ID. Return another resource with this ID, or None.

        read: whether a refresh read the resource from the state.
        """
        with self._lock:
            held = self._held[token_of(urn), id]
            held.urns.add(urn)
            if read:
                held.read.add(urn)
            return min(held.urns - {urn}, default=None)

    def note_import(self, urn: str, id: str) -> None:
        """Note that this run imports a resource. It holds the ID only once it is compared, as `import` then does."""
        with self._lock:
            self._held[token_of(urn), id].imported.add(urn)

    def release(self, urn: str, id: str) -> str | None:
        """Note that a resource is about to be deleted. Return another resource with its ID, or None."""
        with self._lock:
            held = self._held.get((token_of(urn), id))
            if held is None:
                return None
            if held.read and urn not in held.read | held.imported:
                held.renamed += 1
            held.urns.discard(urn)
            if len(held.urns) > held.renamed:
                return min(held.urns)
            del self._held[token_of(urn), id]
            return None

    def another(self, urn: str, id: str) -> str | None:
        """Return the URN of another resource of the same type with this ID, or None."""
        with self._lock:
            held = self._held.get((token_of(urn), id))
            return min(held.urns - {urn}, default=None) if held else None
