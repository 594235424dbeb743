"""Folders that are damaged, unusual or not ours: training passes over them, judging says what is wrong with them."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest

torch = pytest.importorskip("torch", reason="needs PyTorch: pip install -e .[test], see .ci/tools")
pytest.importorskip(
    "efficientnet_lite_pytorch", reason="needs EfficientNet-Lite: pip install -e .[test], see .ci/tools"
)

from made_pairs import write_pair  # noqa: E402

from framegen import cli  # noqa: E402
from framegen.engines.embedded.network import FOLDER  # noqa: E402
from framegen.errors import MediaError  # noqa: E402
from framegen.ops.fields import load_atlas  # noqa: E402
from framegen.training.embedded import cache, heldout, pairs  # noqa: E402
from framegen.training.embedded.draw import Pool, draw  # noqa: E402
from framegen.training.embedded.folders import camera_of, read_depth, read_meta, under  # noqa: E402
from framegen.training.embedded.loop import held_out  # noqa: E402

TRAINED, HELD_OUT, JUDGED = 488, 455, 900_003


@pytest.fixture(autouse=True)
def _its_own_cache(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    torch.set_num_threads(1)
    monkeypatch.setenv("FRAMEGEN_CACHE", str(tmp_path / "cache"))


def change(folder: Path, **changes: Any) -> None:
    """Other values in ``meta.json``; None takes one out."""
    meta = json.loads((folder / "meta.json").read_text()) | changes
    (folder / "meta.json").write_text(json.dumps({k: v for k, v in meta.items() if v is not None}))


def halve(path: Path) -> None:
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])


def test_only_pairs_are_taken_for_pairs(tmp_path: Path) -> None:
    ours = write_pair(tmp_path, TRAINED)
    for name in ("2026_11notes", "12_3_old", ".tmp_000488", "a_0", "000489_0"):
        (tmp_path / name).mkdir()
    (tmp_path / "2026_11notes" / "meta.json").write_text("[]")
    (tmp_path / "12_3_old" / "meta.json").write_text("[]")
    assert under(tmp_path) == [ours] == pairs.find([tmp_path])


@pytest.mark.parametrize(
    ("what", "says"),
    [
        ('{"kind":', "does not describe a pair"),
        ("[]", "does not describe a pair"),
        ('{"width": 1, "height": 1, "fov_y_rad": 1, "targets": []}', "camera_to_world is missing"),
        ('{"width": 1, "height": 1, "fov_y_rad": 1, "targets": [{}], "camera_to_world": []}', "file is missing"),
    ],
)
def test_a_damaged_description_is_named(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], what: str, says: str
) -> None:
    folder = write_pair(tmp_path, JUDGED)
    (folder / "meta.json").write_text(what)
    assert cli.main(["evaluate", "--data", str(tmp_path)]) == cli.FAILED
    told = capsys.readouterr().err
    assert says in told and str(folder) in told and "bug" not in told


def test_intrinsics_and_the_usual_range_say_what_older_folders_leave_out(tmp_path: Path) -> None:
    folder = write_pair(tmp_path, JUDGED)
    whole = read_meta(folder)
    focal = whole["height"] / 2 / np.tan(whole["fov_y_rad"] / 2)
    change(folder, fov_y_rad=None, depth_near_m=None, depth_far_m=None, intrinsics={"fx": focal, "fy": focal})
    meta = read_meta(folder)
    np.testing.assert_allclose(camera_of(meta).clip_from_view, camera_of(whole).clip_from_view)
    np.testing.assert_array_equal(read_depth(folder, meta), read_depth(folder, whole))


def test_folders_without_targets_are_passed_over(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    empty = write_pair(tmp_path, JUDGED)
    change(empty, targets=[])
    assert cli.main(["evaluate", "--data", str(tmp_path)]) == cli.FAILED
    assert "has a target" in capsys.readouterr().err
    write_pair(tmp_path, JUDGED + 1)
    assert len(list(heldout.sequences(heldout.find(tmp_path)))) == 1


def test_a_frame_before_that_lacks_the_target_is_none(tmp_path: Path) -> None:
    write_pair(tmp_path, JUDGED)
    second = write_pair(tmp_path, JUDGED, second=True)
    assert heldout.Folder(second).before is not None
    change(second, previous={"folder": f"{JUDGED:06d}_0", "target": "hf_7.webp"})
    assert heldout.Folder(second).before is None


def test_training_passes_over_what_is_damaged(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write_pair(tmp_path, TRAINED)
    for seed in (TRAINED + 1, HELD_OUT):
        halve(write_pair(tmp_path, seed) / "hf_1.webp")
    (write_pair(tmp_path, TRAINED + 2) / "meta.json").write_text("{")
    other = write_pair(tmp_path, TRAINED + 4)
    cv2.imwrite(str(other / "lf.webp"), np.zeros((144, 256, 3), np.uint8))
    unknown = write_pair(tmp_path, TRAINED + 5)
    cv2.imwrite(str(unknown / "label.png"), np.full((288, 512), 200, np.uint8))
    pool = Pool([tmp_path])
    assert list(pool.samples) == [f"{TRAINED:06d}_0"]
    assert held_out(pool, 4) == []
    told = capsys.readouterr().out
    for seed in (TRAINED + 1, HELD_OUT, TRAINED + 2, TRAINED + 4, TRAINED + 5):
        assert f"skipped {seed:06d}_0" in told


def test_a_link_to_a_target_that_is_not_there_is_not_followed(tmp_path: Path) -> None:
    write_pair(tmp_path, TRAINED)
    second = write_pair(tmp_path, TRAINED, second=True)
    change(second, previous={"folder": f"{TRAINED:06d}_0", "target": "hf_7.webp"})
    pool = Pool([tmp_path])
    pool.entries = [entry for entry in pool.entries if entry[0].name.endswith("_b")]
    _, past = draw(pool, 1, (64, 64), np.random.default_rng(0), temporal=True)
    assert past is not None


def test_the_cache_forgets_what_was_rendered_again(tmp_path: Path) -> None:
    folder, atlas = write_pair(tmp_path / "pairs", TRAINED), load_atlas(FOLDER)
    before = pairs.load(folder, atlas)
    cv2.imwrite(str(folder / "hf_0.webp"), np.zeros((288, 512, 3), np.uint8))
    later_ns = next(cache.cache_folder().iterdir()).stat().st_mtime_ns + 10**9
    os.utime(folder / "hf_0.webp", ns=(later_ns, later_ns))
    after = pairs.load(folder, atlas)
    assert before.targets[0].picture.any() and not after.targets[0].picture.any()


def test_a_damaged_cache_is_made_again_and_a_full_disk_keeps_no_part(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder, atlas = write_pair(tmp_path / "pairs", TRAINED), load_atlas(FOLDER)
    before = pairs.load(folder, atlas)
    (kept,) = cache.cache_folder().iterdir()
    halve(kept)
    assert torch.equal(pairs.load(folder, atlas).color, before.color)

    def full(path: Path, **arrays: Any) -> None:
        path.write_bytes(b"PK")
        raise OSError(28, "No space left on device")

    kept.unlink()
    monkeypatch.setattr(np, "savez", full)
    assert pairs.load_whole(folder, atlas) is None
    assert list(cache.cache_folder().iterdir()) == []


def test_nothing_to_train_on_is_told(tmp_path: Path) -> None:
    write_pair(tmp_path, HELD_OUT)
    with pytest.raises(MediaError, match="no pairs to train on"):
        Pool([tmp_path])


def test_damage_is_told_as_such(tmp_path: Path) -> None:
    folder = write_pair(tmp_path, TRAINED)
    (folder / "depth.png").unlink()
    with pytest.raises(MediaError, match=r"depth\.png"):
        pairs.load(folder, load_atlas(FOLDER))
