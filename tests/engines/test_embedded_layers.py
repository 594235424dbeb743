"""What the embedded engine lays over its pictures: lights, mirrors, snow and shadows, by labels and the sun."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest
from small_embedded import SMALL, H, W, noise, plain_frame, restyle

from framegen.config import Settings
from framegen.engines.embedded import layers
from framegen.engines.embedded.engine import EmbeddedEngine
from framegen.engines.vocabulary import COLORS
from framegen.frame import F32, U8, Frame, How
from framegen.ops import layout
from framegen.ops.anchors import Anchors
from framegen.ops.kernels import snow as snow_kernels
from framegen.ops.reference import STRAIGHT, toned
from framegen.restyle import start, step
from framegen.watch import Watch


@pytest.fixture(scope="module")
def engine() -> EmbeddedEngine:
    return EmbeddedEngine(SMALL, "cpu")


def test_labelled_windows_go_on_in_the_dark(engine: EmbeddedEngine) -> None:
    label = np.zeros((H, W), np.uint8)
    label[40:70, 50:80] = 9
    frame = plain_frame(label=label)

    def seen(name: str, prompt: str, strength: float = 0.5) -> float:
        settings = Settings(prompt=prompt, strength=strength).updated({"labels": {9: {"name": name}}})
        return float(restyle(engine, frame, settings)[42:68, 52:78].mean())

    assert seen("lamp", "night") > seen("unlit lamp", "night") + 40
    assert seen("lamp", "dusk") > seen("unlit lamp", "dusk") + 20
    for prompt, strength in (("night", 0.0), ("sunny noon", 0.5)):
        assert seen("unlit window", prompt, strength) == seen("window", prompt, strength), "it is not dark"
    assert seen("window", "night") != seen("unlit window", "night")


def test_lights_are_mirrored_where_it_rains(engine: EmbeddedEngine, monkeypatch: pytest.MonkeyPatch) -> None:
    label = np.zeros((H, W), np.uint8)
    label[60:70, 50:80] = 9  # low enough for its image to be on the screen
    settings = Settings().updated({"labels": {9: {"name": "street lamp"}}})

    def floor(prompt: str, most: float) -> U8:
        monkeypatch.setattr("framegen.ops.wet_reference.MOST", most)
        return restyle(engine, plain_frame(label=label), dataclasses.replace(settings, prompt=prompt))[72:, 40:90]

    rain, none = (floor("rainy night", most).astype(int) for most in (0.5, 0.0))
    assert (rain - none).max() > 10
    np.testing.assert_array_equal(floor("clear night", 0.5), floor("clear night", 0.0))


def test_lamps_are_mirrored_less_only_where_labels_name_floors_that_mirror_all(engine: EmbeddedEngine) -> None:
    label = np.ones((H, W), np.uint8)
    label[20:30, 20:40], label[60:70, 50:80] = 2, 3
    frame, wet = plain_frame(label=label), {}
    for ground in ("grass", "paving"):
        names = {1: {"name": ground}, 2: {"name": "window"}, 3: {"name": "street lamp"}}
        settings = Settings(prompt="rainy night").updated({"labels": names})
        wet[ground] = engine.encode(frame, engine.condition(settings), settings, None).wet
    assert wet["grass"] > wet["paving"] > 0, "panes take nothing from what the ground mirrors"


def test_water_mirrors_and_floors_do_so_in_the_rain(engine: EmbeddedEngine, monkeypatch: pytest.MonkeyPatch) -> None:
    label = np.ones((H, W), np.uint8)

    def ground(name: str, prompt: str, reflectance: float, strength: float = 0.5) -> U8:
        monkeypatch.setattr("framegen.ops.water.soften", lambda seen, *_: seen * np.float32(reflectance))
        settings = Settings().updated({"labels": {1: {"name": name}}, "prompt": prompt, "strength": strength})
        return restyle(engine, plain_frame(label=label), settings)[56:, 4:-4]

    def changed(name: str, prompt: str, strength: float = 0.5) -> float:
        with_and_without = (ground(name, prompt, share, strength).astype(float) for share in (1.0, 0.0))
        return float(np.abs(np.subtract(*with_and_without)).mean())

    assert changed("lake", "sunny noon") > 4
    assert changed("wet street", "heavy rain") > 4
    assert changed("paving", "sunny noon") == changed("grass", "heavy rain") == 0
    assert changed("lake", "sunny noon", 0.0) == 0, "at strength 0 surfaces are the engine's"


def test_water_moves_by_the_clock_and_nothing_else_does(engine: EmbeddedEngine) -> None:
    label = np.ones((H, W), np.uint8)

    def moves(name: str, prompt: str, strength: float = 0.5) -> bool:
        settings = Settings(prompt=prompt, strength=strength).updated({"labels": {1: {"name": name}}})
        frames = [dataclasses.replace(plain_frame(label=label), timestamp_ns=s * 10**9) for s in (0, 1)]
        first, second = (restyle(engine, frame, settings) for frame in frames)
        found = engine.moves(engine.encode(frames[0], engine.condition(settings), settings, None))
        assert found == (not np.array_equal(first, second))
        return found

    assert moves("lake", "sunny noon")
    assert not moves("lake", "sunny noon", 0.0)
    assert not moves("paving", "after rain")
    assert not moves("paving", "heavy rain"), "what falls is drawn into the finished result"


def test_snow_lies_on_all_that_faces_up_where_labels_say_what_things_are(
    engine: EmbeddedEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    label = np.ones((H, W), np.uint8)
    label[40:70, 50:80] = 2

    def ground(prompt: str, name: str = "paving", most: float = 0.9, strength: float = 0.5) -> U8:
        monkeypatch.setattr("framegen.ops.snow.kernels.lay", lay if most else lambda *given: None)
        settings = Settings().updated({"labels": {1: {"name": name}, 2: {"name": "wall"}}, "prompt": prompt})
        settings = dataclasses.replace(settings, strength=strength)
        return restyle(engine, plain_frame(label=label), settings)[60:].astype(np.int64)

    lay = snow_kernels.lay
    more = (ground("winter noon, deep snow") - ground("winter noon, deep snow", most=0)).mean(-1)
    assert np.abs(more[:, :48]).mean() > 1
    assert np.abs(more[:8, 54:76]).max() <= 40, "the box stands upright"
    for bare in ({"prompt": "sunny noon"}, {"prompt": "deep snow", "name": "lake"}):
        assert np.array_equal(ground(**bare), ground(**bare, most=0))
    assert np.array_equal(ground("deep snow", strength=0.0), ground("deep snow", most=0, strength=0.0))


def test_patches_of_snow_drive_along(engine: EmbeddedEngine) -> None:
    settings = Settings().updated({"labels": {1: {"name": "paving"}}, "prompt": "winter noon, light snow"})
    known = engine.condition(settings)
    encoded = engine.encode(plain_frame(label=np.ones((H, W), np.uint8)), known, settings, known.sun_direction)
    latent = engine.denoise(encoded, None, noise(), 0.6)
    shift = np.full((H // 4, W // 4, 3), 1.3, np.float32)
    laid = []
    for anchors in (None, Anchors(shift, np.zeros((H // 4, W // 4), np.float32))):
        picture = np.full((H, W, 3), 60, np.uint8)
        layers.lay(picture, latent, encoded, None, Watch(), anchors)
        laid.append(picture.astype(int))
    assert np.abs(laid[1] - laid[0])[60:].mean() > 1


def test_shadows_stay_as_dark_as_cells_were_and_fall_in_no_room(engine: EmbeddedEngine) -> None:
    def laid(kept: float | None, name: str = "paving") -> F32:
        """What the shadows take from an even picture; ``kept``: shade that cells had, None: this frame's own."""
        settings = Settings().updated({"labels": {1: {"name": name}}, "prompt": "sunny morning"})
        frame = plain_frame(label=np.ones((H, W), np.uint8))
        assert frame.depth_m is not None
        depth = frame.depth_m.copy()
        depth[:, 24:] = np.minimum(depth[:, 24:], 20.0)  # a window is open to the sky
        frame = dataclasses.replace(frame, depth_m=depth)
        encoded = engine.encode(frame, engine.condition(settings), settings, (0.6, 0.7, 0.4))
        latent = engine.denoise(encoded, None, noise(), 0.6)
        assert 0.0 <= latent[..., layout.SHADE].min() < 0.1 < latent[..., layout.SHADE].max() <= 1.0
        if kept is not None:
            latent[..., layout.SHADE] = kept
        picture = np.full((H, W, 3), 200, np.uint8)
        layers.lay(picture, latent, encoded, None, Watch())
        return 200 - picture[60:, :, 1].astype(np.float32)

    now, lit, dark = laid(None), laid(0.0), laid(1.0)
    assert lit.mean() < now.mean() < dark.mean()
    assert dark.min() > 20
    assert now.max() > 20
    assert np.array_equal(laid(1.0, "wooden floor"), now * 0)


