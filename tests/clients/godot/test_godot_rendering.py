"""Capture and display of the Godot addon on a virtual display, in all three renderers, rendered in software."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from stand_in_server import InvertEngine, serving

from framegen.config import Settings
from framegen.frame import Frame
from framegen.server.options import Endpoint

Run = Callable[..., Any]
RENDERERS = ("forward_plus", "mobile", "gl_compatibility")


@pytest.mark.parametrize("renderer", RENDERERS)
def test_captured_planes_hold_what_the_world_is(renderer: str, run_scene: Run) -> None:
    planes = run_scene("capture", renderer, "msaa").ok()["planes"]
    assert {"color", "depth", "label", "intensity_mask", "dynamic_mask"} <= set(planes)
    assert ("motion" in planes) == (renderer == "forward_plus")
    assert ("reactive" in planes) == (renderer != "gl_compatibility")


def test_effects_of_the_world_are_in_the_picture_and_not_in_the_tags(run_scene: Run) -> None:
    run_scene("capture", "forward_plus", "effects").ok()


@pytest.mark.parametrize("renderer", ["forward_plus", "gl_compatibility"])
def test_a_game_with_physics_interpolation_sends_where_its_camera_is(renderer: str, run_scene: Run) -> None:
    run_scene("capture", renderer, "interpolated").ok()


@pytest.mark.parametrize("renderer", RENDERERS)
def test_the_restyled_picture_lies_under_the_hud(renderer: str, run_scene: Run) -> None:
    with serving() as server:
        measured = run_scene("play", renderer, server.addresses[0], "screen").ok()
    assert measured["psnr"] > 28
    assert measured["status"]["connected"]
    assert measured["status"]["latency_ms"] > 0


@pytest.mark.parametrize("renderer", ["forward_plus", "gl_compatibility"])
def test_a_late_result_is_shown_from_the_camera_of_now(renderer: str, run_scene: Run) -> None:
    with serving(InvertEngine(delay_s=1.0)) as server:
        measured = run_scene("play", renderer, server.addresses[0], "warp").ok()
    assert measured["reprojected_db"] > measured["late_db"] + 2


def test_two_thousand_frames_leave_memory_flat(run_scene: Run) -> None:
    with serving() as server:
        measured = run_scene("play", "gl_compatibility", server.addresses[0], "soak", "2000", timeout_s=240).ok()
    heap_mib, process_mib = measured["growth_mib"]
    assert heap_mib < 2
    assert process_mib < 48  # of the driver's caches too; a picture leaked a frame would be over 100


def test_stills_areas_and_the_sun(run_scene: Run) -> None:
    anywhere = "tcp://127.0.0.1:*"
    with serving(endpoints=(Endpoint(anywhere), Endpoint(anywhere, "plain")), token="of its own") as server:
        run_scene("still", "forward_plus", *server.addresses).ok()


@pytest.mark.parametrize("renderer", RENDERERS)
def test_labels_in_the_world_are_drawn_after_the_result(renderer: str, run_scene: Run) -> None:
    with serving() as server:
        run_scene("labels", renderer, server.addresses[0]).ok()


class Labelled(InvertEngine):
    """Keeps the names of the table that its frames are labelled by."""

    names: frozenset[str] = frozenset()

    def encode(self, frame: Frame, conditioning: Any, settings: Settings, sun: Any) -> Any:
        self.names = self.names | {label.name for label in settings.labels.values()}
        return super().encode(frame, conditioning, settings, sun)


@pytest.mark.parametrize("renderer", RENDERERS)
def test_what_nobody_tagged_is_labelled_by_its_names(renderer: str, run_scene: Run) -> None:
    engine = Labelled()
    with serving(engine) as server:
        run_scene("named", renderer, server.addresses[0]).ok()
    assert engine.names == {"brick wall", "window", "wooden door", "steel", "glass", "plaster"}
