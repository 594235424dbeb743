"""Contact sheets: a row a folder, low-fidelity looks, depth and targets side by side."""

from __future__ import annotations

import json
from pathlib import Path

import cv2
import numpy as np

from framegen.frame import F32, U8


def depth_m(folder: Path) -> F32:
    """``[H, W]`` float32 metres along the view axis of a folder's ``depth.png``; sky is inf."""
    meta = json.loads((folder / "meta.json").read_text())
    code = np.asarray(_read(folder / "depth.png"), np.float64)
    near, far = meta["depth_near_m"], meta["depth_far_m"]
    z = near * np.exp((code - 1) / 65534 * np.log(far / near))
    return np.where(code > 0, z, np.inf).astype(np.float32)


def _read(path: Path) -> U8:
    # imdecode, because OpenCV cannot open paths outside the system's code page on Windows
    return np.asarray(cv2.imdecode(np.frombuffer(path.read_bytes(), np.uint8), cv2.IMREAD_UNCHANGED))


def row(folder: Path, width_px: int) -> U8:
    """One folder as a strip ``[h, n * width_px, 3]`` uint8 (BGR)."""
    z = depth_m(folder)
    level = np.clip(255 * (1 - np.log1p(np.minimum(z, 2000.0)) / 7.6), 0, 255).astype(np.uint8)
    shown = [_read(folder / "lf.webp")]
    if (folder / "lf_1.webp").exists():
        shown.append(_read(folder / "lf_1.webp"))
    shown.append(np.repeat(level[..., None], 3, -1))
    shown += [_read(path) for path in sorted(folder.glob("hf_*.webp"))]
    height_px = round(width_px * z.shape[0] / z.shape[1])
    return np.hstack([cv2.resize(p, (width_px, height_px), interpolation=cv2.INTER_AREA) for p in shown])


def write_sheet(folders: list[Path], out: Path, width_px: int = 320) -> None:
    """A picture of all folders; rows are padded with black."""
    rows = [row(folder, width_px) for folder in folders]
    widest = max(r.shape[1] for r in rows)
    padded = [np.pad(r, ((0, 0), (0, widest - r.shape[1]), (0, 0))) for r in rows]
    done, data = cv2.imencode(out.suffix, np.vstack(padded))
    if not done:
        raise ValueError(f"cannot write a sheet as {out.suffix}: use .png, .jpg or .webp")
    out.write_bytes(data.tobytes())
