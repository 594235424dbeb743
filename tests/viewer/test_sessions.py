"""``framegen serve --viewer``: every session is a channel of the page."""

from __future__ import annotations

import time
from typing import Any

import numpy as np
from stand_in_server import ANYWHERE, InvertEngine, frame

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
        until_s = time.monotonic() + 60
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


def test_a_page_changes_a_sessions_look_and_its_client_hears_of_it() -> None:
    recorder, engine = Recorder(), InvertEngine()
    page = OnPage(recorder)  # type: ignore[arg-type]
    page.change("nobody", {"prompt": "too early"})
    told: list[Any] = []
    with (
        Server(ServerOptions(endpoints=ANYWHERE), lambda _name: engine, ["invert"], observer=page) as server,
        Client(server.addresses[0], settings={"prompt": "noon"}, on_settings=told.append) as client,
    ):
        session = client.wait_connected().session
        client.restyle(frame(1))
        page.change("a session that is over", {"prompt": "fog"})
        page.change(session, {"prompt": "night rain", "intensity": 0.5})
        page.change(session, {"model": "none of ours"})  # is logged, changes nothing
        until_s = time.monotonic() + 60
        while not told and time.monotonic() < until_s:
            time.sleep(0.01)
        assert client.restyle(frame(2, reset=True)).settings_revision == told[0].revision
        client.set(strength=0.25, wait=True)
    assert [applied.request for applied in told] == [0, 1]
    assert all(applied.understood == ("night", "rain") for applied in told)
    settings = [entry[1] for entry in recorder.told if entry[0] == "settings"][-1]
    assert (settings.prompt, settings.intensity, settings.strength) == ("night rain", 0.5, 0.25)


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
