"""How much of the restyled picture is shown, where, and at which size."""

from __future__ import annotations

import numpy as np
import pytest

from framegen.config import Settings
from framegen.frame import Frame
from framegen.ops.finish import MAX_PIXELS, MAX_SIDE_PX, enlarged, finish, output_size, shares
from framegen.ops.fit import plan, to_model
from framegen.ops.photo import PLAIN, Photo, printed
from framegen.wire.messages import Limits


def frame_of(width: int = 64, height: int = 32, **planes: object) -> Frame:
    return Frame(0, np.full((height, width, 3), 100, np.uint8), **planes)  # type: ignore[arg-type]


def shown(frame: Frame, settings: Settings) -> np.ndarray:
    fit = plan((frame.width, frame.height), (512, 288), 16)
    small = to_model(frame, fit).color
    return finish(frame, enlarged(frame, small, np.full_like(small, 200), fit, settings), settings)


@pytest.mark.parametrize(("intensity", "level"), [(0.0, 100), (0.25, 125), (1.0, 200)])
def test_intensity_blends(intensity: float, level: int) -> None:
    assert (shown(frame_of(), Settings(intensity=intensity)) == level).all()


@pytest.mark.parametrize("size", [(64, 32), (1280, 720)])
def test_a_mask_blends_per_pixel(size: tuple[int, int]) -> None:
    mask = np.zeros(size[::-1], np.uint8)
    mask[:, : size[0] // 2] = 255
    image = shown(frame_of(*size, intensity_mask=mask), Settings(intensity=0.5))
    assert np.abs(image[:, : size[0] // 2].astype(int) - 150).max() <= 1
    assert (image[:, size[0] // 2 :] == 100).all()


def test_labels_have_intensities_of_their_own() -> None:
    label = np.zeros((32, 64), np.uint8)
    label[:, 10:20], label[:, 20:30] = 3, 4
    settings = Settings().updated({"labels": {3: {"name": "person", "intensity": 0.0}, 4: "brick"}})
    image = shown(frame_of(label=label), settings)
    assert (image[:, 10:20] == 100).all()
    assert (image[:, 20:] == 200).all() and (image[:, :10] == 200).all()


def test_labels_without_intensities_cost_nothing() -> None:
    settings = Settings().updated({"labels": {4: "brick"}})
    assert shares(frame_of(label=np.full((32, 64), 4, np.uint8)), settings, (64, 32)) == 1.0


@pytest.mark.parametrize(
    ("asked", "wanted"), [((0, 0), (64, 32)), ((128, 0), (128, 64)), ((0, 16), (32, 16)), ((30, 40), (30, 40))]
)
def test_the_output_has_the_size_asked_for(asked: tuple[int, int], wanted: tuple[int, int]) -> None:
    settings = Settings(output_width=asked[0], output_height=asked[1])
    assert output_size(settings, (64, 32)) == wanted
    assert shown(frame_of(), settings).shape == (wanted[1], wanted[0], 3)
    assert np.abs(shown(frame_of(), settings).astype(int) - 200).max() <= 1


@pytest.mark.parametrize(
    ("asked", "size", "wanted"),
    [
        ((8192, 0), (1, 500), (16, 8192)),
        ((16384, 0), (1, 8192), (1, 8192)),
        ((0, 4000), (8192, 2), (8192, 2)),
        ((3840, 0), (1920, 1080), (3840, 2160)),
        ((3840, 0), (1000, 2000), (2036, 4072)),
    ],
)
def test_a_size_that_follows_from_the_frame_keeps_to_the_limits(
    asked: tuple[int, int], size: tuple[int, int], wanted: tuple[int, int]
) -> None:
    found = output_size(Settings(output_width=asked[0], output_height=asked[1]), size)
    assert found == wanted
    assert (Limits().max_side_px, Limits().max_pixels) == (MAX_SIDE_PX, MAX_PIXELS)
    assert max(found) <= MAX_SIDE_PX and found[0] * found[1] <= MAX_PIXELS


@pytest.mark.parametrize("size", [(1, 1), (333, 7), (100, 8000), (640, 479), (8000, 1)])
def test_every_derived_size_keeps_to_the_limits(size: tuple[int, int]) -> None:
    for asked in ({"output_width": 8192}, {"output_height": 8192}, {"output_width": 5000}, {"output_height": 77}):
        width, height = output_size(Settings(**asked), size)  # type: ignore[arg-type]
        assert min(width, height) >= 1 and max(width, height) <= MAX_SIDE_PX and width * height <= MAX_PIXELS


@pytest.mark.parametrize("size", [(64, 32), (1280, 720)])
def test_results_are_photographed_at_their_full_size_and_what_the_engine_keeps_is_not(size: tuple[int, int]) -> None:
    frame, fit = frame_of(*size), plan(size, (512, 288), 16)
    small = to_model(frame, fit).color
    picture = np.random.default_rng(3).integers(0, 256, small.shape).astype(np.uint8)
    photo = Photo(saturation=-1.0, grain=1.0, vignette=1.0)
    full = enlarged(frame, small, picture, fit, Settings())
    plain, printed_ = (finish(frame, full, Settings(), p) for p in (PLAIN, photo))
    np.testing.assert_array_equal(printed_, printed(plain, photo, 0.0))
    assert np.ptp(printed_.astype(int), axis=-1).max() <= 1
    assert (finish(frame, full, Settings(intensity=0.0), photo) == 100).all()
