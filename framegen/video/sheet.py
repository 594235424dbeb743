"""Contact sheets: one view under many prompts, labelled, the engine's own picture first."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np

from framegen.frame import U8

_BACKGROUND = (17, 18, 21)
_TEXT = (236, 236, 238)
_QUIET = (150, 152, 158)
_WIDEST_CELL_PX = 960
_MAX_LINES = 2
_SUPERSAMPLE = 4


@dataclass(frozen=True, eq=False)
class Cell:
    """One picture of a sheet, ``[H, W, 3]`` uint8 sRGB, and what is written under it."""

    picture: U8
    label: str
    quiet: bool = False


def contact_sheet(cells: Sequence[Cell]) -> U8:
    """All cells as one picture, ``[H, W, 3]`` uint8 sRGB. The pictures must have one size.

    Pictures wider than 960 pixels are scaled down evenly; the number of columns makes the sheet
    about as wide as a screen.
    """
    height, width = cells[0].picture.shape[:2]
    scale = min(1.0, _WIDEST_CELL_PX / width)
    cell_w, cell_h = max(1, round(width * scale)), max(1, round(height * scale))
    text_px = max(12, round(cell_w / 30))
    margin = max(8, cell_w // 40)
    lines = [_wrapped(cell.label, cell_w, text_px) for cell in cells]
    strip_h = round(text_px * (0.9 + 1.35 * max(len(line) for line in lines)))
    columns = _columns(len(cells), (cell_w + margin) / (cell_h + strip_h + margin))
    rows = math.ceil(len(cells) / columns)
    sheet = np.empty((margin + rows * (cell_h + strip_h + margin), margin + columns * (cell_w + margin), 3), np.uint8)
    sheet[:] = _BACKGROUND
    for index, cell in enumerate(cells):
        x = margin + index % columns * (cell_w + margin)
        y = margin + index // columns * (cell_h + strip_h + margin)
        picture = (
            cell.picture if scale == 1.0 else cv2.resize(cell.picture, (cell_w, cell_h), interpolation=cv2.INTER_AREA)
        )
        sheet[y : y + cell_h, x : x + cell_w] = picture
        for number, text in enumerate(lines[index]):
            baseline = y + cell_h + round(text_px * (1.35 * (number + 1)))
            draw_text(sheet, text, (x, baseline), text_px, _QUIET if cell.quiet else _TEXT)
    return sheet


def draw_text(picture: U8, text: str, origin: tuple[int, int], size_px: int, colour: tuple[int, int, int]) -> None:
    """Write ``text`` into ``picture`` with its baseline starting at ``origin`` (x, y).

    With OpenCV 5 in its built-in outline font (all of Unicode that it has); before, in its stroke
    font, drawn large and scaled down so that it looks smooth, where anything beyond ASCII is a ``?``.
    """
    text, font = _whole(text), _font()
    if font is not None:
        _draw_with(font, picture, text, origin, size_px, colour)
        return
    text = text.encode("ascii", "replace").decode()
    width, ascent, descent = measure(text, size_px), round(size_px * 1.1), round(size_px * 0.4)
    x, y = origin
    x1, y0, y1 = min(x + width + 2, picture.shape[1]), max(y - ascent, 0), min(y + descent, picture.shape[0])
    if x1 <= x or y1 <= y0:
        return
    ink = np.zeros(((y1 - y0) * _SUPERSAMPLE, (x1 - x) * _SUPERSAMPLE), np.uint8)
    baseline = (0, (y - y0) * _SUPERSAMPLE)
    thickness = max(1, round(size_px * _SUPERSAMPLE / 12))
    cv2.putText(ink, text, baseline, cv2.FONT_HERSHEY_SIMPLEX, _stroke_scale(size_px), 255, thickness, cv2.LINE_AA)
    cover = cv2.resize(ink, (x1 - x, y1 - y0), interpolation=cv2.INTER_AREA)[..., None] / 255.0
    area = picture[y0:y1, x:x1]
    area[:] = (area * (1.0 - cover) + np.asarray(colour) * cover + 0.5).astype(np.uint8)


def measure(text: str, size_px: int) -> int:
    """Width in pixels of ``text`` as :func:`draw_text` writes it."""
    text, font = _whole(text), _font()
    if font is not None:
        return int(_measure_with(font, text, size_px))
    (width, _), _ = cv2.getTextSize(text, cv2.FONT_HERSHEY_SIMPLEX, _stroke_scale(size_px), 1)
    return math.ceil(width / _SUPERSAMPLE)


def _whole(text: str) -> str:
    """Half characters, as names of files in another code than UTF-8 have, end OpenCV 5 and this process with it."""
    return text.encode("utf-8", "replace").decode()


def _font() -> Any:
    face = getattr(cv2, "FontFace", None)
    return None if face is None else face("sans")


def _draw_with(font: Any, picture: U8, text: str, origin: tuple[int, int], size_px: int, colour: Any) -> None:
    write: Any = cv2.putText
    write(picture, text, origin, colour, font, size_px, 400)


def _measure_with(font: Any, text: str, size_px: int) -> int:
    size: Any = cv2.getTextSize
    # The image size given here only matters for wrapping: wide enough, nothing wraps.
    x, _, width, _ = size((1 << 20, 1 << 10), text, (0, 0), font, size_px, 400)
    return int(x + width)


def _stroke_scale(size_px: int) -> float:
    return size_px * _SUPERSAMPLE / 30.0


def _wrapped(text: str, width_px: int, size_px: int) -> list[str]:
    """At most two lines that fit; what does not ends in an ellipsis."""
    lines = [""]
    words = " ".join(text.split()).split(" ")
    for index, word in enumerate(words):
        longer = f"{lines[-1]} {word}".strip()
        if measure(longer, size_px) <= width_px or not lines[-1]:
            lines[-1] = longer
        elif len(lines) < _MAX_LINES:
            lines.append(word)
        else:
            lines[-1] = f"{lines[-1]} {' '.join(words[index:])}"
            break
    return [_shortened(line, width_px, size_px) for line in lines]


def _shortened(text: str, width_px: int, size_px: int) -> str:
    if measure(text, size_px) <= width_px:
        return text
    while text and measure(f"{text}...", size_px) > width_px:
        text = text[:-1]
    return f"{text.rstrip()}..."


def _columns(count: int, aspect: float) -> int:
    """Columns that bring the sheet closest to 16:9 with the fewest empty places."""

    def badness(columns: int) -> float:
        rows = math.ceil(count / columns)
        shape = columns * aspect / rows
        return abs(math.log(shape / (16 / 9))) + 0.25 * (rows * columns - count)

    return min(range(1, count + 1), key=badness)
