"""What the vectors hold: small pictures, a camera, settings, and JPEGs as literal bytes."""

from __future__ import annotations

import base64
from typing import Any

from literal import u8
from vector import at, plane

INF = float("inf")
WIDTH, HEIGHT = 4, 2
RGB = [16 * i for i in range(12)] + [255 - 16 * i for i in range(12)]
RGBA = [channel for i in range(8) for channel in (30 * i, 255 - 30 * i, 7, 255)]
DEPTH = [0.5, 1.0, 2.0, 4.0, 8.0, 16.0, 1000.0, INF]
MOTION = [0.5, -0.25, 0.0, 0.0, -3.0, 2.0, 1.5, 1.5, 0.0, -1.0, 8.0, 0.125, -0.5, 0.75, 0.0, 0.0]
LABEL = [0, 1, 2, 3, 4, 5, 254, 255]
MASK = [0, 64, 128, 255, 255, 128, 64, 0]
CLIP = [0.5, 0.0, 0.0, 0.0, 0.0, 1.0, 0.0, 0.0, 0.0, 0.0, -1.0, -1.0, 0.0, 0.0, -1.0, 0.0]
"""Vertical field of view 90 degrees, twice as wide as high, near 0.5 m, no far plane."""
VIEW = [1.0, 0.0, 0.0, -0.5, 0.0, 1.0, 0.0, -0.25, 0.0, 0.0, 1.0, 0.0, 0.0, 0.0, 0.0, 1.0]
"""A camera at (0.5, 0.25, 0) that looks along -Z."""
CAMERA = {"view_from_world": VIEW, "clip_from_view": CLIP, "near_m": 0.5, "far_m": INF}

# 16x8: the left half is (200, 60, 30), the right half (20, 90, 210). Stored, because encoders differ.
JPEG_BASELINE = base64.b64decode(
    "/9j/4AAQSkZJRgABAQAAAQABAAD/2wBDAAIBAQEBAQIBAQECAgICAgQDAgICAgUEBAMEBgUGBgYFBgYGBwkIBgcJBwYGCAsICQoKCgoKBggLDA"
    "sKDAkKCgr/2wBDAQICAgICAgUDAwUKBwYHCgoKCgoKCgoKCgoKCgoKCgoKCgoKCgoKCgoKCgoKCgoKCgoKCgoKCgoKCgoKCgoKCgr/wAARCAAI"
    "ABADAREAAhEBAxEB/8QAFQABAQAAAAAAAAAAAAAAAAAABgf/xAAUEAEAAAAAAAAAAAAAAAAAAAAA/8QAFQEBAQAAAAAAAAAAAAAAAAAACQj/xA"
    "AUEQEAAAAAAAAAAAAAAAAAAAAA/9oADAMBAAIRAxEAPwCDpjJABm8BW//Z"
)
JPEG_PROGRESSIVE = base64.b64decode(
    "/9j/4AAQSkZJRgABAQAAAQABAAD/2wBDAAIBAQEBAQIBAQECAgICAgQDAgICAgUEBAMEBgUGBgYFBgYGBwkIBgcJBwYGCAsICQoKCgoKBggLDA"
    "sKDAkKCgr/2wBDAQICAgICAgUDAwUKBwYHCgoKCgoKCgoKCgoKCgoKCgoKCgoKCgoKCgoKCgoKCgoKCgoKCgoKCgoKCgoKCgoKCgr/wgARCAAI"
    "ABADAREAAhEBAxEB/8QAFQABAQAAAAAAAAAAAAAAAAAABQb/xAAVAQEBAAAAAAAAAAAAAAAAAAAIB//aAAwDAQACEAMQAAABg5ikAW8Ff//EAB"
    "QQAQAAAAAAAAAAAAAAAAAAABD/2gAIAQEAAQUCP//EABQRAQAAAAAAAAAAAAAAAAAAABD/2gAIAQMBAT8BP//EABQRAQAAAAAAAAAAAAAAAAAA"
    "ABD/2gAIAQIBAT8BP//EABQQAQAAAAAAAAAAAAAAAAAAABD/2gAIAQEABj8CP//EABQQAQAAAAAAAAAAAAAAAAAAABD/2gAIAQEAAT8hP//aAA"
    "wDAQACAAMAAAAQA//EABQRAQAAAAAAAAAAAAAAAAAAABD/2gAIAQMBAT8QP//EABQRAQAAAAAAAAAAAAAAAAAAABD/2gAIAQIBAT8QP//EABQQ"
    "AQAAAAAAAAAAAAAAAAAAABD/2gAIAQEAAT8QP//Z"
)
JPEG_PIXELS = ([200, 60, 30] * 8 + [20, 90, 210] * 8) * 8

SETTINGS = {
    "prompt": "a wet street at dusk, autumn",
    "negative_prompt": "",
    "model": "",
    "intensity": 0.75,
    "strength": 0.5,
    "seed": 7,
    "fade_s": 0.5,
    "sun": "prompt",
    "output_width": 1280,
    "output_height": 720,
    "output_codec": "jpeg",
    "jpeg_quality": 85,
    "color_grid": True,
    "labels": {
        "1": {"name": "brick", "words": "old red brick", "intensity": 1.0},
        "255": {"name": "person", "words": "", "intensity": 0.0},
    },
    "temporal": {
        "reuse": True,
        "history_input": True,
        "anchored_noise": True,
        "accumulate": True,
        "skip": False,
        "detect_cuts": True,
        "alpha": 0.5,
        "max_age": 8,
        "stride": 2,
    },
}
LIMITS = {
    "max_message_bytes": 201326592,
    "max_pixels": 8294400,
    "max_side_px": 8192,
    "max_header_bytes": 262144,
    "max_header_depth": 8,
    "max_parts": 16,
    "idle_timeout_ms": 30000,
    "heartbeat_ms": 2000,
}


def frame(frame_id: int, planes: Any, width: int = WIDTH, height: int = HEIGHT, **more: Any) -> dict[str, Any]:
    """A frame's header."""
    return {"type": "frame", "frame_id": frame_id, "width": width, "height": height, "planes": planes, **more}


def color(part: int = 1, values: Any = RGB) -> dict[str, Any]:
    """The descriptor of a raw colour plane."""
    return dict(at("rgb8", part, u8(values)))


def sent(**planes: list[Any]) -> dict[str, Any]:
    """Expected planes of a 4x2 frame, from ``name=[format, values]``."""
    return {name: plane(item[0], WIDTH, HEIGHT, item[1]) for name, item in planes.items()}
