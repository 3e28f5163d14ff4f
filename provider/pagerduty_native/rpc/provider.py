"""A provider as it stands: which engine it serves, with which settings, and what it is made of."""

from __future__ import annotations

import threading
import traceback
from typing import Any

from .check import Checked
from .declarations import decode
from .defaults import defaulted
from .diff import changes_of
from .engine import Engine
from .errors import ProviderError, nearest
from .holders import Holders
from .host import Host
from .package import Package
from .requests import token_of, unknown_in
from .resource import Resource
from .responses import listed
from .values import Values, reveal


class Provider:
    """What a provider's methods have in common, for many threads at once."""

    def __init__(self, package: Package[Any, Any], engine: Engine) -> None:
        self.package = package
        self.engine = engine
        self.host = self._new_host()
        self._attached = False
        # An engine that is attached configures all the providers of its program at once.
        self._configuring = threading.Lock()
        self._settings: Values | None = None
        self._client: Any = None
        self._configured = False

    def _new_host(self) -> Host:
        self._settings = None
        self.holders = Holders()  # Another run may call the same resources otherwise.
        return Host(self.engine, self.package.secret_names)

    def attach(self, engine_address: str) -> None:
        """Serve another engine from now on, or the same one."""
        self._attached = True
        if engine_address != self.engine.address:
            self.engine = Engine(engine_address)
            self.host = self._new_host()

    def configure(self, checked: Checked) -> None:
        """Make the client, from settings that were checked. Raises ProviderError if they do not do."""
        with self._configuring:
            self._configure(checked)

    def _configure(self, checked: Checked) -> None:
        if self.cancelled.is_set():  # A provider that the engine is attached to is used again after it was cancelled.
            self.host = self._new_host()
        # An account's name beside a secret is none in other messages, and neither is the rest of such an object.
        self.host.hide_secrets_of(
            {
                name: inner if isinstance(inner := reveal(value), dict) else value
                for name, value in checked.inputs.items()
            }
        )
        if failures := checked.failures or unknown_in(checked.inputs):
            raise ProviderError(listed(failures))
        settings = defaulted(self.package.settings, checked.inputs)
        self._refuse_other_settings(settings)
        self._client = self.package.configure(decode(self.package.settings, settings), self.host)
        self._settings = settings
        self._configured = True

    def _refuse_other_settings(self, settings: Values) -> None:
        """One client serves all of an engine's resources: other settings would send them to another account."""
        if not self._attached or self._settings is None:
            return
        if others := changes_of(self.package.settings, self._settings, settings).by_property:
            names = ", ".join(f"`{name}`" for name in others)
            raise ProviderError(
                f"This process of the provider {self.package.name}, given by PULUMI_DEBUG_PROVIDERS, serves one "
                f"provider of a program at a time, and already has other settings ({names}). Run without "
                "PULUMI_DEBUG_PROVIDERS, and each provider gets a process of its own, or give all the same settings."
            )

    @property
    def cancelled(self) -> threading.Event:
        return self.host.cancelled

    @property
    def client(self) -> Any:
        if not self._configured:  # The client may be None: a provider may need none.
            raise ProviderError(f"The provider {self.package.name} is not configured.")
        return self._client

    def explain(self, error: Exception) -> str | None:
        return self.package.explain(error)

    def unexpected(self, error: Exception) -> str:
        frame = traceback.extract_tb(error.__traceback__)[-1]
        return (
            f"{self.package.name} {self.package.version} has a bug: {type(error).__name__} in "
            f"{frame.name} (line {frame.lineno}). Please report it."
        )

    def resource_type(self, urn: str) -> type[Resource[Any, Any, Any]]:
        resource_type: type[Resource[Any, Any, Any]] = self.declared(token_of(urn), Resource)
        return resource_type

    def resource(self, urn: str) -> Resource[Any, Any, Any]:
        return self.resource_type(urn)(self.client, lambda each: self.holders.another(urn, each) is not None)

    def declared(self, token: str, kind: Any) -> Any:
        cls = self.package.tokens.get(token)
        if cls is None or not issubclass(cls, kind):
            known_tokens = [name for name, each in self.package.tokens.items() if issubclass(each, kind)]
            hint = nearest(token, known_tokens) or known_tokens
            raise ProviderError(
                f"{self.package.name} {self.package.version} has no {kind.__name__.lower()} {token}; "
                f"it has {', '.join(hint)}."
            )
        return cls
