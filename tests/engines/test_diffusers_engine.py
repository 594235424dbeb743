"""The engine over tiny random weights: temporal reuse, prompts, sizes, precisions, batches, a frame in one go."""

from __future__ import annotations

import dataclasses
import threading

import numpy as np
import pytest

pytest.importorskip("diffusers", reason="needs diffusers: pip install -e .[test], see .ci/tools")

import tiny_models as tiny
import torch
from tiny_engines import H, InParts, W, inputs_of, make, walk

from framegen.config import Settings, TemporalSettings
from framegen.engines.base import History, Reuse, WholeEngine
from framegen.engines.diffusers import net, text, whole
from framegen.engines.diffusers.engine import DiffusersEngine
from framegen.engines.diffusers.options import Options
from framegen.engines.diffusers.recipes import BY_NAME
from framegen.errors import InvalidFrame
from framegen.frame import Frame, How
from framegen.restyle import Restyler, start, step, step_many

one_thread = tiny.one_thread
RNG = np.random.default_rng(2)


@pytest.fixture(scope="module")
def engine() -> DiffusersEngine:
    return make()


def test_it_makes_a_frame_in_one_go(engine: DiffusersEngine) -> None:
    assert isinstance(engine, WholeEngine)
    assert not isinstance(InParts(engine), WholeEngine)


def test_warming_up_makes_one_frame_of_the_models_own_size() -> None:
    recipe = BY_NAME["sd-turbo"]
    pipe = tiny.sd_img2img(tiny.UNET21, tiny.euler(), tiny.tiny_vae())
    made = DiffusersEngine(recipe.spec, recipe, Options(vae="tiny", size="70x48"), "cpu", tiny.parts_of(pipe))
    made.warm_up()
    assert made.last_model_ms > 0 and made.spec.default_size == (70, 48)


@pytest.mark.parametrize("name", ["sd-turbo", "sdxl-turbo", "lcm"])
def test_reuse_on_the_device_equals_the_numpy_reference(name: str) -> None:
    """Five frames of a walk: reprojection, trust, anchored noise, start and accumulation, both ways."""
    made = make(name)
    settings = Settings(prompt="a cat", strength=0.5)
    there, here = Restyler(made, settings), Restyler(InParts(made), settings)
    for frame in walk(5):
        a, b = there(frame), here(frame)
        assert a.how is b.how is How.GENERATED
        assert np.abs(a.image.astype(int) - b.image).max() <= 1
        assert there.state.memory is not None and here.state.memory is not None
        kept = there.state.memory.latent.tensor[0].permute(1, 2, 0).numpy()  # type: ignore[attr-defined]
        scale = max(1.0, float(np.abs(here.state.memory.latent).max()))
        assert np.abs(kept - here.state.memory.latent).max() <= 2e-5 * scale
        assert np.array_equal(there.state.memory.age, here.state.memory.age)
    assert here.state.memory.age.max() > 2


@pytest.mark.parametrize("off", ["reuse", "history_input", "anchored_noise", "accumulate"])
def test_each_part_of_reuse_can_be_switched_off(engine: DiffusersEngine, off: str) -> None:
    settings = Settings(prompt="a cat", temporal=dataclasses.replace(TemporalSettings(), **{off: False}))
    there, here = Restyler(engine, settings), Restyler(InParts(engine), settings)
    usual = Restyler(engine, Settings(prompt="a cat"))
    for frame in walk(3):
        a, b, c = there(frame).image, here(frame).image, usual(frame).image
        assert np.abs(a.astype(int) - b).max() <= 1
    assert not np.array_equal(a, c)


def test_a_still_picture_is_reused_and_costs_nothing(engine: DiffusersEngine) -> None:
    restyler = Restyler(engine, Settings(prompt="a cat"))
    frame = walk(1)[0]
    hows = [restyler(dataclasses.replace(frame, frame_id=i + 1, timestamp_ns=33_000_000 * i)).how for i in range(12)]
    assert hows[0] is How.GENERATED and hows[-1] is How.REUSED


