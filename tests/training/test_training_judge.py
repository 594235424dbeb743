"""``framegen evaluate`` on made-up pairs, by the product's own path."""

from __future__ import annotations

import json
from pathlib import Path

import cv2
import numpy as np
import pytest

torch = pytest.importorskip("torch", reason="needs PyTorch: pip install -e .[test], see .ci/tools")
pytest.importorskip(
    "efficientnet_lite_pytorch", reason="needs EfficientNet-Lite: pip install -e .[test], see .ci/tools"
)

from made_pairs import write_pair  # noqa: E402

from framegen import cli  # noqa: E402
from framegen.frame import U8, Frame  # noqa: E402
from framegen.metrics.warp import pixel_motion, warp_error  # noqa: E402
from framegen.training.embedded import heldout, spread  # noqa: E402

SEED = 900_003
"""A seed that no training may ever read: it is for judging."""


def _old_form(folder: Path) -> None:
    """As the first pairs were: neither labels nor albedo, grey box or prompts."""
    for name in ("label.png", "grey.webp", "albedo_0.webp", "albedo_1.webp"):
        (folder / name).unlink(missing_ok=True)
    meta = json.loads((folder / "meta.json").read_text())
    del meta["labels"]
    for target in meta["targets"]:
        del target["albedo"]
    (folder / "meta.json").write_text(json.dumps(meta))


