"""Messages to parts and back."""

from __future__ import annotations

import enum
import re

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from msgpack import packb, unpackb
from wire_strategies import MESSAGES, assert_same

from framegen import Camera, Frame, Restyled, Settings, errors
from framegen.wire import messages as m
from framegen.wire.codec import decode, encode, without_offer
from framegen.wire.versions import agree_on_version


def picture(height=6, width=8, channels=3):
    return np.random.default_rng(0).integers(0, 256, (height, width, channels), dtype=np.uint8)


@pytest.mark.parametrize("kind", MESSAGES)
def test_every_message_survives_the_way(kind):
    @settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
    @given(MESSAGES[kind])
    def survives(message):
        assert_same(decode(encode(message)), message)

    survives()


def test_there_is_a_strategy_for_every_message():
    assert {cls.type for cls in (m.ClientMessage | m.ServerMessage).__args__} == set(MESSAGES)


def full_frame():
    size = (6, 8)
    return Frame(
        7,
        picture(),
        depth_m=np.full(size, 2.0, np.float32),
        motion_px=np.zeros((*size, 2), np.float16),
        label=np.zeros(size, np.uint8),
        camera=Camera.perspective(np.eye(4), fov_y_rad=1.0, aspect=1.5),
    )


@pytest.mark.parametrize(
    "limits", [m.Limits(max_message_bytes=500), m.Limits(max_parts=2)], ids=["too many bytes", "too many parts"]
)
def test_what_is_too_large_is_named_where_its_header_can_be_read(limits):
    header, *payloads = encode(m.SendFrame(full_frame()))

    def refused(header):
        with pytest.raises(errors.MessageTooLarge) as caught:
            decode([header, *payloads], limits)
        return caught.value.frame_id

    assert refused(header) == 7, "the client waits for this frame's answer"
    assert refused(b"\xc1") is None
    assert refused(packb({"frame_id": 7})) is None
    assert refused(packb({"type": [], "frame_id": 7})) is None
    assert refused(packb({"type": "of a later version", "frame_id": 7})) is None, "it may be about a frame to come"


def test_payloads_are_views_of_the_frames_arrays():
    frame = full_frame()
    for part, plane in zip(encode(m.SendFrame(frame))[1:], (frame.color, frame.depth_m, frame.motion_px), strict=False):
        assert np.shares_memory(np.frombuffer(part, np.uint8), plane)


def test_decoded_arrays_are_read_only_views_of_the_parts():
    parts = [bytearray(part) for part in encode(m.SendFrame(full_frame()))]
    frame = decode(parts).frame
    for part, plane in zip(parts[1:], (frame.color, frame.depth_m, frame.motion_px, frame.label), strict=True):
        assert np.shares_memory(np.frombuffer(part, np.uint8), plane)
        assert not plane.flags.writeable


def test_a_misaligned_plane_is_copied_so_that_it_can_be_read_anywhere():
    frame = full_frame()
    parts = encode(m.SendFrame(frame))
    moved = memoryview(bytes(1) + bytes(parts[2]))[1:]
    depth = decode([parts[0], parts[1], moved, *parts[3:]]).frame.depth_m
    assert depth.flags.aligned
    np.testing.assert_array_equal(depth, frame.depth_m)


def test_color_may_travel_as_jpeg():
    smooth = np.tile(np.linspace(40, 200, 64, dtype=np.uint8)[None, :, None], (48, 1, 3))
    parts = encode(m.SendFrame(Frame(1, smooth)), color_codec="jpeg", jpeg_quality=95)
    assert len(parts[1]) < smooth.nbytes / 2
    assert np.abs(decode(parts).frame.color.astype(int) - smooth).max() <= 4
    parts = encode(m.SendResult(Restyled(1, 0, smooth)), color_codec="jpeg", jpeg_quality=95)
    assert np.abs(decode(parts).result.image.astype(int) - smooth).max() <= 4


def test_an_unknown_color_codec_is_named():
    with pytest.raises(errors.UnsupportedCodec, match="webp"):
        encode(m.SendFrame(full_frame()), color_codec="webp")


def test_big_endian_arrays_travel_little_endian():
    depth = np.linspace(0, 9, 48).reshape(6, 8).astype(">f4")
    frame = decode(encode(m.SendFrame(Frame(1, picture(), depth_m=depth)))).frame
    np.testing.assert_array_equal(frame.depth_m, depth)


def test_an_orthographic_camera_over_ten_kilometres_is_taken():
    flat = np.diag([2e-4, 2e-4, -2e-5, 1.0])
    frame = Frame(1, picture(), camera=Camera(np.eye(4), flat, 0.1, 1e5))
    assert_same(decode(encode(m.SendFrame(frame))).frame.camera, frame.camera)


