"""A server on loopback with given responses, and a transport that calls it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from pagerduty_native.api.parse import Request
from pagerduty_native.api.transport import Transport

TOKEN = "u+TestTokenThatMustNotShow"
HEADER = f"Token token={TOKEN}"
GET = Request("GET", "/")

NONE: Mapping[str, str] = {}
Answering = Callable[["Handler"], None]


class Handler(BaseHTTPRequestHandler):
    """Answers as the server's `answering` says; keeps what came."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    server: Server

    def do_GET(self) -> None:
        self.server.came.append((self.command, self.path, dict(self.headers)))
        self.server.bodies.append(self.rfile.read(int(self.headers.get("Content-Length", 0))))
        self.server.answering(self)

    do_POST = do_PUT = do_DELETE = do_CONNECT = do_GET  # noqa: N815

    def answer(self, body: bytes, status: int = 200, headers: Mapping[str, str] = NONE) -> None:
        self.send_response(status)
        for name, value in {"Content-Length": str(len(body)), **headers}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:
        pass


class Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 64

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server_port}"
        self.came: list[tuple[str, str, dict[str, str]]] = []
        self.bodies: list[bytes] = []
        self.answering: Answering = lambda handler: handler.answer(b'{"ok": true}')

    def handle_error(self, request: object, client_address: object) -> None:
        pass


def transport(url: str, *, verify: bool = True, redact: Callable[[str], str] = str) -> Transport:
    return Transport(api_url=url, user_agent="tests", verify=verify, redact=redact)
