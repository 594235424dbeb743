"""One frame there, one restyled frame back. Start a server first: framegen serve"""

import sys

import cv2

from framegen import Client, plain_errors
from framegen.resources import shipped

color = cv2.VideoCapture(str(shipped("town.mp4"))).read()[1][..., ::-1].copy()
with plain_errors(), Client(*sys.argv[1:]) as client:
    client.set(prompt="golden hour, low warm sun", wait=True)
    restyled = client.restyle(client.frame(color))
cv2.imwrite("hello.png", cv2.hconcat([color, restyled.image])[..., ::-1])
print(f"hello.png: the engine's frame, and what {restyled.model} made of it")
