"""A frame on its way through the step: :func:`begin` finds what its picture is made from, the engine makes the picture,
:func:`complete` turns it into a result and remembers it.
"""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from functools import partial
from typing import Any

import cv2
import numpy as np

from framegen.config import Settings, TemporalSettings
from framegen.engines import base
from framegen.engines.base import Conditioning, Engine, History, Reuse, carries, effects_of, kept_of, moves, photo_of
from framegen.frame import F32, U8, Frame, How, Restyled
from framegen.ops.anchors import Anchors
from framegen.ops.cells import Cells, sample
from framegen.ops.color_grid import color_grid
from framegen.ops.fill_reference import KNOWN
from framegen.ops.finish import enlarged, finish
from framegen.ops.fit import Fit, plan, to_model
from framegen.state import Shown, State
from framegen.temporal.anchors import still_only
from framegen.temporal.geometry import SKY_M, Grid, same_camera
from framegen.temporal.history import Noise, Recall, accumulate, aged, recall, share_of_history
from framegen.temporal.memory import Memory
from framegen.watch import Watch

Vector = tuple[float, float, float]
Done = tuple[Restyled, State]
"""The result of a step, and the session after it."""
Asked = tuple[Any, Reuse | None, F32]
"""Arguments of :meth:`~framegen.engines.base.WholeEngine.whole`."""

FORGET_S = 0.1
"""In a change of look of default length, history loses nine tenths of its weight in this many seconds."""
SAME_LEVELS = 1.0
"""A frame of which no cell's mean colour differs by more (levels of 255) shows nothing new."""
_SHAPING = ("depth_m", "reactive", "dynamic_mask")
"""Planes that a picture is made with and that are not compared: it is another one with them than without."""
_STEP_S = 1.0 / 30.0
"""Time between frames whose clock stands still."""
_KNOWN = 0.8
"""Share of the picture whose history must be trusted (:data:`framegen.ops.fill_reference.KNOWN`), or the network runs:
what is seen for the first time is guessed until it has."""


@dataclass(frozen=True, eq=False)
class Draft:
    """A frame whose picture is yet to be made.

    Attributes:
        frame: as it came. small: at the model's size, as ``fit`` says. cells: a sample of each of its cells.
        state: the session before it. after: the session after it, but for what the picture adds.
        encoded: the engine's own. noise: ``[h, w, channels]`` float32; noise_rest: what is kept beside it, see
            :class:`~framegen.temporal.memory.Memory`.
        past: history brought to this frame, or None. age: ``[h, w]`` float32, that of each cell with this frame.
        alpha: greatest share of history in the network's start.
        anchors: where texture of what moves on its own is looked up.
        key: see :class:`~framegen.state.Shown`. still: frames in a row that showed nothing new.
        how: generated, or reprojected: the last latent is carried to this frame, the network does not run.
    """

    frame: Frame
    small: Frame
    fit: Fit
    cells: Cells
    state: State
    after: State
    sun: Vector | None
    encoded: Any
    noise: F32
    noise_rest: F32 | None
    past: Recall | None
    age: F32
    alpha: float
    anchors: Anchors | None
    key: tuple[object, ...]
    still: int
    how: How
    watch: Watch


@dataclass(frozen=True, eq=False)
class _Kept:
    """What a frame has of those before it, and its noise: fields of a :class:`Draft`."""

    past: Recall | None
    age: F32
    anchors: Anchors | None
    noise: F32
    noise_rest: F32 | None
    how: How


