"""The texture bank: every field that surfaces of the scenes are textured with, its scale in the world, its licence.

A *field* is a square tile with a fixed size in metres, looked up by world position on the plane that a surface faces
most (``framegen.ops.fields``, whose phase this data keeps bit for bit). Photographs are files of ``textures/``; the
others are drawn by :mod:`masonry`, :mod:`surfaces` and :mod:`linings`, seeded by their names.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import zipfile
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import cv2
import numpy as np

from framegen.frame import F32, U8
from framegen.training.scenes import linings as n
from framegen.training.scenes import masonry as m
from framegen.training.scenes import surfaces as s
from framegen.training.scenes.synthesis import SIDE_PX, Color, Rng, Texture

TEXTURES = Path(__file__).parent / "textures"
PUBLIC_DOMAIN = "public domain"
MIT = "MIT (Expat), Georges 'TRaK' Grondin"
OWN = "CC0, synthesised by the project"


@dataclass(frozen=True)
class Field:
    """One texture of the bank.

    Attributes:
        name: what it shows. ``label``: the material that it is usual on.
        tile_m: metres a tile.
        source: a file of ``textures/``, or the drawing function.
        licence: of the source.
    """

    name: str
    label: str
    tile_m: float
    source: str | Callable[[Rng], Texture]
    licence: str = OWN


def _own(name: str, label: str, tile_m: float, draw: Callable[[Rng], Texture]) -> Field:
    return Field(name, label, tile_m, draw)


_CLAY, _RED, _SLATE, _LIME = (0.36, 0.13, 0.07), (0.29, 0.09, 0.055), (0.1, 0.105, 0.115), (0.42, 0.38, 0.32)
_INDIGO, _UNDYED = (0.09, 0.12, 0.2), (0.3, 0.31, 0.33)


def _flat(rng: Rng, across: bool) -> Texture:
    return m.shingles(rng, _RED, rows=18, columns=15, spread=0.26, across=across)


PHOTOGRAPHS: tuple[Field, ...] = (
    Field("asphalt", "asphalt", 1.7, "floor005.webp", PUBLIC_DOMAIN),
    Field("cobbles", "paving", 1.6, "tile02.webp", PUBLIC_DOMAIN),
    Field("paving slabs", "paving", 1.3, "tile01.webp", PUBLIC_DOMAIN),
    Field("plaster", "plaster", 2.4, "trak4_concrete5a.webp", MIT),
    Field("concrete", "concrete", 2.4, "trak4_concrete1a.webp", MIT),
    Field("brick", "brick", 1.7, "trak4_brick2a.webp", MIT),
    Field("stone wall", "stone", 2.2, "trak4_brick1.webp", MIT),
    Field("grass", "grass", 2.0, "jungle002.webp", PUBLIC_DOMAIN),
    Field("soil", "soil", 2.2, "dirt003.webp", PUBLIC_DOMAIN),
    Field("sand", "sand", 2.8, "desert009.webp", PUBLIC_DOMAIN),
    Field("rock", "rock", 7.0, "rock018.webp", PUBLIC_DOMAIN),
    Field("cliff", "rock", 11.0, "rock017.webp", PUBLIC_DOMAIN),
    Field("undergrowth", "grass", 1.5, "jungle001.webp", PUBLIC_DOMAIN),
    Field("gravel", "soil", 2.4, "railway.webp", PUBLIC_DOMAIN),
    Field("earth", "soil", 2.2, "dirt002.webp", PUBLIC_DOMAIN),
    Field("wood", "wood", 1.0, "wood003.webp", PUBLIC_DOMAIN),
    Field("floor boards", "wood", 1.8, "floor_wood01.webp", PUBLIC_DOMAIN),
    Field("dark stone", "rock", 2.2, "stone001.webp", PUBLIC_DOMAIN),
    Field("crazy paving", "paving", 2.0, "paving001.webp", PUBLIC_DOMAIN),
    Field("concrete panels", "concrete", 2.4, "trak4_concrete4a.webp", MIT),
    Field("steel plates", "metal", 2.4, "metal01.webp", PUBLIC_DOMAIN),
    Field("painted boards", "wood", 1.0, "wood001.webp", PUBLIC_DOMAIN),
    Field("printed cloth", "fabric", 0.9, "carpet025.webp", PUBLIC_DOMAIN),
)
"""Photographs from Debian's package ``ufoai-textures``; see LICENSES.md beside them."""

