"""The C# implementation of the protocol against the shared vectors, damaged ones too."""

from __future__ import annotations

import base64
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from framegen import errors
from framegen.codecs import jpeg
from framegen.wire.codec import decode

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "protocol"))
import vector_files  # the shared reader of vectors

NAMES = vector_files.names()
DTYPES = {"f16_m": "<f2", "f32_m": "<f4", "u16_log": "<u2", "f16_px": "<f2", "f32_px": "<f4", "f16": "<f2"}
CLIENT_SAYS = {"hello", "settings", "frame", "reset", "ping", "pong", "error", "bye"}


@pytest.fixture(scope="module")
def made(mono: str, program: Path) -> dict[str, Any]:
    """Name of a vector -> what C# made of it."""
    done = subprocess.run(
        [mono, str(program), "vectors", str(vector_files.FOLDER)],
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    return {facts["name"]: facts for facts in map(json.loads, done.stdout.splitlines())}


def pixels(plane: dict[str, Any], width: int, height: int) -> np.ndarray:
    """Of a plane as C# hands it on."""
    data = base64.b64decode(plane["bytes"])
    if plane["codec"] == "jpeg":
        return jpeg.decode(memoryview(data), width, height).ravel().astype(np.float64)
    values = np.frombuffer(data, DTYPES.get(plane["format"], "u1")).astype(np.float64)
    if plane["format"] != "u16_log":
        return values
    depth = plane["near_m"] * (plane["far_m"] / plane["near_m"]) ** ((values - 1) / 65534)
    return np.where(values == 0, np.inf, depth)


@pytest.mark.parametrize("name", NAMES)
def test_a_vector_is_read_as_it_says(made: dict[str, Any], name: str) -> None:
    wanted, found = vector_files.facts(name), made[name]
    if "message" not in wanted:
        assert found.get("error") == wanted["error"], found
        return
    for key, value in wanted["message"].items():
        assert found["message"][key] == value, key
    assert found["planes"].keys() == wanted.get("planes", {}).keys()
    for plane_name, plane in wanted.get("planes", {}).items():
        values = pixels(found["planes"][plane_name], plane.get("width", 0), plane.get("height", 0))
        expected = np.array([float(value) for value in plane["values"]])
        np.testing.assert_allclose(values, expected, rtol=1e-6, atol=plane.get("tolerance", 0))


@pytest.mark.parametrize("name", [name for name in NAMES if "message" in vector_files.facts(name)])
def test_what_a_client_says_arrives_as_it_was(made: dict[str, Any], name: str) -> None:
    """What C# encodes again is read by the Python implementation and compared with the vector."""
    wanted = vector_files.facts(name)
    assert ("sent" in made[name]) == (wanted["message"]["type"] in CLIENT_SAYS)
    if "sent" not in made[name]:
        return
    message = decode([base64.b64decode(part) for part in made[name]["sent"]])
    described = vector_files.described(message)
    for key, value in wanted["message"].items():
        assert described[key] == value, key
    planes = vector_files.planes(message)
    assert planes.keys() == wanted.get("planes", {}).keys()
    for plane_name, plane in wanted.get("planes", {}).items():
        expected = np.array([float(value) for value in plane["values"]])
        found = planes[plane_name].ravel().astype(np.float64)
        np.testing.assert_allclose(found, expected, rtol=1e-6, atol=plane.get("tolerance", 0))


def test_planes_of_one_array_travel_in_one_part(made: dict[str, Any]) -> None:
    assert len(made["frame_packed"]["sent"]) == 2
    assert len(made["frame_full"]["sent"]) == 1 + len(made["frame_full"]["planes"])


def test_damaged_messages_are_read_or_refused_and_nothing_else(mono: str, program: Path) -> None:
    done = subprocess.run(
        [mono, str(program), "fuzz", str(vector_files.FOLDER), "400"],
        capture_output=True,
        text=True,
        timeout=90,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    counts = json.loads(done.stdout)
    assert counts["taken"] > 1000
    assert counts["refused"] > 1000


def test_the_codes_are_those_of_the_registry(root: Path) -> None:
    source = (root / "clients/unity/com.framegen.client/Core/Protocol/ProtocolException.cs").read_text("utf-8")
    known = {error.code for error in errors.ProtocolError.__subclasses__()}
    named = {word.strip('";') for word in source.split() if word.startswith('"') and word.endswith('";')}
    assert named
    assert named <= known
