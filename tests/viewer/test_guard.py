"""Only the page itself may talk to the page's server."""

from __future__ import annotations

import pytest

from framegen.viewer.guard import host_allowed, origin_allowed, token_allowed


@pytest.mark.parametrize("host", ["127.0.0.1:8080", "localhost:8080", "LOCALHOST:8080", "[::1]:8080", "127.1.2.3:8080"])
def test_its_own_names(host: str) -> None:
    assert host_allowed(host, "127.0.0.1", 8080)


@pytest.mark.parametrize(
    "host",
    [
        None,
        "",
        "evil.example:8080",
        "127.0.0.1.evil.example:8080",
        "localhost.evil.example:8080",
        "127.0.0.1:8081",
        "127.0.0.1",
        "192.168.1.5:8080",
        "[::1",
        "127.0.0.1:99999999",
        "user@127.0.0.1:8080",
        "127.0.0.1:8080/x",
        "2130706433:8080",
    ],
)
def test_any_other_name_is_a_rebinding(host: str | None) -> None:
    assert not host_allowed(host, "127.0.0.1", 8080)


def test_a_page_for_other_machines_answers_to_addresses_and_its_bound_name() -> None:
    assert host_allowed("192.168.1.5:8080", "0.0.0.0", 8080)
    assert host_allowed("studio:8080", "studio", 8080)
    assert not host_allowed("evil.example:8080", "0.0.0.0", 8080)
    assert host_allowed("127.0.0.1", "127.0.0.1", 80)


def test_origins() -> None:
    assert origin_allowed("http://127.0.0.1:8080", "127.0.0.1:8080")
    assert origin_allowed(None, "127.0.0.1:8080"), "a program, not a page"
    for origin in ("http://evil.example", "https://127.0.0.1:8080", "http://127.0.0.1:8081", "null", ""):
        assert not origin_allowed(origin, "127.0.0.1:8080")
    assert not origin_allowed("http://127.0.0.1:8080", None)


def test_tokens() -> None:
    assert token_allowed("/socket", None)
    assert token_allowed("/?token=long-random", "long-random")
    for path in ("/", "/?token=", "/?token=long", "/?token=other&x=long-random"):
        assert not token_allowed(path, "long-random")
