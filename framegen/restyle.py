"""The one function of the product: ``image, state = step(frame, state, engine)``.

Pure in meaning: everything a session remembers is in :class:`State`, nothing in it is ever
written, the clock is passed in, and the same frames give the same bytes again. So a session can
be replayed, moved to another worker, or tested without a server.
"""

from __future__ import annotations

import dataclasses
import time
from collections.abc import Generator, Hashable, Sequence
from typing import Any

import cv2
import numpy as np

from framegen.config import Settings, TemporalSettings
from framegen.engines.base import BatchEngine, Conditioning, Engine, History, Reuse, makes_whole
from framegen.frame import F32, U8, Frame, How, Restyled
from framegen.ops.anchors import Anchors
from framegen.ops.cells import Cells, sample
from framegen.ops.color_grid import color_grid
from framegen.ops.finish import finish
from framegen.ops.fit import plan, to_model
from framegen.ops.kernels import temporal as kernels
from framegen.state import Shown, State, start
from framegen.temporal.anchors import still_only
from framegen.temporal.geometry import SKY_M, Grid, same_camera
from framegen.temporal.history import AnchoredNoise, Recall, accumulate, aged, recall, share_of_history
from framegen.temporal.memory import Memory
from framegen.temporal.noise import fresh

__all__ = ["Restyler", "State", "choose_sun", "start", "step", "step_many"]

Vector = tuple[float, float, float]
Asked = tuple[Any, Reuse | None, F32]
"""Arguments of :meth:`~framegen.engines.base.WholeEngine.whole`."""
Making = Generator[Asked, tuple[U8, Any], tuple[Restyled, State]]

FORGET_S = 0.1
"""In a change of look of default length, history loses nine tenths of its weight in this many seconds."""
SAME_LEVELS = 1.0
"""A frame of which no cell's mean colour differs by more (levels of 255) shows nothing new."""
_STEP_S = 1.0 / 30.0
"""Time between frames whose clock stands still."""


def step(frame: Frame, state: State, engine: Engine, now_ns: int | None = None) -> tuple[Restyled, State]:
    """Restyle one frame.

    Args:
        frame: the engine's frame, of any size.
        state: the session before it; unchanged by this call.
        engine: the loaded model.
        now_ns: the clock that a fade runs by, nanoseconds; by default the frame's own timestamp.

    Returns:
        the result (``stamps_ns`` empty; the image is read-only) and the session after it.

    Raises:
        InvalidFrame: the frame's numbers contradict each other. The state can be used on.
    """
    making = _making(frame, state, engine, now_ns)
    try:
        asked = next(making)
        assert makes_whole(engine)
        making.send(engine.whole(*asked))
    except StopIteration as done:
        result: tuple[Restyled, State] = done.value
        return result
    raise AssertionError("a frame asks its engine once")


def step_many(
    frames: Sequence[tuple[Frame, State]], engine: BatchEngine, now_ns: int | None = None
) -> list[tuple[Restyled, State] | Exception]:
    """Restyle one frame of each of several sessions, those that can share a pass of the network in one.

    Each is what :func:`step` gives for it, to the rounding of the network; an error is that one's alone.
    """
    done: list[tuple[Restyled, State] | Exception | None] = [None] * len(frames)
    waiting: dict[Hashable, list[tuple[int, Making, Asked]]] = {}
    for i, (frame, state) in enumerate(frames):
        making = _making(frame, state, engine, now_ns)
        try:
            asked = next(making)
            waiting.setdefault(engine.batch_key(asked[0]), []).append((i, making, asked))
        except StopIteration as end:
            done[i] = end.value
        except Exception as error:  # of this frame; the others go on
            done[i] = error
    for group in waiting.values():
        try:
            answers = engine.whole_many([asked for _, _, asked in group])
        except Exception as error:
            for i, _, _ in group:
                done[i] = error
            continue
        for (i, making, _), answer in zip(group, answers, strict=True):
            try:
                making.send(answer)
            except StopIteration as end:
                done[i] = end.value
            except Exception as error:
                done[i] = error
    assert all(item is not None for item in done)
    return [item for item in done if item is not None]


