"""The `pagerduty-emulator` command: its one line, its options, its end."""

import os
import select
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.support import HANG_SECONDS, wait_for

from .client import TOKEN, Client, run

Process = subprocess.Popen[str]
Start = Callable[..., tuple[Process, str]]
COMMAND = [sys.executable, "-m", "pagerduty_emulator", "--port", "0"]


@pytest.fixture
def start() -> Iterator[Start]:
    """Starts the command; returns its process and its address."""
    processes: list[Process] = []

    def start(*options: str) -> tuple[Process, str]:
        pipe = subprocess.PIPE
        process = subprocess.Popen([*COMMAND, *options], stdin=pipe, stdout=pipe, stderr=pipe, text=True)
        processes.append(process)
        assert process.stdout is not None
        line = process.stdout.readline()
        assert line.startswith("PagerDuty emulator listening on http"), line
        return process, line.split()[-1]

    yield start
    for process in processes:
        process.kill()
        process.communicate()


def fails(*options: str) -> tuple[int, str]:
    """Exit status and complaint of a command that does not start."""
    done = subprocess.run([*COMMAND, *options], capture_output=True, text=True, timeout=HANG_SECONDS, check=False)
    assert done.stdout == ""
    return done.returncode, done.stderr


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_ends_it_quickly_and_silently(start: Start, number: int) -> None:
    process, url = start()
    with Client(url, TOKEN) as idle:  # a connection that is kept open must not hold it back
        assert idle.get("/services").status_code == 200
        process.send_signal(number)
        assert process.wait(timeout=HANG_SECONDS) == 0
    assert process.communicate() == ("", "")


def test_a_delayed_answer_does_not_hold_it_back(start: Start) -> None:
    process, url = start()
    with Client(url, TOKEN) as client:
        client.post("/emulator/faults", json={"kind": "delay", "seconds": 10 * HANG_SECONDS})
        address = url.removeprefix("http://")
        host, port = address.split(":")
        with socket.create_connection((host, int(port))) as waiting:
            waiting.sendall(f"GET /vendors HTTP/1.1\r\nHost: {address}\r\n\r\n".encode())
            wait_for(lambda: bool(client.get("/emulator/requests").json()["total"]))
            process.terminate()
            assert process.wait(timeout=HANG_SECONDS) == 0
    assert "Traceback" not in process.communicate()[1]


def test_it_ends_with_its_standard_input(start: Start) -> None:
    process, _ = start("--exit-on-stdin-eof")
    assert process.stdin is not None
    process.stdin.close()
    assert process.wait(timeout=HANG_SECONDS) == 0
    process.stdin = None


def test_it_ends_with_another_process(start: Start) -> None:
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as other:
        process, _ = start("--parent-pid", str(other.pid))
        time.sleep(0.4)
        assert process.poll() is None
    assert process.wait(timeout=HANG_SECONDS) == 0


def test_it_ends_with_its_parent_though_not_yet_reaped() -> None:
    """As `make demo` uses it: a shell starts it in the background and is killed."""
    script = f"'{sys.executable}' -m pagerduty_emulator --port 0 --parent-pid $$ & wait"
    shell = subprocess.Popen(["/bin/sh", "-c", script], stdout=subprocess.PIPE, text=True)
    assert shell.stdout is not None
    assert shell.stdout.readline().startswith("PagerDuty emulator listening")
    os.kill(shell.pid, signal.SIGKILL)
    assert select.select([shell.stdout], [], [], HANG_SECONDS)[0]
    assert shell.stdout.read() == ""  # ends when the last holder of the pipe, the emulator, does
    shell.wait()
    shell.stdout.close()


