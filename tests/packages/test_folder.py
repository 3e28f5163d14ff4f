"""The folder provider/ as a plugin: `pulumi package add ./provider`, or `plugins: providers: [{path: …}]`.

The Python host that can be built from Go modules alone is older: it generates no SDK, and takes the folder of the
program for that of the plugin. If there is no other, the test of a whole program is skipped, and the rest do what the
current host does (RunPlugin in sdk/python/cmd/pulumi-language-python).
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import venv
from pathlib import Path

import grpc
import pytest
import yaml
from google.protobuf import empty_pb2
from pagerduty_emulator import Emulator
from pagerduty_native import __version__ as VERSION  # noqa: N812 (as it is everywhere else)
from pulumi.runtime.proto import provider_pb2_grpc

from tests.conftest import ROOT, TOKEN
from tests.examples.conftest import Example
from tests.support import HANG_SECONDS, toolchains

from .conftest import LEFT_BY_BUILDS

FOLDER = ROOT / "provider"


def test_the_folder_says_how_the_plugin_is_run() -> None:
    runtime = yaml.safe_load((FOLDER / "PulumiPlugin.yaml").read_text())["runtime"]
    assert runtime == {"name": "python", "options": {"toolchain": "pip", "virtualenv": ".venv"}}
    assert "/provider/.venv/" in (ROOT / ".gitignore").read_text().splitlines()


def test_the_requirements_of_the_folder_install(tmp_path: Path) -> None:
    """`python -m pip install -r requirements.txt`, in the folder."""
    pip = [sys.executable, "-m", "pip", "--quiet", "install", "--no-deps", "--no-build-isolation"]
    subprocess.run([*pip, "--target", str(tmp_path), "-r", "requirements.txt"], cwd=FOLDER, check=True)
    assert (tmp_path / "pagerduty_native" / "package.py").exists()


def test_python_runs_it(tmp_path: Path) -> None:
    """`python FOLDER ENGINE-ADDRESS`, in the folder of the program."""
    with subprocess.Popen([sys.executable, FOLDER], cwd=tmp_path, stdout=subprocess.PIPE, text=True) as plugin:
        assert plugin.stdout
        with grpc.insecure_channel(f"127.0.0.1:{int(plugin.stdout.readline())}") as channel:
            stub = provider_pb2_grpc.ResourceProviderStub(channel)
            assert stub.GetPluginInfo(empty_pb2.Empty(), timeout=HANG_SECONDS).version == VERSION
        plugin.terminate()


def test_the_generated_python_sdk_needs_only_pulumi() -> None:
    """Nor has it a pyproject.toml: it would name a README.md that is not there, and a license in a deprecated form."""
    python = json.loads((ROOT / "schema.json").read_text())["language"]["python"]
    assert python["requires"].keys() == {"pulumi"}
    assert "pyproject" not in python


def test_a_python_program_with_it(tmp_path: Path, environ: dict[str, str], emulator: Emulator) -> None:
    """Follow examples/README.md in a checkout."""
    environ = {**environ, "PULUMI_HOME": str(tmp_path / "home"), "PAGERDUTY_TOKEN": TOKEN}
    generate = [
        "pulumi",
        "package",
        "gen-sdk",
        "--language=python",
        f"--out={tmp_path / 'sdk'}",
        str(ROOT / "schema.json"),
    ]
    generated = subprocess.run(generate, env=environ, capture_output=True, text=True, check=False)
    if "not implemented" in generated.stdout + generated.stderr:
        pytest.skip("the Python host on this machine is too old to generate an SDK and to run a provider from a folder")
    for name in ("pyproject.toml", "README.md", "CHANGELOG.md", "LICENSE", "schema.json"):
        shutil.copy(ROOT / name, tmp_path)
    shutil.copytree(FOLDER, tmp_path / "provider", ignore=shutil.ignore_patterns(*LEFT_BY_BUILDS))
    program = Example(
        shutil.copytree(ROOT / "examples" / "python", tmp_path / "examples" / "python"),
        environ,
        {"pagerduty-native:apiUrlOverride": emulator.url, "pagerduty-python:service": "PCHECKT"},
    )
    venv.create(tmp_path / "venv", with_pip=True)
    scripts = tmp_path / "venv" / ("Scripts" if os.name == "nt" else "bin")
    program.environ |= {
        "VIRTUAL_ENV": str(scripts.parent),
        "PATH": os.pathsep.join([str(scripts), program.environ["PATH"]]),
    }
    # Both the provider's dependencies and the program's are downloaded.
    command = ("pulumi", "package", "add", "../../provider")
    added = toolchains.run(*command, cwd=program.folder, environ=program.environ, timeout=None)
    assert "warning" not in added.casefold()
    program.up()
    (made,) = emulator.integrations("PCHECKT")
    assert program.outputs()["integrationKey"] == made["integration_key"]
