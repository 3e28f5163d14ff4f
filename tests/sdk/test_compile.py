"""The SDKs, and the first programs that use them, are what their languages' compilers and type checkers accept."""

from __future__ import annotations

import json
import shutil
import sys
import tarfile
import xml.etree.ElementTree as ET
import zipfile
from pathlib import Path

import pagerduty_native
import pytest

from tests.conftest import ROOT
from tests.support import toolchains
from tests.support.toolchains import EXAMPLES, MADE, SDK, run

VERSION = pagerduty_native.__version__
OTHER_SDKS = ",".join(
    f"pulumi{each}.*"
    for each in ("_aws", "_azure_native", "_datadog", "_gcp", "_github", "_kubernetes", "_pagerduty", "verse_grafana")
)
PLUGIN = {"resource": True, "name": "pagerduty-native", "version": VERSION}


def test_python(tmp_path: Path) -> None:
    mypy = (sys.executable, "-m", "mypy", "--cache-dir", str(MADE / "mypy"), "--config-file=")
    # Of these two kinds there are errors in what Pulumi's generator writes for every package.
    lenient = ("--disable-error-code=arg-type", "--disable-error-code=return-value")
    run(*mypy, *lenient, str(SDK / "python" / "pulumi_pagerduty_native"), cwd=tmp_path)


def test_python_examples(tmp_path: Path) -> None:
    programs = [path for path in EXAMPLES.rglob("*.py") if "node_modules" not in path.parts]
    for path in programs:
        # One run of mypy takes only one `__main__`.
        name = path.parent.relative_to(EXAMPLES).as_posix().replace("/", "_").replace("-", "_")
        shutil.copy(path, tmp_path / (f"{name}.py" if path.stem == "__main__" else path.name))
    # The SDKs of other providers take minutes, those of the big clouds above all.
    settings = f"[mypy]\n[mypy-{OTHER_SDKS}]\nfollow_imports = skip\nignore_missing_imports = true\n"
    (tmp_path / "mypy.ini").write_text(settings)
    mypy = (sys.executable, "-m", "mypy", "--cache-dir", str(MADE / "mypy-examples"), "--follow-imports=silent")
    # As if it were installed: mypy does not see packages that setuptools makes editable.
    environ = {"MYPYPATH": str(SDK / "python")}
    # Pulumi's own decorator for tests has no types.
    run(*mypy, "--strict", "--allow-untyped-decorators", ".", cwd=tmp_path, environ=environ)


@pytest.mark.parametrize(
    ("folder", "language"),
    [("python", "python"), ("nodejs", "typescript"), ("go", "go"), ("dotnet", "csharp"), ("java", "java")],
)
def test_each_has_a_license_and_a_page_with_an_example(folder: str, language: str) -> None:
    license_of_all = (ROOT / "LICENSE").read_text()
    assert (SDK / folder / "LICENSE").read_text() == license_of_all
    if folder == "java":
        assert (SDK / folder / "src/main/resources/META-INF/LICENSE").read_text() == license_of_all
    assert f"```{language}\n" in (SDK / folder / "README.md").read_text()


def test_nodejs() -> None:
    with tarfile.open(toolchains.nodejs_sdk()) as package:
        files = package.getnames()
        manifest = json.load(package.extractfile("package/package.json"))  # type: ignore[arg-type]
    assert manifest["name"] == "pulumi-pagerduty-native"
    assert manifest["pulumi"].items() >= PLUGIN.items()
    assert f"package/{manifest['main']}" in files
    assert f"package/{manifest['types']}" in files
    assert {"package/LICENSE", "package/README.md"} <= set(files)
    assert [each for each in files if each.endswith(".map")] == [], "there are no sources that they could lead to"


@pytest.mark.parametrize("module", ["sdk/go", "examples/go"])
def test_go(module: str) -> None:
    toolchains.needs("go")
    folder = ROOT / module
    run("go", "vet", "./...", cwd=folder)
    run("go", "mod", "tidy", "-diff", cwd=folder)


def test_java() -> None:
    environ = toolchains.maven()
    pom = ET.parse(SDK / "java" / "pom.xml")  # noqa: S314 (it is ours)
    name = [pom.findtext(f"{{*}}{each}") for each in ("groupId", "artifactId", "version")]
    assert name == ["io.github.pulumi-pagerduty-native", "pagerduty-native", VERSION]
    with zipfile.ZipFile(MADE / "java-sdk" / "target" / f"pagerduty-native-{VERSION}.jar") as jar:
        assert "io/github/pulumipagerdutynative/pagerdutynative/Integration.class" in jar.namelist()
        assert json.loads(jar.read("com/pulumipagerdutynative/pagerduty-native/plugin.json")).items() >= PLUGIN.items()
    assert environ


def test_dotnet(tmp_path: Path) -> None:
    toolchains.needs("dotnet")
    sdk = toolchains.copy(SDK / "dotnet", tmp_path / "sdk") / "PagerDutyNative.Sdk.csproj"
    program = toolchains.copy(EXAMPLES / "csharp", tmp_path / "program")
    run("dotnet", "remove", "package", "PagerDutyNative.Sdk", cwd=program)
    run("dotnet", "add", "reference", str(sdk), cwd=program)
    run("dotnet", "build", cwd=program)
