"""What `make build` makes, built once for all tests, and again only where its sources have changed."""

from __future__ import annotations

import functools
import hashlib
import os
import shutil
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import ROOT

PACKAGES = ROOT / ".tools" / "packages"
# What each part is made from, beside tools/build.py itself.
SOURCES = {
    "plugin": ["pyproject.toml", "README.md", "CHANGELOG.md", "LICENSE", "schema.json", "provider"],
    "python": ["sdk/python"],
    "nodejs": ["sdk/nodejs"],
    "java": ["sdk/java"],
    "archive": ["provider", "LICENSE", "tools/requirements-dev.txt"],
}
LEFT_BY_BUILDS = {".venv", "__pycache__", "build", "bin", "node_modules", "target"}
SECONDS = 600

Built = Callable[[str], Path]


@pytest.fixture(scope="session")
def built(tmp_path_factory: pytest.TempPathFactory) -> Built:
    """Builds a part, or takes what is built already; gives the folder that it is in."""
    temporary = tmp_path_factory.getbasetemp()
    # Test processes at work side by side have folders beside each other.
    shared = temporary.parent if "PYTEST_XDIST_WORKER" in os.environ else temporary

    def build(part: str) -> Path:
        folder, stamp = PACKAGES / part, PACKAGES / f"{part}.sha256"
        done = shared / f"{part}.built"
        try:
            (shared / f"{part}.building").mkdir()
        except FileExistsError:
            wait_for(done)
            return folder
        try:
            digest = digest_of(part)
            if not stamp.exists() or stamp.read_text() != digest:
                stamp.unlink(missing_ok=True)
                shutil.rmtree(folder, ignore_errors=True)
                command = [sys.executable, "tools/build.py", "--out", str(folder), part]
                made = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=SECONDS, check=False)
                assert made.returncode == 0, made.stdout + made.stderr
                stamp.write_text(digest)
        finally:
            done.touch()
        return folder

    return build


@pytest.fixture
def server(built: Built) -> Iterator[str]:
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


def wait_for(file: Path) -> None:
    deadline = time.monotonic() + SECONDS
    while not file.exists():
        assert time.monotonic() < deadline, f"another test process does not finish {file.name}"
        time.sleep(0.1)


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
