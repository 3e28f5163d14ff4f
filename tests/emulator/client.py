"""A small HTTP client for these tests."""

from typing import Any
from urllib.parse import urljoin

import requests

from tests.support import HANG_SECONDS

TOKEN = {"Authorization": "Token token=any-token"}


class Client(requests.Session):
    """A session at a base address; one try, no redirects, five seconds."""

    def __init__(self, url: str, headers: dict[str, str] | None = None) -> None:
        super().__init__()
        self.url = url
        self.headers.update(headers or {})
        self.trust_env = False

    def request(self, method: str | bytes, url: str | bytes, *args: Any, **kwargs: Any) -> requests.Response:
        kwargs.setdefault("timeout", HANG_SECONDS)
        kwargs["allow_redirects"] = False
        return super().request(method, urljoin(self.url, str(url)), *args, **kwargs)
