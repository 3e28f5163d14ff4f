"""TLS, with a certificate made for this machine or with one's own."""

import http.client
import socket
import ssl
import sys
from pathlib import Path
from urllib.parse import urlsplit

import certifi
import pagerduty_emulator
import pytest
import requests
import trustme
from pagerduty_emulator import Emulator
from pagerduty_emulator.serving.tls import TlsError, certified, from_files

from tests.support import HANG_SECONDS

from .client import TOKEN, Client


@pytest.mark.parametrize("name", ["127.0.0.1", "localhost"])
def test_a_client_that_trusts_its_authority_is_served(secure: Emulator, name: str) -> None:
    assert secure.url.startswith("https://127.0.0.1:")
    url = secure.url.replace("127.0.0.1", name)
    with Client(url, TOKEN) as client:
        client.verify = str(secure.ca_file)
        (service,) = client.get("/services?query=Checkout").json()["services"]
        assert service["self"] == f"{url}/services/PCHECKT"
        assert client.get(service["html_url"], headers={"Accept": "text/html"}).status_code == 200


def test_a_client_that_does_not_trust_it_is_not(secure: Emulator) -> None:
    with Client(secure.url, TOKEN) as client, pytest.raises(requests.exceptions.SSLError, match="CERTIFICATE_VERIFY"):
        client.get("/services")
    assert secure.requests.count() == secure.requests.count(path="/services")  # nothing odd is left in the log


def test_faults_reach_the_connection_below(secure: Emulator) -> None:
    secure.inject("reset", "GET", "/vendors")
    with Client(secure.url, TOKEN) as client:
        client.verify = str(secure.ca_file)
        with pytest.raises(requests.ConnectionError):
            client.get("/vendors")
        assert client.get("/vendors").status_code == 200


def test_the_authority_is_written_to_the_chosen_file_without_its_private_key(tmp_path: Path) -> None:
    with certified(["emulator.internal"], ca_file=tmp_path / "ca.pem") as made:
        assert made.ca_file == tmp_path / "ca.pem"
        text = (tmp_path / "ca.pem").read_text(encoding="ascii")
    assert text.startswith("-----BEGIN CERTIFICATE-----")
    assert "PRIVATE" not in text
    with pytest.raises(TlsError, match=r"cannot write the certificate authority to .*nowhere.*: No such file"):
        certified(["localhost"], ca_file=tmp_path / "nowhere" / "ca.pem").__enter__()


def test_the_file_to_trust_also_has_the_public_authorities(secure: Emulator) -> None:
    """So a client that trusts it reaches other hosts as before."""
    assert secure.ca_file is not None
    trusted = ssl.create_default_context(cafile=str(secure.ca_file)).get_ca_certs(binary_form=True)
    public = ssl.create_default_context(cafile=certifi.where()).get_ca_certs(binary_form=True)
    assert set(public) < set(trusted)


def test_temporary_files_to_trust_go_with_the_server() -> None:
    with certified(["127.0.0.1"]) as made:
        files = [made.ca_file, made.truststore]
        assert all(file is not None and file.exists() for file in files)
    assert not any(file is not None and file.exists() for file in files)


def test_a_further_name_is_in_the_certificate_and_allowed() -> None:
    with pagerduty_emulator.serve(tls=True, names=["Events.PagerDuty.com"]) as emulator:
        port = urlsplit(emulator.url).port
        context = ssl.create_default_context(cafile=str(emulator.ca_file))
        connection = http.client.HTTPSConnection("events.pagerduty.com", port, context=context, timeout=HANG_SECONDS)
        connection.sock = context.wrap_socket(
            socket.create_connection(("127.0.0.1", port or 0)), server_hostname="events.pagerduty.com"
        )
        for host in ("events.pagerduty.com", "events.pagerduty.com.", f"events.pagerduty.com.:{port}"):
            connection.request("POST", "/v2/enqueue", b"{}", {"Host": host})
            assert connection.getresponse().read().startswith(b'{"status":"invalid event"')
        connection.close()


def test_a_further_name_may_end_in_a_dot() -> None:
    """As complete names in DNS do; it is the same name."""
    with pagerduty_emulator.serve(names=["events.pagerduty.com."]) as emulator:
        for host in ("events.pagerduty.com", "events.pagerduty.com."):
            answer = requests.get(f"{emulator.url}/", headers={"Host": host}, timeout=HANG_SECONDS)
            assert answer.status_code != 403


@pytest.mark.parametrize("name", ["", ".", "a b", "a_b", "-a", "a..b", "a..", "x" * 64, "https://a", "a:443"])
def test_a_name_that_no_host_can_have_is_refused(name: str) -> None:
    with pytest.raises(ValueError, match="cannot be the name of a host"), pagerduty_emulator.serve(names=[name]):
        pass


def test_without_the_library_it_says_how_to_install_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "trustme", None)
    with pytest.raises(TlsError, match=r"pip install 'pagerduty-emulator\[tls\]'"), pagerduty_emulator.serve(tls=True):
        pass


def test_ones_own_certificate(tmp_path: Path) -> None:
    authority, cert, key = trustme.CA(), tmp_path / "cert.pem", tmp_path / "key.pem"
    issued = authority.issue_cert("127.0.0.1")
    issued.private_key_pem.write_to_path(str(key))
    issued.cert_chain_pems[0].write_to_path(str(cert))
    authority.cert_pem.write_to_path(str(tmp_path / "ca.pem"))
    with pagerduty_emulator.serve(tls=(cert, key)) as emulator, Client(emulator.url, TOKEN) as client:
        assert emulator.ca_file is None
        client.verify = str(tmp_path / "ca.pem")
        assert client.get("/services").status_code == 200
    trustme.CA().issue_cert("127.0.0.1").private_key_pem.write_to_path(str(key))
    with pytest.raises(
        TlsError, match=r"cannot use the certificate in .*cert.pem and .*key.pem: .*KEY_VALUES_MISMATCH"
    ):
        from_files(cert, key)
    with pytest.raises(TlsError, match=r"cert.pem \(without --tls-key, it must also contain the private key\): "):
        from_files(cert, None)