def _making(frame: Frame, state: State, engine: Engine, now_ns: int | None) -> Making:
    """The step. Where the engine makes frames in one go, what it is to make is yielded, and its answer sent back."""
    watch = _Watch()
    settings, temporal = state.settings, state.settings.temporal
    now_ns = frame.timestamp_ns if now_ns is None else now_ns
    passed_s = _passed_s(state.clock_ns, now_ns)
    fit = plan((frame.width, frame.height), engine.spec.default_size, engine.spec.size_multiple)
    small = to_model(frame, fit)
    fade_s = None if state.fade_s is None else state.fade_s + passed_s
    known = state.shown if temporal.reuse and not frame.reset and fade_s is None else None
    conditioning, share = _conditioning(state, fade_s, engine)
    sun = choose_sun(settings, frame.light_direction, conditioning)
    watch.lap("prepare")
    encoded = None
    if known is None or not temporal.skip or known.still == 0:
        # begun before it is known that this frame is not the last one again
        encoded = engine.encode(small, conditioning, settings, sun)
    watch.lap("encode")
    cells = sample(small, engine.spec.latent_scale)
    key = (fit, engine.spec.name, settings.revision, frame.light_direction)
    watch.lap("prepare")

    still = 0 if known is None or not _nothing_new(known, cells, frame, key) else known.still + 1
    if known is not None and temporal.skip and still >= _frames_to_settle(temporal):
        memory = None if state.memory is None else dataclasses.replace(state.memory, frame_id=frame.frame_id)
        watch.lap("temporal")
        after = dataclasses.replace(state, memory=memory, clock_ns=now_ns)
        return _answer(frame, settings, sun, engine, known, How.REUSED, watch), after

    # a slow fade forgets slowly
    forget_s = FORGET_S * max(1.0, settings.fade_s / Settings().fade_s)
    hold = 1.0 if fade_s is None else 0.1 ** (passed_s / forget_s)
    scale = engine.spec.latent_scale
    grid = Grid(small.width // scale, small.height // scale, scale)
    memory = _usable(state.memory, frame, temporal, grid, engine.spec.name)
    watch.lap("temporal")
    if encoded is None:
        encoded = engine.encode(small, conditioning, settings, sun)
    watch.lap("encode")
    channels, noisy = engine.spec.noise_channels, None
    if channels and temporal.reuse and temporal.anchored_noise:
        noisy = AnchoredNoise(cells, small, grid, channels, settings.seed)
    past, anchors = None, None
    if memory is not None:
        past = recall(memory, cells, small, grid, temporal, engine.spec.index_channels, passed_s)
        anchors = past.anchors
    elif not temporal.reuse:
        anchors = still_only(cells)
    if noisy is None:
        every = np.arange(grid.height * grid.width)
        noise = fresh(every, channels, settings.seed, small.frame_id).reshape(grid.height, grid.width, channels)
    else:
        noise = noisy.values(past, None if memory is None else memory.noise)
    watch.lap("temporal")
    alpha = min(temporal.alpha, hold)
    if makes_whole(engine):
        age = np.ones((grid.height, grid.width), np.float32) if past is None else aged(past, temporal, hold)
        restyled, latent = yield encoded, None if past is None else _reuse(past, age, temporal, alpha), noise
        watch.lap("denoise")
        watch.lap("decode")
    else:
        given = None
        if past is not None and temporal.history_input and not past.cut:
            given = History(past.latent, past.trust)
        latent = engine.denoise(encoded, given, noise, alpha)
        watch.lap("denoise")
        if past is not None:
            latent, age = accumulate(latent, past, temporal, hold, engine.spec.index_channels)
        else:
            age = np.ones((grid.height, grid.width), np.float32)
        watch.lap("temporal")
        restyled = engine.decode(latent, encoded, anchors)
        watch.lap("decode")

    image = finish(frame, small.color, restyled, fit, settings)
    watch.lap("lift")
    affine = color_grid(frame.color, image) if settings.color_grid else None
    image.setflags(write=False)
    shown = Shown(image, affine, cells.color, frame.camera, key, _kept(frame), still)
    next_memory = None
    if temporal.reuse:
        next_memory = _remember(engine.spec.name, small, cells, latent, age, noise, anchors)
    fading = fade_s is not None and share < 1.0
    after = dataclasses.replace(
        state,
        used=conditioning,
        origin=state.origin if fading else None,
        fade_s=fade_s if fading else None,
        clock_ns=now_ns,
        memory=next_memory,
        shown=shown,
    )
    watch.lap("finish")
    return _answer(frame, settings, sun, engine, shown, How.GENERATED, watch), after


class Restyler:
    """One engine and one session, without a server: for footage, measurements and a few lines of Python.

    >>> restyled = Restyler(engine, Settings(prompt="golden hour"))(frame)
    """

    def __init__(self, engine: Engine, settings: Settings | None = None) -> None:
        self.engine = engine
        self.state = start(settings or Settings(), engine)

    def begin(self, settings: Settings) -> None:
        """Forget the session and start a new one."""
        self.state = start(settings, self.engine)

    def update(self, settings: Settings) -> None:
        """New settings from the next frame on; a change of look is a short fade."""
        self.state = self.state.with_settings(settings, self.engine.condition(settings))

    def __call__(self, frame: Frame, now_ns: int | None = None) -> Restyled:
        """See :func:`step`."""
        restyled, self.state = step(frame, self.state, self.engine, now_ns)
        return restyled


def warm_up() -> None:
    """Compile what :func:`step` needs beside the engine, or load it from disk, so that no frame waits for it."""
    kernels.warm_up()


def choose_sun(settings: Settings, light_direction: Vector | None, conditioning: Conditioning) -> Vector | None:
    """The world direction of the sun: the engine's light or the prompt's, as ``settings.sun`` rules; None: no sun.

    A rule whose side says nothing (no light sent) falls back to the other side.
    """
    if settings.sun == "prompt" or light_direction is None:
        return conditioning.sun_direction
    return light_direction


class _Watch:
    """Wall time per stage, in milliseconds."""

    def __init__(self) -> None:
        self.stages_ms: dict[str, float] = {}
        self._since_ns = time.perf_counter_ns()

    def lap(self, stage: str) -> None:
        """The time since the last lap belongs to ``stage``."""
        now_ns = time.perf_counter_ns()
        self.stages_ms[stage] = self.stages_ms.get(stage, 0.0) + (now_ns - self._since_ns) / 1e6
        self._since_ns = now_ns

    def report(self, model_ms: float | None) -> dict[str, float]:
        """Stages that sum to the wall time; ``model`` is the network alone, ``decode`` has the rest of ``denoise``."""
        stages = dict(self.stages_ms)
        if model_ms is not None:
            wall = stages.pop("denoise") + stages["encode"] + stages["decode"]
            stages["encode"] = min(stages["encode"], max(0.0, wall - model_ms))
            stages["decode"] = max(0.0, wall - model_ms - stages["encode"])
            stages["model"] = min(model_ms, wall)
        return stages


def _answer(
    frame: Frame, settings: Settings, sun: Vector | None, engine: Engine, shown: Shown, how: How, watch: _Watch
) -> Restyled:
    return Restyled(
        frame_id=frame.frame_id,
        timestamp_ns=frame.timestamp_ns,
        image=shown.image,
        how=how,
        settings_revision=settings.revision,
        model=engine.spec.name,
        seed=settings.seed,
        sun_direction=sun,
        color_grid=shown.grid,
        stages_ms=watch.report(engine.last_model_ms if how is How.GENERATED else None),
    )


def _passed_s(before_ns: int | None, now_ns: int) -> float:
    passed_s = 0.0 if before_ns is None else (now_ns - before_ns) / 1e9
    return passed_s if passed_s > 0.0 else _STEP_S


def _kept(frame: Frame) -> tuple[U8 | None, U8 | None]:
    """Copies of the planes that decide where the picture is restyled: they must not change under a reused image."""
    return (
        None if frame.intensity_mask is None else frame.intensity_mask.copy(),
        None if frame.label is None else frame.label.copy(),
    )


def _same(a: U8 | None, b: U8 | None) -> bool:
    return a is b is None or (a is not None and b is not None and np.array_equal(a, b))


def _nothing_new(shown: Shown, cells: Cells, frame: Frame, key: tuple[object, ...]) -> bool:
    return (
        shown.key == key
        and same_camera(shown.camera, frame.camera)
        and cv2.norm(shown.color, cells.color, cv2.NORM_INF) <= SAME_LEVELS
        and _same(shown.planes[0], frame.intensity_mask)
        and _same(shown.planes[1], frame.label)
    )


def _frames_to_settle(temporal: TemporalSettings) -> int:
    """Still frames after which another one would change the image no more."""
    return temporal.max_age if temporal.accumulate or temporal.history_input else 1


def _conditioning(state: State, fade_s: float | None, engine: Engine) -> tuple[Conditioning, float]:
    """The conditioning of this frame, and how far the fade has gone (0..1)."""
    if fade_s is None or state.origin is None:
        return state.conditioning, 1.0
    left = max(0.0, 1.0 - fade_s / max(state.settings.fade_s, 1e-6))
    share = 1.0 - left * left
    if share >= 1.0:
        return state.conditioning, 1.0
    return engine.blend(state.origin, state.conditioning, share), share


def _usable(memory: Memory | None, frame: Frame, temporal: TemporalSettings, grid: Grid, model: str) -> Memory | None:
    """The memory, if this frame may use it: no cut, and made at this size by this model."""
    if memory is None or frame.reset or not temporal.reuse:
        return None
    return memory if memory.model == model and memory.latent.shape[:2] == (grid.height, grid.width) else None


def _reuse(past: Recall, age: F32, temporal: TemporalSettings, alpha: float) -> Reuse:
    """What an engine that keeps its latent may take of it."""
    given = temporal.history_input and not past.cut
    weight = share_of_history(past, age) if temporal.accumulate else np.zeros_like(age)
    return Reuse(past.latent, past.x, past.y, past.trust, weight, alpha if given else 0.0)


def _remember(
    model: str, small: Frame, cells: Cells, latent: F32, age: F32, noise: F32, anchors: Anchors | None
) -> Memory:
    return Memory(
        model=model,
        frame_id=small.frame_id,
        latent=latent,
        age=age,
        noise=noise if noise.shape[-1] else None,
        depth_m=None if cells.depth_m is None else np.minimum(cells.depth_m, np.float32(SKY_M)),
        color=cells.soft,
        half=cells.half,
        camera=small.camera,
        jitter_px=small.jitter_px,
        anchors=anchors,
    )
