"""Rendered folders as a client would send them: frames and prompts for the product's own path.

Nothing here is cached or left out: every folder under a directory is read as it is, in whatever form it has.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import cv2
import numpy as np

from framegen.config import LabelSettings, Settings
from framegen.errors import MediaError
from framegen.frame import F32, U8, Camera, Frame
from framegen.training.embedded.folders import (
    camera_of,
    previous_of,
    read_depth,
    read_meta,
    read_picture,
    sun_of,
    under,
)

Vector = tuple[float, float, float]

Watched = Callable[[list["Folder"]], Iterable["Folder"]]
"""Goes through folders, and may show how far it is."""

TURN_RAD = 0.02
"""How far the view turns where a folder brings no second frame."""


@dataclass(frozen=True)
class Wanted:
    """One target: its file, the prompt that asks for it, and what it shows.

    ``sun``: unit vector in the product's +Y up world, or None below the horizon. ``labels``: code of the frame's label
    plane -> name, where it has one.
    """

    path: Path
    prompt: str
    time_of_day: str
    weather: str
    sun: Vector | None
    labels: Mapping[int, str]

    @property
    def settings(self) -> Settings:
        """What a client would ask for."""
        labels = {code: LabelSettings(name) for code, name in self.labels.items()}
        return Settings(prompt=self.prompt, labels=labels)

    def picture(self) -> U8:
        """``[H, W, 3]`` uint8 RGB."""
        return _rgb(self.path)

    def told_apart(self, other: Wanted) -> bool:
        """Whether the two differ in time of day, or in more than how many fair-weather clouds there are."""
        fair = ("clear", "partly cloudy")
        same_weather = self.weather == other.weather or (self.weather in fair and other.weather in fair)
        return self.time_of_day != other.time_of_day or not same_weather


@dataclass(frozen=True)
class Folder:
    """One ``SEED_CAM`` or ``SEED_CAM_b`` folder. ``labelled``: its frames are sent with their labels, if it has any."""

    path: Path
    labelled: bool = False

    @cached_property
    def meta(self) -> dict[str, Any]:
        return read_meta(self.path)

    @property
    def wanted(self) -> list[Wanted]:
        """Its targets."""
        out = []
        for t in self.meta["targets"]:
            spoken = f"{t['time_of_day'].replace('_', ' ')}, {t['weather']}, {t['season']}"
            prompt = (t.get("prompts") or [spoken])[0]
            sun = sun_of(t["sun_azimuth_deg"], t["sun_elevation_deg"])
            out.append(Wanted(self.path / t["file"], prompt, t["time_of_day"], t["weather"], sun, self.labels))
        return out

    @property
    def labels(self) -> dict[int, str]:
        """Code -> name of what the frames' label plane tells; empty: they are sent without one."""
        if not self.labelled or not (self.path / "label.png").exists():
            return {}
        return {code: name for code, name in enumerate(self.meta.get("labels") or ()) if code}

    @property
    def before(self) -> tuple[Folder, int] | None:
        """The folder of the frame before and the target that shows the same condition; None: there is none."""
        link = previous_of(self.meta)
        if link is None or not (self.path.parent / link[0] / "meta.json").exists():
            return None
        first = Folder(self.path.parent / link[0], self.labelled)
        return (first, link[1]) if link[1] < len(first.meta["targets"]) else None

    def frame(self, frame_id: int, sun: Vector | None = None) -> Frame:
        """The low-fidelity frame with depth and camera; ``sun`` is the engine's main light, where it sends one."""
        label = read_picture(self.path / "label.png", cv2.IMREAD_UNCHANGED) if self.labels else None
        return Frame(
            frame_id,
            _rgb(self.path / "lf.webp"),
            timestamp_ns=frame_id * 33_000_000,
            depth_m=read_depth(self.path, self.meta),
            camera=camera_of(self.meta),
            light_direction=sun,
            label=label,
        )


def find(root: Path, labelled: bool = False) -> list[Folder]:
    """Every folder of pairs under ``root``. Raises MediaError where there is none."""
    found = [Folder(path, labelled) for path in under(root)]
    if not found:
        raise MediaError(
            f"There are no rendered pairs in {root}.",
            hint="It should hold folders such as 000437_0 with meta.json, lf.webp, depth.png and hf_0.webp.",
        )
    return found


def turned(frame: Frame, angle_rad: float = TURN_RAD, *, filtered: bool = False) -> Frame:
    """The next frame of the same still scene, the view turned to the right; what comes in there is smeared.

    Sampled as a game does, one sample a pixel: a ``filtered`` frame would have hardly any error of its own to measure
    another's by.
    """
    camera = frame.camera
    assert camera is not None and frame.depth_m is not None
    turn = np.eye(4)
    c, s = np.cos(angle_rad), np.sin(angle_rad)
    turn[:3, :3] = [[c, 0, -s], [0, 1, 0], [s, 0, c]]
    pose = camera.world_from_view @ turn
    fx, fy = camera.clip_from_view[0, 0] * frame.width / 2, camera.clip_from_view[1, 1] * frame.height / 2
    x, y = np.meshgrid(np.arange(frame.width) + 0.5 - frame.width / 2, np.arange(frame.height) + 0.5 - frame.height / 2)
    ray = np.stack([x / fx, -y / fy, -np.ones_like(x)], -1) @ turn[:3, :3].T
    at_x = (ray[..., 0] / -ray[..., 2] * fx + frame.width / 2 - 0.5).astype(np.float32)
    at_y = (-ray[..., 1] / -ray[..., 2] * fy + frame.height / 2 - 0.5).astype(np.float32)
    edge = cv2.BORDER_REPLICATE
    how = cv2.INTER_LINEAR if filtered else cv2.INTER_NEAREST
    color = cv2.remap(frame.color, at_x, at_y, how, borderMode=edge)
    seen = cv2.remap(frame.depth_m.astype(np.float32), at_x, at_y, cv2.INTER_NEAREST, borderMode=edge)
    # metres along the new axis per metre along the old one
    depth: F32 = np.asarray(seen / -ray[..., 2], np.float32)
    return Frame(
        frame.frame_id + 1,
        np.asarray(color, np.uint8),
        timestamp_ns=frame.timestamp_ns + 33_000_000,
        depth_m=depth,
        camera=Camera(np.asarray(np.linalg.inv(pose), np.float64), camera.clip_from_view, camera.near_m, camera.far_m),
        light_direction=frame.light_direction,
        label=None
        if frame.label is None
        else np.asarray(cv2.remap(frame.label, at_x, at_y, cv2.INTER_NEAREST, borderMode=edge), np.uint8),
    )


def sequences(folders: list[Folder], watched: Watched = iter) -> Iterator[tuple[Frame, Frame, Wanted]]:
    """Two frames after each other and what is wanted of them: rendered ones, or :func:`turned` where none are."""
    rendered = [folder for folder in folders if folder.before is not None]
    for folder in watched(rendered or [folder for folder in folders if folder.wanted]):
        first, index = folder.before or (folder, 0)
        wanted = first.wanted[index]
        frame = first.frame(1, wanted.sun)
        yield frame, folder.frame(2, wanted.sun) if rendered else turned(frame), wanted


def _rgb(path: Path) -> U8:
    return np.ascontiguousarray(read_picture(path)[..., ::-1])
