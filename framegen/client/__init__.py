"""What a Python program imports to talk to a framegen server."""

from framegen.client.asynchronous import AsyncClient
from framegen.client.blocking import Client
from framegen.client.stats import Stats

__all__ = ["AsyncClient", "Client", "Stats"]
