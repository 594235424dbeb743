"""What labels make of a frame before the network is asked."""

from __future__ import annotations

import dataclasses

import numpy as np
from small_embedded import H, W, plain_frame

from framegen.config import LabelSettings, Settings
from framegen.engines.embedded import condition as cond
from framegen.engines.embedded.labelled import Labelled, Labels
from framegen.engines.prompt import read
from framegen.frame import F32, Frame
from framegen.ops import features as ft
from framegen.ops import layout

BOX = np.s_[40:70, 50:80]
LABELS = {1: LabelSettings("wall"), 2: LabelSettings("ground")}
LOOK = read("").look
TEXTURES = sorted({name for names in layout.TEXTURES.values() for name in names})


def frame(**planes: object) -> Frame:
    """A red wall on a gray floor."""
    label = np.full((H, W), 2, np.uint8)
    label[BOX] = 1
    return plain_frame(label=label, **planes)


def labelled(seen: Frame, known: cond.Condition, settings: Settings, prompt: str) -> Labelled:
    rays = None if seen.camera is None or seen.depth_m is None else ft.rays_of(seen.camera, W, H)
    return Labels(TEXTURES).read(seen, seen.color, rays, known, settings, prompt)


def test_walls_fade_into_what_the_next_prompt_makes_of_them() -> None:
    settings, seen = Settings(labels=LABELS), frame()
    before, after = "blue plaster houses", "yellow brick houses"
    a, b = (cond.condition_of(LOOK, prompt) for prompt in (before, after))
    on_the_way = [labelled(seen, cond.blend(a, b, part / 10), settings, after) for part in range(11)]
    ends = [labelled(seen, one, settings, prompt) for one, prompt in ((a, before), (b, after))]

    def colors(found: list[Labelled]) -> list[F32]:
        return [np.asarray(one.color[BOX].mean((0, 1)), np.float32) for one in found]

    def tints(found: list[Labelled]) -> list[F32]:
        return [one.tint[12, 15] for one in found if one.tint is not None]

    for of in (colors, tints):
        seen_so, wanted = of(on_the_way), of(ends)
        np.testing.assert_allclose([seen_so[0], seen_so[-1]], wanted, atol=1e-3)
        change = np.abs(wanted[1] - wanted[0]).max()
        assert 0 < np.abs(np.diff(seen_so, axis=0)).max() < 0.35 * change


def test_who_types_a_prompt_leaves_no_trail_of_prompts() -> None:
    known = cond.condition_of(LOOK, "")
    for end in range(40):
        known = cond.blend(known, cond.condition_of(LOOK, "x" * end), 0.1)
    assert len(known.prompts) <= 4 and abs(sum(known.prompts.values()) - 1) < 1e-6
    assert dict(cond.blend(known, cond.condition_of(LOOK, "y"), 1.0).prompts) == {"y": 1.0}


def test_red_bricks_are_red_without_a_camera_or_depth() -> None:
    settings = Settings(labels={1: LabelSettings("wall", words="red brick"), 2: LabelSettings("ground")})
    known, seen = cond.condition_of(LOOK), frame()
    gray = np.full_like(seen.color, 120)
    for planes in ({}, {"camera": None}, {"camera": None, "depth_m": None}):
        found = labelled(dataclasses.replace(seen, color=gray, **planes), known, settings, "")  # type: ignore[arg-type]
        red, _, blue = found.color[BOX].mean((0, 1)).tolist()
        assert red > 1.5 * blue
        if planes:
            assert (found.color[80:] == 120).all(), "a grey box's ground stays, for nobody knows how it faces"
