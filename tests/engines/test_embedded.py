"""The embedded engine with its shipped weights, on whatever runtime is installed."""

from __future__ import annotations

import dataclasses
import math

import numpy as np
import pytest
from small_embedded import SMALL, H, W, noise, plain_frame, restyle

from framegen.config import LabelSettings, Settings
from framegen.engines.base import History
from framegen.engines.embedded import condition as cond
from framegen.engines.embedded import runtime
from framegen.engines.embedded.condition import strength_factors
from framegen.engines.embedded.engine import EmbeddedEngine
from framegen.engines.embedded.network import FOLDER
from framegen.errors import InvalidFrame
from framegen.frame import F32, U8, Frame
from framegen.ops import atrous_reference, layout, reference
from framegen.ops.antialias import antialias
from framegen.ops.fields import load_atlas, suited


@pytest.fixture(scope="module")
def engine() -> EmbeddedEngine:
    return EmbeddedEngine(SMALL, "cpu")


def test_the_latent_is_within_its_bounds(engine: EmbeddedEngine) -> None:
    settings = Settings(prompt="rainy night")
    encoded = engine.encode(plain_frame(), engine.condition(settings), settings, None)
    latent = engine.denoise(encoded, None, noise(), 0.6)
    assert latent.shape == (H // 4, W // 4, layout.KEPT)
    assert latent.dtype == np.float32
    assert np.isfinite(latent).all()
    assert set(np.unique(latent[..., layout.PICK])) <= set(range(layout.FIELDS))
    assert 0 <= latent[..., layout.COVER].min() <= latent[..., layout.COVER].max() <= 1
    assert np.abs(latent[..., layout.GAIN]).max() < layout.GAIN_LIMIT + 3 * layout.CHROMA_LIMIT
    assert engine.last_model_ms > 0


@pytest.mark.parametrize("prompt", ["sunny noon", "rainy night"])
def test_a_latent_that_is_carried_draws_the_same_picture(engine: EmbeddedEngine, prompt: str) -> None:
    settings = Settings(prompt=prompt)
    known = engine.condition(settings)
    encoded = engine.encode(plain_frame(), known, settings, known.sun_direction)
    latent = engine.denoise(encoded, None, noise(), 0.6)
    made, trust = engine.decode(latent, encoded), np.ones(latent.shape[:2], np.float32)
    again = engine.encode(plain_frame(), known, settings, known.sun_direction)
    carried = engine.carry(again, History(latent, trust))
    assert carried is not latent
    np.testing.assert_array_equal(carried, latent)
    np.testing.assert_array_equal(engine.decode(carried, again), made)


def test_what_a_latent_does_not_know_is_taken_from_its_surroundings(engine: EmbeddedEngine) -> None:
    settings = Settings(prompt="golden hour")
    known = engine.condition(settings)
    encoded = engine.encode(plain_frame(), known, settings, known.sun_direction)
    latent = engine.denoise(encoded, None, noise(), 0.6)
    made, trust, holes = engine.decode(latent, encoded), np.ones(latent.shape[:2], np.float32), latent.copy()
    trust[:, 10:13], holes[:, 10:13] = 0, 0
    again = engine.encode(plain_frame(), known, settings, known.sun_direction)
    filled = engine.decode(engine.carry(again, History(holes, trust)), again).astype(int)
    hollow = engine.decode(holes, again).astype(int)
    assert np.abs(filled - made)[:, 40:52].mean() < 0.3 * np.abs(hollow - made)[:, 40:52].mean()


@pytest.mark.parametrize("lost", [{}, {"depth_m": None, "camera": None}])
def test_what_the_network_says_is_averaged_along_surfaces(
    engine: EmbeddedEngine, lost: dict[str, None], monkeypatch: pytest.MonkeyPatch
) -> None:
    said: list[F32] = []
    backend = engine._backend(H, W)
    run = backend.run
    monkeypatch.setattr(backend, "run", lambda inputs: said.append(run(inputs).copy()) or said[-1])
    labelled = {"label": (np.arange(W) // 64 * np.ones((H, 1))).astype(np.uint8)}
    frame = dataclasses.replace(plain_frame(**labelled), **lost)
    settings = Settings(prompt="sunny noon", labels={0: LabelSettings("wall"), 1: LabelSettings("grass")})
    encoded = engine.encode(frame, engine.condition(settings), settings, None)
    latent = engine.denoise(encoded, None, noise(), 0.6)
    color = frame.color.reshape(H // 4, 4, W // 4, 4, 3).mean((1, 3), dtype=np.float32) / np.float32(255)
    label = encoded.inputs["label"][0]
    assert len(np.unique(label)) > 1
    guide = atrous_reference.guide(color, encoded.geometry.features, label)
    allowed = encoded.allowed if encoded.allowed.size else None
    textures = encoded.textures if encoded.textures.size else None
    wanted = reference.settle(atrous_reference.smooth(said[0], guide), allowed=allowed, suited=textures)
    np.testing.assert_allclose(latent, wanted, atol=1e-4)
    assert np.abs(latent[..., layout.GAIN] - said[0][..., layout.GAIN]).max() > 0.01


def test_labels_say_which_textures_there_may_be(engine: EmbeddedEngine) -> None:
    names = load_atlas(FOLDER).names
    frame = plain_frame(label=np.repeat(np.arange(2, dtype=np.uint8), W // 2)[None].repeat(H, 0))

    def picked(words: str) -> set[str]:
        settings = Settings(prompt="rain", labels={0: LabelSettings("wall"), 1: LabelSettings("thing", words)})
        encoded = engine.encode(frame, engine.condition(settings), settings, None)
        latent = engine.denoise(encoded, None, noise(), 0.6)
        return {names[int(k)] for k in np.unique(latent[:, W // 8 :, layout.PICK])}

    assert picked("oak leaves") <= {"undergrowth", "grass"}
    assert picked("old brick") == {"brick"}


def test_edges_are_antialiased_but_at_strength_0(engine: EmbeddedEngine, monkeypatch: pytest.MonkeyPatch) -> None:
    def both() -> list[U8]:
        return [restyle(engine, plain_frame(), Settings(prompt="sunny noon", strength=s)) for s in (0.0, 1.0)]

    smooth = both()
    monkeypatch.setattr("framegen.engines.embedded.engine.antialias", lambda picture, _share: picture)
    rough = both()
    np.testing.assert_array_equal(smooth[0], rough[0])
    np.testing.assert_array_equal(smooth[1], antialias(rough[1]))
    assert (smooth[1] != rough[1]).any()


def test_night_is_darker_and_fog_paler_than_noon(engine: EmbeddedEngine) -> None:
    noon, night, fog = (
        restyle(engine, plain_frame(), Settings(prompt=p)).astype(float) for p in ("sunny noon", "night", "thick fog")
    )
    assert night.mean() < 0.75 * noon.mean()
    far = np.s_[: H // 2]
    assert fog[far].std((0, 1)).mean() < noon[far].std((0, 1)).mean()


def test_strength_zero_keeps_structure_and_grows_steadily(engine: EmbeddedEngine) -> None:
    covers, contrasts = zip(*(strength_factors(s) for s in np.linspace(0, 1, 11)), strict=True)
    assert covers[0] == contrasts[0] == 0
    assert (np.diff(covers) >= 0).all()
    assert (np.diff(contrasts) >= 0).all()
    assert strength_factors(0.5) == (1.0, 1.0)
    whole = restyle(engine, plain_frame(), Settings(prompt="golden hour", strength=1.0))
    none = restyle(engine, plain_frame(), Settings(prompt="golden hour", strength=0.0))
    assert not np.array_equal(whole, none)


def test_footage_without_depth_or_camera_is_restyled(engine: EmbeddedEngine) -> None:
    bare = Frame(1, plain_frame().color)
    noon, night = (restyle(engine, bare, Settings(prompt=p)) for p in ("noon", "night"))
    assert noon.shape == (H, W, 3)
    assert night.mean() < noon.mean()


def test_depth_that_is_no_number_stays_where_it_is(engine: EmbeddedEngine) -> None:
    frame = plain_frame()
    assert frame.depth_m is not None
    broken = frame.depth_m.copy()
    broken[80:82, 20:22] = np.nan
    broken[70, 100] = -3.0
    picture = restyle(engine, dataclasses.replace(frame, depth_m=broken), Settings(prompt="noon"))
    whole = restyle(engine, frame, Settings(prompt="noon"))
    assert np.median(np.abs(picture.astype(int) - whole)) <= 3


def test_frames_may_have_an_alpha_channel(engine: EmbeddedEngine) -> None:
    frame = plain_frame()
    alpha = np.concatenate([frame.color, np.full((H, W, 1), 255, np.uint8)], -1)
    with_alpha = dataclasses.replace(frame, color=alpha)
    assert np.array_equal(restyle(engine, frame, Settings()), restyle(engine, with_alpha, Settings()))


def test_the_same_frame_gives_the_same_picture(engine: EmbeddedEngine) -> None:
    first, second = (restyle(engine, plain_frame(), Settings(prompt="dusk")) for _ in range(2))
    assert np.array_equal(first, second)


def test_history_holds_the_latent_and_alpha_zero_forgets_it(engine: EmbeddedEngine) -> None:
    settings = Settings(prompt="noon")
    encoded = engine.encode(plain_frame(), engine.condition(settings), settings, None)
    alone = engine.denoise(encoded, None, noise(), 0.6)
    trust = np.ones((H // 4, W // 4), np.float32)
    brighter = alone.copy()
    brighter[..., layout.GAIN] += 0.3
    pulled = engine.denoise(encoded, History(brighter, trust), noise(), 0.6)
    forgotten = engine.denoise(encoded, History(brighter, trust), noise(), 0.0)
    assert np.array_equal(forgotten, alone)
    assert not np.array_equal(pulled, alone)


def test_other_sizes_work_and_odd_ones_are_refused(engine: EmbeddedEngine) -> None:
    frame = Frame(1, np.full((64, 96, 3), 90, np.uint8))
    assert engine.encode(frame, engine.condition(Settings()), Settings(), None).inputs["cells"].shape[-2:] == (
        16,
        24,
    )
    with pytest.raises(InvalidFrame, match="multiples of 16"):
        engine.encode(Frame(1, np.zeros((60, 96, 3), np.uint8)), engine.condition(Settings()), Settings(), None)


def test_blend_starts_and_ends_at_its_sides(engine: EmbeddedEngine) -> None:
    a, b = engine.condition(Settings(prompt="noon")), engine.condition(Settings(prompt="foggy golden hour"))
    for share, side in ((0.0, a), (1.0, b)):
        mixed = engine.blend(a, b, share)
        assert mixed.vector.shares == pytest.approx(side.vector.shares, abs=1e-6)
        assert mixed.vector.fog_per_m == pytest.approx(side.vector.fog_per_m)
        assert mixed.sun_direction == pytest.approx(side.sun_direction)
    middle = engine.blend(a, b, 0.5)
    assert a.vector.fog_per_m < middle.vector.fog_per_m < b.vector.fog_per_m
    assert math.hypot(*middle.sun_direction) == pytest.approx(1)


def test_prompts_with_weights_are_blended(engine: EmbeddedEngine) -> None:
    noon, night = (engine.condition(Settings(prompt=prompt)) for prompt in ("noon, brick", "foggy night"))
    mixed = engine.condition(Settings(prompt="noon, brick ::3 | foggy night, zzz", negative_prompt="Blurry"))
    assert np.allclose(mixed.vector.shares, 0.75 * noon.vector.shares + 0.25 * night.vector.shares)
    assert mixed.vector.materials.max() == pytest.approx(0.75)
    assert math.log(mixed.vector.fog_per_m) == pytest.approx(
        0.75 * math.log(noon.vector.fog_per_m) + 0.25 * math.log(night.vector.fog_per_m)
    )
    assert mixed.sun_direction == noon.sun_direction, "the heavier side's"
    assert (mixed.understood, mixed.ignored) == (("noon", "brick", "foggy", "night"), ("zzz", "blurry"))
    three = engine.condition(Settings(prompt="noon | dusk | night ::2"))
    assert three.vector.times == pytest.approx(
        {"noon": 0.25, "morning": 0, "golden_hour": 0, "dusk": 0.25, "night": 0.5}
    )


def test_labels_reach_the_network(engine: EmbeddedEngine) -> None:
    label = np.full((H, W), 7, np.uint8)
    settings = Settings().updated({"labels": {7: {"name": "Terrain", "words": "wet asphalt"}}})
    encoded = engine.encode(plain_frame(label=label), engine.condition(settings), settings, None)
    assert set(np.unique(encoded.inputs["label"])) == {layout.LABELS.index("asphalt")}


def test_what_surfaces_are_rules_textures_even_where_their_own_colour_does_the_network(engine: EmbeddedEngine) -> None:
    label = np.zeros((H, W), np.uint8)
    label[40:70, 50:80] = 1
    labels = {"labels": {1: {"name": "plaster"}}}
    cell, plaster = (55 // 4, 65 // 4), layout.LABELS.index("plaster")
    for strength, told in ((0.5, 0), (1.0, plaster)):
        settings = Settings().updated({**labels, "strength": strength})
        encoded = engine.encode(plain_frame(label=label), engine.condition(settings), settings, None)
        assert (encoded.material[cell], encoded.inputs["label"][0][cell]) == (plaster, told)
        assert encoded.textures[cell] == suited(load_atlas(FOLDER).names)[plaster]


def test_words_of_a_label_colour_it_alone(engine: EmbeddedEngine) -> None:
    label = np.full((H, W), 1, np.uint8)
    label[:, W // 2 :] = 2
    plain = {"labels": {1: {"name": "wall", "words": "plaster"}, 2: {"name": "wall"}}}
    red = {"labels": {1: {"name": "wall", "words": "red plaster"}, 2: {"name": "wall"}}}
    a, b = (restyle(engine, plain_frame(label=label), Settings().updated(s)).astype(float) for s in (plain, red))
    ground, half = np.s_[2 * H // 3 :], W // 2
    redder = (b[..., 0] - b[..., 2])[ground] - (a[..., 0] - a[..., 2])[ground]
    assert redder[:, : half - 8].mean() > 15
    assert abs(redder[:, half + 8 :].mean()) < 4


@pytest.mark.parametrize("beyond_m", [np.inf, np.nan, 0.0])
def test_at_strength_zero_the_sky_keeps_what_the_engine_drew_there(engine: EmbeddedEngine, beyond_m: float) -> None:
    frame = plain_frame()
    assert frame.depth_m is not None
    depth = np.where(np.isinf(frame.depth_m), np.float32(beyond_m), frame.depth_m)
    frame = dataclasses.replace(frame, depth_m=depth)
    color = frame.color.copy()
    color[4:12, 20:60] = 250
    clouded = dataclasses.replace(frame, color=color)
    sky = np.s_[4:12, 24:56]
    contrast = {}
    for strength in (0.0, 0.25, 0.5):
        picture = restyle(engine, clouded, Settings(prompt="dusk", strength=strength)).astype(float)
        contrast[strength] = picture[sky].mean() / picture[4:12, 72:120].mean()
    assert contrast[0.0] > contrast[0.25] > contrast[0.5]
    assert contrast[0.0] > 1.1


def test_mountains_of_a_sky_box_are_kept_in_clear_air_and_lost_in_fog(engine: EmbeddedEngine) -> None:
    frame = plain_frame()
    color, rows = frame.color.copy(), np.arange(H)[:, None]
    peaks = (34 + 5 * np.sin(np.arange(W) / 7)).astype(int)
    painted = (rows >= peaks) & np.isinf(frame.depth_m)
    color[painted] = (60, 75, 70)
    inside = painted & (rows > peaks + 6)
    darker = {}
    for prompt in ("sunny noon", "fog"):
        plain, with_land = (
            restyle(engine, dataclasses.replace(frame, color=c), Settings(prompt=prompt)).astype(float)
            for c in (frame.color, color)
        )
        darker[prompt] = (plain - with_land)[inside].mean()
        assert np.abs(plain - with_land)[:16].mean() < 5, "the sky above is painted as before"
    assert darker["sunny noon"] > 25 and abs(darker["fog"]) < 5


def test_golden_hour_is_golden(engine: EmbeddedEngine) -> None:
    noon, gold = (restyle(engine, plain_frame(), Settings(prompt=p)).astype(float) for p in ("noon", "golden hour"))
    assert (gold[..., 0] / gold[..., 2].clip(1)).mean() > 1.05 * (noon[..., 0] / noon[..., 2].clip(1)).mean()


def test_int8_looks_like_float(engine: EmbeddedEngine) -> None:
    pytest.importorskip("openvino", reason="needs OpenVINO: pip install openvino")
    frame, settings = plain_frame(), Settings(prompt="foggy night")
    exact = EmbeddedEngine(SMALL, "cpu", "f32")
    coarse = EmbeddedEngine(SMALL, "cpu", "int8")
    assert "int8" in coarse.device
    error = restyle(exact, frame, settings).astype(float) - restyle(coarse, frame, settings)
    assert 10 * math.log10(255**2 / max(1e-9, (error**2).mean())) > 35


def test_onnx_runtime_gives_the_same_picture(engine: EmbeddedEngine, monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("onnxruntime", reason="needs ONNX Runtime: pip install onnxruntime")
    has = runtime._has
    monkeypatch.setattr(runtime, "_has", lambda module: module != "openvino" and has(module))
    other = EmbeddedEngine(SMALL, "cpu", "f32")
    assert "ONNX Runtime" in other.device
    settings = Settings(prompt="overcast")
    error = restyle(other, plain_frame(), settings).astype(float) - restyle(engine, plain_frame(), settings)
    assert 10 * math.log10(255**2 / max(1e-9, (error**2).mean())) > 35


def test_the_style_vector_is_its_three_dense_layers(engine: EmbeddedEngine) -> None:
    settings = Settings(prompt="foggy autumn dusk", strength=0.7)
    known = engine.condition(settings)
    encoded = engine.encode(plain_frame(), known, settings, None)
    encoded.told.result()
    materials, strength = known.vector.materials, settings.strength
    wanted = engine._style(cond.vector(known.vector.shares, None, materials, strength))
    np.testing.assert_allclose(encoded.inputs["film"][0], wanted, atol=1e-4)


def test_grey_boxes_lose_their_squares_and_frames_with_colours_keep_theirs(engine: EmbeddedEngine) -> None:
    label = np.ones((H, W), np.uint8)
    squares = (np.indices((H, W)) // 7).sum(0) % 2 * 80
    plain = plain_frame(label=label)
    floor = np.isfinite(plain.depth_m) & (np.arange(H) > 72)[:, None]

    def pattern(strength: float, name: str = "grass", tinted: int = 0, camera: bool = True, words: str = "") -> float:
        color = np.array((90 - tinted, 90, 90 - tinted)) + (floor * squares)[..., None]
        color = color.astype(np.uint8)
        frame = dataclasses.replace(plain, color=color, camera=plain.camera if camera else None)
        settings = Settings(strength=strength).updated({"labels": {1: {"name": name, "words": words}}})
        seen = engine.encode(frame, engine.condition(settings), settings, None).color[..., 1].astype(float)
        return float(seen[floor & (squares > 0)].mean() - seen[floor & (squares == 0)].mean())

    whole = pattern(0.0)
    assert whole == pytest.approx(80, abs=1)
    assert 0.2 * whole < pattern(0.25) < 0.7 * whole
    assert pattern(0.5) < 0.35 * whole
    for kept in (
        pattern(0.5, tinted=40),
        pattern(0.5, "thing"),
        pattern(0.5, camera=False),
        pattern(1.0, "text", words="white plastic"),
    ):
        assert kept == whole


def test_the_sun_is_not_drawn_on_the_engines_own_sky(engine: EmbeddedEngine) -> None:
    frame, ahead = plain_frame(), (0.0, math.sin(0.2), -math.cos(0.2))
    differ = []
    for strength in (0.0, 1.0):
        settings = Settings(prompt="sunny noon", strength=strength)
        encoded = engine.encode(frame, engine.condition(settings), settings, ahead)
        assert encoded.disc > 0.5
        latent = engine.denoise(encoded, None, noise(), 0.6)
        found = [engine.decode(latent, e).astype(int) for e in (encoded, dataclasses.replace(encoded, disc=0.0))]
        differ.append(np.abs(found[0] - found[1])[:20].max())
    assert differ[0] == 0 and differ[1] > 10


def test_a_sun_that_sets_or_fades_goes_softly(engine: EmbeddedEngine) -> None:
    day, night = (engine.condition(Settings(prompt=prompt)) for prompt in ("sunny noon", "clear night"))

    def disc(height: float, share: float) -> float:
        sun = 0.0, height, -math.sqrt(1 - height * height)
        return engine.encode(plain_frame(), engine.blend(day, night, share), Settings(), sun).disc

    for parts in ([disc(i / 500 - 0.02, 0.0) for i in range(40)], [disc(0.3, i / 40) for i in range(41)]):
        assert min(parts) == 0 and max(parts) > 0.8
        assert np.abs(np.diff(parts)).max() < 0.15


@pytest.mark.parametrize(("a", "b"), [("golden hour", "dusk"), ("sunny noon", "clear night"), ("night", "morning")])
def test_a_day_becomes_a_night_by_and_by(engine: EmbeddedEngine, a: str, b: str) -> None:
    """Neither the network's sun nor shadows go at one stroke: no step of a fade changes much more than the others."""
    first, last = (engine.condition(Settings(prompt=prompt)) for prompt in (a, b))
    before, steps = None, []
    for share in np.linspace(0, 1, 21):
        known = engine.blend(first, last, float(share)) if share < 1 else last
        encoded = engine.encode(plain_frame(), known, Settings(), known.sun_direction)
        picture = engine.decode(engine.denoise(encoded, None, noise(), 0.6), encoded).astype(np.float32)
        if before is not None:
            steps.append(float(np.abs(picture - before).mean()))
        before = picture
    assert max(steps) < 3 * float(np.median(steps))


def test_the_network_is_asked_twice_between_day_and_night_alone(engine: EmbeddedEngine) -> None:
    noon, night = (engine.condition(Settings(prompt=prompt)) for prompt in ("noon", "night"))
    for share, twice in ((0.0, False), (0.3, False), (0.5, True), (0.7, False), (1.0, False)):
        known = engine.blend(noon, night, share)
        assert (engine.encode(plain_frame(), known, Settings(), (0.6, 0.7, 0.4)).by_night is not None) == twice
