"""CURVE keys in files: the server's own, and those of the clients it admits. Z85 text (ZeroMQ RFC 32)."""

from __future__ import annotations

import os
from pathlib import Path

import zmq

from framegen.errors import ConfigError
from framegen.wire.credentials import is_key


def server_secret(path: Path) -> str:
    """The secret key in the file, readable by its owner alone; a missing file is made with a new key."""
    if not zmq.has("curve"):
        raise ConfigError("This pyzmq was built without CURVE.", hint="Install pyzmq from PyPI: pip install pyzmq")
    if not path.exists():
        secret = zmq.curve_keypair()[1].decode()
        try:
            with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
                file.write(secret + "\n")
        except OSError as error:
            raise ConfigError(f"The key file {path} cannot be written: {error.strerror}.") from error
        return secret
    (secret,) = _keys(path, exactly_one=True)
    return secret


def public_of(secret: str) -> str:
    """The public half, which clients are given."""
    return zmq.curve_public(secret.encode()).decode()


def client_keys(path: Path) -> frozenset[str]:
    """Public keys, one a line; what follows a ``#`` is a comment."""
    return frozenset(_keys(path))


def _keys(path: Path, *, exactly_one: bool = False) -> list[str]:
    try:
        lines = path.read_text(encoding="ascii").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(f"The key file {path} cannot be read.", hint=str(error)) from error
    keys = []
    for number, line in enumerate(lines, 1):
        words = line.split(" #")[0].strip()
        if words in ("", "#") or line.startswith("# "):
            continue
        if not is_key(words):
            raise ConfigError(f"Line {number} of {path} is not a key.", hint="A key is 40 characters of Z85.")
        keys.append(words)
    if not keys or (exactly_one and len(keys) > 1):
        raise ConfigError(f"{path} holds {len(keys)} keys.", hint="One a line; the server's own file holds one.")
    return keys
