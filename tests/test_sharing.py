"""Memory shared between programs: what is laid down is what is read, and nothing else is ever opened."""

from __future__ import annotations

import ast
import os
import secrets
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from stand_in_server import InvertEngine, frame, serving

from framegen import Client, sharing
from framegen.sharing import Arena, attach

pytestmark = pytest.mark.skipif(
    not sharing.possible(), reason="needs shared memory in /dev/shm: run on Linux, in a container with --shm-size"
)
ROOM = 1 << 20


@pytest.fixture
def arena() -> Iterator[Arena]:
    made = Arena(ROOM)
    yield made
    made.close()


def test_what_is_laid_down_is_read_by_who_attaches(arena: Arena) -> None:
    shared = attach(arena.offer)
    assert shared is not None and shared.size == ROOM
    picture = np.arange(300, dtype=np.uint16).reshape(10, 30)
    places = arena.place(1, [b"abc", memoryview(picture), b""])
    assert places is not None
    assert [shared.read(*place) for place in places] == [b"abc", picture.tobytes(), b""]
    copy = shared.read(*places[0])
    arena.keep(())
    arena.place(2, [b"xyz"])
    assert copy == b"abc", "a copy stays as it was"
    assert shared.read(*places[0]) == b"xyz", "and the room is used again"
    shared.close()


@given(st.lists(st.tuples(st.integers(0, 400_000), st.lists(st.integers(0, 20), max_size=4)), max_size=20))
def test_frames_that_are_kept_never_overlap(steps: list[tuple[int, list[int]]]) -> None:
    room = Arena(ROOM)
    try:
        lying: dict[int, tuple[bytes, tuple[int, int]]] = {}
        shared = attach(room.offer)
        assert shared is not None
        for frame_id, (size, answered) in enumerate(steps):
            for old in answered:
                lying.pop(old, None)
            room.keep(lying)
            data = bytes([frame_id % 251 + 1]) * size
            places = room.place(frame_id, [data])
            if places is not None:
                lying[frame_id] = data, places[0]
            else:
                assert size + sum(len(there) for there, _ in lying.values()) > ROOM // 4, "there was room"
            for there, place in lying.values():
                assert shared.read(*place) == there
        shared.close()
    finally:
        room.close()


