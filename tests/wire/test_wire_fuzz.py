"""Hostile bytes: nothing but a ProtocolError with a code ever comes out, and memory stays within bounds."""

from __future__ import annotations

import random
import struct
import tracemalloc

import msgpack
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from wire_strategies import MESSAGES, PLAIN

from framegen.codecs import jpeg
from framegen.errors import ProtocolError
from framegen.wire.codec import decode, encode
from framegen.wire.header import MAX_ITEMS
from framegen.wire.messages import Limits

CODES = {cls.code for cls in ProtocolError.__subclasses__()}
LIMITS = Limits(max_message_bytes=1 << 20, max_pixels=1 << 16, max_side_px=4096)


def take(parts):
    """Decode; only a ProtocolError with a known code may come out."""
    try:
        return decode(parts, LIMITS)
    except ProtocolError as error:
        assert error.code in CODES
        assert error.message
        return None


@settings(max_examples=300, deadline=None)
@given(st.lists(st.binary(max_size=64), max_size=18))
@example([b"\x81\xa4type\xa5frame"])
@example([b"\xc1"])
@example([b"\xdf\xff\xff\xff\xff"])
@example([b"\xc9\xff\xff\xff\xff\x01"])
@example([b"\xd6\xff\x00\x00\x00\x00"])
def test_random_bytes(parts):
    take(parts)


@settings(max_examples=150, deadline=None)
@given(st.sampled_from(sorted(MESSAGES)), st.dictionaries(st.text(max_size=8), PLAIN, max_size=4))
def test_random_fields(kind, fields):
    take([msgpack.packb({**fields, "type": kind})])


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.data())
def test_a_known_field_of_any_type(data):
    kind = data.draw(st.sampled_from(sorted(MESSAGES)))
    header, *payloads = encode(data.draw(MESSAGES[kind]))
    fields = msgpack.unpackb(header)
    path = fields
    while True:
        key = data.draw(st.sampled_from(sorted(path)))
        if not isinstance(path[key], dict) or not path[key] or data.draw(st.booleans()):
            break
        path = path[key]
    path[key] = data.draw(PLAIN | st.just(float("nan")) | st.just(1 << 63))
    take([msgpack.packb(fields), *payloads])


def mutate(parts, rng):
    """One random fault."""
    parts = [bytearray(part) for part in parts]
    fault = rng.randrange(6)
    part = rng.randrange(len(parts))
    at = rng.randrange(len(parts[part])) if parts[part] else 0
    if fault == 0:
        del parts[part][at:]
    elif fault == 1 and parts[part]:
        parts[part][at] ^= 1 << rng.randrange(8)
    elif fault == 2:
        other = rng.randrange(len(parts))
        parts[part], parts[other] = parts[other], parts[part]
    elif fault == 3:
        parts[part][at:at] = bytes([rng.choice([0xDB, 0xDD, 0xDF, 0xC6, 0xC9])]) + struct.pack(
            ">I", rng.getrandbits(32)
        )
    elif fault == 4:
        del parts[part]
    else:
        parts[part][at:at] = bytes([rng.choice([0x91, 0x81])]) * rng.randrange(1, 2000)
    return parts


def samples():
    """One encoded message of every kind, and a frame with a JPEG."""
    import numpy as np

    from framegen import Camera, Frame, Restyled
    from framegen.wire import messages as m

    color = np.tile(np.arange(32, dtype=np.uint8)[:, None, None], (1, 32, 3))
    camera = Camera.perspective(np.eye(4), fov_y_rad=1.0, aspect=1.0)
    depth, motion = np.ones((32, 32), np.float16), np.zeros((32, 32, 2), np.float32)
    frame = Frame(3, color, depth_m=depth, motion_px=motion, camera=camera, label=color[..., 0])
    grid = np.zeros((9, 16, 3, 4), np.float16)
    made = [
        m.Hello(settings={"labels": {1: {"name": "brick"}}, "temporal": {"skip": True}}),
        m.Welcome("1.0", "s", "1", ("a",), ("raw",), (), Limits(), {"prompt": "x"}),
        m.UpdateSettings({"prompt": "x"}, 1),
        m.SettingsApplied(1, 1, ("a",), ()),
        m.SendFrame(frame),
        m.SendResult(Restyled(3, 4, color, color_grid=grid, stamps_ns={"sent": 5}, stages_ms={"model": 1.0})),
        m.Superseded(1, 2, 3),
        m.Ping(5),
        m.Pong(1, 2, 3),
        m.Error("x", "y", frame_id=1),
        m.Bye("z"),
    ]
    return [encode(message) for message in made] + [encode(m.SendFrame(frame), color_codec="jpeg")]


@pytest.mark.parametrize("seed", range(4))
def test_mutated_messages(seed):
    rng = random.Random(seed)
    originals = samples()
    for parts in originals:
        assert take(parts) is not None
    survived = 0
    for _ in range(700):
        parts = rng.choice(originals)
        for _ in range(rng.randrange(1, 4)):
            parts = mutate(parts, rng) or [b""]
        survived += take(parts) is not None
    assert 0 < survived < 600


HOSTILE = {
    "giant array": b"\x81\xa4type\xdd\xff\xff\xff\xff",
    "giant map": b"\xdf\xff\xff\xff\xff",
    "giant text": b"\x81\xa4type\xdb\xff\xff\xff\xff",
    "giant binary": b"\x81\xa4type\xc6\xff\xff\xff\xff",
    "nested arrays": b"\x91" * (256 << 10),
    "nested wide arrays": struct.pack(">BH", 0xDC, MAX_ITEMS) * (80 << 10),
    "many maps": b"\xdc\x00\xff" + b"\xdc\x03\xff" + b"\x80" * (250 << 10),
    "sixty thousand maps": b"\x81\xa1x\xdc\x00\x3c" + (b"\xdc\x03\xff" + b"\x80" * 1023) * 60,
    "many keys": b"\xde\x03\xff" + b"".join(b"\xa4%04d\xc0" % i for i in range(1023)),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_headers_take_little_memory(name):
    header = HOSTILE[name]
    tracemalloc.start()
    try:
        assert take([header]) is None
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert peak < 16 << 20


def test_a_bomb_is_refused_before_it_is_decoded(monkeypatch):
    import cv2

    header, picture = samples()[-1][:2]
    size = bytes(picture).index(b"\xff\xc0") + 5
    bomb = bytearray(picture)
    bomb[size : size + 4] = struct.pack(">HH", 65500, 65500)
    monkeypatch.setattr(cv2, "imdecode", lambda *_: pytest.fail("the bomb was decoded"))
    assert take([header, bomb]) is None
    fields = msgpack.unpackb(header)
    fields["width"] = fields["height"] = 65500
    assert take([msgpack.packb(fields), bomb]) is None


def test_segments_of_a_jpeg_are_bounded():
    many = b"\xff\xd8" + b"\xff\xfe\x00\x02" * (jpeg.MAX_SEGMENTS + 1) + b"\xff\xd9"
    with pytest.raises(ProtocolError, match="segments"):
        jpeg.check(many, 64, 64)
