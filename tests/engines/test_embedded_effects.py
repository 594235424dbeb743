"""What the sky shows, what falls from it, and how results are photographed: the embedded model, to the last step."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest
from small_embedded import SMALL, H, W, noise, plain_frame, restyle

from framegen.config import Settings
from framegen.engines.embedded.engine import EmbeddedEngine
from framegen.frame import U8, Camera, Frame, How, Restyled
from framegen.ops.effects import Effects, drawn
from framegen.ops.photo import printed
from framegen.restyle import start, step


@pytest.fixture(scope="module")
def engine() -> EmbeddedEngine:
    return EmbeddedEngine(SMALL, "cpu")


def while_still(engine: EmbeddedEngine, prompt: str) -> tuple[Restyled, Restyled]:
    """The last two results of a frame that shows the same again and again while its clock goes on."""
    state, seen = start(Settings(prompt=prompt), engine), []
    for number in range(40):
        frame = dataclasses.replace(plain_frame(), frame_id=number, timestamp_ns=number * 50_000_000)
        result, state = step(frame, state, engine)
        seen.append(result)
    return seen[-2], seen[-1]


def test_clear_nights_have_stars_and_the_moon_stands_where_the_engines_light_comes_from(engine: EmbeddedEngine) -> None:
    frame = plain_frame()
    sky = ~np.isfinite(frame.depth_m) if frame.depth_m is not None else np.zeros((H, W), bool)
    assert sky.any()

    def seen(prompt: str, sun: tuple[float, float, float] | None = None) -> U8:
        settings = Settings(prompt=prompt)
        encoded = engine.encode(frame, engine.condition(settings), settings, sun)
        latent = engine.denoise(encoded, None, noise(), 0.6)
        return drawn(engine.decode(latent, encoded), frame, engine.effects(encoded, latent))

    plain, starry = seen("no stars, clear night"), seen("starry night")
    stars = (starry.astype(int) - plain).max(-1) > 25
    assert stars[sky].any() and not stars[~sky].any()
    np.testing.assert_array_equal(seen("starry night, overcast"), seen("night, overcast"))
    assert frame.camera is not None
    ahead = np.linalg.inv(frame.camera.view_from_world)[:3, :3] @ (0.0, 0.35, -1.0)
    toward = tuple((ahead / np.linalg.norm(ahead)).tolist())
    moonlit = seen("no stars, moon, clear night", toward)
    assert (moonlit[sky].astype(int) - plain[sky]).max() > 100


def test_an_aurora_hangs_in_the_sky_of_clear_nights_and_drifts(engine: EmbeddedEngine) -> None:
    def seen(prompt: str, seconds: int = 0) -> U8:
        frame = dataclasses.replace(plain_frame(), timestamp_ns=seconds * 10**9)
        return restyle(engine, frame, Settings(prompt=prompt))

    plain, polar = seen("clear night, no aurora"), seen("clear night, strong aurora")
    depth = plain_frame().depth_m
    assert depth is not None
    sky = ~np.isfinite(depth)
    assert (polar.astype(int) - plain)[sky].max() > 30
    assert np.abs(polar.astype(int) - plain)[~sky].mean() < 1
    assert (seen("clear night, strong aurora", 60) != polar).any()
    np.testing.assert_array_equal(seen("overcast night, strong aurora"), seen("overcast night, no aurora"))


def test_an_aurora_that_no_frame_shows_keeps_no_still_frame_from_rest(engine: EmbeddedEngine) -> None:
    settings = Settings(prompt="clear night, aurora")

    def moves(frame: Frame) -> bool:
        return engine.moves(engine.encode(frame, engine.condition(settings), settings, None))

    frame = plain_frame()
    assert frame.camera is not None and frame.depth_m is not None
    assert moves(frame)
    assert not moves(dataclasses.replace(frame, depth_m=np.minimum(frame.depth_m, 8.0))), "a room"
    clip = np.diag([0.1, 0.1 * W / H, -0.01, 1.0])
    assert not moves(dataclasses.replace(frame, camera=Camera(frame.camera.view_from_world, clip, 0.1, 100.0)))


def test_the_moon_stays_in_its_place_while_a_day_fades_to_its_night(engine: EmbeddedEngine) -> None:
    frame, settings = plain_frame(), Settings()
    day, night = (engine.condition(Settings(prompt=prompt)) for prompt in ("sunny noon", "night, moon"))
    places = set()
    for share in (0.3, 0.49, 0.51, 1.0):
        known = engine.blend(day, night, share)
        encoded = engine.encode(frame, known, settings, known.sun_direction)
        assert encoded.night is not None
        places.add(encoded.night.toward)
        encoded.told.result()
    assert len(places) == 1


def test_words_of_photography_are_for_the_finished_result_alone(engine: EmbeddedEngine) -> None:
    frame, pictures = dataclasses.replace(plain_frame(), timestamp_ns=5 * 10**9), []
    for prompt in ("rain", "rain, film grain, sepia"):
        settings = Settings(prompt=prompt)
        result, _ = step(frame, start(settings, engine), engine)
        pictures.append(result.image)
    encoded = engine.encode(frame, engine.condition(settings), settings, None)
    np.testing.assert_array_equal(pictures[1], printed(pictures[0], engine.photo(encoded), 5.0))
    assert (pictures[1] != pictures[0]).any()


def test_the_grain_of_a_still_frame_is_another_without_the_network(engine: EmbeddedEngine) -> None:
    first, last = while_still(engine, "sunny noon, film grain")
    assert first.how is last.how is How.REUSED
    assert (first.image != last.image).any() and np.abs(first.image.astype(int) - last.image).max() < 80


def test_photographs_fade_from_one_to_the_next(engine: EmbeddedEngine) -> None:
    a, b = (engine.condition(Settings(prompt=p)) for p in ("noon", "noon, black and white, moon"))
    half = engine.blend(a, b, 0.5).vector
    assert half.photo.saturation == -0.5 and half.moon == 0.5
    weighed = engine.condition(Settings(prompt="noon ::3 | noon, black and white ::1")).vector
    assert weighed.photo.saturation == pytest.approx(-0.25)


def test_rain_falls_with_the_clock_and_what_is_wet_alone_stays(engine: EmbeddedEngine) -> None:
    def seen(prompt: str, seconds: float, strength: float = 0.5) -> U8:
        frame = dataclasses.replace(plain_frame(), timestamp_ns=int(seconds * 1e9))
        return step(frame, start(Settings(prompt=prompt, strength=strength), engine), engine)[0].image

    rain = seen("heavy rain", 1.0)
    assert (rain != seen("heavy rain", 1.1)).any()
    np.testing.assert_array_equal(rain, seen("heavy rain", 1.0))
    for prompt, strength in (("after rain", 0.5), ("heavy rain", 0.0), ("deep snow", 0.5)):
        np.testing.assert_array_equal(seen(prompt, 1.0, strength), seen(prompt, 1.1, strength))
    assert (seen("snowfall", 1.0) != seen("snowfall", 1.1)).any()


def test_rain_goes_on_falling_before_a_still_frame_without_the_network(engine: EmbeddedEngine) -> None:
    first, last = while_still(engine, "heavy rain")
    assert first.how is last.how is How.REUSED and "lift" in last.stages_ms
    changed = (first.image != last.image).any(-1)
    assert 0.002 < changed.mean() < 0.5


def test_nothing_falls_in_rooms_and_without_depth_nobody_knows_of_one(engine: EmbeddedEngine) -> None:
    def effects(name: str, prompt: str = "heavy rain", **changes: object) -> Effects:
        settings = Settings(prompt=prompt).updated({"labels": {1: {"name": name}}})
        frame = dataclasses.replace(plain_frame(label=np.ones((H, W), np.uint8)), **changes)  # type: ignore[arg-type]
        encoded = engine.encode(frame, engine.condition(settings), settings, None)
        return engine.effects(encoded, engine.denoise(encoded, None, noise(), 0.6))

    depth = plain_frame().depth_m
    assert depth is not None
    outside, inside = effects("asphalt"), effects("carpet", depth_m=np.minimum(depth, np.float32(4)))
    assert outside.share > 0.9 and outside.fall
    assert inside.share == 0 and not inside.fall
    flat = effects("asphalt", depth_m=None)
    assert flat.share == 1 and flat.fall
    assert effects("asphalt", "clear night").night is not None
    assert effects("asphalt", "clear night", depth_m=None).night is None


def test_clouds_and_the_engines_own_sky_hide_what_the_sky_shows_and_strength_is_how_much_falls(
    engine: EmbeddedEngine,
) -> None:
    def effects(prompt: str, strength: float = 0.5) -> Effects:
        settings = Settings(prompt=prompt, strength=strength)
        encoded = engine.encode(plain_frame(), engine.condition(settings), settings, None)
        return engine.effects(encoded, engine.denoise(encoded, None, noise(), 0.6))

    clear, cloudy, own = effects("clear night"), effects("partly cloudy night"), effects("clear night", 0.0)
    assert clear.open_sky.max() == 1 and not own.open_sky.any()
    assert cloudy.open_sky.mean() < clear.open_sky.mean() - 0.05
    whole, half, none = (effects("heavy rain", strength) for strength in (0.5, 0.25, 0.0))
    assert half.share == pytest.approx(0.5 * whole.share) and not none.fall


def test_of_a_padded_frame_the_sky_of_its_own_part_is_shown(engine: EmbeddedEngine) -> None:
    frame = plain_frame()
    assert frame.depth_m is not None
    small = dataclasses.replace(frame, color=frame.color[:90, :100], depth_m=frame.depth_m[:90, :100])
    shown = step(small, start(Settings(prompt="heavy rain"), engine), engine)[1].shown
    assert shown is not None and shown.effects.fall
    assert shown.effects.part == pytest.approx((100 / 112, 90 / 96)), "the model takes multiples of 16 pixels"
