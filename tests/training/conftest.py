"""Pairs that tests of training share and leave as they are, and a cache of their own for what is made of them."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from made_pairs import SEED, write_pair

if TYPE_CHECKING:
    from framegen.training.embedded.pairs import Sample


@pytest.fixture(scope="session")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A training scene of two frames, a held-out one, and one of the reserved seeds."""
    root = tmp_path_factory.mktemp("pairs")
    write_pair(root, SEED)
    write_pair(root, SEED, second=True)
    write_pair(root, 455)
    write_pair(root, 900_001)
    return root


@pytest.fixture
def one_thread_and_its_own_cache(monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory) -> None:
    import torch

    torch.set_num_threads(1)
    monkeypatch.setenv("FRAMEGEN_CACHE", str(tmp_path_factory.getbasetemp() / "cache"))


@pytest.fixture
def sample(data: Path, one_thread_and_its_own_cache: None) -> Sample:
    """The first frame of the training scene, a copy for each test."""
    from framegen.engines.embedded.network import FOLDER
    from framegen.ops.fields import load_atlas
    from framegen.training.embedded import pairs

    return pairs.load(data / f"{SEED:06d}_0", load_atlas(FOLDER))