def test_state_in_a_file_survives(start: Start, tmp_path: Path) -> None:
    database = str(tmp_path / "account.db")
    process, url = start("--database", database, "--services", "2")
    body = {"integration": {"type": "generic_events_api_inbound_integration", "name": "Kept"}}
    with Client(url, TOKEN) as client:
        made = client.post("/services/PCHECKT/integrations", json=body).json()["integration"]
    process.terminate()
    process.wait(timeout=HANG_SECONDS)
    _, url = start("--database", database)
    with Client(url, TOKEN) as client:
        path = f"/services/PCHECKT/integrations/{made['id']}"
        assert client.get(path).json()["integration"]["integration_key"] == made["integration_key"]
        assert len(client.get("/services").json()["services"]) == 2


def test_a_file_of_something_else_is_refused(tmp_path: Path) -> None:
    other = tmp_path / "other"
    other.write_text("This is no database, but long enough to be taken for one." * 50)
    status, complaint = fails("--database", str(other))
    assert status == 1
    assert complaint.startswith(f"pagerduty-emulator: cannot use the database {other}: ")
    assert "Traceback" not in complaint


def test_a_second_emulator_on_a_file_is_refused(start: Start, tmp_path: Path) -> None:
    database = str(tmp_path / "account.db")
    start("--database", database)
    status, complaint = fails("--database", database)
    assert (status, complaint.count("\n")) == (1, 1)
    assert f"another emulator uses {database}. End that one, or choose another file" in complaint


def test_the_log_has_nothing_raw_from_a_client(start: Start) -> None:
    """A line break or an escape sequence of a terminal is quoted."""
    process, url = start("--verbose")
    with Client(url, TOKEN) as client:
        client.get("/services/%0a2026-01-01%20forged%1b[31m?x=%0aforged")
        client.get("/vendors/" + "x" * 5000)
    process.terminate()
    log = process.communicate(timeout=HANG_SECONDS)[1]
    lines = [line.split(" ", 2)[2] for line in log.splitlines()]
    assert lines[0].startswith("GET /services/%0A2026-01-01%20forged%1B%5B31m 404")
    assert log.isascii()
    assert "\x1b" not in log
    assert max(map(len, lines)) < 300


def test_options_are_settings(start: Start) -> None:
    named = "--subdomain=shop --region=eu --latency=1 --rate-limit=5 --integration-email=required"
    tokens = "--reject-token=bad --read-only-token=look"
    others = "--setting=vendor_query=false --setting=absent_fields=omitted"
    _, url = start(*f"{named} {tokens} {others}".split())
    with Client(url) as client:
        settings = client.get("/emulator/settings").json()["settings"]
        assert client.get("/services", headers={"Authorization": "Bearer bad"}).status_code == 401
        assert client.get("/services", headers=TOKEN).headers["ratelimit-limit"] == "5"
    expected = {
        "subdomain": "shop",
        "region": "eu",
        "latency": 0.001,
        "integration_email": "required",
        "vendor_query": False,
        "absent_fields": "omitted",
    }
    assert {name: settings[name] for name in expected} == expected


@pytest.mark.parametrize(
    ("options", "complaint"),
    [
        (["--region", "mars"], "region must be one of us, eu"),
        (["--subdomain", "a/b"], "subdomain must be the account's name in SUBDOMAIN.pagerduty.com"),
        (["--setting", "nonsense=1"], "unknown setting 'nonsense'"),
        (["--services", "-1"], "must be from 0 to 99999"),
        (["--host", "::1%nowhere"], "cannot listen on ::1%nowhere:0"),
        (["--host", "10.0.0.1"], "other machines can reach the emulator at 10.0.0.1"),
        (["--tls-key", "key.pem"], "--tls-key requires --tls-cert"),
        (["--tls-cert", "no.pem"], "cannot use the certificate in no.pem"),
        (["--port", "99999"], "--port: must be from 0 to 65535, not 99999"),
        (["--port=-1"], "--port: must be from 0 to 65535, not -1"),
        (["--port", "http"], "--port: must be from 0 to 65535, not http"),
        (["--latency=-5"], "--latency: must be from 0 to 3600000 milliseconds, not -5"),
        (["--latency", "inf"], "--latency: must be from 0 to 3600000 milliseconds, not inf"),
        (["--name", "a_b"], "'a_b' cannot be the name of a host"),
        (["--ca-file", "ca.pem"], "--ca-file requires --tls or --proxy"),
        (["--porxy"], "unrecognized arguments: --porxy (did you mean --proxy?)"),
        (["exprot"], "unrecognized arguments: exprot (did you mean export?)"),
        (["start"], "unrecognized arguments: start\n"),
        (["--token", ""], "--token: must not be empty"),
    ],
)
def test_options_that_do_not_do(options: list[str], complaint: str) -> None:
    status, said = fails(*options)
    assert status != 0
    assert complaint in said
    assert "Traceback" not in said


