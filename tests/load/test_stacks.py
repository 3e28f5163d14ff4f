"""Four stacks at once on one account, whose limit is enforced: all succeed, and none waits much longer than another.

`make prove` has more integrations and holds the times to each other; `make test` only counts.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

from pagerduty_emulator import Emulator

from tests.support.stack import Stack
from tools.bench.cells import table
from tools.bench.figures import LIMIT_CALLS, LIMIT_SECONDS

STACKS = 4
# Integrations of each stack. Those of the short run also exceed the limit.
INTEGRATIONS = int(os.environ.get("EACH_STACK", "0"))
SHORT_INTEGRATIONS, SHORT_LIMIT_CALLS, SHORT_LIMIT_SECONDS = 10, 24, 1.0
# The last stack is done after at most so many times the seconds of the first.
MOST_RATIO = 1.5
EVENTS = "events_api_v2_inbound_integration"


def declare(stack: Stack, service_ids: list[str], n: int) -> None:
    """A program of so many integrations."""
    stack.program(
        resources={
            f"alerts{index}": {
                "type": "pagerduty-native:Integration",
                "properties": {"service": service_ids[index % len(service_ids)], "type": EVENTS},
            }
            for index in range(n)
        }
    )


def timed(work: Callable[[], object]) -> float:
    started = time.monotonic()
    work()
    return time.monotonic() - started


def at_once(stacks: list[Stack], work: Callable[[Stack], object]) -> list[float]:
    """How many seconds each stack took."""
    with ThreadPoolExecutor(len(stacks)) as pool:
        return list(pool.map(lambda stack: timed(lambda: work(stack)), stacks))


def test_four_stacks_share_a_limit(
    new_stack: Callable[..., Stack], emulator: Emulator, figures: Callable[[str], None]
) -> None:
    n = INTEGRATIONS or SHORT_INTEGRATIONS
    stacks = [new_stack(f"stack{number}") for number in range(STACKS)]
    service_ids = [service["id"] for service in emulator.services()]
    for stack in stacks:
        declare(stack, service_ids, n)
    emulator.settings.rate_limit = LIMIT_CALLS if INTEGRATIONS else SHORT_LIMIT_CALLS
    emulator.settings.rate_limit_window = LIMIT_SECONDS if INTEGRATIONS else SHORT_LIMIT_SECONDS
    rows = []
    for name, work, calls, left in (
        ("`up`, creates all", Stack.up, n, n),
        ("`refresh`", Stack.refresh, 0, n),
        ("`destroy`", Stack.destroy, n, 0),
    ):
        if work is Stack.refresh and not INTEGRATIONS:
            continue  # It makes too few calls to meet the limit.
        emulator.requests.clear()
        seconds = at_once(stacks, work)
        refused = sum(request.status == 429 for request in emulator.requests)
        answered = len(emulator.requests) - refused
        rows.append((name, answered, refused, f"{min(seconds):.1f}", f"{max(seconds):.1f}"))
        assert answered >= STACKS * calls
        assert len(emulator.integrations()) == STACKS * left
        if INTEGRATIONS and calls:
            assert max(seconds) <= MOST_RATIO * min(seconds)
    figures(table(["work", "calls answered", "refused", "first stack, s", "last stack, s"], rows))
