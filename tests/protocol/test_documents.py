"""The documents of the protocol say what the code does."""

from __future__ import annotations

import dataclasses
import re

import msgpack
import numpy as np
import pytest
import vector_files

from framegen import Camera, Frame, Restyled, Settings, config, errors
from framegen.codecs import jpeg, raw
from framegen.frame import How
from framegen.wire import header, planes
from framegen.wire import messages as m
from framegen.wire.codec import encode

SPEC = (vector_files.PROTOCOL / "SPEC.md").read_text("utf-8")
REGISTRY = (vector_files.PROTOCOL / "registry.md").read_text("utf-8")


def table(text, heading):
    """Rows of the first table after a heading, as lists of cells."""
    section = re.split(r"^#+ ", text.split(f"{heading}\n", 1)[1], maxsplit=1, flags=re.M)[0]
    rows = [line.strip().strip("|").split("|") for line in section.splitlines() if line.startswith("|")]
    return [[cell.strip() for cell in row] for row in rows[2:]]


def names(cell):
    """The names in backticks of a cell."""
    return re.findall(r"`([^`]+)`", cell)


def first_column(text, heading):
    return [name for row in table(text, heading) for name in names(row[0])]


def sample_header(kind):
    """A header with every field that a message can have."""
    color = np.zeros((2, 2, 3), np.uint8)
    camera = Camera.perspective(np.eye(4), fov_y_rad=1.0, aspect=1.0)
    frame = Frame(2, color, camera=camera, motion_from_frame_id=1, light_direction=(0, 1, 0))
    samples = {
        "hello": m.Hello(memory={"name": "", "bytes": 1, "proof": ""}),
        "welcome": m.Welcome("", "", "", (), (), (), m.Limits(), {}),
        "settings": m.UpdateSettings({}),
        "settings_applied": m.SettingsApplied(0, 0),
        "frame": m.SendFrame(frame),
        "result": m.SendResult(Restyled(1, 1, color, sun_direction=(0, 1, 0))),
        "superseded": m.Superseded(1, 1, 1),
        "ping": m.Ping(1),
        "pong": m.Pong(1, 1, 1),
        "error": m.Error("", ""),
        "bye": m.Bye(),
    }
    return msgpack.unpackb(encode(samples[kind], place=lambda parts: [(0, 1)] * len(parts))[0])


HEADINGS = re.findall(r"^### `(\w+)` \((.*)\)$", SPEC, flags=re.M)


def test_every_message_has_a_section_with_its_direction():
    ways = dict(HEADINGS)
    client = {cls.type for cls in m.ClientMessage.__args__}
    server = {cls.type for cls in m.ServerMessage.__args__}
    assert set(ways) == client | server
    for kind, way in ways.items():
        if kind in client and kind in server:
            assert way == "either way"
        else:
            assert way == ("client → server" if kind in client else "server → client")


@pytest.mark.parametrize("kind, way", [heading for heading in HEADINGS if heading[0] != "reset"])
def test_the_table_of_a_message_names_its_fields(kind, way):
    assert set(first_column(SPEC, f"### `{kind}` ({way})")) | {"type"} == set(sample_header(kind))


def test_the_settings_are_all_there_with_their_defaults():
    told = {name: row[2] for row in table(SPEC, "#### The settings") for name in names(row[0])}
    assert set(told) == set(config.SETTING_NAMES)
    plain = Settings().to_wire()
    for name, default in told.items():
        if name != "temporal":
            value = {"false": "False"}.get(default.strip("`"), default.strip("`"))
            assert value.strip('"') == str(plain[name])
    (line,) = [line for line in SPEC.splitlines() if line.startswith("| `temporal`")]
    assert set(names(line)) - {"temporal"} == set(config.TEMPORAL_NAMES)


def test_every_error_code_is_in_both_documents():
    codes = {cls.code for cls in errors.ProtocolError.__subclasses__()}
    assert set(first_column(SPEC, "## Errors")) == codes
    listed = REGISTRY.split("## Error codes\n", 1)[1].split("`protocol_error`")[0]
    assert set(names(listed)) == codes


def test_the_limits_are_those_of_the_code():
    told = {names(row[0])[0]: int(row[1]) for row in table(SPEC, "## Limits")}
    assert told == dataclasses.asdict(m.Limits())
    assert f"{header.MAX_ITEMS} items" in SPEC and f"{header.MAX_CONTAINERS} arrays and maps" in SPEC
    for value in (jpeg.MAX_SCANS, jpeg.MAX_SEGMENTS, jpeg.MAX_EXTRA_BYTES):
        assert re.search(rf"\b{value}\b", REGISTRY)


def test_the_formats_are_those_of_the_code():
    told = {names(row[0])[0]: row[1] for row in table(REGISTRY, "## Plane formats")}
    assert told.pop("f16") == f"{2 * np.prod(planes.GRID_SHAPE)} in all"
    assert {name: int(size) for name, size in told.items()} == {n: f.pixel_bytes for n, f in raw.FORMATS.items()}


def test_the_planes_are_those_of_the_code():
    told = {names(row[0])[0]: tuple(names(row[2])) for row in table(REGISTRY, "## Planes")}
    assert told.pop("color_grid") == ("f16",)
    assert told == planes.PLANE_FORMATS


def test_codecs_capabilities_and_kinds_of_result():
    assert tuple(first_column(REGISTRY, "## Codecs")) == planes.COLOR_CODECS
    offered = [names(row[0])[0] for row in table(REGISTRY, "## Capabilities") if row[1] == "server"]
    assert tuple(offered) == (*m.CAPABILITIES, m.SHARED_MEMORY)
    (line,) = [line for line in SPEC.splitlines() if line.startswith("| `how`")]
    assert set(names(line)) - {"how"} == {how.value for how in How}


def test_the_version_is_the_same_everywhere():
    for name in ("SPEC.md", "CONVENTIONS.md", "registry.md", "vectors/README.md"):
        title = (vector_files.PROTOCOL / name).read_text("utf-8").splitlines()[0]
        assert title.endswith(m.PROTOCOL_VERSION), name
    assert {vector_files.facts(name)["protocol"] for name in vector_files.names()} == {m.PROTOCOL_VERSION}


def test_the_bytes_of_a_first_session_are_those_of_the_vectors():
    walk = SPEC.split("### The shortest client\n", 1)[1].split("In bytes, ", 1)[1].split("```")[1]
    shown = bytes.fromhex("".join(re.match(r"[0-9a-f ]*(?=   |$)", line)[0] for line in walk.splitlines()))
    hello, frame = vector_files.parts("hello_minimal"), vector_files.parts("frame_color_only")
    assert shown == b"".join([*hello, *frame])
