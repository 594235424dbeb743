"""What a frame's labels say of its cells, and what of it follows before the network is asked."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from framegen.config import LabelSettings, Settings
from framegen.engines.embedded.condition import Condition
from framegen.engines.embedded.surfaces import Surfaces, surfaces
from framegen.engines.embedded.told import grey_of, told
from framegen.frame import F32, U8, Frame
from framegen.ops import features as ft
from framegen.ops import recolor, vehicles, water
from framegen.ops.fields import U32, suited

_CELLS = np.s_[ft.SAMPLE_PX :: ft.CELL_PX, ft.SAMPLE_PX :: ft.CELL_PX]
_ALL = np.empty((0, 0, 2), np.float32)
_ANY = np.empty((0, 0), np.uint32)
_LAMPS_TWICE = 0.4
"""Where floors mirror the whole picture, lamps in it are as bright as a picture can be: how much of their own light's
mirror image is added."""
_WHOLLY = np.ones(256, np.float32)
_MOST_KEPT = 64


@dataclass(frozen=True, eq=False)
class Labelled:
    """A frame by its labels: the attributes are those of :class:`~framegen.engines.embedded.encoded.Encoded`, but for
    ``told``, ``[h, w]`` int32, the materials that the network is told of. ``color`` is the engine's,
    but for what gets another material's."""

    color: U8
    material: NDArray[np.int32]
    told: NDArray[np.int32]
    tint: F32 | None
    allowed: F32
    textures: U32
    lights: U8 | None
    mirrors: U8 | None
    bears: F32 | None
    wet: float


class Labels:
    """Reads the labels of frames. ``textures``: names of the fields there are."""

    def __init__(self, textures: Sequence[str]) -> None:
        self._suited_to = suited(textures)
        self._known: dict[tuple[object, ...], Surfaces] = {}

    def read(
        self, frame: Frame, color: U8, rays: ft.Rays | None, known: Condition, settings: Settings, prompt: str
    ) -> Labelled:
        """What the labels of ``frame`` say.

        Args:
            color: ``[H, W, 3]`` uint8, the frame's. rays: of its camera, None where it has none or no depth.
            known: the look. prompt: the one of it, which may be on its way from that of ``settings``.
        """
        if frame.label is None or not settings.labels:
            none = np.zeros((frame.height // ft.CELL_PX, frame.width // ft.CELL_PX), np.int32)
            return Labelled(color, none, none, None, _ALL, _ANY, None, None, None, known.wet)
        found, painted = self._surfaces(settings.labels, prompt), settings.strength > 0
        sampled = frame.label[_CELLS]
        material = found.codes.take(sampled).astype(np.int32)
        guessed = found.guessed.take(sampled)
        seen = color[_CELLS]
        grey = grey_of(material, seen, guessed)
        # where there are colours, a guess is no reason to draw another material
        sure = material if grey.share > 0 else np.where(guessed, 0, material).astype(np.int32)
        # what shows at once fades as the look does
        mix = [(self._surfaces(settings.labels, words), share) for words, share in known.prompts.items()]
        each = []
        for one, share in mix:
            judged = grey
            if one is not found:
                judged = grey_of(one.codes.take(sampled).astype(np.int32), seen, one.guessed.take(sampled))
            paintable = _WHOLLY if one.allowed is None else one.allowed[:, 1]
            each.append((judged.wanted(one.codes, one.turned, paintable, settings.strength), share))
        wanted = recolor.mixed(each)
        if wanted.concerned().any():
            color = recolor.recolored(color, frame.label, frame.depth_m, rays, wanted)
        tints = _tints(mix)
        mirrors, wet = None, known.wet
        if painted and found.mirrors is not None and rays is not None:
            kinds = found.mirrors if known.wet > 0 else found.mirrors * (found.mirrors != water.FLOOR)
            mirrors = _some(kinds.take(frame.label))
            wet *= _LAMPS_TWICE if water.FLOOR in kinds else 1
        return Labelled(
            color,
            material,
            told(sure, found.named.take(sampled), grey.share > 0, settings.strength),
            None if tints is None else tints.take(sampled, 0),
            _ALL if found.allowed is None else found.allowed.take(sampled, 0),
            self._suited_to.take(sure),
            _lights(frame, material, found, rays) if painted and known.lights > 0 else None,
            mirrors,
            found.bears if painted and known.snow > 0 and rays is not None else None,
            wet,
        )

    def _surfaces(self, labels: Mapping[int, LabelSettings], prompt: str) -> Surfaces:
        """What the client's labels are to become."""
        key = (prompt, *((code, item.name, item.words) for code, item in labels.items()))
        if key not in self._known:
            if len(self._known) > _MOST_KEPT:
                self._known.clear()
            self._known[key] = surfaces(labels, prompt)
        return self._known[key]


def _tints(mix: Sequence[tuple[Surfaces, float]]) -> F32 | None:
    """``[256, 3]``, of surfaces on the way from one prompt to the next; None where no label is tinted."""
    tints = [np.float32(share) * found.tints for found, share in mix if found.tints is not None]
    return np.sum(tints, 0, np.float32) if tints else None


def _lights(frame: Frame, material: NDArray[np.int32], found: Surfaces, rays: ft.Rays | None) -> U8 | None:
    """``[H, W]``, the windows and lamps that go on in the dark, if any are to be seen; None: no label is one."""
    if found.lights is None or frame.label is None:
        return None
    kinds = found.lights.take(frame.label)
    if rays is not None and frame.depth_m is not None:
        kinds = vehicles.unlit(kinds, material, frame.depth_m, rays)
    return kinds


def _some(kinds: U8) -> U8 | None:
    return kinds if kinds.any() else None
