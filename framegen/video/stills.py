"""Single pictures: read upright, restyled under one prompt or many, written with a note of what they are."""

from __future__ import annotations

import os
import struct
import zlib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from framegen.config import Settings
from framegen.engines.base import Engine
from framegen.errors import MediaError
from framegen.frame import U8
from framegen.video.bars import NO_BARS, find_bars
from framegen.video.depth import DepthSource
from framegen.video.footage import Progress, Report, Restyler, comment
from framegen.video.mask import NOTHING, Kept
from framegen.video.orientation import animated, orientation, turned
from framegen.video.sheet import Cell, contact_sheet
from framegen.video.sink import check_output

PICTURES = (".png", ".jpg", ".jpeg", ".webp", ".bmp", ".tif", ".tiff")
_OPAQUE = (".jpg", ".jpeg")
_WRITABLE = (".png", ".jpg", ".jpeg", ".webp")


@dataclass(frozen=True, eq=False)
class Still:
    """A picture as read.

    Attributes:
        rgb: ``[H, W, 3]`` uint8 sRGB, upright.
        alpha: ``[H, W]`` uint8, or None where the picture has no transparency.
        notes: what was converted, in words.
    """

    rgb: U8
    alpha: U8 | None = None
    notes: tuple[str, ...] = ()


def is_picture(path: Path) -> bool:
    """Whether a file name is that of a picture."""
    return path.suffix.lower() in PICTURES


def read_still(path: Path) -> Still:
    """Read a picture; its orientation tag is obeyed. Raises MediaError."""
    try:
        data = np.fromfile(path, np.uint8)
    except OSError as error:
        raise MediaError(f"Cannot read {path}: {error.strerror}.") from error
    # Only this flag obeys the orientation tag; it also drops transparency and bits beyond eight.
    upright = cv2.imdecode(data, cv2.IMREAD_COLOR) if data.size else None
    if upright is None:
        raise MediaError(f"{path} is not a picture that can be read.", hint="PNG, JPEG, WebP, BMP and TIFF are.")
    stored = cv2.imdecode(data, cv2.IMREAD_UNCHANGED)
    notes = []
    if stored is not None and stored.dtype != np.uint8:
        notes.append(f"{stored.dtype.itemsize * 8}-bit colour is rounded to 8 bits.")
    whole = data.tobytes()
    if animated(whole):
        notes.append("The picture is animated: its first one alone is restyled.")
    rgb: U8 = np.asarray(cv2.cvtColor(np.asarray(upright, np.uint8), cv2.COLOR_BGR2RGB), np.uint8)
    return Still(rgb, _alpha(stored, rgb, orientation(whole)), tuple(notes))


def restyle_picture(
    source: Path,
    target: Path,
    engine: Engine,
    settings: Settings,
    prompts: Sequence[str],
    *,
    sheet: bool = False,
    side_by_side: bool = False,
    keep_bars: bool = True,
    kept: Kept = NOTHING,
    depth: DepthSource | None = None,
    overwrite: bool = False,
    progress: Progress = lambda done, total: None,
) -> Report:
    """Restyle a picture: one prompt gives the picture again, several (or ``sheet``) a labelled contact sheet.

    Raises:
        MediaError: anything wrong with the files.
    """
    inputs = (source,) if kept.picture is None else (source, kept.picture)
    check_output(target, overwrite=overwrite, inputs=inputs, kinds=_WRITABLE)
    still = read_still(source)
    report = Report(notes=list(still.notes))
    report.bars = find_bars([still.rgb]) if keep_bars else NO_BARS
    height, width = still.rgb.shape[:2]
    depth_m = None if depth is None else depth.next(width, height)
    mask = kept.mask(width, height)
    pictures: list[U8] = []
    for prompt in prompts:
        restyler = Restyler(engine, replace(settings, prompt=prompt), report.bars, mask=mask)
        pictures.append(restyler(still.rgb, depth_m=depth_m))
        report.frames += 1
        progress(report.frames, len(prompts))
    picture = pictures[0]
    alpha = still.alpha
    if sheet or len(prompts) > 1:
        cells = [Cell(still.rgb, f"{source.name}, as it came", quiet=True)]
        cells += [Cell(picture, prompt or "no prompt") for prompt, picture in zip(prompts, pictures, strict=True)]
        picture, alpha = contact_sheet(cells), None
    elif side_by_side:
        picture, alpha = np.concatenate([still.rgb, picture], axis=1), None
    if alpha is not None and int(alpha.min()) < 255 and target.suffix.lower() in _OPAQUE:
        report.notes.append("JPEG has no transparency: it is left out. A name ending in .png keeps it.")
    text = comment(engine, " | ".join(prompts))
    write_still(target, picture, alpha=alpha, text=text)
    report.height, report.width = picture.shape[:2]
    return report