SYNTHESISED: tuple[Field, ...] = (
    _own("red brick", "brick", 1.65, lambda r: m.brick(r, _RED, (0.3, 0.28, 0.25))),
    _own("yellow brick", "brick", 1.65, lambda r: m.brick(r, (0.42, 0.31, 0.17), (0.26, 0.24, 0.21), spread=0.28)),
    _own("dark brick", "brick", 1.65, lambda r: m.brick(r, (0.11, 0.075, 0.065), (0.2, 0.19, 0.18), flemish=True)),
    _own("old brick", "brick", 1.65, lambda r: m.brick(r, (0.3, 0.12, 0.07), _LIME, flemish=True, spread=0.4)),
    _own("painted brick", "brick", 1.65, lambda r: m.painted_brick(r, (0.6, 0.58, 0.54))),
    _own("ashlar", "stone", 2.6, lambda r: m.ashlar(r, (0.44, 0.37, 0.27))),
    _own("rubble", "stone", 2.4, lambda r: m.rubble(r, (0.28, 0.25, 0.21))),
    _own("smooth plaster", "plaster", 3.0, lambda r: s.plaster(r, (0.55, 0.52, 0.47), rough=0.45, stains=0.05)),
    _own("rough plaster", "plaster", 2.0, lambda r: s.plaster(r, (0.5, 0.46, 0.4), rough=1.5, stains=0.09)),
    _own("weathered plaster", "plaster", 3.4, lambda r: s.plaster(r, (0.48, 0.43, 0.36), stains=0.15, cracks=0.7)),
    _own("pebble dash", "plaster", 1.2, lambda r: s.pebble_dash(r, (0.4, 0.36, 0.3))),
    _own("pantiles", "roof", 3.2, lambda r: m.pantiles(r, _CLAY, across=False)),
    _own("pantiles across", "roof", 3.2, lambda r: m.pantiles(r, _CLAY, across=True)),
    _own("slates", "roof", 3.0, lambda r: m.shingles(r, _SLATE, rows=14, columns=11, spread=0.2, across=False)),
    _own("slates across", "roof", 3.0, lambda r: m.shingles(r, _SLATE, rows=14, columns=11, spread=0.2, across=True)),
    _own("flat tiles", "roof", 2.6, lambda r: _flat(r, False)),
    _own("flat tiles across", "roof", 2.6, lambda r: _flat(r, True)),
    _own("corrugated sheet", "metal", 2.0, lambda r: m.corrugated(r, (0.34, 0.35, 0.35), across=False)),
    _own("roofing felt", "roof", 2.0, lambda r: s.felt(r, (0.09, 0.088, 0.085))),
    _own("new asphalt", "asphalt", 1.5, lambda r: s.asphalt(r, 0.05, stones_px=0.8)),
    _own("worn asphalt", "asphalt", 2.6, lambda r: s.asphalt(r, 0.15, stones_px=1.1, cracks=0.8)),
    _own("patched asphalt", "asphalt", 4.0, lambda r: s.asphalt(r, 0.11, stones_px=0.7, cracks=0.6, patches=0.3)),
    _own("concrete slabs", "paving", 2.4, lambda r: m.slabs(r, (0.32, 0.31, 0.29))),
    _own("small slabs", "paving", 1.6, lambda r: m.slabs(r, (0.3, 0.28, 0.25), rows=4, shift=0.0)),
    _own("clay pavers", "paving", 1.6, lambda r: m.pavers(r, (0.27, 0.14, 0.09))),
    _own("grey pavers", "paving", 1.6, lambda r: m.pavers(r, (0.25, 0.245, 0.235))),
    _own("setts", "paving", 1.8, lambda r: m.setts(r, (0.19, 0.185, 0.175))),
    _own("lawn", "grass", 1.4, lambda r: s.lawn(r, (0.075, 0.13, 0.03))),
    _own("dry lawn", "grass", 1.4, lambda r: s.lawn(r, (0.15, 0.15, 0.05), dry=0.5)),
    _own("leaf mass", "foliage", 1.3, lambda r: s.leaf_mass(r, (0.07, 0.12, 0.03))),
    _own("leaf litter", "soil", 1.4, lambda r: s.litter(r, (0.14, 0.085, 0.045))),
    _own("furrowed bark", "bark", 0.9, lambda r: s.bark(r, (0.13, 0.095, 0.07))),
    _own("boards", "wood", 1.6, lambda r: m.boards(r, (0.3, 0.19, 0.1))),
    _own("grey boards", "wood", 1.6, lambda r: m.boards(r, (0.27, 0.25, 0.22), 10)),
    _own("parquet", "wood", 1.2, lambda r: m.parquet(r, (0.33, 0.2, 0.1))),
    _own("white tiles", "tile", 1.2, lambda r: m.wall_tiles(r, (0.68, 0.68, 0.66))),
    _own("metro tiles", "tile", 1.2, lambda r: m.wall_tiles(r, (0.66, 0.66, 0.63), rows=12, columns=6, shift=0.5)),
    _own("floor tiles", "tile", 1.6, lambda r: m.wall_tiles(r, (0.36, 0.33, 0.29), rows=4, columns=4)),
    _own("canvas", "fabric", 0.35, lambda r: s.woven(r, (0.4, 0.37, 0.31), threads=128, twill=False)),
    _own("denim", "fabric", 0.3, lambda r: s.woven(r, _INDIGO, threads=128, twill=True, second=_UNDYED)),
    _own("wool", "fabric", 0.5, lambda r: s.woven(r, (0.25, 0.23, 0.21), threads=64, twill=True)),
    _own("corduroy", "fabric", 0.4, lambda r: s.corduroy(r, (0.24, 0.15, 0.07))),
    _own("leather", "fabric", 0.5, lambda r: s.leather(r, (0.12, 0.065, 0.04))),
    _own("carpet", "fabric", 1.0, lambda r: n.carpet(r, (0.2, 0.19, 0.18))),
    _own("flecked carpet", "fabric", 1.0, lambda r: n.carpet(r, (0.14, 0.15, 0.17), flecks=0.2)),
    _own("striped wallpaper", "plaster", 1.2, lambda r: n.striped_paper(r, (0.5, 0.46, 0.38), (0.4, 0.33, 0.24))),
    _own("damask wallpaper", "plaster", 1.6, lambda r: n.damask_paper(r, (0.34, 0.36, 0.31), (0.46, 0.44, 0.36))),
    _own("terrazzo", "tile", 1.2, lambda r: n.terrazzo(r, (0.42, 0.41, 0.38))),
    _own("planks", "wood", 1.1, lambda r: n.planks(r, (0.32, 0.22, 0.13))),
    _own("acoustic ceiling", "plaster", 1.25, lambda r: n.acoustic(r, (0.6, 0.6, 0.58))),
)  # fmt: skip

