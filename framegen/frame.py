"""What goes in and what comes out: :class:`Frame`, :class:`Camera` and :class:`Restyled`.

Every convention here is stated once, with its reason, in ``protocol/CONVENTIONS.md``.
In short: the first row is the top; colour is 8-bit sRGB; depth is metres along the
view axis with ``+inf`` for the sky; motion is in pixels, x right, y **down**, from the
current pixel to where it was in the previous frame; the world is right-handed, +Y up,
in metres; the camera looks along its own -Z.
"""

from __future__ import annotations

import enum
import math
import operator
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from framegen.errors import InvalidFrame

U8 = NDArray[np.uint8]
F16 = NDArray[np.float16]
F32 = NDArray[np.float32]
F64 = NDArray[np.float64]

FAR_M = 1e15
"""Positions farther away are refused: float64 counts in eighths of a metre there."""
MOST_JITTER_PX = 1e4
_LENGTHS = (1e-8, 1e8)
"""Of a view matrix's columns, the least and the greatest: in float32, rays and their squares stay numbers."""
_LARGEST_CLIP = 1e12
_WIDEST = 1e9
"""Of a view, metres from its axis: at a distance of one metre, or at any where the projection is orthographic."""


@dataclass(frozen=True, eq=False)
class Camera:
    """A camera at the instant of a frame.

    Attributes:
        view_from_world: ``[4, 4]`` float64, row-major, column vectors; absolute, never
            camera-relative. Right-handed, +Y up, metres; the camera looks along -Z.
        clip_from_view: ``[4, 4]`` float64, without jitter, OpenGL clip space (z in -w..w).
        near_m: distance of the near plane in metres.
        far_m: distance of the far plane in metres; may be ``inf``.
        world_origin_m: absolute position = sent position + this (for games that shift their origin).
    """

    view_from_world: F64
    clip_from_view: F64
    near_m: float = 0.05
    far_m: float = float("inf")
    world_origin_m: tuple[float, float, float] = (0.0, 0.0, 0.0)

    def __post_init__(self) -> None:
        for name in ("view_from_world", "clip_from_view"):
            try:
                # a copy: engines move one matrix from frame to frame, and sessions remember their last camera
                matrix = np.array(getattr(self, name), np.float64)
            except (TypeError, ValueError):
                raise InvalidFrame(f"{name} must be a finite 4x4 matrix of numbers.") from None
            if matrix.shape != (4, 4) or not all(map(math.isfinite, values := matrix.ravel().tolist())):
                raise InvalidFrame(f"{name} must be a finite 4x4 matrix, not {matrix.shape}.")
            (_check_view if name == "view_from_world" else _check_clip)(values)
            matrix.setflags(write=False)
            object.__setattr__(self, name, matrix)
        try:
            in_order = 0.0 < self.near_m < self.far_m
        except TypeError:
            in_order = False
        if not in_order:
            raise InvalidFrame(f"near_m {self.near_m} and far_m {self.far_m} must satisfy 0 < near < far.")
        object.__setattr__(self, "world_origin_m", _numbers("world_origin_m", self.world_origin_m, 3, FAR_M))

    @cached_property
    def world_from_view(self) -> F64:
        """``[4, 4]`` float64: the camera's pose, ``world_origin_m`` included; read-only."""
        pose = np.asarray(np.linalg.inv(self.view_from_world), np.float64)
        pose[:3, 3] += self.world_origin_m
        pose.setflags(write=False)
        return pose

    @staticmethod
    def perspective(
        world_from_view: Any, *, fov_y_rad: float, aspect: float, near_m: float = 0.05, far_m: float = float("inf")
    ) -> Camera:
        """A symmetric perspective camera from its pose and vertical field of view (radians)."""
        f = 1.0 / np.tan(fov_y_rad / 2.0)
        clip = np.zeros((4, 4))
        clip[0, 0], clip[1, 1], clip[3, 2] = f / aspect, f, -1.0
        if np.isinf(far_m):
            clip[2, 2], clip[2, 3] = -1.0, -2.0 * near_m
        else:
            clip[2, 2] = (far_m + near_m) / (near_m - far_m)
            clip[2, 3] = 2.0 * far_m * near_m / (near_m - far_m)
        return Camera(np.linalg.inv(np.asarray(world_from_view, np.float64)), clip, near_m, far_m)


