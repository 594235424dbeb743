"""The package's shaders, run on a real OpenGL over a scene drawn by Unity's conventions: what leaves for the wire, and
what a late reprojection shows. Cameras go through the package's own C#.
"""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import mono_program
import numpy as np
import pytest
import unity_scene as scene
import unity_shaders
from numpy.typing import NDArray
from unity_gl import Gl, camera_texture, read

F64 = NDArray[np.float64]
WIDTH, HEIGHT = 128, 72
FOLDER = mono_program.PACKAGE / "Runtime" / "Resources" / "FrameGen"
PROGRAMS = {
    program.name: program
    for path in FOLDER.glob("*")
    if path.suffix in (".shader", ".compute")
    for program in unity_shaders.programs(path)
}
HERE, BEFORE, THERE = (
    scene.world_to_camera((0.3, 1.6, -1.0), 0.05, 0.06),
    scene.world_to_camera((0.24, 1.6, -1.1), 0.03, 0.055),
    scene.world_to_camera((0.75, 1.65, -0.6), 0.10, 0.05),
)
LENSES = {
    "perspective": scene.perspective(1.0, WIDTH / HEIGHT, (0.05, -0.03)),
    "orthographic": scene.orthographic(4.0, WIDTH / HEIGHT),
}


@pytest.fixture(scope="module")
def gl(find_tool: Callable[[str, str], str], tmp_path_factory: pytest.TempPathFactory) -> Gl:
    glslang = find_tool("glslangValidator", "apt-get install glslang-tools")
    spirv_cross = find_tool("spirv-cross", "apt-get install spirv-cross")
    return Gl(glslang, spirv_cross, tmp_path_factory.mktemp("spirv"))


@pytest.fixture(scope="module")
def algebra(mono: str, program: Path) -> Callable[..., dict[str, F64]]:
    """What the package's C# makes of a Unity camera."""

    def ask(camera: F64, projection: F64, *, reversed_z: bool) -> dict[str, F64]:
        orthographic = projection[3, 3] == 1
        numbers = [*camera.ravel(), *projection.ravel(), *projection.ravel(), scene.NEAR, scene.FAR]
        words = [repr(float(number)) for number in [*numbers, orthographic, reversed_z, 1.0, WIDTH, HEIGHT]]
        done = subprocess.run([mono, str(program), "algebra", *words], capture_output=True, text=True, check=True)
        found: dict[str, Any] = json.loads(done.stdout)
        shapes = {"view_from_world": (4, 4), "clip_from_view": (4, 4), "depth_from_buffer": (4,), "jitter_px": (2,)}
        return {name: np.array(found[name], np.float64).reshape(shape) for name, shape in shapes.items()}

    return ask


def srgb(linear: F64) -> F64:
    """IEC 61966-2-1."""
    return np.where(linear <= 0.0031308, 12.92 * linear, 1.055 * np.maximum(linear, 1e-9) ** (1 / 2.4) - 0.055)


def source(made: dict[str, F64], reversed_z: bool, width: int, height: int, taps: int = 1) -> dict[str, F64]:
    """What every pass is told of the picture (FrameRecorder.SetSource), in linear colour space."""
    return {
        "FrameGenTarget": np.array([width, height, 1 / width, 1 / height]),
        "FrameGenDepth": made["depth_from_buffer"],
        "FrameGenSource": np.array([0.0 if reversed_z else 1.0, 1.0, taps, taps]),
    }


def textures_of(gl: Gl, drawn: scene.Drawn) -> dict[str, Any]:
    def deep(values: F64) -> NDArray[np.float32]:
        return np.concatenate([values, np.zeros((*values.shape[:2], 4 - values.shape[2]))], -1).astype(np.float32)

    motion = camera_texture(gl, deep(drawn.motion_uv))
    return {
        "FrameGenColor": camera_texture(gl, deep(drawn.linear)),
        "CameraDepthTexture": camera_texture(gl, deep(drawn.raw[..., None])),
        "CameraMotionVectorsTexture": motion,
        "MotionVectorTexture": motion,
    }