FIELDS: dict[str, Field] = {f.name: f for f in (*PHOTOGRAPHS, *SYNTHESISED)}

PICTURES: tuple[str, ...] = tuple(
    f"art_{name}.webp"
    for name in ("africa010", "africa011", "japan004", "japan005", "japan006", "japan011", "japan013")
)
RUGS: tuple[str, ...] = tuple(f"carpet{number}.webp" for number in ("008", "009", "010", "018", "021"))


def read_picture(name: str) -> U8:
    """A file of ``textures/`` as ``[H, W, 3]`` uint8 sRGB (RGB order)."""
    found = np.asarray(
        cv2.imdecode(np.frombuffer((TEXTURES / name).read_bytes(), np.uint8), cv2.IMREAD_COLOR), np.uint8
    )
    return np.ascontiguousarray(found[..., ::-1])


@cache
def _cache_folder() -> Path:
    """Where drawn textures are kept between scenes, apart for each version of the code that draws them."""
    base = os.environ.get("FRAMEGEN_CACHE") or os.environ.get("XDG_CACHE_HOME") or str(Path.home() / ".cache")
    modules = ("bank", "linings", "masonry", "surfaces", "synthesis")
    code = b"".join((Path(__file__).parent / f"{module}.py").read_bytes() for module in modules)
    return Path(base) / "framegen" / "textures" / hashlib.sha256(code).hexdigest()[:16]


def drawn(name: str) -> Texture:
    """A synthesised field, drawn anew: the same texels each time."""
    source = FIELDS[name].source
    assert callable(source)
    return source(np.random.default_rng(zlib.crc32(name.encode())))


def _kept(name: str) -> Texture:
    """A synthesised field from the cache, drawn where it is missing or broken."""
    path = _cache_folder() / f"{name.replace(' ', '-')}.npz"
    with contextlib.suppress(OSError, ValueError, KeyError, zipfile.BadZipFile), np.load(path) as data:
        return Texture(data["albedo"], data["height"])
    made = drawn(name)
    with contextlib.suppress(OSError):
        path.parent.mkdir(parents=True, exist_ok=True)
        part = path.with_suffix(f".{os.getpid()}.part.npz")
        np.savez(part, albedo=made.albedo, height=made.height)
        os.replace(part, path)
    return made


@cache
def texture(name: str) -> Texture:
    """The texture of a field of :data:`FIELDS`, ``SIDE_PX`` texels square."""
    field = FIELDS[name]
    if callable(field.source):
        return _kept(name)
    picture = np.asarray(
        cv2.resize(read_picture(field.source), (SIDE_PX, SIDE_PX), interpolation=cv2.INTER_AREA), np.uint8
    )
    gray = cv2.cvtColor(picture, cv2.COLOR_RGB2GRAY).astype(np.float32)
    low, high = np.percentile(gray, (1, 99))
    return Texture(picture, np.clip((gray - low) / max(float(high - low), 1.0), 0, 1).astype(np.float32))


def linear(picture: U8) -> F32:
    """sRGB-encoded uint8 -> linear float32, 0..1."""
    c = picture.astype(np.float32) / 255
    return np.asarray(np.where(c <= 0.04045, c / 12.92, ((c + 0.055) / 1.055) ** 2.4), np.float32)


@cache
def mean_color(name: str) -> Color:
    """Mean linear RGB of a field."""
    levels = linear(np.arange(256, dtype=np.uint8))
    counts = (np.bincount(channel.ravel(), minlength=256) for channel in np.moveaxis(texture(name).albedo, -1, 0))
    r, g, b = (float(count @ levels / count.sum()) for count in counts)
    return r, g, b


def write_bank(folder: Path) -> None:
    """All fields as ``NAME.png`` (dashes for spaces): what a detail atlas is cut from, and a look at the bank."""
    folder.mkdir(parents=True, exist_ok=True)
    for name in FIELDS:
        path = folder / f"{name.replace(' ', '-')}.png"
        path.write_bytes(cv2.imencode(".png", texture(name).albedo[..., ::-1])[1].tobytes())