def test_without_room_nothing_is_laid_down(arena: Arena) -> None:
    assert arena.place(1, [bytes(ROOM)]) is None
    assert arena.place(1, [bytes(ROOM // 2)]) is not None
    assert arena.place(2, [bytes(ROOM // 2)]) is None
    arena.keep([2])
    assert arena.place(2, [bytes(ROOM // 2)]) is not None


def test_a_system_without_memory_left_is_no_end(arena: Arena, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "posix_fallocate", full)
    assert arena.place(1, [bytes(100_000)]) is None


def test_an_offer_that_is_not_ours_is_not_opened(arena: Arena, tmp_path: Path) -> None:
    good = arena.offer
    other = sharing.FOLDER / f"framegen-{os.getpid()}-{secrets.token_hex(16)}"
    (tmp_path / "secret").write_bytes(bytes(ROOM))
    other.symlink_to(tmp_path / "secret")
    pipe = sharing.FOLDER / f"framegen-{os.getpid()}-{secrets.token_hex(16)}"
    os.mkfifo(pipe, 0o600)
    wrong: list[dict[str, Any]] = [
        {},
        {**good, "proof": "00" * 32},
        {**good, "proof": "é" * 64},
        {**good, "proof": None},
        {**good, "bytes": ROOM - 1},
        {**good, "bytes": 1 << 62},
        {**good, "bytes": -1},
        {**good, "bytes": True},
        {**good, "bytes": 1.0},
        {**good, "name": "../../etc/passwd"},
        {**good, "name": good["name"] + "\n"},
        {**good, "name": "framegen-1-" + "0" * 32},
        {**good, "name": b"framegen"},
        {**good, "name": other.name, "proof": "00" * 32},
        {**good, "name": pipe.name},
    ]
    try:
        assert [offer for offer in wrong if attach(offer) is not None] == []
    finally:
        other.unlink()
        pipe.unlink()
    assert attach(good) is not None


def test_what_another_user_owns_is_not_opened(arena: Arena, monkeypatch: pytest.MonkeyPatch) -> None:
    mine = os.geteuid()
    monkeypatch.setattr(os, "geteuid", lambda: mine + 1)
    assert attach(arena.offer) is None


def test_it_is_gone_when_it_is_closed_and_what_the_dead_left_is_swept() -> None:
    dead = sharing.FOLDER / f"framegen-{os.getpid()}-{secrets.token_hex(16)}"  # another program has its number now
    dead.write_bytes(b"left")
    first = Arena(ROOM)
    path = sharing.FOLDER / first.offer["name"]
    assert path.exists() and path.stat().st_mode & 0o077 == 0 and not dead.exists()
    shared = attach(first.offer)
    places = first.place(1, [b"still there"])
    Arena(ROOM).close()
    assert path.exists(), "that of a living program stays"
    first.close()
    first.close()
    assert not path.exists()
    assert shared is not None and places is not None and shared.read(*places[0]) == b"still there"


@pytest.mark.parametrize("closed", [True, False])
def test_a_server_that_lets_go_of_a_killed_clients_memory_removes_it(closed: bool, root: Path) -> None:
    program = "from framegen.sharing import Arena; arena = Arena(1 << 16)\n"
    program += "print(arena.offer, flush=True); input()"
    with subprocess.Popen(
        [sys.executable, "-c", program], cwd=root, text=True, stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as client:
        assert client.stdout is not None
        offer = ast.literal_eval(client.stdout.readline())
        path = sharing.FOLDER / offer["name"]
        living = attach(offer)
        assert living is not None
        living.close()
        assert path.exists(), "that of a living program stays"
        shared = attach(offer)
        client.kill()
        assert client.stdout.read() == ""  # it is dead; nobody has asked how it ended, so its number is still taken
        assert path.exists() and shared is not None
        if closed:
            shared.close()
        del shared
        assert not path.exists()


def test_a_file_that_is_swept_before_it_is_locked_is_made_again(monkeypatch: pytest.MonkeyPatch) -> None:
    lock, early = sharing._lock, []

    def late(fd: int, wait: bool) -> bool:
        if wait and not early:
            early.append(True)
            sharing._sweep()
        return lock(fd, wait)

    monkeypatch.setattr(sharing, "_lock", late)
    arena = Arena(ROOM)
    assert early and (sharing.FOLDER / arena.offer["name"]).exists() and attach(arena.offer) is not None
    arena.close()


def test_a_clients_frames_go_through_memory_and_come_back_right() -> None:
    with serving(InvertEngine()) as server, Client(server.addresses[0]) as client:
        welcome = client.wait_connected()
        assert "shared_memory" in welcome.capabilities
        for number in range(1, 40):
            depth = np.full((48, 64), float(number), np.float32)
            restyled = client.restyle(frame(number, depth_m=depth, reset=True))
            assert (restyled.image == 255 - (20 + number)).all()
        larger = client.restyle(frame(40, 640, 480, reset=True))
        assert larger.image.shape == (480, 640, 3) and (larger.image == 255 - 60).all()


def test_a_server_that_takes_no_memory_gets_frames_by_socket(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sharing, "attach", lambda _offer: None)
    with serving(InvertEngine()) as server, Client(server.addresses[0]) as client:
        assert "shared_memory" not in client.wait_connected().capabilities
        assert (client.restyle(frame(1)).image == 255 - 21).all()


def test_frames_that_find_no_room_go_by_socket(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Arena, "place", lambda *_: None)
    with serving(InvertEngine()) as server, Client(server.addresses[0]) as client:
        assert "shared_memory" in client.wait_connected().capabilities
        assert (client.restyle(frame(1)).image == 255 - 21).all()


def test_a_client_without_such_memory_says_nothing_of_it(monkeypatch: pytest.MonkeyPatch) -> None:
    def none(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(sharing, "Arena", none)
    with serving(InvertEngine()) as server, Client(server.addresses[0]) as client:
        assert "shared_memory" not in client.wait_connected().capabilities
        assert (client.restyle(frame(1)).image == 255 - 21).all()


def test_a_program_that_ends_without_closing_leaves_nothing_and_its_fork_takes_nothing_away(root: Path) -> None:
    program = """
import os, sys
from framegen.client import Client
from framegen.sharing import FOLDER
client = Client("tcp://127.0.0.1:9")
path = FOLDER / client._link._arena.offer["name"]
print(path, flush=True)
if os.fork() == 0:
    sys.exit(0 if path.exists() else 1)  # with what a program does at its end
print(os.wait()[1], path.exists(), flush=True)
"""
    command = [sys.executable, "-c", program]
    ran = subprocess.run(command, capture_output=True, text=True, timeout=120, cwd=root, check=False)
    path, after_fork = ran.stdout.splitlines()
    assert after_fork == "0 True" and ran.returncode == 0, ran.stderr
    assert not Path(path).exists()
