"""Node, Go, Java and .NET for tests: dependencies of programs are installed once, into .tools/examples.

Everything comes through the languages' own clients, as README.md says. Nothing is written into sdk/
and examples/, nor into what belongs to the person who runs the tests.
"""

from __future__ import annotations

import contextlib
import functools
import hashlib
import importlib.metadata
import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
from filelock import FileLock

from . import HANG_SECONDS, ROOT, TOOLS

SDK = ROOT / "sdk"
EXAMPLES = ROOT / "examples"
MADE = ROOT / ".tools" / "examples"
# Files that building by hand leaves in sdk/ and examples/.
LEFTOVERS = shutil.ignore_patterns(
    "node_modules", "sdks", "bin", "obj", "target", "build", "*.egg-info", "__pycache__", "*.tgz"
)
REQUIREMENTS = ROOT / "tests" / "examples" / "requirements.txt"

GO_MODULES = ("sdk/go", "examples/go")
GO_ENVIRON = {"GOWORK": "off", "GOFLAGS": "-mod=readonly"}
# Installed by tests into virtual environments of their own.
DISTRIBUTIONS = ("pulumi-resource-pagerduty-native", "pulumi-pagerduty-native", "pagerduty-emulator")

NPM_QUIETLY = ("--no-audit", "--no-fund", "--no-update-notifier", "--no-package-lock", "--loglevel=error")
COMMANDS = {"nodejs": ("node", "npm"), "go": ("go",), "java": ("javac", "mvn"), "dotnet": ("dotnet",)}


def needs(language: str, *, host: bool = False) -> None:
    """Skip the test where the machine cannot build programs in this language, or with `host` not run them."""
    for command in COMMANDS.get(language, ()):
        if shutil.which(command) is None:
            pytest.skip(f"no {command} on this machine")
    if host and shutil.which(f"pulumi-language-{language}", path=f"{TOOLS}{os.pathsep}{os.environ['PATH']}") is None:
        pytest.skip(f"no Pulumi host for {language}: run `tools/setup {language}`")


def run(
    *command: str | Path,
    cwd: Path,
    environ: Mapping[str, str] | None = None,
    timeout: float | None = HANG_SECONDS,
) -> str:
    """Run a command, which must succeed."""
    done = subprocess.run(
        command,
        cwd=cwd,
        env={**os.environ, **(environ or {})},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=timeout,
        check=False,
    )
    assert done.returncode == 0, done.stdout
    return done.stdout


def nodejs_sdk() -> Path:
    """The npm package of the SDK, compiled by `npm install` and packed by `npm pack`."""
    needs("nodejs")
    folder = MADE / "nodejs-sdk"
    with made_once(folder, contents(SDK / "nodejs")) as stale:
        if stale:
            for old in (*folder.glob("*.tgz"), folder / "bin"):
                shutil.rmtree(old) if old.is_dir() else old.unlink(missing_ok=True)
            copy(SDK / "nodejs", folder)
            run("npm", "install", *NPM_QUIETLY, cwd=folder, timeout=None)
            run("npm", "pack", *NPM_QUIETLY, cwd=folder)
    (package,) = folder.glob("*.tgz")
    return package


def node_modules(name: str, *programs: Path) -> Path:
    """Return the folder that `npm install` makes for these programs, with the SDK of this checkout."""
    needs("nodejs")
    sdk = nodejs_sdk()
    dependencies: dict[str, str] = {}
    for program in programs:
        package = json.loads((program / "package.json").read_text())
        dependencies |= package["dependencies"] | package.get("devDependencies", {})
    dependencies["pulumi-pagerduty-native"] = sdk.as_uri().replace("file://", "file:")
    folder = MADE / f"nodejs-{name}"
    with made_once(folder, dependencies, contents(SDK / "nodejs")) as stale:
        if stale:
            # Else npm takes a package of the same name and version for the same.
            shutil.rmtree(folder / "node_modules" / "pulumi-pagerduty-native", ignore_errors=True)
            (folder / "package.json").write_text(json.dumps({"private": True, "dependencies": dependencies}))
            # No test needs what packages do when they are installed.
            run("npm", "install", *NPM_QUIETLY, "--ignore-scripts", cwd=folder, timeout=None)
    return folder / "node_modules"


