"""What the town is made of: albedo, label and a tiny pattern for each material.

Colours are those of a neutral grey-box frame: mid tones, no shadows, no weather. The looks
are the model's business; the engine only says what things are.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from framegen.frame import U8

LABELS: tuple[str, ...] = (
    "unknown",
    "sky",
    "soil",
    "grass",
    "sand",
    "rock",
    "water",
    "asphalt",
    "paving",
    "road marking",
    "plaster",
    "brick",
    "concrete",
    "stone",
    "roof",
    "glass",
    "wood",
    "metal",
    "bark",
    "foliage",
    "car paint",
    "tyre",
    "plastic",
    "fabric",
    "tile",
    "lamp",
    "picture",
    "cactus",
    "sign",
    "hill",
    "person",
    "car window",
)
"""Name of each value of the demo's label plane; the index is the value."""

SKY_LABEL = LABELS.index("sky")

PATTERN_PX = 64
PATTERN_TILE_M: dict[str, float] = {
    "plain": 4.0,
    "asphalt": 5.0,
    "slabs": 2.4,
    "cobbles": 1.6,
    "bricks": 1.6,
    "tiles": 2.0,
    "plaster": 6.0,
    "grass": 5.0,
    "planks": 1.2,
    "stone": 2.4,
    "leaves": 3.0,
}
"""Patterns and the metres that one repetition covers. The order is that of the texture's layers."""

PATTERNS: tuple[str, ...] = tuple(PATTERN_TILE_M)


@dataclass(frozen=True)
class Material:
    """A surface.

    Attributes:
        label: a name from :data:`LABELS`.
        albedo: linear RGB, 0..1.
        pattern: a name from :data:`PATTERNS`; it varies the brightness a little.
    """

    label: str
    albedo: tuple[float, float, float]
    pattern: str = "plain"

    def shaded(self, gain: float) -> Material:
        """The same material, lighter or darker by a factor."""
        r, g, b = (min(1.0, channel * gain) for channel in self.albedo)
        return Material(self.label, (r, g, b), self.pattern)


@lru_cache(maxsize=4096)
def srgb8(linear: tuple[float, float, float]) -> tuple[int, int, int]:
    """Linear RGB 0..1 -> sRGB-encoded 0..255 (IEC 61966-2-1)."""
    r, g, b = (round(255 * (12.92 * c if c <= 0.0031308 else 1.055 * c ** (1 / 2.4) - 0.055)) for c in linear)
    return r, g, b


ASPHALT = Material("asphalt", (0.165, 0.165, 0.167), "asphalt")
PAVING = Material("paving", (0.26, 0.24, 0.21), "slabs")
COBBLES = Material("paving", (0.24, 0.22, 0.19), "cobbles")
KERB = Material("concrete", (0.38, 0.37, 0.35))
MARKING = Material("road marking", (0.70, 0.70, 0.68))
LAWN = Material("grass", (0.075, 0.135, 0.035), "grass")
MEADOW = Material("grass", (0.10, 0.16, 0.05), "grass")
HILL = Material("hill", (0.12, 0.19, 0.08), "grass")
SOIL = Material("soil", (0.16, 0.11, 0.07), "grass")
WATER = Material("water", (0.10, 0.25, 0.32))
STONE = Material("stone", (0.36, 0.33, 0.28), "stone")
PALE_STONE = Material("stone", (0.50, 0.46, 0.39), "stone")
CONCRETE = Material("concrete", (0.34, 0.33, 0.31), "plaster")
GLASS = Material("glass", (0.20, 0.28, 0.38))
SHOP_GLASS = Material("glass", (0.17, 0.25, 0.33))
DOOR_WOOD = Material("wood", (0.22, 0.13, 0.08), "planks")
BENCH_WOOD = Material("wood", (0.30, 0.18, 0.09), "planks")
DARK_METAL = Material("metal", (0.09, 0.095, 0.10))
STEEL = Material("metal", (0.36, 0.37, 0.38))
LAMP_GLASS = Material("lamp", (0.88, 0.84, 0.70))
BARK = Material("bark", (0.22, 0.16, 0.11), "planks")
LEAVES = Material("foliage", (0.105, 0.19, 0.055), "leaves")
HEDGE = Material("foliage", (0.09, 0.165, 0.05), "leaves")
TYRE = Material("tyre", (0.035, 0.035, 0.037))
CAR_GLASS = Material("car window", (0.15, 0.21, 0.28))
CAR_TRIM = Material("plastic", (0.05, 0.05, 0.055))
HEADLAMP = Material("lamp", (0.80, 0.80, 0.75))
TAILLAMP = Material("lamp", (0.45, 0.03, 0.03))
SKIN = Material("person", (0.48, 0.30, 0.21))

