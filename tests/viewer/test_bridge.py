"""The page's server over real sockets, with a program in the browser's place."""

from __future__ import annotations

import http.client
import json
import socket
import struct
import threading
import time
from collections.abc import Iterator, Mapping
from typing import Any

import cv2
import numpy as np
import pytest
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.sync.client import ClientConnection, connect

from framegen.config import Settings
from framegen.errors import ConfigError, FramegenError
from framegen.viewer import PRESETS, Pair, ViewerBridge

WAIT_S = 60.0


class Host:
    """A host that applies what the page says, as the demo does."""

    def __init__(self, **options: Any) -> None:
        self.changes: list[tuple[str, dict[str, Any]]] = []
        self.heard = threading.Event()
        self.bridge = ViewerBridge(self._change, **options)
        self.settings = Settings(prompt="noon")

    def _change(self, channel: str, changes: Mapping[str, Any]) -> None:
        if changes.get("prompt") == "forbidden":
            raise FramegenError("That word is forbidden.")
        self.changes.append((channel, dict(changes)))
        self.settings = self.settings.updated(changes)
        self.bridge.settings(self.settings, tuple(self.settings.prompt.split()), ())
        self.heard.set()


@pytest.fixture
def host() -> Iterator[Host]:
    host = Host()
    with host.bridge:
        yield host


def socket_of(bridge: ViewerBridge) -> str:
    return bridge.url.replace("http:", "ws:").replace("/?", "/socket?") + ("" if "?" in bridge.url else "socket")


def hear(page: ClientConnection, kind: str) -> dict[str, Any]:
    """The next message of ``kind``; others are passed over."""
    while True:
        message = page.recv(timeout=WAIT_S)
        if isinstance(message, str) and json.loads(message)["type"] == kind:
            return dict(json.loads(message))


def next_pair(page: ClientConnection, timeout_s: float = WAIT_S) -> tuple[dict[str, Any], np.ndarray, np.ndarray]:
    """The next pair: header and both pictures (BGR). Not acknowledged."""
    while True:
        message = page.recv(timeout=timeout_s)
        if isinstance(message, bytes):
            (length,) = struct.unpack_from("<I", message)
            header = json.loads(message[4 : 4 + length])
            first, second = header["bytes"]
            jpegs = message[4 + length : 4 + length + first], message[4 + length + first :]
            assert len(jpegs[1]) == second
            pictures = [cv2.imdecode(np.frombuffer(jpeg, np.uint8), cv2.IMREAD_COLOR) for jpeg in jpegs]
            return header, pictures[0], pictures[1]


def ack(page: ClientConnection) -> None:
    page.send(json.dumps({"type": "ack"}))


def flat(color: tuple[int, int, int], height: int = 48, width: int = 64) -> np.ndarray:
    return np.full((height, width, 3), color, np.uint8)


def test_a_page_learns_what_there_is(host: Host) -> None:
    host.bridge.state("live", model="embedded", device="CPU")
    host.bridge.settings(host.settings, ("noon",), ("dragons",))
    with connect(socket_of(host.bridge)) as page:
        hello = hear(page, "hello")
        assert [preset["name"] for preset in hello["presets"]] == [preset.name for preset in PRESETS]
        assert hear(page, "channels")["watching"] == "main"
        assert hear(page, "state")["about"] == {"model": "embedded", "device": "CPU"}
        told = hear(page, "settings")
        assert told["settings"]["prompt"] == "noon" and told["ignored"] == ["dragons"]


def test_pairs_arrive_with_their_colours(host: Host) -> None:
    with connect(socket_of(host.bridge)) as page:
        hear(page, "hello")
        host.bridge.publish(Pair(flat((200, 30, 30)), flat((30, 30, 200)), 7, "generated", "embedded"))
        header, source, restyled = next_pair(page)
    assert header["frame_id"] == 7 and header["size"] == [64, 48] and header["model"] == "embedded"
    assert source.shape == (48, 64, 3)
    np.testing.assert_allclose(source[24, 32], (30, 30, 200), atol=6)
    np.testing.assert_allclose(restyled[24, 32], (200, 30, 30), atol=6)


def test_large_frames_are_made_smaller_for_the_page() -> None:
    header_size = struct.unpack_from(
        "<I", packed := Pair(flat((9, 9, 9), 16, 3840), flat((9, 9, 9), 16, 3840)).packed()
    )
    header = json.loads(packed[4 : 4 + header_size[0]])
    start = 4 + header_size[0]
    picture = cv2.imdecode(np.frombuffer(packed[start : start + header["bytes"][0]], np.uint8), cv2.IMREAD_COLOR)
    assert header["size"] == [3840, 16] and picture.shape == (8, 1920, 3)


def test_jpegs_pass_untouched() -> None:
    packed = Pair(b"\xff\xd8one", b"\xff\xd8three", 3, size=(4, 2)).packed()
    assert packed.endswith(b"\xff\xd8one\xff\xd8three")


