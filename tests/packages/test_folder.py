"""The folder provider/ as a plugin: `pulumi package add ./provider`, or `plugins: providers: [{path: …}]`.

Here stands what Pulumi's Python host does with it (RunPlugin in sdk/python/cmd/pulumi-language-python): the host
that can be built from Go modules alone is older, and takes the folder of the program for that of the plugin.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import grpc
import yaml
from google.protobuf import empty_pb2
from pagerduty_native import __version__ as VERSION  # noqa: N812 (as it is everywhere else)
from pulumi.runtime.proto import provider_pb2_grpc

from tests.conftest import ROOT

FOLDER = ROOT / "provider"


def test_it_says_how_it_is_run() -> None:
    runtime = yaml.safe_load((FOLDER / "PulumiPlugin.yaml").read_text())["runtime"]
    assert runtime == {"name": "python", "options": {"toolchain": "pip", "virtualenv": ".venv"}}
    assert "/provider/.venv/" in (ROOT / ".gitignore").read_text().splitlines()


def test_its_requirements_install(tmp_path: Path) -> None:
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
            assert stub.GetPluginInfo(empty_pb2.Empty(), timeout=20).version == VERSION
        plugin.terminate()