def aws_node_modules() -> Path:
    """Return one folder for the programs in TypeScript that have a twin in Python, because AWS's SDK is big."""
    programs = [each for each in EXAMPLES.glob("*/typescript") if "aws" in (each / "package.json").read_text()]
    return node_modules("aws", *sorted(programs))


def python_sdks() -> dict[str, str]:
    """The environment in which Python has the SDKs of other providers, which are too big for everyone's .venv."""
    folder = MADE / "python"
    wanted = REQUIREMENTS.read_text()
    with made_once(folder, wanted, sys.version) as stale:
        if stale:
            shutil.rmtree(folder)
            pip = (sys.executable, "-m", "pip", "install", "--quiet", "--disable-pip-version-check")
            options = ("--no-deps", "--no-compile", "--target", folder, "--requirement", REQUIREMENTS)
            run(*pip, *options, cwd=ROOT, timeout=None)
    # Keep compiled files even if the environment says otherwise: Datadog's SDK alone takes a dozen seconds.
    return {"PYTHONPATH": str(folder), "PYTHONDONTWRITEBYTECODE": ""}


def python_sdk_version(name: str) -> str:
    (version,) = re.findall(rf"^{name}==(.*)$", REQUIREMENTS.read_text(), re.MULTILINE)
    return str(version)


def maven() -> dict[str, str]:
    """The environment in which Maven has the SDK, compiled and installed by `mvn install`."""
    needs("java")
    # Apart from what the person who runs the tests has installed.
    environ = {"MAVEN_OPTS": f"-Dmaven.repo.local={MADE / 'maven'}"}
    folder = MADE / "java-sdk"
    with made_once(folder, contents(SDK / "java")) as stale:
        if stale:
            shutil.rmtree(folder / "src", ignore_errors=True)
            copy(SDK / "java", folder)
            run("mvn", "--batch-mode", "--quiet", "clean", "install", cwd=folder, environ=environ, timeout=None)
    return environ


def maven_plugins() -> None:
    """Fetch what Maven needs to compile and run a program, by running the first one without an engine."""
    environ = maven()
    folder = MADE / "java-program"
    with made_once(folder, contents(EXAMPLES / "java"), contents(SDK / "java")) as stale:
        if stale:
            copy(EXAMPLES / "java", folder)
            run("mvn", "--batch-mode", "--quiet", "compile", cwd=folder, environ=environ, timeout=None)
            with contextlib.suppress(AssertionError):  # there is no engine
                run("mvn", "--batch-mode", "--quiet", "exec:java", cwd=folder, environ=environ, timeout=None)


def go_module(name: str) -> None:
    """Fetch and compile the modules of a program in Go, into Go's own caches."""
    needs("go")
    folder = ROOT / name
    run("go", "mod", "download", cwd=folder, environ=GO_ENVIRON, timeout=None)
    caches = run("go", "env", "GOMODCACHE", "GOCACHE", cwd=folder)
    with made_once(MADE / f"go-{name.replace('/', '-')}", (folder / "go.sum").read_text(), caches) as stale:
        if stale:
            # `go mod tidy` needs more than is downloaded so far. What it says is for the test that runs it.
            with contextlib.suppress(AssertionError):
                run("go", "mod", "tidy", "-diff", cwd=folder, environ=GO_ENVIRON, timeout=None)
            run("go", "vet", "./...", cwd=folder, environ=GO_ENVIRON, timeout=None)


# Those that `make compatibility` tries: see noxfile.py.
MINORS = range(11, 15)


@functools.cache
def pythons() -> dict[str, Path]:
    """The oldest and the newest Python of this machine that examples run on, by version; one if it has no other."""
    found = {sys.version_info[1]: Path(sys.executable)}
    pyenv = Path(os.environ.get("PYENV_ROOT") or Path.home() / ".pyenv")
    homes = (*pyenv.glob("versions/*/bin"), *Path.home().glob(".local/share/uv/python/*/bin"))
    for minor in MINORS:
        for folder in (*map(Path, os.environ["PATH"].split(os.pathsep)), *homes):
            if minor not in found and _has_venv(folder / f"python3.{minor}"):
                found[minor] = folder / f"python3.{minor}"
    return {f"3.{minor}": found[minor] for minor in sorted({min(found), max(found)})}


