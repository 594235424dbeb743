"""Every property of the node is changed while a game plays, and takes effect: in the game, or at the server."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from stand_in_server import Bare, InvertEngine, serving

from framegen.config import Settings
from framegen.frame import Frame
from framegen.server.app import Server
from framegen.server.options import Endpoint, ServerOptions
from framegen.wire.messages import Limits

TOKEN = "correct horse battery"


class Watching(InvertEngine):
    """Keeps the settings and the frames' planes that it is given."""

    seen: list[Settings]

    def encode(self, frame: Frame, conditioning: Any, settings: Settings, sun: Any) -> Any:
        self.seen.append(settings)
        return super().encode(frame, conditioning, settings, sun)


def test_every_property_changes_a_running_game(run_scene: Callable[..., Any]) -> None:
    seen: list[Settings] = []

    def load(name: str) -> Watching:
        engine = Watching(name)
        engine.seen = seen
        return engine

    anywhere = "tcp://127.0.0.1:*"
    endpoints = (Endpoint(anywhere), Endpoint(anywhere, "plain"))
    options = ServerOptions(endpoints=endpoints, token=TOKEN, limits=Limits(max_pixels=60_000))
    with Server(options, load, ["invert", "other"]) as server:
        run_scene("live", "forward_plus", *server.addresses, TOKEN).ok()
    assert {"golden hour, clear sky", "purple rain", "green hills", "inside"} <= {known.prompt for known in seen}
    assert {"", "no snow"} <= {known.negative_prompt for known in seen}
    assert {0.5, 0.875} <= {known.strength for known in seen}
    assert {0, 41} <= {known.seed for known in seen}
    assert {"auto", "prompt"} <= {known.sun for known in seen}
    assert {("raw", 90), ("jpeg", 90), ("jpeg", 60)} <= {(known.output_codec, known.jpeg_quality) for known in seen}


def test_what_cannot_be_costs_nothing_else_and_is_warned_of_once(run_scene: Callable[..., Any]) -> None:
    with serving() as server, serving(max_sessions=1) as full, Bare(full.addresses[0]) as other:
        other.greet()
        played = run_scene("careless", "gl_compatibility", server.addresses[0], full.addresses[0])
    assert not played.failures and played.passed > 8, played
    wanted = ["invalid_settings", "too_many_sessions", "unknown_model", "unknown_model"]
    assert sorted(played.measured["refusals"]) == wanted
    warnings = [line for line in played.output.splitlines() if "WARNING: framegen" in line]
    assert len(warnings) == 4, warnings
    assert "ERROR" not in played.output
