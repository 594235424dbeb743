from __future__ import annotations

from pathlib import Path

import av
import numpy as np
import pytest

from framegen.demo.film import PROMPTS, Film, schedule
from framegen.errors import MediaError


def test_prompts_share_the_time_evenly() -> None:
    assert schedule(600, 30) == {100 * k: PROMPTS[k] for k in range(6)}
    assert schedule(150, 30) == {0: PROMPTS[0], 75: PROMPTS[1]}
    assert schedule(1, 30) == {0: PROMPTS[0]}


def test_a_film_shows_both_sides_and_the_prompt(tmp_path: Path) -> None:
    film = Film(tmp_path / "out.mp4", 128, 73, 25.0, overwrite=False)
    source = np.full((73, 128, 3), (200, 40, 40), np.uint8)
    restyled = np.full((73, 128, 3), (40, 40, 200), np.uint8)
    for _ in range(10):
        film.add(source, restyled, "night, rain, and far more words than fit into such a narrow picture as this one")
    assert film.close() == tmp_path / "out.mp4"
    with av.open(str(tmp_path / "out.mp4")) as container:
        stream = container.streams.video[0]
        assert stream.average_rate == 25
        pictures = [frame.to_ndarray(format="rgb24") for frame in container.decode(stream)]
    assert len(pictures) == 10
    picture = pictures[5].astype(int)
    assert picture.shape == (74 + 28, 256, 3)
    assert picture[36, 64, 0] > 150 > picture[36, 64, 2], "the engine's frame is on the left"
    assert picture[36, 192, 2] > 150 > picture[36, 192, 0], "the restyled one on the right"
    caption = picture[74:]
    assert caption[:, :128].max() > 90 and caption[:, 128:].max() > 180, "words stand below"
    assert caption[:, 244:].max() < 90, "and keep to their margin"


def test_an_abandoned_film_leaves_nothing(tmp_path: Path) -> None:
    film = Film(tmp_path / "out.mp4", 64, 64, 30.0, overwrite=False)
    film.add(np.zeros((64, 64, 3), np.uint8), np.zeros((64, 64, 3), np.uint8), "noon")
    film.abandon()
    assert not list(tmp_path.iterdir())


def test_a_film_does_not_overwrite_unasked(tmp_path: Path) -> None:
    (tmp_path / "out.mp4").write_bytes(b"precious")
    with pytest.raises(MediaError, match="exists"):
        Film(tmp_path / "out.mp4", 64, 64, 30.0, overwrite=False)
    assert (tmp_path / "out.mp4").read_bytes() == b"precious"
