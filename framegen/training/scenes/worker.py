"""Blender builds one scene and renders all its pairs: ``python -m framegen.training.scenes.worker``.

Started by :mod:`batch`, one process a scene. Independent random streams: 0 geometry, 1 cameras, 2 looks, 100 + camera
conditions; so the same seed gives the same scene whatever else was rendered before.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import math
import os
import shutil
import signal
import time
from dataclasses import asdict
from pathlib import Path
from types import FrameType
from typing import Any

import bpy
import numpy as np

from framegen.ops.layout import LABELS
from framegen.training.scenes import conditions as cond
from framegen.training.scenes.folder import AXES, DEPTH, FolderWriter, done_mark, folder_name, scratch_folder
from framegen.training.scenes.kinds import build_scene
from framegen.training.scenes.looks import LowfiLook, draw_looks
from framegen.training.scenes.renderer import Lowfi, Renderer
from framegen.training.scenes.synthesis import Rng
from framegen.training.scenes.tone import LOG_FAR_M, LOG_NEAR_M, Development
from framegen.training.scenes.uniforms import make_uniforms
from framegen.training.scenes.views import View, choose_views


class Stopped(Exception):
    """The run was asked to stop; the unfinished folder is dropped."""


class Scene:
    """One seed: its stage, cameras and conditions, and the rendering of its folders."""

    def __init__(self, args: argparse.Namespace) -> None:
        self.args, self.out, self.seed, self.kind = args, Path(args.out), int(args.seed), str(args.kind)
        self.width, self.height = (int(x) for x in args.size.split("x"))
        self.stopping = False
        self._driver = os.getppid()
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, self._stop)

    def _stop(self, _number: int, _frame: FrameType | None) -> None:
        self.stopping = True

    def check(self) -> None:
        """Raise when the run should end, or nobody is there who waits for it: the next run has the same scratch."""
        if self.stopping or os.getppid() != self._driver:
            raise Stopped

    def stream(self, number: int) -> Rng:
        """An independent random stream of this seed and kind."""
        return np.random.default_rng([self.seed, sum(map(ord, self.kind)), number])

    def render(self) -> str:
        """Render what is missing; a line about it comes back."""
        start = time.monotonic()
        bpy.ops.wm.read_factory_settings(use_empty=True)
        make_uniforms()
        self.stage = build_scene(self.kind, self.stream(0))
        views = choose_views(self.stage, self.args.cameras, self.stream(1), self.width / self.height)
        if self.stage.dress:
            self.stage.dress([v.viewpoint for v in views])
        data = bpy.data.cameras.new("camera")
        data.sensor_fit, data.clip_start, data.clip_end = "VERTICAL", 0.02, 3000
        self.camera = bpy.data.objects.new("camera", data)
        bpy.context.scene.collection.objects.link(self.camera)
        bpy.context.scene.camera = self.camera
        scratch = scratch_folder(self.out, self.seed)
        scratch.mkdir(parents=True, exist_ok=True)
        self.renderer = Renderer((self.width, self.height), self.args.spp, scratch, self.check)
        built = time.monotonic() - start
        count = 0
        for i, view in enumerate(views):
            for second in (False, True) if view.second is not None else (False,):
                name = folder_name(self.seed, i, second=second)
                if not (self.out / name).exists():
                    count += self._folder(i, view, second, name)
        spent = time.monotonic() - start
        done_mark(self.out, self.seed, self.kind).touch()
        each = (spent - built) / max(count, 1)
        return f"{self.kind} {self.seed} {self.stage.place}: built {built:.1f} s, {count} targets, {each:.1f} s each"

    def _conditions(self, camera: int) -> tuple[list[cond.Condition], list[list[str]], int]:
        """Conditions and prompts of a camera, and the condition that its second frame is rendered under."""
        rng = self.stream(100 + camera)
        chosen: list[cond.Condition] = []
        used: set[cond.Pairing] = set()
        for _ in range(self.args.conditions):
            c = cond.draw(rng, self.kind, self.stage.seasons, used, self.stage.sun_azimuth_deg)
            used.add((c.time_of_day, c.weather))
            chosen.append(c)
        stage = self.stage
        words = [cond.prompts(stage.words, stage.place, c, rng, indoors=stage.indoors) for c in chosen]
        return chosen, words, int(rng.integers(self.args.conditions))

    def _folder(self, camera: int, view: View, second: bool, name: str) -> int:
        """Render and publish one folder; the number of targets comes back."""
        stage, renderer = self.stage, self.renderer
        chosen, prompts, pick = self._conditions(camera)
        todo = [pick] if second else list(range(len(chosen)))
        self.camera.matrix_world = view.second if second else view.matrix
        self.camera.data.angle_y = view.fov_y_rad
        writer = FolderWriter(self.out, self.seed, name)
        looks = draw_looks(self.stream(2))
        stage.show(photoreal=False, lit=False)
        lowfi = renderer.lowfi(looks[0])
        other = renderer.lowfi_color(looks[1])
        suns = {k: renderer.sun(chosen[k]) for k in todo if chosen[k].sunny}
        self._write_lowfi(writer, lowfi, other)
        first = self._developments(folder_name(self.seed, camera)) if second else {}
        targets = []
        for k in todo:
            number = 0 if second else k
            c = chosen[k]
            # at home lamps go on with the evening: a grey noon keeps the windows' light, or it would look like night
            lamps = stage.always_lit or c.sun_elevation_deg < (6 if stage.indoors else 2)
            stage.show(photoreal=True, lit=lamps, snow=c.snow)
            noise = 1 + k + 10 * second + 20 * camera
            picture, albedo, how = renderer.target(
                c, noise, indoors=stage.indoors, lamps=stage.indoors and lamps, fixed=first.get(f"hf_{k}.webp")
            )
            entry = {
                "file": writer.photo(f"hf_{number}.webp", picture),
                "albedo": writer.photo(f"albedo_{number}.webp", albedo, 85),
                "sun": writer.plane(f"sun_{number}.png", suns[k]) if k in suns else None,
                **asdict(how),
                **cond.record(c),
                "prompts": prompts[k],
                "words": stage.words + cond.condition_words(c, indoors=stage.indoors),
            }
            targets.append(entry)
        meta = self._meta(camera, view, looks, targets)
        if second:
            meta["previous"] = {"folder": folder_name(self.seed, camera), "target": f"hf_{pick}.webp"}
        writer.publish(meta)
        return len(targets)

    def _write_lowfi(self, writer: FolderWriter, lowfi: Lowfi, other: Any) -> None:
        writer.photo("lf.webp", lowfi.color)
        writer.photo("lf_1.webp", other)
        writer.photo("grey.webp", lowfi.grey, 85)
        writer.plane("depth.png", lowfi.depth)
        writer.plane("label.png", lowfi.label)

    def _developments(self, name: str) -> dict[str, Development]:
        """How the targets of a finished folder were developed, by file."""
        meta = json.loads((self.out / name / "meta.json").read_text())
        return {t["file"]: Development(t["exposure"], t["white_balance"], t["haze"]) for t in meta["targets"]}

    def _meta(self, camera: int, view: View, looks: list[LowfiLook], targets: list[dict[str, Any]]) -> dict[str, Any]:
        focal = self.height / 2 / math.tan(view.fov_y_rad / 2)
        return {
            "kind": self.kind,
            "biome": self.stage.place,
            "seed": self.seed,
            "camera": camera,
            "width": self.width,
            "height": self.height,
            "fov_y_rad": view.fov_y_rad,
            "intrinsics": {"fx": focal, "fy": focal, "cx": self.width / 2, "cy": self.height / 2},
            "camera_to_world": [[float(x) for x in row] for row in self.camera.matrix_world],
            "axes": AXES,
            "depth": DEPTH,
            "depth_near_m": LOG_NEAR_M,
            "depth_far_m": LOG_FAR_M,
            "labels": list(LABELS),
            "sun_azimuth_convention": "degrees from +Y towards +X",
            "looks": [
                {"file": file, **look.record()} for file, look in zip(("lf.webp", "lf_1.webp"), looks, strict=True)
            ],
            "spp": self.args.spp,
            "targets": targets,
        }


def yield_cores(niceness: int) -> None:
    """Stand back behind others: nice 0..19, and the autogroup's own, which is what counts between sessions."""
    if hasattr(os, "nice"):
        os.nice(niceness)
    with contextlib.suppress(OSError):
        Path("/proc/self/autogroup").write_text(str(niceness))


def main() -> int:
    """Render one seed; 0 done, 3 stopped."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", required=True)
    parser.add_argument("--kind", required=True)
    parser.add_argument("--seed", type=int, required=True)
    parser.add_argument("--cameras", type=int, default=1)
    parser.add_argument("--conditions", type=int, default=5)
    parser.add_argument("--size", default="512x288")
    parser.add_argument("--spp", type=int, default=4)
    parser.add_argument("--nice", type=int, default=0, help="how far to stand back behind other programs, 0..19")
    args = parser.parse_args()
    yield_cores(args.nice)
    scene = Scene(args)
    try:
        print("DONE", scene.render(), flush=True)
    except Stopped:
        return 3
    finally:
        shutil.rmtree(scratch_folder(scene.out, scene.seed), ignore_errors=True)
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
