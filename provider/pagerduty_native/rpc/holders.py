"""Which resources have which ID: two may have the same, and then deleting one must not destroy the other's."""

from __future__ import annotations

import threading
from collections import defaultdict

from .requests import token_of


class Holders:
    """The resources of this process by the ID that each was created, refreshed or compared with.

    A state holds an ID twice after a resource was imported under another name, or imported from where somebody moved
    it to. What another process holds (that of an explicit provider), or what this run does not touch (`--target`), is
    not known here. Safe to share among threads.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        # By type and ID.
        self._urns: defaultdict[tuple[str, str], set[str]] = defaultdict(set)

    def hold(self, urn: str, id: str) -> str | None:
        """Take note that a resource has an ID. Returns another one that has it, too, or None."""
        with self._lock:
            self._urns[token_of(urn), id].add(urn)
            return self._another(urn, id)

    def release(self, urn: str, id: str) -> str | None:
        """Take note that a resource is no more. Returns another one that has its ID, or None."""
        with self._lock:
            urns = self._urns.get((token_of(urn), id), set())
            urns.discard(urn)
            if not urns:
                self._urns.pop((token_of(urn), id), None)
            return next(iter(urns), None)

    def another(self, urn: str, id: str) -> str | None:
        """The URN of another resource of the same type with this ID, or None."""
        with self._lock:
            return self._another(urn, id)

    def _another(self, urn: str, id: str) -> str | None:
        return min(self._urns.get((token_of(urn), id), set()) - {urn}, default=None)
