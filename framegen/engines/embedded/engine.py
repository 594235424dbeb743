"""The embedded model as an :class:`~framegen.engines.base.Engine`.

``encode`` computes what the network is told of a frame, ``denoise`` runs the network at a quarter of the size, and
``decode`` composes the picture at full size from the engine's own frame (see :mod:`framegen.ops.compose`).
"""

from __future__ import annotations

import dataclasses
from functools import lru_cache, partial
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from framegen.config import Settings
from framegen.engines import prompt as prompts
from framegen.engines.base import Conditioning, History, ModelSpec
from framegen.engines.embedded import compiled, layers, own_sky, picks, stride, taste, weights
from framegen.engines.embedded import condition as cond
from framegen.engines.embedded.aloft import effects_of, no_room
from framegen.engines.embedded.encoded import Encoded
from framegen.engines.embedded.guidance import guided
from framegen.engines.embedded.labelled import Labels
from framegen.engines.embedded.network import FOLDER, Style, empty_inputs
from framegen.engines.embedded.recollection import LIT, Recollection
from framegen.engines.embedded.runtime import Backend, cache_dir, open_backend, suited, time_ms
from framegen.errors import InvalidFrame
from framegen.frame import F32, U8, Frame
from framegen.ops import aurora, backdrop, borders, greys, layout, lights, night_sky, scotopic, snow, water
from framegen.ops import features as ft
from framegen.ops.anchors import Anchors
from framegen.ops.antialias import antialias
from framegen.ops.atrous import smooth
from framegen.ops.atrous_reference import GUIDE
from framegen.ops.cast import Shadows
from framegen.ops.compose import NO_SURVEY, Composer, blank_survey, survey_of_color
from framegen.ops.duet import DUET
from framegen.ops.effects import Effects
from framegen.ops.fields import load_atlas
from framegen.ops.fill import fill
from framegen.ops.fit import plan
from framegen.ops.kernels import choice, clouds, reading
from framegen.ops.kernels.features import Features
from framegen.ops.kernels.jit import ready
from framegen.ops.lamplight import lit
from framegen.ops.photo import Photo
from framegen.ops.unveil import unveiled
from framegen.watch import Watch

Vector = tuple[float, float, float]

_FOLIAGE = layout.LABELS.index("foliage")
_NO_SUN = np.zeros(3, np.float32)
_NOTHING = np.empty((0, 0, layout.KEPT), np.float32)
SIZES_KEPT = 6
"""Frame sizes whose compiled network stays in memory."""


