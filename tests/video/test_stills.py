"""Pictures: the same size and orientation again, or a labelled sheet."""

from __future__ import annotations

import os
import struct
import zlib
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
from clips import scene
from inverting_engine import InvertingEngine

from framegen.config import Settings
from framegen.errors import MediaError
from framegen.video import sheet
from framegen.video.mask import Kept
from framegen.video.orientation import orientation, turned
from framegen.video.stills import read_still, restyle_picture, write_still


def save(path: Path, rgb: Any) -> Path:
    cv2.imwrite(str(path), rgb[..., [2, 1, 0, *range(3, rgb.shape[2])]])
    return path


def restyle(source: Path, target: Path, *prompts: str, **options: Any) -> InvertingEngine:
    engine = InvertingEngine()
    restyle_picture(source, target, engine, Settings(), prompts or ("dusk",), **options)
    return engine


@pytest.mark.parametrize(("width", "height"), [(160, 90), (97, 133), (64, 64)])
def test_one_prompt_gives_the_picture_again(tmp_path: Path, width: int, height: int) -> None:
    source = save(tmp_path / "shot.png", scene(0, width, height))
    restyle(source, tmp_path / "out.png")
    assert np.array_equal(read_still(tmp_path / "out.png").rgb, 255 - scene(0, width, height))


def test_transparency_and_sixteen_bits(tmp_path: Path) -> None:
    rgba = np.dstack([scene(0, 96, 64), np.tile(np.arange(96, dtype=np.uint8), (64, 1))])
    source = tmp_path / "shot.png"
    cv2.imwrite(str(source), rgba[..., [2, 1, 0, 3]].astype(np.uint16) * 257)
    still = read_still(source)
    assert np.array_equal(still.rgb, rgba[..., :3]) and still.notes == ("16-bit colour is rounded to 8 bits.",)
    restyle(source, tmp_path / "out.png")
    out = read_still(tmp_path / "out.png")
    assert out.alpha is not None and np.array_equal(out.alpha, rgba[..., 3])
    assert np.array_equal(out.rgb, 255 - rgba[..., :3])


@pytest.mark.parametrize(("level", "notes"), [(255, 0), (200, 1)])
def test_transparency_that_jpeg_cannot_keep_is_said(tmp_path: Path, level: int, notes: int) -> None:
    source = save(tmp_path / "shot.png", np.dstack([scene(0, 96, 64), np.full((64, 96), level, np.uint8)]))
    report = restyle_picture(source, tmp_path / "out.jpg", InvertingEngine(), Settings(), ["dusk"])
    assert len(report.notes) == notes and all("JPEG" in note for note in report.notes)


@pytest.mark.parametrize(("orientation", "turns"), [(1, 0), (3, 2), (6, 3), (8, 1)])
def test_the_orientation_tag_is_obeyed(tmp_path: Path, orientation: int, turns: int) -> None:
    _, jpeg = cv2.imencode(".jpg", scene(0, 96, 64)[..., ::-1], [cv2.IMWRITE_JPEG_QUALITY, 100])
    tiff = b"II*\0\x08\0\0\0\x01\0" + struct.pack("<HHIHH", 0x0112, 3, 1, orientation, 0) + b"\0\0\0\0"
    exif = b"Exif\0\0" + tiff
    data = jpeg.tobytes()
    (tmp_path / "in.jpg").write_bytes(data[:2] + b"\xff\xe1" + struct.pack(">H", len(exif) + 2) + exif + data[2:])
    upright = np.rot90(scene(0, 96, 64), turns)
    read = read_still(tmp_path / "in.jpg").rgb
    assert read.shape == upright.shape and np.abs(read.astype(int) - upright).mean() < 6
    restyle(tmp_path / "in.jpg", tmp_path / "out.png")
    assert read_still(tmp_path / "out.png").rgb.shape == upright.shape


def exif_of(tag: int) -> bytes:
    return b"MM\0*\0\0\0\x08\0\x01" + struct.pack(">HHIHH", 0x0112, 3, 1, tag, 0) + b"\0\0\0\0"


