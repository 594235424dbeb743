"""One frame there, one picture back. Needs a server: framegen serve"""

import sys

import numpy as np

from framegen import Client, plain_errors

color = np.zeros((288, 512, 3), np.uint8)  # your engine's picture: 8-bit sRGB, first row on top
color[:144], color[144:] = (120, 170, 230), (110, 105, 100)  # sky and road

with plain_errors(), Client(*sys.argv[1:]) as client:
    client.set(prompt="golden hour", wait=True)
    restyled = client.restyle(client.frame(color))
    print(f"{restyled.image.shape[1]}x{restyled.image.shape[0]} by {restyled.model}, {restyled.how.value}")
