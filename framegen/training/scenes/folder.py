"""``SEED_CAM`` folders: written aside, renamed when complete, so that no half folder is ever seen."""

from __future__ import annotations

import json
import os
import shutil
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

AXES = "right-handed, metres, world +Z up; camera looks along its -Z, +X right, +Y up; row-major 4x4, column vectors"
DEPTH = "uint16 = 1 + 65534 ln(z/near)/ln(far/near), z along view axis, 0 = sky"


def folder_name(seed: int, camera: int, *, second: bool = False) -> str:
    """``SEED_CAM`` or ``SEED_CAM_b``."""
    return f"{seed:06d}_{camera}{'_b' if second else ''}"


class FolderWriter:
    """Files of one folder under ``out/.tmp_SEED/``; :meth:`publish` makes it appear as ``out/NAME/``."""

    def __init__(self, out: Path, seed: int, name: str) -> None:
        self._final = out / name
        self.path = scratch_folder(out, seed) / name
        shutil.rmtree(self.path, ignore_errors=True)
        self.path.mkdir(parents=True)

    def photo(self, name: str, rgb: NDArray[np.uint8], quality: int = 92) -> str:
        """``[H, W, 3]`` uint8 as WebP; the file's name comes back."""
        self._write(name, ".webp", rgb[..., ::-1], [cv2.IMWRITE_WEBP_QUALITY, quality])
        return name

    def plane(self, name: str, values: NDArray[np.uint8] | NDArray[np.uint16]) -> str:
        """``[H, W]`` uint8 or uint16 as PNG; the file's name comes back."""
        self._write(name, ".png", values, [cv2.IMWRITE_PNG_COMPRESSION, 9])
        return name

    def _write(self, name: str, kind: str, pixels: Any, options: list[int]) -> None:
        done, data = cv2.imencode(kind, np.ascontiguousarray(pixels), options)
        if not done:
            raise OSError(f"could not encode {name}")
        (self.path / name).write_bytes(data.tobytes())

    def publish(self, meta: dict[str, Any]) -> None:
        """Write ``meta.json`` and let the folder appear."""
        (self.path / "meta.json").write_text(json.dumps(meta, indent=1) + "\n")
        os.replace(self.path, self._final)


def scratch_folder(out: Path, seed: int) -> Path:
    """Where the unfinished folders of a seed lie."""
    return out / f".tmp_{seed:06d}"


def done_mark(out: Path, seed: int, kind: str) -> Path:
    """The file that says that all of a seed is rendered."""
    return out / f".done_{seed:06d}_{kind}"
