"""Blender stages out of doors without houses: countryside, coast, desert."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from framegen.frame import F64
from framegen.training.scenes import plants
from framegen.training.scenes.bank import mean_color
from framegen.training.scenes.geometry import Builder, height_grid, moved
from framegen.training.scenes.land import Land, countryside, seaside, wasteland
from framegen.training.scenes.lowpoly import blob_tree, cone_tree
from framegen.training.scenes.matter import Ground, Layer, Surface, Water
from framegen.training.scenes.relief import gradient_noise, smoothstep
from framegen.training.scenes.rocks import boulder
from framegen.training.scenes.settle import settle
from framegen.training.scenes.stage import Stage, Viewpoint
from framegen.training.scenes.synthesis import Color, Rng, scaled

PLACES = {
    "nature": ("forest", "meadow", "mountain", "pine forest", "lake"),
    "coast": ("sandy beach", "rocky coast", "tropical beach"),
    "desert": ("sand dunes", "rocky desert"),
}


@dataclass
class _Planting:
    """Mesh variants of one species: ``plain`` ones, or ``pairs`` of low-poly body and photoreal coat."""

    plain: list[Any]
    pairs: list[tuple[Any, Any]]

    def put(self, stage: Stage, rng: Rng, place: F64) -> None:
        if self.pairs:
            body, coat = self.pairs[int(rng.integers(len(self.pairs)))]
            stage.put(body, place)
            stage.only_photoreal.append(stage.put(coat, place))
        else:
            stage.put(self.plain[int(rng.integers(len(self.plain)))], place)


def _field(label: str, name: str, gain: Color | float = 1.0, **more: Any) -> Surface:
    """A surface in its field's own mean colour times ``gain``."""
    return Surface(label, scaled(mean_color(name), gain), name, rough=0.9, bump=0.7, bump_m=0.06, **more)


def _rock(rng: Rng, sandy: Color | None = None) -> Surface:
    name, gain = (("rock", 1.05), ("cliff", 0.75), ("dark stone", 2.4))[int(rng.integers(3))]
    if sandy is not None:
        return _field("rock", "cliff", scaled(sandy, 0.9, 9.0))
    return _field("rock", name, gain)


def _spacing(size: float, count: int, power: float) -> F64:
    """Coordinates from -size to size, dense in the middle."""
    t = np.linspace(-1, 1, count)
    return np.asarray(np.sign(t) * np.abs(t) ** power * size, np.float64)