def begin(frame: Frame, state: State, engine: Engine, now_ns: int | None, auto_stride: int = 1) -> Draft | Done:
    """Everything up to the model. A frame that shows nothing new is done: it gets the picture before it.

    ``auto_stride``: what a ``stride`` of 0 means. Raises InvalidFrame.
    """
    watch = Watch()
    settings, temporal = state.settings, state.settings.temporal
    stride = temporal.stride or auto_stride if carries(engine) else 1
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
    given = tuple(getattr(frame, name) is not None for name in _SHAPING)
    # the settings and not their revision: who sets them whole may well leave that as it is
    key = (fit, engine.spec.name, settings, given, frame.light_direction)
    watch.lap("prepare")

    still = 0 if known is None or not _nothing_new(known, cells, frame, key) else known.still + 1
    if known is not None and temporal.skip and still >= _frames_to_settle(temporal) * stride:
        memory = None if state.memory is None else dataclasses.replace(state.memory, frame_id=frame.frame_id)
        watch.lap("temporal")
        shown = _shown_again(known, frame, settings)
        watch.lap("lift")
        result = _answer(frame, settings, sun, engine, shown, How.REUSED, watch)
        return result, dataclasses.replace(state, memory=memory, clock_ns=now_ns)
    if encoded is None:
        encoded = engine.encode(small, conditioning, settings, sun)
    watch.lap("encode")

    # a slow fade forgets slowly
    forget_s = FORGET_S * max(1.0, settings.fade_s / Settings().fade_s)
    hold = 1.0 if fade_s is None else 0.1 ** (passed_s / forget_s)
    may_carry = fade_s is None and state.carried + 1 < stride
    kept = _keep(frame, small, cells, state, engine, hold=hold, passed_s=passed_s, may_carry=may_carry)
    if kept.past is not None and not kept.past.cut and state.memory is not None:
        base.recall(engine, encoded, state.memory.kept, passed_s)
    watch.lap("temporal")

    fading = fade_s is not None and share < 1.0
    after = dataclasses.replace(
        state,
        used=conditioning,
        origin=state.origin if fading else None,
        fade_s=fade_s if fading else None,
        clock_ns=now_ns,
        carried=state.carried + 1 if kept.how is How.REPROJECTED else 0,
    )
    return Draft(
        frame=frame,
        small=small,
        fit=fit,
        cells=cells,
        state=state,
        after=after,
        sun=sun,
        encoded=encoded,
        noise=kept.noise,
        noise_rest=kept.noise_rest,
        past=kept.past,
        age=kept.age,
        alpha=min(temporal.alpha, hold),
        anchors=kept.anchors,
        key=key,
        still=still,
        how=kept.how,
        watch=watch,
    )