def test_a_page_is_sent_the_newest_pair_when_it_has_drawn_the_last(host: Host) -> None:
    with connect(socket_of(host.bridge)) as page:
        hear(page, "hello")
        host.bridge.publish(Pair(flat((1, 1, 1)), flat((2, 2, 2)), 1))
        assert next_pair(page)[0]["frame_id"] == 1
        for frame_id in range(2, 30):
            host.bridge.publish(Pair(flat((1, 1, 1)), flat((2, 2, 2)), frame_id))
        with pytest.raises(TimeoutError):
            next_pair(page, timeout_s=0.3)
        ack(page)
        assert next_pair(page)[0]["frame_id"] == 29


def test_a_page_that_reads_nothing_holds_nobody_up(host: Host) -> None:
    big = np.random.default_rng(0).integers(0, 255, (720, 1280, 3), dtype=np.uint8)
    with connect(socket_of(host.bridge), max_queue=1), connect(socket_of(host.bridge), max_size=None) as page:
        hear(page, "hello")
        for frame_id in range(1, 6):
            host.bridge.publish(Pair(big, big, frame_id))
            assert next_pair(page)[0]["frame_id"] == frame_id
            ack(page)


def test_what_one_page_changes_all_pages_see(host: Host) -> None:
    host.bridge.settings(host.settings)
    with connect(socket_of(host.bridge)) as one, connect(socket_of(host.bridge)) as other:
        for page in (one, other):
            assert hear(page, "settings")["settings"]["prompt"] == "noon"
        one.send(json.dumps({"type": "settings", "changes": {"prompt": "night rain", "strength": 0.25}}))
        for page in (one, other):
            told = hear(page, "settings")
            assert told["settings"]["prompt"] == "night rain" and told["settings"]["strength"] == 0.25
            assert told["understood"] == ["night", "rain"]
    assert host.changes == [("main", {"prompt": "night rain", "strength": 0.25})]


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"model": "other"}, "cannot change model"),
        ({"prompt": 7}, "prompt must be text"),
        ({"intensity": 2.0}, "from 0 to 1"),
        ({"output_width": 16384}, "cannot change output_width"),
        ({"prompt": "forbidden"}, "forbidden"),
        ({"prompt": "night \ud800"}, "half a character"),
    ],
)
def test_what_makes_no_sense_is_answered_on_the_page(host: Host, changes: dict[str, Any], says: str) -> None:
    host.bridge.state("live")
    with connect(socket_of(host.bridge)) as page:
        hear(page, "state")
        page.send(json.dumps({"type": "settings", "changes": changes}))
        assert says in hear(page, "error")["message"]
    assert not host.changes


@pytest.mark.parametrize(
    "message", ["", "[" * 30_000, "junk", "[]", "7", '{"kind": 1}', b"\x00\x01", '{"type": "settings"}']
)
def test_junk_from_a_page_disturbs_nobody(host: Host, message: str | bytes) -> None:
    host.bridge.state("live")
    with connect(socket_of(host.bridge)) as page:
        hear(page, "state")
        page.send(message)
        page.send(json.dumps({"type": "settings", "changes": {"prompt": "fog"}}))
        assert hear(page, "settings")["settings"]["prompt"] == "fog"


def test_a_page_that_vanishes_is_forgotten(host: Host) -> None:
    with connect(socket_of(host.bridge)) as page:
        hear(page, "hello")
        assert host.bridge.watched
        page.socket.shutdown(socket.SHUT_RDWR)
        deadline = time.monotonic() + WAIT_S
        while host.bridge.watched and time.monotonic() < deadline:
            host.bridge.publish(Pair(flat((1, 1, 1)), flat((2, 2, 2)), 1))
            time.sleep(0.02)
        assert not host.bridge.watched


