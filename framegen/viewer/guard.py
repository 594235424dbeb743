"""Who may talk to the page's server: checks against DNS rebinding and cross-site WebSockets.

A page of another site can make a browser connect to 127.0.0.1, and a name under its control
can be pointed there. The Host header gives the second away, the Origin header the first.
"""

from __future__ import annotations

import hmac
import ipaddress
from urllib.parse import parse_qs, urlsplit

from framegen.loopback import is_this_machine


def host_allowed(host_header: str | None, bound_host: str, port: int) -> bool:
    """Whether a request's Host header names this server by a loopback name, by address, or as it was bound."""
    if not host_header:
        return False
    try:
        parts = urlsplit(f"//{host_header}")
        named_port = parts.port
    except ValueError:
        return False
    if (named_port or 80) != port or parts.username is not None or parts.path:
        return False
    name = (parts.hostname or "").lower()
    if name in ("localhost", bound_host.lower()):
        return True
    try:
        address = ipaddress.ip_address(name)
    except ValueError:
        return False
    return address.is_loopback or not is_this_machine(bound_host)


def origin_allowed(origin_header: str | None, host_header: str | None) -> bool:
    """Whether a WebSocket comes from a page that this very server served, or from a program (which sends no Origin)."""
    if origin_header is None:
        return True
    return host_header is not None and origin_header.lower() == f"http://{host_header}".lower()


def token_allowed(path: str, token: str | None) -> bool:
    """Whether the request's ``?token=`` is the server's; always, where it has none."""
    if token is None:
        return True
    given = parse_qs(urlsplit(path).query).get("token", [""])[0]
    return hmac.compare_digest(given.encode(), token.encode())
