"""A Panda3D scene of one's own, restyled live, on the live page.

    framegen serve                       # in one terminal
    pip install ".[demo]"                # in the clone
    python demos/03_live_panda3d.py      # in another; then open the address it prints

What a game does every frame is in the loop at the end: render, send, draw the newest picture that
came back. It never waits for the server.
"""

import argparse
import time

import numpy as np

from framegen import Client, Settings, plain_errors
from framegen.demo import materials as m
from framegen.demo.mesh import MeshBuilder, rotation_z, translation
from framegen.demo.panda import PandaRenderer
from framegen.demo.paths import look_along
from framegen.demo.scene import LIGHT_DIRECTION, clusters
from framegen.loopback import port
from framegen.viewer import Figures, Pair, ViewerBridge

parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
parser.add_argument("address", nargs="?", default="tcp://127.0.0.1:5555", help="of the server")
parser.add_argument("--seconds", type=float, default=float("inf"), help="stop after so long")
parser.add_argument("--port", type=port, default=8081, help="of the page")
args = parser.parse_args()

# --- a scene: a yard with walls and crates, and a drum that turns -----------------------------------
yard = MeshBuilder()
yard.rectangle(-60, -60, 60, 60, 0.0, m.COBBLES)
for side in range(4):
    with yard.at(rotation_z(side * np.pi / 2)):
        yard.box((-14, 13, 0), (14, 14, 4), m.BRICKS[1], top=m.TRIMS[0])
rng = np.random.default_rng(3)
for _ in range(14):
    x, y = rng.uniform(-10, 10, 2)
    size = rng.uniform(0.6, 1.4)
    with yard.at(translation(x, y) @ rotation_z(rng.uniform(0, 3))):
        yard.box((-size / 2, -size / 2, 0), (size / 2, size / 2, size), m.BENCH_WOOD)
drum = MeshBuilder()
for k in range(8):
    with drum.at(rotation_z(k * np.pi / 4)):
        drum.box((1.2, -0.4, 0.4), (1.6, 0.4, 2.4), m.PAINTS[k])

with plain_errors():  # there may be no OpenGL
    renderer = PandaRenderer(
        512, 288, fov_y_rad=np.radians(54), near_m=0.1, far_m=200.0, light_direction=LIGHT_DIRECTION
    )  # fmt: skip
renderer.load(clusters(yard.build(), 40.0), [drum.build()])

# --- a client, and a page that shows what it sends and gets ------------------------------------------
current = [Settings(prompt="golden hour, low warm sun", sun="prompt")]
labels = {value: name for value, name in enumerate(m.LABELS) if value}
colors = {}  # frame id -> the engine's picture, until the answer comes
figures = Figures()
PATIENCE_S = 2.0  # before the terminal says that no server answers


def on_settings(_channel, changes):
    current[0] = current[0].updated(changes)
    client.set(**changes)


def on_result(restyled):
    color = colors.pop(restyled.frame_id)
    figures.answered(restyled.how, (time.perf_counter_ns() - restyled.timestamp_ns) * 1e-6, restyled.stages_ms)
    page.publish(Pair(color, restyled.image, restyled.frame_id, restyled.how.value, restyled.model))
    page.figures(figures.snapshot())
    page.state("live", model=restyled.model)


def forget(frame_ids):
    for frame_id in frame_ids:
        colors.pop(frame_id, None)


with (
    plain_errors(),
    ViewerBridge(on_settings, port=args.port, title="A yard in Panda3D") as page,
    Client(
        args.address,
        name="yard",
        settings={"prompt": current[0].prompt, "sun": current[0].sun, "labels": labels},
        on_result=on_result,
        on_superseded=lambda frame_id, _by: forget([frame_id]),
        on_lost=lambda frame_ids, _cause: forget(frame_ids),
        on_error=lambda error: forget([getattr(error, "frame_id", None)]),
        on_settings=lambda applied: page.settings(current[0], applied.understood, applied.ignored),
    ) as client,
):
    print(f"{page.url}  (Ctrl-C stops it)", flush=True)
    page.state("connecting")
    page.settings(current[0])
    start, told = time.perf_counter(), False
    try:
        while (now := time.perf_counter() - start) < args.seconds:
            eye = look_along((9 * np.cos(0.3 * now), 9 * np.sin(0.3 * now), 2.2), 0.3 * now + np.pi, -0.08)
            planes = renderer.render(eye, rotation_z(0.8 * now)[None])
            frame = client.frame(
                planes.color,
                depth_m=planes.depth_m,
                motion_px=planes.motion_px,
                camera=planes.camera,
                label=planes.label,
            )
            colors[frame.frame_id] = frame.color
            client.send(frame)
            if not told and not client.connected and now > PATIENCE_S:
                told = True
                print(client.no_server(), flush=True)  # the client goes on trying
            time.sleep(1 / 30)
    except KeyboardInterrupt:
        pass
    stats = client.stats
    print(f"{stats.sent} frames sent, {stats.answered} answered, {stats.superseded} superseded")
    renderer.close()
    if not stats.answered and not client.connected:
        raise client.no_server()