def test_figures_and_a_sheet(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    data, sheet, figures = tmp_path / "pairs", tmp_path / "sheet.png", tmp_path / "figures.json"
    _old_form(write_pair(data, SEED))
    write_pair(data, SEED, second=True)
    words = ["evaluate", "--data", str(data), "--json", str(figures), "--sheet", str(sheet)]
    assert cli.main(words) == 0
    assert "2 frames, 3 targets" in capsys.readouterr().out
    told = json.loads(figures.read_text())
    assert told["fd_ratio"] == pytest.approx(np.mean(told["fd_ratio_taps"])) and len(told["fd_ratio_taps"]) == 4
    # its two targets are noon and a foggy night
    assert told["views"] == 2 and told["prompt_accuracy"] in (0.0, 0.5, 1.0)
    assert told["baselines"]["input"]["psnr"] < told["baselines"]["colour_transform"]["psnr"]
    assert told["psnr"] > 5 and 0 < told["ssim"] < 1 and 0 < told["warp_ratio"] < 10
    picture = cv2.imread(str(sheet))
    assert picture is not None and picture.shape == (3 * 288, 3 * 512, 3)


def test_folders_of_any_size_are_judged_together_but_a_target_has_its_frames(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    data, sheet = tmp_path / "pairs", tmp_path / "sheet.png"
    write_pair(data, SEED)
    small = write_pair(data, SEED + 1)
    meta = json.loads((small / "meta.json").read_text()) | {"width": 256, "height": 144}
    meta["targets"] = meta["targets"][:1]
    (small / "meta.json").write_text(json.dumps(meta))
    for name in ("lf.webp", "depth.png", "label.png"):
        found = cv2.imread(str(small / name), cv2.IMREAD_UNCHANGED)
        assert found is not None
        cv2.imwrite(str(small / name), found[::2, ::2])
    words = ["evaluate", "--data", str(data), "--sheet", str(sheet)]
    assert cli.main(words) == cli.FAILED
    assert "not of the size of lf.webp" in capsys.readouterr().err
    (small / "hf_0.webp").write_bytes((small / "lf.webp").read_bytes())
    assert cli.main(words) == 0
    picture = cv2.imread(str(sheet))
    assert picture is not None and picture.shape == (2 * 288 + 144, 3 * 512, 3)


def test_nothing_to_judge(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["evaluate", "--data", str(tmp_path)]) == cli.FAILED
    assert "no rendered pairs" in capsys.readouterr().err


def test_the_next_frame_is_the_rendered_one_where_there_is_one(tmp_path: Path) -> None:
    write_pair(tmp_path, SEED)
    alone = list(heldout.sequences(heldout.find(tmp_path)))
    assert len(alone) == 1 and alone[0][1].color.shape == (288, 512, 3)
    write_pair(tmp_path, SEED, second=True)
    ((first, second, wanted),) = heldout.sequences(heldout.find(tmp_path))
    assert first.camera is not None and second.camera is not None
    moved = second.camera.world_from_view[:3, 3] - first.camera.world_from_view[:3, 3]
    assert np.linalg.norm(moved) == pytest.approx(0.1)
    assert wanted.time_of_day == "noon" and first.light_direction == wanted.sun


def test_a_turned_view_shows_the_same_scene(tmp_path: Path) -> None:
    folder = heldout.Folder(write_pair(tmp_path, SEED))
    frame = folder.frame(1)
    picture: U8 = cv2.GaussianBlur(frame.color, (0, 0), 4).astype(np.uint8)
    first = Frame(1, picture, depth_m=frame.depth_m, camera=frame.camera)
    second = heldout.turned(first)
    motion, known = pixel_motion(second, first)
    assert known.mean() > 0.9
    assert abs(motion[..., 0]).mean() > 5
    assert warp_error(second.color, first.color, motion, known) < 1.0


def test_a_turned_view_is_sampled_as_a_game_samples(tmp_path: Path) -> None:
    """It must have an error of its own, or any output would seem to flicker beside it."""
    frame = heldout.Folder(write_pair(tmp_path, SEED)).frame(1)
    second, smooth = heldout.turned(frame), heldout.turned(frame, filtered=True)
    colors = {tuple(color) for color in np.unique(frame.color.reshape(-1, 3), axis=0).tolist()}
    assert {tuple(color) for color in np.unique(second.color.reshape(-1, 3), axis=0).tolist()} <= colors
    motion, known = pixel_motion(second, frame)
    own, none = (warp_error(one.color, frame.color, motion, known) for one in (second, smooth))
    assert own > 3 * none


def test_the_same_pictures_are_at_no_distance() -> None:
    rng = np.random.default_rng(0)
    one, other = spread.Gallery(), spread.Gallery()
    for _ in range(3):
        values = [torch.from_numpy(rng.normal(size=(5, 20, 20))) for _ in range(4)]
        one.add(values)
        other.add([v + 1 for v in values])
    assert one.distances(one) == pytest.approx([0] * 4, abs=1e-9)
    assert one.distances(other) == pytest.approx([5] * 4, rel=1e-6)


def test_what_cannot_be_written_is_said_before_judging(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write_pair(tmp_path / "pairs", SEED)
    wrong = (["--json", str(tmp_path / "no" / "x.json")], ["--json", str(tmp_path)], ["--sheet", str(tmp_path / "x")])
    for words in (*wrong, ["--sheet", str(tmp_path / "no" / "x.png")]):
        assert cli.main(["evaluate", "--data", str(tmp_path / "pairs"), *words]) == cli.FAILED
        told = capsys.readouterr()
        assert "cannot be written" in told.err and not told.out


def test_what_cannot_be_measured_is_null(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The targets are the inputs, and the second frame shows nothing of the first."""
    data, figures = tmp_path / "pairs", tmp_path / "figures.json"
    for folder in (write_pair(data, SEED), write_pair(data, SEED, second=True)):
        meta = json.loads((folder / "meta.json").read_text())
        meta["targets"] = meta["targets"][:1]
        if "previous" in meta:
            for row in meta["camera_to_world"]:  # the other way round
                row[0], row[2] = -row[0], -row[2]
        (folder / "meta.json").write_text(json.dumps(meta))
        (folder / "hf_0.webp").write_bytes((folder / "lf.webp").read_bytes())
    assert cli.main(["evaluate", "--data", str(data), "--json", str(figures)]) == 0

    def refuse(name: str) -> None:
        raise AssertionError(f"{name} is not JSON")

    told = json.loads(figures.read_text(), parse_constant=refuse)
    assert told["fd_ratio"] is None and told["fd_ratio_taps"] == [None] * 4
    assert told["warp_ratio"] is None and told["prompt_accuracy"] is None
    assert "the inputs are the targets" in capsys.readouterr().out


def test_frames_come_with_labels_where_there_are_any(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    figures = {}
    for name, more in (("without", ("--no-labels",)), ("with", ())):
        data, path = tmp_path / name, tmp_path / f"{name}.json"
        write_pair(data, SEED)
        _old_form(write_pair(data, SEED + 8))
        assert cli.main(["evaluate", "--data", str(data), "--json", str(path), *more]) == 0
        assert ("1 frames with labels" in capsys.readouterr().out) == (not more)
        figures[name] = json.loads(path.read_text())
    assert [figures[name]["labels"] for name in ("without", "with")] == [0, 1]
    assert figures["without"]["psnr"] != figures["with"]["psnr"]
    plain, labelled = (heldout.find(tmp_path / "with", yes)[0] for yes in (False, True))
    assert plain.frame(1).label is None and not plain.wanted[0].settings.labels
    frame = labelled.frame(1)
    assert frame.label is not None and labelled.wanted[0].settings.labels
    assert heldout.turned(frame).label is not None
