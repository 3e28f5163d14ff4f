"""asyncpd 0.0.2, an asynchronous client: it sends `Authorization: Token XXX`."""

import asyncio

from asyncpd import APIClient


async def main() -> None:
    client = APIClient("any")
    assert "teams" in await client.abilities.list()
    assert await client.abilities.is_enabled("teams")
    assert not await client.abilities.is_enabled("no_such")
    await client.aclose()


asyncio.run(main())