PLASTERS: tuple[Material, ...] = tuple(
    Material("plaster", albedo, "plaster")
    for albedo in (
        (0.56, 0.46, 0.31),
        (0.60, 0.55, 0.45),
        (0.47, 0.28, 0.19),
        (0.60, 0.58, 0.54),
        (0.36, 0.40, 0.37),
        (0.55, 0.37, 0.28),
        (0.42, 0.21, 0.14),
        (0.57, 0.49, 0.27),
        (0.48, 0.33, 0.33),
    )
)
BRICKS: tuple[Material, ...] = tuple(
    Material("brick", albedo, "bricks") for albedo in ((0.27, 0.09, 0.055), (0.31, 0.135, 0.08), (0.37, 0.26, 0.16))
)
ROOFS: tuple[Material, ...] = tuple(
    Material("roof", albedo, "tiles") for albedo in ((0.34, 0.13, 0.075), (0.29, 0.115, 0.07), (0.13, 0.135, 0.15))
)
FLAT_ROOF = Material("roof", (0.22, 0.215, 0.21), "asphalt")
TRIMS: tuple[Material, ...] = tuple(
    Material("plaster", albedo) for albedo in ((0.62, 0.60, 0.56), (0.55, 0.50, 0.42), (0.30, 0.29, 0.27))
)
CLOTHS: tuple[Material, ...] = tuple(
    Material("fabric", albedo)
    for albedo in ((0.38, 0.06, 0.05), (0.05, 0.13, 0.25), (0.06, 0.22, 0.10), (0.52, 0.43, 0.29), (0.50, 0.27, 0.05))
)
SIGNS: tuple[Material, ...] = tuple(
    Material("sign", albedo)
    for albedo in ((0.46, 0.06, 0.05), (0.05, 0.14, 0.38), (0.58, 0.53, 0.44), (0.05, 0.24, 0.13), (0.55, 0.33, 0.06))
)
PAINTS: tuple[Material, ...] = tuple(
    Material("car paint", albedo)
    for albedo in (
        (0.36, 0.02, 0.02),
        (0.03, 0.07, 0.22),
        (0.42, 0.43, 0.44),
        (0.58, 0.58, 0.56),
        (0.03, 0.12, 0.07),
        (0.42, 0.28, 0.12),
        (0.10, 0.22, 0.32),
        (0.06, 0.06, 0.065),
    )
)
COATS: tuple[Material, ...] = tuple(
    Material("person", albedo)
    for albedo in (
        (0.30, 0.06, 0.05),
        (0.06, 0.10, 0.20),
        (0.42, 0.36, 0.25),
        (0.10, 0.16, 0.10),
        (0.45, 0.30, 0.06),
        (0.22, 0.21, 0.24),
    )
)
TROUSERS: tuple[Material, ...] = tuple(
    Material("person", albedo) for albedo in ((0.06, 0.08, 0.14), (0.09, 0.085, 0.08), (0.24, 0.20, 0.15))
)


def pattern_layers(seed: int = 7) -> U8:
    """``[L, 64, 64]`` uint8 brightness of each pattern; 128 means unchanged. Every layer tiles seamlessly."""
    rng = np.random.default_rng(seed)
    size = PATTERN_PX
    y, x = np.mgrid[0:size, 0:size] / size
    out = []
    for name in PATTERNS:
        if name == "plain":
            gain = np.ones((size, size))
        elif name in ("slabs", "cobbles", "bricks", "stone"):
            rows, columns, contrast, joint = {
                "slabs": (4, 4, 0.12, 0.22),
                "cobbles": (8, 8, 0.22, 0.30),
                "bricks": (16, 6, 0.07, 0.06),
                "stone": (6, 4, 0.10, 0.10),
            }[name]
            gain = _masonry(rng, x, y, rows, columns, contrast, joint)
        elif name == "tiles":
            gain = 1.0 - 0.22 * ((y * 8) % 1.0 < 0.25) + 0.10 * (_cells(rng, x, y, 8, 16) - 0.5)
        elif name == "planks":
            gain = 1.0 - 0.18 * ((x * 6) % 1.0 < 0.15) + 0.16 * (_cells(rng, x, y * 0, 1, 6) - 0.5)
        else:
            amount = {"asphalt": 0.10, "plaster": 0.08, "grass": 0.34, "leaves": 0.40}[name]
            gain = 1.0 + amount * _noise(rng, size)
        out.append(np.clip(np.round(128 * gain / gain.mean()), 0, 255).astype(np.uint8))
    return np.stack(out)


def _cells(
    rng: np.random.Generator, x: NDArray[np.float64], y: NDArray[np.float64], rows: int, columns: int
) -> NDArray[np.float64]:
    """A random number 0..1 per cell of a grid."""
    table = rng.random((rows, columns))
    picked: NDArray[np.float64] = table[(y * rows).astype(int) % rows, np.floor(x * columns).astype(int) % columns]
    return picked


def _masonry(
    rng: np.random.Generator,
    x: NDArray[np.float64],
    y: NDArray[np.float64],
    rows: int,
    columns: int,
    contrast: float,
    joint: float,
) -> NDArray[np.float64]:
    """Running bond: every second course is moved by half a stone; joints are darker by ``joint``."""
    shifted = x + 0.5 / columns * (np.floor(y * rows) % 2)
    gain = 1.0 + contrast * 2 * (_cells(rng, shifted, y, rows, columns) - 0.5)
    width = PATTERN_PX / columns
    in_joint = ((shifted * columns) % 1.0 < 1.6 / width) | ((y * rows) % 1.0 < 1.6 * rows / PATTERN_PX)
    return np.asarray(np.where(in_joint, gain - joint, gain))


def _noise(rng: np.random.Generator, size: int) -> NDArray[np.float64]:
    """Smooth seamless noise, about -1..1: white noise filtered to 1/f in the Fourier domain."""
    spectrum = np.fft.fft2(rng.standard_normal((size, size)))
    fy, fx = np.fft.fftfreq(size)[:, None], np.fft.fftfreq(size)[None, :]
    frequency = np.hypot(fx, fy)
    frequency[0, 0] = np.inf
    field = np.fft.ifft2(spectrum / frequency**0.8).real
    return np.asarray(field / (2.0 * field.std()))
