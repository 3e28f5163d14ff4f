"""Event orchestrations and their integrations. https://developer.pagerduty.com/api-reference (Event Orchestrations)

Reads right after a write may be stale: PagerDuty's Terraform provider retries them. So the response to a write counts,
and nothing is read after it.
"""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from pagerduty_native.api.client import Client
from pagerduty_native.api.errors import (
    NotFoundError,
    PagerDutyError,
    UnintelligibleResponseError,
    UnreadableItemsError,
    UnsettledError,
    odd_integration,
    warning_once,
)
from pagerduty_native.api.lookups import Listed, folded, read_index
from pagerduty_native.api.parse import (
    NOT_DOCUMENTED,
    id_of,
    id_or_empty,
    items,
    path_of,
    text,
    text_or_empty,
    text_or_none,
)
from pagerduty_native.api.waiting import Alone, Once

# A lost response is settled by reading again after these pauses, in seconds: a minute at most.
PAUSES = (0.0, 1.0, 2.0, 4.0, 8.0, 15.0, 15.0, 15.0)
SETTLING_SECONDS = 60.0
# How long a list of an orchestration's integrations stays fresh, in seconds.
FRESH_SECONDS = 60.0


@dataclass(frozen=True)
class Orchestration:
    """An event orchestration, which routes events to services."""

    id: str
    name: str


@dataclass(frozen=True)
class OrchestrationIntegration:
    """An integration of an event orchestration. Its ID is a UUID; its key begins with R.

    An item of a list that cannot be parsed has its ID, but no key. Its ID is "" if that cannot be parsed either.
    """

    id: str
    orchestration_id: str
    label: str
    routing_key: str = field(repr=False)

    @property
    def name(self) -> str:
        return self.label


