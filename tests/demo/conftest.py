"""Renderers for the demo's tests; they skip where there is no OpenGL."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np
import pytest

from framegen.demo.mesh import Mesh
from framegen.demo.panda import OpenGLMissing, PandaRenderer
from framegen.demo.scene import LIGHT_DIRECTION, Cluster

Render = Callable[..., PandaRenderer]


def needs_opengl(missing: OpenGLMissing) -> None:
    """Skip, and say which tool is missing and how to get it."""
    pytest.skip(f"needs OpenGL: run .ci/tools, or {missing.hint}")


@pytest.fixture
def make_renderer() -> Iterator[Render]:
    """A function (statics, movers, width, height, fov_y_rad) that gives a renderer; all are closed at the end."""
    made: list[PandaRenderer] = []

    def make(
        statics: list[Mesh], movers: list[Mesh], width: int = 256, height: int = 144, fov_y_rad: float = 0.9
    ) -> PandaRenderer:
        try:
            renderer = PandaRenderer(
                width, height, fov_y_rad=fov_y_rad, near_m=0.1, far_m=500.0, light_direction=LIGHT_DIRECTION
            )
        except OpenGLMissing as missing:
            needs_opengl(missing)
            raise
        made.append(renderer)
        clusters = [
            Cluster(mesh, mesh.positions.min(0).astype(float), mesh.positions.max(0).astype(float), np.zeros(3), False)
            for mesh in statics
        ]
        renderer.load(clusters, movers)
        return renderer

    yield make
    for renderer in made:
        renderer.close()
