"""What a token and a key look like, the same for both sides. ZeroMQ compares them; nothing here does."""

from __future__ import annotations

from framegen.errors import ConfigError

TOKEN_BYTES = 255
"""ZMTP's PLAIN (RFC 24) counts a password in one byte."""
KEY_CHARS = 40
_Z85 = "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ.-:+=^!/*?&<>()[]{}@%$#"


def check_token(token: str) -> None:
    """Raises ConfigError where PLAIN cannot carry ``token``."""
    try:
        size = len(token.encode())
    except UnicodeEncodeError as error:  # bytes of another encoding, as an environment variable can hold them
        raise ConfigError("The token is no UTF-8 text.", hint="Take letters and digits.") from error
    if not 1 <= size <= TOKEN_BYTES:
        raise ConfigError(
            f"The token has {size} bytes.", hint=f"PLAIN takes 1 to {TOKEN_BYTES}; a long random one has 32."
        )


def check_key(key: str, whose: str) -> None:
    """Raises ConfigError where ``key`` is not one of CURVE in Z85."""
    if not is_key(key):
        raise ConfigError(f"The {whose} key is no CURVE key.", hint="A key is 40 characters of Z85 (ZeroMQ RFC 32).")


def is_key(text: str) -> bool:
    """Whether ``text`` is 32 bytes in Z85: each five characters stand for four of them."""
    if len(text) != KEY_CHARS or not set(text) <= set(_Z85):
        return False
    for start in range(0, KEY_CHARS, 5):
        value = 0
        for character in text[start : start + 5]:
            value = value * 85 + _Z85.index(character)
        if value >= 1 << 32:
            return False
    return True