def _check_view(values: list[float]) -> None:
    """``view_from_world``, row by row. A rigid pose is right wherever it stands: its place is judged apart."""
    place_m = 0.0
    if values[12:] == [0.0, 0.0, 0.0, 1.0]:
        place_m = max(abs(values[3]), abs(values[7]), abs(values[11]))
        values = [*values[0:3], 0.0, *values[4:7], 0.0, *values[8:11], 0.0, *values[12:]]
    if not _uprightness(values) > _LEAST_UPRIGHTNESS:
        raise InvalidFrame("view_from_world cannot be inverted.", hint=_POSE_HINT)
    if max(map(abs, values[12:15])) > _SHEAR * abs(values[15]):
        raise InvalidFrame(
            "The last row of view_from_world is not 0 0 0 1.",
            hint="It is row-major for column vectors, with the place in the last column: transpose it.",
        )
    lengths = [math.sqrt(sum(value * value for value in values[column::4])) for column in range(4)]
    if not (_LENGTHS[0] <= min(lengths) and max(lengths) <= _LENGTHS[1]):
        raise InvalidFrame("view_from_world scales the world beyond reason.", hint=_POSE_HINT)
    if place_m > FAR_M:
        raise InvalidFrame(f"view_from_world stands {place_m:.3g} m from the origin.", hint="Positions are in metres.")


def _check_clip(values: list[float]) -> None:
    """``clip_from_view``, row by row: the rays of the picture's corners must be numbers that float32 holds."""
    if not _uprightness(values) > _LEAST_UPRIGHTNESS:
        raise InvalidFrame("clip_from_view cannot be inverted.", hint="Send the projection matrix alone.")
    if not values[15] > values[14]:
        raise InvalidFrame(
            "clip_from_view puts behind the camera what lies before it.",
            hint="The camera looks along -Z: the last row of a perspective is 0 0 -1 0.",
        )
    a, b, x, x_fixed, c, d, y, y_fixed = values[:8]
    determinant = a * d - b * c
    widest = math.inf
    if determinant != 0.0 and a != 0.0 and d != 0.0:
        # of the place at depth 1 and NDC (+-1, +-1), and of the same where nothing lies beside the diagonal
        across, down = 1.0 + abs(x) + abs(x_fixed), 1.0 + abs(y) + abs(y_fixed)
        w = max(1.0, abs(values[14]) + abs(values[15]))
        sheared = max(abs(d) * across + abs(b) * down, abs(c) * across + abs(a) * down) / abs(determinant)
        widest = w * max(sheared, across / abs(a), down / abs(d))
    if not widest <= _WIDEST or max(map(abs, values)) > _LARGEST_CLIP:
        raise InvalidFrame(
            "clip_from_view is no projection of a picture: its rays lead out of all bounds.",
            hint="Its first two diagonal elements are 1 over the tangent of half the field of view.",
        )


def _numbers(name: str, value: Any, count: int, most: float) -> tuple[float, ...]:
    """``count`` plain floats. Raises InvalidFrame where they are others, not finite, or beyond ``most``."""
    try:
        numbers = tuple(map(float, value))
    except (TypeError, ValueError):
        numbers = ()
    if len(numbers) != count or not all(abs(number) <= most for number in numbers):
        raise InvalidFrame(f"{name} must be {count} finite numbers of at most {most:g}.")
    return numbers


_LEAST_UPRIGHTNESS = 1e-9
_SHEAR = 1e-6
"""Of the first three elements of a view's last row over the fourth: more is no pose, mostly one sent by columns."""

_POSE_HINT = "It is the inverse of the camera's pose: a rotation and a place."


def _uprightness(values: list[float]) -> float:
    """Absolute determinant of a 4x4 matrix, row by row, whose columns were brought to length 1: their lengths say
    nothing about whether it can be inverted (an orthographic view of a city is fine). 0.0 where a column is zero or
    its square overflows.

    Plain floats, because it runs twice for every frame received: NumPy's calls take several times as long.
    """
    a, b, c, d, e, f, g, h, i, j, k, l, m, n, o, p = values  # noqa: E741
    lengths = math.sqrt(a * a + e * e + i * i + m * m) * math.sqrt(b * b + f * f + j * j + n * n)
    lengths *= math.sqrt(c * c + g * g + k * k + o * o) * math.sqrt(d * d + h * h + l * l + p * p)
    if not 0.0 < lengths < math.inf:
        return 0.0
    # Laplace's expansion by the upper two rows
    determinant = (
        (a * f - b * e) * (k * p - l * o)
        - (a * g - c * e) * (j * p - l * n)
        + (a * h - d * e) * (j * o - k * n)
        + (b * g - c * f) * (i * p - l * m)
        - (b * h - d * f) * (i * o - k * m)
        + (c * h - d * g) * (i * n - j * m)
    )
    return abs(determinant) / lengths


