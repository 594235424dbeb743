"""The engine layer at work without an engine: a FrameGen Camera between stand-ins of Unity and the real server."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import mono_program
import pytest
from numpy.typing import NDArray

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))
from stand_in_server import InvertEngine, serving

from framegen.config import Settings
from framegen.engines.base import History
from framegen.frame import F32, Frame

PIPELINES = {
    "built-in": (),
    "URP 14": ("FRAMEGEN_URP",),
    "URP 17": ("FRAMEGEN_URP", "UNITY_6000_0_OR_NEWER"),
}


@pytest.fixture(scope="module", params=PIPELINES)
def engine(request: pytest.FixtureRequest, mcs: str, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The package's core and runtime, the stand-ins and a driver, as one program."""
    target = tmp_path_factory.mktemp("engine") / "engine.exe"
    here, package = mono_program.HERE, mono_program.PACKAGE
    files = mono_program.sources(package / "Core", package / "Runtime", here / "stubs", here / "engine")
    files.append(here / "csharp" / "Json.cs")
    defines = PIPELINES[request.param]
    command = [mcs, "-langversion:7.2", "-target:exe", f"-out:{target}", *(f"-d:{name}" for name in defines)]
    done = subprocess.run([*command, *map(str, files)], capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return target


def play(mono: str, engine: Path, address: str, *words: object) -> dict[str, Any]:
    """What became of a dozen frames and more."""
    command = [mono, str(engine), address, *map(str, words)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    facts: dict[str, Any] = json.loads(done.stdout)
    return facts


@pytest.mark.parametrize("tags", [0, 1])
def test_a_camera_sends_frames_shows_results_and_leaves_nothing_behind(mono: str, engine: Path, tags: int) -> None:
    with serving() as server:
        facts = play(mono, engine, server.addresses[0], 256, tags, 1, 0, 0.1)
    assert facts["log"] == []
    assert (facts["errors"], facts["failed"], facts["complaint"]) == (0, 0, "")
    assert facts["results"] >= 12
    assert (facts["width"], facts["height"], facts["model"]) == (256, 144, "invert")
    # Every byte that is read back is 30: colour, which the server inverts, and the intensity mask, a share of 30 / 255.
    assert facts["pixel"] == ([53, 53, 53, 255] if tags else [225, 225, 225, 255])
    assert facts["reprojected"]
    assert facts["latency_ms"] > 0
    assert facts["draws_with_result"] >= 1, "the result is drawn"
    assert (facts["renderer_draws"] > 0) == bool(tags)
    assert facts["jpeg"] == [0, 0]
    assert facts["revision"] >= 1
    assert facts["left_behind"] == 0
    assert facts["connected_again"] == 1


class Listening(InvertEngine):
    """Remembers what is said of labels."""

    def __init__(self) -> None:
        super().__init__()
        self.heard: dict[int, str] = {}
        self.planes: set[tuple[bool, bool, bool]] = set()

    def encode(self, frame: Frame, conditioning: Any, settings: Settings, sun: Any) -> Any:
        self.heard = {code: label.name for code, label in settings.labels.items()}
        planes = frame.label, frame.intensity_mask, frame.dynamic_mask
        label, intensity, dynamic = (plane is not None for plane in planes)
        self.planes.add((label, intensity, dynamic))
        return super().encode(frame, conditioning, settings, sun)


@pytest.mark.parametrize(
    "tags, heard, planes",
    [
        (0, {}, (False, False, False)),
        (1, {1: "brick"}, (True, True, True)),
        (2, {1: "brick wall"}, (True, False, False)),
        (3, {}, (False, False, False)),
    ],
    ids=["nothing", "a tag", "a name", "names switched off"],
)
def test_labels_by_tags_and_names_arrive_and_masks_with_tags_only(
    mono: str, engine: Path, tags: int, heard: dict[int, str], planes: tuple[bool, bool, bool]
) -> None:
    listening = Listening()
    with serving(listening) as server:
        facts = play(mono, engine, server.addresses[0], 256, tags, 1, 0, 0.1)
    assert facts["log"] == []
    assert (facts["errors"], facts["failed"], facts["complaint"]) == (0, 0, "")
    assert facts["results"] >= 12
    assert listening.heard == heard
    assert listening.planes == {planes}
    assert facts["left_behind"] == 0


class Strided(InvertEngine):
    """Its network runs on every second frame."""

    stride = 2

    def carry(self, encoded: Any, history: History) -> F32:
        return history.latent.copy()

    def denoise(self, encoded: Any, history: History | None, noise: NDArray[Any], alpha: float) -> F32:
        self.last_model_ms = 1.0
        return super().denoise(encoded, history, noise, alpha)


def test_a_result_that_the_network_did_not_run_for_says_nothing_of_its_time(mono: str, engine: Path) -> None:
    with serving(Strided()) as server:
        facts = play(mono, engine, server.addresses[0], 256, 0, 1, 0, 0.1)
    assert (facts["errors"], facts["failed"], facts["complaint"]) == (0, 0, "")
    assert facts["model_ms"] > 0 and not facts["model_ms_lost"]


def test_an_orthographic_camera_may_see_what_lies_behind_it(mono: str, engine: Path) -> None:
    with serving() as server:
        facts = play(mono, engine, server.addresses[0], 256, 1, 1, 0, -100)
    assert (facts["errors"], facts["failed"], facts["complaint"]) == (0, 0, "")
    assert facts["results"] >= 12


def test_jpeg_results_are_handed_on_and_in_plain_mode_nothing_is_drawn(mono: str, engine: Path) -> None:
    with serving() as server:
        facts = play(mono, engine, server.addresses[0], 256, 0, 0, 1, 0.1)
    assert facts["results"] >= 12
    assert facts["draws_with_result"] <= 1, "only what is captured"
    assert facts["jpeg"] == [0xFF, 0xD8]
    assert facts["sheet_rows"] == list(range(144)), "a texture that a JPEG was loaded into stands upright already"
    assert facts["left_behind"] == 0
