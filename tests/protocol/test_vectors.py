"""This implementation against the language-neutral vectors of ``protocol/vectors``."""

from __future__ import annotations

import ast
import subprocess
import sys

import numpy as np
import pytest
import vector_files

from framegen import errors
from framegen.wire.codec import decode, encode
from framegen.wire.messages import Limits, Pong
from framegen.wire.peer import ClientPeer

DTYPES = {"rgb8": "uint8", "rgba8": "uint8", "r8": "uint8", "f16_m": "float16", "f32_m": "float32"} | {
    "f16_px": "float16",
    "f32_px": "float32",
    "f16": "float16",
}
NAMES = vector_files.names()
TAKEN = [name for name in NAMES if "message" in vector_files.facts(name)]


def check(message, facts):
    """The decoded message holds exactly what the vector says."""
    described = vector_files.described(message)
    for key, value in facts["message"].items():
        assert described[key] == value, key
    planes = vector_files.planes(message)
    wanted = facts.get("planes", {})
    assert planes.keys() == wanted.keys()
    for name, plane in wanted.items():
        found = planes[name]
        assert found.dtype.name == DTYPES[plane["format"]]
        if "shape" in plane:
            assert list(found.shape) == plane["shape"]
        else:
            assert found.shape[:2] == (plane["height"], plane["width"])
        values = np.array([float(value) for value in plane["values"]])
        np.testing.assert_allclose(found.ravel().astype(np.float64), values, rtol=0, atol=plane.get("tolerance", 0))


@pytest.mark.parametrize("name", TAKEN)
def test_a_vector_is_decoded_as_it_says(name):
    facts = vector_files.facts(name)
    check(decode(vector_files.parts(name), Limits(**facts.get("limits", {}))), facts)


@pytest.mark.parametrize("name", [name for name in TAKEN if "jpeg" not in name])
def test_what_is_decoded_survives_being_encoded(name):
    facts = vector_files.facts(name)
    check(decode(encode(decode(vector_files.parts(name)))), facts)


@pytest.mark.parametrize("name", [name for name in NAMES if name not in TAKEN])
def test_a_vector_is_refused_with_its_code(name):
    facts = vector_files.facts(name)
    with pytest.raises(errors.ProtocolError) as caught:
        decode(vector_files.parts(name), Limits(**facts.get("limits", {})))
    assert caught.value.code == facts["error"]
    assert caught.value.message


def test_every_kind_of_vector_is_there():
    facts = [vector_files.facts(name) for name in NAMES]
    assert {fact["kind"] for fact in facts} == {"valid", "forward", "invalid"}
    types = {fact["message"]["type"] for fact in facts if "message" in fact}
    assert types == {
        *("hello", "welcome", "settings", "settings_applied", "frame", "result"),
        *("superseded", "reset", "ping", "pong", "error", "bye"),
    }


def test_the_committed_vectors_are_those_of_the_generator():
    run = [sys.executable, str(vector_files.PROTOCOL / "generate.py"), "--verify"]
    done = subprocess.run(run, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def test_verify_finds_changed_missing_and_stray_vectors(tmp_path):
    run = [sys.executable, str(vector_files.PROTOCOL / "generate.py"), "--folder", str(tmp_path)]
    subprocess.run(run, check=True, capture_output=True)
    (tmp_path / "ping.bin").unlink()
    (tmp_path / "pong.bin").write_bytes(b"")
    (tmp_path / "stray.json").write_text("{}")
    done = subprocess.run([*run, "--verify"], capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert done.stdout.split("\n")[:3] == [
        "missing: ping.bin",
        "not made by the generator: stray.json",
        "differs: pong.bin",
    ]


def test_the_generator_shares_no_code_with_the_package():
    own = {path.stem for path in vector_files.PROTOCOL.glob("*.py")}
    for path in vector_files.PROTOCOL.glob("*.py"):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            names += [node.module] if isinstance(node, ast.ImportFrom) else []
            for name in names:
                assert name.split(".")[0] in own | set(sys.stdlib_module_names), f"{path.name} imports {name}"


def project(clip_from_view, view_from_world, point, width, height):
    """Pixel of a world point, as CONVENTIONS.md defines it."""
    clip = clip_from_view @ view_from_world @ np.append(point, 1.0)
    ndc = clip[:2] / clip[3]
    return np.array([(0.5 + 0.5 * ndc[0]) * width, (0.5 - 0.5 * ndc[1]) * height])


def test_motion_jitter_and_depth_follow_from_the_matrices():
    frame = decode(vector_files.parts("frame_conventions")).frame
    geometry = vector_files.facts("frame_conventions")["geometry"]
    point = np.array(geometry["world_point_m"])
    size = frame.width, frame.height
    now = project(frame.camera.clip_from_view, frame.camera.view_from_world, point, *size)
    before = np.array(geometry["previous_view_from_world"]).reshape(4, 4)
    previous = project(frame.camera.clip_from_view, before, point, *size)
    np.testing.assert_array_equal(now, geometry["pixel"])
    np.testing.assert_array_equal(previous, geometry["previous_pixel"])
    np.testing.assert_array_equal(now + frame.jitter_px, geometry["jittered_pixel"])
    row, column = int(now[1]), int(now[0])
    np.testing.assert_array_equal(frame.motion_px[row, column], previous - now)
    assert frame.depth_m[row, column] == -(frame.camera.view_from_world @ np.append(point, 1.0))[2]


def test_the_clock_offset_is_that_of_the_vector():
    facts = vector_files.facts("pong")
    pong = decode(vector_files.parts("pong"))
    assert isinstance(pong, Pong)
    peer = ClientPeer()
    assert peer.clock.ping(pong.sent_ns).sent_ns == 1000
    peer.clock.pong(pong, int(facts["geometry"]["arrived_ns"]))
    assert peer.clock.offset_ns == int(facts["geometry"]["offset_ns"])
    assert peer.clock.round_trip_ns == int(facts["geometry"]["round_trip_ns"])
