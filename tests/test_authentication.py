"""Who may talk to a server, over real sockets: token, keys, and two clients of one identity."""

from __future__ import annotations

import time

import pytest
import zmq
from stand_in_server import ANYWHERE, Bare, frame, serving

from framegen import Client
from framegen.errors import ConnectionLost, Unauthorized
from framegen.server.options import Endpoint
from framegen.wire import messages as m

TOKEN = "correct horse battery"


def test_two_clients_with_one_identity_and_the_token_are_both_answered() -> None:
    endpoint, limits = Endpoint("tcp://127.0.0.1:*", "plain"), m.Limits(heartbeat_ms=150, idle_timeout_ms=1500)
    with serving(endpoints=(endpoint,), token=TOKEN, limits=limits) as server:
        address = server.addresses[0]
        with Bare(address, b"same", TOKEN) as first:
            first.greet()
            first.picture(m.SendFrame(frame(1)))
            with Bare(address, b"same", TOKEN) as second:
                second.greet()
                second.picture(m.SendFrame(frame(1)))
                second.say(m.Bye("done"))  # or the first would hear that this session was idle: it has the same route
                assert isinstance(second.ask(m.Ping(1)), m.Error)
            first.say(m.Ping(1))
            time.sleep(2.5)  # nobody reads it, so heartbeats end the connection, and libzmq makes another
            answer = first.ask(m.SendFrame(frame(2)))
            assert isinstance(answer, m.Error) and answer.code == "unknown_session"
            first.greet()
            first.picture(m.SendFrame(frame(3)))


def test_the_token() -> None:
    secured, free = Endpoint("tcp://127.0.0.1:*", "plain"), ANYWHERE[0]
    with serving(endpoints=(free, secured), token=TOKEN) as server:
        free_address, address = server.addresses
        with Client(address, token=TOKEN) as client:
            assert client.restyle(frame(1)).frame_id == 1
        with Client(address, token="wrong token") as client:
            with pytest.raises(Unauthorized, match="refused"):
                client.wait_connected()
            with pytest.raises(Unauthorized):
                client.send(frame(1))
        for wrong in (Client(address), Client(free_address, token=TOKEN)):
            with wrong as client, pytest.raises(Unauthorized, match="another mechanism"):
                client.wait_connected()
        with Client(free_address) as client:
            assert client.restyle(frame(1)).frame_id == 1


@pytest.mark.skipif(not zmq.has("curve"), reason="needs libzmq with CURVE: pip install pyzmq")
def test_curve() -> None:
    public, secret = (key.decode() for key in zmq.curve_keypair())
    friend_public, friend_secret = (key.decode() for key in zmq.curve_keypair())
    endpoint = Endpoint("tcp://127.0.0.1:*", "curve")
    known = frozenset({friend_public})
    with serving(endpoints=(endpoint,), curve_secret_key=secret, curve_clients=known) as server:
        address = server.addresses[0]
        with Client(address, server_key=public, secret_key=friend_secret) as client:
            assert client.restyle(frame(1)).frame_id == 1
        with Client(address, server_key=public) as client, pytest.raises(Unauthorized, match="refused"):
            client.wait_connected()
        stranger = zmq.curve_keypair()[0].decode()
        with Client(address, server_key=stranger) as client, pytest.raises(ConnectionLost, match="a key"):
            client.wait_connected(1.0)
    with (
        serving(endpoints=(endpoint,), curve_secret_key=secret) as server,
        Client(server.addresses[0], server_key=public) as client,
    ):
        assert client.restyle(frame(1)).frame_id == 1
