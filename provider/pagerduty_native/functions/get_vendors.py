"""The function `getVendors`."""

from __future__ import annotations

from pagerduty_native.object_types import Vendor
from pagerduty_native.pagerduty.account import Account
from pagerduty_native.rpc.declarations import field, object_type
from pagerduty_native.rpc.resource import Function


@object_type
class GetVendorsArgs:
    query: str | None = field("A part of the names of the vendors, regardless of case; every vendor where absent.")


@object_type
class GetVendorsResult:
    vendors: list[Vendor] = field("The vendors, in PagerDuty's order.")


class GetVendors(Function[GetVendorsArgs, GetVendorsResult, Account]):
    """List the vendors, the kinds of alert sources that PagerDuty knows: all, or those with a text in their names.

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
        vendors = self.client.vendors
        found = vendors.all() if args.query is None else vendors.search(args.query)
        return GetVendorsResult(vendors=[Vendor.of(vendor) for vendor in found])
