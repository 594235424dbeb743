"""The vectors that every implementation decodes."""

from __future__ import annotations

from collections.abc import Iterator

from literal import Literal, f16, f32, float32, int64, pack, str16, u8, u16
from samples import (
    CAMERA,
    CLIP,
    DEPTH,
    HEIGHT,
    INF,
    JPEG_BASELINE,
    JPEG_PIXELS,
    JPEG_PROGRESSIVE,
    LABEL,
    LIMITS,
    MASK,
    MOTION,
    RGB,
    RGBA,
    SETTINGS,
    VIEW,
    WIDTH,
    color,
    frame,
    sent,
)
from vector import DEFAULTS, Vector, at, message, plane


def conversation() -> Iterator[Vector]:
    """Everything but frames and results."""
    yield message("hello_minimal", "Only what hello must hold.", {"type": "hello", "protocols": ["1.0"]})
    yield message(
        "hello_full",
        "Every field of hello, with settings to begin with.",
        {
            "type": "hello",
            "protocols": ["2.0", "1.3", "1.0"],
            "client": "A game 1.0 ☀",
            "codecs": ["raw", "jpeg"],
            "capabilities": ["reprojected"],
            "settings": {"prompt": "snow", "labels": {"3": {"name": "asphalt"}}, "temporal": {"skip": False}},
        },
    )
    yield message(
        "welcome",
        "Every field of welcome; the settings hold every key.",
        {
            "type": "welcome",
            "protocol": "1.0",
            "server": "framegen 0.1.0",
            "session": "5f0c2ab17d3e4a60",
            "models": ["embedded"],
            "codecs": ["raw", "jpeg"],
            "capabilities": ["color_grid"],
            "limits": LIMITS,
            "settings": SETTINGS,
            "settings_revision": 1,
        },
    )
    yield message(
        "settings_prompt",
        "One key changes.",
        {"type": "settings", "changes": {"prompt": "golden hour"}, "request": 1},
    )
    yield message(
        "settings_all",
        "Every setting; label values are decimal digits, because keys are text.",
        {"type": "settings", "changes": SETTINGS, "request": 4294967295},
    )
    yield message(
        "settings_forget_label",
        "A label set to nil is forgotten; another is given by its name alone.",
        {"type": "settings", "changes": {"labels": {"1": None, "2": "grass"}}, "request": 2},
    )
    yield message(
        "settings_applied",
        "The answer to settings.",
        {"type": "settings_applied", "request": 2, "revision": 3, "understood": ["golden hour"], "ignored": ["frob"]},
    )
    yield message(
        "superseded",
        "A frame that will get no picture.",
        {"type": "superseded", "frame_id": 41, "timestamp_ns": 123456789012345678, "by_frame_id": 42},
    )
    yield message("reset", "Forget the session's history.", {"type": "reset"})
    yield message("ping", "A time that 64-bit floats cannot hold.", {"type": "ping", "sent_ns": 9007199254740993})
    yield message("ping_negative", "Clocks may begin anywhere.", {"type": "ping", "sent_ns": -(1 << 63)})
    pong = message(
        "pong",
        "The answer to a ping; geometry holds what a client makes of it when it arrives.",
        {"type": "pong", "sent_ns": 1000, "received_ns": 5400, "replied_ns": 5600},
    )
    clock = {"arrived_ns": 2000, "offset_ns": 4000, "round_trip_ns": 800}
    yield Vector(pong.name, pong.about, pong.parts, message=pong.message, geometry=clock)
    yield message(
        "error_frame",
        "An error about one frame; the session goes on.",
        {
            "type": "error",
            "code": "invalid_frame",
            "message": "Depth has NaN or negative values.",
            "hint": "Send metres along the view axis, +inf for sky.",
            "fatal": False,
            "frame_id": 18446744073709551615,
        },
    )
    yield message(
        "error_fatal",
        "An error that ends the session.",
        {"type": "error", "code": "unknown_session", "message": "Say hello first.", "fatal": True},
    )
    yield message("bye", "The session ends now.", {"type": "bye", "reason": "quit to desktop"})


