"""A secrets provider that takes no time: Vault's transit engine, which keeps nothing secret.

Pulumi encrypts the secrets of a stack with a key. From a passphrase, each run of the CLI derives that key anew, in a
quarter of a second of CPU time; from Vault, it is one call. What is encrypted in the state is the same.
"""

from __future__ import annotations

import functools
import json
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

SECRETS_PROVIDER = "hashivault://tests"
PREFIX = "vault:v1:"


class Transit(BaseHTTPRequestHandler):
    """https://developer.hashicorp.com/vault/api-docs/secret/transit, with the plaintext in the ciphertext."""

    protocol_version = "HTTP/1.1"

    def do_PUT(self) -> None:
        given = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        if self.path.startswith("/v1/transit/encrypt/"):
            data = {"ciphertext": PREFIX + given["plaintext"]}
        else:
            data = {"plaintext": given["ciphertext"].removeprefix(PREFIX)}
        content = json.dumps({"data": data}).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, format: str, *args: object) -> None:
        """Write nothing."""


@functools.cache
def vault() -> dict[str, str]:
    """Start it, once in a process. Returns the environment in which Pulumi finds it."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), Transit)
    Thread(target=server.serve_forever, daemon=True).start()
    return {"VAULT_SERVER_URL": f"http://127.0.0.1:{server.server_port}", "VAULT_SERVER_TOKEN": "unused"}
