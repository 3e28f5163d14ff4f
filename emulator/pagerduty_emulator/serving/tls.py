"""TLS: with a certificate made for this machine, or with one's own."""

from __future__ import annotations

import contextlib
import ssl
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

INSTALL = "TLS takes the library trustme: run `pip install 'pagerduty-emulator[tls]'`, or give a certificate of yours"
NAMES = ("localhost", "127.0.0.1", "::1")


class TlsError(ValueError):
    """TLS cannot be served as it was asked for; the message says why and what to do."""


@dataclass(frozen=True)
class Tls:
    """What is needed to serve TLS."""

    context: ssl.SSLContext
    ca_file: Path | None
    """The certificate (PEM) of the authority that clients are to trust; None with a certificate of one's own."""


@contextlib.contextmanager
def made_for(host: str, ca_file: Path | None = None) -> Iterator[Tls]:
    """A new authority, and a certificate by it for this machine's names and `host`.

    Only the authority's certificate is written, to `ca_file`, or to a temporary file for as long as the block runs.
    TlsError if the library for it is not installed, or the file cannot be written.
    """
    try:
        import trustme  # noqa: PLC0415 - an extra, and slow to import
    except ImportError:
        raise TlsError(INSTALL) from None
    authority = trustme.CA()
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    authority.issue_cert(*dict.fromkeys((*NAMES, host))).configure_cert(context)
    with tempfile.TemporaryDirectory(prefix="pagerduty-emulator-") as folder:
        written = ca_file or Path(folder) / "ca.pem"
        try:
            authority.cert_pem.write_to_path(str(written))
        except OSError as error:
            raise TlsError(f"cannot write the certificate authority to {written}: {error.strerror}") from None
        yield Tls(context, written.absolute())


def from_files(cert: Path, key: Path | None) -> Tls:
    """One's own certificate (PEM, with its chain) and private key; without a `key`, that is in the same file.

    TlsError if they cannot be read or do not belong together.
    """
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    try:
        context.load_cert_chain(cert, key)
    except OSError as error:  # ssl.SSLError is one
        files = f"{cert} and {key}" if key else f"{cert}, which has to hold the private key as well,"
        raise TlsError(f"cannot use the certificate in {files}: {error.strerror or error}") from None
    return Tls(context, None)
