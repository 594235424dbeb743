"""Makes the picture and the clip of the Godot sample: ``python docs/make_godot_pictures.py``.

Needs the Godot of ``.ci/tools`` (software rendering is enough), a free port, and two minutes on two cores.
"""

from __future__ import annotations

import runpy
import subprocess
import sys
import tempfile
from fractions import Fraction
from pathlib import Path

import av
import cv2
import numpy as np

ROOT = Path(__file__).resolve().parent.parent
GODOT = Path.home() / ".cache" / "framegen" / "tools" / "bin" / "godot-x11"
SIZE = (768, 432)
FRAMES, FPS, STEPS, PORT = 160, 15, 3, 5999
STILLS = (30, 70, 112, 150)
"""Frames of the film on the sheet, one of each look; the game draws ``STEPS`` frames for each of the film."""


def film(folder: Path) -> list[np.ndarray]:
    """The sample's film mode at a fixed step; ``[H, W, 3]`` uint8 BGR pictures."""
    demo = runpy.run_path(str(ROOT / "demos" / "05_godot_town.py"))
    sys.argv = ["05_godot_town.py", "--prepare"]
    demo["main"]()
    project = ["--path", str(demo["PROJECT"])]
    subprocess.run([str(GODOT), "--headless", *project, "--import"], check=True, capture_output=True)
    server = demo["start_server"](PORT)
    try:
        options = [
            "--rendering-method",
            "forward_plus",
            "--resolution",
            f"{SIZE[0]}x{SIZE[1]}",
            "--fixed-fps",
            str(FPS * STEPS),
        ]
        arguments = ["--address", f"tcp://127.0.0.1:{PORT}", "--film", str(folder), str(FRAMES)]
        subprocess.run([str(GODOT), *project, *options, "--", *arguments], check=True, timeout=600)
    finally:
        server.terminate()
        server.wait()
    return [np.asarray(cv2.imread(str(path))) for path in sorted(folder.glob("*.jpg"))]


def write_clip(pictures: list[np.ndarray], target: Path) -> None:
    """H.264 in MP4, for browsers."""
    with av.open(str(target), "w", options={"movflags": "+faststart"}) as container:
        stream = container.add_stream("libx264", rate=Fraction(FPS), options={"crf": "31", "preset": "veryslow"})
        stream.width, stream.height, stream.pix_fmt = 640, 360, "yuv420p"
        for picture in pictures:
            small = cv2.resize(picture, (640, 360), interpolation=cv2.INTER_AREA)
            container.mux(stream.encode(av.VideoFrame.from_ndarray(small, "bgr24")))
        container.mux(stream.encode(None))


def main() -> None:
    """Makes both."""
    with tempfile.TemporaryDirectory() as folder:
        pictures = film(Path(folder))
    images = ROOT / "docs" / "images"
    rows = [np.hstack([pictures[i] for i in STILLS[row : row + 2]]) for row in (0, 2)]
    sheet = cv2.resize(np.vstack(rows), (1280, 720), interpolation=cv2.INTER_AREA)
    cv2.imwrite(str(images / "godot-town.jpg"), sheet, [cv2.IMWRITE_JPEG_QUALITY, 86])
    write_clip(pictures, images / "godot-town.mp4")


if __name__ == "__main__":
    main()
