"""pagerduty-mcp 1.1.0, PagerDuty's server of tools for language models, asked over its standard input."""

import asyncio
import os
import sys

from mcp import ClientSession, StdioServerParameters
from mcp.client.stdio import stdio_client

TOOLS = {
    "list_services": {"query_model": {}},
    "list_incidents": {"query_model": {}},
    "list_users": {"query_model": {}},
    "list_teams": {"query_model": {"scope": "my"}},
    "list_escalation_policies": {"query_model": {}},
    "list_event_orchestrations": {"query_model": {}},
    "list_change_events": {"query_model": {}},
}


async def main() -> None:
    environ = {**os.environ, "PAGERDUTY_USER_API_KEY": "any"}
    server = StdioServerParameters(command=sys.executable, args=["-m", "pagerduty_mcp"], env=environ)
    async with stdio_client(server) as (read, write), ClientSession(read, write) as session:
        await session.initialize()
        known = {tool.name for tool in (await session.list_tools()).tools}
        for name, arguments in TOOLS.items():
            assert name in known, sorted(known)
            answer = await session.call_tool(name, arguments)
            text = " ".join(getattr(part, "text", "") for part in answer.content)
            assert not answer.isError, f"{name}: {text}"
            if name == "list_services":
                assert "Checkout" in text, text


asyncio.run(main())
