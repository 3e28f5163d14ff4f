"""Names for resources: readable, valid in every language, each once, and the same on every run."""

from __future__ import annotations

import re
import unicodedata
from collections import defaultdict
from collections.abc import Mapping

MOST_CHARACTERS = 80


def slug(text: str) -> str:
    """A text in lower-case ASCII letters, digits and dashes; empty if nothing of it can be written so."""
    plain = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode().lower()
    return re.sub(r"[^a-z0-9]+", "-", plain).strip("-")[:MOST_CHARACTERS].rstrip("-")


def readable_name(service: str, integration: str) -> str:
    """A name after an integration's service and its own, without saying the service's twice."""
    first, second = slug(service), slug(integration)
    if second == first or second.startswith(f"{first}-") or not first:
        return second
    return f"{first}-{second}" if second else first


def unique_names(wanted: Mapping[str, str], taken: Mapping[str, str]) -> dict[str, str]:
    """A name for each integration, by its ID: the one that is wanted, with the ID after it if others want it, too.

    wanted: by integration ID. taken: names that resources have already, by the IDs of their integrations.
    """
    owners: defaultdict[str, set[str]] = defaultdict(set)
    for names in (wanted, taken):
        for integration_id, name in names.items():
            owners[same_variable(name)].add(integration_id)
    return {each: _unique(name, each, len(owners[same_variable(name)]) > 1) for each, name in wanted.items()}


def _unique(name: str, id: str, shared: bool) -> str:
    if not name:
        return f"integration-{id}"
    return f"{name}-{id}" if shared else name


def same_variable(name: str) -> str:
    """What names have in common that would make the same variable in a generated program."""
    return re.sub(r"[^a-z0-9]", "", name.casefold())