def _keep(
    frame: Frame,
    small: Frame,
    cells: Cells,
    state: State,
    engine: Engine,
    *,
    hold: float,
    passed_s: float,
    may_carry: bool,
) -> _Kept:
    """History brought to this frame, and noise where the network runs.

    ``hold``: greatest weight of history. ``may_carry``: whether the network need not run.
    """
    spec, settings, temporal = engine.spec, state.settings, state.settings.temporal
    scale = spec.latent_scale
    grid = Grid(small.width // scale, small.height // scale, scale)
    memory = _usable(state.memory, frame, temporal, grid, spec.name)
    may_carry = may_carry and memory is not None
    anchored = temporal.reuse and temporal.anchored_noise
    # noise by place needs nothing of the frames before: none is made where the network is not likely to run
    by_place = small.depth_m is not None and small.camera is not None
    begin_noise = partial(Noise, cells, small, grid, spec.noise_channels, settings.seed, anchored)
    noise = None if may_carry and by_place else begin_noise()
    past, anchors, age = None, None, np.ones((grid.height, grid.width), np.float32)
    how = How.GENERATED
    if memory is not None:
        past = recall(memory, cells, small, grid, temporal, spec.index_channels, passed_s)
        if may_carry and _known(past) >= _KNOWN:
            how = How.REPROJECTED
        anchors, age = past.anchors, aged(past, temporal, hold, seen=how is How.GENERATED)
    elif not temporal.reuse:
        anchors = still_only(cells)
    if noise is None and how is How.GENERATED:
        noise = begin_noise()
    values, rest = np.empty((grid.height, grid.width, 0), np.float32), None
    if noise is not None:
        values, rest = noise.values(past, memory)
    return _Kept(past, age, anchors, values, rest, how)


def asked(draft: Draft) -> Asked:
    """What an engine that makes frames in one go is given."""
    past, temporal = draft.past, draft.state.settings.temporal
    if past is None:
        return draft.encoded, None, draft.noise
    weight = share_of_history(past, draft.age) if temporal.accumulate else np.zeros_like(draft.age)
    alpha = draft.alpha if temporal.history_input and not past.cut else 0.0
    carried = draft.how is How.REPROJECTED
    return draft.encoded, Reuse(past.latent, past.x, past.y, past.trust, weight, alpha, carried), draft.noise


def make(draft: Draft, engine: Engine) -> tuple[U8, F32]:
    """Picture and latent by an engine that works in stages: the latent is accumulated between them."""
    past, temporal = draft.past, draft.state.settings.temporal
    given = None if past is None else History(past.latent, past.trust)
    if draft.how is How.REPROJECTED and given is not None and carries(engine):
        latent = engine.carry(draft.encoded, given)
        draft.watch.lap("carry")
    else:
        if past is None or past.cut or not temporal.history_input:
            given = None
        latent = engine.denoise(draft.encoded, given, draft.noise, draft.alpha)
        draft.watch.lap("denoise")
    if past is not None and temporal.accumulate:
        latent = accumulate(latent, past, draft.age, engine.spec.index_channels)
    draft.watch.lap("temporal")
    return engine.decode(latent, draft.encoded, draft.anchors), latent


def complete(draft: Draft, engine: Engine, picture: U8, latent: Any) -> Done:
    """The result and the session after it. ``picture`` has the model's size; ``latent`` is what it was decoded from."""
    draft.watch.lap("decode")
    frame, cells, settings = draft.frame, draft.cells, draft.state.settings
    plain, photo = enlarged(frame, draft.small.color, picture, draft.fit, settings), photo_of(engine, draft.encoded)
    effects = dataclasses.replace(effects_of(engine, draft.encoded, latent), part=draft.fit.part)
    image = finish(frame, plain, settings, photo, effects)
    draft.watch.lap("lift")
    affine = color_grid(frame.color, image) if settings.color_grid else None
    image.setflags(write=False)
    time_ns = frame.timestamp_ns if moves(engine, draft.encoded) else None
    shown = Shown(image, affine, cells.color, frame.camera, draft.key, _kept(frame), draft.still, time_ns)
    if photo.grain > 0 or effects.fall:
        shown = dataclasses.replace(shown, plain=plain, photo=photo, effects=effects)
    memory = _remember(draft, engine, latent) if settings.temporal.reuse else None
    after = dataclasses.replace(draft.after, memory=memory, shown=shown)
    draft.watch.lap("finish")
    return _answer(frame, settings, draft.sun, engine, shown, draft.how, draft.watch), after


def choose_sun(settings: Settings, light_direction: Vector | None, conditioning: Conditioning) -> Vector | None:
    """The world direction of the sun: the engine's light or the prompt's, as ``settings.sun`` rules; None: no sun.

    A rule whose side says nothing (no light sent) falls back to the other side.
    """
    if settings.sun == "prompt" or light_direction is None:
        return conditioning.sun_direction
    return light_direction


def _answer(
    frame: Frame, settings: Settings, sun: Vector | None, engine: Engine, shown: Shown, how: How, watch: Watch
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


def _known(past: Recall) -> float:
    """Share of the cells whose history is trusted; 0 at a cut."""
    return 0.0 if past.cut else np.count_nonzero(past.trust >= KNOWN) / past.trust.size


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
        and shown.time_ns in (None, frame.timestamp_ns)
        and same_camera(shown.camera, frame.camera)
        and cv2.norm(shown.color, cells.color, cv2.NORM_INF) <= SAME_LEVELS
        and _same(shown.planes[0], frame.intensity_mask)
        and _same(shown.planes[1], frame.label)
    )


def _shown_again(known: Shown, frame: Frame, settings: Settings) -> Shown:
    """What a frame that shows nothing new gets: the image before it, but for what falls and the grain of its film."""
    if known.plain is None:
        return known
    image = finish(frame, known.plain, settings, known.photo, known.effects)
    image.setflags(write=False)
    return dataclasses.replace(known, image=image)


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


def _remember(draft: Draft, engine: Engine, latent: Any) -> Memory:
    cells, small = draft.cells, draft.small
    return Memory(
        model=engine.spec.name,
        frame_id=small.frame_id,
        latent=latent,
        age=draft.age,
        noise=draft.noise if draft.noise.shape[-1] else None,
        depth_m=None if cells.depth_m is None else np.minimum(cells.depth_m, np.float32(SKY_M)),
        color=cells.soft,
        half=cells.half,
        camera=small.camera,
        jitter_px=small.jitter_px,
        anchors=draft.anchors,
        noise_rest=draft.noise_rest,
        kept=kept_of(engine, draft.encoded),
    )
