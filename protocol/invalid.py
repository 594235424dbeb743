"""The vectors that no implementation may take, each with the code of the error that answers it."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from typing import Any

from literal import Literal, f16, f32, pack, u8
from samples import CAMERA, CLIP, DEPTH, INF, JPEG_BASELINE, MOTION, RGB, VIEW, color, frame
from vector import Vector, at

NAN = float("nan")
MALFORMED, TOO_LARGE, FRAME, CODEC = "malformed_message", "message_too_large", "invalid_frame", "unsupported_codec"


def bad(name: str, error: str, about: str, *parts: bytes, **limits: int) -> Vector:
    """A vector that is refused."""
    return Vector(name, about, parts, "invalid", error=error, limits=limits)


def bad_frame(name: str, error: str, about: str, changed: Any, *payloads: bytes) -> Vector:
    """A frame that would be valid but for ``changed``; nil stands for a field left out."""
    return bad(name, error, about, pack({**frame(1, {"color": color()}), **changed}), u8(RGB), *payloads)


def bad_plane(name: str, error: str, about: str, plane: str, descriptor: Any, payload: bytes = b"") -> Vector:
    """A frame with a valid colour plane and one more plane in part 2."""
    return bad_frame(name, error, about, {"planes": {"color": color(), plane: descriptor}}, payload)


def scaled(view: list[float], by: float) -> list[float]:
    """A view of a world that is so many times as large."""
    return [value * by if place % 4 < 3 and place < 12 else value for place, value in enumerate(view)]


def headers() -> Iterator[Vector]:
    """Not one MessagePack map with text keys within the limits."""
    yield bad("invalid_no_parts", MALFORMED, "No part at all.")
    yield bad("invalid_empty_header", MALFORMED, "An empty first part.", b"")
    yield bad("invalid_not_msgpack", MALFORMED, "0xc1 is never used in MessagePack.", b"\xc1\xc1\xc1")
    yield bad("invalid_json", MALFORMED, "JSON is not MessagePack.", b'{"type": "reset"}')
    yield bad("invalid_header_array", MALFORMED, "An array instead of a map.", pack(["reset"]))
    yield bad("invalid_truncated_header", MALFORMED, "A map that ends too soon.", pack({"type": "reset"})[:-2])
    yield bad("invalid_trailing_bytes", MALFORMED, "Bytes after the map.", pack({"type": "reset"}) + b"\x00")
    yield bad("invalid_no_type", MALFORMED, "No type.", pack({"frame_id": 1}))
    yield bad("invalid_type_not_text", MALFORMED, "A type that is a number.", pack({"type": 7}))
    yield bad("invalid_integer_key", MALFORMED, "Keys are text.", pack({"type": "reset", 5: 1}))
    nested = {"type": "settings", "changes": {"labels": {1: "brick"}}}
    yield bad("invalid_integer_key_nested", MALFORMED, "Keys are text everywhere.", pack(nested))
    binary = Literal(b"\xc4\x05reset")
    yield bad("invalid_binary_for_text", MALFORMED, "Binary is not text.", pack({"type": binary}))
    broken = Literal(b"\xa2\xff\xfe")
    yield bad("invalid_utf8", MALFORMED, "Text that is not UTF-8.", pack({"type": "bye", "reason": broken}))
    extension = Literal(b"\xd6\xff\x00\x00\x00\x00")
    yield bad("invalid_extension", MALFORMED, "Extension types are refused.", pack({"type": "reset", "t": extension}))
    yield bad("invalid_nan", MALFORMED, "NaN, even where it would be ignored.", pack({"type": "reset", "x": [NAN]}))
    claim = b"\x81\xa4type\xdd\xff\xff\xff\xff"
    yield bad("invalid_giant_array", MALFORMED, "An array that claims 4294967295 items.", claim)
    claim = b"\x81\xa4type\xdb\xff\xff\xff\xff"
    yield bad("invalid_giant_text", MALFORMED, "Text that claims 4294967295 bytes.", claim)
    many = pack({"type": "hello", "protocols": ["1.0"] * 1025})
    yield bad("invalid_too_many_items", MALFORMED, "An array of 1025 items.", many)
    maps = pack({"type": "reset", "x": [[{}] * 1000] * 5})
    yield bad("invalid_too_many_maps", MALFORMED, "Five thousand maps.", maps)
    deep: Any = 1
    for _ in range(8):
        deep = [deep]
    yield bad("invalid_too_deep", TOO_LARGE, "Nested nine deep.", pack({"type": "reset", "x": deep}))
    bomb = b"\x81\xa4type" + b"\x91" * 5000 + b"\xc0"
    yield bad("invalid_nesting_bomb", TOO_LARGE, "Nested five thousand deep.", bomb)
    long = pack({"type": "bye", "reason": "x" * 300})
    yield bad("invalid_header_too_long", TOO_LARGE, "A header over the limit.", long, max_header_bytes=256)
    yield bad(
        "invalid_message_too_long",
        TOO_LARGE,
        "Parts that are over the limit together.",
        pack({"type": "reset"}),
        bytes(600),
        bytes(600),
        max_message_bytes=1024,
    )
    away = pack({**frame(1, {"color": color()}), "memory": [[0, len(u8(RGB))]]})
    yield bad("invalid_memory_not_shared", MALFORMED, "A frame in memory that nobody shares.", away)
    yield bad("invalid_too_many_parts", TOO_LARGE, "Seventeen parts.", pack({"type": "reset"}), *([b""] * 16))


def conversation() -> Iterator[Vector]:
    """Messages other than frames."""
    yield bad("invalid_hello_no_protocols", MALFORMED, "A required field is missing.", pack({"type": "hello"}))
    hello = {"type": "hello", "protocols": "1.0"}
    yield bad("invalid_hello_protocols_text", MALFORMED, "Text instead of an array of text.", pack(hello))
    yield bad(
        "invalid_settings_not_map", MALFORMED, "Changes that are no map.", pack({"type": "settings", "changes": []})
    )
    yield bad("invalid_ping_float", MALFORMED, "Nanoseconds are integers.", pack({"type": "ping", "sent_ns": 1e9}))
    yield bad("invalid_ping_bool", MALFORMED, "True is not 1.", pack({"type": "ping", "sent_ns": True}))
    wide = {"type": "ping", "sent_ns": 1 << 63}
    yield bad("invalid_ping_unsigned", MALFORMED, "Nanoseconds fit in a signed 64-bit integer.", pack(wide))
    yield bad("invalid_pong_short", MALFORMED, "A pong without its times.", pack({"type": "pong", "sent_ns": 1}))
    yield bad("invalid_error_no_code", MALFORMED, "An error without a code.", pack({"type": "error", "message": "?"}))
    bye = {"type": "bye", "reason": 5}
    yield bad("invalid_bye_reason", MALFORMED, "An optional field of the wrong type.", pack(bye))


def frames() -> Iterator[Vector]:
    """Frames whose fields are wrong."""
    yield bad_frame("invalid_frame_no_planes", MALFORMED, "A frame without planes.", {"planes": None})
    yield bad_frame("invalid_frame_no_color", MALFORMED, "A frame without colour.", {"planes": {}})
    yield bad_frame("invalid_frame_no_id", MALFORMED, "A frame without an id.", {"frame_id": None})
    yield bad_frame("invalid_frame_id_float", MALFORMED, "Ids are integers.", {"frame_id": 1.0})
    yield bad_frame("invalid_frame_id_negative", MALFORMED, "Ids are not negative.", {"frame_id": -1})
    yield bad_frame("invalid_frame_time_float", MALFORMED, "Times are integers.", {"timestamp_ns": 1.5e18})
    yield bad_frame("invalid_frame_reset_number", MALFORMED, "A flag is true or false.", {"reset": 1})
    yield bad_frame("invalid_frame_jitter", MALFORMED, "Jitter is two numbers.", {"jitter_px": [0.5]})
    yield bad_frame("invalid_frame_jitter_inf", MALFORMED, "Jitter is finite.", {"jitter_px": [INF, 0.0]})
    yield bad_frame("invalid_frame_no_pixels", FRAME, "No pixels.", {"width": 0})
    yield bad_frame("invalid_frame_huge", TOO_LARGE, "More pixels than the limit.", {"width": 8192, "height": 8192})
    yield bad_frame("invalid_frame_long_side", TOO_LARGE, "A side over the limit.", {"width": 100000, "height": 1})
    overflow = {"width": 1 << 32, "height": 1 << 32}
    yield bad_frame("invalid_frame_overflow", TOO_LARGE, "Width x height is 0 in 64 bits.", overflow)
    yield bad_frame("invalid_frame_size", FRAME, "The size contradicts the colour plane's length.", {"width": 5})
    yield bad_frame("invalid_motion_from_self", FRAME, "Motion points to an older frame.", {"motion_from_frame_id": 1})
    yield bad_frame("invalid_light_length", FRAME, "Not a unit vector.", {"light_direction": [0.0, 2.0, 0.0]})
    short = {**CAMERA, "view_from_world": CLIP[:15]}
    yield bad_frame("invalid_camera_short", MALFORMED, "Fifteen numbers are no matrix.", {"camera": short})
    flat = {**CAMERA, "clip_from_view": [0.0] * 16}
    yield bad_frame("invalid_camera_singular", FRAME, "A matrix without an inverse.", {"camera": flat})
    by_columns = [VIEW[4 * column + row] for row in range(4) for column in range(4)]
    ahead = [-value if place % 4 == 2 else value for place, value in enumerate(CLIP)]
    for name, about, changed in (
        ("columns", "A view by columns: its last row is not 0 0 0 1.", {"view_from_world": by_columns}),
        ("plus_z", "A projection along +Z: w < 0 for what lies before the camera.", {"clip_from_view": ahead}),
        ("tiny", "A view that makes a metre less than 1e-8.", {"view_from_world": scaled(VIEW, 1e-9)}),
        ("giant", "A view that makes a metre more than 1e8.", {"view_from_world": scaled(VIEW, 1e9)}),
        ("far", "A camera 1e16 m from the origin.", {"view_from_world": [*VIEW[:3], 1e16, *VIEW[4:]]}),
        ("wide", "A picture whose corners lie 1e10 m from the axis.", {"clip_from_view": [1e-10, *CLIP[1:]]}),
        ("long", "An element of a projection beyond 1e12.", {"clip_from_view": [*CLIP[:11], -1e13, *CLIP[12:]]}),
    ):
        yield bad_frame(f"invalid_camera_{name}", FRAME, about, {"camera": {**CAMERA, **changed}})
    yield bad_frame("invalid_origin_far", FRAME, "1e16 m.", {"camera": CAMERA, "world_origin_m": [0.0, 1e16, 0.0]})
    yield bad_frame("invalid_frame_jitter_far", FRAME, "Jitter of 20000 pixels.", {"jitter_px": [0.0, -2e4]})
    planes = {**CAMERA, "near_m": 10.0, "far_m": 1.0}
    yield bad_frame("invalid_camera_planes", FRAME, "The far plane before the near plane.", {"camera": planes})
    no_near = {key: value for key, value in CAMERA.items() if key != "near_m"}
    yield bad_frame("invalid_camera_no_near", MALFORMED, "A camera without near_m.", {"camera": no_near})


def planes() -> Iterator[Vector]:
    """Planes that lie where they cannot or hold what they must not."""
    depth = f32(DEPTH)
    good = at("f32_m", 2, depth)
    for name, about, changed in (
        ("part_zero", "Part 0 is the header.", {"part": 0}),
        ("part_missing", "There is no part 9.", {"part": 9}),
        ("part_negative", "Parts are counted from the first.", {"part": -1}),
        ("range_outside", "The range ends after the part.", {"offset": 4}),
        ("offset_outside", "The range begins after the part.", {"offset": 1 << 40, "length": 0}),
        ("range_overflow", "Offset + length is small in 64 bits.", {"offset": (1 << 64) - 16, "length": 48}),
        ("length_float", "Lengths are integers.", {"length": 32.0}),
    ):
        yield bad_plane(f"invalid_plane_{name}", MALFORMED, about, "depth", {**good, **changed}, depth)
    yield bad_plane("invalid_plane_short", FRAME, "Less than the size needs.", "depth", {**good, "length": 28}, depth)
    yield bad_plane("invalid_plane_not_map", MALFORMED, "A descriptor is a map.", "depth", 2, depth)
    yield bad_plane(
        "invalid_plane_format", CODEC, "Depth has no format rgb8.", "depth", {**good, "format": "rgb8"}, depth
    )
    yield bad_plane("invalid_plane_codec", CODEC, "Depth cannot be JPEG.", "depth", {**good, "codec": "jpeg"}, depth)
    holes = [*DEPTH[:7], NAN]
    yield bad_plane("invalid_depth_nan_f32", FRAME, "NaN in depth.", "depth", good, f32(holes))
    yield bad_plane("invalid_depth_nan_f16", FRAME, "NaN in depth.", "depth", at("f16_m", 2, f16(holes)), f16(holes))
    behind = [*DEPTH[:7], -1.0]
    yield bad_plane("invalid_depth_negative", FRAME, "Depth behind the camera.", "depth", good, f32(behind))
    behind_sky = [*DEPTH[:7], -INF]
    descriptor = at("f16_m", 2, f16(behind_sky))
    yield bad_plane("invalid_depth_negative_inf", FRAME, "Sky is +inf.", "depth", descriptor, f16(behind_sky))
    codes = {**at("u16_log", 2, bytes(16)), "near_m": 1.0}
    yield bad_plane("invalid_depth_log_no_far", MALFORMED, "u16_log needs near_m and far_m.", "depth", codes, bytes(16))
    codes = {**codes, "far_m": 1.0}
    yield bad_plane("invalid_depth_log_range", FRAME, "near_m is less than far_m.", "depth", codes, bytes(16))
    for value, name in ((NAN, "nan"), (-INF, "inf")):
        moved = [*MOTION[:15], value]
        descriptor = at("f16_px", 2, f16(moved))
        yield bad_plane(f"invalid_motion_{name}_f16", FRAME, "Motion is finite.", "motion", descriptor, f16(moved))
        descriptor = at("f32_px", 2, f32(moved))
        yield bad_plane(f"invalid_motion_{name}_f32", FRAME, "Motion is finite.", "motion", descriptor, f32(moved))


def jpegs() -> Iterator[Vector]:
    """Colour pictures that must not be decoded."""
    size = JPEG_BASELINE.index(b"\xff\xc0") + 5
    scan = JPEG_BASELINE.index(b"\xff\xda")
    bomb = JPEG_BASELINE[:size] + struct.pack(">HH", 65500, 65500) + JPEG_BASELINE[size + 4 :]
    scans = JPEG_BASELINE[:scan] + JPEG_BASELINE[scan:-2] * 40 + JPEG_BASELINE[-2:]
    lossless = JPEG_BASELINE.replace(b"\xff\xc0", b"\xff\xc3")
    hidden = JPEG_BASELINE[:2] + b"\xff\x01" + JPEG_BASELINE[2:]
    for name, error, about, data in (
        ("size", FRAME, "A bomb: a few bytes that claim 65500x65500 pixels.", bomb),
        ("scans", FRAME, "A bomb: forty scans.", scans),
        ("truncated", FRAME, "Cut short.", JPEG_BASELINE[: scan + 4]),
        ("no_pixels", FRAME, "Whole markers, but no data behind them.", JPEG_BASELINE[:2] + JPEG_BASELINE[-2:]),
        ("lossless", CODEC, "Another process than baseline or progressive.", lossless),
        ("marker", FRAME, "A marker without a length before the size, which readers step over differently.", hidden),
        ("png", FRAME, "A PNG that says it is a JPEG.", b"\x89PNG\r\n\x1a\n" + bytes(32)),
    ):
        head = frame(1, {"color": at("rgb8", 1, data, codec="jpeg")}, 16, 8)
        yield bad(f"invalid_jpeg_{name}", error, about, pack(head), data)
    head = frame(1, {"color": at("rgba8", 1, JPEG_BASELINE, codec="jpeg")}, 16, 8)
    yield bad("invalid_jpeg_rgba", CODEC, "JPEG has no alpha.", pack(head), JPEG_BASELINE)


def results() -> Iterator[Vector]:
    """Results."""
    head = {"type": "result", "frame_id": 1, "timestamp_ns": 2, "width": 4, "height": 2, "settings_revision": 1}
    image = {"image": color()}
    odd = pack({**head, "planes": image, "how": "guessed"})
    yield bad("invalid_result_how", MALFORMED, "An unknown way of making a result.", odd, u8(RGB))
    blind = pack({**head, "planes": {}, "how": "generated"})
    yield bad("invalid_result_no_image", MALFORMED, "A result without a picture.", blind)
    small = {**image, "color_grid": at("f16", 2, bytes(24))}
    grid = pack({**head, "planes": small, "how": "generated"})
    yield bad("invalid_result_grid", MALFORMED, "A colour grid of one cell.", grid, u8(RGB), bytes(24))
