"""Objects that several resources and functions have in common."""

from __future__ import annotations

from typing import ClassVar

from typing_extensions import Self

from .pagerduty import vendors
from .rpc import field, object_type


@object_type
class Vendor:
    """A vendor: a kind of alert source that PagerDuty knows."""

    # An Integration takes any object that has an ID, such as what another provider's lookup gives.
    MORE_PROPERTIES: ClassVar[bool] = True

    id: str = field("The ID of the vendor, such as `PZQ6AUS`, as an `Integration` takes it as its `vendor`.")
    name: str | None = field("The name of the vendor, such as `Amazon CloudWatch`.")
    generic_service_type: str | None = field(
        "How the vendor sends alerts: `email`, `events_api`, `api`, or a kind that PagerDuty has added since."
    )
    description: str | None = field("What PagerDuty says about the vendor.")
    website_url: str | None = field("The URL of the vendor's website.")
    integration_guide_url: str | None = field("The URL of PagerDuty's guide to the integration.")

    @classmethod
    def of(cls, vendor: vendors.Vendor) -> Self:
        return cls(
            id=vendor.id,
            name=vendor.name,
            generic_service_type=vendor.generic_service_type,
            description=vendor.description,
            website_url=vendor.website_url,
            integration_guide_url=vendor.integration_guide_url,
        )
