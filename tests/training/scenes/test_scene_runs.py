"""Runs over seeds with a stand-in for Blender's worker: resuming, stopping, failing; folders, index, command."""

from __future__ import annotations

import json
import os
import signal
import sys
import threading
import time
from pathlib import Path

import numpy as np
import pytest

from framegen.training.scenes.__main__ import main
from framegen.training.scenes.batch import Batch, Run
from framegen.training.scenes.folder import FolderWriter, done_mark, folder_name, scratch_folder
from framegen.training.scenes.index import write_index, wrong_folders
from framegen.training.scenes.kinds import KINDS, ROTATION, kind_of

STAND_IN = """
import signal, sys, time
from pathlib import Path
options = dict(zip(sys.argv[1::2], sys.argv[2::2]))
out, seed, kind = Path(options["--out"]), int(options["--seed"]), options["--kind"]
scratch = out / f".tmp_{seed:06d}"
scratch.mkdir()
signal.signal(signal.SIGTERM, lambda *_: sys.exit(3))
(out / "began").touch()
if seed == 2:
    sys.exit("no such tree")
if seed == 4:
    time.sleep(60)
(out / f".done_{seed:06d}_{kind}").touch()
print("DONE", kind, seed)
"""


def run_batch(out: Path, first: int, last: int, **options: float) -> tuple[int, list[str]]:
    said: list[str] = []
    worker = [sys.executable, "-c", STAND_IN]
    failed = Batch(Run(out, first, last, **options), said.append, worker).render()  # type: ignore[arg-type]
    return failed, said


def test_a_hash_deals_seeds_their_kinds_so_that_any_rule_about_seeds_meets_all() -> None:
    assert set(ROTATION) == set(KINDS)
    for step, first in ((1, 0), (2, 1), (8, 3), (16, 7), (16, 12)):
        dealt = [kind_of(s) for s in range(first, first + 400 * step, step)]
        for kind in KINDS:
            share = ROTATION.count(kind) / len(ROTATION)
            assert dealt.count(kind) == pytest.approx(400 * share, abs=45), (kind, step, first)


def test_a_run_goes_on_where_it_stopped_and_past_failures(tmp_path: Path) -> None:
    failed, said = run_batch(tmp_path, 0, 4)
    assert failed == 1
    assert [line.split()[1].strip(":") for line in said] == ["0", "1", "2", "3"]
    assert "no such tree" in said[2]
    failed, said = run_batch(tmp_path, 0, 4)
    assert (failed, len(said)) == (1, 1)
    assert not list(tmp_path.glob(".tmp_*")) and not list(tmp_path.glob(".log_*"))


def test_a_stop_file_ends_a_scene_and_leaves_nothing_half(tmp_path: Path) -> None:
    def stop() -> None:
        while not (tmp_path / "began").exists():
            time.sleep(0.01)
        (tmp_path / "STOP").touch()

    stopper = threading.Thread(target=stop)
    stopper.start()
    failed, said = run_batch(tmp_path, 4, 9)
    stopper.join()
    assert failed == 0
    assert len(said) == 1 and said[0].endswith("stopped")
    assert not scratch_folder(tmp_path, 4).exists()
    assert not done_mark(tmp_path, 4, kind_of(4)).exists()


@pytest.mark.skipif(not hasattr(signal, "SIGHUP"), reason="needs SIGHUP of a closed terminal: run on Linux or macOS")
def test_a_closed_terminal_ends_a_run_and_its_worker(tmp_path: Path) -> None:
    began = tmp_path / "began"

    def close() -> None:
        while not began.exists():
            time.sleep(0.01)
        os.kill(os.getpid(), signal.SIGHUP)

    closer = threading.Thread(target=close)
    before = signal.getsignal(signal.SIGHUP)
    # were it not caught, it would end the tests
    signal.signal(signal.SIGHUP, lambda *_: None)
    try:
        closer.start()
        failed, said = run_batch(tmp_path, 4, 9, timeout_s=10)
        closer.join()
    finally:
        signal.signal(signal.SIGHUP, before)
    assert failed == 0 and said[0].endswith("stopped")
    assert not scratch_folder(tmp_path, 4).exists()


