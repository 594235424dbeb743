"""``framegen bench`` from the command line: a real server process, real sockets, the real model, a tiny recording."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from moving_scene import Scene

from framegen import cli
from framegen.bench import parts
from framegen.bench.command import _write
from framegen.bench.frames import recorded_settings
from framegen.bench.rig import ServerProcess
from framegen.client import Client
from framegen.config import Settings
from framegen.engines.embedded.engine import EmbeddedEngine
from framegen.errors import MediaError
from framegen.frame import Frame
from framegen.metrics.sweep import VARIANTS
from framegen.recording import TO_SERVER, RecordingWriter
from framegen.server.command import TOKEN_VARIABLE
from framegen.wire import codec
from framegen.wire.messages import Hello, SendFrame, UpdateSettings

LABELS = {1: {"name": "brick"}}


def record(path: Path, frames: int) -> Path:
    scene = Scene(width=160, height=90, speed_m=0.2, box_m=0.1)
    with RecordingWriter(path) as writer:
        writer.write(TO_SERVER, codec.encode(Hello(settings={"prompt": "dawn"})))
        writer.write(TO_SERVER, codec.encode(UpdateSettings({"labels": LABELS})))
        for index in range(frames):
            writer.write(TO_SERVER, codec.encode(SendFrame(scene.frame(index))))
    return path


@pytest.fixture(scope="module")
def recording(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return record(tmp_path_factory.mktemp("recording") / "small.mcap", 12)


def test_settings_of_the_recorded_client_are_found(recording: Path) -> None:
    settings = recorded_settings(recording)
    assert settings["prompt"] == "dawn"
    assert settings["labels"][1]["name"] == "brick"


def bench(recording: Path, out: Path, *words: str) -> int:
    return cli.main(["bench", *words, "--recording", str(recording), "--json", str(out)])


def test_a_scenario_end_to_end(recording: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = tmp_path / "figures.json"
    assert bench(recording, out, "--scenario", "512x288", "--seconds", "1") == 0
    (row,) = json.loads(out.read_text(encoding="utf-8"))
    assert (row["scenario"], row["width"], row["height"]) == ("512x288", 512, 288)
    assert row["sent"] == row["answered"] + row["superseded"] + row["lost"] > 0
    assert row["lost"] == row["superseded"] == 0
    assert row["generated"] + row["reprojected"] == row["answered"], "each is a new picture"
    assert min(row["model_ms"], row["overhead_ms"]) > 0
    assert 0 < row["latency_ms"]["p50"] <= row["latency_ms"]["p95"] <= row["latency_ms"]["p99"]
    assert 0 < row["fps"] <= 1000 / row["latency_ms"]["p50"] * 2.01, "a mean is at least half a median"
    assert row["server_memory_mib"] > 0
    assert row["first_picture_s"] > 0
    assert "openvino" in row["conditions"]["versions"]
    assert "512x288" in capsys.readouterr().out


def test_overload_is_superseded_and_nothing_is_lost(recording: Path, tmp_path: Path) -> None:
    out = tmp_path / "figures.json"
    assert bench(recording, out, "overload", "--minutes", "0.03") == 0
    (row,) = json.loads(out.read_text(encoding="utf-8"))
    assert row["sent"] == row["answered"] + row["superseded"] > 0
    assert row["lost"] == 0
    assert row["windows"]


def test_temporal_compares_reuse_on_and_off(
    recording: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "figures.json"
    assert bench(recording, out, "temporal") == 0
    figures = json.loads(out.read_text(encoding="utf-8"))
    for name in ("reuse_on", "reuse_off"):
        run = figures[name]
        assert set(run) == {"input_warp_error", "output_warp_error", "ratio", "edit_strength"}
        assert run["ratio"] == pytest.approx(run["output_warp_error"] / run["input_warp_error"], rel=0.01)
        assert run["edit_strength"] > 0
    assert figures["reuse_on"]["input_warp_error"] == figures["reuse_off"]["input_warp_error"]
    assert figures["prompt_change_ms"] is None, "the recording ends before the prompt changes"
    assert "not 90 % there" in capsys.readouterr().out


def test_every_setting_of_reuse_is_measured_in_the_sweep(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Every variant restyles the recording about six times."""
    out = tmp_path / "figures.json"
    assert bench(record(tmp_path / "short.mcap", 5), out, "sweep") == 0
    rows = {row["variant"]: row for row in json.loads(out.read_text(encoding="utf-8"))}
    assert list(rows) == list(VARIANTS)
    for row in rows.values():
        assert row["edit_strength"] > 0 and row["ratio"] > 0
        assert row["prompt_change_ms"] is None, "the recording is too short for a new look"
        assert row["conditions"]["machine"]
    assert rows["reuse off"]["sharpness"] == 1.0
    assert rows["alpha 0.3"]["output_warp_error"] != rows["alpha 0.9"]["output_warp_error"]
    said = capsys.readouterr().out
    assert "anchored_noise off" in said and "inf" not in said


