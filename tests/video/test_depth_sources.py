"""Depth from every encoding and kind of file."""

from __future__ import annotations

import struct
import zlib
from pathlib import Path
from typing import Any

import av
import cv2
import numpy as np
import pytest

from framegen.errors import ConfigError, MediaError
from framegen.video.depth import DepthEncoding, DepthSource
from framegen.video.exr import read_exr

H, W = 37, 50


def metres() -> Any:
    depth = np.geomspace(0.3, 90, H * W).reshape(H, W).astype(np.float32)
    depth[:5] = np.inf
    return depth


def write_exr(path: Path, channels: dict[str, Any], compression: int) -> None:
    """A scan-line OpenEXR file, written from the file layout document."""
    names = sorted(channels)
    kinds = {"uint32": 0, "float16": 1, "float32": 2}
    listed = b"".join(n.encode() + b"\0" + struct.pack("<iIii", kinds[channels[n].dtype.name], 0, 1, 1) for n in names)
    height, width = channels[names[0]].shape
    window = struct.pack("<4i", 3, 7, 3 + width - 1, 7 + height - 1)
    header = struct.pack("<II", 20000630, 2)
    for name, kind, value in (
        ("channels", "chlist", listed + b"\0"),
        ("compression", "compression", bytes([compression])),
        ("dataWindow", "box2i", window),
        ("displayWindow", "box2i", window),
        ("lineOrder", "lineOrder", b"\0"),
    ):
        header += name.encode() + b"\0" + kind.encode() + b"\0" + struct.pack("<i", len(value)) + value
    header += b"\0"
    lines = 16 if compression == 3 else 1
    chunks = []
    for row in range(0, height, lines):
        raw = b"".join(channels[n][r].tobytes() for r in range(row, min(row + lines, height)) for n in names)
        chunks.append((row, _packed(raw, compression)))
    offset = len(header) + 8 * len(chunks)
    table = b""
    for _, data in chunks:
        table += struct.pack("<Q", offset)
        offset += 8 + len(data)
    body = b"".join(struct.pack("<ii", row + 7, len(data)) + data for row, data in chunks)
    path.write_bytes(header + table + body)


def _packed(raw: bytes, compression: int) -> bytes:
    if compression == 0:
        return raw
    halves = np.frombuffer(raw[0::2] + raw[1::2], np.uint8).astype(int)
    steps = halves.copy()
    steps[1:] = halves[1:] - halves[:-1] + 128
    plain = steps.astype(np.uint8).tobytes()
    if compression == 1:
        pieces = [plain[i : i + 100] for i in range(0, len(plain), 100)]
        literal = b"".join(struct.pack("<b", -len(piece)) + piece for piece in pieces)
        packed = min(literal, _runs(plain), key=len)
    else:
        packed = zlib.compress(plain)
    return packed if len(packed) < len(raw) else raw


def _runs(plain: bytes) -> bytes:
    packed = b""
    at = 0
    while at < len(plain):
        count = 1
        while count < 100 and at + count < len(plain) and plain[at + count] == plain[at]:
            count += 1
        packed += struct.pack("<b", count - 1) + plain[at : at + 1]
        at += count
    return packed


@pytest.mark.parametrize("compression", [0, 1, 2, 3])
@pytest.mark.parametrize("dtype", ["float16", "float32"])
def test_exr_depth_is_read_exactly(tmp_path: Path, compression: int, dtype: str) -> None:
    depth = np.round(metres()).astype(dtype)
    beauty = np.zeros((H, W), np.float16)
    write_exr(tmp_path / "d.exr", {"Combined.R": beauty, "Depth.Z": depth, "Combined.A": beauty}, compression)
    assert np.array_equal(read_exr(tmp_path / "d.exr"), depth.astype(np.float32))


def test_exr_of_another_program_is_read(tmp_path: Path) -> None:
    """FFmpeg's own writer, which is not ours."""
    depth = metres()
    depth[:5] = 1000
    with av.open(str(tmp_path / "d.exr"), "w", format="image2", options={"update": "1"}) as container:
        stream: Any = container.add_stream("exr", options={"compression": "zip16"})
        stream.width, stream.height, stream.pix_fmt = W, H, "gbrpf32le"
        frame = av.VideoFrame.from_ndarray(np.ascontiguousarray(np.stack([depth] * 3, -1)), format="gbrpf32le")
        container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    assert np.array_equal(read_exr(tmp_path / "d.exr"), depth)