@pytest.mark.parametrize("huge", [1e300, -1e300])
def test_a_camera_whose_determinant_overflows_is_an_invalid_frame_or_taken(huge):
    matrix = np.eye(4)
    matrix[0, 0] = matrix[1, 1] = huge
    parts = encode(m.SendFrame(full_frame()))
    camera = {"view_from_world": matrix.ravel().tolist(), "clip_from_view": np.eye(4).ravel().tolist()}
    header = changed(parts[0], camera={**camera, "near_m": 0.1, "far_m": 10.0})
    with np.errstate(all="raise"), pytest.raises(errors.InvalidFrame):
        decode([header, *parts[1:]])


def changed(header, **fields):
    """A header with other fields."""
    import msgpack

    return msgpack.packb({**msgpack.unpackb(header), **fields})


def test_an_error_says_which_frame_or_request_it_is_about():
    parts = encode(m.SendFrame(full_frame()))
    with pytest.raises(errors.InvalidFrame) as caught:
        decode([changed(parts[0], width=9), *parts[1:]])
    assert caught.value.frame_id == 7
    with pytest.raises(errors.MalformedMessage) as caught:
        decode([changed(encode(m.UpdateSettings({}, 5))[0], changes=3)])
    assert caught.value.request == 5
    with pytest.raises(errors.MalformedMessage) as caught:
        decode([changed(encode(m.UpdateSettings({}, 5))[0], request=1 << 32)])
    assert caught.value.request is None, "no error message could carry it"


def test_limits_hold_before_anything_of_the_claimed_size_is_made():
    parts = encode(m.SendFrame(full_frame()))
    for limits in (m.Limits(max_pixels=47), m.Limits(max_side_px=7), m.Limits(max_parts=4)):
        with pytest.raises(errors.MessageTooLarge):
            decode(parts, limits)
    decode(parts, m.Limits(max_pixels=48, max_side_px=8, max_parts=5))


def test_a_message_may_have_exactly_the_limits_bytes():
    parts = encode(m.Bye("x" * 100))
    size = len(parts[0])
    assert decode(parts, m.Limits(max_message_bytes=size, max_header_bytes=size)) == m.Bye("x" * 100)
    for limits in (m.Limits(max_message_bytes=size - 1), m.Limits(max_header_bytes=size - 1)):
        with pytest.raises(errors.MessageTooLarge):
            decode(parts, limits)


@given(st.integers(1, 255))
def test_label_values_are_text_on_the_wire_and_integers_here(value):
    message = m.UpdateSettings({"labels": {value: {"name": "brick"}}})
    assert f'"{value}"'.strip('"').encode() in encode(message)[0]
    assert decode(encode(message)) == message


@pytest.mark.parametrize("key", ["01", "+1", "1.0", " 1", "٣", "brick", "1" * 400])
def test_other_label_keys_stay_text_for_the_settings_to_refuse(key):
    changes = decode([changed(encode(m.UpdateSettings({}))[0], changes={"labels": {key: "brick"}})]).changes
    assert list(changes["labels"]) == [key]


class Shelf:
    """Shared memory of a test."""

    def __init__(self, size=1 << 16):
        self.bytes = bytearray(size)
        self.size, self.end, self.closed = size, 0, False

    def place(self, parts):
        places = []
        for part in parts:
            data = bytes(part)
            self.bytes[self.end : self.end + len(data)] = data
            places.append((self.end, len(data)))
            self.end += len(data)
        return places

    def read(self, offset, length):
        return bytes(self.bytes[offset : offset + length])

    def close(self):
        self.closed = True


def test_a_frame_in_shared_memory_is_the_same_frame_and_sends_its_header_alone():
    shelf, frame = Shelf(), full_frame()
    parts = encode(m.SendFrame(frame), place=shelf.place)
    assert len(parts) == 1
    taken = decode(parts, memory=shelf)
    assert_same(taken, m.SendFrame(frame))
    shelf.bytes[:] = bytes(shelf.size)
    assert_same(taken, m.SendFrame(frame))


def test_without_room_a_frame_is_sent_whole():
    frame = m.SendFrame(full_frame())
    assert_same(decode(encode(frame, place=lambda _parts: None)), frame)


@pytest.mark.parametrize(
    "places",
    [
        7,
        {},
        [7],
        [[0]],
        [[0, 1, 2]],
        [[0.0, 144]],
        [[-1, 144]],
        [[0, -1]],
        [[True, 144]],
        [[(1 << 16) - 143, 144]],
        [[1 << 63, 1 << 63]],
        [[0, 1]] * 16,
    ],
)
def test_a_frame_that_lies_elsewhere_is_refused_by_its_id(places):
    header = unpackb(encode(m.SendFrame(Frame(9, picture())))[0])
    with pytest.raises(errors.MalformedMessage) as refused:
        decode([packb({**header, "memory": places})], memory=Shelf())
    assert refused.value.frame_id == 9


def test_a_session_without_shared_memory_takes_no_frame_from_there():
    parts = encode(m.SendFrame(full_frame()), place=Shelf().place)
    with pytest.raises(errors.MalformedMessage, match="shared memory") as refused:
        decode(parts)
    assert refused.value.frame_id == 7


