"""The output of `make build`, built once for all tests, and again only if its sources changed."""

from __future__ import annotations

import functools
import hashlib
import shutil
import sys
import threading
from collections.abc import Iterator
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import ROOT
from tests.support.toolchains import made_once, run

PACKAGES = ROOT / ".tools" / "packages"
# The sources of each part, besides tools/build.py itself.
SOURCES = {
    "plugin": ["pyproject.toml", "README.md", "CHANGELOG.md", "LICENSE", "schema.json", "provider"],
    "emulator": ["emulator"],
    "python": ["sdk/python"],
    "nodejs": ["sdk/nodejs"],
    "java": ["sdk/java"],
    "archive": ["provider", "LICENSE", "tools/requirements-dev.txt"],
}
LEFT_BY_BUILDS = {".venv", "__pycache__", "build", "bin", "node_modules", "target"}


@functools.cache
def built(part: str) -> Path:
    """Build a part, or take what is built already. Returns the folder that it is in."""
    folder = PACKAGES / part
    with made_once(folder, sys.version, digest_of(part)) as stale:
        if stale:
            shutil.rmtree(folder)
            run(sys.executable, "tools/build.py", "--out", folder, part, cwd=ROOT)
    return folder


@pytest.fixture
def server() -> Iterator[str]:
    """The address of a place for downloads that has the archive."""

    class Handler(SimpleHTTPRequestHandler):
        def log_message(self, *_: Any) -> None:
            """Say nothing."""

    handler = functools.partial(Handler, directory=str(built("archive")))
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as http:
        thread = threading.Thread(target=http.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{http.server_port}"
        http.shutdown()
        thread.join()


def digest_of(part: str) -> str:
    digest = hashlib.sha256(sys.version.encode())
    for file in sorted(files_of("tools/build.py", *SOURCES[part])):
        digest.update(str(file).encode() + b"\0" + file.read_bytes())
    return digest.hexdigest()


def files_of(*sources: str) -> Iterator[Path]:
    for source in sources:
        path = ROOT / source
        for file in [path] if path.is_file() else path.rglob("*"):
            folders = file.relative_to(ROOT).parts[:-1]
            generated = LEFT_BY_BUILDS.intersection(folders) or any(each.endswith(".egg-info") for each in folders)
            if file.is_file() and not generated:
                yield file
