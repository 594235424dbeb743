"""``bench gpu`` on networks made tiny, on the processor: everything but the numbers."""

from __future__ import annotations

import argparse
import json
import math
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

pytest.importorskip("diffusers", reason="needs diffusers: pip install -e .[test], see .ci/tools")

import torch
from rich.console import Console
from small_networks import make_small

from framegen import install
from framegen.bench import command, gpu
from framegen.client import Client
from framegen.engines.diffusers import measure, shapes
from framegen.engines.specs import load_engine
from framegen.errors import ConfigError, ModelUnavailable
from framegen.server.app import Server
from framegen.server.options import Endpoint, ServerOptions


@pytest.fixture(autouse=True)
def tiny(monkeypatch: pytest.MonkeyPatch) -> None:
    make_small(monkeypatch)


@contextmanager
def in_this_process(options: list[str]) -> Iterator[Any]:
    """A server as ``framegen serve`` would start it with these options."""
    told = dict(zip(options[::2], options[1::2], strict=True))
    local = ServerOptions(endpoints=(Endpoint("tcp://127.0.0.1:*", "null"),))
    with Server(local, lambda name: load_engine(name, told["--device"]), [told["--model"]]) as server:

        class Rig:
            address = server.addresses[0]

            def wait_for(self, client: Client, timeout_s: float = 180.0) -> None:
                client.wait_connected(timeout_s)

        yield Rig()


def test_every_family_is_measured_beside_its_plain_pipeline() -> None:
    models = ["sd-turbo", "sdxl-turbo", "lcm", "sana-sprint-0.6b", "pix2pix-turbo"]
    rows = {row.model: row for row in gpu.measure(models, "cpu", 0.0, frames=1, sizes=[(64, 64)])}
    assert list(rows) == models
    for row in rows.values():
        assert row.engine_ms is not None and row.engine_ms > 0, row.note
        assert row.carried_ms is not None and row.carried_ms > 0
        assert row.floor_ms is not None and row.floor_ms > 0 and row.fps is None
    assert all(rows[name].plain_ms is not None for name in models[:4])
    assert rows["pix2pix-turbo"].plain_ms is None and "no pipeline" in rows["pix2pix-turbo"].note
    shown = Console(width=160, record=True)
    gpu.print_rows(shown, list(rows.values()))
    assert "sd-turbo" in shown.export_text()


def test_end_to_end_over_zeromq() -> None:
    step, row = gpu.measure(["sd-turbo"], "cpu", 0.5, frames=1, start=in_this_process, sizes=[(64, 40)])
    assert not row.note and step.p50_ms is None and step.engine_ms == row.engine_ms
    assert row.fps is not None and row.fps > 0
    assert row.p50_ms is not None and row.rest_ms is not None and 0 < row.rest_ms < row.p50_ms


def test_sizes_are_the_models_multiples() -> None:
    assert gpu.model_size("sd-turbo", 768, 432) == (768, 432)
    assert gpu.model_size("sana-sprint-1.6b", 768, 432) == (768, 448)


def test_the_floor_is_operations_or_bytes() -> None:
    engine: Any = load_engine("sd-turbo:weights=random", "cpu")
    work = (shapes.GFLOP["sd21"][0] + shapes.GFLOP["tiny"][0]) / 100.0
    assert measure.floor_ms(engine, 512, 512, measure.Rates(100.0, 1e9)) == pytest.approx(work)
    bytes_ms = sum(4 * p.numel() for m in engine.parts.modules() for p in m.parameters()) / 1e6
    assert measure.floor_ms(engine, 512, 512, measure.Rates(1e9, 1.0)) == pytest.approx(bytes_ms)


def test_rates_are_measured() -> None:
    reached = measure.rates(torch.device("cpu"), torch.float32)
    assert math.isfinite(reached.tflops) and reached.tflops > 0 and reached.gbytes_s > 0


def test_apples_gpu_is_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    """Else what is timed is how long it takes to ask for the work."""
    waited: list[int] = []
    monkeypatch.setattr(torch.mps, "synchronize", lambda: waited.append(1))
    measure.median_ms(lambda: None, torch.device("mps"), 3)
    assert len(waited) == 5


def test_a_model_that_fails_is_noted_and_the_others_go_on(monkeypatch: pytest.MonkeyPatch) -> None:
    real = gpu.load_engine

    def load(name: str, device: str) -> Any:
        if name.startswith("sd-turbo"):
            raise ModelUnavailable("sd-turbo needs about 3.3 GiB of GPU memory, 1.0 GiB are free.")
        return real(name, device)

    monkeypatch.setattr(gpu, "load_engine", load)
    rows = list(gpu.measure(["sd-turbo", "lcm"], "cpu", 0.0, frames=1, sizes=[(64, 64)]))
    assert "GiB are free" in rows[0].note and rows[0].engine_ms is None
    assert rows[1].engine_ms is not None


