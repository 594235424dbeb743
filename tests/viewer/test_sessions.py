"""``framegen serve --viewer``: every session is a channel of the page."""

from __future__ import annotations

import time
from typing import Any

import numpy as np
from stand_in_server import InvertEngine, frame

from framegen import Client
from framegen.server.app import Server
from framegen.server.options import Endpoint, ServerOptions
from framegen.viewer.sessions import OnPage


class Recorder:
    """In a bridge's place: what it was told."""

    watched = True

    def __init__(self) -> None:
        self.told: list[tuple[Any, ...]] = []

    def __getattr__(self, name: str) -> Any:
        return lambda *args, **options: self.told.append((name, *args, *options.values()))


def test_what_the_page_is_told() -> None:
    recorder, engine = Recorder(), InvertEngine()
    page = OnPage(recorder)  # type: ignore[arg-type]
    options = ServerOptions(endpoints=(Endpoint("tcp://127.0.0.1:*"),))
    with Server(options, lambda _name: engine, ["invert"], observer=page) as server:
        with Client(server.addresses[0], name="my game", settings={"prompt": "dawn mist"}) as client:
            session = client.wait_connected().session
            image = client.restyle(frame(4)).image
        until_s = time.monotonic() + 5
        while recorder.told[-1][0] != "drop" and time.monotonic() < until_s:
            time.sleep(0.01)
    assert [entry[0] for entry in recorder.told] == [
        "name",
        "state",
        "settings",
        "state",
        "figures",
        "publish",
        "drop",
    ]
    by_name = {entry[0]: entry[1:] for entry in recorder.told}
    assert by_name["name"] == ("my game", session)
    settings, understood, ignored, channel = by_name["settings"]
    assert (settings.prompt, understood, ignored, channel) == ("dawn mist", ("dawn", "mist"), (), session)
    assert by_name["figures"][0]["counts"]["generated"] == 1
    pair, channel = by_name["publish"]
    assert channel == session and pair.frame_id == 4 and pair.model == "invert"
    assert np.array_equal(pair.restyled, image)
    assert by_name["drop"] == (session,)


def test_nothing_is_published_that_nobody_watches() -> None:
    recorder = Recorder()
    recorder.watched = False
    options = ServerOptions(endpoints=(Endpoint("tcp://127.0.0.1:*"),))
    page = OnPage(recorder)  # type: ignore[arg-type]
    with (
        Server(options, lambda _name: InvertEngine(), ["invert"], observer=page) as server,
        Client(server.addresses[0]) as client,
    ):
        client.restyle(frame(1))
    assert "publish" not in {entry[0] for entry in recorder.told}
