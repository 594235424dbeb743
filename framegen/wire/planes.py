"""Frames and results: the pictures of a message, described in the header, carried in the parts after it.

A plane's descriptor names its ``format``, its ``codec`` and where its bytes are: ``part`` (1 is the first after the
header), ``offset`` and ``length``. Several planes may lie in one part, and ranges may overlap.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from framegen.codecs import jpeg, raw
from framegen.errors import InvalidFrame, MalformedMessage, MessageTooLarge, UnsupportedCodec
from framegen.frame import U8, Camera, Frame, How, Restyled
from framegen.wire.header import INT64, UINT32, Fields
from framegen.wire.messages import Limits

Part = bytes | memoryview
WIRE_NAMES: dict[str, str] = {
    "depth": "depth_m",
    "motion": "motion_px",
    "label": "label",
    "intensity_mask": "intensity_mask",
    "reactive": "reactive",
    "dynamic_mask": "dynamic_mask",
}
"""Plane name in the header -> attribute of :class:`Frame`. The unit moves from the name into the format."""

PLANE_FORMATS: dict[str, tuple[str, ...]] = {
    "color": ("rgb8", "rgba8"),
    "image": ("rgb8",),
    "depth": ("f16_m", "f32_m", "u16_log"),
    "motion": ("f16_px", "f32_px"),
    "label": ("r8",),
    "intensity_mask": ("r8",),
    "reactive": ("r8",),
    "dynamic_mask": ("r8",),
}
COLOR_CODECS = ("raw", "jpeg")
GRID_SHAPE = (9, 16, 3, 4)
_UNITS = {"depth": "m", "motion": "px"}
_DEPTH_HINT = "Send metres along the view axis, +inf for sky, little-endian."
_MOTION_HINT = "Send pixels, previous minus current position, little-endian."
_HOWS = {how.value: how for how in How}


class PartWriter:
    """Collects payload parts and gives each plane its descriptor."""

    def __init__(self) -> None:
        self.parts: list[Part] = []

    def add(self, format_name: str, codec: str, payload: memoryview) -> dict[str, Any]:
        """Append one part; returns its descriptor."""
        self.parts.append(payload)
        return {
            "format": format_name,
            "codec": codec,
            "part": len(self.parts),
            "offset": 0,
            "length": payload.nbytes,
        }

    def add_color(self, image: U8, codec: str, jpeg_quality: int) -> dict[str, Any]:
        """A colour picture, ``[H, W, 3 or 4]`` uint8."""
        if codec == "jpeg":
            return self.add("rgb8", codec, jpeg.encode(image, jpeg_quality))
        if codec != "raw":
            raise UnsupportedCodec(f"There is no colour codec '{codec}'.", hint="Use raw or jpeg.")
        return self.add("rgba8" if image.shape[2] == 4 else "rgb8", codec, raw.to_bytes(image))

    def add_plane(self, name: str, plane: NDArray[Any]) -> dict[str, Any]:
        """An optional plane of a frame, raw."""
        unit = _UNITS.get(name)
        format_name = "r8" if unit is None else f"f{plane.dtype.itemsize * 8}_{unit}"
        return self.add(format_name, "raw", raw.to_bytes(plane))


class PartReader:
    """The payload parts of a received message, whose planes have ``width`` x ``height`` pixels."""

    def __init__(self, parts: Sequence[Part], planes: Fields, width: int, height: int) -> None:
        self._parts = parts
        self._planes = planes
        self._size = height, width

    def __contains__(self, name: str) -> bool:
        return name in self._planes

    def payload(self, name: str) -> tuple[Fields, memoryview]:
        """A plane's descriptor and bytes. A range outside its part is a MalformedMessage."""
        about = self._planes.inner(name)
        index = about.integer("part", within=UINT32)
        if not 1 <= index < len(self._parts):
            raise MalformedMessage(
                f"Plane {name} lies in part {index}, but the last part is {len(self._parts) - 1}.",
                hint="Part 0 is the header, the first payload is part 1.",
            )
        part = _flat(self._parts[index])
        offset = about.integer("offset", 0)
        length = about.integer("length", max(part.nbytes - offset, 0))
        if offset + length > part.nbytes:
            raise MalformedMessage(
                f"Plane {name} lies at {offset}..{offset + length} of a part of {part.nbytes} bytes."
            )
        return about, part[offset : offset + length]

    def plane(self, name: str) -> NDArray[Any]:
        """A plane's pixels: read-only, a view where :mod:`framegen.codecs.raw` says so."""
        about, payload = self.payload(name)
        format_name, codec = about.text("format"), about.text("codec", "raw")
        if format_name not in PLANE_FORMATS[name]:
            raise UnsupportedCodec(
                f"Plane {name} cannot have the format '{format_name}'.",
                hint="It can be " + " or ".join(PLANE_FORMATS[name]) + ".",
            )
        if codec == "jpeg" and format_name == "rgb8":
            return jpeg.decode(payload, self._size[1], self._size[0])
        if codec != "raw":
            raise UnsupportedCodec(f"Plane {name} as {format_name} cannot have the codec '{codec}'.")
        shape = (*self._size, *raw.FORMATS[format_name].tail)
        pixels, each = self._size[0] * self._size[1], raw.FORMATS[format_name].pixel_bytes
        if payload.nbytes != pixels * each:
            raise InvalidFrame(
                f"Plane {name} has {payload.nbytes} bytes; {self._size[1]}x{self._size[0]} {format_name} has "
                f"{pixels * each}.",
                hint=f"{format_name} has {each} bytes a pixel, these are {payload.nbytes / pixels:.4g}; every plane "
                "has the frame's size, and rows have no padding.",
            )
        plane = raw.from_bytes(payload, raw.FORMATS[format_name].dtype, shape)
        if format_name == "u16_log":
            return raw.depth_from_log(plane, about.number("near_m"), about.number("far_m"))
        return plane


