"""Make the figures of the embedded model's card with the product.

    python docs/make_figures.py --data DIR [--game DIR] [--out docs/images]

``DIR`` holds rendered folders that no training saw; ``--game`` frames of a game as ``.npz``: ``color`` ``[H, W, 3]``
uint8, ``depth_m`` ``[H, W]`` float32, ``view_from_world`` (+Y up) and ``clip_from_view`` ``[4, 4]`` (of TORCS here: GPL
2 or later, its authors).
"""

from __future__ import annotations

import argparse
import dataclasses
import math
from collections.abc import Sequence
from pathlib import Path

import cv2
import numpy as np

from framegen.bench.frames import recorded_settings
from framegen.config import Settings
from framegen.engines.specs import SPECS, load_engine
from framegen.frame import U8, Camera, Frame
from framegen.recording import read_frames, shipped_recording
from framegen.restyle import Restyler
from framegen.training.embedded import heldout
from framegen.training.embedded.folders import read_picture
from framegen.video.sheet import Cell, contact_sheet
from framegen.video.stills import write_still

LOOKS = ("sunny noon", "golden hour", "thick fog", "rainy night", "snow")
WORDS = ("", "old red brick, wet asphalt", "white plaster, sand", "stone, cobbles, golden hour")
GAME_LOOKS = ("sunny noon", "golden hour, autumn", "rainy dusk", "snow, overcast")
TURNING_LOOKS = ("golden hour", "rainy dusk", "sunny morning", "snow, overcast")
STEPS = (0.0, 0.25, 0.5, 0.75, 1.0)
FRAMES = 48
TURNING, TURN_RAD = 24, 0.09
"""Frames of a turn there and back, and how far it goes."""


def grid(rows: Sequence[Sequence[U8]], width: int) -> U8:
    """Rows of pictures side by side, each ``width`` pixels wide."""
    lines = []
    for row in rows:
        height = round(width * row[0].shape[0] / row[0].shape[1])
        lines.append(np.concatenate([cv2.resize(p, (width, height), interpolation=cv2.INTER_AREA) for p in row], 1))
    return np.concatenate(lines).astype(np.uint8)


def restyled(restyler: Restyler, frame: Frame, **settings: object) -> U8:
    """One frame alone."""
    restyler.begin(Settings().updated(settings))
    return restyler(frame).image


def named(folder: heldout.Folder) -> dict[str, object]:
    """The setting that names a folder's labels: frames are sent as an engine sends them that labels its things."""
    return {"labels": {code: {"name": name} for code, name in folder.labels.items()}}


def kinds(restyler: Restyler, folders: list[heldout.Folder]) -> U8:
    """A row for each kind of scene, and each second one where there is another: plain frame, then the looks."""
    rows: list[list[U8]] = []
    shown: dict[str, int] = {}
    for folder in folders:
        kind = folder.meta["kind"]
        if folder.before is not None or shown.get(kind, 0) >= 2:
            continue
        shown[kind] = shown.get(kind, 0) + 1
        frame = folder.frame(1)
        rows.append([frame.color, *(restyled(restyler, frame, prompt=look, **named(folder)) for look in LOOKS)])
    return grid(rows, 280)


def words(restyler: Restyler, folder: heldout.Folder) -> U8:
    """A grey box and what becomes of it, one prompt a picture. Its walls are labelled "wall", its streets "street"."""
    grey = np.ascontiguousarray(read_picture(folder.path / "grey.webp")[..., ::-1])
    frame = dataclasses.replace(folder.frame(1), color=grey)
    names = folder.labels
    plain = {
        "plaster": "wall",
        "brick": "wall",
        "stone": "wall",
        "asphalt": "street",
        "paving": "street",
    }
    labels = {code: {"name": plain.get(name, name)} for code, name in names.items()}
    cells = [Cell(grey, "grey box with labels", quiet=True)]
    for prompt in WORDS:
        image = restyled(restyler, frame, prompt=prompt, labels=labels)
        cells.append(Cell(image, prompt or "(no prompt)"))
    only = {
        **labels,
        **{code: {"name": "wall", "words": "red brick"} for code, name in names.items() if name == "plaster"},
    }
    cells.append(Cell(restyled(restyler, frame, labels=only), "plaster alone has words: red brick"))
    return contact_sheet(cells)


