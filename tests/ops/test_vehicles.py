"""Glass that belongs to a car stays dark in the dark; windows behind it do not."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from framegen.frame import F32, Camera
from framegen.ops import features as ft
from framegen.ops import layout, vehicles
from framegen.ops.lights_reference import LAMP, WINDOW

W, H = 128, 96
GLASS, PAINT, WALL = (layout.LABELS.index(name) for name in ("glass", "car paint", "brick"))
CAR, HOUSE = np.s_[12:16, 8:12], np.s_[2:6, 8:12]
"""Cells of a windscreen over a bonnet, and of a window above it."""


def street(at_m: tuple[float, float, float] = (0, 1.6, 0), car_m: float = 6.0) -> tuple[np.ndarray, F32, ft.Rays]:
    """Materials of cells, depth of pixels, and rays: a car before a house 14 metres away."""
    pose = np.eye(4)
    pose[:3, 3] = at_m
    rays = ft.rays_of(Camera.perspective(pose, fov_y_rad=0.9, aspect=W / H), W, H)
    material = np.full((H // 4, W // 4), WALL, np.int32)
    depth = np.full((H, W), 14.0, np.float32)
    material[HOUSE] = material[CAR] = GLASS
    material[16:20, 6:14] = PAINT
    depth[48:80, 24:56] = car_m
    return material, depth, rays


def found(material: np.ndarray, depth: F32, rays: ft.Rays) -> tuple[float, float]:
    """Shares of the windscreen and of the window that are taken for a vehicle's."""
    cells = vehicles.panes(material, depth[2::4, 2::4], rays)
    return float(cells[CAR].mean()), float(cells[HOUSE].mean())


def test_a_windscreen_belongs_to_its_car_and_a_window_behind_it_to_its_house() -> None:
    assert found(*street()) == (1, 0)


@given(st.tuples(*[st.floats(-5e5, 5e5)] * 3))
def test_wherever_in_the_world_it_is(at_m: tuple[float, float, float]) -> None:
    assert found(*street(at_m)) == (1, 0)


def test_only_windows_go_off() -> None:
    material, depth, rays = street()
    kind = np.zeros((H, W), np.uint8)
    kind[8:24, 32:48] = kind[48:64, 32:48] = WINDOW
    kind[60:64, 32:36] = LAMP
    out = vehicles.unlit(kind, material, depth, rays)
    assert (out[8:24, 32:48] == WINDOW).all() and (out == LAMP).sum() == 16
    assert not (out[48:64] == WINDOW).any()
    assert kind[50, 40] == WINDOW, "a new array"


def test_half_floats_of_zero_are_no_distance() -> None:
    material, depth, rays = street()
    kind = np.full((H, W), WINDOW, np.uint8)
    assert (vehicles.unlit(kind, material, depth.astype(np.float16), rays) != kind).any()
    assert vehicles.unlit(kind, material, np.zeros_like(depth, np.float16), rays) is kind


@pytest.mark.parametrize("odd", [np.inf, np.nan, 0.0, -3.0])
def test_what_has_no_distance_belongs_to_nothing(odd: float) -> None:
    material, depth, rays = street()
    assert found(material, np.full_like(depth, odd), rays) == (0, 0)
    material[material == PAINT] = WALL
    kind = np.full((H, W), WINDOW, np.uint8)
    assert vehicles.unlit(kind, material, depth, rays) is kind
