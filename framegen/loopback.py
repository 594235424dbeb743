"""Connections inside one machine: which they are, and that they must not be paced, having no bottleneck to find out.

Linux servers often use BBR, which paces what it sends by a model of the path and, every few seconds, lets its window
shrink to four packets to measure the path's delay. On a loopback connection that carries megabytes in bursts, this
held single frames back for 35 to 60 milliseconds (measured: p99 of the whole way 77 ms, and 30 ms without). Loss-based
control has nothing to wait for there.
"""

from __future__ import annotations

import argparse
import contextlib
import ipaddress
import os
import socket

CONTROL = b"reno"
"""The one that every Linux kernel has built in and lets every user choose."""


def is_this_machine(host: str) -> bool:
    """Whether a host, as an address names it, can be nothing but this machine: a loopback address or ``localhost``."""
    if host.lower() == "localhost":
        return True
    try:
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:  # "*", an interface or a host name
        return False


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
    with contextlib.suppress(OSError), socket.socket(fileno=os.dup(fd)) as own:
        if own.family not in (socket.AF_INET, socket.AF_INET6):
            return False
        if is_this_machine(own.getsockname()[0]):
            own.setsockopt(socket.IPPROTO_TCP, option, CONTROL)
            return True
    return False


def port(text: str) -> int:
    """A port as the command line has it; 0 stands for any that is free. Raises argparse.ArgumentTypeError."""
    if not (text.isascii() and text.isdigit() and int(text) <= 65535):
        raise argparse.ArgumentTypeError(f"a port is a whole number from 0 to 65535, not {text!r}")
    return int(text)
