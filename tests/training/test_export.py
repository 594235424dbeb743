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


def test_a_larger_model_is_mixed_with_the_smaller_one_that_it_began_with(tmp_path: Path) -> None:
    torch.manual_seed(0)
    small, large = checkpoint(tmp_path, "small.pt", "small"), checkpoint(tmp_path, "large.pt", "large")
    whole, mixed = (load_model(*given)[0].both().state_dict() for given in ((large,), (large, small, 0.25)))
    own = load_model(small)[0].both().state_dict()
    shared = [name for name in own if name in whole and own[name].shape == whole[name].shape]
    assert len(shared) > 20
    for name in shared:
        torch.testing.assert_close(mixed[name], 0.75 * whole[name] + 0.25 * own[name])
    for name in (name for name in whole if name not in own):
        # the small one's further blocks are the large one's, and add nothing
        share = 0.75 if ".second." in name else 1
        torch.testing.assert_close(mixed[name], share * whole[name])


def test_models_that_did_not_begin_with_one_another_cannot_be_mixed(tmp_path: Path) -> None:
    for one, two in (("tiny", "small"), ("small", "large")):
        with pytest.raises(MediaError, match=two):
            load_model(checkpoint(tmp_path, "one.pt", one), checkpoint(tmp_path, "two.pt", two))