def test_history_pulls_and_alpha_zero_forgets(engine: DiffusersEngine) -> None:
    settings = Settings(prompt="a cat")
    frame = walk(1)[0]
    noise = RNG.standard_normal((H // 8, W // 8, 4)).astype(np.float32)
    encoded = engine.encode(frame, engine.condition(settings), settings, None)
    alone = engine.denoise(encoded, None, noise, 0.6)
    past = History(alone + np.float32(2.0), np.ones((H // 8, W // 8), np.float32))
    assert np.array_equal(engine.denoise(encoded, past, noise, 0.0), alone)
    assert not np.array_equal(engine.denoise(encoded, past, noise, 0.6), alone)


def test_the_same_frames_give_the_same_pictures(engine: DiffusersEngine) -> None:
    first, second = (Restyler(engine, Settings(prompt="a cat")) for _ in range(2))
    for frame in walk(3):
        assert np.array_equal(first(frame).image, second(frame).image)


@pytest.mark.parametrize("size", [(64, 48), (72, 40), (120, 104), (64, 8)])
def test_sizes_are_free_in_steps_of_eight(engine: DiffusersEngine, size: tuple[int, int]) -> None:
    width, height = size
    settings = Settings(prompt="a cat")
    frame = Frame(1, tiny.picture(width, height))
    encoded = engine.encode(frame, engine.condition(settings), settings, None)
    noise = np.zeros((height // 8, width // 8, 4), np.float32)
    image, kept = engine.whole(encoded, None, noise)
    assert image.shape == (height, width, 3) and kept.shape == (height // 8, width // 8, 4)


def test_other_sizes_are_refused_by_the_engine_and_fitted_by_the_step(engine: DiffusersEngine) -> None:
    settings = Settings()
    frame = Frame(1, tiny.picture(70, 50))
    with pytest.raises(InvalidFrame, match="multiples of 8"):
        engine.encode(frame, engine.condition(settings), settings, None)
    assert Restyler(engine, settings)(frame).image.shape == (50, 70, 3)


@pytest.mark.parametrize(("dtype", "bound"), [("float16", 8e-3), ("bfloat16", 6e-2)])
def test_half_precision_stays_near(dtype: str, bound: float) -> None:
    settings, frame = Settings(prompt="a cat"), walk(1)[0]
    noise = RNG.standard_normal((H // 8, W // 8, 4)).astype(np.float32)
    latents = []
    for options in ({}, {"dtype": dtype}):
        made = make(**options)
        encoded = made.encode(frame, made.condition(settings), settings, None)
        latents.append(made.denoise(encoded, None, noise, 0.6))
    error = np.linalg.norm(latents[1] - latents[0]) / np.linalg.norm(latents[0])
    assert 0 < error <= bound


def test_a_batch_is_its_frames_one_by_one(engine: DiffusersEngine) -> None:
    frames = walk(3)
    inputs = []
    for i, frame in enumerate(frames):
        settings = Settings(prompt=f"prompt {i}", strength=0.4 + 0.1 * i)
        encoded = engine.encode(frame, engine.condition(settings), settings, None)
        noise = RNG.standard_normal((H // 8, W // 8, 4)).astype(np.float32)
        planes = [RNG.uniform(0, 8, (H // 8, W // 8)).astype(np.float32) for _ in range(2)]
        shares = [RNG.uniform(0, 1, (H // 8, W // 8)).astype(np.float32) for _ in range(2)]
        _, before = engine.whole(encoded, None, noise)
        inputs.append((encoded, None if i == 1 else Reuse(before, *planes, *shares, 0.6), noise))
    together = engine.whole_many(inputs)
    assert len({engine.batch_key(encoded) for encoded, _, _ in inputs}) == 1
    for (image, kept), one in zip(together, inputs, strict=True):
        alone, latent = engine.whole(*one)
        assert np.abs(image.astype(int) - alone).max() <= 1
        assert torch.allclose(kept.tensor, latent.tensor, atol=1e-4)


def test_frames_of_a_compiled_model_do_not_wait_for_another_program(monkeypatch: pytest.MonkeyPatch) -> None:
    """Of two frames at once it would be another than of one, made in minutes while both sessions stand still."""
    monkeypatch.setattr(torch, "compile", lambda forward, **told: forward)
    counts: list[int] = []
    real = whole.Runner.__call__
    monkeypatch.setattr(whole.Runner, "__call__", lambda self, given: counts.append(len(given)) or real(self, given))
    compiled, usual = make(compile="torch"), make()
    for made in (compiled, usual):
        assert len(made.whole_many(inputs_of(made, 2))) == 2
    assert counts == [1, 1, 2]


def test_a_frame_that_overflowed_spoils_no_other() -> None:
    """Half precision may overflow: neither that session's next frames nor those of others go through its remains."""
    made = make()
    (one,) = inputs_of(made, 1)
    wanted, latent = made.whole(*one)
    planes = [np.full((H // 8, W // 8), value, np.float32) for value in (2.5, 2.5, 1.0, 0.5)]
    broken = whole.Kept(torch.full_like(latent.tensor, float("nan")))
    _, after = made.whole(one[0], Reuse(broken, *planes, 0.6), one[2])
    assert torch.isfinite(after.tensor).all()
    assert np.array_equal(made.whole(*one)[0], wanted), "a session's first frame, through buffers that held it"


def test_apples_gpu_is_given_work_by_one_thread_at_a_time() -> None:
    made = make()
    inside: list[str] = []

    class Lock:
        def __enter__(self) -> None:
            inside.append("in")

        def __exit__(self, *told: object) -> None:
            inside.append("out")

    made._alone = Lock()  # type: ignore[assignment]
    made._tables.clear()
    settings = Settings(prompt="a cat", strength=0.31)
    conditioning = made.condition(settings)
    inside.clear()
    made.encode(walk(1)[0], conditioning, settings, None)
    assert inside == ["in", "out"], "a new strength's numbers are put there"


def test_more_strength_departs_further_from_the_source(engine: DiffusersEngine) -> None:
    frame = walk(1)[0]
    noise = RNG.standard_normal((H // 8, W // 8, 4)).astype(np.float32)
    distances = []
    for strength in (0.05, 0.3, 0.6, 0.9):
        settings = Settings(prompt="a cat", strength=strength)
        encoded = engine.encode(frame, engine.condition(settings), settings, None)
        source = engine.source(encoded)[0].permute(1, 2, 0).numpy()
        distances.append(float(np.abs(engine.denoise(encoded, None, noise, 0.0) - source).mean()))
    assert distances == sorted(distances)


def test_prompts_are_encoded_once(engine: DiffusersEngine) -> None:
    assert engine.prompts is not None
    for _ in range(3):
        engine.condition(Settings(prompt="encoded once"))
        engine.condition(Settings(prompt="encoded once", strength=0.9))
    before = engine.prompts.encoded
    engine.condition(Settings(prompt="encoded once ::2 | and twice"))
    assert engine.prompts.encoded == before + 1


def test_old_prompts_leave_the_cache() -> None:
    cache = text.PromptCache(lambda words: text.Encoding({"states": torch.zeros(1)}), most=2)
    for words in ("a", "b", "a", "c", "a"):
        cache(words)
    assert cache.encoded == 3
    cache("b")
    assert cache.encoded == 4


@pytest.mark.parametrize(
    ("prompt", "parts"),
    [
        ("a forest", [("a forest", 1.0)]),
        ("a forest ::3 | rain", [("a forest", 0.75), ("rain", 0.25)]),
        ("a::1|b::1|c::2", [("a", 0.25), ("b", 0.25), ("c", 0.5)]),
        ("a::0 | b", [("b", 1.0)]),
        ("", [("", 1.0)]),
        ("a::0", [("", 1.0)]),
        ("16:9 photo", [("16:9 photo", 1.0)]),
    ],
)
def test_weights_in_a_prompt(prompt: str, parts: list[tuple[str, float]]) -> None:
    assert text.parts_of(prompt) == parts


def test_blends_are_linear_and_end_at_their_sides(engine: DiffusersEngine) -> None:
    a, b = (engine.condition(Settings(prompt=p)) for p in ("a forest", "rain"))
    for share, side in ((0.0, a), (1.0, b)):
        assert torch.allclose(engine.blend(a, b, share).vector["states"], side.vector["states"], atol=1e-6)
    weighted = engine.condition(Settings(prompt="a forest ::3 | rain")).vector["states"]
    assert torch.allclose(weighted, engine.blend(a, b, 0.25).vector["states"], atol=1e-6)
    masked = text.mix([({"mask": torch.tensor([[1.0, 0.0]])}, 0.5), ({"mask": torch.tensor([[0.0, 1.0]])}, 0.5)])
    assert masked["mask"].tolist() == [[1.0, 1.0]]


def test_a_new_prompt_fades_in(engine: DiffusersEngine) -> None:
    restyler = Restyler(engine, Settings(prompt="a forest", temporal=TemporalSettings(reuse=False)))
    goal = Restyler(engine, Settings(prompt="rain", temporal=TemporalSettings(reuse=False)))
    frame = walk(1)[0]
    restyler(frame)
    restyler.update(Settings(prompt="rain", temporal=TemporalSettings(reuse=False), revision=1))
    misses = []
    for i in range(1, 14):
        at = dataclasses.replace(frame, frame_id=i + 1, timestamp_ns=33_000_000 * i)
        misses.append(float(np.abs(restyler(at).image.astype(int) - goal(at).image).mean()))
    assert misses[0] > 0 and misses[-1] == 0.0


def test_words_that_are_too_many_are_named(engine: DiffusersEngine) -> None:
    long = " ".join(f"word{i}" for i in range(40))  # a token a letter here
    known = engine.condition(Settings(prompt=long, negative_prompt="blurry"))
    assert "blurry" in known.ignored and "word39" in known.ignored
    assert "word0" in known.understood and "word39" not in known.understood


def _no_shortcuts(monkeypatch: pytest.MonkeyPatch) -> None:
    """A card rounds float32 to 10 bits in convolutions unless told not to, and picks algorithms by their speed."""
    monkeypatch.setattr(torch.backends.cudnn, "allow_tf32", False)


def _need_gpu(place: str) -> None:
    if place == "gpu" and not torch.cuda.is_available():
        pytest.skip("needs a CUDA GPU: run the tests on a machine that has one, with pip install -e .[test,cuda]")


PLACES = ["cpu", pytest.param("gpu", marks=pytest.mark.gpu)]


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("name", ["sd-turbo", "sdxl-turbo", "lcm"])
@pytest.mark.parametrize("stride", [1, 2])
def test_a_captured_graph_equals_the_step_without(
    name: str, place: str, stride: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With the project's kernels and without, with a graph and without, on a card and on the processor; with the
    network on every frame, and on every second, for which there are two graphs."""
    settings = Settings(prompt="a cat", temporal=TemporalSettings(stride=stride))
    _need_gpu(place)
    _no_shortcuts(monkeypatch)
    images = []
    for graph, kernels in ((True, True), (True, False), (False, True)):
        made = make(name, place, dtype="float32", graph=graph)
        torch.backends.cudnn.benchmark = False
        if not kernels:
            made._card, made.net.unpack, made.net.pack = None, net.unpack, net.pack
        restyler = Restyler(made, settings)
        images.append([restyler(frame).image.astype(int) for frame in walk(3)])
    processor = Restyler(make(name), settings)
    images.append([processor(frame).image.astype(int) for frame in walk(3)])
    for one, *others, there in zip(*images, strict=True):
        assert all(np.abs(one - other).max() <= 1 for other in others)
        assert np.abs(one - there).max() <= 3


@pytest.mark.parametrize("place", PLACES)
def test_frames_that_change_company_keep_their_history(place: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Two sessions: alone, together and alone again go through two graphs of one pool of memory."""
    _need_gpu(place)
    _no_shortcuts(monkeypatch)
    made = make(place=place, dtype="float32")
    settings = Settings(prompt="a cat")
    alone = [[restyler(f).image for f in walk(4)] for restyler in (Restyler(made, settings), Restyler(made, settings))]
    states = [start(settings, made), start(settings, made)]
    for i, frame in enumerate(walk(4)):
        if i % 2:
            answers = step_many([(frame, state) for state in states], made)
        else:
            answers = [step(frame, state, made) for state in states]
        for k, answer in enumerate(answers):
            assert not isinstance(answer, Exception)
            restyled, states[k] = answer
            assert np.abs(restyled.image.astype(int) - alone[k][i]).max() <= 1


@pytest.mark.gpu
def test_a_prompt_is_encoded_beside_a_graphs_capture() -> None:
    _need_gpu("gpu")
    made = make(place="gpu")
    assert isinstance(made.parts.text, text.TextParts)
    for encoder in made.parts.text.encoders:
        encoder.to(made.place)
    ends: list[Exception | None] = []

    def encode() -> None:
        try:
            for i in range(20):
                conditioning = made.condition(Settings(prompt=f"prompt {i}"))
                assert conditioning.vector["states"].device == made.place
            ends.append(None)
        except Exception as error:
            ends.append(error)

    thread = threading.Thread(target=encode)
    restyler = Restyler(made, Settings(prompt="a cat"))
    thread.start()
    for width in (64, 72, 80, 88):  # each is captured anew
        assert restyler(Frame(width, tiny.picture(width, 48))).image.shape == (48, width, 3)
    thread.join()
    assert ends == [None]
