"""The examples in schema.json, which the Pulumi Registry shows: written once, in YAML, and converted by `make sdk`.

In YAML and Python they run on the real engine; in the other languages they are compiled.
"""

from __future__ import annotations

import json
import re
import shutil
from pathlib import Path
from typing import Any

import yaml
from pagerduty_emulator import Emulator

from tests.conftest import ROOT
from tests.support import toolchains
from tests.support.account import post_integration
from tests.support.stack import Stack

SCHEMA = json.loads((ROOT / "schema.json").read_text())
LANGUAGES = ["typescript", "python", "csharp", "go", "java", "yaml"]


def examples(language: str) -> list[str]:
    """Every example in a language."""
    described = [*SCHEMA["resources"].values(), *SCHEMA["functions"].values()]
    fence = re.compile(rf"^```{language}\n(.*?)^```", re.MULTILINE | re.DOTALL)
    return [example for each in described for example in fence.findall(each["description"])]


def test_each_resource_and_function_has_one_in_each_language() -> None:
    for token, each in {**SCHEMA["resources"], **SCHEMA["functions"]}.items():
        fences = re.findall(r"^```(\w+)$", each["description"], re.MULTILINE)
        shown = [language for language in fences if language != "sh"]
        assert shown, token
        assert shown == LANGUAGES * (len(shown) // len(LANGUAGES)), token
        assert each["description"].startswith(tuple("ABCDEFGHIJKLMNOPQRSTUVWXYZ")), token


def test_yaml(stack: Stack, emulator: Emulator) -> None:
    program: dict[str, Any] = {}
    for example in examples("yaml"):
        for section, content in yaml.safe_load(example).items():
            known = program.setdefault(section, {})
            assert not known.keys() & content.keys(), "another example has these names"
            known |= content
    works(stack, emulator, program)


def test_python(stack: Stack, emulator: Emulator) -> None:
    stack.python("\n".join(examples("python")))
    works(stack, emulator)


def works(stack: Stack, emulator: Emulator, program: dict[str, Any] | None = None) -> None:
    # The objects that the examples look up.
    for orchestration in ("Platform", "Shop", "Payments"):
        emulator.add_event_orchestration(orchestration)
    post_integration(emulator, "PCHECKT", name="alarms", type="events_api_v2_inbound_integration")
    if program:
        stack.program(**program)
    stack.up()
    assert stack.outputs()["integrationUrl"]
    assert stack.preview().changes == {}


def test_typescript(tmp_path: Path) -> None:
    toolchains.needs("nodejs")
    typescript = toolchains.EXAMPLES / "typescript"
    modules = toolchains.node_modules("first", typescript)
    (tmp_path / "node_modules").symlink_to(modules, target_is_directory=True)
    files = write(tmp_path, "typescript", "{}.ts")
    config = json.loads((typescript / "tsconfig.json").read_text()) | {"files": files}
    config["compilerOptions"]["skipLibCheck"] = True  # takes seconds, and is the libraries' own affair
    (tmp_path / "tsconfig.json").write_text(json.dumps(config))
    toolchains.run("node", "node_modules/typescript/bin/tsc", cwd=tmp_path)


def test_go(tmp_path: Path) -> None:
    toolchains.needs("go")
    for name in ("go.mod", "go.sum"):
        shutil.copy(toolchains.EXAMPLES / "go" / name, tmp_path)
    sdk = f"-replace={SCHEMA['language']['go']['importBasePath'].rsplit('/', 1)[0]}={toolchains.SDK / 'go'}"
    toolchains.run("go", "mod", "edit", sdk, cwd=tmp_path)
    write(tmp_path, "go", "{}/main.go")
    toolchains.run("go", "vet", "./...", cwd=tmp_path)


def test_java(tmp_path: Path) -> None:
    environ = toolchains.maven()
    shutil.copy(toolchains.EXAMPLES / "java" / "pom.xml", tmp_path)
    for number, example in enumerate(examples("java")):
        file = tmp_path / "src/main/java" / f"example{number}" / "App.java"
        file.parent.mkdir(parents=True)
        file.write_text(example.replace("package generated_program;", f"package example{number};"))
    toolchains.run("mvn", "--batch-mode", "--quiet", "--offline", "compile", cwd=tmp_path, environ=environ)


def test_csharp(tmp_path: Path) -> None:
    toolchains.needs("dotnet")
    sdk = toolchains.copy(toolchains.SDK / "dotnet", tmp_path / "sdk") / "PagerDutyNative.Sdk.csproj"
    for file in write(tmp_path, "csharp", "{}/Program.cs"):
        folder = (tmp_path / file).parent
        shutil.copy(next((toolchains.EXAMPLES / "csharp").glob("*.csproj")), folder)
        toolchains.run("dotnet", "remove", "package", "PagerDutyNative.Sdk", cwd=folder)
        toolchains.run("dotnet", "add", "reference", str(sdk), cwd=folder)
        toolchains.run("dotnet", "build", cwd=folder)


def write(folder: Path, language: str, name: str) -> list[str]:
    """Write the examples in a language into files of their own, and return their names."""
    files = [name.format(f"example{number}") for number in range(len(examples(language)))]
    for file, example in zip(files, examples(language), strict=True):
        (folder / file).parent.mkdir(parents=True, exist_ok=True)
        (folder / file).write_text(example)
    return files
