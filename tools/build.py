"""Build the published packages, into dist/: `make build`, or `python tools/build.py` on Windows.

    plugin    the plugin's wheel and sdist
    emulator  the emulator's wheel and sdist
    python    the Python SDK's wheel and sdist
    nodejs    the npm package, where there is npm
    java      the jars, where there is Maven
    archive   the plugin with all that it needs, Python included, for the operating system that this runs on: what the
              Pulumi CLI downloads

Usage: python tools/build.py [--out DIST] [PART...]    all parts by default

The same commit makes the same files, if the tools underneath do.
"""

from __future__ import annotations

import argparse
import gzip
import importlib.metadata
import os
import platform
import re
import shutil
import subprocess
import sys
import sysconfig
import tarfile
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

ROOT = Path(__file__).parents[1]
DISTRIBUTION = "pulumi-resource-pagerduty-native"
# Go's names, which are those in the archive's name.
SYSTEMS = {"Linux": "linux", "Darwin": "darwin", "Windows": "windows"}
MACHINES = {"x86_64": "amd64", "amd64": "amd64", "aarch64": "arm64", "arm64": "arm64"}
# Before 1980 there are no zip files, and no wheels.
NO_TIME = 315532800
# Modules that the plugin's dependencies and Python's library can import, but the plugin never uses.
UNUSED = {"debugpy", "readline", "sqlite3", "tkinter"}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--out", type=Path, default=ROOT / "dist", metavar="DIST")
    parser.add_argument("parts", nargs="*", metavar="PART", help="all by default")
    arguments = parser.parse_args()
    unknown = set(arguments.parts) - set(PARTS)
    if unknown:
        parser.error(f"there is no part {', '.join(sorted(unknown))}: there are {', '.join(PARTS)}")
    arguments.out.mkdir(parents=True, exist_ok=True)
    os.environ.setdefault("SOURCE_DATE_EPOCH", str(time_of_commit()))
    os.environ["PYTHONHASHSEED"] = "1"  # PyInstaller's archives have sets in them
    for part in arguments.parts or PARTS:
        print(f"building {part}…", flush=True)
        PARTS[part](arguments.out.resolve())
    for file in sorted(arguments.out.iterdir()):
        print(f"{file.stat().st_size:>12,}  {file.name}")


def distribution(folder: str) -> Callable[[Path], None]:
    """Return a part that builds the Python distribution in a folder of this checkout."""

    def build(out: Path) -> None:
        run(sys.executable, "-m", "build", "--no-isolation", "--outdir", out, ROOT / folder)

    return build


def build_nodejs(out: Path) -> None:
    source, work = ROOT / "sdk" / "nodejs", scratch("nodejs")
    if is_missing("npm", source):
        return
    shutil.copytree(source, work, ignore=shutil.ignore_patterns("node_modules", "bin"))
    # Installing compiles, too: the SDK's `prepare` script.
    run("npm", "install", "--no-audit", "--no-fund", "--loglevel=error", cwd=work)
    run("npm", "pack", "--ignore-scripts", "--loglevel=error", f"--pack-destination={out}", cwd=work)


def build_java(out: Path) -> None:
    source, work = ROOT / "sdk" / "java", scratch("java")
    if is_missing("mvn", source):
        return
    shutil.copytree(source, work, ignore=shutil.ignore_patterns("target"))
    moment = datetime.fromtimestamp(int(os.environ["SOURCE_DATE_EPOCH"]), UTC)
    same = f"-Dproject.build.outputTimestamp={moment:%Y-%m-%dT%H:%M:%SZ}"
    run("mvn", "--quiet", "--batch-mode", same, "package", cwd=work)
    for jar in (work / "target").glob("*.jar"):
        shutil.copy(jar, out)


def build_archive(out: Path) -> None:
    """Freeze the plugin with PyInstaller, and pack the folder that makes: the executable is at the archive's top."""
    work = scratch("archive")
    run(
        *(sys.executable, "-m", "PyInstaller", "--log-level=WARN", "--noconfirm", "--onedir", "--noupx"),
        *(f"--name={DISTRIBUTION}", "--contents-directory=lib"),
        *(f"--specpath={work}", f"--workpath={work / 'work'}", f"--distpath={work}"),
        # Resources and functions are found by looking into their packages, which PyInstaller does not see.
        *("--collect-submodules=pagerduty_native", f"--paths={ROOT / 'provider'}"),
        *(f"--exclude-module={name}" for name in sorted(UNUSED | only_for_developing())),
        # Debug symbols are half of a libpython. Elsewhere it has none, or signatures that this would break.
        *(["--strip"] if platform.system() == "Linux" and shutil.which("strip") else []),
        ROOT / "provider" / "pagerduty_native" / "__main__.py",
    )
    folder = work / DISTRIBUTION
    shutil.copy(ROOT / "LICENSE", folder)
    copy_licenses(folder / "licenses")
    pack(folder, out / archive_name())


