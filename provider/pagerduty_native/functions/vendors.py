"""The functions `getVendor` and `getVendors`."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import ClassVar, Self

from pagerduty_native.api import lookups
from pagerduty_native.api.account import Account
from pagerduty_native.api.errors import NotFoundError
from pagerduty_native.api.lookups import containing, folded
from pagerduty_native.framework import Function, Problem, ProviderError, field, object_type
from pagerduty_native.functions.matching import find, name_or_id_problems
from pagerduty_native.ids import id_problems, name_hint


@object_type
class Vendor:
    """A vendor: a kind of alert source that PagerDuty knows."""

    # An Integration takes any object with an ID, such as the result of another provider's lookup.
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
    def of(cls, vendor: lookups.Vendor) -> Self:
        return cls(
            id=vendor.id,
            name=vendor.name,
            generic_service_type=vendor.generic_service_type,
            description=vendor.description,
            website_url=vendor.website_url,
            integration_guide_url=vendor.integration_guide_url,
        )


# https://github.com/PagerDuty/terraform-provider-pagerduty/issues/675
ONLY_WITH_AIOPS = {"github", "gitlab", "jenkins"}


@object_type
class GetVendorArgs:
    name: str | None = field(
        "The name of the vendor, such as `Amazon CloudWatch`: the full name, in any case, or a part that no other "
        "vendor has in its name."
    )
    id: str | None = field("The ID of the vendor, such as `PZQ6AUS`.")

    def check(self) -> Iterator[Problem]:
        yield from name_or_id_problems(self.name, self.id, "vendor")

    def check_id(self) -> Iterator[Problem]:
        yield from id_problems("id", self.id, "vendor", "PZQ6AUS")


@object_type
class GetVendorResult(Vendor):
    name: str = field("The name of the vendor.")


class GetVendor(Function[GetVendorArgs, GetVendorResult, Account]):
    """Look up a vendor (a kind of alert source that PagerDuty knows) by its name or ID.

    ## Example Usage

    ### An integration with a vendor

    ```yaml
    variables:
      sentry:
        fn::invoke:
          function: pagerduty-native:getVendor
          arguments:
            name: Sentry
    resources:
      errors:
        type: pagerduty-native:Integration
        properties:
          service: PCHECKT
          vendor: ${sentry.id}
    ```
    """

    def invoke(self, args: GetVendorArgs) -> GetVendorResult:
        if args.name is not None:
            return GetVendorResult.of(self._by_name(args.name))
        return GetVendorResult.of(self._by_id(args.id or ""))

    def _by_id(self, id: str) -> lookups.Vendor:
        try:
            return self.client.vendors.get(id)
        except NotFoundError as error:
            raise ProviderError(
                f"`id`: PagerDuty has no vendor with the ID {id!r}.{name_hint(id, 'vendor')}"
            ) from error

    def _by_name(self, name: str) -> lookups.Vendor:
        if _means_events_api_v2(name):
            raise ProviderError(
                f"`name`: {name!r} is a type of integration, not a vendor: omit `vendor`, and set the Integration's "
                '`type` to "events_api_v2_inbound_integration".'
            )
        hint = (
            " PagerDuty lists this vendor only for accounts with AIOps, because it sends change events."
            if folded(name) in ONLY_WITH_AIOPS
            else ""
        )
        vendors = self.client.vendors
        return find(name, vendors.search(name), "vendor", everything=vendors.all, hint=hint)


def _means_events_api_v2(name: str) -> bool:
    return re.sub(r"[\W_]", "", name).casefold() in {"eventsapiv2", "eventsv2", "eventsapiv2inboundintegration"}


@object_type
class GetVendorsArgs:
    query: str | None = field("A part of the names of the vendors, in any case. If omitted, every vendor is listed.")


@object_type
class GetVendorsResult:
    vendors: list[Vendor] = field("The vendors, in PagerDuty's order.")


class GetVendors(Function[GetVendorsArgs, GetVendorsResult, Account]):
    """List the vendors (kinds of alert sources that PagerDuty knows): all of them, or those whose names contain a text.

    ## Example Usage

    ### The vendors of one company

    ```yaml
    variables:
      amazon:
        fn::invoke:
          function: pagerduty-native:getVendors
          arguments:
            query: amazon
    ```
    """

    def invoke(self, args: GetVendorsArgs) -> GetVendorsResult:
        found = None if args.query is None else self.client.vendors.search(args.query)
        if not found:  # PagerDuty does not document its search, so an empty result is not trusted.
            found = containing(args.query or "", self.client.vendors.all())
        return GetVendorsResult(vendors=[Vendor.of(vendor) for vendor in found])
