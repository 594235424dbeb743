"""Pacing is taken off connections inside one machine, and off no others."""

from __future__ import annotations

import argparse
import os
import socket

import pytest

from framegen.loopback import CONTROL, is_this_machine, port, unpace

linux = pytest.mark.skipif(
    not hasattr(socket, "TCP_CONGESTION"), reason="needs a choice of TCP's congestion control: run on Linux"
)


@pytest.mark.parametrize("host", ["127.0.0.1", "127.8.8.8", "::1", "[::1]", "localhost", "LocalHost"])
def test_hosts_that_are_this_machine(host):
    assert is_this_machine(host)


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "*", "eth0", "studio", "10.0.0.1", "localhost.example.org", ""])
def test_hosts_that_may_be_others(host):
    assert not is_this_machine(host)


def control(connection: socket.socket) -> bytes:
    return connection.getsockopt(socket.IPPROTO_TCP, socket.TCP_CONGESTION, 16).rstrip(b"\0")


@linux
def test_a_loopback_connection_and_what_a_listener_accepts_are_not_paced():
    with socket.create_server(("127.0.0.1", 0)) as listener:
        assert unpace(listener.fileno())
        with socket.create_connection(listener.getsockname()) as client:
            server, _ = listener.accept()
            with server:
                assert control(server) == CONTROL
            assert unpace(client.fileno())
            assert control(client) == CONTROL


@linux
def test_a_listener_for_other_machines_keeps_the_systems_choice():
    with socket.create_server(("0.0.0.0", 0)) as listener:
        before = control(listener)
        assert not unpace(listener.fileno())
        assert control(listener) == before


@linux
def test_what_is_no_tcp_socket_is_left_alone():
    read, write = os.pipe()
    try:
        assert not unpace(read)
    finally:
        os.close(read)
        os.close(write)
    assert not unpace(read)  # closed by now
    if hasattr(socket, "AF_UNIX"):
        a, b = socket.socketpair()
        with a, b:
            assert not unpace(a.fileno())


@pytest.mark.parametrize("text", ["-1", "65536", "99999", "x", "", "8080.0", "٣"])
def test_a_port_of_the_command_line_is_a_port(text: str) -> None:
    assert (port("0"), port("65535")) == (0, 65535)
    with pytest.raises(argparse.ArgumentTypeError, match="from 0 to 65535"):
        port(text)