def test_a_token_for_other_servers_does_not_shut_the_bench_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(TOKEN_VARIABLE, "of another server")
    with ServerProcess() as server, Client(server.address) as client:
        server.wait_for(client)
        assert client.connected


def test_a_model_that_there_is_not_is_explained(recording: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code = cli.main(["bench", "--scenario", "512x288", "--recording", str(recording), "--model", "nonesuch"])
    assert code == cli.USAGE
    assert "nonesuch" in capsys.readouterr().err


def test_figures_that_could_not_be_written_are_not_measured(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["bench", "--json", str(tmp_path / "none" / "out.json")]) == 1
    assert "There is no folder" in capsys.readouterr().err
    assert cli.main(["bench", "--seconds", "0"]) == cli.USAGE
    assert "more than 0" in capsys.readouterr().err
    for words in (("--seconds", "nan"), ("overload", "--minutes", "inf")):
        assert cli.main(["bench", *words]) == cli.USAGE
        assert "a number" in capsys.readouterr().err
    assert cli.main(["bench", "--json", str(tmp_path)]) == 1
    assert "is a folder" in capsys.readouterr().err


@pytest.mark.parametrize(
    "words",
    [
        ("temporal", "--scenario", "512x288"),
        ("--minutes", "1"),
        ("--scenario", "overload", "--minutes", "1"),
        ("--models", "sd-turbo"),
        ("sweep", "--sizes", "64x64"),
    ],
)
def test_an_option_that_would_change_nothing_is_refused(
    words: tuple[str, ...], capsys: pytest.CaptureFixture[str]
) -> None:
    assert cli.main(["bench", *words]) == cli.USAGE
    assert "would change nothing" in capsys.readouterr().err


@pytest.mark.parametrize("words", [("--scenario", "512x288"), ("temporal",), ("sweep",)])
def test_a_recording_without_frames_is_refused(
    words: tuple[str, ...], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with RecordingWriter(tmp_path / "none.mcap") as writer:
        writer.write(TO_SERVER, codec.encode(Hello()))
    assert cli.main(["bench", *words, "--recording", str(tmp_path / "none.mcap")]) == 1
    assert "no frames" in capsys.readouterr().err


def test_figures_that_have_nowhere_to_go_are_an_error_of_their_own(tmp_path: Path) -> None:
    with pytest.raises(MediaError, match="Cannot write"):
        _write(tmp_path / "gone" / "out.json", [])


def test_an_unknown_scenario_suggests_one(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["bench", "--scenario", "512x28"]) == cli.USAGE
    assert "512x288" in capsys.readouterr().err


def test_the_parts_of_a_picture(recording: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = tmp_path / "parts.json"
    assert bench(recording, out, "parts", "--seconds", "0.3", "--prompt", "sunny noon") == 0
    (row,) = json.loads(out.read_text(encoding="utf-8"))
    assert row["prompt"] == "sunny noon"
    assert {"network", "smooth", "compose", "antialias"} <= set(row["parts_ms"])
    assert row["network_ms"] == row["parts_ms"]["network"] > 0
    assert 0 < row["after_ms"] <= row["after_p99_ms"]
    assert row["share"] == pytest.approx(row["after_ms"] / row["network_ms"], abs=0.01)
    assert "over the network's own" in capsys.readouterr().out
    assert bench(recording, out, "parts", "--seconds", "0.1") == 0
    assert [row["prompt"] for row in json.loads(out.read_text(encoding="utf-8"))] == list(parts.PROMPTS)


def test_parts_are_measured_at_the_size_that_the_model_works_at(
    recording: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    sizes = []
    measure = parts.measure

    def watched(engine: EmbeddedEngine, frames: Iterator[Frame], settings: Settings, seconds: float) -> dict[str, Any]:
        first = next(frames)
        sizes.append((first.width, first.height))
        return measure(engine, frames, settings, seconds)

    monkeypatch.setattr(parts, "measure", watched)
    told = "--seconds", "0.1", "--prompt", "fog", "--model", "embedded:size=160x96"
    assert bench(recording, tmp_path / "parts.json", "parts", *told) == 0
    assert sizes == [(160, 96)] and "160x96" in capsys.readouterr().out


def test_brackets_in_a_prompt_are_no_markup(
    recording: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert bench(recording, tmp_path / "parts.json", "parts", "--seconds", "0.1", "--prompt", "fog [/b] [dim]") == 0
    assert "fog [/b] [dim]" in capsys.readouterr().out


def test_other_models_have_no_parts(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["bench", "parts", "--model", "sd-turbo"]) == cli.USAGE
    assert "embedded model" in capsys.readouterr().err