def test_after_so_many_minutes_nothing_new_is_begun(monkeypatch: pytest.MonkeyPatch) -> None:
    clock = iter([0.0, 30.0, 61.0, 90.0, 91.0])
    monkeypatch.setattr(gpu, "time", SimpleNamespace(monotonic=lambda: next(clock)))
    rows = list(gpu.measure(["sd-turbo", "lcm"], "cpu", 1.0, frames=1, sizes=[(64, 40)], minutes=1.0))
    assert [(row.model, row.engine_ms is None) for row in rows] == [
        ("sd-turbo", False),
        ("lcm", True),
        ("sd-turbo", False),
    ]
    assert "the time was up" in rows[1].note and "end to end: the time was up" in rows[2].note


def test_a_model_is_loaded_once_for_all_sizes(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []
    real = gpu.load_engine
    monkeypatch.setattr(gpu, "load_engine", lambda name, device: (asked.append(name), real(name, device))[1])
    rows = list(gpu.measure(["sd-turbo"], "cpu", 0.0, frames=1, sizes=[(64, 40), (64, 64)], extra="steps=2"))
    assert asked == ["sd-turbo:weights=random,steps=2"]
    assert [(row.width, row.height) for row in rows] == [(64, 40), (64, 64)]
    assert all("in one step" in row.note and row.plain_ms is None for row in rows)


def test_the_plain_pipeline_is_not_the_compiled_one(monkeypatch: pytest.MonkeyPatch) -> None:
    made: Any = load_engine("sd-turbo:weights=random", "cpu")
    modules = [made.parts.body, made.parts.vae.encoder, made.parts.vae.decoder]
    calls = []
    for module in modules:
        module.forward = lambda *given, as_it_was=module.forward, **told: (calls.append(1), as_it_was(*given, **told))[
            1
        ]
    counts = []

    def timed(run: Any, device: torch.device, times: int) -> float:
        calls.clear()
        run()
        counts.append(len(calls))
        return 1.0

    monkeypatch.setattr(measure, "median_ms", timed)
    measure.cost(made, 64, 40, measure.Rates(1.0, 1.0), 1)
    assert counts == [3, 2, 0], "a carried frame is encoded and decoded, and no more"
    assert all("forward" in vars(module) for module in modules)


def test_the_plain_pipeline_leaves_the_networks_as_they_were() -> None:
    """SDXL's widens its own autoencoder for each picture, and puts it back in float16, which overflows in it."""
    made: Any = load_engine("sdxl-turbo:weights=random,vae=full,dtype=float16", "cpu")
    assert next(made.parts.vae.parameters()).dtype == torch.bfloat16
    cost = measure.cost(made, 64, 64, measure.Rates(1.0, 1.0), 1)
    assert cost.plain_ms is not None
    assert next(made.parts.vae.parameters()).dtype == torch.bfloat16 and not made._runners


def test_what_stops_early_keeps_what_was_measured(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def rows(*given: Any, **told: Any) -> Iterator[gpu.Row]:
        yield gpu.Row("sd-turbo", 512, 512, engine_ms=4.0)
        raise KeyboardInterrupt

    monkeypatch.setattr(gpu, "measure", rows)
    monkeypatch.setattr(gpu, "lacking", lambda device: "")
    file = tmp_path / "gpu.json"
    with pytest.raises(KeyboardInterrupt):
        run_command("--json", str(file))
    assert [row["engine_ms"] for row in json.loads(file.read_text())] == [4.0]


def test_unknown_models_are_named() -> None:
    with pytest.raises(ConfigError, match="sd-turbo"):
        gpu.names("sd-turbo,sd-turbi")
    assert len(gpu.names("")) == 13


def run_command(*told: str) -> int:
    parser = argparse.ArgumentParser()
    command.add_arguments(parser)
    return command.run(parser.parse_args(["gpu", *told]))


def test_the_command_writes_figures(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "gpu.json"
    told = ["--models", "sd-turbo", "--device", "cpu", "--sizes", "64x40", "--seconds", "0", "--json", str(file)]
    assert run_command(*told) == 0
    (row,) = json.loads(file.read_text())
    assert (row["model"], row["width"], row["height"]) == ("sd-turbo", 64, 40) and row["engine_ms"] > 0
    assert "torch" in row["conditions"]["versions"]
    line = next(line for line in capsys.readouterr().out.splitlines() if line.startswith("sd-turbo 64x40  "))
    assert "…" not in line and len(line.replace(" %", "%").split()) == 12


def test_a_machine_without_a_gpu_is_told_what_it_lacks(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    monkeypatch.setattr(torch.backends.mps, "is_available", lambda: False)
    assert run_command("--models", "sdxs-512") == 1
    said = " ".join(capsys.readouterr().out.split())
    assert "There is no device 'gpu'" in said and "CUDA build of PyTorch" in said and gpu.TRY_IT in said
    monkeypatch.setattr("framegen.engines.diffusers.files.missing_extra", lambda: ("diffusers",))
    assert run_command() == 1
    assert install.command_for("diffusers", "cuda") in " ".join(capsys.readouterr().out.split())


def test_sizes_are_read() -> None:
    assert gpu.sizes_of("") == gpu.SIZES
    assert list(gpu.sizes_of("64x64, 128x96")) == [(64, 64), (128, 96)]
    for wrong in ("big", "65x64", "64"):
        with pytest.raises(ConfigError, match="no size"):
            gpu.sizes_of(wrong)