def tagged(png: bytes, tag: int) -> bytes:
    """A PNG with an orientation tag: an ``eXIf`` chunk after its head."""
    body = b"eXIf" + exif_of(tag)
    return png[:33] + struct.pack(">I", len(body) - 4) + body + struct.pack(">I", zlib.crc32(body)) + png[33:]


@pytest.mark.parametrize("depth", [np.uint8, np.uint16])
@pytest.mark.parametrize("plain", [False, True])
@pytest.mark.parametrize("tag", range(1, 9))
def test_transparency_is_turned_with_the_colours(tmp_path: Path, tag: int, plain: bool, depth: Any) -> None:
    rgb = np.full((48, 48, 3), 77, np.uint8) if plain else scene(0, 48, 48)
    alpha = np.add.outer(np.arange(48) * 4, np.arange(48)).astype(np.uint8)
    bgra = np.dstack([rgb[..., ::-1], alpha]).astype(depth) * (257 if depth is np.uint16 else 1)
    _, png = cv2.imencode(".png", bgra)
    (tmp_path / "in.png").write_bytes(tagged(png.tobytes(), tag))
    still = read_still(tmp_path / "in.png")
    assert still.alpha is not None and still.alpha.flags.c_contiguous
    assert np.array_equal(still.rgb, turned(rgb, tag))
    assert np.array_equal(still.alpha, turned(alpha, tag))


@pytest.mark.parametrize("container", ["png", "webp", "tiff", "broken", "none"])
def test_the_orientation_tag_is_found(container: str) -> None:
    exif = exif_of(6)
    _, png = cv2.imencode(".png", scene(0, 8, 8))
    webp = b"RIFF\0\0\0\0WEBPVP8X\x03\0\0\0abc\0EXIF" + struct.pack("<I", len(exif) + 6) + b"Exif\0\0" + exif
    data = {"png": tagged(png.tobytes(), 6), "webp": webp, "tiff": exif, "broken": webp[:-20], "none": png.tobytes()}
    assert orientation(data[container]) == (1 if container in ("broken", "none") else 6)


def test_an_animated_picture_is_said_to_give_one(tmp_path: Path) -> None:
    _, webp = cv2.imencode(".webp", scene(0, 96, 64))
    whole = webp.tobytes()
    head = b"VP8X\x0a\0\0\0\x02\0\0\0" + struct.pack("<I", 95)[:3] + struct.pack("<I", 63)[:3]
    frame = b"\0" * 6 + struct.pack("<I", 95)[:3] + struct.pack("<I", 63)[:3] + b"\x64\0\0\0" + whole[12:]
    parts = head + b"ANIM\x06\0\0\0\0\0\0\0\0\0" + 2 * (b"ANMF" + struct.pack("<I", len(frame)) + frame)
    source = tmp_path / "in.webp"
    source.write_bytes(b"RIFF" + struct.pack("<I", 4 + len(parts)) + b"WEBP" + parts)
    report = restyle_picture(source, tmp_path / "out.png", InvertingEngine(), Settings(), ["dusk"])
    (note,) = report.notes
    assert "animated" in note and "first" in note
    source.write_bytes(whole)
    assert not restyle_picture(source, tmp_path / "one.png", InvertingEngine(), Settings(), ["dusk"]).notes


@pytest.mark.parametrize("name", ["out.png", "out.jpg"])
def test_a_written_picture_says_what_it_is(tmp_path: Path, name: str) -> None:
    source = save(tmp_path / "shot.png", scene(0, 96, 64))
    restyle(source, tmp_path / name, "größte Dämmerung")
    data = (tmp_path / name).read_bytes()
    text = data[data.index(b"Restyled by framegen") :][:200].decode(errors="ignore")
    assert "inverting" in text and "größte Dämmerung" in text
    assert read_still(tmp_path / name).rgb.shape == (64, 96, 3)


def places(whole: Any, part: Any) -> list[tuple[int, int]]:
    """(x, y) of every place where ``part`` is in ``whole``, exactly."""
    height, width = part.shape[:2]
    close = np.argwhere(cv2.matchTemplate(whole, part, cv2.TM_SQDIFF) < 1e5)  # its own rounding is below that
    return [(int(x), int(y)) for y, x in close if np.array_equal(whole[y : y + height, x : x + width], part)]


