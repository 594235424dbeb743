"""A frame loop that draws the newest picture there is, with depth and a camera. Needs a server: framegen serve"""

import sys
import time

import numpy as np

from framegen import Camera, Client, plain_errors

HEIGHT, WIDTH = 288, 512
depth_m = np.broadcast_to(np.geomspace(80, 2, HEIGHT, dtype=np.float32)[:, None], (HEIGHT, WIDTH)).copy()
depth_m[: HEIGHT // 3] = np.inf  # the sky
color = np.zeros((HEIGHT, WIDTH, 3), np.uint8)
color[: HEIGHT // 3], color[HEIGHT // 3 :] = (120, 170, 230), (110, 105, 100)

with plain_errors(), Client(*sys.argv[1:], settings={"prompt": "dawn fog"}) as client:
    client.wait_connected()
    for step in range(60):
        pose = np.eye(4)
        pose[:3, 3] = 0.0, 1.7, -0.05 * step  # metres; y is up, the camera looks along -z
        camera = Camera.perspective(pose, fov_y_rad=1.0, aspect=WIDTH / HEIGHT)
        client.send(client.frame(color, depth_m=depth_m, camera=camera, light_direction=(0.6, 0.8, 0.0)))
        restyled = client.latest()
        picture = color if restyled is None else restyled.image  # draw this, then your HUD
        time.sleep(1 / 60)
    stats = client.stats
    print(f"{stats.fps:.0f} pictures a second, {stats.latency_ms_p50:.0f} ms; mean of the last {picture.mean():.0f}")