def frame_header(frame: Frame, color_codec: str, jpeg_quality: int) -> tuple[dict[str, Any], list[Part]]:
    """A frame's header fields and payload parts."""
    writer = PartWriter()
    planes = {"color": writer.add_color(frame.color, color_codec, jpeg_quality)}
    for name, attribute in WIRE_NAMES.items():
        plane = getattr(frame, attribute)
        if plane is not None:
            planes[name] = writer.add_plane(name, plane)
    header: dict[str, Any] = {
        "frame_id": frame.frame_id,
        "timestamp_ns": frame.timestamp_ns,
        "width": frame.width,
        "height": frame.height,
        "planes": planes,
        "jitter_px": [float(v) for v in frame.jitter_px],
        "color_resolved": frame.color_resolved,
        "reset": frame.reset,
    }
    if frame.motion_from_frame_id is not None:
        header["motion_from_frame_id"] = frame.motion_from_frame_id
    if frame.light_direction is not None:
        header["light_direction"] = [float(v) for v in frame.light_direction]
    if frame.camera is not None:
        header["camera"] = {
            "view_from_world": frame.camera.view_from_world.ravel().tolist(),
            "clip_from_view": frame.camera.clip_from_view.ravel().tolist(),
            "near_m": float(frame.camera.near_m),
            "far_m": float(frame.camera.far_m),
        }
        header["world_origin_m"] = [float(v) for v in frame.camera.world_origin_m]
    return header, writer.parts


def read_frame(fields: Fields, parts: Sequence[Part], limits: Limits) -> Frame:
    """The frame of a header; its size is checked before anything of that size is made."""
    width, height = _size(fields, limits)
    reader = PartReader(parts, fields.inner("planes"), width, height)
    frame_id = fields.integer("frame_id")
    motion_from = fields.integer("motion_from_frame_id", None)
    if motion_from is not None and motion_from >= frame_id:
        raise InvalidFrame(
            f"Motion of frame {frame_id} cannot point to frame {motion_from}.", hint="Name an older one."
        )
    planes = {WIRE_NAMES[name]: reader.plane(name) for name in WIRE_NAMES if name in reader}
    if "depth_m" in planes and not raw.depth_is_valid(planes["depth_m"]):
        raise InvalidFrame("Depth has NaN or negative values.", hint=_DEPTH_HINT)
    if "motion_px" in planes and not raw.is_finite(planes["motion_px"]):
        raise InvalidFrame("Motion has NaN or infinite values.", hint=_MOTION_HINT)
    return Frame(
        frame_id=frame_id,
        color=reader.plane("color"),
        timestamp_ns=fields.integer("timestamp_ns", 0, within=INT64),
        motion_from_frame_id=motion_from,
        camera=_read_camera(fields) if "camera" in fields else None,
        light_direction=fields.vector("light_direction", 3, None),
        jitter_px=fields.vector("jitter_px", 2, (0.0, 0.0)),
        color_resolved=fields.flag("color_resolved", False),
        reset=fields.flag("reset", False),
        **planes,
    )