@pytest.mark.parametrize("face", [True, False])
def test_a_sheet_shows_every_prompt(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, face: bool) -> None:
    if not face:
        monkeypatch.delattr(cv2, "FontFace", raising=False)  # as in OpenCV 4
    elif not hasattr(cv2, "FontFace"):
        pytest.skip("needs OpenCV 5: pip install 'opencv-python-headless>=5'")
    original = scene(0, 320, 180)
    source = save(tmp_path / "shot.png", original)
    engine = restyle(source, tmp_path / "sheet.png", "a sunny noon", "deep snow", "a very long prompt " * 12)
    assert engine.prompts == ["a sunny noon", "deep snow", "a very long prompt " * 12]
    picture = read_still(tmp_path / "sheet.png").rgb
    # Every cell is there, pixel for pixel: the shot first, then as often as there are prompts.
    first, *others = places(picture, original) + places(picture, 255 - original)
    assert len(others) == 3 and first == min([first, *others], key=lambda place: (place[1], place[0]))
    below = picture[first[1] + 180 : first[1] + 200, first[0] : first[0] + 200]
    assert below.max() > 100, "no label under the first picture"


def test_names_in_another_code_than_utf_8_are_labels_too(tmp_path: Path) -> None:
    name = os.fsdecode(b"caf\xe9.png")
    assert sheet.measure(name, 20) == sheet.measure("caf?.png", 20) > 0
    try:
        cv2.imencode(".png", scene(0, 96, 64))[1].tofile(tmp_path / name)
    except OSError:
        pytest.skip("needs a file system that takes any bytes for a name: run on Linux")
    restyle(tmp_path / name, tmp_path / "out.png", sheet=True)


def test_labels_fit_their_cells() -> None:
    for text in ("dusk", "a rainy night in the old harbour with many lamps", "x" * 200):
        for line in sheet._wrapped(text, 300, 14):
            assert sheet.measure(line, 14) <= 300


def test_one_prompt_makes_a_sheet_when_asked(tmp_path: Path) -> None:
    source = save(tmp_path / "shot.png", scene(0, 160, 90))
    restyle(source, tmp_path / "out.png", "dusk", sheet=True)
    assert read_still(tmp_path / "out.png").rgb.shape[1] > 320


def test_letterboxed_shots_keep_their_bars(tmp_path: Path) -> None:
    boxed = np.zeros((120, 160, 3), np.uint8)
    boxed[20:100] = scene(0, 160, 80)
    source = save(tmp_path / "shot.png", boxed)
    restyle(source, tmp_path / "out.png")
    out = read_still(tmp_path / "out.png").rgb
    assert np.array_equal(out[:20], boxed[:20]) and np.array_equal(out[100:], boxed[100:])
    assert np.array_equal(out[20:100], 255 - boxed[20:100])


def test_what_is_no_picture_is_refused(tmp_path: Path) -> None:
    (tmp_path / "shot.png").write_bytes(b"no")
    with pytest.raises(MediaError, match="not a picture"):
        read_still(tmp_path / "shot.png")
    with pytest.raises(MediaError, match="Cannot read"):
        read_still(tmp_path / "gone.png")


def test_nothing_is_replaced_unasked(tmp_path: Path) -> None:
    source = save(tmp_path / "shot.png", scene(0, 96, 64))
    for target, words in (
        (source, "input itself"),
        (tmp_path / "old.png", "--overwrite"),
        (tmp_path / "a.gif", r"\.png"),
    ):
        (tmp_path / "old.png").write_bytes(b"mine")
        with pytest.raises(MediaError, match=words):
            restyle(source, target)
    mask = save(tmp_path / "mask.png", scene(0, 96, 64))
    with pytest.raises(MediaError, match="input itself"):
        restyle(source, mask, kept=Kept(mask), overwrite=True)
    mask.unlink()
    restyle(source, tmp_path / "old.png", overwrite=True)
    assert read_still(tmp_path / "old.png").rgb.shape == (64, 96, 3)
    assert sorted(p.name for p in tmp_path.iterdir()) == ["old.png", "shot.png"]


def test_a_failed_write_leaves_nothing(tmp_path: Path) -> None:
    with pytest.raises(MediaError, match="Cannot write"):
        write_still(tmp_path / "no" / "out.png", scene(0, 96, 64))
