"""Vectors that hold what later minor versions may add."""

from __future__ import annotations

from collections.abc import Iterator

from literal import pack, u8
from samples import CAMERA, HEIGHT, LIMITS, RGB, VIEW, WIDTH, color, frame, sent
from vector import Vector, message


def vectors() -> Iterator[Vector]:
    """What a later minor version may add; a receiver of 1.0 takes the rest as if it were not there."""
    yield message(
        "forward_hello_fields",
        "Unknown fields, also nested ones, are ignored.",
        {
            "type": "hello",
            "protocols": ["1.9"],
            "capabilities": ["teleport"],
            "codecs": ["zstd", "raw"],
            "mood": {"level": [1, {"deep": True}]},
        },
        kind="forward",
        unknown=["mood"],
    )
    yield message(
        "forward_frame_fields",
        "An unknown plane, an unknown part and unknown trailing fields beside a known frame.",
        frame(
            12,
            {
                "color": {**color(), "space": "srgb"},
                "object_id": {"format": "u32", "codec": "zstd", "part": 99},
            },
            camera={**CAMERA, "shutter_s": 0.01},
            exposure=1.5,
            object_from_world={"7": VIEW},
        ),
        u8(RGB),
        b"of a later version",
        kind="forward",
        planes=sent(color=["rgb8", RGB]),
        unknown=["exposure", "object_from_world"],
        camera=CAMERA,
    )
    yield message(
        "forward_result_fields",
        "A result with unknown fields, stages and planes.",
        {
            "type": "result",
            "frame_id": 2,
            "timestamp_ns": 3,
            "width": WIDTH,
            "height": HEIGHT,
            "planes": {"image": color(), "alpha": {"format": "r8", "part": 5}},
            "how": "generated",
            "settings_revision": 1,
            "stages_ms": {"dream": 1.5},
            "confidence": 0.5,
        },
        u8(RGB),
        kind="forward",
        planes=sent(image=["rgb8", RGB]),
        unknown=["confidence"],
    )
    yield message(
        "forward_reset_parts",
        "Parts that no plane names are ignored, in any message.",
        {"type": "reset", "why": "teleport"},
        b"\x00\x01",
        kind="forward",
        unknown=["why"],
    )
    yield message(
        "forward_error_code",
        "An unknown error code is an error all the same.",
        {"type": "error", "code": "too_beautiful", "message": "Look away."},
        kind="forward",
    )
    welcome = {
        "type": "welcome",
        "protocol": "1.0",
        "session": "a",
        "models": [],
        "limits": {"max_pixels": 4096, "max_dreams": 3},
        "settings": {"prompt": "", "dream": 1},
    }
    yield message(
        "forward_welcome_limits",
        "Limits that are not named have their defaults, unknown ones are ignored.",
        welcome,
        kind="forward",
        limits={**LIMITS, "max_pixels": 4096},
    )
    yield Vector(
        "forward_unknown_message",
        "A message of a later version: a server answers with the error, a client ignores it; the session goes on.",
        (pack({"type": "dream", "frame_id": 4}),),
        "forward",
        error="unknown_message_type",
    )
