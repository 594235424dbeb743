from __future__ import annotations

import os
import stat
from pathlib import Path

import pytest
import zmq

from framegen.errors import ConfigError
from framegen.server.keys import client_keys, public_of, server_secret


def test_a_missing_key_file_is_made_once_and_for_its_owner(tmp_path: Path) -> None:
    file = tmp_path / "server.key"
    secret = server_secret(file)
    assert server_secret(file) == secret
    assert public_of(secret) == zmq.curve_public(secret.encode()).decode()
    if os.name == "posix":
        assert stat.S_IMODE(file.stat().st_mode) == 0o600


def test_client_keys_with_comments(tmp_path: Path) -> None:
    keys = [zmq.curve_keypair()[0].decode() for _ in range(2)]
    file = tmp_path / "clients.txt"
    file.write_text(f"# who may enter\n{keys[0]} # the laptop\n\n{keys[1]}\n")
    assert client_keys(file) == frozenset(keys)


@pytest.mark.parametrize("text", ["", "# nobody\n", "too short\n", "é" * 40, '"' * 40, "#" * 40])
def test_files_without_keys(tmp_path: Path, text: str) -> None:
    file = tmp_path / "keys"
    file.write_text(text, encoding="utf-8")
    with pytest.raises(ConfigError):
        client_keys(file)
    with pytest.raises(ConfigError):
        server_secret(file)


def test_a_server_has_one_key(tmp_path: Path) -> None:
    file = tmp_path / "keys"
    file.write_text("\n".join(zmq.curve_keypair()[1].decode() for _ in range(2)))
    with pytest.raises(ConfigError, match="2 keys"):
        server_secret(file)


def test_a_key_file_that_cannot_be_made(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="cannot be written"):
        server_secret(tmp_path / "no such folder" / "key")
