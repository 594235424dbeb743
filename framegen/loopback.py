"""A TCP connection inside one machine must not be paced: it has no bottleneck to find out.

Linux servers often use BBR, which paces what it sends by a model of the path and, every few seconds, lets its window
shrink to four packets to measure the path's delay. On a loopback connection that carries megabytes in bursts, this
held single frames back for 35 to 60 milliseconds (measured: p99 of the whole way 77 ms, and 30 ms without). Loss-based
control has nothing to wait for there.
"""

from __future__ import annotations

import contextlib
import ipaddress
import os
import socket

CONTROL = b"reno"
"""The one that every Linux kernel has built in and lets every user choose."""


def unpace(fd: int) -> bool:
    """Take delay-based congestion control off the TCP socket with this descriptor, if it is bound to loopback.

    What a listening socket has, the connections it accepts inherit. The descriptor stays open and is the caller's.

    Returns:
        whether it was done; where the system has no such choice (it is Linux's), or the descriptor is none of a
        loopback TCP socket (any more), nothing is.
    """
    option = getattr(socket, "TCP_CONGESTION", None)
    if option is None:
        return False
    with contextlib.suppress(OSError, ValueError), socket.socket(fileno=os.dup(fd)) as own:
        if own.family not in (socket.AF_INET, socket.AF_INET6):
            return False
        if ipaddress.ip_address(own.getsockname()[0]).is_loopback:
            own.setsockopt(socket.IPPROTO_TCP, option, CONTROL)
            return True
    return False
