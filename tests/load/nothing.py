"""A provider that does nothing, for what the engine takes by itself. Its resource has as many properties as ours."""

from __future__ import annotations

from pagerduty_native.framework import Instance, Provider, Resource, field, object_type, serve

KEY = "0123456789abcdef0123456789abcdef"


@object_type
class ThingArgs:
    service: str = field("As an integration has it.", replaces=True)
    vendor: str = field("As an integration has it.", replaces=True)
    name: str = field("As an integration has it.", autoname=True)


@object_type
class ThingState(ThingArgs):
    integration_id: str = field("As an integration has it.")
    integration_key: str = field("As an integration has it.", secret=True)
    integration_url: str = field("As an integration has it.", secret=True)
    html_url: str = field("As an integration has it.")


class Thing(Resource[ThingArgs, ThingState, None]):
    """A thing that is nowhere."""

    def create(self, args: ThingArgs) -> Instance[ThingState]:
        state = ThingState(
            service=args.service,
            vendor=args.vendor,
            name=args.name,
            integration_id="PNOTHING",
            integration_key=KEY,
            integration_url=f"https://events.pagerduty.com/integration/{KEY}/enqueue",
            html_url=f"https://acme.pagerduty.com/services/{args.service}/integrations/PNOTHING",
        )
        return Instance(f"{args.service}.PNOTHING", state)


if __name__ == "__main__":
    serve(Provider("nothing", "0.1.0", resources=(Thing,)))