def test_exr_damage_and_strangers_are_named(tmp_path: Path) -> None:
    path = tmp_path / "d.exr"
    write_exr(path, {"Z": metres()}, 3)
    whole = path.read_bytes()
    path.write_bytes(whole[: len(whole) // 2])
    with pytest.raises(MediaError, match=r"d\.exr is damaged"):
        read_exr(path)
    write_exr(path, {"Z": metres()}, 0)
    path.write_bytes(
        path.read_bytes().replace(b"compression\0compression\0\1\0\0\0\0", b"compression\0compression\0\1\0\0\0\4")
    )
    with pytest.raises(MediaError, match="PIZ"):
        read_exr(path)
    write_exr(path, {"mask": metres()}, 0)
    with pytest.raises(MediaError, match="no depth channel, only mask"):
        read_exr(path)


@pytest.mark.parametrize(
    ("text", "name", "near"),
    [
        ("metres", "metres", 0.0),
        ("relative8", "relative8", 0.0),
        ("inverse16:0.05", "inverse16", 0.05),
        ("inverse16:.5", "inverse16", 0.5),
        ("inverse16:2.", "inverse16", 2.0),
        ("inverse16:1e-1", "inverse16", 0.1),
        ("inverse16:1E+1", "inverse16", 10.0),
    ],
)
def test_encodings_are_parsed(text: str, name: str, near: float) -> None:
    assert DepthEncoding.parse(text) == DepthEncoding(name, near)  # type: ignore[arg-type]


NEARS = ("0", "-1", "1:2", "0..1", ".", "1.2.3", "1e400", "1e-400", "1e", "inf", "nan", "0x1", "1_0", " 1", "")


@pytest.mark.parametrize("text", ["", "inverse16", "feet", *(f"inverse16:{near}" for near in NEARS)])
def test_wrong_encodings_are_refused(text: str) -> None:
    with pytest.raises(ConfigError, match="metres, inverse16:NEAR"):
        DepthEncoding.parse(text)


def folder_of(tmp_path: Path, kind: str) -> tuple[Path, str]:
    depth = metres()
    folder = tmp_path / "depth"
    folder.mkdir()
    for number in (2, 10, 1):  # in the order of their numbers, not of their letters
        now = depth * number
        if kind == "npy":
            np.save(folder / f"f{number}.npy", now)
        elif kind == "exr":
            write_exr(folder / f"f{number}.exr", {"Z": now}, 3)
        elif kind == "inverse16":
            cv2.imwrite(str(folder / f"f{number}.png"), np.rint(65535 * 0.3 / now).astype(np.uint16))
        else:
            cv2.imwrite(str(folder / f"f{number}.png"), np.full((H, W), 255 // number, np.uint8))
    return folder, {"npy": "metres", "exr": "metres", "inverse16": "inverse16:0.3"}.get(kind, kind)


@pytest.mark.parametrize("kind", ["npy", "exr", "inverse16"])
def test_folders_give_metres_in_order(tmp_path: Path, kind: str) -> None:
    folder, encoding = folder_of(tmp_path, kind)
    source = DepthSource(folder, DepthEncoding.parse(encoding))
    for number in (1, 2, 10):
        depth = source.next(W, H)
        assert depth.dtype == np.float32 and np.isinf(depth[:5]).all()
        wanted = metres()[5:] * number
        # 16-bit inverse depth is coarse far away: half a step of 1/(65535 near).
        tolerance = 1e-6 if kind != "inverse16" else wanted.max() / (65535 * 0.3)
        assert (np.abs(depth[5:] / wanted - 1) <= tolerance).all()
    with pytest.raises(MediaError, match="3 frames, the footage has more"):
        source.next(W, H)


def test_relative_depth_orders_things(tmp_path: Path) -> None:
    folder, encoding = folder_of(tmp_path, "relative8")
    source = DepthSource(folder, DepthEncoding.parse(encoding))
    near, middle, far = (float(source.next(W, H)[0, 0]) for _ in range(3))
    assert near == pytest.approx(2.0) and near < middle < far < 200


def write_depth_video(path: Path, frames: list[Any], pixel_format: str) -> Path:
    with av.open(str(path), "w") as container:
        stream: Any = container.add_stream("ffv1", rate=30)
        stream.width, stream.height, stream.pix_fmt = frames[0].shape[1], frames[0].shape[0], pixel_format
        for values in frames:
            container.mux(stream.encode(av.VideoFrame.from_ndarray(np.ascontiguousarray(values), format=pixel_format)))
        container.mux(stream.encode(None))
    return path


def test_sixteen_bit_video_is_exact(tmp_path: Path) -> None:
    codes = np.rint(65535 * 0.3 / metres()).astype(np.uint16)
    path = write_depth_video(tmp_path / "d.mkv", [codes, codes // 2], "gray16le")
    source = DepthSource(path, DepthEncoding.parse("inverse16:0.3"))
    with np.errstate(divide="ignore"):
        assert np.allclose(source.next(W, H), np.float32(65535 * 0.3) / codes.astype(np.float32), rtol=1e-6)
        assert np.allclose(source.next(W, H), np.float32(65535 * 0.3) / (codes // 2).astype(np.float32), rtol=1e-6)


def test_relative_video_is_read(tmp_path: Path) -> None:
    path = write_depth_video(tmp_path / "d.mkv", [np.full((H, W), 255, np.uint8)], "gray")
    assert np.allclose(DepthSource(path, DepthEncoding.parse("relative8")).next(W, H), 2.0)


def test_another_size_is_point_sampled(tmp_path: Path) -> None:
    np.save(tmp_path / "d.npy", metres())
    depth = DepthSource(tmp_path / "d.npy", DepthEncoding.parse("metres")).next(2 * W, 2 * H)
    assert depth.shape == (2 * H, 2 * W) and set(np.unique(depth)) <= set(np.unique(metres()))


@pytest.mark.parametrize(
    ("values", "encoding", "words"),
    [
        (np.zeros((H, W), np.uint16), "metres", "cannot be metres"),
        (np.zeros((H, W), np.uint8), "inverse16:0.1", "needs 16 bits"),
        (np.zeros((H, W), np.float32), "relative8", "needs a grey picture"),
        (np.zeros((H, W, 3, 2), np.float32), "metres", "shape"),
        (np.ones((2 * H, W), np.float32), "metres", "not the shape"),
    ],
)
def test_what_cannot_be_depth_is_refused(tmp_path: Path, values: Any, encoding: str, words: str) -> None:
    np.save(tmp_path / "d.npy", values)
    with pytest.raises(MediaError, match=words):
        DepthSource(tmp_path / "d.npy", DepthEncoding.parse(encoding)).next(W, H)


def test_no_depth_is_said(tmp_path: Path) -> None:
    with pytest.raises(MediaError, match="There is no depth"):
        DepthSource(tmp_path / "gone", DepthEncoding.parse("metres"))
    with pytest.raises(MediaError, match="No depth pictures"):
        DepthSource(tmp_path, DepthEncoding.parse("metres"))
