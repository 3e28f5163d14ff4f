"""IDs: the rule for those in arguments, and the form of an integration's ID in Pulumi.

One that PagerDuty cannot have is refused by name, before anything is sent.
"""

from __future__ import annotations

from collections.abc import Iterator

from .pagerduty.integration import Integration
from .pagerduty.paths import is_id
from .rpc import Failure, ProviderError


def id_problems(property_name: str, id: str | None, kind: str, example: str) -> Iterator[Failure]:
    """What is wrong with the ID of a kind of thing, such as "service". What is absent is right here."""
    if id is not None and not is_id(id):
        yield Failure(
            property_name,
            f"`{property_name}` must be the ID of a {kind}, such as `{example}` (letters and digits); got {id!r}.",
        )


def id_of(integration: Integration) -> str:
    """The ID of an integration in Pulumi's state: SERVICE_ID.INTEGRATION_ID, which is also what `import` takes."""
    return integration.full_id


def parts_of(id: str) -> tuple[str, str]:
    """The IDs of the service and of the integration in an ID of Pulumi's state. Raises ProviderError."""
    service, _, integration = id.partition(".")
    if not (is_id(service) and is_id(integration)):
        raise ProviderError(
            f"{id!r} is not the ID of an integration: write SERVICE_ID.INTEGRATION_ID, such as PQL78HM.PE1U9CH. Both "
            "are in the URL of the integration's page: …/services/PQL78HM/integrations/PE1U9CH."
        )
    return service, integration