def gather(
    gl: Gl, drawn: scene.Drawn, made: dict[str, F64], *, reversed_z: bool, pipeline: int = 0, taps: int = 1
) -> Any:
    """The two textures that are kept of a captured frame."""
    targets = gl.target(WIDTH, HEIGHT, "f1"), gl.target(WIDTH, HEIGHT, "f4")
    programs = [PROGRAMS[f"FrameGenGather.{pipeline}.{stage}"] for stage in ("vert", "frag")]
    gl.draw(programs, targets, textures_of(gl, drawn), source(made, reversed_z, WIDTH, HEIGHT, taps))
    return targets


def pack(gl: Gl, color: Any, geometry: Any, tags: Any, *, motion: bool = True, with_tags: int = 2) -> bytes:
    """``with_tags``: 0 none, 1 labels, 2 labels and masks."""
    layout = np.array([WIDTH, HEIGHT, float(motion), float(with_tags)])
    groups = (WIDTH // 4 + 7) // 8, (HEIGHT + 7) // 8
    textures = {"Color": color, "Geometry": geometry, "Tags": tags}
    return gl.compute(PROGRAMS["FrameGenPack.Pack"], groups, WIDTH * HEIGHT * 12, textures, {"Layout": layout})


@pytest.mark.parametrize("lens", LENSES)
@pytest.mark.parametrize("reversed_z", [True, False])
@pytest.mark.parametrize("pipeline", [0, 1])
def test_what_is_packed_is_what_the_wire_wants(
    gl: Gl, algebra: Any, lens: str, reversed_z: bool, pipeline: int
) -> None:
    drawn = scene.draw(LENSES[lens], HERE, BEFORE, WIDTH, HEIGHT, reversed_z=reversed_z)
    made = algebra(HERE, LENSES[lens], reversed_z=reversed_z)
    color, geometry = gather(gl, drawn, made, reversed_z=reversed_z, pipeline=pipeline)
    tags = gl.texture(np.random.default_rng(1).integers(0, 256, (HEIGHT, WIDTH, 4), np.uint8))
    packed, area = pack(gl, color, geometry, tags), WIDTH * HEIGHT
    rgb = np.frombuffer(packed, np.uint8, 3 * area).reshape(HEIGHT, WIDTH, 3)
    np.testing.assert_allclose(rgb, 255 * srgb(drawn.linear), atol=1.01)
    depth = np.frombuffer(packed, np.float16, area, 3 * area).reshape(HEIGHT, WIDTH).astype(np.float64)
    sky = drawn.label == 0
    assert sky.any()
    assert np.isposinf(depth[sky]).all()
    np.testing.assert_allclose(depth[~sky], drawn.depth[~sky], rtol=1.5e-3)
    motion = np.frombuffer(packed, np.float16, 2 * area, 5 * area).reshape(HEIGHT, WIDTH, 2).astype(np.float64)
    check_motion(motion, drawn, made, algebra(BEFORE, LENSES[lens], reversed_z=reversed_z), ~sky)
    masks = np.frombuffer(packed, np.uint8, 3 * area, 9 * area).reshape(3, HEIGHT, WIDTH)
    np.testing.assert_array_equal(np.moveaxis(masks, 0, -1), read(tags)[..., :3])


def check_motion(motion: F64, drawn: scene.Drawn, now: dict[str, F64], before: dict[str, F64], solid: Any) -> None:
    """CONVENTIONS.md's own words: previous pixel minus pixel, both through the matrices that go over the wire."""
    world = drawn.world * [1, 1, -1]  # the protocol's world
    points = np.concatenate([world, np.ones((HEIGHT, WIDTH, 1))], -1)

    def pixel(made: dict[str, F64]) -> F64:
        clip = points @ (made["clip_from_view"] @ made["view_from_world"]).T
        ndc = clip[..., :2] / clip[..., 3:]
        return np.stack([(0.5 + 0.5 * ndc[..., 0]) * WIDTH, (0.5 - 0.5 * ndc[..., 1]) * HEIGHT], -1)

    here = pixel(now)
    rows, columns = np.mgrid[:HEIGHT, :WIDTH]
    np.testing.assert_allclose(here[solid], np.stack([columns + 0.5, rows + 0.5], -1)[solid], atol=1e-6)
    wanted = pixel(before) - here
    assert np.abs(wanted[solid]).max() > 1
    np.testing.assert_allclose(motion[solid], wanted[solid], atol=2e-2, rtol=1e-3)


def test_planes_that_are_not_sent_take_no_room(gl: Gl) -> None:
    one = gl.texture(np.full((HEIGHT, WIDTH, 4), 0.301, np.float32))
    area = WIDTH * HEIGHT
    bare = np.frombuffer(pack(gl, one, one, one, motion=False, with_tags=0), np.uint8)
    assert bare[: 5 * area].all()
    assert not bare[5 * area :].any()
    tagged = np.frombuffer(pack(gl, one, one, one, motion=False), np.uint8)
    assert (tagged[5 * area : 8 * area] == 77).all()
    assert not tagged[8 * area :].any()
    labelled = np.frombuffer(pack(gl, one, one, one, motion=False, with_tags=1), np.uint8)
    assert (labelled[5 * area : 6 * area] == 77).all()
    assert not labelled[6 * area :].any()


def test_a_larger_picture_is_averaged_not_skipped(gl: Gl, algebra: Any) -> None:
    """Stripes of one pixel in a picture four times as large come out as their mean."""
    lens = LENSES["perspective"]
    drawn = scene.draw(lens, HERE, BEFORE, 4 * WIDTH, 4 * HEIGHT, reversed_z=True)
    stripes = np.zeros_like(drawn.linear)
    stripes[:, ::2] = 0.6
    fine = scene.Drawn(stripes, drawn.depth, drawn.raw, drawn.motion_uv, drawn.world, drawn.label)
    color, _ = gather(gl, fine, algebra(HERE, lens, reversed_z=True), reversed_z=True, taps=2)
    inner = read(color)[:, 2:-2, 0].astype(np.float64)
    np.testing.assert_allclose(inner, 255 * srgb(np.array(0.3)), atol=1.01)


def restyle(linear: F64) -> NDArray[np.uint8]:
    """A stand-in for the model: warmer, darker, more contrast; sRGB, first row at the top."""
    warm = np.clip(srgb(linear) * [1.1, 0.9, 0.6] - 0.05, 0, 1)
    return np.round(255 * np.concatenate([warm, np.ones((*warm.shape[:2], 1))], -1)).astype(np.uint8)


GRID = np.zeros((9, 48, 4), np.float32)
GRID[:, 0::3] = [1.1, 0, 0, -0.05]
GRID[:, 1::3] = [0, 0.9, 0, -0.05]
GRID[:, 2::3] = [0, 0, 0.6, -0.05]


def compose(gl: Gl, algebra: Any, lens: str, camera: F64, reversed_z: bool, **show: float) -> tuple[F64, scene.Drawn]:
    """The screen of ``camera`` with the restyled frame of HERE: linear, first row at the top."""
    projection = LENSES[lens]
    captured = scene.draw(projection, HERE, BEFORE, WIDTH, HEIGHT, reversed_z=reversed_z)
    then, now = algebra(HERE, projection, reversed_z=reversed_z), algebra(camera, projection, reversed_z=reversed_z)
    _, geometry = gather(gl, captured, then, reversed_z=reversed_z)
    width, height = 2 * WIDTH, 2 * HEIGHT
    screen = scene.draw(projection, camera, HERE, width, height, reversed_z=reversed_z)
    flipped = show.get("flipped", 0.0)
    restyled = restyle(captured.linear)
    textures = textures_of(gl, screen) | {
        "FrameGenRestyled": gl.texture(restyled[::-1] if flipped else restyled),
        "FrameGenKept": geometry,
        "FrameGenGrid": gl.texture(GRID),
    }
    values = source(now, reversed_z, width, height) | {
        "FrameGenClipNow": now["clip_from_view"],
        "FrameGenClipThen": then["clip_from_view"],
        "FrameGenThenFromNow": then["view_from_world"] @ np.linalg.inv(now["view_from_world"]),
        "FrameGenKeptTexel": np.array([1 / WIDTH, 1 / HEIGHT, flipped, 0]),
        "FrameGenShow": np.array(
            [show.get("split", 0.0), show.get("age_ms", 30.0), show.get("reproject", 1.0), show.get("grid", 1.0)]
        ),
    }
    target = gl.target(width, height, "f4")
    gl.draw([PROGRAMS[f"FrameGenComposite.0.{stage}"] for stage in ("vert", "frag")], [target], textures, values)
    return read(target)[::-1, :, :3].astype(np.float64), screen


def psnr_db(found: F64, wanted: F64) -> float:
    return float(-10 * np.log10(np.mean((found - wanted) ** 2)))


@pytest.mark.parametrize("lens", LENSES)
@pytest.mark.parametrize("reversed_z", [True, False])
def test_the_last_result_follows_the_camera(gl: Gl, algebra: Any, lens: str, reversed_z: bool) -> None:
    shown, screen = compose(gl, algebra, lens, THERE, reversed_z)
    wanted = restyle(screen.linear)[..., :3] / 255
    still, _ = compose(gl, algebra, lens, THERE, reversed_z, reproject=0.0)
    moved_db, still_db = psnr_db(srgb(shown), wanted), psnr_db(srgb(still), wanted)
    assert moved_db > 33, moved_db
    assert moved_db > still_db + 8


def test_without_a_grid_holes_are_as_the_surface_beside_them_or_plain(gl: Gl, algebra: Any) -> None:
    with_grid, screen = compose(gl, algebra, "perspective", THERE, True)
    without, _ = compose(gl, algebra, "perspective", THERE, True, grid=0.0)
    holes = np.abs(with_grid - without).max(-1) > 0.02
    assert 0.005 < holes.mean() < 0.3
    looked, plain = restyle(screen.linear)[..., :3] / 255, srgb(screen.linear)
    # the map is exact here: what is filled can only be a little off
    assert np.abs(srgb(with_grid) - looked)[holes].mean() < 0.04
    assert np.abs(srgb(without) - looked)[holes].mean() < 0.75 * np.abs(plain - looked)[holes].mean()
    # what lies outside of the captured frame has nothing beside it
    left = np.abs(without - screen.linear).max(-1) < 2e-3
    assert (left & holes).any()


def test_an_old_result_fades_to_the_plain_picture(gl: Gl, algebra: Any) -> None:
    fresh, screen = compose(gl, algebra, "perspective", HERE, True, age_ms=100.0)
    gone, _ = compose(gl, algebra, "perspective", HERE, True, age_ms=420.0)
    half, _ = compose(gl, algebra, "perspective", HERE, True, age_ms=325.0)
    np.testing.assert_allclose(gone, screen.linear, atol=2e-3)
    np.testing.assert_allclose(srgb(half), 0.5 * (srgb(fresh) + srgb(gone)), atol=5e-3)
    assert np.abs(fresh - gone).mean() > 0.02


def test_split_keeps_the_left_and_pictures_of_either_row_order_are_shown_alike(gl: Gl, algebra: Any) -> None:
    split, screen = compose(gl, algebra, "perspective", HERE, True, split=0.5)
    whole, _ = compose(gl, algebra, "perspective", HERE, True)
    np.testing.assert_allclose(split[:, :WIDTH], screen.linear[:, :WIDTH], atol=1e-6)
    np.testing.assert_allclose(split[:, WIDTH : WIDTH + 2], 1.0)
    np.testing.assert_allclose(split[:, WIDTH + 2 :], whole[:, WIDTH + 2 :], atol=1e-6)
    flipped, _ = compose(gl, algebra, "perspective", HERE, True, reproject=0.0, flipped=1.0)
    upright, _ = compose(gl, algebra, "perspective", HERE, True, reproject=0.0)
    np.testing.assert_allclose(flipped, upright, atol=1e-6)


def draw_tag(
    gl: Gl,
    made: dict[str, F64],
    drawn: scene.Drawn,
    target: Any,
    depth: Any,
    tag: list[float],
    box: list[float],
    reversed_z: bool,
) -> None:
    """An upright rectangle (left, right, bottom, top, z) of an object half a metre right of the world's origin."""
    upside_down = np.diag([1.0, -1.0, 1.0, 1.0])  # as on OpenGL, where texel row 0 is the bottom
    values = source(made, reversed_z, WIDTH, HEIGHT) | {
        "FrameGenView": HERE,
        "FrameGenTagClip": upside_down @ made["clip_from_view"],
        "FrameGenTag": np.array(tag),
        "unity_ObjectToWorld": np.array([[1, 0, 0, 0.5], [0, 1, 0, 0], [0, 0, 1, 0], [0, 0, 0, 1.0]]),
    }
    left, right, bottom, top, z = box
    corners = [(left, bottom), (right, bottom), (right, top), (left, bottom), (right, top), (left, top)]
    vertices = np.array([[x, y, z, 1] for x, y in corners], np.float32)
    programs = [PROGRAMS[f"FrameGenTags.0.{stage}"] for stage in ("vert", "frag")]
    # "ZTest LEqual", which Unity turns round where the depth buffer is reversed
    gl.draw(programs, [target], textures_of(gl, drawn), values, vertices, depth, ">=" if reversed_z else "<=")


WALL = [-20.5, 19.5, 0.0, 5.0, 14.0]


@pytest.mark.parametrize("lens", LENSES)
@pytest.mark.parametrize("reversed_z", [True, False])
def test_tags_are_drawn_where_they_are_seen_and_not_behind_things(
    gl: Gl, algebra: Any, lens: str, reversed_z: bool
) -> None:
    drawn = scene.draw(LENSES[lens], HERE, BEFORE, WIDTH, HEIGHT, reversed_z=reversed_z)
    made = algebra(HERE, LENSES[lens], reversed_z=reversed_z)
    target, depth = gl.target(WIDTH, HEIGHT, "f1"), gl.depth(WIDTH, HEIGHT, 0.0 if reversed_z else 1.0)
    draw_tag(gl, made, drawn, target, depth, [7 / 255, 0.4, 1.0, 1.0], WALL, reversed_z)
    found, wall = read(target)[..., :3], drawn.label == 2
    assert wall.mean() > 0.05
    assert (drawn.label == 3).mean() > 0.01, "the pillar stands before the wall"
    np.testing.assert_array_equal(found.any(-1), wall)
    assert (found[wall] == [7, 102, 255]).all()


@pytest.mark.parametrize("lens", LENSES)
@pytest.mark.parametrize("reversed_z", [True, False])
@pytest.mark.parametrize("wall_first", [True, False])
def test_of_two_surfaces_close_to_each_other_the_nearer_counts(
    gl: Gl, algebra: Any, lens: str, reversed_z: bool, wall_first: bool
) -> None:
    """A poster five centimetres before its wall, in whatever order they are drawn."""
    drawn = scene.draw(LENSES[lens], HERE, BEFORE, WIDTH, HEIGHT, reversed_z=reversed_z)
    made = algebra(HERE, LENSES[lens], reversed_z=reversed_z)
    target, depth = gl.target(WIDTH, HEIGHT, "f1"), gl.depth(WIDTH, HEIGHT, 0.0 if reversed_z else 1.0)
    wall, poster = ([7 / 255, 1, 0, 1], WALL), ([9 / 255, 1, 0, 1], [-3.5, -0.5, 1.0, 3.0, 13.95])
    for tag, box in (wall, poster) if wall_first else (poster, wall):
        draw_tag(gl, made, drawn, target, depth, tag, box, reversed_z)
    labels = read(target)[..., 0]
    alone, nothing = gl.target(WIDTH, HEIGHT, "f1"), gl.depth(WIDTH, HEIGHT, 0.0 if reversed_z else 1.0)
    draw_tag(gl, made, drawn, alone, nothing, *poster, reversed_z)
    covered = read(alone)[..., 0] == 9
    assert covered.mean() > 0.005
    assert (labels[covered] == 9).all()
    assert (labels[~covered & (drawn.label == 2)] == 7).all()


@pytest.mark.parametrize("reversed_z", [True, False])
@pytest.mark.parametrize("tag_first", [True, False])
def test_of_two_surfaces_in_one_place_the_tags_counts(gl: Gl, algebra: Any, reversed_z: bool, tag_first: bool) -> None:
    lens = LENSES["perspective"]
    drawn = scene.draw(lens, HERE, BEFORE, WIDTH, HEIGHT, reversed_z=reversed_z)
    made = algebra(HERE, lens, reversed_z=reversed_z)
    target, depth = gl.target(WIDTH, HEIGHT, "f1"), gl.depth(WIDTH, HEIGHT, 0.0 if reversed_z else 1.0)
    named, tagged = [7 / 255, 1, 0, 1], [9 / 255, 1, 0, 0.999]
    for tag in (tagged, named) if tag_first else (named, tagged):
        draw_tag(gl, made, drawn, target, depth, tag, WALL, reversed_z)
    assert (read(target)[..., 0][drawn.label == 2] == 9).all()


def test_the_engine_is_asked_for_the_depth_test_that_is_tried_here() -> None:
    assert "ZTest LEqual ZWrite On" in (FOLDER / "FrameGenTags.shader").read_text("utf-8")
