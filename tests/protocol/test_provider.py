"""The provider as the engine sees it: its information, and its end."""

from __future__ import annotations

import json

import grpc
import pytest
from google.protobuf import empty_pb2
from pagerduty_native import __version__
from pagerduty_native.framework.context import Call, serving
from pagerduty_native.framework.schema import schema_of
from pagerduty_native.framework.server import THREADS
from pagerduty_native.framework.testing import Served, refusal
from pagerduty_native.package import PACKAGE
from pulumi.runtime.proto import plugin_pb2, provider_pb2_grpc
from pulumi.runtime.proto import provider_pb2 as pb

from tests.conftest import TOKEN
from tests.support import HANG_SECONDS

TAKEN = {
    "Handshake",
    "GetPluginInfo",
    "Attach",
    "GetSchema",
    "CheckConfig",
    "DiffConfig",
    "Configure",
    "Check",
    "Diff",
    "Create",
    "Read",
    "Update",
    "Delete",
    "Invoke",
    "Cancel",
    "List",
}
METHODS = [each for each in vars(provider_pb2_grpc.ResourceProviderServicer) if not each.startswith("_")]


def test_handshake_takes_secrets_and_autonaming_and_keeps_the_wire_simple(unconfigured: Served) -> None:
    response = unconfigured.stub.Handshake(pb.ProviderHandshakeRequest(engine_address="127.0.0.1:1"))
    assert response == pb.ProviderHandshakeResponse(accept_secrets=True, supports_autonaming_configuration=True)


def test_plugin_info_has_the_version(unconfigured: Served) -> None:
    assert unconfigured.stub.GetPluginInfo(empty_pb2.Empty()).version == __version__


def test_the_schema_follows_from_the_declarations(unconfigured: Served) -> None:
    response = unconfigured.stub.GetSchema(pb.GetSchemaRequest())
    assert json.loads(response.schema) == schema_of(PACKAGE)


def test_descriptions_say_when_a_required_output_is_absent_and_what_is_undocumented(unconfigured: Served) -> None:
    schema = json.loads(unconfigured.stub.GetSchema(pb.GetSchemaRequest()).schema)
    integration = schema["resources"]["pagerduty-native:index:Integration"]
    for name, absent in (
        ("integrationKey", "An integration that receives e-mail may have none."),
        ("integrationUrl", "An integration without a key has none."),
        ("integrationEmail", "An integration that receives events has none."),
    ):
        assert name in integration["required"]
        description = integration["properties"][name]["description"]
        assert description.endswith(
            f"{absent} Without one, the output is `None` in Python, `undefined` in TypeScript, `null` in Java and C#, "
            'and `""` in Go.'
        )
    fields = integration["inputProperties"]["configFields"]["description"]
    for words in ("Correlate events by", "Derive name from", "PagerDuty does not document", "2017", "may change"):
        assert words in fields


def test_a_schema_of_another_format_is_refused(unconfigured: Served) -> None:
    error = refusal(lambda: unconfigured.stub.GetSchema(pb.GetSchemaRequest(version=1)))
    assert (error.code, error.message) == (
        grpc.StatusCode.UNKNOWN,
        "There is no schema version 1, only version 0.",
    )


def test_configure_takes_secrets_previews_and_autonaming(provider: Served) -> None:
    assert provider.configure(token="t") == pb.ConfigureResponse(
        acceptSecrets=True, supportsPreview=True, supports_autonaming_configuration=True
    )


@pytest.mark.parametrize("method", sorted(set(METHODS) - TAKEN))
def test_other_methods_are_unimplemented(unconfigured: Served, method: str) -> None:
    request = getattr(pb, f"{method}Request")()
    answer = getattr(unconfigured.stub, method)
    error = refusal(lambda: list(answer(request)))  # a list, as List answers with a stream
    assert (error.code, error.message) == (grpc.StatusCode.UNIMPLEMENTED, f"This provider has no {method}.")