def test_one_page_too_many_is_told_so(host: Host, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("framegen.viewer.server.MAX_PAGES", 1)
    host.bridge.state("live")
    with connect(socket_of(host.bridge)) as first:
        hear(first, "state")
        with connect(socket_of(host.bridge)) as second, pytest.raises(ConnectionClosed, match="close one"):
            second.recv(timeout=WAIT_S)
        first.send(json.dumps({"type": "settings", "changes": {"prompt": "fog"}}))
        assert hear(first, "settings")["settings"]["prompt"] == "fog"


def test_channels_are_watched_one_at_a_time(host: Host) -> None:
    host.bridge.name("first game", "a")
    host.bridge.name("second game", "b")
    host.bridge.publish(Pair(flat((1, 1, 1)), flat((2, 2, 2)), 1), "a")
    host.bridge.publish(Pair(flat((1, 1, 1)), flat((2, 2, 2)), 2), "b")
    with connect(socket_of(host.bridge)) as page:
        listed = hear(page, "channels")
        assert [channel["title"] for channel in listed["channels"]] == ["first game", "second game"]
        assert next_pair(page)[0]["frame_id"] == 1
        page.send(json.dumps({"type": "watch", "channel": "b"}))
        assert next_pair(page)[0]["frame_id"] == 2
        host.bridge.drop("b")
        assert hear(page, "channels")["watching"] == "a", "who watched what is over, watches what is left"


def test_a_page_that_turns_to_another_channel_is_sent_nothing_more_of_the_first(
    host: Host, monkeypatch: pytest.MonkeyPatch
) -> None:
    board = host.bridge._board
    packed, packing, turned = board.packed, threading.Event(), threading.Event()

    def held(channel: str) -> tuple[int, bytes] | None:
        packing.set()
        turned.wait(WAIT_S)
        return packed(channel)

    monkeypatch.setattr(board, "packed", held)
    for frame_id, channel in enumerate(("a", "b", "a")):
        host.bridge.publish(Pair(flat((1, 1, 1)), flat((2, 2, 2)), frame_id), channel)
    with connect(socket_of(host.bridge)) as page:
        assert packing.wait(WAIT_S)
        page.send(json.dumps({"type": "watch", "channel": "b"}))
        page.send("answered when what was said before is done")
        hear(page, "error")
        turned.set()
        assert next_pair(page)[0]["frame_id"] == 1, "that of a, which is newer, would stand there until b had another"


def get(bridge: ViewerBridge, path: str, **headers: str) -> tuple[int, dict[str, str], bytes]:
    host, port = bridge.url.split("/")[2].rsplit(":", 1)
    connection = http.client.HTTPConnection(host, int(port), timeout=WAIT_S)
    connection.request("GET", path, headers=headers)
    answer = connection.getresponse()
    return answer.status, dict(answer.getheaders()), answer.read()


def test_the_page_is_whole_and_needs_nothing_from_elsewhere(host: Host) -> None:
    status, headers, body = get(host.bridge, "/")
    assert status == 200 and b"<title>framegen</title>" in body
    assert "default-src 'none'" in headers["Content-Security-Policy"]
    assert headers["X-Content-Type-Options"] == "nosniff"
    text = body.decode()
    for path in ("/style.css", "/app.js", "/icon.svg"):
        assert path in text
    for path in ("/style.css", "/app.js", "/stage.js", "/figures.js", "/icon.svg"):
        status, headers, body = get(host.bridge, path)
        assert status == 200 and len(body) > 100
        text += body.decode()
    addresses = text.replace("http://www.w3.org/2000/svg", "")
    assert "http://" not in addresses and "https://" not in addresses
    assert get(host.bridge, "/../bridge.py")[0] == 404
    assert get(host.bridge, "/static/app.js")[0] == 404


def test_other_names_and_other_pages_are_turned_away(host: Host) -> None:
    assert get(host.bridge, "/", Host="evil.example")[0] == 421
    address = socket_of(host.bridge)
    with pytest.raises(InvalidStatus, match="403"), connect(address, origin="http://evil.example"):  # type: ignore[arg-type]
        pass
    assert get(host.bridge, "/socket", Host="evil.example")[0] == 421
    own = address.replace("ws:", "http:").removesuffix("/socket")
    with connect(address, origin=own) as page:  # type: ignore[arg-type]
        assert hear(page, "hello")


def test_a_public_page_needs_a_token() -> None:
    with pytest.raises(ConfigError, match="token"):
        ViewerBridge(host="0.0.0.0")
    host = Host(host="0.0.0.0", token="long & random")
    with host.bridge:
        assert "token=long%20%26%20random" in host.bridge.url
        assert get(host.bridge, "/")[0] == 403
        assert get(host.bridge, "/?token=long%20%26%20random")[0] == 200
        with pytest.raises(InvalidStatus, match="403"), connect(socket_of(host.bridge).split("?")[0]):
            pass
        with connect(socket_of(host.bridge)) as page:
            assert hear(page, "hello")


def test_a_port_that_is_taken_is_said_in_words(host: Host) -> None:
    port = int(host.bridge.url.rsplit(":", 1)[1].strip("/"))
    with pytest.raises(ConfigError, match=str(port)):
        ViewerBridge(port=port).start()


def test_a_port_that_is_none_is_said_in_words() -> None:
    with pytest.raises(ConfigError, match="70000"):
        ViewerBridge(port=70000).start()


def test_the_end_comes_soon_and_pages_notice(host: Host) -> None:
    with connect(socket_of(host.bridge)) as page:
        hear(page, "hello")
        host.bridge.close()
        with pytest.raises(ConnectionClosed):
            while True:
                page.recv(timeout=WAIT_S)
    host.bridge.publish(Pair(flat((1, 1, 1)), flat((2, 2, 2)), 1))


def test_a_page_may_be_watched_without_a_say() -> None:
    with ViewerBridge() as bridge:
        bridge.state("live")
        with connect(socket_of(bridge)) as page:
            hear(page, "state")
            page.send(json.dumps({"type": "settings", "changes": {"prompt": "fog"}}))
            assert "cannot change anything" in hear(page, "error")["message"]
