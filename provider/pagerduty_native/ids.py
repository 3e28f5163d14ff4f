"""IDs: checks of those in arguments, and the form of an integration's ID in Pulumi.

An ID that PagerDuty cannot have is refused before anything is sent.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator

from pagerduty_native.api.parse import is_id
from pagerduty_native.framework import Advice, Failure, Problem, ProviderError

EXAMPLE_UUID = "b02e973d-9620-4e0a-9edc-00fedf7d4694"
# Every recorded ID has this form. It is not documented, so another form is only warned about.
_USUAL_FORM = re.compile(r"[A-Z0-9]+")
_USUAL_ID = re.compile(r"[PQ][A-Z0-9]{6}(?:[A-Z0-9]{7})?")
_UUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")
# The parts of the URLs of PagerDuty's web app before the ID of each kind.
_PLACES = {"service": "service-directory|services", "vendor": "vendors", "integration": "integrations"}

_IN_ADDRESS = {"service": ", and it is in the address of the service's page: …/service-directory/PQL78HM"}


def id_problems(property_name: str, id: str | None, kind: str, example: str) -> Iterator[Problem]:
    """Check the ID of a kind of object, such as "service". A missing ID passes."""
    if id is None:
        return
    if id.upper().startswith(("YOUR-", "YOUR_", "<")):
        yield Failure(
            property_name,
            f"`{property_name}` is still a placeholder, {id!r}: replace it by the ID of a {kind}, such as `{example}`. "
            f"`get{kind.capitalize()}` finds it by the name{_IN_ADDRESS.get(kind, '')}.",
        )
        return
    found = id_in(id, kind)
    hint = f" Did you mean `{found}`?" if found else ""
    if "/" not in id:
        hint += name_hint(id, kind)
    if not is_id(id):
        yield Failure(
            property_name,
            f"`{property_name}` must be the ID of a {kind}, such as `{example}` (letters and digits); got {id!r}."
            f"{hint}",
        )
    elif not _USUAL_FORM.fullmatch(id):
        yield Advice(
            property_name,
            f"`{property_name}` does not look like the ID of a {kind}, such as `{example}`: {id!r}.{hint}",
        )


def name_hint(id: str, kind: str) -> str:
    """Say how to look up the ID if a name was given in its place."""
    if _USUAL_FORM.fullmatch(id):
        return ""
    call = f"get{kind.capitalize()}(name={json.dumps(id, ensure_ascii=False)})"
    return f" If it is a name, look up the ID with `{call}`."


def uuid_problems(property_name: str, id: str | None, kind: str, function: str) -> Iterator[Problem]:
    """Check the UUID of a kind of object. function: the call that looks it up by name."""
    if id is None or _UUID.fullmatch(id):
        return
    found = _UUID.search(id.casefold())
    hint = f" Did you mean `{found[0]}`?" if found else ""
    if "/" not in id:
        hint += f" If it is a name, `{function}` finds the ID."
    if is_id(id):
        yield Advice(property_name, f"`{property_name}` does not look like the ID of an {kind}, a UUID: {id!r}.{hint}")
    else:
        yield Failure(property_name, f"`{property_name}` must be the ID of an {kind}, a UUID; got {id!r}.{hint}")


def orchestration_problems(id: str | None) -> Iterator[Problem]:
    """Check the property `eventOrchestration`."""
    yield from uuid_problems("eventOrchestration", id, "event orchestration", "getEventOrchestration")


def no_orchestration(id: str) -> str:
    """Return the message for an event orchestration that PagerDuty does not have."""
    return (
        f"`eventOrchestration`: PagerDuty has no event orchestration with the ID {id!r}, or this token has no access "
        "to it. The function `getEventOrchestration` finds the ID by the name."
    )


def id_in(text: str, kind: str) -> str | None:
    """Return the ID that was probably meant: in a URL, in SERVICE_ID.INTEGRATION_ID, with blanks, in small letters."""
    in_url = re.search(rf"/(?:{_PLACES[kind]})/(\w+)", text)
    service, _, integration = text.strip().strip("\"'").upper().partition(".")
    if in_url:
        candidate = in_url[1].upper()
    elif kind == "integration" and integration:
        candidate = integration
    else:
        candidate = service
    return candidate if _USUAL_ID.fullmatch(candidate) and candidate != text else None


def parts_of(id: str) -> tuple[str, str]:
    """Return the IDs of the service and of the integration in an ID of Pulumi's state. Raises ProviderError."""
    service, _, integration = id.partition(".")
    if not (is_id(service) and is_id(integration)):
        meant = re.search(r"(?:^|/services/)(\w+)(?:/integrations/|[/:,])(\w+)/?$", id)
        did_you_mean = f" Did you mean {meant[1]}.{meant[2]}?" if meant and all(map(is_id, meant.groups())) else ""
        raise ProviderError(
            f"{id!r} is not the ID of an integration: write SERVICE_ID.INTEGRATION_ID, such as PQL78HM.PE1U9CH. Both "
            f"are in the URL of the integration's page: …/services/PQL78HM/integrations/PE1U9CH.{did_you_mean}"
        )
    return service, integration