def test_cancel_may_come_twice_and_before_anything_else(unconfigured: Served) -> None:
    assert unconfigured.cancel() == unconfigured.cancel() == empty_pb2.Empty()


def test_engines_attach_one_after_another(provider: Served) -> None:
    attach, service = provider.stub.Attach, provider.service
    attach(plugin_pb2.PluginAttach(address="127.0.0.1:1"))
    first = service.host.cancelled
    provider.configure(token=TOKEN)
    attach(plugin_pb2.PluginAttach(address="127.0.0.1:1"))  # for another provider of the same program
    provider.cancel()
    assert first.is_set()

    attach(plugin_pb2.PluginAttach(address="127.0.0.1:2"))
    provider.configure(token=TOKEN)
    assert service.engine.address == "127.0.0.1:2"
    assert not service.host.cancelled.is_set()
    with serving(Call("", lambda: [{"integrationKey": "0123456789abcdef"}], None)):
        assert service.host.for_user("refused 0123456789abcdef") == "refused [secret]"


def test_an_engine_that_is_attached_cannot_give_two_providers_of_its_program_different_accounts(
    provider: Served,
) -> None:
    """One process serves them all, and the first one's resources would go to the second one's account."""
    provider.stub.Attach(plugin_pb2.PluginAttach(address="127.0.0.1:1"))
    provider.configure(token=TOKEN)
    provider.configure(token=TOKEN)
    first = provider.service.client
    error = refusal(lambda: provider.configure(token="another", serviceRegion="eu"))
    assert error.message == (
        "This process of the provider pagerduty-native, given by PULUMI_DEBUG_PROVIDERS, serves one provider of a "
        "program at a time, and already has other settings (`token`, `serviceRegion`). Run without "
        "PULUMI_DEBUG_PROVIDERS, and each provider gets a process of its own, or give all the same settings."
    )
    assert provider.service.client is first
    provider.cancel()
    provider.configure(token="another")
    provider.stub.Attach(plugin_pb2.PluginAttach(address="127.0.0.1:2"))
    provider.configure(token="third")


def test_cancel_is_answered_while_more_calls_wait_than_there_are_threads(books: Served) -> None:
    library = books.service.client
    creating = [
        books.create_later({"shelf": "S1", "genre": "novel", "title": "slow"}) for _ in range(max(300, THREADS))
    ]
    try:
        for _ in range(THREADS):
            assert library.holding.acquire(timeout=HANG_SECONDS)
        books.cancel()
        assert books.service.host.cancelled.is_set()
        assert not any(each.done() for each in creating), "what was begun is finished"
    finally:
        library.hold.set()
    assert all(each.result().id for each in creating)


@pytest.mark.parametrize(
    ("token", "message"),
    [
        pytest.param(
            "pagerduty-native:index:Integratoin",
            f"pagerduty-native {__version__} has no resource pagerduty-native:index:Integratoin; "
            "it has pagerduty-native:index:Integration.",
            id="misspelt",
        ),
        pytest.param(
            "pagerduty-native:index:getVendor",
            f"pagerduty-native {__version__} has no resource pagerduty-native:index:getVendor; "
            "it has pagerduty-native:index:Integration.",
            id="function",
        ),
    ],
)
def test_an_unknown_resource(provider: Served, token: str, message: str) -> None:
    provider.urn = f"urn:pulumi:dev::test::{token}::alerts"
    assert refusal(lambda: provider.check({})).message == message


def test_a_resource_inside_a_component_is_known(provider: Served) -> None:
    provider.urn = "urn:pulumi:dev::test::my:index:Component$pagerduty-native:index:Integration::a::b"
    assert not provider.check({"service": "P1", "type": "events_api_v2_inbound_integration"}).failures


def test_nothing_works_before_configure_and_it_says_so(unconfigured: Served) -> None:
    error = refusal(lambda: unconfigured.read("P1.P2"))
    assert error.message == "The provider pagerduty-native is not configured."
