"""What doctor and models say agrees with the machine they run on."""

from __future__ import annotations

import argparse
import json
import os
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from framegen import doctor, install, machine, models_table
from framegen.engines.diffusers import files
from framegen.engines.specs import SPECS


def arguments(module: object, *words: str) -> argparse.Namespace:
    parser = argparse.ArgumentParser()
    module.add_arguments(parser)  # type: ignore[attr-defined]
    return parser.parse_args(words)


def test_doctor_reports_every_topic_as_data(capsys: pytest.CaptureFixture[str]) -> None:
    code = doctor.run(arguments(doctor, "--json", "--no-timing"))
    facts = json.loads(capsys.readouterr().out)
    topics = {finding["topic"] for finding in facts["findings"]}
    assert topics >= {"processor", "graphics card", "OpenVINO", "ONNX Runtime", "OpenGL", "port", "model embedded"}
    assert facts["machine"]["cores"] == machine.usable_cores()
    assert facts["ok"] == (code == 0) == all(finding["state"] != "missing" for finding in facts["findings"])
    assert all(finding["fix"] for finding in facts["findings"] if finding["state"] == "missing")


def test_doctor_prints_for_people(capsys: pytest.CaptureFixture[str]) -> None:
    doctor.run(arguments(doctor, "--no-timing"))
    said = capsys.readouterr().out
    assert "CPU" in said
    assert "embedded" in said


@pytest.mark.parametrize("module", [doctor, models_table])
def test_what_many_models_lack_is_said_once_and_in_one_line(
    module: object, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    monkeypatch.setattr(files, "missing_extra", lambda: ("torch", "diffusers"))
    module.run(arguments(module, *(["--no-timing"] if module is doctor else [])))  # type: ignore[attr-defined]
    lines = capsys.readouterr().out.splitlines()
    assert sum(install.command_for("diffusers") in line for line in lines) == 1
    assert all(len(line) <= 80 for line in lines if not line.startswith("("))
    rows = [line for line in lines if any(f" {row.name} " in line for row in SPECS[2:])]
    assert len(rows) == len(SPECS) - 2 and all(line.rstrip().endswith(rows[1].rstrip()[-3:]) for line in rows[1:])


def test_a_command_that_is_too_long_for_its_column_stays_in_one_line(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    short, long = "pip install x", f"/home/somebody/{'games/' * 8}python -m pip install openvino"
    found = [doctor.Finding(name, "optional", "not installed", fix) for name, fix in (("A", short), ("B", long))]
    doctor._print(found, True)
    lines = capsys.readouterr().out.splitlines()
    assert f"(1) → {long}" in lines and lines[1].strip() == f"→ {short}"


def test_models_that_are_not_downloaded_are_said_once(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(files, "missing_extra", lambda: ())
    monkeypatch.setattr(files, "cached", lambda source: None)
    models_table.run(arguments(models_table))
    assert capsys.readouterr().out.count("not downloaded: framegen models --download MODEL") == 1


@pytest.mark.parametrize("stride", [1, 2])
def test_doctor_times_the_embedded_model(stride: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("framegen.engines.embedded.stride.choose", lambda *_: stride)
    words = doctor.trial(SPECS[0], runs=3)
    assert "ms a frame at 512x288" in words
    assert "CPU" in words or "GPU" in words
    assert ("on every second frame" in words) == (stride == 2)


def test_a_taken_port_is_seen() -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        number = other.getsockname()[1]
        assert doctor.port(number).state == "optional"
        assert doctor.port(number).fix
    assert doctor.port(number).state == "ok"


def test_missing_runtimes_are_needed_and_named(monkeypatch: pytest.MonkeyPatch) -> None:
    here = machine.describe()
    bare = machine.Machine(**{**vars(here), "versions": {"framegen": "0"}})
    states = {finding.topic: finding for finding in doctor.runtimes(bare)}
    assert states["OpenVINO"].state == "missing"
    assert states["OpenVINO"].fix == install.command("openvino")
    with_onnx = machine.Machine(**{**vars(here), "versions": {"framegen": "0", "onnxruntime": "1"}})
    assert {finding.topic: finding.state for finding in doctor.runtimes(with_onnx)}["OpenVINO"] == "optional"


@pytest.mark.parametrize("module", ["onnxruntime", "openvino"])
def test_a_runtime_that_does_not_start_is_named_and_the_other_one_runs_the_model(
    module: str, tmp_path: Path, root: Path
) -> None:
    """As where a library of the system is missing: a common fault of a fresh Windows."""
    pytest.importorskip("onnxruntime", reason="needs ONNX Runtime: pip install onnxruntime")
    (tmp_path / module).mkdir()
    (tmp_path / module / "__init__.py").write_text("raise ImportError('DLL load failed')")
    done = subprocess.run(
        [sys.executable, "-m", "framegen", "doctor", "--json", "--no-timing"],
        env={**os.environ, "PYTHONPATH": os.pathsep.join((str(tmp_path), str(root)))},
        cwd=root,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    findings = {finding["topic"]: finding for finding in json.loads(done.stdout)["findings"]}
    topic = {"onnxruntime": "ONNX Runtime", "openvino": "OpenVINO"}[module]
    assert findings[topic]["state"] == "optional"
    assert "DLL load failed" in findings[topic]["text"] and module in findings[topic]["fix"]
    assert findings["model embedded"]["state"] == "ok"


def test_models_table_names_licence_size_and_hardware(capsys: pytest.CaptureFixture[str]) -> None:
    assert models_table.run(arguments(models_table, "--json")) == 0
    rows = json.loads(capsys.readouterr().out)
    assert [row["name"] for row in rows] == [row.name for row in SPECS]
    embedded = rows[0]
    assert (embedded["licence"], embedded["here"]) == ("Apache-2.0", True)
    assert 0 < embedded["weights_bytes"] <= 30 << 20
    assert models_table.run(arguments(models_table)) == 0
    assert "Apache-2.0" in capsys.readouterr().out


def test_a_model_that_cannot_run_names_the_command_that_helps(monkeypatch: pytest.MonkeyPatch) -> None:
    turbo = next(row for row in SPECS if row.name == "sd-turbo")
    monkeypatch.setattr(files, "missing_extra", lambda: ["torch"])
    assert models_table.availability(turbo).fix == install.command_for("diffusers")
    monkeypatch.setattr(files, "missing_extra", lambda: [])
    monkeypatch.setattr(files, "cached", lambda source: None)
    findings = {finding.topic: finding for finding in doctor.models(timing=False)}
    assert findings["model sd-turbo"].fix == "framegen models --download sd-turbo"
    assert findings["model embedded"].state == "ok"