class Orchestrations:
    """The event orchestrations of an account, with their integrations. Safe to share among threads.

    Args:
        client: Makes the calls.
        warn: Shows a message to the user.
    """

    def __init__(self, client: Client, warn: Callable[[str], object]) -> None:
        self._client = client
        self._warn = warn
        self._warn_once = warning_once(warn)
        self._index = Once[Listed[Orchestration]](client.waiting)
        self._reading = Once[dict[str, OrchestrationIntegration]](client.waiting, keep=lambda _: False)
        # The IDs that each orchestration had before this process created anything there.
        self._before = Once[frozenset[str]](client.waiting)
        self._lock = threading.Lock()
        self._lists: dict[str, tuple[float, dict[str, OrchestrationIntegration]]] = {}
        self._created: set[str] = set()
        # Creations with equal labels on one orchestration go one after the other, so that each finds its own.
        self._alone = Alone(client.waiting)

    def all(self) -> Listed[Orchestration]:
        """List every event orchestration that the token may see; once in a process."""

        def read() -> Listed[Orchestration]:
            path, key = "/event_orchestrations", "orchestrations"
            return read_index(self._client, path, key, _orchestration, {}, warn=self._warn_once)

        return self._index.get("all", read)

    def orchestration(self, id: str) -> Orchestration:
        """Get an event orchestration. Raises NotFoundError."""
        return self._client.get(
            path_of("event_orchestrations", id), lambda body: _orchestration(body["orchestration"], id)
        )

    def integrations(self, orchestration_id: str) -> Listed[OrchestrationIntegration]:
        """List the integrations of an orchestration, from a cache of at most a minute. Raises NotFoundError.

        An item that cannot be parsed has no key. Items without an ID are left out. `left_out` has those, and items
        without a label.
        """
        with self._lock:
            until, known = self._lists.get(orchestration_id, (0.0, {}))
            there = list(known.values())
        if self._client.waiting.now() >= until:
            there = list(self._reading.get(orchestration_id, lambda: self._read(orchestration_id)).values())
        unlabeled = {each.id: "" for each in there if not (each.id and (each.label or each.routing_key))}
        return Listed((each for each in there if each.id), unlabeled)

    def get(self, orchestration_id: str, id: str) -> OrchestrationIntegration:
        """Get an integration, from the orchestration's list or by a call of its own.

        Raises NotFoundError only if both lack it, because either may be stale.
        """
        for each in self.integrations(orchestration_id):
            if each.id == id and each.routing_key:
                return each
        try:
            return self._client.get(_path(orchestration_id, id), _parser(orchestration_id, id))
        except NotFoundError:
            listed = self._read(orchestration_id)
            found = listed.get(id)
            if found is None and "" in listed:
                raise UnreadableItemsError(f"integrations of the event orchestration {orchestration_id}") from None
            if found is None:
                raise
            if not found.routing_key:
                problem = "not with what the API documents"
                raise UnintelligibleResponseError(self._client.api_url, 200, "no routing_key", problem) from None
            return found

    def find(self, id: str, elsewhere_than: str | None = None) -> OrchestrationIntegration | None:
        """Find an integration in the lists of all orchestrations; None if no list has it.

        elsewhere_than: the ID of an orchestration to leave out.

        Raises:
            UnreadableItemsError: No list has it, but some item of the lists cannot be parsed.
        """
        orchestrations = self.all()
        without_id = "" in orchestrations.left_out
        for orchestration_id in [*(each.id for each in orchestrations), *filter(None, orchestrations.left_out)]:
            if orchestration_id != elsewhere_than:
                with contextlib.suppress(NotFoundError):  # The orchestration was deleted in the meantime.
                    listed = self.integrations(orchestration_id)
                    if id in {each.id for each in listed}:
                        return self.get(orchestration_id, id)
                    without_id = without_id or "" in listed.left_out
        if without_id:
            raise UnreadableItemsError("event orchestrations or integrations of them")
        return None

    def create(self, orchestration_id: str, label: str, is_held: Callable[[str], bool]) -> OrchestrationIntegration:
        """Create an integration with one POST.

        After a POST without a response, the orchestration's list is read until it has one new integration with this
        label, which is adopted, with a warning. There is no second POST, because labels need not be unique and
        integrations have no time of creation.

        Args:
            orchestration_id: The orchestration's ID.
            label: The integration's label.
            is_held: Returns true if an ID belongs to another resource of this process.

        Raises:
            UnsettledError: It may have been created, but that could not be settled.
        """
        with self._alone.with_key((orchestration_id, folded(label)), "for another integration with this label"):
            before = self._before.get(orchestration_id, lambda: frozenset(self._read(orchestration_id)))
            body = {"integration": {"label": label}}
            try:
                created = self._client.post(_path(orchestration_id), body, _parser(orchestration_id))
            except PagerDutyError as error:
                if not error.perhaps_done:
                    raise
                with self._client.waiting.overtime(SETTLING_SECONDS):
                    created = self._settled(orchestration_id, label, before, is_held, error)
            self._created.add(created.id)
            self._keep(created)
            return created

    def rename(self, orchestration_id: str, id: str, label: str) -> OrchestrationIntegration:
        """Change an integration's label. Raises NotFoundError."""
        body = {"integration": {"label": label}}
        renamed = self._client.put(_path(orchestration_id, id), body, _parser(orchestration_id, id))
        self._keep(renamed)
        return renamed

    def move(self, source_id: str, target_id: str, id: str) -> OrchestrationIntegration:
        """Move an integration, with its key, to another orchestration. Raises NotFoundError, UnsettledError.

        A lost response is settled by reading the target and then the source; if the integration is still at the source,
        the call is repeated once.
        """
        path = _path(target_id, "migration")
        body = {"source_id": source_id, "source_type": "orchestration", "integration_id": id}

        def migrated(body: Any) -> OrchestrationIntegration:
            found = _by_id(body, target_id)[id]
            if not found.routing_key:
                raise KeyError("routing_key")
            return found

        try:
            moved = self._client.post(path, body, migrated)
        except PagerDutyError as error:
            if not error.perhaps_done:
                raise
            with self._client.waiting.overtime(SETTLING_SECONDS):
                moved = self._settled_move(source_id, target_id, id, error) or self._client.post(path, body, migrated)
        self._forget(source_id, id)
        self._keep(moved)
        return moved

    def delete(self, orchestration_id: str, id: str) -> None:
        """Delete an integration. Raises NotFoundError if PagerDuty has none with this ID there."""
        try:
            self._client.delete(_path(orchestration_id, id), read_ids=lambda: self._read(orchestration_id).keys())
        finally:
            self._forget(orchestration_id, id)

    def _read(self, orchestration_id: str) -> dict[str, OrchestrationIntegration]:
        """Read an orchestration's list, and keep it."""
        found = self._client.get(_path(orchestration_id), lambda body: _by_id(body, orchestration_id))
        for each in found.values():
            if not each.routing_key:
                self._warn_once(odd_integration(each.id, f"event orchestration {orchestration_id}"))
        with self._lock:
            self._lists[orchestration_id] = self._client.waiting.now() + FRESH_SECONDS, dict(found)
        return found

    def _keep(self, integration: OrchestrationIntegration) -> None:
        with self._lock:
            _, known = self._lists.get(integration.orchestration_id, (0.0, {}))
            known[integration.id] = integration

    def _forget(self, orchestration_id: str, id: str) -> None:
        with self._lock:
            _, known = self._lists.get(orchestration_id, (0.0, {}))
            known.pop(id, None)

    def _settled(
        self,
        orchestration_id: str,
        label: str,
        before: frozenset[str],
        is_held: Callable[[str], bool],
        error: PagerDutyError,
    ) -> OrchestrationIntegration:
        """Find the integration that a POST without a response created. Raises UnsettledError if no read settles it."""
        problem = "it was not in the list when the provider looked"
        new: list[OrchestrationIntegration] = []
        try:
            for pause in PAUSES:
                self._client.waiting.wait(pause, f"for PagerDuty to finish ({error})")
                there = self._read(orchestration_id).values()
                known = before | self._created
                new = [each for each in there if each.id not in known and not is_held(each.id)]
                alike = [each for each in new if each.routing_key and folded(each.label) == folded(label)]
                if len(alike) == 1:
                    self._warn(
                        f"PagerDuty did not say whether it created {label!r} in the event orchestration "
                        f"{orchestration_id} ({error}). {alike[0].id} has the same label and is new, so it was adopted."
                    )
                    return alike[0]
                if alike:
                    problem = "several new integrations have this label"
                    break
        except PagerDutyError as failure:
            problem = f"looking for it failed: {failure}"
        raise UnsettledError(
            f"PagerDuty may have created the integration {label!r} in the event orchestration {orchestration_id}: no "
            f"response confirmed it ({error}), and {problem}",
            place="event orchestration",
            id_form="INTEGRATION_ID",
            candidates=tuple(each.id for each in new if each.id),
        ) from error

    def _settled_move(
        self, source_id: str, target_id: str, id: str, error: PagerDutyError
    ) -> OrchestrationIntegration | None:
        """Find out what a migration without a response did; None if the integration is still at the source."""
        for pause in PAUSES:
            self._client.waiting.wait(pause, f"for PagerDuty to finish ({error})")
            with contextlib.suppress(NotFoundError):
                moved = self._read(target_id).get(id)
                if moved and moved.routing_key:
                    return moved
            with contextlib.suppress(NotFoundError):
                if id in self._read(source_id):
                    return None
        raise UnsettledError(
            f"PagerDuty may have moved the integration {id} from the event orchestration {source_id} to {target_id}: "
            f"no response confirmed it ({error}), and neither of the two lists it",
            place="two orchestrations",
            id_form="INTEGRATION_ID",
            candidates=(id,),
        ) from error


def _path(orchestration_id: str, *rest: str) -> str:
    return path_of("event_orchestrations", orchestration_id, "integrations", *rest)


def _orchestration(body: Mapping[str, Any], id: str | None = None) -> Orchestration:
    return Orchestration(id_of(body, id), text(body, "name"))


def _integration(body: Mapping[str, Any], orchestration_id: str, id: str | None = None) -> OrchestrationIntegration:
    return OrchestrationIntegration(
        id_of(body, id), orchestration_id, text_or_none(body, "label") or "", text(body["parameters"], "routing_key")
    )


def _by_id(body: Any, orchestration_id: str) -> dict[str, OrchestrationIntegration]:
    """Parse a list. An item that cannot be parsed becomes a record with its ID and label only."""
    found = {}
    for item in items(body, "integrations"):
        try:
            parsed = _integration(item, orchestration_id)
        except NOT_DOCUMENTED:
            parsed = OrchestrationIntegration(id_or_empty(item), orchestration_id, text_or_empty(item, "label"), "")
        found[parsed.id] = parsed
    return found


def _parser(orchestration_id: str, id: str | None = None) -> Callable[[Any], OrchestrationIntegration]:
    return lambda body: _integration(body["integration"], orchestration_id, id)
