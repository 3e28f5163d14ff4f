"""The same first program in every language."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from pagerduty_emulator import Emulator

from tests.support import toolchains

from .conftest import Example

SERVICE = "PCHECKT"
HOSTS = {"python": "python", "yaml": "yaml", "typescript": "nodejs", "go": "go", "java": "java"}


@pytest.mark.parametrize("language", HOSTS)
def test_first_program(new_example: Callable[..., Example], emulator: Emulator, language: str) -> None:
    toolchains.needs(HOSTS[language], host=True)
    environ = toolchains.maven() if language == "java" else {}
    example = new_example(language, environ)
    if language == "typescript":
        example.install(toolchains.node_modules("first", toolchains.EXAMPLES / language))

    up = example.up()
    assert up.steps("alarms") == ["create"]
    assert "warning" not in up.output.casefold()
    (made,) = emulator.integrations(SERVICE)
    assert made["vendor"]["id"] == "PZQ6AUS"
    key = made["integration_key"]
    assert key not in up.output
    assert example.outputs() == {"integrationKey": key, "integrationUrl": f"{emulator.url}/integration/{key}/enqueue"}