class EmbeddedEngine:
    """The shipped model on one device. Not thread-safe.

    Args:
        spec: its row in :mod:`framegen.engines.specs`.
        device: ``auto``, ``cpu`` or ``gpu``.
        precision: force ``bf16``, ``int8``, ``int8+bf16`` or ``f32`` on the processor; empty: what suits it.
        options: size, weights, and the area that it works at in place of the row's own.

    Attributes:
        parts: times of the last frame's ``denoise`` and ``decode``, part by part.
        stride: see :class:`~framegen.engines.base.CarryEngine`.

    Raises:
        ModelUnavailable: no runtime, no such device, or the weights are missing.
    """

    def __init__(
        self, spec: ModelSpec, device: str = "auto", precision: str = "", options: weights.Options = weights.SHIPPED
    ) -> None:
        self.spec = spec = dataclasses.replace(spec, default_size=options.works_at or spec.default_size)
        self.last_model_ms, self.parts = 0.0, Watch()
        self._wanted, self._forced = device, precision
        self._first = width, height = plan(spec.default_size, spec.default_size, spec.size_multiple).model
        found = weights.sizes(spec.name, options)
        what = f"{device} {precision} {width}x{height}"
        self.size = weights.choose(found, self._time_ms, cache_dir() / "size.json", what)
        self._folder = found[self.size]
        self._precision = self._suited(self._folder)
        self._style = guided(Style.load(self._folder / "style.npz"))
        atlas = load_atlas(FOLDER)
        self._composer, self._labels, self._clouds = Composer(atlas), Labels(atlas.names), clouds.Clouds()
        # a client chooses its frames' sizes: only the last few are kept
        self._backend = lru_cache(SIZES_KEPT)(self._open_backend)
        self._rays = ft.RayCache()
        compiled.warm_up()
        chosen = f", {self.size} size" if len(found) > 1 or options.size != "auto" else ""
        backend = self._backend(height, width)
        self.device = backend.title + chosen
        self.stride = stride.choose(
            lambda: time_ms(backend, self._folder, height, width),
            cache_dir() / "stride.json",
            (what, backend.title, picks.stamp(self._folder / "embedded.onnx")),
        )

    def _time_ms(self, folder: Path) -> float:
        width, height = self._first
        backend = open_backend(folder, self._wanted, height, width, self._suited(folder))
        return time_ms(backend, folder, height, width)

    def _suited(self, folder: Path) -> str:
        """The precision of the processor's network, the same for every frame size."""
        if self._forced or self._wanted == "gpu":
            return self._forced
        width, height = self._first
        return suited(folder, height, width)

    def _open_backend(self, height: int, width: int) -> Backend:
        backend = open_backend(self._folder, self._wanted, height, width, self._precision)
        backend.run(empty_inputs(height, width, np.zeros(self._style.film, np.float32)))
        return backend

    def condition(self, settings: Settings) -> Conditioning:
        """The prompt's look as numbers; several prompts with weights are blended (:func:`.prompt.parts_of`).

        A negative prompt is not used by this model; its words are ``ignored``.
        """
        parts = [(prompts.read(words), share) for words, share in prompts.parts_of(settings.prompt)]
        understood = tuple(dict.fromkeys(word for found, _ in parts for word in found.understood))
        ignored = dict.fromkeys(word for found, _ in parts for word in found.ignored)
        unused = (*ignored, *settings.negative_prompt.lower().split())
        mixed, total = None, 0.0
        for found, share in parts:
            vector, sun = cond.condition_of(found.look, settings.prompt), prompts.sun_of(found.look)
            part = Conditioning(settings.prompt, vector, understood, unused, sun)
            total += share
            mixed = part if mixed is None else self.blend(mixed, part, share / total)
        assert mixed is not None
        return mixed

    def blend(self, a: Conditioning, b: Conditioning, share: float) -> Conditioning:
        """A fade between two looks; the sun turns along."""
        return Conditioning(
            b.prompt,
            cond.blend(a.vector, b.vector, share),
            b.understood,
            b.ignored,
            cond.blend_sun(a.sun_direction, b.sun_direction, share),
        )

    def encode(self, frame: Frame, conditioning: Conditioning, settings: Settings, sun: Vector | None) -> Encoded:
        """Begins the features of the frame at a quarter of its size, see :mod:`framegen.ops.features`, on the second
        thread; ``denoise`` waits for them."""
        width, height = frame.width, frame.height
        if width % self.spec.size_multiple or height % self.spec.size_multiple:
            raise InvalidFrame(
                f"The model takes multiples of {self.spec.size_multiple} pixels, not {width}x{height}.",
                hint="framegen.ops.fit brings a frame to the model's size.",
            )
        known: cond.Condition = conditioning.vector
        rays = None
        if frame.depth_m is not None and frame.camera is not None:
            rays = self._rays.get(frame.camera, width, height)
        sun_world, up = None, sun
        if sun is None and known.dark > 0:
            up = known.day_sun  # the prompt's, on the way to a night
        if up is not None and rays is not None and known.daylight > 0 and up[1] > 0:
            sun_world = np.asarray(up, np.float32)
        aureole = 0.0
        # of parallel rays all meet the sun, or none
        if sun_world is not None and rays is not None and rays.perspective:
            aureole = taste.disc(float(sun_world[1]), known.dark)
        sun_level = None if sun_world is None or rays is None else rays.level @ sun_world
        condition = cond.vector(known.shares, sun_level, known.materials, settings.strength)
        sunny, by_night = known.sunny * known.daylight, None
        if sun_world is not None and known.daylight < 1:
            by_night = self._style(cond.vector(known.shares, None, known.materials, settings.strength))
        painted, contrast = cond.strength_factors(settings.strength)
        plain = ready(frame.color[..., :3], np.uint8)
        labelled = self._labels.read(frame, plain, rays, known, settings, conditioning.prompt)
        color, material = labelled.color, labelled.material
        features = Features((width, height), frame.depth_m, rays, sun_world, known.fog_per_m)
        film = np.empty(self._style.film, np.float32)
        depth = None if frame.depth_m is None else blank_survey(features.depth_m)
        through, span, at, weight, which = (NO_SURVEY if depth is None else depth).found
        cover, gloom = known.clouds
        veil = self._clouds.blank(rays, cover, gloom, *material.shape)
        sky = self._clouds.tile, np.float32(cover), np.float32(gloom), np.float32(known.sunless), veil
        guide = np.empty((GUIDE, *material.shape), np.float32)
        surface = color, material, guide
        drawn = through, span, at, weight, which, *sky
        arguments: tuple[Any, ...] = *features.arguments, *self._style.layers, condition, film, *drawn, *surface
        done = DUET.beside(partial(reading.read, *arguments))
        geometry, land = features.geometry, None
        if depth is not None and rays is not None:
            land = DUET.beside(partial(own_sky.land, guide, geometry.features, done, backdrop.clear(known.fog_per_m)))
        shadows = None
        if depth is not None and sun_world is not None and sunny * painted > 0:
            shadows = Shadows(depth.depth_m, features.geometry, sun_world, done)
        return Encoded(
            {
                "color": color[None],
                "cells": features.geometry.features[None],
                "label": labelled.told[None],
                "film": film[None],
            },
            by_night,
            known.daylight,
            features.geometry,
            material,
            color,
            guide,
            done,
            depth,
            DUET.beside(partial(survey_of_color, color)) if depth is None and painted > 0 else None,
            veil,
            painted,
            contrast,
            labelled.tint,
            labelled.allowed,
            labelled.textures,
            taste.grade(known.times),
            taste.curve(known.times, known.fog),
            taste.overhead(known.times, known.starlit),
            taste.sky_kept(settings.strength),
            land,
            labelled.lights,
            known.lights,
            Recollection(settings.labels, None if rays is None else rays.position),
            labelled.wet,
            labelled.mirrors,
            water.Light(_NO_SUN if sun_world is None else sun_world, sunny, known.wet, frame.timestamp_ns * 1e-9),
            sunny * aureole,
            aureole,
            known.fog,
            frame.label,
            labelled.bears,
            known.snow,
            shadows,
            taste.unveiled(settings.strength, known.snow),
            known.photo,
            # where the sun of the prompt's day stands says nothing of its night's moon
            known.night_sky(None if sun == conditioning.sun_direction else sun) if rays is not None else None,
            known.plain_day * min(1.0, 2 * (1 - settings.strength)),
            known.by_starlight,
            known.drops,
            known.flakes,
        )

    def moves(self, encoded: Encoded) -> bool:
        """Water has waves, and falls; an aurora drifts where sky is seen; lamps that come into view go on, and rain
        begins to fall."""
        return (
            _has_aurora(encoded)
            or encoded.known.fades
            or (encoded.mirrors is not None and bool((encoded.mirrors == water.WATER).any()))
        )

    def recall(self, encoded: Encoded, kept: Recollection, passed_s: float) -> None:
        """Lamps that were seen before go on shining."""
        encoded.known.follow(kept, passed_s)

    def keep(self, encoded: Encoded) -> Recollection:
        """Lamps, and whether they were outdoors."""
        return encoded.known

    def photo(self, encoded: Encoded) -> Photo:
        """As the prompt's words of photography ask for it."""
        return encoded.photo

    def effects(self, encoded: Encoded, latent: F32) -> Effects:
        """Stars where the sky is open, rain and snow where the frame shows no room."""
        return effects_of(encoded, latent)

    def denoise(self, encoded: Encoded, history: History | None, noise: NDArray[Any], alpha: float) -> F32:
        """The network, once, smoothed along surfaces: ``[h, w, KEPT]`` float32. ``noise`` is ``[h, w, 1]``."""
        watch = self.parts = Watch()
        encoded.told.result()
        if encoded.shadows is not None:
            encoded.shadows.hold()  # the network takes both cores
        watch.lap("told")
        height, width = encoded.color.shape[:2]
        h, w = height // ft.CELL_PX, width // ft.CELL_PX
        backend = self._backend(height, width)
        given = np.zeros((h, w, layout.HISTORY), np.float32)
        before, trust = _NOTHING, _NOTHING[..., 0]
        if history is not None and alpha > 0:
            before, trust = ready(history.latent, np.float32), ready(history.trust, np.float32)
            choice.history(before, trust, np.float32(alpha), given)
        encoded.geometry.features[ft.NOISE] = noise[..., 0]
        watch.lap("history")
        told = {**encoded.inputs, "history": given[None]}
        raw = backend.run(told)
        if encoded.by_night is not None:
            raw = raw + np.float32(1 - encoded.daylight) * (backend.run(_by_night(told, encoded.by_night)) - raw)
        watch.lap("network")
        self.last_model_ms = watch.stages_ms["network"]
        if encoded.shadows is not None:
            encoded.shadows.go_on()
        latent = np.empty((h, w, layout.KEPT), np.float32)
        evened = smooth(raw, encoded.guide)
        watch.lap("smooth")
        choice.settle(evened, before, trust, np.float32(alpha), encoded.allowed, encoded.textures, latent)
        watch.lap("settle")
        if encoded.shadows is not None:
            latent[..., layout.SHADE] = encoded.shadows.cells()
            watch.lap("shadows")
        return latent

    def carry(self, encoded: Encoded, history: History) -> F32:
        """The last latent where it is trusted, filled from around it where not; the sun's shadows are traced anew."""
        watch = self.parts = Watch()
        encoded.told.result()
        watch.lap("told")
        latent = fill(history.latent, history.trust, encoded.guide, self.spec.index_channels)
        watch.lap("fill")
        if encoded.shadows is not None:
            latent[..., layout.SHADE] = encoded.shadows.cells()
            watch.lap("shadows")
        return latent

    def decode(self, latent: F32, encoded: Encoded, anchors: Anchors | None = None) -> U8:
        """The picture ``[H, W, 3]`` uint8 that a latent stands for.

        Its edges are the engine's, stairs and all, so they are smoothed, but for what the strength setting leaves to
        the engine.
        """
        depth, rays, watch = encoded.depth, encoded.geometry.rays, self.parts
        watch.skip()
        if encoded.plain_day > 0 and depth is not None:  # before words give surfaces a colour
            spared = taste.colored_by_right(encoded.geometry.features[ft.SKY], encoded.material)
            share = encoded.plain_day * encoded.known.steadied(LIT, greys.lit(encoded.guide))
            latent = greys.kept(latent, encoded.guide, spared, encoded.cover, share)
        if encoded.tint is not None:
            latent = taste.colored(latent, np.exp(encoded.tint))
        if encoded.by_starlight > 0 and depth is not None and rays is not None:  # before lamps light anything
            latent = scotopic.gone(latent, encoded.guide, encoded.cover, encoded.by_starlight, no_room(encoded))
        if encoded.overhead is not None and rays is not None:
            latent = taste.cleared(latent, encoded.geometry.features[ft.RAY_UP], encoded.overhead)
        if depth is not None:
            latent = own_sky.shown(latent, encoded, depth)
        if encoded.fog > 0 and rays is not None:
            up, toward = encoded.geometry.features[ft.RAY_UP], encoded.geometry.features[ft.RAY_SUN]
            latent = taste.misted(latent, up, toward, encoded.fog, encoded.aureole, float(encoded.light.sun[1]))
        if encoded.disc > 0:  # the engine's own sky is not to be developed to the sun's colour
            latent = taste.sunlit(latent, encoded.geometry.features[ft.RAY_SUN], encoded.disc)
        if encoded.night is not None and rays is not None and rays.perspective:
            if encoded.night.aurora > 0:
                sky, seconds = encoded.geometry.features[ft.SKY], encoded.light.seconds
                latent = taste.lit_by_night(latent, aurora.light(rays, sky, seconds, encoded.night.aurora))
            if encoded.night.moon > 0:
                latent = taste.lit_by_night(latent, night_sky.halo(rays, encoded.night))
        if encoded.snow > 0 and encoded.cover > 0 and depth is not None and rays is not None:
            latent = snow.off_walls(latent, encoded.material, encoded.geometry, encoded.snow)
        if encoded.snow > 0:
            latent = taste.evergreen(latent, encoded.material == _FOLIAGE, encoded.snow)
        if encoded.unveiled > 0 and encoded.cover > 0 and depth is not None:
            sky = encoded.geometry.features[ft.SKY]
            latent = unveiled(latent, encoded.guide, sky, encoded.cover, encoded.unveiled)
        watch.lap("latent")
        found = depth
        if depth is not None and rays is not None and encoded.snow > 0 and encoded.cover > 0 and encoded.bears is None:
            found = borders.sharpened(depth, latent[..., layout.COVER], rays)  # else snow is laid pixel by pixel
            watch.lap("borders")
        shining = None
        if encoded.lights is not None:
            far = None if depth is None else depth.depth_m
            clear = None if depth is None else depth.through
            shining = lights.find(
                encoded.lights, encoded.color, encoded.geometry, far, clear, anchors, encoded.wet, encoded.known.lamps
            )
            if shining.reached is not None:
                latent = lit(latent, shining.reached, encoded.lit * encoded.cover)
            # of the paint, composing takes the strength's share
            sky = encoded.geometry.features[ft.SKY]
            latent = taste.glowing(latent, shining.glow, encoded.lit, encoded.cover, sky)
            watch.lap("lights")
        picture = self._composer.compose(
            latent,
            encoded.color,
            found if encoded.edges is None else encoded.edges.result(),
            encoded.geometry,
            cover=encoded.cover,
            contrast=encoded.contrast * taste.TEXTURE,
            anchors=anchors,
            veil=encoded.veil,
            grade=encoded.grade,
            curve=encoded.curve,
        )
        watch.lap("compose")
        layers.lay(picture, latent, encoded, shining, watch, anchors)
        if encoded.cover > 0:
            picture = antialias(picture, encoded.cover)
            watch.lap("antialias")
        return picture


def _has_aurora(encoded: Encoded) -> bool:
    """Whether the frame shows any: not without perspective, nor where there is no sky above the horizon."""
    rays = encoded.geometry.rays
    if encoded.night is None or encoded.night.aurora <= 0 or rays is None or not rays.perspective:
        return False
    encoded.told.result()
    sky, up = encoded.geometry.features[ft.SKY], encoded.geometry.features[ft.RAY_UP]
    return bool(((sky > 0) & (up > 0)).any())


def _by_night(told: dict[str, NDArray[Any]], film: F32) -> dict[str, NDArray[Any]]:
    """The network's inputs where it is told of no sun; ``film`` ``[film]`` likewise."""
    cells = told["cells"].copy()
    cells[:, [ft.RAY_SUN, ft.FACING_SUN, ft.HAS_SUN, ft.SHADOW]] = 0
    return {**told, "cells": cells, "film": film[None]}


__all__ = ["EmbeddedEngine", "Encoded"]
