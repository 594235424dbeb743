"""Who may say what when: the two sides of a session, without sockets, threads or clocks.

Feed received messages in, send what comes out, act on the events; the time is an argument (``now_ns``, the
caller's monotonic clock). The rules are those of ``protocol/SPEC.md``, section "Sessions".

The server's side, for each ZeroMQ routing id::

    peer = ServerPeer(limits=limits, models=("embedded",), server_name="framegen 0.1.0")
    try:
        step = peer.receive(decode(parts, limits), now_ns)
    except ProtocolError as error:
        step = peer.refuse(error, now_ns)
    ...                                  # send step.send, act on step.events
    job = peer.take()                    # when a worker is free
    step = peer.finish(job, restyled)    # or peer.fail(job, error)
    step = peer.tick(now_ns)             # now and then: idle sessions expire

The client's::

    peer = ClientPeer(Hello(client="my game"))
    step = peer.connect(now_ns)
    step = peer.receive(decode(parts), now_ns)
    step = peer.send_frame(frame, now_ns)
    step = peer.tick(now_ns)             # heartbeats, and a server that fell silent
"""

from framegen.wire.client_peer import ClientPeer, ClientState
from framegen.wire.server_peer import ServerPeer, SessionState, error_message, unknown_session

__all__ = ["ClientPeer", "ClientState", "ServerPeer", "SessionState", "error_message", "unknown_session"]