def _has_venv(python: Path) -> bool:
    """Return whether a Python runs and can make environments. A shim of pyenv may be there without its Python."""
    if not python.is_file():
        return False
    command = (python, "-c", "import ensurepip, venv")
    return subprocess.run(command, capture_output=True, check=False, cwd=python.anchor).returncode == 0


def other_pythons() -> dict[str, dict[str, str]]:
    """Make environments for the Pythons that the tests do not run on. Each has what ours depend on, and pytest.

    Returns, by version, the variables that activate it. Left out: those without wheels of the packages.
    """
    constraint = ROOT / "tools" / "requirements-dev.txt"
    wanted = sorted({*dependencies(), "pytest", "requests"})
    activated = {}
    for version, python in pythons().items():
        if python == Path(sys.executable):
            continue
        folder = MADE / f"python{version}"
        with made_once(folder, wanted, constraint.read_text(), str(python)) as stale:
            if stale:
                shutil.rmtree(folder)
                run(python, "-m", "venv", folder, cwd=MADE, timeout=None)
                pip = (folder / "bin" / "python", "-m", "pip", "install", "--quiet", "--disable-pip-version-check")
                with contextlib.suppress(AssertionError):
                    options = ("--only-binary=:all:", f"--constraint={constraint}")
                    run(*pip, *options, *wanted, cwd=MADE, timeout=None)
                    (folder / "complete").touch()
        if not (folder / "complete").exists():
            continue
        activated[version] = {"VIRTUAL_ENV": str(folder), "PATH": f"{folder / 'bin'}{os.pathsep}{os.environ['PATH']}"}
    return activated


def wheels() -> Path:
    """The folder with a wheel of everything that our distributions depend on."""
    folder = MADE / "wheels"
    constraint = ROOT / "tools" / "requirements-dev.txt"
    names = sorted(dependencies())
    with made_once(folder, names, constraint.read_text(), sys.version) as stale:
        if stale:
            shutil.rmtree(folder)
            pip = (sys.executable, "-m", "pip", "wheel", "--quiet", "--disable-pip-version-check")
            run(*pip, f"--wheel-dir={folder}", f"--constraint={constraint}", *names, cwd=ROOT, timeout=None)
    return folder


def dependencies() -> set[str]:
    """List the dependencies of our distributions, with the emulator's extra `pytest`."""
    found = set()
    for distribution in DISTRIBUTIONS:
        for requirement in importlib.metadata.requires(distribution) or []:
            name, _, marker = requirement.partition(";")
            if "extra" not in marker or "pytest" in marker:
                found.add(name.strip())
    return {name for name in found if not name.startswith(DISTRIBUTIONS)}


@contextlib.contextmanager
def made_once(folder: Path, *made_from: Any) -> Iterator[bool]:
    """Tell whether what is in the folder must be made anew from these; other test processes wait meanwhile."""
    folder.mkdir(parents=True, exist_ok=True)
    stamp = folder.with_name(f"{folder.name}.stamp")
    wanted = hashlib.sha256(json.dumps(made_from, sort_keys=True).encode()).hexdigest()
    with FileLock(folder.with_name(f"{folder.name}.lock")):
        stale = not stamp.exists() or stamp.read_text() != wanted
        if stale:
            stamp.unlink(missing_ok=True)  # until it is made, it is neither the old nor the new
        yield stale
        stamp.write_text(wanted)


def contents(folder: Path) -> dict[str, str]:
    """A digest of each file in a folder that was not built there."""
    return {
        str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest() for path in sorted(walk(folder))
    }


def walk(folder: Path) -> Iterator[Path]:
    names = [entry.name for entry in folder.iterdir()]
    for name in set(names) - LEFTOVERS(str(folder), names):
        path = folder / name
        if path.is_dir():
            yield from walk(path)
        else:
            yield path


def copy(source: Path, target: Path) -> Path:
    """Copy a program or an SDK, without what was built in it."""
    return shutil.copytree(source, target, ignore=LEFTOVERS, dirs_exist_ok=True)