def controls(restyler: Restyler, folder: heldout.Folder, prompt: str) -> U8:
    """Strength, intensity and an intensity mask."""
    frame, asked = folder.frame(1), {"prompt": prompt, **named(folder)}
    cells = [Cell(restyled(restyler, frame, strength=s, **asked), f"strength {s:g}") for s in STEPS]
    cells += [Cell(restyled(restyler, frame, intensity=s, **asked), f"intensity {s:g}") for s in STEPS]
    ramp = np.linspace(0, 255, frame.width).astype(np.uint8)[None].repeat(frame.height, 0)
    masked = dataclasses.replace(frame, intensity_mask=ramp)
    cells.append(Cell(restyled(restyler, masked, **asked), "intensity mask: 0 left, 1 right"))
    return contact_sheet(cells)


def game(restyler: Restyler, folder: Path) -> U8:
    """Frames of a game that no training saw: colour, depth and camera as it drew them, no labels."""
    rows = []
    for path in sorted(folder.glob("*.npz"))[:4]:
        with np.load(path) as data:
            color, depth = data["color"], data["depth_m"].astype(np.float32)
            camera = Camera(data["view_from_world"], data["clip_from_view"], 0.1, 10_000)
        frame = Frame(1, np.ascontiguousarray(color), depth_m=depth, camera=camera)
        rows.append([color, *(restyled(restyler, frame, prompt=look) for look in GAME_LOOKS)])
    return grid(rows, 400)


def town(restyler: Restyler, path: Path, prompt: str) -> None:
    """The demo's town, moving: the engine's frame left, restyled right, as an animated WebP."""
    animation = cv2.Animation()
    asked = {**recorded_settings(shipped_recording()), "prompt": prompt, "sun": "prompt"}
    restyler.begin(Settings().updated(asked))
    pictures = []
    for number, frame in enumerate(read_frames(shipped_recording())):
        if number >= 2 * FRAMES:
            break
        image = restyler(frame).image
        if number % 2 == 0:
            pictures.append(grid([[np.ascontiguousarray(frame.color[..., :3]), image]], 320)[..., ::-1].copy())
    animation.frames, animation.durations = pictures, [66] * len(pictures)
    cv2.imwriteanimation(str(path), animation, [cv2.IMWRITE_WEBP_QUALITY, 60])


def moving(restyler: Restyler, folders: list[heldout.Folder], path: Path) -> None:
    """One scene of every kind, the view turning there and back: above the plain frame, below restyled."""
    chosen = {f.meta["kind"]: f for f in reversed(folders) if f.before is None}
    strips: list[list[U8]] = []
    for look, kind in zip(
        ("golden hour", "rainy dusk", "sunny morning", "snow, overcast"), sorted(chosen), strict=False
    ):
        first = chosen[kind].frame(1)
        inside = np.s_[:, first.width // 8 : -first.width // 8]
        restyler.begin(Settings().updated({"prompt": look, **named(chosen[kind])}))
        strip = []
        for number in range(TURNING):
            angle = TURN_RAD * math.sin(2 * math.pi * number / TURNING)
            frame = dataclasses.replace(
                heldout.turned(first, angle, filtered=True),
                frame_id=number + 2,
                timestamp_ns=first.timestamp_ns + number * 66_000_000,
            )
            pair = [[np.ascontiguousarray(frame.color[inside])], [np.ascontiguousarray(restyler(frame).image[inside])]]
            strip.append(grid(pair, 224))
        strips.append(strip)
    animation = cv2.Animation()
    animation.frames = [np.concatenate(row, 1)[..., ::-1].copy() for row in zip(*strips, strict=True)]
    animation.durations = [66] * TURNING
    cv2.imwriteanimation(str(path), animation, [cv2.IMWRITE_WEBP_QUALITY, 50])


def main() -> None:
    """Write the figures."""
    parser = argparse.ArgumentParser(description="Make the figures of the model card with the product.")
    parser.add_argument("--data", type=Path, required=True, help="rendered folders that no training saw")
    parser.add_argument("--game", type=Path, help="frames of a game (.npz)")
    parser.add_argument("--out", type=Path, default=Path(__file__).parent / "images")
    args = parser.parse_args()
    restyler = Restyler(load_engine(SPECS[0].name, "cpu"))
    folders = heldout.find(args.data, labelled=True)
    streets = [f for f in folders if f.meta["kind"] == "street" and (f.path / "grey.webp").exists() and not f.before]
    write_still(args.out / "embedded.jpg", kinds(restyler, folders))
    write_still(args.out / "words.jpg", words(restyler, streets[1]))
    write_still(args.out / "controls.jpg", controls(restyler, streets[1], "golden hour, snow"))
    if args.game:
        write_still(args.out / "game.jpg", game(restyler, args.game))
    town(restyler, args.out / "town.webp", "golden hour, clear sky")
    moving(restyler, folders, args.out / "turning.webp")


if __name__ == "__main__":
    main()
