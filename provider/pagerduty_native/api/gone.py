"""Decide if a 404 means that an object is gone.

A 404 with one of PagerDuty's codes counts (`NotFoundError.by_pagerduty`). Gateways send a 404 without one while they
reload their routes, and so does any other server at a wrong address. Taken literally, it would remove every integration
from the state, or leave them behind at a destroy. So it counts only

- if the list that the object belongs to, such as its service's, lacks it; or
- if there is no such list, PagerDuty's index responds, and the same request gets a 404 again after that.

Any other 404 is an UnconfirmedNotFoundError.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping

from pagerduty_native.api.errors import (
    FATAL,
    NotFoundError,
    PagerDutyError,
    RateLimitedError,
    UnconfirmedNotFoundError,
)
from pagerduty_native.api.parse import Request, Response

# The indexes, and the names of their lists. PagerDuty never responds to one of them with a 404.
INDEXES = {"/services": "services", "/vendors": "vendors", "/event_orchestrations": "orchestrations"}
# Reads the IDs in the list that an object belongs to, with "" for each item whose ID cannot be parsed.
ReadIds = Callable[[], Collection[str]]


def confirmed(
    request: Request, response: Response, api_url: str, read_ids: ReadIds | None, send: Callable[[Request], Response]
) -> Response:
    """Return the response that counts, after a 404 without one of PagerDuty's codes.

    Args:
        request: The request.
        response: The 404.
        api_url: The API's address.
        read_ids: Reads the list that the object of the request belongs to, if there is one.
        send: Sends a request, once.

    Raises:
        UnconfirmedNotFoundError: The 404 proves nothing.
    """

    def unconfirmed(*, transient: bool) -> UnconfirmedNotFoundError:
        words = response.error.quotation if isinstance(response.error, NotFoundError) else ""
        return UnconfirmedNotFoundError(api_url, words, transient=transient)

    _, collection, *ids = request.path.split("/")
    index = f"/{collection}" if f"/{collection}" in INDEXES else "/services"
    if request.method == "POST" or request.path == index:
        raise unconfirmed(transient=False)
    listed = is_listed(ids[-1], read_ids) if read_ids else None
    if listed:
        raise unconfirmed(transient=True)
    if listed is False:
        return response
    probe = send(Request("GET", index, params={"limit": 1}))
    if isinstance(probe.error, RateLimitedError):
        raise probe.error
    if probe.error:
        raise unconfirmed(transient=probe.error.transient)
    if not (isinstance(probe.body, Mapping) and isinstance(probe.body.get(INDEXES[index]), list)):
        raise unconfirmed(transient=False)
    return send(request)


def is_listed(id: str, read_ids: ReadIds) -> bool | None:
    """Read whether a list has an ID; None if the list cannot be read, or an item without an ID may be it."""
    try:
        ids = {each.casefold() for each in read_ids()}
    except NotFoundError as error:
        return False if error.by_pagerduty else None
    except FATAL:
        raise
    except PagerDutyError:
        return None
    if id.casefold() in ids:
        return True
    return None if "" in ids else False
