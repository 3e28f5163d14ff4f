"""An account's integrations with their services, and which of them are chosen: for whatever lists them."""

from __future__ import annotations

import contextlib
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from fnmatch import fnmatchcase

from .errors import NotFoundError
from .integration import Integration
from .integrations import Integrations
from .names import folded
from .services import Service, Services
from .snapshots import Snapshot

# Every recorded ID is of seven or fourteen capital letters and digits.
_LIKE_AN_ID = re.compile(r"([A-Z0-9]{7}){1,2}")


@dataclass(frozen=True)
class Entry:
    """An integration with its service."""

    integration: Integration
    service: Service

    @property
    def id(self) -> str:
        """SERVICE_ID.INTEGRATION_ID."""
        return self.integration.full_id


@dataclass(frozen=True)
class Filters:
    """What chooses among integrations: patterns as the shell has them, regardless of case.

    patterns: by kind: `service`, `team` and `vendor` (each by ID or name), `name` (of the integration, or either of its
    IDs). One of each kind that is given must match.
    """

    patterns: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    def allow(self, entry: Entry) -> bool:
        return self.allow_service(entry.service) and self.allow_integration(entry.integration)

    def allow_service(self, service: Service) -> bool:
        return self._allow(_words_of_service(service))

    def allow_integration(self, integration: Integration) -> bool:
        return self._allow(_words_of_integration(integration))

    def unmatched(self, services: Iterable[Snapshot]) -> Iterator[tuple[str, str, list[str]]]:
        """The patterns that match nothing of these services: the kind, the pattern, and what there is instead."""
        words: dict[str, set[str]] = {kind: set() for kind in self.patterns}
        for snapshot in services:
            described = [_words_of_integration(each) for each in snapshot.all]
            if snapshot.service:
                described.append(_words_of_service(snapshot.service))
            for kind, known in words.items():
                known.update(*(each.get(kind, ()) for each in described))
        for kind, patterns in self.patterns.items():
            for pattern in patterns:
                if not _matches(pattern, words[kind]):
                    yield kind, pattern, sorted(words[kind] - {""})

    def _allow(self, words: Mapping[str, list[str]]) -> bool:
        return all(
            any(_matches(pattern, words[kind]) for pattern in self.patterns[kind])
            for kind in words
            if kind in self.patterns
        )


def is_pattern(text: str) -> bool:
    """Whether a text can match others than itself."""
    return any(each in text for each in "*?[")


def _words_of_service(service: Service) -> dict[str, list[str]]:
    teams = [word for team in service.teams for word in (team.id, team.name)]
    return {"service": [service.id, service.name], "team": teams}


def _words_of_integration(integration: Integration) -> dict[str, list[str]]:
    return {
        "vendor": [integration.vendor_id or "", integration.vendor_name or ""],
        "name": [integration.id, integration.full_id, integration.name],
    }


def _matches(pattern: str, words: Iterable[str]) -> bool:
    return any(word and fnmatchcase(folded(word), folded(pattern)) for word in words)


class Inventory:
    """The integrations of an account, asked for as they are needed."""

    def __init__(self, services: Services, integrations: Integrations) -> None:
        self._services = services
        self._integrations = integrations

    def by_service(self, filters: Filters) -> Iterator[tuple[Snapshot, list[Entry]]]:
        """Each service that is looked at, with those of its integrations that are chosen.

        One call where a service is given by its ID, two where it is given by its name, else one for each hundred
        services. Where the vendor matters, what does not come whole with its service is asked for, too.
        """
        for snapshot in self._given(filters.patterns.get("service", ())) or self._integrations.everywhere():
            service = snapshot.service
            if service is None or not filters.allow_service(service):
                yield snapshot, []
                continue
            found = self._integrations.whole(snapshot) if "vendor" in filters.patterns else snapshot.all
            yield snapshot, [Entry(each, service) for each in found if filters.allow_integration(each)]

    def _given(self, patterns: Iterable[str]) -> list[Snapshot]:
        """The services that are given, if each pattern stands for one; else none."""
        given = [self._one(pattern) for pattern in patterns]
        return [] if None in given else list({id(each): each for each in given if each}.values())

    def _one(self, pattern: str) -> Snapshot | None:
        """The one service that a pattern stands for, or None if it may stand for others, or for none."""
        if is_pattern(pattern):
            return None
        with contextlib.suppress(NotFoundError):
            if _LIKE_AN_ID.fullmatch(pattern):
                return self._integrations.on(pattern)
            named = [each for each in self._services.search(pattern) if folded(each.name) == folded(pattern)]
            if len(named) == 1:
                return self._integrations.on(named[0].id)
        return None
