"""Make the README's picture with the product, one of photographs, and one of sizes that the model works at.

    python docs/make_pictures.py [--frame N] [--out docs/images]

The first two are of the shipped recording, the last one of the demo's town, which takes OpenGL.

Each cell is what the server would send for that frame: the frame carries its depth, camera, motion and labels, and a
few frames before it are restyled first so that history is what it is in a running game. The prompt rules the sun.
"""

from __future__ import annotations

import argparse
import itertools
from pathlib import Path

import numpy as np

from framegen.bench.frames import recorded_settings
from framegen.config import Settings
from framegen.demo import materials
from framegen.demo.sources import open_source
from framegen.engines.specs import SPECS, load_engine
from framegen.frame import U8, Frame
from framegen.recording import read_frames, shipped_recording
from framegen.restyle import start, step
from framegen.video.sheet import Cell, contact_sheet
from framegen.video.stills import write_still

PROMPTS = ("golden hour, clear sky", "rainy dusk", "winter noon, deep snow", "morning fog", "rainy night")
PHOTOS = (
    "golden hour, cinematic", "film noir, rainy night", "northern lights", "vintage film, overcast",
    "vivid colours, sunny noon", "black and white, fog",
)  # fmt: skip
SIZES, TOWN_S, CROP = ("golden hour, clear sky", "rainy night"), (0.6, 3.1), (330, 170, 520, 330)
"""Prompts of the picture of sizes, when in the demo's flight each is shown, and which part: left, top, width and
height in pixels."""
LARGE = 1280, 720
LEAD_IN = 8
"""Frames restyled before the one that is shown."""


def restyled(frames: list[Frame], prompt: str, recording: Path) -> U8:
    """The last of ``frames`` under ``prompt``, ``[H, W, 3]`` uint8."""
    engine = load_engine(SPECS[0].name, "cpu")
    settings = Settings().updated({**recorded_settings(recording), "prompt": prompt, "sun": "prompt"})
    state = start(settings, engine)
    image = frames[-1].color
    for frame in frames:
        result, state = step(frame, state, engine)
        image = result.image
    return image


def sizes() -> list[Cell]:
    """A part of the demo's town at 1280x720, and what the model makes of it at its own size and at that."""
    source, _ = open_source(*LARGE)
    try:
        town = [source.step(0.1) for _ in range(round(10 * max(TOWN_S)) + 1)]
    finally:
        source.close()
    labels = {code: {"name": name} for code, name in enumerate(materials.LABELS) if code}
    left, top, width, height = CROP
    part = np.s_[top : top + height, left : left + width]
    cells = []
    for prompt, seconds in zip(SIZES, TOWN_S, strict=True):
        frame = town[round(10 * seconds)]
        cells.append(Cell(np.ascontiguousarray(frame.color[part][..., :3]), "the engine's frame, a part", quiet=True))
        for model, caption in ((SPECS[0].name, prompt), (f"{SPECS[0].name}:size=1280x720", "size=1280x720")):
            engine = load_engine(model, "cpu")
            state = start(Settings().updated({"prompt": prompt, "labels": labels, "sun": "prompt"}), engine)
            cells.append(Cell(np.ascontiguousarray(step(frame, state, engine)[0].image[part]), caption))
    return cells


def main() -> None:
    """Write ``prompts.jpg``, ``photo.jpg`` and ``size.jpg``."""
    parser = argparse.ArgumentParser(description="Make the README's picture with the product.")
    parser.add_argument("--frame", type=int, default=12, help="which frame of the recording to show (default: 12)")
    parser.add_argument("--recording", type=Path, help="another recording than the shipped one")
    parser.add_argument("--out", type=Path, default=Path(__file__).parent / "images")
    args = parser.parse_args()
    recording = args.recording or shipped_recording()
    first = max(0, args.frame - LEAD_IN)
    frames = list(itertools.islice(read_frames(recording), first, args.frame + 1))
    cells = [Cell(frames[-1].color[..., :3], "the engine's frame", quiet=True)]
    cells += [Cell(restyled(frames, prompt, recording), prompt) for prompt in PROMPTS]
    args.out.mkdir(parents=True, exist_ok=True)
    write_still(args.out / "prompts.jpg", contact_sheet(cells))
    photos = [Cell(restyled(frames, prompt, recording), prompt) for prompt in PHOTOS]
    write_still(args.out / "photo.jpg", contact_sheet(photos))
    write_still(args.out / "size.jpg", contact_sheet(sizes()))


if __name__ == "__main__":
    main()