@dataclass(frozen=True, eq=False)
class Frame:
    """One low-fidelity frame of an engine. Everything but ``color`` is optional.

    All planes have the size of ``color``. Arrays are read, never written.

    Attributes:
        frame_id: grows by one with every frame the engine rendered (uint64).
        color: ``[H, W, 3]`` or ``[H, W, 4]`` uint8, sRGB-encoded, after tonemapping, before
            motion blur, depth of field, grain; without HUD.
        timestamp_ns: the sender's monotonic clock, integer nanoseconds; echoed untouched.
        depth_m: ``[H, W]`` float16 or float32, metres along the view axis; sky is ``+inf``.
        motion_px: ``[H, W, 2]`` float16 or float32, pixels, previous minus current position,
            x right, y down, without jitter, camera motion included.
        motion_from_frame_id: the frame that ``motion_px`` points to; None: the frame sent before.
        camera: needed for world-anchored texture, and for motion where ``motion_px`` is absent.
        label: ``[H, W]`` uint8, an index into the settings' label table; 0 = unknown.
        intensity_mask: ``[H, W]`` uint8, 255 = restyled as far as ``intensity`` says, 0 = the engine's own.
        reactive: ``[H, W]`` uint8, 255 = trust this frame, not history (smoke, glass, screens).
        dynamic_mask: ``[H, W]`` uint8, 255 = moves on its own.
        light_direction: unit vector in world space **towards** the main light.
        jitter_px: sub-pixel offset (x, y) of this frame's projection, pixels, y down.
        color_resolved: True when ``color`` no longer jitters (TAA, FSR) although depth and motion do.
        reset: a camera cut or teleport: history stops here.
    """

    frame_id: int
    color: U8
    timestamp_ns: int = 0
    depth_m: F16 | F32 | None = None
    motion_px: F16 | F32 | None = None
    motion_from_frame_id: int | None = None
    camera: Camera | None = None
    label: U8 | None = None
    intensity_mask: U8 | None = None
    reactive: U8 | None = None
    dynamic_mask: U8 | None = None
    light_direction: tuple[float, float, float] | None = None
    jitter_px: tuple[float, float] = (0.0, 0.0)
    color_resolved: bool = False
    reset: bool = False

    def __post_init__(self) -> None:
        color = self.color
        if not isinstance(color, np.ndarray):
            raise InvalidFrame(f"color must be a NumPy array, not {type(color).__name__}.")
        if color.dtype != np.uint8 or color.ndim != 3 or color.shape[2] not in (3, 4):
            raise InvalidFrame(f"color must be uint8 [H, W, 3 or 4], not {color.dtype} {list(color.shape)}.")
        if color.size == 0:
            raise InvalidFrame(f"A picture of {color.shape[1]}x{color.shape[0]} has no pixels.")
        for name, low, high in _INTEGERS:
            value = getattr(self, name)
            if type(value) is not int:
                value = self._plain_integer(name, value)
            if value is not None and not low <= value <= high:
                raise InvalidFrame(f"{name} {value} is outside {low}..{high}.")
        if type(self.reset) is not bool or type(self.color_resolved) is not bool:  # a NumPy bool is none
            object.__setattr__(self, "reset", bool(self.reset))
            object.__setattr__(self, "color_resolved", bool(self.color_resolved))
        size = color.shape[:2]
        for name, dtypes, tail in PLANES:
            plane = getattr(self, name)
            if plane is None:
                continue
            if not isinstance(plane, np.ndarray):
                raise InvalidFrame(f"{name} must be a NumPy array, not {type(plane).__name__}.")
            if plane.shape != (*size, *tail) or plane.dtype.type not in dtypes:
                wanted = " or ".join(dtype.__name__ for dtype in dtypes)
                raise InvalidFrame(
                    f"{name} must be {wanted} {[*size, *tail]}, not {plane.dtype.name} {list(plane.shape)}.",
                    hint="Every plane has the size of the colour picture.",
                )
        if self.camera is not None and not isinstance(self.camera, Camera):
            raise InvalidFrame(
                f"camera must be a framegen.Camera, not {type(self.camera).__name__}.",
                hint="Camera.perspective makes one from a pose and a field of view.",
            )
        object.__setattr__(self, "jitter_px", _numbers("jitter_px", self.jitter_px, 2, MOST_JITTER_PX))
        if self.light_direction is not None:
            light = _numbers("light_direction", self.light_direction, 3, 1e9)
            object.__setattr__(self, "light_direction", light)
            length = math.hypot(*light)
            if not abs(length - 1.0) < 1e-2:
                raise InvalidFrame(f"light_direction must be a unit vector, its length is {length:.3g}.")

    def _plain_integer(self, name: str, value: Any) -> int | None:
        """A NumPy integer as Python's own, which alone travels; None where the field may be absent."""
        if value is None and name == "motion_from_frame_id":
            return None
        try:
            plain = operator.index(value)
        except TypeError:
            raise InvalidFrame(
                f"{name} must be an integer, not {type(value).__name__}.", hint="Times are whole nanoseconds."
            ) from None
        object.__setattr__(self, name, plain)
        return plain

    @property
    def width(self) -> int:
        """Pixels."""
        return int(self.color.shape[1])

    @property
    def height(self) -> int:
        """Pixels."""
        return int(self.color.shape[0])


