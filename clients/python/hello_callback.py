"""A frame loop that never waits: pictures come to a callback. Needs a server: framegen serve"""

import sys
import time

import numpy as np

from framegen import Client, Restyled, plain_errors

sys.setswitchinterval(0.0005)  # a loop in pure Python lets the client's thread run soon enough


def show(restyled: Restyled) -> None:
    print(f"frame {restyled.frame_id}: {restyled.how.value}, model {restyled.stages_ms.get('model', 0):.1f} ms")


with plain_errors(), Client(*sys.argv[1:], settings={"prompt": "night rain"}, on_result=show) as client:
    client.wait_connected()
    color = np.random.default_rng(0).integers(0, 256, (288, 512, 3), np.uint8)
    for _ in range(30):
        color = np.roll(color, 2, axis=1)  # your engine renders here
        client.send(client.frame(color))
        time.sleep(1 / 60)
    time.sleep(0.5)
    stats = client.stats
    print(f"sent {stats.sent}, answered {stats.answered}, superseded {stats.superseded}, lost {stats.lost}")
