"""The table of models."""

from __future__ import annotations

import numpy as np
import pytest

from framegen.config import Settings
from framegen.engines.specs import SPECS, load_engine, spec
from framegen.errors import UnknownModel
from framegen.frame import Frame
from framegen.ops.fit import plan


def test_the_shipped_model_is_there() -> None:
    row = spec("embedded")
    assert row.licence == "Apache-2.0"
    assert row.default_size[0] % row.size_multiple == 0 == row.default_size[1] % row.size_multiple


def test_names_are_unique() -> None:
    names = [row.name for row in SPECS]
    assert len(names) == len(set(names))


@pytest.mark.parametrize(("asked", "given"), [("auto", "auto"), ("cpu", "cpu"), ("gpu", "gpu"), ("cuda:1", "auto")])
def test_the_embedded_model_runs_beside_those_of_several_gpus(
    asked: str, given: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A server with ``--gpus 2`` names each worker's card, of which this model's runtimes know nothing."""
    devices: list[str] = []
    monkeypatch.setattr(
        "framegen.engines.embedded.engine.EmbeddedEngine", lambda row, device, options: devices.append(device)
    )
    load_engine("embedded", asked)
    assert devices == [given]


@pytest.mark.parametrize(
    ("name", "size"),
    [
        ("sd-turbo", (688, 384)),
        ("sdxl-turbo", (688, 384)),
        ("dmd2-sdxl", (1368, 768)),
        ("dmd2-sdxl-1step", (1368, 768)),
        ("lcm-lora-sdxl", (1368, 768)),
        ("sana-sprint-0.6b", (1376, 768)),
        ("sana-sprint-1.6b", (1376, 768)),
    ],
)
def test_a_model_works_at_the_area_it_was_trained_at(name: str, size: tuple[int, int]) -> None:
    """In the frame's own aspect, to the model's multiple."""
    row = spec(name)
    fit = plan((1920, 1080), row.default_size, row.size_multiple)
    assert fit.model == size
    assert fit.content[0] / fit.content[1] == pytest.approx(16 / 9, rel=2e-3)


def test_an_unknown_name_gets_the_nearest() -> None:
    with pytest.raises(UnknownModel, match="embedded"):
        load_engine("embeded")


def test_a_distilled_model_can_be_chosen_and_is_another() -> None:
    row = spec("embedded-distilled")
    assert (row.licence, row.commercial, row.family) == ("Apache-2.0", True, "embedded")
    settings = Settings(prompt="golden hour")
    pictures = []
    for name in ("embedded", row.name):
        engine = load_engine(name, "cpu")
        conditioning = engine.condition(settings)
        frame = Frame(1, np.full((288, 512, 3), 120, np.uint8))
        encoded = engine.encode(frame, conditioning, settings, None)
        latent = engine.denoise(encoded, None, np.zeros((72, 128, 1), np.float32), 0.6)
        pictures.append(engine.decode(latent, encoded).astype(float))
    assert 0 < np.abs(pictures[0] - pictures[1]).mean() < 25, "it is fine-tuned from the same weights"
