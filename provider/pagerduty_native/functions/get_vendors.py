"""The function `getVendors`."""

from __future__ import annotations

from pagerduty_native.api import lookups as vendors
from pagerduty_native.api.account import Account
from pagerduty_native.api.lookups import containing
from pagerduty_native.framework import Function, field, object_type
from pagerduty_native.functions.get_vendor import Vendor


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
        return GetVendorsResult(vendors=[Vendor.of(vendor) for vendor in self._found(args.query)])

    def _found(self, query: str | None) -> list[vendors.Vendor]:
        if query is None:
            return self.client.vendors.all()
        # PagerDuty does not document its search, so an empty result is not trusted.
        return self.client.vendors.search(query) or containing(query, self.client.vendors.all())