def archive_name() -> str:
    """Name the archive as the Pulumi CLI looks for it, at `pluginDownloadURL` in the schema or at `--server`."""
    system, machine = SYSTEMS[platform.system()], MACHINES[platform.machine().lower()]
    return f"{DISTRIBUTION}-v{version()}-{system}-{machine}.tar.gz"


def version() -> str:
    """Return the one version, of everything that is made here but the emulator."""
    text = (ROOT / "provider" / "pagerduty_native" / "__init__.py").read_text(encoding="utf-8")
    (found,) = re.findall(r'^__version__ = "(.+)"$', text, re.MULTILINE)
    return str(found)


def copy_licenses(target: Path) -> None:
    """Copy the licenses of Python and of every distribution that the plugin depends on, as they demand it."""
    for name in sorted(dependencies(DISTRIBUTION, set())):
        for file in importlib.metadata.files(name) or []:
            if re.match(r"(licen[cs]e|copying|notice)", file.name, re.IGNORECASE):
                copy = target / name / file.name
                copy.parent.mkdir(parents=True, exist_ok=True)
                shutil.copy(str(file.locate()), copy)
    for place in (Path(sysconfig.get_path("stdlib")) / "LICENSE.txt", Path(sys.base_prefix) / "LICENSE.txt"):
        if place.exists():
            (target / "python").mkdir(parents=True, exist_ok=True)
            shutil.copy(place, target / "python")


def dependencies(name: str, seen: set[str]) -> set[str]:
    """Return the distributions that one depends on, at any remove, as they are installed here."""
    for requirement in importlib.metadata.requires(name) or []:
        needed = normalized(re.split(r"[^\w.-]", requirement)[0])
        if needed not in seen and "extra ==" not in requirement and is_installed(needed):
            seen.add(needed)
            dependencies(needed, seen)
    return seen


def normalized(name: str) -> str:
    """Return a distribution's name as names are compared: https://packaging.python.org/en/latest/specifications/name-normalization"""
    return re.sub(r"[-_.]+", "-", name).lower()


def only_for_developing() -> set[str]:
    """Return the modules that are installed here and that the plugin does not depend on.

    Some dependencies import what they can get, such as numpy.
    """
    needed = {DISTRIBUTION, *dependencies(DISTRIBUTION, set())}
    return {
        module
        for module, owners in importlib.metadata.packages_distributions().items()
        if module.isidentifier() and needed.isdisjoint(normalized(owner) for owner in owners)
    }


def is_installed(name: str) -> bool:
    try:
        importlib.metadata.distribution(name)
    except importlib.metadata.PackageNotFoundError:
        return False
    return True


def pack(folder: Path, archive: Path) -> None:
    """Make a tar.gz of what is in a folder. The same content makes the same archive."""
    moment = int(os.environ["SOURCE_DATE_EPOCH"])

    def anonymous(entry: tarfile.TarInfo) -> tarfile.TarInfo:
        entry.uid = entry.gid = 0
        entry.uname = entry.gname = ""
        entry.mtime = moment
        entry.mode = 0o755 if entry.isdir() or entry.mode & 0o100 else 0o644
        return entry

    with (
        archive.open("wb") as file,
        gzip.GzipFile(filename="", fileobj=file, mode="wb", mtime=moment) as zipped,
        tarfile.open(fileobj=zipped, mode="w") as tar,
    ):
        for path in sorted(files(folder)):
            tar.add(path, path.relative_to(folder).as_posix(), recursive=False, filter=anonymous)


def files(folder: Path) -> Iterator[Path]:
    return (path for path in folder.rglob("*") if path.is_symlink() or not path.is_dir())


def is_missing(tool: str, source: Path) -> bool:
    missing = tool if not shutil.which(tool) else "" if source.exists() else source
    if missing:
        print(f"{source.name}: left out, as there is no {missing}")
    return bool(missing)


def scratch(name: str) -> Path:
    """Return an absent folder for a part's work, in which nothing of an earlier build is left."""
    folder = ROOT / ".tools" / "build" / name
    shutil.rmtree(folder, ignore_errors=True)
    folder.parent.mkdir(parents=True, exist_ok=True)
    return folder


def time_of_commit() -> int:
    """Return the time of the commit that is built, in seconds: every file in what is built has it."""
    try:
        answer = subprocess.run(
            ["git", "log", "-1", "--format=%ct"], cwd=ROOT, check=True, capture_output=True, text=True
        )
        return int(answer.stdout)
    except (OSError, ValueError, subprocess.CalledProcessError):
        return NO_TIME


def run(command: str | Path, *arguments: str | Path, cwd: Path = ROOT) -> None:
    """Run a tool, and show what it says only where it fails."""
    # On Windows npm and mvn are scripts, which only start by their whole names.
    done = subprocess.run(
        [shutil.which(command) or command, *arguments],
        cwd=cwd,
        check=False,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    if done.returncode:
        sys.exit(done.stdout)


PARTS: dict[str, Callable[[Path], None]] = {
    "plugin": distribution("."),
    "emulator": distribution("emulator"),
    "python": distribution("sdk/python"),
    "nodejs": build_nodejs,
    "java": build_java,
    "archive": build_archive,
}

if __name__ == "__main__":
    main()