_INTEGERS = (
    ("frame_id", 0, (1 << 64) - 1),
    ("timestamp_ns", -(1 << 63), (1 << 63) - 1),
    ("motion_from_frame_id", 0, (1 << 64) - 1),
)
"""Fields of a :class:`Frame` that travel as integers, with the least and the greatest."""

PLANES: tuple[tuple[str, tuple[type[np.generic], ...], tuple[int, ...]], ...] = (
    ("depth_m", (np.float16, np.float32), ()),
    ("motion_px", (np.float16, np.float32), (2,)),
    ("label", (np.uint8,), ()),
    ("intensity_mask", (np.uint8,), ()),
    ("reactive", (np.uint8,), ()),
    ("dynamic_mask", (np.uint8,), ()),
)
"""The optional planes of a :class:`Frame`: name, allowed element types, shape after ``[H, W]``."""


class How(str, enum.Enum):
    """How a result was made."""

    GENERATED = "generated"
    """The model ran on this frame."""
    REUSED = "reused"
    """Nothing moved and nothing changed: the last image again, but for what the frames' clock alone changes in it."""
    REPROJECTED = "reprojected"
    """The model's last latent, carried to this frame by its motion, gave the picture; its network did not run."""


@dataclass(frozen=True, eq=False)
class Restyled:
    """The answer to one :class:`Frame`.

    Attributes:
        frame_id, timestamp_ns: those of the frame, untouched.
        image: ``[H, W, 3]`` uint8, sRGB-encoded, of the frame's own size unless the settings ask otherwise.
        how: see :class:`How`.
        settings_revision: the revision of the settings it was made with.
        model: name of the model. ``seed``: the seed it used.
        sun_direction: unit vector in world space towards the sun that was used, or None.
        color_grid: ``[9, 16, 3, 4]`` float16 or None: per cell the affine map ``rgb_out = A @ (rgb_in, 1)``
            (sRGB-encoded, 0..1) fitted from engine frame to restyled frame; rows from the top.
        stamps_ns: the server's clock: ``received``, ``started``, ``finished``, ``sent``.
        stages_ms: milliseconds spent per stage (``prepare``, ``temporal``, ``encode``, ``model``,
            ``decode``, ``lift``, ...); ``model`` is the network alone.
    """

    frame_id: int
    timestamp_ns: int
    image: U8
    how: How = How.GENERATED
    settings_revision: int = 0
    model: str = ""
    seed: int = 0
    sun_direction: tuple[float, float, float] | None = None
    color_grid: F16 | None = None
    stamps_ns: Mapping[str, int] = field(default_factory=dict)
    stages_ms: Mapping[str, float] = field(default_factory=dict)