def test_what_is_laid_over_a_picture_has_the_air_that_it_shows(
    engine: EmbeddedEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = Settings().updated({"labels": {1: {"name": "lake"}}, "prompt": "clear night"})
    known, frame = engine.condition(settings), plain_frame(label=np.ones((H, W), np.uint8))
    encoded = engine.encode(frame, known, settings, known.sun_direction)
    latent = engine.denoise(encoded, None, noise(), 0.6)
    told: list[list[F32]] = []
    monkeypatch.setattr("framegen.ops.water.lay", lambda *given: told.append([given[5], given[8]]))
    for curve in (STRAIGHT, encoded.curve):
        picture = np.full((H, W, 3), 60, np.uint8)
        layers.lay(picture, latent, dataclasses.replace(encoded, curve=curve), None, Watch())
    (air, sky), (darker, below) = told
    np.testing.assert_allclose(darker, toned(np.clip(air, 0, 1), encoded.curve), atol=1e-6)
    assert np.abs(below - sky).max() > 0.02, "the curve changes the sky, and so its image"


def test_waves_follow_the_engines_clock(engine: EmbeddedEngine) -> None:
    settings = Settings().updated({"labels": {1: {"name": "lake"}}, "prompt": "golden hour"})
    label = np.ones((H, W), np.uint8)
    first, again, later = (
        restyle(engine, dataclasses.replace(plain_frame(label=label), timestamp_ns=ns), settings)
        for ns in (10**18, 10**18, 10**18 + 4 * 10**8)
    )
    assert np.array_equal(first, again)
    assert (first != later).mean() > 0.02


def test_greys_are_held_by_day_alone(engine: EmbeddedEngine) -> None:
    def day(prompt: str) -> float:
        return float(engine.condition(Settings(prompt=prompt)).vector.plain_day)

    assert day("sunny noon") == day("rainy morning") == 1
    assert day("night") == day("golden hour") == day("foggy morning") == 0
    assert 0 < day("patchy snow, noon") < 1
    assert day("noon, sandy ground") == day("noon, red brick") == 0, "what words ask for may be no grey"
    assert day("noon, red roofs, green grass") == 1


def test_greys_take_the_colours_of_words_by_day(engine: EmbeddedEngine) -> None:
    label = np.ones((H, W), np.uint8)

    def seen(words: str) -> F32:
        settings = Settings(prompt="sunny noon").updated({"labels": {1: {"name": "asphalt", "words": words}}})
        return np.asarray(restyle(engine, plain_frame(label=label), settings)[80:].mean((0, 1)), np.float32)

    np.testing.assert_allclose(seen("blue asphalt") / seen("asphalt"), COLORS["blue"], atol=0.03)


def test_dark_frames_become_as_bright_by_day_as_light_ones(engine: EmbeddedEngine) -> None:
    frame = plain_frame()
    dark = dataclasses.replace(frame, color=frame.color // 4)
    day, from_night = (restyle(engine, f, Settings(prompt="sunny noon"))[80:].mean() for f in (frame, dark))
    assert from_night > 0.8 * day


def test_colours_go_by_night_outdoors_alone(engine: EmbeddedEngine, monkeypatch: pytest.MonkeyPatch) -> None:
    shares: list[float] = []
    monkeypatch.setattr("framegen.ops.scotopic.gone", lambda latent, *given: shares.append(given[3]) or latent)
    for prompt, name, far in (("noon", "sand", np.inf), ("night", "sand", np.inf), ("night", "carpet", 4.0)):
        frame = plain_frame(label=np.ones((H, W), np.uint8))
        assert frame.depth_m is not None
        frame = dataclasses.replace(frame, depth_m=np.minimum(frame.depth_m, np.float32(far)))
        restyle(engine, frame, Settings(prompt=prompt).updated({"labels": {1: {"name": name}}}))
    outside, inside = shares
    assert outside > 0.9 and inside == 0


def test_a_lamp_goes_on_lighting_the_ground_when_it_leaves_the_screen(engine: EmbeddedEngine) -> None:
    """The camera is where it was, the lamp's box no longer; its place is beside the screen then."""
    settings = Settings(prompt="clear night").updated({"labels": {1: {"name": "asphalt"}, 2: {"name": "lamp"}}})
    place = (slice(30, 40), slice(4, 10))  # at the left border

    def seen(lit: bool, turn_px: int, number: int) -> Frame:
        label = np.ones((H, W), np.uint8)
        frame = plain_frame(label=label)
        assert frame.depth_m is not None and frame.camera is not None
        depth = frame.depth_m.copy()
        camera = frame.camera
        if lit:
            label[place], depth[place] = 2, 5.0
        if turn_px:  # to the right, so that it leaves on the left
            clip = camera.clip_from_view.copy()
            clip[0, 2] += 2 * turn_px / W
            camera = dataclasses.replace(camera, clip_from_view=clip)
        stamp = number * 33_000_000
        return dataclasses.replace(
            frame, frame_id=number, timestamp_ns=stamp, label=label, depth_m=depth, camera=camera, reset=False
        )

    def after(first_lit: bool) -> tuple[F32, F32]:
        state = start(settings, engine)
        _, state = step(seen(first_lit, 0, 1), state, engine)
        result, state = step(seen(False, 16, 2), state, engine)
        assert state.memory is not None
        return np.asarray(result.image[60:, :40], np.float32), np.asarray(result.image[60:, -20:], np.float32)

    (lit, far), (dark, as_far) = after(True), after(False)
    assert lit.mean() > dark.mean() + 2
    assert lit.mean() - dark.mean() > 2 * abs(far.mean() - as_far.mean())


def test_a_lamp_that_comes_into_view_goes_on_though_nothing_else_changes(engine: EmbeddedEngine) -> None:
    settings = Settings(prompt="clear night").updated({"labels": {1: {"name": "asphalt"}, 2: {"name": "lamp"}}})
    label = np.ones((H, W), np.uint8)
    state = start(settings, engine)
    _, state = step(plain_frame(label=label), state, engine)
    with_lamp = label.copy()
    with_lamp[44:52, 60:68] = 2
    means, hows = [], []
    for number in range(2, 60):
        frame = dataclasses.replace(plain_frame(label=with_lamp), frame_id=number, timestamp_ns=number * 33_000_000)
        result, state = step(frame, state, engine)
        means.append(float(result.image[75:, 40:90].mean()))
        hows.append(result.how)
    assert means[0] + 1 < means[8] + 0.5 < means[-1]
    assert How.REUSED not in hows[:15] and hows[-1] is How.REUSED, "it rests when the lamp is on"
