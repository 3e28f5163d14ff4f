"""There is one version: what provider/pagerduty_native/__init__.py says, everything has."""

from __future__ import annotations

import json
import re
import subprocess
import tarfile
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import grpc
import pytest
from google.protobuf import empty_pb2
from pagerduty_native import __version__ as VERSION  # noqa: N812 (as it is everywhere else)
from pulumi.runtime.proto import provider_pb2_grpc

from tests.conftest import ROOT
from tests.support import HANG_SECONDS

from .conftest import built

PLUGIN = "pulumi-resource-pagerduty-native"


def of_json(file: str, *keys: str) -> Callable[[], Any]:
    def version() -> Any:
        value = json.loads((ROOT / file).read_text())
        for key in keys:
            value = value[key]
        return value

    return version


def of_text(file: str, pattern: str) -> Callable[[], str]:
    def version() -> str:
        (found,) = re.findall(pattern, (ROOT / file).read_text(), re.MULTILINE)
        return str(found)

    return version


@pytest.mark.parametrize(
    "version",
    [
        pytest.param(of_json("schema.json", "version"), id="schema"),
        pytest.param(of_text("sdk/python/pyproject.toml", r'^\s*version = "(.+)"'), id="python"),
        pytest.param(
            of_text("sdk/python/pyproject.toml", rf'"{PLUGIN}==([^"]+)"'), id="the plugin that the Python SDK brings"
        ),
        pytest.param(of_json("sdk/python/pulumi_pagerduty_native/pulumi-plugin.json", "version"), id="python's plugin"),
        pytest.param(of_json("sdk/nodejs/package.json", "version"), id="nodejs"),
        pytest.param(of_json("sdk/nodejs/package.json", "pulumi", "version"), id="nodejs' plugin"),
        pytest.param(of_json("sdk/go/pagerdutynative/pulumi-plugin.json", "version"), id="go's plugin"),
        pytest.param(of_text("sdk/dotnet/PagerDutyNative.Sdk.csproj", "<Version>(.+)</Version>"), id="dotnet"),
        pytest.param(of_json("sdk/dotnet/pulumi-plugin.json", "version"), id="dotnet's plugin"),
        pytest.param(of_text("sdk/java/pom.xml", "^  <version>(.+)</version>"), id="java"),
        pytest.param(
            of_json("sdk/java/src/main/resources/com/pulumipagerdutynative/pagerduty-native/plugin.json", "version"),
            id="java's plugin",
        ),
    ],
)
def test_generated_files_have_the_version(version: Callable[[], str]) -> None:
    assert version() == VERSION


@pytest.mark.parametrize("part", ["plugin", "python"])
def test_the_wheel_has_it(part: str) -> None:
    (wheel,) = built(part).glob("*.whl")
    assert f"-{VERSION}-" in wheel.name
    with zipfile.ZipFile(wheel) as archive:
        (metadata,) = [name for name in archive.namelist() if name.endswith(".dist-info/METADATA")]
        assert f"\nVersion: {VERSION}\n" in archive.read(metadata).decode()


def test_the_archive_has_it(tmp_path: Path) -> None:
    (archive,) = built("archive").glob("*.tar.gz")
    assert re.fullmatch(rf"{PLUGIN}-v{re.escape(VERSION)}-(linux|darwin|windows)-(amd64|arm64)\.tar\.gz", archive.name)
    with tarfile.open(archive) as packed:
        packed.extractall(tmp_path, filter="data")
    (executable,) = tmp_path.glob(f"{PLUGIN}*")
    # Nor is there what is installed for developing alone.
    assert {"numpy", "pydantic_core", "mypy"}.isdisjoint(each.name for each in (tmp_path / "lib").iterdir())
    with subprocess.Popen([executable], stdout=subprocess.PIPE, text=True, env={}) as process:
        assert process.stdout
        with grpc.insecure_channel(f"127.0.0.1:{int(process.stdout.readline())}") as channel:
            stub = provider_pb2_grpc.ResourceProviderStub(channel)
            assert stub.GetPluginInfo(empty_pb2.Empty(), timeout=HANG_SECONDS).version == VERSION
        process.terminate()