def test_a_scene_that_takes_too_long_is_given_up(tmp_path: Path) -> None:
    failed, said = run_batch(tmp_path, 4, 5, timeout_s=0.7)
    assert failed == 1
    assert "took too long" in said[0]


def write_folder(out: Path, seed: int, camera: int) -> Path:
    writer = FolderWriter(out, seed, folder_name(seed, camera))
    writer.photo("lf.webp", np.full((16, 32, 3), (200, 100, 50), np.uint8))
    writer.photo("hf_0.webp", np.full((16, 32, 3), 90, np.uint8))
    writer.plane("depth.png", np.full((16, 32), 30000, np.uint16))
    near_far = {"depth_near_m": 0.05, "depth_far_m": 1e4}
    writer.publish({"kind": "nature", "seed": seed, "targets": [{"file": "hf_0.webp"}], **near_far})
    return out / folder_name(seed, camera)


def test_folders_appear_only_when_complete(tmp_path: Path) -> None:
    writer = FolderWriter(tmp_path, 7, folder_name(7, 0, second=True))
    writer.plane("label.png", np.zeros((4, 4), np.uint8))
    assert not (tmp_path / "000007_0_b").exists()
    writer.publish({"kind": "nature"})
    assert json.loads((tmp_path / "000007_0_b" / "meta.json").read_text()) == {"kind": "nature"}


def test_the_index_notices_changes(tmp_path: Path) -> None:
    folders = [write_folder(tmp_path, seed, 0) for seed in (3, 12)]
    assert write_index(tmp_path) == 2
    assert (tmp_path / "index.tsv").read_text().splitlines()[1].startswith("000003_0\tnature\t3\t1\t")
    assert wrong_folders(tmp_path) == []
    (folders[1] / "lf.webp").write_bytes(b"something else")
    assert wrong_folders(tmp_path) == ["000012_0"]
    (folders[0] / "meta.json").write_text("{")
    assert wrong_folders(tmp_path) == ["000003_0", "000012_0"]


def test_no_index_is_written_of_what_is_damaged_or_missing(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write_folder(tmp_path, 3, 0)
    (write_folder(tmp_path, 12, 0) / "meta.json").write_text("[]")
    for out, says in ((tmp_path, "000012_0 is damaged"), (tmp_path / "none", "no folder")):
        with pytest.raises(SystemExit):
            main(["--out", str(out), "--index"])
        assert says in capsys.readouterr().err
    assert not (tmp_path / "index.tsv").exists()


def test_the_command_indexes_checks_and_shows(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = write_folder(tmp_path, 5, 0)
    sheet = tmp_path / "sheet.png"
    assert main(["--out", str(tmp_path), "--index", "--check", "--sheet", str(sheet)]) == 0
    assert "as indexed" in capsys.readouterr().out
    assert sheet.stat().st_size > 100
    kept = tmp_path / "kept.tsv"
    (tmp_path / "index.tsv").rename(kept)
    with pytest.raises(SystemExit):
        main(["--out", str(tmp_path), "--check"])
    assert main(["--out", str(tmp_path), "--check", str(kept)]) == 0
    (folder / "lf.webp").unlink()
    assert main(["--out", str(tmp_path), "--check", str(kept)]) == 1


@pytest.mark.parametrize(
    ("options", "says"),
    [
        ([], "nothing to do"),
        (["--seeds", "5"], "two numbers"),
        (["--seeds", "0:9", "--kinds", "nature,moon"], "no kind moon"),
        (["--seeds", "0:900001"], "reserved"),
        (["--seeds", "9:9"], "more than A"),
        (["--seeds", "0:9", "--size", "512"], "width and height"),
    ],
)
def test_the_command_says_what_is_wrong(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], options: list[str], says: str
) -> None:
    with pytest.raises(SystemExit):
        main(["--out", str(tmp_path), *options])
    assert says in capsys.readouterr().err