class Wild:
    """Builds one stage."""

    def __init__(self, kind: str, rng: Rng) -> None:
        self.kind, self.rng = kind, rng
        self.place = str(rng.choice(PLACES[kind]))
        self.land: Land = {"nature": countryside, "coast": seaside, "desert": wasteland}[kind](rng, self.place)
        self.stage = Stage(place=self.place, words=[self.place], backdrop={"terrain", "water"})
        self.lowpoly = kind == "nature" and rng.random() < 0.35
        self.bare = False
        self.evergreen = self.place == "pine forest" or (kind == "nature" and rng.random() < 0.3)

    def build(self) -> Stage:
        """The whole stage."""
        rock = self._ground()
        self._water()
        self._trees()
        self._bushes()
        self._rocks(rock)
        settle(self.stage, self.rng, self.kind, self.land)
        self._words()
        self.stage.sample = self._sample
        self.stage.dress = self._dress
        return self.stage

    # -- land ---------------------------------------------------------------------------------------------------------
    def _ground(self) -> Surface:
        rng, land = self.rng, self.land
        axis = _spacing(190.0, 300, 1.9)
        x, y = np.meshgrid(axis, axis)
        z = land.height(x, y)
        points, faces = height_grid(x, y, z)
        sandy: Color = ((1.05, 1.0, 0.92), (1.1, 0.95, 0.78), (1.15, 0.78, 0.55))[int(rng.integers(3))]
        rock = _rock(rng, sandy if self.kind == "desert" else None)
        if self.kind == "nature":
            names = ("grass", "undergrowth", "lawn", "dry lawn")
            green = _field("grass", str(rng.choice(names)), (0.95, 1.0, 0.75), season="ground", puddles=True)
            second = _field("soil", str(rng.choice(("earth", "soil", "leaf litter"))), (0.9, 0.85, 0.7))
            track = _field("soil", str(rng.choice(("earth", "gravel", "soil"))), (1.25, 1.1, 0.95))
            layers = (Layer(second, "patch", 1.0), Layer(track, "path", 0.7), Layer(rock, "steep", 0.5))
            ground = Ground(green, layers)
        else:
            base = _field("sand", "sand", sandy, puddles=True)
            second = _field("soil", "soil", scaled(sandy, 1.5, 9.0)) if self.place == "rocky desert" else base
            track = _field("sand", "sand", (1.1, 1.05, 1.0))
            layers = (Layer(second, "patch", 1.0), Layer(track, "path", 0.7), Layer(rock, "steep", 0.5))
            shore = land.water_m if self.kind == "coast" else None
            ground = Ground(base, layers, shore, ripples=0.5 if self.place in ("sand dunes", "sandy beach") else 0.0)
        inside = land.on_path(x, y)
        lowest = 0.55 if self.kind == "nature" else 0.45
        attributes = {
            "patch": smoothstep(-0.2, 0.7, gradient_noise(x * 0.06, y * 0.06, land.seed + 40)),
            "path": np.clip(0.5 + inside, 0, 1),
            "steep": smoothstep(lowest, lowest + 0.5, land.slope(x, y)),
        }
        out = Builder()
        out.add(points, faces, ground, smooth=True)
        self.stage.put(self.stage.mesh(out, "terrain", attributes))
        return rock

    def _water(self) -> None:
        land = self.land
        if land.water_m is None:
            return
        sea = self.kind == "coast"
        axis = _spacing(700.0 if sea else 80.0, 240, 2.6 if sea else 1.6)
        x, y = np.meshgrid(axis, axis)
        depth = np.where(np.hypot(x, y) > 180, 9.0, land.water_m - land.height(x, y))
        if self.place == "tropical beach":
            water = Water((0.004, 0.07, 0.11), (0.1, 0.42, 0.4))
        elif sea:
            water = Water((0.004, 0.03, 0.045), (0.05, 0.2, 0.2))
        else:
            water = Water((0.008, 0.02, 0.02), (0.05, 0.06, 0.035), choppy=0.35, foam=False)
        points, faces = height_grid(x, y, np.full_like(x, land.water_m))
        out = Builder()
        out.add(points, faces, water, smooth=True)
        self.stage.put(self.stage.mesh(out, "water", {"depth": np.clip(depth, -1, 9)}))
        self.stage.words += ["water", "sea" if sea else "lake"]

    # -- planting -----------------------------------------------------------------------------------------------------
    def _mesh(self, builder: Builder, name: str) -> Any:
        made: Any = self.stage.mesh(builder, name)
        return made

    def _species(self) -> _Planting:
        rng, stage = self.rng, self.stage
        if self.kind == "desert":
            stage.words.append("cacti")
            return _Planting([self._mesh(plants.cactus(rng, rng.uniform(2.5, 5.5)), "cactus") for _ in range(4)], [])
        if self.place == "tropical beach":
            stage.words.append("palm trees")
            return _Planting(
                [self._mesh(plants.palm(rng, rng.uniform(5, 9), plants.BARK), "palm") for _ in range(3)], []
            )
        if self.lowpoly:
            return self._lowpoly_species()
        made = []
        if self.evergreen or self.kind == "coast" or rng.random() < 0.5:
            spray = plants.needles(str(rng.choice(("spruce", "pine"))))
            tall = (4, 8) if self.kind == "coast" else (7, 15)
            for _ in range(3):
                tree = plants.conifer(rng, rng.uniform(*tall), plants.BARK, spray, slim=rng.uniform(0.15, 0.26))
                made.append(self._mesh(tree, "conifer"))
            stage.words.append("conifers")
        if self.kind == "nature" and not self.evergreen:
            self.bare = rng.random() < 0.12
            for species in rng.choice(plants.BROADLEAVES, 3, replace=False):
                bark = plants.BIRCH_BARK if rng.random() < 0.25 else plants.BARK
                leaves = None if self.bare else plants.leaf(str(species))
                tree = plants.broadleaf(rng, rng.uniform(6.5, 12), bark, leaves, spread=rng.uniform(0.8, 1.25))
                made.append(self._mesh(tree, "tree"))
            stage.words.append("bare trees" if self.bare else "broadleaf trees")
        return _Planting(made, [])

    def _lowpoly_species(self) -> _Planting:
        rng, pairs = self.rng, []
        for _ in range(4):
            cone = self.evergreen or rng.random() < 0.35
            height = rng.uniform(4, 9)
            body, coat = cone_tree(rng, height) if cone else blob_tree(rng, height, str(rng.choice(plants.BROADLEAVES)))
            pairs.append((self._mesh(body, "tree"), self._mesh(coat, "coat")))
        self.stage.words.append("trees")
        return _Planting([], pairs)

    def _free(self, x: F64, y: F64, clear_m: float) -> NDArray[np.bool_]:
        """Which of the places are dry, level enough and off the path."""
        land = self.land
        above = 0.9 if self.kind == "coast" else 0.25
        free = (land.slope(x, y) < 0.8) & (land.on_path(x, y) < -clear_m)
        return free if land.water_m is None else free & (land.height(x, y) > land.water_m + above)

    def _plant(self, species: _Planting, x: F64, y: F64, sink: F64, scale: F64) -> None:
        """Plants or rocks at places, sunk into the ground by some metres."""
        z = self.land.height(x, y) - sink
        for px, py, pz, size in np.stack([x, y, z, scale], 1).tolist():
            species.put(self.stage, self.rng, moved(px, py, pz, self.rng.uniform(0, 6.28), size))

    def _trees(self) -> None:
        rng, species = self.rng, self._species()
        count = {"forest": 480, "meadow": 120, "mountain": 240, "lake": 260, "pine forest": 560, "rocky desert": 110}
        wooded = -0.5 if "forest" in self.place else -0.1
        x, y = rng.uniform(-85, 85, (2, count.get(self.place, 25 if self.kind == "desert" else 140)))
        keep = self._free(x, y, 1.8)
        if self.kind == "nature":
            keep &= gradient_noise(x * 0.05, y * 0.05, self.land.seed + 9) > wooded
        self._plant(species, x[keep], y[keep], np.full(keep.sum(), 0.12), rng.uniform(0.6, 1.3, keep.sum()))

    def _bushes(self) -> None:
        if self.bare:
            return
        rng = self.rng
        dry = self.kind == "desert" or self.place == "rocky coast"
        made = []
        for _ in range(3):
            leaves = plants.DRY if dry else plants.leaf(str(rng.choice(plants.BROADLEAVES)))
            count = 110 if self.kind == "desert" else 420
            made.append(self._mesh(plants.bush(rng, rng.uniform(0.4, 0.8), plants.BARK, leaves, count=count), "bush"))
        x, y = rng.normal(size=(2, 200)) * 26
        keep = self._free(x, y, 0.7) & (gradient_noise(x * 0.15, y * 0.15, self.land.seed + 11) > 0)
        self._plant(_Planting(made, []), x[keep], y[keep], np.full(keep.sum(), 0.05), rng.uniform(0.4, 1.4, keep.sum()))
        self.stage.words.append("dry shrubs" if dry else "bushes")

    def _rocks(self, rock: Surface) -> None:
        rng = self.rng
        stony = self.place in ("rocky coast", "rocky desert", "mountain")
        made = [self._mesh(boulder(rng, rock, angular=rng.random()), "rock") for _ in range(4)]
        count = int(rng.integers(30, 170)) * (2 if stony else 1)
        x, y = rng.normal(size=(2, count)) * np.array([[14.0 if self.kind == "coast" else 30.0], [30.0]])
        keep = (self.land.on_path(x, y) < -0.4) & (self.land.slope(x, y) < 1.2)
        scale = 0.06 + rng.random(keep.sum()) ** 3 * (2.2 if stony else 1.1)
        self._plant(_Planting(made, []), x[keep], y[keep], 0.2 * scale, scale)
        if count > 50:
            self.stage.words.append("rocks")

    def _words(self) -> None:
        stage = self.stage
        stage.words.append("grass" if self.kind == "nature" else "sand")
        stage.words += ["dirt path"] if self.land.path_half_m else []
        stage.words += ["mountains"] if self.place == "mountain" else []
        if self.kind == "desert" or self.place == "tropical beach":
            stage.seasons = ["summer"]
        elif self.bare:
            stage.seasons = ["winter", "autumn", "winter"]
        elif self.kind == "coast":
            stage.seasons = ["summer", "autumn", "winter"]
        elif self.evergreen:
            stage.seasons = ["summer", "winter", "winter", "autumn"]
        else:
            stage.seasons = ["summer", "spring", "autumn"]

    # -- cameras ------------------------------------------------------------------------------------------------------
    def _sample(self, rng: Rng) -> Viewpoint:
        land = self.land
        coast = self.kind == "coast"
        x, y = (rng.uniform(-3, 22), rng.uniform(-35, 35)) if coast else tuple(rng.uniform(-28, 28, 2))
        yaw = rng.uniform(0, 2 * np.pi)
        if land.path_half_m and rng.random() < 0.55:
            x = float(land.path_x(np.float64(y))) + rng.normal() * 0.5
            yaw = rng.choice((0.0, np.pi)) + rng.normal() * 0.3
        elif coast:
            yaw = rng.choice((np.pi / 2, 0.0, np.pi)) + rng.normal() * 0.5
        elif self.place == "lake" and rng.random() < 0.7:
            yaw = math.atan2(x - 4, 18 - y) + rng.normal() * 0.3
        height = rng.uniform(1.4, 1.9)
        if rng.random() > 0.6:
            height = rng.uniform(0.45, 1.2) if rng.random() < 0.4 else rng.uniform(2.5, 9)
        water = land.water_m if land.water_m is not None else -99.0
        z = max(float(land.height(x, y)), water) + height
        pitch = math.radians(rng.normal(-2 - 1.6 * max(0.0, height - 1.9), 4))
        return Viewpoint((float(x), float(y), z), float(yaw), pitch)

    def _dress(self, views: list[Viewpoint]) -> None:
        """Grass in front of the cameras, on the photoreal side alone."""
        if self.kind == "desert":
            return
        rng, land = self.rng, self.land
        tall = rng.uniform(0.08, 0.4)
        out = Builder()
        for view in views:
            x, y, _ = view.position
            at = plants.grass_places(rng, x, y, view.yaw_rad, 26000 if self.kind == "nature" else 5000)
            px, py = at[:, 0], at[:, 1]
            z = land.height(px, py)
            thick = gradient_noise(px * 0.22, py * 0.22, land.seed + 20) + 0.6 * gradient_noise(
                px * 0.9, py * 0.9, land.seed + 21
            )
            sparse = {"meadow": -0.55, "lake": -0.55}.get(self.place, -0.2 if self.kind == "nature" else 0.25)
            keep = (land.on_path(px, py) < -0.05) & (land.slope(px, py) < 0.75) & (thick > sparse)
            if land.water_m is not None:
                keep &= z > land.water_m + (1.3 if self.kind == "coast" else 0.1)
            height = tall * (0.55 + 0.8 * np.clip(thick + 0.5, 0, 1.4))
            if keep.any():
                plants.grass(rng, at[keep, :2], z[keep], at[keep, 2], height[keep], out)
        if out.parts:
            self.stage.under_snow.append(self.stage.put(self.stage.mesh(out, "grass")))


def build(kind: str, rng: Rng) -> Stage:
    """The stage of a kind of :data:`PLACES`."""
    return Wild(kind, rng).build()
