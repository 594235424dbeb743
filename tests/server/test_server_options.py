"""Safe by default: what a server refuses to be started with."""

from __future__ import annotations

import socket
from pathlib import Path

import pytest
import zmq
from stand_in_server import frame, serving

from framegen import Client
from framegen.errors import ConfigError
from framegen.record.proxy import Proxy
from framegen.server.options import (
    DEFAULT_ENDPOINT,
    Endpoint,
    ServerOptions,
    check_free,
    is_local,
    read_token,
    to_zmq,
)

KEY = "x" * 40
ipc = pytest.mark.skipif(not (zmq.has("ipc") and hasattr(socket, "AF_UNIX")), reason="needs ipc: run on Linux")


def test_the_default_is_open_to_this_machine_alone() -> None:
    options = ServerOptions()
    assert options.endpoints == (Endpoint(DEFAULT_ENDPOINT, "null"),)
    assert is_local(DEFAULT_ENDPOINT)


@pytest.mark.parametrize(
    ("address", "local"),
    [
        ("tcp://127.0.0.1:5555", True),
        ("tcp://127.9.9.9:*", True),
        ("tcp://localhost:5555", True),
        ("tcp://[::1]:5555", True),
        ("ipc:///tmp/framegen.sock", True),
        ("tcp://0.0.0.0:5555", False),
        ("tcp://*:5555", False),
        ("tcp://[::]:5555", False),
        ("tcp://192.168.1.5:5555", False),
        ("tcp://eth0:5555", False),
        ("tcp://127.0.0.1.example.com:5555", False),
    ],
)
def test_which_addresses_only_this_machine_reaches(address: str, local: bool) -> None:
    assert is_local(address) is local
    if local:
        ServerOptions(endpoints=(Endpoint(address),))
    else:
        with pytest.raises(ConfigError, match="Refusing to listen"):
            ServerOptions(endpoints=(Endpoint(address),))


@pytest.mark.parametrize(
    "address", ["", "5555", "127.0.0.1:5555", "tcp://127.0.0.1", "tcp://127.0.0.1:99999", "udp://127.0.0.1:1", "ipc://"]
)
def test_what_is_no_address(address: str) -> None:
    with pytest.raises(ConfigError, match="no address"):
        ServerOptions(endpoints=(Endpoint(address),))


def test_a_public_address_needs_a_token_or_known_clients() -> None:
    public = "tcp://0.0.0.0:5555"
    with pytest.raises(ConfigError, match="none is set"):
        ServerOptions(endpoints=(Endpoint(public, "plain"),))
    ServerOptions(endpoints=(Endpoint(public, "plain"),), token="long enough")
    with pytest.raises(ConfigError, match="needs the server's key"):
        ServerOptions(endpoints=(Endpoint(public, "curve"),))
    with pytest.raises(ConfigError, match="any CURVE key"):
        ServerOptions(endpoints=(Endpoint(public, "curve"),), curve_secret_key=KEY)
    ServerOptions(endpoints=(Endpoint(public, "curve"),), curve_secret_key=KEY, curve_clients=frozenset({KEY}))
    ServerOptions(endpoints=(Endpoint("tcp://127.0.0.1:1", "curve"),), curve_secret_key=KEY)


def test_other_nonsense() -> None:
    with pytest.raises(ConfigError, match="mechanism"):
        ServerOptions(endpoints=(Endpoint(DEFAULT_ENDPOINT, "gssapi"),))
    with pytest.raises(ConfigError, match="shorter"):
        ServerOptions(token="short")
    with pytest.raises(ConfigError, match="max_sessions"):
        ServerOptions(max_sessions=0)
    with pytest.raises(ConfigError, match="needs an address"):
        ServerOptions(endpoints=())


@pytest.mark.parametrize("token", ["x" * 256, "é" * 128, "caf\udce9-token-long"])
def test_a_token_fits_plain(token: str) -> None:
    with pytest.raises(ConfigError, match="token"):
        ServerOptions(token=token)
    ServerOptions(token="é" * 127)


@pytest.mark.parametrize("key", ["", "x" * 39, "x" * 39 + '"', "#" * 40, "é" * 40])
def test_keys_are_z85(key: str) -> None:
    with pytest.raises(ConfigError, match="server's secret key"):
        ServerOptions(curve_secret_key=key)
    with pytest.raises(ConfigError, match="client's key"):
        ServerOptions(curve_clients=frozenset({KEY, key}))


def test_libzmq_knows_no_localhost() -> None:
    assert to_zmq("tcp://localhost:5555") == "tcp://127.0.0.1:5555"
    assert to_zmq("tcp://localhost.example:1") == "tcp://localhost.example:1"


def test_a_token_file(tmp_path: Path) -> None:
    file = tmp_path / "token"
    file.write_text("  correct horse \n")
    assert read_token(file) == "correct horse"
    file.write_text("\n")
    with pytest.raises(ConfigError, match="empty"):
        read_token(file)
    with pytest.raises(ConfigError, match="cannot be read"):
        read_token(tmp_path / "missing")
    file.write_bytes(b"caf\xe9-token-long")
    with pytest.raises(ConfigError, match="UTF-8"):
        read_token(file)


@ipc
def test_a_path_where_a_server_listens_is_in_use(tmp_path: Path) -> None:
    address = f"ipc://{tmp_path / 'socket'}"
    endpoints = (Endpoint(address),)
    with serving(endpoints=endpoints):
        with pytest.raises(ConfigError, match="in use"), serving(endpoints=endpoints):
            pass
        with pytest.raises(ConfigError, match="in use"):
            Proxy(address, "tcp://127.0.0.1:5555", lambda *_: None)
        with Client(address) as client:
            assert client.restyle(frame(1)).frame_id == 1
    with serving(endpoints=endpoints), Client(address) as client:  # what a server left is in nobody's way
        assert client.restyle(frame(1)).frame_id == 1


@ipc
def test_a_file_where_a_server_is_to_listen_stays(tmp_path: Path) -> None:
    path = tmp_path / "notes.txt"
    path.write_text("dear")
    with pytest.raises(ConfigError, match="no socket"), serving(endpoints=(Endpoint(f"ipc://{path}"),)):
        pass
    assert path.read_text() == "dear"


@pytest.mark.parametrize("address", ["tcp://127.0.0.1:*", "ipc://*", "ipc://@framegen", "ipc:///no/such/folder/socket"])
def test_addresses_where_nothing_can_be_lost(address: str) -> None:
    check_free(address)