def frames() -> Iterator[Vector]:
    """Frames and results."""
    rgb = ["rgb8", RGB]
    yield message(
        "frame_color_only",
        "The smallest frame: an id, a size and colour.",
        frame(1, {"color": {"format": "rgb8", "part": 1}}),
        u8(RGB),
        planes=sent(color=rgb),
    )
    yield message(
        "frame_full",
        "Every field and plane, each plane in a part of its own.",
        frame(
            2,
            {
                "color": color(),
                "depth": at("f32_m", 2, f32(DEPTH)),
                "motion": at("f16_px", 3, f16(MOTION)),
                "label": at("r8", 4, u8(LABEL)),
                "intensity_mask": at("r8", 5, u8(MASK)),
                "reactive": at("r8", 6, u8(MASK[::-1])),
                "dynamic_mask": at("r8", 7, u8(LABEL[::-1])),
            },
            timestamp_ns=123456789,
            motion_from_frame_id=1,
            camera={**CAMERA, "far_m": 1000.0},
            world_origin_m=[4096.0, 0.0, -8192.5],
            jitter_px=[0.25, -0.125],
            color_resolved=True,
            reset=True,
            light_direction=[0.6, 0.8, 0.0],
        ),
        *(u8(RGB), f32(DEPTH), f16(MOTION), u8(LABEL), u8(MASK), u8(MASK[::-1]), u8(LABEL[::-1])),
        planes=sent(
            color=rgb,
            depth=["f32_m", DEPTH],
            motion=["f16_px", MOTION],
            label=["r8", LABEL],
            intensity_mask=["r8", MASK],
            reactive=["r8", MASK[::-1]],
            dynamic_mask=["r8", LABEL[::-1]],
        ),
    )
    packed = u8(RGBA) + f16(DEPTH) + f32(MOTION) + u8(MASK)
    yield message(
        "frame_packed",
        "Several planes in one part; reactive and dynamic_mask share one range.",
        frame(
            3,
            {
                "color": at("rgba8", 1, u8(RGBA)),
                "depth": at("f16_m", 1, f16(DEPTH), offset=32),
                "motion": at("f32_px", 1, f32(MOTION), offset=48),
                "reactive": at("r8", 1, u8(MASK), offset=112),
                "dynamic_mask": at("r8", 1, u8(MASK), offset=112),
            },
        ),
        packed,
        planes=sent(
            color=["rgba8", RGBA],
            depth=["f16_m", DEPTH],
            motion=["f32_px", MOTION],
            reactive=["r8", MASK],
            dynamic_mask=["r8", MASK],
        ),
    )
    yield message(
        "frame_misaligned",
        "A plane may begin at any byte: depth lies 3 bytes into its part.",
        frame(4, {"color": color(), "depth": at("f32_m", 2, f32(DEPTH), offset=3)}),
        u8(RGB),
        b"\xaa\xbb\xcc" + f32(DEPTH),
        planes=sent(color=rgb, depth=["f32_m", DEPTH]),
    )
    codes = [0, 1, 32768, 65535, 65535, 32768, 1, 0]
    yield message(
        "frame_depth_u16_log",
        "Depth as logarithmic codes: 0 is the sky, 1 is near_m, 65535 is far_m.",
        frame(5, {"color": color(), "depth": at("u16_log", 2, u16(codes), near_m=0.25, far_m=64.0)}),
        u8(RGB),
        u16(codes),
        planes={
            **sent(color=rgb),
            "depth": plane("f32_m", 4, 2, [INF, 0.25, 4.0, 64.0, 64.0, 4.0, 0.25, INF], tolerance=1e-5),
        },
    )
    for name, data in (("baseline", JPEG_BASELINE), ("progressive", JPEG_PROGRESSIVE)):
        yield message(
            f"frame_jpeg_{name}",
            "Colour as JPEG beside a raw plane; decoders may differ by the tolerance.",
            frame(6, {"color": at("rgb8", 1, data, codec="jpeg"), "label": at("r8", 2, bytes(128))}, 16, 8),
            data,
            bytes(128),
            planes={
                "color": plane("rgb8", 16, 8, JPEG_PIXELS, tolerance=6),
                "label": plane("r8", 16, 8, [0] * 128),
            },
        )
    yield message(
        "frame_odd_size",
        "Any size: three pixels wide, one high, no padding.",
        frame(7, {"color": at("rgb8", 1, u8(RGB[:9])), "depth": at("f16_m", 2, f16(DEPTH[:3]))}, 3, 1),
        u8(RGB[:9]),
        f16(DEPTH[:3]),
        planes={"color": plane("rgb8", 3, 1, RGB[:9]), "depth": plane("f16_m", 3, 1, DEPTH[:3])},
    )
    yield message(
        "frame_far_camera",
        "A camera a billion kilometres out can be inverted: its place is judged apart.",
        frame(8, {"color": color()}, camera={**CAMERA, "view_from_world": [*VIEW[:3], 1e12, *VIEW[4:]]}),
        u8(RGB),
        planes=sent(color=rgb),
    )
    yield message(
        "frame_huge_integers",
        "The largest id and time; both come back digit for digit.",
        frame((1 << 64) - 1, {"color": color()}, timestamp_ns=(1 << 63) - 1, motion_from_frame_id=(1 << 64) - 2),
        u8(RGB),
        planes=sent(color=rgb),
    )
    yield _foreign()
    yield _conventions()