def write_still(path: Path, rgb: U8, *, alpha: U8 | None = None, text: str = "") -> None:
    """Write a picture under its name when it is whole; PNG and JPEG carry ``text`` as their comment.

    Raises MediaError. JPEG has no transparency: ``alpha`` is then left out.
    """
    suffix = path.suffix.lower()
    jpeg = suffix in _OPAQUE
    pixels: NDArray[np.uint8] = rgb if alpha is None or jpeg else np.dstack([rgb, alpha])
    code = cv2.COLOR_RGB2BGR if pixels.shape[2] == 3 else cv2.COLOR_RGBA2BGRA
    options = [cv2.IMWRITE_JPEG_QUALITY, 94] if jpeg else [cv2.IMWRITE_WEBP_QUALITY, 92] if suffix == ".webp" else []
    done, encoded = cv2.imencode(suffix, cv2.cvtColor(pixels, code), options)
    if not done:
        raise MediaError(f"A picture of {rgb.shape[1]}x{rgb.shape[0]} cannot be written as {suffix}.")
    data = _commented(encoded.tobytes(), suffix, text)
    temporary = path.with_name(f".{path.stem}.{os.getpid()}.part{path.suffix}")
    try:
        temporary.write_bytes(data)
        os.replace(temporary, path)
    except OSError as error:
        raise MediaError(f"Cannot write {path}: {error.strerror}.") from error
    finally:
        temporary.unlink(missing_ok=True)


def _alpha(stored: NDArray[Any] | None, rgb: U8, tag: int) -> U8 | None:
    if stored is None or stored.ndim != 3 or stored.shape[2] != 4:
        return None
    opaque = np.iinfo(stored.dtype).max if stored.dtype.kind == "u" else 1.0
    levels: U8 = np.asarray(np.clip(stored / np.float32(opaque), 0.0, 1.0) * 255.0 + 0.5, np.uint8)
    # not every decoder knows the tag of every kind of file: what shows the colours as they were read is right
    ways = [way for way in (turned(levels, tag), levels) if way.shape[:2] == rgb.shape[:2]]
    if len(ways) == 2 and tag != 1:
        ways.sort(key=lambda way: cv2.norm(np.ascontiguousarray(way[..., 2::-1]), rgb, cv2.NORM_L1))
    return np.ascontiguousarray(ways[0][..., 3]) if ways else None


def _commented(data: bytes, suffix: str, text: str) -> bytes:
    """PNG: an ``iTXt`` chunk (PNG specification 11.3.4.5) before IEND. JPEG: a COM segment after JFIF's own."""
    utf8 = text.encode()[:60_000]
    if suffix == ".png" and text:
        body = b"Comment\0\0\0\0\0" + utf8
        chunk = struct.pack(">I", len(body)) + b"iTXt" + body + struct.pack(">I", zlib.crc32(b"iTXt" + body))
        return data[:-12] + chunk + data[-12:]
    if suffix in _OPAQUE and text:
        at = 4 + int.from_bytes(data[4:6], "big") if data[2:4] == b"\xff\xe0" else 2
        return data[:at] + b"\xff\xfe" + struct.pack(">H", len(utf8) + 2) + utf8 + data[at:]
    return data
