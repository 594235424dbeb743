"""What is seen from a room's windows: lawn or street, trees, the houses across."""

from __future__ import annotations

import math

import numpy as np

from framegen.training.scenes import plants
from framegen.training.scenes.bank import mean_color
from framegen.training.scenes.geometry import Builder, moved
from framegen.training.scenes.houses import House, Quarter, draw_style, draw_wall
from framegen.training.scenes.matter import Surface
from framegen.training.scenes.stage import Stage
from framegen.training.scenes.synthesis import Rng


def add_outlook(stage: Stage, rng: Rng, size: tuple[float, float, float]) -> None:
    """Ground some metres below or level with the floor, houses and trees on all sides with a window or not."""
    x, y, _ = size
    below = 0.3 if rng.random() < 0.5 else rng.uniform(3.0, 9.0)
    green = rng.random() < 0.6
    name = "lawn" if green else "asphalt"
    ground = Builder()
    surface = Surface(
        "grass" if green else "asphalt", mean_color(name), name, season="ground" if green else "", bump=0.3
    )
    ground.polygon([(-300, -300, -below), (300, -300, -below), (300, 300, -below), (-300, 300, -below)], surface)
    stage.put(stage.mesh(ground, "outside"), backdrop=True)
    quarter = Quarter((2, 5), 0.2, 0.6, 0.2, 0.1, 9.0, True)
    walls = [draw_wall(rng) for _ in range(4)]
    made = []
    for _ in range(3):
        out, wide = Builder(), rng.uniform(8, 14)
        roof = "eaves" if rng.random() < 0.6 else "flat"
        House(out, rng, draw_style(rng, quarter, walls), wide, 9.0).draw(shops=False, roof=roof)
        made.append((stage.mesh(out, "house"), wide))
    for side in (0, 1, 2):
        distance, along = rng.uniform(13, 30), -22.0
        while along < 26:
            mesh, wide = made[int(rng.integers(3))]
            # fronts look back at the room
            frame = {
                0: moved(x / 2 + along + wide, -distance, -below, math.pi),
                1: moved(x + distance, y / 2 + along + wide, -below, -math.pi / 2),
                2: moved(x / 2 + along, y + distance, -below),
            }[side]
            stage.put(mesh, frame, backdrop=True)
            along += wide + rng.choice((0.0, 0.0, 4.0))
    species = str(rng.choice(plants.BROADLEAVES))
    tree = stage.mesh(plants.broadleaf(rng, rng.uniform(6, 8), plants.BARK, plants.leaf(species), count=1400), "tree")
    for _ in range(int(rng.integers(2, 7))):
        turn, reach = rng.uniform(-2.2, 2.2), rng.uniform(5.5, 11)
        px, py = x / 2 + (x / 2 + reach) * math.cos(turn), y / 2 + (y / 2 + reach) * math.sin(turn)
        stage.put(tree, moved(px, py, -below, rng.uniform(0, 6), rng.uniform(0.7, 1.2)), backdrop=True)
    stage.seasons = ["summer", "autumn", "spring", "summer"]
    stage.sun_azimuth_deg = float(np.degrees(math.pi / 2))