def _foreign() -> Vector:
    head = frame(
        Literal(int64(9)),  # type: ignore[arg-type]
        {"color": {"format": str16("rgb8"), "part": int64(1), "offset": int64(0), "length": int64(24)}},
        jitter_px=[float32(0.25), 0],
        camera={**CAMERA, "near_m": float32(0.5), "far_m": 100, "clip_from_view": [int(v * 2) for v in CLIP]},
        reset=None,
        light_direction=None,
    )
    expected = {
        **DEFAULTS["frame"],
        **frame(9, None),
        "jitter_px": [0.25, 0.0],
        "camera": {**CAMERA, "far_m": 100.0, "clip_from_view": [v * 2 for v in CLIP]},
    }
    del expected["planes"]
    about = "Wider integers than needed, float32, whole numbers for floats, nil for what is absent: all the same."
    return Vector("frame_foreign_widths", about, (pack(head), u8(RGB)), "valid", expected, sent(color=["rgb8", RGB]))


def _conventions() -> Vector:
    width, height = 8, 4
    motion = [0.5, -0.25] * 32
    base = message(
        "frame_conventions",
        "The signs of motion and jitter: see geometry. A wall 2 m before a camera that moved right and up.",
        frame(
            11,
            {
                "color": at("rgb8", 1, bytes(96)),
                "depth": at("f32_m", 2, f32([2.0] * 32)),
                "motion": at("f16_px", 3, f16(motion)),
            },
            width,
            height,
            motion_from_frame_id=10,
            camera=CAMERA,
            jitter_px=[0.25, -0.125],
        ),
        bytes(96),
        f32([2.0] * 32),
        f16(motion),
        planes={
            "color": plane("rgb8", width, height, [0] * 96),
            "depth": plane("f32_m", width, height, [2.0] * 32),
            "motion": plane("f16_px", width, height, motion),
        },
    )
    geometry = {
        "previous_view_from_world": [1.0, 0, 0, 0, 0, 1.0, 0, 0, 0, 0, 1.0, 0, 0, 0, 0, 1.0],
        "world_point_m": [1.0, 0.75, -2.0],
        "pixel": [4.5, 1.5],
        "previous_pixel": [5.0, 1.25],
        "jittered_pixel": [4.75, 1.375],
        "note": "Pixel centres are at .5. motion = previous_pixel - pixel. jittered_pixel = pixel + jitter_px is where "
        "the point lies in the sent picture.",
    }
    return Vector(base.name, base.about, base.parts, "valid", base.message, base.planes, geometry=geometry)


def results() -> Iterator[Vector]:
    """Results."""
    head = {"type": "result", "frame_id": 2, "timestamp_ns": 123456789, "width": WIDTH, "height": HEIGHT}
    image = plane("rgb8", WIDTH, HEIGHT, RGB)
    yield message(
        "result_minimal",
        "Only what a result must hold.",
        {**head, "planes": {"image": color()}, "how": "reused", "settings_revision": 0},
        u8(RGB),
        planes={"image": image},
    )
    yield message(
        "result_reprojected",
        "Drawn from the network's last answer: only towards a client that named the capability.",
        {**head, "planes": {"image": color()}, "how": "reprojected", "settings_revision": 2},
        u8(RGB),
        planes={"image": image},
    )
    grid = [float(i % 13) / 8 - 0.5 for i in range(9 * 16 * 3 * 4)]
    yield message(
        "result_full",
        "Every field, with the colour grid: 9 rows of 16 cells of 3x4, rows from the top.",
        {
            **head,
            "planes": {"image": color(), "color_grid": at("f16", 2, f16(grid))},
            "how": "generated",
            "settings_revision": 3,
            "model": "embedded",
            "seed": 4294967295,
            "sun_direction": [0.0, 0.6, 0.8],
            "stamps_ns": {
                "received": 9007199254740993,
                "started": 9007199255000000,
                "finished": 9007199275000001,
                "sent": 9007199275400001,
            },
            "stages_ms": {"prepare": 0.5, "temporal": 2.25, "model": 14.5, "lift": 1.0},
        },
        u8(RGB),
        f16(grid),
        planes={"image": image, "color_grid": {"format": "f16", "shape": [9, 16, 3, 4], "values": grid}},
    )
    yield message(
        "result_jpeg",
        "The picture as JPEG.",
        {
            **head,
            "width": 16,
            "height": 8,
            "planes": {"image": at("rgb8", 1, JPEG_BASELINE, codec="jpeg")},
            "how": "generated",
            "settings_revision": 1,
        },
        JPEG_BASELINE,
        planes={"image": plane("rgb8", 16, 8, JPEG_PIXELS, tolerance=6)},
    )
