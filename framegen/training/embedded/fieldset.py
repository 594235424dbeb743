"""Which photographic textures the embedded model ships as detail fields, and how they become its atlas file.

``python -m framegen.training.embedded.fieldset TEXTURE_DIR OUT_DIR`` writes ``fields.webp`` (tiles side by side)
and ``fields.json`` (names, scale, licence of each).
"""

from __future__ import annotations

import argparse
import json
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np

from framegen.ops.fields import tile_from_picture
from framegen.training.embedded.folders import read_picture

SIDE_PX = 512


@dataclass(frozen=True)
class FieldSource:
    """One texture: ``name`` of what it shows, its file, metres a tile, licence."""

    name: str
    file: str
    tile_m: float
    licence: str = "public domain"


MIT = "MIT (Expat), Georges 'TRaK' Grondin"
SOURCES: tuple[FieldSource, ...] = (
    FieldSource("asphalt", "floor005.png", 1.7),
    FieldSource("cobbles", "tile02.png", 1.6),
    FieldSource("paving slabs", "tile01.png", 1.3),
    FieldSource("plaster", "trak4_concrete5a.png", 2.4, MIT),
    FieldSource("concrete", "trak4_concrete1a.png", 2.4, MIT),
    FieldSource("brick", "trak4_brick2a.png", 1.7, MIT),
    FieldSource("stone wall", "trak4_brick1.png", 2.2, MIT),
    FieldSource("grass", "jungle002.png", 2.0),
    FieldSource("soil", "dirt003.png", 2.2),
    FieldSource("sand", "desert009.png", 2.8),
    FieldSource("rock", "rock018.png", 7.0),
    FieldSource("cliff", "rock017.png", 11.0),
    FieldSource("undergrowth", "jungle001.png", 1.5),
    FieldSource("gravel", "railway.png", 2.4),
    FieldSource("earth", "dirt002.png", 2.2),
    FieldSource("wood", "wood003.png", 1.0),
    FieldSource("floor boards", "floor_wood01.png", 1.8),
)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("textures", type=Path)
    parser.add_argument("out", type=Path)
    args = parser.parse_args()
    args.out.mkdir(parents=True, exist_ok=True)
    tiles = []
    for source in SOURCES:
        tiles.append(tile_from_picture(read_picture(args.textures / source.file), SIDE_PX))
    cv2.imwrite(str(args.out / "fields.webp"), np.concatenate(tiles, 1), [cv2.IMWRITE_WEBP_QUALITY, 88])
    rows = [{"name": s.name, "tile_m": s.tile_m, "source": s.file, "licence": s.licence} for s in SOURCES]
    (args.out / "fields.json").write_text(json.dumps({"side_px": SIDE_PX, "fields": rows}, indent=1) + "\n")


if __name__ == "__main__":
    main()
