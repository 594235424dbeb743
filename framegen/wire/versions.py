"""Which version of the protocol two peers speak."""

from __future__ import annotations

from collections.abc import Sequence

from framegen.errors import UnsupportedProtocol
from framegen.wire.messages import PROTOCOL_VERSION


def agree_on_version(offered: Sequence[str], own: str = PROTOCOL_VERSION) -> str:
    """The version both speak: the first offered one of our major version, with the smaller minor version.

    Raises UnsupportedProtocol when there is none.
    """
    own_major, own_minor = map(int, own.split("."))
    for version in offered:
        major, _, minor = version.partition(".")
        if major == str(own_major) and minor.isascii() and minor.isdigit() and len(minor) <= 4:
            return f"{own_major}.{min(int(minor), own_minor)}"
    raise UnsupportedProtocol(
        f"This server speaks protocol {own}, the client {', '.join(offered[:8]) or 'none'}.",
        hint=f'Use a client of protocol {own_major}.x; versions are written "{own}".',
    )
