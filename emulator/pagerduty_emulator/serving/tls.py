"""Certificates: made for this machine and for PagerDuty's hosts, or from files."""

from __future__ import annotations

import contextlib
import hashlib
import ssl
import struct
import tempfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import trustme

INSTALL = (
    "TLS and the proxy require the libraries trustme and certifi: run `pip install 'pagerduty-emulator[tls]'`. "
    "TLS with a certificate of your own does not"
)
NAMES = ("localhost", "127.0.0.1", "::1")


class TlsError(ValueError):
    """TLS cannot be served; the message says why and what to do."""


@dataclass(frozen=True)
class Tls:
    """Certificates of a server, and the files with which clients trust them."""

    context: ssl.SSLContext | None = None
    """TLS of the port itself; None: it speaks http."""
    proxy: ssl.SSLContext | None = None
    """TLS of the hosts that the proxy leads here; None: there is no proxy."""
    ca_file: Path | None = None
    """The new authority's certificate and the public authorities' (PEM); None: there is no new authority."""
    truststore: Path | None = None
    """The same certificates for Java (JKS, readable without a password)."""


@contextlib.contextmanager
def certified(
    names: Iterable[str] = (),
    proxied: Iterable[str] = (),
    *,
    own: tuple[Path, Path | None] | None = None,
    ca_file: Path | None = None,
) -> Iterator[Tls]:
    """Make a new authority and the certificates by it; its private key stays in memory.

    The file to trust also holds the public authorities, so that a client that trusts it still reaches other hosts.

    Args:
        names: the port's names, besides this machine's; empty: it speaks http, or uses `own`.
        proxied: the hosts that the proxy leads here; empty: there is no proxy.
        own: a certificate for the port and its private key, in place of one by the authority.
        ca_file: the file to trust, with one for Java beside it that ends in .jks (default: temporary files, for as
            long as the block runs).

    Raises:
        TlsError: a library is missing, a file cannot be written, or `own` cannot be used.

    """
    names, proxied = tuple(names), tuple(proxied)
    context = None if own is None else from_files(*own)
    if not proxied and (own or not names):
        yield Tls(context)
        return
    try:
        import trustme  # noqa: PLC0415 - an extra, and slow to import
    except ImportError:
        raise TlsError(INSTALL) from None
    authority = trustme.CA()
    if names and context is None:
        context = _issued(authority, (*NAMES, *names))
    with tempfile.TemporaryDirectory(prefix="pagerduty-emulator-") as folder:
        pem = (ca_file or Path(folder) / "ca.pem").absolute()
        trusted = [authority.cert_pem.bytes().decode("ascii"), *public_authorities()]
        _write(pem, "".join(trusted).encode("ascii"))
        _write(pem.with_suffix(".jks"), java_truststore(trusted))
        yield Tls(context, _issued(authority, proxied) if proxied else None, pem, pem.with_suffix(".jks"))


def _issued(authority: trustme.CA, names: tuple[str, ...]) -> ssl.SSLContext:
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    authority.issue_cert(*dict.fromkeys(names)).configure_cert(context)
    return context


def _write(file: Path, content: bytes) -> None:
    try:
        file.write_bytes(content)
    except OSError as error:
        raise TlsError(f"cannot write the certificate authority to {file}: {error.strerror}") from None


def public_authorities() -> list[str]:
    """Return the certificates (PEM) of the authorities that this machine trusts, and Mozilla's."""
    import certifi  # noqa: PLC0415 - an extra, as trustme

    context = ssl.create_default_context()  # the machine's, and those in SSL_CERT_FILE
    mozilla = ssl.create_default_context(cafile=certifi.where())
    found = dict.fromkeys(mozilla.get_ca_certs(binary_form=True) + context.get_ca_certs(binary_form=True))
    return [ssl.DER_cert_to_PEM_cert(certificate) for certificate in found]


def java_truststore(certificates: list[str]) -> bytes:
    """Make a trust store (JKS) of certificates (PEM), as keytool does; Java reads it without its password."""
    entries = [struct.pack(">III", 0xFEEDFEED, 2, len(certificates))]
    for number, certificate in enumerate(certificates):
        der = ssl.PEM_cert_to_DER_cert(certificate)
        alias = f"authority-{number}".encode("ascii")
        entries.append(struct.pack(f">IH{len(alias)}sQ", 2, len(alias), alias, 0))
        entries.append(struct.pack(f">H5sI{len(der)}s", 5, b"X.509", len(der), der))
    store = b"".join(entries)
    # The password is "changeit", as of Java's own. The format defines SHA-1; it protects nothing here.
    digest = hashlib.sha1("changeit".encode("utf-16-be") + b"Mighty Aphrodite" + store, usedforsecurity=False)
    return store + digest.digest()


def from_files(cert: Path, key: Path | None) -> ssl.SSLContext:
    """Load a certificate (PEM, with its chain) and its private key; without a `key`, it is in the same file.

    Raises:
        TlsError: they cannot be read or do not belong together.

    """
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    try:
        context.load_cert_chain(cert, key)
    except OSError as error:  # ssl.SSLError is one
        files = f"{cert} and {key}" if key else f"{cert} (without --tls-key, it must also contain the private key)"
        raise TlsError(f"cannot use the certificate in {files}: {error.strerror or error}") from None
    return context
