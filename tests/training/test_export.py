"""What ships may be the mean of two checkpoints."""

from __future__ import annotations

from pathlib import Path

import pytest

torch = pytest.importorskip("torch", reason="needs PyTorch: pip install -e .[test], see .ci/tools")

from framegen.errors import MediaError  # noqa: E402
from framegen.training.embedded.export import load_model  # noqa: E402
from framegen.training.embedded.model import Model  # noqa: E402


def checkpoint(folder: Path, name: str, size: str = "tiny") -> Path:
    state = Model.new(size).both().state_dict()
    path = folder / name
    torch.save({"size": size, "average": state, "steps": 7, "spent_s": 1.0}, path)
    return path


def test_two_checkpoints_are_mixed_by_share(tmp_path: Path) -> None:
    one, two = (checkpoint(tmp_path, name) for name in ("one.pt", "two.pt"))
    whole, other, mixed = (load_model(*given)[0].both().state_dict() for given in ((one,), (two,), (one, two, 0.25)))
    for name, value in mixed.items():
        torch.testing.assert_close(value, 0.75 * whole[name] + 0.25 * other[name])
    assert any((whole[name] != other[name]).any() for name in mixed)


def test_only_models_of_one_size_can_be_mixed(tmp_path: Path) -> None:
    with pytest.raises(MediaError, match="small"):
        load_model(checkpoint(tmp_path, "one.pt"), checkpoint(tmp_path, "two.pt", "small"))
