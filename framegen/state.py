"""What a session remembers from one frame to the next: :class:`State`."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass

from framegen.config import Settings
from framegen.engines.base import Conditioning, Engine
from framegen.frame import F16, U8, Camera
from framegen.ops.effects import NO_EFFECTS, Effects
from framegen.ops.photo import PLAIN, Photo
from framegen.temporal.memory import Memory


@dataclass(frozen=True, eq=False)
class Shown:
    """What the session's client sees now, and what it was made from.

    Attributes:
        image: ``[H, W, 3]`` uint8, read-only. grid: the colour grid sent with it.
        cells: mean colours of its frame. camera: of its frame, as sent.
        key: everything else that must be the same for the image to be good for another frame.
        planes: its frame's intensity mask and labels, copied.
        still: frames in a row, up to this one, that showed nothing new.
        time_ns: its frame's own, where something in the image moves by that clock; None: nothing does.
        plain, photo, effects: what the image was finished from and how, where rain falls or grain is another in each
            frame; else None.
    """

    image: U8
    grid: F16 | None
    color: U8
    camera: Camera | None
    key: tuple[object, ...]
    planes: tuple[U8 | None, U8 | None]
    still: int
    time_ns: int | None = None
    plain: U8 | None = None
    photo: Photo = PLAIN
    effects: Effects = NO_EFFECTS


@dataclass(frozen=True, eq=False)
class State:
    """One session. Immutable: :func:`step` and the methods return the next one.

    Attributes:
        settings: in force from the next frame on.
        conditioning: made from them. used: the one that the last image was made with.
        fade_s: seconds since the look began to change from ``origin``; None: no fade is going on.
        clock_ns: time of the last frame; None: there was none.
        memory: the last frame that was not the image before it again, for reuse. shown: the last image.
        carried: frames in a row, up to now, on which the network did not run.
    """

    settings: Settings
    conditioning: Conditioning
    used: Conditioning | None = None
    origin: Conditioning | None = None
    fade_s: float | None = None
    clock_ns: int | None = None
    memory: Memory | None = None
    shown: Shown | None = None
    carried: int = 0

    def with_settings(self, settings: Settings, conditioning: Conditioning, fade: bool = True) -> State:
        """The state under new settings. ``conditioning`` is theirs, made off the frame path by the engine.

        Where the look changes, the next frames fade to it from what is shown now; without ``fade``, it is still to come
        (:meth:`with_look`).
        """
        changed = dataclasses.replace(self, settings=settings, conditioning=conditioning)
        same = _look(settings) == _look(self.settings) and conditioning.prompt == self.conditioning.prompt
        if not fade or self.used is None or same:
            return changed
        return dataclasses.replace(changed, origin=self.used, fade_s=0.0)

    def with_look(self, conditioning: Conditioning) -> State:
        """The state whose settings' prompt is encoded by now: the next frames fade to its look."""
        changed = dataclasses.replace(self, conditioning=conditioning)
        return changed if self.used is None else dataclasses.replace(changed, origin=self.used, fade_s=0.0)

    def without_history(self) -> State:
        """The state after a ``reset`` message: settings stay, everything remembered of frames goes."""
        return dataclasses.replace(self, memory=None, shown=None, origin=None, fade_s=None, used=None, carried=0)


def start(settings: Settings, engine: Engine) -> State:
    """A new session. May take as long as ``engine.condition`` does."""
    return State(settings, engine.condition(settings))


def _look(settings: Settings) -> tuple[object, ...]:
    """What makes the picture look as it does: a change of it is faded."""
    words = {code: (label.name, label.words) for code, label in settings.labels.items()}
    asked = (settings.prompt, settings.negative_prompt, settings.model, words)
    return (*asked, settings.strength, settings.seed, settings.sun)
