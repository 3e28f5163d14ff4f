"""The plugin's process: what it prints, and when it ends."""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import struct
import subprocess
import sys
from collections.abc import Iterator

import grpc
import pytest
from google.protobuf import empty_pb2
from pagerduty_native import __version__
from pulumi.runtime.proto import provider_pb2_grpc

from tests.conftest import PLUGIN
from tests.support import HANG_SECONDS


@contextlib.contextmanager
def plugin(*arguments: str) -> Iterator[subprocess.Popen[str]]:
    with subprocess.Popen([PLUGIN, *arguments], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        try:
            yield process
        finally:
            process.kill()


def port_of(process: subprocess.Popen[str]) -> int:
    assert process.stdout
    return int(process.stdout.readline())


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_the_plugin_prints_only_its_port_and_ends_at_a_signal(number: signal.Signals) -> None:
    with plugin() as process:
        with grpc.insecure_channel(f"127.0.0.1:{port_of(process)}") as channel:
            stub = provider_pb2_grpc.ResourceProviderStub(channel)
            assert stub.GetPluginInfo(empty_pb2.Empty(), timeout=HANG_SECONDS).version == __version__
        process.send_signal(number)
        assert process.communicate(timeout=HANG_SECONDS) == ("", "")
        assert process.returncode == 0


def test_many_signals_at_once_end_it_too() -> None:
    """An impatient Ctrl-C, or the engine's signal and a container's."""
    for _ in range(3):
        with plugin() as process:
            port_of(process)
            for number in [signal.SIGINT, signal.SIGTERM] * 25:
                process.send_signal(number)
            assert process.wait(HANG_SECONDS) == 0


def test_the_plugin_lives_and_ends_with_the_engine() -> None:
    """Also with the flags that `--logflow` puts before the engine's address."""
    with socket.create_server(("127.0.0.1", 0)) as engine:
        engine.settimeout(HANG_SECONDS)
        with plugin("-v=9", "-tracing", "file:///trace", f"127.0.0.1:{engine.getsockname()[1]}") as process:
            port_of(process)
            first, _ = engine.accept()
            # As a living engine closes a connection that says nothing. The plugin opens another.
            first.close()
            second, _ = engine.accept()
            assert process.poll() is None
            engine.close()
            second.close()
            assert process.communicate(timeout=HANG_SECONDS) == ("", "")
            assert process.returncode == 0


@pytest.mark.parametrize(
    ("arguments", "code", "expected"),
    [
        (["--version"], 0, f"pagerduty-native, version {__version__}\n"),
        (["-h"], 0, "Usage: pagerduty-native "),
        (["--help"], 0, "Usage: pagerduty-native "),
        (["lst"], 2, "No such command 'lst'"),
        (["-v=9"], 2, "No such option"),
        (["list", "--api-url-override", "127.0.0.1:8123"], 2, "--api-url-override"),
        (["127.0.0.1:8123:1"], 2, "No such command"),
    ],
    ids=lambda each: " ".join(each) if isinstance(each, list) else "",
)
def test_arguments_that_are_not_an_engines_are_the_command_lines(
    arguments: list[str], code: int, expected: str
) -> None:
    with plugin(*arguments) as process:
        output = "".join(process.communicate(timeout=HANG_SECONDS))
    assert process.returncode == code
    assert expected in output


@pytest.mark.skipif(os.name == "nt", reason="no pseudo-terminals")
def test_on_a_terminal_it_says_that_it_waits_for_an_engine() -> None:
    import pty  # noqa: PLC0415 (Windows has none)

    ours, theirs = pty.openpty()
    with subprocess.Popen([PLUGIN], stdout=subprocess.PIPE, stderr=theirs, text=True) as process:
        os.close(theirs)
        port_of(process)
        process.terminate()
        assert process.wait(HANG_SECONDS) == 0
    assert "PULUMI_DEBUG_PROVIDERS=pagerduty-native:PORT" in os.read(ours, 10_000).decode()
    os.close(ours)


def test_the_plugin_outlives_a_connection_that_a_living_engine_resets() -> None:
    with socket.create_server(("127.0.0.1", 0)) as engine:
        engine.settimeout(HANG_SECONDS)
        with plugin(f"127.0.0.1:{engine.getsockname()[1]}") as process:
            port_of(process)
            first, _ = engine.accept()
            first.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))  # close with a reset
            first.close()
            second, _ = engine.accept()
            assert process.poll() is None
            engine.close()
            second.close()
            assert process.communicate(timeout=HANG_SECONDS) == ("", "")


def test_the_plugin_starts_without_the_modules_that_only_calls_need() -> None:
    """The HTTP client, and what of Pulumi's SDK only programs need, take longer to import than all else."""
    others = ("requests", "opentelemetry", "yaml", "pulumi.automation")
    code = (
        "import sys; import pagerduty_native.__main__\n"
        "print([each for each in ('grpc', 'google.protobuf', 'pulumi') if each in sys.modules])\n"
        "from pagerduty_native.framework import plugin\n"
        "plugin.import_messages_only()\n"
        "import pagerduty_native.framework.server\n"
        f"print([each for each in {others} if each in sys.modules])\n"
    )
    assert subprocess.check_output([sys.executable, "-c", code], text=True) == "[]\n[]\n"
