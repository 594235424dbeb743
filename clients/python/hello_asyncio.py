"""The client for programs built on asyncio. Needs a server: framegen serve"""

import asyncio
import sys

import numpy as np

from framegen import AsyncClient, plain_errors


async def main() -> None:
    color = np.full((288, 512, 3), 128, np.uint8)
    async with AsyncClient(*sys.argv[1:]) as client:
        applied = await client.set(prompt="snow on an old bridge")
        print("understood:", *applied.understood, "| ignored:", *applied.ignored)
        for prompt in ("dawn", "night"):
            await client.set(prompt=prompt)
            restyled = await client.restyle(client.frame(color))
            print(f"{prompt}: mean {restyled.image.mean():.0f}, settings {restyled.settings_revision}")


with plain_errors():
    asyncio.run(main())