def test_ranges_that_overlap_count_towards_the_size_of_a_message():
    header = unpackb(encode(m.SendFrame(Frame(9, picture())))[0])
    shelf = Shelf()
    with pytest.raises(errors.MessageTooLarge):
        decode(
            [packb({**header, "memory": [[0, shelf.size]] * 4})],
            m.Limits(max_message_bytes=3 * shelf.size),
            shelf,
        )


def test_a_hello_without_memory_does_not_speak_of_it_and_an_offer_can_be_taken_out():
    assert "memory" not in unpackb(encode(m.Hello())[0])
    offer = m.Hello(client="game", memory={"name": "x", "bytes": 1, "proof": "y"})
    (header,) = encode(offer)
    assert_same(decode([header]), offer)
    assert_same(decode([without_offer(header)]), m.Hello(client="game"))
    assert without_offer(encode(m.Hello())[0]) is None
    assert without_offer(encode(m.Ping(3))[0]) is None


@pytest.mark.parametrize(
    ("kind", "field", "number"), [("frame", "frame_id", (1 << 64) - 1), ("settings", "request", (1 << 32) - 1)]
)
@pytest.mark.parametrize("wrong", [float("nan"), [[[[[[[[[[]]]]]]]]]]])
def test_an_error_of_a_header_that_could_be_read_says_what_it_is_about(kind, field, number, wrong):
    with pytest.raises(errors.ProtocolError) as caught:
        decode([packb({"type": kind, field: number, "other": wrong})])
    assert getattr(caught.value, field) == number


def test_a_label_that_a_program_gave_a_name_travels_as_its_number():
    class Label(int, enum.Enum):
        SKY = 3

    assert decode(encode(m.UpdateSettings({"labels": {Label.SKY: "sky"}}))).changes == {"labels": {3: "sky"}}


def refused(**fields):
    """What is said to a frame of 8x6 with other fields."""
    parts = encode(m.SendFrame(full_frame()))
    with pytest.raises(errors.ProtocolError) as caught:
        decode([changed(parts[0], **fields), *parts[1:]])
    return str(caught.value)


def hello_refused(**fields):
    with pytest.raises(errors.ProtocolError) as caught:
        decode([packb({"type": "hello", "protocols": ["1.0"], **fields})])
    return str(caught.value)


@pytest.mark.parametrize(
    ("said", "words"),
    [
        (lambda: refused(jitter_px=[[0, 0], 1]), "array of 2 finite numbers, but item 0 is an array of 2"),
        (lambda: refused(jitter_px=[0.0, float("inf")]), "but item 1 is inf"),
        (lambda: refused(jitter_px=[0.0]), "array of 2 finite numbers, not an array of 1"),
        (lambda: refused(frame_id=7.0), "frame.frame_id must be an integer, not a float"),
        (lambda: refused(planes={"color": {"format": "rgb8", "part": 0}}), "Part 0 is the header"),
        (lambda: refused(type="Frame"), "Did you mean 'frame'?"),
        (lambda: refused(type=b"frame"), "str, not bin"),
        (lambda: hello_refused(protocols=[1.0]), "array of text, but item 0 is 1.0"),
        (lambda: hello_refused(client=b"C"), "hello.client must be text, not binary"),
        (lambda: hello_refused(settings={"labels": {1: "brick"}}), "Keys of a header are text.*their digits"),
        (lambda: hello_refused(settings={b"labels": {}}), "Keys of a header are text.*not bin"),
    ],
)
def test_a_refusal_says_what_was_sent_and_what_to_send(said, words):
    assert re.search(words, said())


@pytest.mark.parametrize(
    ("first", "words"),
    [
        (b"", "no empty delimiter"),
        (b'{"type":"hello"}', "It is MessagePack"),
        (packb(["hello"]), "an array of 1, not a map"),
    ],
)
def test_a_first_part_that_is_no_header_says_what_a_header_is(first, words):
    with pytest.raises(errors.MalformedMessage, match=words):
        decode([first])


@pytest.mark.parametrize(
    ("pixel", "words"), [(np.float64, "f32_m has 4 bytes a pixel, these are 8"), (np.float16, "these are 2")]
)
def test_a_plane_of_another_size_is_told_its_bytes_a_pixel(pixel, words):
    parts = encode(m.SendFrame(Frame(1, picture(), depth_m=np.ones((6, 8), np.float32))))
    with pytest.raises(errors.InvalidFrame, match=words):
        decode([changed_length(parts[0], 48 * pixel().nbytes), parts[1], bytes(48 * pixel().nbytes)])


def changed_length(header, length):
    planes = unpackb(header)["planes"]
    planes["depth"]["length"] = length
    return changed(header, planes=planes)


def test_a_version_of_another_form_is_told_the_form():
    with pytest.raises(errors.UnsupportedProtocol, match=r'written "1\.0"'):
        agree_on_version(["1"])


def test_a_label_by_its_name_is_told_what_stands_first():
    with pytest.raises(errors.InvalidSettings, match="number to its name"):
        Settings().updated({"labels": {"brick": 1}})