def _read_camera(fields: Fields) -> Camera:
    camera = fields.inner("camera")
    return Camera(
        np.array(camera.vector("view_from_world", 16)).reshape(4, 4),
        np.array(camera.vector("clip_from_view", 16)).reshape(4, 4),
        camera.number("near_m"),
        camera.number("far_m", infinite=True),
        fields.vector("world_origin_m", 3, (0.0, 0.0, 0.0)),
    )


def result_header(result: Restyled, color_codec: str, jpeg_quality: int) -> tuple[dict[str, Any], list[Part]]:
    """A result's header fields and payload parts."""
    writer = PartWriter()
    planes = {"image": writer.add_color(result.image, color_codec, jpeg_quality)}
    if result.color_grid is not None:
        planes["color_grid"] = writer.add("f16", "raw", raw.to_bytes(result.color_grid))
    header: dict[str, Any] = {
        "frame_id": result.frame_id,
        "timestamp_ns": result.timestamp_ns,
        "width": int(result.image.shape[1]),
        "height": int(result.image.shape[0]),
        "planes": planes,
        "how": result.how.value,
        "settings_revision": result.settings_revision,
        "model": result.model,
        "seed": result.seed,
        "stamps_ns": {name: int(value) for name, value in result.stamps_ns.items()},
        "stages_ms": {name: float(value) for name, value in result.stages_ms.items()},
    }
    if result.sun_direction is not None:
        header["sun_direction"] = [float(v) for v in result.sun_direction]
    return header, writer.parts


def read_result(fields: Fields, parts: Sequence[Part], limits: Limits) -> Restyled:
    """The result of a header."""
    width, height = _size(fields, limits)
    reader = PartReader(parts, fields.inner("planes"), width, height)
    how = fields.text("how")
    if how not in _HOWS:
        raise MalformedMessage(f"result.how cannot be '{how}'.")
    return Restyled(
        frame_id=fields.integer("frame_id"),
        timestamp_ns=fields.integer("timestamp_ns", within=INT64),
        image=reader.plane("image"),
        how=_HOWS[how],
        settings_revision=fields.integer("settings_revision", within=UINT32),
        model=fields.text("model", ""),
        seed=fields.integer("seed", 0, within=UINT32),
        sun_direction=fields.vector("sun_direction", 3, None),
        color_grid=_read_grid(reader) if "color_grid" in reader else None,
        stamps_ns=fields.integers("stamps_ns", {}, within=INT64),
        stages_ms=fields.numbers("stages_ms", {}),
    )


def _read_grid(reader: PartReader) -> NDArray[np.float16]:
    about, payload = reader.payload("color_grid")
    if about.text("format") != "f16" or about.text("codec", "raw") != "raw":
        raise UnsupportedCodec("The colour grid is raw f16.")
    if payload.nbytes != 2 * int(np.prod(GRID_SHAPE)):
        raise MalformedMessage(f"The colour grid has {payload.nbytes} bytes, not those of {list(GRID_SHAPE)} float16.")
    grid = raw.from_bytes(payload, np.dtype("<f2"), GRID_SHAPE)
    if not raw.is_finite(grid):
        raise MalformedMessage("The colour grid has NaN or infinite values.")
    return grid


def _size(fields: Fields, limits: Limits) -> tuple[int, int]:
    width, height = fields.integer("width"), fields.integer("height")
    if width < 1 or height < 1:
        raise InvalidFrame(f"A picture of {width}x{height} has no pixels.")
    if width > limits.max_side_px or height > limits.max_side_px or width * height > limits.max_pixels:
        raise MessageTooLarge(
            f"A picture of {width}x{height} is too large.",
            hint=f"At most {limits.max_side_px} pixels a side and {limits.max_pixels} in all are taken.",
        )
    return width, height


def _flat(part: Part) -> memoryview:
    view = memoryview(part)
    return view if view.format == "B" and view.ndim == 1 else view.cast("B")
