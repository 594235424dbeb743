"""Hypothesis strategies for every message of the protocol, and equality that looks into arrays."""

from __future__ import annotations

import dataclasses
from typing import Any

import numpy as np
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from framegen import Camera, Frame, How, Restyled
from framegen.wire import messages as m

INT64 = st.integers(-(1 << 63), (1 << 63) - 1)
UINT64 = st.integers(0, (1 << 64) - 1)
UINT32 = st.integers(0, (1 << 32) - 1)
TEXT = st.text(max_size=40)
TEXTS = st.lists(TEXT, max_size=4).map(tuple)
FINITE = st.floats(allow_nan=False, allow_infinity=False)
SMALL = st.floats(-8, 8)
DIRECTION = st.sampled_from([(0.0, 1.0, 0.0), (0.6, 0.8, 0.0), (-0.48, 0.6, 0.64)])

PLAIN = st.recursive(
    st.none() | st.booleans() | INT64 | FINITE | TEXT,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXT, inner, max_size=3),
    max_leaves=6,
)
SETTINGS = st.fixed_dictionaries(
    {},
    optional={
        "prompt": TEXT,
        "seed": UINT32,
        "intensity": st.floats(0, 1),
        "color_grid": st.booleans(),
        "labels": st.dictionaries(st.integers(1, 255), st.none() | TEXT | st.just({"words": "moss"}), max_size=3),
        "temporal": st.dictionaries(TEXT, PLAIN, max_size=2),
    },
)
LIMITS = st.builds(m.Limits, max_pixels=st.integers(1, 1 << 40), heartbeat_ms=st.integers(1, 1 << 20))


@st.composite
def cameras(draw: st.DrawFn) -> Camera:
    """Perspective and orthographic cameras anywhere within a hundred kilometres."""
    turn, _ = np.linalg.qr(draw(arrays(np.float64, (3, 3), elements=SMALL)) + 9 * np.eye(3))
    pose = np.eye(4)
    pose[:3, :3] = turn
    pose[:3, 3] = draw(st.tuples(*[st.floats(-1e5, 1e5)] * 3))
    near_m = draw(st.floats(0.01, 1.0))
    far_m = draw(st.sampled_from([float("inf"), 100.0, 12345.678]))
    if draw(st.booleans()):
        return Camera.perspective(
            pose, fov_y_rad=draw(st.floats(0.2, 2.5)), aspect=draw(st.floats(0.3, 3)), near_m=near_m, far_m=far_m
        )
    flat = np.diag([draw(st.floats(1e-4, 10)), draw(st.floats(1e-4, 10)), -2e-3, 1.0])
    return Camera(np.linalg.inv(pose), flat, near_m, far_m, draw(st.tuples(*[st.floats(-1e6, 1e6)] * 3)))


@st.composite
def planes(draw: st.DrawFn, shape: tuple[int, ...], dtypes: tuple[str, ...], elements: Any) -> Any:
    """An array that may be a view with strides."""
    dtype = draw(st.sampled_from(dtypes))
    values = arrays(dtype, shape, elements=elements(16 if dtype == "float16" else 32), fill=st.nothing())
    array = draw(values)
    return np.repeat(array, 2, axis=1)[:, ::2] if draw(st.booleans()) else array


@st.composite
def frames(draw: st.DrawFn) -> Frame:
    """Frames of up to 5x5 pixels with any of the optional planes."""
    size = draw(st.tuples(st.integers(1, 5), st.integers(1, 5)))
    byte = st.integers(0, 255)
    depth = st.none() | planes(size, ("float16", "float32"), lambda w: st.floats(0, width=w, allow_nan=False))
    motion = st.none() | planes((*size, 2), ("float16", "float32"), lambda w: st.floats(-1000, 1000, width=w))
    mask = st.none() | planes(size, ("uint8",), lambda _w: byte)
    frame_id = draw(UINT64)
    return Frame(
        frame_id=frame_id,
        color=draw(planes((*size, draw(st.sampled_from([3, 4]))), ("uint8",), lambda _w: byte)),
        timestamp_ns=draw(INT64),
        depth_m=draw(depth),
        motion_px=draw(motion),
        motion_from_frame_id=draw(st.none() | st.integers(0, frame_id - 1)) if frame_id else None,
        camera=draw(st.none() | cameras()),
        label=draw(mask),
        intensity_mask=draw(mask),
        reactive=draw(mask),
        dynamic_mask=draw(mask),
        light_direction=draw(st.none() | DIRECTION),
        jitter_px=draw(st.tuples(SMALL, SMALL)),
        color_resolved=draw(st.booleans()),
        reset=draw(st.booleans()),
    )


@st.composite
def results(draw: st.DrawFn) -> Restyled:
    """Results of up to 5x5 pixels."""
    shape = (draw(st.integers(1, 5)), draw(st.integers(1, 5)), 3)
    grid = arrays(np.float16, (9, 16, 3, 4), elements=st.floats(-4, 4, width=16))
    return Restyled(
        frame_id=draw(UINT64),
        timestamp_ns=draw(INT64),
        image=draw(arrays(np.uint8, shape)),
        how=draw(st.sampled_from(How)),
        settings_revision=draw(UINT32),
        model=draw(TEXT),
        seed=draw(UINT32),
        sun_direction=draw(st.none() | DIRECTION),
        color_grid=draw(st.none() | grid),
        stamps_ns=draw(st.dictionaries(TEXT, INT64, max_size=3)),
        stages_ms=draw(st.dictionaries(TEXT, FINITE, max_size=3)),
    )


MESSAGES: dict[str, st.SearchStrategy[m.Message]] = {
    "hello": st.builds(m.Hello, TEXTS, TEXT, TEXTS, TEXTS, SETTINGS),
    "welcome": st.builds(m.Welcome, TEXT, TEXT, TEXT, TEXTS, TEXTS, TEXTS, LIMITS, SETTINGS, UINT32),
    "settings": st.builds(m.UpdateSettings, SETTINGS, UINT32),
    "settings_applied": st.builds(m.SettingsApplied, UINT32, UINT32, TEXTS, TEXTS),
    "frame": st.builds(m.SendFrame, frames()),
    "result": st.builds(m.SendResult, results()),
    "superseded": st.builds(m.Superseded, UINT64, INT64, UINT64),
    "reset": st.builds(m.Reset),
    "ping": st.builds(m.Ping, INT64),
    "pong": st.builds(m.Pong, INT64, INT64, INT64),
    "error": st.builds(m.Error, TEXT, TEXT, TEXT, st.booleans(), st.none() | UINT64, st.none() | UINT32),
    "bye": st.builds(m.Bye, TEXT),
}


def assert_same(a: Any, b: Any) -> None:
    """Equal values of equal types, arrays bit for bit."""
    if isinstance(a, np.ndarray):
        assert a.dtype == b.dtype and a.shape == b.shape
        np.testing.assert_array_equal(a, b)
    elif dataclasses.is_dataclass(a):
        assert type(a) is type(b)
        for field in dataclasses.fields(a):
            assert_same(getattr(a, field.name), getattr(b, field.name))
    else:
        assert a == b