def test_a_port_in_use(start: Start) -> None:
    _, url = start()
    port = url.rpartition(":")[2]
    status, complaint = fails("--port", port)
    assert (status, "cannot listen on 127.0.0.1:" in complaint) == (1, True)
    assert "choose another port with --port" in complaint


SECRET = "a-token-of-more-than-16-characters"


def test_other_machines_only_when_asked(start: Start) -> None:
    _, url = start("--host", "0.0.0.0", "--allow-remote", "--token", SECRET)  # noqa: S104 - what is tested
    with Client(url.replace("0.0.0.0", "127.0.0.1"), {"Host": "emulator:8123"}) as client:  # noqa: S104
        assert client.get("/services", headers=TOKEN).status_code == 401
        assert client.get("/services", headers={"Authorization": f"Bearer {SECRET}"}).status_code == 200


def test_tls_and_a_token(start: Start, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its second line says where the authority is; the token is not among the arguments, which everyone sees."""
    ca = tmp_path / "ca.pem"
    monkeypatch.setenv("PAGERDUTY_EMULATOR_TOKEN", SECRET)
    process, url = start("--tls", "--ca-file", str(ca))
    assert process.stdout is not None
    told = process.stdout.readline()
    assert (told.startswith("Its certificate authority, "), told.split()[-1]) == (True, str(ca))
    with Client(url, TOKEN) as client:
        client.verify = str(ca)
        assert client.get("/services").status_code == 401
        assert client.get("/services", headers={"Authorization": f"Bearer {SECRET}"}).status_code == 200


def test_proxy_prints_what_a_shell_needs(start: Start, tmp_path: Path) -> None:
    """Run as they are, its `export` lines lead curl and other programs of that shell to the emulator."""
    process, _ = start("--proxy", "--ca-file", str(tmp_path / "ca.pem"))
    assert process.stdout is not None
    lines = [process.stdout.readline() for _ in range(4)]
    assert "acme.pagerduty.com" in lines[0]
    program = (
        "import requests; token = {'Authorization': 'Token token=x'}; "
        "print(requests.get('https://api.pagerduty.com/abilities', headers=token).status_code)"
    )
    script = "".join(lines[1:]) + f'exec "{sys.executable}" -c "{program}"'
    assert run("/bin/sh", "-c", script) == "200\n"


def test_the_log_has_no_tokens_and_no_keys(start: Start) -> None:
    process, url = start("--verbose")
    body = {"integration": {"type": "generic_events_api_inbound_integration", "name": "One"}}
    with Client(url, {"Authorization": "Token token=very-secret"}) as client:
        made = client.post("/services/PCHECKT/integrations", json=body).json()["integration"]
        key = made["integration_key"]
        client.post(f"/integration/{key}/enqueue", json={"summary": key})
        client.post("/v2/enqueue", json={"routing_key": key, "event_action": "nonsense"})
    process.terminate()
    log = process.communicate(timeout=HANG_SECONDS)[1]
    assert "POST /services/PCHECKT/integrations 201" in log
    assert "POST /integration/KEY/enqueue 202" in log
    assert key not in log
    assert "very-secret" not in log
