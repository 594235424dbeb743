"""``framegen restyle`` as people call it, with the real model."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import av
import cv2
import numpy as np
import pytest
from clips import VFR_MS, packets, scene, times

from framegen.cli import FAILED, USAGE, main
from framegen.video.stills import read_still

Make = Callable[..., Path]


def test_a_video_is_restyled(make_clip: Make, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    source, out = make_clip(width=160, height=96), tmp_path / "out.mp4"
    assert main(["restyle", str(source), "-o", str(out), "--prompt", "a rainy night"]) == 0
    assert f"{len(VFR_MS)} pictures, 160x96" in capsys.readouterr().err
    assert times(out) == times(source) and packets(out, "audio") == packets(source, "audio")
    with av.open(str(out)) as container:
        assert container.metadata["comment"].startswith("Restyled by framegen")
        assert "embedded" in container.metadata["comment"] and "a rainy night" in container.metadata["comment"]
        restyled = next(container.decode(video=0)).to_ndarray(format="rgb24")
    assert np.abs(restyled.astype(int) - scene(0, 160, 96)).mean() > 8, "nothing was restyled"


def test_a_hud_stays(make_clip: Make, tmp_path: Path) -> None:
    source, out = make_clip(width=160, height=96), tmp_path / "out.mp4"
    kept = ["--keep", "0,0,64,96", "--prompt", "a rainy night"]
    assert main(["restyle", str(source), "-o", str(out), *kept]) == 0
    before, after = (next(av.open(str(path)).decode(video=0)).to_ndarray(format="rgb24") for path in (source, out))
    apart = np.abs(after.astype(int) - before).mean((0, 2))
    assert apart[:60].max() < 6 and apart[80:].mean() > 8


def test_prompts_make_a_sheet_of_a_picture(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    cv2.imwrite(str(tmp_path / "shot.png"), scene(0, 320, 192)[..., ::-1])
    prompts = ["--prompt", "a sunny noon", "--prompt", "deep snow on a cathedral"]
    assert main(["restyle", str(tmp_path / "shot.png"), *prompts, "-o", str(tmp_path / "sheet.png")]) == 0
    sheet = read_still(tmp_path / "sheet.png").rgb
    assert sheet.shape[0] > 192 and sheet.shape[1] > 640
    said = capsys.readouterr().err
    assert "does not know, in 'deep snow on a cathedral': cathedral." in said and "sunny" not in said


def test_brackets_in_names_are_no_markup(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    source, out = tmp_path / "a[" / "b]" / "shot[final].png", tmp_path / "a[" / "b]" / "out[bold].png"
    source.parent.mkdir(parents=True)
    source.write_bytes(cv2.imencode(".png", scene(0, 96, 64))[1].tobytes())
    assert main(["restyle", str(source), "-o", str(out)]) == 0
    assert f"{out}: 1 picture" in capsys.readouterr().err


def test_intensity_nought_gives_the_picture_itself(tmp_path: Path) -> None:
    shot = scene(0, 160, 96)
    cv2.imwrite(str(tmp_path / "shot.png"), shot[..., ::-1])
    arguments = ["--prompt", "deep snow", "--intensity", "0", "-o", str(tmp_path / "out.png")]
    assert main(["restyle", str(tmp_path / "shot.png"), *arguments]) == 0
    assert np.array_equal(read_still(tmp_path / "out.png").rgb, shot)


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["gone.mp4", "-o", "out.mp4"], "There is no file"),
        (["in.mp4", "-o", "in.mp4"], "input itself"),
        (["in.mp4", "-o", "old.mp4"], "--overwrite"),
        (["in.mp4", "-o", "out.txt"], ".mp4"),
        (["in.mp4", "-o", "dir.mp4", "--overwrite"], "is a folder"),
        (["in.mp4", "-o", "no/out.mp4"], "no folder"),
        (["in.mp4", "-o", "out.png"], "a video a video"),
        (["in.mp4", "-o", "out.mp4", "--prompt", "a", "--prompt", "b"], "one prompt"),
        (["in.mp4", "-o", "out.mp4", "--intensity", "2"], "intensity"),
        (["in.mp4", "-o", "out.mp4", "--model", "embeded"], "'embedded'"),
        (["in.mp4", "-o", "out.mp4", "--depth", "in.mp4"], "--depth-encoding"),
        (["in.mp4", "-o", "out.mp4", "--fov", "60"], "no --depth"),
        (["in.mp4", "-o", "out.mp4", "--depth", "gone", "--depth-encoding", "metres"], "no depth at"),
        (["in.mp4", "-o", "out.mp4", "--depth", "in.mp4", "--depth-encoding", "feet"], "inverse16:NEAR"),
        (["in.mp4", "-o", "out.mp4", "--keep", "1,2"], "X,Y,WIDTH,HEIGHT"),
        (["in.mp4", "-o", "out.mp4", "--keep", "9999,0,5,5"], "outside of the picture"),
        (["in.mp4", "-o", "out.mp4", "--mask", "gone.png"], "no mask gone.png"),
        (["broken.mp4", "-o", "out.mp4"], "Cannot read"),
    ],
)
def test_mistakes_are_one_clear_line(
    make_clip: Make,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    arguments: list[str],
    words: str,
) -> None:
    make_clip(times_ms=(0, 40, 80))
    (tmp_path / "dir.mp4").mkdir()
    (tmp_path / "old.mp4").write_bytes(b"mine")
    (tmp_path / "broken.mp4").write_bytes(b"no video" * 100)
    monkeypatch.chdir(tmp_path)
    assert main(["restyle", *arguments]) in (FAILED, USAGE)
    said = capsys.readouterr().err
    assert words in said and "Traceback" not in said
    assert said.startswith("usage:") or len(said.strip().splitlines()) <= 2
    assert sorted(p.name for p in tmp_path.iterdir()) == ["broken.mp4", "dir.mp4", "in.mp4", "old.mp4"]


@pytest.mark.skipif(sys.platform == "win32", reason="needs POSIX signals: run on Linux or macOS")
def test_an_interrupted_run_leaves_nothing(make_clip: Make, tmp_path: Path, root: Path) -> None:
    source = make_clip(times_ms=range(0, 30_000, 33), sound="")
    command = [sys.executable, "-m", "framegen", "restyle", str(source), "-o", str(tmp_path / "out.mp4")]
    process = subprocess.Popen(command, cwd=root, stderr=subprocess.PIPE, text=True, env=os.environ)
    deadline = time.monotonic() + 120
    while time.monotonic() < deadline and not list(tmp_path.glob(".out.*")):
        time.sleep(0.05)
    assert list(tmp_path.glob(".out.*")), "it never began to write"
    process.send_signal(signal.SIGTERM)  # cleans up as Ctrl-C does
    _, said = process.communicate(timeout=120)
    assert process.returncode == 130 and "not written" in said and "Traceback" not in said
    assert [p.name for p in tmp_path.iterdir()] == ["in.mp4"]
